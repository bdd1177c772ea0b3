"""How cells of a report hang together: what can be computed from what, and from what was printed.

Every relation is an equation between cells. What it lacks to be one is a cell of its own that
no page shows: the projects outside a category, the actors without a district, the overlap of
categories. Such a hidden cell may be confidential like any other: whoever subtracts shows it.

What reports printed is known to everybody. A figure that records do not give tells nothing of
them; one that is rounded leaves open what prints alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import dimension, indicator
from ewm_analysis.disclosure.cells import Contributions, Name, Report
from ewm_analysis.indicators.compute import computed, counting
from ewm_analysis.statistics.printed import PLACE, exact, last_unit, printed_digits


@dataclass
class Web:
    """The cells of a report and the equations between them.

    ``parts`` says what a cell is made of, as far as that can be said; ``values`` holds all
    cells, ``shown`` those of the long table. Each of ``equations`` is a sum of cells, with
    factors, that is 0. ``told`` is between which values everybody knows a cell to be, since
    reports printed it; ``stretch`` how many times as far the base of a printed share may have
    to move as its part.
    """

    values: dict[Name, float] = field(default_factory=dict)
    parts: dict[Name, Contributions] = field(default_factory=dict)
    shown: list[Name] = field(default_factory=list)
    equations: list[dict[Name, int]] = field(default_factory=list)
    told: dict[Name, tuple[float, float]] = field(default_factory=dict)
    stretch: float = 1.0

    def is_told(self, name: Name) -> bool:
        """Tell whether reports printed a cell as it is: what is left of it is no secret."""
        low, high = self.told.get(name, (-np.inf, np.inf))
        return low == high

    def rest(self, whole: Name, parts: Iterable[Name], kind: str = "rest") -> None:
        """Note that a whole is its parts and a rest, which no page shows.

        Parts that count nothing are shown as 0 and leave the whole what it is. Whoever read
        what was printed of some parts knows the whole of the others.
        """
        known = [part for part in parts if part in self.parts and not self.is_zero(part)]
        if whole not in self.parts or not known:
            return
        told = [part for part in known if part in self.told]
        if 0 < len(told) < len(known):
            self.rest(whole, told, "beside")
        given = self.parts[whole]
        left = given.amounts - sum(self.parts[part].amounts for part in known)
        name = (kind, *whole, *known[0])
        hidden = Contributions(given.units, left, left != 0, given.is_amount)
        self.parts[name], self.values[name] = hidden, float(left.sum())
        self.equations.append({whole: 1, name: -1} | dict.fromkeys(known, -1))

    def is_zero(self, name: Name) -> bool:
        """Tell whether a cell counts nothing: that is always shown."""
        return not (self.parts[name].is_amount or self.values[name])

    def cover(self, whole: Name, parts: Iterable[Name], label: str) -> None:
        """Note that overlapping parts make at least the whole, but for what is in no part."""
        known = [part for part in parts if part in self.parts]
        if whole not in self.parts or not known:
            return
        given = self.parts[whole]
        reached = np.logical_or.reduce([self.parts[part].stated for part in known])
        outside = given.stated & ~reached
        none, twice = ((kind, *whole, label) for kind in ("none", "overlap"))
        amounts = np.where(outside, given.amounts, 0.0)
        self.parts[none] = Contributions(given.units, amounts, outside, given.is_amount)
        self.values[none] = float(amounts.sum())
        total = sum(self.values[part] for part in known)
        self.values[twice] = total + self.values[none] - self.values[whole]
        self.equations.append({whole: 1, twice: 1, none: -1} | dict.fromkeys(known, -1))


def web_of(report: Report, values: Mapping[Name, float], printed: Sequence[Figure] = ()) -> Web:
    """Return the cells of a report and all that is known of how they hang together.

    Parameters
    ----------
    report : Report
        What stands behind the figures.
    values : mapping
        The figures of the long table, by indicator, dimension and category.
    printed : sequence, optional
        What reports printed of it: everybody knows that.
    """
    web = Web()
    for name, value in values.items():
        found = report.contributions(name)
        if found is not None and np.isclose(found.amounts.sum(), value, rtol=1e-9, atol=1e-6):
            web.parts[name], web.values[name] = found, value
            web.shown.append(name)
    tell(web, printed)
    for name in web.shown:
        web.rest((_whole(name[0]), *name[1:]), [name])
    for each, by in dict.fromkeys(name[:2] for name in web.shown if name[1]):
        _breakdown(web, report, each, by)
    for each in dict.fromkeys(name[0] for name in web.shown):
        if counting(each).unit == "participation":
            _links(web, each)
    return web


def _whole(each: str) -> str:
    """Return the indicator that contains another: as the catalogue says, or by their conditions."""
    if indicator(each).of:
        return indicator(each).of
    own, wider = counting(each), []
    for name in computed():
        other = counting(name)
        if (other.each, other.sum) == (own.each, own.sum) and {*other.where} < {*own.where}:
            wider.append((len(other.where), name))
    return max(wider)[1] if wider else ""


def _breakdown(web: Web, report: Report, each: str, by: str) -> None:
    """Add what a breakdown says of its whole and of its parents."""
    codes = [name[2] for name in web.shown if name[:2] == (each, by)]
    how = dimension(by)
    total: Name = (each, "", "")
    if how.assigned:
        for parent in ["", *codes]:
            whole = (each, by, parent) if parent else total
            inner = [(each, by, code) for code in report.children(by, parent)]
            web.cover(whole, inner, by)
            for child in inner:
                web.rest(whole, [child])
    elif how.within:
        inside = (each, *how.within.split(" = "))
        whole = inside if inside in web.parts else total
        web.rest(whole, [(each, by, code) for code in codes], "unstated")
    else:
        top = how.inside or [code for code in codes if code in report.children(by, "")]
        web.rest(total, [(each, by, code) for code in top], "unstated")
        for parent in codes:
            inner = [(each, by, code) for code in report.children(by, parent)]
            web.rest((each, by, parent), inner, "unstated")


def _links(web: Web, links: str) -> None:
    """Every item with a participation has one at least: of those that meet the same conditions."""
    own = counting(links)
    for name in computed():
        how = counting(name)
        met = {condition.removeprefix("with ") for condition in how.where}
        if (how.each, how.sum) == (own.item, "") and met == {*own.where}:
            _no_more(web, (name, "", ""), [each for each in web.shown if each[0] == links])


def _no_more(web: Web, whole: Name, parts: list[Name]) -> None:
    """Note that a whole is its parts at most."""
    if whole in web.values:
        more = ("more", *whole)
        web.values[more] = sum(web.values[part] for part in parts) - web.values[whole]
        web.equations.append({whole: 1, more: 1} | dict.fromkeys(parts, -1))


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
