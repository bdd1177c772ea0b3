"""Indicators of the actors in projects and activities, and of links to other clusters."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.indicators.long import CELL, counted, share_of

REGION_STATES = ("be", "bb")
INVOLVED = {
    "project_id": ("projects_cross_cluster", "projects_new", "participations_projects"),
    "activity_id": ("activities_cross_cluster", "activities", "participations_activities"),
}
"""By kind of item: the indicators of its cross-cluster part, its base, its participations."""


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


def _distinct(involved: pd.DataFrame) -> pd.DataFrame:
    """Each actor once per cell, however many projects or activities it takes part in."""
    return involved.drop_duplicates([*CELL, "actor_id"])


def _of_region(involved: pd.DataFrame) -> pd.DataFrame:
    return involved[involved["state"].isin(REGION_STATES)]


def _actors_by(
    involved: pd.DataFrame,
    cells: pd.DataFrame,
    categories: pd.DataFrame,
    indicator: str,
    dimension: str,
    column: str,
) -> pd.DataFrame:
    items = _distinct(involved).rename(columns={column: "category"})
    return counted(items, cells, indicator, categories[categories["dimension"] == dimension])


def actors_total(involved: pd.DataFrame, cells: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Count distinct actors from Berlin and Brandenburg.

    Parameters
    ----------
    involved : DataFrame
        As returned by `participants`.
    cells : DataFrame
        ``year``, ``cluster_id``, ``region`` of the cells that have records.
    indicator : str
        ``actors_projects``, ``actors_activities`` or ``actors_projects_running``.
    """
    return counted(_distinct(_of_region(involved)), cells, indicator)


def actors_by_type(
    involved: pd.DataFrame, cells: pd.DataFrame, categories: pd.DataFrame, indicator: str
) -> pd.DataFrame:
    """Count distinct actors from Berlin and Brandenburg by type (Tab. 2)."""
    own = _of_region(involved)
    return _actors_by(own, cells, categories, indicator, "actor_type", "actor_type")


def actors_by_size(
    involved: pd.DataFrame, cells: pd.DataFrame, categories: pd.DataFrame, indicator: str
) -> pd.DataFrame:
    """Count distinct companies from Berlin and Brandenburg by size class (Tab. 2)."""
    companies = _of_region(involved)
    companies = companies[companies["actor_type"] == "company"]
    return _actors_by(companies, cells, categories, indicator, "size_class", "size_class")


def actors_by_state(
    involved: pd.DataFrame, cells: pd.DataFrame, categories: pd.DataFrame, indicator: str
) -> pd.DataFrame:
    """Count distinct actors by origin: Berlin, Brandenburg, elsewhere (Abb. 8)."""
    return _actors_by(involved, cells, categories, indicator, "state", "state")


def actors_by_district(
    involved: pd.DataFrame, cells: pd.DataFrame, categories: pd.DataFrame, indicator: str
) -> pd.DataFrame:
    """Count distinct actors by district of Brandenburg (Abb. 9)."""
    own = involved[involved["state"] == "bb"]
    return _actors_by(own, cells, categories, indicator, "district", "ags")


def _foreign(involved: pd.DataFrame) -> pd.DataFrame:
    """Participations of actors at home in another cluster, sub-theme or sector."""
    home = involved["home_cluster"]
    return involved[(home != "") & (home != involved["cluster_id"])]


def cross_cluster(
    items: pd.DataFrame, involved: pd.DataFrame, cells: pd.DataFrame, item_id: str
) -> pd.DataFrame:
    """Count cross-cluster projects or activities, and their share of all.

    An item is cross-cluster if at least one actor is at home elsewhere.

    Parameters
    ----------
    items : DataFrame
        New projects or activities.
    involved : DataFrame
        Their participations, as returned by `participants`.
    cells : DataFrame
        ``year``, ``cluster_id``, ``region`` of the cells that have records.
    item_id : {"project_id", "activity_id"}
        Key of the items.
    """
    name, base, _ = INVOLVED[item_id]
    linked = _foreign(involved).drop_duplicates([*CELL, item_id])
    count = counted(linked, cells, name)
    share = share_of(count, counted(items, cells, base), f"{name}_share")
    return pd.concat([count, share], ignore_index=True)


def cross_cluster_links(
    involved: pd.DataFrame, cells: pd.DataFrame, categories: pd.DataFrame, item_id: str
) -> pd.DataFrame:
    """Count participations from each other cluster, sub-theme and sector (Abb. 5).

    Participations are counted, not items: two actors of one cluster count twice.
    """
    foreign = _foreign(involved).rename(columns={"home_cluster": "category"})
    others = categories[
        (categories["dimension"] == "home_cluster")
        & (categories["category"] != categories["cluster_id"])
    ]
    return counted(foreign, cells, INVOLVED[item_id][2], others)
