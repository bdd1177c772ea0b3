"""Files to tables of text, by their suffix, and text to typed columns.

Every cell of a table of text is as it stands, with the line of its row: nothing is stripped,
guessed or converted. `parse_table` is strict: a cell is what its contract says, or it fails.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from ewm_analysis.contracts import (
    DTYPES,
    KIND_NAMES,
    Column,
    Table,
    check,
    header_failures,
)
from ewm_analysis.errors import ContractError, Failure, MissingDataError
from ewm_analysis.l10n import text
from ewm_analysis.loaders.workbook_safety import DAMAGED_ARCHIVE, find_refusal

DAMAGED_WORKBOOK = (
    *DAMAGED_ARCHIVE,
    ElementTree.ParseError,
    LookupError,
    RuntimeError,
    TypeError,
)
"""What openpyxl lets through from zip, XML and its own parts, as found by breaking workbooks."""


@dataclass(frozen=True)
class TextTable:
    """A table as text: its header, its cells, the line of each row and what was found wrong."""

    header: tuple[str, ...]
    frame: pd.DataFrame
    file: str
    lines: Sequence[int]
    failures: tuple[Failure, ...] = ()


def read_text(path: Path, *, file: str = "") -> TextTable:
    """Return a CSV, XLSX or Parquet file as a table of text.

    Parameters
    ----------
    path : Path
        CSV: UTF-8, comma, header in the first line. XLSX: first sheet, no formulas.
    file : str, optional
        The file's name if empty.

    Raises
    ------
    MissingDataError
        If there is no such file.
    ContractError
        If the file as a whole cannot be read: empty, damaged, of another encoding or kind.
    """
    file = file or path.name
    if not path.is_file():
        raise MissingDataError(f"{file}: there is no such file in {path.parent}.")
    if path.suffix not in READERS:
        raise unreadable(file, f"only {', '.join(READERS)} can be read")
    return text_of(path.read_bytes(), path.suffix, file)


def text_of(data: bytes, suffix: str, file: str) -> TextTable:
    """Return what a file holds as a table of text, as `read_text`; ``suffix`` is of `READERS`."""
    if not data:
        raise unreadable(file, "the file is empty; it needs at least a header")
    return READERS[suffix](data, file)


def unreadable(file: str, reason: str, line: int = 0) -> ContractError:
    """Return the error of a file that cannot be read as a whole."""
    return ContractError([Failure(file, line, "", "", reason)])


def text_table(
    header: Sequence[str],
    cells: Sequence[Any],
    file: str,
    lines: Sequence[int],
    failures: Sequence[Failure] = (),
) -> TextTable:
    """Return a table from its columns; of equal names the frame keeps the first."""
    columns = {
        name: pd.Series(values, dtype=pd.StringDtype())
        for name, values in reversed([*zip(header, cells, strict=True)])
    }
    frame = pd.DataFrame(columns)[list(dict.fromkeys(header))]
    return TextTable(tuple(header), frame, file, lines, tuple(failures))


def table_of_rows(
    rows: Sequence[tuple[int, list[str]]], file: str, failures: Sequence[Failure] = ()
) -> TextTable:
    """Return a table from its rows with their lines, the header first; ragged ones are told."""
    (_, header), *body = rows
    width = len(header)
    ragged = _ragged_rows(((line, len(row)) for line, row in body), width, file)
    whole = [(line, row) for line, row in body if len(row) == width]
    cells = [[row[place] for _, row in whole] for place in range(width)]
    return text_table(header, cells, file, [line for line, _ in whole], [*failures, *ragged])


def _ragged_rows(widths: Iterable[tuple[int, int]], width: int, file: str) -> list[Failure]:
    return [
        Failure(file, line, "", "", f"the row has {cells} cells, the header {width}")
        for line, cells in widths
        if cells != width
    ]


def _read_csv(data: bytes, file: str) -> TextTable:
    check_bytes(data, file)
    data = data.removeprefix(b"\xef\xbb\xbf")
    data += b"" if data.endswith((b"\n", b"\r")) else b"\n"
    names = _csv_header(data, file)
    cells = _cells(data, len(names), file)
    if _is_one_line_a_row(data, cells.num_rows):
        return text_table(names, cells.columns, file, range(2, cells.num_rows + 2))
    widths = [(line, len(row)) for line, row in csv_rows(data, file)][1:]
    lines = [line for line, width in widths if width == len(names)]
    if len(lines) != cells.num_rows:
        raise unreadable(file, "rows cannot be told apart: look for quotes inside of cells")
    failures = _ragged_rows(widths, len(names), file)
    return text_table(names, cells.columns, file, lines, failures)


def check_bytes(data: bytes, file: str) -> None:
    """Refuse by sight what is no table of text.

    Raises
    ------
    ContractError
        If the file is empty, holds NUL bytes or is not UTF-8.
    """
    if not data.strip():
        raise unreadable(file, "the file is empty; it needs at least a header")
    if b"\0" in data:
        raise unreadable(file, "the file holds NUL bytes; save it as CSV in UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise unreadable(file, "the file is not UTF-8; save it as CSV in UTF-8", line) from error


def _csv_header(data: bytes, file: str) -> list[str]:
    line, names = next(csv_rows(data, file))
    if line > 1:
        raise unreadable(file, "the header must stand in the first line", 1)
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            reason = f"the columns are separated by {word}; save the file with commas"
            raise unreadable(file, reason, 1)
    return names


def csv_rows(data: bytes, file: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with the line on which it begins.

    Cells of a file with tabs are never quoted.
    """
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        reason = f"quotes do not fit from here on ({error})"
        raise unreadable(file, reason, line) from error


def _cells(data: bytes, width: int, file: str) -> pa.Table:
    """Return the cells below the header, quickly; ragged rows are left out, and told elsewhere."""
    positions = [str(position) for position in range(width)]
    try:
        return pyarrow.csv.read_csv(
            io.BytesIO(data),
            read_options=pyarrow.csv.ReadOptions(
                column_names=positions, skip_rows_after_names=1, block_size=len(data)
            ),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=lambda row: "skip"
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise unreadable(file, f"the file is no valid CSV: {error}") from error


def _is_one_line_a_row(data: bytes, rows: int) -> bool:
    """Whether line numbers follow from positions, which is quick to know."""
    lone_returns = data.count(b"\r") - data.count(b"\r\n")
    return b'"' not in data and not lone_returns and data.count(b"\n") == rows + 1


FAULTS = {"f": "formulas are never run", "e": "the cell shows an error"}


def _read_xlsx(data: bytes, file: str) -> TextTable:
    rows: list[tuple[int, list[str]]] = []
    faults: list[tuple[int, Any]] = []
    for line, row in enumerate(_sheet_rows(data, file), start=1):
        faults += [(line, cell) for cell in row if cell.data_type in FAULTS]
        cells = [_cell_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows.append((line, cells))
    if not rows:
        raise unreadable(file, "the first sheet is empty; it needs at least a header")
    header = rows[0][1]
    failures = []
    for line, cell in faults:
        name = header[cell.column - 1] if cell.column <= len(header) else cell.column_letter
        reason = f"{FAULTS[cell.data_type]}; put the value in its place"
        failures.append(Failure(file, line, name, str(cell.value), reason))
    filled = [(line, row + [""] * (len(header) - len(row))) for line, row in rows]
    return table_of_rows(filled, file, failures)


def _sheet_rows(data: bytes, file: str) -> list[tuple[Any, ...]]:
    """Return the cells of the first sheet; what the sheet says of its size is not trusted."""
    refusal = find_refusal(data)
    if refusal is None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of parts that no table needs: styles, validation
                book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
                sheet = book.worksheets[0]
                sheet.reset_dimensions()
                return [*sheet.iter_rows()]
        except DAMAGED_WORKBOOK:
            refusal = "damaged", {}
    key, facts = refusal
    raise unreadable(file, text(f"intake.refused.{key}", "en", **facts))


def _cell_text(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type in FAULTS:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return str(value)


def _read_parquet(data: bytes, file: str) -> TextTable:
    try:
        table = pyarrow.parquet.read_table(pa.BufferReader(data))
        table.validate(full=True)
        names = table.column_names
    except (pa.ArrowException, OSError, ValueError) as error:
        raise unreadable(file, "the file is damaged or no Parquet file") from error
    failures: list[Failure] = []
    columns = []
    for name, column in zip(names, table.columns, strict=True):
        try:
            columns.append(pc.fill_null(_arrow_text(column), ""))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            failures.append(Failure(file, 0, name, str(column.type), "must hold plain values"))
            columns.append(pa.chunked_array([pa.repeat("", table.num_rows)], pa.string()))
    return text_table(names, columns, file, range(2, table.num_rows + 2), failures)


def _arrow_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        days = column.cast(pa.date32())
        if not days.cast(column.type).equals(column):
            raise pa.ArrowInvalid("the column holds times of day")
        column = days
    if not pa.types.is_floating(column.type):
        return column.cast(pa.string())
    texts = [
        None if value is None else np.format_float_positional(value, trim="-")
        for value in column.to_pylist()
    ]
    return pa.chunked_array([pa.array(texts, pa.string())])


READERS: dict[str, Callable[[bytes, str], TextTable]] = {
    ".csv": _read_csv,
    ".xlsx": _read_xlsx,
    ".parquet": _read_parquet,
}
"""How the content of a file is read, by its suffix."""


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
    columns = contract.columns
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
    columns = contract.columns.values()
    return pd.DataFrame({column.name: pd.Series(dtype=DTYPES[column.kind]) for column in columns})
