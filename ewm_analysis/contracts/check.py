"""Hold a table against its contract, and its codes against the tables they refer to.

Every failure of a table is told at once: where it stands, what is allowed in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd
import pandera.errors
from pandera.errors import SchemaErrorReason

from ewm_analysis.contracts.model import TABLES, Column, Table
from ewm_analysis.errors import ContractError, Failure

LONGEST_LIST = 40
"""Codes listed in a message; a longer list is left to "did you mean"."""

KIND_NAMES = {
    "text": "text",
    "integer": "a whole number such as 12",
    "number": "a number such as 1234.5",
    "boolean": "true or false",
    "date": "a date such as 2021-12-31",
}

Rule = tuple[list[str], pd.DataFrame, str]
"""Columns that must match together, the rows allowed for them, and what they are called."""


def check(
    frame: pd.DataFrame,
    contract: Table,
    *,
    file: str = "",
    lines: Sequence[int] | None = None,
    failures: Sequence[Failure] = (),
) -> pd.DataFrame:
    """Return the frame in the contract's column order, or raise all its failures.

    Parameters
    ----------
    frame : DataFrame
        Typed columns as the contract declares them.
    contract : Table
        What the frame must hold.
    file : str, optional
        Name shown in failures; the contract's name if empty.
    lines : sequence of int, optional
        Line in the file of each row; position + 2 if not given (the header is line 1).
    failures : sequence of Failure, optional
        What was found before, when the file was read and parsed; no cell is told twice.

    Raises
    ------
    ContractError
        If anything was found, before or here.

    Examples
    --------
    >>> import pandas as pd
    >>> from ewm_analysis.contracts import Districts, check
    >>> row = {"ags": "12054", "nuts3": "DE404", "name": "Potsdam", "kind": "town", "state": "bb"}
    >>> check(pd.DataFrame([row], dtype="string"), Districts)
    Traceback (most recent call last):
    ewm_analysis.errors.ContractError: 1 failure
    districts, line 2, column kind: 'town' — allowed: city, rural
    """
    columns = contract.columns
    file = file or contract.name
    lines = range(2, len(frame) + 2) if lines is None else lines
    found = [*failures, *header_failures([*frame.columns], contract, file=file)]
    names = [name for name in columns if name in frame.columns]
    known = frame.loc[:, ~frame.columns.duplicated()][names]
    known = known.set_axis(range(len(known)), axis=0)
    place = _Place(file, lines)
    damaged = {failure.line for failure in failures}
    try:
        contract.schema_of_rows.validate(known, lazy=True)
    except pandera.errors.SchemaErrors as error:
        incomplete = bool(found) or _has(error, SchemaErrorReason.WRONG_DATATYPE)
        for single in error.schema_errors:
            if single.reason_code is SchemaErrorReason.CHECK_ERROR and not incomplete:
                raise  # a check itself is broken: a fault of the contract, not of the data
            found += _failures_of(single, known, contract, place, damaged)
    found += _blank_failures(known, contract, place)
    if found:
        raise ContractError(_once(found))
    return frame[names]


def header_failures(header: Sequence[str], contract: Table, *, file: str) -> list[Failure]:
    """Return what is missing, unknown or repeated among the column names (line 1).

    Examples
    --------
    >>> from ewm_analysis.contracts import Districts
    >>> header = ["ags", "nuts3", "name", "kind", "stade"]
    >>> for failure in header_failures(header, Districts, file="districts.csv"):
    ...     print(failure)
    districts.csv, line 1, column stade: is not a column of districts. Did you mean 'state'?
    districts.csv, line 1, column state: the column is missing
    """
    columns = contract.columns
    table = contract.name
    missing = [name for name in columns if name not in header]
    found = []
    for name in dict.fromkeys(header):
        if not name:
            found.append(Failure(file, 1, "", "", "a column has no name"))
        elif name not in columns:
            hint = did_you_mean(name, missing)
            found.append(Failure(file, 1, name, "", f"is not a column of {table}{hint}"))
        elif [*header].count(name) > 1:
            found.append(Failure(file, 1, name, "", "the column stands there more than once"))
    return found + [Failure(file, 1, name, "", "the column is missing") for name in missing]


@dataclass(frozen=True)
class _Place:
    """Where the rows of a frame stand in their file."""

    file: str
    lines: Sequence[int]

    def failure(self, row: int, column: str, value: str, allowed: str) -> Failure:
        return Failure(self.file, self.lines[row], column, value, allowed)


def _has(error: pandera.errors.SchemaErrors, reason: SchemaErrorReason) -> bool:
    return any(single.reason_code is reason for single in error.schema_errors)


def _once(found: Sequence[Failure]) -> list[Failure]:
    """Keep the first failure of each cell, in the order of the file."""
    first: dict[tuple[str, int, str], Failure] = {}
    for failure in found:
        first.setdefault((failure.file, failure.line, failure.column), failure)
    return sorted(first.values(), key=lambda failure: (failure.file, failure.line))


def _failures_of(
    single: pandera.errors.SchemaError,
    frame: pd.DataFrame,
    contract: Table,
    place: _Place,
    damaged: set[int],
) -> list[Failure]:
    """Translate one error of pandera; rows damaged before are left out where cells meet."""
    reason, name = single.reason_code, str(single.schema.name)
    columns = contract.columns
    if reason is SchemaErrorReason.DUPLICATES:
        return _repeated(frame, contract.key, place, damaged)
    if reason is SchemaErrorReason.WRONG_DATATYPE:
        allowed = f"the column must hold {KIND_NAMES[columns[name].kind]}"
        return [Failure(place.file, 0, name, str(frame[name].dtype), allowed)]
    cell_reasons = (SchemaErrorReason.DATAFRAME_CHECK, SchemaErrorReason.SERIES_CONTAINS_NULLS)
    if reason not in cell_reasons:
        return []  # missing columns are told by the header
    if name in columns:
        cells = [(row, shown(frame.at[row, name])) for row in single.failure_cases["index"]]
        return [
            place.failure(row, name, text, _allowed_for(columns[name], text)) for row, text in cells
        ]
    name, _, allowed = str(single.check.error).partition(": ")
    rows = [row for row in frame.index[~single.check_output] if place.lines[row] not in damaged]
    return [place.failure(row, name, shown(frame.at[row, name]), allowed) for row in rows]


def _allowed_for(column: Column, text: str) -> str:
    if column.required and not text:
        return "must not be empty"
    return describe_allowed(column) + (did_you_mean(text, column.allowed) if text else "")


def _repeated(
    frame: pd.DataFrame, key: list[str], place: _Place, damaged: set[int]
) -> list[Failure]:
    first: dict[tuple[str, ...], int] = {}
    found = []
    for row, *values in frame.loc[frame.duplicated(key, keep=False), key].itertuples():
        if place.lines[row] in damaged:
            continue
        texts = tuple(shown(value) for value in values)
        if first.setdefault(texts, row) != row:
            line = place.lines[first[texts]]
            allowed = f"the key is repeated; it first stands in line {line}"
            found.append(place.failure(row, ", ".join(key), ", ".join(texts), allowed))
    return found


def _blank_failures(frame: pd.DataFrame, contract: Table, place: _Place) -> list[Failure]:
    """Keys with blanks around them would look alike and match nothing."""
    found = []
    for name in contract.key:
        if name in frame and isinstance(frame[name].dtype, pd.StringDtype):
            padded = frame[name].str.strip() != frame[name]
            found += [
                place.failure(row, name, frame.at[row, name], "must not begin or end with a blank")
                for row in frame.index[padded.fillna(False)]
            ]
    return found


def check_references(
    frame: pd.DataFrame,
    contract: Table,
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
    contract : Table
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
    if contract is TABLES["Assignments"]:
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
    frame: pd.DataFrame, contract: Table, tables: Mapping[str, pd.DataFrame]
) -> Iterator[Rule]:
    columns = contract.columns
    if contract.name in ("projects", "activities", "actors"):
        # nobody reports for, or is at home in, a group of clusters that sources speak of
        clusters = tables["clusters"]
        tables = {**tables, "clusters": clusters[clusters["kind"] != "group"]}
    for name, column in columns.items():
        table, colon, dimension = column.refers_to.partition(":")
        if colon:
            yield _category_rule(name, dimension, frame, tables)
        elif table:
            yield _table_rule(name, table, frame, tables)
    if contract is TABLES["Assignments"]:
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


def did_you_mean(value: str, choices: Iterable[str]) -> str:
    """Return a hint to the closest choice, empty if none is close.

    Examples
    --------
    >>> did_you_mean("ikm", ["imk", "gw"])
    ". Did you mean 'imk'?"
    """
    close = get_close_matches(value, [*choices], n=1, cutoff=0.5)
    return f". Did you mean {close[0]!r}?" if close else ""


def listed(value: str, choices: Sequence[str]) -> str:
    """Return the allowed choices, if they are few, and a hint to the closest.

    Examples
    --------
    >>> listed("ikm", ["imk", "gw"])
    ": allowed: imk, gw. Did you mean 'imk'?"
    """
    few = f": allowed: {', '.join(choices)}" if 0 < len(choices) <= LONGEST_LIST else ""
    return few + did_you_mean(value, choices)


def describe_allowed(column: Column) -> str:
    r"""Say in plain English what a cell of the column may hold.

    Examples
    --------
    >>> from ewm_analysis.contracts import Actors, Projects
    >>> describe_allowed(Projects.columns["status"])
    'allowed: application, started, finished'
    >>> describe_allowed(Actors.columns["ags"])
    'must have the form [0-9]{5} or be empty'
    """
    or_empty = "" if column.required else " or be empty"
    if column.allowed:
        return f"allowed: {', '.join(column.allowed)}{'' if column.required else ' or empty'}"
    if column.pattern:
        return f"must have the form {column.pattern}{or_empty}"
    if column.minimum is not None and column.maximum is not None:
        return f"must lie between {column.minimum:g} and {column.maximum:g}{or_empty}"
    if column.minimum is not None:
        return f"must be at least {column.minimum:g}{or_empty}"
    if column.maximum is not None:
        return f"must be at most {column.maximum:g}{or_empty}"
    return f"must be {KIND_NAMES[column.kind]}{or_empty}"


def shown(value: object) -> str:
    """Return a cell as a file would write it: empty if missing, no ``.0``, true or false.

    Examples
    --------
    >>> shown(-1.0), shown(True), shown(None)
    ('-1', 'true', '')
    """
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if str(value) in ("True", "False") else str(value)
