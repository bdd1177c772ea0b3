"""Growth and index: their arithmetic, and the series and summaries that a page shows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pandas as pd

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.counts import compare_counts
from ewm_analysis.statistics.result import ALPHA
from ewm_analysis.statistics.shares import adjust
from ewm_analysis.statistics.trend import smallest_p, trend

Gap = Literal["", "missing", "zero_base", "negative"]


def growth_gap(first: Any, last: Any) -> Gap:
    """Return why there is no growth from `first` to `last`; empty if there is one.

    Parameters
    ----------
    first, last : number or missing
        The earlier and the later figure, in the same unit.

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

    Returns
    -------
    float, ``pd.NA`` or Series
        A Series (Float64) if either argument is one.

    Examples
    --------
    >>> round(growth_rate(68.9, 161.5), 3)
    1.344
    >>> growth_rate(0, 12)
    <NA>
    """
    if isinstance(first, pd.Series) or isinstance(last, pd.Series):
        index = first.index if isinstance(first, pd.Series) else last.index
        base = _numbers(first, index)
        return _numbers(last, index) / base.where(base > 0) - 1
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
        Years between them, more than 0: from 2011 to 2019 it is 8.

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


def contributions(first: pd.Series, last: pd.Series) -> pd.Series:
    r"""Return what each part adds to the growth of the whole; they add up to that growth.

    .. math:: c_i = (v_{1,i} - v_{0,i}) / V_0

    A part may start at 0; the whole may not: without a positive total all are missing.

    Parameters
    ----------
    first, last : Series
        The parts of two years that make a whole, matched by index; a part that one of the two
        years does not name has no contribution.

    Warns
    -----
    SmallSampleWarning
        If the total of the first year is not positive.

    References
    ----------
    Eurostat, Statistics Explained, "Contribution to growth".

    Examples
    --------
    >>> contributions(pd.Series({"a": 60, "b": 40}), pd.Series({"a": 70, "b": 35})).tolist()
    [0.1, -0.05]
    """
    base = _numbers(first, first.index)
    total = base.sum(skipna=False)
    change = _numbers(last, last.index) - base
    if pd.isna(total) or total <= 0 or (base < 0).any():
        message = "contributions: the first year has no positive total of known parts"
        warnings.warn(message, SmallSampleWarning, stacklevel=2)
        return change.where(change.isna())
    return change / total


def index_to_base(values: pd.Series, base: Any) -> pd.Series:
    """Return a series as index: 100 · v_t / v_base.

    Parameters
    ----------
    values : Series
        One value a year, indexed by year; missing years stay missing.
    base : label
        The year that is set to 100.

    Warns
    -----
    SmallSampleWarning
        If the base is unknown, zero or negative: the whole index is then missing.

    Examples
    --------
    >>> index_to_base(pd.Series({2019: 50, 2020: 40, 2021: 60}), 2020).tolist()
    [125.0, 100.0, 150.0]
    """
    numbers = _numbers(values, values.index)
    start = numbers.get(base, pd.NA)
    if pd.isna(start) or start <= 0:
        message = f"index: the base {base} is unknown, zero or negative"
        warnings.warn(message, SmallSampleWarning, stacklevel=2)
        return numbers.where(numbers.isna())
    return numbers / start * 100


def deflate(nominal: pd.Series, deflator: pd.Series, base: Any) -> pd.Series:
    r"""Return amounts in the prices of a base year.

    .. math:: v_t^{real} = v_t \, d_{base} / d_t

    Parameters
    ----------
    nominal : Series
        Amounts in the prices of their own year, indexed by year.
    deflator : Series
        Price index by year, positive, with any base of its own; a year it lacks is missing.
    base : label
        The year whose prices are used.

    Raises
    ------
    ParameterError
        If a price is zero or negative, or the base year has none.

    References
    ----------
    Eurostat, Handbook on price and volume measures in national accounts (2016).

    Examples
    --------
    >>> prices = pd.Series({2019: 1.0, 2020: 1.1})
    >>> deflate(pd.Series({2019: 100, 2020: 110}), prices, 2019).round(6).tolist()
    [100.0, 100.0]
    """
    prices = _numbers(deflator, deflator.index)
    if (prices <= 0).any():
        raise ParameterError("deflator", float(prices.min()), reason="is no price: it must be > 0")
    if pd.isna(prices.get(base, pd.NA)):
        raise ParameterError("base", base, reason="has no price in the deflator")
    return _numbers(nominal, nominal.index) * prices[base] / prices.reindex(nominal.index)


def _numbers(value: Any, index: pd.Index) -> pd.Series:
    series = value if isinstance(value, pd.Series) else pd.Series(value, index=index)
    return series.astype("Float64")


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
    """Return the undivided key figures with the ``family`` that tells series apart.

    Figures of one delimitation go together, whoever prints them. The delimitation ``other``
    is none: each source then counts in its own way, and only its own figures are compared.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`.
    """
    known = rows["indicator"].isin(GROWING) & (rows["dimension"] == "") & rows["value"].notna()
    chosen = rows[known]
    family = chosen["source_id"].where(chosen["delimitation"] == "other", "")
    return chosen.assign(family=family)


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


def growth_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the growth of each key figure from its first to its last known year.

    New projects and activities are compared by `compare_counts`; their p values are adjusted
    together (Holm). Running projects, actors, volumes and economic figures are not tested:
    they are partly the same in both years, or a few large projects make them.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one cluster and the years in question.

    Returns
    -------
    DataFrame
        One row a series: ``indicator scope region delimitation source_id years first_year
        first_value last_year last_value change growth cagr low high p_value gap``, and
        ``first_precision last_precision first_inferred last_inferred`` of both values. ``cagr``
        takes two periods or more; ``low`` and ``high`` are the 95 % interval of the ratio
        last / first; ``gap`` says why there is no growth: ``one_year``, ``rough`` (a figure is
        approximate), ``zero_base``, ``negative``.

    Warns
    -----
    SmallSampleWarning
        If a series has one year only, or no event at all.
    """
    lines = [_line(key, series) for key, series in _all_series(rows)]
    table = pd.DataFrame(lines, columns=COLUMNS).astype(DTYPES)
    tested = table["p_value"].notna()
    table.loc[tested, "p_value"] = adjust([float(p) for p in table.loc[tested, "p_value"]])
    return table


COLUMNS = (
    "indicator", "scope", "region", "delimitation", "source_id", "years", "first_year",
    "first_value", "last_year", "last_value", "change", "growth", "cagr", "low", "high",
    "p_value", "gap", "first_precision", "last_precision", "first_inferred", "last_inferred",
)  # fmt: skip
DTYPES = {
    **dict.fromkeys(COLUMNS[7:16], "Float64"),
    **dict.fromkeys(("years", "first_year", "last_year"), "Int64"),
}


def _all_series(rows: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """Yield the series of key figures, in the order of `GROWING`, core before total."""
    chosen = comparable(rows)
    order = chosen["indicator"].map({name: place for place, name in enumerate(GROWING)})
    chosen = chosen.assign(order=order).sort_values(["order", "year"], kind="stable")
    for key, series in chosen.groupby(["order", *SERIES]):
        yield key[1:], series


def _line(key: tuple[str, ...], series: pd.DataFrame) -> dict[str, Any]:
    first, last = series.iloc[0], series.iloc[-1]
    gap = _gap(first, last, str(key[0]))
    line: dict[str, Any] = {
        **dict(zip(SERIES[:4], key, strict=False)),
        "source_id": last["source_id"],
        "years": series["year"].nunique(),
        "first_year": first["year"],
        "first_value": first["value"],
        "last_year": last["year"],
        "last_value": last["value"],
        "gap": gap,
        "first_precision": first["precision"],
        "last_precision": last["precision"],
        "first_inferred": bool(first["is_year_inferred"]),
        "last_inferred": bool(last["is_year_inferred"]),
    }
    if gap in ("one_year", "rough"):
        return line
    ends = float(first["value"]), float(last["value"])
    line["change"] = ends[1] - ends[0]
    if not gap:
        periods = int(last["year"] - first["year"])
        line["growth"] = growth_rate(*ends)
        line["cagr"] = cagr(*ends, periods) if periods > 1 else pd.NA
    if key[0] in EVENTS and gap != "negative":
        result = compare_counts(round(ends[0]), round(ends[1]))
        line |= {"low": result.low, "high": result.high, "p_value": result.p_value}
    return line


def _gap(first: pd.Series, last: pd.Series, name: str) -> str:
    if first["year"] == last["year"]:
        warnings.warn(f"growth: {name} has one year only", SmallSampleWarning, stacklevel=5)
        return "one_year"
    if (first["precision"], last["precision"]) != ("exact", "exact"):
        return "rough"
    return growth_gap(first["value"], last["value"])


def index_series(rows: pd.DataFrame, names: Sequence[str] = GROWING) -> pd.DataFrame:
    """Return key figures with three years or more as index, first common year = 100.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one cluster and the years in question.
    names : sequence of str
        The key figures that share a base: `MONITORING`, `ECONOMY` or all.

    Returns
    -------
    DataFrame
        ``indicator scope region year value index base_year``; empty where no series has three
        years, or no year is common to all. A series that is zero in the base year has no index.

    Warns
    -----
    SmallSampleWarning
        If there is no series of three years with a common year, or one starts from zero.
    """
    chosen = rows[rows["indicator"].isin(names)]
    long = [series for _, series in _all_series(chosen) if series["year"].nunique() >= 3]
    known = [{int(year) for year in series["year"]} for series in long]
    common = set.intersection(*known) if known else set()
    columns = ["indicator", "scope", "region", "year", "value", "index", "base_year"]
    if not common:
        message = "index: no figure has three years, or no year is common to all"
        warnings.warn(message, SmallSampleWarning, stacklevel=2)
        return pd.DataFrame(columns=columns)
    base = min(common)
    parts = []
    for series in long:
        by_year = series.set_index("year")["value"]
        index = index_to_base(by_year, base).to_numpy()
        parts.append(series.assign(index=index, base_year=base)[columns])
    return pd.concat(parts, ignore_index=True)


def trend_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly step of each key figure with three years or more, and its trend test.

    What is new each year is tested (exact Kendall, p values adjusted together by Holm); stocks
    are not, since neighbouring years hold mostly the same. Neither p value nor interval is given
    where the series is too short ever to be called a trend, or all its values are the same.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of one cluster and the years in question.

    Returns
    -------
    DataFrame
        ``indicator scope region years first_year last_year slope low high p_value smallest_p
        gap``; the slope (Theil-Sen) in the unit of the indicator a year. ``gap`` is ``stock``
        (not tested), ``short`` (too few years), ``constant`` or empty.
    """
    lines = []
    for key, series in _all_series(rows):
        if series["year"].nunique() >= 3:
            lines.append(_trend(key, series))
    columns = (
        "indicator", "scope", "region", "years", "first_year", "last_year", "slope", "low",
        "high", "p_value", "smallest_p", "gap",
    )  # fmt: skip
    table = pd.DataFrame(lines, columns=columns)
    table = table.astype(dict.fromkeys(columns[6:11], "Float64"))
    tested = table["p_value"].notna()
    table.loc[tested, "p_value"] = adjust([float(p) for p in table.loc[tested, "p_value"]])
    return table


def _trend(key: tuple[str, ...], series: pd.DataFrame) -> dict[str, Any]:
    years, values = series["year"].astype(int), series["value"].astype(float)
    least = smallest_p(len(values))
    line: dict[str, Any] = {
        **dict(zip(SERIES[:3], key, strict=False)),
        "years": len(values),
        "first_year": years.iloc[0],
        "last_year": years.iloc[-1],
        "smallest_p": least,
        "gap": "",
    }
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
