"""One run: its notebook executed and exported beside the target, moved into place when whole."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten

import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError

from ewm_analysis.batch.folders import FAILED, reason
from ewm_analysis.batch.kernel import Engine, KernelDiedError, PrivateKernelManager, kill_kernels
from ewm_analysis.batch.manifest import make_manifest, write_manifest
from ewm_analysis.batch.plan import Run
from ewm_analysis.errors import EwmError, RunError
from ewm_analysis.files import move_in, staged
from ewm_analysis.hashes import environment_sha256, package_sha256
from ewm_analysis.report import export_html

EXECUTED = "executed.ipynb"
LONGEST_SUMMARY = 300
"""Characters of an error that are repeated outside of the notebook."""

logger = logging.getLogger(__name__)


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


# Of this process: batches that were stopped, and the runs at work with their batch.
_stopped: set[str] = set()
_at_work: set[tuple[str, Path]] = set()


def stop_batch(batch: str) -> bool:
    """End the kernels of a batch in this process; true when none of its runs is at work."""
    _stopped.add(batch)
    kill_kernels(batch)
    return all(other != batch for other, _ in list(_at_work))


def execute_run(run: Run, order: Order) -> RunResult:
    """Execute a run, once more if its kernel was killed; whatever goes wrong is in the result."""
    start = time.perf_counter()
    place = (order.batch, run.folder)
    _at_work.add(place)
    try:
        try:
            _attempt(run, order)
        except KernelDiedError as error:
            if not error.is_chance or order.batch in _stopped:
                raise
            logger.warning("%s: %s It is run once more.", run, error)
            _attempt(run, order)
    # Jupyter tells of a kernel that never answered by a RuntimeError.
    except (PapermillException, EwmError, RuntimeError, OSError) as error:
        return RunResult(run, time.perf_counter() - start, summary(error))
    finally:
        _at_work.discard(place)
    return RunResult(run, time.perf_counter() - start)


def _attempt(run: Run, order: Order) -> None:
    _refuse_other_versions(run)
    start, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    with staged(run.folder) as folder, _event_loop():
        folder.mkdir()
        try:
            if order.batch in _stopped:
                raise RunError("The batch was stopped.")
            notebook = _run_notebook(run, folder, order)
            contents = export_html(notebook, folder)
            seconds = time.perf_counter() - start
            manifest = make_manifest(run, contents, folder, order.root, started, seconds)
            write_manifest(manifest, folder)
            move_in(folder, run.folder)
        except BaseException:
            if order.batch not in _stopped:
                _keep(folder / EXECUTED, run.folder)
            raise


def _refuse_other_versions(run: Run) -> None:
    """A worker elsewhere may have other versions than those the plan was made with."""
    own = {"package": package_sha256(), "environment": environment_sha256()}
    for name, mark in own.items():
        if run.key.get(name, mark) != mark:
            raise RunError(f"This worker has another {name} than 'ewm run': start it anew.")


def _keep(executed: Path, target: Path) -> None:
    """Put the notebook of a failed run where it is looked for; on a full disk that may fail."""
    with suppress(OSError):
        target.mkdir(exist_ok=True)
        os.replace(executed, target / FAILED)


def _run_notebook(run: Run, folder: Path, order: Order) -> nbformat.NotebookNode:
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
        manager=PrivateKernelManager(order.batch, kernel_name="python3"),
        # papermill's cwd changes the folder of the whole process; this one is the kernel's only.
        resources={"metadata": {"path": str(order.root)}},
        live_path=path,
        timeout=order.timeout,
    )
    notebook.metadata.papermill["input_path"] = run.notebook.relative_to(order.root).as_posix()
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
    elif isinstance(error, OSError) and error.strerror:
        return shorten(reason(error), LONGEST_SUMMARY, placeholder=" …")
    lines = [line for line in words.splitlines() if line.strip()]
    words = f"{name}: {lines[-1]}" if lines else name
    return place + shorten(words, LONGEST_SUMMARY, placeholder=" …")


@contextmanager
def _event_loop() -> Iterator[None]:
    """Close the loop that Jupyter opens in each thread and leaves open."""
    try:
        yield
    finally:
        ensure_event_loop().close()
        asyncio.set_event_loop(None)
