"""Contracts of the tables that carry codes of others over into ours; each row gives its reason."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from ewm_analysis.contracts.model import Boolean, Integer, Table, Text, column
from ewm_analysis.contracts.values import SCOPES


def _reason() -> Text:
    return column("text", "Begründung", "Reason", "Why the code belongs there")


def _source() -> Text:
    return column("text", "Quelle", "Source", "Where both sides of the row are described")


def _is_assumption() -> Boolean:
    return column(
        "boolean", "Annahme", "Assumption", "True where the source does not print the match itself"
    )


class ClusterRules(Table):
    """Which topics, programme parts and fields of CORDIS belong to which cluster."""

    field: Text = column(
        "text",
        "Merkmal",
        "Field",
        "topic of the call; legal_basis: part of the programme; euroscivoc: path of a field",
        allowed=("topic", "legal_basis", "euroscivoc"),
    )
    pattern: Text = column(
        "text", "Muster", "Pattern", "The code; * stands for any text, ? for one character"
    )
    cluster_id: Text = column(
        "text", "Cluster", "Cluster", refers_to="clusters.cluster_id", pattern="[a-z][a-z0-9_]*"
    )
    rank: Integer = column(
        "integer", "Rang", "Rank", "Rows of a lower rank decide before the others", minimum=1
    )
    is_assumption: Boolean = _is_assumption()
    source: Text = _source()
    reason: Text = _reason()

    class Config:
        name = "cluster_rules"
        unique = ["field", "pattern", "cluster_id"]


class Delimitation(Table):
    """Which branches of industry (WZ 2008) make up a cluster or its core, and when."""

    cluster_id: Text = column("text", "Cluster", "Cluster", refers_to="clusters.cluster_id")
    scope: Text = column("text", "Abgrenzung", "Scope", "core or total", allowed=SCOPES)
    wz: Text = column(
        "text",
        "WZ 2008",
        "WZ 2008",
        "Section, division, group, class or subclass; a code stands for all below it",
        pattern=r"[A-U]|[0-9]{2}(?:\.[0-9]{1,2}(?:\.[0-9])?)?",
    )
    valid_from: Integer = column("integer", "gültig ab", "Valid from", "First year", required=False)
    valid_to: Integer = column("integer", "gültig bis", "Valid to", "Last year", required=False)
    is_assumption: Boolean = _is_assumption()
    source: Text = _source()
    reason: Text = _reason()

    class Config:
        name = "delimitation"
        unique = ["cluster_id", "scope", "wz", "valid_from"]

    @pa.dataframe_check(error="wz: a cluster and scope has either sections or codes below them")
    def sections_or_codes(cls, frame: pd.DataFrame) -> pd.Series:
        is_section = frame["wz"].str.fullmatch("[A-U]").astype(bool)
        kinds = is_section.groupby([frame["cluster_id"], frame["scope"]]).transform("nunique")
        return kinds == 1

    @pa.dataframe_check(error="valid_to: must not lie before valid_from")
    def years_in_order(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["valid_from"] <= frame["valid_to"]).fillna(True).astype(bool)


class StatisticCodes(Table):
    """Which codes of official statistics mean which of ours."""

    system: Text = column("text", "Datenbank", "Database", allowed=("genesis", "eurostat"))
    role: Text = column(
        "text",
        "Rolle",
        "Role",
        "dimension: what a variable breaks down by; indicator: a value; region; unit: the factor "
        "to our unit; flag: what it says of a value",
        allowed=("dimension", "indicator", "region", "unit", "flag"),
    )
    code: Text = column("text", "Code", "Code", "As the database writes it")
    ours: Text = column("text", "unser Code", "Our code")
    is_assumption: Boolean = _is_assumption()
    source: Text = _source()
    reason: Text = _reason()

    class Config:
        name = "statistic_codes"
        unique = ["system", "role", "code"]
