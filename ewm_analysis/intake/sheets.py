"""A source as sheets of raw cells, a workbook or a folder of CSV, and what is said about it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet._reader import WorkSheetParser

from ewm_analysis import l10n
from ewm_analysis.contracts import RECORDS
from ewm_analysis.intake.findings import Level
from ewm_analysis.l10n import LOCALES, Locale
from ewm_analysis.loaders.read import DAMAGED_WORKBOOK
from ewm_analysis.loaders.workbook_safety import LARGEST_FILE, find_refusal


@dataclass(frozen=True)
class Remark:
    """One remark on a cell, a sheet or a file, in the language of the report.

    ``name`` is stable, and what ``--accept`` takes for a warning. ``place`` is sheet and cell,
    the sheet alone, or empty for the file as a whole.
    """

    level: Level
    name: str
    place: str
    value: str
    text: str

    def said(self, locale: Locale) -> str:
        """Return the remark on one line."""
        shown = l10n.text("intake.quoted", locale, value=self.value) if self.value else ""
        head = ": ".join(part for part in (self.place, shown) if part)
        return f"{head} – {self.text}" if head else self.text


@dataclass
class Remarks:
    """Collects remarks in one language."""

    locale: Locale
    all: list[Remark] = field(default_factory=list)

    def error(self, place: str, key: str, value: object = "", /, **facts: object) -> None:
        """Note what keeps the records from being written; `key` lies below ``intake.``."""
        self.add("error", place, key, value, **facts)

    def add(
        self, level: Level, place: str, key: str, value: object = "", /, **facts: object
    ) -> None:
        """Note a remark of any level."""
        text = l10n.text(f"intake.{key}", self.locale, **facts)
        name = key.rpartition(".")[2].replace("_", "-")
        self.all.append(Remark(level, name, place, shortened(value), text))

    @property
    def has_errors(self) -> bool:
        """Whether anything keeps the records from being written."""
        return any(remark.level == "error" for remark in self.all)


def shortened(value: object) -> str:
    """Return a value as one line of at most 60 characters.

    Examples
    --------
    >>> shortened("a\\nb"), len(shortened("x" * 1000))
    ('a b', 60)
    """
    line = "".join(sign if sign.isprintable() else " " for sign in str(value)[:1000])
    return line if len(line) <= 60 else f"{line[:59]}…"


HINTS = {
    "de": {
        "allowed:": "erlaubt:",
        r"Did you mean '(.*)'\?": r"Gemeint ist vielleicht „\1“?",
    }
}
"""What contracts say at the end of a failure, by language."""


def closing(rest: str, locale: Locale) -> str:
    """Return the end of a sentence: the codes and the hint that a failure names, or a full stop.

    Examples
    --------
    >>> closing(". Did you mean 'imk'?", "de"), closing("", "de")
    ('. Gemeint ist vielleicht „imk“?', '.')
    """
    for english, own in HINTS.get(locale, {}).items():
        rest = re.sub(english, own, rest)
    return rest if rest.endswith("?") else f"{rest}."


SUPPORT = ("guide", "definitions", "lists")
"""Sheets of the template that hold no records."""


@dataclass(frozen=True)
class RawCell:
    """A cell as it stands in the file.

    ``kind`` is what the file says: s text, n number, b boolean, d date, e error, f formula.
    ``is_plain`` is False where a number is shown otherwise than it is, as 7 by "007".
    """

    value: object
    kind: str = "s"
    is_plain: bool = True


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet, or one CSV file, by row and column; both count from 1."""

    title: str
    cells: Mapping[tuple[int, int], RawCell]
    merged: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Name of the table or of the template's own sheet that the title stands for, or ""."""
        return table_of(self.title)

    def place(self, row: int, column: int) -> str:
        """Return a cell's place: "Projekte!F17"."""
        return f"{self.title}!{letters(column)}{row}"

    def rows(self) -> Iterator[tuple[int, dict[int, RawCell]]]:
        """Yield each row that holds anything, with its number."""
        rows: dict[int, dict[int, RawCell]] = {}
        for (row, column), cell in sorted(self.cells.items()):
            if not is_blank(cell):
                rows.setdefault(row, {})[column] = cell
        yield from rows.items()


def letters(column: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> letters(1), letters(27), letters(16384)
    ('A', 'AA', 'XFD')
    """
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def is_blank(cell: RawCell) -> bool:
    """Return whether a cell holds nothing but blanks."""
    text = cell.value
    return cell.kind != "f" and (text is None or (isinstance(text, str) and not text.strip()))


def plain(text: str) -> str:
    """Return a title or header as it is compared: without case, star and doubled blanks.

    Examples
    --------
    >>> plain("  Projekt\\n volumen *")
    'projekt volumen'
    """
    return " ".join(unicodedata.normalize("NFC", text).split()).rstrip("* ").casefold()


def sheet_title(table: str, locale: Locale) -> str:
    """Return the title of a table's sheet in the template: "Projekte"."""
    return l10n.text(f"intake.sheet.{table}", locale)


def table_of(title: str) -> str:
    """Return what a sheet's title stands for: the stem of a table, a sheet of ours, or "".

    Examples
    --------
    >>> table_of("Projekte "), table_of("projects"), table_of("Tabelle1")
    ('projects', 'projects', '')
    """
    for table in (*RECORDS, *SUPPORT):
        names = {table, *(plain(sheet_title(table, locale)) for locale in LOCALES)}
        if plain(title) in names:
            return table
    return ""


PLAIN_FORMATS = (0, 1, 49)
"""Numbers of the formats General, 0 and Text: a whole number is shown as it is."""


def read_book(data: bytes, remarks: Remarks) -> list[Sheet]:
    """Return all sheets of a workbook, the hidden ones too; none if it is refused."""
    refusal = find_refusal(data)
    if refusal:
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
        for _, row in parser.parse():
            for cell in row:
                place = (cell["row"], cell["column"])
                if cell["value"] is None and cell["data_type"] != "f":
                    continue
                if place in cells:
                    repeated.append(f"{letters(place[1])}{place[0]}")
                style = book._cell_styles[cell["style_id"]]
                plain = style.numFmtId in PLAIN_FORMATS
                cells[place] = RawCell(_value(cell), cell["data_type"], plain)
    merged = parser.merged_cells.mergeCell if parser.merged_cells else []
    return Sheet(
        sheet.title,
        cells,
        merged=tuple(str(area.ref) for area in merged),
        repeated=tuple(repeated),
        hidden=_hidden(sheet, parser),
    )


def _value(cell: dict[str, Any]) -> object:
    value = cell["value"]
    return getattr(value, "text", value) if cell["data_type"] == "f" else value


def _hidden(sheet: Any, parser: Any) -> tuple[str, ...]:
    """Return what is hidden: "sheet", "rows", "columns"."""
    found = ["sheet"] if sheet.sheet_state != "visible" else []
    for name, parts in (("rows", parser.row_dimensions), ("columns", parser.column_dimensions)):
        if any(part.get("hidden") in ("1", "true") for part in parts.values()):
            found.append(name)
    return tuple(found)


BOM = b"\xef\xbb\xbf"
UTF_8_IN_CP1252 = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
"""Letters of UTF-8 in a file that is not UTF-8: two encodings were mixed."""

DELIMITERS = (";", ",")


def read_folder(
    files: dict[str, bytes], headers: dict[str, frozenset[str]], remarks: Remarks
) -> list[Sheet]:
    """Return one sheet a file."""
    sheets = []
    for name, data in sorted(files.items()):
        stem, dot, suffix = name.rpartition(".")
        if not dot or suffix.lower() != "csv":
            remarks.error(name, "refused.not_csv")
            continue
        text = _decoded(name, data, remarks)
        if text is not None:
            sheets.append(_csv_sheet(stem, text, headers.get(table_of(stem), frozenset()), remarks))
    return sheets


def source_files(source: Path, remarks: Remarks) -> dict[str, bytes]:
    """Return the content of a file, or of a folder's files; not what systems leave behind."""
    paths = [source.resolve()]
    if source.is_dir():
        paths = [
            path
            for path in sorted(source.iterdir())
            if not path.name.startswith((".", "~$")) and path.name != "Thumbs.db"
        ]
    files: dict[str, bytes] = {}
    for path in paths:
        if not path.is_file():
            remarks.error(path.name, "refused.not_csv")
        elif path.stat().st_size > LARGEST_FILE:
            remarks.error(path.name, "refused.large", limit=LARGEST_FILE // 1_000_000)
        else:
            files[path.name] = path.read_bytes()
    return files


def _decoded(name: str, data: bytes, remarks: Remarks) -> str | None:
    """UTF-8 with or without BOM, or else cp1252 if it can be nothing but that."""
    if len(data) > LARGEST_FILE:
        remarks.error(name, "refused.large", limit=LARGEST_FILE // 1_000_000)
        return None
    if b"\0" in data:
        remarks.error(name, "refused.encoding")
        return None
    try:
        return data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    if data.startswith(BOM) or UTF_8_IN_CP1252.search(data):
        remarks.error(f"{name}!A{line}", "refused.mixed_encodings")
        return None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        remarks.error(f"{name}!A{line}", "refused.encoding")
        return None


def _csv_sheet(title: str, text: str, known: Iterable[str], remarks: Remarks) -> Sheet:
    best: tuple[tuple[int, int], list[tuple[int, list[str]]]] = ((-1, 0), [])
    wrong = ""
    for delimiter in DELIMITERS:
        try:
            rows = _rows(text, delimiter)
        except csv.Error as error:
            wrong = str(error)
            continue
        header = rows[0][1] if rows else []
        score = (sum(plain(cell) in known for cell in header), len(header))
        if score > best[0]:
            best = (score, rows)
    if best[0][0] < 0:
        remarks.error(f"{title}!A1", "refused.quotes", wrong)
    return _filled(title, best[1], remarks)


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    for row in reader:
        if any(cell.strip() for cell in row):
            rows.append((line, row))
        line = reader.line_num + 1
    return rows


def _filled(title: str, rows: Sequence[tuple[int, list[str]]], remarks: Remarks) -> Sheet:
    cells: dict[tuple[int, int], RawCell] = {}
    width = len(rows[0][1]) if rows else 0
    for line, row in rows:
        if len(row) < width or any(cell.strip() for cell in row[width:]):
            remarks.error(f"{title}!A{line}", "ragged", count=len(row), width=width)
        for column, cell in enumerate(row, start=1):
            if cell:
                cells[line, column] = RawCell(cell)
    return Sheet(title, cells)
