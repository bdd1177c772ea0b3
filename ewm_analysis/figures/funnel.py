"""Funnel plots: the share of each cluster against the number of its projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import seaborn as sns
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from ewm_analysis.figures.bars import legend_above
from ewm_analysis.figures.cells import quoted, report_year
from ewm_analysis.figures.clusters import enough, label_points
from ewm_analysis.figures.style import ACCENT, MAIN, REST, new_axes, style
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.statistics import funnel, funnel_limits
from ewm_analysis.statistics.funnel import ALARM, WARNING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words
    from ewm_analysis.statistics import Funnel

RDI, CROSS_CLUSTER, BASE = "projects_rdi", "projects_cross_cluster", "projects_new"


@style()
def plot_rdi_funnel(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the share of RDI projects of each cluster within the limits of chance.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of all clusters: ``projects_rdi`` and ``projects_new``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have both figures.
    """
    return _plot(rows, RDI, words, ax)


def describe_rdi_funnel(rows: pd.DataFrame, words: Words) -> str:
    """Say which clusters' share of RDI projects lies beyond the limits of chance.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have both figures.
    """
    return _describe(rows, RDI, words)


@style()
def plot_cross_cluster_funnel(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the share of cross-cluster projects of each cluster within the limits of chance.

    As `plot_rdi_funnel`, with ``projects_cross_cluster``.
    """
    return _plot(rows, CROSS_CLUSTER, words, ax)


def describe_cross_cluster_funnel(rows: pd.DataFrame, words: Words) -> str:
    """Say which clusters' share of cross-cluster projects lies beyond the limits of chance.

    As `describe_rdi_funnel`.
    """
    return _describe(rows, CROSS_CLUSTER, words)


def _found(rows: pd.DataFrame, name: str) -> tuple[list[str], Funnel, float]:
    """Return the clusters that have projects, their funnel and the common share."""
    year = report_year(rows)
    both = by_cluster(rows, name, year).to_frame("k").join(by_cluster(rows, BASE, year).rename("n"))
    both = both[both["n"] > 0].astype(int)
    enough(both["n"])
    found = funnel([*both["k"]], [*both["n"]])
    return [*both.index], found, float(found.share or 0.0)


def _plot(rows: pd.DataFrame, name: str, words: Words, ax: Axes | None) -> Axes:
    clusters, found, share = _found(rows, name)
    ax = ax or new_axes(height=4.2)
    widest = max(found.bases) * 1.12 + 1
    bases = np.arange(1, int(widest) + 1)
    lines = [(float(x), share) for x in np.linspace(0, widest, 200)]
    for level, line, key in ((WARNING, "-", "95"), (ALARM, "--", "998")):
        low, high = zip(*(funnel_limits(share, int(base), level) for base in bases), strict=True)
        label = words.text(f"comparison.funnel.limits_{key}")
        ax.plot(bases, low, line, color=REST, lw=1.3, label=label)
        ax.plot(bases, high, line, color=REST, lw=1.3)
        lines += [(float(x), y) for limit in (low, high) for x, y in zip(bases, limit, strict=True)]
    common = words.text("comparison.funnel.common", share=words.share(share))
    ax.axhline(share, color=ACCENT, lw=1.3, label=common)
    points = [(base, k / base) for k, base in zip(found.counts, found.bases, strict=True)]
    for point, side in zip(points, found.side, strict=True):
        ax.plot(*point, "o" if side == 0 else "D", color=MAIN, ms=6, zorder=3)
    ax.set_xlim(0, widest)
    ax.set_ylim(-0.04, 1.04)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.share(value)))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(words.text("comparison.funnel.x"), loc="right")
    ax.set_ylabel("")
    sns.despine(ax=ax)
    legend_above(ax, ax.get_legend_handles_labels()[0], length=1.8)
    label_points(ax, points, [words.short(cluster) for cluster in clusters], lines)
    return ax


def _describe(rows: pd.DataFrame, name: str, words: Words) -> str:
    clusters, found, share = _found(rows, name)
    first = words.text(
        f"comparison.funnel.{name}",
        year=report_year(rows),
        share=words.share(share),
        part=words.count(sum(found.counts)),
        base=words.count(sum(found.bases)),
    )
    outside: dict[str, list[str]] = {"alarm": [], "warning": []}
    for cluster, k, n, side, is_alarm in zip(
        clusters, found.counts, found.bases, found.side, found.is_alarm, strict=True
    ):
        if side:
            item = words.text(
                f"comparison.funnel.{'above' if side > 0 else 'below'}",
                cluster=quoted("cluster", cluster, words),
                part=words.count(k),
                base=words.count(n),
            )
            outside["alarm" if is_alarm else "warning"].append(item)
    told = [
        words.text(f"comparison.funnel.{key}", items=words.join(items), all=len(clusters))
        for key, items in outside.items()
        if items
    ]
    return " ".join([first, *(told or [words.text("comparison.funnel.inside")])])
