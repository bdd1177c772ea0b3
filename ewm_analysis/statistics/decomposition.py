"""What drove a change of total volume: number, typical size, few large projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ewm_analysis.errors import ParameterError


@dataclass(frozen=True)
class VolumeChange:
    """The parts of a change of volume in EUR; they add up to `change` exactly.

    From totals alone only number and mean size can be told apart; `large` is then None.
    """

    change: float
    number: float
    size: float
    large: float | None
    k: int


def decompose_volume(first: Sequence[float], last: Sequence[float], k: int = 5) -> VolumeChange:
    r"""Split the change of total volume into number, typical size and few large projects.

    The total is the k largest plus the rest; the rest is number times mean. The change of the
    rest is split symmetrically, the change of the k largest is the third part:

    .. math:: \Delta V = \underbrace{\Delta n \,\tfrac{m_0 + m_1}{2}}_{number}
        + \underbrace{\Delta m \,\tfrac{n_0 + n_1}{2}}_{size}
        + \underbrace{\Delta \sum_{i \le k} x_{(i)}}_{large}

    Parameters
    ----------
    first, last : sequence of float
        Volumes in EUR of the projects of two years, more than k known ones in each.
    k : int
        How many of the largest projects count as large.

    Raises
    ------
    ParameterError
        If a year has no more than k known volumes.

    References
    ----------
    Das Gupta (1993), Standardization and Decomposition of Rates, chapter 2 (two factors).

    Examples
    --------
    >>> parts = decompose_volume([1.0, 1.0, 4.0], [1.0, 1.0, 1.0, 9.0], k=1)
    >>> parts.change, parts.number, parts.size, parts.large
    (6.0, 1.0, 0.0, 5.0)
    """
    x, y = (np.sort(v[~np.isnan(v)]) for v in (np.asarray(first, float), np.asarray(last, float)))
    if min(len(x), len(y)) <= k:
        raise ParameterError("k", k, reason=f"asks for more than {min(len(x), len(y))} volumes")
    rest = decompose_totals(
        len(x) - k, float(x[: len(x) - k].sum()), len(y) - k, float(y[: len(y) - k].sum())
    )
    large = float(y[len(y) - k :].sum() - x[len(x) - k :].sum())
    change = float(y.sum() - x.sum())
    return VolumeChange(change, rest.number, rest.size, large, k)


def decompose_totals(n0: int, total0: float, n1: int, total1: float) -> VolumeChange:
    """Split the change of a total into number and mean size, where only totals are known.

    Parameters
    ----------
    n0, n1 : int
        Number of projects of the two years, 1 or more.
    total0, total1 : float
        Their volumes in EUR.

    Raises
    ------
    ParameterError
        If a year has no project.

    Examples
    --------
    >>> parts = decompose_totals(42, 68.9, 34, 161.5)
    >>> round(parts.number, 1), round(parts.size, 1)
    (-25.6, 118.2)
    """
    if min(n0, n1) < 1:
        raise ParameterError("n", min(n0, n1), reason="must be 1 or more: no project, no mean")
    m0, m1 = total0 / n0, total1 / n1
    number = (n1 - n0) * (m0 + m1) / 2
    return VolumeChange(total1 - total0, number, (m1 - m0) * (n0 + n1) / 2, None, 0)
