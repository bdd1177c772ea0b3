"""Text to typed columns, strictly: a cell is what its contract says, or it fails."""

from __future__ import annotations

import datetime as dt

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
from ewm_analysis.loaders.text import TextTable

PATTERNS = {
    "integer": r"\A-?[0-9]{1,18}\z",
    "number": r"\A-?[0-9]{1,18}(\.[0-9]+)?\z",
    "boolean": r"\A(true|false)\z",
    "date": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z",
}
"""One way of writing each kind: no thousands, decimal comma, exponent or blank."""

ARROW_TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}

HINTS = {
    "integer": KIND_NAMES["integer"],
    "number": f"{KIND_NAMES['number']}: point as decimal mark, no thousands, no exponent",
    "boolean": KIND_NAMES["boolean"],
    "date": f"{KIND_NAMES['date']} that exists",
}


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
    optional = [name for name, column in columns.items() if column.default is not None]
    header = [*text.header, *(name for name in optional if name not in text.header)]
    failures = [*text.failures, *header_failures(header, contract, file=text.file)]
    parsed: dict[str, pd.Series] = {}
    for name, column in columns.items():
        if name in text.frame:
            cells = text.frame[name]
        elif column.default is not None:
            cells = pd.Series([column.default] * len(text.frame), dtype="string")
        else:
            continue
        parsed[name], wrong = _parse_column(cells, column)
        failures += [
            Failure(text.file, text.lines[row], name, str(cells.iloc[row]), _hint(column))
            for row in wrong
        ]
    return check(
        pd.DataFrame(parsed), contract, file=text.file, lines=text.lines, failures=failures
    )


def _hint(column: Column) -> str:
    return f"must be {HINTS[column.kind]}{'' if column.required else ', or empty'}"


def _parse_column(cells: pd.Series, column: Column) -> tuple[pd.Series, list[int]]:
    """Return the typed cells, and the positions of those that are not of the column's kind."""
    if column.kind == "text":
        return cells, []
    texts = pa.array(cells, pa.string())
    filled = pc.not_equal(texts, "")
    fits = pc.match_substring_regex(texts, PATTERNS[column.kind])
    if column.kind == "date":
        fits = pc.and_(fits, pa.array([_is_date(text) for text in cells], pa.bool_()))
    wrong = pc.indices_nonzero(pc.and_not(filled, fits)).to_pylist()
    if column.kind == "date":
        return cells, wrong
    values = pc.if_else(fits, texts, None).cast(ARROW_TYPES[column.kind])
    return pd.Series(values.to_pandas(types_mapper=_masked(column).get)), wrong


def _masked(column: Column) -> dict[pa.DataType, pd.api.extensions.ExtensionDtype]:
    dtype = pd.api.types.pandas_dtype(DTYPES[column.kind])
    return {ARROW_TYPES[column.kind]: dtype}


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
