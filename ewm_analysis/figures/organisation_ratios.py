"""Cluster organisations: members per person of the office, bounds shown as bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from ewm_analysis.catalogue.limits import say_limits, two_digits
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import legend_above, row_axes, wrapped
from ewm_analysis.figures.organisations import name_rows
from ewm_analysis.figures.style import MAIN, TRACK, style
from ewm_analysis.statistics.organisations import ROUGH

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

FEWEST = 2
"""Of fewer, none has most or fewest."""


@style()
def plot_members_per_staff(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the members per person of the office as points; a bound is an arrow to where it lies.

    Parameters
    ----------
    rows : DataFrame
        As `per_head` returns them.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no ratio.
    """
    found = _ratios(rows)
    labels = [wrapped(words.label("organisation", row.organisation_id)) for row in found]
    ax = ax or row_axes(labels, has_legend=True)
    top = max(_place(row) for row in found)
    ax.set_xlim(0, 1.12 * top)
    for height, row in enumerate(found):
        place = _place(row)
        ax.plot([0, place], [height, height], color=TRACK, linewidth=2, zorder=1)
        marker = (">" if row.high is None else "<") if row.is_bound else "o"
        face = "white" if row.is_rough and not row.is_bound else MAIN
        ax.plot(place, height, marker, color=MAIN, markerfacecolor=face, markersize=7, zorder=2)
        text = say_limits(row, words, two_digits(words))
        ax.annotate(text, (place, height), (9, 0), textcoords="offset points", va="center")
    name_rows(ax, labels)
    _marks_legend(ax, found, words)
    return ax


def describe_members_per_staff(rows: pd.DataFrame, words: Words) -> str:
    """Say which organisation has most and fewest members per person; bounds are named apart.

    Raises
    ------
    MissingDataError
        If there is no ratio.
    """
    found = _ratios(rows)
    points = [row for row in found if not row.is_bound]
    if len(points) < FEWEST:
        sentences = [
            words.text(
                "organisations.ratio.one",
                organisation=words.label("organisation", row.organisation_id),
                value=say_limits(row, words, two_digits(words), "said"),
            )
            for row in found
        ]
        return " ".join(sentences)
    most = [row for row in points if _reach(row)[1] >= _reach(points[0])[0]]
    least = [row for row in points if _reach(row)[0] <= _reach(points[-1])[1]]
    text = words.text(
        "organisations.ratio.all", most=_named(most, words), least=_named(least, words)
    )
    if max(len(most), len(least)) > 1:
        text += words.text("organisations.ratio.open")
    bounded = [words.label("organisation", row.organisation_id) for row in found if row.is_bound]
    if bounded:
        text += words.text("organisations.ratio.bounded", names=words.join(bounded))
    return text


def _named(rows: Sequence[_Ratio], words: Words) -> str:
    items = [
        words.text(
            "organisations.ratio.item",
            organisation=words.label("organisation", row.organisation_id),
            value=say_limits(row, words, two_digits(words), "said"),
        )
        for row in rows
    ]
    return words.join(items)


@dataclass(frozen=True)
class _Ratio:
    """Members per person of one organisation; an open limit is None."""

    organisation_id: str
    low: float | None
    high: float | None
    is_rough: bool

    @property
    def is_bound(self) -> bool:
        return self.low is None or self.high is None


def _ratios(rows: pd.DataFrame) -> list[_Ratio]:
    """Return the ratios, highest first."""
    chosen = rows[rows["ratio"] == "members_per_staff"]
    if chosen.empty:
        raise MissingDataError("No portrait prints both members and staff.")
    limits = chosen[["low", "high"]].astype(object).where(chosen[["low", "high"]].notna(), None)
    found = [
        _Ratio(str(name), low, high, bool(is_rough))
        for name, low, high, is_rough in zip(
            chosen["organisation_id"],
            limits["low"],
            limits["high"],
            chosen["is_rough"],
            strict=True,
        )
    ]
    return sorted(found, key=lambda one: -_place(one))


def _reach(row: _Ratio) -> tuple[float, float]:
    """Return how low and how high a number may be that is printed as "about"."""
    slack = ROUGH if row.is_rough else 0.0
    return _place(row) * (1 - slack), _place(row) * (1 + slack)


def _place(row: _Ratio) -> float:
    return row.low if row.low is not None else row.high or 0.0


def _marks_legend(ax: Axes, found: Sequence[_Ratio], words: Words) -> None:
    """Explain the marks that occur."""
    points = [row for row in found if not row.is_bound]
    marks = {
        "exact": ("o", MAIN, any(not row.is_rough for row in points)),
        "rough": ("o", "white", any(row.is_rough for row in points)),
        "bound": (">", MAIN, len(points) < len(found)),
    }
    handles = [
        Line2D([], [], marker=marker, color=MAIN, markerfacecolor=face, linestyle="",
               label=words.text(f"organisations.ratio.{name}"))
        for name, (marker, face, occurs) in marks.items() if occurs
    ]  # fmt: skip
    legend_above(ax, handles)
