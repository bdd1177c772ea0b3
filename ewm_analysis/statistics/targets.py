"""Targets: whether what is known of a figure is on the way to what was asked of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import WITHHELD
from ewm_analysis.indicators.long import where
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.counts import (
    assumed_variance,
    compare_counts,
    detectable_ratio,
)
from ewm_analysis.statistics.printed import printed_digits
from ewm_analysis.statistics.result import Result, table_of
from ewm_analysis.statistics.shares import compare_shares

Verdict = Literal["reached", "missed", "on_track", "behind", "open"]
"""The first two are of the target year, the others of a year before: open is what cannot be told
yet."""

Gap = Literal["", "unknown", "withheld", "rough", "base", "small"]
"""Why a target is open: no figure is known, it is withheld or not exact; none is known of the base
year; even the whole step that is asked for could be chance."""

NEAR = 1e-9
"""Part of a value that rounding may take from it."""


@dataclass(frozen=True)
class Judgement:
    """What can be said of a target: by which value of which year, and what the way asks for there.

    ``earliest`` is the first year in which it can be told, as far as that follows from counts;
    ``result`` compares the value with that of the base year; None where nothing is tested.
    """

    verdict: Verdict = "open"
    last_year: int | None = None
    last_value: float | None = None
    planned: float | None = None
    earliest: int | None = None
    gap: Gap = ""
    result: Result | None = None


def judge_target(
    series: Mapping[int, float],
    target: float,
    target_year: int,
    base_year: int | None = None,
    *,
    is_most: bool = False,
    is_event: bool = False,
    bases: Mapping[int, int] | None = None,
    tests: int = 1,
) -> Judgement:
    r"""Judge a target by the last value known, of its year or before.

    In its year a target is reached or missed. Before, the way from the base year :math:`t_0` asks
    for

    .. math:: p(t) = x_{t_0} + (z - x_{t_0}) \frac{t - t_0}{T - t_0},

    and for the target :math:`z` itself where it is only to be kept: the base year has reached it.
    It is on track if the value is what the way asks for and chance alone does not explain that;
    behind if the interval of the change ends below it; otherwise it cannot be told yet. Counts of
    what is new each year are compared with the base year by `compare_counts`, at twice the variance
    of independent events, shares by `compare_shares`. Anything else has no test: the value decides.

    Parameters
    ----------
    series : mapping of int to float
        The value of each year known, at least one until `target_year`.
    target, target_year : float, int
        What is to be reached, in the unit of the series, and when.
    base_year : int, optional
        Where the way begins. Without it a target is open until its year.
    is_most : bool
        Whether the target is an upper limit.
    is_event : bool
        Whether the values count what is new each year.
    bases : mapping of int to int, optional
        Of shares: the number that each year's value is a share of.
    tests : int
        How many targets share the level of 5 %.

    Examples
    --------
    >>> told = judge_target({2018: 45, 2020: 40, 2021: 36}, 90, 2022, 2018, is_event=True)
    >>> told.verdict, told.planned
    ('behind', 78.75)
    >>> told = judge_target({2018: 30, 2021: 34}, 75, 2025, 2018, is_event=True)
    >>> told.verdict, told.earliest
    ('open', 2024)
    """
    year = max(each for each in series if each <= target_year)
    value, sign = series[year], -1 if is_most else 1
    told = Judgement("open", year, value)
    if year == target_year:
        is_met = sign * (value - target) >= -NEAR * abs(target)
        return replace(told, planned=target, verdict="reached" if is_met else "missed")
    if base_year is None or base_year not in series or (is_event and not series[base_year]):
        return replace(told, gap="base")
    way = _Way(series[base_year], base_year, target, target_year, sign, is_ratio=is_event)
    result = _compared(series, base_year, year, is_event, bases, tests)
    verdict = _verdict(value, year, way, result)
    told = Judgement(verdict, year, value, way.planned(year), result=result)
    if told.verdict == "open" and is_event:
        earliest = _earliest(way, year, tests)
        return replace(told, earliest=earliest, gap="" if earliest else "small")
    return told


@dataclass(frozen=True)
class _Way:
    """The even way from a base year to a target; changes along it are ratios or differences."""

    base: float
    base_year: int
    target: float
    target_year: int
    sign: int
    """-1 of an upper limit."""
    is_ratio: bool

    @property
    def is_kept(self) -> bool:
        return self.sign * (self.base - self.target) >= 0

    def planned(self, year: int) -> float:
        part = (
            1.0 if self.is_kept else (year - self.base_year) / (self.target_year - self.base_year)
        )
        return self.base + (self.target - self.base) * part

    def change(self, year: int) -> float:
        planned = self.planned(year)
        return planned / self.base if self.is_ratio else planned - self.base


def _verdict(value: float, year: int, way: _Way, result: Result | None) -> Verdict:
    """Judge a year before the target's by the interval of the change, if there is one."""
    planned = way.planned(year)
    is_met = way.sign * (value - planned) >= -NEAR * abs(planned)
    if result is None:
        return "on_track" if is_met else "behind"
    low = -math.inf if result.low is None else result.low
    high = math.inf if result.high is None else result.high
    worst, best = sorted((way.sign * low, way.sign * high))
    asked = way.sign * way.change(year)
    if is_met and (worst >= asked if way.is_kept else result.is_reliable):
        return "on_track"
    return "behind" if best < asked else "open"


def _earliest(way: _Way, year: int, tests: int) -> int | None:
    """Return the first year after `year` in which the change asked for would be seen in counts."""
    fall, rise = detectable_ratio(round(way.base), tests, variance=assumed_variance(2))
    for later in range(year + 1, way.target_year + 1):
        if not (fall or 0.0) < way.change(later) < (rise or math.inf):
            return later
    return None


def _compared(
    series: Mapping[int, float],
    first: int,
    last: int,
    is_event: bool,
    bases: Mapping[int, int] | None,
    tests: int,
) -> Result | None:
    if is_event:
        # The years between lie on the way: how counts scatter they do not tell.
        return compare_counts(round(series[first]), round(series[last]), others=(), tests=tests)
    if bases and {first, last} <= {*bases}:
        ends = [(round(series[year] * bases[year]), bases[year]) for year in (first, last)]
        return compare_shares(*ends, tests=tests)
    return None


FIGURE = ["cluster_id", "region", "scope", "indicator", "dimension", "category"]
"""What names the figure that a target is about."""

JUDGED = {
    "Float64": "target base_value last_value planned p_value",
    "Int64": "last_year earliest",
    "string": "verdict gap method",
}
"""What `judge_targets` adds to each target."""


def judge_targets(targets: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Judge targets by the figures of their clusters.

    The targets of a cluster are one family: their tests share the level of 5 %. What is withheld
    in the last year or in the base year cannot be judged, nor what is not known exactly.

    Parameters
    ----------
    targets : DataFrame
        Contract `Targets`.
    values : DataFrame
        Contract `IndicatorValues`; figures that are withheld are among them, without value.

    Returns
    -------
    DataFrame
        The targets with ``target`` in the unit of the figure, the ``base_value``, and what
        `judge_target` says: ``last_year last_value planned verdict earliest gap``; ``p_value`` and
        ``method`` where the change since the base year is tested.
    """
    sizes = targets["cluster_id"].value_counts()
    lines = [_judged(row, values, int(sizes[row["cluster_id"]])) for _, row in targets.iterrows()]
    return table_of(lines, " ".join([*targets, *JUDGED.values()]), **JUDGED)


def _judged(row: pd.Series, values: pd.DataFrame, tests: int) -> dict[str, Any]:
    known, bases = _figures(row, values)
    known = known[known["year"] <= row["target_year"]]
    base_year = None if pd.isna(row["base_year"]) else int(row["base_year"])
    exact = known[known["precision"] == "exact"]
    series = dict(zip(exact["year"].astype(int), exact["value"].astype(float), strict=True))
    base, asked = series.get(base_year), float(row["value"])
    target: float | None = asked
    if row["kind"] == "growth":  # in the unit of the figure
        target = None if base is None else base * (1 + asked)
    ends = known[known["year"].isin([base_year, known["year"].max()])]
    if gap := _gap([*ends["precision"]], target):
        told = Judgement(gap=gap)
    else:
        told = judge_target(
            series,
            float(target or 0),
            int(row["target_year"]),
            base_year,
            is_most=row["kind"] == "at_most",
            is_event=row["kind"] != "share" and indicator(row["indicator"]).is_event,
            bases=bases,
            tests=tests,
        )
    tested = told.result or Result(None, None, None, None, "", ())
    more = {"target": target, "base_value": base, **vars(told)}
    return {**row, **more, "p_value": tested.p_value, "method": tested.method}


def _gap(precisions: Sequence[str], target: float | None) -> Gap:
    """Return why a target cannot be judged by these figures; empty if it can."""
    if not precisions:
        return "unknown"
    if WITHHELD in precisions:
        return "withheld"
    if {*precisions} != {"exact"}:
        return "rough"
    return "base" if target is None else ""


def _figures(row: pd.Series, values: pd.DataFrame) -> tuple[pd.DataFrame, dict[int, int]]:
    """Return the figure that a target is about, by year; of a share the numbers it is a part of."""
    name, entry = row["indicator"], indicator(row["indicator"])
    own = _of(row, values, name, row["dimension"], row["category"])
    if row["kind"] != "share":
        return own, {}
    whole = _of(row, values, entry.base or name)
    parts = own
    if entry.unit != "fraction":
        own = own.merge(whole[["year", "value", "precision"]], on="year", suffixes=("", "_whole"))
        own["value"] /= own["value_whole"].where(own["value_whole"] > 0)
        own["precision"] = own["precision"].where(
            own["precision_whole"] == "exact", own["precision_whole"]
        )
    elif entry.part:
        parts = _of(row, values, entry.part)
    else:
        return own, {}
    if not indicator(entry.base or name).is_event:
        return own, {}
    exact = whole[(whole["precision"] == "exact") & whole["year"].isin(parts["year"])]
    return own, dict(zip(exact["year"].astype(int), exact["value"].astype(int), strict=True))


def _of(
    row: pd.Series, values: pd.DataFrame, name: str, dimension: str = "", category: str = ""
) -> pd.DataFrame:
    """Return a figure of a target's cluster by year."""
    asked = {**row[["cluster_id", "region", "scope"]], "indicator": name}
    asked |= {"dimension": dimension, "category": category}
    found = where(values, **asked, delimitation=["", "clustermonitoring"])
    found = found[found["base_year"].isna()]
    return found.drop_duplicates("year", keep="last").sort_values("year")


# In words: a table and a sentence say the same.


def say_subject(row: Any, words: Words) -> str:
    """Return what a target is about: "Neu initiierte Projekte, Cross Cluster stärken"."""
    name = words.figure(row)
    return f"{row.owner} – {words.within(name)}" if row.owner else name


def say_amount(row: Any, value: Any, words: Words) -> str:
    """Return a value in the unit of a target: of a share per cent."""
    if pd.isna(value):
        return MISSING
    if row.kind == "share":
        return words.share(value)
    return words.value(row.indicator, round(value))


def say_asked(row: Any, words: Words) -> str:
    """Return what a target asks for: "mindestens 75 bis 2025"."""
    value = (
        words.change(row.value, printed_digits(row.value))
        if row.kind == "growth"
        else say_amount(row, row.value, words)
    )
    facts = {"value": value, "year": row.target_year, "base": row.base_year}
    return words.text(f"targets.asked.{row.kind}", **facts)


def say_target(row: Any, words: Words) -> str:
    """Return what is asked for with its noun: "mindestens 75 neue Projekte bis 2025"."""
    kind = "at_most" if row.kind == "at_most" else "at_least"
    value = words.quantity(row.indicator, round(row.target))
    return words.text(f"targets.asked.{kind}", value=value, year=row.target_year)


def say_verdict(row: Any, words: Words) -> str:
    """Return what can be said of a target: "noch nicht zu sagen: frühestens 2023"."""
    key = f"{row.verdict}{'_untested' * is_untested(row)}"
    return words.text(f"targets.verdict.{key}", why=say_gap(row, words))


def say_gap(row: Any, words: Words) -> str:
    """Return why nothing can be said of a target yet, or when it can be; empty if it is judged."""
    if row.verdict != "open":
        return ""
    key = row.gap or ("chance" if pd.isna(row.earliest) else "earliest")
    return words.text(f"targets.open.{key}", year=row.earliest, target_year=row.target_year)


def is_untested(row: Any) -> bool:
    """Tell whether a verdict on a year before the target's rests on no test."""
    return row.verdict in ("on_track", "behind") and pd.isna(row.p_value)
