"""How figures are drawn: columns by year, bars, bars in groups, bars in branches with braces.

A kind is a function of a view and axes, or None for a new figure; it computes nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ewm_analysis.figures.bars import (
    Bar,
    draw_bars,
    draw_brace,
    draw_groups,
    draw_legend,
    draw_shares,
    finish_rows,
    finish_years,
    target_lines,
    wrapped,
)
from ewm_analysis.figures.cells import Cell, inferred_note, marked, said_share, starred, year_text
from ewm_analysis.figures.style import (
    ACCENT,
    INK,
    MAIN,
    ON_MAIN,
    REST,
    mark,
    new_axes,
    write_beside,
)
from ewm_analysis.l10n import NBSP
from ewm_analysis.statistics.counts import event_interval

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
THICKNESS, HEADING, AFTER_GROUP, INCHES_PER_ROW = 0.38, 0.75, 0.3, 0.44
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
    ax = draw_shares(ax, [wrapped(bar.label) for bar in drawn], [bar.value for bar in drawn])
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
    end = 0.0
    for top, children in below.items():
        if children:
            places[top], end = end + HEADING / 2 - 0.5, end + HEADING
        for category in children or (top,):
            places[category], end = end, end + 1
        end += AFTER_GROUP if children else 0
    ax = ax or new_axes(height=0.4 + INCHES_PER_ROW * end)
    colors = dict(zip(view.figure.show, COLORS, strict=True))
    longest = 0.0
    for number, (name, part) in enumerate(view.series.items()):
        shift = (number - (len(view.series) - 1) / 2) * THICKNESS
        by_category = {cell.category: cell for cell in part}
        shown = {
            at + shift: by_category[code]
            for code, at in places.items()
            if code in by_category and not below.get(code)
        }
        told = [_length(view, name, cell) for cell in shown.values()]
        for (place, cell), (length, _) in zip(shown.items(), told, strict=True):
            mark(ax, cell.row, (length, place))
        drawn = ax.barh([*shown], [length for length, _ in told], THICKNESS, color=colors[name])
        ax.bar_label(drawn, [text for _, text in told], padding=4, color=INK)
        longest = max([longest, *(length for length, _ in told)])
    sums = {top: said for top in below if (said := view.counted(top))}
    room = LONG_LABEL if sums and view.wholes else SHORT_LABEL
    ax.set_xlim(0, room * longest or 1.0)  # labels end before a brace begins
    finish_rows(ax, [""])
    ax.set_yticks([*places.values()], [wrapped(words.label(by, code)) for code in places])
    ax.set_ylim(end - 0.5, -0.5)
    for tick, category in zip(ax.get_yticklabels(), places, strict=True):
        tick.set_fontweight("bold" if below.get(category) else "normal")
    for top, said in sums.items():
        first, last = below[top][0], below[top][-1]
        ends = places[first] - THICKNESS, places[last] + THICKNESS
        draw_brace(ax, *ends, "\n".join(said), view.name("distinct"))
    draw_legend(ax, {_legend(view, name): colors[name] for name in view.series})
    return ax


KINDS = {kind.__name__: kind for kind in (columns, bars, groups, branches)}
"""By name, as entries say it."""
