"""Cluster organisations: their members by type, and members per person; bounds stay bounds.

Functions named by entries of ``organisations.toml``: they draw, or return what is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ewm_analysis.catalogue import Words
from ewm_analysis.catalogue.words import say_limits, two_digits
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import (
    THICKNESS,
    draw_legend,
    legend_above,
    row_axes,
    row_height,
    wrapped,
)
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import ACCENT, INK, MAIN, ON_MAIN, REST, TRACK
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


def draw_stacks(view: View, ax: Axes | None) -> Axes:
    """Draw the members by type, one bar an organisation; a line is the total printed."""
    words, found = view.words, _by_organisation(view)
    labels = [wrapped(words.label("organisation", name)) for name in found]
    ax = ax or row_axes(labels, 2, has_legend=True)
    tops = [
        sum(float(row.low) for row in own if row.member_type != "total") for own in found.values()
    ]
    width = 1.0 if _is_share(view) else 1.02 * max(tops)
    ax.set_xlim(0, width)
    thick = 1.4 * THICKNESS / row_height(labels, 2)
    for height, own in enumerate(found.values()):
        _stack(view, ax, own, height=height, thick=thick, width=width)
    kinds = {row.member_type for own in found.values() for row in own}
    _name_rows(ax, labels)
    draw_legend(ax, {_kind(name, words): color for name, color in COLORS.items() if name in kinds})
    return ax


def _stack(
    view: View, ax: Axes, own: Sequence[Any], *, height: int, thick: float, width: float
) -> None:
    left = 0.0
    for row in own:
        value, text = float(row.low), say_limits(row, view.words, _number(view))
        if row.member_type == "total":
            half = thick / 2 + 0.06
            ax.plot([value, value], [height - half, height + half], color=INK, linewidth=1.4)
            ax.annotate(
                view.say("printed", value=text),
                (value, height + half),
                (0, -1),
                textcoords="offset points",
                ha="right",
                va="top",
            )
            continue
        color = COLORS[row.member_type]
        ax.barh(height, value, thick, left=left, color=color, edgecolor="white", linewidth=0.8)
        if value >= NARROWEST * width * len(text) / 2:
            ink = ON_MAIN if row.member_type in DARK else INK
            ax.text(left + value / 2, height, text, ha="center", va="center", color=ink, fontsize=8)
        left += value


@tells("organisations", "organisation", "parts", "kind", "value", "over", "total")
def member_facts(view: View) -> dict[str, Any]:
    """Return what each portrait prints of its members, and where the parts miss the total."""
    words, told = view.words, []
    for name, own in _by_organisation(view).items():
        parts = [row for row in own if row.member_type != "total"]
        totals = [row for row in own if row.member_type == "total"]
        makes = sum(float(row.low) for row in parts)
        over = any(row.low == row.high and makes > row.low for row in totals)
        said = [(_kind(row.member_type, words), _said(row, view)) for row in parts]
        told.append(
            view.say(
                "item",
                organisation=words.label("organisation", name),
                parts=[view.say("part", kind=kind, value=value) for kind, value in said],
                over=words.count(makes) if over else None,
                total=_said(totals[0] if totals else None, view),
            )
        )
    return {"organisations": "; ".join(told)}


def _by_organisation(view: View) -> dict[str, list[Any]]:
    """Return the rows of each organisation by the alphabet, types in the order of drawing."""
    if view.rows.empty:
        raise MissingDataError("No portrait breaks its members down.")
    order = [*COLORS, "total"]
    found: dict[str, list[Any]] = {}
    for row in view.rows.itertuples():
        found.setdefault(str(row.organisation_id), []).append(row)
    for own in found.values():
        own.sort(key=lambda row: order.index(row.member_type))
    names = sorted(found, key=lambda name: view.words.label("organisation", name).casefold())
    return {name: found[name] for name in names}


def _is_share(view: View) -> bool:
    return "printed" not in view.figure.clauses


def _number(view: View) -> Any:
    return view.words.share if _is_share(view) else view.words.count


def _said(row: Any, view: View) -> str:
    return say_limits(row, view.words, _number(view), "said")


def _kind(name: str, words: Words) -> str:
    if name == "not_stated":
        return words.text("organisations.not_stated")
    return words.label("member_type", name)


def _name_rows(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows, first on top, without any axis."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.xaxis.set_visible(False)
    sns.despine(ax=ax, bottom=True, left=True)


def draw_ratios(view: View, ax: Axes | None) -> Axes:
    """Draw the members per person as points; a bound is an arrow to where it lies."""
    words, found = view.words, _ratios(view)
    labels = [wrapped(words.label("organisation", name)) for name, _ in found]
    ax = ax or row_axes(labels, has_legend=True)
    ax.set_xlim(0, 1.12 * max(_place(ratio) for _, ratio in found))
    for height, (_, ratio) in enumerate(found):
        place, is_bound = _place(ratio), _is_bound(ratio)
        ax.plot([0, place], [height, height], color=TRACK, linewidth=2, zorder=1)
        marker = (">" if ratio.high is None else "<") if is_bound else "o"
        face = "white" if ratio.is_rough and not is_bound else MAIN
        ax.plot(place, height, marker, color=MAIN, markerfacecolor=face, markersize=7, zorder=2)
        text = say_limits(ratio, words, two_digits(words))
        ax.annotate(text, (place, height), (9, 0), textcoords="offset points", va="center")
    _name_rows(ax, labels)
    points = [ratio.is_rough for _, ratio in found if not _is_bound(ratio)]
    marks = {
        "exact": ("o", MAIN, not all(points)),
        "rough": ("o", "white", any(points)),
        "bound": (">", MAIN, len(points) < len(found)),
    }
    handles = [
        Line2D([], [], marker=mark, color=MAIN, mfc=face, linestyle="", label=view.name(name))
        for name, (mark, face, occurs) in marks.items()
        if occurs
    ]
    legend_above(ax, handles)
    return ax


@tells("most", "least", "several", "bounded", "singles", "organisation", "value")
def ratio_facts(view: View) -> dict[str, Any]:
    """Return who has most and fewest members per person; bounds are named apart."""
    words, found = view.words, _ratios(view)

    def said(clause: str, some: Sequence[tuple[str, Quantity]]) -> list[str]:
        return [
            view.say(
                clause,
                organisation=words.label("organisation", name),
                value=say_limits(ratio, words, two_digits(words), "said"),
            )
            for name, ratio in some
        ]

    points = [one for one in found if not _is_bound(one[1])]
    if len(points) < FEWEST:
        return {"singles": " ".join(said("single", found))}
    low, high = _reach(points[0][1])[0], _reach(points[-1][1])[1]
    most = said("item", [one for one in points if _reach(one[1])[1] >= low])
    least = said("item", [one for one in points if _reach(one[1])[0] <= high])
    bounded = [words.label("organisation", name) for name, ratio in found if _is_bound(ratio)]
    several = view.say("open") if max(len(most), len(least)) > 1 else None
    return {"most": most, "least": least, "several": several, "bounded": words.join(bounded)}


def _ratios(view: View) -> list[tuple[str, Quantity]]:
    """Return the members per person of the office by organisation, highest first."""
    chosen = view.rows[view.rows["ratio"] == "members_per_staff"]
    if chosen.empty:
        raise MissingDataError("No portrait prints both members and staff.")
    limits = chosen[["low", "high"]].astype(object).where(chosen[["low", "high"]].notna(), None)
    ratios = map(Quantity, limits["low"], limits["high"], chosen["is_rough"].astype(bool))
    found = zip(chosen["organisation_id"], ratios, strict=True)
    return sorted(found, key=lambda one: -_place(one[1]))


def _is_bound(ratio: Quantity) -> bool:
    return ratio.low is None or ratio.high is None


def _place(ratio: Quantity) -> float:
    return ratio.low if ratio.low is not None else ratio.high or 0.0


def _reach(ratio: Quantity) -> tuple[float, float]:
    """Return how low and how high a number may be that is printed as "about"."""
    slack = ROUGH if ratio.is_rough else 0.0
    return _place(ratio) * (1 - slack), _place(ratio) * (1 + slack)
