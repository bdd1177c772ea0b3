"""What stands behind each figure of a report: its units, their amounts and their actors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ewm_analysis.contracts.records import SCHEMES
from ewm_analysis.disclosure.rules import Contributions, Kind, Units
from ewm_analysis.indicators.actors import INVOLVED, REGION_STATES

if TYPE_CHECKING:
    from ewm_analysis.catalogue import Reference

Name = tuple[str, ...]
"""A cell of a report: indicator, dimension, category."""

AMOUNTS = {
    "project_volume": ("projects_new", "volume_eur"),
    "project_volume_region": ("projects_new", "volume_region_eur"),
    "project_volume_running": ("projects_running", "volume_eur"),
    "funding_volume": ("projects_new", "funding_eur"),
    "funding_volume_region": ("projects_new", "funding_region_eur"),
}
"""By indicator: which projects are added up, and the column of the amount."""

ITEM_IDS: dict[Kind, str] = {"projects": "project_id", "activities": "activity_id"}
LINKS: dict[str, Kind] = {INVOLVED[item_id][2]: kind for kind, item_id in ITEM_IDS.items()}
"""Participations from other clusters, by indicator: in what."""

ITEM_COLUMNS = ("status", "funder", "consortium_type")
"""Breakdowns that are columns of the projects: one category each."""

ACTOR_COLUMNS = {
    "actor_type": "actor_type", "size_class": "size_class", "state": "state", "district": "ags",
}  # fmt: skip
"""Breakdowns of actors, and the columns that hold them."""


class Report:
    """The records of one cluster and year, as units and who takes part in them.

    Parameters
    ----------
    records : mapping of str to DataFrame
        Projects, activities, actors, participations and assignments of a data set.
    reference : Reference
        Its categories say which belongs to which parent.
    year, cluster_id
        The report.
    """

    def __init__(
        self, records: Mapping[str, pd.DataFrame], reference: Reference, year: int, cluster_id: str
    ) -> None:
        ours = {name: table[table["year"] == year] for name, table in records.items()}
        self._items: dict[Kind, pd.DataFrame] = {
            kind: ours[kind][ours[kind]["cluster_id"] == cluster_id].reset_index(drop=True)
            for kind in ITEM_IDS
        }
        both = ours["participations"]
        is_own = [both[key].isin(self._items[kind][key]) for kind, key in ITEM_IDS.items()]
        involved = both[is_own[0] | is_own[1]].drop(columns="year")
        involved = involved.merge(ours["actors"], on="actor_id", validate="m:1")
        self._actors = involved.drop_duplicates("actor_id").reset_index(drop=True)
        self._attributes = {
            name: self._actors[name].to_numpy(dtype=object) for name in ACTOR_COLUMNS.values()
        }
        home = involved["home_cluster"]
        self._involved = involved.assign(foreign=(home != "") & (home != cluster_id))
        self._assigned = {
            kind: _assigned(self._items[kind], key, ours["assignments"])
            for kind, key in ITEM_IDS.items()
        }
        self._units = self._make_units()
        self._groups = self._make_groups()
        self._children = cache(lambda name: _children(reference.valid(name, year, cluster_id)))
        self._links = {kind: self._make_links(kind) for kind in ITEM_IDS}

    def contributions(self, name: Name) -> Contributions | None:
        """Return what makes up a cell; None if this room does not know it.

        What is not known here is never shown: a new indicator first says who stands behind it.
        """
        indicator, dimension, category = name
        if indicator in AMOUNTS:
            return self._amount(indicator, dimension, category)
        if indicator in LINKS:
            return self._link(LINKS[indicator], category) if dimension == "home_cluster" else None
        if indicator not in self._groups:
            return None
        kind, members = self._groups[indicator]
        if kind == "actors":
            within = self._actors_within(dimension, category)
        else:
            within = self._items_within(kind, dimension, category)
        return None if within is None else self._counted(kind, members & within)

    def children(self, dimension: str, category: str) -> list[str]:
        """Return the sub-categories of a category, or the top ones for ``""``."""
        return self._children(dimension).get(category, [])

    def _make_units(self) -> dict[Kind, Units]:
        is_company = (self._actors["actor_type"] == "company").to_numpy(dtype=bool)
        places = pd.Index(self._actors["actor_id"])
        units: dict[Kind, Units] = {
            "actors": Units("actors", np.eye(len(places), dtype=bool), is_company)
        }
        for kind, key in ITEM_IDS.items():
            ids = pd.Index(self._items[kind][key])
            own = self._involved[self._involved[key].isin(ids)]
            matrix = np.zeros((len(ids), len(places)), dtype=bool)
            matrix[ids.get_indexer(own[key]), places.get_indexer(own["actor_id"])] = True
            units[kind] = Units(kind, matrix, is_company)
        return units

    def _make_groups(self) -> dict[str, tuple[Kind, np.ndarray]]:
        """Return which projects, activities and actors an undivided count is made of."""
        projects = self._items["projects"]
        new = projects["is_new"].to_numpy(dtype=bool)
        linked = {
            kind: self._items[kind][key]
            .isin(self._involved.loc[self._involved["foreign"], key])
            .to_numpy(dtype=bool)
            for kind, key in ITEM_IDS.items()
        }
        takes_part, meets = (self._units[kind].actors for kind in ITEM_IDS)
        return {
            "projects_running": ("projects", np.ones(len(new), dtype=bool)),
            "projects_new": ("projects", new),
            "projects_rdi": ("projects", new & projects["is_rdi"].to_numpy(dtype=bool)),
            "projects_cross_cluster": ("projects", new & linked["projects"]),
            "activities": ("activities", np.ones(len(linked["activities"]), dtype=bool)),
            "activities_cross_cluster": ("activities", linked["activities"]),
            "actors_projects_running": ("actors", _any(takes_part)),
            "actors_projects": ("actors", _any(takes_part[new])),
            "actors_activities": ("actors", _any(meets)),
        }

    def _counted(self, kind: Kind, members: np.ndarray) -> Contributions:
        return Contributions(self._units[kind], members.astype(float), members, False)

    def _amount(self, indicator: str, dimension: str, category: str) -> Contributions | None:
        if dimension not in ("", "project"):
            return None
        base, column = AMOUNTS[indicator]
        kind, members = self._groups[base]
        projects = self._items["projects"]
        stated = members & projects[column].notna().to_numpy(dtype=bool)
        if dimension:
            stated = stated & (projects["project_id"] == category).to_numpy(dtype=bool)
        amounts = np.where(stated, projects[column].to_numpy(dtype=float, na_value=0.0), 0.0)
        return Contributions(self._units[kind], amounts, stated, True)

    def _make_links(self, kind: Kind) -> tuple[Units, np.ndarray]:
        """Return the participations from elsewhere, each a unit with one actor, and their homes."""
        key, items = ITEM_IDS[kind], self._items[kind]
        ids = items.loc[items["is_new"], key] if kind == "projects" else items[key]
        rows = self._involved[self._involved["foreign"] & self._involved[key].isin(ids)]
        places = pd.Index(self._actors["actor_id"]).get_indexer(rows["actor_id"])
        of_actors = self._units["actors"]
        units = Units("participations", of_actors.actors[places], of_actors.is_company)
        return units, rows["home_cluster"].to_numpy(dtype=object)

    def _link(self, kind: Kind, home: str) -> Contributions:
        units, homes = self._links[kind]
        members = _in(homes, (home,))
        return Contributions(units, members.astype(float), members, False)

    def _items_within(self, kind: Kind, dimension: str, category: str) -> np.ndarray | None:
        """Items of a category or of one of its sub-categories."""
        found = np.full(len(self._items[kind]), not dimension)
        if not dimension:
            return found
        assigned = self._assigned[kind].get(dimension)
        if assigned is None:
            return None
        for code in [category, *self.children(dimension, category)]:
            found |= assigned.get(code, False)
        return found

    def _actors_within(self, dimension: str, category: str) -> np.ndarray | None:
        """Actors of the region, by type, size or district; by state also those from elsewhere."""
        state = self._attributes["state"]
        of_region = _in(state, REGION_STATES)
        if not dimension:
            return of_region
        if dimension not in ACTOR_COLUMNS:
            return None
        within = _in(self._attributes[ACTOR_COLUMNS[dimension]], (category,))
        if dimension == "district":
            within &= _in(state, ("bb",))
        elif dimension == "size_class":
            within &= _in(self._attributes["actor_type"], ("company",))
        return within if dimension == "state" else within & of_region


def _in(values: np.ndarray, codes: tuple[str, ...]) -> np.ndarray:
    return np.fromiter((value in codes for value in values), dtype=bool, count=len(values))


def _any(matrix: np.ndarray) -> np.ndarray:
    """Tell which columns hold at least one True."""
    return np.asarray(matrix.any(axis=0), dtype=bool)


def _assigned(
    items: pd.DataFrame, key: str, assignments: pd.DataFrame
) -> dict[str, dict[str, np.ndarray]]:
    """Return which items are in which category, by breakdown and category."""
    ids = pd.Index(items[key])
    own = assignments[assignments[key].isin(ids)]
    places, size = ids.get_indexer(own[key]), len(ids)
    found: dict[str, dict[str, np.ndarray]] = {scheme: {} for scheme in SCHEMES}
    for place, scheme, category in zip(places, own["scheme"], own["category"], strict=True):
        found[scheme].setdefault(category, np.zeros(size, dtype=bool))[place] = True
    for column in ITEM_COLUMNS:
        if column in items:
            codes = items[column].to_numpy(dtype=object)
            found[column] = {code: _in(codes, (code,)) for code in dict.fromkeys(codes)}
    return found


def _children(valid: pd.DataFrame) -> dict[str, list[str]]:
    """Return the categories below each parent; those without one stand below ``""``."""
    found: dict[str, list[str]] = {}
    for category, parent in zip(valid["category"], valid["parent"], strict=True):
        found.setdefault(parent, []).append(category)
    return found
