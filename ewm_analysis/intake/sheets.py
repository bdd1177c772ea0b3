"""A source as sheets of raw cells: a workbook, or a folder of CSV."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
from openpyxl.worksheet._reader import WorkSheetParser

from ewm_analysis.contracts import RECORDS
from ewm_analysis.errors import Failure, ParameterError
from ewm_analysis.intake.columns import known_headers, letters, plain, table_of
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.sending import Grid, is_left_over, read_separated, read_spreadsheet
from ewm_analysis.l10n import LOCALES, text
from ewm_analysis.loaders.read import DAMAGED_WORKBOOK
from ewm_analysis.loaders.workbook_safety import LARGEST_FILE, find_refusal

if TYPE_CHECKING:
    from ewm_analysis.intake.list_map import MappedList


@dataclass(frozen=True)
class RawCell:
    """A cell as it stands in the file.

    ``kind`` is what the file says: s text, n number, b boolean, d date, e error, f formula.
    ``is_plain`` is False where a number is shown otherwise than it is, as 7 by "007".
    """

    value: object
    kind: str = "s"
    is_plain: bool = True


Row = dict[int, RawCell]
"""Cells of a row by their column."""


Rows = Sequence[tuple[int, Row]]
"""Rows that hold anything, with their number."""


def is_blank(cell: RawCell) -> bool:
    """Return whether a cell holds nothing but blanks."""
    return cell.kind != "f" and (cell.value is None or not str(cell.value).strip())


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet, or one CSV file, by row and column; both count from 1."""

    title: str
    cells: Mapping[tuple[int, int], RawCell]
    merged: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    stem: str = ""
    origins: Mapping[int, str] = field(default_factory=dict)
    """Of rows that were made of a cell elsewhere: the place of it, by their number."""

    @property
    def table(self) -> str:
        """The table that it is, or whose name or own sheet its title stands for; or ""."""
        return self.stem or table_of(self.title)

    def place(self, row: int, column: int) -> str:
        """Return a cell's place: "Projekte!F17"."""
        return self.origins.get(row) or f"{self.title}!{letters(column)}{row}"

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Yield each row that holds anything, with its number."""
        rows: dict[int, Row] = {}
        for (row, column), cell in sorted(self.cells.items()):
            if not is_blank(cell):
                rows.setdefault(row, {})[column] = cell
        yield from rows.items()


@dataclass(frozen=True)
class Source:
    """What came in: its files, and their sheets."""

    name: str
    files: Mapping[str, bytes]
    sheets: Sequence[Sheet] = ()
    listed: MappedList | None = None

    @property
    def year(self) -> int | None:
        """The year that the template's first sheet or the map of a list names."""
        if self.listed:
            return self.listed.map.always.get("year")
        names = {plain(text("intake.guide.year", locale)) for locale in LOCALES}
        for guide in (sheet for sheet in self.sheets if sheet.table == "guide"):
            for (row, column), cell in guide.cells.items():
                beside = guide.cells.get((row, column + 1), RawCell(""))
                if plain(str(cell.value)) in names and str(beside.value).strip().isdecimal():
                    return int(str(beside.value))
        return None

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(self.files.items())}

    @property
    def digest(self) -> str:
        """SHA-256 of a single file, or of the names and hashes of several."""
        if len(self.files) == 1:
            return next(iter(self.hashes.values()))
        lines = (f"{name}:{digest}\n" for name, digest in self.hashes.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class ReadTable:
    """A table of the source: its rows, and where each of them stands."""

    sheet: Sheet
    places: Mapping[str, int]
    frame: pd.DataFrame
    lines: Sequence[int]
    damaged: Sequence[Failure]

    def place(self, line: int, column: str) -> str:
        """Return the place of a cell; of a key of several columns the last one that is filled."""
        names = [name for name in column.split(", ") if name in self.places] or [*self.places][:1]
        filled = [name for name in names if (line, self.places[name]) in self.sheet.cells]
        return self.sheet.place(line, self.places[(filled or names)[-1]])

    def holds(self, key: str) -> bool:
        """Return whether a row has the id."""
        return bool((self.frame[RECORDS[self.sheet.table].key[1]] == key).any())

    def place_of(self, key: str, column: str) -> str:
        """Return the place of the row with an id, or the sheet if there is none."""
        name = RECORDS[self.sheet.table].key[1]
        rows = self.frame.index[self.frame[name] == key]
        return self.place(self.lines[rows[0]], column or name) if len(rows) else self.sheet.title


def read_source(path: Path, remarks: Remarks) -> Source:
    """Return a workbook, or a folder of CSV files; what cannot be read is an error.

    Raises
    ------
    ParameterError
        If there is no such source, or it is of another kind.
    """
    suffix = path.suffix.lower()
    if not path.exists():
        raise ParameterError("source", str(path), reason="does not exist")
    if path.is_file() and suffix not in (*BOOKS, ".xlsm"):
        reason = "is neither a workbook nor a folder of CSV files; a list of projects is read by "
        raise ParameterError("source", str(path), reason=f"{reason}'ewm map' and 'ewm import list'")
    try:
        files = _content(path, remarks)
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise ParameterError("source", str(path), reason=reason) from None
    name, sheets = path.resolve().name, []
    if path.is_dir() and not remarks.has_errors:
        sheets = read_folder(files, remarks)
    elif suffix == ".xlsm":
        remarks.error("", "refused.macros")
    elif not remarks.has_errors:
        sheets = BOOKS[suffix](files[name], remarks)
    if not remarks.has_errors and not any(sheet.table in RECORDS for sheet in sheets):
        titles = ", ".join(sheet.title for sheet in sheets) or "–"
        remarks.error("", "no_tables", sheets=titles)
    return Source(name, files, sheets)


def _content(source: Path, remarks: Remarks) -> dict[str, bytes]:
    """The bytes of a file, or of a folder's files; not what systems leave behind."""
    paths = [source.resolve()]
    if source.is_dir():
        paths = [path for path in sorted(source.iterdir()) if not is_left_over(path.name)]
    files: dict[str, bytes] = {}
    for path in paths:
        if not path.is_file():
            remarks.error(path.name, "refused.not_csv")
        elif path.stat().st_size > LARGEST_FILE:
            remarks.error(path.name, "refused.large", limit=LARGEST_FILE // 1_000_000)
        else:
            files[path.name] = path.read_bytes()
    return files


PLAIN_FORMATS = (0, 1, 49)
"""Numbers of the formats General, 0 and Text: a whole number is shown as it is."""


def read_book(data: bytes, remarks: Remarks) -> list[Sheet]:
    """Return all sheets of a workbook, the hidden ones too; none if it is refused."""
    if refusal := find_refusal(data):
        key, facts = refusal
        remarks.error("", f"refused.{key}", **facts)
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that no table needs: styles, validation
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            return [_book_sheet(book, sheet) for sheet in book.worksheets]
    except (*DAMAGED_WORKBOOK, AttributeError, AssertionError, RecursionError):
        remarks.error("", "refused.damaged")
        return []


def _book_sheet(book: Any, sheet: Any) -> Sheet:
    """Read a sheet with openpyxl's parser: it keeps coordinates and does not fill ranges.

    The public ways lose a row that stands twice, or expand a merged range cell by cell.
    """
    cells: dict[tuple[int, int], RawCell] = {}
    repeated = []
    with book._archive.open(sheet._worksheet_path) as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for cell in (cell for _, row in parser.parse() for cell in row):
            place, value, kind = (cell["row"], cell["column"]), cell["value"], cell["data_type"]
            if value is None and kind != "f":
                continue
            if place in cells:
                repeated.append(f"{letters(place[1])}{place[0]}")
            style = book._cell_styles[cell["style_id"]]
            value = getattr(value, "text", value) if kind == "f" else value
            cells[place] = RawCell(value, kind, style.numFmtId in PLAIN_FORMATS)
    merged = parser.merged_cells.mergeCell if parser.merged_cells else []
    areas = tuple(str(area.ref) for area in merged)
    return Sheet(sheet.title, cells, areas, tuple(repeated), _hidden(sheet, parser))


def _hidden(sheet: Any, parser: Any) -> tuple[str, ...]:
    """Return what is hidden: "sheet", "rows", "columns"."""
    found = ["sheet"] if sheet.sheet_state != "visible" else []
    for name, parts in (("rows", parser.row_dimensions), ("columns", parser.column_dimensions)):
        if any(part.get("hidden") in ("1", "true") for part in parts.values()):
            found.append(name)
    return tuple(found)


def read_folder(files: Mapping[str, bytes], remarks: Remarks) -> list[Sheet]:
    """Return one sheet a file."""
    sheets = []
    for name, data in sorted(files.items()):
        stem, dot, suffix = name.rpartition(".")
        if not dot or suffix.lower() != "csv":
            remarks.add("note", "", "left_out", name)
            continue
        known = known_headers(table) if (table := table_of(stem)) in RECORDS else ()
        for grid in read_separated(data, stem, remarks, known):
            sheets.append(sheet := sheet_of(grid))
            _refuse_ragged(sheet, grid, remarks)
    return sheets


def _refuse_ragged(sheet: Sheet, grid: Grid, remarks: Remarks) -> None:
    """A row of text that is narrower than the header, or broader, may have lost a separator."""
    filled = {line for line, _ in sheet.rows()}
    rows = [(line, row) for line, row in zip(grid.lines, grid.rows, strict=True) if line in filled]
    width = len(rows[0][1]) if rows else 0
    for line, row in rows:
        if len(row) < width or any(str(cell).strip() for cell in row[width:]):
            remarks.error(f"{grid.title}!A{line}", "ragged", count=len(row), width=width)


def read_other_book(data: bytes, remarks: Remarks) -> list[Sheet]:
    """Return the sheets of an .ods or .xls workbook, as values."""
    return [*map(sheet_of, read_spreadsheet(data, "", remarks))]


def sheet_of(grid: Grid) -> Sheet:
    """Return a grid as a sheet."""
    cells = {
        (line, column): RawCell(cell, KINDS.get(type(cell), "n"))
        for line, row in zip(grid.lines, grid.rows, strict=True)
        for column, cell in enumerate(row, 1)
        if cell not in ("", None)
    }
    areas = (
        (f"{letters(a[1] + 1)}{a[0] + 1}", f"{letters(b[1] + 1)}{b[0] + 1}") for a, b in grid.merged
    )
    return Sheet(grid.title, cells, tuple(":".join(area) for area in areas))


KINDS = {str: "s", bool: "b", dt.date: "d", dt.datetime: "d"}
"""What the file would say of a value; of all others that it is a number."""

BOOKS = {".xlsx": read_book, ".ods": read_other_book, ".xls": read_other_book}
"""How a workbook is read, by its suffix."""
