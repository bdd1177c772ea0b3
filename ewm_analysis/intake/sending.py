"""What was sent, opened: files, folders of them, or ZIPs of either."""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ewm_analysis.errors import ContractError, ParameterError
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.loaders.read import TextTable, check_bytes, csv_rows, table_of_rows, unreadable
from ewm_analysis.loaders.workbook_safety import (
    DAMAGED_ARCHIVE,
    LARGEST_CONTENT,
    MOST_PARTS,
    is_bomb,
    read_part,
)
from ewm_analysis.project import LONGEST_NAME, RESERVED

LEFT_BY_SYSTEMS = ("Thumbs.db", "desktop.ini", "__MACOSX")
"""Beside tables in a folder, and nobody's tables; so is what begins with a point or ``~$``."""

SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".zip")

LARGEST = LARGEST_CONTENT
"""Bytes of what is opened, unpacked; the largest file of CORDIS has about a third of it."""

MOST_LINES = 2_000_000
"""Lines of a file; the largest of CORDIS has some 100,000s."""

MOST_CELLS = 10 * MOST_LINES

GZIP = b"\x1f\x8b"
NAMES = {";": "semicolons", ",": "commas", "\t": "tabs"}

csv.field_size_limit(10_000_000)  # the objectives of projects exceed the default of 128 KiB


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
        path = _unpacked(path, room, remarks)
    entries = (
        [one for one in sorted(path.iterdir()) if not is_left_over(one.name)]
        if path.is_dir()
        else []
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


def is_left_over(name: str) -> bool:
    """Return whether a file is what systems and spreadsheets leave behind."""
    return name.startswith((".", "~$")) or name in LEFT_BY_SYSTEMS


def _unpacked(path: Path, room: Path, remarks: Remarks) -> Path:
    """Unpack a ZIP into a folder of its name; an empty one, and an error, if it is refused."""
    folder = room / path.stem
    folder.mkdir()
    try:
        for place, data in parts_of(path, path.name).items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(data)
    except (ContractError, OSError):
        remarks.of(path.name).error("", "refused.zip")
    return folder


def parts_of(path: Path, file: str, patterns: Sequence[str] = ("*",)) -> dict[PurePosixPath, bytes]:
    """Return the parts of a ZIP whose names fit a pattern, by their places.

    Hidden parts, and those macOS adds beside, are nobody's tables.

    Raises
    ------
    ContractError
        If the ZIP is damaged or has a password, or a part lies outside of it or unpacks to far
        more than tables do.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = {}
            for part in archive.infolist():
                place = PurePosixPath(part.filename.replace("\\", "/"))
                names = [name for name in place.parts if name != ".."]
                is_wanted = any(fnmatchcase(place.name.lower(), one.lower()) for one in patterns)
                if is_wanted and not part.is_dir() and not any(map(is_left_over, names)):
                    found[place] = part
            if reason := _refused(found):
                raise unreadable(file, reason)
            return {place: read_part(archive, part) for place, part in found.items()}
    except DAMAGED_ARCHIVE as error:
        reason = f"{path.name} is no ZIP that can be read; unpack it first"
        raise unreadable(file, reason) from error


def _refused(found: dict[PurePosixPath, zipfile.ZipInfo]) -> str:
    """Return why parts of a ZIP are not opened; empty if they are harmless."""
    parts = found.values()
    if any(part.flag_bits & 0x1 for part in parts):
        return "the ZIP has a password; unpack it first"
    if not all(is_harmless_id(name) for place in found for name in place.parts):
        return "the ZIP names a place outside of itself; not opened"
    if (
        len(found) > MOST_PARTS
        or sum(part.file_size for part in parts) > LARGEST
        or any(map(is_bomb, parts))
    ):
        return "the ZIP unpacks to far more than tables do; not opened"
    return ""


def read_sent(path: Path, file: str, patterns: Sequence[str]) -> tuple[str, bytes]:
    """Return name and bytes of a file, or of the one in a ZIP whose name fits a pattern.

    Raises
    ------
    ContractError
        If it is missing, damaged, encrypted or too large to be honest.
    """
    if not path.is_file():
        raise unreadable(file, "the file is missing")
    if zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
        found = parts_of(path, file, patterns)
        if len(found) != 1:
            wanted = ", ".join(patterns)
            raise unreadable(file, f"the ZIP holds {len(found)} {wanted}; it must be one")
        ((place, data),) = found.items()
        return place.name, data
    if path.stat().st_size > LARGEST:
        raise unreadable(file, f"the file is larger than {LARGEST // 1_000_000} MB")
    data = path.read_bytes()
    if data.startswith(GZIP):
        raise unreadable(file, "the file is packed with gzip; unpack it first")
    return path.name, data


def read_delimited(data: bytes, delimiter: str, file: str) -> TextTable:
    """Return a text in UTF-8 as a table of text, blanks around cells taken off.

    Parameters
    ----------
    data : bytes
        The header stands in the first line; cells may be quoted and then span lines.
    delimiter : str
        ``;``, ``,`` or a tab; cells of a file with tabs are never quoted.

    Raises
    ------
    ContractError
        If it cannot be read as a whole, or would fill the memory as a table.
    """
    lines = max(data.count(b"\n"), data.count(b"\r"))
    if lines > MOST_LINES or data.count(delimiter.encode()) > MOST_CELLS:
        limits = f"{MOST_LINES // 1_000_000} million lines or {MOST_CELLS // 1_000_000} million"
        raise unreadable(file, f"the file has more than {limits} cells; export a part of it")
    check_bytes(data, file)
    if delimiter.encode() not in data.partition(b"\n")[0]:
        reason = f"the columns must be separated by {NAMES[delimiter]}; is it another kind of file?"
        raise unreadable(file, reason, 1)
    found = csv_rows(data.removeprefix(codecs.BOM_UTF8), file, delimiter)
    rows = [(line, [cell.strip() for cell in row]) for line, row in found]
    return table_of_rows([(line, cells) for line, cells in rows if any(cells)], file)
