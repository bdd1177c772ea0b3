"""A figure and a sentence for any indicator: lines by year, bars by category, or both as matrix."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
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
from ewm_analysis.figures.cells import marked, umbrellas
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import INK, MAIN, TRACK, WHOLE, mark, write_beside
from ewm_analysis.indicators.long import series_labels, series_of
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
SCOPES = {"core": MAIN, "total": WHOLE}

Key = tuple[Any, ...]


def draw_values(view: View, _: Axes | None) -> Axes:
    """Lines by year, or the last year by category."""
    known, words = _known(view), view.words
    if known["dimension"].iloc[0]:
        return _draw_categories(known[known["year"] == known["year"].max()], words)
    series = series_of(known, words)
    if max(own["year"].nunique() for own in series.values()) > 1:
        return _draw_panels(series, view)
    labels = series_labels(series, words)  # one year a series: a bar each, with its year
    return draw_bars(
        None,
        [
            Bar(f"{labels[key]} ({row.year})", row.value, row.text, row=row.Index)
            for key, own in series.items()
            for row in own.itertuples()
        ],
    )


def _known(view: View) -> pd.DataFrame:
    """Return the rows that have a value, as a label (``text``) and a sentence (``said``) say it.

    ``low`` and ``high`` are the interval of a count of events.
    """
    known, words = view.rows[view.rows["value"].notna()], view.words
    if known.empty:
        raise MissingDataError("There is no number to show.")
    rows = [*known.astype({"value": float}).itertuples()]
    values = [words.value(row.indicator, row.value) for row in rows]
    texts = [
        marked(value, row.precision) + "*" * bool(row.is_year_inferred)
        for value, row in zip(values, rows, strict=True)
    ]
    limits = np.array([event_interval(row) or (np.nan, np.nan) for row in rows])
    return known.astype({"value": float}).assign(
        text=texts,
        said=[words.hedged(*each) for each in zip(values, rows, strict=True)],
        low=limits[:, 0],
        high=limits[:, 1],
    )


def _draw_categories(rows: pd.DataFrame, words: Words) -> Axes:
    """One series as bars; several as a matrix, so that all can be read beside each other."""
    dimension = str(rows["dimension"].iloc[0])
    order = [*words.reference.valid(dimension)["category"]]
    present = [*dict.fromkeys(rows["category"])]
    codes = sorted(present, key=lambda code: order.index(code) if code in order else 0)
    labels = [words.label(dimension, code) for code in codes]
    series = series_of(rows, words)
    found = [
        own.assign(row=own.index).set_index("category").reindex(codes) for own in series.values()
    ]
    values, texts, places = (
        pd.concat([own[name] for own in found], axis=1) for name in ("value", "text", "row")
    )
    rows_at = places.astype(object).where(places.notna(), None).to_numpy()
    if len(found) == 1:
        cells = zip(labels, values.iloc[:, 0], texts.iloc[:, 0], rows_at[:, 0], strict=True)
        bars = [Bar(label, value, text, row=row) for label, value, text, row in cells]
        # places and clusters have no order of their own
        return draw_bars(None, bars if order else sorted(bars, key=lambda bar: -bar.value))
    columns = [*series_labels(series, words, short=True).values()]
    shown, top = texts.fillna("").to_numpy(), float(np.nanmax(values))
    names = [*map(wrapped, labels)]
    return draw_matrix(None, values.to_numpy(), shown, names, columns, top=top, shown=rows_at)


# --- lines by year ------------------------------------------------------------------------------


def _draw_panels(series: dict[Key, pd.DataFrame], view: View) -> Axes:
    """A panel a cluster, all on one scale; core and whole cluster share a panel."""
    grouped: dict[Key, list[pd.DataFrame]] = {}
    for (cluster, region, _, *rest), own in series.items():
        grouped.setdefault((cluster, region, "", *rest), []).append(own)
    rows = pd.concat(series.values())
    scales, is_own = _scales([pd.concat(lines) for lines in grouped.values()])
    notes = [view.name("band")] * bool(rows["high"].notna().all())
    notes += [view.name("own_scale")] * is_own
    titles = [textwrap.fill(label, TITLE) for label in series_labels(grouped, view.words).values()]
    is_wide = len(titles) == 1  # the heading names a single one
    height = ONE_PANEL if len(titles) <= PANELS else PANEL
    flat = panels(
        [""] if is_wide else titles, " ".join(notes), height, NOTE, min(PANELS, len(titles))
    )
    for ax, lines, (low, high) in zip(flat, grouped.values(), scales, strict=True):
        for own in lines:
            _draw_line(ax, own)
        _draw_labels(ax, lines, is_wide=is_wide)
        first, last = int(rows["year"].min()), int(rows["year"].max())
        _finish_panel(ax, first, last, has_ends=len(lines) > 1)
        ax.set_ylim(low, low + 1.16 * ((high - low) or 1.0))
    handles = [
        Patch(color=color, label=view.words.text(f"word.scope.{scope}"))
        for scope, color in SCOPES.items()
        if scope in {*rows["scope"]}
    ]
    if handles:
        flat[0].figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return flat[0]


def _draw_line(ax: Axes, own: pd.DataFrame) -> None:
    color = WHOLE if own["scope"].iloc[0] == "total" else MAIN
    if own["high"].notna().all():
        ax.fill_between(own["year"].astype(int), own["low"], own["high"], color=TRACK, zorder=0)
    course = with_gaps(own.groupby("year")["value"].first())
    ax.plot(course.index, course, color=color, linewidth=1.6)
    ax.plot(own["year"].astype(int), own["value"], "o", color=color, markersize=3.6)
    for row in own.itertuples():
        mark(ax, row.Index, (int(row.year), row.value))


def _draw_labels(ax: Axes, lines: list[pd.DataFrame], *, is_wide: bool) -> None:
    """Label a single line above its points, several lines to the right of their ends."""
    size = 8 + is_wide
    if len(lines) > 1:
        last = pd.concat([own.tail(1) for own in lines]).itertuples()
        ends = [(row.value, int(row.year), row.text, INK) for row in last]
        label_ends(ax, ends, 6, 4, fontsize=size)
        return
    (own,) = lines
    shown = own if is_wide and len(own) <= MOST_LABELS else own.iloc[sorted({0, len(own) - 1})]
    look = {"ha": "center", "va": "baseline", "color": INK, "fontsize": size}
    for row in shown.itertuples():
        write_beside(ax, row.text, (int(row.year), row.value), (0, 6), **look)


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


def _scales(panels: Sequence[pd.DataFrame]) -> tuple[list[tuple[float, float]], bool]:
    """Return the ends of each panel, from zero so that heights can be compared.

    Panels that would be flat beside the largest have scales of their own, which is told.
    """
    ends = [
        (min(0.0, float(own["value"].min())), max(0.0, float(own[["value", "high"]].max().max())))
        for own in panels
    ]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    is_own = any(top - bottom < (high - low) / TOO_FLAT for bottom, top in ends)
    return ends if is_own else [(low, high)] * len(ends), is_own


# --- the sentence -------------------------------------------------------------------------------


@tells(
    "name who first first_year before before_year last last_year low high",
    "year several single value",
)
def value_facts(view: View) -> dict[str, Any]:
    """The course of one series, or the highest figures of several."""
    known, words = _known(view), view.words
    series = series_of(known, words)
    if known["dimension"].iloc[0] or len(series) > 1:
        return _highest(known, view)
    ((key, own),) = series.items()
    places = {"last": -1}
    places |= {"first": 0} if len(own) > 1 else {}
    places |= {"before": -2} if len(own) > 2 else {}
    last = own.iloc[-1]
    return {
        "name": words.indicator(last["indicator"]),
        "who": series_labels([key], words)[key],
        **{name: own["said"].iloc[place] for name, place in places.items()},
        **{f"{name}_year": own["year"].iloc[place] for name, place in places.items()},
        **{end: words.number(last[end], 0) for end in ("low", "high") if pd.notna(last[end])},
    }


def _highest(known: pd.DataFrame, view: View) -> dict[str, Any]:
    """The highest figures of the last year."""
    words, year = view.words, int(known["year"].max())
    last = known[known["year"] == year].sort_values("value", ascending=False, kind="stable")
    facts = {"name": words.indicator(str(last["indicator"].iloc[0])), "year": year}
    if (last["value"] == 0).all():
        return facts
    if last["cluster_id"].nunique() > 1 and {*last["scope"]} == {"core", "total"}:
        last = last[last["scope"] == "total"]  # a core is not ranked among whole clusters
    parents = umbrellas(str(last["dimension"].iloc[0]), last["category"], words)
    last = last[~last["category"].isin(parents)]
    series = series_of(last, words)
    labels = series_labels(series, words)
    owner = {row: labels[key] for key, own in series.items() for row in own.index}
    items = []
    for row in last.head(NAMED).itertuples():
        who = [] if len(series) == 1 and row.category else [owner[row.Index]]
        who += [words.label(row.dimension, row.category)] if row.category else []
        items.append(view.say("item", who=": ".join(who), value=row.said))
    return facts | {"single" if len(items) == 1 else "several": items}
