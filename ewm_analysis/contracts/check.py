"""Hold a table against its contract; every failure of a file is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pandera.errors
from pandera.errors import SchemaErrorReason

from ewm_analysis.contracts.model import Column, Table, columns_of, key_of
from ewm_analysis.contracts.wording import KIND_NAMES, describe_allowed, did_you_mean, shown
from ewm_analysis.errors import ContractError, Failure


def check(
    frame: pd.DataFrame,
    contract: type[Table],
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
    contract : type of Table
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
    columns = columns_of(contract)
    file = file or str(contract.to_schema().name)
    lines = range(2, len(frame) + 2) if lines is None else lines
    found = [*failures, *header_failures([*frame.columns], contract, file=file)]
    names = [name for name in columns if name in frame.columns]
    known = frame.loc[:, ~frame.columns.duplicated()][names]
    known = known.set_axis(range(len(known)), axis=0)
    place = _Place(file, lines)
    damaged = {failure.line for failure in failures}
    try:
        contract.to_schema().validate(known, lazy=True)
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


def header_failures(header: Sequence[str], contract: type[Table], *, file: str) -> list[Failure]:
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
    columns = columns_of(contract)
    table = contract.to_schema().name
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
    contract: type[Table],
    place: _Place,
    damaged: set[int],
) -> list[Failure]:
    """Translate one error of pandera; rows damaged before are left out where cells meet."""
    reason, name = single.reason_code, str(single.schema.name)
    columns = columns_of(contract)
    if reason is SchemaErrorReason.DUPLICATES:
        return _repeated(frame, key_of(contract), place, damaged)
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


def _blank_failures(frame: pd.DataFrame, contract: type[Table], place: _Place) -> list[Failure]:
    """Keys with blanks around them would look alike and match nothing."""
    found = []
    for name in key_of(contract):
        if name in frame and isinstance(frame[name].dtype, pd.StringDtype):
            padded = frame[name].str.strip() != frame[name]
            found += [
                place.failure(row, name, frame.at[row, name], "must not begin or end with a blank")
                for row in frame.index[padded.fillna(False)]
            ]
    return found
