"""Printed figures beside those computed from records, in words."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING
from ewm_analysis.tables.table import Table


def agreement_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return printed against computed figures, contradictions first.

    Parameters
    ----------
    rows : DataFrame
        As returned by `compare_printed`; without a row one line says so.
    words : Words
        Language of the table.
    """
    names = ("figure", "printed", "computed", "verdict_column", "place")
    header = [words.text(f"tables.agreement.{name}") for name in names]
    order = {"contradicts": 0, "not_computable": 1, "equal": 2}
    rows = rows.assign(_order=rows["verdict"].map(order)).sort_values("_order", kind="stable")
    cells = []
    for row in rows.itertuples():
        labels = [words.indicator(row.indicator)]
        if row.category:
            labels.append(words.label(row.dimension, row.category))
        where = f"{words.short(row.cluster_id)}: {', '.join(labels)}"
        printed = words.value(row.indicator, row.printed)
        computed = MISSING if pd.isna(row.computed) else words.value(row.indicator, row.computed)
        verdict = words.text(f"tables.agreement.verdict.{row.verdict}")
        reason = words.text(f"tables.agreement.reason.{row.reason}")
        cells.append(
            [
                where,
                words.text(f"word.precision.{row.precision}", value=printed),
                computed,
                f"{verdict}: {reason}",
                words.place(row.reference),
            ]
        )
    frame = pd.DataFrame(
        {
            header[0]: [line[0] for line in cells],
            header[1]: rows["printed"].to_numpy(),
            header[2]: rows["computed"].to_numpy(),
            header[3]: [line[3] for line in cells],
            header[4]: [line[4] for line in cells],
        }
    )
    nothing = [words.text("tables.agreement.nothing"), MISSING, MISSING, MISSING, MISSING]
    return Table(frame, header, cells or [nothing], numbers=(1, 2))
