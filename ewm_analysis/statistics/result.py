"""What every statistic is given and returns, and how extreme an order of ranks is.

It is given counts, parts of a whole, numbers within limits, and refuses anything else. It returns
the estimate with its uncertainty and where it comes from.

Kendall's and Mann-Whitney's test count inversions: pairs that stand the wrong way round. How many
orders of the same values have how many of them is known exactly, equal values included.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ewm_analysis.errors import ParameterError, SmallSampleWarning

LEVEL = 0.95
"""Coverage of every interval of the package."""

ALPHA = 0.05
"""A p value below this is called a reliable difference."""

# The family of tests is the page: what chance alone calls reliable stands on at most 5 % of pages.

TESTS = 7
"""Tests of a page of one cluster, at most: two counts, the sizes of projects and four trends on the
growth page; two counts and three shares in the annual report. Each has this part of the level
(Bonferroni) on both, so that one pair of years has one finding."""

QUESTIONS = 6
"""Questions of the page that holds clusters side by side: year before, two funnels, two profiles,
links. Each is a family of its own (Holm), and has this part of the level."""


@dataclass(frozen=True)
class Result:
    """An estimate with interval, p value, method and number of observations.

    A part that cannot be computed is None; ``note`` then says why, for the reader. ``level`` is
    what p must be below: less than 5 % where several tests share it; the interval is as wide.
    """

    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None
    method: str
    n: tuple[int, ...]
    note: str = ""
    level: float = ALPHA

    @property
    def is_reliable(self) -> bool:
        """True if a difference or trend was found that chance alone seldom makes."""
        return self.p_value is not None and self.p_value < self.level


def too_small(method: str, n: tuple[int, ...], note: str) -> Result:
    """Return an empty result and warn: the numbers cannot carry the method."""
    warnings.warn(f"{method}: {note}", SmallSampleWarning, stacklevel=3)
    return Result(None, None, None, None, method, n, note)


def as_count(name: str, value: Any) -> int:
    """Return a whole number of 0 or more.

    Examples
    --------
    >>> as_count("projects", 34.0)
    34
    """
    if not np.isfinite(value) or value < 0 or value != int(value):
        raise ParameterError(name, value, reason="is no count: 0, 1, 2 … is allowed")
    return int(value)


def as_part(number: Any, base: Any) -> tuple[int, int]:
    """Return a count and the count that it is a part of.

    Examples
    --------
    >>> as_part(25, 34)
    (25, 34)
    """
    number, base = as_count("count", number), as_count("base", base)
    if number > base:
        raise ParameterError("count", number, reason=f"is no part of {base}: 0 … {base} is allowed")
    return number, base


def within(name: str, values: ArrayLike, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
    """Return finite numbers from `low` to `high`; the first that is none is named.

    Examples
    --------
    >>> within("share", [0.2, 0.5], 0, 1).tolist()
    [0.2, 0.5]
    """
    numbers = np.asarray(values, float)
    for number in numbers[~(np.isfinite(numbers) & (numbers >= low) & (numbers <= high))].flat:
        reason = f"must be a finite number from {low:g} to {high:g}"
        raise ParameterError(name, float(number), reason=reason)
    return numbers


def table_of(lines: Iterable[Any], names: str, **types: str) -> pd.DataFrame:
    """Return lines as a table; ``types`` name the columns of each type that cells may not tell.

    Examples
    --------
    >>> table_of([{"year": 2021, "share": None}], "year share", Float64="share")["share"].dtype
    Float64Dtype()
    """
    dtypes = {name: dtype for dtype, own in types.items() for name in own.split()}
    return pd.DataFrame([*lines], columns=names.split()).astype(dtypes)


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
