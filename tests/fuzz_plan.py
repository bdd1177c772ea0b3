"""The good source that is damaged: sheets as lists, quick to copy and to write."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
from filled_workbook import fill_template

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS
from ewm_analysis.intake.columns import headers_of, sheet_title
from ewm_analysis.loaders import Dataset

YEAR = 2021
Frames = dict[str, pd.DataFrame]


class Text(str):
    """A text that openpyxl must not take for a formula or an error."""


@dataclass
class SheetPlan:
    """What one sheet holds and how it looks."""

    title: str
    rows: list[list[object]]
    state: str = "visible"
    merged: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)

    def copy(self) -> SheetPlan:
        """Return a copy whose rows can be changed."""
        return SheetPlan(self.title, [[*row] for row in self.rows])


@dataclass
class Damage:
    """A damaged source and the values that it means, if it means any."""

    name: str
    plan: list[SheetPlan]
    expected: Frames
    data: bytes | None = None
    files: dict[str, bytes] | None = None
    is_whole_file: bool = False


@dataclass(frozen=True)
class Base:
    """The good source: its tables, as sheets, and as the workbook an evaluator would send."""

    reference: Reference
    records: Frames
    sheets: list[SheetPlan]
    workbook: bytes

    def plan(self) -> list[SheetPlan]:
        """Return the sheets to be damaged; those of the tables in their order."""
        return [sheet.copy() for sheet in self.sheets]


def base_of(dataset: Dataset) -> Base:
    """Return a good source: a few projects and activities with all that belongs to them."""
    records = _few(dataset)
    with tempfile.TemporaryDirectory() as folder:
        file = fill_template(Path(folder) / "good.xlsx", dataset.reference, records, YEAR)
        return Base(dataset.reference, records, _sheets(records), file.read_bytes())


def _few(dataset: Dataset) -> Frames:
    tables = {stem: frame[frame["year"] == YEAR] for stem, frame in dataset.records.items()}
    of_imk = {
        stem: tables[stem][tables[stem]["cluster_id"] == "imk"]
        for stem in RECORDS
        if "cluster_id" in tables[stem]
    }
    projects, activities = of_imk["projects"].head(12), of_imk["activities"].head(4)
    kept = {
        stem: tables[stem][
            tables[stem]["project_id"].isin(projects["project_id"])
            | tables[stem]["activity_id"].isin(activities["activity_id"])
        ]
        for stem in ("participations", "assignments")
    }
    took_part = tables["actors"]["actor_id"].isin(kept["participations"]["actor_id"])
    few = {"projects": projects, "activities": activities, "actors": tables["actors"][took_part]}
    return {stem: (few | kept)[stem].reset_index(drop=True) for stem in RECORDS}


def _sheets(records: Frames) -> list[SheetPlan]:
    sheets = []
    for stem, contract in RECORDS.items():
        names = [name for name in contract.columns if name != "year"]
        headers = headers_of(contract, "de")
        rows: list[list[object]] = [[headers[name] for name in names]]
        for row in records[stem].to_dict("records"):
            rows.append([_cell(row[name]) for name in names])
        sheets.append(SheetPlan(sheet_title(stem, "de"), rows))
    return [*sheets, SheetPlan("Hinweise", [["Berichtsjahr", YEAR]])]


def _cell(value: object) -> object:
    if pd.isna(value) or value == "":
        return None
    if isinstance(value, bool):
        return "ja" if value else "nein"
    return value


def write_book(plan: list[SheetPlan]) -> bytes:
    """Return the sheets as a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet_plan in plan:
        sheet = book.create_sheet(sheet_plan.title)
        sheet.sheet_state = sheet_plan.state
        for line, row in enumerate(sheet_plan.rows, start=1):
            for column, value in enumerate(row, start=1):
                if value is None:
                    continue
                cell = sheet.cell(line, column, str(value) if isinstance(value, Text) else value)
                if isinstance(value, Text):
                    cell.data_type = "s"
                if (line, column) in sheet_plan.formats:
                    cell.number_format = sheet_plan.formats[line, column]
        for area in sheet_plan.merged:
            sheet.merge_cells(area)
        for line in sheet_plan.hidden_rows:
            sheet.row_dimensions[line].hidden = True
        for letter in sheet_plan.hidden_columns:
            sheet.column_dimensions[letter].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_csv(
    plan: list[SheetPlan], delimiter: str = ";", encoding: str = "utf-8", end: str = "\r\n"
) -> dict[str, bytes]:
    """Return the sheets of tables as CSV files."""
    files = {}
    for sheet in plan[: len(RECORDS)]:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
        for row in sheet.rows:
            writer.writerow(["" if cell is None else german(cell) for cell in row])
        files[f"{sheet.title}.csv"] = stream.getvalue().encode(encoding, "replace")
    return files


def german(value: object) -> str:
    """Return a number as a German spreadsheet exports it."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value).replace(".", ",")
    return str(value)
