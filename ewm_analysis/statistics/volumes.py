"""Project volumes: typical size, shift between years, concentration on few projects.

Volumes are very skewed. Totals and means carry no interval here: none that was tried covers
what it promises (mean t 85 %, Gini BCa 74 % instead of 95 % at 34 projects).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ewm_analysis.errors import ParameterError
from ewm_analysis.statistics.result import LEVEL, Result, too_small

RESAMPLES = 9999
SEED = 20210630
"""Fixed, so that the same volumes give the same interval."""


def _volumes(values: Sequence[float]) -> np.ndarray:
    x = np.asarray(values, float)
    x = np.sort(x[~np.isnan(x)])
    if len(x) and (x[0] < 0 or not np.isfinite(x[-1])):
        raise ParameterError("volume", float(x[0]), reason="is no volume: 0 EUR or more is allowed")
    return x


def _without_interval(x: np.ndarray, method: str) -> Result | None:
    if len(x) < 5:
        return too_small(method, (len(x),), "fewer than five projects")
    if x[0] == x[-1]:
        return too_small(method, (len(x),), "all projects have the same volume")
    return None


def median_volume(values: Sequence[float]) -> Result:
    """Return the median volume (EUR) with its BCa bootstrap interval.

    Parameters
    ----------
    values : sequence of float
        Volumes in EUR, 0 or more; unknown ones (nan) are left out.

    References
    ----------
    Efron (1987), JASA 82, 171-185.

    Examples
    --------
    >>> median_volume([1.0, 2.0, 3.0, 5.0, 8.0, 13.0]).estimate
    4.0
    """
    x, method = _volumes(values), "median, BCa bootstrap"
    if (missing := _without_interval(x, method)) is not None:
        return missing
    n = len(x)
    if x[n // 2 - 1] == x[(n + 1) // 2]:  # BCa asks how the median moves if one is left out
        note = "the projects in the middle have the same volume: no interval"
        return Result(float(np.median(x)), None, None, None, method, (n,), note)
    ci = stats.bootstrap(
        (x,), np.median, n_resamples=RESAMPLES, confidence_level=LEVEL, method="BCa", rng=SEED
    ).confidence_interval
    return Result(float(np.median(x)), float(ci.low), float(ci.high), None, method, (n,))


def geometric_mean_volume(values: Sequence[float]) -> Result:
    r"""Return the geometric mean of the positive volumes (EUR) with the t interval of their logs.

    .. math:: \exp\left( \overline{\ln x} \pm t_{1-\alpha/2,\,n-1}\, s_{\ln x} / \sqrt n \right)

    The classical interval, exact if volumes are lognormal.

    Parameters
    ----------
    values : sequence of float
        Volumes in EUR, 0 or more; zeros and unknown ones (nan) are left out.

    References
    ----------
    Bland & Altman (1996), BMJ 312, 1079.

    Examples
    --------
    >>> result = geometric_mean_volume([1.0, 10.0, 100.0, 10.0, 10.0])
    >>> round(result.estimate, 6), round(result.low, 2), round(result.high, 1)
    (10.0, 1.32, 75.5)
    """
    x, method = _volumes(values), "geometric mean, t interval of the logarithms"
    x = x[x > 0]
    if (missing := _without_interval(x, method)) is not None:
        return missing
    logs, n = np.log(x), len(x)
    low, high = stats.t.interval(LEVEL, n - 1, logs.mean(), logs.std(ddof=1) / np.sqrt(n))
    return Result(
        float(stats.gmean(x)), float(np.exp(low)), float(np.exp(high)), None, method, (n,)
    )


def compare_volumes(first: Sequence[float], last: Sequence[float]) -> Result:
    """Compare the sizes of the projects of two years.

    The estimate is the typical ratio last / first: the Hodges-Lehmann shift of the logarithms,
    turned back; the p value is Mann-Whitney's (exact where there are no ties).

    Parameters
    ----------
    first, last : sequence of float
        Volumes in EUR of two independent years; zeros and unknown ones are left out.

    References
    ----------
    Hodges & Lehmann (1963), Ann. Math. Stat. 34, 598-611; Hollander, Wolfe & Chicken,
    Nonparametric Statistical Methods, chapter 4.

    Examples
    --------
    >>> round(compare_volumes([1, 2, 4, 8], [3, 6, 12, 24]).estimate, 6)
    3.0
    """
    x, y = (v[v > 0] for v in (_volumes(first), _volumes(last)))
    method, n = "Hodges-Lehmann on logs, Mann-Whitney", (len(x), len(y))
    if min(n) < 4:
        return too_small(method, n, "fewer than four projects in a year")
    has_ties = len(np.unique(np.concatenate([x, y]))) < len(x) + len(y)
    test = stats.mannwhitneyu(y, x, method="asymptotic" if has_ties else "exact")
    differences = np.sort((np.log(y)[:, None] - np.log(x)[None, :]).ravel())
    spread = np.sqrt(len(x) * len(y) * (len(x) + len(y) + 1) / 12)
    rank = len(differences) / 2 - stats.norm.ppf(0.5 + LEVEL / 2) * spread
    rank = max(int(np.floor(rank)), 0)
    low, high = differences[rank], differences[len(differences) - 1 - rank]
    ratio = float(np.exp(np.median(differences)))
    return Result(ratio, float(np.exp(low)), float(np.exp(high)), float(test.pvalue), method, n)


@dataclass(frozen=True)
class Concentration:
    """How unequal volumes are; a description without intervals.

    ``top_shares`` gives the share of the 1, 3 and 5 largest; ``effective_number`` is the number
    of equal projects with the same HHI.
    """

    n: int
    total: float
    top_shares: dict[int, float]
    hhi: float
    effective_number: float
    gini: float
    theil_t: float
    theil_l: float | None


def concentration(values: Sequence[float]) -> Concentration | None:
    r"""Describe how far volumes lie in few projects.

    .. math:: HHI = \sum s_i^2, \quad G = \frac{\sum (2i - n - 1) x_{(i)}}{n \sum x}, \quad
       T = \frac1n \sum \frac{x_i}{\mu} \ln \frac{x_i}{\mu}, \quad
       L = \frac1n \sum \ln \frac{\mu}{x_i}

    A zero adds nothing to T (its limit); L is not defined with a zero and is then None.

    Parameters
    ----------
    values : sequence of float
        Volumes in EUR, 0 or more; unknown ones (nan) are left out. Without any positive
        volume there is no concentration: None.

    References
    ----------
    Cowell, Measuring Inequality, 3rd ed. (2011); Theil, Economics and Information Theory (1967).

    Examples
    --------
    >>> round(concentration([1, 1, 1, 1]).effective_number, 6), concentration([0, 0])
    (4.0, None)
    """
    x = _volumes(values)
    total = float(x.sum())
    if total <= 0:
        return None
    n, share = len(x), x / total
    ratio = x / x.mean()
    positive = ratio[ratio > 0]
    hhi = float((share**2).sum())
    return Concentration(
        n=n,
        total=total,
        top_shares={k: float(share[-k:].sum()) for k in (1, 3, 5)},
        hhi=hhi,
        effective_number=1 / hhi,
        gini=float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * total)),
        theil_t=float((positive * np.log(positive)).sum() / n),
        # L is never negative; of equal volumes it is 0, not -0
        theil_l=abs(float(np.log(ratio).mean())) if len(positive) == n else None,
    )


def total_without_largest(values: Sequence[float], k: int) -> float:
    """Return the total (EUR) without the k largest volumes.

    Examples
    --------
    >>> total_without_largest([5.0, 1.0, 9.0], 1)
    6.0
    """
    x = _volumes(values)
    return float(x[: max(len(x) - k, 0)].sum())
