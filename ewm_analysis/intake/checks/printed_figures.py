"""The plausibility rules of printed figures, as findings of a check."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts.wording import shown
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.intake.checks.findings import Finding
from ewm_analysis.l10n import LOCALES
from ewm_analysis.loaders import Dataset
from ewm_analysis.statistics import find_contradictions
from ewm_analysis.statistics.plausibility import say_finding

WORDING = "printed-figures"
"""All these rules have sentences of their own and one advice."""

KEYS = {
    "figures": ["year", "cluster_id", "region", "indicator", "dimension", "category"],
    "economy": ["year", "cluster_id", "scope", "region", "indicator"],
    "portraits": ["organisation_id", "fact"],
}
"""What names a printed figure, by stem of its file."""


def check_printed_figures(dataset: Dataset) -> list[Finding]:
    """Return contradictions among printed figures as warnings, oddities as notes."""
    if dataset.published.empty and dataset.economy.empty and dataset.organisations.empty:
        return []
    values = compute_indicators(dataset)
    found = find_contradictions(values, dataset.published, dataset.organisations).findings
    printed = set(dataset.published["indicator"])
    languages = [Words(dataset.reference, locale) for locale in LOCALES]
    return [_finding(row, printed, languages) for row in found.itertuples()]


def _finding(row: Any, printed: set[str], languages: list[Words]) -> Finding:
    cells = row._asdict()
    if row.dimension == "organisation":
        table, cells = "portraits", {"organisation_id": row.category, "fact": row.indicator}
    elif indicator(row.indicator).group == "economy" and row.indicator not in printed:
        table = "economy"
    else:
        table = "figures"
    return Finding(
        name=row.rule.replace("_", "-"),
        level="warning" if row.level == "contradiction" else "note",
        table=table,
        year=None if pd.isna(row.year) else int(row.year),
        key=figure_key([cells[name] for name in KEYS[table]]),
        column="value",
        value=shown(row.found),
        facts={"sentence": {words.locale: say_finding(row, words) for words in languages}},
        wording=WORDING,
    )


def figure_key(cells: list[object]) -> str:
    """Return what names a figure, in one line: "2021 imk bebb project_volume"."""
    return " ".join(filter(None, map(shown, cells)))
