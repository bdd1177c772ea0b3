"""Records as what may be counted: whoever refers to a row names its place.

Ids are compared once, here; so large data stay quick. From then on a project, an activity or an
actor is the number of its row, and participations and assignments are columns of such numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ewm_analysis.catalogue import Reference
from ewm_analysis.indicators.long import CELL

ITEMS = {"project": ("projects", "project_id"), "activity": ("activities", "activity_id")}
"""What clusters report: the table that holds it and its key."""

REGION_STATES = ("be", "bb")


@dataclass(frozen=True)
class Breakdown:
    """The categories of a dimension and where they hold; ``""`` has one, the undivided whole.

    ``places`` says which row of the categories one of the ``names`` is in a cell, -1 where it does
    not hold: one row a cell. ``slots`` are those of its flat form that hold, in the order of the
    categories. ``parents`` says in which cells a name (second) is part of another (first).
    """

    names: pd.Index
    places: np.ndarray
    slots: np.ndarray
    parents: Mapping[tuple[int, int], np.ndarray]


@dataclass(frozen=True)
class Things:
    """Records as what may be counted.

    ``cells`` are the clusters and years that have records, ``categories`` those valid in each
    ``cell``, of one dimension as ``breakdown``; ``actors`` are the rows of that table. By kind of
    item, ``project`` or ``activity``: ``items`` are its rows with their ``cell``; ``involved`` one
    row a participation in them, the places of ``item`` and ``actor``; ``assigned`` one row a
    category of an ``item``. ``present`` keeps who is in which cell under conditions once asked.
    """

    cells: pd.DataFrame
    categories: pd.DataFrame
    breakdown: Callable[[str], Breakdown]
    actors: pd.DataFrame
    items: Mapping[str, pd.DataFrame]
    involved: Mapping[str, pd.DataFrame]
    assigned: Mapping[str, pd.DataFrame]
    present: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)


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
    participations, assignments = records["participations"], records["assignments"]
    actors = records["actors"].reset_index(drop=True)
    actors = actors.assign(in_region=actors["state"].isin(REGION_STATES))
    (actor,) = places_among(actors, "actor_id", participations)
    chosen = {}
    for name, column in (("scheme", "dimension"), ("category", "category")):
        listed = reference.categories[column].unique()
        chosen[name] = pd.Categorical.from_codes(codes_of(assignments[name], listed), listed)
    items, involved, assigned = {}, {}, {}
    for kind, (table, key) in ITEMS.items():
        own = records[table].reset_index(drop=True)
        items[kind] = own.assign(cell=places_among(cells, "cluster_id", own)[0])
        if "volume_eur" in own:
            volume = most = own["volume_eur"]
            if least_funding_rate:
                most = volume.fillna(own["funding_eur"] / least_funding_rate)
            items[kind] = items[kind].assign(has_volume=volume.notna(), volume_at_most=most)
        (joined, sizes), (chose, numbers) = _runs(participations, key), _runs(assignments, key)
        joined, chose = places_among(own, key, joined, chose)
        item = np.repeat(joined, sizes)
        known = (item >= 0) & (actor >= 0)
        who = pd.DataFrame({"item": item[known], "actor": actor[known]}, copy=False)
        involved[kind] = who.assign(is_foreign=_are_foreign(who, own, actors))
        known = np.repeat(chose >= 0, numbers)
        rows = {name: codes[known] for name, codes in chosen.items()}
        rows["item"] = np.repeat(chose[chose >= 0], numbers[chose >= 0])
        assigned[kind] = pd.DataFrame(rows, copy=False)
    valid = _valid(cells, reference)
    breakdown = cache(lambda by: _breakdown(valid, len(cells), by))
    return Things(cells, valid, breakdown, actors, items, involved, assigned)


def places_among(owners: pd.DataFrame, key: str, *tables: pd.DataFrame) -> list[np.ndarray]:
    """Return the place among `owners` of the one that each row of a table names; -1 for none.

    Parameters
    ----------
    owners : DataFrame
        ``year`` and `key`, which together name one of them.
    key : str
        Id.
    *tables : DataFrame
        With the same two columns. All are numbered together, so that each id is kept once.

    Examples
    --------
    >>> actors = pd.DataFrame({"year": [2020, 2021], "actor_id": ["a", "a"]})
    >>> rows = pd.DataFrame({"year": [2021, 2021], "actor_id": ["a", "b"]})
    >>> places_among(actors, "actor_id", rows)
    [array([ 1, -1], dtype=int32)]
    """
    every = (owners, *tables)
    texts = pa.array(pd.concat([each[key] for each in every], ignore_index=True))
    ids = pa.table([texts], [""])[0].dictionary_encode().combine_chunks()
    years = np.concatenate([each["year"].to_numpy(np.int16) for each in every])
    years -= years.min(initial=years.max(initial=0))
    number = np.multiply(years, len(ids.dictionary), dtype=np.int64)
    number += ids.indices
    places = np.full(number.max(initial=-1) + 1, -1, dtype=np.int32)
    places[number[: len(owners)]] = np.arange(len(owners))
    ends = np.cumsum([*map(len, every)])[:-1]
    return [places[each] for each in np.split(number, ends)[1:]]


def _runs(rows: pd.DataFrame, key: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the first of rows that follow each other with the same id, and their number."""
    columns = {name: rows[name].array for name in ("year", key)}
    changes = [(cells[1:] != cells[:-1]).to_numpy(dtype=bool) for cells in columns.values()]
    begins = np.append([True], np.logical_or(*changes))[: len(rows)]
    first = pd.DataFrame({name: cells[begins] for name, cells in columns.items()})
    return first, np.diff(np.flatnonzero(begins), append=len(rows))


def codes_of(cells: pd.Series, known: Iterable[str]) -> np.ndarray:
    """Return the number of each text among the few that are known; -1 for others.

    Examples
    --------
    >>> codes_of(pd.Series(["b", "a", ""]), ["a", "b"])
    array([ 1,  0, -1], dtype=int16)
    """
    texts = pa.array(cells)
    found = pc.index_in(texts, pa.array(known, pa.string()).cast(texts.type))
    codes: np.ndarray = pc.fill_null(found.cast(pa.int16()), -1).to_numpy()
    return codes


def _are_foreign(involved: pd.DataFrame, items: pd.DataFrame, actors: pd.DataFrame) -> np.ndarray:
    """Who is at home, and elsewhere than in the cluster of the item."""
    clusters = items["cluster_id"].drop_duplicates()
    home, own = codes_of(actors["home_cluster"], clusters), codes_of(items["cluster_id"], clusters)
    has_home = (actors["home_cluster"] != "").to_numpy(dtype=bool)
    actor, item = involved["actor"].to_numpy(), involved["item"].to_numpy()
    are_foreign: np.ndarray = has_home[actor] & (home[actor] != own[item])
    return are_foreign


def _cells(records: Mapping[str, pd.DataFrame], reference: Reference) -> pd.DataFrame:
    """The cells (year, cluster, region) that have projects or activities."""
    both = pd.concat([records[table][CELL].drop_duplicates() for table, _ in ITEMS.values()])
    regions = reference.clusters[["cluster_id", "region"]]
    return both.drop_duplicates().merge(regions, on="cluster_id", validate="m:1")


def _valid(cells: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Which categories hold in each cell: its number and columns, dimension, category, parent."""
    listed = reference.categories[
        ["dimension", "category", "parent", "cluster_id", "valid_from", "valid_to"]
    ].rename(columns={"cluster_id": "only_cluster"})
    homes = reference.clusters.query("kind != 'group'")["cluster_id"]
    places = reference.districts.query("state == 'bb'")["ags"]
    every = pd.concat(
        [
            pd.DataFrame({"dimension": name, "category": codes, "parent": "", "only_cluster": ""})
            for name, codes in (("", [""]), ("home_cluster", homes), ("district", places))
        ]
    ).assign(valid_from=pd.NA, valid_to=pd.NA)
    numbered = cells.rename_axis("cell").reset_index()
    table = numbered.merge(pd.concat([listed, every.astype(listed.dtypes)]), how="cross")
    in_force = (table["valid_from"].fillna(0) <= table["year"]) & (
        table["valid_to"].fillna(9999) >= table["year"]
    )
    own = (table["only_cluster"] == "") | (table["only_cluster"] == table["cluster_id"])
    # Nobody comes from elsewhere who is at home in the cluster itself.
    at_home = (table["dimension"] == "home_cluster") & (table["category"] == table["cluster_id"])
    return table[in_force & own & ~at_home].reset_index(drop=True)


def _breakdown(valid: pd.DataFrame, cells: int, by: str) -> Breakdown:
    rows = np.flatnonzero(valid["dimension"] == by)
    own = valid.iloc[rows]
    number, names = pd.factorize(own["category"])
    cell, parent = own["cell"].to_numpy(), names.get_indexer(own["parent"])
    places = np.full((cells, len(names)), -1)
    places[cell, number] = rows
    parents = {
        (above, below): np.isin(range(cells), cell[(parent == above) & (number == below)])
        for above, below in {*zip(parent, number, strict=True)}
        if above >= 0
    }
    return Breakdown(names, places, cell * len(names) + number, parents)
