"""One of a kind in the annual report: the core of a cluster, volumes, the origin of actors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from matplotlib.axes import Axes

from ewm_analysis.catalogue import Words
from ewm_analysis.figures.bars import draw_legend, finish_rows, row_axes, thickness, wrapped
from ewm_analysis.figures.cells import Cell, cells, common_precision, hedged, marked, year_clause
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import ACCENT, INK, MAIN, ON_MAIN, REST, new_axes, write_beside
from ewm_analysis.l10n import format_number, plural

ROOM_FOR_LABEL = 0.4
"""Part of the width of the axes that a label within a bar needs."""

VOLUMES = {"project_volume": (MAIN, REST), "funding_volume": (ACCENT, "#f2d3b1")}
"""Colours of each volume: of the part that goes to the region, which is dark, and of the whole."""
BAR = 0.4
MILLION = 1_000_000

STATES = {"be": MAIN, "bb": REST, "other": ACCENT}
BETWEEN_YEARS, BETWEEN_BLOCKS = 0.9, 2.0
"""Space between years, and between projects and activities, in bars."""

Years = dict[int, dict[str, Cell]]
"""By year, and by what is counted in it; a missing value has no cell."""


# --- the core within the whole cluster ----------------------------------------------------------


def draw_economy(view: View, ax: Axes | None) -> Axes:
    """The core as part of the whole, of each measure in the last year that both are known.

    Every bar is as long as its whole: measures of different units are compared by their share.
    """
    words, both = view.words, view.need(_core_and_total(view))
    labels = [wrapped(f"{words.indicator(name)} ({core.year})") for name, (core, _) in both.items()]
    ax = ax or row_axes(labels, has_legend=True)
    ax.barh(range(len(both)), [1.0] * len(both), thickness(labels), color=REST)
    shares = [core.value / total.value for core, total in both.values()]
    ax.barh(range(len(both)), shares, thickness(labels), color=MAIN)
    for row, (name, (core, total)) in enumerate(both.items()):
        share = shares[row]
        texts = [marked(words.value(name, cell.value), cell.precision) for cell in (core, total)]
        text = f"{texts[0]} ({marked(words.share(share), _rough(core, total))})"
        fits = share >= ROOM_FOR_LABEL
        look = {"ha": "right", "color": ON_MAIN} if fits else {"color": INK}
        write_beside(ax, text, (share, row), (-5 if fits else 5, 0), **look)
        write_beside(ax, texts[1], (1, row), (6, 0))
    ax.set_xlim(0, 1)
    finish_rows(ax, labels)
    scopes = {"core": MAIN, "total": REST}
    draw_legend(ax, {words.text(f"word.scope.{scope}"): color for scope, color in scopes.items()})
    return ax


@tells("shares core total share year change first last")
def economy_facts(view: View) -> dict[str, Any]:
    """The share of the core, and the growth of core and whole as far as they are known."""
    shares = []
    for name, (core, total) in view.need(_core_and_total(view)).items():
        share = view.words.share(core.value / total.value)
        said = hedged(share, _rough(core, total), view.words)
        shares.append(view.say(name, share=said, year=core.year))
    growths = {
        scope: [text for name in view.figure.beside if (text := _growth(view, name, scope))]
        for scope in ("core", "total")
    }
    return {"shares": shares, **growths}


def _core_and_total(view: View) -> dict[str, tuple[Cell, Cell]]:
    """Return core and total of each measure in the last year that has both.

    Values of other delimitations than that of the clusters cannot be set beside them.
    """
    rows, both = view.rows[view.rows["delimitation"] == "clustermonitoring"], {}
    for name in view.figure.show:
        core, total = (
            {cell.year: cell for cell in cells(rows[rows["scope"] == scope], name)}
            for scope in ("core", "total")
        )
        years = [year for year in core if year in total and total[year].value > 0]
        if years:
            both[name] = core[max(years)], total[max(years)]
    return both


def _rough(*found: Cell) -> str:
    """Return the precision of a share: it has no bounds."""
    precision = common_precision(cell.precision for cell in found)
    return precision if precision == "exact" else "approximate"


def _growth(view: View, name: str, scope: str) -> str:
    """Return the growth up to the latest year, over the longest period; empty if unknown."""
    rows = view.rows
    known = rows[
        (rows["indicator"] == name)
        & (rows["scope"] == scope)
        & (rows["dimension"] == "")
        & (rows["delimitation"] == "clustermonitoring")
        & rows["value"].notna()
        & rows["base_year"].notna()
    ].sort_values(["year", "base_year"], ascending=[False, True])
    return "".join(
        view.say(
            name,
            change=hedged(view.words.change(row.value), row.precision, view.words),
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
        for year, by_name in found.items():
            whole, part = by_name.get(name), by_name.get(f"{name}_region")
            for cell, color in ((whole, light if has_region else dark), (part, dark)):
                if cell:
                    ax.bar(year + shift, cell.value, BAR * 0.94, color=color)
            texts = [_millions(whole, view)] if whole else []
            texts += [f"({_millions(part, view)})"] if part else []
            top = max([cell.value for cell in (whole, part) if cell], default=0.0)
            look = {"ha": "center", "va": "bottom", "color": INK, "fontsize": 8}
            write_beside(ax, "\n".join(texts), (year + shift, top), (0, 3), **look)
    _finish_volumes(ax, found, view, "unit_region" if has_region else "unit")
    draw_legend(ax, {view.name(name): VOLUMES[name][0] for name in drawn})
    return ax


def _volumes(view: View) -> Years:
    """Return volumes and parts of the region of all years, those between without any, too."""
    found = {name: cells(view.rows, name) for name in (*view.figure.show, *view.figure.beside)}
    view.need([cell for name in found if name != "project_volume" for cell in found[name]])
    known = [cell.year for part in found.values() for cell in part]
    return {
        year: {name: cell for name, part in found.items() for cell in part if cell.year == year}
        for year in range(min(known), max(known) + 1)
    }


def _is_inferred(found: Iterable[Cell]) -> bool:
    return any(cell.is_year_inferred for cell in found)


def _millions(cell: Cell, view: View) -> str:
    """Return millions with one decimal, or three where one would show no more than zero."""
    digits, minimum = (3, 0) if abs(cell.value) < MILLION / 10 else (1, 1)
    text = format_number(cell.value / MILLION, view.words.locale, digits, minimum)
    return marked(text, cell.precision)


def _finish_volumes(ax: Axes, found: Years, view: View, unit: str) -> None:
    slack, middle = max(4, len(found)) / 2, (min(found) + max(found)) / 2
    ax.set_xlim(middle - slack, middle + slack)
    highest = max(cell.value for by_name in found.values() for cell in by_name.values())
    ax.set_ylim(0, 1.16 * highest or 1.0)
    inferred = [year for year in found if _is_inferred(found[year].values())]
    ax.set_xticks([*found], [f"{year}*" if year in inferred else str(year) for year in found])
    notes = [view.name(unit)] + [view.words.text("figures.note_inferred")] * bool(inferred)
    ax.set_xlabel("   ".join(notes), loc="left")
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)


@tells("when parts whole part counted known all")
def volume_facts(view: View) -> dict[str, Any]:
    """The volumes of the last year and of the year before, and what they leave out."""
    found = _volumes(view)

    def said(year: int) -> str:
        amounts = {
            name: hedged(view.words.eur(cell.value), cell.precision, view.words)
            for name, cell in found[year].items()
        }
        parts = [
            view.say(name, whole=amounts.get(name), part=amounts.get(f"{name}_region"))
            for name in VOLUMES
        ]
        return view.words.join([*filter(None, parts)])

    by_year = {year: [*by_name.values()] for year, by_name in found.items()}
    return _last_two(view, by_year, said) | {"counted": _counted(view, max(found))}


def _last_two(
    view: View, found: Mapping[int, list[Cell]], said: Callable[[int], str]
) -> dict[str, str]:
    """Say the last year as clause ``now`` does, and the year before it as ``before`` does."""
    last = max(found)
    sentences = {}
    for clause, year in (("now", last), ("before", last - 1)):
        if year in found and (parts := said(year)):
            when = year_clause(year, _is_inferred(found[year]), view.words)
            sentences[clause] = view.say(clause, when=when, parts=parts)
    return sentences


def _counted(view: View, year: int) -> str:
    """Say of how many projects the sums are made, where the indicator notes "known/all"."""
    rows, sentences = view.rows, []
    for name in VOLUMES:
        own = (rows["indicator"] == name) & (rows["dimension"] == "") & (rows["year"] == year)
        for note in rows.loc[own, "note"]:
            if match := re.fullmatch(r"(\d+)/(\d+)", str(note)):
                known, every = (view.words.count(int(number)) for number in match.groups())
                sentences.append(view.say(f"known_{name}", known=known, all=every))
    return " ".join(sentences)


# --- origin of actors ---------------------------------------------------------------------------


def draw_origin(view: View, ax: Axes | None) -> Axes:
    """The actors of each year by origin, those in projects beside those in activities.

    Up to four years are easy to read.
    """
    found, words = _origins(view), view.words
    ax = ax or new_axes(height=3.0)
    ticks: dict[float, str] = {}
    start = 0.0
    for name, years in found.items():
        first = start
        for year, origins in years.items():
            star = "*" if _is_inferred(origins.values()) else ""
            ticks[start + (len(STATES) - 1) / 2] = f"{year}{star}"
            _draw_origins(ax, start, origins, words)
            start += len(STATES) + BETWEEN_YEARS
        place = ((first + start - BETWEEN_YEARS - 1) / 2, 0)
        look = {"ha": "center", "va": "top", "fontweight": "bold"}
        below = ax.get_xaxis_transform()
        write_beside(ax, words.indicator(name), place, (0, -22), xycoords=below, **look)
        start += BETWEEN_BLOCKS - BETWEEN_YEARS
    ax.set_ylim(0, 1.1 * max(cell.value for cell in _every(found)) or 1.0)
    ax.set_xticks([*ticks], [*ticks.values()])
    ax.margins(x=0.01)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    if any(text.endswith("*") for text in ticks.values()):
        ax.set_xlabel(words.text("figures.note_inferred"), loc="left", labelpad=16)
    known = {cell.category for cell in _every(found)}
    draw_legend(ax, {words.label("state", code): STATES[code] for code in STATES if code in known})
    return ax


def _draw_origins(ax: Axes, start: float, origins: Mapping[str, Cell], words: Words) -> None:
    for state, cell in _in_order(origins):
        bars = ax.bar(start + [*STATES].index(state), cell.value, 0.94, color=STATES[state])
        text = marked(words.count(cell.value), cell.precision)
        ax.bar_label(bars, [text], padding=2, color=INK, fontsize=8)


@tells("when parts count origin counts")
def origin_facts(view: View) -> dict[str, Any]:
    """How many actors come from where in the last year, and in the year before."""
    found = _origins(view)

    def said(year: int) -> str:
        parts = []
        for name, years in found.items():
            counts: list[str] = []
            for state, cell in _in_order(years.get(year, {})):
                count = hedged(view.words.count(cell.value), cell.precision, view.words)
                clause = "further" if counts else plural(cell.value, "actor", "actors")
                counts.append(view.say(clause, count=count, origin=view.name(state)))
            parts.append(view.say(name, counts=counts))
        return "; ".join(filter(None, parts))

    by_year: dict[int, list[Cell]] = {}
    for cell in _every(found):
        by_year.setdefault(cell.year, []).append(cell)
    return _last_two(view, by_year, said)


def _origins(view: View) -> dict[str, Years]:
    """Return the actors by indicator, year and state."""
    found: dict[str, Years] = {}
    for name in view.figure.show:
        for cell in cells(view.rows, name, "state"):
            found.setdefault(name, {}).setdefault(cell.year, {})[cell.category] = cell
    return view.need(found)


def _every(found: Mapping[str, Years]) -> list[Cell]:
    return [cell for years in found.values() for by in years.values() for cell in by.values()]


def _in_order(origins: Mapping[str, Cell]) -> list[tuple[str, Cell]]:
    return [(state, origins[state]) for state in STATES if state in origins]
