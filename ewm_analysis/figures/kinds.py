"""How figures are drawn: columns by year, bars, bars in groups, bars in branches with braces.

A kind is a function of a view and axes, or None for a new figure; it computes nothing.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ewm_analysis.figures.bars import (
    Bar,
    Column,
    draw_bars,
    draw_brace,
    draw_columns,
    draw_groups,
    draw_legend,
    draw_shares,
    finish_rows,
    wrapped,
)
from ewm_analysis.figures.cells import (
    Cell,
    common_precision,
    inferred_note,
    marked,
    said_share,
    year_text,
)
from ewm_analysis.figures.style import ACCENT, INK, MAIN, new_axes

COLORS = (MAIN, ACCENT)
THICKNESS, HEADING, AFTER_GROUP, INCHES_PER_ROW = 0.38, 0.75, 0.3, 0.44
"""Of branches: of a bar and of a heading in rows, space after a group, height of a row."""


def columns(view: Any, ax: Axes | None) -> Axes:
    """A column a year: the whole light, a part of it dark; either may be missing."""
    words, figure = view.words, view.figure
    names = figure.show if len(figure.show) > 1 else (*figure.show, "")
    by_year: dict[int, dict[str, Cell]] = {}
    for name, part in view.series.items():
        for cell in part:
            by_year.setdefault(cell.year, {})[name] = cell
    drawn = []
    for year, found in sorted(by_year.items()):
        (whole, whole_text), (part, part_text) = (_column(view, found.get(n), n) for n in names)
        if figure.part_by and (named := view.parts(year)):
            precision = common_precision(cell.precision for cell in named)
            part = sum(cell.value for cell in named)
            part_text = marked(words.value(figure.show[0], part), precision)
        inferred = any(cell.is_year_inferred for cell in found.values())
        drawn.append(Column(year, inferred, whole, whole_text, part, part_text))
    notes = [inferred_note(view.every, words)]
    unknown = [str(year) for year, found in sorted(by_year.items()) if names[0] not in found]
    if unknown and len(unknown) < len(by_year):
        years = words.join(unknown)
        notes.append(view.name("unknown").format(years=years))
    legend = (
        view.name("whole") if "whole" in figure.names else view.name(names[0]),
        view.name("part") if "part" in figure.names else "",
    )
    ax = draw_columns(ax, drawn, legend, " · ".join(filter(None, notes)))
    if len(figure.show) > 1 and len(view.series) == 1:  # one colour, but not always one meaning
        draw_legend(ax, {words.indicator(*view.series): MAIN})
    return ax


def _column(view: Any, cell: Cell | None, name: str) -> tuple[float | None, str]:
    return (cell.value, _text(view, name, cell)) if cell else (None, "")


def _text(view: Any, name: str, cell: Cell) -> str:
    return marked(view.words.value(name, cell.value), cell.precision)


def bars(view: Any, ax: Axes | None) -> Axes:
    """A bar a category; shares on a track to 100 %."""
    drawn = []
    for name, part in view.series.items():
        is_share = name.endswith("_share")
        for cell in part:
            label, text = view.label(name, cell), _text(view, name, cell)
            if is_share and not view.figure.by:
                text = marked(said_share(view.rows, name, cell, view.words), cell.precision)
            elif name in view.figure.every_year:
                label = f"{label} ({year_text(cell.year, cell.is_year_inferred, view.words)})"
            drawn.append(Bar(label, cell.value, text))
    return draw_shares(ax, drawn) if is_share else draw_bars(ax, drawn)


def named(view: Any, ax: Axes | None) -> Axes:
    """A bar a named part of the year, the largest on top."""
    name, by = view.figure.show[0], view.figure.part_by
    found = view.need(sorted(view.parts(view.year), key=lambda cell: -cell.value))
    return draw_bars(
        ax,
        [
            Bar(view.words.label(by, cell.category), cell.value, _text(view, name, cell))
            for cell in found
        ],
    )


def groups(view: Any, ax: Axes | None) -> Axes:
    """Bars of several series, category by category; links with the most frequent on top."""
    weight: dict[str, float] = {}
    for cell in view.every:
        weight[cell.category] = weight.get(cell.category, 0) + cell.value
    order = [*view.words.reference.valid(view.figure.by)["category"]]
    if view.figure.pick == "foreign":
        position = view.words.reference.clusters.set_index("cluster_id")["position"]
        order = sorted(weight, key=lambda code: (-weight[code], position[code]))
    records = [
        {
            "label": wrapped(view.label(name, cell)),
            "series": view.name(name),
            "value": cell.value,
            "text": _text(view, name, cell),
            "place": order.index(cell.category),
        }
        for name, part in view.series.items()
        for cell in part
    ]
    colors = dict(zip(map(view.name, view.figure.show), COLORS, strict=True))
    return draw_groups(ax, pd.DataFrame(records).sort_values("place", kind="stable"), colors)


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
        shown = [
            (at + shift, by_category[code])
            for code, at in places.items()
            if code in by_category and not below.get(code)
        ]
        lengths = [cell.value for _, cell in shown]
        drawn = ax.barh([at for at, _ in shown], lengths, THICKNESS, color=colors[name])
        ax.bar_label(drawn, [_text(view, name, c) for _, c in shown], padding=4, color=INK)
        longest = max([longest, *lengths])
    ax.set_xlim(0, 1.14 * longest or 1.0)  # labels end before a brace begins
    finish_rows(ax, [""])
    ax.set_yticks([*places.values()], [wrapped(words.label(by, code)) for code in places])
    ax.set_ylim(end - 0.5, -0.5)
    for tick, category in zip(ax.get_yticklabels(), places, strict=True):
        tick.set_fontweight("bold" if below.get(category) else "normal")
    for top, children in below.items():
        if sums := view.counted(top):
            ends = places[children[0]] - THICKNESS, places[children[-1]] + THICKNESS
            draw_brace(ax, *ends, "\n".join(sums), view.name("distinct"))
    draw_legend(ax, {view.name(name): colors[name] for name in view.series})
    return ax


KINDS = {kind.__name__: kind for kind in (columns, bars, named, groups, branches)}
"""By name, as entries say it."""
