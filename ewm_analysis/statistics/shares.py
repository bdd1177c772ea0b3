"""Shares: interval, comparison, several answers per project, and the funnel of all clusters."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.result import LEVEL, Result, too_small


def _part(count: int, base: int) -> tuple[int, int]:
    if not 0 <= count <= base:
        raise ParameterError("count", count, reason=f"is no part of {base}: 0 … {base} is allowed")
    return int(count), int(base)


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

    count, base = _part(count, base)
    if base == 0:
        return too_small("Wilson", (0, 0), "the base is zero")
    low, high = proportion_confint(count, base, alpha=1 - LEVEL, method="wilson")
    # the limits touch 0 and 1 exactly where the share does; rounding must not cross them
    low, high = (0.0 if count == 0 else float(low)), (1.0 if count == base else float(high))
    return Result(count / base, low, high, None, "Wilson", (count, base))


def compare_shares(first: tuple[int, int], last: tuple[int, int]) -> Result:
    """Compare the shares of two years: last - first with Newcombe's interval, exact test.

    Parameters
    ----------
    first, last : tuple of int
        ``(count, base)`` of two independent years.

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

    (k1, n1), (k2, n2) = _part(*first), _part(*last)
    method, n = "Newcombe hybrid score, Boschloo", (k1, n1, k2, n2)
    if n1 == 0 or n2 == 0:
        return too_small(method, n, "a base is zero")
    low, high = confint_proportions_2indep(
        k2, n2, k1, n1, method="newcomb", compare="diff", alpha=1 - LEVEL
    )
    test = scipy.stats.boschloo_exact([[k2, k1], [n2 - k2, n1 - k1]])
    p_value = 1.0 if k1 + k2 in (0, n1 + n2) else float(test.pvalue)
    return Result(k2 / n2 - k1 / n1, float(low), float(high), p_value, method, n)


def simultaneous_intervals(counts: Sequence[int]) -> list[Result]:
    """Return intervals that hold together, for the shares of exclusive categories.

    Parameters
    ----------
    counts : sequence of int
        How often each category was chosen; each unit chose exactly one.

    References
    ----------
    Goodman (1965), Technometrics 7, 247-254.

    Examples
    --------
    >>> [round(r.low, 3) for r in simultaneous_intervals([56, 72, 73, 59, 62, 87, 68])][:2]
    [0.083, 0.112]
    """
    from statsmodels.stats.proportion import multinomial_proportions_confint

    values = [int(value) for value in counts]
    base = sum(values)
    if base == 0 or len(values) < 2:
        return [too_small("Goodman", (value, base), "no unit or one category") for value in values]
    limits = multinomial_proportions_confint(values, alpha=1 - LEVEL, method="goodman")
    return [
        Result(k / base, 0.0 if k == 0 else float(low), float(high), None, "Goodman", (k, base))
        for k, (low, high) in zip(values, limits, strict=True)
    ]


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
    from statsmodels.stats.multitest import multipletests

    if not len(p_values):
        return []
    method = "holm" if for_claims else "fdr_bh"
    return [float(p) for p in multipletests(list(p_values), method=method)[1]]


def compare_multiresponse(first: np.ndarray, last: np.ndarray) -> Result:
    r"""Test whether two groups of projects chose the categories of a multi-response set alike.

    The sum of the item chi-squares is corrected for the dependence of items of one project
    (Rao-Scott, second order): with the eigenvalues :math:`\lambda` of the correlation of the
    item statistics, :math:`X = X_S \, S_1 / S_2` on :math:`S_1^2 / S_2` degrees of freedom,
    :math:`S_1 = \sum\lambda, S_2 = \sum\lambda^2`.

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
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.corrcoef(both, rowvar=False)))
    s1, s2 = float(eigenvalues.sum()), float((eigenvalues**2).sum())
    p_value = float(scipy.stats.chi2.sf(chi_square * s1 / s2, s1**2 / s2))
    return Result(chi_square, None, None, p_value, method, n)


# The funnel: small clusters vary more, so that the limits open towards small bases and no ranking
# of shares is needed.

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
    binomial = scipy.stats.binom(base, share)
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

    References
    ----------
    Spiegelhalter (2005), Stat. Med. 24, 1185-1202.

    Examples
    --------
    >>> found = funnel([10, 12, 29], [30, 28, 30])
    >>> round(found.share, 2), found.side, found.is_alarm
    (0.58, (-1, 0, 1), (False, False, True))
    """
    pairs = [_part(count, base) for count, base in zip(counts, bases, strict=True)]
    k, n = tuple(count for count, _ in pairs), tuple(base for _, base in pairs)
    if sum(base > 0 for base in n) < 2:
        warnings.warn("funnel: fewer than two clusters", SmallSampleWarning, stacklevel=2)
    if sum(n) == 0:
        return Funnel(None, k, n, (0,) * len(n), (False,) * len(n))
    share = sum(k) / sum(n)
    sides = tuple(_side(*pair, share, WARNING) for pair in pairs)
    return Funnel(share, k, n, sides, tuple(_side(*pair, share, ALARM) != 0 for pair in pairs))


def _side(count: int, base: int, share: float, level: float) -> int:
    """Compare the exact tails: the drawn limits agree, without their rounding."""
    if base == 0 or share in (0, 1):
        return 0
    tail, binomial = (1 - level) / 2, scipy.stats.binom(base, share)
    return int(np.sign((binomial.sf(count - 1) <= tail) - float(binomial.cdf(count) <= tail)))
