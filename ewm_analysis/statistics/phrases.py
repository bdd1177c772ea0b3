"""What reports say of their figures in words, held against the figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ewm_analysis.statistics.findings import Checks, Figure, Finding, contradicts, exact_figures


@dataclass(frozen=True)
class Claims:
    """What reports say of their figures in words (contract `Phrases`), and exact values."""

    phrases: pd.DataFrame
    values: pd.DataFrame

    def of(self, phrase: Any) -> pd.DataFrame:
        """Return the undivided values that a phrase may speak of, of all clusters and years."""
        names = ["region", "scope", "indicator"]
        same = (self.values[names] == [getattr(phrase, name) for name in names]).all(axis=1)
        return self.values[same & (self.values["dimension"] == "")]


def words_and_numbers(claims: Claims) -> Checks:
    """What a report says in words must hold for its figures: −19 % is not "etwas weniger".

    What the words allow is data, a reading of them, so that all findings are notes.
    """
    for phrase in claims.phrases.itertuples():
        judge = _growth_claimed if phrase.claim == "change" else _highest_claimed
        yield from judge(phrase, claims.of(phrase))


def _growth_claimed(phrase: Any, values: pd.DataFrame) -> Checks:
    own = values[(values["cluster_id"] == phrase.cluster_id) & values["base_year"].isna()]
    first, last = (
        exact_figures(own[own["year"] == year]) for year in (phrase.base_year, phrase.year)
    )
    if not first or not last or not first[0].value:
        return
    change = last[0].value / first[0].value - 1
    low, high = (-math.inf if pd.isna(phrase.low) else phrase.low), phrase.high
    is_met = low <= change <= (math.inf if pd.isna(high) else high)
    yield None if is_met else _said(phrase, last[0], first[0], change=change)


def _highest_claimed(phrase: Any, values: pd.DataFrame) -> Checks:
    same = (values["year"] == phrase.year) & (values["base_year"] == phrase.base_year)
    exact = exact_figures(values[same].assign(base_year=pd.NA))
    own = [figure for figure in exact if figure.cluster_id == phrase.cluster_id]
    others = [figure for figure in exact if figure.cluster_id not in ("", phrase.cluster_id)]
    if own and others:
        highest = max(others, key=lambda figure: figure.value)
        yield _said(phrase, own[0], highest) if highest.value > own[0].value else None


def _said(phrase: Any, figure: Figure, other: Figure, **more: Any) -> Finding:
    odd = contradicts(figure, other, level="note", phrase=phrase.phrase, **more)
    return replace(odd, source_id=phrase.source_id, reference=phrase.reference)
