"""Growth and economy: what moved the volume, regions against the nation, courses, targets."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ewm_analysis import statistics
from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.catalogue.words import two_digits
from ewm_analysis.figures.cells import cells, marked, needed, quoted
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.kinds import (
    Bar,
    draw_groups,
    draw_legend,
    draw_middle,
    row_axes,
    thickness,
    wrapped,
)
from ewm_analysis.figures.lines import courses_of
from ewm_analysis.figures.messages import A_DIFFERENCE, news
from ewm_analysis.figures.style import ACCENT, INK, MAIN, QUIET, REST, mark, write_beside
from ewm_analysis.indicators.compute import APPROXIMATION
from ewm_analysis.l10n import add_up, euros_that_add_up, with_sign
from ewm_analysis.statistics import targets
from ewm_analysis.statistics.counts import FEWEST_YEARS, POWER, QUASI, assumed_variance
from ewm_analysis.statistics.growth import EVENTS, SERIES, comparable, since_year_before
from ewm_analysis.statistics.result import TESTS

SHIFT = {"national": REST, "industry": ACCENT, "regional": MAIN}
"""Parts of a shift-share, in order."""
REGION_COLORS = (MAIN, ACCENT, REST)


# --- key figures as index -----------------------------------------------------------------------


@tells("base year highest lowest only name scope value unknown")
def index_facts(view: View) -> dict[str, Any]:
    """Which key figures stand highest and lowest in the last year of the index."""
    rows, words = needed(view.rows, "index"), view.words
    year = int(rows["year"].max())
    last = rows[(rows["year"] == year) & rows["index"].notna()].sort_values("index", kind="stable")
    shown = [words.number(index, 0) for index in needed(last, "index")["index"]]
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
    rows, words = needed(view.rows, "decomposition"), view.words
    labels = [wrapped(step_label(row, words)) for row in rows.itertuples()]
    ax = row_axes(ax, labels)
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
    draw_middle(ax, 0)
    return ax


def step_label(row: Any, words: Words) -> str:
    """Return what a step is called, in the drawing and among its values."""
    if row.step in ("first", "last"):
        return words.text("values.step.total", year=getattr(row, f"{row.step}_year"))
    rest = "_rest" if row.k and row.step != "large" else ""
    return words.text(f"values.step.{row.step}{rest}", k=row.k)


@tells(
    "rise fall known_change first last number size large k",
    "first_year last_year first_unknown last_unknown",
)
def step_facts(view: View) -> dict[str, Any]:
    """By how much the volume changed, and what number, size and large projects did to it."""
    rows, words = needed(view.rows, "decomposition"), view.words
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
    ends = statistics.count_interval(last)
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
            found = statistics.constancy(counts)
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
    fall, rise = statistics.detectable_ratio(count, TESTS, variance=assumed_variance(row.years))
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
    words, names = view.words, {name: view.words.text(f"growth.column.{name}") for name in SHIFT}
    bars = [
        Bar(words.label("region", row.region), value, text, names[name], row.Index)
        for row in _totals(view).itertuples()
        for name, text in _parts(row, words).items()
        for value in [float(getattr(row, name))]
    ]
    ax = draw_groups(ax, bars, dict(zip(names.values(), SHIFT.values(), strict=True)))
    low, high = min(0.0, *(bar.value for bar in bars)), max(0.0, *(bar.value for bar in bars))
    reach = high - low or 1.0
    ax.set_xlim(low - 0.14 * reach * (low < 0), high + 0.14 * reach)
    draw_middle(ax, 0)
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
    return needed(rows[(rows["method"] == "static") & (rows["category"] == "")], "shift-share")


def draw_quotients(view: View, ax: Axes | None) -> Axes:
    """The location quotient of each sector block and region as dot with the range of its years."""
    rows, words = needed(view.rows, "location quotient"), view.words
    sectors, regions = ([*dict.fromkeys(rows[name])] for name in ("category", "region"))
    labels = [wrapped(words.label("sector", sector)) for sector in sectors]
    ax = row_axes(ax, labels, len(regions), has_legend=True)
    step = thickness(labels, len(regions)) / len(regions)
    colors = dict(zip(regions, REGION_COLORS, strict=False))
    reach = rows[["lowest", "quotient", "highest"]].stack()
    ends = [float(reach.min()), float(reach.max()), 1.0]
    margin = 0.14 * (max(ends) - min(ends) or 1.0)  # room for a label
    for row in rows[rows["quotient"].notna()].itertuples():
        shift = (regions.index(row.region) - (len(regions) - 1) / 2) * step
        _draw_dot(ax, row, sectors.index(row.category) + shift, colors[row.region], margin, words)
    ax.set_xlim(min(ends) - margin, max(ends) + margin)
    draw_middle(ax, 1, zorder=0)
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
    rows, words = needed(view.rows, "location quotient"), view.words
    said, items = [], []
    for region, own in rows[rows["quotient"].notna()].groupby("region", sort=False):
        ordered = own.sort_values("quotient", kind="stable")
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


# --- the economy of a cluster, of both states, and of branches ------------------------------------


@tells("all unbroken whole sole first_year last_year highest lowest only name growth")
def break_facts(view: View) -> dict[str, Any]:
    """How many courses have no break; of those over the longest time, which grew most and least."""
    courses, words = courses_of(view), view.words
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
    grown = sorted(
        (statistics.growth_rate(*one["value"].iloc[[0, -1]]), at) for at, one in enumerate(own)
    )
    lowest, highest = (_grown(own[at], rate, view) for rate, at in (grown[0], grown[-1]))
    ends = {"only": highest} if len(own) == 1 else {"lowest": lowest, "highest": highest}
    if len(own) > 1 and grown[0][0] == grown[-1][0]:  # none grew more than another
        return known
    return known | {"first_year": first_year, "last_year": last_year} | ends


def _can_grow(own: pd.DataFrame) -> bool:
    ends = own.iloc[[0, -1]]
    is_level = indicator(own["indicator"].iloc[0]).unit != "fraction"
    return is_level and (ends["precision"] == "exact").all() and (ends["value"] > 0).all()


def _grown(own: pd.DataFrame, rate: float, view: View) -> str:
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
        growth = words.change(statistics.growth_rate(first["value"], last["value"]))
        years = {"first_year": int(first["year"]), "last_year": int(last["year"])}
        value = words.count(float(last["value"]))
        name = words.label("region", str(region))
        said.append(view.say("of_region", region=name, last=value, growth=growth, **years))
        growths.append(view.say("short", region=name, growth=growth))
        starts.add(years["first_year"])
    since = starts.pop() if len(starts) == 1 else None
    return {"regions": "; ".join(said), "growths": growths, "since": since}


@tells("first_year last_year total highest lowest label growth")
def branch_facts(view: View) -> dict[str, Any]:
    """How the turnover of Berlin changed, and in which branches most and least."""
    rows, words = view.rows, view.words
    last = rows[(rows["region"] == "be") & (rows["year"] == rows["year"].max())]
    growth = last.set_index("category")["index"] / 100 - 1
    total, *_ = view.need([*growth[growth.index == ""]])
    ordered = growth[growth.index != ""].dropna().sort_values(ascending=False, kind="stable")

    def item(code: str) -> str:
        label = words.label("sector", code)
        return view.say("item", label=label, growth=words.change(float(ordered[code])))

    return {
        "first_year": int(rows["base_year"].min()),
        "last_year": int(rows["year"].max()),
        "total": words.change(float(total)),
        "highest": [item(code) for code in ordered.index[:3]],
        "lowest": [item(code) for code in ordered.index[:-4:-1]],
    }


# --- targets ------------------------------------------------------------------------------------

HOW = {"reached": "met", "missed": "met", "on_track": "on_way", "behind": "on_way", "open": "later"}
"""The clause that says a target, by what is judged of it."""
FIRST = ("missed", "behind", "reached")
"""What a page says first, if it is so."""


@tells("judged found news items name asked value year planned why")
def target_facts(view: View) -> dict[str, Any]:
    """Say of each target what is judged, those judged alike together."""
    said: dict[str, str] = {}
    for verdict in get_args(targets.Verdict):
        own = view.rows[view.rows["verdict"] == verdict]
        if items := [_target(view, row) for row in own.itertuples()]:
            said[verdict] = view.say(verdict, items=view.words.join(items))
    found = " ".join(said[verdict] for verdict in FIRST if verdict in said)
    return {"judged": " ".join(said.values()), "found": found, "news": A_DIFFERENCE}


def _target(view: View, row: Any) -> str:
    words = view.words
    return view.say(
        HOW[row.verdict],
        name=targets.say_subject(row, words)
        if row.owner
        else words.within(targets.say_subject(row, words)),
        asked=targets.say_asked(row, words),
        value=targets.say_amount(row, row.last_value, words),
        planned=targets.say_amount(row, row.planned, words),
        year=None if pd.isna(row.last_year) else row.last_year,  # withheld
        why=targets.say_gap(row, words),
    )
