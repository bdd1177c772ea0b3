"""How figures are drawn: columns by year, bars, bars in groups or branches; what bars are made of.

A kind is a function of a view and axes, or None for a new figure; it computes nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import cycle
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from ewm_analysis.figures.cells import Cell, inferred_note, marked, said_share, starred, year_text
from ewm_analysis.figures.style import (
    ACCENT,
    INK,
    MAIN,
    ON_MAIN,
    REST,
    TRACK,
    mark,
    new_axes,
    write_beside,
)
from ewm_analysis.l10n import NBSP
from ewm_analysis.statistics.counts import event_interval
from ewm_analysis.statistics.targets import say_target

COLORS = (MAIN, ACCENT)
COLUMN = 0.56
"""Width of a column, in years."""
ASIDE = 0.4
"""Where in a column its range is drawn, in its widths: number and range do not meet."""
NOTE = 110
"""Longest line of the note below columns, in characters."""
FEWEST_SLOTS = 4
"""Few years do not make broad columns: they stand on the left."""
MANY_COLUMNS = 5
"""Of more, number and unit of a label stand one below the other: "161,5" over "Mio. €"."""
ROOM_FOR_LABEL = 0.12
"""Part of the height of the axes that a label within a column needs."""
SHORT_LABEL, LONG_LABEL = 1.14, 1.6
"""Room for the label of the longest bar, in its lengths."""
BRANCH, HEADING, AFTER_GROUP, INCHES_PER_ROW = 0.38, 0.75, 0.3, 0.44
"""Of branches: of a bar and of a heading in rows, space after a group, height of a row."""


def _text(view: Any, name: str, cell: Cell) -> str:
    return marked(view.words.value(name, cell.value), cell.precision)


def _place(view: Any, cell: Cell) -> tuple[int, int]:
    """Return what to sort bars by: the newest year first, then the order of categories."""
    return -cell.year, view.order.index(cell.category)


def columns(view: Any, ax: Axes | None) -> Axes:
    """A column a year: the whole light, a part of it dark in front; either may be missing."""
    names = view.figure.show
    wholes, *rest = ({cell.year: cell for cell in view.series.get(name, [])} for name in names)
    named = {year: part for year in wholes if (part := view.sum_of_parts(year))}
    parts = rest[0] if rest else named
    known = sorted({*wholes, *parts})
    years = range(known[0], known[-1] + 1)
    is_dense = len(years) > MANY_COLUMNS
    ax = ax or new_axes(height=2.6)
    lines = target_lines(view, ax)
    top = max(cell.value for cell in (*wholes.values(), *parts.values()))
    ranges = _ranges(*((names[-1], parts) if parts else (names[0], wholes)))
    reach = [*(float(np.max(line.get_ydata())) for line in lines), *(r[1] for r in ranges.values())]
    highest = max([top, *reach]) or 1.0
    ax.set_ylim(0, (1.22 if is_dense else 1.12) * highest)
    left = years[0] - 0.5
    ax.set_xlim(left, left + max(FEWEST_SLOTS, len(years)))
    ax.spines["bottom"].set_bounds(left, years[-1] + 0.5)
    for year in known:
        for name, cell in ((names[0], wholes.get(year)), (names[-1], parts.get(year))):
            if cell:
                is_part = cell is parts.get(year)
                color = REST if parts and not is_part else MAIN
                is_within = is_part and year in wholes
                text = _text(view, name, cell)
                _draw_column(ax, cell, color, text, is_dense=is_dense, is_within=is_within)
    ticks: dict[float, str] = {
        y: starred(y, [cell for cell in view.every if cell.year == y]) for y in years
    }
    for year, ends in ranges.items():
        for width, color in ((3, ON_MAIN), (1, INK)):  # to be seen on columns and beside them
            ax.plot([year + ASIDE * COLUMN] * 2, ends, color=color, linewidth=width)
    notes = [view.words.text("figures.note_range")] if ranges else []
    _explain_columns(view, ax, ticks, [*wholes], [*parts], lines, notes)
    return ax


def _ranges(name: str, part: Mapping[int, Cell]) -> dict[int, tuple[float, float]]:
    """Return between which numbers chance may have put counts of events, by year."""
    rows = (
        SimpleNamespace(indicator=name, dimension=c.category, **c._asdict()) for c in part.values()
    )
    return {row.year: ends for row in rows if (ends := event_interval(row))}


def _draw_column(
    ax: Axes, cell: Cell, color: str, text: str, *, is_dense: bool, is_within: bool
) -> None:
    """Draw a column, its text above it; of a part within a whole in it, or beside its foot."""
    bars = ax.bar(cell.year, cell.value, COLUMN, color=color)
    mark(ax, cell.row, (cell.year, cell.value))
    if is_within and is_dense and NBSP in text:
        return  # an amount is broader than the column: the sentence says it
    if is_dense:
        text = re.sub(rf"{NBSP}(?=\S+{NBSP}€)", "\n", text)
    if not is_within:
        ax.bar_label(bars, [text], padding=3, color=INK, annotation_clip=False)
    elif cell.value >= ROOM_FOR_LABEL * ax.get_ylim()[1]:
        look = {"ha": "center", "va": "top", "color": ON_MAIN}
        write_beside(ax, text, (cell.year, cell.value), (0, -4), **look)
    else:
        look = {"ha": "left", "va": "bottom", "color": MAIN}
        write_beside(ax, text, (cell.year + COLUMN / 2, 0), (4, 1), **look)


def _explain_columns(
    view: Any,
    ax: Axes,
    ticks: dict[float, str],
    wholes: list[int],
    parts: list[int],
    lines: list[Line2D],
    notes: list[str],
) -> None:
    """Say below what signs mean and what is missing, above what the colours mean."""
    words, names, show = view.words, view.figure.names, view.figure.show
    notes = [*notes, inferred_note(view.every, words)]
    if wholes and (unknown := sorted({*parts} - {*wholes})):
        notes.append(view.name("unknown").format(years=words.join([*map(str, unknown)])))
    finish_years(ax, ticks, textwrap.fill(" · ".join(filter(None, notes)), NOTE))
    if wholes and parts:
        own = [key if key in names else show[n] for n, key in ((0, "whole"), (-1, "part"))]
        draw_legend(ax, dict(zip(map(view.name, own), (REST, MAIN), strict=True)), lines)
    elif len(show) > 1 or lines:  # one colour, but not always one meaning
        draw_legend(ax, {words.indicator(*view.series): MAIN}, lines)


def bars(view: Any, ax: Axes | None) -> Axes:
    """A bar a category, or a named part of the year, the largest on top; shares on a track."""
    figure, series, drawn = view.figure, view.series, []
    if figure.part_by:
        (name,) = figure.show
        series = {name: view.need(sorted(view.parts(view.year), key=lambda cell: -cell.value))}
    for name, part in series.items():
        for cell in sorted(part, key=partial(_place, view)) if figure.by else part:
            label, text = view.label(name, cell), _text(view, name, cell)
            if name.endswith("_share") and not figure.by:
                text = marked(said_share(view.rows, name, cell, view.words), cell.precision)
            elif name in figure.every_year:
                label = f"{label} ({year_text(cell.year, cell.is_year_inferred, view.words)})"
            drawn.append(Bar(label, cell.value, text, row=cell.row))
    if not name.endswith("_share"):
        return draw_bars(ax, drawn)
    labels = [wrapped(bar.label) for bar in drawn]
    ax = row_axes(ax, labels)
    draw_shares(ax, labels, [bar.value for bar in drawn], TRACK)
    for row, bar in enumerate(drawn):
        write_beside(ax, bar.text, (1, row), (6, 0))
        mark(ax, bar.row, (bar.value, row))
    return ax


def groups(view: Any, ax: Axes | None) -> Axes:
    """Bars of several series, category by category, in their order."""
    found = [(name, cell) for name, part in view.series.items() for cell in part]
    drawn = [
        Bar(view.label(name, cell), *_length(view, name, cell), _legend(view, name), cell.row)
        for name, cell in sorted(found, key=lambda each: _place(view, each[1]))
    ]
    names = [_legend(view, name) for name in view.figure.show]
    return draw_groups(ax, drawn, dict(zip(names, COLORS, strict=True)))


def _length(view: Any, name: str, cell: Cell) -> tuple[float, str]:
    """Return how long a bar is and what it says: of parts of unlike wholes the share as well."""
    text, whole = _text(view, name, cell), view.wholes.get(name)
    if not whole:
        return cell.value, text
    share = cell.value / whole
    return share, f"{text} ({view.words.share(share)})" if share else text


def _legend(view: Any, name: str) -> str:
    said, whole = str(view.name(name)), view.wholes.get(name)
    return f"{said} ({view.words.count(whole)})" if whole else said


def branches(view: Any, ax: Axes | None) -> Axes:
    """Bars by category; sub-categories below their heading, a brace with its own number beside."""
    words, by, below = view.words, view.figure.by, view.branches
    places: dict[str, float] = {}
    end = longest = 0.0
    for top, children in below.items():
        if children:
            places[top], end = end + HEADING / 2 - 0.5, end + HEADING
        for category in children or (top,):
            places[category], end = end, end + 1
        end += AFTER_GROUP if children else 0
    ax = ax or new_axes(height=0.4 + INCHES_PER_ROW * end)
    colors = dict(zip(view.figure.show, COLORS, strict=True))
    for number, (name, part) in enumerate(view.series.items()):
        shift = (number - (len(view.series) - 1) / 2) * BRANCH
        by_category = {cell.category: cell for cell in part}
        shown = {
            at + shift: by_category[code]
            for code, at in places.items()
            if code in by_category and not below.get(code)
        }
        told = [_length(view, name, cell) for cell in shown.values()]
        for (place, cell), (length, _) in zip(shown.items(), told, strict=True):
            mark(ax, cell.row, (length, place))
        drawn = ax.barh([*shown], [length for length, _ in told], BRANCH, color=colors[name])
        ax.bar_label(drawn, [text for _, text in told], padding=4, color=INK)
        longest = max([longest, *(length for length, _ in told)])
    sums = {top: said for top in below if (said := view.counted(top))}
    room = LONG_LABEL if sums and view.wholes else SHORT_LABEL
    ax.set_xlim(0, room * longest or 1.0)  # labels end before a brace begins
    ax.xaxis.set_visible(False)
    sns.despine(ax=ax, bottom=True)
    ax.set_yticks([*places.values()], [wrapped(words.label(by, code)) for code in places])
    ax.set_ylim(end - 0.5, -0.5)
    for tick, category in zip(ax.get_yticklabels(), places, strict=True):
        tick.set_fontweight("bold" if below.get(category) else "normal")
    for top, said in sums.items():
        first, last = below[top][0], below[top][-1]
        ends = places[first] - BRANCH, places[last] + BRANCH
        draw_brace(ax, *ends, "\n".join(said), view.name("distinct"))
    draw_legend(ax, {_legend(view, name): colors[name] for name in view.series})
    return ax


KINDS = {kind.__name__: kind for kind in (columns, bars, groups, branches)}
"""By name, as entries say it."""


# --- what kinds are made of ----------------------------------------------------------------------

THICKNESS = 0.2
"""Of a horizontal bar, in inches."""
LINE = 0.155
"""Height of a line of text, in inches."""
WRAP = 30
"""Longest line of a label, in characters; words are never cut."""
LETTERS = 96
"""Of a title or note, that fit into the breadth of a figure."""
LEGEND_COLUMNS = 3


class Bar(NamedTuple):
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
        draw_middle(ax, 0)
    return ax


def draw_middle(ax: Axes, at: float, **look: Any) -> None:
    """Draw the line that values lie on both sides of, in the place of the edge on the left."""
    ax.axvline(at, color=INK, linewidth=0.6, **look)
    ax.spines["left"].set_visible(False)


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
    ax = row_axes(ax, labels, len(colors), has_legend=has_legend)
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
    if has_legend:
        draw_legend(ax, colors)
    return ax


def draw_shares(ax: Axes, labels: Sequence[str], shares: Sequence[float], track: str) -> None:
    """Draw shares as horizontal bars on a track from 0 to 100 %, whose texts are yet to come."""
    for lengths, color in (([1.0] * len(shares), track), (shares, MAIN)):
        ax.barh(range(len(shares)), lengths, thickness(labels), color=color)
    ax.set_xlim(0, 1)


def row_axes(
    ax: Axes | None, labels: Sequence[str], bars: int = 1, *, has_legend: bool = False
) -> Axes:
    """Return axes whose rows are named, first on top, as high as they need, each of some bars.

    There is no axis of values: every bar says its own.
    """
    height = len(labels) * row_height(labels, bars) + (0.4 if has_legend else 0.1)
    ax = ax or new_axes(height=height)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.xaxis.set_visible(False)
    sns.despine(ax=ax, bottom=True)
    return ax


def row_height(labels: Sequence[str], bars: int) -> float:
    """Return the height of a row in inches: room for its bars and for the longest label."""
    lines = max(label.count("\n") for label in labels) + 1
    return max(bars * THICKNESS + 0.15, lines * LINE + 0.1)


def thickness(labels: Sequence[str], bars: int = 1) -> float:
    """Return the width of the bars of a row, in rows: as thick in every figure."""
    return bars * THICKNESS / row_height(labels, bars)


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
