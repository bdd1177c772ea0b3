"""The primary rules: which cells are too close to a single contributor to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

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
