"""What stands behind each figure of a report: the members that were counted, and their actors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import Reference, indicator
from ewm_analysis.disclosure.rules import Contributions, Kind, Units
from ewm_analysis.indicators import members, things_of
from ewm_analysis.indicators.declared import computed, counting, is_whole
from ewm_analysis.indicators.long import CELL
from ewm_analysis.indicators.things import ITEMS

Name = tuple[str, ...]
"""A cell of a report: indicator, dimension, category."""

KINDS: dict[str, Kind] = {
    "project": "projects",
    "activity": "activities",
    "actor": "actors",
    "participation": "participations",
}

Rows = dict[str, pd.DataFrame]


class Behind:
    """What stands behind the figures of a data set, cluster by cluster and year by year.

    Parameters
    ----------
    records : mapping of str to DataFrame
        Projects, activities, actors, participations and assignments of a data set.
    reference : Reference
        Its categories say which belongs to which parent.
    """

    def __init__(self, records: Mapping[str, pd.DataFrame], reference: Reference) -> None:
        things = things_of(records, reference)
        self._reference = reference
        self._cells = {
            (int(year), str(cluster_id)): cell
            for cell, year, cluster_id in things.cells[CELL].itertuples()
        }
        self._is_company = (things.actors["actor_type"] == "company").to_numpy(dtype=bool)
        self._items = {kind: _by_cell(things.items[kind]) for kind in ITEMS}
        self._involved = {
            kind: _by_cell(who.assign(cell=things.items[kind]["cell"].to_numpy()[who["item"]]))
            for kind, who in things.involved.items()
        }
        self._members = {
            (name, by): _by_cell(members(things, name, by))
            for name in computed()
            for by in ("", *indicator(name).dimensions)
            if by or is_whole(name)
        }

    def report(self, year: int, cluster_id: str) -> Report:
        """Return the report of one cluster and year."""
        cell = self._cells.get((year, cluster_id), -1)
        return Report(
            {kind: rows(cell) for kind, rows in self._items.items()},
            {kind: rows(cell) for kind, rows in self._involved.items()},
            self._is_company,
            {name: rows(cell) for name, rows in self._members.items()},
            lambda dimension: self._reference.valid(dimension, year, cluster_id),
        )


class Report:
    """One cluster and year: its figures as units, amounts and who takes part in them.

    Parameters
    ----------
    items, involved : mapping of str to DataFrame
        By kind: projects or activities, and who takes part in them.
    is_company : array of bool
        Of all actors.
    counted : mapping of tuple to DataFrame
        By indicator and dimension: the members.
    valid : callable
        Returns the categories of a dimension.
    """

    def __init__(
        self,
        items: Rows,
        involved: Rows,
        is_company: np.ndarray,
        counted: Mapping[tuple[str, str], pd.DataFrame],
        valid: Callable[[str], pd.DataFrame],
    ) -> None:
        self._counted = counted
        self._children = cache(lambda dimension: _children(valid(dimension)))
        self._categories = cache(self._by_category)
        actors = pd.Index(pd.concat([involved[kind]["actor"] for kind in ITEMS]).unique())
        of_actors, is_company = np.eye(len(actors), dtype=bool), is_company[actors]
        self._units = {"actor": (actors, Units("actors", of_actors, is_company))}
        for kind in ITEMS:
            who = involved[kind]
            places, units = actors.get_indexer(who["actor"]), items[kind].index
            matrix = np.zeros((len(units), len(actors)), dtype=bool)
            matrix[units.get_indexer(who["item"]), places] = True
            self._units[kind] = (units, Units(KINDS[kind], matrix, is_company))
            each = Units("participations", of_actors[places], is_company)
            self._units[f"participation in {kind}"] = (who.index, each)

    def contributions(self, name: Name) -> Contributions | None:
        """Return what makes up a cell; None if nobody declares it.

        What is not declared is never shown: who stands behind it cannot be said.
        """
        each, by, category = name
        if (each, by) not in self._counted:
            return None
        rows = self._counted[each, by]
        if by:
            rows = rows.iloc[self._categories(each, by).get(category, [])]
        how = counting(each)
        places, units = self._units.get(how.unit) or self._units[how.each]
        amounts, stated = np.zeros(len(places)), np.zeros(len(places), dtype=bool)
        if how.sum:
            rows = rows[rows["amount"].notna()]
        own = places.get_indexer(rows["unit"])
        stated[own] = True
        amounts[own] = rows["amount"].to_numpy(dtype=float) if how.sum else 1.0
        return Contributions(units, amounts, stated, bool(how.sum))

    def children(self, dimension: str, category: str) -> list[str]:
        """Return the sub-categories of a category, or the top ones for ``""``."""
        return self._children(dimension).get(category, [])

    def _by_category(self, each: str, by: str) -> Mapping[str, np.ndarray]:
        grouped = self._counted[each, by].groupby("category", observed=True)
        return {str(category): places for category, places in grouped.indices.items()}


def _by_cell(table: pd.DataFrame) -> Callable[[int], pd.DataFrame]:
    """Return what returns the rows of one cell."""
    places = table.groupby("cell").indices
    return lambda cell: table.iloc[places.get(cell, [])]


def _children(valid: pd.DataFrame) -> dict[str, list[str]]:
    """Return the categories below each parent; those without one stand below ``""``."""
    found: dict[str, list[str]] = {}
    for category, parent in zip(valid["category"], valid["parent"], strict=True):
        found.setdefault(parent, []).append(category)
    return found
