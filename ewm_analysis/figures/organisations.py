"""Cluster organisations: their members by type, as shares or as counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import seaborn as sns

from ewm_analysis.catalogue.limits import say_limits
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import THICKNESS, draw_legend, row_axes, row_height, wrapped
from ewm_analysis.figures.style import ACCENT, INK, MAIN, ON_MAIN, REST, TRACK, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

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


@style()
def plot_member_shares(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the shares of members by type, one bar an organisation; the rest is not stated.

    Parameters
    ----------
    rows : DataFrame
        As `composition` returns them with ``basis="share"``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If no share is printed.
    """
    return _stacks(rows, words, ax, is_share=True)


def describe_member_shares(rows: pd.DataFrame, words: Words) -> str:
    """Say which shares of the members each portrait prints, and what it leaves open.

    Raises
    ------
    MissingDataError
        If no share is printed.
    """
    told = [
        words.text(
            "organisations.shares.one",
            organisation=words.label("organisation", name),
            parts=words.join([_part(row, words, is_share=True) for row in own]),
        )
        for name, own in _by_organisation(rows, words)
    ]
    return words.text("organisations.shares.all", organisations="; ".join(told))


@style()
def plot_member_counts(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the numbers of members by type, one bar an organisation, and the total printed.

    As `plot_member_shares`, of what `composition` returns with ``basis="count"``.
    """
    return _stacks(rows, words, ax, is_share=False)


def describe_member_counts(rows: pd.DataFrame, words: Words) -> str:
    """Say how many members of each type each portrait prints, and where they miss the total.

    Raises
    ------
    MissingDataError
        If no count is printed.
    """
    told = []
    for name, own in _by_organisation(rows, words):
        parts = [row for row in own if row.member_type != "total"]
        totals = [row for row in own if row.member_type == "total"]
        makes = sum(float(row.low) for row in parts)
        over = any(row.low == row.high and makes > row.low for row in totals)
        told.append(
            words.text(
                f"organisations.counts.{'over' if over else 'one'}",
                organisation=words.label("organisation", name),
                parts=words.join([_part(row, words, is_share=False) for row in parts]),
                sum=words.count(makes),
                total=say_limits(totals[0] if totals else None, words, words.count, "said"),
            )
        )
    return words.text("organisations.counts.all", organisations="; ".join(told))


def _by_organisation(rows: pd.DataFrame, words: Words) -> list[tuple[str, list[Any]]]:
    """Return the rows of each organisation by the alphabet, types in the order of drawing."""
    if rows.empty:
        raise MissingDataError("No portrait breaks its members down.")
    order = [*COLORS, "total"]
    found: dict[str, list[Any]] = {}
    for row in rows.itertuples():
        found.setdefault(str(row.organisation_id), []).append(row)
    for own in found.values():
        own.sort(key=lambda row: order.index(row.member_type))
    return sorted(found.items(), key=lambda item: words.label("organisation", item[0]).casefold())


def _part(row: Any, words: Words, *, is_share: bool) -> str:
    say = words.share if is_share else words.count
    value = say_limits(row, words, say, "said")
    return words.text("organisations.shares.part", kind=_kind(row.member_type, words), value=value)


def _kind(name: str, words: Words) -> str:
    if name == "not_stated":
        return words.text("organisations.not_stated")
    return words.label("member_type", name)


def _stacks(rows: pd.DataFrame, words: Words, ax: Axes | None, *, is_share: bool) -> Axes:
    found = _by_organisation(rows, words)
    labels = [wrapped(words.label("organisation", name)) for name, _ in found]
    ax = ax or row_axes(labels, 2, has_legend=True)
    tops = [sum(float(row.low) for row in own if row.member_type != "total") for _, own in found]
    width = 1.0 if is_share else 1.02 * max(tops)
    ax.set_xlim(0, width)
    for height, (_, own) in enumerate(found):
        _stack(ax, height, own, words, width=width, is_share=is_share, labels=labels)
    kinds = {row.member_type for _, own in found for row in own}
    name_rows(ax, labels)
    colors = {_kind(name, words): color for name, color in COLORS.items() if name in kinds}
    draw_legend(ax, colors)
    return ax


def _stack(
    ax: Axes,
    height: int,
    own: Sequence[Any],
    words: Words,
    *,
    width: float,
    is_share: bool,
    labels: Sequence[str],
) -> None:
    say = words.share if is_share else words.count
    left, thick = 0.0, 1.4 * THICKNESS / row_height(labels, 2)
    for row in own:
        value = float(row.low)
        if row.member_type == "total":
            text = words.text("organisations.counts.total", value=say_limits(row, words, say))
            half = thick / 2 + 0.06
            ax.plot([value, value], [height - half, height + half], color=INK, linewidth=1.4)
            place = (value, height + half)
            ax.annotate(text, place, (0, -1), textcoords="offset points", ha="right", va="top")
            continue
        color = COLORS[row.member_type]
        ax.barh(height, value, thick, left=left, color=color, edgecolor="white", linewidth=0.8)
        text = say_limits(row, words, say)
        if value >= NARROWEST * width * len(text) / 2:
            ink = ON_MAIN if row.member_type in DARK else INK
            ax.text(left + value / 2, height, text, ha="center", va="center", color=ink, fontsize=8)
        left += value


def name_rows(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows, first on top, without any axis."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.xaxis.set_visible(False)
    sns.despine(ax=ax, bottom=True, left=True)
