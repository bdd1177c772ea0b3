"""Clusters side by side: key figures, ranks, network and economy. Never a sum over clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import SCOPES, WITHHELD
from ewm_analysis.errors import FewClustersError, MissingDataError
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.indicators.long import where
from ewm_analysis.l10n import MISSING, UNDEFINED, rate_digits, with_sign
from ewm_analysis.statistics import co_participation, rank_counts, rank_values
from ewm_analysis.statistics.counts import Rank
from ewm_analysis.tables.annual_report import KEY_FIGURES
from ewm_analysis.tables.table import (
    CONFIDENTIAL,
    Column,
    Raws,
    Table,
    latest_year,
    say,
    with_items,
)

KNOWN = ("exact", "at_least")
"""Precisions of figures that have a rank."""

MILLION = 1_000_000


def comparison_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the key figures of all clusters in a year, and their deviation from the median.

    The deviation is a difference for counts and relative for volumes; there is none where a sum
    is known in part. A cluster without any figure has no line; it stands in the note.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: key figures, one a cluster, in the order of the clusters;
        those withheld without value.
    """
    rows, year = _of_year(rows)
    names = [name for name in KEY_FIGURES if name in {*rows["indicator"]}]
    exact = {name: by_cluster(rows, name, year) for name in names}
    partial = {*rows.loc[rows["precision"] == "at_least", "indicator"]}
    medians = {
        name: float(own.median())
        for name, own in exact.items()
        if len(own) > 1 and name not in partial
    }

    def figure(name: str) -> Column:
        median, own = medians.get(name, math.nan), rows[rows["indicator"] == name]
        gaps = own["cluster_id"].map(exact[name]) - median
        found: dict[str, Any] = {row.cluster_id: row for row in own.assign(gap=gaps).itertuples()}

        def said(row: Any, words: Words) -> str:
            if row is middle:
                return _number(name, median, words)
            return MISSING if row is None else _with_deviation(row, median, words)

        label, middle = words.indicator(name), SimpleNamespace(value=median)
        gap = f"{label}: {words.text('comparison.table.deviation')}"
        filed = {**with_items(label, found.values(), words), gap: "gap"}
        found |= {MEDIAN: middle} if name in medians else {}
        return Column("", said, filed, found, title=_heading(name, words))

    clusters = [*dict.fromkeys(rows["cluster_id"])]
    lines = [*clusters, MEDIAN] if medians else clusters
    table = Table.of(lines, [CLUSTER, *map(figure, names)], words).marked(words)
    table = table.noting(words, "comparison.table", {"brackets": medians, "partial": partial})
    return replace(table, is_closed=bool(medians)).noted(*_absent(clusters, words))


MEDIAN = ""
"""Stands among the clusters for the median of all."""


def _cluster(cluster: str, words: Words) -> str:
    if cluster == MEDIAN:
        return words.text("comparison.table.median")
    return words.label("cluster", cluster)


CLUSTER = Column("tables.column.cluster", _cluster)


def ranks_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the rank of each cluster in the key figures, with its range where there is one.

    Figures withheld have a mark and no rank; a note then says that ranks leave them out. Sums
    known in part have the range of ranks that the unknown allows.

    Parameters
    ----------
    rows : DataFrame
        As in `comparison_table`.

    Raises
    ------
    FewClustersError
        If there is no figure that two clusters have.
    """
    rows, year = _of_year(rows)
    known = {name: by_cluster(rows, name, year, precisions=KNOWN) for name in KEY_FIGURES}
    bounds = rows[rows["precision"] == "at_least"].set_index(["indicator", "cluster_id"])["at_most"]
    uppers = {key: math.inf if pd.isna(upper) else float(upper) for key, upper in bounds.items()}
    places = {
        name: _ranks(name, values, uppers) for name, values in known.items() if len(values) > 1
    }
    if not places:
        raise FewClustersError("No figure is known for two clusters.")
    hidden = rows[(rows["precision"] == WITHHELD) & rows["indicator"].isin([*places])]
    unsaid = {*zip(hidden["cluster_id"], hidden["indicator"], strict=True)}

    def ranked(name: str) -> Column:
        label = words.text(f"comparison.heading.{name}")
        filed = {
            f"{label}: {words.text(f'comparison.table.{key}')}": raw for key, raw in RANKS.items()
        }
        own = {one: CONFIDENTIAL for one, what in unsaid if what == name} | places[name]
        return Column("", _said_rank, filed, own, title=label)

    named = {cluster for own in places.values() for cluster in own} | {*hidden["cluster_id"]}
    clusters = [cluster for cluster in dict.fromkeys(rows["cluster_id"]) if cluster in named]
    table = Table.of(clusters, [CLUSTER, *map(ranked, places)], words).marked(words)
    is_partial = any(name in places for name, _ in uppers)
    notes = {"method": True, "shown": unsaid, "partial": is_partial, "without": True}
    return table.noting(words, "comparison.table", {f"ranks_{key}": notes[key] for key in notes})


def _said_rank(place: Any, _: Words) -> str:
    return MISSING if place is None else str(place)


def _rank(place: Any, _: Words) -> Any:
    return pd.NA if getattr(place, "is_open", True) else place.rank


RANKS: Raws = {"rank": _rank, "low": "low", "high": "high"}


def _of_year(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    rows = where(rows, indicator=KEY_FIGURES, dimension="")
    if rows.empty:
        raise MissingDataError("No cluster has a key figure.")
    year = latest_year(rows)
    return rows[rows["year"] == year], year


def _heading(name: str, words: Words) -> str:
    label = words.text(f"comparison.heading.{name}")
    is_amount = indicator(name).unit == "eur"
    return words.text("comparison.table.unit_eur", label=label) if is_amount else label


def _number(name: str, value: float, words: Words) -> str:
    """Return a figure, amounts in millions: the heading names the unit."""
    if indicator(name).unit == "eur":
        return words.number(value / MILLION, 1)
    return words.number(value, 0 if value == int(value) else 1)


def _with_deviation(row: Any, median: float, words: Words) -> str:
    """Return "34 (+5)", or "161,5 (+432 %)" for amounts."""
    if pd.isna(row.value):
        return say(row, words)
    value, is_eur = float(row.value), indicator(row.indicator).unit == "eur"
    number = _number(row.indicator, value, words)
    shown = words.hedged(number, row)
    shown += "*" if row.is_year_inferred else ""
    if pd.isna(row.gap) or (is_eur and not median):
        return shown
    if value == median:
        return f"{shown} (±0)"
    gap = value / median - 1 if is_eur else value - median
    said = words.change(gap) if is_eur else with_sign(_number(row.indicator, gap, words))
    return f"{shown} ({said})"


def _absent(clusters: list[str], words: Words) -> list[str]:
    """Name the clusters that nothing is known of."""
    table = words.reference.clusters.sort_values("position")
    main = table[table["kind"].isin(("joint", "brandenburg"))]["cluster_id"]
    absent = [words.label("cluster", code) for code in main if code not in clusters]
    said = words.join(absent)
    return [words.text("comparison.table.absent", clusters=said)] if absent else []


def _ranks(name: str, values: pd.Series, uppers: Mapping[Any, float]) -> dict[str, Rank]:
    numbers = values.to_list()
    entry = indicator(name)
    if entry.unit == "count" and entry.group != "actors":  # each belongs to one cluster
        places = rank_counts([int(x) for x in numbers])
    else:
        highest = [uppers.get((name, cluster), number) for cluster, number in values.items()]
        places = rank_values(numbers, highest)
    return dict(zip(values.index, places, strict=True))


ECONOMY = ("companies", "turnover_eur", "employees_insured")


def economy_of_clusters_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the latest economic figures of each cluster, each with the year it is of.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: companies, turnover and insured employees by the cluster
        monitoring, one figure a cluster and scope.
    """
    rows = rows[rows["indicator"].isin(ECONOMY)]
    found = {(row.cluster_id, row.scope, row.indicator): row for row in rows.itertuples()}
    known = {key[:2] for key in found}
    clusters = dict.fromkeys(rows["cluster_id"])
    lines = [
        (one, scope) for one in clusters for scope in reversed(SCOPES) if (one, scope) in known
    ]

    def is_part(line: tuple[str, str]) -> bool:
        return line[1] == "core" and (line[0], "total") in known

    def heading(line: tuple[str, str], words: Words) -> str:
        if is_part(line):
            return words.text("comparison.table.of_which_core")
        return words.text(f"comparison.table.{line[1]}", cluster=_cluster(line[0], words))

    def figure(name: str) -> Column:
        is_long = name == "employees_insured"
        label = words.text(f"comparison.table.{name}") if is_long else words.indicator(name)
        filed = {label: "value", f"{label}: {words.text('tables.column.year')}": "year"}
        own = {key[:2]: row for key, row in found.items() if key[2] == name}
        return Column("", _in_year, filed, own, title=label)

    filed = {
        CLUSTER.head: lambda line, words: _cluster(line[0], words),
        "comparison.table.scope": lambda line, words: words.text(f"word.scope.{line[1]}"),
    }
    columns = [Column(CLUSTER.head, heading, filed), *map(figure, ECONOMY)]
    table = Table.of(lines, columns, words, is_part=is_part).marked(words)
    return table.noted(words.text("comparison.table.economy_years"))


def _in_year(row: Any, words: Words) -> str:
    return MISSING if row is None else f"{say(row, words)} ({int(row.year)})"


def network_table(involved: pd.DataFrame, words: Words) -> Table:
    """Return size, density and E-I index of the network of actors, by reporting cluster.

    Parameters
    ----------
    involved : DataFrame
        One row a participation in a new project, with the actor's attributes.
    """
    if involved.empty:
        raise MissingDataError("Nobody takes part in a new project.")
    order = words.reference.clusters.sort_values("position")["cluster_id"]
    parts = {str(code): involved[involved["cluster_id"] == code] for code in order}
    networks = {code: co_participation(own) for code, own in parts.items() if len(own)}
    networks[""] = co_participation(involved)

    def heading(code: str, words: Words) -> str:
        return _cluster(code, words) if code else words.text("comparison.table.all_actors")

    columns = [Column(CLUSTER.head, heading), *(replace(one, of=networks) for one in MEASURES)]
    table = replace(Table.of(networks, columns, words), is_closed=True)
    is_undefined = any(UNDEFINED in line for line in table.rows)
    notes = {"links_note": True, "ei_note": True, "undefined": is_undefined}
    return table.noting(words, "comparison.network", notes)


def _measure(name: str, value: str, say: Callable[[Any, Words], str]) -> Column:
    def said(found: Any, words: Words) -> str:
        number = getattr(found, value)
        return UNDEFINED if pd.isna(number) else say(number, words)

    return Column(f"comparison.network.{name}", said, value)


def _index(value: float, words: Words) -> str:
    """Say an E-I index with its sign: "−0,12"."""
    return with_sign(words.number(value, 2))


MEASURES = (
    _measure("actors", "actors", lambda value, words: words.count(value)),
    _measure("links", "links", lambda value, words: words.count(value)),
    _measure("degree", "mean_degree", lambda value, words: words.number(value, 1)),
    _measure("density", "density", lambda value, words: words.share(value, rate_digits(value))),
    _measure("ei", "ei", _index),
    _measure("ei_expected", "ei_expected", _index),
)
"""What is told of a network."""
