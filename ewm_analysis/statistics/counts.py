"""Counts of what is new each year: interval, comparison, smallest visible change, ranks."""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import scipy

from ewm_analysis.catalogue import indicator
from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.statistics.result import ALPHA, LEVEL, Result, as_count, too_small, within

POWER = 0.8
"""Chance of seeing a change that `detectable_ratio` asks for."""

QUASI = "quasi-Poisson"
"""Method of a difference that is held against the scatter of all years."""

ASSUMED = "E-test at twice the variance"
"""Method of a difference where the scatter of years is not known."""

FEWEST_YEARS = 3
"""From so many years on the scatter of counts is seen, not assumed."""


def assumed_variance(years: int) -> int:
    """Return how many times the variance of independent events counts are taken to have.

    Of two years nobody can tell how counts scatter from year to year: twice as much is assumed, so
    that chance is seldom called reliable. With more years known the counts themselves tell.

    Examples
    --------
    >>> assumed_variance(2), assumed_variance(3)
    (2, 1)
    """
    return 2 if years < FEWEST_YEARS else 1


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

    count = as_count("count", count)
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
    is_event = indicator(row.indicator).is_event and row.precision == "exact"
    if not is_event or row.dimension or pd.isna(row.value):
        return None
    found = count_interval(int(row.value))
    return float(found.low or 0.0), float(found.high or 0.0)


def e_test(first: float, last: float, ratio: float = 1.0) -> float:
    r"""Return the p value of the E-test that the later rate is `ratio` times the earlier one.

    .. math:: T_r(a, b) = \frac{b - r a}{\sqrt{r (a + b)}}, \quad p = \sum_{|T_r(a,b)| \ge |T_r|}
        P(a; \hat\lambda) P(b; r \hat\lambda), \quad \hat\lambda = \frac{x_0 + x_1}{1 + r}

    For each a, the b that count are those outside the two roots of a quadratic. Counts whose
    variance is a multiple of their mean are divided by it: their mean then is their variance.

    References
    ----------
    Krishnamoorthy & Thomson (2004), J. Stat. Plan. Inference 119, 23-35; Gu, Ng, Tang & Schucany
    (2008), Biom. J. 50, 283-298 (ratio other than 1).

    Examples
    --------
    >>> round(e_test(0, 3), 4)
    0.0884
    """
    total = first + last
    rate, square = total / (1 + ratio), (last - ratio * first) ** 2 / (ratio * total)
    reach = 8 * np.sqrt(rate) + 20
    a = np.arange(max(0, int(rate - reach)), int(rate + reach) + 1)
    middle = ratio * (a + square / 2)
    half = np.sqrt(ratio * square * (a * (1 + ratio) + ratio * square / 4))
    rounding = 1e-9 * (1 + total)
    below = np.where(a > 0, np.floor(middle - half + rounding).clip(-1), -1)  # of none, T is 0
    above = np.ceil(middle + half - rounding)
    special = scipy.special  # its functions take a tenth of the time of scipy.stats.poisson
    outside = special.gammaincc(below + 1, ratio * rate) + special.gammainc(above, ratio * rate)
    chance = np.exp(special.xlogy(a, rate) - rate - special.gammaln(a + 1))
    return float(min(1.0, (chance * outside).sum()))


def compare_counts(
    first: int, last: int, *, others: Sequence[int] | None = None, tests: int = 1
) -> Result:
    r"""Compare the counts of two years: the ratio last / first with interval and E-test.

    The interval holds the ratios that the E-test does not reject, so that it holds 1 exactly
    if the test finds no difference. The ratio to a first count of 0 has no finite value.

    The E-test takes events for independent; with `others` this is an assumption that is held
    against the counts. Where those of all years scatter more (`constancy`), the difference must
    also be large beside this scatter: quasi-Poisson, by

    .. math:: F = \frac{(x_1 - x_0)^2 / 2 \bar x}{\max(1, X^2_r / (k - 2))}

    on 1 and k - 2 degrees of freedom, with X²_r what the difference leaves of the dispersion of k
    years. There is no interval then. Where no other year is known, the variance is taken to be
    twice that of independent events (`assumed_variance`).

    Parameters
    ----------
    first, last : int
        The counts compared.
    others : sequence of int, optional
        Those of the other years known, empty if there is none. Without it events are independent.
    tests : int
        How many tests share the level of 5 %.

    References
    ----------
    Krishnamoorthy & Thomson (2004), J. Stat. Plan. Inference 119, 23-35;
    Gu, Ng, Tang & Schucany (2008), Biom. J. 50, 283-298;
    McCullagh & Nelder, Generalized Linear Models, 2nd ed., section 6.2.3 (quasi-Poisson).

    Examples
    --------
    >>> result = compare_counts(42, 34)
    >>> round(result.estimate, 2), round(result.p_value, 2), result.is_reliable
    (0.81, 0.36, False)
    >>> compare_counts(59, 95, others=[104, 122]).method
    'quasi-Poisson'
    """
    first, last = as_count("first", first), as_count("last", last)
    n = (first, last)
    if first + last == 0:
        return too_small("E-test", n, "no event in either year")
    variance = 1 if others is None else assumed_variance(len(n) + len(others))
    poisson = _independent(first, last, ALPHA / tests, variance)
    if not others or not constancy([*n, *others]).is_reliable:
        return poisson
    p_value = _scattered(first, last, others)
    quasi = replace(poisson, low=None, high=None, p_value=p_value, method=QUASI)
    return max(poisson, quasi, key=lambda result: result.p_value or 0.0)


def _scattered(first: int, last: int, others: Sequence[int]) -> float:
    counts = np.array([first, last, *others], float)
    mean, rest = counts.mean(), len(counts) - 2
    own = (last - first) ** 2 / (2 * mean)
    spread = max(1.0, (((counts - mean) ** 2).sum() / mean - own) / rest)
    return float(scipy.special.fdtrc(1, rest, own / spread))


def _independent(first: int, last: int, level: float, variance: int = 1) -> Result:
    """Return ratio, interval and p value for two counts, given their variance / mean."""
    scaled = first / variance, last / variance
    n, p_value = (first, last), e_test(*scaled)
    method = "E-test" if variance == 1 else ASSUMED

    def excess(at: float) -> float:
        return e_test(*scaled, float(np.exp(at))) - level

    held = [0.0] if p_value >= level else []  # logarithms of ratios that the interval holds
    held += [float(np.log(last / first))] if first and last else []
    low = 0.0 if last == 0 else _edge(excess, min(held, default=0.0), -1 if held else 1)
    if first == 0:
        return Result(None, low, None, p_value, method, n, "the first count is zero", level)
    high = _edge(excess, max(held, default=0.0), 1 if held else -1)
    return Result(last / first, low, high, p_value, method, n, level=level)


def _edge(excess: Callable[[float], float], at: float, side: int) -> float:
    """Return the ratio, beyond that of logarithm `at`, from which on the test decides otherwise."""
    is_held, step = excess(at) >= 0, side / 2
    while (excess(at + step) >= 0) == is_held:
        at += step
    return float(np.exp(scipy.optimize.brentq(excess, at, at + step, xtol=1e-9)))


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
    values = [as_count("counts", value) for value in counts]
    n, method = tuple(values), "dispersion chi-square"
    if len(values) < 2 or sum(values) == 0:
        return too_small(method, n, "fewer than two years, or no event at all")
    mean = sum(values) / len(values)
    square = sum((value - mean) ** 2 for value in values) / mean
    p_value = float(scipy.special.chdtrc(len(values) - 1, square))
    return Result(mean, None, None, p_value, method, n)


def detectable_ratio(
    count: int, tests: int = 1, *, variance: int = 1
) -> tuple[float | None, float | None]:
    """Return the smallest fall and rise (as ratio) that would have been seen from a count.

    Seen means: found by the E-test with a chance of 80 % at the 5 % level, divided by the number
    of `tests` that are made together. The chance is the exact one: both counts vary as those of
    independent events do. None where not even a fall to none is seen.

    Parameters
    ----------
    count : int
        The count to start from; from 0 nothing is seen.
    tests : int
        How many tests share the level (Bonferroni).
    variance : int
        What the test assumes, as `assumed_variance` returns it.

    Examples
    --------
    >>> fall, rise = detectable_ratio(30)
    >>> round(fall, 2), round(rise, 2)
    (0.4, 1.86)
    """
    count = as_count("count", count)
    if count == 0:
        return None, None
    poisson, reach = scipy.stats.poisson, 5 * np.sqrt(count) + 10
    seen = np.arange(max(0, int(count - reach)), int(count + reach) + 1)
    below, above = np.transpose([_found(int(first), ALPHA / tests, variance) for first in seen])
    chance = poisson.pmf(seen, count)

    def missing_power(ratio: float) -> float:
        rate = count * ratio
        found = poisson.cdf(below, rate) + poisson.sf(above - 1, rate)
        return float((chance * found).sum()) - POWER

    rise = float(scipy.optimize.brentq(missing_power, 1, 1e3))
    if missing_power(0.0) < 0:
        return None, rise
    return float(scipy.optimize.brentq(missing_power, 0, 1)), rise


@cache
def _found(first: int, level: float, variance: int) -> tuple[int, int]:
    """Return the largest count below and the smallest above that differ at a level from `first`."""

    def differs(last: int) -> bool:
        return first + last > 0 and e_test(first / variance, last / variance) < level

    gap = bisect_left(range(first + 1), True, key=lambda gap: differs(first - gap))
    return first - gap, bisect_left(range(4 * first + 60), True, lo=first + 1, key=differs)


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
    lowest = within("values", values)
    highest = lowest if uppers is None else np.asarray(uppers, dtype=float)
    best = [1 + int((lowest > high).sum()) for high in highest]
    # a bound may rise above itself, but is no other cluster
    worst = [1 + int((np.delete(highest, i) > low).sum()) for i, low in enumerate(lowest)]
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
    places = rank_values([as_count("counts", count) for count in counts])
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
