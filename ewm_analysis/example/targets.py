"""The printed figures that the synthetic records meet, whatever the seed.

Everything here is taken from the annual report 2021 of the cluster IMK; running and new
projects of 2020 stand on the cluster's web page. Where the report prints a share or a change,
the count that fits it best is given, and the printed words stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Cell = tuple[str, int]
"""A cluster in a reporting year."""

MET: Mapping[Cell, Mapping[str, int]] = {
    ("imk", 2020): {
        "projects_new": 42,
        "projects_running": 98,
        "project_volume": 68_900_000,
        "in_application": 23,  # more than half of the new projects
        "activities": 122,
        "actors_projects": 86,  # 69 in 2021 are about a fifth fewer
    },
    ("imk", 2021): {
        "projects_new": 34,
        "project_volume": 161_500_000,
        "in_application": 9,  # nearly three quarters started or finished
        "projects_rdi": 25,  # 73 %, cut off
        "projects_cross_cluster": 20,  # 58 %, cut off
        "activities": 95,
        "activities_cross_cluster": 71,  # 75 %
    },
}

TAB_2 = (
    ("university_research", "", 20, 19),
    ("company", "1-9", 23, 14),
    ("company", "10-49", 21, 14),
    ("company", "50-249", 9, 3),
    ("company", "250+", 14, 6),
    ("association", "", 12, 4),
    ("network", "", 9, 4),
    ("chamber", "", 5, 0),
    ("public_administration", "", 1, 1),
    ("hospital", "", 0, 1),
    ("business_development", "", 4, 2),
    ("other", "", 6, 1),
)
"""Type, size class, and actors from Berlin and Brandenburg in activities and new projects."""

ROSTERS: Mapping[tuple[Cell, str], tuple[int, ...]] = {
    (("imk", 2021), "activities"): tuple(row[2] for row in TAB_2),
    (("imk", 2021), "projects"): tuple(row[3] for row in TAB_2),
}
"""Distinct actors of the region, in the order of the kinds of Tab. 2."""


@dataclass(frozen=True)
class NamedProject:
    """A project that the report names; the only ones here that exist."""

    project_id: str
    title: str
    volume_eur: int
    funder: str
    funding_eur: int | None = None


NAMED: Mapping[Cell, tuple[NamedProject, ...]] = {
    ("imk", 2021): (
        NamedProject("idunion", "IDunion", 30_000_000, "federal"),
        NamedProject("smart_city_potsdam", "Smart City Potsdam", 17_000_000, "federal"),
        NamedProject("mr4b", "Mixed Reality for Business (MR4B)", 15_000_000, "federal"),
        NamedProject("reskriver", "ResKriVer", 14_000_000, "federal"),
        NamedProject(
            "desy",
            "DESY – Centre for Quantum Technology Applications",
            12_800_000,
            "state_bb",
            12_700_000,
        ),
    ),
}

ECONOMY: Mapping[tuple[str, str, str], int] = {
    ("imk", "core", "companies"): 39_538,
    ("imk", "core", "turnover_eur"): 26_000_000_000,
    ("imk", "core", "employees_insured"): 171_021,
    ("imk", "core", "employees_marginal"): 6_881,
    ("imk", "total", "companies"): 55_508,
    ("imk", "total", "turnover_eur"): 40_490_000_000,
    ("imk", "total", "employees_insured"): 281_947,
    ("imk", "total", "employees_marginal"): 18_916,
}
"""Tab. 1: companies and turnover of 2019, employment of 2020, by cluster, scope, indicator."""

GROWTH: Mapping[tuple[str, str, str], float] = {
    ("imk", "core", "turnover_eur"): 0.675,
    ("imk", "core", "employees_insured"): 0.705,
}
"""Tab. 1: growth from 2011 to the year of the figure above."""


def met(cell: Cell, name: str, otherwise: int) -> int:
    """Return the figure that a cell must meet, or else what was drawn for it.

    Examples
    --------
    >>> met(("imk", 2021), "projects_new", 40), met(("gw", 2021), "projects_new", 40)
    (34, 40)
    """
    return MET.get(cell, {}).get(name, otherwise)
