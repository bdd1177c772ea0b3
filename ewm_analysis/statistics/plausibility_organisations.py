"""Rules for the facts of cluster organisations: members and their parts, sources that differ."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.statistics.plausibility_shares import check_share
from ewm_analysis.statistics.printed import Figure, Finding, Level, Outcome, finding

MEMBER_PARTS = ("sme_count", "large", "universities", "research_institutes", "other_members")
MEMBER_SHARES = ("sme_share", "large_share", "research_share")

Facts = dict[tuple[str, str], list[Figure]]
"""Exact numbers by organisation and fact, in the order of their mentions."""


def read_facts(organisations: pd.DataFrame) -> Facts:
    """Return the exact numbers among the facts; the fact stands in the indicator's place."""
    usable = (organisations["precision"] == "exact") & organisations["value"].notna()
    facts: Facts = {}
    for row in organisations[usable].sort_values("mention").itertuples():
        figure = Figure(
            year=None,
            cluster_id="",
            region="",
            scope="",
            delimitation="",
            indicator=row.fact,
            dimension="organisation",
            category=row.organisation_id,
            value=float(row.value),
            precision=row.precision,
            source_id=row.source_id,
            reference="",
        )
        facts.setdefault((row.organisation_id, row.fact), []).append(figure)
    return facts


def member_share(facts: Facts) -> Outcome:
    """A share of the members is that of a whole number of members."""
    checks = [
        (figures[0], facts[organisation, "members"][0])
        for (organisation, fact), figures in facts.items()
        if fact in MEMBER_SHARES and (organisation, "members") in facts
    ]
    found = [check_share(share, members, "member_share") for share, members in checks]
    return Outcome(len(checks), [one for one in found if one is not None])


def member_parts(facts: Facts) -> Outcome:
    """Kinds of members make at most all members, and just these where every kind is known."""
    checked, findings = 0, []
    for (organisation, fact), figures in facts.items():
        kinds = {name: facts.get((organisation, name)) for name in MEMBER_PARTS}
        parts = [known[0].value for known in kinds.values() if known]
        if fact != "members" or not parts:
            continue
        checked += 1
        total, members = sum(parts), figures[0]
        if total > members.value or (all(kinds.values()) and total < members.value):
            findings.append(finding("member_parts", "contradiction", members, expected=total))
    return Outcome(checked, findings)


def repeated_fact(facts: Facts) -> Outcome:
    """One source must not give a fact two values; two sources may differ by their dates."""
    pairs = [(first, other) for first, *others in facts.values() for other in others]
    return Outcome(len(pairs), [_differ(*pair) for pair in pairs if pair[0].value != pair[1].value])


def _differ(first: Figure, other: Figure) -> Finding:
    level: Level = "contradiction" if first.source_id == other.source_id else "note"
    return finding("repeated_fact", level, first, other)
