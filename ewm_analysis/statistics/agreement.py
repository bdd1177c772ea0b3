"""Printed figures held against those computed from records."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.statistics.growth import growth_rate
from ewm_analysis.statistics.percent import exact, printed_digits
from ewm_analysis.statistics.printed import last_unit

Verdict = Literal["equal", "contradicts", "not_computable"]

ABOUT = Fraction(1, 10)
""""About 60" is met by what lies within a tenth of it."""

PLACE = ["year", "cluster_id", "region"]


class Agreement(NamedTuple):
    """One printed figure beside the computed one; `reason` says how the verdict came about."""

    year: int
    cluster_id: str
    indicator: str
    dimension: str
    category: str
    printed: float
    precision: str
    computed: float | None
    verdict: Verdict
    reason: str
    source_id: str
    reference: str


def compare_printed(published: pd.DataFrame, computed: pd.DataFrame) -> pd.DataFrame:
    """Hold every printed figure of the cells with records against the computed one.

    A count must be equal; an amount or a share must round to what is printed, or be cut off
    to it; "about" is met within a tenth, a bound by lying on its side. A share by category is
    computed from counts, a growth from two years, a total of groups as the sum of its groups,
    as it was printed.

    Parameters
    ----------
    published : DataFrame
        Contract `Published`, all mentions.
    computed : DataFrame
        Contract `IndicatorValues`: values computed from records only.

    Returns
    -------
    DataFrame
        One row a printed figure; the columns are the fields of `Agreement`.
    """
    known = {
        (int(row.year), *row[2:7]): float(row.value)
        for row in computed[[*PLACE, "indicator", "dimension", "category", "value"]].itertuples()
    }
    cells = {key[:3] for key in known}
    rows = [
        row for row in published.itertuples() if (row.year, row.cluster_id, row.region) in cells
    ]
    return pd.DataFrame([_agreement(row, known) for row in rows], columns=Agreement._fields)


def _agreement(row: Any, known: dict[tuple[Any, ...], float]) -> Agreement:
    computed = next(_computed(row, known), None)
    if computed is None:
        verdict, reason = "not_computable", "not_in_records"
    else:
        reason = _met_by(float(row.value), row.precision, computed, indicator(row.indicator).unit)
        verdict = "equal" if reason else "contradicts"
    return Agreement(
        int(row.year), row.cluster_id, row.indicator, row.dimension, row.category,
        float(row.value), row.precision, computed, verdict,  # type: ignore[arg-type]
        reason or "differs", row.source_id, row.reference,
    )  # fmt: skip


def _computed(row: Any, known: dict[tuple[Any, ...], float]) -> Iterator[float]:
    """Yield the computed counterpart of a printed figure, if the records have one."""
    place = (int(row.year), row.cluster_id, row.region)
    breakdown = (row.dimension, row.category)
    meant = indicator(row.indicator)
    if pd.notna(row.base_year):
        last = known.get((*place, meant.base, *breakdown))
        first = known.get((int(row.base_year), *place[1:], meant.base, *breakdown))
        if first and last is not None:
            yield float(growth_rate(first, last))
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
