"""What people do to the sheets of the template, where it has one meaning: read, and told once.

Titles above the header, totals, headings of blocks; "k.A.", "800 T€", "x" in cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TypeVar

from ewm_analysis.contracts import Column
from ewm_analysis.intake.cells import UncertainCellError
from ewm_analysis.intake.columns import plain
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.list_rows import DEPTH, FEW, LISTED
from ewm_analysis.intake.readings import (
    Read,
    cleaned,
    is_missing,
    is_total,
    read_amount,
    read_answer,
    read_day,
    words,
)
from ewm_analysis.intake.sheets import RawCell, Sheet, is_blank
from ewm_analysis.l10n import Locale, format_number, in_language

Row = dict[int, RawCell]
Value = TypeVar("Value")

LOOSE = ("number", "boolean", "date")
"""Kinds of columns whose cells are read loosely; texts stay as they are."""


def header_of(sheet: Sheet, known: Mapping[str, str]) -> tuple[int, Row]:
    """Return the row with most of the headers that are known, with its line; else the first."""
    rows = [*islice(sheet.rows(), DEPTH)]
    counts = [
        sum(cell.kind == "s" and plain(str(cell.value)) in known for cell in row.values())
        for _, row in rows
    ]
    return rows[counts.index(max(counts))] if rows else (1, {})


def body_of(
    sheet: Sheet, places: Mapping[str, int], columns: Mapping[str, Column], remarks: Remarks
) -> list[tuple[int, Row]]:
    """Return the rows below the header; totals, headings and repeated headers are told."""
    header, top = 0, {}
    for line, row in sheet.rows():
        if all(at in row for at in places.values()):
            header, top = line, row
            break
    titles = {at: plain(str(cell.value)) for at, cell in top.items()}
    amounts = {at for name, at in places.items() if columns[name].kind == "number"}
    kept: list[tuple[int, Row]] = []
    left: dict[str, list[str]] = {}
    for line, row in sheet.rows():
        if line <= header:
            continue
        if reason := _reason(row, titles, amounts, len(places)):
            first = cleaned(str(row[min(row)].value))
            left.setdefault(reason, []).append(f"{line}: {first}")
        else:
            kept.append((line, row))
    for reason, told in left.items():
        number = format_number(len(told), remarks.locale)
        few = "; ".join(told[:LISTED]) + "; …" * (len(told) > LISTED)
        remarks.add("note", sheet.title, f"left_out.{reason}", count=number, rows=few)
    return kept


def _reason(row: Row, titles: Mapping[int, str], amounts: set[int], width: int) -> str:
    first = row[min(row)]
    texts = [str(cell.value) for cell in row.values() if cell.kind == "s"]
    if {*row} <= amounts or (len(row) <= width / 2 and any(map(is_total, texts))):
        return "total"
    same = sum(plain(str(cell.value)) == titles.get(at) for at, cell in row.items())
    if same > len(row) / 2:
        return "header"
    is_lone = len(row) == 1 and width > FEW and " " in str(first.value).strip()
    return "heading" if is_lone else ""


def marked_columns(
    rows: Sequence[tuple[int, Row]], places: Mapping[str, int], columns: Mapping[str, Column]
) -> set[str]:
    """Return the columns of yes and no in which every filled cell is a mark: the others mean no."""
    found = set()
    for name, at in places.items():
        if columns[name].kind == "boolean":
            cells = [row[at] for _, row in rows if at in row and not is_blank(row[at])]
            is_marked = [cleaned(str(cell.value)).casefold() in words()["mark"] for cell in cells]
            if is_marked and all(is_marked):
                found.add(name)
    return found


def read_loosely(cell: RawCell, column: Column, locale: Locale) -> Read | None:
    """Return what a cell means that is not written as it should be; None if that is not certain.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects, columns_of
    >>> read_loosely(RawCell("800 T€"), columns_of(Projects)["volume_eur"], "de")
    Read(value=800000.0, how='amount')
    >>> read_loosely(RawCell("viel"), columns_of(Projects)["volume_eur"], "de")
    """
    if column.kind not in LOOSE or cell.kind != "s" or not isinstance(cell.value, str):
        return None
    if is_missing(cell.value) and column.kind != "boolean":
        return Read("" if column.kind == "date" else None, "missing")
    try:
        if column.kind == "boolean":
            return read_answer(cell.value)
        if column.kind == "date":
            day = str(read_day(cell.value, locale).value)
            return Read(day, "day") if len(day) == len("2022-12-31") else None
        return read_amount(cell.value, locale) if column.unit == "EUR" else None
    except UncertainCellError:
        return None


class Readings:
    """Readings of the cells of a table, told once for those that are alike."""

    def __init__(self, remarks: Remarks) -> None:
        self.remarks = remarks
        self.seen: dict[tuple[str, str], Counter[str]] = {}
        self.first: dict[tuple[str, str], tuple[str, Column]] = {}

    def note(self, column: Column, how: str, written: object, place: str, value: Value) -> Value:
        """Note how a cell was read, and return its value."""
        key = (column.name, how or "amount")
        self.seen.setdefault(key, Counter())[cleaned(str(written))] += 1
        self.first.setdefault(key, (place, column))
        return value

    def tell(self) -> None:
        """Tell what was noted."""
        locale = self.remarks.locale
        for key, seen in self.seen.items():
            place, column = self.first[key]
            few = [f"{text} ({format_number(n, locale)}×)" for text, n in seen.most_common(LISTED)]
            facts = {
                "count": format_number(seen.total(), locale),
                "values": ", ".join(few) + ", …" * (len(seen) > LISTED),
                "field": in_language(column.title, locale),
            }
            self.remarks.add("note", place, f"reading.{key[1]}", "", **facts)
