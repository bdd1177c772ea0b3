"""Clusters side by side: key figures, ranks, network and economy. Never a sum over clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
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
    Table,
    latest_year,
    raw,
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
    found = {(row.cluster_id, row.indicator): row for row in rows.itertuples()}
    exact = {name: by_cluster(rows, name, year) for name in names}
    partial = {*rows.loc[rows["precision"] == "at_least", "indicator"]}
    medians = {
        name: float(own.median())
        for name, own in exact.items()
        if len(own) > 1 and name not in partial
    }

    def figure(name: str) -> Column:
        median = medians.get(name)

        def said(cluster: str, words: Words) -> str:
            if cluster == MEDIAN:
                return MISSING if median is None else _number(name, median, words)
            value = exact[name].get(cluster)
            return _with_deviation(found.get((cluster, name)), value, median, words)

        def value(cluster: str, _: Words) -> Any:
            if cluster == MEDIAN:
                return pd.NA if median is None else median
            return raw(found.get((cluster, name)))

        def deviation(cluster: str, _: Words) -> Any:
            value = exact[name].get(cluster)
            return pd.NA if value is None or median is None else value - median

        def item(key: str) -> Callable[[str, Words], Any]:
            return lambda cluster, _: getattr(found.get((cluster, name)), key, pd.NA)

        label = words.indicator(name)
        heads = with_items(label, (row for key, row in found.items() if key[1] == name), words)
        items = {head: item(str(key)) for head, key in heads.items() if head != label}
        gap = f"{label}: {words.text('comparison.table.deviation')}"
        filed = {label: value, **items, gap: deviation}
        return Column("", said, filed, title=_heading(name, words))

    clusters = [*dict.fromkeys(rows["cluster_id"])]
    lines = [*clusters, MEDIAN] if medians else clusters
    table = Table.of(lines, [CLUSTER, *map(figure, names)], words).marked(words)
    notes = {"brackets": medians, "partial": partial}
    said = [words.text(f"comparison.table.{key}") for key, occurs in notes.items() if occurs]
    return replace(table, is_closed=bool(medians)).noted(*said, *_absent(clusters, words))


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
        def said(cluster: str, _: Words) -> str:
            place = places[name].get(cluster)
            gap = CONFIDENTIAL if (cluster, name) in unsaid else MISSING
            return gap if place is None else str(place)

        def part(key: str) -> Callable[[str, Words], Any]:
            def filed(cluster: str, _: Words) -> Any:
                place = places[name].get(cluster)
                is_unsaid = place is None or (key == "rank" and place.is_open)
                return pd.NA if is_unsaid else getattr(place, key)

            return filed

        label = words.text(f"comparison.heading.{name}")
        parts = ("rank", "low", "high")
        filed = {f"{label}: {words.text(f'comparison.table.{key}')}": part(key) for key in parts}
        return Column("", said, filed, title=label)

    named = {cluster for own in places.values() for cluster in own} | {*hidden["cluster_id"]}
    clusters = [cluster for cluster in dict.fromkeys(rows["cluster_id"]) if cluster in named]
    table = Table.of(clusters, [CLUSTER, *map(ranked, places)], words).marked(words)
    is_partial = any(name in places for name, _ in uppers)
    occurs = {"method": True, "shown": unsaid, "partial": is_partial, "without": True}
    keys = [f"comparison.table.ranks_{key}" for key, is_so in occurs.items() if is_so]
    return table.noted(*map(words.text, keys))


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


def _with_deviation(row: Any, value: float | None, median: float | None, words: Words) -> str:
    """Return "34 (+5)", or "161,5 (+432 %)" for amounts."""
    if row is None or pd.isna(row.value):
        return say(row, words)
    number = _number(row.indicator, float(row.value), words)
    shown = words.hedged(number, row)
    shown += "*" if row.is_year_inferred else ""
    if value is None or median is None:
        return shown
    is_eur = indicator(row.indicator).unit == "eur"
    if is_eur and not median:
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
    keys = ["links_note", "ei_note"] + ["undefined"] * is_undefined
    return table.noted(*(words.text(f"comparison.network.{key}") for key in keys))


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
