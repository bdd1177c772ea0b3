"""Exact tests by ranks: how many orders are so extreme, and the interval that belongs to it.

Kendall's and Mann-Whitney's test count inversions: pairs that stand the wrong way round. How many
orders of the same values have how many of them is known exactly, equal values included.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from ewm_analysis.statistics.result import ALPHA


def inversions(sizes: Sequence[int]) -> list[int]:
    r"""Return how many orders of groups of equal values have 0, 1, 2 … inversions.

    The numbers are the coefficients of the product of Gaussian binomials

    .. math:: \prod_j \binom{n_1 + \ldots + n_j}{n_j}_q

    Parameters
    ----------
    sizes : sequence of int
        How often each value occurs.

    References
    ----------
    Stanley, Enumerative Combinatorics I, 2nd ed., proposition 1.7.1; Kendall, Rank Correlation
    Methods, 4th ed., chapter 5.

    Examples
    --------
    >>> inversions([1, 1, 1]), inversions([1, 2]), inversions([3])
    ([1, 2, 2, 1], [1, 1, 1], [1])
    """
    n, pairs = 0, (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2
    found = [1] + [0] * pairs
    for size in sizes:
        for i in range(1, size + 1):
            n += 1
            found[n:] = [high - low for high, low in zip(found[n:], found, strict=False)]
            for start in range(i):  # divided by 1 - q^i
                found[start::i] = accumulate(found[start::i])
    return found


def tail(found: Sequence[int], inverted: float) -> float:
    """Return the two-sided p value of a number of inversions: both tails are alike.

    Examples
    --------
    >>> tail([1, 2, 2, 1], 0), tail([1, 2, 2, 1], 1)
    (0.3333333333333333, 1.0)
    """
    fewest = int(min(inverted, len(found) - 1 - inverted))
    return min(1.0, 2 * sum(found[: fewest + 1]) / sum(found))


def critical(found: Sequence[int], level: float = ALPHA) -> int:
    """Return the most inversions that are still reliable at a level; -1 where no order is.

    Examples
    --------
    >>> critical(inversions([1] * 4)), critical(inversions([1] * 5))
    (-1, 0)
    """
    limit = level * sum(found) / 2
    return next(k for k, few in enumerate(accumulate(found)) if few >= limit) - 1


def limits(
    steps: np.ndarray, inverted: int, *, is_reliable: bool
) -> tuple[float, float] | tuple[None, None]:
    """Return the interval of the median of `steps` that holds 0 exactly if the test finds none.

    Parameters
    ----------
    steps : array of float
        Slopes or differences of all pairs.
    inverted : int
        The most inversions that are reliable, as `critical` returns them.
    is_reliable : bool
        What the test found; pairs without a difference then do not widen the interval to 0.

    Examples
    --------
    >>> import numpy as np
    >>> limits(np.array([3.0, 1.0, 2.0]), 0, is_reliable=True)
    (1.0, 3.0)
    """
    ordered = np.sort(steps[steps != 0] if is_reliable else steps)
    if inverted < 0 or len(ordered) < 2 * inverted + 2:
        return None, None
    low, high = float(ordered[inverted]), float(ordered[-1 - inverted])
    return (low, high) if low < high else (None, None)
