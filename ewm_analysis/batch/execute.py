"""Running a plan: side by side on this machine, or on the workers of a Dask cluster."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from ewm_analysis.batch.attempt import Order, RunResult, execute_run, stop_batch, summary
from ewm_analysis.batch.folders import telling_why
from ewm_analysis.batch.plan import Run
from ewm_analysis.errors import RunError
from ewm_analysis.report import build_site

logger = logging.getLogger(__name__)

Pool = tuple[Executor, Callable[[str], bool]]
"""What runs are given to, and what stops those of a batch; the latter is asked until all are."""


def execute_runs(
    runs: Sequence[Run],
    root: Path,
    outputs: Path,
    *,
    jobs: int | None = None,
    timeout: float | None = None,
    scheduler: str | None = None,
    on_result: Callable[[RunResult], None] = lambda result: None,
) -> list[RunResult]:
    """Run a plan in parallel, then build the page of all reports.

    A failed run stops no other, and leaves the last good output where it was. A run whose
    kernel was killed is run once more.

    Parameters
    ----------
    runs : sequence of Run
        The plan.
    root : Path
        Folder of the project, in which the kernels work.
    outputs : Path
        Folder of all results.
    jobs : int, optional
        Runs at the same time on this machine; one more than there are cores by default.
    timeout : float, optional
        Seconds after which a notebook is stopped; none by default.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://host:8786``, whose workers see the same
        folders and execute the runs.
    on_result : callable, optional
        Called after each run, in the thread of the caller.

    Returns
    -------
    list of RunResult
        In the order of the plan.

    Raises
    ------
    RunError
        If the outputs cannot be written, or the scheduler does not answer.
    """
    with telling_why(outputs):
        for run in runs:  # a worker that does not see these folders makes none of its own
            run.folder.parent.mkdir(parents=True, exist_ok=True)
    order = Order(uuid.uuid4().hex, root, timeout)
    results = {}
    with _pool(jobs, scheduler) as (pool, stop):
        futures = {pool.submit(execute_run, run, order): run for run in runs}
        try:
            for future in as_completed(futures):
                result = _result(future, futures.pop(future))
                del future  # Dask would compute what is held again if the worker that did it dies
                results[result.run.folder] = result
                on_result(result)
        finally:
            if futures:  # after Ctrl-C or an unforeseen error
                for future in futures:
                    future.cancel()
                while not stop(order.batch):
                    time.sleep(0.05)
            with telling_why(outputs):
                build_site(outputs)
    return [results[run.folder] for run in runs]


def _result(future: Future[RunResult], run: Run) -> RunResult:
    """What a run left; one that ended in an unforeseen way is told like any other failure."""
    if future.cancelled():
        return RunResult(
            run, 0.0, summary(RunError("The Dask scheduler was lost or gave the run up."))
        )
    error = future.exception()
    if error is None:
        return future.result()
    logger.error("%s ended in an unforeseen way.", run, exc_info=error)
    return RunResult(run, 0.0, summary(error))


def default_jobs() -> int:
    """Return how many runs at a time use this machine best: a kernel waits now and then."""
    return (os.cpu_count() or 1) + 1


@contextmanager
def _pool(jobs: int | None, scheduler: str | None) -> Iterator[Pool]:
    if scheduler is None:
        with ThreadPoolExecutor(max_workers=jobs or default_jobs()) as pool:
            yield pool, stop_batch
    else:
        from ewm_analysis.batch.scheduler import connect

        with connect(scheduler) as pool_and_stop:
            yield pool_and_stop
