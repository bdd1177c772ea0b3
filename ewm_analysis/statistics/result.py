"""What every statistic returns: the estimate with its uncertainty and where it comes from."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from ewm_analysis.errors import SmallSampleWarning

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
