"""Volumes in EUR: typical size, concentration, and what a change of the total comes from.

Unknown volumes (nan) are left out everywhere; a volume is 0 or more.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.indicators.long import where
from ewm_analysis.statistics.result import (
    ALPHA,
    LEVEL,
    TESTS,
    Result,
    as_count,
    critical,
    inversions,
    limits,
    table_of,
    tail,
    too_small,
    within,
)

LARGE = 5
"""How many of the largest projects are told apart."""

TOP = (1, 3, 5)
INEQUALITY = ("hhi", "effective_number", "gini")
EXACT = 10_000
"""Up to this many pairs of volumes the exact distribution is counted."""

RESAMPLES = 9999
SEED = 20210630
"""Fixed, so that the same volumes give the same interval."""

Recorded = Mapping[int, Sequence[float]]
"""Volumes of the new projects by year, as records state them."""


def _volumes(values: Sequence[float]) -> np.ndarray:
    x = np.asarray(values, float)
    return np.sort(within("volume", x[~np.isnan(x)], 0))


def _known(values: Sequence[float]) -> list[float]:
    return [float(value) for value in values if not math.isnan(value)]


# Typical size


def _without_interval(x: np.ndarray, method: str) -> Result | None:
    if len(x) < 5:
        return too_small(method, (len(x),), "fewer than five projects")
    if x[0] == x[-1]:
        return too_small(method, (len(x),), "all projects have the same volume")
    return None


def median_volume(values: Sequence[float]) -> Result:
    """Return the median volume with its BCa bootstrap interval.

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
    n, median = len(x), float(np.median(x))
    if x[n // 2 - 1] == x[(n + 1) // 2]:  # BCa asks how the median moves if one is left out
        note = "the projects in the middle have the same volume: no interval"
        return Result(median, None, None, None, method, (n,), note)
    ci = scipy.stats.bootstrap(
        (x,), np.median, n_resamples=RESAMPLES, confidence_level=LEVEL, method="BCa", rng=SEED
    ).confidence_interval
    return Result(median, float(ci.low), float(ci.high), None, method, (n,))


def geometric_mean_volume(values: Sequence[float]) -> Result:
    r"""Return the geometric mean of the positive volumes with the t interval of their logs.

    .. math:: \exp\left( \overline{\ln x} \pm t_{1-\alpha/2,\,n-1}\, s_{\ln x} / \sqrt n \right)

    The classical interval, exact if volumes are lognormal.

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
    ends = scipy.stats.t.interval(LEVEL, n - 1, logs.mean(), logs.std(ddof=1) / np.sqrt(n))
    low, high = (float(np.exp(end)) for end in ends)
    return Result(float(scipy.stats.gmean(x)), low, high, None, method, (n,))


def compare_volumes(first: Sequence[float], last: Sequence[float], *, tests: int = 1) -> Result:
    """Compare the sizes of the projects of two years.

    The estimate is the typical ratio last / first: the Hodges-Lehmann shift of the logarithms,
    turned back; the p value is Mann-Whitney's, and the interval holds the ratios that this test
    does not reject (exact where no two volumes are equal). Zeros are left out. Test and interval
    hold for a shift: where the spread of sizes changes too, a difference may be one of spread.

    Parameters
    ----------
    first, last : sequence of float
        Volumes (EUR) of the projects of each year.
    tests : int
        How many tests share the level of 5 %.

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
    level = ALPHA / tests
    differences = (np.log(y)[:, None] - np.log(x)[None, :]).ravel()
    inverted = float((differences < 0).sum() + (differences == 0).sum() / 2)
    repeats = np.unique(np.concatenate([x, y]), return_counts=True)[1]
    if repeats.max() == 1 and len(differences) <= EXACT:
        found = inversions(n)
        p_value, most = tail(found, inverted), critical(found, level)
    else:
        p_value, most = _normal_tail(n, inverted, repeats, level)
    ends = limits(differences, most, is_reliable=p_value < level)
    low, high = (None if end is None else float(np.exp(end)) for end in ends)
    ratio = float(np.exp(np.median(differences)))
    return Result(ratio, low, high, p_value, method, n, level=level)


def _normal_tail(
    n: tuple[int, int], inverted: float, repeats: np.ndarray, level: float
) -> tuple[float, int]:
    """Return p value and most inversions that are reliable: normal, corrected for equal values."""
    size, middle = sum(n), n[0] * n[1] / 2
    ties = (repeats**3 - repeats).sum() / (size * (size - 1))
    spread = np.sqrt(middle / 6 * (size + 1 - ties))
    apart = max(abs(middle - inverted) - 0.5, 0.0)
    p_value = min(1.0, 2 * float(scipy.stats.norm.sf(apart / spread))) if spread else 1.0
    z = scipy.stats.norm.isf(level / 2)
    return p_value, int(np.floor(middle - 0.5 - z * spread))


# Concentration


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


def concentration(values: Sequence[float]) -> Concentration | None:
    r"""Describe how far volumes lie in few projects; None without any positive volume.

    .. math:: HHI = \sum s_i^2, \quad G = \frac{\sum (2i - n - 1) x_{(i)}}{n \sum x}

    References
    ----------
    Cowell, Measuring Inequality, 3rd ed. (2011).

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
    hhi = float((share**2).sum())
    return Concentration(
        n=n,
        total=total,
        top_shares={k: float(share[-k:].sum()) for k in TOP},
        hhi=hhi,
        effective_number=1 / hhi,
        gini=float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * total)),
    )


TYPICAL = {"median": median_volume, "geometric_mean": geometric_mean_volume}
MEASURES = ("projects", *TYPICAL, *(f"top_{k}" for k in TOP), *INEQUALITY)


def size_summary(volumes: Recorded) -> pd.DataFrame:
    """Return typical size and concentration of the volumes of each year.

    Only median (BCa bootstrap) and geometric mean (t interval of the logarithms) carry an
    interval: no method that was tried covers what it promises for shares, Gini or mean of so
    few and so unequal volumes.

    Returns
    -------
    DataFrame
        ``year measure value low high``; measures as in `MEASURES`, sizes in EUR. A year
        without a positive volume has no row.
    """
    lines: list[tuple[Any, ...]] = []
    for year in sorted(volumes):
        found = concentration(volumes[year])
        if found is None:
            continue
        lines.append((year, "projects", found.n, None, None))
        for name, function in TYPICAL.items():
            result = function(volumes[year])
            lines.append((year, name, result.estimate, result.low, result.high))
        known = {f"top_{k}": share for k, share in found.top_shares.items() if found.n > k}
        known |= {name: getattr(found, name) for name in INEQUALITY}
        lines += [(year, name, value, None, None) for name, value in known.items()]
    return table_of(lines, "year measure value low high", Float64="value low high")


def without_largest(known: Recorded | pd.DataFrame) -> pd.DataFrame:
    """Return the total of each year with and without its largest projects.

    Parameters
    ----------
    known : mapping of int to sequence of float, or DataFrame
        Volumes of the new projects by year; or, of one cluster, `IndicatorValues` with
        ``projects_new`` and ``project_volume``, undivided and by ``project``: the projects that
        the report names are then set apart.

    Returns
    -------
    DataFrame
        ``year projects total large share rest n_known n_all``: number and total of all known
        volumes, number of those set apart (of recorded ones five at most, never all), their share,
        and what remains; where not all volumes are known, how many of how many. A year without
        any volume has no row; share and rest are missing where no project is named, figures are
        not exact, or the projects named exceed the total.

    Examples
    --------
    >>> table = without_largest({2021: [1, 1, 1, 1, 1, 1, 4, 5, 5, 5, 5]})
    >>> table[["total", "large", "share", "rest"]].to_numpy().tolist()
    [[30.0, 5, 0.8, 6.0]]
    """
    lines = _without_named(known) if isinstance(known, pd.DataFrame) else _without_top(known)
    names = "year projects total large share rest n_known n_all"
    table = table_of(lines, names, Int64="projects n_known n_all", Float64="share rest")
    return table.sort_values("year", ignore_index=True)


def _without_top(volumes: Recorded) -> Iterator[tuple[Any, ...]]:
    for year, values in volumes.items():
        known = _known(values)
        total, k = float(sum(known)), min(LARGE, len(known) - 1)
        if total > 0 and k > 0:
            rest = float(_volumes(known)[:-k].sum())
            is_partial = len(known) < len(values)
            items = (len(known), len(values)) if is_partial else (pd.NA, pd.NA)
            yield year, len(known), total, k, 1 - rest / total, rest, *items


def _without_named(rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    volume = where(rows, indicator="project_volume").dropna(subset="value")
    counts = where(rows, indicator="projects_new", dimension="")
    numbers = counts.drop_duplicates("year").set_index("year")["value"]
    for row in volume[volume["dimension"] == ""].drop_duplicates("year").itertuples():
        named = where(volume, dimension="project", year=row.year)
        is_exact = row.precision == "exact" and (named["precision"] == "exact").all()
        part, total = float(named["value"].sum()), float(row.value)
        share: Any = part / total if len(named) and is_exact and total >= part > 0 else pd.NA
        rest: Any = pd.NA if pd.isna(share) else total - part
        items = (getattr(row, name, pd.NA) for name in ("n_known", "n_all"))
        yield int(row.year), numbers.get(row.year, pd.NA), total, len(named), share, rest, *items


# What a change of the total comes from


@dataclass(frozen=True)
class VolumeChange:
    """The parts of a change of volume; they add up to `change` exactly.

    From totals alone only number and mean size can be told apart; `large` is then None.
    """

    change: float
    number: float
    size: float
    large: float | None
    k: int


def decompose_volume(first: Sequence[float], last: Sequence[float], k: int = LARGE) -> VolumeChange:
    r"""Split the change of total volume into number, typical size and few large projects.

    The total is the k largest plus the rest; the rest is number times mean. The change of the
    rest is split symmetrically, the change of the k largest is the third part:

    .. math:: \Delta V = \underbrace{\Delta n \,\tfrac{m_0 + m_1}{2}}_{number}
        + \underbrace{\Delta m \,\tfrac{n_0 + n_1}{2}}_{size}
        + \underbrace{\Delta \sum_{i \le k} x_{(i)}}_{large}

    Raises
    ------
    ParameterError
        If a year has no more than k known volumes, or one is negative.

    References
    ----------
    Das Gupta (1993), Standardization and Decomposition of Rates, chapter 2 (two factors).

    Examples
    --------
    >>> parts = decompose_volume([1.0, 1.0, 4.0], [1.0, 1.0, 1.0, 9.0], k=1)
    >>> parts.change, parts.number, parts.size, parts.large
    (6.0, 1.0, 0.0, 5.0)
    """
    x, y, k = _volumes(first), _volumes(last), as_count("k", k)
    n0, n1 = len(x) - k, len(y) - k
    if min(n0, n1) <= 0:
        raise ParameterError("k", k, reason=f"asks for more than {min(len(x), len(y))} volumes")
    rest = decompose_totals(n0, float(x[:n0].sum()), n1, float(y[:n1].sum()))
    large = float(y[n1:].sum() - x[n0:].sum())
    return VolumeChange(float(y.sum() - x.sum()), rest.number, rest.size, large, k)


def decompose_totals(n0: int, total0: float, n1: int, total1: float) -> VolumeChange:
    """Split the change of a total into number and mean size, where only totals are known.

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


@dataclass(frozen=True)
class VolumeComparison:
    """Two years of volumes: number, total, the parts of the change, and the typical size.

    ``sizes`` is the comparison of sizes, as one of the `TESTS` of a page; None where only totals
    are known.
    ``unknown`` counts the new projects of each year whose volume is not known: no part has them;
    ``known`` those whose volume is.
    """

    first_year: int
    last_year: int
    first: float
    last: float
    parts: VolumeChange
    sizes: Result | None = None
    unknown: tuple[int, int] = (0, 0)
    known: tuple[int, int] = (0, 0)

    def steps(self) -> pd.DataFrame:
        """Return the change as steps: ``step``, ``value``, ``start`` and ``end``.

        Examples
        --------
        >>> parts = decompose_totals(42, 68.9, 34, 161.5)
        >>> steps = VolumeComparison(2020, 2021, 68.9, 161.5, parts).steps()
        >>> [*steps["step"]], round(float(steps["end"].iloc[2]), 1)
        (['first', 'number', 'size', 'last'], 161.5)
        """
        changes = {} if self.parts.large is None else {"large": self.parts.large}
        changes |= {"number": self.parts.number, "size": self.parts.size}
        lines = [("first", self.first, 0.0, self.first)]
        level = self.first
        for step, change in changes.items():
            lines.append((step, change, level, level + change))
            level += change
        lines.append(("last", self.last, 0.0, self.last))
        items = {
            f"{end}_{name}": count if unknown else pd.NA
            for end, unknown, known in zip(("first", "last"), self.unknown, self.known, strict=True)
            for name, count in (("n_known", known), ("n_all", known + unknown))
        }
        return pd.DataFrame(lines, columns=["step", "value", "start", "end"]).assign(
            first_year=self.first_year,
            last_year=self.last_year,
            k=self.parts.k,
            first_unknown=self.unknown[0],
            last_unknown=self.unknown[1],
            **items,
        )

    def size_change(self) -> pd.DataFrame:
        """Return the parts of ``sizes`` and both years as one row; none where it is None."""
        found = self.sizes
        if found is None:
            return pd.DataFrame()
        years = {"first_year": self.first_year, "last_year": self.last_year}
        return pd.DataFrame([{**years, **asdict(found), "is_reliable": found.is_reliable}])


def volume_change(known: Recorded | pd.DataFrame) -> VolumeComparison | None:
    """Split the change of volume between the last two years with known number and volume.

    With more than five known volumes in both years the five largest are a part of their own.
    Where fewer than two years have a project with a known volume there is nothing to compare.

    Parameters
    ----------
    known : mapping of int to sequence of float, or DataFrame
        Volumes of the new projects by year; or, of one cluster, `IndicatorValues` with
        ``projects_new`` and ``project_volume``, undivided: figures that are not exact take no
        part, and neither typical sizes nor large projects are told.

    Examples
    --------
    >>> years = {2020: [1e6] * 9, 2021: [1e6] * 6 + [2e6] * 5}
    >>> parts = volume_change(years).parts
    >>> parts.number, parts.size, parts.large
    (2000000.0, 0.0, 5000000.0)
    """
    is_printed = isinstance(known, pd.DataFrame)
    found = _change_of_totals(known) if is_printed else _change_of_records(known)
    if found is None:
        message = "volume: fewer than two years with a known number and volume of projects"
        warnings.warn(message, SmallSampleWarning, stacklevel=2)
    return found


def _change_of_records(volumes: Recorded) -> VolumeComparison | None:
    known = {year: values for year in sorted(volumes) if (values := _known(volumes[year]))}
    if len(known) < 2:
        return None
    (first_year, first), (last_year, last) = [*known.items()][-2:]
    if min(len(first), len(last)) > LARGE:
        parts = decompose_volume(first, last)
    else:
        parts = decompose_totals(len(first), sum(first), len(last), sum(last))
    sizes = compare_volumes(first, last, tests=TESTS)
    unknown = (len(volumes[first_year]) - len(first), len(volumes[last_year]) - len(last))
    counts = (len(first), len(last))
    return VolumeComparison(
        first_year, last_year, sum(first), sum(last), parts, sizes, unknown, counts
    )


def _change_of_totals(rows: pd.DataFrame) -> VolumeComparison | None:
    names = ["projects_new", "project_volume"]
    exact = where(rows, indicator=names, dimension="", precision="exact")
    table = exact.pivot_table(index="year", columns="indicator", values="value", aggfunc="first")
    table = table.reindex(columns=names).dropna()
    table = table[(table["projects_new"] >= 1) & (table["project_volume"] >= 0)]
    if len(table) < 2:
        return None
    pair = table.astype(float).tail(2)
    (n0, total0), (n1, total1) = pair.to_numpy().tolist()
    parts = decompose_totals(int(n0), total0, int(n1), total1)
    first_year, last_year = (int(year) for year in pair.index)
    return VolumeComparison(first_year, last_year, total0, total1, parts)
