"""Files beside a page: pictures, tables as CSV, and one workbook. Same input, same bytes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from ewm_analysis.l10n import text
from ewm_analysis.report.bundles import Cell, Contents, Table

EPOCH = datetime(2000, 1, 1)
"""Date of everything inside a workbook: the time of a run stands in its manifest only."""
LONGEST_SHEET = 31
"""Characters that the name of a sheet may have."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_files(contents: Contents, folder: Path) -> None:
    """Write ``figures/``, ``tables/`` and ``tables.xlsx`` into a folder.

    Parameters
    ----------
    contents : Contents
        What the notebook shows.
    folder : Path
        Where the files go.
    """
    for name, items in (("figures", contents.figures), ("tables", contents.tables)):
        if items:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for item in items:
            (folder / name / f"{item.stem}.csv").write_text(to_csv(item), "utf-8", newline="")
    for figure in contents.figures:
        path = folder / "figures" / figure.stem
        if figure.svg:
            path.with_suffix(".svg").write_text(figure.svg, "utf-8", newline="")
        if figure.png:
            path.with_suffix(".png").write_bytes(figure.png)
    if contents.figures or contents.tables:
        (folder / "tables.xlsx").write_bytes(to_workbook(contents))


def to_csv(table: Table) -> str:
    """Return a table as CSV: comma, point, UTF-8; a text that looks like a formula is disarmed.

    Examples
    --------
    >>> print(to_csv(Table(1, "t", "T", ("a", "b"), (("=1+1", -2.5), (None, 3)))), end="")
    a,b
    '=1+1,-2.5
    ,3
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([[_harmless(cell) for cell in row] for row in (table.header, *table.rows)])
    return buffer.getvalue()


def _harmless(cell: Cell) -> Cell:
    """Spreadsheets run a text that begins like a formula; an apostrophe keeps it a text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def to_workbook(contents: Contents) -> bytes:
    """Return all tables, and the numbers behind all figures, as a workbook: one sheet each."""
    locale = contents.page.locale
    workbook = Workbook()
    workbook.remove(workbook.active)
    workbook.properties.title = contents.page.title
    workbook.properties.creator = "ewm_analysis"
    named = [(text("report.table_sheet", locale), table) for table in contents.tables]
    named += [(text("report.figure_sheet", locale), figure) for figure in contents.figures]
    for kind, table in named:
        # One that stands outside the numbering goes by its name.
        name = f"{kind} {table.number}" if table.number else f"{kind} {table.slug}"[:LONGEST_SHEET]
        _write_sheet(workbook.create_sheet(name), table, contents)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return _fixed_dates(buffer.getvalue())


def _write_sheet(sheet: Any, table: Table, contents: Contents) -> None:
    """Title, notice, an empty row, header, rows; the header stays in view."""
    sheet.append([table.title])
    sheet.append([contents.page.notice or contents.page.data_set_title])
    sheet.append([])
    sheet.append(list(table.header))
    for row in table.rows:
        sheet.append(list(row))
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with "=" is no formula
    sheet["A1"].font = Font(bold=True, size=13)
    sheet["A2"].font = Font(italic=True, color="595959")
    for cell in sheet[4]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A5"
    for index, width in enumerate(_widths(table), start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width


def _widths(table: Table) -> Iterable[int]:
    for column in zip(table.header, *table.rows, strict=True):
        yield min(max(len(str(cell)) for cell in column if cell is not None) + 2, 48)


def _fixed_dates(workbook: bytes) -> bytes:
    """Return the workbook with one fixed date on every part, and in its properties."""
    stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]{8}Z", stamp, data)
            part = zipfile.ZipInfo(name, EPOCH.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, data)
    return buffer.getvalue()
