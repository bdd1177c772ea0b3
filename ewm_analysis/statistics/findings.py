"""What plausibility rules hand on: a printed figure, and a finding about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
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
