"""Network of clusters: joined by the projects in which actors of both take part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from ewm_analysis.errors import FewClustersError
from ewm_analysis.figures.cells import quoted, report_year
from ewm_analysis.figures.style import INK, MAIN, new_axes, style
from ewm_analysis.l10n import NBSP

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

NAMED = 3
"""Pairs that the sentence names."""


@style()
def plot_shared_projects(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the home clusters of actors on a circle, joined by the projects they share.

    The width of a line and the area of a circle grow with the number of projects.

    Parameters
    ----------
    rows : DataFrame
        Indicator values ``projects_shared`` by ``home_cluster``, as of `projects_shared`.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    FewClustersError
        If no two clusters share a project.
    """
    own, pairs = _found(rows, words)
    ax = ax or new_axes(height=5.2)
    places = nx.circular_layout([*own])
    top = max(weight for _, _, weight in pairs)
    for first, last, weight in sorted(pairs, key=lambda pair: pair[2]):
        ends = np.array([places[first], places[last]])
        strength = weight / top
        ax.plot(*ends.T, color=MAIN, lw=0.4 + 6 * strength, alpha=0.12 + 0.6 * strength,
                solid_capstyle="round", zorder=1)  # fmt: skip
    sizes = [60 + 460 * own[home] / max(own.values()) for home in own]
    spots = np.array([places[home] for home in own])
    ax.scatter(spots[:, 0], spots[:, 1], sizes, color=MAIN, ec="white", lw=1.5, zorder=2)
    for home, (x, y) in zip(own, spots, strict=True):
        side = "center" if abs(x) < 0.2 else "left" if x > 0 else "right"
        text = f"{words.short(home)}{NBSP}({words.count(own[home])})"
        ax.annotate(text, (x, y), (16 * x, 16 * y), textcoords="offset points", ha=side,
                    va="center" if side != "center" else "bottom" if y > 0 else "top",
                    color=INK)  # fmt: skip
    ax.set_aspect("equal")
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.2, 1.2))
    ax.axis("off")
    return ax


def describe_shared_projects(rows: pd.DataFrame, words: Words) -> str:
    """Say which clusters share most projects, and how many pairs share any.

    Raises
    ------
    FewClustersError
        If no two clusters share a project.
    """
    own, pairs = _found(rows, words)
    possible = len(own) * (len(own) - 1) // 2
    strongest = sorted(pairs, key=lambda pair: -pair[2])[:NAMED]
    items = [
        words.text(
            "comparison.network.pair",
            first=quoted("home_cluster", first, words),
            last=quoted("home_cluster", last, words),
            count=words.quantity("projects_shared", weight),
        )
        for first, last, weight in strongest
    ]
    return words.text(
        f"comparison.network.{'all' if len(pairs) == possible else 'some'}",
        year=report_year(rows),
        joined=words.count(len(pairs)),
        possible=words.count(possible),
        items=words.join(items),
    )


def _found(
    rows: pd.DataFrame, words: Words
) -> tuple[dict[str, float], list[tuple[str, str, float]]]:
    """Return projects by home cluster, and of each pair of them."""
    triples = [*rows[["cluster_id", "category", "value"]].itertuples(index=False, name=None)]
    own = {first: float(value) for first, last, value in triples if first == last}
    pairs = [(first, last, float(value)) for first, last, value in triples if first != last]
    if not pairs:
        raise FewClustersError("No two clusters share a project.")
    order = words.reference.clusters.sort_values("position")["cluster_id"]
    return {home: own[home] for home in order if home in own}, pairs
