"""Trends over few years: exact Kendall test, Theil-Sen slope, log-linear growth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations

import numpy as np
import statsmodels.api as sm
from scipy import stats

from ewm_analysis.errors import ParameterError
from ewm_analysis.statistics.result import ALPHA, LEVEL, Result, too_small

FULL_PERMUTATION = 8
"""Up to this many years with ties all orders are counted (8! = 40,320)."""


def _series(years: Sequence[float], values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return years and values as floats, in the order of years; missing years are left out."""
    t, y = np.asarray(years, float), np.asarray(values, float)
    if len(t) != len(y) or len(np.unique(t)) != len(t):
        raise ParameterError("years", list(years), reason="must name each value's own year")
    known = np.isfinite(y)
    order = np.argsort(t[known])
    return t[known][order], y[known][order]


@cache
def smallest_p(n: int) -> float:
    """Return the smallest two-sided p that n different values can reach in the exact test.

    Examples
    --------
    >>> round(smallest_p(4), 3), round(smallest_p(5), 3)
    (0.083, 0.017)
    """
    return 1.0 if n < 2 else 2 / float(np.prod(np.arange(1, n + 1)))


def _kendall_p(values: np.ndarray) -> float:
    """Exact two-sided p of Kendall's S against all orders of the same values."""
    n = len(values)
    if len(np.unique(values)) == n:
        return float(stats.kendalltau(np.arange(n), values, method="exact").pvalue)
    if n > FULL_PERMUTATION:
        return float(stats.kendalltau(np.arange(n), values, method="asymptotic").pvalue)
    early, late = np.triu_indices(n, 1)
    orders = values[np.array(list(permutations(range(n))))]
    scores = np.abs(np.sign(orders[:, late] - orders[:, early]).sum(axis=1))
    observed = abs(np.sign(values[late] - values[early]).sum())
    return float(np.mean(scores >= observed))


def trend(years: Sequence[float], values: Sequence[float]) -> Result:
    """Return the Theil-Sen slope per year, its interval, and the exact Kendall p value.

    No series is called a trend that is too short ever to be one: with n = 4 even a perfectly
    monotone series has p = 0.083.

    Parameters
    ----------
    years : sequence of float
        True spacing counts: a missing year is a gap, not a step.
    values : sequence of float
        One value a year; missing ones (nan) are left out.

    References
    ----------
    Mann (1945), Econometrica 13, 245-259; Sen (1968), JASA 63, 1379-1389; Hollander, Wolfe &
    Chicken, Nonparametric Statistical Methods, chapters 8 and 9.

    Examples
    --------
    >>> result = trend([2018, 2019, 2020, 2021], [10, 12, 15, 19])
    >>> round(result.estimate, 2), round(result.p_value, 3), result.is_reliable
    (3.0, 0.083, False)
    """
    t, y = _series(years, values)
    method, n = "Theil-Sen, exact Kendall", (len(y),)
    if len(y) < 3:
        return too_small(method, n, "fewer than three years")
    fit = stats.theilslopes(y, t, alpha=LEVEL)
    note = f"smallest possible p is {smallest_p(len(y)):.3f}" if smallest_p(len(y)) > ALPHA else ""
    return Result(
        float(fit.slope),
        float(fit.low_slope),
        float(fit.high_slope),
        _kendall_p(y),
        method,
        n,
        note,
    )


def log_linear(years: Sequence[float], values: Sequence[float]) -> Result:
    r"""Return the average yearly growth :math:`e^b - 1` of a log-linear fit.

    The interval rests on errors that are robust to autocorrelation of one year (HAC with
    small-sample correction, t distribution): a check on the sensitivity, not a test.

    Parameters
    ----------
    years, values : sequence of float
        As in `trend`; values must be positive.

    References
    ----------
    Newey & West (1987), Econometrica 55, 703-708.

    Examples
    --------
    >>> round(log_linear([2011, 2012, 2013, 2014], [100, 110, 121, 133.1]).estimate, 3)
    0.1
    """
    t, y = _series(years, values)
    method, n = "log-linear, HAC(1)", (len(y),)
    if len(y) < 4:
        return too_small(method, n, "fewer than four years")
    if (y <= 0).any():
        return too_small(method, n, "a value is not positive")
    fit = sm.OLS(np.log(y), sm.add_constant(t - t[0])).fit(
        cov_type="HAC", cov_kwds={"maxlags": 1, "use_correction": True}, use_t=True
    )
    low, high = np.expm1(fit.conf_int(alpha=1 - LEVEL)[1])
    return Result(float(np.expm1(fit.params[1])), float(low), float(high), None, method, n)
