"""What figures are made of: bars, groups of bars, lines in panels, a matrix, a brace."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from ewm_analysis.figures.style import (
    INK,
    MAIN,
    ON_MAIN,
    TRACK,
    WIDTH,
    mark,
    new_axes,
    write_beside,
)
from ewm_analysis.statistics.targets import say_target

THICKNESS = 0.2
"""Of a horizontal bar, in inches."""
LINE = 0.155
"""Height of a line of text, in inches."""
WRAP = 30
"""Longest line of a label, in characters; words are never cut."""
LETTERS = 96
"""Of a title or note, that fit into the breadth of a figure."""
LEGEND_COLUMNS = 3


@dataclass(frozen=True)
class Bar:
    """One horizontal bar: its row, its length, what stands at its end, and its series if any."""

    label: str
    value: float
    text: str
    series: str = ""
    row: int | None = None


def wrapped(label: str) -> str:
    """Return a label in lines that fit beside bars.

    Examples
    --------
    >>> wrapped("Verbundprojekte mit mehreren Unternehmen")
    'Verbundprojekte mit mehreren\\nUnternehmen'
    """
    return "\n".join(textwrap.wrap(label, WRAP, break_long_words=False)) or label


def draw_bars(ax: Axes | None, bars: Sequence[Bar]) -> Axes:
    """Draw horizontal bars from above to below, each with its value at its end."""
    ax = _draw_rows(ax, [[bar] for bar in bars], {"": MAIN})
    low, high = min(bar.value for bar in bars), max(0.0, *(bar.value for bar in bars))
    if low < 0:  # there is room for bars to the left of zero, and for their numbers
        ax.set_xlim(low - 0.15 * (high - low), high)
        ax.axvline(0, color=INK, linewidth=0.6)
        ax.spines["left"].set_visible(False)
    return ax


def draw_groups(ax: Axes | None, bars: Sequence[Bar], colors: Mapping[str, str]) -> Axes:
    """Draw horizontal bars in groups by label, one colour a series."""
    groups: dict[str, list[Bar]] = {}
    for bar in bars:
        groups.setdefault(bar.label, []).append(bar)
    present = {name: colors[name] for name in colors if name in {bar.series for bar in bars}}
    return _draw_rows(ax, [*groups.values()], present, has_legend=True)


def _draw_rows(
    ax: Axes | None, rows: list[list[Bar]], colors: Mapping[str, str], *, has_legend: bool = False
) -> Axes:
    labels = [wrapped(bars[0].label) for bars in rows]
    ax = ax or row_axes(labels, len(colors), has_legend=has_legend)
    has_neighbours = any(len(bars) > 1 for bars in rows)  # or else a bar has its row for itself
    width = thickness(labels, len(colors)) / (len(colors) if has_neighbours else 1)
    for number, (name, color) in enumerate(colors.items()):
        shift = (number - (len(colors) - 1) / 2) * width * has_neighbours
        own = [(row, bar) for row, bars in enumerate(rows) for bar in bars if bar.series == name]
        places, lengths = [row + shift for row, _ in own], [bar.value for _, bar in own]
        drawn = ax.barh(places, lengths, width, color=color)
        texts = [bar.text for _, bar in own]
        ax.bar_label(drawn, texts, padding=4, color=INK, annotation_clip=False)
        for place, (_, bar) in zip(places, own, strict=True):
            mark(ax, bar.row, (bar.value, place))
    ax.set_xlim(0, max(bar.value for bars in rows for bar in bars) or 1.0)
    finish_rows(ax, labels)
    if has_legend:
        draw_legend(ax, colors)
    return ax


def draw_shares(
    ax: Axes | None, labels: Sequence[str], shares: Sequence[float], track: str = TRACK
) -> Axes:
    """Draw shares as horizontal bars on a track from 0 to 100 %, whose texts are yet to come."""
    ax = ax or row_axes(labels)
    for lengths, color in (([1.0] * len(shares), track), (shares, MAIN)):
        ax.barh(range(len(shares)), lengths, thickness(labels), color=color)
    ax.set_xlim(0, 1)
    finish_rows(ax, labels)
    return ax


def row_axes(labels: Sequence[str], bars: int = 1, *, has_legend: bool = False) -> Axes:
    """Return axes as high as the rows need, each of some bars."""
    return new_axes(height=len(labels) * row_height(labels, bars) + (0.4 if has_legend else 0.1))


def row_height(labels: Sequence[str], bars: int) -> float:
    """Return the height of a row in inches: room for its bars and for the longest label."""
    lines = max(label.count("\n") for label in labels) + 1
    return max(bars * THICKNESS + 0.15, lines * LINE + 0.1)


def thickness(labels: Sequence[str], bars: int = 1) -> float:
    """Return the width of the bars of a row, in rows: as thick in every figure."""
    return bars * THICKNESS / row_height(labels, bars)


def finish_rows(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows, first on top, and drop the axis of values: every bar says its own."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.xaxis.set_visible(False)
    sns.despine(ax=ax, bottom=True)


def finish_years(ax: Axes, years: Mapping[float, str], note: str, **look: Any) -> None:
    """Name the years over a note, and drop the axis of values: every bar says its own."""
    ax.set_xticks([*years], [*years.values()])
    ax.set_xlabel(textwrap.fill(note, LETTERS), loc="left", **look)
    ax.yaxis.set_visible(False)
    sns.despine(ax=ax, left=True)


def draw_legend(ax: Axes, colors: Mapping[str, str], lines: Sequence[Artist] = ()) -> None:
    """Name the colours above the axes, on the left, and lines behind them."""
    patches = [Patch(color=color, label=name) for name, color in colors.items()]
    columns = 2 if lines else LEGEND_COLUMNS
    legend_above(ax, [*patches, *lines], length=2.4 if lines else None, columns=columns)


DASHES = ("--", ":", "-.")
"""Of the lines of several targets in one drawing."""


def target_lines(view: Any, ax: Axes) -> list[Line2D]:
    """Draw a line for each target of the figures drawn; return them for the legend."""
    lines = []
    for row, dashes in zip(view.asked.itertuples(), cycle(DASHES), strict=False):
        look: dict[str, Any] = {"linewidth": 1.1, "zorder": 2}
        ax.axhline(row.target, color=ON_MAIN, **look)  # fills the gaps, to be seen on columns
        look |= {"color": INK, "linestyle": dashes}
        label = view.words.text("targets.line", asked=say_target(row, view.words))
        lines.append(ax.axhline(row.target, label=label, **look))
    return lines


def legend_above(
    ax: Axes,
    handles: Sequence[Artist],
    *,
    length: float | None = None,
    columns: int = LEGEND_COLUMNS,
) -> None:
    """Explain colours, lines or marks above the axes by the labels they bear, in few columns.

    Parameters
    ----------
    ax : Axes
        Where they are drawn.
    handles : sequence of Artist
        What is explained.
    length : float, optional
        How long a line is drawn, in sizes of the font.
    columns : int
        How many stand beside each other at most.
    """
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=min(columns, len(handles)),
        borderaxespad=0.3,
        borderpad=0,
        columnspacing=1.6,
        handlelength=length,
    )


LEFT, SPINE, TIP = 1.0, 1.012, 1.026
"""Where the brace begins, runs and points, in widths of the axes."""
BEND = 0.25
"""Height of its curves, in rows."""


def draw_brace(ax: Axes, top: float, bottom: float, text: str, note: str) -> None:
    """Draw a brace right of the axes from row `top` to row `bottom`, its text above its note."""
    middle = (top + bottom) / 2
    bend = min(BEND, (bottom - top) / 4)
    upper = [
        (LEFT, top),
        (SPINE, top),
        (SPINE, top + bend),
        (SPINE, middle - bend),
        (SPINE, middle),
    ]
    lower = [(x, top + bottom - y) for x, y in reversed(upper)]
    half = [Path.CURVE3, Path.CURVE3, Path.LINETO, Path.CURVE3, Path.CURVE3]
    path = Path([*upper, (TIP, middle), *lower], [Path.MOVETO, *half, *half])
    across = ax.get_yaxis_transform()
    look = {"fill": False, "edgecolor": INK, "linewidth": 0.8, "clip_on": False}
    ax.add_patch(PathPatch(path, transform=across, **look))
    for line, drop, size, side in ((text, 0, None, "bottom"), (note, -3, 8, "top")):
        write_beside(ax, line, (TIP, middle), (5, drop), xycoords=across, va=side, fontsize=size)


PANELS = 2
"""Panels side by side; more would be too narrow for a phone."""

End = tuple[float, int, str, str]
"""Value, year, text and colour of the last point of a line."""


def panels(
    titles: Sequence[str], note: str, height: float, foot: float, columns: int
) -> list[Axes]:
    """Return panels with titles above a note; heights in inches, of a row and of the note."""
    lines = -(-len(titles) // columns)
    figure, grid = plt.subplots(
        lines,
        columns,
        figsize=(WIDTH, lines * height + foot),
        squeeze=False,
        layout="constrained",
    )
    flat: list[Axes] = [*grid.ravel()]
    for ax, title in zip(flat, titles, strict=False):
        ax.set_title(textwrap.fill(title, LETTERS // columns), loc="left", fontsize=9, color=INK)
    for ax in flat[len(titles) :]:
        ax.set_axis_off()
    figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color=INK)
    return flat[: len(titles)]


def with_gaps(course: pd.Series) -> pd.Series:
    """Return values of all years: a missing year breaks a line, it is a gap and not a step."""
    return course.reindex(range(int(course.index.min()), int(course.index.max()) + 1))


def label_ends(ax: Axes, ends: Iterable[End], offset: float, step: float, **look: Any) -> None:
    """Write at the ends of lines; two that meet give way: the lower label down, the upper up."""
    found = sorted(ends)
    for place, (value, year, text, color) in enumerate(found):
        shift = step * (2 * place - len(found) + 1)
        write_beside(ax, text, (year, value), (offset, shift), color=color, **look)


SHADES = LinearSegmentedColormap.from_list("ewm", ["#eaf1f8", MAIN])
DARK = 0.179
"""Relative luminance below which white has more contrast than black; both then have 4.5 : 1."""
ROW = 0.3
"""Height of a row of one line, in inches."""


def draw_matrix(
    ax: Axes | None,
    values: np.ndarray,
    texts: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    top: float,
    shown: Sequence[Sequence[int | None]],
) -> Axes:
    """Draw values as shades, darkest at `top`, each with its text; the place of nan stays blank.

    `shown` are the rows of the figure that the values come from. Labels of the columns are
    slanted, as they are longer than their cells.
    """
    heights = [max(ROW, (label.count("\n") + 1) * LINE + 0.06) for label in rows]
    ax = ax or new_axes(height=max(heights) * len(rows) + 1.0)
    sns.heatmap(
        values,
        cmap=SHADES,
        vmin=0,
        vmax=top or 1.0,
        mask=np.isnan(values),
        cbar=False,
        linewidths=1.2,
        linecolor="white",
        ax=ax,
    )
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = SHADES(0.0 if np.isnan(value) else value / (top or 1.0))
        light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
        color = ON_MAIN if light < DARK else "black"
        place = (column + 0.5, row + 0.5)
        mark(ax, shown[row][column], place)
        ax.text(*place, texts[row][column], color=color, fontsize=8, ha="center", va="center")
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows, rotation=0)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=35, ha="left", fontsize=8)
    return ax
