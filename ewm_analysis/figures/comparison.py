"""Clusters side by side: ranks, two years, funnels, profiles, links and the network of actors.

Functions named by entries of ``comparison.toml``: one draws, one returns what the sentence may
name. Where fewer than two clusters have the figures, they raise FewClustersError.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ewm_analysis import statistics
from ewm_analysis.errors import FewClustersError, MissingDataError
from ewm_analysis.figures.cells import quoted, report_year, umbrellas
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.kinds import draw_matrix, legend_above, row_axes, wrapped
from ewm_analysis.figures.labels import ACROSS, UPRIGHT, label_points
from ewm_analysis.figures.messages import A_DIFFERENCE, news
from ewm_analysis.figures.style import INK, MAIN, QUIET, REST, mark, new_axes, write_beside
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.l10n import MISSING, NBSP
from ewm_analysis.statistics.counts import Rank, assumed_variance
from ewm_analysis.statistics.links import LinkMatrix
from ewm_analysis.statistics.result import ALPHA, QUESTIONS, TESTS, Result
from ewm_analysis.statistics.shares import ALARM, WARNING, Funnel, funnel_limits

FEWEST = 10
"""Projects that a cluster needs for its profile to be tested: of fewer chance is not known well."""
NAMED = 3
"""Pairs of the network that the sentence names."""
MARKS = {1: "▲", 0: "", -1: "▼"}
"""Of links: more, as many, fewer than expected."""


def _enough(found: Any) -> None:
    if len(found) < 2:
        raise FewClustersError("Fewer than two clusters have this figure.")


def _clusters(view: View, some: Any) -> list[str]:
    """Return those of some codes that are clusters, in the order of the clusters."""
    order = view.words.reference.clusters.sort_values("position")["cluster_id"]
    return [code for code in order if code in some]


def _reliable(tested: Mapping[str, Result]) -> dict[str, float]:
    """Return who differs reliably, with its p value: adjusted for all (Holm) and for the page."""
    own = {name: 1.0 if r.p_value is None else r.p_value for name, r in tested.items()}
    adjusted = zip(own, statistics.adjust([*own.values()]), strict=True)
    return {name: own[name] for name, p_value in adjusted if QUESTIONS * p_value < ALPHA}


# Ranks, and the year before: a row a cluster.


def draw_ranks(view: View, ax: Axes | None) -> Axes:
    """Draw the rank of each cluster with the range that chance allows."""
    ranked = _ranked(view)
    rows = []
    for cluster, count, place in ranked:
        text = view.say("row", rank=place, count=view.words.count(count))
        rows.append((cluster, (place.low or 1, place.high or 1), (place.rank,), text))
    year = report_year(view.rows)
    line = {"lw": 6, "solid_capstyle": "round", "label": view.name("range")}
    ax = _draw_rows(view, ax, rows, line, {year: {"color": MAIN, "label": view.name("rank")}})
    ax.set_xlim(0.6, len(ranked) + 0.4)
    ax.set_xticks(range(1, len(ranked) + 1))
    ax.set_xlabel(view.name("axis"), loc="left")
    return ax


@tells("clusters count range rank certain certain_all all width")
def rank_facts(view: View) -> dict[str, Any]:
    """Return who stands first and how far the ranks can be trusted."""
    words, ranked = view.words, _ranked(view)
    certain = sum(place.low == place.high for _, _, place in ranked)
    widths = [(place.high or 0) - (place.low or 0) + 1 for _, _, place in ranked]
    return {
        "clusters": [quoted("cluster", code, words) for code, _, at in ranked if at.rank == 1],
        "count": words.quantity(view.figure.show[0], ranked[0][1]),
        "range": ranked[0][2].span,
        "certain_all": words.count(certain) if certain == len(ranked) else None,
        "certain": words.count(certain) if certain else None,
        "all": words.count(len(ranked)),
        "width": words.number(float(np.median(widths)), 0) if max(widths) > 1 else None,
    }


def _ranked(view: View) -> list[tuple[str, int, Rank]]:
    """Return cluster, count and rank, the best first."""
    counts = by_cluster(view.rows, view.figure.show[0], report_year(view.rows)).astype(int)
    _enough(counts)
    ranked = zip(counts.index, counts, statistics.rank_counts([*counts]), strict=True)
    return sorted(ranked, key=lambda entry: entry[2].rank)


def draw_years(view: View, ax: Axes | None) -> Axes:
    """Draw the figure of each cluster in the report year beside the year before, others faint."""
    words, (year, pairs, others) = view.words, _pairs(view)
    rows = []
    for cluster, *ends in pairs.sort_values("last", ascending=False, kind="stable").itertuples():
        first, last = map(words.count, ends)
        rows.append((str(cluster), ends, ends, view.say("row", first=first, last=last)))
    ring = {"color": "white", "mec": QUIET, "mew": 1.8, "label": str(year - 1)}
    dot = {"color": MAIN, "label": str(year)}
    ax = _draw_rows(view, ax, rows, {"lw": 2, "zorder": 1}, {year - 1: ring, year: dot})
    for row, (cluster, *_) in enumerate(rows):
        faint = others[cluster]
        ax.plot(faint, [row] * len(faint), "o", ms=4, color=REST, zorder=0)
    top = float(max([*pairs.to_numpy().flat, *(n for own in others.values() for n in own)])) or 1.0
    ax.set_xlim(-0.02 * top, 1.03 * top)
    ax.set_xlabel(words.indicator(view.figure.show[0]), loc="left", color=INK)
    sns.despine(ax=ax, bottom=False)
    return ax


@tells("before items tested others alone assumed count few lower rise number cluster first last p")
def year_facts(view: View) -> dict[str, Any]:
    """Return whose figure differs reliably from the year before, and what would be noticed.

    Each cluster is tested as in its annual report, held against its other years, and all together
    adjusted for the page; one without any project has no test.
    """
    words, (year, pairs, others) = view.words, _pairs(view)
    tested = {
        str(c): statistics.compare_counts(*ends, others=others[c], tests=TESTS)
        for c, *ends in pairs.itertuples()
        if any(ends)
    }
    told, found = [], _reliable(tested)
    alone = [c for c, result in tested.items() if result.is_reliable and c not in found]
    for cluster, p_value in found.items():
        ends = {name: words.count(number) for name, number in pairs.loc[cluster].items()}
        name, p = quoted("cluster", cluster, words), words.p_value(p_value)
        told.append(view.say("item", cluster=name, p=p, **ends))
    known = {"before": year - 1, "items": told, "tested": words.count(len(pairs))}
    known["others"] = words.count(len(pairs) - len(found)) if len(found) < len(pairs) else None
    changed = pairs.loc[[*found], ["first", "last"]].itertuples(index=False)
    known["news"] = max((news(first, last, True) for first, last in changed), default=0.0)
    known["alone"] = [quoted("cluster", cluster, words) for cluster in alone]
    known["assumed"] = None if all(others.values()) else year - 1
    typical, number = int(pairs["first"].median()), QUESTIONS * len(tested)
    known["number"] = words.count(number)
    variance = assumed_variance(2 + max(map(len, others.values())))
    fall, rise = statistics.detectable_ratio(typical, number, variance=variance)
    if rise is not None:
        known |= {"count" if fall is not None else "few": words.count(typical)}
        lower = math.floor(typical * (fall or 0.0))
        known["lower"] = words.count(lower) if lower else None
        known["rise"] = words.count(math.ceil(typical * rise))
    return known


def _pairs(view: View) -> tuple[int, pd.DataFrame, dict[Any, list[int]]]:
    """Return the year, ``first`` and ``last`` of the clusters known in both, and other years."""
    (name,), year = view.figure.show, report_year(view.rows)
    ends = {"first": year - 1, "last": year}
    pairs = pd.DataFrame({end: by_cluster(view.rows, name, at) for end, at in ends.items()})
    pairs = pairs.loc[_clusters(view, pairs.index)].dropna().astype(int)
    _enough(pairs)
    exact = view.rows[(view.rows["precision"] == "exact") & (view.rows["year"] < year - 1)]
    earlier = [by_cluster(exact, name, int(at)) for at in sorted({*exact["year"]})]
    others = {c: [int(own[c]) for own in earlier if c in own.index] for c in pairs.index}
    return year, pairs, others


def _draw_rows(
    view: View,
    ax: Axes | None,
    rows: Sequence[tuple[str, Sequence[int], Sequence[int], str]],
    line: Mapping[str, Any],
    looks: Mapping[int, Mapping[str, Any]],
) -> Axes:
    """Draw a row a cluster: a line between its ends, a mark a year at its place, and a text."""
    (name,) = view.figure.show
    labels = [wrapped(view.words.label("cluster", cluster)) for cluster, *_ in rows]
    ax = row_axes(ax, labels, has_legend=True)
    for row, (cluster, ends, places, text) in enumerate(rows):
        lines = ax.plot(ends, [row, row], color=REST, **line)
        drawn = [
            ax.plot(place, row, "o", ms=7, **look)[0]
            for place, look in zip(places, looks.values(), strict=True)
        ]
        for year, place in zip(looks, places, strict=True):
            mark(ax, view.row(name, cluster, year), (place, row))
        write_beside(ax, text, (1, row), (8, 0), xycoords=("axes fraction", "data"))
    ax.xaxis.set_visible(True)
    legend_above(ax, [*drawn, *(lines if "label" in line else [])], length=1.8)
    return ax


# Funnels: the share of each cluster against the number of its projects.


def draw_funnel(view: View, ax: Axes | None) -> Axes:
    """Draw the share of each cluster within the limits of chance."""
    words, (limits_of, found) = view.words, _funnel(view)
    share, factor = float(limits_of.share or 0.0), limits_of.factor
    ax = ax or new_axes(height=4.2)
    widest = float(found["n"].max()) * 1.12 + 1
    bases = np.arange(1, int(widest) + 1)
    for level, line, key in ((WARNING, "-", "limits_95"), (ALARM, "--", "limits_998")):
        limits = np.array([funnel_limits(share, int(base), level, factor) for base in bases])
        for limit, label in zip(limits.T, (view.name(key), None), strict=True):
            ax.plot(bases, limit, line, color=REST, lw=1.3, label=label)
    ax.axhline(share, color=QUIET, lw=1.3, label=view.say("common", share=words.share(share)))
    points = np.column_stack([found["n"], found["k"] / found["n"]])
    year = report_year(view.rows)
    for point, (cluster, side) in zip(points, found["side"].items(), strict=True):
        ax.plot(*point, "D" if side else "o", color=MAIN, ms=6, zorder=3)
        for name in view.figure.show:
            mark(ax, view.row(name, str(cluster), year), tuple(point))
    ax.set(xlim=(0, widest), ylim=(-0.04, 1.04), ylabel="")
    ticks = [0, 0.25, 0.5, 0.75, 1]
    ax.set_yticks(ticks, [words.share(tick) for tick in ticks])
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(view.name("x"), loc="right")
    sns.despine(ax=ax)
    legend_above(ax, ax.get_legend_handles_labels()[0], length=1.8)
    label_points(ax, points, [words.short(cluster) for cluster in found.index])
    return ax


@tells("year share part base alarm warning all cluster mixed alike wider")
def funnel_facts(view: View) -> dict[str, Any]:
    """Return the common share, whether shares differ, and whose lies beyond the limits."""
    words, (held, found) = view.words, _funnel(view)
    outside: dict[str, list[str]] = {"alarm": [], "warning": []}
    for row in found[found["side"] != 0].itertuples():
        known = {"part": words.count(row.k), "base": words.count(row.n)}
        known["cluster"] = quoted("cluster", str(row.Index), words)
        said = view.say("above" if row.side > 0 else "below", **known)
        outside["alarm" if row.is_alarm else "warning"].append(said)
    return {
        "year": report_year(view.rows),
        "share": words.share(held.share),
        "mixed" if held.differ else "alike": words.p_value(held.p_value),
        "wider": words.number(np.sqrt(held.factor), 1) if held.factor > 1 else None,
        "part": words.count(found["k"].sum()),
        "base": words.count(found["n"].sum()),
        "all": len(found),
        "news": A_DIFFERENCE * bool(outside["alarm"]),
        **outside,
    }


def _funnel(view: View) -> tuple[Funnel, pd.DataFrame]:
    """Return the funnel of the clusters that have projects, and a row each."""
    year = report_year(view.rows)
    part, base = (by_cluster(view.rows, name, year) for name in view.figure.show)
    both = part.to_frame("k").join(base.rename("n"))
    both = both[both["n"] > 0].astype(int)
    _enough(both)
    found = statistics.funnel([*both["k"]], [*both["n"]])
    return found, both.assign(side=found.side, is_alarm=found.is_alarm)


# Profiles and links: a matrix of shades.


def draw_profiles(view: View, ax: Axes | None) -> Axes:
    """Draw the share of each category in the new projects of each cluster."""
    words, (counts, bases) = view.words, _profiles(view)
    said = [*map(words.count, bases)]
    texts = [
        [
            MISSING if np.isnan(k) else f"{words.count(k)}/{n}"
            for k, n in zip(line, said, strict=True)
        ]
        for line in counts.to_numpy()
    ]
    labels = [wrapped(words.label(view.figure.by, category)) for category in counts.index]
    names = [words.short(cluster) for cluster in counts.columns]
    year, (name,) = report_year(view.rows), view.figure.show
    shown = [[view.row(name, code, year, each) for code in counts] for each in counts.index]
    shares = (counts / bases).to_numpy()
    ax = draw_matrix(ax, shares, texts, labels, names, top=1.0, shown=shown)
    parents = umbrellas(view.figure.by, counts.index, words)
    for tick, category in zip(ax.get_yticklabels(), counts.index, strict=True):
        tick.set_fontweight("bold" if category in parents else "normal")
    return ax


@tells("year category often everywhere all above low high share limits part base cluster")
def profile_facts(view: View) -> dict[str, Any]:
    """Return which category leads in how many clusters, and the range of its share."""
    words, (counts, bases), by = view.words, _profiles(view), view.figure.by
    leaves = counts[~counts.index.isin(umbrellas(by, counts.index, words))]
    leads = leaves.eq(leaves.max()) & leaves.gt(0)
    leading = Counter(category for cluster in leads for category in leads.index[leads[cluster]])
    above = [quoted(by, each, words) for each in counts.index if each not in leaves.index]
    known = {"year": report_year(view.rows), "all": words.count(len(bases)), "above": above}
    if not leading:
        return known
    category, often = leading.most_common(1)[0]
    shares = leaves.loc[category] / bases
    for end, cluster in (("low", shares.idxmin()), ("high", shares.idxmax())):
        found = statistics.share_interval(int(leaves.at[category, cluster]), int(bases[cluster]))
        known[end] = view.say(
            "end",
            share=words.share(shares[cluster]),
            limits=words.text(
                "tables.values.chance", low=words.share(found.low), high=words.share(found.high)
            ),
            part=words.count(leaves.at[category, cluster]),
            base=words.count(bases[cluster]),
            cluster=quoted("cluster", cluster, words),
        )
    known["everywhere"] = words.count(often) if often == len(bases) else None
    return known | {"category": quoted(by, category, words), "often": words.count(often)}


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
    _enough(table)
    return table[order].T, table["n"]


@tells("items tested profile")
def difference_facts(view: View) -> dict[str, Any]:
    """Return whose profile differs reliably from that of all other clusters' projects.

    Rows are as `category_matrix` returns them. Each cluster is tested against the others on the
    whole set of categories at once, all clusters together adjusted by Holm.
    """
    words, clusters = view.words, view.rows.index.get_level_values("cluster_id")
    sizes, table = clusters.value_counts(), view.rows.to_numpy()
    names = _clusters(view, sizes[sizes.between(FEWEST, len(clusters) - FEWEST)])
    if not names or not (table != table[0]).any():
        return {}
    tested = {
        c: statistics.compare_multiresponse(table[clusters != c], table[clusters == c])
        for c in names
    }
    told = [
        f"{quoted('cluster', name, words)} ({words.p_value(p_value)})"
        for name, p_value in _reliable(tested).items()
    ]
    known = {"items": told, "tested": words.count(len(tested)), "profile": view.name("profile")}
    return {**known, "news": A_DIFFERENCE * bool(told)}


def draw_links(view: View, ax: Axes | None) -> Axes:
    """Draw participations from other clusters, marked where more or fewer than expected.

    Rows are the clusters that report the projects, columns the homes of the actors.
    """
    words, (clusters, homes, matrix) = view.words, _links(view)
    shades = np.where(np.isnan(matrix.expected), np.nan, matrix.observed)
    texts = [
        [
            "" if np.isnan(count) else f"{words.count(count)}{MARKS[int(side)]}"
            for count, side in zip(*line, strict=True)
        ]
        for line in zip(shades, matrix.side, strict=True)
    ]
    owners, names = ([words.short(code) for code in codes] for codes in (clusters, homes))
    year, (name,), top = report_year(view.rows), view.figure.show, float(matrix.observed.max())
    shown = [[view.row(name, owner, year, home) for home in homes] for owner in clusters]
    ax = draw_matrix(ax, shades, texts, owners, names, top=top, shown=shown)
    ax.set_ylabel(view.name("owner"), loc="center")
    note = view.name("note"), view.name("signs") if matrix.side.any() else ""
    ax.set_xlabel(" · ".join(filter(None, note)), loc="left")
    return ax


@tells("most often seldom marked tested owner home count expected")
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
        "marked": words.count(matrix.side.size) if matrix.side.any() else None,
        "most": item(*divmod(int(matrix.observed.argmax()), len(homes))),
        "often": [item(i, j) for i, j in np.argwhere(matrix.side == 1)],
        "seldom": [item(i, j) for i, j in np.argwhere(matrix.side == -1)],
        "tested": words.count(int(np.isfinite(matrix.expected).sum())),
    }


def _links(view: View) -> tuple[list[str], list[str], LinkMatrix]:
    """Return reporting clusters, homes and their matrix; own actors are excluded by definition."""
    rows, year, (name,) = view.rows, report_year(view.rows), view.figure.show
    homes = _clusters(view, {*rows["category"]})
    found = pd.DataFrame({home: by_cluster(rows, name, year, home) for home in homes})
    clusters = _clusters(view, found.index)
    _enough(clusters)
    counts = found.loc[clusters]
    if not counts.to_numpy(na_value=0.0).any():
        raise MissingDataError("Nobody takes part in projects of another cluster.")
    observed, excluded = counts.fillna(0.0).to_numpy(), counts.isna().to_numpy()
    return clusters, homes, statistics.cross_cluster_matrix(observed, excluded)


# The network: homes of actors, joined by the projects they share.


def draw_network(view: View, ax: Axes | None) -> Axes:
    """Draw the homes on a circle; line width and area of circles grow with the projects."""
    words, (own, pairs) = view.words, _network(view)
    ax = ax or new_axes(height=5.2)
    places = nx.circular_layout([*own])
    top = max(weight for _, _, weight in pairs)
    for first, last, weight in sorted(pairs, key=lambda pair: pair[2]):
        strength = weight / top
        lines = ax.plot(*np.array([places[first], places[last]]).T, color=MAIN, zorder=1)
        lines[0].set(lw=0.4 + 6 * strength, alpha=0.12 + 0.6 * strength, solid_capstyle="round")
    sizes = [60 + 460 * own[home] / max(own.values()) for home in own]
    spots = np.array([places[home] for home in own])
    ax.scatter(spots[:, 0], spots[:, 1], sizes, color=MAIN, ec="white", lw=1.5, zorder=2)
    year, (name,) = report_year(view.rows), view.figure.show
    for home, (x, y) in zip(own, spots, strict=True):
        mark(ax, view.row(name, home, year, home), (x, y))
        is_upright = abs(x) < 0.2
        align = {"ha": ACROSS[0 if is_upright else np.sign(x)]}
        align["va"] = UPRIGHT[np.sign(y) if is_upright else 0]
        text = f"{words.short(home)}{NBSP}({words.count(own[home])})"
        write_beside(ax, text, (x, y), (16 * x, 16 * y), color=INK, **align)
    ax.set_aspect("equal")
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.2, 1.2))
    ax.axis("off")
    return ax


@tells("joined possible joined_all items first last count")
def network_facts(view: View) -> dict[str, Any]:
    """Return which homes share most projects, and how many pairs share any."""
    words, (own, pairs) = view.words, _network(view)
    possible = len(own) * (len(own) - 1) // 2
    items = [
        view.say(
            "item",
            first=words.short(first),
            last=words.short(last),
            count=words.count(weight),
        )
        for first, last, weight in sorted(pairs, key=lambda pair: -pair[2])[:NAMED]
    ]
    return {
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
    return {home: own[home] for home in _clusters(view, own)}, pairs
