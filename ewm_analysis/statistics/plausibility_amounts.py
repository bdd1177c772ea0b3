"""Rules for two figures that belong together: repeated, part and whole, volume and funding."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from ewm_analysis.catalogue import indicator
from ewm_analysis.statistics.percent import exact, printed_digits
from ewm_analysis.statistics.printed import Figure, Outcome, Printed, finding, last_unit

COUNTED_BY = {"project_volume": "projects_new", "project_volume_running": "projects_running"}
"""The number of the projects whose volume an indicator adds up."""

BESIDE_TOTAL = {("state", "other")}
"""Categories that the total does not contain: it counts actors of Berlin and Brandenburg."""


def repeated_quantity(printed: Printed) -> Outcome:
    """A quantity printed twice must be the same, up to the rounding of amounts and shares."""
    pairs = [(first, other) for first, *others in printed.repeated for other in others]
    findings = [
        finding("repeated_quantity", "contradiction", first, other)
        for first, other in pairs
        if not agree(first, other)
    ]
    return Outcome(len(pairs), findings)


def agree(first: Figure, other: Figure) -> bool:
    """True if the coarser of two printed values is the finer one, rounded; counts must equal."""
    kind = indicator(first.indicator).unit
    if kind == "eur":
        unit = max(last_unit(first.value), last_unit(other.value))
    elif kind == "fraction":
        digits = min(printed_digits(first.value), printed_digits(other.value))
        unit = Fraction(1, 100 * 10**digits)
    else:
        return first.value == other.value
    return _rounded(first.value, unit) == _rounded(other.value, unit)


def _rounded(value: float, unit: Fraction) -> int:
    """Return the value in whole units, half up."""
    return math.floor(exact(value) / unit + Fraction(1, 2))


def part_above_whole(printed: Printed) -> Outcome:
    """A part is at most its whole: new of running projects, funding of volume, a category."""
    pairs = [*_parts(printed)]
    findings = [
        finding("part_above_whole", "contradiction", part, whole)
        for part, whole in pairs
        if part.value > whole.value
    ]
    return Outcome(len(pairs), findings)


def _parts(printed: Printed) -> Iterator[tuple[Figure, Figure]]:
    """Pairs of part and whole: by the catalogue, or a category and the undivided figure."""
    for figure in printed:
        entry = indicator(figure.indicator)
        wholes = []
        if entry.of:
            wholes.append(printed.beside(figure, entry.of, figure.dimension, figure.category))
        is_part = (figure.dimension, figure.category) not in BESIDE_TOTAL
        if figure.dimension and is_part and entry.unit != "fraction":
            wholes.append(printed.beside(figure, figure.indicator))
        yield from ((figure, whole) for whole in wholes if whole)


def part_equals_whole(printed: Printed) -> Outcome:
    """Fewer projects do not have the whole volume: one figure is given for the wrong ones.

    68.9 million cannot be the volume of 42 new projects and of all 98 running ones.
    """
    checked, findings = 0, []
    for part, whole in _parts(printed):
        names = (COUNTED_BY.get(part.indicator), COUNTED_BY.get(whole.indicator))
        few = printed.beside(part, names[0]) if names[0] else None
        many = printed.beside(whole, names[1]) if names[1] else None
        if part.dimension or few is None or many is None:
            continue
        checked += 1
        if part.value == whole.value > 0 and few.value < many.value:
            counts = {"base": few.value, "other_base": many.value}
            findings.append(finding("part_equals_whole", "contradiction", part, whole, **counts))
    return Outcome(checked, findings)


def funding_near_volume(printed: Printed) -> Outcome:
    """Volume and funding of one project that nearly agree may be the same quantity.

    Nearly: printed in different places, one unit of the last printed digit apart, as 12.8
    and 12.7 million.
    """
    checked, findings = 0, []
    for funding in printed:
        if (funding.indicator, funding.dimension) != ("funding_volume", "project"):
            continue
        volume = printed.beside(funding, "project_volume", "project", funding.category)
        if volume is None:
            continue
        checked += 1
        apart = exact(volume.value) - exact(funding.value)
        unit = min(last_unit(volume.value), last_unit(funding.value))
        if 0 < apart <= unit and funding.origin != volume.origin:
            findings.append(finding("funding_near_volume", "note", volume, funding))
    return Outcome(checked, findings)
