"""What the catalogue declares, carried out: the members of an indicator, and its values from them.

A value is the number or the sum of its members: `members` returns the rows, `values_of` counts
or sums the same rows. Whoever asks what stands behind a figure (disclosure) gets what was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ewm_analysis.catalogue import Reference, dimension, indicator, indicators
from ewm_analysis.catalogue.indicators import Counted, Dimension
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators.long import CELL, counted, share_of, summed, with_parents

ITEMS = {"project": ("projects", "project_id"), "activity": ("activities", "activity_id")}
"""What clusters report: the table that holds it and its key."""

IDS = ("project_id", "activity_id", "actor_id")
NAMES = ("title", "name")
"""Free texts: nothing is computed from them."""

REGION_STATES = ("be", "bb")


@dataclass(frozen=True)
class Things:
    """Records as what may be counted.

    ``cells`` are the clusters and years that have records, ``categories`` those valid in each.
    By kind of item, ``project`` or ``activity``: ``items`` are its rows, ``involved`` one row a
    participation in them with the attributes of the actor, ``assigned`` their categories;
    ``item`` is the place of the item in its table.
    """

    cells: pd.DataFrame
    categories: pd.DataFrame
    items: Mapping[str, pd.DataFrame]
    involved: Mapping[str, pd.DataFrame]
    assigned: Mapping[str, pd.DataFrame]


def things_of(
    records: Mapping[str, pd.DataFrame],
    reference: Reference,
    least_funding_rate: float | None = None,
) -> Things:
    """Return the records of a data set as what may be counted.

    Parameters
    ----------
    records : mapping of str to DataFrame
        ``projects``, ``activities``, ``actors``, ``participations``, ``assignments``.
    reference : Reference
        Categories, clusters and districts.
    least_funding_rate : float, optional
        Assumed least funding / volume of a project: with it the funding of a project says what
        its volume can be at most.
    """
    cells = _cells(records, reference)
    tables = coded({**records, "cells": cells, "categories": _valid(cells, reference)})
    items, involved, assigned = {}, {}, {}
    for kind, (table, key) in ITEMS.items():
        own = tables[table].reset_index(drop=True)
        items[kind] = own.assign(item=np.arange(len(own)))
        if "volume_eur" in own:
            volume = most = own["volume_eur"]
            if least_funding_rate:
                most = volume.fillna(own["funding_eur"] / least_funding_rate)
            items[kind] = items[kind].assign(has_volume=volume.notna(), volume_at_most=most)
        who = participants(items[kind], key, tables["participations"], tables["actors"])
        home = who["home_cluster"]
        involved[kind] = who.assign(
            is_foreign=(home != "") & (home != who["cluster_id"]),
            in_region=who["state"].isin(REGION_STATES),
        )
        places = tables["assignments"].merge(
            items[kind][["year", key, "item"]], on=["year", key], validate="m:1"
        )
        assigned[kind] = places[["item", "scheme", "category"]]
    return Things(tables["cells"], tables["categories"], items, involved, assigned)


def participants(
    items: pd.DataFrame, item_id: str, participations: pd.DataFrame, actors: pd.DataFrame
) -> pd.DataFrame:
    """Return one row a participation: the cell of the item and the actor's attributes.

    Parameters
    ----------
    items : DataFrame
        Projects or activities with ``year``, ``cluster_id`` and `item_id`.
    item_id : {"project_id", "activity_id"}
        Key of the items.
    participations, actors : DataFrame
        Contracts `Participations` and `Actors`.
    """
    own = participations.loc[participations[item_id] != "", ["year", item_id, "actor_id"]]
    wanted = items[[name for name in (*CELL, item_id, "item") if name in items]]
    joined = own.merge(wanted, on=["year", item_id], validate="m:1")
    return joined.merge(actors, on=["year", "actor_id"], validate="m:1")


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
        One row for each member: ``year``, ``cluster_id``, ids; ``amount`` of a sum and
        perhaps the ``most`` it can be, ``category`` of a breakdown. ``unit`` is the place of a
        project, activity or participation in `things`, or the code of an actor: the same thing
        has the same in all indicators.

    Raises
    ------
    ParameterError
        If records do not give the indicator, or its declaration names no column of theirs.
    """
    how = counting(name)
    divided = dimension(by) if by else Dimension()
    where = [each for each in how.where if each != divided.beyond]
    where += [divided.within] if divided.within else []
    is_item = how.unit in ITEMS
    table = (things.items if is_item else things.involved)[how.item]
    columns = {each: each for each in (*CELL, *IDS, "item") if each in table}
    columns |= {"amount": how.sum} if how.sum else {}
    columns |= {"most": how.at_most} if how.at_most else {}
    columns |= {"category": divided.column or by} if by and not divided.assigned else {}
    for column in columns.values():
        if column not in table:
            raise ParameterError(f"indicator {name!r}, column", column, table.columns)
    rows = table.loc[_meeting(things, how, where, name), [*columns.values()]]
    rows = rows.set_axis([*columns], axis=1)
    rows["unit"] = rows["actor_id"].cat.codes if how.unit == "actor" else rows.index
    if how.unit == "actor":
        rows = rows.drop_duplicates([*CELL, "unit"])
    if not by:
        return rows
    if divided.assigned:
        own = things.assigned[how.item]
        rows = own.loc[own["scheme"] == by, ["item", "category"]].merge(rows, on="item")
    return with_parents(rows, categories_of(things, by), "unit")


def categories_of(things: Things, by: str) -> pd.DataFrame:
    """Return the categories of a breakdown that are valid in each cell."""
    return things.categories[things.categories["dimension"] == by]


def _meeting(things: Things, how: Counted, where: Iterable[str], name: str) -> np.ndarray:
    """Return which rows meet all conditions; those of items hold for all who take part."""
    items, involved = things.items[how.item], things.involved[how.item]
    is_item = how.unit in ITEMS
    kept = np.ones(len(items if is_item else involved), dtype=bool)
    for condition in where:
        inner = condition.removeprefix("with ")
        if inner != condition:
            of_items = np.zeros(len(items), dtype=bool)
            of_items[involved["item"].to_numpy()[_holds(involved, inner, name)]] = True
        elif is_item or condition.split()[0] in items:
            of_items = _holds(items, condition, name)
        else:
            kept &= _holds(involved, condition, name)
            continue
        kept &= of_items if is_item else of_items[involved["item"].to_numpy()]
    return kept


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


def _cells(records: Mapping[str, pd.DataFrame], reference: Reference) -> pd.DataFrame:
    """The cells (year, cluster, region) that have projects or activities."""
    both = pd.concat([records["projects"][CELL], records["activities"][CELL]])
    regions = reference.clusters[["cluster_id", "region"]]
    return both.drop_duplicates().merge(regions, on="cluster_id", validate="m:1")


def _valid(cells: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Which categories hold in each cell: year, cluster, dimension, category, parent."""
    listed = reference.categories[
        ["dimension", "category", "parent", "cluster_id", "valid_from", "valid_to"]
    ].rename(columns={"cluster_id": "only_cluster"})
    homes = reference.clusters.query("kind != 'group'")["cluster_id"]
    places = reference.districts.query("state == 'bb'")["ags"]
    every = pd.concat(
        [
            pd.DataFrame({"dimension": name, "category": codes, "parent": "", "only_cluster": ""})
            for name, codes in (("home_cluster", homes), ("district", places))
        ]
    ).assign(valid_from=pd.NA, valid_to=pd.NA)
    table = cells[CELL].merge(pd.concat([listed, every.astype(listed.dtypes)]), how="cross")
    in_force = (table["valid_from"].fillna(0) <= table["year"]) & (
        table["valid_to"].fillna(9999) >= table["year"]
    )
    own = (table["only_cluster"] == "") | (table["only_cluster"] == table["cluster_id"])
    # Nobody comes from elsewhere who is at home in the cluster itself.
    at_home = (table["dimension"] == "home_cluster") & (table["category"] == table["cluster_id"])
    return table.loc[in_force & own & ~at_home, [*CELL, "dimension", "category", "parent"]]


def coded(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables whose texts are categories of pandas, without names; values are the same.

    An id has the same categories in all tables, and so have all other texts together: only
    then pandas compares, joins and concatenates them by number, several times as fast.

    Examples
    --------
    >>> one = pd.DataFrame({"actor_id": ["a2", "a1"], "state": ["be", "bb"]}, dtype="string")
    >>> coded({"actors": one})["actors"]["state"].tolist()
    ['be', 'bb']
    """
    kept = {name: table.drop(columns=[*NAMES], errors="ignore") for name, table in tables.items()}
    texts = {name: table.select_dtypes("string") for name, table in kept.items()}
    columns = [(column, table[column]) for table in texts.values() for column in table]
    dtypes = {key: _categories(cells for name, cells in columns if name == key) for key in IDS}
    codes = _categories(cells for name, cells in columns if name not in IDS)
    return {
        name: kept[name].assign(
            **{column: _numbered(table[column], dtypes.get(column, codes)) for column in table}
        )
        for name, table in texts.items()
    }


def _categories(columns: Iterable[pd.Series]) -> pd.CategoricalDtype:
    distinct = [column.drop_duplicates() for column in columns]
    values = pd.concat(distinct).drop_duplicates() if distinct else pd.Series(dtype="string")
    return pd.CategoricalDtype(pd.Index(values))


def _numbered(cells: pd.Series, dtype: pd.CategoricalDtype) -> pd.Categorical:
    """As `astype`, which would look up each text as an object of its own."""
    codes = pc.index_in(pa.array(cells, pa.string()), pa.array(dtype.categories, pa.string()))
    return pd.Categorical.from_codes(codes.to_numpy(zero_copy_only=False), dtype=dtype)
