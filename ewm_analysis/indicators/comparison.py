"""What comparisons of clusters rest on: one figure a cluster, and tables made from records.

Clusters overlap in branches and actors, so nothing here is ever summed over them. Projects
are another matter: each has one cluster that reports it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.indicators.long import CELL, as_values, where

CLUSTER_KINDS = ("joint", "brandenburg", "sub_theme")


def cluster_figures(rows: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return rows of clusters only, one for each figure, in the order of the clusters.

    Where a figure is given for several regions, the cluster's own comes first.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`.
    reference : Reference
        Its clusters say order and region.
    """
    clusters = reference.clusters
    clusters = clusters[clusters["kind"].isin(CLUSTER_KINDS)].set_index("cluster_id")
    own = rows[rows["cluster_id"].isin(clusters.index)]
    order = own["cluster_id"].map(clusters["position"])
    is_foreign = own["region"] != own["cluster_id"].map(clusters["region"])
    ordered = own.assign(_order=order, _foreign=is_foreign).sort_values(
        ["_order", "year", "_foreign"], kind="stable"
    )
    key = [*CELL, "scope", "indicator", "dimension", "category", "base_year"]
    return ordered.drop_duplicates(key)[rows.columns].reset_index(drop=True)


def by_cluster(
    rows: pd.DataFrame,
    name: str,
    year: int,
    category: str = "",
    precisions: Sequence[str] = ("exact",),
) -> pd.Series:
    """Return the exact figures of one indicator and year, by cluster.

    Parameters
    ----------
    rows : DataFrame
        As returned by `cluster_figures`.
    name : str
        Indicator.
    year : int
        Reporting year.
    category : str, optional
        Category of a breakdown; ``""`` is the undivided figure.
    precisions : sequence of str, optional
        Which figures are wanted instead: ``("exact", "at_least")`` takes in sums known in part.
    """
    chosen = where(rows, indicator=name, year=year, category=category, precision=precisions)
    return chosen.dropna(subset="value").set_index("cluster_id")["value"].astype(float)


def category_matrix(
    projects: pd.DataFrame, assignments: pd.DataFrame, scheme: str, categories: pd.DataFrame
) -> pd.DataFrame:
    """Return which project has which category: 1 or 0, one row a project, none left out.

    Parent categories are left out: their sub-categories determine them.

    Parameters
    ----------
    projects : DataFrame
        ``year``, ``cluster_id``, ``project_id`` of one year.
    assignments : DataFrame
        Contract `Assignments`.
    scheme : {"guideline", "focus_topic", "action_field", "technology"}
        What is assigned.
    categories : DataFrame
        The scheme's categories valid in the year: ``category``, ``parent``.

    Returns
    -------
    DataFrame
        Columns of the categories; index ``cluster_id`` and ``project_id``.
    """
    leaves = categories.loc[~categories["category"].isin(categories["parent"]), "category"]
    own = assignments[assignments["scheme"] == scheme]
    joined = projects[[*CELL, "project_id"]].merge(
        own[["year", "project_id", "category"]],
        on=["year", "project_id"],
        how="left",
        validate="1:m",
    )
    table = pd.crosstab([joined["cluster_id"], joined["project_id"]], joined["category"].fillna(""))
    return table.reindex(columns=[*leaves], fill_value=0).clip(upper=1)


def participants(
    items: pd.DataFrame, item_id: str, participations: pd.DataFrame, actors: pd.DataFrame
) -> pd.DataFrame:
    """Return one row a participation: the cell of the item and the actor's attributes.

    Parameters
    ----------
    items : DataFrame
        Projects or activities with ``year``, ``cluster_id`` and `item_id`.
    item_id : {"project_id", "activity_id"}
        Key of the items.
    participations, actors : DataFrame
        Contracts `Participations` and `Actors`.
    """
    own = participations.loc[participations[item_id] != "", ["year", item_id, "actor_id"]]
    joined = own.merge(items[[*CELL, item_id]], on=["year", item_id], validate="m:1")
    return joined.merge(actors, on=["year", "actor_id"], validate="m:1")


def projects_shared(involved: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Count, for each pair of home clusters, the projects with actors from both.

    A cluster paired with itself counts the projects with any actor from it.

    Parameters
    ----------
    involved : DataFrame
        One row a participation in a project of one year, as returned by `participants`.
    reference : Reference
        Its clusters say order and region.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`: ``cluster_id`` and ``category`` are the two homes, in the
        order of the clusters; pairs without a project have no row.
    """
    order = reference.clusters.sort_values("position")["cluster_id"]
    known = involved[involved["home_cluster"].isin(order)]
    if known.empty:
        return as_values(pd.DataFrame(columns=[*CELL, "region", "indicator", "value"]))
    of_projects = pd.crosstab(known["project_id"], known["home_cluster"]).clip(upper=1)
    of_projects = of_projects[[home for home in order if home in of_projects]]
    shared = (of_projects.T @ of_projects).to_numpy()
    first, last = np.nonzero(np.triu(shared))
    homes = of_projects.columns
    table = pd.DataFrame(
        {
            "year": known["year"].iloc[0],
            "cluster_id": homes[first],
            "region": homes[first].map(reference.clusters.set_index("cluster_id")["region"]),
            "indicator": "projects_shared",
            "dimension": "home_cluster",
            "category": homes[last],
            "value": shared[first, last],
        }
    )
    return as_values(table)
