"""A file or a folder is written whole or not at all: beside its place first, then moved there.

Whatever goes wrong on the way, a full disk as well as Ctrl-C, what stood there before stands there
again. A process that is killed leaves a hidden folder beside the place, and the place as it was.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

OLD = ".old"
"""Within the folder that `staged` makes: what had to give way, until the new stands."""


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
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


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
    old = made.with_name(OLD)
    try:
        for part in parts:
            _exchange(made / part, target / part, old / part)
    except BaseException:
        for part in parts:
            _give_back(made / part, target / part, old / part)
        shutil.rmtree(old, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(new: Path, place: Path, aside: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        os.replace(place, aside)
    os.replace(new, place)


def _give_back(new: Path, place: Path, aside: Path) -> None:
    if not new.exists() and place.exists():
        os.replace(place, new)
    if aside.exists():
        os.replace(aside, place)
