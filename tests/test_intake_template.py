"""The workbook for a new year: what it offers, and that a spreadsheet program can open it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from filled_workbook import fill_template

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, SCHEMES
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake import write_template
from ewm_analysis.intake.columns import (
    choices_of,
    codes_by_text,
    headers_of,
    offered,
    sheet_title,
)
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.sheets import read_book
from ewm_analysis.l10n import LOCALES
from ewm_analysis.loaders import Dataset, load_reference, resolve_data_dir

TITLES = ["Hinweise", "Projekte", "Aktivitäten", "Akteure", "Beteiligungen", "Zuordnungen"]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(resolve_data_dir("data/reference"))


@pytest.fixture(scope="module")
def book(reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("template") / "records-2022.xlsx"
    write_template(file, reference, year=2022)
    return openpyxl.load_workbook(file)


def drop_down(book: Any, title: str, header: str) -> list[str]:
    """Return the entries that the list of a column offers."""
    sheet = book[title]
    column = next(cell for cell in sheet[1] if cell.value == header)
    for rule in sheet.data_validations.dataValidation:
        if f"{column.column_letter}2" in rule.sqref and rule.type == "list":
            if rule.formula1.startswith('"'):
                return rule.formula1.strip('"').split(",")
            where, area = rule.formula1.split("!")
            return [
                cell.value for row in book[where.strip("'")][area.replace("$", "")] for cell in row
            ]
    return []


def test_one_sheet_a_table_and_one_for_what_it_means(book: Any) -> None:
    assert book.sheetnames == [*TITLES, "Definitionen", "Listen"]
    assert book["Hinweise"]["B3"].value == 2022
    for stem, contract in RECORDS.items():
        header = [cell.value for cell in book[sheet_title(stem, "de")][1]]
        assert header == [
            text for name, text in headers_of(contract, "de").items() if name != "year"
        ]


@pytest.mark.parametrize("locale", LOCALES)
def test_headers_are_unique(locale: Any) -> None:
    for contract in RECORDS.values():
        headers = [*headers_of(contract, locale).values()]
        assert len({*headers}) == len(headers)


def test_every_column_is_explained_in_both_languages() -> None:
    names = {name for contract in RECORDS.values() for name in contract.columns} - {"year"}
    columns = {name: one for contract in RECORDS.values() for name, one in contract.columns.items()}
    assert {name for name in names if {*columns[name].meaning} < {*LOCALES}} == set()


def test_lists_hold_what_is_valid_in_the_year(book: Any, reference: Reference) -> None:
    assert drop_down(book, "Projekte", "neu initiiert") == ["ja", "nein"]
    assert drop_down(book, "Projekte", "Status") == ["in Antragstellung", "begonnen", "beendet"]
    types = drop_down(book, "Akteure", "Akteurstyp")
    assert "Vereine und Netzwerke" in types  # from 2022
    assert "Verein" not in types  # until 2021
    assert "Potsdam" in drop_down(book, "Akteure", "Kreis (AGS)")
    assert "andere Branche" in drop_down(book, "Akteure", "Cluster des Akteurs")
    assert "andere Branche" not in drop_down(book, "Projekte", "Cluster")
    assert "Länderübergreifende Cluster" not in drop_down(book, "Projekte", "Cluster")
    fields = drop_down(book, "Zuordnungen", "Kategorie")
    assert "Innovative Versorgung" in fields
    assert "Biotechnologie/Pharma" not in fields  # master plan until 2020


def test_one_cluster_is_offered_its_own_lists(reference: Reference, tmp_path: Path) -> None:
    file = tmp_path / "imk.xlsx"
    write_template(file, reference, year=2022, cluster_id="imk")
    book = openpyxl.load_workbook(file)
    assert drop_down(book, "Projekte", "Cluster") == ["IKT, Medien und Kreativwirtschaft"]
    fields = drop_down(book, "Zuordnungen", "Kategorie")
    assert "Medien- und Kreativwirtschaft" in fields
    assert "Innovative Versorgung" not in fields
    assert len(drop_down(book, "Akteure", "Cluster des Akteurs")) > 10


@pytest.mark.parametrize("year", [2018, 2021, 2022])
def test_each_entry_of_a_list_means_one_code(year: int, reference: Reference) -> None:
    for contract in RECORDS.values():
        for column in contract.columns.values():
            for scheme in SCHEMES if column.name == "category" else [""]:
                choices = choices_of(column, reference, year, scheme=scheme)
                codes = codes_by_text(choices)
                meant = [codes[entry] for entry in offered(choices, "de")]
                assert meant == [{choice.code} for choice in choices]


def test_amounts_are_validated_and_ids_are_text(book: Any) -> None:
    sheet = book["Projekte"]
    kinds = {str(rule.sqref)[0]: rule.type for rule in sheet.data_validations.dataValidation}
    assert (kinds["A"], kinds["G"]) == ("textLength", "decimal")
    assert sheet.column_dimensions["A"].number_format == "@"
    assert "Projektkennung" in [row[1].value for row in book["Definitionen"].iter_rows()]


def test_wrong_use_is_told(reference: Reference, tmp_path: Path) -> None:
    file = tmp_path / "there.xlsx"
    write_template(file, reference, year=2022)
    with pytest.raises(ParameterError, match="exists already"):
        write_template(file, reference, year=2022)
    with pytest.raises(ParameterError, match=r"must end with \.xlsx"):
        write_template(tmp_path / "t.xls", reference, year=2022)
    with pytest.raises(ParameterError, match="Did you mean 'imk'"):
        write_template(tmp_path / "t.xlsx", reference, year=2022, cluster_id="ikm")


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_and_keeps_it(example: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "filled.xlsx"
    fill_template(file, example.reference, example.records, 2021)
    out = tmp_path / "out"
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    sheets = [read_book(path.read_bytes(), Remarks("de")) for path in (file, out / "filled.xlsx")]
    for before, after in zip(*sheets, strict=True):
        assert before.title == after.title
        # amounts are written with thousands there; how a number looks counts for texts only
        kept = [
            [
                (line, {at: (cell.value, cell.kind) for at, cell in row.items()})
                for line, row in rows
            ]
            for rows in (before.rows(), after.rows())
        ]
        assert kept[0] == kept[1]
