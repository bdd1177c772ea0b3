"""SHA-256 of files and of what a run is made with; nothing heavy is imported for it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import ewm_analysis

LIBRARIES = (
    "babel",
    "ipykernel",
    "jinja2",
    "matplotlib",
    "nbconvert",
    "numpy",
    "openpyxl",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
)
"""The libraries whose version may show on a page."""

SOURCES = {".py", ".toml", ".csv", ".j2", ".css", ".js", ".json"}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hashes(paths: Iterable[Path], root: Path) -> dict[str, str]:
    """Return the SHA-256 of files by their path below a folder."""
    return {
        (path.relative_to(root) if path.is_relative_to(root) else path).as_posix(): sha256(path)
        for path in paths
    }


def digest(value: object) -> str:
    """Return one SHA-256 over a value that JSON can write."""
    text = json.dumps(value, sort_keys=True, default=dict)
    return hashlib.sha256(text.encode()).hexdigest()


def folder_sha256(folder: Path) -> str:
    """Return one SHA-256 over the names and contents of all files below a folder."""
    return digest(hashes(sorted(path for path in folder.rglob("*") if path.is_file()), folder))


@cache
def package_sha256() -> str:
    """Return one SHA-256 over all sources of this package."""
    folder = Path(ewm_analysis.__file__).parent
    # What a wheel brings along for new projects is no code of the package.
    own = (p for p in folder.rglob("*") if p.suffix in SOURCES and "scaffold" not in p.parts)
    return digest(hashes(sorted(own), folder))


@cache
def environment_sha256() -> str:
    """Return one SHA-256 over the versions of Python and the libraries that shape a page."""
    return digest({"python": platform.python_version(), **library_versions()})


@cache
def library_versions() -> dict[str, str]:
    """Return the installed versions of `LIBRARIES`."""
    return {name: version(name) for name in LIBRARIES}
