"""What stands behind each figure, and the primary rules: what is too close to one contributor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import Reference, indicator
from ewm_analysis.indicators import members, things_of
from ewm_analysis.indicators.compute import computed, counting, is_whole
from ewm_analysis.indicators.long import CELL
from ewm_analysis.indicators.things import ITEMS

Kind = Literal["projects", "activities", "actors", "participations"]
Reason = Literal["", "threshold", "dominance", "p_percent"]


@dataclass(frozen=True)
class Units:
    """What a cell counts or adds up, and who stands behind each.

    ``actors`` is True where an actor (column) takes part in a unit (row); ``is_company`` tells
    the companies among the actors.
    """

    kind: Kind
    actors: np.ndarray
    is_company: np.ndarray


@dataclass(frozen=True)
class Contributions:
    """What each unit adds to a cell: 1 to a count, euros to an amount.

    ``stated`` is True for units that take part in the cell, also with an amount of 0.
    """

    units: Units
    amounts: np.ndarray
    stated: np.ndarray
    is_amount: bool


@dataclass(frozen=True)
class DisclosureRule:
    """When a cell is confidential.

    ``threshold``: fewer actors than this behind it; for amounts also fewer projects, and fewer
    companies if there is any. ``largest`` and ``share``: so many of the largest projects make
    more than this share of an amount. ``closeness``: an actor, who knows the amounts of its own
    projects, could tell that of another project to within this fraction (p % rule).
    ``least_eur``: by so much an amount stays open in any case.

    Examples
    --------
    >>> one = Units("actors", np.eye(2, dtype=bool), np.ones(2, dtype=bool))
    >>> DisclosureRule().broken(Contributions(one, np.ones(2), np.ones(2, dtype=bool), False))
    'threshold'
    """

    threshold: int = 3
    largest: int = 2
    share: float = 0.85
    closeness: float = 0.1
    least_eur: float = 10_000.0

    def broken(self, cell: Contributions) -> Reason:
        """Return which rule forbids to show a cell; empty if none does.

        Nobody behind a cell is nothing to protect: a count of 0, and activities without
        participants, which are those of the cluster management. A project is never without
        actors; if none is reported they are unknown, and fewer than the threshold.
        """
        if not cell.stated.any():
            return ""
        behind = cell.units.actors[cell.stated].any(axis=0)
        if cell.units.kind == "activities" and not behind.any():
            return ""
        if behind.sum() < self.threshold:
            return "threshold"
        if not cell.is_amount:
            return ""
        companies = (behind & cell.units.is_company).sum()
        if cell.stated.sum() < self.threshold or 0 < companies < self.threshold:
            return "threshold"
        return self._concentrated(cell.amounts, cell.units.actors)

    def _concentrated(self, amounts: np.ndarray, actors: np.ndarray) -> Reason:
        """Tell whether few projects make an amount, or one can be told by another's actor."""
        total, ordered = amounts.sum(), np.sort(amounts)[::-1]
        if total <= 0:
            return ""
        if ordered[: self.largest].sum() > self.share * total:
            return "dominance"
        # Whoever holds the second largest project asks for the largest; an actor may know more.
        rest, target = total - ordered[:2].sum(), ordered[0]
        others = np.where(actors, 0.0, amounts[:, None])
        targets = np.append(others.max(axis=0), target)
        rests = np.append(others.sum(axis=0) - others.max(axis=0), rest)
        return "p_percent" if (rests < self.closeness * targets).any() else ""

    def needed(self, value: float, *, is_amount: bool, floor: float) -> tuple[float, float]:
        """Return the interval that must remain possible for a confidential cell.

        An amount must stay open by the fraction `closeness` on both sides, down to the floor.
        A count below the threshold must not be told from one at the threshold, nor from the next
        lower one.

        Parameters
        ----------
        value : float
            The true value.
        is_amount : bool
            Euros, not a count.
        floor : float
            The lowest value that anyone would think of.

        Examples
        --------
        >>> DisclosureRule().needed(1, is_amount=False, floor=1)
        (1, 3)
        """
        if is_amount:
            room = max(self.closeness * value, self.least_eur)
            return max(floor, value - room), value + room
        return max(floor, value - 1), max(value + 1, self.threshold)


Name = tuple[str, ...]
"""A cell of a report: indicator, dimension, category."""

KINDS: dict[str, Kind] = {
    "project": "projects",
    "activity": "activities",
    "actor": "actors",
    "participation": "participations",
}


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
        self.is_company = (things.actors["actor_type"] == "company").to_numpy(dtype=bool)
        self.items = {kind: _by_cell(things.items[kind]) for kind in ITEMS}
        self.involved = {
            kind: _by_cell(who.assign(cell=things.items[kind]["cell"].to_numpy()[who["item"]]))
            for kind, who in things.involved.items()
        }
        self.members = {
            (name, by): _by_cell(members(things, name, by))
            for name in computed()
            for by in ("", *indicator(name).dimensions)
            if by or is_whole(name)
        }

    def report(self, year: int, cluster_id: str) -> Report:
        """Return the report of one cluster and year."""
        cell = self._cells.get((year, cluster_id), -1)
        return Report(
            self, cell, lambda dimension: self._reference.valid(dimension, year, cluster_id)
        )


class Report:
    """One cluster and year: its figures as units, amounts and who takes part in them.

    Parameters
    ----------
    behind : Behind
        What stands behind all figures.
    cell : int
        Which of its cells is meant; -1 for one without records.
    valid : callable
        Returns the categories of a dimension.
    """

    def __init__(self, behind: Behind, cell: int, valid: Callable[[str], pd.DataFrame]) -> None:
        self._counted = {name: rows(cell) for name, rows in behind.members.items()}
        involved = {kind: rows(cell) for kind, rows in behind.involved.items()}
        self._children = cache(lambda dimension: _children(valid(dimension)))
        self._categories = cache(self._by_category)
        self._made = cache(self._contributions)
        actors = pd.Index(pd.concat([involved[kind]["actor"] for kind in ITEMS]).unique())
        of_actors, is_company = np.eye(len(actors), dtype=bool), behind.is_company[actors]
        self._units = {"actor": (actors, Units("actors", of_actors, is_company))}
        for kind in ITEMS:
            who = involved[kind]
            places, units = actors.get_indexer(who["actor"]), behind.items[kind](cell).index
            matrix = np.zeros((len(units), len(actors)), dtype=bool)
            matrix[units.get_indexer(who["item"]), places] = True
            self._units[kind] = (units, Units(KINDS[kind], matrix, is_company))
            each = Units("participations", of_actors[places], is_company)
            self._units[f"participation in {kind}"] = (who.index, each)

    def contributions(self, name: Name) -> Contributions | None:
        """Return what makes up a cell; None if nobody declares it.

        What is not declared is never shown: who stands behind it cannot be said.
        """
        return self._made(name)

    def _contributions(self, name: Name) -> Contributions | None:
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
