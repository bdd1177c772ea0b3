"""Files of others to tables of text: separated by semicolon, comma or tab, quoted or not."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from ewm_analysis.contracts import Table, columns_of
from ewm_analysis.errors import Failure
from ewm_analysis.intake.packed import read_packed
from ewm_analysis.loaders.text import TextTable, ragged_row, text_table, unreadable

NAMES = {";": "semicolons", ",": "commas", "\t": "tabs"}

MOST_LINES = 2_000_000
"""Lines of a file; the largest of CORDIS has some 100,000s."""

MOST_CELLS = 10 * MOST_LINES

csv.field_size_limit(10_000_000)  # the objectives of projects exceed the default of 128 KiB


def read_delimited(path: Path, delimiter: str, *, file: str = "") -> TextTable:
    """Return a file in UTF-8 as a table of text, blanks around cells taken off.

    Parameters
    ----------
    path : Path
        A file, or one in a ZIP, as `read_packed` takes it. The header stands in the first line;
        cells may be quoted and then span lines.
    delimiter : str
        ``;``, ``,`` or a tab; cells of a file with tabs are never quoted.
    file : str, optional
        Name shown in failures; the file's name if empty.

    Raises
    ------
    ContractError
        If the file is missing or cannot be read as a whole.
    """
    file = file or path.name
    data = read_packed(path, file)
    _refuse_unusable(data, delimiter, file)
    lines, rows = _rows(data, delimiter, file)
    header = rows[0]
    body = [*zip(lines[1:], rows[1:], strict=True)]
    failures = [
        ragged_row(file, line, len(row), len(header))
        for line, row in body
        if len(row) != len(header)
    ]
    whole = [(line, row) for line, row in body if len(row) == len(header)]
    cells = [[row[place] for _, row in whole] for place in range(len(header))]
    return text_table(header, cells, file, [line for line, _ in whole], failures)


def known_columns(text: TextTable, contract: type[Table]) -> TextTable:
    """Return the columns that a contract declares; files of others may have more."""
    names = columns_of(contract)
    header = tuple(name for name in text.header if name in names)
    frame = text.frame[list(dict.fromkeys(header))]
    return TextTable(header, frame, text.file, text.lines, text.failures)


def _refuse_unusable(data: bytes, delimiter: str, file: str) -> None:
    """Refuse by sight what is no table of text, or would fill the memory as one."""
    lines = max(data.count(b"\n"), data.count(b"\r"))
    if lines > MOST_LINES or data.count(delimiter.encode()) > MOST_CELLS:
        limits = f"{MOST_LINES // 1_000_000} million lines or {MOST_CELLS // 1_000_000} million"
        raise unreadable(file, f"the file has more than {limits} cells; export a part of it")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise unreadable(file, "the file is not UTF-8; save it so", line) from error
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise unreadable(file, "the file is empty; it needs at least a header")
    if delimiter.encode() not in data.partition(b"\n")[0]:
        reason = f"the columns must be separated by {NAMES[delimiter]}; is it another kind of file?"
        raise unreadable(file, reason, 1)


def _rows(data: bytes, delimiter: str, file: str) -> tuple[list[int], list[list[str]]]:
    """Return the rows that are not blank, and the line on which each begins."""
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    lines, rows, line = [], [], 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                lines.append(line)
                rows.append(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        reason = f"quotes do not fit from here on ({error})"
        raise unreadable(file, reason, line) from error
    return lines, rows


def failure_at(text: TextTable, row: int, column: str, allowed: str) -> Failure:
    """Return the failure of one cell of a table of text."""
    value = str(text.frame[column].iloc[row]) if column in text.frame else ""
    return Failure(text.file, text.lines[row], column, value, allowed)
