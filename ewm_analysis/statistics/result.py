"""What every statistic returns: the estimate with its uncertainty and where it comes from."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from ewm_analysis.errors import SmallSampleWarning

LEVEL = 0.95
"""Coverage of every interval of the package."""

ALPHA = 0.05
"""A p value below this is called a reliable difference."""


@dataclass(frozen=True)
class Result:
    """An estimate with interval, p value, method and number of observations.

    A part that cannot be computed is None; ``note`` then says why, for the reader.
    """

    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None
    method: str
    n: tuple[int, ...]
    note: str = ""

    @property
    def is_reliable(self) -> bool:
        """True if a difference or trend was found that chance alone seldom makes."""
        return self.p_value is not None and self.p_value < ALPHA


def too_small(method: str, n: tuple[int, ...], note: str) -> Result:
    """Return an empty result and warn: the numbers cannot carry the method."""
    warnings.warn(f"{method}: {note}", SmallSampleWarning, stacklevel=3)
    return Result(None, None, None, None, method, n, note)
