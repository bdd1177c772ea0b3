"""The five tables of records, from what was drawn, in their contracts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import check, columns_of, key_of
from ewm_analysis.contracts.layout import RECORDS
from ewm_analysis.contracts.model import DTYPES, Table
from ewm_analysis.example.assignments import draw_assignments
from ewm_analysis.example.participations import consortium_types, draw_participations
from ewm_analysis.example.projects import (
    draw_activities,
    draw_cells,
    draw_projects,
    running_rows,
)

MERGED_TYPES = {"association": "association_network", "network": "association_network"}
"""Types of actors that later reports print as one."""


def draw_records(
    rng: np.random.Generator,
    clusters: pd.DataFrame,
    years: range,
    projects_per_year: int,
    reference: Reference,
) -> dict[str, pd.DataFrame]:
    """Return projects, activities, actors, participations and assignments of all years.

    Parameters
    ----------
    rng : Generator
        Source of chance; the same state gives the same tables.
    clusters : DataFrame
        The clusters to draw for, contract `Clusters`.
    years : range
        Reporting years.
    projects_per_year : int
        New projects of a joint cluster and year, on average.
    reference : Reference
        Categories, clusters and districts.
    """
    cells = draw_cells(rng, clusters, years, projects_per_year)
    projects, activities = draw_projects(rng, cells), draw_activities(rng, cells)
    homes = reference.clusters[reference.clusters["kind"] != "group"]
    pool, in_projects, in_activities = draw_participations(
        rng, projects, activities, homes, reference.districts
    )
    projects["consortium_type"] = consortium_types(projects, pool, in_projects)
    running = running_rows(projects, years)
    links = pd.concat(
        [
            _of_projects(running, _frame(in_projects.items, actor=in_projects.actors)),
            _of_activities(activities, _frame(in_activities.items, actor=in_activities.actors)),
        ]
    )
    links["actor_id"] = pool["actor_id"].to_numpy()[links["actor"]]
    assigned_from = projects.assign(year=projects["year"].clip(lower=years[0]))
    for_projects = draw_assignments(rng, assigned_from, in_projects.is_cross_cluster, reference)
    for_activities = draw_assignments(rng, activities, in_activities.is_cross_cluster, reference)
    assigned = pd.concat(
        [_of_projects(running, for_projects), _of_activities(activities, for_activities)]
    )
    tables = {
        "projects": running,
        "activities": activities,
        "actors": _actors(pool, links, reference),
        "participations": links,
        "assignments": _valid(assigned, reference),
    }
    return {stem: typed(tables[stem], contract) for stem, contract in RECORDS.items()}


def _frame(items: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"item": items, **columns})


def _of_projects(running: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Repeat what holds for a project in each year it runs."""
    rows = running[["project", "year", "project_id"]]
    joined = rows.merge(facts, left_on="project", right_on="item", validate="m:m")
    return joined.drop(columns=["project", "item"]).assign(activity_id="")


def _of_activities(activities: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    rows = activities[["year", "activity_id"]]
    joined = rows.merge(facts, left_index=True, right_on="item", validate="1:m")
    return joined.drop(columns="item").assign(project_id="")


def _actors(pool: pd.DataFrame, links: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return one row an actor and year in which it takes part in anything."""
    seen = links[["year", "actor"]].drop_duplicates()
    rows = seen.merge(pool, left_on="actor", right_index=True, validate="m:1")
    for year in seen["year"].unique():
        valid = set(reference.valid("actor_type", int(year))["category"])
        gone = (rows["year"] == year) & ~rows["actor_type"].isin(valid)
        rows.loc[gone, "actor_type"] = rows.loc[gone, "actor_type"].map(MERGED_TYPES)
    return rows.assign(place=rows["ags"].map(_towns(reference)).fillna(""))


def _towns(reference: Reference) -> pd.Series:
    """Return a town of each district, the first whose name no other district shares."""
    towns = reference.municipalities
    towns = towns[(towns["kind"] == "Stadt") & ~towns["name"].duplicated(keep=False)]
    return towns.sort_values("ags").groupby("district_ags")["name"].first()


def _valid(assigned: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Keep the assignments whose category still holds in the year of the row."""
    categories = reference.categories
    scheme = categories["dimension"].isin(assigned["scheme"].unique())
    spans = categories.loc[scheme, ["dimension", "category", "valid_from", "valid_to"]]
    rows = assigned.merge(
        spans.rename(columns={"dimension": "scheme"}), on=["scheme", "category"], validate="m:1"
    )
    begun = rows["valid_from"].fillna(0) <= rows["year"]
    return rows[begun & (rows["valid_to"].fillna(9999) >= rows["year"])]


def typed(table: pd.DataFrame, contract: type[Table]) -> pd.DataFrame:
    """Return the table in the columns, types and contract of a file, sorted by its key."""
    dtypes = {name: DTYPES[column.kind] for name, column in columns_of(contract).items()}
    rows = table[[*dtypes]].astype(dtypes).sort_values(key_of(contract), ignore_index=True)
    return check(rows, contract)
