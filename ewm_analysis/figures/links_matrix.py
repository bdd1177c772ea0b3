"""Cross-cluster matrix: from which clusters actors come to whose projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.cells import quoted, report_year
from ewm_analysis.figures.clusters import enough
from ewm_analysis.figures.matrix import draw_matrix
from ewm_analysis.figures.style import style
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.statistics import cross_cluster_matrix

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words
    from ewm_analysis.statistics import LinkMatrix

NAME = "participations_projects"
MARKS = {1: "▲", 0: "", -1: "▼"}


@style()
def plot_links_matrix(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw participations from other clusters, marked where more or fewer than expected.

    Rows are the clusters that report the projects, columns the homes of the actors.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of all clusters: ``participations_projects`` by ``home_cluster``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figures.
    MissingDataError
        If nobody takes part in projects of another cluster.
    """
    clusters, homes, matrix = _matrix(rows, words)
    shades = np.where(np.isnan(matrix.expected), np.nan, matrix.observed)
    texts = [
        [
            "" if np.isnan(expected) else f"{words.count(count)}{MARKS[int(side)]}"
            for count, expected, side in zip(*lines, strict=True)
        ]
        for lines in zip(matrix.observed, matrix.expected, matrix.side, strict=True)
    ]
    owners, names = ([words.short(code) for code in codes] for codes in (clusters, homes))
    ax = draw_matrix(ax, shades, texts, owners, names, top=float(matrix.observed.max()))
    ax.set_ylabel(words.text("comparison.links.owner"), loc="center")
    ax.set_xlabel(words.text("comparison.links.note"), loc="left")
    return ax


def describe_links_matrix(rows: pd.DataFrame, words: Words) -> str:
    """Say which links are more or less frequent than the margins let expect.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figures.
    MissingDataError
        If nobody takes part in projects of another cluster.
    """
    clusters, homes, matrix = _matrix(rows, words)
    first = _most(clusters, homes, matrix, rows, words)
    told = []
    for side, key in ((1, "more"), (-1, "fewer")):
        cells = np.argwhere(matrix.side == side)
        items = [_item(clusters[i], homes[j], matrix, i, j, words) for i, j in cells]
        if items:
            told.append(words.text(f"comparison.links.{key}", items=words.join(items)))
    tested = words.count(int(np.isfinite(matrix.expected).sum()))
    return " ".join([first, *(told or [words.text("comparison.links.none", tested=tested)])])


def _most(
    clusters: list[str], homes: list[str], matrix: LinkMatrix, rows: pd.DataFrame, words: Words
) -> str:
    i, j = divmod(int(matrix.observed.argmax()), len(homes))
    return words.text(
        "comparison.links.most",
        year=report_year(rows),
        item=_item(clusters[i], homes[j], matrix, i, j, words),
    )


def _item(owner: str, home: str, matrix: LinkMatrix, i: int, j: int, words: Words) -> str:
    return words.text(
        "comparison.links.item",
        owner=quoted("cluster", owner, words),
        home=quoted("home_cluster", home, words),
        count=words.count(int(matrix.observed[i, j])),
        expected=words.number(float(matrix.expected[i, j]), 1),
    )


def _matrix(rows: pd.DataFrame, words: Words) -> tuple[list[str], list[str], LinkMatrix]:
    """Return reporting clusters, homes and their matrix; own actors are excluded by definition."""
    year = report_year(rows)
    known = {*rows["category"]}
    order = words.reference.clusters.sort_values("position")["cluster_id"]
    homes = [home for home in order if home in known]
    columns = {home: by_cluster(rows, NAME, year, home) for home in homes}
    clusters = [code for code in order if any(code in part.index for part in columns.values())]
    enough(rows[rows["cluster_id"].isin(clusters)].drop_duplicates("cluster_id")["value"])
    excluded = np.array([[code not in columns[home] for home in homes] for code in clusters])
    observed = np.array([[columns[home].get(code, 0.0) for home in homes] for code in clusters])
    if not observed.any():
        raise MissingDataError("Nobody takes part in projects of another cluster.")
    return clusters, homes, cross_cluster_matrix(observed, excluded)
