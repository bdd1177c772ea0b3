"""Clusters side by side: their ranks with the range of chance, and the year before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import seaborn as sns

from ewm_analysis.figures.bars import finish_rows, legend_above, row_axes, wrapped
from ewm_analysis.figures.cells import quoted, report_year
from ewm_analysis.figures.clusters import enough
from ewm_analysis.figures.style import ACCENT, INK, MAIN, REST, style
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.statistics import adjust, compare_counts, detectable_ratio, rank_counts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words
    from ewm_analysis.statistics import Rank, Result

NEW = "projects_new"


@style()
def plot_cluster_ranks(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the rank of each cluster by new projects, with the range that chance allows.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of all clusters: ``projects_new``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figure.
    """
    ranked = _ranked(rows)
    labels = [wrapped(words.label("cluster", cluster)) for cluster, _, _ in ranked]
    ax = ax or row_axes(labels, has_legend=True)
    for row, (_, count, place) in enumerate(ranked):
        low, high = place.low or place.rank, place.high or place.rank
        span = ax.plot([low, high], [row, row], color=REST, lw=6, solid_capstyle="round")
        rank = ax.plot(place.rank, row, "o", color=MAIN, ms=7)
        text = words.text("comparison.ranks.row", rank=place, count=words.count(count))
        ax.annotate(
            text, (1, row), (8, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center",
        )  # fmt: skip
    finish_rows(ax, labels)
    ax.set_xlim(0.6, len(ranked) + 0.4)
    ax.xaxis.set_visible(True)
    ax.set_xticks(range(1, len(ranked) + 1))
    ax.set_xlabel(words.text("comparison.ranks.axis"), loc="left")
    for (handle,), key in ((rank, "rank"), (span, "range")):
        handle.set_label(words.text(f"comparison.ranks.{key}"))
    legend_above(ax, [*rank, *span], length=1.8)
    return ax


def describe_cluster_ranks(rows: pd.DataFrame, words: Words) -> str:
    """Say who stands first and how far the ranks can be trusted.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figure.
    """
    ranked = _ranked(rows)
    first = [(cluster, count, place) for cluster, count, place in ranked if place.rank == 1]
    leading = words.text(
        "comparison.ranks.first",
        year=report_year(rows),
        clusters=words.join([quoted("cluster", cluster, words) for cluster, _, _ in first]),
        count=words.quantity(NEW, first[0][1]),
        range=first[0][2].span,
    )
    certain = sum(place.low == place.high for _, _, place in ranked)
    widths = [(place.high or 0) - (place.low or 0) + 1 for _, _, place in ranked]
    key = "certain_all" if certain == len(ranked) else "certain_some" if certain else "certain_none"
    trust = words.text(
        f"comparison.ranks.{key}",
        certain=words.count(certain),
        all=words.count(len(ranked)),
        width=words.number(float(np.median(widths)), 0),
    )
    return f"{leading} {trust}"


def _ranked(rows: pd.DataFrame) -> list[tuple[str, int, Rank]]:
    """Return cluster, count and rank, the best first."""
    counts = enough(by_cluster(rows, NEW, report_year(rows))).astype(int)
    places = rank_counts([*counts])
    found = zip(counts.index, counts, places, strict=True)
    return sorted(found, key=lambda entry: entry[2].rank)


@style()
def plot_year_change(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the new projects of each cluster in the report year beside the year before.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of all clusters: ``projects_new`` of both years.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figure for both years.
    """
    year, pairs = _pairs(rows)
    ordered = pairs.sort_values("last", ascending=False, kind="stable")
    labels = [wrapped(words.label("cluster", cluster)) for cluster in ordered.index]
    ax = ax or row_axes(labels, has_legend=True)
    top = float(ordered.to_numpy().max()) or 1.0
    for row, (first, last) in enumerate(ordered.itertuples(index=False)):
        ax.plot([first, last], [row, row], color=REST, lw=2, zorder=1)
        ring = ax.plot(first, row, "o", color="white", mec=ACCENT, mew=1.8, ms=7)
        dot = ax.plot(last, row, "o", color=MAIN, ms=7)
        text = words.text("comparison.years.row", first=words.count(first), last=words.count(last))
        ax.annotate(
            text, (1, row), (8, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center",
        )  # fmt: skip
    finish_rows(ax, labels)
    ax.set_xlim(-0.02 * top, 1.03 * top)
    ax.xaxis.set_visible(True)
    ax.set_xlabel(words.indicator(NEW), loc="left", color=INK)
    sns.despine(ax=ax, bottom=False)
    for (handle,), name in ((ring, year - 1), (dot, year)):
        handle.set_label(str(name))
    legend_above(ax, [*ring, *dot], length=1.8)
    return ax


def describe_year_change(rows: pd.DataFrame, words: Words) -> str:
    """Say whose number of new projects differs reliably from the year before.

    Each cluster is tested by the E-test, all together adjusted by Holm.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figure for both years.
    """
    year, pairs = _pairs(rows)
    results = _tested(pairs)
    told = [
        words.text(
            "comparison.years.item",
            cluster=quoted("cluster", cluster, words),
            first=words.count(pairs.at[cluster, "first"]),
            last=words.count(pairs.at[cluster, "last"]),
            p=words.p_value(p_value),
        )
        for cluster, (result, p_value) in results.items()
        if result.p_value is not None and p_value < 0.05
    ]
    key = "some" if told else "none"
    texts = [
        words.text(
            f"comparison.years.{key}", year=year - 1, items=words.join(told),
            tested=words.count(len(pairs)),
        )
    ]  # fmt: skip
    typical = int(pairs["first"].median())
    fall, rise = detectable_ratio(typical)
    if fall is not None and rise is not None:
        lower, count = math.floor(typical * fall), words.count(typical)
        key = "fall" if lower else "fall_none"
        low = words.text(f"comparison.years.{key}", count=words.count(lower))
        high = words.count(math.ceil(typical * rise))
        texts.append(words.text("comparison.years.detectable", count=count, fall=low, rise=high))
    return " ".join(texts)


def _pairs(rows: pd.DataFrame) -> tuple[int, pd.DataFrame]:
    year = report_year(rows)
    last = by_cluster(rows, NEW, year)
    pairs = last.to_frame("last").join(by_cluster(rows, NEW, year - 1).rename("first"))
    pairs = pairs.reindex(last.index)[["first", "last"]].dropna().astype(int)
    enough(pairs["last"])
    return year, pairs


def _tested(pairs: pd.DataFrame) -> dict[str, tuple[Result, float]]:
    """Compare the years of each cluster; a cluster without any project has no test."""
    tested = pairs[pairs.sum(axis=1) > 0]
    results = [compare_counts(int(first), int(last)) for first, last in tested.to_numpy()]
    p_values = adjust([1.0 if r.p_value is None else r.p_value for r in results])
    return dict(zip(tested.index, zip(results, p_values, strict=True), strict=True))
