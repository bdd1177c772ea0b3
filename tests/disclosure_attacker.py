"""Somebody who takes all that is published of a report and solves for what is withheld.

Not a test: `test_disclosure_attack` uses it. What the attacker knows of how figures hang
together is written here anew, as inequalities, and not taken from the room that is attacked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Name = tuple[str, ...]

SCHEMES = ("guideline", "focus_topic", "action_field", "technology")
SUBSETS = {
    "projects_new": "projects_running", "projects_rdi": "projects_new",
    "projects_cross_cluster": "projects_new", "activities_cross_cluster": "activities",
    "actors_projects": "actors_projects_running", "project_volume": "project_volume_running",
    "project_volume_region": "project_volume", "funding_volume": "project_volume",
    "funding_volume_region": "funding_volume",
}  # fmt: skip
PARTS = {
    "status": "", "funder": "", "consortium_type": "", "project": "", "actor_type": "",
    "size_class": "actor_type company", "district": "state bb",
}  # fmt: skip
"""Breakdowns whose parts do not overlap, and what they are parts of."""
SUMS = {"actors_projects_and_activities": ("actors_projects", "actors_activities")}
"""Sums that reports print of cells."""
SHARES = {
    "projects_new_share": ("projects_new", "projects_new"),
    "projects_rdi_share": ("projects_rdi", "projects_new"),
    "projects_cross_cluster_share": ("projects_cross_cluster", "projects_new"),
    "activities_cross_cluster_share": ("activities_cross_cluster", "activities"),
}
"""Shares that reports print: of which cell in which."""
HIGHEST = 1e4
"""No count is larger, and no amount in millions of euros."""


class Attacker:
    """What is published of one report, and all that follows from it.

    `truth` decides only which of the relations an attacker could know do hold: that parts make
    their whole, because every project has a funder, say. `complete` names wholes and schemes:
    all of the whole lies in at least one category of the scheme. `printed` are figures of reports:
    whoever reads them takes for true what the records agree with.
    """

    def __init__(
        self,
        truth: Mapping[Name, float],
        shown: Mapping[Name, float],
        parents: Mapping[tuple[str, str], str],
        complete: Iterable[Name],
        printed: Sequence[tuple[Name, float]] = (),
    ) -> None:
        self.truth, self.shown = truth, shown
        self._parents, self._complete, self._printed = parents, {*complete}, printed
        self._places = {
            name: place for place, name in enumerate(name for name in truth if name not in shown)
        }
        self._rows: list[tuple[dict[Name, float], float, bool]] = []
        self._found: list[np.ndarray] = []
        self._learn()
        for name, value in printed:
            self._read(name, value)

    def _at_most(self, small: list[Name], large: list[Name], *, equal: bool = False) -> None:
        """Note that the sum of `small` is at most that of `large`."""
        if not (small and large and all(name in self.truth for name in [*small, *large])):
            return
        row = dict.fromkeys(small, 1.0)
        for name in large:
            row[name] = row.get(name, 0.0) - 1.0
        gap = sum(sign * self.truth[name] for name, sign in row.items())
        assert gap <= 1e-6, f"not so in these records: {small} within {large}"
        self._rows.append((row, 0.0, equal and abs(gap) < 1e-6))

    def _read(self, name: Name, value: float) -> None:
        """Note what a printed figure tells, if the records have it so."""
        each, *place = name
        if name in self.truth:
            for low, high in read_as(value, is_amount=is_amount(name)):
                if low <= self.truth[name] <= high:
                    self._between({name: 1.0}, low, high)
                    return
        elif each in SUMS:
            parts = [(part, *place) for part in SUMS[each]]
            if {*parts} <= {*self.truth} and sum(map(self.truth.get, parts)) == value:  # type: ignore[arg-type]
                self._between(dict.fromkeys(parts, 1.0), value, value)
        elif each in SHARES:
            part, base = (SHARES[each][0], *place), (SHARES[each][1], "", "")
            half = Decimal(1) / 2 / 10 ** max(2, decimals(value))
            whole, own = self.truth.get(base), self.truth.get(part, np.nan)
            if not whole:
                return
            is_known = base in self.shown or (base, whole) in self._printed
            for low, high in (
                (float(Decimal(str(value)) - half), float(Decimal(str(value)) + half)),
                (value, float(Decimal(str(value)) + 2 * half)),
            ):
                if low - 1e-12 <= own / whole < high - 1e-12:
                    if not is_known:
                        below = -float(half) + 1e-9  # both are whole, and it is not reached
                        self._rows.append(({part: 1.0, base: -high}, below, False))
                        self._rows.append(({part: -1.0, base: low}, 0.0, False))
                        return
                    least, most = math.ceil(low * whole - 1e-9), math.floor(high * whole - 1e-9)
                    self._between({part: 1.0}, least, most)
                    return

    def _between(self, row: dict[Name, float], low: float, high: float) -> None:
        scale = scale_of(next(iter(row)))
        self._rows.append((row, high / scale, low == high))
        if low != high:
            self._rows.append(({name: -sign for name, sign in row.items()}, -low / scale, False))

    def _learn(self) -> None:
        for name in self.truth:
            self._at_most([name], [(SUBSETS.get(name[0], ""), *name[1:])])
        for each, dimension in dict.fromkeys(name[:2] for name in self.truth if name[1]):
            own = [name for name in self.truth if name[:2] == (each, dimension)]
            families: dict[str, list[Name]] = {}
            for name in own:
                families.setdefault(self._parents.get((dimension, name[2]), ""), []).append(name)
            for parent, parts in families.items():
                whole = (each, dimension, parent) if parent else (each, "", "")
                if dimension in SCHEMES:
                    for part in parts:
                        self._at_most([part], [whole])
                    if (*whole, dimension) in self._complete:
                        self._at_most([whole], parts)
                elif dimension == "state":
                    self._at_most(
                        [part for part in parts if part[2] != "other"], [whole], equal=True
                    )
                elif dimension == "home_cluster":
                    linked = f"{each.removeprefix('participations_')}_cross_cluster"
                    self._at_most([(linked, "", "")], parts)
                elif dimension in PARTS:
                    inside = (each, *PARTS[dimension].split())
                    whole = inside if not parent and inside in self.truth else whole
                    self._at_most(parts, [whole], equal=True)

    def told_only_zeros(self) -> Attacker:
        """Return who knows of the report where it counts nothing, and what was printed before."""
        zeros = {name: value for name, value in self.shown.items() if value == 0}
        return Attacker(self.truth, zeros, self._parents, self._complete, self._printed)

    def interval(self, target: Mapping[Name, float]) -> tuple[float, float]:
        """Return the least and the largest value of a sum of cells that nothing excludes."""
        known, cost = self._sum_of(target)
        if not cost.any():
            return known, known
        scale = scale_of(next(iter(target)))
        ends = []
        for side in (1, -1):
            solved = milp(side * cost, **self._tables)
            assert solved.status == 0, solved.message
            ends.append(known + scale * side * solved.fun)
            self._found.append(solved.x)
        return ends[0], ends[1]

    def seen(self, target: Mapping[Name, float]) -> tuple[float, float]:
        """Return the least and the largest value of a sum in the tables that were found before.

        Each of them agrees with all that is known: whatever it holds, nothing excludes.
        """
        known, cost = self._sum_of(target)
        values = [scale_of(next(iter(target))) * float(cost @ found) for found in self._found]
        return known + min(values, default=np.inf), known + max(values, default=-np.inf)

    def _sum_of(self, target: Mapping[Name, float]) -> tuple[float, np.ndarray]:
        """Return what is known of a sum, and how often it holds each cell that is not."""
        known = sum(sign * self.shown[name] for name, sign in target.items() if name in self.shown)
        cost = np.zeros(len(self._places))
        for name, sign in target.items():
            if name in self._places:
                cost[self._places[name]] = sign
        return known, cost

    @cached_property
    def _tables(self) -> dict[str, Any]:
        """What is left possible, counts being whole; those of 0 are shown, an amount may be 0."""
        lines, lows, highs = [], [], []
        for row, constant, is_equal in self._rows:
            line, right = np.zeros(len(self._places)), constant
            for name, sign in row.items():
                if name in self._places:
                    line[self._places[name]] += sign
                else:
                    right -= sign * self.shown[name] / scale_of(name)
            if line.any():
                lines.append(line)
                lows.append(right if is_equal else -np.inf)
                highs.append(right)
        counts = np.array([not is_amount(name) for name in self._places], dtype=float)
        return {
            "integrality": counts,
            "bounds": Bounds(counts, HIGHEST),
            "constraints": [LinearConstraint(np.array(lines), lows, highs)] if lines else [],
        }


def decimals(value: float) -> int:
    """Digits that are written behind the point."""
    return max(0, -int(Decimal(str(value)).normalize().as_tuple().exponent))


def read_as(value: float, *, is_amount: bool) -> list[tuple[float, float]]:
    """Return from where to where a printed figure may be meant: rounded, or cut off."""
    if not is_amount:
        return [(value, value)]
    step = 1e6 / 10 ** decimals(value / 1e6)
    return [(value - step / 2, value + step / 2), (value, value + step)]


def is_amount(name: Name) -> bool:
    return "volume" in name[0]


def scale_of(name: Name) -> float:
    """Euros are solved in millions, or the solver loses the counts; no relation mixes the two."""
    return 1e6 if is_amount(name) else 1.0
