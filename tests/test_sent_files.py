"""Files as people send them: each is read as a person at a desk would, or refused with a remedy.

What was changed in a good source, and how it ends: READ gives the values of the good source, MADE
others that are named, TOLD says in at most two sentences what to do. Where somebody might
expect more, the reason stands beside it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from test_lists import ods_book

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.findings import Remarks, repeated
from ewm_analysis.intake.records import read_records
from ewm_analysis.intake.sending import unpacked
from ewm_analysis.intake.sheets import read_folder, read_source
from ewm_analysis.loaders import load_reference

AMOUNTS = [2_000_000, 1_000_000, 1_000_000, 500_000]
GOOD: dict[str, list[list[object]]] = {
    "Projekte": [
        ["Projektkennung", "Cluster", "Titel", "neu initiiert", "FuEuI-Projekt", "Status",
         "Projektvolumen (EUR)", "Projektvolumen, davon Hauptstadtregion (EUR)",
         "Fördervolumen (EUR)", "Fördervolumen, davon Hauptstadtregion (EUR)",
         "Fördermittelgeber", "Konsortialstruktur"],
        ["p1", "imk", "Leises Licht", "ja", "ja", "started", *AMOUNTS, "federal", "single"],
        ["p2", "imk", "Weites Netz", "ja", "nein", "finished", *AMOUNTS, "eu", "single"],
        ["p3", "imk", "Helle Bühne", "nein", "ja", "started", *AMOUNTS, "state_be", "single"],
    ],
    "Aktivitäten": [["Aktivitätskennung", "Cluster", "Titel", "Art"]],
    "Akteure": [
        ["Akteurskennung", "Name", "Akteurstyp", "Größenklasse", "Land", "Kreis (AGS)", "Ort",
         "Cluster des Akteurs"],
        ["a1", "Muster GmbH", "company", "1-9", "bb", "12054", "Potsdam", "imk"],
        ["a2", "Beispiel gGmbH", "company", "10-49", "be", "11000", "Berlin", "imk"],
        ["a3", "Probe AG", "company", "250+", "be", "11000", "Berlin", "gw"],
    ],
    "Beteiligungen": [
        ["Projektkennung", "Aktivitätskennung", "Akteurskennung"],
        ["p1", None, "a1"], ["p2", None, "a2"], ["p3", None, "a3"],
    ],
    "Zuordnungen": [
        ["Projektkennung", "Aktivitätskennung", "Schema", "Kategorie"],
        ["p1", None, "technology", "ai"], ["p2", None, "technology", "iot"],
    ],
}  # fmt: skip

Change = Callable[[Any], object]


@cache
def reference() -> Reference:
    return load_reference(Path("data/reference"))


def good_book() -> Any:
    book = openpyxl.Workbook()
    book.active.title = "Hinweise"
    for row in (["Meldung 2022"], [], ["Berichtsjahr", 2022]):
        book.active.append(row)
    for title, rows in GOOD.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


class End(NamedTuple):
    """The tables of a source, and what was said of it."""

    tables: dict[str, pd.DataFrame]
    errors: list[str]
    notes: list[str]


def end_of(path: Path) -> End:
    """Read a source as an import does, but write nothing."""
    remarks = Remarks("de")
    sheets = []
    with unpacked([path], remarks) as paths:
        for one in paths:
            sheets += read_source(one, remarks).sheets
    tables = {}
    if not remarks.has_errors:
        read = read_records(sheets, reference(), 2022, remarks, {})
        tables = {stem: table.frame for stem, table in read.items()}
    errors, others = (
        [one.said("de") for one in repeated(each for each in remarks.all if is_error(each))]
        for is_error in (lambda one: one.level == "error", lambda one: one.level != "error")
    )
    return End(tables, errors, others)


def write_csv(encoding: str = "utf-8", sign: str = ";", first: str = "") -> dict[str, bytes]:
    """Return the good source as CSV, one file a table."""
    files = {}
    for title, rows in GOOD.items():
        written = io.StringIO(newline="")
        written.write(first)
        csv.writer(written, delimiter=sign).writerows(rows)
        files[f"{title}.csv"] = written.getvalue().encode(encoding)
    return files


@cache
def good() -> dict[str, pd.DataFrame]:
    """The tables of the good source."""
    remarks = Remarks("de")
    read = read_records(read_folder(write_csv(), remarks), reference(), 2022, remarks, {})
    assert not remarks.all
    assert [len(read[stem].frame) for stem in RECORDS] == [3, 0, 3, 3, 2]
    assert read["projects"].frame["volume_eur"].sum() == 3 * AMOUNTS[0]
    return {stem: table.frame for stem, table in read.items()}


def put(title: str, place: str, value: object) -> Change:
    return lambda book: book[title].__setitem__(place, value)


def column(title: str, letter: str, change: Callable[[Any], object]) -> Change:
    def go(book: Any) -> None:
        for cell in book[title][letter][1:]:
            cell.value = change(cell.value)

    return go


def several(*changes: Change) -> Change:
    return lambda book: [change(book) for change in changes]


def titled(book: Any) -> None:
    sheet = book["Projekte"]
    sheet.insert_rows(1, 2)
    sheet["A1"], sheet["A2"] = "Projektübersicht 2022 – Cluster IMK", "Stand: 15.03.2023"
    sheet.merge_cells("A1:L1")


def banded(book: Any) -> None:
    sheet = book["Projekte"]
    sheet.insert_rows(1)
    sheet["A1"], sheet["G1"] = "Allgemeines", "Finanzen"
    sheet.merge_cells("A1:F1")


def decomposed(book: Any) -> None:
    for sheet in book:
        sheet.title = unicodedata.normalize("NFD", sheet.title)
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str):
                cell.value = unicodedata.normalize("NFD", cell.value)


def second_cluster(book: Any) -> None:
    copy = book.copy_worksheet(book["Projekte"])
    book["Projekte"].title, copy.title = "Projekte IMK", "Projekte GW"


def renamed(**headers: str) -> Change:
    return several(*(put("Projekte", f"{letter}1", text) for letter, text in headers.items()))


def dropped(*titles: str) -> Change:
    return lambda book: [book.remove(book[title]) for title in titles]


def insert(line: int, *cells: object, title: str = "Projekte") -> Change:
    def go(book: Any) -> None:
        book[title].insert_rows(line)
        for at, value in enumerate(cells, start=1):
            book[title].cell(line, at, value)

    return go


def volume(value: object) -> Change:
    return put("Projekte", "G3", value)


READ, MADE, TOLD = "read", "made", "told"


class Case(NamedTuple):
    change: Change
    end: str
    said: str = ""
    made: tuple[str, Change] | None = None
    """Table that differs from the good source, and how."""


def amount(value: float | None) -> tuple[str, Change]:
    return "projects", lambda rows: rows.assign(volume_eur=[AMOUNTS[0], value, AMOUNTS[0]])


UNKNOWN = dict.fromkeys(
    ("volume_eur", "volume_region_eur", "funding_eur", "funding_region_eur"), [None] * 3
)
CASES: dict[str, Case] = {
    "untouched": Case(lambda book: None, READ),
    "titles above the header": Case(titled, READ, "Die Kopfzeile steht in Zeile 3"),
    "two rows of headers": Case(banded, READ, "Die Kopfzeile steht in Zeile 2"),
    "headers in other words": Case(
        renamed(A="Projekt-Nr.", C="Projektname", D="Neu?", G="Gesamtvolumen",
                I="Zuwendung in €", K="Förderer"),
        READ, "„Projektname“ – Als „Titel“ gelesen."),
    "about": Case(volume("ca. 1,2 Mio."), MADE, "Ungefähre", amount(1_200_000)),
    "not said": Case(volume("k.A."), MADE, "Als leer gelesen", amount(None)),
    "a dash for none": Case(volume("–"), MADE, "Als leer gelesen", amount(None)),
    "with the sign of the euro": Case(
        volume("1.234.567,00 €"), MADE, "Als Betrag in Euro", amount(1_234_567)),
    "digits as text": Case(volume("1234567"), MADE, "", amount(1_234_567)),
    "points between thousands": Case(volume("1.234.567"), MADE, "", amount(1_234_567)),
    "no-break spaces": Case(
        volume("1\u00a0234\u00a0567"), MADE, "Als Betrag", amount(1_234_567)),
    "spaces between thousands": Case(
        volume("1 234 567"), MADE, "Als Betrag", amount(1_234_567)),
    "no cents": Case(volume("1.234.567,-"), MADE, "Als Betrag", amount(1_234_567)),
    "thousands of euros": Case(volume("1800 T€"), MADE, "Als Betrag", amount(1_800_000)),
    "an invisible sign before an amount": Case(
        volume("\u200b1200000"), MADE, "Als Betrag", amount(1_200_000)),
    # A formula may point anywhere, and its stored value may be old: the person says the value.
    "a formula for an amount": Case(volume("=800*1000"), TOLD, "durch ihren Wert ersetzen"),
    "an English amount": Case(volume("1,200,000"), TOLD, "--locale en"),
    "one amount in thousands": Case(volume(1200), TOLD, "höchstens so groß"),
    "a row of totals": Case(
        lambda book: book["Projekte"].append(["Summe", *[None] * 5, 6_000_000]),
        READ, "Ausgelassen als Summe (Zeilen: 1): 5: Summe"),
    "a formula of totals": Case(
        lambda book: book["Projekte"].append([*[None] * 6, "=SUM(G2:G4)"]),
        READ, "Ausgelassen als Summe"),
    "hidden columns": Case(
        lambda book: setattr(book["Projekte"].column_dimensions["H"], "hidden", True),
        READ, "mitgelesen"),
    "filtered rows": Case(
        lambda book: setattr(book["Projekte"].row_dimensions[3], "hidden", True),
        READ, "mitgelesen"),
    "several topics in a cell": Case(
        put("Zuordnungen", "D2", "ai; iot"),
        MADE, "einzeln gelesen",
        ("assignments", lambda rows: rows.iloc[[0, 0, 1]].assign(category=["ai", "iot", "iot"]))),
    "the cluster written out": Case(
        column("Projekte", "B", lambda _: "IKT, Medien und Kreativwirtschaft"), READ),
    "the cluster with a word before": Case(
        column("Projekte", "B", lambda _: "Cluster IMK"), READ, "Cluster IMK (3×)"),
    "the cluster in capitals": Case(column("Projekte", "B", lambda _: "IMK"), READ, "IMK (3×)"),
    # What a colour means, nobody but the sender knows; every spreadsheet has some.
    "colours": Case(
        lambda book: setattr(book["Projekte"]["C3"], "fill", PatternFill("solid")), READ),
    "a comment": Case(
        lambda book: setattr(book["Projekte"]["G3"], "comment", Comment("prüfen", "x")), READ),
    "a column of remarks": Case(
        several(put("Projekte", "M1", "Bemerkung"), put("Projekte", "M3", "läuft noch")),
        READ, "Diese Spalte wird nicht gelesen"),
    # Without a header it may be anything, an amount that slipped to the right, too.
    "a remark without a header": Case(
        put("Projekte", "N3", "siehe Mail"), TOLD, "Diese Spalte hat keine Überschrift"),
    # Which of them is the newer one, only the sender knows; each cluster may send a workbook.
    "a sheet for each cluster": Case(second_cluster, TOLD, "je Cluster eine Mappe"),
    "blank lines": Case(several(insert(3), insert(3)), READ),
    "a heading between rows": Case(
        insert(3, "Laufende Projekte"), READ, "Ausgelassen als Zwischentitel"),
    "the header again": Case(
        insert(3, *GOOD["Projekte"][0]), READ, "Ausgelassen als wiederholte Kopfzeile"),
    # One id is one row; `hafen-imk` and `hafen-et` say that a project is joint.
    "one id in two clusters": Case(
        lambda book: book["Projekte"].append(GOOD["Projekte"][1]), TOLD, "schon in Zeile 2"),
    "umlauts in two signs": Case(decomposed, READ),
    "no-break spaces in a header": Case(renamed(G="Projektvolumen\u00a0(EUR)"), READ),
    "a line break in a header": Case(renamed(G="Projektvolumen\n(EUR)", D="neu\ninitiiert"), READ),
    "capitals in a header": Case(renamed(C="TITEL "), READ),
    "an invisible sign in a header": Case(renamed(C="\ufeffTitel"), READ),
    "a line break in a title": Case(
        put("Projekte", "C3", "Weites\nNetz"), TOLD, "unsichtbare Steuerzeichen"),
    "an invisible sign in an id": Case(
        put("Projekte", "A3", "p2\u200b"), READ, "Ohne unsichtbare Zeichen gelesen"),
    "an invisible sign in a title": Case(
        put("Projekte", "C3", "Weites\u200b Netz"), READ, "Ohne unsichtbare Zeichen gelesen"),
    "a blank behind an id": Case(put("Beteiligungen", "A3", "p2 "), READ),
    "an id in capitals": Case(put("Beteiligungen", "A3", "P2"), TOLD, "nicht vorhanden"),
    "a cross for yes": Case(
        several(column("Projekte", "D", {"ja": "x", "nein": None}.get),
                column("Projekte", "E", {"ja": "x", "nein": None}.get)),
        READ, "Ohne Kreuz, als nein gelesen"),
    "letters for yes and no": Case(
        column("Projekte", "D", {"ja": "J", "nein": "N"}.get), READ, "J (2×)"),
    "the state of projects in words": Case(
        several(put("Projekte", "F2", "läuft"), put("Projekte", "F3", "abgeschlossen")),
        READ, "abgeschlossen (1×)"),
    "a ministry for the federation": Case(put("Projekte", "K2", "BMBF"), READ, "BMBF (1×)"),
    "a dash within a size": Case(put("Akteure", "D2", "1–9"), READ, "1–9 (1×)"),
    "a size that became a day": Case(
        put("Akteure", "D2", dt.datetime(2022, 9, 1)), TOLD, "als Text formatieren"),
    "a number for a size": Case(put("Akteure", "D2", 25), TOLD, "Beschäftigte"),
    "a place without its district": Case(
        put("Akteure", "F2", None), MADE, "",
        ("actors", lambda rows: rows.assign(ags=["", "11000", "11000"]))),
    "a district as a number": Case(put("Akteure", "F2", 12054), READ),
    "a state in words": Case(
        column("Akteure", "E", {"be": "Berlin", "bb": "Brandenburg"}.get), READ),
    "a state in letters": Case(column("Akteure", "E", str.upper), READ, "BB (1×)"),
    # Whether all of them take part, or the area was merged for its looks, only a person can say.
    "merged cells among rows": Case(
        lambda book: book["Beteiligungen"].merge_cells("A2:A3"), TOLD, "den Verbund aufheben"),
    "a sheet of their own": Case(
        lambda book: book.create_sheet("Ansprechpartner").append(["Name"]),
        READ, "Dieses Blatt gehört zu keiner Tabelle"),
    "an empty sheet": Case(lambda book: book.create_sheet("Tabelle1"), READ),
    "a title of a sheet in capitals": Case(
        lambda book: setattr(book["Projekte"], "title", "PROJEKTE "), READ),
    # An empty table is something else than a sheet that was lost.
    "projects only": Case(
        dropped("Aktivitäten", "Akteure", "Beteiligungen", "Zuordnungen"), TOLD, "Das Blatt fehlt"),
    "a sheet is missing": Case(dropped("Zuordnungen"), TOLD, "nur die Kopfzeile hat"),
    "a column is missing": Case(
        lambda book: book["Projekte"].delete_cols(8), TOLD, "Auch eine leere Spalte braucht"),
    "a column that is not asked for": Case(
        several(put("Projekte", "M1", "Projektstart"), put("Projekte", "M2", "15.3.2022")),
        READ, "Diese Spalte wird nicht gelesen"),
    "nothing is known of amounts": Case(
        several(*(column("Projekte", letter, lambda _: "k. A.") for letter in "GHIJ")),
        MADE, "Zellen: 3", ("projects", lambda rows: rows.assign(**UNKNOWN))),
    "days of 1904": Case(lambda book: setattr(book, "epoch", CALENDAR_MAC_1904), READ),
    "a thousand columns": Case(put("Projekte", "ALL3", "x"), TOLD, "keine Überschrift"),
    "two tables side by side": Case(
        several(put("Projekte", "N1", "Titel"), put("Projekte", "N2", "x")), TOLD, "schon in"),
    "two tables one below the other": Case(
        several(insert(6), insert(7, "Partner", "Ort"), insert(8, "Muster GmbH", "Potsdam")),
        TOLD, "Hier beginnt offenbar eine zweite Tabelle"),
    "a share for an amount": Case(volume("80 %"), TOLD, "Keine eindeutige Zahl"),
    "a span for an amount": Case(volume("1–2 Mio."), TOLD, "Keine eindeutige Zahl"),
    "dollars": Case(volume("1.000.000 $"), TOLD, "Keine eindeutige Zahl"),
    "an error of the spreadsheet": Case(volume("#REF!"), TOLD, "durch den Wert ersetzen"),
    "headers of a thousand columns": Case(
        lambda book: [book["Projekte"].cell(1, at, f"Feld {at}") for at in range(13, 1013)],
        TOLD, "997 weitere"),
    "an unknown header": Case(renamed(C="Überbau"), TOLD, "Diese Überschrift ist unbekannt"),
}  # fmt: skip


def judge(end: End, case: Case) -> None:
    """Hold an end against what is expected of it."""
    if case.end == TOLD:
        assert 1 <= len(end.errors) <= 3, end.errors
        assert case.said in " ".join(end.errors)
        return
    assert not end.errors
    assert case.said in " ".join(end.notes)
    assert bool(end.notes) == bool(case.said), end.notes
    assert {*end.tables} == {*RECORDS}
    for stem, rows in good().items():
        meant = case.made[1](rows) if case.made and case.made[0] == stem else rows
        meant = meant.astype(rows.dtypes).reset_index(drop=True)
        pd.testing.assert_frame_equal(end.tables[stem], meant)


@pytest.mark.parametrize("name", CASES)
def test_a_workbook_as_people_send_it(name: str, tmp_path: Path) -> None:
    book = good_book()
    CASES[name].change(book)
    book.save(tmp_path / "sent.xlsx")
    judge(end_of(tmp_path / "sent.xlsx"), CASES[name])


# Files, folders and what is in them


def saved(folder: Path, name: str = "sent.xlsx") -> Path:
    good_book().save(folder / name)
    return folder / name


def csv_folder(folder: Path, files: dict[str, bytes]) -> Path:
    (place := folder / "sent").mkdir()
    for name, data in files.items():
        (place / name).write_bytes(data)
    return place


def named(pattern: str) -> dict[str, bytes]:
    return {pattern.format(name): data for name, data in write_csv().items()}


def zipped(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "sent.zip", "w") as archive:
        archive.write(saved(folder, "imk.xlsx"), "imk.xlsx")
    return folder / "sent.zip"


def linked(folder: Path) -> Path:
    (folder / "link.xlsx").symlink_to(saved(folder))
    return folder / "link.xlsx"


def holding(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def texts(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[str]]]:
    return {
        title: [["" if cell is None else str(cell) for cell in row] for row in rows]
        for title, rows in sheets.items()
    }


def half(folder: Path) -> Path:
    return holding("half.xlsx", saved(folder).read_bytes()[:3000])(folder)


def flat_list(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for row in (["Projektname", "Partner"], ["Lichtweg", "Muster GmbH"]):
        book.active.append(row)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
FILES: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "suffix in capitals": (lambda folder: saved(folder, "SENT.XLSX"), READ, ""),
    "a link to a file": (linked, READ, ""),
    "a ZIP with a workbook": (zipped, READ, ""),
    "free software": (
        holding("sent.ods", ods_book(texts(GOOD))), READ, ""),
    "CSV as old Excel writes it": (
        lambda folder: csv_folder(folder, write_csv("cp1252")), READ, ""),
    "CSV with a mark of order": (
        lambda folder: csv_folder(folder, write_csv("utf-8-sig")), READ, ""),
    "text as Excel calls Unicode": (
        lambda folder: csv_folder(folder, write_csv("utf-16", "\t")), READ, ""),
    "tabs": (lambda folder: csv_folder(folder, write_csv(sign="\t")), READ, ""),
    "Excel's line of the separator": (
        lambda folder: csv_folder(folder, write_csv(first="sep=;\r\n")), READ, ""),
    "names of files in two signs": (
        lambda folder: csv_folder(folder, {
            unicodedata.normalize("NFD", name): data for name, data in write_csv().items()
        }), READ, ""),
    "the name of the workbook before": (
        lambda folder: csv_folder(folder, named("Meldung_{}")), READ, ""),
    "a note beside the tables": (
        lambda folder: csv_folder(folder, write_csv() | {"Hinweise.txt": b"x", "desktop.ini": b""}),
        READ, "„Hinweise.txt“ – Keine Tabelle"),
    "a file that Excel holds open": (
        lambda folder: csv_folder(folder, write_csv() | {"~$Projekte.csv": b"x"}), READ, ""),
    # Each byte of it is a letter in Windows-1252, too.
    "CSV of an old Mac": (
        lambda folder: csv_folder(folder, write_csv("mac_roman")), TOLD, "ist unbekannt"),
    "mixed encodings": (
        lambda folder: csv_folder(folder, {
            name: data + "Ü;".encode("cp1252") for name, data in write_csv().items()
        }), TOLD, "mischt die Datei zwei Zeichenkodierungen"),
    "a list under another name": (
        flat_list, TOLD, "ewm map DATEI"),
    "an old workbook that is damaged": (holding("sent.xls", OLE), TOLD, "neu als .xlsx"),
    "a password": (holding("sent.xlsx", OLE), TOLD, "Kennwort"),
    "a page of the web": (
        holding("sent.xlsx", b"<html><table></table></html>"), TOLD, "neu als .xlsx speichern"),
    "CSV by the name of a workbook": (
        holding("sent.xlsx", b"Projektkennung;Cluster\n"), TOLD, "neu als .xlsx speichern"),
    "macros": (
        lambda folder: saved(folder, "sent.xlsm"), TOLD, "als .xlsx ohne Makros"),
    "nothing at all": (holding("sent.xlsx", b""), TOLD, "beschädigt"),
    "half of a file": (half, TOLD, "beschädigt"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_as_people_send_it(name: str, tmp_path: Path) -> None:
    make, how, said = FILES[name]
    end = end_of(make(tmp_path))
    if name == "CSV of an old Mac":
        end = end._replace(errors=end.errors[:2])
    judge(end, Case(lambda book: None, how, said))


@pytest.mark.parametrize(
    ("name", "said"), [("none.xlsx", "does not exist"), ("list.csv", "ewm import list")]
)
def test_what_is_no_source_at_all_is_one_sentence(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Projektname;Partner\n")
    with pytest.raises(ParameterError, match=said):
        end_of(tmp_path / name)


def test_all_cases_are_here() -> None:
    assert len(CASES) + len(FILES) >= 85
