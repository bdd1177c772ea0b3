"""Cluster organisations held against the requirements of a register and of a quality label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pandas as pd

from ewm_analysis.errors import ParameterError
from ewm_analysis.statistics.organisations import (
    MEMBER_COUNTS,
    MEMBER_SHARES,
    Quantity,
    quantities,
)

Outcome = Literal["met", "not_met", "unknown"]

ROUGH = 0.1
"""A number printed as "about" is taken as up to a tenth lower or higher."""

UNITS = {"staff": "persons", "members": "count", "member_types": "count"}
"""What portraits count; persons are no full-time equivalents, so that these do not compare."""

COMMON_TYPE = {
    **dict.fromkeys(("sme", "large", "business"), "business"),
    **dict.fromkeys(("university", "institute", "research"), "science"),
    "municipality": "public",
}
"""Members that count as one type; "others" may be any."""


def at_least(quantity: Quantity | None, threshold: float) -> Outcome:
    """Say whether a quantity reaches a threshold, as far as its source tells.

    Examples
    --------
    >>> at_least(Quantity(60, None), 15), at_least(Quantity(None, 30), 15)
    ('met', 'unknown')
    >>> at_least(Quantity(16, 16, is_rough=True), 15)
    'unknown'
    """
    if quantity is None:
        return "unknown"
    slack = ROUGH if quantity.is_rough else 0.0
    if quantity.low is not None and quantity.low * (1 - slack) >= threshold:
        return "met"
    if quantity.high is not None and quantity.high * (1 + slack) < threshold:
        return "not_met"
    return "unknown"


def eligibility(facts: pd.DataFrame, requirements: pd.DataFrame) -> pd.DataFrame:
    """Hold each organisation against the thresholds for registration.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`.
    requirements : DataFrame
        Contract `Requirements`; those of the scheme ``eccp_registration`` are evaluated.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``requirement``, ``outcome`` (met, not_met, unknown), ``low``,
        ``high``, ``is_rough`` of what the portrait states, ``threshold``, ``unit``,
        ``source_id``.
    """
    rules = requirements[requirements["scheme"] == "eccp_registration"]
    stated = {
        "staff": quantities(facts, "staff"),
        "members": quantities(facts, "members"),
        "member_types": member_types(facts),
    }
    sources = facts.drop_duplicates("organisation_id").set_index("organisation_id")["source_id"]
    rows = []
    for organisation, source in sources.items():
        for rule in rules.itertuples():
            quantity = stated[rule.requirement].get(str(organisation))
            comparable = quantity if UNITS[rule.requirement] == rule.unit else None
            rows.append(
                (
                    organisation,
                    rule.requirement,
                    at_least(comparable, float(rule.value)),
                    *(quantity or Quantity(None, None)),
                    float(rule.value),
                    rule.unit,
                    source,
                )
            )
    names = ["organisation_id", "requirement", "outcome", "low", "high", "is_rough"]
    return pd.DataFrame(rows, columns=[*names, "threshold", "unit", "source_id"])


def member_types(facts: pd.DataFrame) -> dict[str, Quantity]:
    """Return how many types of members each portrait names: companies, science, public sector.

    The number is a lower bound unless the types printed make up all members.
    """
    parts = {**MEMBER_COUNTS, **{f"{kind}_share": fact for kind, fact in MEMBER_SHARES.items()}}
    named: dict[str, set[str]] = {}
    for kind, fact in parts.items():
        common = COMMON_TYPE.get(kind.removesuffix("_share"))
        for organisation, quantity in quantities(facts, fact).items():
            if common is not None and quantity.low:
                named.setdefault(organisation, set()).add(common)
    complete = _broken_down(facts)
    return {
        organisation: Quantity(len(kinds), len(kinds) if organisation in complete else None)
        for organisation, kinds in named.items()
    }


def _broken_down(facts: pd.DataFrame) -> set[str]:
    """Return the organisations whose types printed, without others, make exactly all members."""
    members, others = quantities(facts, "members"), quantities(facts, "other_members")
    counts = [quantities(facts, fact) for fact in MEMBER_COUNTS.values()]
    shares = [quantities(facts, fact) for fact in MEMBER_SHARES.values()]
    complete = set()
    for organisation in dict.fromkeys(facts["organisation_id"]):
        for parts, whole in ((counts, members.get(organisation)), (shares, Quantity(1, 1))):
            own = [found[organisation] for found in parts if organisation in found]
            is_sure = whole is not None and not any(part.is_rough for part in [*own, whole])
            if own and is_sure and organisation not in others and _makes(own, whole):
                complete.add(organisation)
    return complete


def _makes(parts: list[Quantity], whole: Quantity | None) -> bool:
    if whole is None or any(part.low is None or part.low != part.high for part in [*parts, whole]):
        return False
    return abs(sum(part.low or 0 for part in parts) - (whole.low or 0)) < 1e-9


@dataclass(frozen=True)
class LabelWindow:
    """What follows from the day of an award; every day belongs to its period."""

    valid_until: date
    benchmarking_from: date
    benchmarking_to: date
    renewal_until: date


def label_window(awarded: date, years: Mapping[str, float]) -> LabelWindow:
    """Return until when a label holds, and when the second benchmarking is due.

    Parameters
    ----------
    awarded : date
        Day of the award, taken as that of the benchmarking before it.
    years : mapping of str to float
        Periods in years, multiples of a month: ``validity``, ``benchmarking_from``,
        ``benchmarking_to``, ``renewal``.

    Raises
    ------
    ParameterError
        If a period is missing or is no whole number of months.

    Examples
    --------
    >>> years = {"validity": 2, "benchmarking_from": 1.5, "benchmarking_to": 2, "renewal": 1}
    >>> window = label_window(date(2019, 7, 25), years)
    >>> str(window.valid_until), str(window.benchmarking_from), str(window.renewal_until)
    ('2021-07-25', '2021-01-25', '2022-07-25')
    """
    for name in ("validity", "benchmarking_from", "benchmarking_to", "renewal"):
        if name not in years:
            raise ParameterError("requirement", name, years, "is missing")
    return LabelWindow(
        valid_until=_later(awarded, years["validity"]),
        benchmarking_from=_later(awarded, years["benchmarking_from"]),
        benchmarking_to=_later(awarded, years["benchmarking_to"]),
        renewal_until=_later(awarded, years["validity"] + years["renewal"]),
    )


def _later(day: date, years: float) -> date:
    """Return the same day some years later; the last of the month where it has no such day."""
    months = years * 12
    if months != int(months):
        raise ParameterError("years", years, reason="is no whole number of months")
    place = day.year * 12 + day.month - 1 + int(months)
    year, month = divmod(place, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def label_calendar(
    facts: pd.DataFrame, groups: pd.DataFrame, requirements: pd.DataFrame
) -> pd.DataFrame:
    """Return the labels of the organisations, with their periods where the award is dated.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`.
    groups : DataFrame
        Contract `OrganisationGroups`; ``since`` is the day of the award.
    requirements : DataFrame
        Contract `Requirements`; the periods of the scheme ``silver_label``.

    Returns
    -------
    DataFrame
        ``organisation_id``, ``label``, ``awarded``, the fields of `LabelWindow` as text and
        ``source_id``; days are empty where the award is not dated.
    """
    rules = requirements[requirements["scheme"] == "silver_label"]
    years = {str(rule.requirement): float(rule.value) for rule in rules.itertuples()}
    held = groups[
        (groups["dimension"] == "label") & groups["organisation_id"].isin(facts["organisation_id"])
    ]
    names = [*LabelWindow.__annotations__]
    rows = []
    for row in held.itertuples():
        days = dict.fromkeys(names, "")
        if row.since and row.category == "silver":
            window = label_window(date.fromisoformat(row.since), years)
            days = {name: getattr(window, name).isoformat() for name in names}
        rows.append((row.organisation_id, row.category, row.since, *days.values(), row.source_id))
    columns = ["organisation_id", "label", "awarded", *names, "source_id"]
    return pd.DataFrame(rows, columns=columns)
