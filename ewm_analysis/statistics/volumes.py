"""Volumes: typical size, concentration, and what a change of the total comes from."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.result import LEVEL, Result, too_small


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


LARGE = 5
"""How many of the largest projects are told apart."""

Volumes = Mapping[int, Sequence[float]]
"""Volumes (EUR) of the new projects by year; unknown ones are nan."""


@dataclass(frozen=True)
class VolumeComparison:
    """Two years of volumes: number, total, the parts of the change, and the typical size.

    ``sizes`` is the comparison of typical sizes; None where only totals are known.
    ``unknown`` counts the new projects of each year whose volume is not known: no part has them.
    """

    first_year: int
    last_year: int
    first: float
    last: float
    parts: VolumeChange
    sizes: Result | None = None
    unknown: tuple[int, int] = (0, 0)

    def steps(self) -> pd.DataFrame:
        """Return the change as steps: ``step``, ``value``, ``start`` and ``end``, in EUR.

        Examples
        --------
        >>> parts = decompose_totals(42, 68.9, 34, 161.5)
        >>> steps = VolumeComparison(2020, 2021, 68.9, 161.5, parts).steps()
        >>> [*steps["step"]], round(float(steps["end"].iloc[2]), 1)
        (['first', 'number', 'size', 'last'], 161.5)
        """
        changes = {"number": self.parts.number, "size": self.parts.size}
        if self.parts.large is not None:
            changes["large"] = self.parts.large
        lines = [("first", self.first, 0.0, self.first)]
        level = self.first
        for step, change in changes.items():
            lines.append((step, change, level, level + change))
            level += change
        lines.append(("last", self.last, 0.0, self.last))
        return pd.DataFrame(lines, columns=["step", "value", "start", "end"]).assign(
            first_year=self.first_year,
            last_year=self.last_year,
            k=self.parts.k,
            first_unknown=self.unknown[0],
            last_unknown=self.unknown[1],
        )

    def size_change(self) -> pd.DataFrame:
        """Return the parts of ``sizes`` and both years as one row; none where it is None."""
        found = self.sizes
        if found is None:
            return pd.DataFrame()
        years = {"first_year": self.first_year, "last_year": self.last_year}
        return pd.DataFrame([{**years, **asdict(found), "is_reliable": found.is_reliable}])


def compare_recorded_volumes(volumes: Volumes) -> VolumeComparison | None:
    """Split the change of volume between the last two years with known volumes.

    With more than five known volumes in both years the five largest are a part of their own.

    Parameters
    ----------
    volumes : mapping of int to sequence of float
        Volumes (EUR) of the new projects by year.

    Warns
    -----
    SmallSampleWarning
        If fewer than two years have a project with a known volume: None is returned; or if a
        year has too few projects to compare sizes.

    Examples
    --------
    >>> years = {2020: [1e6] * 9, 2021: [1e6] * 6 + [2e6] * 5}
    >>> parts = compare_recorded_volumes(years).parts
    >>> parts.number, parts.size, parts.large
    (2000000.0, 0.0, 5000000.0)
    """
    known = {year: values for year in sorted(volumes) if (values := _known(volumes[year]))}
    if len(known) < 2:
        _warn_too_few()
        return None
    (first_year, first), (last_year, last) = [*known.items()][-2:]
    if min(len(first), len(last)) > LARGE:
        parts = decompose_volume(first, last, LARGE)
    else:
        parts = decompose_totals(len(first), sum(first), len(last), sum(last))
    sizes = compare_volumes(first, last)
    unknown = (len(volumes[first_year]) - len(first), len(volumes[last_year]) - len(last))
    return VolumeComparison(first_year, last_year, sum(first), sum(last), parts, sizes, unknown)


def compare_total_volumes(rows: pd.DataFrame) -> VolumeComparison | None:
    """Split the change of a printed volume between the last two years with number and total.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one cluster: ``projects_new`` and ``project_volume``,
        undivided. Figures that are not exact take no part.

    Warns
    -----
    SmallSampleWarning
        If fewer than two years have both, with one project or more: None is returned.
    """
    exact = rows[(rows["dimension"] == "") & (rows["precision"] == "exact")]
    exact = exact[exact["indicator"].isin(("projects_new", "project_volume"))]
    table = exact.pivot_table(index="year", columns="indicator", values="value", aggfunc="first")
    table = table.reindex(columns=["projects_new", "project_volume"]).dropna()
    table = table[(table["projects_new"] >= 1) & (table["project_volume"] >= 0)]
    if len(table) < 2:
        _warn_too_few()
        return None
    pair = table.astype(float).tail(2)
    (n0, total0), (n1, total1) = pair.to_numpy().tolist()
    parts = decompose_totals(int(n0), total0, int(n1), total1)
    first_year, last_year = (int(year) for year in pair.index)
    return VolumeComparison(first_year, last_year, total0, total1, parts)


def _known(values: Sequence[float]) -> list[float]:
    return [float(value) for value in values if not math.isnan(value)]


def _warn_too_few() -> None:
    message = "volume: fewer than two years with a known number and volume of projects"
    warnings.warn(message, SmallSampleWarning, stacklevel=3)


def without_largest(volumes: Volumes) -> pd.DataFrame:
    """Return the total of each year with and without its largest projects.

    Parameters
    ----------
    volumes : mapping of int to sequence of float
        Volumes (EUR) of the new projects by year.

    Returns
    -------
    DataFrame
        ``year projects total large share rest``: number and total of all known volumes, number
        of the largest set apart (five at most, never all), their share, and what remains. A
        year without any volume has no row.

    Examples
    --------
    >>> table = without_largest({2021: [1, 1, 1, 1, 1, 1, 4, 5, 5, 5, 5]})
    >>> table[["total", "large", "share", "rest"]].to_numpy().tolist()
    [[30.0, 5.0, 0.8, 6.0]]
    """
    lines = []
    for year in sorted(volumes):
        known = _known(volumes[year])
        total = float(sum(known))
        k = min(LARGE, len(known) - 1)
        if total <= 0 or k < 1:
            continue
        rest = total_without_largest(known, k)
        lines.append((year, len(known), total, k, 1 - rest / total, rest))
    return pd.DataFrame(lines, columns=["year", "projects", "total", "large", "share", "rest"])


def without_named(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the printed total of each year with and without the projects named.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one cluster: ``project_volume`` undivided and by
        ``project``, and ``projects_new``. A year without named projects keeps its total.

    Returns
    -------
    DataFrame
        As `without_largest`; ``large`` counts the projects named. Where figures are only
        approximate, or the projects named exceed the total, share and rest are missing.
    """
    volume = rows[(rows["indicator"] == "project_volume") & rows["value"].notna()]
    counts = rows[(rows["indicator"] == "projects_new") & (rows["dimension"] == "")]
    numbers = counts.drop_duplicates("year").set_index("year")["value"]
    lines = []
    for row in volume[volume["dimension"] == ""].drop_duplicates("year").itertuples():
        named = volume[(volume["dimension"] == "project") & (volume["year"] == row.year)]
        is_exact = row.precision == "exact" and (named["precision"] == "exact").all()
        part, total = float(named["value"].sum()), float(row.value)
        share: Any = part / total if len(named) and is_exact and total >= part > 0 else pd.NA
        rest: Any = pd.NA if pd.isna(share) else total - part
        number = numbers.get(row.year, pd.NA)
        lines.append((int(row.year), number, total, len(named), share, rest))
    columns = ["year", "projects", "total", "large", "share", "rest"]
    table = pd.DataFrame(lines, columns=columns).sort_values("year", ignore_index=True)
    return table.astype({"projects": "Int64", "share": "Float64", "rest": "Float64"})


MEASURES = (
    "projects", "median", "geometric_mean", "top_1", "top_3", "top_5", "hhi",
    "effective_number", "gini",
)  # fmt: skip


def size_summary(volumes: Volumes) -> pd.DataFrame:
    """Return typical size and concentration of the volumes of each year.

    Only median and geometric mean carry an interval: no method that was tried covers what it
    promises for shares, Gini or mean of so few and so unequal volumes.

    Parameters
    ----------
    volumes : mapping of int to sequence of float
        Volumes (EUR) of the new projects by year.

    Returns
    -------
    DataFrame
        ``year measure value low high``; measures as in `MEASURES`, sizes in EUR. A year
        without a positive volume has no row.

    Warns
    -----
    SmallSampleWarning
        If a year has fewer than five projects, or all are of the same size.
    """
    typical = {"median": median_volume, "geometric_mean": geometric_mean_volume}
    lines: list[tuple[int, str, Any, Any, Any]] = []
    for year in sorted(volumes):
        found = concentration(volumes[year])
        if found is None:
            continue
        lines.append((year, "projects", found.n, pd.NA, pd.NA))
        for name, function in typical.items():
            result = function(volumes[year])
            value = pd.NA if result.estimate is None else result.estimate
            lines.append((year, name, value, result.low, result.high))
        shares = {f"top_{k}": share for k, share in found.top_shares.items() if found.n > k}
        other = {"hhi": found.hhi, "effective_number": found.effective_number, "gini": found.gini}
        lines += [(year, name, value, pd.NA, pd.NA) for name, value in {**shares, **other}.items()]
    table = pd.DataFrame(lines, columns=["year", "measure", "value", "low", "high"])
    return table.astype(dict.fromkeys(("value", "low", "high"), "Float64"))
