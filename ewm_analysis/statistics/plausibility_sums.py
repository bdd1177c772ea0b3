"""Rules for sums: of a breakdown, of disjoint groups, of groups that may overlap."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ewm_analysis.catalogue import indicator, indicators
from ewm_analysis.statistics.percent import exact
from ewm_analysis.statistics.plausibility_amounts import BESIDE_TOTAL
from ewm_analysis.statistics.plausibility_shares import EXCLUSIVE, is_exclusive
from ewm_analysis.statistics.printed import Figure, Outcome, Printed, finding, last_unit

COMPLETE = {"actor_type", "size_class", *EXCLUSIVE}
"""Breakdowns that print all their parts; others name some (projects, districts, sectors)."""

WHOLES = {"size_class": ("actor_type", "company")}
"""Breakdowns whose whole is itself a part: only companies have a size class."""


def sum_of_parts(printed: Printed) -> Outcome:
    """Parts that may be summed make their whole; a breakdown that names some stays below."""
    checked, findings = 0, []
    for group in printed.breakdowns().values():
        parts = [figure for figure in group if figure[6:8] not in BESIDE_TOTAL]
        whole = _whole(printed, parts)
        if whole is None:
            continue
        checked += 1
        total = sum(exact(part.value) for part in parts)
        gap = total - exact(whole.value)
        is_complete = parts[0].dimension in COMPLETE and parts[0][:7] not in printed.vague
        is_short = gap < 0 and is_complete
        if abs(gap) > _tolerance([*parts, whole]) and (gap > 0 or is_short):
            sums = whole._replace(dimension=parts[0].dimension, category="")
            findings.append(
                finding("sum_of_parts", "contradiction", sums, parts[0], expected=float(total))
            )
    return Outcome(checked, findings)


def _whole(printed: Printed, parts: list[Figure]) -> Figure | None:
    if len(parts) < 2:
        return None
    first = parts[0]
    if indicator(first.indicator).parts != "sum" and not is_exclusive(parts):
        return None
    if indicator(first.indicator).unit == "fraction":
        return None
    return printed.beside(first, first.indicator, *WHOLES.get(first.dimension, ("", "")))


def _tolerance(figures: list[Figure]) -> Fraction:
    """Amounts are rounded when printed, each by half a unit; counts are not."""
    if indicator(figures[0].indicator).unit != "eur":
        return Fraction(0)
    return sum((last_unit(figure.value) / 2 for figure in figures), Fraction(0))


def sum_of_groups(printed: Printed) -> Outcome:
    """A total of disjoint groups is their sum: insured and marginal employment."""
    checked, findings = 0, []
    for total, groups in _totals(printed):
        if not _may_overlap(total):
            checked += 1
            expected = float(sum(exact(group.value) for group in groups))
            if total.value != expected:
                findings.append(
                    finding("sum_of_groups", "contradiction", total, groups[0], expected=expected)
                )
    return Outcome(checked, findings)


def sum_of_overlapping(printed: Printed) -> Outcome:
    """A total of distinct actors in several groups counts no one twice.

    It lies between the largest group and their sum. Exactly the sum is possible, if no
    actor is in two groups, and a sign of double counting: a note.
    """
    checked, findings = 0, []
    for total, groups in _totals(printed):
        if _may_overlap(total):
            checked += 1
            sizes = [group.value for group in groups]
            if total.value == sum(sizes):
                findings.append(
                    finding("sum_of_overlapping", "note", total, groups[0], expected=sum(sizes))
                )
            elif not max(sizes) <= total.value <= sum(sizes):
                bound = sum(sizes) if total.value > sum(sizes) else max(sizes)
                findings.append(
                    finding("sum_of_overlapping", "contradiction", total, groups[0], expected=bound)
                )
    return Outcome(checked, findings)


def _totals(printed: Printed) -> Iterator[tuple[Figure, list[Figure]]]:
    sums = {name: indicator(name).sum_of for name in indicators() if indicator(name).sum_of}
    for figure in printed:
        groups = [printed.beside(figure, name) for name in sums.get(figure.indicator, ())]
        known = [group for group in groups if group is not None]
        if known and len(known) == len(groups) and not figure.dimension:
            yield figure, known


def _may_overlap(total: Figure) -> bool:
    """Distinct projects, activities and actors can be in two groups; employees are in one."""
    return indicator(total.indicator).group != "economy"
