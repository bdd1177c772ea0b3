"""One of a kind in the annual report: the core of a cluster, volumes, the origin of actors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ewm_analysis.catalogue import indicator
from ewm_analysis.figures import cells
from ewm_analysis.figures.cells import Cell, marked
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.kinds import draw_legend, draw_shares, finish_years, row_axes, wrapped
from ewm_analysis.figures.style import (
    ACCENT,
    INK,
    MAIN,
    ON_MAIN,
    QUIET,
    REST,
    mark,
    new_axes,
    write_beside,
)
from ewm_analysis.l10n import format_number
from ewm_analysis.statistics import compare_shares, share_interval
from ewm_analysis.statistics.result import TESTS

ROOM_FOR_LABEL = 0.4
"""Part of the width of the axes that a label within a bar needs."""

VOLUMES = {"project_volume": (MAIN, REST), "funding_volume": (ACCENT, "#f2d3b1")}
"""Colours of each volume: of the part that goes to the region, which is dark, and of the whole."""
BAR = 0.4
SMALL = ("1-9", "10-49")
"""Size classes below 50 employees."""
COMMON = "funding_volume_comparable"
MILLION = 1_000_000

STATES = {"be": MAIN, "bb": REST, "other": QUIET}
BETWEEN_YEARS, BETWEEN_BLOCKS = 0.9, 2.0
"""Space between years, and between projects and activities, in bars."""

Years = dict[int, dict[str, Cell]]
"""By year, and by what is counted in it; a missing value has no cell."""
Origins = dict[tuple[str, int], list[Cell]]
"""By what is counted, and by year."""


# --- the core within the whole cluster ----------------------------------------------------------


def draw_economy(view: View, ax: Axes | None) -> Axes:
    """The core as part of the whole, of each measure in the last year that both are known.

    Every bar is as long as its whole: measures of different units are compared by their share.
    """
    words, both = view.words, view.need(_core_and_total(view))
    labels = [wrapped(f"{words.indicator(name)} ({core.year})") for name, (core, _) in both.items()]
    shares = [core.value / total.value for core, total in both.values()]
    ax = row_axes(ax, labels, has_legend=True)
    draw_shares(ax, labels, shares, REST)
    for row, (name, (core, total)) in enumerate(both.items()):
        own, whole = (marked(words.value(name, c.value), c.precision) for c in (core, total))
        text = f"{own} ({marked(words.share(shares[row]), cells.rough(core, total))})"
        fits = shares[row] >= ROOM_FOR_LABEL
        look = {"ha": "right", "color": ON_MAIN} if fits else {"color": INK}
        write_beside(ax, text, (shares[row], row), (-5 if fits else 5, 0), **look)
        write_beside(ax, whole, (1, row), (6, 0))
        mark(ax, core.row, (shares[row], row))
        mark(ax, total.row, (1, row))
    scopes = {"core": MAIN, "total": REST}
    draw_legend(ax, {words.text(f"word.scope.{scope}"): color for scope, color in scopes.items()})
    return ax


@tells("two_shares core total share change first last")
def economy_facts(view: View) -> dict[str, Any]:
    """The share of the core, and the growth of core and whole as far as they are known."""
    shares = []
    for name, (core, total) in view.need(_core_and_total(view)).items():
        share = view.words.share(core.value / total.value)
        shares.append(view.say(name, share=view.words.hedged(share, cells.rough(core, total))))
    growths = {
        scope: [text for name in view.figure.beside if (text := _growth(view, name, scope))]
        for scope in ("core", "total")
    }
    return {"two_shares": [*dict.fromkeys((shares[0], shares[-1]))], **growths}


@tells("name now low high before reliable none level share part base")
def share_facts(view: View) -> dict[str, Any]:
    """How firm a share of the year's counts is, and whether it differs from the year before."""
    words, year, (part, whole) = view.words, view.year or 0, view.figure.show
    counts, bases = (
        {
            cell.year: int(cell.value)
            for cell in cells.cells(view.rows, name)
            if cell.precision == "exact"
        }
        for name in (part, whole)
    )
    pairs = {at: (k, bases[at]) for at, k in counts.items() if k <= bases.get(at, 0) > 0}
    if year not in pairs:
        return {}

    def of(k: int, n: int) -> str:
        known = {"part": words.count(k), "base": words.count(n)}
        return view.say("of", share=words.share(k / n), **known)

    found = share_interval(*pairs[year])
    known = {"name": view.name("share"), "now": of(*pairs[year])}
    known |= {end: words.share(getattr(found, end)) for end in ("low", "high")}
    if year - 1 in pairs:
        change = compare_shares(pairs[year - 1], pairs[year], tests=TESTS)
        known["before"] = of(*pairs[year - 1])
        known["level"] = words.number(change.level, 3)
        known["reliable" if change.is_reliable else "none"] = words.p_value(change.p_value or 0.0)
    return known


@tells("items name years")
def later_facts(view: View) -> dict[str, Any]:
    """The figures of the cluster that only later reports could know, with their years."""
    return {
        "items": [
            view.say(
                "item",
                name=view.words.within(view.words.indicator(str(name))),
                years=[*map(str, years)],
            )
            for name, years in view.rows.groupby("indicator", sort=False)["year"].unique().items()
        ]
    }


def _core_and_total(view: View) -> dict[str, tuple[Cell, Cell]]:
    """Return core and total of each measure in the last year that has both."""
    core, total = (_by_year(view, scope) for scope in ("core", "total"))
    both = {}
    for name in view.figure.show:
        known = total[name]
        years = [
            year for year, cell in core[name].items() if year in known and known[year].value > 0
        ]
        if years:
            both[name] = core[name][max(years)], known[max(years)]
    return both


def _by_year(view: View, scope: str) -> dict[str, dict[int, Cell]]:
    """Return the values of each measure by year."""
    rows = _monitored(view, scope)
    return {
        name: {cell.year: cell for cell in cells.cells(rows, name)} for name in view.figure.show
    }


def _monitored(view: View, scope: str) -> pd.DataFrame:
    """Return the rows of a scope; other delimitations cannot be set beside that of the clusters."""
    rows = view.rows
    return rows[(rows["delimitation"] == "clustermonitoring") & (rows["scope"] == scope)]


def _growth(view: View, name: str, scope: str) -> str:
    """Return the growth up to the latest year, over the longest period; empty if unknown."""
    rows = _monitored(view, scope)
    known = rows[(rows["indicator"] == name) & (rows["dimension"] == "")]
    known = known.dropna(subset=["value", "base_year"])
    known = known.sort_values(["year", "base_year"], ascending=[False, True])
    return "".join(
        view.say(
            name,
            change=view.words.hedged(view.words.value(name, row.value), row),
            first=int(row.base_year),
            last=int(row.year),
        )
        for row in known.head(1).itertuples()
    )


# --- project and funding volume -----------------------------------------------------------------


def draw_volumes(view: View, ax: Axes | None) -> Axes:
    """Project and funding volume by year; up to five years are easy to read.

    The dark part of a bar, in brackets above it, goes to the capital region.
    """
    found = _volumes(view)
    known = {name for by_name in found.values() for name in by_name}
    has_region = any(name.endswith("_region") for name in known)
    drawn = [name for name in VOLUMES if {name, f"{name}_region"} & known]
    ax = ax or new_axes(height=3.1)
    for number, name in enumerate(drawn):
        shift = (number - (len(drawn) - 1) / 2) * BAR
        dark, light = VOLUMES[name]
        layers = ((name, light if has_region else dark, "{}"), (f"{name}_region", dark, "({})"))
        for year, by_name in found.items():
            texts, top = [], 0.0
            for part, color, form in layers:
                if cell := by_name.get(part):
                    ax.bar(year + shift, cell.value, BAR * 0.94, color=color)
                    mark(ax, cell.row, (year + shift, cell.value))
                    texts.append(form.format(_millions(cell, view)))
                    top = max(top, cell.value)
            if name == "funding_volume":
                _hatch_rest(by_name, ax, year + shift)
            look = {"ha": "center", "va": "bottom", "color": INK, "fontsize": 8}
            write_beside(ax, "\n".join(texts), (year + shift, top), (0, 3), **look)
    slack, middle = max(4, len(found)) / 2, (min(found) + max(found)) / 2
    ax.set_xlim(middle - slack, middle + slack)
    every = [cell for by_name in found.values() for cell in by_name.values()]
    ax.set_ylim(0, 1.16 * max(cell.value for cell in every) or 1.0)
    rest = view.name("rest") if any(bar.get_hatch() for bar in ax.patches) else ""
    unit = view.name("unit_region" if has_region else "unit")
    ticks: dict[float, str] = {
        year: cells.starred(year, by_name.values()) for year, by_name in found.items()
    }
    notes = [unit, rest, cells.inferred_note(every, view.words)]
    finish_years(ax, ticks, " · ".join(filter(None, notes)))
    draw_legend(ax, {view.name(name): VOLUMES[name][0] for name in drawn})
    return ax


def _hatch_rest(by_name: Mapping[str, Cell], ax: Axes, at: float) -> None:
    """Set apart the funding of projects whose volume nobody knows: the rest compares with it."""
    whole, common = by_name.get("funding_volume"), by_name.get(COMMON)
    if whole and common and whole.value > common.value:
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": ON_MAIN, "hatch": "/////"}
        height = whole.value - common.value
        ax.bar(at, height, BAR * 0.94, bottom=common.value, linewidth=0, **look)


def _volumes(view: View) -> Years:
    """Return volumes and parts of the region of all years, those between without any, too."""
    found = {
        name: cells.cells(view.rows, name) for name in (*view.figure.show, *view.figure.beside)
    }
    view.need([cell for name in found if name != "project_volume" for cell in found[name]])
    known = [cell.year for part in found.values() for cell in part]
    return {
        year: {name: cell for name, part in found.items() for cell in part if cell.year == year}
        for year in range(min(known), max(known) + 1)
    }


def _millions(cell: Cell, view: View) -> str:
    """Return millions with one decimal, or three where one would show no more than zero."""
    digits, minimum = (3, 0) if abs(cell.value) < MILLION / 10 else (1, 1)
    text = format_number(cell.value / MILLION, view.words.locale, digits, minimum)
    return marked(text, cell.precision)


@tells(
    "in_region amounts when shares both project_share funding_share before unknown common",
    "project_volume project_volume_region funding_volume funding_volume_comparable",
)
def volume_facts(view: View) -> dict[str, Any]:
    """The part of the region in the volumes of the last year and of the year before."""
    found = _volumes(view)
    last = max(found)
    before, of_year = _in_region(view, found.get(last - 1, {})), view.of_year(last)
    return {
        "in_region": _in_region(view, found[last]),
        "amounts": view.say("amounts", **of_year),
        "before": view.say("before", when=view.of_year(last - 1)["when"], shares=before),
        "common": view.say("compared", **of_year),
        "unknown": cells.unknown_items(
            {name: cells.cells(view.rows, name) for name in VOLUMES}, view.words
        ),
    }


def _in_region(view: View, by_name: Mapping[str, Cell]) -> str:
    """Return the part of the region in each volume that is known exactly; empty if none is."""
    shares = {}
    for name in VOLUMES:
        whole, part = by_name.get(name), by_name.get(f"{name}_region")
        if whole and part and whole.value and cells.rough(whole, part) == "exact":
            shares[name.replace("volume", "share")] = view.words.share(part.value / whole.value)
    both = {*shares.values()} if len(shares) == len(VOLUMES) else ()
    return view.say("shares", **shares, both=both.pop() if len(both) == 1 else None)


# --- origin of actors ---------------------------------------------------------------------------


def draw_origin(view: View, ax: Axes | None) -> Axes:
    """The actors of each year by origin, those in projects beside those in activities.

    Up to four years are easy to read.
    """
    found, words, order = _origins(view), view.words, [*STATES]
    ax = ax or new_axes(height=3.0)
    ticks: dict[float, str] = {}
    start = 0.0
    for name, blocks in groupby(found, key=lambda block: block[0]):
        first = start
        for _, year in blocks:
            origins = found[name, year]
            ticks[start + (len(order) - 1) / 2] = cells.starred(year, origins)
            for cell in origins:
                at, color = start + order.index(cell.category), STATES[cell.category]
                bars = ax.bar(at, cell.value, 0.94, color=color)
                mark(ax, cell.row, (at, cell.value))
                text = marked(words.count(cell.value), cell.precision)
                ax.bar_label(bars, [text], padding=2, color=INK, fontsize=8, annotation_clip=False)
            start += len(order) + BETWEEN_YEARS
        place = ((first + start - BETWEEN_YEARS - 1) / 2, 0)
        look = {"ha": "center", "va": "top", "fontweight": "bold"}
        below = ax.get_xaxis_transform()
        write_beside(ax, words.indicator(name), place, (0, -22), xycoords=below, **look)
        start += BETWEEN_BLOCKS - BETWEEN_YEARS
    every = [cell for origins in found.values() for cell in origins]
    ax.set_ylim(0, 1.1 * max(cell.value for cell in every) or 1.0)
    ax.margins(x=0.01)
    finish_years(ax, ticks, cells.inferred_note(every, words), labelpad=16)
    known = {cell.category for cell in every}
    draw_legend(ax, {words.label("state", code): STATES[code] for code in order if code in known})
    return ax


@tells("origin now apart count when before zero")
def origin_facts(view: View) -> dict[str, Any]:
    """Where most actors of the last year come from, and how many did the year before."""
    words, found = view.words, _origins(view)
    last = max(year for _, year in found)
    tops = {
        name: max(found[name, last], key=lambda cell: cell.value)
        for name in view.figure.show
        if any(cell.value for cell in found.get((name, last), []))
    }
    origins = {cell.category for cell in tops.values()}
    if len(origins) != 1:
        apart = [_said(view, name, cell, view.name(cell.category)) for name, cell in tops.items()]
        return {"now": apart, "zero": None if tops else words.count(0)}
    earlier = {
        name: cell
        for name in tops
        for cell in found.get((name, last - 1), [])
        if cell.category in origins
    }
    return {
        "origin": view.name(*origins),
        "now": [_said(view, name, cell) for name, cell in tops.items()],
        "when": cells.year_clause(last - 1, cells.is_inferred(earlier.values()), words),
        "before": [_said(view, name, cell) for name, cell in earlier.items()],
    }


def _said(view: View, name: str, cell: Cell, apart: str | None = None) -> str:
    return view.say(name, count=view.words.hedged(view.words.count(cell.value), cell), apart=apart)


def _origins(view: View) -> Origins:
    found: Origins = {}
    order = [*STATES]
    for name in view.figure.show:
        own = [cell for cell in cells.cells(view.rows, name, "state") if cell.category in STATES]
        for cell in sorted(own, key=lambda cell: (cell.year, order.index(cell.category))):
            found.setdefault((name, cell.year), []).append(cell)
    return view.need(found)


# --- small companies ----------------------------------------------------------------------------


@tells("each small all")
def size_facts(view: View) -> dict[str, Any]:
    """How many of the companies are small, where the number of every size is known exactly."""
    said, words = [], view.words
    for name, part in view.series.items():
        small, every = (
            words.count(sum(c.value for c in part if c.category in sizes))
            for sizes in (SMALL, {cell.category for cell in part})
        )
        if {cell.precision for cell in part} == {"exact"} and every != words.count(0):
            said.append(view.say(name, small=small, all=every))
    return {"each": said}


# --- what reports print besides -------------------------------------------------------------------


@tells("projects project told label value")
def project_facts(view: View) -> dict[str, Any]:
    """What is printed of each project beside its volume: funding, partners, workshops."""
    words, said = view.words, []
    for code, own in view.rows.groupby("category", sort=False):
        told = [_told(view, row) for row in own.itertuples()]
        project = words.label("project", str(code))
        said.append(view.say("item", project=project, told=words.join(told)))
    return {"projects": "; ".join(said)}


def _told(view: View, row: Any) -> str:
    """Return a printed figure with its noun, or else with the name of what it is."""
    words = view.words
    value = words.hedged(words.quantity(row.indicator, float(row.value)), row)
    if indicator(row.indicator).unit == "count":
        return value
    return view.say("named", label=words.within(words.indicator(row.indicator)), value=value)


@tells("together fewer more base_year")
def printed_actor_facts(view: View) -> dict[str, Any]:
    """How many actors are printed in all, and their change from the year before."""
    known: dict[str, Any] = {}
    for row in view.rows[view.rows["value"].notna()].itertuples():
        value = float(row.value)
        if row.indicator == "actors_projects_growth":
            share = view.words.hedged(view.words.share(abs(value)), row)
            known |= {"fewer" if value < 0 else "more": share, "base_year": int(row.base_year)}
        else:
            known["together"] = view.words.hedged(view.words.count(value), row)
    return known
