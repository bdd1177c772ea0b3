"""What plausibility rules hand on, and reports' own words held against their figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import indicator

Level = Literal["contradiction", "note"]
Key = tuple[object, ...]


class Figure(NamedTuple):
    """One figure; the first five fields are its place: where and what it is counted for."""

    year: int | None
    cluster_id: str
    region: str
    scope: str
    delimitation: str
    indicator: str
    dimension: str
    category: str
    value: float
    precision: str
    source_id: str
    reference: str
    n_known: int | None = None
    n_all: int | None = None

    @property
    def key(self) -> Key:
        """What the figure is: its place, indicator, dimension and category."""
        return self[:8]

    @property
    def unit(self) -> str:
        """The unit of its indicator."""
        return indicator(self.indicator).unit


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule found. Amounts are in the indicator's unit; which are set, the rule says.

    ``found`` is the printed figure, ``expected`` what it should be, equal or keep to;
    ``base`` the count behind ``found`` and ``other_base`` the one behind ``expected``;
    ``below`` and ``above`` are shares that whole counts would print, ``count_if_cut`` the
    count that fits if the percentage was cut off: a possibility, never data. ``phrase`` is what
    a report says in words, ``change`` the relative change that its figures have.
    """

    rule: str = ""
    level: Level = "contradiction"
    year: int | None
    cluster_id: str
    region: str
    scope: str
    indicator: str
    dimension: str
    category: str
    found: float
    expected: float | None = None
    other_indicator: str = ""
    base: float | None = None
    other_base: float | None = None
    below: float | None = None
    above: float | None = None
    count_if_cut: int | None = None
    phrase: str = ""
    change: float | None = None
    source_id: str = ""
    reference: str = ""
    other_source_id: str = ""
    other_reference: str = ""


Checks = Iterator[Finding | None]


def contradicts(figure: Figure, other: Figure | None = None, **more: Any) -> Finding:
    """Return a finding about a figure, held against another; ``more`` are further fields."""
    names = {field.name for field in fields(Finding)}
    own = {name: value for name, value in figure._asdict().items() if name in names}
    held = {"expected": other.value} if other else {}
    if other:
        held |= {f"other_{n}": getattr(other, n) for n in ("indicator", "source_id", "reference")}
    return Finding(**{**own, "found": figure.value, **held, **more})


def exact_figures(table: pd.DataFrame, *, exactly: bool = True) -> list[Figure]:
    """Return the exact figures of a table, or the others; growth has two years and is left out."""
    wanted = (table["precision"] == "exact") == exactly
    usable = wanted & table["base_year"].isna() & table["value"].notna()
    rows = table[usable].reindex(columns=[*Figure._fields])
    return [Figure(*row) for row in rows.itertuples(index=False)]


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
