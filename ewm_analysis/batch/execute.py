"""Running a plan: each run beside its target, moved into place only when complete."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten

import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError

from ewm_analysis.batch.kernel import Engine, PrivateKernelManager, kill_kernels
from ewm_analysis.batch.manifest import make_manifest, write_manifest
from ewm_analysis.batch.plan import FAILED, Run
from ewm_analysis.errors import EwmError, RunError
from ewm_analysis.report import build_site, export_html

EXECUTED = "executed.ipynb"
LONGEST_SUMMARY = 300
"""Characters of an error that are repeated outside of the notebook."""


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
    on_result: Callable[[RunResult], None] = lambda result: None,
) -> list[RunResult]:
    """Run a plan in parallel, then build the page of all reports.

    A failed run stops no other, and leaves the last good output where it was.

    Parameters
    ----------
    runs : sequence of Run
        The plan.
    root : Path
        Folder of the project, in which the kernels work.
    outputs : Path
        Folder of all results.
    jobs : int, optional
        Runs at the same time; as many as there are cores by default.
    on_result : callable, optional
        Called after each run, in the thread of the caller.

    Returns
    -------
    list of RunResult
        In the order of the plan.
    """
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # every failure is a result
    papermill_engines.register("ewm", Engine)
    results = {}
    stopping = threading.Event()
    with ThreadPoolExecutor(max_workers=jobs or os.cpu_count()) as pool:
        futures = [pool.submit(_execute, run, root, stopping) for run in runs]
        try:
            for future in as_completed(futures):
                result = future.result()
                results[result.run.folder] = result
                on_result(result)
        finally:
            stopping.set()
            _stop(futures)
            build_site(outputs)
    return [results[run.folder] for run in runs]


def _stop(futures: Sequence[Future[RunResult]]) -> None:
    """After Ctrl-C or an unforeseen error, end what still runs; does nothing at a regular end."""
    for future in futures:
        future.cancel()
    while wait(futures, timeout=0.1).not_done:
        kill_kernels()


def _execute(run: Run, root: Path, stopping: threading.Event) -> RunResult:
    start, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    with _workplace(run.folder) as folder, _event_loop():
        try:
            if stopping.is_set():
                raise RunError("The batch was stopped.")
            notebook = _run_notebook(run, folder, root)
            page = export_html(notebook, folder).page
            seconds = time.perf_counter() - start
            write_manifest(make_manifest(run, page, folder, root, started, seconds), folder)
            _move_into_place(folder, run.folder)
            return RunResult(run, seconds)
        # Jupyter tells of a kernel that died, or never answered, by a RuntimeError.
        except (PapermillException, EwmError, RuntimeError, OSError) as error:
            if (folder / EXECUTED).is_file() and not stopping.is_set():
                run.folder.mkdir(parents=True, exist_ok=True)
                os.replace(folder / EXECUTED, run.folder / FAILED)
            return RunResult(run, time.perf_counter() - start, summary(error))


def _run_notebook(run: Run, folder: Path, root: Path) -> nbformat.NotebookNode:
    """Execute a notebook; its metadata then names no path of this machine."""
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
        kernel_manager_class=PrivateKernelManager,
        # papermill's cwd changes the folder of the whole process; this one is the kernel's only.
        resources={"metadata": {"path": str(root)}},
        live_path=path,
    )
    notebook.metadata.papermill["input_path"] = run.notebook.relative_to(root).as_posix()
    notebook.metadata.papermill["output_path"] = None
    nbformat.write(notebook, path)
    return notebook


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
    elif isinstance(error, EwmError):
        return shorten(words, LONGEST_SUMMARY, placeholder=" …")
    lines = [line for line in words.splitlines() if line.strip()]
    words = f"{name}: {lines[-1]}" if lines else name
    return place + shorten(words, LONGEST_SUMMARY, placeholder=" …")


@contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    """A folder beside the target, gone afterwards."""
    folder = target.parent / f".{target.name}-{uuid.uuid4().hex[:12]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _event_loop() -> Iterator[None]:
    """Close the loop that Jupyter opens in each thread and leaves open."""
    try:
        yield
    finally:
        ensure_event_loop().close()
        asyncio.set_event_loop(None)


def _move_into_place(folder: Path, target: Path) -> None:
    """Let the new folder take the old one's place; the old one goes only when the new stands."""
    old = folder.with_name(f"{folder.name}-old")
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(folder, target)
    except OSError:
        if old.exists():
            os.replace(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)
