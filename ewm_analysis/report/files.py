"""Files beside a page: pictures, tables as CSV, and one workbook. Same input, same bytes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from ewm_analysis.hashes import package_sha256
from ewm_analysis.l10n import text
from ewm_analysis.report.bundles import Cell, Contents, Page, Table

EPOCH = datetime(2000, 1, 1)
"""Date of everything inside a workbook: the time of a run stands in its manifest only."""
NAMED_SHEETS = {"key-figures", "definitions", "sources"}
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST_SHEET = 31
"""Characters that the name of a sheet may have."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_files(contents: Contents, folder: Path) -> None:
    """Write ``figures/``, ``tables/`` and ``tables.xlsx`` into a folder."""
    for name, items in (("figures", contents.figures), ("tables", contents.tables)):
        if items:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for item in items:
            (folder / name / f"{item.stem}.csv").write_text(to_csv(item), "utf-8", newline="")
    for figure in contents.figures:
        if figure.svg:
            (folder / "figures" / f"{figure.stem}.svg").write_text(figure.svg, "utf-8", newline="")
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
    _write_about(workbook.create_sheet(text("report.sheet.about", locale)), contents)
    named = [(text("report.table_sheet", locale), table) for table in contents.tables]
    named += [(text("report.figure_sheet", locale), figure) for figure in contents.figures]
    for kind, table in named:
        name = f"{kind} {table.number}"
        if table.slug in NAMED_SHEETS:  # what stands outside the numbering, and what explains
            name = text(f"report.sheet.{table.slug}", locale)
        _write_sheet(workbook.create_sheet(name[:LONGEST_SHEET]), table, contents)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return _fixed_dates(buffer.getvalue())


def _write_about(sheet: Any, contents: Contents) -> None:
    """What the workbook is, from which data, and how to cite it."""
    page = contents.page
    locale, parameters = page.locale, page.parameters.items()
    said = {
        "data_set": f"{page.data_set_title} ({page.data_set})",
        "notice": page.notice,
        "parameters": "; ".join(
            text(f"report.parameter.{name}", locale) + (f": {value}" if value is not True else "")
            for name, value in parameters
        ),
        "software": f"ewm_analysis {version('ewm_analysis')} ({package_sha256()[:12]})",
        "cite": citation(page),
    }
    sheet.append([page.title])
    sheet["A1"].font = Font(bold=True, size=13)
    sheet.append([])
    for name, words in said.items():
        if words:
            sheet.append([text(f"report.{name}", locale), words])
    for row in sheet.iter_rows(min_row=3):
        row[0].font = Font(bold=True)
        for cell in row:
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 90


def citation(page: Page) -> str:
    """Return how a page is cited: what was made, from which data, with which program.

    Examples
    --------
    >>> page = Page("Jahresbericht 2021", "", "de", "example", "Beispiel", False, "", {})
    >>> citation(page).startswith("Jahresbericht 2021. Beispiel. Erzeugt mit ewm_analysis")
    True
    """
    made = {"version": version("ewm_analysis"), "package": package_sha256()[:12]}
    words = text(
        "report.citation", page.locale, title=page.title, data_set=page.data_set_title, **made
    )
    synthetic = text("report.cite_synthetic", page.locale) if page.is_synthetic else ""
    return " ".join(filter(None, (words, synthetic)))


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
            elif isinstance(cell.value, int | float) and not is_year(cell.value):
                cell.number_format = "#,##0" if float(cell.value).is_integer() else "#,##0.###"
    sheet["A1"].font = Font(bold=True, size=13)
    sheet["A2"].font = Font(italic=True, color="595959")
    for cell in sheet[4]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A5"
    for index, width in enumerate(_widths(table), start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width


def is_year(value: float) -> bool:
    """Tell whether a number is read as a year, and takes no thousands separator.

    Examples
    --------
    >>> is_year(2021), is_year(161.5), is_year(3400)
    (True, False, False)
    """
    return float(value).is_integer() and FIRST_YEAR <= value <= LAST_YEAR


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
