"""What reports printed is known to everybody: how much of the cells of a report it tells.

A figure that records do not give tells nothing of them; one that is rounded leaves open what
prints alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.disclosure.cells import Name
from ewm_analysis.statistics.printed import PLACE, exact, last_unit, printed_digits

if TYPE_CHECKING:
    from ewm_analysis.disclosure.relations import Web

PRINTED = "printed"
"""Kind of a hidden cell that stands for what a printed figure says of others."""

Figure = tuple[Name, float]
"""A printed figure: indicator, dimension, category; and its value."""


def printed_figures(rows: pd.DataFrame, published: pd.DataFrame) -> list[Figure]:
    """Return the exact figures that reports print of a cluster and year, every mention.

    Growth has two years and is left out.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one cluster and year.
    published : DataFrame
        Contract `Published`.
    """
    is_own = (published[PLACE] == rows[PLACE].iloc[0]).all(axis=1)
    is_exact = (published["precision"] == "exact") & published["base_year"].isna()
    own = published[is_own & is_exact & published["value"].notna()]
    names = own[["indicator", "dimension", "category"]].itertuples(index=False, name=None)
    return [*zip(names, own["value"].astype(float), strict=True)]


def tell(web: Web, figures: Sequence[Figure]) -> None:
    """Note in a web what printed figures tell: cells, sums of cells, and shares of a base."""
    cells = [(name, value) for name, value in figures if name in web.parts]
    for name, value in cells:
        _narrow(web, name, value)
    for name, value in figures:
        meant = indicator(name[0])
        if meant.sum_of:
            _sum(web, name, value, [(each, *name[1:]) for each in meant.sum_of])
        elif meant.base:
            _share(web, value, (meant.part or meant.base, *name[1:]), (meant.base, "", ""))


def left_open(printed: float, value: float, unit: str) -> tuple[float, float] | None:
    """Return from where to where values print as the figure; None if `value` does not.

    Examples
    --------
    >>> left_open(161_500_000, 161_480_000, "eur")
    (161450000.0, 161550000.0)
    >>> left_open(3, 3, "count"), left_open(3, 4, "count")
    ((3, 3), None)
    """
    if value == printed:
        return printed, printed
    if unit != "eur":
        return None
    step = last_unit(printed)
    for low in (exact(printed) - step / 2, exact(printed)):  # rounded, cut off
        if low <= Fraction(value) < low + step:
            return float(low), float(low + step)
    return None


def _narrow(web: Web, name: Name, value: float) -> None:
    found = left_open(value, web.values[name], indicator(name[0]).unit)
    if found:
        low, high = web.told.get(name, found)
        web.told[name] = max(low, found[0]), min(high, found[1])


def _sum(web: Web, name: Name, value: float, parts: list[Name]) -> None:
    if sum(web.values.get(part, np.nan) for part in parts) == value:
        whole = (PRINTED, *name)
        web.values[whole], web.told[whole] = value, (value, value)
        web.equations.append({whole: -1} | dict.fromkeys(parts, 1))


def _share(web: Web, share: float, part: Name, base: Name) -> None:
    """Tie a part to its base: where that was printed, too, by the counts that print alike.

    Else whoever sees one of the two knows about the other: part ÷ base lies from `low` to below
    `high`, two equations with what each leaves open.
    """
    if part not in web.values or not web.values.get(base):
        return
    counts, whole = int(web.values[part]), int(web.values[base])
    unit = Fraction(1, 100 * 10 ** printed_digits(share))
    for low in (exact(share) - unit / 2, exact(share)):  # rounded, cut off
        high = low + unit
        if not low <= Fraction(counts, whole) < high:
            continue
        if web.is_told(base):
            least, most = web.told.get(part, (-np.inf, np.inf))
            fitting = max(least, math.ceil(low * whole)), min(most, math.ceil(high * whole) - 1)
            web.told[part] = fitting
            return
        scale = 2 * unit.denominator
        for sign, bound in ((1, low), (-1, high)):
            left, factor = (PRINTED, *part, str(sign)), int(bound * scale)
            web.values[left] = sign * (scale * counts - factor * whole) - (sign < 0)
            web.equations.append({part: sign * scale, base: -sign * factor, left: -1})
        web.stretch = max(web.stretch, float(1 / high))
        return
