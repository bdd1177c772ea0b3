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
from ewm_analysis.contracts import RECORDS, Column, columns_of
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.columns import Choice, choices_of, headers_of, offered, scheme_choices
from ewm_analysis.intake.sheets import letters, sheet_title
from ewm_analysis.l10n.sentences import messages

LAST_ROW = 20_000
"""Rows that have drop-down lists and validation; the import reads any number."""

DARK = PatternFill("solid", fgColor="1D4E79")
LIGHT = PatternFill("solid", fgColor="D8DEE5")
WRAP = Alignment(wrap_text=True, vertical="top")
FORMATS = {"number": "#,##0.00", "integer": "0", "date": "yyyy\\-mm\\-dd"}
STEPS = 6


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
    clusters = choices_of(columns_of(RECORDS["projects"])["cluster_id"], reference, year)
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
        self.sheet, self.column = sheet, 1
        self.ranges: dict[tuple[Choice, ...], str] = {}

    def range_of(self, title: str, choices: list[Choice]) -> str:
        """Return where the entries of a drop-down list stand, and write them if they are new."""
        key = tuple(choices)
        if key not in self.ranges:
            column, letter = self.column, letters(self.column)
            for place, head in enumerate((title, _text("definition.code"))):
                _head(self.sheet.cell(1, column + place, head), DARK)
                self.sheet.column_dimensions[letters(column + place)].width = 28 - 6 * place
            for row, (label, choice) in enumerate(
                zip(offered(choices, "de"), choices, strict=True), start=2
            ):
                for place, text in enumerate((label, choice.code)):
                    self.sheet.cell(row, column + place, text).number_format = "@"
            last = len(choices) + 1
            self.ranges[key] = f"'{_title('lists')}'!${letter}$2:${letter}${last}"
            self.column += 3
            self.sheet.freeze_panes = "A2"
        return self.ranges[key]


def _head(cell: Any, fill: PatternFill) -> None:
    cell.fill, cell.alignment = fill, WRAP
    cell.font = Font(bold=True, color="FFFFFF" if fill is DARK else "1C2127")


def _write_table(
    sheet: Any, stem: str, lists: _Lists, reference: Reference, year: int, cluster_id: str
) -> None:
    """Header, formats, validation; the year is the workbook's and has no column."""
    headers = headers_of(RECORDS[stem], "de")
    columns = [one for one in columns_of(RECORDS[stem]).values() if one.name != "year"]
    for place, column in enumerate(columns, start=1):
        cell = sheet.cell(1, place, headers[column.name])
        _head(cell, DARK if column.required else LIGHT)
        meaning = _meaning(column)
        cell.comment = Comment(meaning, "ewm_analysis", width=320, height=90)
        dimension = sheet.column_dimensions[letters(place)]
        dimension.width = 34 if column.name in ("title", "name", "category") else 20
        dimension.number_format = FORMATS.get(column.kind, "@")
        choices = choices_of(column, reference, year, cluster_id)
        if column.name == "category":
            choices = [
                choice
                for scheme in columns_of(RECORDS[stem])["scheme"].allowed
                for choice in scheme_choices(reference, scheme, year, cluster_id)
            ]
        source = lists.range_of(headers[column.name], choices) if choices else _ids_of(column)
        _validate(sheet, letters(place), column, meaning, source)
    sheet.row_dimensions[1].height = 48
    sheet.freeze_panes = "B2"


def _ids_of(column: Column) -> str:
    """Return where the ids stand that a column refers to: on the sheet of another table."""
    table, _, key = column.refers_to.partition(".")
    if table not in RECORDS:
        return ""
    place = [name for name in columns_of(RECORDS[table]) if name != "year"].index(key) + 1
    return f"'{_title(table)}'!${letters(place)}$2:${letters(place)}${LAST_ROW}"


def _validate(sheet: Any, letter: str, column: Column, meaning: str, source: str) -> None:
    kind = _kind(column, bool(source))
    rule: dict[str, Any] = {
        "list": {"type": "list", "formula1": source},
        "boolean": {"type": "list", "formula1": '"ja,nein"'},
        "number": {"type": "decimal", "operator": "greaterThanOrEqual", "formula1": "0"},
        "integer": {"type": "whole", "operator": "greaterThanOrEqual", "formula1": "0"},
        "date": {"type": "date", "operator": "greaterThan", "formula1": "32874"},
        "id": {"type": "textLength", "operator": "between", "formula1": "1", "formula2": "100"},
        "text": {"type": "textLength", "operator": "lessThanOrEqual", "formula1": "500"},
    }[kind]
    validation = DataValidation(**rule, allow_blank=True, showErrorMessage=True)
    validation.errorTitle = _text("definition.invalid")
    validation.error = _text(f"kind.{kind}")
    validation.prompt, validation.showInputMessage = meaning[:255], True
    validation.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(validation)


def _kind(column: Column, has_list: bool) -> str:
    if has_list:
        return "list"
    if column.kind == "text" and column.name.endswith("_id"):
        return "id"
    return column.kind


def _write_guide(sheet: Any, year: int, cluster_id: str, clusters: list[Choice]) -> None:
    sheet.title = _title("guide")
    labels = {choice.code: choice.label_de for choice in clusters}
    sheet["A1"] = _text("guide.title", year=year)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A3"], sheet["B3"] = _text("guide.year"), year
    sheet["A4"] = _text("guide.cluster")
    sheet["B4"] = labels[cluster_id] if cluster_id else _text("guide.all_clusters")
    for step in range(1, STEPS + 1):
        sheet.cell(step + 5, 1, _text(f"guide.step_{step}"))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 40


def _write_definitions(sheet: Any) -> None:
    """Every column in a row: what it holds, whether it must be filled, and an example."""
    heads = ("sheet", "column", "required", "kind", "meaning", "example")
    for place, head in enumerate(heads, start=1):
        _head(sheet.cell(1, place, _text(f"definition.{head}")), DARK)
        sheet.column_dimensions[letters(place)].width = (16, 34, 10, 24, 70, 34)[place - 1]
    for stem, contract in RECORDS.items():
        headers = headers_of(contract, "de")
        for column in columns_of(contract).values():
            if column.name == "year":
                continue
            has_list = bool(column.refers_to or column.allowed)
            sheet.append(
                [
                    _title(stem),
                    headers[column.name],
                    _text("definition.yes" if column.required else "definition.no"),
                    _text(f"kind.{_kind(column, has_list or column.name == 'category')}"),
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
        return _text("example.amount")
    if column.kind == "boolean":
        return _text("definition.yes")
    path = f"intake.example.{column.name}"
    return l10n.text(path, "de") if path in messages() else ""
