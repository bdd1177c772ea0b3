"""What statistics are given: counts, parts of a whole, numbers within limits; else they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ewm_analysis.errors import ParameterError


def count(name: str, value: Any) -> int:
    """Return a whole number of 0 or more.

    Examples
    --------
    >>> count("projects", 34.0)
    34
    """
    if not np.isfinite(value) or value < 0 or value != int(value):
        raise ParameterError(name, value, reason="is no count: 0, 1, 2 … is allowed")
    return int(value)


def part(number: Any, base: Any) -> tuple[int, int]:
    """Return a count and the count that it is a part of.

    Examples
    --------
    >>> part(25, 34)
    (25, 34)
    """
    number, base = count("count", number), count("base", base)
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
