"""Running a plan: on this machine or a Dask cluster, each notebook in a kernel of its own.

A run is executed and exported beside its target, and moved into place when it is whole.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import tempfile
import time
import uuid
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any

import nbformat
import papermill
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.iorw import write_ipynb
from traitlets import Type

from ewm_analysis.batch.folders import (
    EXECUTED,
    FAILED,
    allow_open_files,
    kernels_at_a_time,
    reason,
    telling_why,
)
from ewm_analysis.batch.outputs import write_manifest
from ewm_analysis.batch.plan import Run
from ewm_analysis.batch.warm import ENVIRONMENT, LAUNCHER, NAME, pack
from ewm_analysis.errors import EwmError, RunError
from ewm_analysis.files import environment_sha256, move_in, package_sha256, staged
from ewm_analysis.report import build_site, export_html, write_index
from ewm_analysis.report.bundles import FIGURE

FORGOTTEN = "not kept, it may quote confidential records; 'ewm run' tells it where it is run"
SECONDS_TO_ANSWER = 10
LONGEST_SUMMARY = 300
"""Characters of an error that are repeated outside of the notebook."""

LONGEST_SOCKET = 100
"""Bytes that a path of a socket may have on every POSIX system, with some left for its number."""

QUIET = "--IPKernelApp.log_level=50"
"""A kernel is interrupted before it is shut down, and would report that as an error."""

PACKER = f"--Session.packer={pack.__module__}.{pack.__name__}"

MOMENT = 0.02
"""Seconds of silence of a kernel that is ready."""

SKIPPED = "skip-execution"
"""Tag of a cell that is not run."""

SHARE_OF_INDEX = 20
"""The page of all reports is written after as many times the seconds it took, at least one."""

Pool = tuple[Executor, Callable[[str], bool]]
"""What runs are given to, and what stops those of a batch; the latter is asked until all are."""

logger = logging.getLogger(__name__)

# Of this process: batches that were stopped, and the kernels of the runs at work.
_stopped: set[str] = set()
_at_work: set[PrivateKernelManager] = set()


@dataclass(frozen=True)
class Order:
    """What the runs of a batch share, wherever they are executed."""

    batch: str
    root: Path
    timeout: float | None = None


@dataclass(frozen=True)
class RunResult:
    """How a run ended; `error` is empty when it went well."""

    run: Run
    seconds: float
    error: str = ""

    @property
    def failed_notebook(self) -> Path | None:
        """Return the notebook to open, where the run failed."""
        return self.run.folder / FAILED if self.error else None


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
    """Run a plan in parallel, and build the page of all reports; return results in its order.

    That page is there from the first report on, and fills up; links between reports are added
    at the end.
    A failed run stops no other, and leaves the last good output where it was. A run whose
    kernel was killed is run once more.

    Parameters
    ----------
    jobs : int, optional
        Runs at the same time on this machine; one more than there are cores by default.
    timeout : float, optional
        Seconds after which a notebook is stopped; none by default.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://host:8786``, whose workers see the same
        folders and execute the runs.
    on_result : callable, optional
        Called after each run, in the thread of the caller.

    Raises
    ------
    RunError
        If the outputs cannot be written, or the scheduler does not answer.
    """
    with telling_why(outputs):
        for run in runs:  # a worker that does not see these folders makes none of its own
            run.folder.parent.mkdir(parents=True, exist_ok=True)
    order = Order(uuid.uuid4().hex, root, timeout)
    results, index = {}, _Index(outputs)
    on_pool = _on_threads(jobs) if scheduler is None else _on_dask(scheduler)
    with on_pool as (pool, stop):
        futures = {pool.submit(execute_run, run, order): run for run in runs}
        try:
            for future in as_completed(futures):
                result = _result(future, futures.pop(future))
                del future  # Dask would compute what is held again if the worker that did it dies
                results[result.run.folder] = result
                on_result(result)
                if futures and not result.error:
                    index.refresh()
        finally:
            if futures:  # after Ctrl-C or an unforeseen error
                for future in futures:
                    future.cancel()
                while not stop(order.batch):
                    time.sleep(0.05)
            with telling_why(outputs):
                build_site(outputs)
    return [results[run.folder] for run in runs]


class _Index:
    """The page of all reports while it fills up."""

    def __init__(self, outputs: Path) -> None:
        self.outputs, self.due = outputs, 0.0

    def refresh(self) -> None:
        """Write the page, unless it was written lately; what prevents it is told at the end."""
        began = time.monotonic()
        if began < self.due:
            return
        with suppress(OSError, ValueError):  # a report may be replaced while it is read
            write_index(self.outputs)
            ended = time.monotonic()
            self.due = ended + max(1.0, SHARE_OF_INDEX * (ended - began))


def _result(future: Future[RunResult], run: Run) -> RunResult:
    """What a run left; one that ended in an unforeseen way is told like any other failure."""
    if future.cancelled():
        lost = RunError("The Dask scheduler was lost or gave the run up.")
        return RunResult(run, 0.0, summary(lost))
    error = future.exception()
    if error is None:
        return future.result()
    logger.error("%s ended in an unforeseen way.", run, exc_info=error)
    return RunResult(run, 0.0, summary(error))


@contextmanager
def _on_threads(jobs: int | None) -> Iterator[Pool]:
    """Run kernels of this machine, each from a thread."""
    allow_open_files(jobs)
    with ThreadPoolExecutor(max_workers=kernels_at_a_time(jobs)) as pool:
        yield pool, stop_batch


@contextmanager
def _on_dask(address: str) -> Iterator[Pool]:
    """Connect with a scheduler and the workers of its cluster."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise RunError(
            "--scheduler needs Dask. Install it with: pip install 'ewm_analysis[dask]'"
        ) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # failures are results
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RunError(f"No Dask scheduler answers at {address}: {error}") from error
    with client:

        def stop(batch: str) -> bool:
            is_lost = client.status != "running"
            return is_lost or all(client.run(stop_batch, batch).values())

        # Equal runs of two batches are not one task: pure=False.
        yield client.get_executor(pure=False), stop


def stop_batch(batch: str) -> bool:
    """End the kernels of a batch in this process; true when none of its runs is at work."""
    _stopped.add(batch)
    own = [manager for manager in list(_at_work) if manager.batch == batch]
    for manager in own:
        manager.kill()
    return not own


def execute_run(run: Run, order: Order) -> RunResult:
    """Execute a run, once more if its kernel was killed; whatever goes wrong is in the result."""
    start, error = time.perf_counter(), ""
    try:
        with _kernel(order) as manager:
            try:
                _attempt(run, order, manager)
            except KernelDiedError as died:
                if not died.is_chance or order.batch in _stopped:
                    raise
                logger.warning("%s: %s It is run once more.", run, died)
                with _kernel(order) as another:
                    _attempt(run, order, another)
    # Jupyter tells of a kernel that never answered by a RuntimeError.
    except (PapermillException, EwmError, RuntimeError, OSError) as failure:
        error = summary(failure)
    return RunResult(run, time.perf_counter() - start, error)


@contextmanager
def _kernel(order: Order) -> Iterator[PrivateKernelManager]:
    """A kernel that is known to `stop_batch` before it starts, and has ended afterwards."""
    manager = PrivateKernelManager(order.batch, kernel_name="python3")
    _at_work.add(manager)
    try:
        yield manager
    finally:
        manager.kill()
        _at_work.discard(manager)


def _attempt(run: Run, order: Order, manager: PrivateKernelManager) -> None:
    own = {"package": package_sha256(), "environment": environment_sha256()}
    for name, mark in own.items():
        if run.key.get(name, mark) != mark:  # a worker elsewhere may have other versions
            raise RunError(f"This worker has another {name} than 'ewm run': start it anew.")
    start, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    with staged(run.folder) as folder, _event_loop():
        folder.mkdir()
        try:
            if order.batch in _stopped:
                raise RunError("The batch was stopped.")
            notebook = _run_notebook(run, folder, order, manager)
            try:
                contents = export_html(notebook, folder)
            finally:
                _save(notebook, folder / EXECUTED)
            seconds = time.perf_counter() - start
            write_manifest(run, contents, folder, order.root, started, seconds)
            move_in(folder, run.folder)
        except BaseException:
            if order.batch not in _stopped:
                _keep(folder / EXECUTED, run)
            raise


def _keep(executed: Path, run: Run) -> None:
    """Put the notebook of a failed run where it is looked for; on a full disk that may fail."""
    with suppress(OSError, ValueError):  # what is half written is no notebook
        if run.is_confidential:
            _forget_words(executed)
        run.folder.mkdir(exist_ok=True)
        os.replace(executed, run.folder / FAILED)


def _forget_words(executed: Path) -> None:
    """Keep the kinds of errors only: all else that cells put out may quote records."""
    notebook = nbformat.read(executed, nbformat.NO_CONVERT)
    for cell in notebook.cells:
        outputs = [each for each in cell.get("outputs", ()) if each.output_type == "error"]
        for output in outputs:
            output.evalue, output.traceback = FORGOTTEN, [f"{output.ename}: {FORGOTTEN}"]
        if "outputs" in cell:
            cell.outputs = outputs
    nbformat.write(notebook, executed)


def _run_notebook(
    run: Run, folder: Path, order: Order, manager: PrivateKernelManager
) -> nbformat.NotebookNode:
    """Execute a notebook; its metadata then names no path of this machine."""
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # every failure is a result
    papermill_engines.register("ewm", Engine)
    path = folder / EXECUTED
    notebook: nbformat.NotebookNode = papermill.execute_notebook(
        str(run.notebook),
        str(path),
        parameters=dict(run.parameters),
        engine_name="ewm",
        kernel_name="python3",
        language="python",
        progress_bar=False,
        log_output=False,
        request_save_on_cell_execute=False,
        manager=manager,
        # papermill's cwd changes the folder of the whole process; this one is the kernel's only.
        resources={"metadata": {"path": str(order.root)}},
        live_path=path,
        timeout=order.timeout,
    )
    if skipped := _skipped(notebook):
        logger.warning("%s: left out as tagged %s: cell %s.", run, SKIPPED, ", ".join(skipped))
    notebook.metadata.papermill["input_path"] = run.notebook.relative_to(order.root).as_posix()
    notebook.metadata.papermill["output_path"] = None
    return notebook


def _save(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Keep an executed notebook; drawings for phones are the page's, a notebook shows one."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).get(FIGURE, {}).pop("narrow", None)
    # As one line: where nbformat breaks and indents them, a sixth of the bytes are blanks.
    said = json.dumps(notebook, ensure_ascii=False, sort_keys=True, separators=(",", ": "))
    path.write_text(f"{said}\n", "utf-8", newline="")


def _skipped(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the numbers of the cells that were not run, as the notebook was written."""
    tags = [
        cell.metadata.get("tags", ()) if cell.cell_type == "code" else () for cell in notebook.cells
    ]
    own = [given for given in tags if "injected-parameters" not in given]
    return [str(number) for number, given in enumerate(own, start=1) if SKIPPED in given]


def summary(error: BaseException) -> str:
    """Return what went wrong in one line: the cell and the last line of its error.

    Examples
    --------
    >>> summary(ValueError("no such file"))
    'ValueError: no such file'
    """
    place, name, words = "", type(error).__name__, str(error)
    if isinstance(error, PapermillExecutionError):
        place, name, words = f"cell [{error.exec_count}]: ", error.ename, error.evalue
    if isinstance(error, OSError) and error.strerror:
        words = reason(error)
    elif not isinstance(error, EwmError):
        words = ": ".join([name, *[line for line in words.splitlines() if line.strip()][-1:]])
    return place + shorten(words, LONGEST_SUMMARY, placeholder=" …")


@contextmanager
def _event_loop() -> Iterator[None]:
    """Close the loop that Jupyter opens in each thread and leaves open."""
    try:
        yield
    finally:
        ensure_event_loop().close()
        asyncio.set_event_loop(None)


class Broadcast(AsyncZMQSocketChannel):
    """What a kernel tells everyone, waited for no longer than it takes to say it.

    Before the first cell Jupyter waits for a fifth of a second in which nothing is said. What
    comes later is about no cell and passed over, so that a moment will do.
    """

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]
        """Return the next message; without a limit it is that of a cell at work."""
        return await super().get_msg(timeout and min(timeout, MOMENT))


class Client(AsyncKernelClient):
    """The other end of a kernel."""

    iopub_channel_class = Type(Broadcast)


class PrivateKernelManager(AsyncKernelManager):
    """The running interpreter as a kernel, whatever kernels the user has installed.

    It talks over sockets in a folder of its own; equal names would collide.
    """

    def __init__(self, batch: str = "", **options: Any) -> None:
        self.batch = batch
        folder = Path(tempfile.mkdtemp(prefix="ewm-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        file = folder / "kernel.json"
        is_short = len(os.fsencode(file)) <= LONGEST_SOCKET
        super().__init__(
            transport="ipc" if os.name == "posix" and is_short else "tcp",
            kernel_id=str(uuid.uuid4()),
            connection_file=str(file),
            client_factory=Client,
            **options,
        )

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return how the kernel is started: warm and with one thread."""
        options = ["-f", "{connection_file}", "--HistoryManager.enabled=False", QUIET, PACKER]
        return KernelSpec(
            argv=[*LAUNCHER, *options],
            display_name="Python 3",
            language="python",
            env=ENVIRONMENT,
            metadata={"kernel_provisioner": {"provisioner_name": NAME}},
        )

    @property
    def exit_code(self) -> int | None:
        """Return how the kernel ended, negative for a signal; None if it is not known."""
        return getattr(self.provisioner, "exit_code", None)

    def kill(self) -> None:
        """End the kernel at once, if it runs."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            process.kill()


class KernelDiedError(RunError):
    """A kernel ended before its notebook did.

    Parameters
    ----------
    cell : int
        Number of the cell that was run, 0 before the first.
    code : int or None
        How the process ended: exit code, or a signal as a negative number.

    Examples
    --------
    >>> print(KernelDiedError(4, 3))
    cell [4]: the kernel ended with exit code 3, the code run there ended its process.
    >>> KernelDiedError(4, -9).is_chance
    True
    """

    def __init__(self, cell: int, code: int | None) -> None:
        self.cell, self.code = cell, code
        # 255 stands for a kernel whose fork server went with it.
        self.is_chance = code is None or code < 0 or code == 255
        if code is not None and code < 0:
            hint = "; perhaps memory ran out" if code == -signal.SIGKILL else ""
            how = f"was killed ({signal.Signals(-code).name}){hint}"
        elif self.is_chance:
            how = "was lost"
        else:
            how = f"ended with exit code {code}, the code run there ended its process"
        super().__init__(f"cell [{cell}]: the kernel {how}.")


class Engine(NBClientEngine):
    """Runs a notebook as papermill does, and keeps it when its kernel dies or takes too long."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        manager: PrivateKernelManager,
        live_path: Path,
        timeout: float | None,
        resources: dict[str, Any],
        **_: Any,
    ) -> Any:
        """Run the cells; papermill itself would lose the notebook of a dead kernel."""
        deadline = None if timeout is None else time.monotonic() + timeout
        client = PapermillNotebookClient(
            nb_man,
            km=manager,
            kernel_name=kernel_name,
            resources=resources,
            log=logging.getLogger("papermill"),
            record_timing=False,  # of each message; papermill tells how long a cell took
            timeout_func=lambda cell: deadline and max(deadline - time.monotonic(), 0.001),
        )
        try:
            return client.execute(cleanup_kc=True)
        except (RuntimeError, CellTimeoutError) as error:
            write_ipynb(nb_man.nb, str(live_path))
            cell = client.code_cells_executed
            # One that died while it started is told by nothing but these words.
            if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
                raise KernelDiedError(cell, manager.exit_code) from error
            if isinstance(error, CellTimeoutError):
                limit = f"{timeout:g} s"
                raise RunError(f"cell [{cell}]: stopped, {limit} were over (--timeout).") from None
            raise
