"""Printed figures, as the plausibility rules read them, and the findings they return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import indicator, indicators
from ewm_analysis.statistics.percent import exact

Level = Literal["contradiction", "note"]


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

    @property
    def key(self) -> tuple[object, ...]:
        """What the figure is: its place, indicator, dimension and category."""
        return self[:8]

    @property
    def origin(self) -> tuple[str, str]:
        """The source and the place in it."""
        return self.source_id, self.reference


Key = tuple[object, ...]


@dataclass(frozen=True)
class Finding:
    """What a rule found. Amounts are in the indicator's unit; which are set, the rule says.

    ``found`` is the printed figure, ``expected`` what it should be, equal or keep to;
    ``base`` the count behind ``found`` and ``other_base`` the one behind ``expected``;
    ``below`` and ``above`` are shares that whole counts would print, ``count_if_cut`` the
    count that fits if the percentage was cut off: a possibility, never data.
    """

    rule: str
    level: Level
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
    source_id: str = ""
    reference: str = ""
    other_source_id: str = ""
    other_reference: str = ""


@dataclass(frozen=True)
class Outcome:
    """How often a rule could be applied, and what it found."""

    checked: int
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Printed:
    """Exact printed figures to check, and every exact value that may serve as a base.

    ``vague`` names breakdowns (place, indicator, dimension) that hold inexact figures too, so
    that their exact ones are not all there is.
    """

    figures: dict[Key, Figure]
    bases: dict[Key, Figure]
    repeated: list[list[Figure]]
    vague: set[Key]

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures.values())

    def beside(
        self, figure: Figure, name: str, dimension: str = "", category: str = ""
    ) -> Figure | None:
        """Return another printed figure of the same place."""
        return self.figures.get((*figure[:5], name, dimension, category))

    def base_of(self, figure: Figure) -> Figure | None:
        """Return the whole that a share is a share of, printed or computed."""
        key = (*figure[:5], indicator(figure.indicator).base, "", "")
        return self.figures.get(key) or self.bases.get(key)

    def breakdowns(self) -> dict[Key, list[Figure]]:
        """Return the figures of each breakdown: same place, indicator and dimension."""
        groups: dict[Key, list[Figure]] = {}
        for figure in self:
            if figure.dimension:
                groups.setdefault(figure[:7], []).append(figure)
        return groups


def read_printed(values: pd.DataFrame, published: pd.DataFrame) -> Printed:
    """Return printed figures: those of reports, and the economic ones among the values.

    Only exact figures take part: "about 75 %" or "more than half" contradicts nothing. A
    growth belongs to two years and is left out.
    """
    economic = [name for name in indicators() if indicator(name).group == "economy"]
    published = published.assign(scope="", delimitation="").sort_values("mention")
    every, reports = _figures(values), _figures(published)
    repeated: dict[Key, list[Figure]] = {}
    for figure in reports:
        repeated.setdefault(figure.key, []).append(figure)
    printed = {figure.key: figure for figure in every if figure.indicator in economic}
    printed |= {key: places[0] for key, places in repeated.items()}
    bases = {figure.key: figure for figure in every}
    inexact = [*_figures(values, exactly=False), *_figures(published, exactly=False)]
    return Printed(
        figures=printed,
        bases=bases,
        repeated=[places for places in repeated.values() if len(places) > 1],
        vague={figure[:7] for figure in inexact if figure.dimension},
    )


def _figures(table: pd.DataFrame, *, exactly: bool = True) -> list[Figure]:
    wanted = (table["precision"] == "exact") == exactly
    usable = wanted & table["base_year"].isna() & table["value"].notna()
    return [Figure(*row) for row in table.loc[usable, list(Figure._fields)].itertuples(index=False)]


def finding(
    rule: str, level: Level, figure: Figure, other: Figure | None = None, **details: Any
) -> Finding:
    """Return a finding about a figure, held against another; `details` are further fields."""
    about = {name: getattr(figure, name) for name in _ABOUT}
    if other is not None:
        details = {
            "expected": other.value,
            "other_indicator": other.indicator,
            "other_source_id": other.source_id,
            "other_reference": other.reference,
            **details,
        }
    return Finding(rule=rule, level=level, found=figure.value, **about, **details)


_ABOUT = (
    "year", "cluster_id", "region", "scope", "indicator", "dimension", "category",
    "source_id", "reference",
)  # fmt: skip


def last_unit(value: float) -> Fraction:
    """Return the unit of the last digit that an amount of euros prints.

    Reports print millions or billions, so that 14,000,000 is read as 14 million and
    12,800,000 as 12.8 million.

    Examples
    --------
    >>> int(last_unit(12_800_000)), int(last_unit(14_000_000))
    (100000, 1000000)
    """
    amount = exact(value)
    unit = Fraction(10**9 if abs(amount) >= 10**9 else 10**6)
    while unit > Fraction(1, 100) and amount % unit:
        unit /= 10
    return unit
