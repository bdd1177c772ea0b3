"""CSV to a table of text: UTF-8, comma, header in the first line, quotes that fit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from ewm_analysis.errors import Failure
from ewm_analysis.loaders.text import TextTable, ragged_row, text_table, unreadable


def read_csv(path: Path, file: str) -> TextTable:
    """Return a CSV file as a table of text.

    Raises
    ------
    ContractError
        If the file as a whole cannot be read.
    """
    data = path.read_bytes()
    _check_bytes(data, file)
    data = data.removeprefix(b"\xef\xbb\xbf")
    data += b"" if data.endswith((b"\n", b"\r")) else b"\n"
    names = _csv_header(data, file)
    cells = _cells(data, len(names), file)
    if _is_one_line_a_row(data, cells.num_rows):
        return text_table(names, cells.columns, file, range(2, cells.num_rows + 2))
    lines, failures = _walk(data, len(names), file)
    if len(lines) != cells.num_rows:
        raise unreadable(file, "rows cannot be told apart: look for quotes inside of cells")
    return text_table(names, cells.columns, file, lines, failures)


def _cells(data: bytes, width: int, file: str) -> pa.Table:
    """Return the cells below the header; ragged rows are left out here, and told by `_walk`."""
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
    """Return True where line numbers follow from positions, which is quick to know."""
    lone_returns = data.count(b"\r") - data.count(b"\r\n")
    return b'"' not in data and not lone_returns and data.count(b"\n") == rows + 1


def _check_bytes(data: bytes, file: str) -> None:
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
    line, names = next(_csv_rows(data, file))
    if line > 1:
        raise unreadable(file, "the header must stand in the first line", 1)
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            reason = f"the columns are separated by {word}; save the file with commas"
            raise unreadable(file, reason, 1)
    return names


def _csv_rows(data: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        reason = f"quotes do not fit from here on ({error})"
        raise unreadable(file, reason, line) from error


def _walk(data: bytes, width: int, file: str) -> tuple[list[int], list[Failure]]:
    """Return the lines of whole rows and a failure for each ragged one."""
    lines, failures = [], []
    rows = _csv_rows(data, file)
    next(rows)
    for line, row in rows:
        if len(row) == width:
            lines.append(line)
        else:
            failures.append(ragged_row(file, line, len(row), width))
    return lines, failures
