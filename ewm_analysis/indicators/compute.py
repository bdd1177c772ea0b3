"""All figures of a data set in one long table: counted as declared, printed, economic.

A value is the number or the sum of its members: `members` returns the rows, `all_values` counts
or sums the same rows. Whoever asks what stands behind a figure (disclosure) gets what was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype

from ewm_analysis.catalogue import Reference, dimension, indicator, indicators
from ewm_analysis.catalogue.entries import Counted, Dimension
from ewm_analysis.contracts import IndicatorValues, check
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators.long import CELL, as_values, where
from ewm_analysis.indicators.things import ITEMS, Breakdown, Things, codes_of, things_of
from ewm_analysis.loaders import Dataset

Rows = dict[str, np.ndarray]
"""Arrays of one length, by column."""


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
    rows = _units(things, how, where, name)
    owner = (things.items if how.unit in ITEMS else things.involved)[how.item]
    for amount, column in (("amount", how.sum), ("most", how.at_most)):
        if column:
            rows[amount] = _column(owner, column, name).array[rows["unit"]]
    if by:
        place, category = _divided(things, how, by, rows, name)
        rows = {each: rows[each][place] for each in rows if each not in ("item", "actor")}
        rows["category"] = pd.Categorical.from_codes(category, things.breakdown(by).names)
    return pd.DataFrame(rows, copy=False)


def _units(things: Things, how: Counted, where: Sequence[str], name: str) -> Rows:
    """Return what is counted by ``unit`` and ``cell``, and the place of its item, actor or both.

    An actor who takes part several times is one unit in a cell.
    """
    items, involved = things.items[how.item], things.involved[how.item]
    if how.unit == "actor":
        apart = {*things.actors} - {*items, *involved}
        own = [each for each in where if each.split()[0] in apart]
        actor, cell = _present(things, how, [each for each in where if each not in own], name)
        kept = np.ones(len(actor), dtype=bool)
        for condition in own:
            kept &= _holds(things.actors, condition, name)[actor]
        return {"actor": actor[kept], "cell": cell[kept], "unit": actor[kept]}
    kept, cell = np.flatnonzero(_meeting(things, how, where, name)), items["cell"].to_numpy()
    if how.unit in ITEMS:
        return {"unit": kept, "cell": cell[kept], "item": kept}
    item, actor = (involved[each].to_numpy()[kept] for each in ("item", "actor"))
    return {"item": item, "actor": actor, "unit": kept, "cell": cell[item]}


def _present(
    things: Things, how: Counted, where: Sequence[str], name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return actors and cells: each who takes part there under the conditions, once."""
    asked = (how.item, *where)
    if asked not in things.present:
        kept, involved = _meeting(things, how, where, name), things.involved[how.item]
        cell = things.items[how.item]["cell"].to_numpy()[involved["item"].to_numpy()[kept]]
        clusters, names = pd.factorize(things.cells["cluster_id"])
        # An actor stands in one row a year: with the cluster, the row tells the cell.
        cells = np.full(len(things.actors) * len(names), -1, dtype=np.int32)
        cells[involved["actor"].to_numpy()[kept] * len(names) + clusters[cell]] = cell
        once = np.flatnonzero(cells >= 0)
        things.present[asked] = once // len(names), cells[once]
    return things.present[asked]


def _divided(things: Things, how: Counted, by: str, rows: Rows, name: str) -> Sequence[np.ndarray]:
    """Return places of units and of names: each unit once in each category that holds in its cell.

    Parents are among them.
    """
    breakdown = things.breakdown(by)
    has, cell, at = _has_category(things, how, by, rows, name)
    has &= (breakdown.places >= 0)[cell]
    raised = has.copy()
    for (above, below), cells in breakdown.parents.items():
        raised[:, above] |= has[:, below] & cells[cell]
    return np.divmod(np.flatnonzero(raised[at]), len(breakdown.names))


def _has_category(
    things: Things, how: Counted, by: str, rows: Rows, name: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return who has which category, a column each; the cell of each row; the row of each unit.

    There is a row for each item that may have several, otherwise for each category in each cell.
    """
    items, names = things.items[how.item], things.breakdown(by).names
    if dimension(by).assigned and "item" in rows:
        assigned = things.assigned[how.item]
        own = (assigned["scheme"] == by).to_numpy()
        chosen = assigned["category"].array[own]
        column = np.append(names.get_indexer(chosen.categories), -1)[chosen.codes]
        has = np.zeros((len(items), len(names) + 1), dtype=bool)
        has[assigned["item"].to_numpy()[own], column] = True
        return has[:, :-1], items["cell"].to_numpy(), rows["item"]
    owner, place = (items, "item") if how.unit in ITEMS else (things.actors, "actor")
    codes = codes_of(_column(owner, dimension(by).column or by, name), names)
    # A category that is not known has the code -1: the last row of a cell, which has none.
    size = len(names) + 1
    has = np.tile(np.eye(size, dtype=bool)[:, :-1], (len(things.cells), 1))
    cell = np.repeat(np.arange(len(things.cells)), size)
    return has, cell, rows["cell"] * size + codes[rows[place]] % size


def _column(table: pd.DataFrame, column: str, name: str) -> pd.Series:
    if column not in table:
        raise ParameterError(f"indicator {name!r}, column", column, table.columns)
    return table[column]


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
    if column not in rows or not (value or is_bool_dtype(rows[column])):
        allowed = [each for each in rows if value or is_bool_dtype(rows[each])]
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


def all_values(things: Things) -> pd.DataFrame:
    """Return the values of all indicators that records give, shares after what they rest on.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`.
    """
    found: list[tuple[str, pd.DataFrame]] = []
    whole: dict[str, pd.DataFrame] = {}
    for name in computed():
        how = counting(name)
        value = summed if how.sum else counted
        for by in ("", *indicator(name).dimensions)[not is_whole(name) :]:
            values = value(members(things, name, by), things.breakdown(by))
            whole.setdefault(name, values)
            if how.beside:
                values = _beside_partial(things, values, whole[how.beside])
            found.append((name, values))
    for name in indicators():
        if part := indicator(name).part:
            found.append((name, share_of(whole[part], whole[indicator(name).base])))
    names, figures = zip(*found, strict=True)
    table = pd.concat(figures)
    table["indicator"] = np.repeat(names, [*map(len, figures)])
    table["precision"] = np.where(table["n_known"].isna(), "exact", "at_least")
    return as_values(table.join(things.categories))


def counted(items: pd.DataFrame, breakdown: Breakdown) -> pd.DataFrame:
    """Count rows of `items` per cell, and per category where they are broken down.

    Every cell and every valid category gets a row: none counted is 0, a real value.

    Parameters
    ----------
    items : DataFrame
        As returned by `members`. Things that must count once must stand once.
    breakdown : Breakdown
        What is valid in each cell.

    Returns
    -------
    DataFrame
        The ``value``; the index is the place of its category in `things`.
    """
    sizes = np.bincount(_slots(items, breakdown), minlength=breakdown.places.size)
    slots = breakdown.slots
    return pd.DataFrame({"value": sizes[slots]}, breakdown.places.ravel()[slots])


def summed(items: pd.DataFrame, breakdown: Breakdown) -> pd.DataFrame:
    """Sum the ``amount`` of `items` per cell; a cell none of whose items states it has no row.

    Where not all items state it the sum is a bound, with ``n_known`` of ``n_all``, and
    ``at_most`` if each item has a ``most``, what its amount can be at most.
    No item at all is 0, but a category without one has no row. Parameters as in `counted`.
    """
    at, slots = _slots(items, breakdown), breakdown.slots
    if "category" in items:
        slots = pd.unique(at)
        slots = slots[np.argsort(slots // len(breakdown.names), kind="stable")]

    def sizes(rows: np.ndarray) -> np.ndarray:
        counts: np.ndarray = np.bincount(rows, minlength=breakdown.places.size)[slots]
        return counts

    def sums(amounts: pd.Series) -> np.ndarray:
        found: np.ndarray = amounts.groupby(at).sum().reindex(slots, fill_value=0).to_numpy(float)
        return found

    amount, size = items["amount"], sizes(at)
    known, most = sizes(at[amount.notna()]), items.get("most", amount)
    at_most = np.where(sizes(at[most.notna()]) == size, sums(most), np.nan)
    bounds = {"n_known": known, "n_all": size, "at_most": at_most}
    partial = {name: np.where(known < size, bound, np.nan) for name, bound in bounds.items()}
    table = pd.DataFrame({"value": sums(amount), **partial}, breakdown.places.ravel()[slots])
    return table[(known > 0) | (size == 0)]


def _slots(items: pd.DataFrame, breakdown: Breakdown) -> np.ndarray:
    """Return where each item is counted, in the flat form of the places."""
    slots: np.ndarray = items["cell"].to_numpy()
    if "category" in items:
        slots = slots * len(breakdown.names) + items["category"].cat.codes.to_numpy()
    return slots


def share_of(part: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Return part / base per cell as fraction; a base of 0 has no share and no row."""
    return (part[["value"]] / base.loc[base["value"] > 0, ["value"]]).dropna()


def _beside_partial(things: Things, values: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Return the values of cells whose sum is known only in part."""
    cell = things.categories["cell"].to_numpy()
    return values[np.isin(cell[values.index], cell[sums.index[sums["n_known"].notna()]])]


SURVEY, APPROXIMATION = "survey", "approximation"
"""Delimitations: branches of the innovation survey, and a cluster as the sum of some of them."""


def compute_indicators(dataset: Dataset) -> pd.DataFrame:
    """Return every figure of a data set: computed from records, economic, published.

    Where a cluster has records for a year, its project, activity and actor figures are
    computed from them and the printed ones are left to the comparison on the data-quality
    page; elsewhere the printed figures stand.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`.

    Raises
    ------
    ParameterError
        If something else than a data set is given: its path, for instance.
    """
    if not isinstance(dataset, Dataset):
        raise ParameterError("dataset", dataset, reason="is no data set: open_dataset opens one")
    least = dataset.least_funding_rate
    computed = from_records(dataset.records, dataset.reference, least)
    # What the records cannot give would be counted 0, as if it had been asked for.
    computed = computed[~computed["indicator"].isin(dataset.not_collected)]
    computed["is_provisional"] |= computed["year"].isin(dataset.incomplete_years)
    printed = published_values(dataset.published)
    covered = pd.MultiIndex.from_frame(computed[CELL].drop_duplicates())
    is_covered = pd.MultiIndex.from_frame(printed[CELL]).isin(covered)
    groups = printed["indicator"].map(lambda name: indicator(name).group)
    printed = printed[~is_covered | (groups == "economy")]
    economic = economy_values(dataset.economy)
    approximated = approximations(economic, dataset.reference)
    values = [computed, economic, approximated, printed]
    return check(pd.concat(values, ignore_index=True), IndicatorValues, file="indicators")


def from_records(
    records: Mapping[str, pd.DataFrame],
    reference: Reference,
    least_funding_rate: float | None = None,
) -> pd.DataFrame:
    """Return all indicators that records give, for each cluster and year they cover.

    Parameters are those of `things_of`.
    """
    if records["projects"].empty and records["activities"].empty:
        return as_values(pd.DataFrame(columns=[*CELL, "region", "indicator", "value"]))
    return all_values(things_of(records, reference, least_funding_rate))


def published_values(published: pd.DataFrame) -> pd.DataFrame:
    """Return the figures printed in reports as indicator values.

    Where a quantity is printed in several places the first mention is used; the others stay
    in the published table, where the data-quality notebook compares them.

    Parameters
    ----------
    published : DataFrame
        Contract `Published`.
    """
    first = published[published["mention"] == 1]
    return as_values(first.drop(columns=["mention", "unit"]))


def approximations(economic: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return clusters as sums of the branches that stand for them, marked by their delimitation.

    Branch groups of the innovation survey do not overlap. A figure is there for each region and
    year for which all branches of the cluster are known; that of the nation has the same branches.

    Parameters
    ----------
    economic : DataFrame
        As `economy_values` returns it.
    reference : Reference
        Its ``cluster_branches`` say which branches stand for which cluster.
    """
    surveyed = where(economic, delimitation=SURVEY, dimension="sector")
    listed, parts = reference.cluster_branches, []
    for cluster, branches in () if listed.empty else listed.groupby("cluster_id")["sector"]:
        own = surveyed[surveyed["category"].isin(branches) & surveyed["value"].notna()]
        by = own.groupby(["year", "region", "indicator"], sort=False)
        sums = by.agg({"value": "sum", "category": "nunique", "source_id": "first"}).reset_index()
        is_whole = sums.pop("category") == len(branches)
        note = f"WZ {', '.join(branches)}"
        parts.append(sums[is_whole].assign(cluster_id=cluster, note=note))
    names = ["year", "region", "indicator", "value", "source_id", "cluster_id", "note"]
    table = pd.concat(parts) if parts else pd.DataFrame(columns=names)
    return as_values(table.assign(delimitation=APPROXIMATION))


def economy_values(economy: pd.DataFrame) -> pd.DataFrame:
    """Return figures of clusters, regions and sectors as indicator values.

    Sector blocks become the dimension ``sector``. Figures of different delimitation stay
    apart: they are different quantities.

    Parameters
    ----------
    economy : DataFrame
        Contract `Economy`.
    """
    first = economy[economy["mention"] == 1]
    has_sector = first["sector"] != ""
    rows = first.assign(
        dimension=has_sector.map({True: "sector", False: ""}), category=first["sector"]
    )
    return as_values(rows.drop(columns=["mention", "unit", "sector"]))
