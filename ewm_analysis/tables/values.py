"""The figures of one indicator as a table: years side by side, or series."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.indicators.long import series_labels, series_of
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.counts import event_interval
from ewm_analysis.tables.table import Column, Table, say

BETWEEN = " · "


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
    found: dict[str, dict[str, list[Any]]] = {}
    for key, own in series.items():
        for row in own.itertuples():
            line = words.label(dimension, row.category) if dimension else str(row.year)
            column = str(row.year) if dimension and not is_beside else labels[key]
            found.setdefault(line, {}).setdefault(column, []).append(row)
    lines = [*found] if dimension else sorted(found)
    titles = [*dict.fromkeys(title for line in lines for title in found[line])]
    first = f"tables.dimension.{dimension}" if dimension else "tables.column.year"
    columns = [Column(first, lambda line, _: line)]
    for title in titles:
        own = {line: found[line].get(title, []) for line in lines}
        columns.append(Column("", _said, _first, own, title=title))
    notes = []
    if len(titles) == 1:
        chances = {line: _chance(*found[line].values(), words=words) for line in lines}
        if {*chances.values()} != {MISSING}:
            columns.append(Column("tables.values.interval", lambda line, _: chances[line], {}))
            notes.append(words.text("tables.values.chance_note"))
    return Table.of(lines, columns, words).marked(words).noted(*notes)


def _said(rows: list[Any], words: Words) -> str:
    """Return a figure; where a source prints it twice, both."""
    return BETWEEN.join(dict.fromkeys(say(row, words) for row in rows)) or MISSING


def _first(rows: list[Any], _: Words) -> Any:
    return rows[0].value if rows else pd.NA


def _chance(rows: list[Any], *, words: Words) -> str:
    limits = event_interval(rows[0])
    if limits is None:
        return MISSING
    low, high = (words.number(limit, 0) for limit in limits)
    return words.text("tables.values.chance", low=low, high=high)
