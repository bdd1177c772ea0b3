"""The first sheet of a workbook to a table of text; formulas are never run."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl

from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.l10n import text
from ewm_analysis.loaders.archives import DAMAGED_ARCHIVE
from ewm_analysis.loaders.text import TextTable, ragged_row, text_table, unreadable
from ewm_analysis.loaders.workbook_safety import find_refusal

DAMAGED_WORKBOOK = (
    *DAMAGED_ARCHIVE,
    ElementTree.ParseError,
    LookupError,
    RuntimeError,
    TypeError,
)
"""What openpyxl lets through from zip, XML and its own parts, as found by breaking workbooks."""


def _sheet_rows(data: bytes, file: str) -> list[tuple[Any, ...]]:
    """Return the cells of the first sheet; what the sheet says of its size is not trusted."""
    refusal = find_refusal(data)
    if refusal:
        key, facts = refusal
        raise _refused(file, key, **facts)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that no table needs: styles, validation
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            return [*sheet.iter_rows()]
    except DAMAGED_WORKBOOK as error:
        raise _refused(file, "damaged") from error


def _refused(file: str, key: str, **facts: object) -> ContractError:
    """Return the error of a workbook that is not opened, in the words of the import."""
    return unreadable(file, text(f"intake.refused.{key}", "en", **facts))


def read_xlsx(path: Path, file: str) -> TextTable:
    """Return the first sheet of a workbook as a table of text.

    Raises
    ------
    ContractError
        If the file as a whole cannot be read, or could do harm.
    """
    rows = _sheet_rows(path.read_bytes(), file)
    failures: list[Failure] = []
    texts: list[tuple[int, list[str]]] = []
    for line, row in enumerate(rows, start=1):
        cells = [_cell_text(cell, file, line, failures) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            texts.append((line, cells))
    if not texts:
        raise unreadable(file, "the first sheet is empty; it needs at least a header")
    header = texts.pop(0)[1]
    width = len(header)
    failures += [ragged_row(file, line, len(row), width) for line, row in texts if len(row) > width]
    whole = [(line, row + [""] * (width - len(row))) for line, row in texts if len(row) <= width]
    cells_by_column = [[row[place] for _, row in whole] for place in range(width)]
    failures = [_named(failure, header) for failure in failures]
    return text_table(header, cells_by_column, file, [line for line, _ in whole], failures)


def _named(failure: Failure, header: Sequence[str]) -> Failure:
    """Replace the letter of a sheet's column by its name in the header."""
    if not failure.column:
        return failure
    place = openpyxl.utils.column_index_from_string(failure.column) - 1
    name = header[place] if place < len(header) else failure.column
    return Failure(failure.file, failure.line, name, failure.value, failure.allowed)


def _cell_text(cell: Any, file: str, line: int, failures: list[Failure]) -> str:
    value = cell.value
    if cell.data_type in ("f", "e"):
        wrong = "formulas are never run" if cell.data_type == "f" else "the cell shows an error"
        reason = f"{wrong}; put the value in its place"
        failures.append(Failure(file, line, cell.column_letter, str(value), reason))
        return ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return str(value)
