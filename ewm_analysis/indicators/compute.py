"""All indicators of a data set in one long table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.contracts import IndicatorValues, check
from ewm_analysis.indicators import actors, projects
from ewm_analysis.indicators.coded import coded
from ewm_analysis.indicators.long import CELL, as_values
from ewm_analysis.indicators.published import economy_values, published_values

if TYPE_CHECKING:
    from ewm_analysis.catalogue import Reference
    from ewm_analysis.loaders import Dataset


def compute_indicators(dataset: Dataset) -> pd.DataFrame:
    """Return every figure of a data set: computed from records, economic, published.

    Where a cluster has records for a year, its project, activity and actor figures are
    computed from them and the printed ones are left to the comparison on the data-quality
    page; elsewhere the printed figures stand.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`.
    """
    computed = from_records(dataset.records, dataset.reference)
    # What the records cannot give would be counted 0, as if it had been asked for.
    computed = computed[~computed["indicator"].isin(dataset.not_collected)]
    computed["is_provisional"] |= computed["year"].isin(dataset.incomplete_years)
    printed = published_values(dataset.published)
    covered = pd.MultiIndex.from_frame(computed[CELL].drop_duplicates())
    is_covered = pd.MultiIndex.from_frame(printed[CELL]).isin(covered)
    groups = printed["indicator"].map(lambda name: indicator(name).group)
    printed = printed[~is_covered | (groups == "economy")]
    values = [computed, economy_values(dataset.economy), printed]
    return check(pd.concat(values, ignore_index=True), IndicatorValues, file="indicators")


def from_records(records: Mapping[str, pd.DataFrame], reference: Reference) -> pd.DataFrame:
    """Return all indicators that records give, for each cluster and year they cover.

    Parameters
    ----------
    records : mapping of str to DataFrame
        ``projects``, ``activities``, ``actors``, ``participations``, ``assignments``.
    reference : Reference
        Categories, clusters and districts.
    """
    cells = record_cells(records, reference)
    if cells.empty:
        return as_values(pd.DataFrame(columns=[*CELL, "region", "indicator", "value"]))
    named = reference.categories.query("dimension == 'project'")["category"]
    tables = coded({**records, "cells": cells, "categories": valid_categories(cells, reference)})
    cells, categories = tables["cells"], tables["categories"]
    parts = [
        *_of_items(tables, cells, categories, named),
        *_of_actors(tables, cells, categories),
    ]
    return pd.concat(parts, ignore_index=True)


def record_cells(records: Mapping[str, pd.DataFrame], reference: Reference) -> pd.DataFrame:
    """Return the cells (year, cluster, region) that have projects or activities."""
    both = pd.concat([records["projects"][CELL], records["activities"][CELL]])
    regions = reference.clusters[["cluster_id", "region"]]
    return both.drop_duplicates().merge(regions, on="cluster_id", validate="m:1")


def valid_categories(cells: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return which categories hold in each cell: year, cluster, dimension, category, parent."""
    listed = reference.categories[
        ["dimension", "category", "parent", "cluster_id", "valid_from", "valid_to"]
    ].rename(columns={"cluster_id": "only_cluster"})
    homes = pd.DataFrame(
        {
            "dimension": "home_cluster",
            "category": reference.clusters.query("kind != 'group'")["cluster_id"],
            "parent": "",
        }
    )
    brandenburg = reference.districts.query("state == 'bb'")["ags"]
    places = pd.DataFrame({"dimension": "district", "category": brandenburg, "parent": ""})
    every = pd.concat([homes, places]).assign(only_cluster="", valid_from=pd.NA, valid_to=pd.NA)
    table = cells[CELL].merge(pd.concat([listed, every.astype(listed.dtypes)]), how="cross")
    in_force = (table["valid_from"].fillna(0) <= table["year"]) & (
        table["valid_to"].fillna(9999) >= table["year"]
    )
    own = (table["only_cluster"] == "") | (table["only_cluster"] == table["cluster_id"])
    return table.loc[in_force & own, [*CELL, "dimension", "category", "parent"]]


def _of_items(
    records: Mapping[str, pd.DataFrame],
    cells: pd.DataFrame,
    categories: pd.DataFrame,
    named: pd.Series,
) -> list[pd.DataFrame]:
    table, assignments = records["projects"], records["assignments"]
    return [
        projects.projects_new(table, cells, categories),
        projects.projects_running(table, cells),
        projects.projects_rdi(table, cells, categories),
        projects.project_volume(table, cells, named),
        projects.funding_volume(table, cells, named),
        projects.projects_by_category(table, assignments, cells, categories),
        projects.activities(records["activities"], cells),
        projects.activities_by_category(records["activities"], assignments, cells, categories),
    ]


def _of_actors(
    records: Mapping[str, pd.DataFrame], cells: pd.DataFrame, categories: pd.DataFrame
) -> list[pd.DataFrame]:
    running = records["projects"]
    new = running[running["is_new"]]
    parts: list[pd.DataFrame] = []
    for items, item_id, name in (
        (new, "project_id", "actors_projects"),
        (records["activities"], "activity_id", "actors_activities"),
    ):
        involved = actors.participants(items, item_id, records["participations"], records["actors"])
        parts += [
            actors.actors_total(involved, cells, name),
            actors.actors_by_type(involved, cells, categories, name),
            actors.actors_by_size(involved, cells, categories, name),
            actors.actors_by_state(involved, cells, categories, name),
            actors.actors_by_district(involved, cells, categories, name),
            actors.cross_cluster(items, involved, cells, item_id),
            actors.cross_cluster_links(involved, cells, categories, item_id),
        ]
    involved = actors.participants(
        running, "project_id", records["participations"], records["actors"]
    )
    name = "actors_projects_running"
    return [
        *parts,
        actors.actors_total(involved, cells, name),
        actors.actors_by_district(involved, cells, categories, name),
    ]
