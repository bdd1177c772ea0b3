"""The long table: how indicators are written into it, rows chosen from it, and made series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.catalogue import dimension as catalogue_dimension
from ewm_analysis.catalogue import indicator as catalogue_entry
from ewm_analysis.contracts import DTYPES, IndicatorValues
from ewm_analysis.errors import ParameterError

COMPUTED = "records"
"""The source of values computed from the records of the data set itself."""

CELL = ["year", "cluster_id"]
"""The cell for which an indicator is computed: a cluster in a reporting year."""

_DEFAULTS: dict[str, object] = {
    "scope": "",
    "dimension": "",
    "category": "",
    "base_year": pd.NA,
    "precision": "exact",
    "n_known": pd.NA,
    "n_all": pd.NA,
    "at_most": pd.NA,
    "is_provisional": False,
    "is_year_inferred": False,
    "delimitation": "",
    "source_id": COMPUTED,
    "reference": "",
    "note": "",
}


def as_values(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame in the columns, order and types of `IndicatorValues`."""
    arrays = {
        name: (
            frame[name].array.astype(dtype)
            if name in frame
            else pd.array([_DEFAULTS[name]] * len(frame), dtype=dtype)
        )
        for name, dtype in _dtypes().items()
    }
    return pd.DataFrame(arrays)


@cache
def _dtypes() -> dict[str, str]:
    return {name: DTYPES[column.kind] for name, column in IndicatorValues.columns.items()}


def where(rows: pd.DataFrame, **cells: Any) -> pd.DataFrame:
    """Return the rows that hold a cell in each of some columns: this one, or one of several.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [2020, 2021, 2021], "region": ["be", "be", "bb"]})
    >>> where(rows, year=2021).index.tolist(), where(rows, region=("be", "de")).index.tolist()
    ([1, 2], [0, 1])
    """
    for name, cell in cells.items():
        are_several = isinstance(cell, Iterable) and not isinstance(cell, str)
        rows = rows[rows[name].isin(cell) if are_several else rows[name] == cell]
    return rows


def select(
    values: pd.DataFrame,
    indicators: str | Sequence[str],
    *,
    cluster_id: str | None = None,
    dimension: str | Iterable[str] = "",
    last_year: int | None = None,
    first_year: int | None = None,
) -> pd.DataFrame:
    """Return rows of the long table, in the order of years and catalogue.

    Parameters
    ----------
    values : DataFrame
        Contract `IndicatorValues`.
    indicators : str or sequence of str
        Names in the catalogue.
    cluster_id : str, optional
        Keeps one cluster (``""``: regions as a whole).
    dimension : str or iterable of str
        Keeps these breakdowns; ``""`` is the undivided figure.
    first_year, last_year : int, optional
        Keeps years from the first and up to the last, both included.

    Raises
    ------
    ParameterError
        If the catalogue does not know an indicator or a breakdown, the values have no such
        cluster, or a year is not a whole number.

    Examples
    --------
    >>> from ewm_analysis import compute_indicators, open_dataset
    >>> values = compute_indicators(open_dataset("data/capital-region"))
    >>> select(values, "projects_new", cluster_id="imk")["value"].tolist()
    [42.0, 34.0]
    """
    names = [indicators] if isinstance(indicators, str) else list(indicators)
    for name in names:
        catalogue_entry(name)
    dimensions = [dimension] if isinstance(dimension, str) else list(dimension)
    _check_chosen(values, cluster_id, dimensions)
    years = {"first_year": first_year, "last_year": last_year}
    for name, year in years.items():
        if year is not None and not isinstance(year, Integral):
            raise ParameterError(name, year, reason="must be a whole number, such as 2021")
    return choose(values, names, cluster_id=cluster_id, dimension=dimensions, **years)


def choose(
    values: pd.DataFrame,
    names: Sequence[str],
    *,
    cluster_id: str | None,
    dimension: str | Iterable[str],
    last_year: int | None,
    first_year: int | None,
) -> pd.DataFrame:
    """Return rows as `select` does; what is asked for is not questioned."""
    dimensions = [dimension] if isinstance(dimension, str) else list(dimension)
    chosen = values["indicator"].isin(names) & values["dimension"].isin(dimensions)
    if cluster_id is not None:
        chosen &= values["cluster_id"] == cluster_id
    if first_year is not None:
        chosen &= values["year"] >= first_year
    if last_year is not None:
        chosen &= values["year"] <= last_year
    places = np.flatnonzero(chosen.to_numpy(bool, na_value=False))
    order = {name: place for place, name in enumerate(names)}
    named = [order[name] for name in values["indicator"].array[places]]
    years = values["year"].array[places].to_numpy(float, na_value=np.inf)
    return values.iloc[places[np.lexsort((named, years))]].reset_index(drop=True)


def _check_chosen(values: pd.DataFrame, cluster_id: str | None, dimensions: list[str]) -> None:
    """What nobody has is a slip of the pen, and no empty answer."""
    for name in {*dimensions} - {"", *values["dimension"].unique()}:
        catalogue_dimension(name)
    clusters = {"", *values["cluster_id"].unique()}
    if cluster_id is not None and cluster_id not in clusters and not values.empty:
        raise ParameterError("cluster_id", cluster_id, sorted(clusters - {""}))


KEY = ["cluster_id", "region", "scope", "delimitation", "base_year", "family"]
"""What tells one series of figures from another: figures of different keys are no steps."""


def with_family(rows: pd.DataFrame) -> pd.DataFrame:
    """Return figures with the ``family`` that tells those apart that must not be compared.

    Figures of one delimitation go together, whoever prints them. The delimitation ``other``
    is none: each source then counts in its own way, and only its own figures are compared.

    Examples
    --------
    >>> rows = pd.DataFrame({"delimitation": ["official", "other"], "source_id": ["a", "b"]})
    >>> with_family(rows)["family"].tolist()
    ['', 'b']
    """
    return rows.assign(family=rows["source_id"].where(rows["delimitation"] == "other", ""))


def series_of(rows: pd.DataFrame, words: Words) -> dict[tuple[Any, ...], pd.DataFrame]:
    """Return the figures by series, in the order of the clusters; each sorted by year.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one indicator and one breakdown.
    words : Words
        Its reference has the order.
    """
    position = words.reference.clusters.set_index("cluster_id")["position"]
    place = rows["cluster_id"].map(position).fillna(len(position) + 1)
    ordered = with_family(rows).assign(_place=place).sort_values(["_place", "year"], kind="stable")
    groups = ordered.drop(columns="_place").groupby(KEY, sort=False, dropna=False)
    return {(*key,): own.drop(columns="family") for key, own in groups}


def series_labels(
    keys: Iterable[tuple[Any, ...]], words: Words, *, short: bool = False
) -> dict[tuple[Any, ...], str]:
    """Return the name of each series: its cluster or region, and what else sets it apart.

    Series of one and the same cluster are named by what sets them apart alone.

    Parameters
    ----------
    keys : iterable of tuple
        Values of `KEY`.
    words : Words
        Language.
    short : bool
        With the short name of the cluster, for narrow places.
    """
    found = [*keys]
    rest = {key: ", ".join(_apart(key, words)) for key in found}
    if len({key[0] for key in found}) == 1 and len({*rest.values()} - {""}) == len(found) > 1:
        return rest
    heads = {key: _owner(key, words, short=short) for key in found}
    return {key: ", ".join(filter(None, (heads[key], rest[key]))) for key in found}


def _owner(key: tuple[Any, ...], words: Words, *, short: bool) -> str:
    cluster_id, *_ = key
    if not cluster_id:
        return ""
    return words.short(cluster_id) if short else words.label("cluster", cluster_id)


def _apart(key: tuple[Any, ...], words: Words) -> list[str]:
    """Return scope, region, delimitation and base year, as far as they are not the usual ones.

    Of a source that counts in its own way, its title.
    """
    cluster_id, region, scope, delimitation, base_year, family = key
    titles = words.titles() if family else {}
    usual = words.reference.clusters.set_index("cluster_id")["region"].get(cluster_id, "")
    parts = [words.text(f"word.scope.{scope}")] if scope else []
    parts += [words.label("region", region)] if region != usual else []
    parts += [titles[family]] if family else []
    is_apart = delimitation in ("survey", "approximation")
    parts += [words.text(f"word.delimitation.{delimitation}")] if is_apart else []
    parts += [words.text("word.series.since", year=int(base_year))] if pd.notna(base_year) else []
    return parts
