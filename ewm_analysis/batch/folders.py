"""The folder of all results, one batch at a time, and what spoils every run, looked at before.

Only whole results appear in the folder. It also remembers the last batches: if nothing has changed
since one, nothing is done. That is told from hashes of files alone, so that a repeated command is
answered without loading data.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import PathFinder
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

from ewm_analysis.errors import RunError
from ewm_analysis.files import (
    OLD,
    digest,
    environment_sha256,
    folder_sha256,
    is_whole,
    package_sha256,
    written,
)
from ewm_analysis.project import DESCRIPTOR

MANIFEST = "manifest.json"
"""Stands beside every good page."""

EXECUTED = "executed.ipynb"
"""The notebook of a good page, as it was run."""

FAILED = "failed.ipynb"
"""Stands beside the last good page of a run that failed since."""

LOCK = ".lock"
"""Held by the batch that writes to the folder of all results; the system frees it at its end."""

SECRET = ".key"
"""Stands beside the years of confidential records, and goes nowhere else."""

STATE = ".state.json"
"""What the last batches were made from, and the files they left."""

BESIDE = re.compile(r"\.(?P<target>.+)-[0-9a-f]{12}")
"""Name of the folder in which a run is at work; it may hold the output about to be replaced."""


@contextmanager
def hold(outputs: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep other batches from writing to a folder, and clear what dead ones left there.

    `on_wait` is called once if another batch holds the folder; its end is waited for.

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
    """Turn an error of the file system into one that says what to do, a `RunError`."""
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


def whole_sha256(root: Path, data_sets: Sequence[Path], options: Mapping[str, object]) -> str:
    """Return one SHA-256 over everything a batch is made from.

    The project's notebooks and reference tables count, the folders of the data sets, and the
    options of the command line.
    """
    folders = [root / "notebooks", root / "data" / "reference"]
    folders += [folder.parent / "reference" for folder in data_sets]
    return digest(
        {
            "secrets": [secret_of(each) for each in data_sets],  # first: made within the folders
            "folders": {str(each): folder_sha256(each) for each in {*folders, *data_sets}},
            "package": package_sha256(),
            "environment": environment_sha256(),
            "options": dict(options),
        }
    )


def secret_of(data_set: Path) -> str:
    """Return what only the folder of confidential records knows; it is made when first needed.

    With it, no hash that we write confirms who guesses them. Where it cannot be kept it is
    another each time, and pages are due each time.
    """
    file, made = data_set / "records" / SECRET, token_hex(32)
    with suppress(OSError, ValueError, AttributeError):  # what is no descriptor is told later
        head = json.loads((data_set / DESCRIPTOR).read_text("utf-8"))
        if head.get("disclosure") == "none" or not file.parent.is_dir():
            return ""
    with suppress(OSError):
        if not file.is_file():
            with written(file) as beside:
                beside.touch(0o600)
                beside.write_text(made, "utf-8")
        return file.read_text("utf-8")
    return made


def remember(outputs: Path, whole: str, files: Sequence[Path]) -> None:
    """Note that a batch went well, and of which size its files must stand for that to hold."""
    state = _state(outputs)
    state[whole] = {path.relative_to(outputs).as_posix(): path.stat().st_size for path in files}
    with written(outputs / STATE) as beside:
        beside.write_text(json.dumps(dict(list(state.items())[-20:]), indent=1), "utf-8")


def is_done(outputs: Path, whole: str) -> bool:
    """Tell whether the same batch went well before, and its files stand as it left them."""
    files = {outputs / name: size for name, size in _state(outputs).get(whole, {}).items()}
    folders = {file.parent for file in files}
    return (
        bool(files)
        and not lost(outputs, whole)
        and not any((folder / FAILED).is_file() for folder in folders)
    )


def lost(outputs: Path, whole: str) -> list[str]:
    """Return the files that a batch left and that are missing now, or cut, or of another size."""
    files = _state(outputs).get(whole, {})
    return [name for name, size in files.items() if not is_whole(outputs / name, size)]


def _state(outputs: Path) -> dict[str, dict[str, int]]:
    try:
        state = json.loads((outputs / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(state, dict) and all(isinstance(own, dict) for own in state.values())
    return state if is_ours else {}


OF_A_KERNEL = 96
"""Files that a kernel may open: sockets, pipes, libraries, and those of its notebook."""

FOR_A_KERNEL = 32
"""Files that the batch holds open for each kernel."""

FOLDERS = (".", "notebooks", "notebooks/exploration")
"""Folders of a project in which kernels work."""


def kernels_at_a_time(jobs: int | None) -> int:
    """Return how many runs are at work: one more than there are cores, a kernel waits often."""
    return jobs or (os.cpu_count() or 1) + 1


def allow_open_files(jobs: int | None) -> None:
    """Let this process and its kernels open as many files as they need.

    Raises
    ------
    RunError
        If the system allows fewer; what happens then is different each time.
    """
    try:
        import resource
    except ModuleNotFoundError:  # Windows has no such limit
        return
    at_a_time = kernels_at_a_time(jobs)
    needed = max(OF_A_KERNEL, FOR_A_KERNEL * (at_a_time + 1))
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if needed <= allowed or allowed == resource.RLIM_INFINITY:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))
    except (OSError, ValueError):
        fewer = most // FOR_A_KERNEL - 1
        hint = f", or run fewer at a time with --jobs {fewer}" if most >= OF_A_KERNEL else ""
        raise RunError(
            f"Too few files may be open at once: {most} (ulimit -n), and {at_a_time} runs at a "
            f"time need {needed}. Allow more with 'ulimit -n {needed}'{hint}."
        ) from None


def find_shadows(root: Path) -> Iterator[str]:
    """Yield a sentence for each file that has the name of a library.

    Kernels look for modules in Python's own library first, then in the folder in which they
    work, then among the libraries installed. Those of `ewm run` have imported what notebooks
    need before they look anywhere.

    Parameters
    ----------
    root : Path
        Folder of the project.
    """
    installed = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    for folder in FOLDERS:
        for path in sorted(_modules(root / folder)):
            shown, name = path.relative_to(root).as_posix(), path.stem
            if name in sys.stdlib_module_names:
                yield (
                    f"{shown} has the name of a module of Python: 'import {name}' means that "
                    "one, never this file. Rename it if a notebook should read it."
                )
            elif PathFinder.find_spec(name, installed) is not None:
                yield (
                    f"{shown} has the name of the library {name}: notebooks that JupyterLab or "
                    "papermill run in its folder take it for the library. Rename it."
                )


def _modules(folder: Path) -> Iterator[Path]:
    """Files and packages that can be imported in a folder."""
    yield from folder.glob("*.py")
    yield from (file.parent for file in folder.glob("*/__init__.py"))
