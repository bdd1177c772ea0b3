"""Growth and trend: their arithmetic, and the series and summaries that a page shows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.indicators.series import with_family
from ewm_analysis.statistics.counts import compare_counts
from ewm_analysis.statistics.result import ALPHA, LEVEL, Result, too_small
from ewm_analysis.statistics.shares import adjust

Gap = Literal["", "missing", "zero_base", "negative"]


def growth_gap(first: Any, last: Any) -> Gap:
    """Return why there is no growth from `first` to `last`; empty if there is one.

    Examples
    --------
    >>> growth_gap(0, 12), growth_gap(10, None), growth_gap(5, -1), growth_gap(4, 0)
    ('zero_base', 'missing', 'negative', '')
    """
    if pd.isna(first) or pd.isna(last):
        return "missing"
    if first < 0 or last < 0:
        return "negative"
    return "zero_base" if first == 0 else ""


def growth_rate(first: Any, last: Any) -> Any:
    """Return the relative change from `first` to `last`, a fraction: last / first − 1.

    A growth needs a base: where `first` is missing, zero or negative, or `last` is missing,
    the growth is missing too (``pd.NA``), never infinite.

    Parameters
    ----------
    first, last : number or Series
        The earlier and the later figure, in the same unit; two Series are matched by index.
        If either is a Series, so is the growth (Float64).

    Examples
    --------
    >>> round(growth_rate(68.9, 161.5), 3)
    1.344
    >>> growth_rate(0, 12)
    <NA>
    """
    if isinstance(first, pd.Series) or isinstance(last, pd.Series):
        index = first.index if isinstance(first, pd.Series) else last.index
        base, end = (
            (value if isinstance(value, pd.Series) else pd.Series(value, index)).astype("Float64")
            for value in (first, last)
        )
        return end / base.where(base > 0) - 1
    if pd.isna(first) or pd.isna(last) or first <= 0:
        return pd.NA
    return float(last) / float(first) - 1


def cagr(first: Any, last: Any, periods: float) -> Any:
    r"""Return the average yearly growth, a fraction; ``pd.NA`` where there is no growth.

    .. math:: (v_T / v_0)^{1/T} - 1

    Only the two ends count; what lies between them changes nothing.

    Parameters
    ----------
    first, last : number or missing
        The earlier and the later figure, in the same unit; neither may be negative.
    periods : float
        Years between them: from 2011 to 2019 it is 8.

    Raises
    ------
    ParameterError
        If `periods` is not more than 0.

    References
    ----------
    Eurostat, Statistics Explained, "Compound annual growth rate (CAGR)".

    Examples
    --------
    >>> round(cagr(100, 121, 2), 6), round(cagr(1, 1.675, 8), 3), cagr(0, 5, 2)
    (0.1, 0.067, <NA>)
    """
    if not periods > 0:
        raise ParameterError("periods", periods, reason="must be more than 0 years")
    if growth_gap(first, last):
        return pd.NA
    return float((float(last) / float(first)) ** (1 / periods) - 1)


FULL_PERMUTATION = 8
"""Up to this many years with ties all orders are counted (8! = 40,320)."""


@cache
def smallest_p(n: int) -> float:
    """Return the smallest two-sided p that n different values can reach in the exact test.

    Examples
    --------
    >>> round(smallest_p(4), 3), round(smallest_p(5), 3)
    (0.083, 0.017)
    """
    return 1.0 if n < 2 else 2 / float(np.prod(np.arange(1, n + 1)))


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
    t, y = np.asarray(years, float), np.asarray(values, float)
    if len(t) != len(y) or len(np.unique(t)) != len(t):
        raise ParameterError("years", list(years), reason="must name each value's own year")
    known = np.isfinite(y)
    order = np.argsort(t[known])
    t, y = t[known][order], y[known][order]
    method, n = "Theil-Sen, exact Kendall", (len(y),)
    if len(y) < 3:
        return too_small(method, n, "fewer than three years")
    fit = scipy.stats.theilslopes(y, t, alpha=LEVEL)
    slope, low, high = float(fit.slope), float(fit.low_slope), float(fit.high_slope)
    least = smallest_p(len(y))
    note = f"smallest possible p is {least:.3f}" if least > ALPHA else ""
    return Result(slope, low, high, _kendall_p(y), method, n, note)


def _kendall_p(values: np.ndarray) -> float:
    """Exact two-sided p of Kendall's S against all orders of the same values."""
    n = len(values)
    has_ties = len(np.unique(values)) < n
    if not has_ties or n > FULL_PERMUTATION:
        method = "asymptotic" if has_ties else "exact"
        return float(scipy.stats.kendalltau(np.arange(n), values, method=method).pvalue)
    early, late = np.triu_indices(n, 1)
    orders = values[np.array(list(permutations(range(n))))]
    scores = np.abs(np.sign(orders[:, late] - orders[:, early]).sum(axis=1))
    observed = abs(np.sign(values[late] - values[early]).sum())
    return float(np.mean(scores >= observed))


# The key figures of a cluster: rows of the contract `IndicatorValues`, of one cluster and the years
# in question.

MONITORING = (
    "projects_new", "projects_running", "project_volume", "funding_volume",
    "activities", "actors_projects", "actors_activities",
)  # fmt: skip
ECONOMY = ("companies", "turnover_eur", "employees_insured", "employees_total")
GROWING = (*MONITORING, *ECONOMY)
"""Indicators whose growth is told."""

EVENTS = ("projects_new", "activities")
"""Counts of things that are new each year: only these can be tested by `compare_counts`."""

FLOWS = (*EVENTS, "project_volume", "funding_volume")
"""Figures of what is new each year; the others carry much over from year to year."""

SERIES = ["indicator", "scope", "region", "delimitation", "family"]
"""What must agree for two figures to be one series."""


def comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the undivided key figures with the ``family`` that tells series apart."""
    known = rows["indicator"].isin(GROWING) & (rows["dimension"] == "") & rows["value"].notna()
    return with_family(rows[known])


def growth_span(rows: pd.DataFrame) -> tuple[int, int] | None:
    """Return the first and the last year of all series with two years or more; None without.

    Examples
    --------
    >>> columns = {"indicator": "activities", "scope": "", "region": "bebb", "dimension": "",
    ...            "delimitation": "", "source_id": "report"}
    >>> growth_span(pd.DataFrame({"year": [2020, 2021], "value": [122, 95], **columns}))
    (2020, 2021)
    """
    grouped = comparable(rows).groupby(SERIES)["year"].agg(["min", "max"])
    grouped = grouped[grouped["max"] > grouped["min"]]
    return None if grouped.empty else (int(grouped["min"].min()), int(grouped["max"].max()))


def is_whole(rows: pd.DataFrame) -> pd.Series:
    """Tell which figures are no mere bounds: sums of which not all items are known."""
    return rows["precision"] != "at_least"


def _all_series(
    rows: pd.DataFrame, fewest: int = 1
) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """Yield the series of key figures, in the order of `GROWING`, core before total."""
    chosen = comparable(rows)
    order = chosen["indicator"].map({name: place for place, name in enumerate(GROWING)})
    chosen = chosen.assign(order=order).sort_values(["order", "year"], kind="stable")
    for key, series in chosen.groupby(["order", *SERIES]):
        if series["year"].nunique() >= fewest:
            yield key[1:], series


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Adjust the p values of a table, those there are."""
    tested = table["p_value"].notna()
    table.loc[tested, "p_value"] = adjust([float(p) for p in table.loc[tested, "p_value"]])
    return table


COLUMNS = (
    "indicator", "scope", "region", "delimitation", "source_id", "years", "first_year",
    "first_value", "last_year", "last_value", "change", "growth", "cagr", "low", "high",
    "p_value", "gap", "first_precision", "last_precision", "first_inferred", "last_inferred",
    "first_n_known", "first_n_all", "first_at_most", "last_n_known", "last_n_all", "last_at_most",
)  # fmt: skip
DTYPES = {
    **dict.fromkeys(COLUMNS[7:16], "Float64"),
    **dict.fromkeys(("years", "first_year", "last_year"), "Int64"),
}


def growth_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the growth of each key figure from its first to its last known year.

    New projects and activities are compared by `compare_counts`; their p values are adjusted
    together (Holm). Running projects, actors, volumes and economic figures are not tested:
    they are partly the same in both years, or a few large projects make them.

    Returns
    -------
    DataFrame
        One row a series: ``indicator scope region delimitation source_id years first_year
        first_value last_year last_value change growth cagr low high p_value gap``, and
        ``first_precision last_precision first_inferred last_inferred`` of both values, as well as
        ``n_known`` of ``n_all`` items of sums known in part. ``cagr`` takes two periods or more;
        ``low`` and ``high`` are the 95 % interval of the ratio last / first; ``gap`` says why
        there is no growth: ``one_year``, ``partial`` (a sum is known in part), ``rough`` (a figure
        is approximate), ``zero_base``, ``negative``.
    """
    lines = [_growth(key, series) for key, series in _all_series(rows)]
    return _adjusted(pd.DataFrame(lines, columns=COLUMNS).astype(DTYPES))


def _growth(key: tuple[str, ...], series: pd.DataFrame) -> dict[str, Any]:
    ends = {"first": series.iloc[0], "last": series.iloc[-1]}
    gap = _gap(**ends, name=str(key[0]))
    line: dict[str, Any] = {
        **dict(zip(SERIES[:4], key, strict=False)),
        "source_id": ends["last"]["source_id"],
        "years": series["year"].nunique(),
        "gap": gap,
    }
    for end, row in ends.items():
        line |= {f"{end}_{name}": row[name] for name in ("year", "value", "precision")}
        line |= {f"{end}_{name}": row.get(name, pd.NA) for name in ("n_known", "n_all", "at_most")}
        line[f"{end}_inferred"] = bool(row["is_year_inferred"])
    if gap in ("one_year", "partial", "rough"):
        return line
    first, last = float(line["first_value"]), float(line["last_value"])
    line["change"] = last - first
    if not gap:
        periods = int(line["last_year"] - line["first_year"])
        line["growth"] = growth_rate(first, last)
        line["cagr"] = cagr(first, last, periods) if periods > 1 else pd.NA
    if key[0] in EVENTS and gap != "negative":
        result = compare_counts(round(first), round(last))
        line |= {"low": result.low, "high": result.high, "p_value": result.p_value}
    return line


def _gap(first: pd.Series, last: pd.Series, name: str) -> str:
    if first["year"] == last["year"]:
        warnings.warn(f"growth: {name} has one year only", SmallSampleWarning, stacklevel=5)
        return "one_year"
    if "at_least" in (first["precision"], last["precision"]):
        return "partial"
    if (first["precision"], last["precision"]) != ("exact", "exact"):
        return "rough"
    return growth_gap(first["value"], last["value"])


def index_series(rows: pd.DataFrame, names: Sequence[str] = GROWING) -> pd.DataFrame:
    """Return key figures with three years or more as index: 100 · v_t / v_base.

    The base is the first year that all of them have; `names` are those that share it. Sums
    known in part are neither base nor have an index, but rows with their ``n_known`` of ``n_all``;
    a series needs three years that are known as a whole.

    Returns
    -------
    DataFrame
        ``indicator scope region delimitation year value index base_year n_known n_all``; empty
        where no series has three years, or no year is common to all. A series that is zero in the
        base year has no index.
    """
    long = [series for _, series in _all_series(rows[rows["indicator"].isin(names)], 3)]
    known = [{int(year) for year in series.loc[is_whole(series), "year"]} for series in long]
    known = [years for years in known if len(years) >= 3]
    common = set.intersection(*known) if known else set()
    columns = [*SERIES[:4], "year", "value", "index", "base_year", "n_known", "n_all"]
    if not common:
        message = "index: no figure has three years, or no year is common to all"
        warnings.warn(message, SmallSampleWarning, stacklevel=2)
        return pd.DataFrame(columns=columns)
    base, parts = min(common), []
    for series in long:
        numbers = series["value"].astype("Float64").where(is_whole(series))
        start = numbers[series["year"] == base].sum(min_count=1)
        if numbers.notna().sum() < 3 or pd.isna(start):
            numbers = numbers.mask(numbers.notna())
        elif start <= 0:
            message = f"index: the base {base} is unknown, zero or negative"
            warnings.warn(message, SmallSampleWarning, stacklevel=2)
            numbers = numbers.mask(numbers.notna())
        parts.append(series.assign(index=(numbers / start * 100).to_numpy(), base_year=base))
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)


TREND_COLUMNS = (
    "indicator", "scope", "region", "delimitation", "years", "first_year", "last_year", "slope",
    "low", "high", "p_value", "smallest_p", "gap",
)  # fmt: skip


def trend_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly step of each key figure with three years or more, and its trend test.

    What is new each year is tested (exact Kendall, p values adjusted together by Holm); stocks
    are not, since neighbouring years hold mostly the same. Neither p value nor interval is given
    where the series is too short ever to be called a trend, or all its values are the same. A
    series with a sum known in part has no step.

    Returns
    -------
    DataFrame
        ``indicator scope region delimitation years first_year last_year slope low high p_value
        smallest_p gap``; the slope (Theil-Sen) in the unit of the indicator a year. ``gap`` is
        ``stock`` (not tested), ``short`` (too few years), ``constant``, ``partial`` (sums known
        in part) or empty.
    """
    lines = [_trend(key, series) for key, series in _all_series(rows, 3)]
    table = pd.DataFrame(lines, columns=TREND_COLUMNS)
    return _adjusted(table.astype(dict.fromkeys(TREND_COLUMNS[7:12], "Float64")))


def _trend(key: tuple[str, ...], series: pd.DataFrame) -> dict[str, Any]:
    years, values = series["year"].astype(int), series["value"].astype(float)
    least = smallest_p(len(values))
    line: dict[str, Any] = {
        **dict(zip(SERIES[:4], key, strict=False)),
        "years": len(values),
        "first_year": years.iloc[0],
        "last_year": years.iloc[-1],
        "smallest_p": least,
        "gap": "",
    }
    if not is_whole(series).all():
        return line | {"gap": "partial"}
    if values.nunique() == 1:
        return line | {"slope": 0.0, "gap": "constant"}
    result = trend([*years], [*values])
    line["slope"] = result.estimate
    if key[0] not in FLOWS:
        return line | {"gap": "stock"}
    if least > ALPHA:
        return line | {"gap": "short"}
    line["p_value"] = result.p_value
    if result.low != result.high:
        line |= {"low": result.low, "high": result.high}
    return line
