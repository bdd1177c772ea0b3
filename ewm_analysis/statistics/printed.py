"""Printed figures: what they show, do percentages fit, and do those computed meet them?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.errors import ParameterError
from ewm_analysis.statistics.growth import growth_rate
from ewm_analysis.statistics.result import as_count, table_of, within

ABOUT = Fraction(1, 10)
""""About 60" is met by what lies within a tenth of it."""

PLACE = ["year", "cluster_id", "region"]


@dataclass(frozen=True)
class PercentCheck:
    """Which counts out of `base` print as `share` at `digits` decimals of a percentage.

    The counts are possibilities, never data: they say what the source may have done.
    """

    share: float
    base: int
    digits: int
    by_rounding: range
    by_cutting: range

    @property
    def fits(self) -> bool:
        """True if a whole count, rounded half up, prints as the share."""
        return len(self.by_rounding) > 0

    @property
    def neighbours(self) -> tuple[float, float]:
        """Shares that the counts just below and just above print, as fractions."""
        below = min(math.floor(exact(self.share) * self.base), self.base)
        above = min(below + 1, self.base)
        return _printed(below, self.base, self.digits), _printed(above, self.base, self.digits)


def check_percent(share: float, base: int, digits: int = 0) -> PercentCheck:
    """Return the counts k of a base n for which 100 k / n prints as the percentage p.

    Rounded half up: p − h ≤ 100 k / n < p + h with h = half a unit of the last digit.
    Cut off: p ≤ 100 k / n < p + 2 h. The idea is the GRIM test (Brown & Heathers 2017).

    Parameters
    ----------
    share : float
        Printed share as fraction: 0.73 for 73 %. Above 1, as sources may print, none fits.
    base : int
        Number of units that the share refers to; at least 1.
    digits : int
        Decimals of the printed percentage: 0 for 73 %, 1 for 16.7 %.

    Raises
    ------
    ParameterError
        If `base` is below 1, or `share` no finite number.

    Examples
    --------
    >>> check = check_percent(0.73, 34)
    >>> check.fits, list(check.by_cutting), check.neighbours
    (False, [25], (0.71, 0.74))
    >>> list(check_percent(0.75, 95).by_rounding)
    [71]
    """
    within("share", share)
    if as_count("base", base) < 1:
        raise ParameterError("base", base, reason="cannot have shares; it must be at least 1")
    unit = Fraction(1, 100 * 10**digits)
    printed = exact(share)
    return PercentCheck(
        share=share,
        base=base,
        digits=digits,
        by_rounding=_counts(printed - unit / 2, printed + unit / 2, base),
        by_cutting=_counts(printed, printed + unit, base),
    )


def printed_digits(share: float) -> int:
    """Return the decimals of the percentage that a printed share shows.

    A final zero cannot be seen in a number: 16.0 % counts as 16 %.

    Examples
    --------
    >>> printed_digits(0.73), printed_digits(0.167)
    (0, 1)
    """
    exponent = (Decimal(str(share)) * 100).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def exact(value: float) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth.

    Examples
    --------
    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(str(value))


def _counts(low: Fraction, high: Fraction, base: int) -> range:
    """Whole k from 0 to base with low ≤ k / base < high."""
    return range(max(0, math.ceil(low * base)), min(base, math.ceil(high * base) - 1) + 1)


def _printed(count: int, base: int, digits: int) -> float:
    scale: int = 100 * 10**digits
    return math.floor(Fraction(count * scale, base) + Fraction(1, 2)) / scale


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


AGREEMENT = """
    year cluster_id indicator dimension category printed precision computed verdict reason source_id
    reference
"""
"""A printed figure beside the computed one; ``reason`` says how the verdict came about."""


def compare_printed(published: pd.DataFrame, computed: pd.DataFrame) -> pd.DataFrame:
    """Hold every printed figure of the cells with records against the computed one.

    A count must be equal; an amount or a share must round to what is printed, or be cut off
    to it; "about" is met within a tenth, a bound by lying on its side. Of a sum known in part the
    printed one is at least as large. A share by category is
    computed from counts, a growth from two years, a total of groups as the sum of its groups,
    as it was printed. What rests on a withheld figure is told as withheld.

    Parameters
    ----------
    published : DataFrame
        Contract `Published`, all mentions.
    computed : DataFrame
        Contract `IndicatorValues`: values computed from records only; those withheld for
        confidentiality have none.

    Returns
    -------
    DataFrame
        One row a printed figure, with the columns of `AGREEMENT`.
    """
    columns = [*PLACE, "indicator", "dimension", "category", "value"]
    computed = computed.astype({"value": "float64"})
    is_bound = computed["precision"] == "at_least"
    known, bounds = (
        {(int(row.year), *row[2:7]): float(row.value) for row in part[columns].itertuples()}
        for part in (computed[~is_bound], computed[is_bound])
    )
    cells = {key[:3] for key in (*known, *bounds)}
    lines = [
        {**row._asdict(), "printed": float(row.value), **_agreement(row, known, bounds)}
        for row in published.itertuples()
        if (row.year, row.cluster_id, row.region) in cells
    ]
    return table_of(lines, AGREEMENT)


def _agreement(
    row: Any, known: dict[tuple[Any, ...], float], bounds: dict[tuple[Any, ...], float]
) -> dict[str, Any]:
    key = (int(row.year), row.cluster_id, row.region, row.indicator, row.dimension, row.category)
    bound = bounds.get(key) if pd.isna(row.base_year) else None
    computed = next(_computed(row, known), None) if bound is None else bound
    if bound is not None:
        reason = "bound" if exact(row.value) + last_unit(row.value) / 2 >= bound else ""
        verdict = "equal" if reason else "contradicts"
    elif computed is None:
        verdict, reason = "not_computable", "not_in_records"
    elif pd.isna(computed):
        verdict, reason = "not_computable", "withheld"
    else:
        reason = _met_by(float(row.value), row.precision, computed, indicator(row.indicator).unit)
        verdict = "equal" if reason else "contradicts"
    return {"computed": computed, "verdict": verdict, "reason": reason or "differs"}


def _computed(row: Any, known: dict[tuple[Any, ...], float]) -> Iterator[float]:
    """Yield the computed counterpart of a printed figure, if the records have one."""
    place = (int(row.year), row.cluster_id, row.region)
    breakdown = (row.dimension, row.category)
    meant = indicator(row.indicator)
    if pd.notna(row.base_year):
        last = known.get((*place, meant.base, *breakdown))
        first = known.get((int(row.base_year), *place[1:], meant.base, *breakdown))
        if first and last is not None:
            growth = growth_rate(first, last)
            yield math.nan if pd.isna(growth) else float(growth)
        return
    if (*place, row.indicator, *breakdown) in known:
        yield known[(*place, row.indicator, *breakdown)]
    if meant.base and row.dimension:
        part, base = (known.get((*place, meant.base, *by)) for by in (breakdown, ("", "")))
        if part is not None and base:
            yield part / base
    groups = [known.get((*place, name, "", "")) for name in meant.sum_of]
    if groups and None not in groups:
        yield math.fsum(group for group in groups if group is not None)


def _met_by(printed: float, precision: str, computed: float, unit: str) -> str:
    """Return how the computed figure meets the printed one; empty if it does not."""
    there, here = exact(printed), Fraction(computed)
    if precision != "exact":
        holds = {
            "at_least": here >= there,
            "lower_bound": here >= there,
            "upper_bound": here <= there,
            "approximate": abs(here - there) <= ABOUT * abs(there),
        }[precision]
        reason = "about" if precision == "approximate" else "bound"
        return reason if holds else ""
    if there == here or unit in ("count", "persons"):
        return "exact" if there == here else ""
    step = last_unit(printed) if unit == "eur" else Fraction(1, 100 * 10 ** printed_digits(printed))
    if math.floor(here / step + Fraction(1, 2)) * step == there:
        return "rounding"
    return "cutting" if math.floor(here / step) * step == there else ""


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


FINDING = """
    rule level year cluster_id region scope indicator dimension category found expected
    other_indicator base other_base below above count_if_cut phrase change source_id reference
    other_source_id other_reference
"""
"""What a rule tells. Amounts are in the indicator's unit; which are set, the rule says.

``found`` is the printed figure, ``expected`` what it should be, equal or keep to;
``base`` the count behind ``found`` and ``other_base`` the one behind ``expected``;
``below`` and ``above`` are shares that whole counts would print, ``count_if_cut`` the
count that fits if the percentage was cut off: a possibility, never data. ``phrase`` is what
a report says in words, ``change`` the relative change that its figures have.
"""
TYPES = {
    "Float64": "found expected base other_base below above change",
    "Int64": "year count_if_cut",
    "string": "rule level cluster_id region scope indicator dimension category other_indicator "
    "phrase source_id reference other_source_id other_reference",
}

Finding = dict[str, Any]
Checks = Iterator[Finding | None]


def contradicts(figure: Figure, other: Figure | None = None, **more: Any) -> Finding:
    """Return a finding about a figure, held against another; ``more`` are further fields."""
    own = {"level": "contradiction", "found": figure.value, **figure._asdict()}
    if other:
        own["expected"] = other.value
        own |= {f"other_{n}": getattr(other, n) for n in ("indicator", "source_id", "reference")}
    return {**dict.fromkeys(TYPES["string"].split(), ""), **own, **more}


def exact_figures(table: pd.DataFrame, *, exactly: bool = True) -> list[Figure]:
    """Return the exact figures of a table, or the others; growth has two years and is left out."""
    wanted = (table["precision"] == "exact") == exactly
    usable = wanted & table["base_year"].isna() & table["value"].notna()
    rows = table[usable].reindex(columns=[*Figure._fields])
    return [Figure(*row) for row in rows.itertuples(index=False)]
