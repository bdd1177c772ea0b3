"""What the catalogue declares, carried out: the members of an indicator, and its values from them.

A value is the number or the sum of its members: `members` returns the rows, `values_of` counts
or sums the same rows. Whoever asks what stands behind a figure (disclosure) gets what was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import dimension, indicator, indicators
from ewm_analysis.catalogue.indicators import Counted, Dimension
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators.long import CELL, counted, share_of, summed
from ewm_analysis.indicators.things import ITEMS, Things, codes_of


def members(things: Things, name: str, by: str = "") -> pd.DataFrame:
    """Return what an indicator counts or sums, in all cells.

    Parameters
    ----------
    things : Things
        As returned by `things_of`.
    name : str
        Indicator that records give.
    by : str
        One of its breakdowns; ``""`` is the undivided figure.

    Returns
    -------
    DataFrame
        One row for each member: its ``cell``, the place of a cluster and year in `things`;
        ``amount`` of a sum, perhaps the ``most`` it can be, ``category`` of a breakdown. ``unit``
        is the place of a project, activity, actor or participation in `things`: the same thing has
        the same in all indicators.

    Raises
    ------
    ParameterError
        If records do not give the indicator, or its declaration names no column of theirs.
    """
    how = counting(name)
    divided = dimension(by) if by else Dimension()
    where = [each for each in how.where if each != divided.beyond]
    where += [divided.within] if divided.within else []
    rows = _units(things, how, np.flatnonzero(_meeting(things, how, where, name)))
    owner = (things.items if how.unit in ITEMS else things.involved)[how.item]
    for amount, column in (("amount", how.sum), ("most", how.at_most)):
        if column:
            rows[amount] = _column(owner, column, name).array[rows["unit"]]
    return _divided(things, how, by, rows, name) if by else rows


def _units(things: Things, how: Counted, kept: np.ndarray) -> pd.DataFrame:
    """Return what is counted by ``unit`` and ``cell``, and the place of its item, actor or both.

    An actor who takes part several times is one unit in a cell.
    """
    items, involved = things.items[how.item], things.involved[how.item]
    if how.unit in ITEMS:
        return pd.DataFrame({"unit": kept, "cell": items["cell"].to_numpy()[kept], "item": kept})
    rows = involved[["item", "actor"]].iloc[kept]
    rows = rows.assign(unit=kept, cell=items["cell"].to_numpy()[rows["item"]])
    if how.unit != "actor":
        return rows
    clusters, names = pd.factorize(things.cells["cluster_id"])
    # An actor stands in one row a year: with the cluster, the row tells the cell.
    actors = rows["actor"].to_numpy().astype(np.int64) * len(names) + clusters[rows["cell"]]
    last = np.full(len(things.actors) * len(names), -1, dtype=np.int32)
    last[actors] = np.arange(len(rows))
    once = rows.iloc[last[last >= 0]]
    return once[["actor", "cell"]].assign(unit=once["actor"])


def _divided(things: Things, how: Counted, by: str, rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the units by category, once in each that holds in its cell, parents among them."""
    valid = categories_of(things, by)
    names = pd.Index(valid["category"].unique())
    number, cell = names.get_indexer(valid["category"]), rows["cell"].to_numpy()
    holds = np.zeros((len(things.cells), len(names)), dtype=bool)
    holds[valid["cell"], number] = True
    has = _has_category(things, how, by, rows, names, name) & holds[cell]
    raised = has.copy()
    children = valid.assign(number=number)[valid["parent"].isin(names)]
    for (parent, child), cells in children.groupby(["parent", "number"])["cell"]:
        raised[:, names.get_loc(parent)] |= has[:, child] & np.isin(cell, cells)
    row, category = raised.nonzero()
    found = rows.drop(columns=["item", "actor"], errors="ignore").iloc[row]
    return found.assign(category=pd.Categorical.from_codes(category, categories=names))


def _has_category(
    things: Things, how: Counted, by: str, rows: pd.DataFrame, names: pd.Index, name: str
) -> np.ndarray:
    """Return whether each unit has each category: one row a unit, one column a category."""
    items = things.items[how.item]
    if dimension(by).assigned and "item" in rows:
        own = things.assigned[how.item]
        own = own[own["scheme"] == by]
        has = np.zeros((len(items), len(names) + 1), dtype=bool)
        has[own["item"], names.get_indexer(own["category"])] = True
        return has[rows["item"], :-1]
    owner, place = (items, "item") if how.unit in ITEMS else (things.actors, "actor")
    codes = codes_of(_column(owner, dimension(by).column or by, name), names)
    # A category that is not known has the code -1: the last column, which is left out.
    has = np.zeros((len(rows), len(names) + 1), dtype=bool)
    has[np.arange(len(rows)), codes[rows[place]]] = True
    return has[:, :-1]


def _column(table: pd.DataFrame, column: str, name: str) -> pd.Series:
    if column not in table:
        raise ParameterError(f"indicator {name!r}, column", column, table.columns)
    return table[column]


def categories_of(things: Things, by: str) -> pd.DataFrame:
    """Return the categories of a breakdown that are valid in each cell."""
    return things.categories[things.categories["dimension"] == by]


def _meeting(things: Things, how: Counted, where: Iterable[str], name: str) -> np.ndarray:
    """Return which rows meet all conditions; those of items hold for all who take part."""
    items, involved = things.items[how.item], things.involved[how.item]
    is_item, item = how.unit in ITEMS, involved["item"].to_numpy()
    kept = np.ones(len(items if is_item else involved), dtype=bool)
    for condition in where:
        inner = condition.removeprefix("with ")
        if inner != condition:
            of_items = np.zeros(len(items), dtype=bool)
            of_items[item[_who_meets(things, how, inner, name)]] = True
        elif is_item or condition.split()[0] in items:
            of_items = _holds(items, condition, name)
        else:
            kept &= _who_meets(things, how, condition, name)
            continue
        kept &= of_items if is_item else of_items[item]
    return kept


def _who_meets(things: Things, how: Counted, condition: str, name: str) -> np.ndarray:
    """Return which participations meet a condition on the actor, in itself or in this item."""
    involved = things.involved[how.item]
    if condition.partition(" ")[0] in involved:
        return _holds(involved, condition, name)
    met: np.ndarray = _holds(things.actors, condition, name)[involved["actor"]]
    return met


def _holds(rows: pd.DataFrame, condition: str, name: str) -> np.ndarray:
    column, _, value = condition.partition(" = ")
    flags = [each for each in rows if pd.api.types.is_bool_dtype(rows[each])]
    allowed = [*rows] if value else flags
    if column not in allowed:
        raise ParameterError(f"indicator {name!r}, condition", condition, allowed)
    met = rows[column] == value if value else rows[column]
    return np.asarray(met, dtype=bool)


def computed() -> tuple[str, ...]:
    """Return the indicators that records give, shares apart, in the order of the catalogue."""
    return tuple(name for name in indicators() if indicator(name).counted)


def counting(name: str) -> Counted:
    """Return how records give an indicator.

    Raises
    ------
    ParameterError
        If they do not.
    """
    how = indicator(name).counted
    if how is None:
        raise ParameterError("indicator", name, computed(), "is not counted in records")
    return how


def is_whole(name: str) -> bool:
    """Tell whether an indicator has an undivided figure: participations have none."""
    return counting(name).unit != "participation"


def values_of(things: Things, name: str) -> Iterator[pd.DataFrame]:
    """Yield the values of an indicator that is counted or summed: undivided, then by breakdown."""
    value = summed if counting(name).sum else counted
    if is_whole(name):
        yield value(members(things, name), things.cells, name)
    for by in indicator(name).dimensions:
        yield value(members(things, name, by), things.cells, name, categories_of(things, by))


def all_values(things: Things) -> Iterator[pd.DataFrame]:
    """Yield the values of all indicators that records give, shares after what they rest on."""
    whole: dict[str, pd.DataFrame] = {}
    for name in computed():
        beside = counting(name).beside
        for number, values in enumerate(values_of(things, name)):
            if not number:
                whole[name] = values
            yield _beside_partial(values, whole[beside]) if beside else values
    for name in indicators():
        if part := indicator(name).part:
            yield share_of(whole[part], whole[indicator(name).base], name)


def _beside_partial(values: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Return the values of cells whose sum is known only in part."""
    partial = pd.MultiIndex.from_frame(sums.loc[sums["n_known"].notna(), CELL])
    return values[pd.MultiIndex.from_frame(values[CELL]).isin(partial)]
