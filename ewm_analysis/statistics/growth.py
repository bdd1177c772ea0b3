"""Growth of figures: rate, average rate, contributions, index, figures in constant prices.

A growth needs a base. Where it is missing, zero or negative the result is missing (``pd.NA``)
and `growth_gap` says why; nothing here is ever infinite.
"""

from __future__ import annotations

import warnings
from typing import Any, Literal

import pandas as pd

from ewm_analysis.errors import ParameterError, SmallSampleWarning

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
