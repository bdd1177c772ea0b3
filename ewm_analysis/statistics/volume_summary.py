"""The volume of the new projects of two years: what changed it, and how far few projects make it.

From records every volume is known; from printed figures only totals, the number of projects
and the volumes of the projects that a report names.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.statistics.decomposition import VolumeChange, decompose_totals, decompose_volume
from ewm_analysis.statistics.result import Result
from ewm_analysis.statistics.volumes import (
    compare_volumes,
    concentration,
    geometric_mean_volume,
    median_volume,
    total_without_largest,
)

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
