"""Counts of what is new each year: interval, comparison, smallest visible change, ranks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count as counting
from typing import Any

import numpy as np
import pandas as pd
import scipy

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.result import ALPHA, LEVEL, Result, too_small

POWER = 0.8
"""Chance of seeing a change that `detectable_ratio` asks for."""

NEW_EACH_YEAR = (
    "projects_new",
    "projects_rdi",
    "projects_cross_cluster",
    "activities",
    "activities_cross_cluster",
)
"""Counts of what is new each year: only these vary by chance as `count_interval` says."""


def _count(name: str, value: float) -> int:
    if not np.isfinite(value) or value < 0 or value != int(value):
        raise ParameterError(name, value, reason="is no count: 0, 1, 2 … is allowed")
    return int(value)


def count_interval(count: int) -> Result:
    r"""Return the exact Poisson interval of one count.

    .. math:: [\chi^2_{\alpha/2, 2x}/2,\; \chi^2_{1-\alpha/2, 2x+2}/2]

    References
    ----------
    Garwood (1936), Biometrika 28, 437-442.

    Examples
    --------
    >>> result = count_interval(34)
    >>> round(result.low, 1), round(result.high, 1)
    (23.5, 47.5)
    """
    from statsmodels.stats import rates

    count = _count("count", count)
    low, high = rates.confint_poisson(count, 1, method="exact-c", alpha=1 - LEVEL)
    low = float(low) if count else 0.0  # by definition; scipy's quantile there is nan
    return Result(float(count), low, float(high), None, "exact Poisson", (count,))


def event_interval(row: Any) -> tuple[float, float] | None:
    """Return the exact Poisson interval of a count of events, None for anything else.

    Parameters
    ----------
    row : object with ``indicator``, ``dimension``, ``precision`` and ``value``
        A row of the long table.
    """
    is_event = row.indicator in NEW_EACH_YEAR and row.precision == "exact" and not row.dimension
    if not is_event or pd.isna(row.value):
        return None
    found = count_interval(int(row.value))
    return float(found.low or 0.0), float(found.high or 0.0)


def compare_counts(first: int, last: int) -> Result:
    """Compare the counts of two years: the ratio last / first with interval and E-test.

    With a zero the ratio's interval is the exact one of the binomial share p of `last` in
    both, turned by p / (1 - p); the ratio against a first count of 0 has no finite value.

    References
    ----------
    Krishnamoorthy & Thomson (2004), J. Stat. Plan. Inference 119, 23-35 (E-test);
    Gu, Ng, Tang & Schucany (2008), Biom. J. 50, 283-298 (score interval).

    Examples
    --------
    >>> result = compare_counts(42, 34)
    >>> round(result.estimate, 2), round(result.p_value, 2), result.is_reliable
    (0.81, 0.36, False)
    """
    from statsmodels.stats import rates

    first, last = _count("first", first), _count("last", last)
    n, method = (first, last), "E-test"
    if first + last == 0:
        return too_small(method, n, "no event in either year")
    p_value = float(scipy.stats.poisson_means_test(last, 1, first, 1).pvalue)
    if first and last:
        low, high = rates.confint_poisson_2indep(
            last, 1, first, 1, compare="ratio", method="score", alpha=1 - LEVEL
        )
        return Result(last / first, float(low), float(high), p_value, method, n)
    share = scipy.stats.binomtest(last, first + last).proportion_ci(LEVEL, method="exact")
    low = float(share.low / (1 - share.low))
    if first == 0:
        return Result(None, low, None, p_value, method, n, "the first count is zero")
    return Result(0.0, low, float(share.high / (1 - share.high)), p_value, method, n)


def constancy(counts: Sequence[int]) -> Result:
    r"""Test whether the counts of several years are one constant rate; the estimate is their mean.

    .. math:: \chi^2 = \sum (x_i - \bar x)^2 / \bar x, \quad df = k - 1

    References
    ----------
    Fisher's index of dispersion; Armitage, Berry & Matthews, Statistical Methods in Medical
    Research, 4th ed., section 8.

    Examples
    --------
    >>> round(constancy([38, 44, 41, 34, 29]).p_value, 2)
    0.44
    """
    values = [_count("counts", value) for value in counts]
    n, method = tuple(values), "dispersion chi-square"
    if len(values) < 2 or sum(values) == 0:
        return too_small(method, n, "fewer than two years, or no event at all")
    p_value = float(scipy.stats.chisquare(values).pvalue)
    return Result(float(np.mean(values)), None, None, p_value, method, n)


def detectable_ratio(count: int) -> tuple[float | None, float | None]:
    """Return the smallest fall and rise (as ratio) that would have been seen from a count.

    Seen means: found at the 5 % level with a chance of 80 %, by the score test for the ratio
    of two Poisson counts (normal approximation). Where that finds no fall, the exact chance
    that the E-test sees a fall to none decides: 0 if it does, None if not even that is seen
    (from five projects or fewer). From a count of 0 nothing is seen.

    References
    ----------
    Gu, Ng, Tang & Schucany (2008), Biom. J. 50, 283-298.

    Examples
    --------
    >>> fall, rise = detectable_ratio(30)
    >>> round(fall, 2), round(rise, 2)
    (0.41, 1.85)
    """
    from statsmodels.stats import rates

    count = _count("count", count)
    if count == 0:
        return None, None

    def missing_power(ratio: float) -> float:
        power = rates.power_poisson_ratio_2indep(
            count * ratio,
            count,
            1,
            value=1,
            # the tail on the side of the change: with both, a fall to none would always be seen
            alpha=ALPHA / 2,
            alternative="larger" if ratio > 1 else "smaller",
            method_var="score",
        )
        return float(power.power) - POWER

    rise = float(scipy.optimize.brentq(missing_power, 1 + 1e-9, 1e3))
    # The approximation breaks down towards a ratio of 0: its power is highest somewhere before.
    best = scipy.optimize.minimize_scalar(lambda ratio: -missing_power(ratio), bounds=(1e-9, 1)).x
    if missing_power(best) > 0:
        return float(scipy.optimize.brentq(missing_power, best, 1 - 1e-9)), rise
    return (0.0 if _sees_none(count) else None), rise


def _sees_none(rate: float) -> bool:
    """Say whether none after a year of this rate is found often enough by the E-test."""
    least = next(first for first in counting(1) if compare_counts(first, 0).is_reliable)
    return float(scipy.stats.poisson.sf(least - 1, rate)) >= POWER


# A rank is the least certain of all figures: a few projects more or less move a cluster by several
# places. Beside it stands the range of ranks that chance alone makes likely.

DRAWS = 10_000
"""How often the ranks are drawn."""

SEED = 1996
"""Start of the random numbers: the same counts give the same ranges."""


@dataclass(frozen=True)
class Rank:
    """A rank, 1 for the largest value, and the range of ranks; equal values share the best.

    ``low`` and ``high`` are None where no range is given. Where ``is_open``, the range is all that
    is known, and ``rank`` its best.

    Examples
    --------
    >>> str(Rank(3, 1, 5)), str(Rank(1, 1, 1)), str(Rank(2)), str(Rank(1, 1, 9, is_open=True))
    ('3 (1–5)', '1 (1)', '2', '1–9')
    """

    rank: int
    low: int | None = None
    high: int | None = None
    is_open: bool = False

    def __str__(self) -> str:
        """Return the rank with its range: "3 (1–5)"."""
        if self.is_open:
            return self.span
        return f"{self.rank} ({self.span})" if self.span else str(self.rank)

    @property
    def span(self) -> str:
        """Return the range: "1–5", or "1" where it is certain; empty if there is none."""
        if self.low is None:
            return ""
        return str(self.low) if self.low == self.high else f"{self.low}–{self.high}"


def rank_values(values: Sequence[float], uppers: Sequence[float] | None = None) -> list[Rank]:
    """Return ranks of values whose chance is not known, such as volumes.

    They have a range only where something is not known: it holds every rank that the value can
    have, whatever the unknown part of the bounds among the values is.

    Parameters
    ----------
    values : sequence of float
        One a cluster.
    uppers : sequence of float, optional
        What each can be at most, infinite where that is not known: of sums of which not all items
        are known the value is a lower bound only. Without it the values are what they are.

    Examples
    --------
    >>> [place.rank for place in rank_values([161.5, 68.9, 68.9, 20])]
    [1, 2, 2, 4]
    >>> [str(place) for place in rank_values([161.5, 68.9, 20], [161.5, float("inf"), 20])]
    ['1–2', '1–2', '3']
    """
    given = np.asarray(values, dtype=float)
    if not np.isfinite(given).all():
        raise ParameterError("values", values, reason="must be finite numbers")
    highest = given if uppers is None else np.asarray(uppers, dtype=float)
    best = [1 + int((given > high).sum()) for high in highest]
    # a bound may rise above itself, but is no other cluster
    worst = [1 + int((np.delete(highest, i) > low).sum()) for i, low in enumerate(given)]
    ranges = zip(best, worst, strict=True)
    return [
        Rank(low) if low == high else Rank(low, low, high, is_open=True) for low, high in ranges
    ]


def rank_counts(counts: Sequence[int]) -> list[Rank]:
    r"""Return the rank of each count and the range that holds it in 95 % of all draws.

    The rate behind a count x is drawn from its posterior under Jeffreys' prior,

    .. math:: \lambda \sim \mathrm{Gamma}(x + 1/2, 1),

    for all clusters at once; the rates are ranked in each of 10,000 draws, and the range runs
    from the 2.5 % to the 97.5 % quantile of these ranks. It always holds the rank itself.

    Parameters
    ----------
    counts : sequence of int
        Counts of independent events, none of which belongs to two clusters: projects or
        activities, not actors.

    References
    ----------
    Goldstein & Spiegelhalter (1996), JRSS A 159, 385-443; Marshall & Spiegelhalter (1998),
    BMJ 316, 1701-1704.

    Examples
    --------
    >>> [(place.rank, place.low, place.high) for place in rank_counts([300, 34, 30, 3])]
    [(1, 1, 1), (2, 2, 3), (3, 2, 3), (4, 4, 4)]
    """
    places = rank_values(counts)
    if any(count < 0 or count != int(count) for count in counts):
        raise ParameterError("counts", counts, reason="must be counts: 0, 1, 2 …")
    if len(places) < 2:
        warnings.warn("ranks: fewer than two counts", SmallSampleWarning, stacklevel=2)
        return places
    shape = np.asarray(counts, dtype=float) + 0.5
    drawn = np.random.default_rng(SEED).gamma(shape, size=(DRAWS, len(shape)))
    ranks = scipy.stats.rankdata(-drawn, axis=1)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(ranks, (tail, 1 - tail), axis=0, method="inverted_cdf").astype(int)
    return [
        Rank(place.rank, min(place.rank, int(first)), max(place.rank, int(last)))
        for place, first, last in zip(places, low, high, strict=True)
    ]
