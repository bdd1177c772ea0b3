"""What the plausibility rules checked and found, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.plausibility import say_finding
from ewm_analysis.tables.table import Table


def contradictions_table(findings: pd.DataFrame, words: Words) -> Table:
    """Return the findings in words, contradictions first; one line says so if there are none.

    Parameters
    ----------
    findings : DataFrame
        ``findings`` of `find_contradictions`, or some of its rows.
    words : Words
        Language of the table.
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
