"""Tables on the quality of the data: what there is, what contradicts, what agrees."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.indicators.comparison import CLUSTER_KINDS
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.plausibility import say_finding
from ewm_analysis.tables.table import Table, notes


def coverage_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return how many figures each cluster has for each part of the report.

    Every cluster and sub-theme has a line; a dash stands for "not published as a number".

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one year.
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


def contradictions_table(findings: pd.DataFrame, words: Words) -> Table:
    """Return the findings in words, contradictions first; one line says so if there are none.

    Parameters
    ----------
    findings : DataFrame
        ``findings`` of `find_contradictions`, or some of its rows.
    """
    names = ("subject", "level", "finding", "place")
    header = [words.text(f"tables.column.{name}") for name in names]
    cells = [
        [
            _subject(row, words),
            words.text(f"statistics.level.{row.level}"),
            say_finding(row, words),
            _places(row, words),
        ]
        for row in findings.itertuples()
    ]
    frame = pd.DataFrame(cells, columns=header)
    nothing = [words.text("statistics.nothing_found"), MISSING, MISSING, MISSING]
    return Table(frame, header, cells or [nothing])


def _subject(row: Any, words: Words) -> str:
    """Which figure: "IKT, Medien und Kreativwirtschaft 2021: Projektvolumen, ResKriVer"."""
    if row.dimension == "organisation":
        fact = words.label("organisation_fact", row.indicator)
        return f"{words.label('organisation', row.category)}: {fact}"
    where = words.label("cluster", row.cluster_id) if row.cluster_id else ""
    where = where or words.label("region", row.region)
    parts = [words.indicator(row.indicator)]
    if row.scope:
        parts.append(words.text(f"word.scope.{row.scope}"))
    if row.category:
        parts.append(words.label(row.dimension, row.category))
    elif row.dimension:
        parts.append(words.text(f"tables.dimension.{row.dimension}"))
    return f"{where} {row.year}: {', '.join(parts)}"


def _places(row: Any, words: Words) -> str:
    """Places in the source; a source without places, or a second source, is named."""
    titles = words.reference.sources.set_index("source_id")["title"]
    places: dict[str, dict[str, None]] = {}
    for source, reference in (
        (row.source_id, row.reference),
        (row.other_source_id, row.other_reference),
    ):
        if source:
            places.setdefault(titles.get(source, source), {})[words.place(reference)] = None
    is_one = len(places) == 1
    return "; ".join(
        ", ".join(filter(None, references))
        if is_one and any(references)
        else ", ".join([title, *filter(None, references)])
        for title, references in places.items()
    )


def agreement_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return printed against computed figures, contradictions first.

    Parameters
    ----------
    rows : DataFrame
        As returned by `compare_printed`; without a row one line says so.
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
