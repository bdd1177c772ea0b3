"""Economic figures of all clusters, each with the year it is of."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.contracts.values import SCOPES
from ewm_analysis.l10n import MISSING
from ewm_analysis.tables.cells import notes, say
from ewm_analysis.tables.table import Table

ECONOMY = ("companies", "turnover_eur", "employees_insured")


def economy_of_clusters_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the latest economic figures of each cluster, each with the year it is of.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: companies, turnover and insured employees by the cluster
        monitoring, one figure a cluster and scope.
    words : Words
        Language of the table.

    Raises
    ------
    MissingDataError
        If no cluster has a figure.
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
