"""A sentence for any indicator: the course of one series, or the highest figures of several."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.figures.cells import hedged
from ewm_analysis.figures.values import known_rows
from ewm_analysis.indicators.series import series_labels, series_of
from ewm_analysis.statistics.counts import event_interval

NAMED = 3
"""Figures that the sentence names."""


def describe_values(rows: pd.DataFrame, words: Words) -> str:
    """Say what the figures of one indicator show.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    known = known_rows(rows)
    if known["dimension"].iloc[0]:
        return _say_highest(known, words)
    series = series_of(known, words)
    if len(series) > 1:
        return _say_highest(known, words)
    ((key, own),) = series.items()
    return _say_course(series_labels([key], words)[key], own, words)


def _say_course(who: str, own: pd.DataFrame, words: Words) -> str:
    """Say the first and the last figure of one series, and what chance allows."""
    rows = [*own.itertuples()]
    first, before, last = rows[0], rows[max(len(rows) - 2, 0)], rows[-1]
    told = {"first": first, "before": before, "last": last}
    key = ("one", "two", "more")[min(len(rows), 3) - 1]
    said = words.text(
        f"figures.values.{key}",
        name=words.indicator(last.indicator),
        who=who,
        **{name: _hedged(row, words) for name, row in told.items()},
        **{f"{name}_year": row.year for name, row in told.items()},
    )
    limits = event_interval(last)
    if limits is None:
        return said
    low, high = (words.number(limit, 0) for limit in limits)
    chance = words.text("figures.values.chance", year=last.year, low=low, high=high)
    return f"{said} {chance}"


def _hedged(row: Any, words: Words) -> str:
    return hedged(words.value(row.indicator, float(row.value)), row.precision, words)


def _say_highest(known: pd.DataFrame, words: Words) -> str:
    """Name the highest figures of the last year."""
    year = int(known["year"].max())
    last = known[known["year"] == year].sort_values("value", ascending=False, kind="stable")
    name = words.indicator(str(last["indicator"].iloc[0]))
    if float(last["value"].max()) == 0 == float(last["value"].min()):
        return words.text("figures.values.zero", name=name, year=year)
    if last["cluster_id"].nunique() > 1 and {*last["scope"]} == {"core", "total"}:
        last = last[last["scope"] == "total"]  # a core is not ranked among whole clusters
    last = last[~_is_part(last, words)]
    series = series_of(last, words)
    labels = series_labels(series, words)
    owner = {row: labels[key] for key, own in series.items() for row in own.index}
    items = []
    for row in last.head(NAMED).itertuples():
        who = [] if len(series) == 1 and row.category else [owner[row.Index]]
        if row.category:
            who.append(words.label(row.dimension, row.category))
        said = words.text("figures.values.item", who=": ".join(who), value=_hedged(row, words))
        items.append(said)
    form = "single" if len(items) == 1 else "highest"
    return words.text(f"figures.values.{form}", name=name, year=year, items=words.join(items))


def _is_part(rows: pd.DataFrame, words: Words) -> pd.Series:
    """True for sub-categories whose parent stands beside them."""
    listed = words.reference.valid(str(rows["dimension"].iloc[0]))
    parts = listed.loc[listed["parent"].isin({*rows["category"]} - {""}), "category"]
    return rows["category"].isin(parts)
