"""Rules for printed shares: of a base, and of a whole that they make together."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from ewm_analysis.catalogue import indicator
from ewm_analysis.statistics.percent import check_percent, exact, printed_digits
from ewm_analysis.statistics.printed import Figure, Finding, Outcome, Printed, finding

EXCLUSIVE = {
    "status": ({"application", "started", "finished"}, {"application", "started_or_finished"}),
    "funder": ({"eu", "federal", "state_be", "state_bb", "other"},),
    "consortium_type": ({"companies_science", "companies", "other_joint", "single"},),
}
"""Breakdowns in which each project has one category, and sets of codes that do not overlap."""


def share_of_base(printed: Printed) -> Outcome:
    """A share of a count must be that of a whole number: 73 % of 34 projects is none."""
    checks = [
        (figure, base)
        for figure in printed
        if indicator(figure.indicator).unit == "fraction" and (base := printed.base_of(figure))
        if indicator(base.indicator).unit in ("count", "persons")
        if base.value >= 1 and float(base.value).is_integer()
    ]
    found = [check_share(figure, base, "share_of_base") for figure, base in checks]
    return Outcome(len(checks), [one for one in found if one is not None])


def check_share(share: Figure, base: Figure, rule: str) -> Finding | None:
    """Return a finding if the share fits no whole count of its base by rounding."""
    check = check_percent(share.value, int(base.value), printed_digits(share.value))
    if check.fits:
        return None
    below, above = check.neighbours
    return finding(
        rule,
        "contradiction",
        share,
        base,
        expected=None,
        base=base.value,
        below=below,
        above=above,
        count_if_cut=check.by_cutting[0] if check.by_cutting else None,
    )


def shares_to_whole(printed: Printed) -> Outcome:
    """Shares of which each project has one make at most 100 %, up to rounding.

    m shares with a last digit of u may exceed the whole by m u / 2.
    """
    checked, findings = 0, []
    for group in printed.breakdowns().values():
        first = group[0]
        is_share = indicator(first.indicator).unit == "fraction"
        if not is_share or len(group) < 2 or not is_exclusive(group):
            continue
        checked += 1
        digits = max(printed_digits(figure.value) for figure in group)
        limit = 1 + len(group) * Fraction(1, 2 * 100 * 10**digits)
        total = sum(exact(figure.value) for figure in group)
        if total > limit:
            whole = first._replace(category="", value=float(total))
            findings.append(
                finding("shares_to_whole", "contradiction", whole, expected=float(limit))
            )
    return Outcome(checked, findings)


def is_exclusive(group: Iterable[Figure]) -> bool:
    """True if no project can stand in two of the categories shown."""
    figures = list(group)
    codes = {figure.category for figure in figures}
    return any(codes <= known for known in EXCLUSIVE.get(figures[0].dimension, ()))
