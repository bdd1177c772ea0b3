"""Growth from one figure to a later one: last / first − 1."""

from __future__ import annotations

from typing import Any

import pandas as pd


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


def _numbers(value: Any, index: pd.Index) -> pd.Series:
    series = value if isinstance(value, pd.Series) else pd.Series(value, index=index)
    return series.astype("Float64")
