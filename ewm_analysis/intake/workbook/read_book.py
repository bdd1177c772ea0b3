"""The sheets of a workbook, cell by cell; nothing is run, expanded or left out."""

from __future__ import annotations

import io
import warnings
from typing import Any

import openpyxl
from openpyxl.worksheet._reader import WorkSheetParser

from ewm_analysis.intake.workbook.remarks import Remarks
from ewm_analysis.intake.workbook.sheets import RawCell, Sheet, letters
from ewm_analysis.loaders.read_xlsx import DAMAGED_WORKBOOK
from ewm_analysis.loaders.workbook_safety import find_refusal

PLAIN_FORMATS = (0, 1, 49)
"""Numbers of the formats General, 0 and Text: a whole number is shown as it is."""


def read_book(data: bytes, remarks: Remarks) -> list[Sheet]:
    """Return all sheets of a workbook, the hidden ones too; none if it is refused.

    Parameters
    ----------
    data : bytes
        The file as it came in.
    remarks : Remarks
        Takes the reason of a refusal.
    """
    refusal = find_refusal(data)
    if refusal:
        key, facts = refusal
        remarks.error("", f"refused.{key}", **facts)
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that no table needs: styles, validation
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            return [_sheet(book, sheet) for sheet in book.worksheets]
    except (*DAMAGED_WORKBOOK, AttributeError, AssertionError, RecursionError):
        remarks.error("", "refused.damaged")
        return []


def _sheet(book: Any, sheet: Any) -> Sheet:
    """Read a sheet with openpyxl's parser: it keeps coordinates and does not fill ranges.

    The public ways lose a row that stands twice, or expand a merged range cell by cell.
    """
    cells: dict[tuple[int, int], RawCell] = {}
    repeated = []
    with book._archive.open(sheet._worksheet_path) as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for _, row in parser.parse():
            for cell in row:
                place = (cell["row"], cell["column"])
                if cell["value"] is None and cell["data_type"] != "f":
                    continue
                if place in cells:
                    repeated.append(f"{letters(place[1])}{place[0]}")
                style = book._cell_styles[cell["style_id"]]
                plain = style.numFmtId in PLAIN_FORMATS
                cells[place] = RawCell(_value(cell), cell["data_type"], plain)
    merged = parser.merged_cells.mergeCell if parser.merged_cells else []
    return Sheet(
        sheet.title,
        cells,
        merged=tuple(str(area.ref) for area in merged),
        repeated=tuple(repeated),
        hidden=_hidden(sheet, parser),
    )


def _value(cell: dict[str, Any]) -> object:
    value = cell["value"]
    return getattr(value, "text", value) if cell["data_type"] == "f" else value


def _hidden(sheet: Any, parser: Any) -> tuple[str, ...]:
    """Return what is hidden: "sheet", "rows", "columns"."""
    found = ["sheet"] if sheet.sheet_state != "visible" else []
    for name, parts in (("rows", parser.row_dimensions), ("columns", parser.column_dimensions)):
        if any(part.get("hidden") in ("1", "true") for part in parts.values()):
            found.append(name)
    return tuple(found)
