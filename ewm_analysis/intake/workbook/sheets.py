"""A source as sheets of raw cells: what a workbook and a folder of CSV have in common."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ewm_analysis import l10n
from ewm_analysis.contracts.layout import RECORDS
from ewm_analysis.l10n import LOCALES, Locale

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
