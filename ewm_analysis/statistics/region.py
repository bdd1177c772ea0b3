"""Regional growth and specialisation: shift-share, location quotient, Krugman, Hoover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ewm_analysis.errors import ParameterError
from ewm_analysis.statistics.result import LEVEL, Result, too_small


def _levels(name: str, values: Sequence[float]) -> np.ndarray:
    levels = np.asarray(values, float)
    if levels.ndim != 1 or not np.isfinite(levels).all() or (levels < 0).any():
        raise ParameterError(name, list(values), reason="must hold 0 or more for each sector")
    return levels


@dataclass(frozen=True)
class ShiftShare:
    """The change of a region by sector, in the unit of the input; parts add up to `change`.

    `national`: growth as the reference; `industry`: its mix of sectors; `regional`: what is
    left, which Esteban-Marquillas splits into `competition` and `allocation`.
    """

    change: np.ndarray
    national: np.ndarray
    industry: np.ndarray
    regional: np.ndarray
    competition: np.ndarray
    allocation: np.ndarray

    def totals(self) -> dict[str, float]:
        """Return each part over all sectors."""
        return {name: float(getattr(self, name).sum()) for name in self.__dataclass_fields__}


def shift_share(
    region_first: Sequence[float],
    region_last: Sequence[float],
    reference_first: Sequence[float],
    reference_last: Sequence[float],
) -> ShiftShare:
    r"""Split the change of a region by sector against a reference (Dunn; Esteban-Marquillas).

    .. math:: N_i = e_i g,\quad M_i = e_i (g_i - g),\quad R_i = e_i' - e_i (1 + g_i),

    with :math:`h_i = E\,E_i^{ref}/E^{ref}` the homothetic level:
    :math:`C_i = h_i (r_i - g_i),\; A_i = R_i - C_i`. A sector of 0 in the region's first year
    has no own growth; its whole change is then allocation.

    Parameters
    ----------
    region_first, region_last, reference_first, reference_last : sequence of float
        Levels by sector, e.g. employees; the same sectors in the same order.

    Raises
    ------
    ParameterError
        If a level is negative or missing, or a sector of the reference is 0 in the first year.

    References
    ----------
    Dunn (1960), Pap. Reg. Sci. Assoc. 6, 97-112; Esteban-Marquillas (1972), Reg. Urban Econ. 2,
    249-261.

    Examples
    --------
    >>> shift_share([100, 50], [120, 50], [1000, 1000], [1100, 1000]).totals()["change"]
    20.0
    """
    e0, e1 = _levels("region_first", region_first), _levels("region_last", region_last)
    n0, n1 = _levels("reference_first", reference_first), _levels("reference_last", reference_last)
    if len({len(e0), len(e1), len(n0), len(n1)}) != 1 or not len(e0):
        raise ParameterError("sectors", len(e0), reason="must be the same in all four series")
    if (n0 == 0).any():
        raise ParameterError("reference_first", 0, reason="has no growth: a sector starts at 0")
    total_growth, growth = n1.sum() / n0.sum() - 1, n1 / n0 - 1
    regional = e1 - e0 * (1 + growth)
    homothetic = e0.sum() * n0 / n0.sum()
    own = np.divide(e1, e0, out=1 + growth, where=e0 > 0) - 1
    competition = homothetic * (own - growth)
    return ShiftShare(
        change=e1 - e0,
        national=e0 * total_growth,
        industry=e0 * (growth - total_growth),
        regional=regional,
        competition=competition,
        allocation=regional - competition,
    )


def dynamic_shift_share(
    region: Sequence[Sequence[float]], reference: Sequence[Sequence[float]]
) -> ShiftShare:
    """Add up the shift-share of each pair of neighbouring years.

    Parameters
    ----------
    region, reference : sequence of sequence of float
        Levels by year (outer, in order, two or more) and sector (inner).

    References
    ----------
    Barff & Knight (1988), Growth and Change 19, 1-10.

    Examples
    --------
    >>> years = [[100, 50], [110, 52], [120, 50]]
    >>> float(dynamic_shift_share(years, years).regional.sum())
    0.0
    """
    if len(region) != len(reference) or len(region) < 2:
        raise ParameterError("years", len(region), reason="must be two or more, the same in both")
    steps = [
        shift_share(region[i], region[i + 1], reference[i], reference[i + 1])
        for i in range(len(region) - 1)
    ]
    names = ShiftShare.__dataclass_fields__
    return ShiftShare(**{name: np.sum([getattr(s, name) for s in steps], axis=0) for name in names})


def location_quotient(region: Sequence[float], reference: Sequence[float]) -> list[Result]:
    r"""Return each sector's location quotient with its interval.

    .. math:: LQ_i = \frac{x_i / x}{X_i / X}, \quad
        \operatorname{var}(\ln LQ_i) = \frac{v_i}{x_i^2} + \frac{v}{x^2} - \frac{2 v_i}{x_i x}

    The region lies inside the reference: :math:`v_i = x_i (1 - x_i / X_i)`, :math:`v = \sum v_i`.

    Parameters
    ----------
    region, reference : sequence of float
        Counts by sector, the region's at most the reference's.

    References
    ----------
    Beyene & Moineddin (2005), BMC Med. Res. Methodol. 5:32.

    Examples
    --------
    >>> result = location_quotient([30, 70], [100, 400])[0]
    >>> round(result.estimate, 2)
    1.5
    """
    x, big = _levels("region", region), _levels("reference", reference)
    if len(x) != len(big) or (x > big).any():
        raise ParameterError("region", list(region), reason="must be part of the reference")
    method = "log LQ, Beyene & Moineddin"
    if x.sum() == 0 or (big == 0).any():
        return [
            too_small(method, (int(a), int(b)), "empty region or sector")
            for a, b in zip(x, big, strict=True)
        ]
    variance = x * (1 - x / big)
    spread = stats.norm.ppf(0.5 + LEVEL / 2)
    results = []
    for part, whole, own in zip(x, big, variance, strict=True):
        n = (int(part), int(whole))
        quotient = float((part / x.sum()) / (whole / big.sum()))
        if part == 0:
            results.append(Result(0.0, None, None, None, method, n, "none in the region"))
            continue
        log_variance = own / part**2 + variance.sum() / x.sum() ** 2 - 2 * own / (part * x.sum())
        margin = np.exp(spread * np.sqrt(max(log_variance, 0.0)))
        results.append(
            Result(quotient, float(quotient / margin), float(quotient * margin), None, method, n)
        )
    return results


def krugman(region: Sequence[float], reference: Sequence[float]) -> float:
    r"""Return Krugman's specialisation :math:`\sum |s_i - S_i|`, from 0 (alike) to 2.

    References
    ----------
    Krugman (1991), Geography and Trade.

    Examples
    --------
    >>> krugman([50, 50], [100, 0]), krugman([1, 3], [10, 30])
    (1.0, 0.0)
    """
    x, big = _levels("region", region), _levels("reference", reference)
    if len(x) != len(big) or not x.sum() or not big.sum():
        raise ParameterError("region", list(region), reason="and reference must have a total")
    return float(np.abs(x / x.sum() - big / big.sum()).sum())


def hoover(region: Sequence[float], reference: Sequence[float]) -> float:
    r"""Return Hoover's index :math:`\tfrac12\sum |s_i - S_i|`: the share that would have to move.

    References
    ----------
    Hoover (1936), Rev. Econ. Stat. 18, 162-171.

    Examples
    --------
    >>> hoover([50, 50], [100, 0])
    0.5
    """
    return krugman(region, reference) / 2
