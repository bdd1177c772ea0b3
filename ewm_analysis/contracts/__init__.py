"""What each table must hold: one pandera model a table, checked with `check`.

Two conventions hold for every table: text is never missing (an empty cell is the empty
string, and means "not broken down" or "not stated"), numbers may be missing where the
contract says so. Zero is a value; missing means "not asked" or "not published".
"""

from ewm_analysis.contracts.amendments import ActorMerges, Corrections
from ewm_analysis.contracts.check import check
from ewm_analysis.contracts.model import Column, Table, columns_of, key_of
from ewm_analysis.contracts.records import (
    Activities,
    Actors,
    Assignments,
    Participations,
    Projects,
)
from ewm_analysis.contracts.reference import (
    Categories,
    Clusters,
    Districts,
    Municipalities,
    OrganisationGroups,
    Requirements,
    Sources,
)
from ewm_analysis.contracts.references import check_references
from ewm_analysis.contracts.values import Economy, IndicatorValues, Organisations, Published

__all__ = [
    "Activities",
    "ActorMerges",
    "Actors",
    "Assignments",
    "Categories",
    "Clusters",
    "Column",
    "Corrections",
    "Districts",
    "Economy",
    "IndicatorValues",
    "Municipalities",
    "OrganisationGroups",
    "Organisations",
    "Participations",
    "Projects",
    "Published",
    "Requirements",
    "Sources",
    "Table",
    "check",
    "check_references",
    "columns_of",
    "key_of",
]
