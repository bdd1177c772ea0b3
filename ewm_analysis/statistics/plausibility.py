"""Contradictions among printed figures, found by rule and never by list."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd

from ewm_analysis.statistics.plausibility_amounts import (
    funding_near_volume,
    part_above_whole,
    part_equals_whole,
    repeated_quantity,
)
from ewm_analysis.statistics.plausibility_organisations import (
    member_parts,
    member_share,
    read_facts,
    repeated_fact,
)
from ewm_analysis.statistics.plausibility_shares import share_of_base, shares_to_whole
from ewm_analysis.statistics.plausibility_sums import (
    sum_of_groups,
    sum_of_overlapping,
    sum_of_parts,
)
from ewm_analysis.statistics.printed import Finding, Outcome, read_printed

FIGURE_RULES = (
    share_of_base,
    shares_to_whole,
    repeated_quantity,
    part_above_whole,
    part_equals_whole,
    funding_near_volume,
    sum_of_parts,
    sum_of_groups,
    sum_of_overlapping,
)
FACT_RULES = (member_share, member_parts, repeated_fact)

_DTYPES = {
    "str": "string",
    "Level": "string",
    "int | None": "Int64",
    "float": "Float64",
    "float | None": "Float64",
}


@dataclass(frozen=True)
class Plausibility:
    """What was checked and what was found.

    ``findings`` has a row per finding, its columns are the fields of `Finding`. ``checks``
    has a row per rule: ``rule``, ``checked`` (how often it could be applied),
    ``contradictions`` and ``notes``.
    """

    findings: pd.DataFrame
    checks: pd.DataFrame


def find_contradictions(
    values: pd.DataFrame, published: pd.DataFrame, organisations: pd.DataFrame
) -> Plausibility:
    """Hold printed figures against each other and return what cannot be true together.

    A contradiction cannot be explained by rounding; a note is worth a look. Figures that are
    printed as approximate or as a bound never take part.

    Parameters
    ----------
    values : DataFrame
        Contract `IndicatorValues`; its economic figures are checked, the others may serve
        as base of a printed share.
    published : DataFrame
        Contract `Published`, all mentions.
    organisations : DataFrame
        Contract `Organisations`.
    """
    printed, facts = read_printed(values, published), read_facts(organisations)
    outcomes = {rule.__name__: rule(printed) for rule in FIGURE_RULES}
    outcomes |= {rule.__name__: rule(facts) for rule in FACT_RULES}
    found = [one for outcome in outcomes.values() for one in outcome.findings]
    dtypes = {field.name: _DTYPES[str(field.type)] for field in fields(Finding)}
    findings = pd.DataFrame(found, columns=list(dtypes)).astype(dtypes)
    order = ["level", "year", "cluster_id", "indicator"]
    findings = findings.sort_values(order, kind="stable", ignore_index=True)
    return Plausibility(findings, _checks(outcomes))


def _checks(outcomes: dict[str, Outcome]) -> pd.DataFrame:
    rows = [
        {
            "rule": rule,
            "checked": outcome.checked,
            "contradictions": sum(one.level == "contradiction" for one in outcome.findings),
            "notes": sum(one.level == "note" for one in outcome.findings),
        }
        for rule, outcome in outcomes.items()
    ]
    counts = dict.fromkeys(["checked", "contradictions", "notes"], "Int64")
    return pd.DataFrame(rows).astype({"rule": "string", **counts})
