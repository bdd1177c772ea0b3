"""Random draws that meet a quota by construction."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]


def lowest(scores: Floats, count: int) -> Flags:
    """Flag the `count` lowest scores: a quota, filled at random if the scores are random.

    Examples
    --------
    >>> import numpy as np
    >>> lowest(np.array([0.3, 0.1, 0.2]), 2).tolist()
    [False, True, True]
    """
    flags = np.zeros(len(scores), dtype=bool)
    flags[np.argsort(scores, kind="stable")[:count]] = True
    return flags


def apportion(total: int, weights: Floats) -> Integers:
    """Split a whole number by weights into whole parts of at least 1 (largest remainders).

    Examples
    --------
    >>> import numpy as np
    >>> apportion(10, np.array([1.0, 1.0, 2.0])).tolist()
    [3, 3, 4]
    """
    exact = weights / weights.sum() * (total - len(weights))
    parts: Integers = np.floor(exact).astype(np.int64)
    left = total - len(weights) - int(parts.sum())
    parts += lowest(parts - exact, left)
    return parts + 1


def apportion_below(total: int, weights: Floats, most: int) -> Integers:
    """Split like `apportion`, no part larger than `most`; what lies above goes to the others.

    Examples
    --------
    >>> import numpy as np
    >>> apportion_below(20, np.array([1.0, 1.0, 8.0]), most=9).tolist()
    [6, 5, 9]
    """
    is_capped = np.zeros(len(weights), dtype=bool)
    while True:
        parts = np.full(len(weights), most, dtype=np.int64)
        parts[~is_capped] = apportion(total - most * int(is_capped.sum()), weights[~is_capped])
        if parts.max() <= most:
            return parts
        is_capped |= parts >= most


def deal(
    rng: np.random.Generator, items: Integers, roster: Integers, weights: Floats, extra: int
) -> tuple[Integers, Integers]:
    """Link every item and every actor of a roster at least once, and more at random.

    Neither is empty. ``weights`` say how often an actor is drawn again; ``extra`` links go beyond
    those that cover all, and one drawn twice stays one. Returns item and actor of each, sorted.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> items, actors = deal(rng, np.arange(3), np.arange(5), np.ones(5), extra=0)
    >>> sorted(set(items.tolist())), sorted(actors.tolist())
    ([0, 1, 2], [0, 1, 2, 3, 4])
    """
    cover = max(len(items), len(roster))
    busy = rng.gamma(1.0, size=len(items)) + 0.1
    at = [
        np.resize(rng.permutation(len(items)), cover),
        rng.choice(len(items), extra, p=busy / busy.sum()),
    ]
    who = [
        np.resize(rng.permutation(len(roster)), cover),
        rng.choice(len(roster), extra, p=weights / weights.sum()),
    ]
    links = np.unique(np.concatenate(at) * len(roster) + np.concatenate(who))
    return items[links // len(roster)], roster[links % len(roster)]
