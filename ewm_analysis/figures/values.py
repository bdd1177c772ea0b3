"""A chart for any indicator: lines by year, bars by category, a matrix of both."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import Bar, draw_bars, wrapped
from ewm_analysis.figures.cells import marked
from ewm_analysis.figures.matrix import draw_matrix
from ewm_analysis.figures.style import ACCENT, INK, MAIN, TRACK, WIDTH, style
from ewm_analysis.indicators.series import series_labels, series_of
from ewm_analysis.statistics.counts import event_interval

PANELS = 2
"""Panels side by side."""
TITLE = 46
"""Longest line of a panel's title, in characters."""
MOST_LABELS = 6
"""Of more years only the ends of a line carry their value."""
TOO_FLAT = 8
"""Panels whose values are smaller by this factor would be flat on the scale of the largest."""


@style()
def plot_values(rows: pd.DataFrame, words: Words) -> Axes:
    """Draw the figures of one indicator: lines by year, or the last year by category.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one indicator and one breakdown, of any clusters and years.
    words : Words
        Language of the figure.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    known = known_rows(rows)
    if known["dimension"].iloc[0]:
        return _plot_categories(known[known["year"] == known["year"].max()], words)
    series = series_of(known, words)
    if max(own["year"].nunique() for own in series.values()) == 1:
        return _plot_bars(series, words)
    return _plot_lines(series, words)


def known_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a value, or raise MissingDataError if there is none."""
    known = rows[rows["value"].notna()]
    if known.empty:
        raise MissingDataError("There is no number to show.")
    return known


def _text(row: Any, words: Words) -> str:
    star = "*" if row.is_year_inferred else ""
    return marked(words.value(row.indicator, float(row.value)), row.precision) + star


def _plot_bars(series: dict[tuple[Any, ...], pd.DataFrame], words: Words) -> Axes:
    """One year a series: a bar each, with its year."""
    labels = series_labels(series, words)
    bars = [
        Bar(f"{labels[key]} ({row.year})", float(row.value), _text(row, words))
        for key, own in series.items()
        for row in own.itertuples()
    ]
    return _with_falls(draw_bars(None, bars), bars)


def _with_falls(ax: Axes, bars: list[Bar]) -> Axes:
    """Make room for bars to the left of zero, and for their numbers."""
    values = [bar.value for bar in bars]
    if min(values) < 0:
        reach = max(*values, 0.0) - min(values)
        ax.set_xlim(min(values) - 0.15 * reach, max(*values, 0.0))
        ax.axvline(0, color=INK, linewidth=0.6)
        ax.spines["left"].set_visible(False)
    return ax


def _plot_lines(series: dict[tuple[Any, ...], pd.DataFrame], words: Words) -> Axes:
    """A panel a cluster, all on one scale; core and whole cluster share a panel."""
    panels: dict[tuple[Any, ...], dict[str, pd.DataFrame]] = {}
    for (cluster, region, scope, *rest), own in series.items():
        panels.setdefault((cluster, region, "", *rest), {})[str(scope)] = own
    columns = min(PANELS, len(panels))
    lines = -(-len(panels) // columns)
    height = 2.7 if lines == 1 else 1.75 * lines
    figure, grid = plt.subplots(
        lines, columns, figsize=(WIDTH, height + 0.3), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    flat: list[Axes] = [*grid.ravel()]
    years = [int(year) for own in series.values() for year in own["year"]]
    labels = series_labels(panels, words)
    for ax, (key, scopes) in zip(flat, panels.items(), strict=False):
        for scope, own in scopes.items():
            _draw_line(ax, own, ACCENT if scope == "core" else MAIN)
        _draw_labels(ax, [*scopes.values()], words, is_wide=columns == 1)
        if columns > 1:  # the heading names a single one
            ax.set_title(textwrap.fill(labels[key], TITLE), loc="left", fontsize=9, color=INK)
        _finish_panel(ax, min(years), max(years), has_ends=len(scopes) > 1)
    for ax in flat[len(panels) :]:
        ax.set_axis_off()
    drawn = zip(flat, panels.values(), strict=False)
    is_own = _scale({ax: [*scopes.values()] for ax, scopes in drawn})
    has_band = all(event_interval(row) for own in series.values() for row in own.itertuples())
    keys = ["band"] * has_band + ["own_scale"] * is_own
    note = " ".join(words.text(f"figures.values.{key}") for key in keys)
    figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color=INK)
    _draw_legend(figure, {str(key[2]) for key in series}, words)
    return flat[0]


def _draw_line(ax: Axes, own: pd.DataFrame, color: str) -> None:
    rows = [*own.itertuples()]
    years, values = [int(row.year) for row in rows], [float(row.value) for row in rows]
    limits = [event_interval(row) for row in rows]
    if all(limits):
        low, high = zip(*(each for each in limits if each), strict=True)
        ax.fill_between(years, low, high, color=TRACK, zorder=0)
    course = own.groupby("year")["value"].first().astype(float)
    # a missing year breaks the line: it is a gap, not a step
    course = course.reindex(range(min(years), max(years) + 1))
    ax.plot(course.index, course, color=color, linewidth=1.6)
    ax.plot(years, values, "o", color=color, markersize=3.6)


def _draw_labels(ax: Axes, lines: list[pd.DataFrame], words: Words, *, is_wide: bool) -> None:
    """Label a single line above its points, several lines to the right of their ends."""
    look: dict[str, Any] = {"textcoords": "offset points", "color": INK, "fontsize": 8 + is_wide}
    rows = [*lines[0].itertuples()]
    if len(lines) == 1:
        ends = [rows[0], rows[-1]]
        for row in {row.Index: row for row in rows if is_wide or row in ends}.values():
            if len(rows) <= MOST_LABELS or row in ends:
                at = (int(row.year), float(row.value))
                ax.annotate(_text(row, words), at, (0, 6), ha="center", **look)
        return
    last = sorted((row.value, row.year, _text(row, words)) for row in map(_last, lines))
    for place, (value, year, text) in enumerate(last):
        # two ends that meet give way: the lower label down, the upper one up
        shift = 4 * (2 * place - len(last) + 1)
        ax.annotate(text, (int(year), float(value)), (6, shift), va="center", **look)


def _last(own: pd.DataFrame) -> Any:
    return [*own.itertuples()][-1]


def _finish_panel(ax: Axes, first: int, last: int, *, has_ends: bool) -> None:
    span = last - first
    margin = 0.4 if span < MOST_LABELS else 0.08 * span
    right = last + (0.3 * span if has_ends else margin)
    ax.set_xlim(first - margin, right)
    ax.spines["bottom"].set_bounds(first - margin, last + margin if not has_ends else last)
    step = 1 if span < MOST_LABELS else max(2, round(span / 4))
    years = [*range(last, first - 1, -step)]
    ax.set_xticks(years, [str(year) for year in years], fontsize=8)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)


def _scale(panels: dict[Axes, list[pd.DataFrame]]) -> bool:
    """From zero, so that heights can be compared; return whether each panel has its own scale."""
    ends = {ax: _ends(lines) for ax, lines in panels.items()}
    low, high = min(low for low, _ in ends.values()), max(high for _, high in ends.values())
    is_own = any(top - bottom < (high - low) / TOO_FLAT for bottom, top in ends.values())
    for ax, (bottom, top) in ends.items():
        start, end = (bottom, top) if is_own else (low, high)
        ax.set_ylim(start, start + 1.16 * ((end - start) or 1.0))
    return is_own


def _ends(lines: list[pd.DataFrame]) -> tuple[float, float]:
    rows = [row for own in lines for row in own.itertuples()]
    values = [float(row.value) for row in rows]
    values += [high for row in rows for _, high in [event_interval(row) or (0.0, 0.0)]]
    return min(0.0, *values), max(0.0, *values)


def _draw_legend(figure: Any, scopes: set[str], words: Words) -> None:
    colors = {"core": ACCENT, "total": MAIN}
    shown = {scope: colors[scope] for scope in colors if scope in scopes}
    handles = [
        Patch(color=color, label=words.text(f"word.scope.{scope}"))
        for scope, color in shown.items()
    ]
    if handles:
        figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))


def _plot_categories(rows: pd.DataFrame, words: Words) -> Axes:
    """One series as bars; several as a matrix, so that all can be read beside each other."""
    dimension = str(rows["dimension"].iloc[0])
    order = [*words.reference.valid(dimension)["category"]]
    present = [*dict.fromkeys(rows["category"])]
    categories = sorted(present, key=lambda code: order.index(code) if code in order else 0)
    series = series_of(rows, words)
    found = [{row.category: row for row in own.itertuples()} for own in series.values()]
    labels = [words.label(dimension, category) for category in categories]
    if len(found) == 1:
        bars = [
            Bar(label, float(found[0][code].value), _text(found[0][code], words))
            for code, label in zip(categories, labels, strict=True)
        ]
        if not order:  # places and clusters have no order of their own
            bars.sort(key=lambda bar: -bar.value)
        return _with_falls(draw_bars(None, bars), bars)
    values = np.array(
        [
            [float(own[code].value) if code in own else np.nan for own in found]
            for code in categories
        ]
    )
    texts = [[_text(own[code], words) if code in own else "" for own in found]
             for code in categories]  # fmt: skip
    columns = [*series_labels(series, words, short=True).values()]
    top = float(np.nanmax(values))
    return draw_matrix(None, values, texts, [wrapped(each) for each in labels], columns, top=top)
