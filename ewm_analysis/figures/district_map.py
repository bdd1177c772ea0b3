"""The map: where in Brandenburg the actors of new and running projects are based.

``district_map.csv`` says where the label of a district stands and how it is aligned; that of a
district too narrow for it stands outside, with a line from the tip.
"""

from __future__ import annotations

import json
import math
import textwrap
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from ewm_analysis.catalogue import Words
from ewm_analysis.figures.cells import Cell, marked
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import INK, MAIN, ON_MAIN, REST, TRACK, mark, new_axes
from ewm_analysis.l10n import plural

BERLIN = "11000"
CLASSES = ((0, "#f6f8fa"), (1, "#d7e4f1"), (3, REST), (6, "#6d9dca"), (11, MAIN))
"""Lowest number of actors of each class, and its colour; the same in every year and cluster."""
OUTLINE = "#8793a0"
UNCOUNTED = {"facecolor": TRACK, "edgecolor": OUTLINE, "hatch": "////"}
UNKNOWN = {"facecolor": "none", "edgecolor": OUTLINE, "hatch": "...."}
MOST_NAMED = 3
"""Of more districts with equally many actors, none is named."""
STRETCH = math.cos(math.radians(52.5))
"""A degree of longitude in degrees of latitude, in the middle of Brandenburg."""
WEST, EAST = 11.25, 15.15
"""Longitudes between which map and labels have room."""


@cache
def _places() -> dict[str, Any]:
    text = files(__package__).joinpath("district_map.csv")
    with text.open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype={"ags": str}).set_index("ags", drop=False)
    return {row.ags: row for row in table.itertuples()}


def draw_map(view: View, ax: Axes | None) -> Axes:
    """Draw the actors in projects of the report year by district of Brandenburg.

    The colour tells the actors in new projects; the label adds those in running ones in
    brackets. A district without a number is dotted, Berlin is hatched: it is not counted.
    """
    new, running = _found(view)
    collection = json.loads(view.words.reference.geometry.read_text("utf-8"))
    outlines = {each["properties"]["ags"]: each["geometry"] for each in collection["features"]}
    ax = ax or new_axes(height=6.6)
    for ags, geometry in outlines.items():
        look = UNCOUNTED if ags == BERLIN else _look(new.get(ags))
        outline = _outline(geometry)
        ax.update_datalim(outline.vertices)  # add_patch looks at each step for the bend of a curve
        ax.add_artist(PathPatch(outline, linewidth=0.7, gid=ags, **look))
        _draw_label(view, ax, ags, new.get(ags), running.get(ags))
    ax.autoscale_view()
    ax.set_xlim(WEST * STRETCH, EAST * STRETCH)
    ax.set_aspect(1)
    ax.set_axis_off()
    _draw_legend(view, ax, has_gap=not {*outlines} - {BERLIN} <= {*new})
    ax.annotate(view.name("attribution"), (0, 0), xycoords="axes fraction", va="bottom", fontsize=8)
    return ax


@tells("names new running tied nobody all empty_one empty_other gaps low")
def map_facts(view: View) -> dict[str, Any]:
    """Return in which district most actors are based, and in how many there is none."""
    words, (new, running) = view.words, _found(view)
    top = max(cell.value for cell in new.values())
    places = {ags: cell for ags, cell in new.items() if cell.value == top}
    all_districts = int((words.reference.districts["state"] == "bb").sum())
    empty = sum(cell.value == 0 for cell in new.values()) if top else 0
    gaps = all_districts - len(new)
    known: dict[str, Any] = {"nobody": None if top else words.count(0)}
    if top and len(places) <= MOST_NAMED:
        known["names"] = [words.label("district", ags) for ags in places]
        one, *others = [_said(cell, words) for cell in places.values()]
        known |= {"tied" if others else "new": one}
        known["running"] = None if others else _said(running.get(next(iter(places))), words)
    return known | {
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
    return words.hedged(words.count(cell.value), cell) if cell else None


def _look(cell: Cell | None) -> dict[str, str]:
    if cell is None:
        return UNKNOWN
    color = [color for lowest, color in CLASSES if cell.value >= lowest][-1]
    return {"facecolor": color, "edgecolor": OUTLINE}


def _outline(geometry: dict[str, Any]) -> Path:
    """Return the rings of a feature as one path; a hole runs against its rim and stays empty."""
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    rings = [ring for polygon in polygons for ring in polygon]
    parts = [Path([(x * STRETCH, y) for x, y in ring], closed=True) for ring in rings]
    return Path.make_compound_path(*parts)


def _draw_label(view: View, ax: Axes, ags: str, new: Cell | None, running: Cell | None) -> None:
    """Write name and numbers; a hatch needs a ground on which they can be read."""
    words, place = view.words, _places()[ags]
    below = view.name("not_counted") if ags == BERLIN else _numbers(new, running, words)
    name = textwrap.fill(words.label("district", ags), 13, break_long_words=False)
    at = (place.longitude * STRETCH, place.latitude)
    look = {"ha": place.alignment, "va": "center", "fontsize": 8, "gid": f"label-{ags}"}
    tip, is_outside = at, pd.notna(place.tip_longitude)
    if is_outside:
        tip = (place.tip_longitude * STRETCH, place.tip_latitude)
        look["arrowprops"] = {"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 1}
    else:
        look["color"] = ON_MAIN if _look(new)["facecolor"] == MAIN else INK
        if ags == BERLIN or new is None:
            ground = TRACK if ags == BERLIN else "#ffffff"
            look["bbox"] = {"facecolor": ground, "edgecolor": "none", "boxstyle": "round,pad=0.05"}
    for cell in filter(None, (new, running)):
        mark(ax, cell.row, at)
    ax.annotate(f"{name}\n{below}".rstrip(), tip, at if is_outside else None, **look)


def _numbers(new: Cell | None, running: Cell | None, words: Words) -> str:
    """Return "7 (12)"; what is missing is a dash, or no bracket at all."""
    number = marked(words.count(new.value), new.precision) if new else words.count(None)
    if running is None:
        return number if new else ""
    return f"{number} ({marked(words.count(running.value), running.precision)})"


def _draw_legend(view: View, ax: Axes, *, has_gap: bool) -> None:
    words, labels = view.words, []
    for (low, _), (above, _) in pairwise(CLASSES):
        ends = dict.fromkeys((low, above - 1))
        labels.append("–".join(map(words.count, ends)))
    labels.append(view.say("or_more", low=words.count(CLASSES[-1][0])))
    looks: list[dict[str, Any]] = [{"facecolor": c, "edgecolor": OUTLINE} for _, c in CLASSES]
    if has_gap:
        labels.append(view.name("no_data"))
        looks.append(UNKNOWN)
    pairs = zip(labels, looks, strict=True)
    ax.legend(
        handles=[Patch(linewidth=0.7, label=label, **look) for label, look in pairs],
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
