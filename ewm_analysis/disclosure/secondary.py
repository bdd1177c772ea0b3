"""Secondary suppression: what must go with a confidential cell so that sums do not reveal it.

For each confidential cell a second table is sought that agrees with everything published and
has the cell at the end of the interval that must remain possible. Cells in which the second
table differs must not be shown; a mixed-integer program chooses them so that the least is lost.
That table is the proof: whoever computes from what is published cannot exclude it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import scipy

from ewm_analysis.disclosure.cells import DisclosureRule, Name
from ewm_analysis.disclosure.relations import PRINTED, Web
from ewm_analysis.statistics.growth import MONITORING

TINY = 1e-5
"""Movements below are rounding of the solver, in steps of the confidential cell."""

REACH = 4.0
"""How far other cells may move in the second table, in steps of the confidential one."""

SLIGHT = 1e-3
"""Where no more than such a part of a movement is possible, the cell counts as known."""


class Hider:
    """The cells of a report that may move against each other, and those already withheld.

    Parameters
    ----------
    web : Web
        Cells and equations.
    withheld : iterable
        Cells that a primary rule withholds.
    rule : DisclosureRule
        How much must remain possible.
    """

    def __init__(self, web: Web, withheld: Iterable[Name], rule: DisclosureRule) -> None:
        self.withheld = dict.fromkeys(withheld)
        self._web, self._rule = web, rule
        self._shown = {*web.shown}
        self._proved: set[tuple[Name, float]] = set()
        self._blocks = _blocks(web, [name for name in web.values if not self._is_known(name)])

    def floor(self, name: Name) -> float:
        """Return the lowest value that anyone would think of: zeros of counts are always shown."""
        is_count = name in self._shown and not self._web.parts[name].is_amount
        return 1.0 if is_count else min(0.0, self._web.values[name])

    def hide(self, name: Name) -> None:
        """Withhold what is needed so that a confidential cell cannot be computed.

        A cell that reports printed as it is needs no secret; of one that they rounded, what they
        left open stays open.
        """
        if self._web.is_told(name):
            return
        for end in self._needed(name):
            if end != self._web.values[name] and (name, end) not in self._proved:
                self._move(name, end - self._web.values[name])

    def _needed(self, name: Name) -> tuple[float, float]:
        """Return the values that must stay possible, as far as print leaves them open."""
        value, is_amount = self._web.values[name], self._web.parts[name].is_amount
        least, most = self._web.told.get(name, (-np.inf, np.inf))
        low, high = self._rule.needed(value, is_amount=is_amount, floor=self.floor(name))
        return max(low, least), min(high, most)

    def _is_known(self, name: Name) -> bool:
        """These do not move: what was printed, and zeros that are shown or that all may assume."""
        is_assumed = name in self._shown or name[0] in ("unstated", "none")
        part = self._web.parts.get(name)
        is_amount = part is not None and part.is_amount and name in self._shown
        is_zero = is_assumed and not is_amount and self._web.values[name] == 0
        return is_zero or self._web.is_told(name)

    def _move(self, name: Name, step: float, *, is_last: bool = False) -> None:
        """Find the second table that costs least, and withhold where it differs."""
        names, matrix = self._blocks[name]
        is_whole = not self._web.parts[name].is_amount
        unit = 1.0 if is_whole else abs(step)
        low, high = (ends / unit for ends in self._room(names, REACH * abs(step)))
        place = names.index(name)
        beyond = sorted([step / unit, high[place] if step > 0 else low[place]])
        low[place] = high[place] = step / unit
        costs = np.array([self._cost(each, rank) for rank, each in enumerate(names)])
        moves = _least(matrix, low, high, costs, is_whole=is_whole)
        if moves is not None:
            self._take(names, moves * unit, name, step)
        elif is_last:  # the solver is at its end: all that might help is withheld
            self.withheld |= dict.fromkeys(each for each in names if each in self._shown)
        else:
            # So much is out of question for reasons that no suppression takes away: reports
            # printed it, or each withheld part counts 1 at least. What is left open must stay so.
            low[place], high[place] = sorted([0.0, step / unit])
            far = _furthest(matrix, low, high, place, towards=step, is_whole=is_whole) * unit
            if abs(far) > SLIGHT * abs(step):
                self._move(name, far, is_last=True)
                return
            # A printed share may leave open single values only, the next of them further away.
            low[place], high[place] = beyond
            moves = _least(matrix, low, high, costs, is_whole=is_whole)
            if moves is not None:
                self._take(names, moves * unit, name, moves[place] * unit)

    def _take(self, names: list[Name], moves: np.ndarray, name: Name, step: float) -> None:
        """Withhold what a second table moves, and remember what it proves."""
        pairs = zip(names, moves, strict=True)
        moved = {each: float(move) for each, move in pairs if abs(move) > TINY} | {name: step}
        self.withheld |= dict.fromkeys(each for each in moved if each in self._shown)
        self._remember(moved)

    def _room(self, names: list[Name], reach: float) -> tuple[np.ndarray, np.ndarray]:
        """Return how far each cell may move down and up."""
        low, high = [], []
        for name in names:
            value = self._web.values[name]
            least, most = self._web.told.get(name, (-np.inf, np.inf))
            far = np.inf if name[0] == PRINTED else reach * self._web.stretch
            low.append(max(self.floor(name) - value, least - value, -far))
            high.append(min(most - value, far))
        return np.array(low), np.array(high)

    def _remember(self, moved: Mapping[Name, float]) -> None:
        """A second table proves every cell that it moves far enough, not only the one asked for."""
        for name, move in moved.items():
            if name not in self._web.parts:
                continue
            value, (low, high) = self._web.values[name], self._needed(name)
            if value + move >= high:
                self._proved.add((name, high))
            if value + move <= low:
                self._proved.add((name, low))

    def _cost(self, name: Name, rank: int) -> float:
        """What a reader loses with a cell: totals most, then large parts; nothing twice."""
        if name not in self._shown or name in self.withheld:
            return 0.0
        weight = 1.0 if name[1] else 100.0 if name[0] in MONITORING else 20.0
        # The last term settles ties, so that the same records withhold the same cells.
        return weight + float(np.log1p(abs(self._web.values[name]))) / 10 + rank * 1e-5


def _blocks(
    web: Web, movable: Iterable[Name]
) -> Mapping[Name, tuple[list[Name], scipy.sparse.csr_array]]:
    """Return for each cell the cells it hangs together with, and their equations."""
    names = [*movable]
    places = {name: place for place, name in enumerate(names)}
    rows = [
        (number, places[name], sign)
        for number, equation in enumerate(web.equations)
        for name, sign in equation.items()
        if name in places
    ]
    shape = (len(web.equations), len(names))
    lines, columns, signs = zip(*rows, strict=True) if rows else ((), (), ())
    matrix = scipy.sparse.csr_array((signs, (lines, columns)), shape=shape, dtype=float)
    count, labels = scipy.sparse.csgraph.connected_components(
        abs(matrix).T @ abs(matrix), directed=False
    )
    found: dict[Name, tuple[list[Name], scipy.sparse.csr_array]] = {}
    for label in range(count):
        own = np.flatnonzero(labels == label)
        part = matrix[:, own]
        block = ([names[place] for place in own], part[np.diff(part.indptr) > 0])
        found |= dict.fromkeys(block[0], block)
    return found


def _least(
    matrix: scipy.sparse.csr_array,
    low: np.ndarray,
    high: np.ndarray,
    costs: np.ndarray,
    *,
    is_whole: bool,
) -> np.ndarray | None:
    """Return the cheapest movement that keeps all equations; None if there is none.

    Variables are the movements and, for each cell with a cost, whether it moves at all.
    """
    size, priced = len(costs), np.flatnonzero(costs)
    switches = scipy.sparse.csr_array(
        (np.ones(len(priced)), (np.arange(len(priced)), priced)), shape=(len(priced), size)
    )
    keep = scipy.sparse.hstack([matrix, scipy.sparse.csr_array((matrix.shape[0], len(priced)))])
    below = scipy.sparse.hstack([switches, -scipy.sparse.diags_array(high[priced])])
    above = scipy.sparse.hstack([switches, -scipy.sparse.diags_array(low[priced])])
    solved = scipy.optimize.milp(
        np.concatenate([np.zeros(size), costs[priced]]),
        integrality=np.concatenate([np.full(size, int(is_whole)), np.ones(len(priced))]),
        bounds=scipy.optimize.Bounds(
            np.concatenate([low, np.zeros(len(priced))]),
            np.concatenate([high, np.ones(len(priced))]),
        ),
        constraints=[
            scipy.optimize.LinearConstraint(keep, 0, 0),
            scipy.optimize.LinearConstraint(below, -np.inf, 0),
            scipy.optimize.LinearConstraint(above, 0, np.inf),
        ],
    )
    return None if solved.x is None else np.asarray(solved.x[:size])


def _furthest(
    matrix: scipy.sparse.csr_array,
    low: np.ndarray,
    high: np.ndarray,
    place: int,
    *,
    towards: float,
    is_whole: bool,
) -> float:
    """Return the furthest movement of a cell that keeps all equations, whatever else moves."""
    goal = np.zeros(len(low))
    goal[place] = -np.sign(towards)
    solved = scipy.optimize.milp(
        goal,
        integrality=np.full(len(low), int(is_whole)),
        bounds=scipy.optimize.Bounds(low, high),
        constraints=scipy.optimize.LinearConstraint(matrix, 0, 0),
    )
    if solved.x is None:  # to stay is always possible: the solver is at its end
        return float(low[place] or high[place])
    # Not quite as far, for an amount: the solver must find it again.
    return float(round(solved.x[place])) if is_whole else float(solved.x[place]) * (1 - 1e-6)
