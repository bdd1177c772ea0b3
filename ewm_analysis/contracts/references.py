"""Hold the codes and ids of a table against the tables they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from ewm_analysis.contracts.model import Table, columns_of
from ewm_analysis.contracts.records import Activities, Actors, Assignments, Projects
from ewm_analysis.contracts.wording import listed
from ewm_analysis.errors import Failure

Rule = tuple[list[str], pd.DataFrame, str]
"""Columns that must match together, the rows allowed for them, and what they are called."""


def check_references(
    frame: pd.DataFrame,
    contract: type[Table],
    tables: Mapping[str, pd.DataFrame],
    *,
    file: str,
    lines: Sequence[int],
) -> list[Failure]:
    """Return a failure for each code or id that its table does not hold.

    An empty cell refers to nothing. Categories must be valid in the row's year, and projects,
    activities and actors must stand in the records of the same year. A region may also be a
    district's key. A project or activity is assigned to categories of its own cluster or of all.

    Parameters
    ----------
    frame : DataFrame
        A table that `check` has passed.
    contract : type of Table
        Says what its columns refer to.
    tables : mapping of str to DataFrame
        Tables referred to: sources, categories, clusters, districts, projects, activities, actors.
    file : str
        Name shown in failures.
    lines : sequence of int
        Line in the file of each row.

    Examples
    --------
    >>> import pandas as pd
    >>> from ewm_analysis.contracts import Municipalities
    >>> districts = pd.DataFrame({"ags": ["12054", "12051"]}, dtype="string")
    >>> towns = pd.DataFrame({"ags": ["12054000"], "district_ags": ["12055"]}, dtype="string")
    >>> tables = {"districts": districts}
    >>> print(*check_references(towns, Municipalities, tables, file="towns.csv", lines=[2]))
    towns.csv, line 2, column district_ags: '12055' — is not an ags of districts: allowed: \
12051, 12054. Did you mean '12054'?
    """
    found = []
    if contract is Assignments:
        frame = frame.assign(cluster_id=_clusters_of_items(frame, tables))
    for on, allowed, noun in _rules(frame, contract, tables):
        merged = frame[on].merge(
            allowed.drop_duplicates(), how="left", on=on, indicator="match", validate="m:1"
        )
        unknown = (merged["match"] == "left_only") & (frame[on[-1]] != "").to_numpy()
        told: dict[tuple[object, ...], tuple[str, str, str]] = {}
        for row in merged.index[unknown]:
            cells = tuple(merged.loc[row, on])
            if cells not in told:
                told[cells] = _explain(on, cells, allowed, noun)
            found.append(Failure(file, lines[row], *told[cells]))
    return found


def _rules(
    frame: pd.DataFrame, contract: type[Table], tables: Mapping[str, pd.DataFrame]
) -> Iterator[Rule]:
    columns = columns_of(contract)
    if contract in (Projects, Activities, Actors):
        # nobody reports for, or is at home in, a group of clusters that sources speak of
        clusters = tables["clusters"]
        tables = {**tables, "clusters": clusters[clusters["kind"] != "group"]}
    for name, column in columns.items():
        table, colon, dimension = column.refers_to.partition(":")
        if colon:
            yield _category_rule(name, dimension, frame, tables)
        elif table:
            yield _table_rule(name, table, frame, tables)
    if contract is Assignments:
        yield _assignment_rule(frame, tables)
    elif {"dimension", "parent"} <= columns.keys():
        allowed = tables["categories"][["dimension", "category"]]
        allowed = allowed.rename(columns={"category": "parent"})
        yield ["dimension", "parent"], allowed, "a code of"
    elif {"dimension", "category"} <= columns.keys():
        yield ["dimension", "category"], _breakdowns(tables), "a code of"


def _clusters_of_items(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the cluster of each row's project or activity; empty if that is not known."""
    clusters = frame[["year", "project_id", "activity_id"]]
    for table, key in (("projects", "project_id"), ("activities", "activity_id")):
        owners = tables[table][["year", key, "cluster_id"]].rename(columns={"cluster_id": table})
        clusters = clusters.merge(owners, how="left", on=["year", key], validate="m:1")
    owner = clusters["projects"].fillna(clusters["activities"]).fillna("")
    return owner.set_axis(frame.index)


def _assignment_rule(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> Rule:
    """Categories of the scheme, valid in the year: the cluster's own and those of all."""
    on = ["year", "scheme", "cluster_id", "category"]
    codes = _valid_in(frame["year"], tables["categories"]).rename(columns={"dimension": "scheme"})
    shared = codes[codes["cluster_id"] == ""].drop(columns="cluster_id")
    everywhere = shared.merge(tables["clusters"][["cluster_id"]], how="cross")
    unowned = codes.assign(cluster_id=pd.Series("", index=codes.index, dtype="string"))
    allowed = pd.concat([codes[on], everywhere[on], unowned[on]], ignore_index=True)
    return on, allowed, "a code of"


def _category_rule(
    name: str, dimension: str, frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> Rule:
    categories = tables["categories"]
    codes = categories.loc[categories["dimension"] == dimension]
    if dimension == "region":
        districts = tables["districts"][["ags"]].rename(columns={"ags": "category"})
        codes = pd.concat([codes, districts], ignore_index=True)
    on = ["year", name] if "year" in frame else [name]
    if "year" in frame:
        codes = _valid_in(frame["year"], codes)
    return on, codes.rename(columns={"category": name})[on], f"a code of {dimension}"


def _table_rule(
    name: str, target: str, frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> Rule:
    table, _, key = target.partition(".")
    codes = tables[table].rename(columns={key: name})
    on = ["year", name] if "year" in frame and "year" in codes else [name]
    article = "an" if key[0] in "aeiou" else "a"
    return on, codes[on], f"{article} {key} of {table}"


def _valid_in(years: pd.Series, categories: pd.DataFrame) -> pd.DataFrame:
    """Repeat the categories for each year in which they are valid."""
    distinct = pd.DataFrame({"year": years.unique()}, dtype="Int64")
    rows = categories.merge(distinct, how="cross")
    begun = (rows["valid_from"] <= rows["year"]).fillna(True)
    not_over = (rows["valid_to"] >= rows["year"]).fillna(True)
    return rows[begun & not_over]


def _breakdowns(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All codes a figure may be broken down by: categories, home clusters, districts."""
    clusters = tables["clusters"][["cluster_id"]].set_axis(["category"], axis=1)
    districts = tables["districts"][["ags"]].set_axis(["category"], axis=1)
    parts = [
        tables["categories"][["dimension", "category"]],
        clusters.assign(dimension="home_cluster"),
        districts.assign(dimension="district"),
    ]
    return pd.concat(parts, ignore_index=True).astype("string")


def _explain(
    on: Sequence[str], cells: Sequence[object], allowed: pd.DataFrame, noun: str
) -> tuple[str, str, str]:
    """Return column, value and what is allowed, for one cell that refers to nothing."""
    group, codes = on[:-1], allowed
    for name, cell in zip(group, cells[:-1], strict=True):
        rest = codes[codes[name] == cell]
        if rest.empty and name == "dimension":
            choices = sorted(codes[name].unique())
            return name, str(cell), f"is not a dimension{listed(str(cell), choices)}"
        codes = rest
    named = {"scheme", "dimension"} & set(group)
    what = f"{noun} {cells[on.index(named.pop())]}" if named else noun
    if "year" in group:
        what += f" in {cells[on.index('year')]}"
    if "cluster_id" in group:
        what += f" for {cells[on.index('cluster_id')] or 'any cluster'}"
    choices = sorted(codes[on[-1]].unique())
    value = str(cells[-1])
    return on[-1], value, f"is not {what}{listed(value, choices)}"
