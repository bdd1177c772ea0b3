"""A figure and a sentence for any indicator: lines by year, bars by category, or both as matrix."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import (
    PANELS,
    Bar,
    draw_bars,
    draw_matrix,
    label_ends,
    panels,
    with_gaps,
    wrapped,
)
from ewm_analysis.figures.cells import hedged, marked
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import ACCENT, INK, MAIN, TRACK, write_beside
from ewm_analysis.indicators.series import series_labels, series_of
from ewm_analysis.statistics.counts import event_interval

TITLE = 46
"""Longest line of a panel's title, in characters."""
ONE_PANEL, PANEL, NOTE = 2.7, 1.75, 0.3
"""Heights of a single panel, of one among others, and of the note, in inches."""
MOST_LABELS = 6
"""Of more years only the ends of a line carry their value."""
TOO_FLAT = 8
"""Panels whose values are smaller by this factor would be flat on the scale of the largest."""
NAMED = 3
"""Figures that the sentence names."""
SCOPES = {"core": ACCENT, "total": MAIN}

Key = tuple[Any, ...]
Lines = list[pd.DataFrame]


def draw_values(view: View, _: Axes | None) -> Axes:
    """Lines by year, or the last year by category."""
    known, words = _known(view.rows), view.words
    if known["dimension"].iloc[0]:
        return _draw_categories(known[known["year"] == known["year"].max()], words)
    series = series_of(known, words)
    if max(own["year"].nunique() for own in series.values()) > 1:
        return _draw_panels(series, view)
    labels = series_labels(series, words)  # one year a series: a bar each, with its year
    return _draw_bars(
        [
            Bar(f"{labels[key]} ({row.year})", float(row.value), _text(row, words))
            for key, own in series.items()
            for row in own.itertuples()
        ]
    )


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    known = rows[rows["value"].notna()]
    if known.empty:
        raise MissingDataError("There is no number to show.")
    return known


def _text(row: Any, words: Words) -> str:
    star = "*" if row.is_year_inferred else ""
    return marked(words.value(row.indicator, float(row.value)), row.precision) + star


def _draw_bars(bars: list[Bar]) -> Axes:
    """Bars with room for those to the left of zero, and for their numbers."""
    ax = draw_bars(None, bars)
    values = [bar.value for bar in bars]
    if min(values) < 0:
        reach = max(*values, 0.0) - min(values)
        ax.set_xlim(min(values) - 0.15 * reach, max(*values, 0.0))
        ax.axvline(0, color=INK, linewidth=0.6)
        ax.spines["left"].set_visible(False)
    return ax


def _draw_categories(rows: pd.DataFrame, words: Words) -> Axes:
    """One series as bars; several as a matrix, so that all can be read beside each other."""
    dimension = str(rows["dimension"].iloc[0])
    order = [*words.reference.valid(dimension)["category"]]
    present = [*dict.fromkeys(rows["category"])]
    codes = sorted(present, key=lambda code: order.index(code) if code in order else 0)
    series = series_of(rows, words)
    found = [{row.category: row for row in own.itertuples()} for own in series.values()]
    labels = {code: words.label(dimension, code) for code in codes}
    if len(found) == 1:
        cells = [found[0][code] for code in codes]
        bars = [Bar(labels[cell.category], float(cell.value), _text(cell, words)) for cell in cells]
        # places and clusters have no order of their own
        return _draw_bars(bars if order else sorted(bars, key=lambda bar: -bar.value))
    values = np.array(
        [[float(own[code].value) if code in own else np.nan for own in found] for code in codes]
    )
    texts = [[_text(own[code], words) if code in own else "" for own in found] for code in codes]
    columns = [*series_labels(series, words, short=True).values()]
    top = float(np.nanmax(values))
    return draw_matrix(None, values, texts, [*map(wrapped, labels.values())], columns, top=top)


# --- lines by year ------------------------------------------------------------------------------


def _draw_panels(series: dict[Key, pd.DataFrame], view: View) -> Axes:
    """A panel a cluster, all on one scale; core and whole cluster share a panel."""
    grouped: dict[Key, dict[str, pd.DataFrame]] = {}
    for (cluster, region, scope, *rest), own in series.items():
        grouped.setdefault((cluster, region, "", *rest), {})[str(scope)] = own
    scales, is_own = _scales([[*scopes.values()] for scopes in grouped.values()])
    has_band = all(event_interval(row) for row in _rows(series.values()))
    notes = [view.name("band")] * has_band + [view.name("own_scale")] * is_own
    titles = [textwrap.fill(label, TITLE) for label in series_labels(grouped, view.words).values()]
    is_wide = len(titles) == 1  # the heading names a single one
    height = ONE_PANEL if len(titles) <= PANELS else PANEL
    flat = panels(
        [""] if is_wide else titles, " ".join(notes), height, NOTE, min(PANELS, len(titles))
    )
    years = [int(row.year) for row in _rows(series.values())]
    for ax, scopes, (low, high) in zip(flat, grouped.values(), scales, strict=True):
        for scope, own in scopes.items():
            _draw_line(ax, own, ACCENT if scope == "core" else MAIN)
        _draw_labels(ax, [*scopes.values()], view.words, is_wide=is_wide)
        _finish_panel(ax, min(years), max(years), has_ends=len(scopes) > 1)
        ax.set_ylim(low, low + 1.16 * ((high - low) or 1.0))
    _draw_legend(flat[0].figure, {str(key[2]) for key in series}, view.words)
    return flat[0]


def _rows(lines: Any) -> Iterator[Any]:
    return (row for own in lines for row in own.itertuples())


def _draw_line(ax: Axes, own: pd.DataFrame, color: str) -> None:
    rows = [*own.itertuples()]
    years, values = [int(row.year) for row in rows], [float(row.value) for row in rows]
    limits = [event_interval(row) for row in rows]
    if all(limits):
        low, high = zip(*(each for each in limits if each), strict=True)
        ax.fill_between(years, low, high, color=TRACK, zorder=0)
    course = with_gaps(own.groupby("year")["value"].first().astype(float))
    ax.plot(course.index, course, color=color, linewidth=1.6)
    ax.plot(years, values, "o", color=color, markersize=3.6)


def _draw_labels(ax: Axes, lines: Lines, words: Words, *, is_wide: bool) -> None:
    """Label a single line above its points, several lines to the right of their ends."""
    size = 8 + is_wide
    if len(lines) > 1:
        last = [[*own.itertuples()][-1] for own in lines]
        ends = [(float(row.value), int(row.year), _text(row, words), INK) for row in last]
        label_ends(ax, ends, 6, 4, fontsize=size)
        return
    rows = [*lines[0].itertuples()]
    shown = rows if is_wide and len(rows) <= MOST_LABELS else [rows[0], rows[-1]]
    look = {"ha": "center", "va": "baseline", "color": INK, "fontsize": size}
    for row in {row.Index: row for row in shown}.values():
        write_beside(ax, _text(row, words), (int(row.year), float(row.value)), (0, 6), **look)


def _finish_panel(ax: Axes, first: int, last: int, *, has_ends: bool) -> None:
    span = last - first
    margin = 0.4 if span < MOST_LABELS else 0.08 * span
    ax.set_xlim(first - margin, last + (0.3 * span if has_ends else margin))
    ax.spines["bottom"].set_bounds(first - margin, last if has_ends else last + margin)
    step = 1 if span < MOST_LABELS else max(2, round(span / 4))
    years = [*range(last, first - 1, -step)]
    ax.set_xticks(years, [str(year) for year in years], fontsize=8)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)


def _scales(grouped: Sequence[Lines]) -> tuple[list[tuple[float, float]], bool]:
    """Return the ends of each panel, from zero so that heights can be compared.

    Panels that would be flat beside the largest have scales of their own, which is told.
    """
    ends = []
    for lines in grouped:
        values = [float(row.value) for row in _rows(lines)]
        values += [high for row in _rows(lines) for _, high in [event_interval(row) or (0.0, 0.0)]]
        ends.append((min(0.0, *values), max(0.0, *values)))
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    is_own = any(top - bottom < (high - low) / TOO_FLAT for bottom, top in ends)
    return ends if is_own else [(low, high)] * len(ends), is_own


def _draw_legend(figure: Any, scopes: set[str], words: Words) -> None:
    handles = [
        Patch(color=color, label=words.text(f"word.scope.{scope}"))
        for scope, color in SCOPES.items()
        if scope in scopes
    ]
    if handles:
        figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))


# --- the sentence -------------------------------------------------------------------------------


@tells(
    "name who first first_year before before_year last last_year low high",
    "year several single value",
)
def value_facts(view: View) -> dict[str, Any]:
    """The course of one series, or the highest figures of several."""
    known, words = _known(view.rows), view.words
    series = series_of(known, words)
    if known["dimension"].iloc[0] or len(series) > 1:
        return _highest(known, view)
    ((key, own),) = series.items()
    rows = [*own.itertuples()]
    told = {"last": rows[-1]}
    told |= {"first": rows[0]} if len(rows) > 1 else {}
    told |= {"before": rows[-2]} if len(rows) > 2 else {}
    limits = event_interval(rows[-1]) or ()
    return {
        "name": words.indicator(rows[-1].indicator),
        "who": series_labels([key], words)[key],
        **{name: _hedged(row, words) for name, row in told.items()},
        **{f"{name}_year": row.year for name, row in told.items()},
        **{name: words.number(end, 0) for name, end in zip(("low", "high"), limits, strict=False)},
    }


def _hedged(row: Any, words: Words) -> str:
    return hedged(words.value(row.indicator, float(row.value)), row.precision, words)


def _highest(known: pd.DataFrame, view: View) -> dict[str, Any]:
    """The highest figures of the last year."""
    words, year = view.words, int(known["year"].max())
    last = known[known["year"] == year].sort_values("value", ascending=False, kind="stable")
    facts = {"name": words.indicator(str(last["indicator"].iloc[0])), "year": year}
    if float(last["value"].max()) == 0 == float(last["value"].min()):
        return facts
    if last["cluster_id"].nunique() > 1 and {*last["scope"]} == {"core", "total"}:
        last = last[last["scope"] == "total"]  # a core is not ranked among whole clusters
    last = last[~_is_part(last, words)]
    series = series_of(last, words)
    labels = series_labels(series, words)
    owner = {row: labels[key] for key, own in series.items() for row in own.index}
    items = []
    for row in last.head(NAMED).itertuples():
        who = [] if len(series) == 1 and row.category else [owner[row.Index]]
        who += [words.label(row.dimension, row.category)] if row.category else []
        items.append(view.say("item", who=": ".join(who), value=_hedged(row, words)))
    return facts | {"single" if len(items) == 1 else "several": items}


def _is_part(rows: pd.DataFrame, words: Words) -> pd.Series:
    """True for sub-categories whose parent stands beside them."""
    listed = words.reference.valid(str(rows["dimension"].iloc[0]))
    parts = listed.loc[listed["parent"].isin({*rows["category"]} - {""}), "category"]
    return rows["category"].isin(parts)
