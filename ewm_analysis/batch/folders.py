"""The folders of a batch: one batch at a time writes to them, and only whole results appear."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ewm_analysis.errors import RunError
from ewm_analysis.files import OLD

MANIFEST = "manifest.json"
"""Stands beside every good page."""

FAILED = "failed.ipynb"
"""Stands beside the last good page of a run that failed since."""

LOCK = ".lock"
"""Held by the batch that writes to the folder of all results; the system frees it at its end."""

BESIDE = re.compile(r"\.(?P<target>.+)-[0-9a-f]{12}")
"""Name of the folder in which a run is at work; it may hold the output about to be replaced."""


@contextmanager
def hold(outputs: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep other batches from writing to a folder, and clear what dead ones left there.

    Parameters
    ----------
    outputs : Path
        Folder of all results.
    on_wait : callable, optional
        Called once if another batch holds the folder; its end is waited for.

    Raises
    ------
    RunError
        If the folder cannot be written to.
    """
    lock = FileLock(outputs / LOCK)
    try:
        with telling_why(outputs):
            outputs.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                on_wait()
                lock.acquire()
            clear(outputs)
        yield
        with telling_why(outputs):
            clear(outputs)  # a worker that was killed leaves its folder, too
    finally:
        lock.release()


def clear(outputs: Path) -> None:
    """Remove folders of runs that died; an output put aside by one goes back to its place."""
    for folder in outputs.glob("*/*/*/*/.*-*"):
        name = BESIDE.fullmatch(folder.name)
        if name is None:
            continue
        target = folder.with_name(name["target"])
        if (folder / OLD).is_dir() and not (target / MANIFEST).is_file():
            if (target / FAILED).is_file():
                os.replace(target / FAILED, folder / OLD / FAILED)
            shutil.rmtree(target, ignore_errors=True)
            os.replace(folder / OLD, target)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def telling_why(outputs: Path) -> Iterator[None]:
    """Turn an error of the file system into one that says what to do.

    Raises
    ------
    RunError
        If a file below the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise RunError(
            f"{reason(error)}. Make room or name another folder with --output; what stands in "
            f"{outputs} is untouched."
        ) from error


def reason(error: OSError) -> str:
    """Return what the file system said, and about which file.

    Examples
    --------
    >>> reason(OSError(28, "No space left on device", "outputs/index.html"))
    'No space left on device: outputs/index.html'
    """
    words = error.strerror or str(error) or type(error).__name__
    return f"{words}: {error.filename}" if error.filename else words
