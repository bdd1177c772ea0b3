"""Rules across the columns of a row: the one part of a contract that is code.

A rule is true where a row keeps it. Its text names the column that is told, then what is
allowed; one for records needs its sentence in German, too (``intake.failure``).
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

Rule = Callable[[pd.DataFrame], pd.Series]


def _at_most(part: str, whole: str) -> Rule:
    """True where `part` ≤ `whole`, or one of them is unknown."""
    return lambda frame: (frame[part] <= frame[whole]).fillna(True).astype(bool)


def _another(one: str, other: str) -> Rule:
    return lambda frame: frame[one] != frame[other]


def _both_or_none(one: str, other: str) -> Rule:
    return lambda frame: (frame[one] == "") == (frame[other] == "")


def _exactly_one(one: str, other: str) -> Rule:
    return lambda frame: (frame[one] == "") ^ (frame[other] == "")


def _size_of_companies(frame: pd.DataFrame) -> pd.Series:
    return (frame["size_class"] == "") | (frame["actor_type"] == "company")


def _district_in_state(frame: pd.DataFrame) -> pd.Series:
    prefix = frame["state"].map({"be": "11", "bb": "12"}).fillna("")
    return (frame["ags"] == "") | (frame["ags"].str[:2] == prefix)


def _one_label(frame: pd.DataFrame) -> pd.Series:
    labels = frame.groupby(["dimension", "category"])[["label_de", "label_en"]]
    return (labels.transform("first") == frame[["label_de", "label_en"]]).all(axis=1)


def _once_a_year(frame: pd.DataFrame) -> pd.Series:
    key = ["dimension", "category", "cluster_id"]
    rows = frame[key].assign(
        start=frame["valid_from"].fillna(0), end=frame["valid_to"].fillna(9999)
    )
    rows = rows.sort_values("start", kind="stable")
    before = rows.groupby(key)["end"].shift()
    return (rows["start"] > before).fillna(True).astype(bool).reindex(frame.index)


def _sections_or_codes(frame: pd.DataFrame) -> pd.Series:
    is_section = frame["wz"].str.fullmatch("[A-U]").astype(bool)
    kinds = is_section.groupby([frame["cluster_id"], frame["scope"]]).transform("nunique")
    return kinds == 1


def _value_or_text(frame: pd.DataFrame) -> pd.Series:
    return frame["value"].isna() ^ (frame["text"] == "")


def _partly_at_least(frame: pd.DataFrame) -> pd.Series:
    is_partial = (frame["n_known"] < frame["n_all"]).fillna(False).astype(bool)
    return ~is_partial | (frame["precision"] == "at_least")


def _share_of_a_whole(frame: pd.DataFrame) -> pd.Series:
    is_share, is_part = frame["indicator"].str.endswith("_share"), frame["dimension"] != ""
    return (is_share | is_part).where(frame["kind"] == "share", ~is_share).astype(bool)


def _grown_since(frame: pd.DataFrame) -> pd.Series:
    return (frame["kind"] != "growth") | frame["base_year"].notna()


def _before(first: str, last: str) -> Rule:
    return lambda frame: (frame[first] < frame[last]).fillna(True).astype(bool)


def _value_unless_withheld(frame: pd.DataFrame) -> pd.Series:
    return frame["value"].isna() == (frame["precision"] == "withheld")


ONE_ITEM = {
    "project_id: exactly one of project_id and activity_id must be filled": _exactly_one(
        "project_id", "activity_id"
    )
}
KNOWN_IN_PART = {
    "n_known: at most n_all is allowed, a share of known items from 0 to 1": _at_most(
        "n_known", "n_all"
    ),
    "n_known: n_known and n_all are filled together": lambda frame: (
        frame["n_known"].isna() == frame["n_all"].isna()
    ),
    "at_most: at least value is allowed": _at_most("value", "at_most"),
    "precision: at_least, where not all items are known": _partly_at_least,
}
YEARS_IN_ORDER = {
    "valid_to: must not lie before valid_from": _at_most("valid_from", "valid_to"),
}

BOTH_OF_BREAKDOWN = {
    "category: dimension and category are filled together": _both_or_none("dimension", "category"),
}

ROW_RULES: dict[str, dict[str, Rule]] = {
    "Projects": {
        "volume_region_eur: at most volume_eur is allowed": _at_most(
            "volume_region_eur", "volume_eur"
        ),
        "funding_eur: at most volume_eur is allowed": _at_most("funding_eur", "volume_eur"),
        "funding_region_eur: at most funding_eur is allowed": _at_most(
            "funding_region_eur", "funding_eur"
        ),
    },
    "Actors": {
        "size_class: only companies have a size class": _size_of_companies,
        "ags: the key must lie in the state (11… for be, 12… for bb)": _district_in_state,
    },
    "Participations": ONE_ITEM,
    "Assignments": ONE_ITEM,
    "Categories": {
        **YEARS_IN_ORDER,
        "category: a code keeps its labels; a new edition needs a new code": _one_label,
        "valid_from: the code holds already; end its older row by valid_to": _once_a_year,
    },
    "Published": {
        **BOTH_OF_BREAKDOWN,
        **KNOWN_IN_PART,
    },
    "Phrases": {"low: at most high is allowed": _at_most("low", "high")},
    "Targets": {
        **BOTH_OF_BREAKDOWN,
        "kind: share is for a category or an indicator …_share, and that takes no other kind": (
            _share_of_a_whole
        ),
        "base_year: a growth needs its base year": _grown_since,
        "base_year: must lie before target_year": _before("base_year", "target_year"),
    },
    "Economy": {
        "scope: a cluster has a scope, a region has none": _both_or_none("cluster_id", "scope"),
    },
    "Organisations": {
        "value: exactly one of value and text must be filled": _value_or_text,
    },
    "IndicatorValues": {
        "value: missing where precision is withheld, and only there": _value_unless_withheld,
        **KNOWN_IN_PART,
    },
    "Corrections": {"new: must differ from old": _another("old", "new")},
    "ActorMerges": {"same_as: must be another actor": _another("actor_id", "same_as")},
    "CordisProjects": {
        "endDate: must not lie before startDate": lambda frame: (
            (frame["endDate"] == "") | (frame["startDate"] <= frame["endDate"])
        )
    },
    "Delimitation": {
        "wz: a cluster and scope has either sections or codes below them": _sections_or_codes,
        **YEARS_IN_ORDER,
    },
}
