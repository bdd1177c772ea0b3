"""The numbers behind a figure as a table to read: what all rows share is said once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ewm_analysis.l10n import Locale, format_number, text
from ewm_analysis.report.bundles import Cell

YEARS = tuple(
    f"{area}.column.{name}"
    for area, names in {
        "notebook": ("year",),
        "values": ("year", "base_year", "first_year", "last_year"),
    }.items()
    for name in names
)
"""Messages that head a column of years, which take no thousands separator."""

SOURCE = "notebook.column.source"
"""Heads a column that the line below the figure already says."""

DIGITS = 3


@dataclass(frozen=True)
class ValueTable:
    """Texts of a table: its shared cells by heading, its header and rows, which are numbers."""

    shared: Mapping[str, str]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int]


def value_table(header: Sequence[str], rows: Sequence[Sequence[Cell]], locale: Locale) -> Any:
    """Return the numbers of a figure as a table of texts.

    Examples
    --------
    >>> table = value_table(["Jahr", "Einheit", "Wert"], [[2020, "Euro", 1], [2021, "Euro", 0.25]],
    ...     "de")
    >>> table.shared, table.header, table.rows
    ({'Einheit': 'Euro'}, ['Jahr', 'Wert'], [['2020', '1'], ['2021', '0,25']])
    """
    years = {text(key, locale) for key in YEARS}
    columns = {
        name: [_shown(row[place], name in years, locale) for row in rows]
        for place, name in enumerate(header)
        if name != text(SOURCE, locale)
    }
    is_number = {
        name: _is_number([row[place] for row in rows]) for place, name in enumerate(header)
    }
    shared = {
        name: cells[0]
        for name, cells in columns.items()
        if len(rows) > 1 and len(set(cells)) == 1 and not is_number[name]
    }
    kept = [name for name, cells in columns.items() if name not in shared and any(cells)]
    return ValueTable(
        shared={name: cell for name, cell in shared.items() if cell},
        header=kept,
        rows=[list(line) for line in zip(*(columns[name] for name in kept), strict=True)],
        numbers=frozenset(place for place, name in enumerate(kept) if is_number[name]),
    )


def _is_number(cells: Sequence[Cell]) -> bool:
    return any(isinstance(cell, int | float) for cell in cells)


def _shown(cell: Cell, is_year: bool, locale: Locale) -> str:
    if cell is None or isinstance(cell, str | bool):
        return "" if cell is None else str(cell)
    if is_year:
        return str(cell)
    digits = next((n for n in range(DIGITS) if round(cell, n) == cell), DIGITS)
    return format_number(cell, locale, digits)
