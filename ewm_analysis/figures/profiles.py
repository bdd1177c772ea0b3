"""Profiles: what the new projects of each cluster are assigned to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import wrapped
from ewm_analysis.figures.cells import quoted, report_year
from ewm_analysis.figures.clusters import enough
from ewm_analysis.figures.matrix import draw_matrix
from ewm_analysis.figures.style import style
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics import adjust, compare_multiresponse

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

COUNT = "projects_new"
FEWEST = 2
"""Projects that a cluster needs to be tested against the others."""


@style()
def plot_guideline_profiles(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each guideline in the new projects of each cluster.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of all clusters: ``projects_new``, undivided and by ``guideline``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figures.
    MissingDataError
        If there is no category in the year.
    """
    return _plot(rows, "guideline", words, ax)


def describe_guideline_profiles(rows: pd.DataFrame, words: Words) -> str:
    """Say which guideline leads in how many clusters.

    Raises
    ------
    FewClustersError
        If fewer than two clusters have the figures.
    MissingDataError
        If there is no category in the year.
    """
    return _describe(rows, "guideline", words)


@style()
def plot_focus_topic_profiles(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each focus topic in the new projects of each cluster.

    As `plot_guideline_profiles`, with ``focus_topic``.
    """
    return _plot(rows, "focus_topic", words, ax)


def describe_focus_topic_profiles(rows: pd.DataFrame, words: Words) -> str:
    """Say which focus topic leads in how many clusters. As `describe_guideline_profiles`."""
    return _describe(rows, "focus_topic", words)


def describe_profile_difference(assigned: pd.DataFrame, words: Words) -> str:
    """Say whose profile differs reliably from that of all other clusters' projects.

    Each cluster is tested against the others on the whole set of categories at once, all
    clusters together adjusted by Holm.

    Parameters
    ----------
    assigned : DataFrame
        As returned by `category_matrix`.
    words : Words
        Language of the sentence.
    """
    clusters = assigned.index.get_level_values("cluster_id")
    sizes = clusters.value_counts(sort=False)
    order = words.reference.clusters.sort_values("position")["cluster_id"]
    tested = [name for name in order if FEWEST <= sizes.get(name, 0) <= len(clusters) - FEWEST]
    table = assigned.to_numpy()
    varies = len(table) > 0 and bool((table != table[0]).any())
    if not tested or not varies:
        return words.text("comparison.profiles.untested")
    results = [compare_multiresponse(table[clusters != c], table[clusters == c]) for c in tested]
    p_values = adjust([1.0 if r.p_value is None else r.p_value for r in results])
    told = [
        f"{quoted('cluster', name, words)} ({words.p_value(p_value)})"
        for name, p_value in zip(tested, p_values, strict=True)
        if p_value < 0.05
    ]
    key = "different" if told else "alike"
    return words.text(
        f"comparison.profiles.{key}", items=words.join(told), tested=words.count(len(tested))
    )


def _table(rows: pd.DataFrame, dimension: str, words: Words) -> tuple[pd.DataFrame, pd.Series]:
    """Return counts by category and cluster, and the projects of each cluster."""
    year = report_year(rows)
    bases = by_cluster(rows[rows["dimension"] == ""], COUNT, year)
    parts = rows[rows["dimension"] == dimension]
    known = {*parts.loc[parts["year"] == year, "category"]}
    if not known:
        raise MissingDataError(f"No project of {year} has a category of {dimension}.")
    names = [name for name in words.reference.valid(dimension, year)["category"] if name in known]
    counts = {name: by_cluster(parts, COUNT, year, name) for name in names}
    table = bases.to_frame("n").join([part.rename(name) for name, part in counts.items()])
    table = table[table[[*counts]].notna().any(axis=1) & (table["n"] > 0)]
    enough(table["n"])
    return table[[*counts]].T, table["n"]


def _plot(rows: pd.DataFrame, dimension: str, words: Words, ax: Axes | None) -> Axes:
    counts, bases = _table(rows, dimension, words)
    values = counts.to_numpy(dtype=float)
    texts = [
        [
            MISSING if np.isnan(k) else f"{words.count(k)}/{words.count(n)}"
            for k, n in zip(line, bases, strict=True)
        ]
        for line in values
    ]
    labels = [wrapped(words.label(dimension, category)) for category in counts.index]
    names = [words.short(cluster) for cluster in counts.columns]
    return draw_matrix(ax, values / bases.to_numpy(), texts, labels, names, top=1.0)


def _describe(rows: pd.DataFrame, dimension: str, words: Words) -> str:
    counts, bases = _table(rows, dimension, words)
    valid = words.reference.valid(dimension)
    leaves = counts[~counts.index.isin([*valid["parent"]])]
    leading = Counter(
        category
        for cluster in leaves.columns
        for category in leaves.index[leaves[cluster] == leaves[cluster].max()]
        if leaves[cluster].max() > 0
    )
    if not leading:
        return words.text("comparison.profiles.nothing", year=report_year(rows))
    category, often = leading.most_common(1)[0]
    shares = leaves.loc[category] / bases
    low, high = shares.idxmin(), shares.idxmax()
    ends = {}
    for name, cluster in (("low", low), ("high", high)):
        part, base = words.count(leaves.at[category, cluster]), words.count(bases[cluster])
        ends[name] = words.text(
            "comparison.profiles.end",
            share=words.share(shares[cluster]),
            part=part,
            base=base,
            cluster=quoted("cluster", cluster, words),
        )
    return words.text(
        f"comparison.profiles.{dimension}",
        year=report_year(rows),
        category=quoted(dimension, category, words),
        often=words.count(often),
        all=words.count(len(bases)),
        **ends,
    )
