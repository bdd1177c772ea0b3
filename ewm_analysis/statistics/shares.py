"""Shares: interval, comparison, several answers per project, and the funnel of all clusters."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.result import (
    ALPHA,
    LEVEL,
    QUESTIONS,
    Result,
    as_count,
    as_part,
    too_small,
    within,
)


def share_interval(count: int, base: int) -> Result:
    """Return a share k / n with its Wilson score interval; a base of 0 has no share.

    References
    ----------
    Wilson (1927), JASA 22, 209-212; Newcombe (1998), Stat. Med. 17, 857-872, method 3.

    Examples
    --------
    >>> result = share_interval(81, 263)
    >>> round(result.low, 4), round(result.high, 4)
    (0.2553, 0.3662)
    """
    from statsmodels.stats.proportion import proportion_confint

    count, base = as_part(count, base)
    if base == 0:
        return too_small("Wilson", (0, 0), "the base is zero")
    low, high = proportion_confint(count, base, alpha=1 - LEVEL, method="wilson")
    # the limits touch 0 and 1 exactly where the share does; rounding must not cross them
    low, high = (0.0 if count == 0 else float(low)), (1.0 if count == base else float(high))
    return Result(count / base, low, high, None, "Wilson", (count, base))


def compare_shares(first: tuple[int, int], last: tuple[int, int], *, tests: int = 1) -> Result:
    """Compare the shares of two years: last - first with Newcombe's interval, exact test.

    Interval and test are made in different ways; at the edge the test decides.

    Parameters
    ----------
    first, last : tuple of int
        ``(count, base)`` of two independent years.
    tests : int
        How many tests share the level of 5 %.

    References
    ----------
    Newcombe (1998), Stat. Med. 17, 873-890, method 10; Boschloo (1970), Stat. Neerl. 24, 1-35.

    Examples
    --------
    >>> result = compare_shares((48, 80), (56, 70))
    >>> round(result.low, 4), round(result.high, 4)
    (0.0524, 0.3339)
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    (k1, n1), (k2, n2) = as_part(*first), as_part(*last)
    method, n = "Newcombe hybrid score, Boschloo", (k1, n1, k2, n2)
    if n1 == 0 or n2 == 0:
        return too_small(method, n, "a base is zero")
    low, high = confint_proportions_2indep(
        k2, n2, k1, n1, method="newcomb", compare="diff", alpha=ALPHA / tests
    )
    sides = _boschloo(k1, n1, k1 + k2, n2), _boschloo(k2, n2, k1 + k2, n1)
    p_value = min(1.0, 2 * min(sides))
    difference, level = k2 / n2 - k1 / n1, ALPHA / tests
    return Result(difference, float(low), float(high), p_value, method, n, level=level)


def _boschloo(k: int, n: int, t: int, other: int) -> float:
    """Return Boschloo's one-sided p value that k of n are too few, if k and others are t of all.

    Given t, what Fisher's test rejects is a tail of the hypergeometric distribution: the largest
    one that does not exceed the tail observed. The p value is the mean of these tails over t, which
    is binomial, for the common share that makes it largest.
    """
    total, sums = n + other, np.arange(n + other + 1)
    factorial = scipy.special.gammaln(np.arange(total + 2) + 1)

    def log_ways(size: int, chosen: Any) -> Any:
        return factorial[size] - factorial[chosen] - factorial[size - chosen]

    def tails(t: int) -> np.ndarray:
        own = np.arange(max(0, t - other), min(n, t) + 1)
        logs = log_ways(n, own) + log_ways(other, t - own) - log_ways(total, t)
        upto: np.ndarray = np.exp(logs).cumsum()
        return upto

    observed = tails(t)[k - max(0, t - other)] * (1 + 1e-9)
    most = np.array(
        [tail[tail <= observed].max(initial=0.0) for tail in map(tails, range(total + 1))]
    )

    def chances(angles: np.ndarray) -> np.ndarray:
        shares = np.sin(angles[:, None]) ** 2  # so spaced, no peak is narrower near 0 or 1
        logs = sums * np.log(shares) + (total - sums) * np.log1p(-shares)
        means: np.ndarray = np.exp(log_ways(total, sums) + logs) @ most
        return means

    angles = np.linspace(0, np.pi / 2, 303)[1:-1]
    best = int(chances(angles).argmax())
    around = angles[max(best - 1, 0)], angles[min(best + 1, 300)]
    return float(chances(np.linspace(*around, 51)).max())


def adjust(p_values: Sequence[float], *, for_claims: bool = True) -> list[float]:
    """Adjust p values of one family: Holm for claims, Benjamini-Hochberg for screening.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6, 65-70; Benjamini & Hochberg (1995), JRSS B 57, 289-300.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import fdrcorrection

    within("p_values", p_values, 0, 1)
    if not len(p_values):
        return []
    given = np.asarray(p_values, dtype=float)
    return [float(p) for p in (_holm(given) if for_claims else fdrcorrection(given)[1])]


def _holm(p_values: np.ndarray) -> np.ndarray:
    """As statsmodels' `multipletests`, which collects garbage each time."""
    order = np.argsort(p_values)
    steps = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    adjusted = np.empty(len(order))
    adjusted[order] = steps.clip(max=1)
    return adjusted


def compare_multiresponse(first: np.ndarray, last: np.ndarray) -> Result:
    r"""Test whether two groups of projects chose the categories of a multi-response set alike.

    The sum of the item chi-squares is corrected for the dependence of items of one project
    (Rao-Scott, second order): with the eigenvalues :math:`\lambda` of the correlation :math:`R`
    of the items, :math:`X = X_S \, S_1 / S_2` on :math:`S_1^2 / S_2` degrees of freedom,
    :math:`S_1 = \sum\lambda = \mathrm{tr} R, S_2 = \sum\lambda^2 = \sum r_{ij}^2`.

    Parameters
    ----------
    first, last : array of 0 and 1, shape (projects, categories)
        Assignments of the projects of two years, or of two clusters; the same categories in
        the same order.

    References
    ----------
    Bilder & Loughin (2004), Biometrics 60, 241-248; Rao & Scott (1984), Ann. Stat. 12, 46-60.

    Examples
    --------
    >>> import numpy as np
    >>> year = np.array([[1, 0], [1, 1], [0, 1], [1, 0]])
    >>> compare_multiresponse(year, year).p_value
    1.0
    """
    both = np.vstack([first, last]).astype(float)
    method, n = "Rao-Scott (second order)", (len(first), len(last))
    if not np.isin(both, (0, 1)).all():
        raise ParameterError("assignments", "a cell", reason="is neither 0 nor 1")
    varies = (both.mean(axis=0) > 0) & (both.mean(axis=0) < 1)
    if min(n) < 2 or not varies.any():
        return too_small(method, n, "too few projects, or every category is the same for all")
    both, first, last = both[:, varies], first[:, varies], last[:, varies]
    pooled = both.mean(axis=0)
    difference = last.mean(axis=0) - first.mean(axis=0)
    weight = 1 / (1 / n[0] + 1 / n[1])
    chi_square = float(np.sum(weight * difference**2 / (pooled * (1 - pooled))))
    correlation = np.atleast_2d(np.corrcoef(both, rowvar=False))
    s1, s2 = len(correlation), float((correlation**2).sum())
    p_value = float(scipy.special.chdtrc(s1**2 / s2, chi_square * s1 / s2))
    return Result(chi_square, None, None, p_value, method, n)


# The funnel: small clusters vary more, so that the limits open towards small bases and no ranking
# of shares is needed.

WARNING, ALARM = 0.95, 0.998
"""Levels of the two pairs of limits: about two and three standard deviations."""


@dataclass(frozen=True)
class Funnel:
    """The common share and, cluster by cluster, how its share lies to the limits.

    ``side`` is -1 below, 1 above, 0 within the 95 % limits; ``is_alarm`` says who differs reliably:
    beyond the 99.8 % limits too, as one of all clusters, and the shares differ at all.
    ``p_value`` is that of the test whether they do, ``factor`` by how much their variance exceeds
    that of chance, 1 or more.
    Without any base ``share`` is None.
    """

    share: float | None
    counts: tuple[int, ...]
    bases: tuple[int, ...]
    side: tuple[int, ...]
    is_alarm: tuple[bool, ...]
    p_value: float = 1.0
    factor: float = 1.0

    @property
    def differ(self) -> bool:
        """True if the shares differ as a whole, as one of the `QUESTIONS` of a page."""
        return self.p_value < ALPHA / QUESTIONS


def overdispersion(scores: Sequence[float]) -> float:
    r"""Return by how much the variance of standard scores exceeds that of chance, 1 or more.

    .. math:: \hat\phi = \frac1I \sum_i z_i^2

    with the scores below the 10 % and above the 90 % quantile drawn in to these (winsorised),
    so that a single cluster far off does not hide itself.

    References
    ----------
    Spiegelhalter (2005), Stat. Med. 24, 1185-1202, section 3.2.

    Examples
    --------
    >>> round(overdispersion([-2.0, 0.0, 2.0, 1.0]), 4), overdispersion([0.1, -0.1])
    (1.4625, 1.0)
    """
    z = within("scores", scores)
    drawn_in = np.clip(z, *np.quantile(z, (0.1, 0.9)))
    return max(1.0, float((drawn_in**2).mean()))


def funnel_limits(
    share: float, base: int, level: float = WARNING, factor: float = 1.0
) -> tuple[float, float]:
    r"""Return the exact binomial limits of a share at a base, as fractions.

    With R binomial and r the smallest count whose P(R ≤ r) exceeds q = (1 - level) / 2,

    .. math:: y = \frac{r - \alpha}{n}, \quad
              \alpha = \frac{P(R \le r) - q}{P(R \le r) - P(R \le r - 1)}.

    The upper limit is the lower one of the complement, so that a count lies outside exactly
    if the tail from it on holds at most q. Where the shares of clusters scatter more than by
    chance, both lie farther from the share by the root of the `factor` of `overdispersion`.

    References
    ----------
    Spiegelhalter (2005), Stat. Med. 24, 1185-1202, section 3.2 and appendix A.1.

    Examples
    --------
    >>> low, high = funnel_limits(0.5, 20)
    >>> round(low * 20, 2), round(high * 20, 2)
    (5.12, 14.88)
    """
    within("share", share, 0, 1)
    if as_count("base", base) < 1:
        raise ParameterError("base", base, reason="must be 1 or more")
    tail = (1 - level) / 2
    below = (share - _lower(share, base, tail)) * np.sqrt(factor)
    above = (1 - share - _lower(1 - share, base, tail)) * np.sqrt(factor)
    return float(max(share - below, 0.0)), float(min(share + above, 1.0))


def _lower(share: float, base: int, tail: float) -> float:
    if share in (0, 1):
        return share
    upto = scipy.special.bdtr(np.arange(base + 1), base, share)
    count = int(np.searchsorted(upto, tail, side="right"))
    below = float(upto[count - 1]) if count else 0.0
    return max(0.0, (count - (float(upto[count]) - tail) / (float(upto[count]) - below)) / base)


def funnel(counts: Sequence[int], bases: Sequence[int]) -> Funnel:
    """Hold the share of each cluster against the common share of all.

    Whether the shares differ at all is a chi-square test. Where they scatter more than by chance,
    the limits are wider for all: who is called different differs from that, too.

    Parameters
    ----------
    counts, bases : sequence of int
        Part and whole of each cluster. The bases must not overlap: projects have one
        cluster each, actors have not.

    References
    ----------
    Spiegelhalter (2005), Stat. Med. 24, 1185-1202.

    Examples
    --------
    >>> found = funnel([12, 13, 11, 14, 13, 12, 13, 12, 28], [30] * 9)
    >>> round(found.share, 2), found.side[-1], found.is_alarm[-1]
    (0.47, 1, True)
    """
    pairs = [as_part(count, base) for count, base in zip(counts, bases, strict=True)]
    k, n = tuple(count for count, _ in pairs), tuple(base for _, base in pairs)
    if sum(base > 0 for base in n) < 2:
        warnings.warn("funnel: fewer than two clusters", SmallSampleWarning, stacklevel=2)
    if sum(n) == 0:
        return Funnel(None, k, n, (0,) * len(n), (False,) * len(n))
    share = sum(k) / sum(n)
    if share in (0, 1):
        return Funnel(share, k, n, (0,) * len(n), (False,) * len(n))
    error = np.sqrt(share * (1 - share))
    scores = [(part / base - share) * np.sqrt(base) / error for part, base in pairs if base]
    factor = overdispersion(scores)
    p_value = float(scipy.special.chdtrc(max(len(scores) - 1, 1), np.square(scores).sum()))
    sides = tuple(_side(*pair, share, WARNING, factor) for pair in pairs)
    found = Funnel(share, k, n, sides, (False,) * len(n), p_value, factor)
    level = max(ALARM, 1 - ALPHA / QUESTIONS / len(pairs))  # one cluster of many is far by chance
    far = tuple(found.differ and _side(*pair, share, level, factor) != 0 for pair in pairs)
    return replace(found, is_alarm=far)


def _side(count: int, base: int, share: float, level: float, factor: float) -> int:
    if base == 0:
        return 0
    low, high = funnel_limits(share, base, level, factor)
    return int(count / base > high + 1e-12) - int(count / base < low - 1e-12)
