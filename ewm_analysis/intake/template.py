"""The workbook in which a year's records are written down, made from the contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from ewm_analysis import l10n
from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, Column
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.columns import (
    Choice,
    choices_of,
    headers_of,
    letters,
    offered,
    sheet_title,
)
from ewm_analysis.intake.readings import CENTS, SAMPLE
from ewm_analysis.l10n.sentences import messages

LAST_ROW = 20_000
"""Rows that have drop-down lists and validation; the import reads any number."""

DARK = PatternFill("solid", fgColor="1D4E79")
LIGHT = PatternFill("solid", fgColor="D8DEE5")
WRAP = Alignment(wrap_text=True, vertical="top")
FORMATS = {"number": "#,##0.00", "integer": "0"}
RULES: dict[str, dict[str, str]] = {
    "list": {"type": "list"},
    "boolean": {"type": "list", "formula1": '"ja,nein"'},
    "number": {"type": "decimal", "operator": "greaterThanOrEqual", "formula1": "0"},
    "integer": {"type": "whole", "operator": "greaterThanOrEqual", "formula1": "0"},
    "id": {"type": "textLength", "operator": "between", "formula1": "1", "formula2": "100"},
    "text": {"type": "textLength", "operator": "lessThanOrEqual", "formula1": "500"},
}
"""What a spreadsheet program lets pass, by kind of entry."""

STEPS = 6
WIDE = ("title", "name", "category")
DEFINITIONS = {
    "sheet": 16,
    "column": 34,
    "required": 10,
    "kind": 24,
    "meaning": 70,
    "example": 34,
}
"""Columns of the sheet that explains all columns, and their widths."""


def write_template(file: Path, reference: Reference, *, year: int, cluster_id: str = "") -> None:
    """Write an empty workbook for the records of a year.

    Its titles, drop-down lists and explanations are German; what is chosen comes back as code.

    Parameters
    ----------
    file : Path
        The workbook, ``.xlsx``; it must not exist.
    reference : Reference
        Categories, clusters and districts; only editions valid in the year are offered.
    year : int
        Reporting year.
    cluster_id : str, optional
        Offer this cluster and its master plan only.

    Raises
    ------
    ParameterError
        If the file exists or is no ``.xlsx``, or the cluster is not known.
    """
    clusters = choices_of(RECORDS["projects"].columns["cluster_id"], reference, year)
    if cluster_id and cluster_id not in (known := [choice.code for choice in clusters]):
        raise ParameterError("cluster", cluster_id, known)
    if file.suffix.lower() != ".xlsx" or file.exists():
        reason = "exists already" if file.exists() else "must end with .xlsx"
        raise ParameterError("file", str(file), reason=f"{reason}; name another file")
    book = Workbook()
    book.properties.creator = "ewm_analysis"
    lists = _Lists(book.create_sheet(_title("lists")))
    _write_guide(book.active, year, cluster_id, clusters)
    for stem in RECORDS:
        sheet = book.create_sheet(_title(stem), index=len(book.sheetnames) - 1)
        _write_table(sheet, stem, lists, reference, year, cluster_id)
    _write_definitions(book.create_sheet(_title("definitions")))
    book.move_sheet(lists.sheet, len(book.sheetnames))
    book.active = 1
    book.save(file)


def _title(name: str) -> str:
    return sheet_title(name, "de")


def _text(key: str, **facts: object) -> str:
    return l10n.text(f"intake.{key}", "de", **facts)


class _Lists:
    """The sheet with all codes and labels; each list is one range, two columns wide."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.sheet.freeze_panes = "A2"
        self.ranges: dict[tuple[Choice, ...], str] = {}

    def range_of(self, title: str, choices: list[Choice]) -> str:
        """Return where the entries of a drop-down list stand, and write them if they are new."""
        key = tuple(choices)
        if key not in self.ranges:
            column = 3 * len(self.ranges) + 1
            for place, head, width in (
                (column, title, 28),
                (column + 1, _text("definition.code"), 22),
            ):
                _head(self.sheet, place, head, width)
            pairs = zip(offered(choices, "de"), (choice.code for choice in choices), strict=True)
            for row, pair in enumerate(pairs, start=2):
                for place, text in enumerate(pair, start=column):
                    self.sheet.cell(row, place, text).number_format = "@"
            self.ranges[key] = _range("lists", column, len(choices) + 1)
        return self.ranges[key]


def _range(table: str, column: int, last: int) -> str:
    letter = letters(column)
    return f"'{_title(table)}'!${letter}$2:${letter}${last}"


def _head(sheet: Any, column: int, text: str, width: int, *, is_dark: bool = True) -> Any:
    cell = sheet.cell(1, column, text)
    cell.fill, cell.alignment = DARK if is_dark else LIGHT, WRAP
    cell.font = Font(bold=True, color="FFFFFF" if is_dark else "1C2127")
    sheet.column_dimensions[letters(column)].width = width
    return cell


def _columns(stem: str) -> list[Column]:
    """The year is the workbook's and has no column."""
    return [one for one in RECORDS[stem].columns.values() if one.name != "year"]


def _write_table(
    sheet: Any, stem: str, lists: _Lists, reference: Reference, year: int, cluster_id: str
) -> None:
    """Header, formats, validation."""
    headers = headers_of(RECORDS[stem], "de")
    for place, column in enumerate(_columns(stem), start=1):
        title, width = headers[column.name], 34 if column.name in WIDE else 20
        cell = _head(sheet, place, title, width, is_dark=column.required)
        cell.comment = Comment(_meaning(column), "ewm_analysis", width=320, height=90)
        sheet.column_dimensions[letters(place)].number_format = FORMATS.get(column.kind, "@")
        choices = choices_of(column, reference, year, cluster_id)
        source = lists.range_of(title, choices) if choices else _ids_of(column)
        sheet.add_data_validation(_validation(letters(place), column, source))
    sheet.row_dimensions[1].height = 48
    sheet.freeze_panes = "B2"


def _ids_of(column: Column) -> str:
    """Return where the ids stand that a column refers to: on the sheet of another table."""
    table, _, key = column.refers_to.partition(".")
    if table not in RECORDS:
        return ""
    names = [one.name for one in _columns(table)]
    return _range(table, names.index(key) + 1, LAST_ROW)


def _validation(letter: str, column: Column, source: str) -> DataValidation:
    kind = _kind(column, has_list=bool(source))
    rule = RULES[kind] | ({"formula1": source} if source else {})
    return DataValidation(
        **rule,
        sqref=f"{letter}2:{letter}{LAST_ROW}",
        allow_blank=True,
        showErrorMessage=True,
        showInputMessage=True,
        errorTitle=_text("definition.invalid"),
        error=_text(f"kind.{kind}"),
        prompt=_meaning(column)[:255],
    )


def _kind(column: Column, *, has_list: bool) -> str:
    if has_list:
        return "list"
    return "id" if column.kind == "text" and column.name.endswith("_id") else column.kind


def _write_guide(sheet: Any, year: int, cluster_id: str, clusters: list[Choice]) -> None:
    sheet.title = _title("guide")
    labels = {choice.code: choice.label_de for choice in clusters}
    cluster = labels[cluster_id] if cluster_id else _text("guide.all_clusters")
    rows = [
        [_text("guide.title", year=year)],
        [],
        [_text("guide.year"), year],
        [_text("guide.cluster"), cluster],
        [],
        *([_text(f"guide.step_{step}")] for step in range(1, STEPS + 1)),
    ]
    for row in rows:
        sheet.append(row)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 40


def _write_definitions(sheet: Any) -> None:
    """Every column in a row: what it holds, whether it must be filled, and an example."""
    for place, (head, width) in enumerate(DEFINITIONS.items(), start=1):
        _head(sheet, place, _text(f"definition.{head}"), width)
    for stem, contract in RECORDS.items():
        headers = headers_of(contract, "de")
        for column in _columns(stem):
            has_list = bool(column.refers_to or column.allowed or column.name == "category")
            sheet.append(
                [
                    _title(stem),
                    headers[column.name],
                    _text("definition.yes" if column.required else "definition.no"),
                    _text(f"kind.{_kind(column, has_list=has_list)}"),
                    _meaning(column),
                    _example(column),
                ]
            )
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = WRAP
    sheet.freeze_panes = "A2"


def _meaning(column: Column) -> str:
    return l10n.in_language(column.meaning, "de") if column.meaning else column.description


def _example(column: Column) -> str:
    if column.unit:
        return l10n.format_number(SAMPLE, "de", CENTS)
    if column.kind == "boolean":
        return _text("definition.yes")
    path = f"intake.example.{column.name}"
    return l10n.text(path, "de") if path in messages() else ""
