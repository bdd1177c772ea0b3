"""What was sent, opened: files, folders of them, or ZIPs of either, as rows of plain values.

Spreadsheets (``.xlsx``, ``.xls``, ``.ods``) are read by calamine, as values: a formula is what it
last gave. The text of a list is UTF-8, UTF-16 or Windows-1252, and its separator is seen by its
rows; of what is published the form is known.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ewm_analysis.errors import ContractError, ParameterError
from ewm_analysis.intake.columns import header_words, plain
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.loaders.read import TextTable, check_bytes, csv_rows, table_of_rows, unreadable
from ewm_analysis.loaders.workbook_safety import (
    DAMAGED_ARCHIVE,
    LARGEST_CONTENT,
    LARGEST_FILE,
    MOST_PARTS,
    OLE,
    find_refusal,
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

MOST_PUBLISHED = 10 * MOST_LINES

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
            found: dict[PurePosixPath, zipfile.ZipInfo] = {}
            for part in archive.infolist():
                place = PurePosixPath(part.filename.replace("\\", "/"))
                names = [name for name in place.parts if name != ".."]
                is_wanted = any(fnmatchcase(place.name.lower(), one.lower()) for one in patterns)
                is_file = not part.filename.endswith(("/", "\\"))
                if is_wanted and is_file and not any(map(is_left_over, names)):
                    if place in found:
                        raise unreadable(file, f"the ZIP holds {place} twice; unpack it first")
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
    if lines > MOST_LINES or data.count(delimiter.encode()) > MOST_PUBLISHED:
        limits = f"{MOST_LINES // 1_000_000} million lines or {MOST_PUBLISHED // 1_000_000} million"
        raise unreadable(file, f"the file has more than {limits} cells; export a part of it")
    check_bytes(data, file)
    if delimiter.encode() not in data.partition(b"\n")[0]:
        reason = f"the columns must be separated by {NAMES[delimiter]}; is it another kind of file?"
        raise unreadable(file, reason, 1)
    found = csv_rows(data.removeprefix(codecs.BOM_UTF8), file, delimiter)
    rows = [(line, [cell.strip() for cell in row]) for line, row in found]
    return table_of_rows([(line, cells) for line, cells in rows if any(cells)], file)


SEPARATORS = (";", "\t", ",", "|")
LARGEST_TEXT, MOST_CELLS = 500_000_000, 40_000_000
"""Bytes of a file that is no spreadsheet, and its cells: some millions of rows."""

SEEN, FIRST = 50, 100_000
"""Rows, and characters, by which a separator is judged."""

UNSTORED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?![^>]*t="str")[^>]*>'
    rb"<f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
)
"""A cell with a formula and without the value that it gave; an empty text is one."""


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet, or of a file that has none.

    ``rows`` are plain values (text, number, bool, date; "" is empty), ``lines`` where each of
    them begins, counted from 1, ``merged`` areas as first and last row and column from 0.
    """

    title: str
    rows: Sequence[Sequence[object]]
    lines: Sequence[int]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()


def read_grids(path: Path, remarks: Remarks) -> tuple[dict[str, bytes], list[Grid]]:
    """Return the bytes of a list by its name, and its grids; what cannot be read is an error.

    Raises
    ------
    ParameterError
        If there is no such file, or it is of another kind.
    """
    reader = READERS.get(path.suffix.lower())
    if not path.is_file() or reader is None:
        is_there = f"must be a file that ends in {', '.join(READERS)}"
        raise ParameterError("list", str(path), reason=is_there if path.exists() else "is missing")
    largest = LARGEST_FILE if reader is read_spreadsheet else LARGEST_TEXT
    if path.stat().st_size > largest:
        remarks.error("", "refused.large", limit=largest // 1_000_000)
        return {}, []
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = f"cannot be read ({error.strerror}); is it open in another program?"
        raise ParameterError("list", str(path), reason=reason) from None
    if not data.strip():
        remarks.error("", "refused.nothing")
        return {}, []
    return {path.name: data}, reader(data, path.stem, remarks)


def read_spreadsheet(data: bytes, _: str, remarks: Remarks) -> list[Grid]:
    """Return the sheets that hold anything."""
    import python_calamine as calamine

    refusal = None if data.startswith(OLE) else find_refusal(data)
    if refusal:
        remarks.error("", f"refused.{refusal[0]}", **refusal[1])
        return []
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_index(at) for at in range(len(book.sheet_names))]
        grids = [_grid(sheet) for sheet in sheets]
    except calamine.PasswordError:
        remarks.error("", "refused.encrypted")
        return []
    except (calamine.CalamineError, OSError, ValueError, KeyError):
        remarks.error("", "refused.damaged")
        return []
    for place in _unstored(data):
        remarks.error(place, "refused.unstored")
    return [grid for grid in grids if grid.rows]


def _grid(sheet: object) -> Grid:
    rows = sheet.to_python(skip_empty_area=False)  # type: ignore[attr-defined]
    merged = sheet.merged_cell_ranges or ()  # type: ignore[attr-defined]
    return Grid(sheet.name, rows, range(1, len(rows) + 1), merged)  # type: ignore[attr-defined]


def _unstored(data: bytes) -> list[str]:
    """Return cells of formulas whose value the file does not hold: none may be lost."""
    if not data.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        return [
            place.decode() for name in names for place in UNSTORED.findall(archive.read(name))[:1]
        ]


def read_separated(
    data: bytes, title: str, remarks: Remarks, known: Collection[str] = ()
) -> list[Grid]:
    """Return the one grid of a text whose cells are separated by a sign.

    The sign is the one that gives most of the headers that are known, as `plain` writes them;
    then the one that gives most rows of the same length.
    """
    text = decoded(data, title, remarks)
    if text is None:
        return []
    start, separators = 0, [*SEPARATORS]
    if found := re.match(r"sep=(.)\r?\n", text):  # Excel's own line
        text, start, separators = text[found.end() :], 1, [found[1]]
    separator = max(separators, key=partial(_score, text, known or header_words()))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines, rows, line, cells = [], [], 1 + start, 0
    try:
        for row in reader:
            cells += len(row)
            if cells > MOST_CELLS:
                remarks.error("", "refused.cells", limit=MOST_CELLS // 1_000_000)
                return []
            lines.append(line)
            rows.append(row)
            line = reader.line_num + 1 + start
    except csv.Error as error:
        remarks.error(f"{title}!A{line}", "refused.quotes", error)
        return []
    return [Grid(title, rows, lines)]


def _score(text: str, known: Collection[str], separator: str) -> tuple[int, int, int]:
    """Judge a separator: headers among the first rows, how many of these are of one length."""
    rows = [*islice(csv.reader(io.StringIO(text[:FIRST], newline=""), delimiter=separator), SEEN)]
    headers = max((sum(plain(cell) in known for cell in row) for row in rows), default=0)
    counts = Counter(len(row) for row in rows if len(row) > 1)
    width, number = max(counts.items(), key=lambda each: (each[1], each[0]), default=(0, 0))
    return headers, number, width


UTF_8_IN_CP1252 = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
"""Letters of UTF-8 in a file that is not UTF-8: two encodings were mixed."""

WIDE = (b"\xff\xfe", b"\xfe\xff")


def decoded(data: bytes, title: str, remarks: Remarks) -> str | None:
    """Return a text in UTF-8, UTF-16 with its mark, or Windows-1252; None, and an error, else.

    Examples
    --------
    >>> [decoded("Größe".encode(code), "A", Remarks("de")) for code in ("cp1252", "utf-16")]
    ['Größe', 'Größe']
    """
    key, line = "encoding", 1
    for encoding in ("utf-16",) if data.startswith(WIDE) else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            if data.startswith(codecs.BOM_UTF8) or UTF_8_IN_CP1252.search(data):
                key = "mixed_encodings"
                break
            continue
        if "\0" not in text:
            return text
        break
    remarks.error(f"{title}!A{line}", f"refused.{key}")
    return None


def read_json(data: bytes, title: str, remarks: Remarks) -> list[Grid]:
    """Return records, ``[{"Titel": "…"}, …]``, or the first list of records within an object."""
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        remarks.error("", "refused.no_json")
        return []
    if isinstance(told, dict):
        told = next((part for part in told.values() if _are_records(part)), None)
    if not _are_records(told):
        remarks.error("", "refused.no_json")
        return []
    header = [*dict.fromkeys(name for record in told for name in record)]
    rows = [header, *([_plain(record.get(name)) for name in header] for record in told)]
    return [Grid(title, rows, range(1, len(rows) + 1))]


def _are_records(part: object) -> bool:
    return isinstance(part, list) and bool(part) and all(isinstance(each, dict) for each in part)


def _plain(value: object) -> object:
    """A list within a record is a cell with several entries."""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else value if isinstance(value, bool | int | float) else str(value)


def read_parquet(data: bytes, title: str, remarks: Remarks) -> list[Grid]:
    """Return the rows of a Parquet file."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        shape = pq.read_metadata(io.BytesIO(data))
        if shape.num_rows * shape.num_columns > MOST_CELLS:
            remarks.error("", "refused.cells", limit=MOST_CELLS // 1_000_000)
            return []
        frame = pd.read_parquet(io.BytesIO(data))
    except (pa.ArrowException, OSError, ValueError):
        remarks.error("", "refused.damaged")
        return []
    cells = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    return [Grid(title, [[*map(str, frame.columns)], *cells], range(1, len(cells) + 2))]


READERS: dict[str, Callable[[bytes, str, Remarks], list[Grid]]] = {
    ".xlsx": read_spreadsheet,
    ".xlsm": read_spreadsheet,
    ".xls": read_spreadsheet,
    ".ods": read_spreadsheet,
    ".csv": read_separated,
    ".tsv": read_separated,
    ".txt": read_separated,
    ".json": read_json,
    ".parquet": read_parquet,
}
"""How a file is read, by its suffix."""
