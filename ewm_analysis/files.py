"""A file or a folder is written whole or not at all: beside its place first, then moved there.

Whatever goes wrong on the way, a full disk as well as Ctrl-C, what stood there before stands there
again. A process that is killed leaves a hidden folder beside the place, and the place as it was.

Where the system can swap two names at once (Linux), the place is never empty, not for a moment.
What takes it was flushed to the disk before: a machine that stops leaves nothing half written.
SHA-256 tells files apart, and what a run is made with.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import shutil
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

import ewm_analysis

ENDS = {".html": b"</html>", ".pdf": b"%%EOF", ".png": b"IEND\xaeB`\x82"}
ENDS |= {".docx": b"\0\0", ".pptx": b"\0\0"}  # archives: the length of a comment
"""How files of a kind end, by which a part of one is told."""

OLD = ".old"
"""Within the folder that `staged` makes: what had to give way, until the new stands."""

WHOLE = ".whole"
"""Within the same: the new parts with the rest of the old."""

SWAP, HERE = 2, -100
"""RENAME_EXCHANGE and AT_FDCWD of Linux."""


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """Yield where to write a file; it takes its place when the block ends well.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with written(Path(folder) / "page.html") as beside:
    ...         _ = beside.write_text("whole", "utf-8")
    ...     [path.name for path in Path(folder).iterdir()]
    ['page.html']
    """
    beside = target.with_name(f".{target.name}")
    try:
        yield beside
        flush(beside)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def is_whole(path: Path, size: int | None = None) -> bool:
    """Tell whether a file stands there, of that size, and ends as its kind does; by a look.

    The size of a page does not count: links to other pages come and go.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder) / "report.html"
    ...     _ = page.write_text("<html>…", "utf-8")
    ...     is_whole(page), is_whole(page.with_suffix(".csv"), 9)
    (False, False)
    """
    end = ENDS.get(path.suffix, b"")
    try:
        now = path.stat().st_size
        if size is not None and path.suffix != ".html" and now != size:
            return False
        if not end:
            return path.is_file()
        with path.open("rb") as stream:
            stream.seek(max(0, now - len(end) - 1))
            return stream.read().rstrip().endswith(end)
    except OSError:
        return False


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yield a place of the target's name in a hidden folder beside it, which is gone afterwards.

    `move_in` puts what was made there where it belongs. Git ignores it, if the process is killed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.with_name(f".{target.name}-{uuid.uuid4().hex[:12]}")
    folder.mkdir()
    try:
        (folder / ".gitignore").write_text("*\n", "utf-8")
        yield folder / target.name
    finally:
        if not (folder / OLD).exists():  # else nothing stands in its place: it must not be lost
            shutil.rmtree(folder, ignore_errors=True)


def move_in(made: Path, target: Path, parts: Sequence[str] = (".",)) -> None:
    """Let a folder, or the parts named, take the place of the old: all of them, or none.

    Parameters
    ----------
    made : Path
        What was made, as `staged` yields it.
    target : Path
        Where it belongs.
    parts : sequence of str, optional
        Files and folders within both; what else the target holds is left alone.
    """
    old, swapped = made.with_name(OLD), set[Path]()
    try:
        for part in parts:
            flush(made / part)
        for part in parts:
            _exchange(made / part, target / part, old / part, swapped)
    except BaseException:
        for part in parts:
            _give_back(made / part, target / part, old / part, swapped)
        shutil.rmtree(old, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def move_in_at_once(made: Path, target: Path, parts: Sequence[str]) -> None:
    """As `move_in`; of several parts all take their place at the same moment.

    The whole folder is swapped for one that has the rest of the old, too, as links to the same
    files. A process that works in the folder would be left in the old one, and a link or the
    root of a disk cannot be swapped: there parts move singly.
    """
    is_fixed = target.is_symlink() or os.path.ismount(target)
    if not target.is_dir() or is_fixed or Path.cwd().is_relative_to(target.resolve()):
        move_in(made, target, parts)
        return
    whole = made.with_name(WHOLE)
    shutil.copytree(target, whole, symlinks=True, copy_function=_link)
    for part in parts:
        old = whole / part
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink(missing_ok=True)
        old.parent.mkdir(parents=True, exist_ok=True)
        os.replace(made / part, old)
    move_in(whole, target)


def _link(source: str, place: str) -> None:
    try:
        os.link(source, place, follow_symlinks=False)
    except OSError:  # a file system without links
        shutil.copy2(source, place, follow_symlinks=False)


def flush(path: Path) -> None:
    """Wait until a file, or all files below a folder, are on the disk."""
    at_once = _system("syncfs")  # twenty times as quick for the sixty files of a page
    if at_once and path.is_dir():
        with _opened(path) as number:
            if not at_once(number):
                return
    for each in path.rglob("*") if path.is_dir() else [path]:
        if each.is_file() and not each.is_symlink():
            with _opened(each) as number:
                os.fsync(number)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    number = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        yield number
    finally:
        os.close(number)


def _exchange(new: Path, place: Path, aside: Path, swapped: set[Path]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        if _swap(new, place):
            swapped.add(place)
            return
        aside.parent.mkdir(parents=True, exist_ok=True)
        os.replace(place, aside)
    os.replace(new, place)


def _give_back(new: Path, place: Path, aside: Path, swapped: set[Path]) -> None:
    if place in swapped:
        _swap(new, place)
        return
    if not new.exists() and place.exists():
        os.replace(place, new)
    if aside.exists():
        os.replace(aside, place)


def _swap(one: Path, other: Path) -> bool:
    """Let two files or folders change their names at once; False where the system cannot."""
    rename = _system("renameat2")
    return rename is not None and not rename(HERE, os.fsencode(one), HERE, os.fsencode(other), SWAP)


def _system(name: str) -> Callable[..., int] | None:
    """Return a function of Linux that Python has no name for; it returns 0 if all went well."""
    system = ctypes.CDLL(None) if sys.platform == "linux" else None
    return getattr(system, name, None)


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
