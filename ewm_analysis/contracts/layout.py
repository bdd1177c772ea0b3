"""Where the tables of a data set lie: folder and file stem of each contract.

A table is one file ``<stem>.csv``, ``<stem>.xlsx`` or ``<stem>.parquet``.
"""

from __future__ import annotations

from ewm_analysis.contracts.amendments import ActorMerges, Corrections
from ewm_analysis.contracts.model import Table
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
from ewm_analysis.contracts.values import Economy, Organisations, Published

REFERENCE: dict[str, type[Table]] = {
    "sources": Sources,
    "categories": Categories,
    "clusters": Clusters,
    "districts": Districts,
    "municipalities": Municipalities,
    "organisation_groups": OrganisationGroups,
    "requirements": Requirements,
}
"""Tables of ``reference/``, by file stem."""

FIGURES: dict[str, type[Table]] = {
    "published/figures": Published,
    "economy/economy": Economy,
    "organisations/portraits": Organisations,
}
"""Tables of a data set, by path below it; each may be absent."""

AMENDMENTS: dict[str, type[Table]] = {
    "corrections": Corrections,
    "actor_merges": ActorMerges,
}
"""Tables of a data set beside its descriptor, by file stem: decisions on what the files say.

They quote single cells, so they are as confidential as the records; each may be absent.
"""

RECORDS: dict[str, type[Table]] = {
    "projects": Projects,
    "activities": Activities,
    "actors": Actors,
    "participations": Participations,
    "assignments": Assignments,
}
"""Tables of each ``records/<year>/``, by file stem; all five belong together."""
