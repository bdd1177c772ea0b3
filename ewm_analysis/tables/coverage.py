"""Which parts of the report have figures."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.indicators.comparison import CLUSTER_KINDS
from ewm_analysis.l10n import MISSING
from ewm_analysis.tables.cells import notes
from ewm_analysis.tables.table import Table


def coverage_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return how many figures each cluster has for each part of the report.

    Every cluster and sub-theme has a line; a dash stands for "not published as a number".

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one year.
    words : Words
        Language of the table.
    """
    groups = {name: indicator(name).group for name in indicators()}
    parts = list(dict.fromkeys(groups.values()))
    present = rows["indicator"].map(groups)
    shown = [part for part in parts if part != "economy" or (present == part).any()]
    counts = pd.crosstab(rows["cluster_id"], present)
    table = words.reference.clusters
    table = table[table["kind"].isin(CLUSTER_KINDS)].sort_values("position", kind="stable")
    codes = list(table["cluster_id"])
    counts = counts.reindex(index=codes, columns=shown, fill_value=0)
    labels = [words.label("cluster", code) for code in codes]
    header = [words.text("tables.column.cluster")]
    header += [words.text(f"tables.group.{part}") for part in shown]
    cells = [
        [label, *(words.count(count) if count else MISSING for count in line)]
        for label, line in zip(labels, counts.to_numpy().tolist(), strict=True)
    ]
    frame = counts.reset_index(drop=True).set_axis(header[1:], axis=1).astype("Int64")
    frame.insert(0, header[0], labels)
    told = notes(cells, words)
    return Table(frame, header, cells, numbers=range(1, len(header)), notes=told)
