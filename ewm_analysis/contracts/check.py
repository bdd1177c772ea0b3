"""Hold a table against its contract, and its codes against the tables they refer to.

Every failure of a table is told at once: where it stands, what is allowed in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pandas as pd

from ewm_analysis.contracts.model import DTYPES, TABLES, Column, Table, is_empty
from ewm_analysis.errors import ContractError, Failure

LONGEST_LIST = 40
"""Codes listed in a message; a longer list is left to "did you mean"."""

FEW = 100_000
"""Rows that are looked up one by one."""

KIND_NAMES = {
    "text": "text",
    "integer": "a whole number such as 2021",
    "number": "a number such as 1234.5",
    "boolean": "true or false",
    "date": "a date such as 2021-12-31",
}

Cells = tuple[Any, ...]
Code = tuple[str, str, Cells]
"""Dimension, owner and code of a category; before the code the year it holds in."""

Rule = tuple[list[str], set[Cells], str]
"""Columns that must match together, the cells allowed in them, and what they are called."""


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
    file : str, optional
        The contract's name if empty.
    lines : sequence of int, optional
        Position + 2 if not given (the header is line 1).
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
    file = file or contract.name
    lines = range(2, len(frame) + 2) if lines is None else lines
    found = [*failures, *header_failures([*frame.columns], contract, file=file)]
    names = [name for name in contract.columns if name in frame.columns]
    known = frame.loc[:, ~frame.columns.duplicated()][names]
    known = known.set_axis(range(len(known)), axis=0)
    rows = _Rows(known, contract, file, lines, {failure.line for failure in failures})
    found += [*rows.repeated_keys(), *rows.padded_keys(), *rows.failures()]
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
class _Rows:
    """The rows of a file under check; those damaged before are left out where cells meet."""

    frame: pd.DataFrame
    contract: Table
    file: str
    lines: Sequence[int]
    damaged: set[int]

    def failure(self, row: int, name: str, allowed: str) -> Failure:
        value = shown(self.frame.at[row, name])
        return Failure(self.file, self.lines[row], name, value, allowed)

    def failures(self) -> Iterator[Failure]:
        """Yield what is wrong with columns, with cells, and with rows."""
        columns, typed = self.contract.columns, []
        for name, cells in self.frame.items():
            column = columns[str(name)]
            if not isinstance(cells.dtype, type(pd.api.types.pandas_dtype(DTYPES[column.kind]))):
                allowed = f"the column must hold {KIND_NAMES[column.kind]}"
                yield Failure(self.file, 0, column.name, str(cells.dtype), allowed)
                continue
            typed.append(name)
            for row in cells.index[broken(cells, column)]:
                allowed = _allowed_for(column, shown(cells.at[row]))
                yield self.failure(row, column.name, allowed)
        if len(typed) < len(self.frame.columns):
            return  # what has other types cannot be asked
        for told, rule in self.contract.rules.items():
            name, _, allowed = told.partition(": ")
            try:
                kept = rule(self.frame)
            except KeyError:
                if len(typed) == len(columns):
                    raise  # the rule itself is broken
                continue  # it asks a column that is missing, which the header tells
            for row in kept.index[~kept]:
                if self.lines[row] not in self.damaged:
                    yield self.failure(row, name, allowed)

    def repeated_keys(self) -> Iterator[Failure]:
        first: dict[tuple[str, ...], int] = {}
        key = [name for name in self.contract.key if name in self.frame]
        known = self.frame[key]
        for row, *values in known[known.duplicated(keep=False)].itertuples():
            line, texts = self.lines[row], tuple(map(shown, values))
            if line not in self.damaged and first.setdefault(texts, line) != line:
                allowed = f"the key is repeated; it first stands in line {first[texts]}"
                yield Failure(self.file, line, ", ".join(key), ", ".join(texts), allowed)

    def padded_keys(self) -> list[Failure]:
        """Keys with blanks around them would look alike and match nothing."""
        keys = self.frame.filter(self.contract.key).select_dtypes("string")
        return [
            self.failure(row, str(name), "must not begin or end with a blank")
            for name, cells in keys.items()
            for row in cells.index[(cells.str.strip() != cells).fillna(False)]
        ]


def broken(cells: pd.Series, column: Column) -> pd.Series:
    """Return which cells of a column are not as it is declared."""
    kept, empty = cells.notna(), is_empty(cells).fillna(False)
    if column.allowed:
        kept &= cells.isin(column.allowed)
    elif column.pattern and cells.dtype == "string":
        kept &= cells.str.fullmatch(column.pattern).fillna(False)
    if column.minimum is not None:
        kept &= (cells >= column.minimum).fillna(False)
    if column.maximum is not None:
        kept &= (cells <= column.maximum).fillna(False)
    return (empty & column.required) | ~(empty | kept)


def _allowed_for(column: Column, text: str) -> str:
    if column.required and not text:
        return "must not be empty"
    return describe_allowed(column) + (did_you_mean(text, column.allowed) if text else "")


def _once(found: Sequence[Failure]) -> list[Failure]:
    """Keep the first failure of each cell, in the order of the file."""
    first: dict[tuple[str, int, str], Failure] = {}
    for failure in found:
        first.setdefault((failure.file, failure.line, failure.column), failure)
    return sorted(first.values(), key=lambda failure: (failure.file, failure.line))


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
    tables : mapping of str to DataFrame
        Tables referred to: sources, categories, clusters, districts, projects, activities, actors.

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
        unknown = {cells for cells in _distinct(frame, *on) - allowed if cells[-1] != ""}
        if not unknown:
            continue
        choices: dict[Cells, list[str]] = {}
        for *group, code in allowed:
            choices.setdefault(tuple(group), []).append(code)
        told = {cells: _explain(on, cells, choices, noun) for cells in unknown}
        for line, cells in zip(lines, _rows_of(frame, *on), strict=True):
            if cells in told:
                found.append(Failure(file, line, *told[cells]))
    return found


def _rows_of(frame: pd.DataFrame, *names: str) -> Iterator[Cells]:
    return zip(*(frame[name].to_numpy(object) for name in names), strict=True)


def _distinct(frame: pd.DataFrame, *names: str) -> set[Cells]:
    """Return the different rows; of many rows, they are found together."""
    return {*_rows_of(frame if len(frame) < FEW else frame[[*names]].drop_duplicates(), *names)}


def _rules(
    frame: pd.DataFrame, contract: Table, tables: Mapping[str, pd.DataFrame]
) -> Iterator[Rule]:
    columns = contract.columns
    if contract.name in ("projects", "activities", "actors"):
        # nobody reports for, or is at home in, a group of clusters that sources speak of
        clusters = tables["clusters"]
        tables = {**tables, "clusters": clusters[clusters["kind"] != "group"]}
    codes = [*_codes(frame, tables)]
    for column in columns.values():
        if column.refers_to:
            yield _column_rule(column, frame, tables, codes)
    if contract is TABLES["Assignments"]:
        yield _assignment_rule(frame, tables, codes)
    elif {"dimension", "parent"} <= columns.keys():
        parents = _distinct(tables["categories"], "dimension", "category")
        yield ["dimension", "parent"], parents, "a code of"
    elif {"dimension", "category"} <= columns.keys():
        yield ["dimension", "category"], _breakdowns(tables), "a code of"


def _codes(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> Iterator[Code]:
    """Yield categories, and districts as regions; where rows have years, with each they hold in."""
    if "categories" not in tables:
        return
    names = ["dimension", "cluster_id", "category", "valid_from", "valid_to"]
    rows = [*_rows_of(tables["categories"], *names)]
    rows += [("region", "", ags, pd.NA, pd.NA) for (ags,) in _rows_of(tables["districts"], "ags")]
    if "year" not in frame:
        yield from ((dimension, cluster, (code,)) for dimension, cluster, code, _, _ in rows)
        return
    for year in frame["year"].unique():
        is_known = year is not pd.NA
        for dimension, cluster, code, start, end in rows:
            begins_later = is_known and start is not pd.NA and year < start
            ended = is_known and end is not pd.NA and end < year
            if not (begins_later or ended):
                yield dimension, cluster, (year, code)


def _column_rule(
    column: Column,
    frame: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    codes: Sequence[Code],
) -> Rule:
    """Codes of the table that a column refers to; those of the row's year, if they have years."""
    target, colon, dimension = column.refers_to.partition(":")
    on = ["year", column.name] if "year" in frame else [column.name]
    if colon:
        allowed = {cells for name, _, cells in codes if name == dimension}
        return on, allowed, f"a code of {dimension}"
    table, _, key = target.partition(".")
    if "year" not in tables[table]:
        on = [column.name]
    noun = f"{'an' if key[0] in 'aeiou' else 'a'} {key} of {table}"
    return on, _distinct(tables[table], *on[:-1], key), noun


def _clusters_of_items(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the cluster of each row's project or activity; empty if that is not known.

    A cluster that does not exist is told where it stands, not once more in each of these rows.
    """
    clusters = frame[["year", "project_id", "activity_id"]]
    for table, key in (("projects", "project_id"), ("activities", "activity_id")):
        owners = tables[table][["year", key, "cluster_id"]].rename(columns={"cluster_id": table})
        clusters = clusters.merge(owners, how="left", on=["year", key], validate="m:1")
    owner = clusters["projects"].fillna(clusters["activities"])
    return owner.where(owner.isin(tables["clusters"]["cluster_id"]), "").set_axis(frame.index)


def _assignment_rule(
    frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], codes: Sequence[Code]
) -> Rule:
    """Categories of the scheme, valid in the year: the cluster's own and those of all."""
    clusters, schemes = ["", *tables["clusters"]["cluster_id"]], _distinct(frame, "scheme")
    allowed = {
        (year, scheme, cluster, code)
        for scheme, own, (year, code) in codes
        if (scheme,) in schemes
        for cluster in (("", own) if own else clusters)
    }
    return ["year", "scheme", "cluster_id", "category"], allowed, "a code of"


def _breakdowns(tables: Mapping[str, pd.DataFrame]) -> set[Cells]:
    """All codes a figure may be broken down by: categories, home clusters, districts."""
    codes = {("home_cluster", code) for (code,) in _rows_of(tables["clusters"], "cluster_id")}
    codes |= {("district", code) for (code,) in _rows_of(tables["districts"], "ags")}
    return codes | _distinct(tables["categories"], "dimension", "category")


def _explain(
    on: Sequence[str], cells: Cells, choices: Mapping[Cells, Sequence[str]], noun: str
) -> tuple[str, str, str]:
    """Return column, value and what is allowed, for one cell that refers to nothing."""
    group, value = dict(zip(on[:-1], cells, strict=False)), str(cells[-1])
    codes = sorted(choices.get(cells[:-1], ()))
    if "dimension" in group and not codes:
        dimension, known = str(group["dimension"]), sorted({name for (name,) in choices})
        return "dimension", dimension, f"is not a dimension{listed(dimension, known)}"
    named = group.get("scheme") or group.get("dimension")
    what = f"{noun} {named}" if named else noun
    if "year" in group:
        what += f" in {group['year']}"
    if "cluster_id" in group:
        what += f" for {group['cluster_id'] or 'any cluster'}"
    return on[-1], value, f"is not {what}{listed(value, codes)}"


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
    if column.allowed:
        return f"allowed: {', '.join(column.allowed)}{'' if column.required else ' or empty'}"
    least, most = column.minimum, column.maximum
    if column.pattern:
        said = f"have the form {column.pattern}"
    elif least is not None and most is not None:
        said = f"lie between {least:g} and {most:g}"
    elif least is not None:
        said = f"be at least {least:g}"
    elif most is not None:
        said = f"be at most {most:g}"
    else:
        said = f"be {KIND_NAMES[column.kind]}"
    return f"must {said}{'' if column.required else ' or be empty'}"


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
