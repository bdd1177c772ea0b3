"""The economy page: courses with their breaks, and both states."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import pandas as pd
from matplotlib.axes import Axes

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import PANELS, End, label_ends, panels, with_gaps
from ewm_analysis.figures.cells import marked
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import ACCENT, INK, MAIN, TRACK, mark, write_beside
from ewm_analysis.indicators.compute import APPROXIMATION
from ewm_analysis.statistics import growth_rate
from ewm_analysis.statistics.region import NATION

PANEL, BRANCH, NOTE = 1.25, 1.1, 0.3
"""Heights of a panel, of one of a branch, and of the note, in inches."""
MOST_LABELS = 4
"""Of more years only the ends of a line carry their value."""

LABEL = 0.14
"""Width of a label, as part of the span of years."""

Family: TypeAlias = pd.DataFrame
"""Figures that are counted alike, by year."""


def draw_courses(view: View, _: Axes | None) -> Axes:
    """A panel a figure, region and delimitation; a change of the source breaks it."""
    courses, words = _courses(view), view.words
    has_breaks = any(len(families) > 1 for families in courses.values())
    note = view.name("break") if has_breaks else ""
    flat = panels([*courses], note, PANEL, NOTE, 1)
    first, last = int(view.rows["year"].min()), int(view.rows["year"].max())
    margin = 0.06 * (last - first)
    for ax, families in zip(flat, courses.values(), strict=True):
        for before, after in itertools.pairwise(families):
            middle = (int(before["year"].max()) + int(after["year"].min())) / 2
            ax.axvline(middle, ymax=0.7, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        for own in families:
            _draw_family(ax, own)
        _draw_labels(ax, families, LABEL * (last - first), words)
        ax.set_xlim(first - margin, last + margin)
        ax.set_ylim(0, 1.5 * max(float(own["value"].max()) for own in families) or 1.0)
        years = sorted({int(year) for own in families for year in own["year"]})
        ax.set_xticks(years, [str(year) for year in years], fontsize=8)
        ax.yaxis.set_visible(False)
        ax.spines["left"].set_visible(False)
    return flat[0]


def _draw_family(ax: Axes, own: Family) -> None:
    course = with_gaps(own.set_index("year")["value"].astype(float))
    ax.plot(course.index, course, color=MAIN, linewidth=1.6, marker="o", markersize=3.6)
    for row in own.itertuples():
        mark(ax, row.Index, (row.year, row.value))


def _draw_labels(ax: Axes, families: Sequence[Family], width: float, words: Words) -> None:
    """Write the values of short families, and the ends of long ones; neighbours at two heights."""
    ends = [own if len(own) <= MOST_LABELS else own.iloc[[0, -1]] for own in families]
    before, low = -math.inf, True
    for row in pd.concat(ends).itertuples():
        low = not (low and row.year - before < width)
        before = int(row.year)
        text = marked(words.value(row.indicator, float(row.value)), row.precision)
        place = (before, float(row.value))
        write_beside(ax, text, place, (0, 8 if low else 19), ha="center", fontsize=8)


def _courses(view: View) -> dict[str, Sequence[Family]]:
    """Return the families of each course, in the order of years, by what it is called."""
    if view.rows.empty:
        raise MissingDataError("No figure is known for two years in one delimitation.")
    keys = ["indicator", "region", "scope", "delimitation"]
    found: dict[str, Sequence[Family]] = {}
    for (name, region, scope, delimitation), own in view.rows.groupby(keys, sort=False):
        families = [each.sort_values("year") for _, each in own.groupby("family")]
        label = f"{view.words.indicator(name)}, {view.words.area(region, scope, delimitation)}"
        found[label] = sorted(families, key=lambda each: int(each["year"].min()))
    return found


@tells("all unbroken whole sole first_year last_year highest lowest only name growth")
def course_facts(view: View) -> dict[str, Any]:
    """How many courses have no break; of those over the longest time, which grew most and least."""
    courses, words = _courses(view), view.words
    whole = [families[0] for families in courses.values() if len(families) == 1]
    is_one = len(courses) == 1
    known: dict[str, Any] = {} if is_one else {"all": words.count(len(courses))}
    if len(whole) == len(courses):
        known["sole" if is_one else "whole"] = words.count(len(whole))
    elif whole:
        known["unbroken"] = words.count(len(whole))
    exact = [own for own in whole if _can_grow(own)]
    spans = [(int(own["year"].iloc[0]), int(own["year"].iloc[-1])) for own in exact]
    if not exact:
        return known
    first_year, last_year = max(spans, key=lambda span: span[1] - span[0])
    own = [one for one, span in zip(exact, spans, strict=True) if span == (first_year, last_year)]
    grown = sorted((growth_rate(*one["value"].iloc[[0, -1]]), at) for at, one in enumerate(own))
    lowest, highest = (_grown(own[at], rate, view) for rate, at in (grown[0], grown[-1]))
    ends = {"only": highest} if len(own) == 1 else {"lowest": lowest, "highest": highest}
    if len(own) > 1 and grown[0][0] == grown[-1][0]:  # none grew more than another
        return known
    return known | {"first_year": first_year, "last_year": last_year} | ends


def _can_grow(own: Family) -> bool:
    ends = own.iloc[[0, -1]]
    is_level = indicator(own["indicator"].iloc[0]).unit != "fraction"
    return is_level and (ends["precision"] == "exact").all() and (ends["value"] > 0).all()


def _grown(own: Family, rate: float, view: View) -> str:
    row, words = own.iloc[0], view.words
    counted = APPROXIMATION if row["delimitation"] == APPROXIMATION else ""
    where = words.area(row["region"], row["scope"], counted)
    name = f"{words.within(words.indicator(row['indicator']))}, {where}"
    is_eur = indicator(row["indicator"]).unit == "eur"
    return view.say("item_eur" if is_eur else "item", name=name, growth=words.change(rate))


@tells("regions growths since region first_year last last_year growth")
def state_facts(view: View) -> dict[str, Any]:
    """The employees of each state in the last year, and their growth from the first."""
    words, said, growths, starts = view.words, [], [], set()
    for region, own in view.rows.groupby("region", sort=False):
        first, last = (own.sort_values("year").iloc[place] for place in (0, -1))
        growth = words.change(growth_rate(first["value"], last["value"]))
        years = {"first_year": int(first["year"]), "last_year": int(last["year"])}
        value = words.count(float(last["value"]))
        name = words.label("region", str(region))
        said.append(view.say("of_region", region=name, last=value, growth=growth, **years))
        growths.append(view.say("short", region=name, growth=growth))
        starts.add(years["first_year"])
    since = starts.pop() if len(starts) == 1 else None
    return {"regions": "; ".join(said), "growths": growths, "since": since}


def draw_branches(view: View, _: Axes | None) -> Axes:
    """A panel a branch: the index of Berlin and of Germany, all on one scale."""
    rows, words = view.rows, view.words
    if rows.empty:
        raise MissingDataError("There is nothing to draw: no branch is surveyed.")
    codes = sorted({*rows["category"]}, key=[*_branches(view), ""].index)
    titles = [_branch(code, view) for code in codes]
    base, last = int(rows["base_year"].min()), int(rows["year"].max())
    flat = panels(titles, view.name("base").format(year=base), BRANCH, NOTE, PANELS)
    low, high = (float(end) for end in (rows["index"].min(), rows["index"].max()))
    colors = {"be": MAIN, NATION: ACCENT}
    for ax, code in zip(flat, codes, strict=True):
        ends: list[End] = []
        for region, own in rows[rows["category"] == code].groupby("region"):
            course = with_gaps(own.set_index("year")["index"])
            ax.plot(course.index, course, color=colors[str(region)], linewidth=1.4)
            for row in own[own["index"].notna()].itertuples():
                mark(ax, row.Index, (row.year, float(course[row.year])))
            name = words.label("region", str(region))
            end = float(course.iloc[-1])
            ends.append((end, last, f"{words.number(end, 0)} {name}", colors[str(region)]))
        label_ends(ax, ends, 5, 5, fontsize=8)
        ax.axhline(100, color=TRACK, linewidth=1, zorder=0)
        ax.set_xlim(base, last + 0.5 * (last - base))
        ax.set_ylim(low - 10, high + 10)
        ax.set_xticks([base, last], [str(base), str(last)], fontsize=8)
        ax.yaxis.set_visible(False)
        ax.spines["bottom"].set_bounds(base, last)
        ax.spines["left"].set_visible(False)
    return flat[0]


def _branches(view: View) -> list[str]:
    return [*view.words.reference.valid("sector")["category"]]


def _branch(code: str, view: View) -> str:
    return view.words.label("sector", code) if code else view.name("all")


@tells("first_year last_year total highest lowest label growth")
def branch_facts(view: View) -> dict[str, Any]:
    """How the turnover of Berlin changed, and in which branches most and least."""
    rows, words = view.rows, view.words
    last = rows[(rows["region"] == "be") & (rows["year"] == rows["year"].max())]
    growth = last.set_index("category")["index"] / 100 - 1
    ordered = growth.drop("").dropna().sort_values(ascending=False)

    def item(code: str) -> str:
        label = words.label("sector", code)
        return view.say("item", label=label, growth=words.change(float(ordered[code])))

    return {
        "first_year": int(rows["base_year"].min()),
        "last_year": int(rows["year"].max()),
        "total": words.change(float(growth[""])),
        "highest": [item(code) for code in ordered.index[:3]],
        "lowest": [item(code) for code in ordered.index[:-4:-1]],
    }
