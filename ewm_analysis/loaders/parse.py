"""Text to typed columns, strictly: a cell is what its contract says, or it fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ewm_analysis.contracts import (
    DTYPES,
    KIND_NAMES,
    Column,
    Table,
    check,
    columns_of,
    header_failures,
)
from ewm_analysis.errors import Failure
from ewm_analysis.loaders.read import TextTable

PATTERNS = {
    "integer": r"\A-?[0-9]{1,18}\z",
    "number": r"\A-?[0-9]{1,18}(\.[0-9]+)?\z",
    "boolean": r"\A(true|false)\z",
    "date": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z",
}
"""One way of writing each kind: no thousands, decimal comma, exponent or blank."""

ARROW_TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}

HINTS = {
    **KIND_NAMES,
    "number": f"{KIND_NAMES['number']}: point as decimal mark, no thousands, no exponent",
    "date": f"{KIND_NAMES['date']} that exists",
}


@dataclass(frozen=True)
class LoadedTable:
    """A typed table and where each of its rows stands; ``file`` is its path as messages show it."""

    path: Path
    file: str
    stem: str
    contract: Table
    frame: pd.DataFrame
    lines: Sequence[int]


def parse_table(text: TextTable, contract: Table) -> pd.DataFrame:
    """Return the typed table of a contract from a table of text.

    Raises
    ------
    ContractError
        With all failures of the file: of reading, of parsing and of the contract.

    Examples
    --------
    >>> import pandas as pd
    >>> from ewm_analysis.contracts import Districts
    >>> row = {"ags": "12054", "nuts3": "DE404", "name": "Potsdam", "kind": "city", "state": "bb"}
    >>> frame = pd.DataFrame([row], dtype="string")
    >>> parse_table(TextTable(tuple(row), frame, "districts.csv", [2]), Districts)["name"].item()
    'Potsdam'
    """
    columns = columns_of(contract)
    absent = {
        name: pd.Series(column.default, index=text.frame.index, dtype="string")
        for name, column in columns.items()
        if column.default is not None and name not in text.header
    }
    frame = text.frame.assign(**absent)
    failures = [*text.failures, *header_failures([*text.header, *absent], contract, file=text.file)]
    parsed: dict[str, pd.Series] = {}
    for name, column in columns.items():
        if name not in frame:
            continue
        parsed[name], wrong = _parse_column(frame[name], column)
        allowed = f"must be {HINTS[column.kind]}{'' if column.required else ', or empty'}"
        failures += [
            Failure(text.file, text.lines[row], name, str(frame[name].iloc[row]), allowed)
            for row in wrong
        ]
    return check(
        pd.DataFrame(parsed), contract, file=text.file, lines=text.lines, failures=failures
    )


def _parse_column(cells: pd.Series, column: Column) -> tuple[pd.Series, list[int]]:
    """Return the typed cells, and the positions of those that are not of the column's kind."""
    if column.kind == "text":
        return cells, []
    texts = pa.array(cells, pa.string())
    fits = pc.match_substring_regex(texts, PATTERNS[column.kind])
    if column.kind == "date":
        fits = pc.and_(fits, pa.array([_is_date(text) for text in cells], pa.bool_()))
    wrong = pc.indices_nonzero(pc.and_not(pc.not_equal(texts, ""), fits)).to_pylist()
    if column.kind == "date":
        return cells, wrong
    dtype = pd.api.types.pandas_dtype(DTYPES[column.kind])
    values = pc.if_else(fits, texts, None).cast(ARROW_TYPES[column.kind])
    return pd.Series(values.to_pandas(types_mapper=lambda _: dtype)), wrong


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def empty_table(contract: Table) -> pd.DataFrame:
    """Return a table without rows, its columns in their types.

    Examples
    --------
    >>> from ewm_analysis.contracts import Districts
    >>> empty_table(Districts).columns.tolist()
    ['ags', 'nuts3', 'name', 'kind', 'state']
    """
    columns = columns_of(contract).values()
    return pd.DataFrame({column.name: pd.Series(dtype=DTYPES[column.kind]) for column in columns})
