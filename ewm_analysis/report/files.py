"""Files beside a page: pictures, tables as CSV, and one workbook. Same input, same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
import zipfile
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as SheetTable

from ewm_analysis.catalogue import indicator
from ewm_analysis.files import package_sha256
from ewm_analysis.l10n import MISSING, Locale, in_language, text
from ewm_analysis.l10n.numbers import decimal_sign
from ewm_analysis.report.bundles import Cell, Contents, Figure, Page, Table

EPOCH = datetime(2000, 1, 1)
"""Date of everything inside a workbook: the time of a run stands in its manifest only."""
METADATA = "csv-metadata.json"
"""Describes the CSV files beside it; the name that the W3C's standard looks for."""
SEPARATORS = {",": ";", ".": ","}
"""Between the cells of a CSV file, by the decimal sign: what a spreadsheet expects."""
FIRST_ROW = 4
"""The header of a sheet stands here."""
NAMED_SHEETS = {"key-figures", "definitions", "sources"}
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST_SHEET = 31
"""Characters that the name of a sheet may have."""
FACE = "Calibri"
"""As of cells that are given no other."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_files(contents: Contents, folder: Path) -> None:
    """Write ``figures/`` and ``tables/``, each with its `METADATA`, and ``tables.xlsx``."""
    for name, items in (("figures", contents.figures), ("tables", contents.tables)):
        if not items:
            continue
        (folder / name).mkdir(parents=True, exist_ok=True)
        for item in items:
            said = to_csv(with_origin(item, contents.page), contents.page.locale)
            (folder / name / f"{item.stem}.csv").write_text(said, "utf-8", newline="")
        told = json.dumps(metadata(items, contents.page), ensure_ascii=False, indent=0)
        (folder / name / METADATA).write_text(f"{told}\n", "utf-8", newline="")
    for figure in contents.figures:
        if figure.svg:
            drawn = standing_alone(figure, contents.page)
            (folder / "figures" / f"{figure.stem}.svg").write_text(drawn, "utf-8", newline="")
    if contents.figures or contents.tables:
        (folder / "tables.xlsx").write_bytes(to_workbook(contents))


VIEWBOX = re.compile(r'viewBox="([-\d. ]+)"')
LOOKS = {
    "title": ("bold 11px", "#26323d", 76),
    "about": ("8.5px", "#55606c", 104),
    "mark": ("bold 8.5px", "#b4540a", 104),
}
"""Of lines beside a drawing: font, colour, and how many letters fit into one."""
LINE = 14
"""Height of a line in points."""


def standing_alone(figure: Figure, page: Page) -> str:
    """Return a drawing that says by itself what it shows, of whom, from where, and if invented.

    Examples
    --------
    >>> page = Page("Bericht 2021: IMK", "", "de", "example", "Beispiel", True, "", {})
    >>> svg = '<svg viewBox="0 0 504 90"></svg>'
    >>> drawn = standing_alone(Figure(1, "p", "Abb. 1: Projekte", (), (), svg=svg), page)
    >>> re.findall('viewBox="(.*?)"', drawn), re.findall(">([^<]+)</text>", drawn)
    (['0 -28 504 132'], ['Projekte', 'Bericht 2021: IMK', 'SYNTHETISCHE DATEN'])
    """
    box = VIEWBOX.search(figure.svg)
    if not box:
        return figure.svg
    left, top, width, height = map(float, box[1].split())
    title = figure.title.partition(": ")[2] or figure.title
    above = _lines("title", figure.headline) + _lines(
        "about" if figure.headline else "title", title
    )
    above += _lines("about", page.title)
    below = _lines("mark", " · ".join(page.marks))
    below += [line for source in figure.sources for line in _lines("about", source)]
    start, end = top - LINE * len(above), top + height
    written = [
        f'<text x="{left:g}" y="{first + LINE * row + 10:g}" style="font: {font} DejaVu Sans, '
        f'Verdana, sans-serif; fill: {colour}">{escape(words)}</text>'
        for first, lines in ((start, above), (end, below))
        for row, (look, words) in enumerate(lines)
        for font, colour, _ in [LOOKS[look]]
    ]
    whole = height + LINE * len([*above, *below])
    head = f'viewBox="{left:g} {start:g} {width:g} {whole:g}"'
    svg = VIEWBOX.sub(head, figure.svg, count=1)
    return svg.removesuffix("</svg>") + "\n".join([*written, "</svg>"])


def _lines(look: str, words: str) -> list[tuple[str, str]]:
    return [(look, line) for line in textwrap.wrap(words, LOOKS[look][2])]


def with_origin(table: Table, page: Page) -> Table:
    """Return a table whose last column says where each row stands, and whether it is invented.

    It goes along where rows are copied or a file is renamed, and the rows stay a table. What the
    whole table is about and its sources are said once, in `METADATA` beside it.

    Examples
    --------
    >>> page = Page("Bericht 2021", "", "de", "example", "Beispiel", True, "", {})
    >>> with_origin(Table(1, "t", "Tab. 1: T", ("a",), ((1,),)), page).rows
    ((1, 'SYNTHETISCHE DATEN · Bericht 2021 · Tab. 1'),)
    """
    place = table.title.partition(": ")[0] if table.number else table.title
    said = " · ".join([*page.marks, page.title, place])
    header = (*table.header, text("report.origin", page.locale))
    return replace(table, header=header, rows=tuple((*row, said) for row in table.rows))


def to_csv(table: Table, locale: Locale) -> str:
    """Return a table as CSV that the offices of a language open by a double click.

    Decimal comma and semicolon, or point and comma; UTF-8 with byte order mark. A text that looks
    like a formula is disarmed.

    Examples
    --------
    >>> table = Table(1, "t", "T", ("a", "b"), (("=1+1", -2.5), (None, 3)))
    >>> print(to_csv(table, "de").lstrip("\\ufeff"), end="")
    a;b
    '=1+1;-2,5
    ;3
    """
    buffer = io.StringIO()
    sign = decimal_sign(locale)
    writer = csv.writer(buffer, delimiter=SEPARATORS[sign], lineterminator="\n")
    for row in (table.header, *table.rows):
        writer.writerow([_filed(cell, sign) for cell in row])
    return f"\ufeff{buffer.getvalue()}"


def _filed(cell: Cell, sign: str) -> Cell:
    return repr(cell).replace(".", sign) if isinstance(cell, float) else _harmless(cell)


def metadata(tables: Sequence[Table], page: Page) -> dict[str, Any]:
    """Return what the CSV files of a folder hold, in the words of the W3C's "CSV on the Web".

    Of each: title, sentence, columns, indicators with unit, definition and how records give
    them, sources and notes; of all: the page that they are from, how it is cited, and its run.
    """
    sign = decimal_sign(page.locale)
    number = {"base": "number", "format": {"decimalChar": sign}}

    def described(table: Table) -> dict[str, Any]:
        columns = zip(table.header, *table.rows, strict=True)
        types = {int: "integer", float: number, str: "string", bool: "boolean"}
        said = {
            "url": f"{table.stem}.csv",
            "dc:title": table.title,
            "dc:description": table.alt if isinstance(table, Figure) else "",
            "dc:source": [*table.sources],
            "rdfs:comment": [*table.notes],
            "dc:subject": [_indicator(name, page.locale) for name in table.indicators],
            "tableSchema": {
                "columns": [
                    {"titles": head, "datatype": types[_kind(cells)]} for head, *cells in columns
                ]
            },
        }
        return {name: told for name, told in said.items() if told}

    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": page.locale}],
        "dc:title": page.title,
        "dc:bibliographicCitation": citation(page),
        "rdfs:comment": page.notice or page.data_set_title,
        "ewm:run": {"parameters": dict(page.parameters), **software()},
        "dialect": {"delimiter": SEPARATORS[sign], "encoding": "utf-8"},
        "tables": [described(with_origin(table, page)) for table in tables],
    }


def _indicator(name: str, locale: Locale) -> dict[str, Any]:
    entry = indicator(name)
    told = {
        "label": in_language(entry.label, locale),
        "definition": in_language(entry.definition, locale),
    }
    made = ("counted", "part", "base", "of", "sum_of")
    method = entry.model_dump(mode="json", include={*made}, exclude_defaults=True)
    return {"name": name, "unit": entry.unit, **told, **({"method": method} if method else {})}


def _kind(cells: Sequence[Cell]) -> type:
    """Return the type that all cells of a column share, but for the empty ones."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int, float}:
        return float
    return kinds.pop() if len(kinds) == 1 else str


def _harmless(cell: Cell) -> Cell:
    """Spreadsheets run a text that begins like a formula; an apostrophe keeps it a text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def to_workbook(contents: Contents) -> bytes:
    """Return all tables, and the numbers behind all figures, as a workbook for everyone.

    As the rules for accessible spreadsheets ask: a cover, contents, notes, then one marked table
    a sheet; no empty row, no merged cell; the language is set.
    """
    locale = contents.page.locale
    workbook = Workbook()
    workbook.remove(workbook.active)
    workbook.properties.title = contents.page.title
    workbook.properties.creator = "ewm_analysis"
    workbook.properties.language = locale
    sheets = _named_sheets(contents)
    notes = [(table.title, note) for table in sheets.values() for note in table.notes]
    listed = [(name, table.title) for name, table in sheets.items()]
    _write_about(workbook.create_sheet(_sheet_name("about", locale)), contents)
    _write_list(workbook, "contents", ["sheet", "title"], listed, contents.page)
    if notes:
        _write_list(workbook, "notes", ["title", "note"], notes, contents.page)
    for name, table in sheets.items():
        _write_sheet(workbook.create_sheet(name), table, contents.page)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return fixed_dates(buffer.getvalue())


def _sheet_name(name: str, locale: Locale) -> str:
    return text(f"report.sheet.{name}", locale)[:LONGEST_SHEET]


def _named_sheets(contents: Contents) -> dict[str, Table]:
    """Return all tables and figures by the names of their sheets."""
    locale = contents.page.locale
    items = [(text("report.table_sheet", locale), table) for table in contents.tables]
    items += [(text("report.figure_sheet", locale), figure) for figure in contents.figures]
    return {
        # what stands outside the numbering, and what explains, goes by its name
        _sheet_name(table.slug, locale)
        if table.slug in NAMED_SHEETS
        else f"{kind} {table.number}": table
        for kind, table in items
    }


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
        "software": "ewm_analysis {version} ({package})".format(**software()),
        "cite": citation(page),
    }
    sheet.append([page.title])
    sheet["A1"].font = Font(name=FACE, bold=True, size=13)
    for name, words in said.items():
        if words:
            sheet.append([text(f"report.{name}", locale), words])
    for row in sheet.iter_rows(min_row=2):
        row[0].font = Font(name=FACE, bold=True)
        for cell in row:
            cell.data_type = "s"
    _set_out(sheet, [24, 90], sheet.iter_rows(min_row=2))


def citation(page: Page) -> str:
    """Return how a page is cited: what was made, from which data, with which program.

    Examples
    --------
    >>> page = Page("Jahresbericht 2021", "", "de", "example", "Beispiel", False, "", {})
    >>> citation(page).startswith("Jahresbericht 2021. Beispiel. Erzeugt mit ewm_analysis")
    True
    """
    about = {"title": page.title, "data_set": page.data_set_title, **software()}
    words = text("report.citation", page.locale, **about)
    synthetic = text("report.cite_synthetic", page.locale) if page.is_synthetic else ""
    return " ".join(filter(None, (words, synthetic)))


def software() -> dict[str, str]:
    """Return the version of the package, and the beginning of its hash."""
    return {"version": version("ewm_analysis"), "package": package_sha256()[:12]}


def _write_list(
    workbook: Any, name: str, heads: list[str], rows: list[tuple[str, str]], page: Page
) -> None:
    """Write a sheet about the other sheets; names of sheets lead there."""
    heads = [text(f"report.sheet_head.{head}", page.locale) for head in heads]
    title = _sheet_name(name, page.locale)
    sheet = workbook.create_sheet(title)
    _write_sheet(sheet, Table(0, name, title, tuple(heads), tuple(rows)), page)
    if name == "contents":
        for row in sheet.iter_rows(min_row=FIRST_ROW + 1):
            _lead_to_sheet(row[0])


def _write_sheet(sheet: Any, table: Table, page: Page) -> None:
    """Title, what it is from, the way back; then header and rows as a table that stays in view."""
    sheet.append([table.title])
    sheet.append([" · ".join([*page.marks, page.data_set_title, *table.sources])])
    sheet.append([_sheet_name("contents", page.locale)])
    sheet.append(_unlike(table.header))
    for row in table.rows:
        sheet.append(list(row))
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with "=" is no formula
            elif isinstance(cell.value, int | float) and not is_year(cell.value):
                cell.number_format = "#,##0" if float(cell.value).is_integer() else "#,##0.###"
    sheet["A1"].font = Font(name=FACE, bold=True, size=13)
    sheet["A2"].font = Font(name=FACE, italic=True, color="595959")
    _lead_to_sheet(sheet["A3"])
    for cell in sheet[FIRST_ROW]:
        cell.font = Font(name=FACE, bold=True)
    if table.rows:
        last = f"{get_column_letter(len(table.header))}{FIRST_ROW + len(table.rows)}"
        name = f"Table{len(sheet.parent.worksheets)}"
        sheet.add_table(SheetTable(displayName=name, ref=f"A{FIRST_ROW}:{last}"))
    sheet.freeze_panes = f"A{FIRST_ROW + 1}"
    sheet.print_title_rows = f"{FIRST_ROW}:{FIRST_ROW}"
    _set_out(sheet, [*_widths(table)], sheet.iter_rows(min_row=FIRST_ROW))


def _set_out(sheet: Any, widths: Sequence[int], rows: Iterable[Any]) -> None:
    """Give columns their width and long texts their lines; printed, all columns share a sheet."""
    looks: dict[tuple[int, ...], Any] = {}
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    for row in rows:
        texts = [str(cell.value or "") for cell in row]
        lines = [
            max(len(text) - 1, 0) // (width - 1) for text, width in zip(texts, widths, strict=True)
        ]
        if any(lines):
            sheet.row_dimensions[row[0].row].height = LINE * (max(lines) + 1)
        for cell in row:  # to find a look among those of the workbook takes longer than to copy it
            is_text = isinstance(cell.value, str)
            if (asked := (*(cell._style or ()), is_text)) not in looks:
                cell.alignment = Alignment(wrap_text=is_text, vertical="top")
                looks[asked] = cell._style
            cell._style = copy(looks[asked])
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0  # as many as it takes
    sheet.print_area = sheet.dimensions


def _lead_to_sheet(cell: Any) -> None:
    """Make a cell lead to the sheet that it names."""
    cell.hyperlink = Hyperlink(cell.coordinate, location=f"'{cell.value}'!A1")
    cell.style = "Hyperlink"
    cell.alignment = Alignment(vertical="top")


def _unlike(header: Sequence[str]) -> list[str]:
    """Return heads of which no two are alike and none is empty, as a marked table needs them."""
    before = [header[:at].count(head) for at, head in enumerate(header)]
    heads = [head or MISSING for head in header]
    return [f"{h} ({n + 1})" if n else h for h, n in zip(heads, before, strict=True)]


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


def fixed_dates(made: bytes) -> bytes:
    """Return a file of an office with one fixed date on every part, and in its properties."""
    stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]{8}Z", stamp, data)
            part = zipfile.ZipInfo(name, EPOCH.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, data)
    return buffer.getvalue()
