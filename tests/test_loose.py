"""What people write in the sheets of the template: read where it has one meaning, and told once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from ewm_analysis.catalogue import Reference
from ewm_analysis.intake.findings import Remark, Remarks
from ewm_analysis.intake.records import read_records
from ewm_analysis.intake.sheets import RawCell, Sheet
from ewm_analysis.loaders import load_reference

Cells = list[list[object]]

PROJECTS: Cells = [
    ["Projektkennung", "Cluster", "Titel", "neu initiiert", "FuEuI-Projekt", "Status",
     "Projektvolumen (EUR)", "Projektvolumen, davon Hauptstadtregion (EUR)", "Fördervolumen (EUR)",
     "Fördervolumen, davon Hauptstadtregion (EUR)", "Fördermittelgeber", "Konsortialstruktur"],
    ["p1", "imk", "Eins", "ja", "ja", "started", 1000, None, None, None, "federal", "single"],
    ["p2", "imk", "Zwei", "nein", "ja", "finished", 2000, None, None, None, "eu", "single"],
]  # fmt: skip
OTHERS: dict[str, Cells] = {
    "Aktivitäten": [["Aktivitätskennung", "Cluster", "Titel", "Art"]],
    "Akteure": [
        ["Akteurskennung", "Name", "Akteurstyp", "Größenklasse", "Land", "Kreis (AGS)", "Ort",
         "Cluster des Akteurs"],
        ["a1", "Muster GmbH", "company", "1-9", "be", "11000", "Berlin", "imk"],
    ],
    "Beteiligungen": [
        ["Projektkennung", "Aktivitätskennung", "Akteurskennung"], ["p1", None, "a1"],
    ],
    "Zuordnungen": [["Projektkennung", "Aktivitätskennung", "Schema", "Kategorie"]],
}  # fmt: skip


class Done(NamedTuple):
    projects: pd.DataFrame | None
    remarks: list[Remark]

    @property
    def errors(self) -> list[str]:
        return [one.place for one in self.remarks if one.level == "error"]

    @property
    def notes(self) -> list[str]:
        return [one.said("de") for one in self.remarks if one.level == "note"]


@cache
def reference() -> Reference:
    return load_reference(Path("data/reference"))


def sheet_of(title: str, rows: Cells, merged: tuple[str, ...] = ()) -> Sheet:
    cells = {
        (line, at): RawCell(value, "s" if isinstance(value, str) else "n")
        for line, row in enumerate(rows, start=1)
        for at, value in enumerate(row, start=1)
        if value is not None
    }
    return Sheet(title, cells, merged)


def read(change: Callable[[Cells], object], *more: Sheet, merged: tuple[str, ...] = ()) -> Done:
    """Read the sheets after a change of that of the projects."""
    rows = [[*row] for row in PROJECTS]
    change(rows)
    sheets = [sheet_of("Projekte", rows, merged)]
    sheets += [sheet_of(title, cells) for title, cells in OTHERS.items()]
    remarks = Remarks("de")
    tables = read_records([*sheets, *more], reference(), 2022, remarks, {})
    found = tables["projects"].frame if "projects" in tables else None
    return Done(found, remarks.all)


def cell(at: int, value: object) -> Callable[[Cells], object]:
    def change(rows: Cells) -> None:
        for row in rows[1:]:
            row[at] = value

    return change


def test_what_is_written_as_it_should_be_is_not_talked_about() -> None:
    assert read(lambda rows: None).remarks == []


@pytest.mark.parametrize(
    ("written", "value"),
    [("ca. 1,2 Mio.", 1_200_000), ("1.234.567,00 €", 1_234_567), ("1\u00a0234\u00a0567", 1_234_567),
     ("1.234.567,-", 1_234_567), ("800 T€", 800_000)],
)  # fmt: skip
def test_amounts_are_read_and_told_once(written: str, value: float) -> None:
    done = read(cell(6, written))
    assert done.projects is not None
    assert [*done.projects["volume_eur"]] == [value, value]
    assert not done.errors
    assert len(done.notes) == 1
    assert "Zellen: 2" in done.notes[0]


@pytest.mark.parametrize("written", ["k.A.", "–", "n/a", "keine Angabe"])
def test_none_is_read_as_empty(written: str) -> None:
    done = read(cell(6, written))
    assert done.projects is not None
    assert done.projects["volume_eur"].isna().all()
    assert not done.errors
    assert "Als leer gelesen (Projektvolumen, Zellen: 2)" in done.notes[0]


@pytest.mark.parametrize("written", ["1,200,000", "viel", "12 km", "1.2"])
def test_what_is_uncertain_stays_an_error(written: str) -> None:
    assert read(cell(6, written)).errors == ["Projekte!G2", "Projekte!G3"]


@pytest.mark.parametrize(
    ("at", "written", "name", "value"),
    [(1, "IMK", "cluster_id", "imk"), (1, "Cluster IMK", "cluster_id", "imk"),
     (5, "abgeschlossen", "status", "finished"), (10, "BMBF", "funder", "federal"),
     (3, "J", "is_new", True), (4, "n", "is_rdi", False)],
)  # fmt: skip
def test_words_stand_for_codes(at: int, written: str, name: str, value: object) -> None:
    done = read(cell(at, written))
    assert done.projects is not None
    assert [*done.projects[name]] == [value, value]
    assert not done.errors
    assert f"{written} (2×)" in done.notes[0]


def test_a_mark_is_a_yes_and_none_a_no_where_marks_are_all() -> None:
    done = read(lambda rows: (rows[1].__setitem__(3, "x"), rows[2].__setitem__(3, None)))
    assert done.projects is not None
    assert [*done.projects["is_new"]] == [True, False]
    assert len(done.notes) == 2
    mixed = read(lambda rows: (rows[1].__setitem__(3, "ja"), rows[2].__setitem__(3, None)))
    assert mixed.errors == ["Projekte!D3"]


def test_titles_above_the_header_are_one_remark() -> None:
    def change(rows: Cells) -> None:
        rows[:0] = [["Projekte des Clusters 2022"], ["Stand: 15.03.2023"]]

    done = read(change, merged=("A1:L1",))
    assert not done.errors
    assert len(done.notes) == 1
    assert "Die Kopfzeile steht in Zeile 3" in done.notes[0]
    assert read(change, merged=("A4:A5",)).errors == ["Projekte!A4:A5"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [(["Summe", None, None, None, None, None, 3000], "Summe"), (PROJECTS[0], "Kopfzeile"),
     ([None] * 6 + [3000], "Summe"), (["Laufende Projekte"], "Zwischentitel")],
)  # fmt: skip
def test_rows_that_are_no_records_are_left_out_and_told(row: list[object], rule: str) -> None:
    done = read(lambda rows: rows.append([*row]))
    assert not done.errors
    assert done.projects is not None
    assert len(done.projects) == 2
    assert f"Ausgelassen als {'wiederholte ' * (rule == 'Kopfzeile')}{rule}" in done.notes[0]


def test_an_id_alone_is_a_row_and_its_gaps_are_errors() -> None:
    assert "Projekte!B4" in read(lambda rows: rows.append(["p3"])).errors


def test_remarks_and_sheets_of_their_own_are_not_read() -> None:
    def change(rows: Cells) -> None:
        rows[0].append("Bemerkung")
        rows[1].append("Antrag läuft noch")

    done = read(change, sheet_of("Ansprechpartner", [["Name"], ["N. N."]]))
    assert not done.errors
    assert sorted(one.partition(" – ")[0] for one in done.notes) == [
        "Ansprechpartner", "Projekte!M1: „Bemerkung“",
    ]  # fmt: skip
