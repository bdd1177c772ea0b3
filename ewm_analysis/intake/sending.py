"""What was sent, as the sources it holds: files, folders of them, or ZIPs of either."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.loaders.workbook_safety import (
    DAMAGED_ARCHIVE,
    LARGEST_CONTENT,
    LARGEST_FILE,
    MOST_PARTS,
    read_part,
)
from ewm_analysis.project import LONGEST_NAME, RESERVED

LEFT_BY_SYSTEMS = ("Thumbs.db", "desktop.ini", "__MACOSX")
"""Beside tables in a folder, and nobody's tables; so is what begins with a point or ``~$``."""

SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".zip")


def is_harmless_id(text: str) -> bool:
    r"""Return whether an id may become part of a path on any system.

    Examples
    --------
    >>> [is_harmless_id(text) for text in ("imk-2021-001", "../x", "C:\\x", "con", "a\0")]
    [True, False, False, False, False]
    """
    return not (
        len(text) > LONGEST_NAME
        or re.search(r'[/\\:*?"<>|\0-\x1f\x7f]', text)
        or text.endswith((".", " "))
        or text.startswith((".", "~", " "))
        or text.partition(".")[0].lower() in RESERVED
    )


@contextmanager
def unpacked(sent: Sequence[Path], remarks: Remarks) -> Iterator[list[Path]]:
    """Yield each workbook, and each folder of CSV files, of what was sent; ZIPs are unpacked.

    A folder that holds CSV files is one source; of a folder of workbooks, each of them is, and
    what is no table is left out, with a note.

    Raises
    ------
    ParameterError
        If two sources have the same name.
    """
    with TemporaryDirectory() as room:
        found = [one for path in sent for one in _sources(path, Path(room), remarks)]
        names = [path.resolve().name for path in found]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ParameterError("source", twice[0], reason="came twice; each file needs a name")
        yield found


def _sources(path: Path, room: Path, remarks: Remarks) -> Iterator[Path]:
    if path.suffix.lower() == ".zip" and path.is_file():
        path = _opened(path, room, remarks)
    entries = (
        [one for one in sorted(path.iterdir()) if not is_left_over(one)] if path.is_dir() else []
    )
    files = {one.suffix.lower() for one in entries if one.is_file()}
    is_of_sources = any(one.is_dir() for one in entries) or files & {*SPREADSHEETS}
    if ".csv" in files or not is_of_sources:
        yield path
        return
    for one in entries:
        if one.is_dir() or one.suffix.lower() in SPREADSHEETS:
            yield from _sources(one, room, remarks)
        else:
            remarks.add("note", "", "left_out", one.name)


def is_left_over(path: Path) -> bool:
    """Return whether a file is what systems and spreadsheets leave behind."""
    return path.name.startswith((".", "~$")) or path.name in LEFT_BY_SYSTEMS


def _opened(path: Path, room: Path, remarks: Remarks) -> Path:
    """Unpack a ZIP into a folder of its name; an empty one, and an error, if it is refused."""
    folder = room / path.stem
    folder.mkdir()
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("larger than any nine workbooks")
        with zipfile.ZipFile(path) as archive:
            parts = [part for part in archive.infolist() if not part.is_dir()]
            size = sum(part.file_size for part in parts)
            if size > LARGEST_CONTENT or len(parts) > MOST_PARTS:
                raise ValueError("unpacks to far more than tables do")
            for part in parts:
                names = part.filename.replace("\\", "/").split("/")
                if any(is_left_over(Path(name)) for name in names if name != ".."):
                    continue
                if not all(name and is_harmless_id(name) for name in names):
                    raise ValueError("names a place outside of itself")
                place = folder.joinpath(*names)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(read_part(archive, part))
    except (*DAMAGED_ARCHIVE, RuntimeError):  # a password is a RuntimeError
        remarks.of(path.name).error("", "refused.zip")
    return folder
