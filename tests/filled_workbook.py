"""A template filled in by a program, as an evaluator would by hand; not a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, SCHEMES
from ewm_analysis.intake import write_template
from ewm_analysis.intake.columns import choices_of, headers_of, sheet_title

Frames = Mapping[str, pd.DataFrame]


def fill_template(
    file: Path,
    reference: Reference,
    records: Frames,
    year: int,
    *,
    with_labels: bool = False,
    cluster_id: str = "",
) -> Path:
    """Write a template and fill in the records of a year, with codes or their labels."""
    write_template(file, reference, year=year, cluster_id=cluster_id)
    book = openpyxl.load_workbook(file)
    category = RECORDS["assignments"].columns["category"]
    schemes = {
        scheme: {
            one.code: one.label_de for one in choices_of(category, reference, year, scheme=scheme)
        }
        for scheme in SCHEMES
    }
    for stem, contract in RECORDS.items():
        sheet = book[sheet_title(stem, "de")]
        headers = headers_of(contract, "de")
        places = {cell.value: cell.column for cell in sheet[1]}
        columns = [column for column in contract.columns.values() if column.name != "year"]
        labels = {
            column.name: {one.code: one.label_de for one in choices_of(column, reference, year)}
            for column in columns
        }
        rows = records[stem][records[stem]["year"] == year].to_dict("records")
        for line, row in enumerate(rows, start=2):
            for column in columns:
                value = row[column.name]
                if pd.isna(value) or value == "":
                    continue
                if column.kind == "boolean":
                    value = "ja" if value else "nein"
                elif with_labels and column.name == "category":
                    value = schemes[row["scheme"]][value]
                elif with_labels:
                    value = labels[column.name].get(value, value)
                sheet.cell(line, places[headers[column.name]], value)
    book.save(file)
    return file


def in_order(frame: pd.DataFrame, stem: str) -> pd.DataFrame:
    return frame.sort_values(RECORDS[stem].key, ignore_index=True)
