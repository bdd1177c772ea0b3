"""Funnel plot: which clusters' shares lie farther from the common share than chance brings them.

Small clusters vary more. The limits therefore open like a funnel towards small bases, and no
ranking of shares is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning

WARNING, ALARM = 0.95, 0.998
"""Levels of the two pairs of limits: about two and three standard deviations."""


@dataclass(frozen=True)
class Funnel:
    """The common share and, cluster by cluster, how its share lies to the limits.

    ``side`` is -1 below, 1 above, 0 within the 95 % limits; ``is_alarm`` tells who lies beyond
    the 99.8 % limits too. Without any base ``share`` is None.
    """

    share: float | None
    counts: tuple[int, ...]
    bases: tuple[int, ...]
    side: tuple[int, ...]
    is_alarm: tuple[bool, ...]


def funnel_limits(share: float, base: int, level: float = WARNING) -> tuple[float, float]:
    r"""Return the exact binomial limits of a share at a base, as fractions.

    With R binomial and r the smallest count whose P(R ≤ r) exceeds q = (1 - level) / 2,

    .. math:: y = \frac{r - \alpha}{n}, \quad
              \alpha = \frac{P(R \le r) - q}{P(R \le r) - P(R \le r - 1)}.

    The upper limit is the lower one of the complement, so that a count lies outside exactly
    if the tail from it on holds at most q.

    Parameters
    ----------
    share : float
        Common share, 0 to 1.
    base : int
        Number of projects of a cluster, 1 or more.
    level : {0.95, 0.998}
        Chance of a cluster with the common share to lie within.

    References
    ----------
    Spiegelhalter (2005), Stat. Med. 24, 1185-1202, appendix A.1.

    Examples
    --------
    >>> low, high = funnel_limits(0.5, 20)
    >>> round(low * 20, 2), round(high * 20, 2)
    (5.12, 14.88)
    """
    if not 0 <= share <= 1:
        raise ParameterError("share", share, reason="is no share: 0 to 1 is allowed")
    if base < 1:
        raise ParameterError("base", base, reason="must be 1 or more")
    tail = (1 - level) / 2
    return _lower(share, base, tail), 1 - _lower(1 - share, base, tail)


def _lower(share: float, base: int, tail: float) -> float:
    if share in (0, 1):
        return share
    binomial = stats.binom(base, share)
    count = int(binomial.ppf(tail))
    count += int(binomial.cdf(count) <= tail)
    upto, below = float(binomial.cdf(count)), float(binomial.cdf(count - 1))
    return max(0.0, (count - (upto - tail) / (upto - below)) / base)


def funnel(counts: Sequence[int], bases: Sequence[int]) -> Funnel:
    """Hold the share of each cluster against the common share of all.

    Parameters
    ----------
    counts, bases : sequence of int
        Part and whole of each cluster. The bases must not overlap: projects have one
        cluster each, actors have not.

    Warns
    -----
    SmallSampleWarning
        If fewer than two clusters have a base.

    References
    ----------
    Spiegelhalter (2005), Stat. Med. 24, 1185-1202.

    Examples
    --------
    >>> found = funnel([10, 12, 29], [30, 28, 30])
    >>> round(found.share, 2), found.side, found.is_alarm
    (0.58, (-1, 0, 1), (False, False, True))
    """
    for count, base in zip(counts, bases, strict=True):
        if not 0 <= count <= base:
            raise ParameterError("count", count, reason=f"is no part of {base}")
    k, n = tuple(map(int, counts)), tuple(map(int, bases))
    if sum(base > 0 for base in n) < 2:
        warnings.warn("funnel: fewer than two clusters", SmallSampleWarning, stacklevel=2)
    if sum(n) == 0:
        return Funnel(None, k, n, (0,) * len(n), (False,) * len(n))
    share = sum(k) / sum(n)
    sides = [_side(count, base, share, WARNING) for count, base in zip(k, n, strict=True)]
    alarms = [_side(count, base, share, ALARM) != 0 for count, base in zip(k, n, strict=True)]
    return Funnel(share, k, n, tuple(sides), tuple(alarms))


def _side(count: int, base: int, share: float, level: float) -> int:
    """Compare the exact tails: the drawn limits agree, without their rounding."""
    if base == 0 or share in (0, 1):
        return 0
    tail, binomial = (1 - level) / 2, stats.binom(base, share)
    return int(np.sign((binomial.sf(count - 1) <= tail) - float(binomial.cdf(count) <= tail)))
