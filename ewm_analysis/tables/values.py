"""The figures of one indicator as a table: years side by side, or series."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.indicators.series import series_labels, series_of
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.counts import event_interval
from ewm_analysis.tables.table import Table, notes, raw, say

BETWEEN = " · "
Cells = dict[str, dict[str, list[Any]]]
"""Rows of the long table by heading of the row and heading of the column."""


def values_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the figures of one indicator: years by series, or categories by year.

    Several series that are divided by category stand beside each other, with their last year.
    A single count of events has its interval beside it.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one indicator and one breakdown; withheld ones without value.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If there is no row.
    """
    dimension = str(rows["dimension"].iloc[0]) if len(rows) else ""
    series = series_of(rows, words)
    is_beside = len(series) > 1
    if dimension and is_beside:
        series = series_of(rows[rows["year"] == rows["year"].max()], words)
    labels = series_labels(series, words, short=is_beside)
    found: Cells = {}
    for key, own in series.items():
        for row in own.itertuples():
            line = words.label(dimension, row.category) if dimension else str(row.year)
            column = str(row.year) if dimension and not is_beside else labels[key]
            found.setdefault(line, {}).setdefault(column, []).append(row)
    if not dimension:
        found = {year: found[year] for year in sorted(found)}
    first = f"tables.dimension.{dimension}" if dimension else "tables.column.year"
    return _table(found, words.text(first), words)


def _table(found: Cells, first: str, words: Words) -> Table:
    columns = [*dict.fromkeys(name for line in found.values() for name in line)]
    cells = [
        [line, *(_said(own.get(name, []), words) for name in columns)]
        for line, own in found.items()
    ]
    values = [
        [line, *(raw(own[name][0]) if name in own else pd.NA for name in columns)]
        for line, own in found.items()
    ]
    header = [first, *columns]
    frame = pd.DataFrame(values, columns=header).astype(dict.fromkeys(columns, "Float64"))
    told = notes(cells, words)
    chances = [_chance(line, words) for line in found.values()]
    if len(columns) == 1 and {*chances} != {MISSING}:
        header = [*header, words.text("tables.values.interval")]
        cells = [[*line, chance] for line, chance in zip(cells, chances, strict=True)]
        told.append(words.text("tables.values.chance_note"))
    return Table(frame, header, cells, numbers=range(1, len(header)), notes=told)


def _said(rows: list[Any], words: Words) -> str:
    """Return a figure; where a source prints it twice, both."""
    return BETWEEN.join(dict.fromkeys(say(row, words) for row in rows)) or MISSING


def _chance(line: dict[str, list[Any]], words: Words) -> str:
    ((row, *_), *_) = line.values()
    limits = event_interval(row)
    if limits is None:
        return MISSING
    low, high = (words.number(limit, 0) for limit in limits)
    return words.text("tables.values.chance", low=low, high=high)
