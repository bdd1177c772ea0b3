"""Cluster organisations: their members by type, and members per person; bounds stay bounds.

Functions named by entries of ``organisations.toml``: they draw, or return what is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ewm_analysis.catalogue.words import say_limits, two_digits
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures import kinds
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import ACCENT, INK, MAIN, ON_MAIN, REST, TRACK, mark, write_beside
from ewm_analysis.statistics.organisations import ROUGH, Quantity

COLORS = {
    "sme": MAIN,
    "large": "#5f8fbd",
    "business": "#3b6e9f",
    "university": ACCENT,
    "institute": "#edbd8a",
    "research": "#e0a468",
    "municipality": "#6f8577",
    "other": REST,
    "not_stated": TRACK,
}
"""Companies in blue, science in orange, the public sector in green; in the order of drawing."""
DARK = {"sme", "large", "business", "municipality"}
NARROWEST = 0.035
"""Part of the axes that a label of two digits needs."""
FEWEST = 2
"""Of fewer ratios, none is the highest or the lowest."""
LOOKS = {"exact": ("o", MAIN), "rough": ("o", "white"), "bound": (">", MAIN)}
"""Mark of a ratio and what fills it."""


def draw_stacks(view: View, ax: Axes | None) -> Axes:
    """Draw the members by type, one bar an organisation; a line is the total printed."""
    found = _by_organisation(view)
    ax, labels = _named_rows(ax, [*found], 2)
    makes = [sum(float(row.low) for row in parts) for parts, _ in found.values()]
    ax.set_xlim(0, 1.0 if _is_share(view) else 1.02 * max(makes))
    thick = 1.4 * kinds.THICKNESS / kinds.row_height(labels, 2)
    for height, (parts, total) in enumerate(found.values()):
        _draw_parts(view, ax, parts, height, thick)
        if total:
            end, low = height + thick / 2 + 0.06, height - (thick / 2 + 0.06)
            ax.plot([total.low, total.low], [low, end], color=INK, linewidth=1.4)
            text = view.say("printed", value=_said(view, total, "mark"))
            write_beside(ax, text, (total.low, end), (0, -1), ha="right", va="top")
    drawn = {row.member_type for parts, _ in found.values() for row in parts}
    kinds.draw_legend(ax, {_kind(view, name): COLORS[name] for name in COLORS if name in drawn})
    return ax


def _draw_parts(view: View, ax: Axes, parts: Sequence[Any], height: int, thick: float) -> None:
    left, width = 0.0, ax.get_xlim()[1]
    for row in parts:
        value, text, color = float(row.low), _said(view, row, "mark"), COLORS[row.member_type]
        ax.barh(height, value, thick, left=left, color=color, edgecolor="white", linewidth=0.8)
        if value >= NARROWEST * width * len(text) / 2:
            ink = ON_MAIN if row.member_type in DARK else INK
            ax.text(left + value / 2, height, text, ha="center", va="center", color=ink, fontsize=8)
        mark(ax, row.Index, (left + value / 2, height))
        left += value


@tells("organisation kind number all over total largest odd_ones value")
def member_facts(view: View) -> dict[str, Any]:
    """Return which group is the largest in how many portraits, and where parts miss the total."""
    words, found, odd, tops = view.words, _by_organisation(view), [], Counter[str]()
    for name, (parts, total) in found.items():
        makes = sum(float(row.low) for row in parts)
        if total is not None and total.low == total.high and makes > total.low:
            known = {"over": words.count(makes), "total": _said(view, total, "said")}
            odd.append(view.say("odd", organisation=name, **known))
        most = max(float(row.low) for row in parts)
        tops.update(row.member_type for row in parts if row.low == most)
    (kind, number), *others = tops.most_common(2)
    if others and others[0][1] == number:
        return {"odd_ones": odd}
    known = {"number": words.count(number), "all": words.count(len(found))}
    return {"largest": view.say("item", kind=_kind(view, kind), **known), "odd_ones": odd}


def _by_organisation(view: View) -> dict[str, tuple[list[Any], Any]]:
    """Return parts, in the order of drawing, and total of each organisation by the alphabet."""
    if view.rows.empty:
        raise MissingDataError("No portrait breaks its members down.")
    found: dict[str, tuple[list[Any], Any]] = {}
    for code, own in view.rows.groupby("organisation_id"):
        rows = {row.member_type: row for row in own.itertuples()}
        parts = [rows[name] for name in COLORS if name in rows]
        found[view.words.label("organisation", str(code))] = parts, rows.get("total")
    return {name: found[name] for name in sorted(found, key=str.casefold)}


def _is_share(view: View) -> bool:
    return "printed" not in view.figure.clauses


def _said(view: View, row: Any, style: Any) -> str:
    return say_limits(
        row, view.words, view.words.share if _is_share(view) else view.words.count, style
    )


def _kind(view: View, name: str) -> str:
    if name == "not_stated":
        return view.words.text("organisations.not_stated")
    return view.words.label("member_type", name)


def _named_rows(ax: Axes | None, names: Sequence[str], bars: int) -> tuple[Axes, list[str]]:
    """Return axes whose rows are named, without any axis, and their labels."""
    labels = [kinds.wrapped(name) for name in names]
    ax = kinds.row_axes(ax, labels, bars, has_legend=True)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)
    return ax, labels


def draw_ratios(view: View, ax: Axes | None) -> Axes:
    """Draw the members per person as points; a bound is an arrow to where it lies."""
    found = _ratios(view)
    ax, _ = _named_rows(ax, [name for name, _ in found], 1)
    ax.set_xlim(0, 1.12 * max(_place(ratio) for _, ratio in found))
    for height, (_, ratio) in enumerate(found):
        place, (mark, face) = _place(ratio), LOOKS[_certainty(ratio)]
        look: dict[str, Any] = {"color": MAIN, "mfc": face, "ms": 7, "zorder": 2}
        ax.plot([0, place], [height, height], color=TRACK, linewidth=2, zorder=1)
        ax.plot(place, height, "<" if ratio.low is None else mark, **look)
        text = say_limits(ratio, view.words, two_digits(view.words))
        write_beside(ax, text, (place, height), (9, 0))
    drawn = {_certainty(ratio) for _, ratio in found}
    handles = [
        Line2D([], [], marker=mark, color=MAIN, mfc=face, linestyle="", label=view.name(name))
        for name, (mark, face) in LOOKS.items()
        if name in drawn
    ]
    kinds.legend_above(ax, handles)
    return ax


@tells("most least several bounded singles organisation value")
def ratio_facts(view: View) -> dict[str, Any]:
    """Return who has most and fewest members per person; bounds are named apart."""
    found = _ratios(view)

    def said(clause: str, some: Sequence[tuple[str, Quantity]]) -> list[str]:
        digits = two_digits(view.words)
        values = [(name, say_limits(ratio, view.words, digits, "said")) for name, ratio in some]
        return [view.say(clause, organisation=name, value=value) for name, value in values]

    points = [one for one in found if _certainty(one[1]) != "bound"]
    if len(points) < FEWEST:
        return {"singles": said("item", found)}
    low, high = _reach(points[0][1])[0], _reach(points[-1][1])[1]
    most = said("item", [one for one in points if _reach(one[1])[1] >= low])
    least = said("item", [one for one in points if _reach(one[1])[0] <= high])
    bounded = [
        view.words.text("figures_records.quoted", name=name)
        for name, ratio in found
        if _certainty(ratio) == "bound"
    ]
    several = view.words.count(2) if max(len(most), len(least)) > 1 else None
    return {"most": most, "least": least, "several": several, "bounded": bounded}


def _ratios(view: View) -> list[tuple[str, Quantity]]:
    """Return the members per person of the office by organisation, highest first."""
    chosen = view.rows[view.rows["ratio"] == "members_per_staff"]
    if chosen.empty:
        raise MissingDataError("No portrait prints both members and staff.")
    limits = chosen[["low", "high"]].astype(object).where(chosen[["low", "high"]].notna(), None)
    ratios = map(Quantity, limits["low"], limits["high"], chosen["is_rough"].astype(bool))
    names = [view.words.label("organisation", code) for code in chosen["organisation_id"]]
    return sorted(zip(names, ratios, strict=True), key=lambda one: -_place(one[1]))


def _certainty(ratio: Quantity) -> str:
    if ratio.low is None or ratio.high is None:
        return "bound"
    return "rough" if ratio.is_rough else "exact"


def _place(ratio: Quantity) -> float:
    return ratio.low if ratio.low is not None else ratio.high or 0.0


def _reach(ratio: Quantity) -> tuple[float, float]:
    """Return how low and how high a number may be that is printed as "about"."""
    slack = ROUGH if ratio.is_rough else 0.0
    return _place(ratio) * (1 - slack), _place(ratio) * (1 + slack)
