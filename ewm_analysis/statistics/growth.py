"""Growth and trend: their arithmetic, and the series and summaries that a page shows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.indicators.long import with_family
from ewm_analysis.statistics.counts import compare_counts
from ewm_analysis.statistics.result import (
    ALPHA,
    TESTS,
    Result,
    critical,
    inversions,
    limits,
    table_of,
    tail,
    too_small,
    within,
)

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

    A growth needs a base: where `first` is missing, zero or negative, or `last` is missing or
    negative, the growth is missing too (``pd.NA``), never infinite.

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
        for name, values in (("first", base), ("last", end)):
            within(name, values.dropna())
        return end.where(end >= 0) / base.where(base > 0) - 1
    for name, value in (("first", first), ("last", last)):
        within(name, [] if pd.isna(value) else value)
    return pd.NA if growth_gap(first, last) else float(last) / float(first) - 1


def deflate(value: Any, price: float) -> Any:
    r"""Return an amount in prices of the base year of a price index.

    .. math:: v_{real} = v / p

    Parameters
    ----------
    value : number or missing
        An amount in prices of its year.
    price : float
        The index of that year; 1 in its base year.

    Examples
    --------
    >>> deflate(206.2, 1.031), round(growth_rate(deflate(90, 0.9), deflate(199, 0.995)), 9)
    (200.0, 1.0)
    """
    if not 0 < price < np.inf:
        raise ParameterError("price", price, reason="is no index: more than 0 is allowed")
    return value / price


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
    if not 0 < periods < np.inf:
        raise ParameterError("periods", periods, reason="must be more than 0 years")
    growth = growth_rate(first, last)
    return pd.NA if pd.isna(growth) else float((1 + growth) ** (1 / periods) - 1)


def smallest_p(values: Sequence[float]) -> float:
    """Return the smallest two-sided p that any order of these values reaches in the exact test.

    Examples
    --------
    >>> round(smallest_p([30, 34, 38, 42]), 3), round(smallest_p([34, 34, 40, 40, 41]), 3)
    (0.083, 0.067)
    """
    return tail(_orders(values), 0)


def _orders(values: Sequence[float]) -> list[int]:
    return inversions(np.unique(np.asarray(values, float), return_counts=True)[1].tolist())


def trend(years: Sequence[float], values: Sequence[float], *, tests: int = 1) -> Result:
    """Return the Theil-Sen slope per year, its interval, and the exact Kendall p value.

    The p value is the share of all orders of these values, equal ones included, that are at least
    as steady. No series is called a trend that is too short ever to be one: with n = 4 even a
    perfectly monotone series has p = 0.083. The interval is cut from the ordered slopes at the same
    level, and holds 0 exactly if there is no trend; a series too short for one has no interval.

    Parameters
    ----------
    years : sequence of float
        True spacing counts: a missing year is a gap, not a step.
    values : sequence of float
        One value a year; missing ones (nan) are left out.
    tests : int
        How many tests share the level of 5 %.

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
    t, y = within("years", years), np.asarray(values, float)
    if len(t) != len(y) or len(np.unique(t)) != len(t):
        raise ParameterError("years", list(years), reason="must name each value's own year")
    within("values", y[~np.isnan(y)])
    order = np.argsort(t[~np.isnan(y)])
    t, y = t[~np.isnan(y)][order], y[~np.isnan(y)][order]
    method, n = "Theil-Sen, exact Kendall", (len(y),)
    if len(y) < 3:
        return too_small(method, n, "fewer than three years")
    early, late = np.triu_indices(len(y), 1)
    slopes, found = (y[late] - y[early]) / (t[late] - t[early]), _orders([*y])
    p_value, level = tail(found, int((slopes < 0).sum())), ALPHA / tests
    low, high = limits(slopes, critical(found, level), is_reliable=p_value < level)
    least = tail(found, 0)
    note = f"smallest possible p is {least:.3f}" if least > level else ""
    return Result(float(np.median(slopes)), low, high, p_value, method, n, note, level)


# The key figures of a cluster: rows of the contract `IndicatorValues`, of one cluster and the years
# in question.

MONITORING = (
    "projects_new",
    "projects_running",
    "project_volume",
    "funding_volume",
    "activities",
    "actors_projects",
    "actors_activities",
)
ECONOMY = ("companies", "turnover_eur", "employees_insured", "employees_total")
GROWING = (*MONITORING, *ECONOMY)
"""Indicators whose growth is told."""

EVENTS = ("projects_new", "activities")
"""Counts of things that are new each year: only these can be tested by `compare_counts`."""

FLOWS = (*EVENTS, "project_volume", "funding_volume")
"""Figures of what is new each year; the others carry much over from year to year."""


def since_year_before(found: Mapping[int, int], year: int) -> Result:
    """Compare the count of a year with that of the year before, as a test of a page does.

    Examples
    --------
    >>> since_year_before({2019: 45, 2020: 42, 2021: 34}, 2021).is_reliable
    False
    """
    others = [count for at, count in found.items() if at < year - 1]
    return compare_counts(found[year - 1], found[year], others=others, tests=TESTS)


def verdict_of_year(name: str, rows: Mapping[int, Any], year: int) -> str:
    """Return what can be said of a change since the year before: that it is ``reliable`` or may be
    ``chance``; ``untested`` or ``same``; nothing where a figure is not exact.

    Parameters
    ----------
    name : str
        The indicator.
    rows : mapping of int to row of the long table
        Its undivided figures by year.
    """
    known = {y: row.value for y, row in rows.items() if row.precision == "exact"}
    exact = {at: value for at, value in known.items() if pd.notna(value)}
    if not {year - 1, year} <= {*exact}:
        return ""
    if exact[year - 1] == exact[year]:
        return "same"
    if name not in EVENTS:
        return "untested"
    found = since_year_before({at: int(value) for at, value in exact.items()}, year)
    return "reliable" if found.is_reliable else "chance"


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


GROWTH = """
    indicator scope region delimitation source_id years first_year first_value last_year last_value
    change growth real_growth cagr low high p_value method is_reliable gap first_precision
    last_precision first_inferred last_inferred first_n_known first_n_all first_at_most last_n_known
    last_n_all last_at_most
"""


def growth_summary(rows: pd.DataFrame, prices: Mapping[int, float] | None = None) -> pd.DataFrame:
    """Return the growth of each key figure from its first to its last known year.

    New projects and activities are compared by `compare_counts`, held against the scatter of the
    years between, and as some of the `TESTS` of a page. Running projects, actors, volumes and
    economic figures are not tested: they are partly the same in both years, or a few large projects
    make them.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one cluster and the years in question.
    prices : mapping of int to float, optional
        A price index by year: amounts then have a ``real_growth`` where both years are known.

    Returns
    -------
    DataFrame
        One row a series: ``indicator scope region delimitation source_id years first_year
        first_value last_year last_value change growth real_growth cagr low high p_value method
        is_reliable gap``, and ``first_precision last_precision first_inferred last_inferred`` of
        both values, as well as ``n_known`` of ``n_all`` items of sums known in part. ``cagr`` takes
        two periods or more; ``low`` and ``high`` bound the ratio last / first, as the test asks;
        ``gap`` says why there is no growth: ``one_year``, ``partial`` (a sum is known in part),
        ``rough`` (a figure is approximate), ``zero_base``, ``negative``.
    """
    lines = [_growth(key, series, prices or {}) for key, series in _all_series(rows)]
    numbers = "first_value last_value change growth real_growth cagr low high p_value"
    years = "years first_year last_year"
    return table_of(lines, GROWTH, Float64=numbers, Int64=years, boolean="is_reliable")


def _growth(
    key: tuple[str, ...], series: pd.DataFrame, prices: Mapping[int, float]
) -> dict[str, Any]:
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
        years = [int(line[f"{end}_year"]) for end in ends]
        if indicator(key[0]).unit == "eur" and {*years} <= {*prices}:
            real = (deflate(v, prices[at]) for v, at in zip((first, last), years, strict=True))
            line["real_growth"] = growth_rate(*real)
    if key[0] in EVENTS and gap != "negative":
        between = series.iloc[1:-1]
        others = [round(value) for value in between.loc[between["precision"] == "exact", "value"]]
        result = compare_counts(round(first), round(last), others=others, tests=TESTS)
        names = ("low", "high", "p_value", "method", "is_reliable")
        line |= {name: getattr(result, name) for name in names}
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


TREND = """
    indicator scope region delimitation years first_year last_year slope low high p_value smallest_p
    is_reliable gap
"""


def trend_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly step of each key figure with three years or more, and its trend test.

    What is new each year is tested (exact Kendall, as some of the `TESTS` of a page); stocks
    are not, since neighbouring years hold mostly the same. Neither p value nor interval is given
    where the series is too short ever to be called a trend, or all its values are the same. A
    series with a sum known in part has no step.

    Returns
    -------
    DataFrame
        ``indicator scope region delimitation years first_year last_year slope low high p_value
        smallest_p is_reliable gap``; the slope (Theil-Sen) in the unit of the indicator a year.
        ``gap`` is ``stock`` (not tested), ``short`` (too few years), ``constant``, ``partial``
        (sums known in part) or empty.
    """
    lines = [_trend(key, series) for key, series in _all_series(rows, 3)]
    numbers = "slope low high p_value smallest_p"
    return table_of(lines, TREND, Float64=numbers, boolean="is_reliable")


def _trend(key: tuple[str, ...], series: pd.DataFrame) -> dict[str, Any]:
    years, values = series["year"].astype(int), series["value"].astype(float)
    least = smallest_p([*values])
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
    result = trend([*years], [*values], tests=TESTS)
    line["slope"] = result.estimate
    if key[0] not in FLOWS:
        return line | {"gap": "stock"}
    if least > result.level:
        return line | {"gap": "short"}
    names = ("p_value", "low", "high", "is_reliable")
    return line | {name: getattr(result, name) for name in names}
