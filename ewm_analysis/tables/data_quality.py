"""Tables on the quality of the data: what there is, what contradicts, what agrees."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator, indicators
from ewm_analysis.indicators.comparison import CLUSTER_KINDS
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.plausibility import say_finding, say_subject
from ewm_analysis.tables.table import CONFIDENTIAL, Column, Table


def coverage_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return how many figures each cluster has for each part of the report.

    Every cluster and sub-theme has a line; a dash stands for "not published as a number".

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one year.
    """
    groups = {name: indicator(name).group for name in indicators()}
    present = rows["indicator"].map(groups)
    found = rows.groupby(["cluster_id", present]).size().to_dict()
    has_economy = (present == "economy").any()
    parts = [part for part in dict.fromkeys(groups.values()) if part != "economy" or has_economy]

    def figures(part: str) -> Column:
        return Column(
            f"tables.group.{part}",
            lambda code, words: (
                words.count(found[code, part]) if (code, part) in found else MISSING
            ),
            lambda code, _: found.get((code, part), 0),
        )

    table = words.reference.clusters
    table = table[table["kind"].isin(CLUSTER_KINDS)].sort_values("position", kind="stable")
    cluster = Column("tables.column.cluster", lambda code, words: words.label("cluster", code))
    return Table.of(table["cluster_id"], [cluster, *map(figures, parts)], words).marked(words)


def contradictions_table(findings: pd.DataFrame, words: Words) -> Table:
    """Return the findings in words, contradictions first; one line says so if there are none.

    Parameters
    ----------
    findings : DataFrame
        ``findings`` of `find_contradictions`, or some of its rows.
    """

    def level(row: Any, words: Words) -> str:
        return words.text(f"statistics.level.{row.level}")

    said = {"subject": say_subject, "level": level, "finding": say_finding, "place": _places}
    columns = [Column(f"tables.column.{name}", say, is_text=True) for name, say in said.items()]
    return Table.of(findings, columns, words, nothing=words.text("statistics.nothing_found"))


def _places(row: Any, words: Words) -> str:
    """Places in the source; a source without places, or a second source, is named."""
    titles = words.titles()
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

    def printed(row: Any, words: Words) -> str:
        value = words.value(row.indicator, row.printed)
        return words.text(f"word.precision.{row.precision}", value=value)

    def computed(row: Any, words: Words) -> str:
        if pd.isna(row.computed):
            return CONFIDENTIAL if row.reason == "withheld" else MISSING
        if indicator(row.indicator).unit == "fraction":
            say = words.change if row.indicator.endswith("_growth") else words.share
            return say(row.computed, 1)  # a decimal more shows a share that was cut off
        return words.value(row.indicator, row.computed)

    def verdict(row: Any, words: Words) -> str:
        said = words.text(f"tables.agreement.verdict.{row.verdict}")
        return f"{said}: {words.text(f'tables.agreement.reason.{row.reason}')}"

    columns = [
        Column("tables.agreement.figure", _figure),
        Column("tables.agreement.printed", printed, "printed"),
        Column("tables.agreement.computed", computed, "computed"),
        Column("tables.agreement.verdict_column", verdict, is_text=True),
        Column("tables.agreement.place", lambda row, w: w.place(row.reference), is_text=True),
    ]
    order = {"contradicts": 0, "not_computable": 1, "equal": 2}
    rows = rows.sort_values("verdict", key=lambda found: found.map(order), kind="stable")
    table = Table.of(rows, columns, words, nothing=words.text("tables.agreement.nothing"))
    return table.marked(words, {"withheld": CONFIDENTIAL})


def _figure(row: Any, words: Words) -> str:
    return f"{words.short(row.cluster_id)}: {words.figure(row)}"
