"""Key figures of a report year beside those of the year before."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.l10n import with_sign
from ewm_analysis.statistics import growth_rate
from ewm_analysis.tables.cells import by_key, latest_year, notes, raw, say, unit
from ewm_analysis.tables.table import Table

KEY_FIGURES = (
    "projects_new", "projects_running", "project_volume", "activities",
    "actors_projects", "actors_activities",
)  # fmt: skip
DECIMAL_BASE = 50
"""Changes of smaller counts are told without decimals."""
SMALL_BASE = 10
"""A growth from fewer than ten is told as a difference: from 2 to 4 is not "+100 %"."""


def key_figures_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return key figures of the latest year and the year before, with their change.

    The change is relative; from a base below 10 it is a difference. It is left out where one
    of the two figures is approximate.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: figures of one cluster up to the report year.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If none of the key figures is known in the two years.
    """
    rows = rows[rows["indicator"].isin(KEY_FIGURES) & (rows["dimension"] == "")]
    found = by_key(rows, words)
    year = latest_year(rows) if len(rows) else 0
    cells, values, is_small = [], [], False
    for name in KEY_FIGURES:
        now, before = (found.get((name, known, "", "")) for known in (year, year - 1))
        if now is None and before is None:
            continue
        relative, absolute = _change(now, before)
        is_count = indicator(name).unit == "count"
        small = is_count and pd.notna(absolute) and raw(before) < SMALL_BASE
        is_small |= small
        digits = _digits(now, before) if is_count else 1
        change = with_sign(words.count(absolute)) if small else words.change(relative, digits)
        cells.append([words.indicator(name), say(now, words), say(before, words), change])
        numbers = [raw(now), raw(before), relative, absolute]
        values.append([words.indicator(name), unit(name, words), *numbers])
    names = ("figure", "unit", "change_relative", "change_absolute", "change")
    first, units, *changes, change_name = (words.text(f"tables.column.{name}") for name in names)
    years = [str(year), str(year - 1)]
    frame = pd.DataFrame(values, columns=[first, units, *years, *changes])
    frame = frame.astype(dict.fromkeys([*years, *changes], "Float64"))
    told = notes(cells, words) + ([words.text("tables.note.small_base")] if is_small else [])
    return Table(frame, [first, *years, change_name], cells, numbers=(1, 2, 3), notes=told)


def _change(now: Any, before: Any) -> tuple[Any, Any]:
    exact = [row is not None and row.precision == "exact" for row in (now, before)]
    if not all(exact):
        return pd.NA, pd.NA
    return growth_rate(before.value, now.value), now.value - before.value


def _digits(now: Any, before: Any) -> int:
    """A tenth of a per cent says nothing of 34 projects."""
    known = [row.value for row in (now, before) if row is not None and pd.notna(row.value)]
    return 0 if min(known, default=0) < DECIMAL_BASE else 1
