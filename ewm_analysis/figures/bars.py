"""What figures are made of: bars, columns, groups, lines in panels, a matrix, a brace."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from ewm_analysis.figures.style import (
    INK,
    MAIN,
    ON_MAIN,
    REST,
    TRACK,
    WIDTH,
    new_axes,
    write_beside,
)
from ewm_analysis.l10n import NBSP

COLUMN = 0.56
"""Width of a column, in years."""
THICKNESS = 0.2
"""Of a horizontal bar, in inches."""
LINE = 0.155
"""Height of a line of text, in inches."""
WRAP = 30
"""Longest line of a label, in characters; words are never cut."""
FEWEST_SLOTS = 4
"""Few years do not make broad columns: they stand on the left."""
MANY_COLUMNS = 5
"""Of more, number and unit of a label stand one below the other: "161,5" over "Mio. €"."""
LEGEND_COLUMNS = 3
ROOM_FOR_LABEL = 0.12
"""Part of the height of the axes that a label within a column needs."""


@dataclass(frozen=True)
class Column:
    """One year: a whole and a part of it, either of which may be missing."""

    year: int
    is_year_inferred: bool
    whole: float | None
    whole_text: str
    part: float | None
    part_text: str


@dataclass(frozen=True)
class Bar:
    """One horizontal bar; a share has an end of its own, the track."""

    label: str
    value: float
    text: str


def wrapped(label: str) -> str:
    """Return a label in lines that fit beside bars.

    Examples
    --------
    >>> wrapped("Verbundprojekte mit mehreren Unternehmen")
    'Verbundprojekte mit mehreren\\nUnternehmen'
    """
    return "\n".join(textwrap.wrap(label, WRAP, break_long_words=False)) or label


def draw_columns(
    ax: Axes | None, columns: Sequence[Column], legend: tuple[str, str], note: str
) -> Axes:
    """Draw a column a year: the whole in a light tone, its part dark in front of it.

    Parameters
    ----------
    ax : Axes or None
        Where to draw; a new figure if None.
    columns : sequence of Column
        In order of the years; years between them without a column stay empty.
    legend : tuple of str
        Names of the whole and of the part; shown only if both are drawn.
    note : str
        Stands below: explains the asterisk at inferred years, or what is missing.
    """
    ax = ax or new_axes(height=2.6)
    has_whole = any(column.whole is not None for column in columns)
    has_part = any(column.part is not None for column in columns)
    heights = [value for column in columns for value in (column.whole, column.part) if value]
    years = range(columns[0].year, columns[-1].year + 1)
    is_dense = len(years) > MANY_COLUMNS
    top = (1.22 if is_dense else 1.12) * max(heights, default=1.0)
    ax.set_ylim(0, top)
    left = years[0] - 0.5
    ax.set_xlim(left, left + max(FEWEST_SLOTS, len(years)))
    ax.spines["bottom"].set_bounds(left, years[-1] + 0.5)
    for column in columns:
        _draw_column(ax, column, REST if has_part else MAIN, is_dense, top)
    inferred = {column.year for column in columns if column.is_year_inferred}
    ax.set_xticks([*years], [f"{year}*" if year in inferred else str(year) for year in years])
    ax.set_xlabel(note, loc="left")
    ax.yaxis.set_visible(False)
    sns.despine(ax=ax, left=True)
    if has_whole and has_part:
        draw_legend(ax, {legend[0]: REST, legend[1]: MAIN})
    return ax


def _draw_column(ax: Axes, column: Column, whole_color: str, is_dense: bool, top: float) -> None:
    def fitted(text: str) -> str:
        return re.sub(rf"{NBSP}(?=\S+{NBSP}€)", "\n", text) if is_dense else text

    if column.whole is not None:
        bars = ax.bar(column.year, column.whole, COLUMN, color=whole_color)
        ax.bar_label(bars, [fitted(column.whole_text)], padding=3, color=INK)
    if column.part is None:
        return
    bars = ax.bar(column.year, column.part, COLUMN, color=MAIN)
    if column.whole is None:
        ax.bar_label(bars, [fitted(column.part_text)], padding=3, color=INK)
    elif is_dense and NBSP in column.part_text:
        pass  # an amount is broader than the column: the sentence says it
    elif column.part >= ROOM_FOR_LABEL * top:
        place = (column.year, column.part)
        ax.annotate(
            fitted(column.part_text),
            place,
            (0, -4),
            textcoords="offset points",
            ha="center",
            va="top",
            color=ON_MAIN,
        )
    else:
        edge = (column.year + COLUMN / 2, 0)
        ax.annotate(
            fitted(column.part_text),
            edge,
            (4, 1),
            textcoords="offset points",
            ha="left",
            va="bottom",
            color=MAIN,
        )


def draw_bars(ax: Axes | None, bars: Sequence[Bar]) -> Axes:
    """Draw horizontal bars from above to below, each with its value at its end."""
    labels = [wrapped(bar.label) for bar in bars]
    ax = ax or row_axes(labels)
    values = [bar.value for bar in bars]
    drawn = ax.barh(range(len(bars)), values, thickness(labels), color=MAIN)
    ax.bar_label(drawn, [bar.text for bar in bars], padding=4, color=INK)
    ax.set_xlim(0, max(values) or 1.0)
    finish_rows(ax, labels)
    return ax


def draw_shares(ax: Axes | None, bars: Sequence[Bar]) -> Axes:
    """Draw shares as horizontal bars on a track from 0 to 100 %."""
    labels = [wrapped(bar.label) for bar in bars]
    ax = ax or row_axes(labels)
    ax.barh(range(len(bars)), [1.0] * len(bars), thickness(labels), color=TRACK)
    ax.barh(range(len(bars)), [bar.value for bar in bars], thickness(labels), color=MAIN)
    for row, bar in enumerate(bars):
        ax.annotate(bar.text, (1, row), (6, 0), textcoords="offset points", va="center")
    ax.set_xlim(0, 1)
    finish_rows(ax, labels)
    return ax


def draw_groups(ax: Axes | None, frame: pd.DataFrame, colors: dict[str, str]) -> Axes:
    """Draw horizontal bars in groups, one colour a series.

    Parameters
    ----------
    ax : Axes or None
        Where to draw; a new figure if None.
    frame : DataFrame
        ``label`` (wrapped), ``series``, ``value``, ``text``; in the order of drawing.
    colors : dict of str to str
        Colour of each series, in order.
    """
    labels = [*dict.fromkeys(frame["label"])]
    present = {name: color for name, color in colors.items() if name in {*frame["series"]}}
    ax = ax or row_axes(labels, len(present), has_legend=True)
    sns.barplot(
        frame,
        x="value",
        y="label",
        hue="series",
        order=labels,
        hue_order=[*present],
        palette=present,
        saturation=1,
        width=thickness(labels, len(present)),
        errorbar=None,
        legend=False,
        ax=ax,
    )
    for container, name in zip(ax.containers, present, strict=True):
        texts = frame.loc[frame["series"] == name, "text"]
        ax.bar_label(container, [*texts], padding=4, color=INK)  # type: ignore[arg-type]
    ax.set_xlim(0, float(frame["value"].max()) or 1.0)
    ax.set(xlabel="", ylabel="")
    finish_rows(ax, labels)
    draw_legend(ax, present)
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


def draw_legend(ax: Axes, colors: dict[str, str]) -> None:
    """Name the colours above the axes, on the left."""
    legend_above(ax, [Patch(color=color, label=name) for name, color in colors.items()])


def legend_above(ax: Axes, handles: Sequence[Artist], *, length: float | None = None) -> None:
    """Explain colours, lines or marks above the axes by the labels they bear, in few columns.

    Parameters
    ----------
    ax : Axes
        Where they are drawn.
    handles : sequence of Artist
        What is explained.
    length : float, optional
        How long a line is drawn, in sizes of the font.
    """
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=min(LEGEND_COLUMNS, len(handles)),
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
    corners = [
        (LEFT, top),
        (SPINE, top),
        (SPINE, top + bend),
        (SPINE, middle - bend),
        (SPINE, middle),
        (TIP, middle),
        (SPINE, middle),
        (SPINE, middle + bend),
        (SPINE, bottom - bend),
        (SPINE, bottom),
        (LEFT, bottom),
    ]
    half = [Path.CURVE3, Path.CURVE3, Path.LINETO, Path.CURVE3, Path.CURVE3]
    across = ax.get_yaxis_transform()
    path = Path(corners, [Path.MOVETO, *half, *half])
    ax.add_patch(
        PathPatch(path, fill=False, edgecolor=INK, linewidth=0.8, clip_on=False, transform=across)
    )
    for line, drop, size, side in ((text, 0, None, "bottom"), (note, -3, 7.5, "top")):
        ax.annotate(
            line,
            (TIP, middle),
            (5, drop),
            xycoords=across,
            textcoords="offset points",
            va=side,
            fontsize=size,
        )


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
        ax.set_title(title, loc="left", fontsize=9, color=INK)
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
) -> Axes:
    """Draw values as shades, darkest at `top`, each with its text; the place of nan stays blank.

    Labels of the columns are slanted, as they are longer than their cells.
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
        ax.text(*place, texts[row][column], color=color, fontsize=8, ha="center", va="center")
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows, rotation=0)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=35, ha="left", fontsize=8)
    return ax
