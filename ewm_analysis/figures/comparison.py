"""Clusters side by side: ranks, two years, funnels, profiles, links and the network of actors.

Functions named by entries of ``comparison.toml``: one draws, one returns what the sentence may
name. Where fewer than two clusters have the figures, they raise FewClustersError.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from ewm_analysis.errors import FewClustersError, MissingDataError
from ewm_analysis.figures.bars import draw_matrix, finish_rows, legend_above, row_axes, wrapped
from ewm_analysis.figures.cells import quoted, report_year
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.style import ACCENT, INK, MAIN, REST, new_axes
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.l10n import MISSING, NBSP
from ewm_analysis.statistics import (
    adjust,
    compare_counts,
    compare_multiresponse,
    cross_cluster_matrix,
    detectable_ratio,
    funnel,
    rank_counts,
)
from ewm_analysis.statistics.counts import Rank
from ewm_analysis.statistics.links import LinkMatrix
from ewm_analysis.statistics.shares import ALARM, WARNING, Funnel, funnel_limits

RELIABLE = 0.05
"""Below this adjusted p value a difference is told."""
FEWEST = 2
"""Projects that a cluster needs for its profile to be tested against the others."""
NAMED = 3
"""Pairs of the network that the sentence names."""
MARKS = {1: "▲", 0: "", -1: "▼"}
"""Of links: more, as many, fewer than expected."""
PLACES = (
    (7, 0, "left", "center"),
    (-7, 0, "right", "center"),
    (0, 7, "center", "bottom"),
    (0, -7, "center", "top"),
    (6, 6, "left", "bottom"),
    (6, -6, "left", "top"),
    (-6, 6, "right", "bottom"),
    (-6, -6, "right", "top"),
    (16, 12, "left", "bottom"),
    (16, -12, "left", "top"),
    (-16, 12, "right", "bottom"),
    (-16, -12, "right", "top"),
    (0, 18, "center", "bottom"),
    (0, -18, "center", "top"),
)
"""Where a label may stand beside its point, best first: offset in points, alignment."""


def _enough(values: pd.Series) -> pd.Series:
    if len(values) < 2:
        raise FewClustersError("Fewer than two clusters have this figure.")
    return values


# Ranks, and the year before: a row a cluster.


def draw_ranks(view: View, ax: Axes | None) -> Axes:
    """Draw the rank of each cluster with the range that chance allows."""
    words, ranked = view.words, _ranked(view)
    labels = [wrapped(words.label("cluster", cluster)) for cluster, _, _ in ranked]
    ax = ax or row_axes(labels, has_legend=True)
    for row, (_, count, place) in enumerate(ranked):
        low, high = place.low or place.rank, place.high or place.rank
        span = ax.plot([low, high], [row, row], color=REST, lw=6, solid_capstyle="round")
        rank = ax.plot(place.rank, row, "o", color=MAIN, ms=7)
        _say_beside(ax, row, view.say("row", rank=place, count=words.count(count)))
    _finish(ax, labels, {view.name("rank"): rank, view.name("range"): span})
    ax.set_xlim(0.6, len(ranked) + 0.4)
    ax.set_xticks(range(1, len(ranked) + 1))
    ax.set_xlabel(view.name("axis"), loc="left")
    return ax


@tells("year", "clusters", "count", "range", "rank", "certain", "certain_all", "all", "width")
def rank_facts(view: View) -> dict[str, Any]:
    """Return who stands first and how far the ranks can be trusted."""
    words, ranked = view.words, _ranked(view)
    first = [quoted("cluster", cluster, words) for cluster, _, place in ranked if place.rank == 1]
    certain = sum(place.low == place.high for _, _, place in ranked)
    widths = [(place.high or 0) - (place.low or 0) + 1 for _, _, place in ranked]
    return {
        "year": report_year(view.rows),
        "clusters": first,
        "count": words.quantity(view.figure.show[0], ranked[0][1]),
        "range": ranked[0][2].span,
        "certain_all": words.count(certain) if certain == len(ranked) else None,
        "certain": words.count(certain) if certain else None,
        "all": words.count(len(ranked)),
        "width": words.number(float(np.median(widths)), 0),
    }


def _ranked(view: View) -> list[tuple[str, int, Rank]]:
    """Return cluster, count and rank, the best first."""
    found = by_cluster(view.rows, view.figure.show[0], report_year(view.rows))
    counts = _enough(found).astype(int)
    ranked = zip(counts.index, counts, rank_counts([*counts]), strict=True)
    return sorted(ranked, key=lambda entry: entry[2].rank)


def draw_years(view: View, ax: Axes | None) -> Axes:
    """Draw the figure of each cluster in the report year beside the year before."""
    words, (year, pairs) = view.words, _pairs(view)
    ordered = pairs.sort_values("last", ascending=False, kind="stable")
    labels = [wrapped(words.label("cluster", cluster)) for cluster in ordered.index]
    ax = ax or row_axes(labels, has_legend=True)
    top = float(ordered.to_numpy().max()) or 1.0
    for row, (first, last) in enumerate(ordered.itertuples(index=False)):
        ax.plot([first, last], [row, row], color=REST, lw=2, zorder=1)
        ring = ax.plot(first, row, "o", color="white", mec=ACCENT, mew=1.8, ms=7)
        dot = ax.plot(last, row, "o", color=MAIN, ms=7)
        _say_beside(ax, row, view.say("row", first=words.count(first), last=words.count(last)))
    _finish(ax, labels, {str(year - 1): ring, str(year): dot})
    ax.set_xlim(-0.02 * top, 1.03 * top)
    ax.set_xlabel(words.indicator(view.figure.show[0]), loc="left", color=INK)
    sns.despine(ax=ax, bottom=False)
    return ax


@tells("before", "items", "tested", "count", "lower", "rise", "cluster", "first", "last", "p")
def year_facts(view: View) -> dict[str, Any]:
    """Return whose figure differs reliably from the year before, and what would be noticed.

    Each cluster is tested by the E-test, all together adjusted by Holm; one without any project
    has no test.
    """
    words, (year, pairs) = view.words, _pairs(view)
    tested = pairs[pairs.sum(axis=1) > 0]
    results = [compare_counts(int(first), int(last)) for first, last in tested.to_numpy()]
    p_values = adjust([1.0 if r.p_value is None else r.p_value for r in results])
    told = [
        view.say(
            "item",
            cluster=quoted("cluster", cluster, words),
            first=words.count(first),
            last=words.count(last),
            p=words.p_value(p_value),
        )
        for (cluster, first, last), p_value in zip(tested.itertuples(), p_values, strict=True)
        if p_value < RELIABLE
    ]
    known = {"before": year - 1, "items": words.join(told), "tested": words.count(len(pairs))}
    typical = int(pairs["first"].median())
    fall, rise = detectable_ratio(typical)
    if fall is not None and rise is not None:
        lower = math.floor(typical * fall)
        known["lower"] = words.count(lower) if lower else None
        known |= {"count": words.count(typical), "rise": words.count(math.ceil(typical * rise))}
    return known


def _pairs(view: View) -> tuple[int, pd.DataFrame]:
    year = report_year(view.rows)
    last, first = (by_cluster(view.rows, view.figure.show[0], each) for each in (year, year - 1))
    pairs = last.to_frame("last").join(first.rename("first")).reindex(last.index)
    pairs = pairs[["first", "last"]].dropna().astype(int)
    _enough(pairs["last"])
    return year, pairs


def _say_beside(ax: Axes, row: int, text: str) -> None:
    ax.annotate(
        text,
        (1, row),
        (8, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
    )


def _finish(ax: Axes, labels: Sequence[str], marks: Mapping[str, list[Line2D]]) -> None:
    """Name the rows, show the axis of values and explain the marks."""
    finish_rows(ax, labels)
    ax.xaxis.set_visible(True)
    for label, (mark,) in marks.items():
        mark.set_label(label)
    legend_above(ax, [mark for (mark,) in marks.values()], length=1.8)


# Funnels: the share of each cluster against the number of its projects.


def draw_funnel(view: View, ax: Axes | None) -> Axes:
    """Draw the share of each cluster within the limits of chance."""
    words, (clusters, found, share) = view.words, _funnel(view)
    ax = ax or new_axes(height=4.2)
    widest = max(found.bases) * 1.12 + 1
    bases = np.arange(1, int(widest) + 1)
    lines = [(float(x), share) for x in np.linspace(0, widest, 200)]
    for level, line, key in ((WARNING, "-", "limits_95"), (ALARM, "--", "limits_998")):
        low, high = zip(*(funnel_limits(share, int(base), level) for base in bases), strict=True)
        ax.plot(bases, low, line, color=REST, lw=1.3, label=view.name(key))
        ax.plot(bases, high, line, color=REST, lw=1.3)
        lines += [(float(x), y) for limit in (low, high) for x, y in zip(bases, limit, strict=True)]
    common = view.say("common", share=words.share(share))
    ax.axhline(share, color=ACCENT, lw=1.3, label=common)
    points = [(base, k / base) for k, base in zip(found.counts, found.bases, strict=True)]
    for point, side in zip(points, found.side, strict=True):
        ax.plot(*point, "o" if side == 0 else "D", color=MAIN, ms=6, zorder=3)
    ax.set_xlim(0, widest)
    ax.set_ylim(-0.04, 1.04)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.share(value)))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(view.name("x"), loc="right")
    ax.set_ylabel("")
    sns.despine(ax=ax)
    legend_above(ax, ax.get_legend_handles_labels()[0], length=1.8)
    _label_points(ax, points, [words.short(cluster) for cluster in clusters], lines)
    return ax


@tells("year", "share", "part", "base", "alarm", "warning", "all", "cluster")
def funnel_facts(view: View) -> dict[str, Any]:
    """Return the common share, and whose share lies beyond the limits of chance."""
    words, (clusters, found, share) = view.words, _funnel(view)
    outside: dict[bool, list[str]] = {True: [], False: []}
    for cluster, k, n, side, is_alarm in zip(
        clusters, found.counts, found.bases, found.side, found.is_alarm, strict=True
    ):
        known = {"part": words.count(k), "base": words.count(n)}
        name = quoted("cluster", cluster, words)
        if side:
            clause = "above" if side > 0 else "below"
            outside[is_alarm].append(view.say(clause, cluster=name, **known))
    return {
        "year": report_year(view.rows),
        "share": words.share(share),
        "part": words.count(sum(found.counts)),
        "base": words.count(sum(found.bases)),
        "alarm": words.join(outside[True]),
        "warning": words.join(outside[False]),
        "all": len(clusters),
    }


def _funnel(view: View) -> tuple[list[str], Funnel, float]:
    """Return the clusters that have projects, their funnel and the common share."""
    year = report_year(view.rows)
    part, base = (by_cluster(view.rows, name, year) for name in view.figure.show)
    both = part.to_frame("k").join(base.rename("n"))
    both = both[both["n"] > 0].astype(int)
    _enough(both["n"])
    found = funnel([*both["k"]], [*both["n"]])
    return [*both.index], found, float(found.share or 0.0)


def _label_points(
    ax: Axes,
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    avoid: Sequence[tuple[float, float]],
) -> None:
    """Write a label beside each point where it meets neither points nor labels before it.

    What stands at the places to `avoid`, lines above all, labels had better not cover.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        return
    figure.draw_without_rendering()  # the layout must stand before text is measured
    frame = ax.get_window_extent()
    taken = [_around(ax, point, 5) for point in points]
    lines = [_around(ax, point, 2) for point in avoid]
    for own, (point, text) in enumerate(zip(points, texts, strict=True)):
        others = [*taken[:own], *taken[own + 1 :], *lines]
        best: tuple[float, Annotation | None, Bbox | None] = (float("inf"), None, None)
        for label in _tried(ax, point, text):
            box = label.get_window_extent()
            outside = box.width * box.height - _shared(box, frame)
            cost = sum(_shared(box, other) for other in others) + outside
            if cost < best[0]:
                if best[1] is not None:
                    best[1].remove()
                best = (cost, label, box)
            else:
                label.remove()
            if cost == 0:
                break
        if best[2] is not None:
            taken.append(best[2])


def _tried(ax: Axes, point: tuple[float, float], text: str) -> Iterator[Annotation]:
    for x, y, horizontal, vertical in PLACES:
        yield ax.annotate(
            text,
            point,
            (x, y),
            textcoords="offset points",
            fontsize=8,
            color=INK,
            ha=horizontal,
            va=vertical,
        )


def _around(ax: Axes, point: tuple[float, float], radius: float) -> Bbox:
    x, y = ax.transData.transform(point)
    return Bbox.from_extents(x - radius, y - radius, x + radius, y + radius)


def _shared(box: Bbox, other: Bbox) -> float:
    width = min(box.x1, other.x1) - max(box.x0, other.x0)
    height = min(box.y1, other.y1) - max(box.y0, other.y0)
    return width * height if width > 0 and height > 0 else 0.0


# Profiles and links: a matrix of shades.


def draw_profiles(view: View, ax: Axes | None) -> Axes:
    """Draw the share of each category in the new projects of each cluster."""
    words, (counts, bases) = view.words, _profiles(view)
    values = counts.to_numpy(dtype=float)
    texts = [
        [
            MISSING if np.isnan(k) else f"{words.count(k)}/{words.count(n)}"
            for k, n in zip(line, bases, strict=True)
        ]
        for line in values
    ]
    labels = [wrapped(words.label(view.figure.by, category)) for category in counts.index]
    names = [words.short(cluster) for cluster in counts.columns]
    return draw_matrix(ax, values / bases.to_numpy(), texts, labels, names, top=1.0)


@tells("year", "category", "often", "all", "low", "high", "share", "part", "base", "cluster")
def profile_facts(view: View) -> dict[str, Any]:
    """Return which category leads in how many clusters, and the range of its share."""
    words, (counts, bases), by = view.words, _profiles(view), view.figure.by
    leaves = counts[~counts.index.isin([*words.reference.valid(by)["parent"]])]
    leading = Counter(
        category
        for cluster in leaves.columns
        for category in leaves.index[leaves[cluster] == leaves[cluster].max()]
        if leaves[cluster].max() > 0
    )
    known = {"year": report_year(view.rows), "all": words.count(len(bases))}
    if not leading:
        return known
    category, often = leading.most_common(1)[0]
    shares = leaves.loc[category] / bases
    ends = {
        name: view.say(
            "end",
            share=words.share(shares[cluster]),
            part=words.count(leaves.at[category, cluster]),
            base=words.count(bases[cluster]),
            cluster=quoted("cluster", cluster, words),
        )
        for name, cluster in (("low", shares.idxmin()), ("high", shares.idxmax()))
    }
    return {**known, **ends, "category": quoted(by, category, words), "often": words.count(often)}


def _profiles(view: View) -> tuple[pd.DataFrame, pd.Series]:
    """Return counts by category and cluster, and the projects of each cluster."""
    rows, by, year = view.rows, view.figure.by, report_year(view.rows)
    (name,) = view.figure.show
    bases = by_cluster(rows[rows["dimension"] == ""], name, year)
    parts = rows[rows["dimension"] == by]
    known = {*parts.loc[parts["year"] == year, "category"]}
    if not known:
        raise MissingDataError(f"No project of {year} has a category of {by}.")
    order = [each for each in view.words.reference.valid(by, year)["category"] if each in known]
    counts = [by_cluster(parts, name, year, each).rename(each) for each in order]
    table = bases.to_frame("n").join(counts)
    table = table[table[order].notna().any(axis=1) & (table["n"] > 0)]
    _enough(table["n"])
    return table[order].T, table["n"]


@tells("items", "tested")
def difference_facts(view: View) -> dict[str, Any]:
    """Return whose profile differs reliably from that of all other clusters' projects.

    Rows are as `category_matrix` returns them. Each cluster is tested against the others on the
    whole set of categories at once, all clusters together adjusted by Holm.
    """
    words, clusters = view.words, view.rows.index.get_level_values("cluster_id")
    sizes = clusters.value_counts(sort=False)
    order = words.reference.clusters.sort_values("position")["cluster_id"]
    tested = [name for name in order if FEWEST <= sizes.get(name, 0) <= len(clusters) - FEWEST]
    table = view.rows.to_numpy()
    varies = len(table) > 0 and bool((table != table[0]).any())
    if not tested or not varies:
        return {}
    results = [compare_multiresponse(table[clusters != c], table[clusters == c]) for c in tested]
    p_values = adjust([1.0 if r.p_value is None else r.p_value for r in results])
    told = [
        f"{quoted('cluster', name, words)} ({words.p_value(p_value)})"
        for name, p_value in zip(tested, p_values, strict=True)
        if p_value < RELIABLE
    ]
    return {"items": words.join(told), "tested": words.count(len(tested))}


def draw_links(view: View, ax: Axes | None) -> Axes:
    """Draw participations from other clusters, marked where more or fewer than expected.

    Rows are the clusters that report the projects, columns the homes of the actors.
    """
    words, (clusters, homes, matrix) = view.words, _links(view)
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
    ax.set_ylabel(view.name("owner"), loc="center")
    ax.set_xlabel(view.name("note"), loc="left")
    return ax


@tells("year", "most", "often", "seldom", "tested", "owner", "home", "count", "expected")
def link_facts(view: View) -> dict[str, Any]:
    """Return which links are more or less frequent than the margins let expect."""
    words, (clusters, homes, matrix) = view.words, _links(view)

    def item(i: int, j: int) -> str:
        return view.say(
            "item",
            owner=quoted("cluster", clusters[i], words),
            home=quoted("home_cluster", homes[j], words),
            count=words.count(int(matrix.observed[i, j])),
            expected=words.number(float(matrix.expected[i, j]), 1),
        )

    return {
        "year": report_year(view.rows),
        "most": item(*divmod(int(matrix.observed.argmax()), len(homes))),
        "often": words.join([item(i, j) for i, j in np.argwhere(matrix.side == 1)]),
        "seldom": words.join([item(i, j) for i, j in np.argwhere(matrix.side == -1)]),
        "tested": words.count(int(np.isfinite(matrix.expected).sum())),
    }


def _links(view: View) -> tuple[list[str], list[str], LinkMatrix]:
    """Return reporting clusters, homes and their matrix; own actors are excluded by definition."""
    rows, year = view.rows, report_year(view.rows)
    known = {*rows["category"]}
    order = view.words.reference.clusters.sort_values("position")["cluster_id"]
    homes = [home for home in order if home in known]
    columns = {home: by_cluster(rows, view.figure.show[0], year, home) for home in homes}
    clusters = [code for code in order if any(code in part.index for part in columns.values())]
    _enough(rows[rows["cluster_id"].isin(clusters)].drop_duplicates("cluster_id")["value"])
    excluded = np.array([[code not in columns[home] for home in homes] for code in clusters])
    observed = np.array([[columns[home].get(code, 0.0) for home in homes] for code in clusters])
    if not observed.any():
        raise MissingDataError("Nobody takes part in projects of another cluster.")
    return clusters, homes, cross_cluster_matrix(observed, excluded)


# The network: homes of actors, joined by the projects they share.


def draw_network(view: View, ax: Axes | None) -> Axes:
    """Draw the homes on a circle; line width and area of circles grow with the projects."""
    words, (own, pairs) = view.words, _network(view)
    ax = ax or new_axes(height=5.2)
    places = nx.circular_layout([*own])
    top = max(weight for _, _, weight in pairs)
    for first, last, weight in sorted(pairs, key=lambda pair: pair[2]):
        ends = np.array([places[first], places[last]])
        strength = weight / top
        ax.plot(
            *ends.T,
            color=MAIN,
            lw=0.4 + 6 * strength,
            alpha=0.12 + 0.6 * strength,
            solid_capstyle="round",
            zorder=1,
        )
    sizes = [60 + 460 * own[home] / max(own.values()) for home in own]
    spots = np.array([places[home] for home in own])
    ax.scatter(spots[:, 0], spots[:, 1], sizes, color=MAIN, ec="white", lw=1.5, zorder=2)
    for home, (x, y) in zip(own, spots, strict=True):
        side = "center" if abs(x) < 0.2 else "left" if x > 0 else "right"
        ax.annotate(
            f"{words.short(home)}{NBSP}({words.count(own[home])})",
            (x, y),
            (16 * x, 16 * y),
            textcoords="offset points",
            ha=side,
            va="center" if side != "center" else "bottom" if y > 0 else "top",
            color=INK,
        )
    ax.set_aspect("equal")
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.2, 1.2))
    ax.axis("off")
    return ax


@tells("year", "joined", "possible", "joined_all", "items", "first", "last", "count")
def network_facts(view: View) -> dict[str, Any]:
    """Return which homes share most projects, and how many pairs share any."""
    words, (own, pairs) = view.words, _network(view)
    possible = len(own) * (len(own) - 1) // 2
    items = [
        view.say(
            "item",
            first=quoted("home_cluster", first, words),
            last=quoted("home_cluster", last, words),
            count=words.quantity("projects_shared", weight),
        )
        for first, last, weight in sorted(pairs, key=lambda pair: -pair[2])[:NAMED]
    ]
    return {
        "year": report_year(view.rows),
        "joined": words.count(len(pairs)),
        "joined_all": words.count(possible) if len(pairs) == possible else None,
        "possible": words.count(possible),
        "items": items,
    }


def _network(view: View) -> tuple[dict[str, float], list[tuple[str, str, float]]]:
    """Return projects by home cluster, and of each pair of them."""
    triples = [*view.rows[["cluster_id", "category", "value"]].itertuples(index=False, name=None)]
    own = {first: float(value) for first, last, value in triples if first == last}
    pairs = [(first, last, float(value)) for first, last, value in triples if first != last]
    if not pairs:
        raise FewClustersError("No two clusters share a project.")
    order = view.words.reference.clusters.sort_values("position")["cluster_id"]
    return {home: own[home] for home in order if home in own}, pairs
