"""Tab. 2: actors by type, companies by size, in other activities and in projects."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING
from ewm_analysis.tables.cells import CONFIDENTIAL, by_key, latest_year, raw, say
from ewm_analysis.tables.table import Table

COLUMNS = ("actors_activities", "actors_projects")


def actors_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return Tab. 2: types of actors, size classes below companies, and the total.

    The total is the printed or computed figure, never a sum made here. Zero is shown as a
    dash, as the reports do; what is not published is named so.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: ``actors_activities`` and ``actors_projects`` of one
        cluster, undivided, by ``actor_type`` and by ``size_class``.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If no figure by type or size is known.
    """
    divided = rows[rows["indicator"].isin(COLUMNS) & rows["dimension"].isin(_DIMENSIONS)]
    if divided.empty:
        return Table(divided, [], [])
    year = latest_year(divided)
    found = by_key(rows, words)
    lines: list[tuple[str, str, list[Any]]] = []
    for dimension, code in _categories(words, year):
        figures = [found.get((name, year, dimension, code)) for name in COLUMNS]
        if any(figure is not None for figure in figures):
            lines.append((dimension, words.label(dimension, code), figures))
    totals = [found.get((name, year, "", "")) for name in COLUMNS]
    lines.append(("", words.text("tables.total"), totals))
    cells = [
        [_heading(dimension, label, words), *(_cell(row, words) for row in figures)]
        for dimension, label, figures in lines
    ]
    header = [words.text("tables.dimension.actor_type"), *map(words.indicator, COLUMNS)]
    values = [[cell[0], *map(raw, line[2])] for cell, line in zip(cells, lines, strict=True)]
    frame = pd.DataFrame(values, columns=header).astype(dict.fromkeys(header[1:], "Int64"))
    indented = [place for place, line in enumerate(lines) if line[0] == "size_class"]
    told = _notes(cells, words)
    return Table(frame, header, cells, numbers=(1, 2), indented=indented, notes=told)


_DIMENSIONS = ("actor_type", "size_class")


def _categories(words: Words, year: int) -> list[tuple[str, str]]:
    """Types in the order of the reference table; sizes follow the companies."""
    sizes = [("size_class", code) for code in words.reference.valid("size_class", year)["category"]]
    found: list[tuple[str, str]] = []
    for code in words.reference.valid("actor_type", year)["category"]:
        found.append(("actor_type", code))
        found += sizes if code == "company" else []
    return found


def _heading(dimension: str, label: str, words: Words) -> str:
    return words.text("tables.of_which", label=label) if dimension == "size_class" else label


def _cell(row: Any, words: Words) -> str:
    if row is None:
        return words.text("tables.not_stated")
    return MISSING if pd.notna(row.value) and row.value == 0 else say(row, words)


def _notes(cells: list[list[str]], words: Words) -> list[str]:
    shown = {cell for line in cells for cell in line[1:]}
    stated = words.text("tables.not_stated")
    marks = {"zero": MISSING, "not_stated": stated, "withheld": CONFIDENTIAL}
    return [words.text(f"tables.note.{key}") for key, mark in marks.items() if mark in shown]
