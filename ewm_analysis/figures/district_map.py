"""The map: where in Brandenburg the actors of new and running projects are based."""

from __future__ import annotations

import json
import math
import textwrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from ewm_analysis.catalogue import Words
from ewm_analysis.figures.cells import Cell, hedged, marked, year_clause
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import INK, MAIN, ON_MAIN, REST, TRACK, new_axes
from ewm_analysis.l10n import plural

BERLIN = "11000"
CLASSES = ((0, "#f6f8fa"), (1, "#d7e4f1"), (3, REST), (6, "#6d9dca"), (11, MAIN))
"""Lowest number of actors of each class, and its colour; the same in every year and cluster."""
OUTLINE = "#8793a0"
STRETCH = math.cos(math.radians(52.5))
"""A degree of longitude in degrees of latitude, in the middle of Brandenburg."""

LABELS = {
    "11000": (13.39, 52.51),
    "12060": (13.70, 52.83),
    "12061": (13.95, 51.98),
    "12062": (13.42, 51.63),
    "12063": (12.53, 52.63),
    "12064": (14.16, 52.62),
    "12065": (13.24, 52.87),
    "12067": (14.18, 52.25),
    "12068": (12.64, 53.00),
    "12069": (12.58, 52.20),
    "12070": (12.02, 53.12),
    "12071": (14.47, 51.62),
    "12072": (13.24, 52.08),
    "12073": (13.86, 53.21),
}
"""Where the label of a district is centred: longitude and latitude."""
OUTSIDE = {
    "12051": ((12.45, 52.41), (12.03, 52.42), "right"),
    "12052": ((14.37, 51.78), (14.86, 51.90), "left"),
    "12053": ((14.50, 52.34), (14.76, 52.36), "left"),
    "12054": ((13.02, 52.40), (12.63, 51.82), "center"),
    "12066": ((13.90, 51.48), (14.28, 51.42), "left"),
}
"""Districts too narrow for a label: where its line begins, where it stands, its alignment."""
WEST, EAST = 11.25, 15.15
"""Longitudes between which map and labels have room."""


def draw_map(view: View, ax: Axes | None) -> Axes:
    """Draw the actors in projects of the report year by district of Brandenburg.

    The colour tells the actors in new projects; the label adds those in running ones in
    brackets. A district without a number is dotted, Berlin is hatched: it is not counted.
    """
    new, running = _found(view)
    collection = json.loads(view.words.reference.geometry.read_text("utf-8"))
    ax = ax or new_axes(height=6.6)
    for feature in collection["features"]:
        ags = feature["properties"]["ags"]
        look = _look(ags, new.get(ags))
        ax.add_patch(PathPatch(_outline(feature["geometry"]), linewidth=0.7, gid=ags, **look))
        _draw_label(view, ax, ags, new.get(ags), running.get(ags))
    ax.autoscale_view()
    ax.set_xlim(WEST * STRETCH, EAST * STRETCH)
    ax.set_aspect(1)
    ax.set_axis_off()
    districts = {feature["properties"]["ags"] for feature in collection["features"]} - {BERLIN}
    _draw_legend(view, ax, has_gap=not districts <= {*new})
    ax.annotate(view.name("attribution"), (0, 0), xycoords="axes fraction", va="bottom", fontsize=7)
    return ax


@tells("when", "places", "all", "empty_one", "empty_other", "gaps", "name", "new", "running", "low")
def map_facts(view: View) -> dict[str, Any]:
    """Return in which district most actors are based, and in how many there is none."""
    words, (new, running) = view.words, _found(view)
    top = max(cell.value for cell in new.values())
    inferred = any(cell.is_year_inferred for cell in new.values())
    places = [
        view.say(
            "place",
            name=words.label("district", ags),
            new=_said(cell, words),
            running=_said(running.get(ags), words),
        )
        for ags, cell in new.items()
        if cell.value == top
    ]
    all_districts = int((words.reference.districts["state"] == "bb").sum())
    empty = sum(cell.value == 0 for cell in new.values()) if top else 0
    gaps = all_districts - len(new)
    return {
        "when": year_clause(next(iter(new.values())).year, inferred, words),
        "places": places if top else None,
        "all": words.count(all_districts),
        f"empty_{plural(empty, 'one', 'other')}": words.count(empty) if empty else None,
        "gaps": words.count(gaps) if gaps else None,
    }


def _found(view: View) -> tuple[dict[str, Cell], dict[str, Cell]]:
    """Return the actors in new and in running projects by district."""
    new, running = (
        {cell.category: cell for cell in view.series.get(name, [])} for name in view.figure.show
    )
    view.need([*new])
    return new, running


def _said(cell: Cell | None, words: Words) -> str | None:
    return hedged(words.count(cell.value), cell.precision, words) if cell else None


def _color(value: float) -> str:
    return [color for lowest, color in CLASSES if value >= lowest][-1]


def _look(ags: str, cell: Cell | None) -> dict[str, Any]:
    if ags == BERLIN:
        return {"facecolor": TRACK, "edgecolor": OUTLINE, "hatch": "////"}
    if cell is None:
        return {"facecolor": "none", "edgecolor": OUTLINE, "hatch": "...."}
    return {"facecolor": _color(cell.value), "edgecolor": OUTLINE}


def _outline(geometry: dict[str, Any]) -> Path:
    """Return the rings of a feature as one path; a hole runs against its rim and stays empty."""
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    rings = [ring for polygon in polygons for ring in polygon]
    parts = [Path([_project(*point) for point in ring], closed=True) for ring in rings]
    return Path.make_compound_path(*parts)


def _draw_label(view: View, ax: Axes, ags: str, new: Cell | None, running: Cell | None) -> None:
    words = view.words
    name = "\n".join(textwrap.wrap(words.label("district", ags), 13, break_long_words=False))
    if ags == BERLIN:
        text = f"{name}\n{view.name('not_counted')}"
    else:
        text = f"{name}\n{_numbers(new, running, words)}".rstrip()
    if ags in OUTSIDE:
        tip, place, side = OUTSIDE[ags]
        ax.annotate(
            text,
            _project(*tip),
            _project(*place),
            ha=side,
            va="center",
            fontsize=8,
            gid=f"label-{ags}",
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 1},
        )
        return
    is_dark = new is not None and _color(new.value) == MAIN
    # A hatch needs a ground on which the label can be read.
    ground = TRACK if ags == BERLIN else "#ffffff"
    frame = {"facecolor": ground, "edgecolor": "none", "boxstyle": "round,pad=0.05"}
    is_hatched = ags == BERLIN or new is None
    ax.annotate(
        text,
        _project(*LABELS[ags]),
        ha="center",
        va="center",
        fontsize=8,
        gid=f"label-{ags}",
        color=ON_MAIN if is_dark else INK,
        bbox=frame if is_hatched else None,
    )


def _numbers(new: Cell | None, running: Cell | None, words: Words) -> str:
    """Return "7 (12)"; what is missing is a dash, or no bracket at all."""
    number = marked(words.count(new.value), new.precision) if new else words.count(None)
    if running is None:
        return number if new else ""
    return f"{number} ({marked(words.count(running.value), running.precision)})"


def _project(longitude: float, latitude: float) -> tuple[float, float]:
    return longitude * STRETCH, latitude


def _draw_legend(view: View, ax: Axes, *, has_gap: bool) -> None:
    words = view.words
    ends = [lowest - 1 for lowest, _ in CLASSES[1:]]
    handles = []
    for (lowest, color), end in zip(CLASSES, [*ends, None], strict=True):
        if end is None:
            label = view.say("or_more", low=words.count(lowest))
        elif end == lowest:
            label = words.count(lowest)
        else:
            label = f"{words.count(lowest)}–{words.count(end)}"
        handles.append(Patch(facecolor=color, edgecolor=OUTLINE, linewidth=0.7, label=label))
    if has_gap:
        look = _look("", None)
        handles.append(Patch(linewidth=0.7, label=view.name("no_data"), **look))
    ax.legend(
        handles=handles,
        title=view.name("legend"),
        loc="lower left",
        bbox_to_anchor=(0, 0.04),
        borderpad=0,
        borderaxespad=0,
        alignment="left",
        title_fontsize=8,
        fontsize=8,
        handlelength=1.6,
    )
