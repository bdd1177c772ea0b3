"""The growth page: figures as index, what moved the volume, regions against the nation."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from ewm_analysis.catalogue import Words
from ewm_analysis.catalogue.words import two_digits
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import (
    PANELS,
    End,
    draw_legend,
    finish_rows,
    label_ends,
    panels,
    row_axes,
    thickness,
    with_gaps,
    wrapped,
)
from ewm_analysis.figures.cells import cells, marked, quoted
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.messages import news
from ewm_analysis.figures.style import (
    ACCENT,
    INK,
    MAIN,
    QUIET,
    REST,
    TRACK,
    WHOLE,
    mark,
    write_beside,
)
from ewm_analysis.figures.targets import draw_targets, targets_as_index
from ewm_analysis.indicators.compute import APPROXIMATION
from ewm_analysis.l10n import add_up, euros_that_add_up, with_sign
from ewm_analysis.statistics import constancy, count_interval, detectable_ratio
from ewm_analysis.statistics.counts import FEWEST_YEARS, POWER, QUASI, assumed_variance
from ewm_analysis.statistics.growth import EVENTS, SERIES, comparable, since_year_before
from ewm_analysis.statistics.region import NATION
from ewm_analysis.statistics.result import TESTS

PANEL_HEIGHT, NOTE_HEIGHT = 1.3, 0.2
TITLE = 44
"""Longest line of a panel's title, in characters."""
ROOM_FOR_NUMBER, ROOM_FOR_SCOPE = 0.16, 0.55
"""Room for the label at the end of a line, as part of the span of years."""

SHIFT = {"national": REST, "industry": ACCENT, "regional": MAIN}
"""Parts of a shift-share, in order."""
REGION_COLORS = (MAIN, ACCENT, REST)


def _needed(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    if rows.empty:
        raise MissingDataError(f"There is nothing to draw: no {what}.")
    return rows


# --- key figures as index -----------------------------------------------------------------------


def draw_index(view: View, _: Axes | None) -> Axes:
    """Each key figure as index in a panel of its own, all on one scale; returns the first."""
    rows, words = _needed(view.rows, "index"), view.words
    names = [*dict.fromkeys(_needed(rows[rows["index"].notna()], "index")["indicator"])]
    first, last = int(rows["year"].min()), int(rows["year"].max())
    base = int(rows["base_year"].iloc[0])
    titles = [textwrap.fill(words.indicator(name), TITLE) for name in names]
    note = view.name("base").format(year=base)
    if APPROXIMATION in {*rows["delimitation"]}:
        note = f"{note}. {view.name('approximation')}"
    flat = panels(titles, note, PANEL_HEIGHT, NOTE_HEIGHT, PANELS)
    is_named = (rows["scope"] != "").any() or APPROXIMATION in {*rows["delimitation"]}
    room = ROOM_FOR_SCOPE if is_named else ROOM_FOR_NUMBER
    asked = targets_as_index(view)
    low, high = rows["index"].min(), rows["index"].max()
    reach = max(high - low, 20.0) / 2  # a target beyond it would press all courses flat
    near = asked["asked"][asked["asked"].between(low - reach, high + reach)]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.12 * max(high - low, 20.0)
    years = sorted({first, base, last})
    for ax, name in zip(flat, names, strict=True):
        _draw_lines(ax, rows[rows["indicator"] == name], words)
        ax.set_xlim(first - 0.2, last + room * (last - first))
        ax.set_ylim(low - margin, high + (1 if asked.empty else 2.5) * margin)
        draw_targets(ax, asked[asked["indicator"] == name], (first, last), words)
        ax.set_xticks(years, [str(year) for year in years], fontsize=8)
        ax.set_yticks([100], ["100"], fontsize=8)
        ax.spines["bottom"].set_bounds(first - 0.2, last)
        sns.despine(ax=ax, left=True)
    return flat[0]


def _draw_lines(ax: Axes, rows: pd.DataFrame, words: Words) -> None:
    ax.axhline(100, color=TRACK, linewidth=1, zorder=0)
    ends: list[End] = []
    for (scope, region, counted), series in rows.groupby(["scope", "region", "delimitation"]):
        color = ACCENT if region == NATION else WHOLE if scope == "total" else MAIN
        course = series.set_index("year")["index"].astype(float)
        line = with_gaps(course)
        ax.plot(line.index, line, color=color, linewidth=1.6, marker="o", markersize=2.6)
        known = course.dropna()
        for row, at in zip(series.index, course.items(), strict=True):
            mark(ax, row, at)
        if known.empty:
            continue
        value, year = float(known.iloc[-1]), int(known.index[-1])
        name = words.label("region", region) if counted == APPROXIMATION else words.scope(scope)
        label = f"{words.number(value, 0)} {name}".strip()
        ends.append((value, year, label, color))
    label_ends(ax, ends, 5, 5)


@tells("base year highest lowest only name scope value unknown")
def index_facts(view: View) -> dict[str, Any]:
    """Which key figures stand highest and lowest in the last year of the index."""
    rows, words = _needed(view.rows, "index"), view.words
    year = int(rows["year"].max())
    last = rows[(rows["year"] == year) & rows["index"].notna()].sort_values("index")
    shown = [words.number(index, 0) for index in _needed(last, "index")["index"]]
    lowest, highest = (
        [
            view.say(
                "item",
                name=words.within(words.indicator(str(row["indicator"]))),
                scope=_owner(row, words),
                value=value,
            )
            for (_, row), value in zip(last.iterrows(), shown, strict=True)
            if value == end
        ]
        for end in (shown[0], shown[-1])
    )
    ends = {"only": lowest} if lowest == highest else {"lowest": lowest, "highest": highest}
    lacking = (words.unknown(str(row.indicator), int(row.year), row) for row in rows.itertuples())
    unknown = "; ".join(filter(None, lacking))
    return {"base": int(rows["base_year"].iloc[0]), "year": year, "unknown": unknown, **ends}


def _owner(row: Any, words: Words) -> str:
    """Return scope of a series; of an approximation, its region and that it is one."""
    if row["delimitation"] == APPROXIMATION:
        return words.area(row["region"], row["scope"], row["delimitation"])
    return words.scope(row["scope"])


# --- what moved the volume ----------------------------------------------------------------------


def draw_steps(view: View, ax: Axes | None) -> Axes:
    """The volume of two years and, between them, the steps from one to the other."""
    rows, words = _needed(view.rows, "decomposition"), view.words
    labels = [wrapped(step_label(row, words)) for row in rows.itertuples()]
    ax = ax or row_axes(labels)
    low, high = (float(f(rows[["start", "end"]].to_numpy())) for f in (np.min, np.max))
    for place, row in enumerate(rows.itertuples()):
        is_total = row.step in ("first", "last")
        color = MAIN if is_total else (REST if row.value >= 0 else QUIET)
        left = min(row.start, row.end)
        ax.barh(place, abs(row.end - row.start), thickness(labels), left=left, color=color)
        if place:
            at = row.end if is_total else row.start
            ax.plot([at, at], [place - 1, place], color=INK, linewidth=0.6, zorder=0)
        text = words.eur(row.value) if is_total else with_sign(words.eur(row.value))
        if is_total and getattr(row, f"{row.step}_unknown"):
            text = marked(text, "at_least")
        write_beside(ax, text, (max(row.start, row.end), place), (5, 0))
        mark(ax, row.Index, (max(row.start, row.end), place))
    ax.set_xlim(min(low, 0.0), high + 0.22 * ((high - low) or 1.0))
    _finish_on_both_sides(ax, labels, 0)
    return ax


def step_label(row: Any, words: Words) -> str:
    """Return what a step is called, in the drawing and among its values."""
    if row.step in ("first", "last"):
        return words.text("values.step.total", year=getattr(row, f"{row.step}_year"))
    rest = "_rest" if row.k and row.step != "large" else ""
    return words.text(f"values.step.{row.step}{rest}", k=row.k)


def _finish_on_both_sides(ax: Axes, labels: list[str], middle: float, **look: Any) -> None:
    """Name the rows of what lies on both sides of a line."""
    ax.axvline(middle, color=INK, linewidth=0.6, **look)
    finish_rows(ax, labels)
    ax.spines["left"].set_visible(False)


@tells(
    "rise fall known_change first last number size large k",
    "first_year last_year first_unknown last_unknown",
)
def step_facts(view: View) -> dict[str, Any]:
    """By how much the volume changed, and what number, size and large projects did to it."""
    rows, words = _needed(view.rows, "decomposition"), view.words
    value = rows.set_index("step")["value"]
    about = ["first_year", "last_year", "k", "first_unknown", "last_unknown"]
    head: dict[str, Any] = rows.iloc[0][about].to_dict()
    is_partial = bool(head["first_unknown"] + head["last_unknown"])
    if not is_partial:
        del head["first_unknown"]
    ends = {end: euros_that_add_up(value[end], [value[end]])[0] for end in ("first", "last")}
    change = ends["last"] - ends["first"]
    names = [*value.index[1:-1]]
    steps = euros_that_add_up(change, [float(value[name]) for name in names])
    said = {e: words.hedged(words.eur(v), rows.iloc[0], f"{e}_") for e, v in ends.items()}
    said |= {n: with_sign(words.eur(step)) for n, step in zip(names, steps, strict=True)}
    if change or is_partial:
        kind = "known_change" if is_partial else "rise" if change > 0 else "fall"
        said[kind] = with_sign(words.eur(change)) if is_partial else words.eur(abs(change))
    told = {} if is_partial else {"news": news(value["first"], value["last"], None) or None}
    return head | said | told


@tells("ratio low high reliable none p n0 n1 first_year last_year")
def size_facts(view: View) -> dict[str, Any]:
    """Whether a typical project of the last year is larger than one of the year before."""
    words = view.words
    for row in view.rows.itertuples():
        known = {"first_year": row.first_year, "last_year": row.last_year}
        known |= {f"n{place}": words.count(number) for place, number in enumerate(row.n)}
        if None not in (row.estimate, row.low, row.high, row.p_value):
            numbers = {"ratio": row.estimate, "low": row.low, "high": row.high}
            known |= {name: words.number(number, 1) for name, number in numbers.items()}
            known["reliable" if row.is_reliable else "none"] = words.p_value(row.p_value)
            known["news"] = news(1.0, row.estimate, bool(row.is_reliable))
        return known
    return {}


@tells("branches")
def nation_facts(view: View) -> dict[str, Any]:
    """Which branches stand for the cluster where totals of the nation exist."""
    if view.rows.empty:
        return {}
    listed = view.words.reference.cluster_branches
    own = listed[listed["cluster_id"] == view.rows["cluster_id"].iloc[0]]["sector"]
    return {"branches": [quoted("sector", code, view.words) for code in own]}


# --- what is a reliable change, and what could have been seen -----------------------------------


@tells("now low high first rise fall same reliable none scattered method p level assumed years")
def change_facts(view: View) -> dict[str, Any]:
    """Whether the number of a year differs reliably from that of the year before."""
    name, year, words = next(iter(view.rows["indicator"]), ""), view.year or 0, view.words
    exact = [cell for cell in cells(view.rows, name) if cell.precision == "exact"]
    found = {cell.year: int(cell.value) for cell in exact}
    if year not in found or year - 1 not in found:
        return {}
    first, last = found[year - 1], found[year]
    known = {"now": words.quantity(name, last), "news": news_of_year(found, year)}
    if first == last:
        return known | {"same": known["now"]}
    result = since_year_before(found, year)
    is_open = result.method == QUASI and not result.is_reliable
    verdict = "reliable" if result.is_reliable else "scattered" if is_open else "none"
    p = words.p_value(result.p_value or 0.0)
    known |= {"first": words.count(first), "rise" if last > first else "fall": words.count(first)}
    ends = count_interval(last)
    known |= {end: two_digits(words)(getattr(ends, end)) for end in ("low", "high")}
    known |= {"p": p, verdict: p, "level": words.number(result.level, 3)}
    known["method"] = words.text(f"growth.method.{result.method}")
    return known | {"assumed": year - 1 if assumed_variance(len(found)) > 1 else None}


def news_of_year(found: dict[int, int], year: int) -> float:
    """Return how much news the number of a year is against the one before: 0 where by chance."""
    first, last = found[year - 1], found[year]
    if first == last:
        return 0.0
    return news(first, last, since_year_before(found, year).is_reliable)


@tells("courses name course years dispersion independent")
def course_facts(view: View) -> dict[str, Any]:
    """How many new projects and activities each year had, and whether they scatter by chance."""
    words, said = view.words, []
    for (name, *_), own in comparable(view.rows).groupby(SERIES, sort=False):
        if name not in EVENTS or len(own) < FEWEST_YEARS or not (own["precision"] == "exact").all():
            continue
        counts = [int(value) for value in own["value"]]
        course = [f"{words.count(n)} ({year})" for n, year in zip(counts, own["year"], strict=True)]
        known = {"name": words.indicator(str(name)), "course": words.join(course)}
        if any(counts):
            found = constancy(counts)
            key = "dispersion" if found.is_reliable else "independent"
            known[key] = words.p_value(found.p_value or 0.0)
        said.append(view.say("series", years=words.count(len(counts)), **known))
    return {"courses": " ".join(said)}


@tells("first_year last_year changed none name first last p")
def verdict_facts(view: View) -> dict[str, Any]:
    """Which tested figures differ reliably between their first and last year, and which do not."""
    rows, words, heard = view.rows, view.words, []
    told: dict[str, list[str]] = {"changed": [], "none": []}
    tested = rows[rows["indicator"].isin(EVENTS) & rows["p_value"].notna()]
    spans = {(row.first_year, row.last_year) for row in tested.itertuples()}
    if len(spans) != 1:
        return {}
    for row in tested.itertuples():
        ends = float(row.first_value), float(row.last_value)
        known = {"p": words.p_value(row.p_value), "name": view.name(row.indicator)}
        known |= dict(zip(("first", "last"), map(words.count, ends), strict=True))
        told["changed" if row.is_reliable else "none"].append(view.say("item", **known))
        heard.append(news(*ends, bool(row.is_reliable)))
    first_year, last_year = spans.pop()
    return {**told, "news": max(heard), "first_year": first_year, "last_year": last_year}


@tells("seen hint count name year power rise fall tests")
def detectable_facts(view: View) -> dict[str, Any]:
    """Which change of new projects and of activities could have been seen at all."""
    rows = view.rows
    known = rows[rows["indicator"].isin(EVENTS) & rows["gap"].isin(("", "zero_base"))]
    seen = [_detectable(view, row) for row in known.itertuples()]
    hint = view.say("smaller") if (known["first_value"] > 0).any() else ""
    return {"seen": " ".join(seen), "hint": hint, "tests": view.words.count(TESTS)}


def _detectable(view: View, row: Any) -> str:
    count, words = int(row.first_value), view.words
    fall, rise = detectable_ratio(count, TESTS, variance=assumed_variance(row.years))
    return view.say(
        "step",
        count=words.count(count),
        name=words.text(f"growth.seen.{row.indicator}"),
        year=int(row.first_year),
        power=words.share(POWER),
        rise=None if rise is None else words.count(math.ceil(count * rise)),
        fall=None if fall is None else words.count(math.floor(count * fall)),
    )


# --- regions against the nation -----------------------------------------------------------------


def draw_shift_share(view: View, ax: Axes | None) -> Axes:
    """The three parts of each region's change of employees: nation, industry mix, region."""
    totals, words = _totals(view), view.words
    labels = [wrapped(words.label("region", region)) for region in totals["region"]]
    ax = ax or row_axes(labels, len(SHIFT), has_legend=True)
    width = thickness(labels, len(SHIFT)) / len(SHIFT)
    said = [_parts(row, words) for row in totals.itertuples()]
    for place, (name, color) in enumerate(SHIFT.items()):
        rows_at = np.arange(len(labels)) + (place - 1) * width
        values = totals[name].astype(float)
        ax.barh(rows_at, values, width, color=color)
        for at, (row, value), parts in zip(rows_at, values.items(), said, strict=True):
            mark(ax, row, (value, at))
            side, offset = ("left", 4) if value >= 0 else ("right", -4)
            write_beside(ax, parts[name], (value, at), (offset, 0), ha=side)
    low, high = (float(f(totals[[*SHIFT]].to_numpy(float), initial=0)) for f in (np.min, np.max))
    reach = high - low or 1.0
    ax.set_xlim(low - 0.14 * reach * (low < 0), high + 0.14 * reach)
    _finish_on_both_sides(ax, labels, 0)
    draw_legend(ax, {words.text(f"growth.column.{name}"): SHIFT[name] for name in SHIFT})
    return ax


@tells("regions above below region years change", *SHIFT)
def shift_share_facts(view: View) -> dict[str, Any]:
    """How the employees of each region changed and which part is due to what."""
    words, said = view.words, []
    against: dict[str, list[str]] = {"above": [], "below": []}
    for row in _totals(view).itertuples():
        known = {**_parts(row, words), "change": with_sign(words.count(row.change))}
        known |= {"region": words.label("region", row.region)}
        said.append(view.say("of_region", years=f"{row.first_year}–{row.last_year}", **known))
        if row.change != row.national:
            against["above" if row.change > row.national else "below"].append(known["region"])
    return {"regions": " ".join(said), **against}


def _parts(row: Any, words: Words) -> dict[str, str]:
    """Return the parts of a change as they are said: they add up."""
    parts = add_up(row.change, [float(getattr(row, name)) for name in SHIFT])
    return {name: with_sign(words.count(part)) for name, part in zip(SHIFT, parts, strict=True)}


def _totals(view: View) -> pd.DataFrame:
    rows = view.rows
    return _needed(rows[(rows["method"] == "static") & (rows["category"] == "")], "shift-share")


def draw_quotients(view: View, ax: Axes | None) -> Axes:
    """The location quotient of each sector block and region as dot with the range of its years."""
    rows, words = _needed(view.rows, "location quotient"), view.words
    sectors, regions = ([*dict.fromkeys(rows[name])] for name in ("category", "region"))
    labels = [wrapped(words.label("sector", sector)) for sector in sectors]
    ax = ax or row_axes(labels, len(regions), has_legend=True)
    step = thickness(labels, len(regions)) / len(regions)
    colors = dict(zip(regions, REGION_COLORS, strict=False))
    reach = rows[["lowest", "quotient", "highest"]].stack()
    ends = [float(reach.min()), float(reach.max()), 1.0]
    margin = 0.14 * (max(ends) - min(ends) or 1.0)  # room for a label
    for row in rows[rows["quotient"].notna()].itertuples():
        shift = (regions.index(row.region) - (len(regions) - 1) / 2) * step
        _draw_dot(ax, row, sectors.index(row.category) + shift, colors[row.region], margin, words)
    ax.set_xlim(min(ends) - margin, max(ends) + margin)
    _finish_on_both_sides(ax, labels, 1, zorder=0)
    ax.set_xlabel(view.name("legend"), loc="left")
    ax.xaxis.set_visible(True)
    ax.set_xticks([1], ["1"])
    draw_legend(ax, {words.label("region", region): colors[region] for region in regions})
    return ax


def _draw_dot(ax: Axes, row: Any, at: float, color: str, room: float, words: Words) -> None:
    low, high = (row.quotient if pd.isna(end) else end for end in (row.lowest, row.highest))
    ax.plot([low, high], [at, at], color=color, linewidth=2)
    ax.plot([row.quotient], [at], "o", color=color, markersize=5)
    mark(ax, row.Index, (row.quotient, at))
    # labels stand where the dot is nearer to the end of its range, but not across the line at 1
    before, after = row.quotient - low, high - row.quotient
    if row.quotient < 1:
        is_left = before <= after or 1 - high < room
    else:
        is_left = before < after and low - 1 > room
    end, offset, side = (low, -7, "right") if is_left else (high, 7, "left")
    write_beside(ax, words.number(row.quotient, 2), (end, at), (offset, 0), ha=side)


@tells("regions items region year highest high lowest low share krugman")
def quotient_facts(view: View) -> dict[str, Any]:
    """Which sector block of each region stands out most and least, and the indices."""
    rows, words = _needed(view.rows, "location quotient"), view.words
    said, items = [], []
    for region, own in rows[rows["quotient"].notna()].groupby("region", sort=False):
        ordered = own.sort_values("quotient")
        lowest, highest = ordered.iloc[0], ordered.iloc[-1]
        known = {
            "region": words.label("region", str(region)),
            "year": highest["year"],
            "highest": words.label("sector", highest["category"]),
            "high": words.number(highest["quotient"], 2),
            "lowest": words.label("sector", lowest["category"]),
            "low": words.number(lowest["quotient"], 2),
            "share": words.share(highest["hoover"]),
            "krugman": words.number(highest["krugman"], 2),
        }
        items.append(view.say("item", **known))
        said.append(view.say("of_region", **known))
    return {"regions": " ".join(said), "items": items}


@tells("years provisional")
def sector_year_facts(view: View) -> dict[str, Any]:
    """Which years the sectors are known for, and which of them are provisional."""
    rows = view.rows
    parts = {"years": rows, "provisional": rows[rows["is_provisional"].astype(bool)]}
    return {name: [str(y) for y in sorted({*part["year"]})] for name, part in parts.items()}
