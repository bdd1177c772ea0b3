"""Clusters side by side: key figures, ranks, network and economy. Never a sum over clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import SCOPES, WITHHELD
from ewm_analysis.errors import FewClustersError, MissingDataError
from ewm_analysis.indicators.comparison import by_cluster
from ewm_analysis.l10n import MISSING, with_sign
from ewm_analysis.statistics import co_participation, rank_counts, rank_values
from ewm_analysis.statistics.counts import Rank
from ewm_analysis.statistics.links import Network
from ewm_analysis.tables.annual_report import KEY_FIGURES
from ewm_analysis.tables.table import CONFIDENTIAL, Table, latest_year, notes, say

CHANCE = ("projects_new", "projects_running", "activities")
"""Counts of events that belong to one cluster each: their ranks have a range."""

MILLION = 1_000_000


def comparison_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the key figures of all clusters in a year, and their deviation from the median.

    The deviation is a difference for counts and relative for volumes. A cluster without any
    figure has no line; it stands in the note.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: key figures, one a cluster, in the order of the clusters;
        those withheld without value.
    """
    rows, year = _of_year(rows)
    names = [name for name in KEY_FIGURES if name in {*rows["indicator"]}]
    clusters = [*dict.fromkeys(rows["cluster_id"])]
    found = {(row.cluster_id, row.indicator): row for row in rows.itertuples()}
    exact = {name: by_cluster(rows, name, year) for name in names}
    medians = {name: _median(exact[name]) for name in names}
    cells, values = [], []
    for cluster in clusters:
        line, numbers = [words.label("cluster", cluster)], []
        for name in names:
            row, median = found.get((cluster, name)), medians[name]
            value = exact[name].get(cluster)
            line.append(_with_deviation(row, name, value, median, words))
            numbers += [pd.NA if row is None else row.value, _difference(value, median)]
        cells.append(line)
        values.append([line[0], *numbers])
    middle = words.text("comparison.table.median")
    texts = [_said_median(name, medians[name], words) for name in names]
    has_median = any(value is not None for value in medians.values())
    if has_median:
        cells.append([middle, *texts])
        values.append([middle, *(x for name in names for x in (medians[name], pd.NA))])
    first = words.text("tables.column.cluster")
    labels = [words.indicator(name) for name in names]
    header = [first, *(_heading(name, words) for name in names)]
    gap = words.text("comparison.table.deviation")
    columns = [first, *(x for label in labels for x in (label, f"{label}: {gap}"))]
    frame = pd.DataFrame(values, columns=columns).astype(dict.fromkeys(columns[1:], "Float64"))
    told = [*notes(cells, words), *_table_notes(clusters, words, has_median=has_median)]
    return Table(frame, header, cells, numbers=range(1, len(header)), notes=told)


def ranks_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the rank of each cluster in the key figures, with its range where there is one.

    Figures withheld have a mark and no rank; a note then says that ranks leave them out.

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
    exact = {name: by_cluster(rows, name, year) for name in KEY_FIGURES}
    exact = {name: values for name, values in exact.items() if len(values) > 1}
    if not exact:
        raise FewClustersError("No figure is known for two clusters.")
    places = {name: _ranks(name, values) for name, values in exact.items()}
    hidden = rows[(rows["precision"] == WITHHELD) & rows["indicator"].isin([*exact])]
    unsaid = {*zip(hidden["cluster_id"], hidden["indicator"], strict=True)}
    named = {cluster for values in exact.values() for cluster in values.index}
    named |= {*hidden["cluster_id"]}
    clusters = [cluster for cluster in dict.fromkeys(rows["cluster_id"]) if cluster in named]
    cells, values = [], []
    for cluster in clusters:
        label = words.label("cluster", cluster)
        own = [places[name].get(cluster) for name in exact]
        gaps = [CONFIDENTIAL if (cluster, name) in unsaid else MISSING for name in exact]
        ranks = [gap if place is None else str(place) for place, gap in zip(own, gaps, strict=True)]
        cells.append([label, *ranks])
        parts = [(p.rank, p.low, p.high) if p else (pd.NA,) * 3 for p in own]
        values.append([label, *(number for part in parts for number in part)])
    first = words.text("tables.column.cluster")
    labels = [words.text(f"comparison.heading.{name}") for name in exact]
    kinds = [words.text(f"comparison.table.{name}") for name in ("rank", "low", "high")]
    columns = [first, *(f"{label}: {kind}" for label in labels for kind in kinds)]
    frame = pd.DataFrame(values, columns=columns).astype(dict.fromkeys(columns[1:], "Int64"))
    keys = ("ranks_method", *(["ranks_shown"] if unsaid else []), "ranks_without")
    told = [*notes(cells, words), *(words.text(f"comparison.table.{key}") for key in keys)]
    return Table(frame, [first, *labels], cells, numbers=range(1, len(labels) + 1), notes=told)


def _of_year(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    rows = rows[rows["indicator"].isin(KEY_FIGURES) & (rows["dimension"] == "")]
    if rows.empty:
        raise MissingDataError("No cluster has a key figure.")
    year = latest_year(rows)
    return rows[rows["year"] == year], year


def _median(values: pd.Series) -> float | None:
    """Return the median; of a single cluster there is none."""
    return float(values.median()) if len(values) > 1 else None


def _difference(value: float | None, median: float | None) -> Any:
    return pd.NA if value is None or median is None else value - median


def _heading(name: str, words: Words) -> str:
    label = words.text(f"comparison.heading.{name}")
    is_amount = indicator(name).unit == "eur"
    return words.text("comparison.table.unit_eur", label=label) if is_amount else label


def _number(name: str, value: float, words: Words) -> str:
    """Return a figure, amounts in millions: the heading names the unit."""
    if indicator(name).unit == "eur":
        return words.number(value / MILLION, 1)
    return words.number(value, 0 if value == int(value) else 1)


def _with_deviation(
    row: Any, name: str, value: float | None, median: float | None, words: Words
) -> str:
    """Return "34 (+5)", or "161,5 (+432 %)" for amounts."""
    if row is None or pd.isna(row.value):
        return say(row, words)
    number = _number(name, float(row.value), words)
    shown = words.text(f"word.precision.{row.precision}", value=number)
    shown += "*" if row.is_year_inferred else ""
    if value is None or median is None:
        return shown
    if indicator(name).unit != "eur":
        gap = _number(name, value - median, words)
        return f"{shown} ({'±' if value == median else '+' if value > median else ''}{gap})"
    return f"{shown} ({words.change(value / median - 1, 0)})" if median else shown


def _said_median(name: str, median: float | None, words: Words) -> str:
    return MISSING if median is None else _number(name, median, words)


def _table_notes(clusters: list[str], words: Words, *, has_median: bool) -> list[str]:
    """Explain the brackets, and name the clusters that nothing is known of."""
    table = words.reference.clusters.sort_values("position")
    main = table[table["kind"].isin(("joint", "brandenburg"))]["cluster_id"]
    absent = [words.label("cluster", code) for code in main if code not in clusters]
    told = [words.text("comparison.table.brackets")] if has_median else []
    if absent:
        told.append(words.text("comparison.table.absent", clusters=words.join(absent)))
    return told


def _ranks(name: str, values: pd.Series) -> dict[str, Rank]:
    numbers = values.to_list()
    places = rank_counts([int(x) for x in numbers]) if name in CHANCE else rank_values(numbers)
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
    found = {(row.cluster_id, row.scope, row.indicator): row for row in rows.itertuples()}
    cells: list[list[str]] = []
    values, indented = [], []
    for cluster in dict.fromkeys(rows["cluster_id"]):
        for scope in reversed(SCOPES):
            own = [found.get((cluster, scope, name)) for name in ECONOMY]
            if any(row is not None for row in own):
                label = words.label("cluster", cluster)
                said = words.text(f"comparison.table.{scope}", cluster=label)
                if scope == "core" and cells and cells[-1][0] == label:
                    indented.append(len(cells))
                    said = words.text("comparison.table.of_which_core")
                cells.append([said, *(_in_year(row, words) for row in own)])
                pairs = [(pd.NA, pd.NA) if r is None else (r.value, int(r.year)) for r in own]
                scope_said = words.text(f"word.scope.{scope}")
                values.append([label, scope_said, *(x for pair in pairs for x in pair)])
    first, year = words.text("tables.column.cluster"), words.text("tables.column.year")
    labels = [words.indicator(name) for name in ECONOMY[:-1]]
    labels.append(words.text("comparison.table.employees_insured"))
    columns = [first, words.text("comparison.table.scope")]
    columns += [x for label in labels for x in (label, f"{label}: {year}")]
    frame = pd.DataFrame(values, columns=columns).astype(dict.fromkeys(columns[2:], "Float64"))
    told = [*notes(cells, words), words.text("comparison.table.economy_years")]
    header = [first, *labels]
    return Table(frame, header, cells, numbers=range(1, len(header)), indented=indented, notes=told)


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
    known = {*involved["cluster_id"]}
    order = words.reference.clusters.sort_values("position")["cluster_id"]
    networks = {
        words.label("cluster", code): co_participation(involved[involved["cluster_id"] == code])
        for code in order
        if code in known
    }
    networks[words.text("comparison.table.all_actors")] = co_participation(involved)
    first = words.text("tables.column.cluster")
    columns: dict[str, Callable[[Network], tuple[Any, str]]] = {
        "actors": lambda found: (found.actors, words.count(found.actors)),
        "links": lambda found: (found.links, words.count(found.links)),
        "degree": lambda found: (found.mean_degree, words.number(found.mean_degree, 1)),
        "density": lambda found: (found.density, words.share(found.density, 1)),
        "ei": lambda found: (found.ei, _index(found.ei, words)),
        "ei_expected": lambda found: (found.ei_expected, _index(found.ei_expected, words)),
    }
    tellers = [*columns.values()]
    told = {label: [tell(network) for tell in tellers] for label, network in networks.items()}
    cells = [[label, *(text for _, text in line)] for label, line in told.items()]
    header = [first, *(words.text(f"comparison.network.{name}") for name in columns)]
    values = [[label, *(value for value, _ in line)] for label, line in told.items()]
    frame = pd.DataFrame(values, columns=header).astype(dict.fromkeys(header[1:], "Float64"))
    is_undefined = any(MISSING in line for line in cells)
    keys = ["links_note", "ei_note"] + ["undefined"] * is_undefined
    explained = [words.text(f"comparison.network.{key}") for key in keys]
    return Table(frame, header, cells, numbers=range(1, len(header)), notes=explained)


def _index(index: float | None, words: Words) -> str:
    """Return an E-I index with its sign: "−0,12"."""
    return with_sign(words.number(index, 2))
