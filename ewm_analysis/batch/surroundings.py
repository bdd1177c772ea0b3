"""What spoils every run of a batch, looked at before the first: open files, shadowed libraries."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from ewm_analysis.errors import RunError

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
