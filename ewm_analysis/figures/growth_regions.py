"""Employees of Berlin and Brandenburg against Germany: parts of the change, specialisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ewm_analysis.figures.bars import draw_legend, finish_rows, row_axes, thickness, wrapped
from ewm_analysis.figures.growth import needed_rows
from ewm_analysis.figures.style import ACCENT, INK, MAIN, REST, style
from ewm_analysis.l10n import with_sign

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

SHIFT = {"national": REST, "industry": ACCENT, "regional": MAIN}
"""Parts of a shift-share, in order."""
REGION_COLORS = (MAIN, ACCENT, REST)


@style()
def plot_shift_share(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the three parts of each region's change of employees: nation, industry mix, region.

    Parameters
    ----------
    rows : DataFrame
        As `shift_share_by_sector` returns it.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If no region can be compared.
    """
    totals = _totals(rows)
    labels = [wrapped(words.label("region", region)) for region in totals["region"]]
    ax = ax or row_axes(labels, len(SHIFT), has_legend=True)
    width = thickness(labels, len(SHIFT)) / len(SHIFT)
    for place, (name, color) in enumerate(SHIFT.items()):
        rows_at = np.arange(len(labels)) + (place - 1) * width
        ax.barh(rows_at, totals[name].astype(float), width, color=color)
        for at, value in zip(rows_at, totals[name].astype(float), strict=True):
            side = 1 if value >= 0 else -1
            ax.annotate(
                with_sign(words.count(value)),
                (value, at),
                (4 * side, 0),
                textcoords="offset points",
                va="center",
                ha="left" if side > 0 else "right",
            )
    low, high = (float(f(totals[[*SHIFT]].to_numpy(float))) for f in (np.min, np.max))
    reach = max(high, 0.0) - min(low, 0.0) or 1.0
    ax.set_xlim(min(low, 0.0) - 0.14 * reach * (low < 0), max(high, 0.0) + 0.14 * reach)
    ax.axvline(0, color=INK, linewidth=0.6)
    finish_rows(ax, labels)
    ax.spines["left"].set_visible(False)
    names = {words.text(f"growth.column.{name}"): color for name, color in SHIFT.items()}
    draw_legend(ax, names)
    return ax


def describe_shift_share(rows: pd.DataFrame, words: Words) -> str:
    """Say, for each region, how its employees changed and which part is due to what.

    Raises
    ------
    MissingDataError
        If no region can be compared.
    """
    sentences = [
        words.text(
            "growth.shift.sentence",
            region=words.label("region", row.region),
            years=f"{row.first_year}–{row.last_year}",
            change=with_sign(words.count(row.change)),
            **{name: with_sign(words.count(getattr(row, name))) for name in SHIFT},
        )
        for row in _totals(rows).itertuples()
    ]
    return " ".join(sentences)


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    totals = rows[(rows["method"] == "static") & (rows["category"] == "")]
    needed_rows(totals, "shift-share")
    return totals


@style()
def plot_location_quotients(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the location quotient of each sector block and region as dot with its interval.

    Parameters
    ----------
    rows : DataFrame
        As `location_quotients` returns it.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If no region can be compared.
    """
    needed_rows(rows, "location quotient")
    sectors = [*dict.fromkeys(rows["category"])]
    regions = [*dict.fromkeys(rows["region"])]
    labels = [wrapped(words.label("sector", sector)) for sector in sectors]
    ax = ax or row_axes(labels, len(regions), has_legend=True)
    step = thickness(labels, len(regions)) / len(regions)
    colors = dict(zip(regions, REGION_COLORS, strict=False))
    for row in rows[rows["quotient"].notna()].itertuples():
        shift = (regions.index(row.region) - (len(regions) - 1) / 2) * step
        _draw_dot(ax, row, sectors.index(row.category) + shift, colors[row.region], words)
    ax.axvline(1, color=INK, linewidth=0.6, zorder=0)
    ends = [float(rows["quotient"].min()), float(rows["quotient"].max()), 1.0]
    margin = 0.14 * (max(ends) - min(ends) or 1.0)
    ax.set_xlim(min(ends) - margin, max(ends) + margin)
    finish_rows(ax, labels)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(words.text("growth.quotient.legend"), loc="left")
    ax.xaxis.set_visible(True)
    ax.set_xticks([1], ["1"])
    draw_legend(ax, {words.label("region", region): colors[region] for region in regions})
    return ax


def describe_sector_years(rows: pd.DataFrame, words: Words) -> str:
    """Say which years the sectors are known for, and which of them are provisional.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of employees by sector.
    words : Words
        Language of the sentences.

    Returns
    -------
    str
        Empty where there is no year.
    """
    if rows.empty:
        return ""
    sentences = [words.text("growth.note.gap_years", years=_listed(rows["year"], words))]
    provisional = rows.loc[rows["is_provisional"], "year"]
    if len(provisional):
        key = "growth.note.provisional_years"
        sentences.append(words.text(key, years=_listed(provisional, words)))
    return " ".join(sentences)


def _listed(years: pd.Series, words: Words) -> str:
    return words.join([str(year) for year in sorted({int(year) for year in years})])


def _draw_dot(ax: Axes, row: Any, at: float, color: str, words: Words) -> None:
    ends = [value for value in (row.low, row.quotient, row.high) if pd.notna(value)]
    ax.plot([ends[0], ends[-1]], [at, at], color=color, linewidth=2)
    ax.plot([row.quotient], [at], "o", color=color, markersize=5)
    text = words.number(row.quotient, 2)
    # labels lean away from the line at 1, which they would cross
    is_below = row.quotient < 1
    ax.annotate(
        text,
        (ends[0] if is_below else ends[-1], at),
        (-7 if is_below else 7, 0),
        textcoords="offset points",
        va="center",
        ha="right" if is_below else "left",
    )


def describe_location_quotients(rows: pd.DataFrame, words: Words) -> str:
    """Say, for each region, which sector block stands out most and least, and the indices.

    Raises
    ------
    MissingDataError
        If no region can be compared.
    """
    needed_rows(rows, "location quotient")
    sentences = []
    for region, own in rows[rows["quotient"].notna()].groupby("region", sort=False):
        ordered = own.sort_values("quotient")
        lowest, highest = ordered.iloc[0], ordered.iloc[-1]
        sentences.append(
            words.text(
                "growth.quotient.sentence",
                region=words.label("region", str(region)),
                year=highest["year"],
                highest=words.label("sector", highest["category"]),
                high=words.number(highest["quotient"], 2),
                lowest=words.label("sector", lowest["category"]),
                low=words.number(lowest["quotient"], 2),
                share=words.share(highest["hoover"]),
                krugman=words.number(highest["krugman"], 2),
            )
        )
    return " ".join(sentences)
