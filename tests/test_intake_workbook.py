"""The import of a workbook: the same numbers as before, or what is wrong, cell by cell."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from filled_workbook import fill_template, in_order
from fuzz_files import book_of, parts_of
from fuzz_plan import YEAR, Base, base_of, write_book, write_csv
from lying_archive import DECLARED, SMALL, lying_archive, memory_of
from typer.testing import CliRunner

from ewm_analysis.cli import app
from ewm_analysis.contracts import RECORDS
from ewm_analysis.errors import ContractError, Failure, ParameterError
from ewm_analysis.files import OLD
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.intake import describe_import, import_workbook, write_report
from ewm_analysis.intake.findings import Remarks, understood
from ewm_analysis.intake.readings import UncertainCellError, read_cell
from ewm_analysis.intake.records import tell_failure
from ewm_analysis.intake.sending import is_harmless_id
from ewm_analysis.intake.sheets import RawCell, ReadTable, Sheet
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.loaders import Dataset, open_dataset, part_of
from ewm_analysis.loaders.workbook_safety import find_refusal

ERRORS, WRITTEN = "errors", "written"
AMOUNT = RECORDS["projects"].columns["volume_eur"]
SAID_AT_CELLS = {key.rpartition(".")[2] for key in messages() if key.startswith("intake.failure.")}


@pytest.fixture(scope="module")
def good(example: Dataset) -> Base:
    return base_of(example)


@pytest.fixture
def book(good: Base, tmp_path: Path) -> Path:
    file = tmp_path / "records.xlsx"
    file.write_bytes(good.workbook)
    return file


def changed(book: Path, **cells: object) -> Path:
    """Write values into cells, such as ``Projekte_F3``, and return the workbook."""
    opened = openpyxl.load_workbook(book)
    for place, value in cells.items():
        sheet, cell = place.split("_")
        opened[sheet][cell] = value
    opened.save(book)
    return book


def places(done: Any) -> list[str]:
    return [remark.place for remark in done.remarks if remark.level == "error"]


# The same numbers as before


@pytest.mark.parametrize("with_labels", [False, True], ids=["codes", "labels"])
def test_filled_template_gives_the_example_back(
    with_labels: bool, example: Dataset, tmp_path: Path
) -> None:
    source = tmp_path / "records-2021.xlsx"
    fill_template(source, example.reference, example.records, 2021, with_labels=with_labels)
    done = import_workbook(source, tmp_path / "set")
    assert (done.outcome, done.year) == (WRITTEN, 2021)
    imported = open_dataset(tmp_path / "set")
    assert (imported.is_synthetic, imported.disclosure) == (False, "standard")
    for stem, frame in example.records.items():
        meant = in_order(frame[frame["year"] == 2021], stem)
        pd.testing.assert_frame_equal(in_order(imported.records[stem], stem), meant)
        assert done.rows[stem] == len(meant)
    assert_same_numbers(imported, example)


def assert_same_numbers(imported: Dataset, example: Dataset) -> None:
    """What the annual report of 2021 prints is computed from the records of that year."""
    values = []
    for dataset in (example, imported):
        table = compute_indicators(part_of(dataset, cluster_id="imk"))
        table = table[(table["source_id"] == "records") & (table["year"] == 2021)]
        values.append(table.sort_values([*table.columns[:9]], ignore_index=True))
    assert len(values[0]) > 50
    pd.testing.assert_frame_equal(*values)


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_of_any_spreadsheet(delimiter: str, encoding: str, good: Base, tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    for name, data in write_csv(good.plan(), delimiter, encoding).items():
        (folder / name).write_bytes(data)
    (folder / ".~lock.Projekte.csv#").write_bytes(b"x")
    done = import_workbook(folder, tmp_path / "set", year=YEAR)
    assert done.outcome == WRITTEN
    imported = open_dataset(tmp_path / "set")
    for stem, frame in good.records.items():
        pd.testing.assert_frame_equal(in_order(imported.records[stem], stem), in_order(frame, stem))


def test_headers_of_another_year_come_from_the_column_map(good: Base, tmp_path: Path) -> None:
    plan = good.plan()
    plan[0].rows[0][0], plan[0].rows[0][6] = "Vorgang", "Umfang in Euro"
    source = tmp_path / "old.xlsx"
    source.write_bytes(write_book(plan))
    data = tmp_path / "set"
    done = import_workbook(source, data)
    assert places(done)[:2] == ["Projekte!A1", "Projekte!G1"]
    data.mkdir()
    lines = "table,column,2020,2021\nprojects,project_id,Nr.,Vorgang\n"
    (data / "columns.csv").write_text(f"{lines}projects,volume_eur,,Umfang in Euro\n")
    assert import_workbook(source, data).outcome == WRITTEN
    (data / "columns.csv").write_text(f"{lines}projects,volumen,,Umfang in Euro\n")
    with pytest.raises(ContractError, match="line 3, column column: 'volumen'"):
        import_workbook(source, data)


def test_a_workbook_as_excel_writes_it(good: Base, tmp_path: Path) -> None:
    """Shared and rich strings, phonetic readings, a hyperlink: only the text is taken."""
    parts = parts_of(good.workbook)
    sheet = "xl/worksheets/sheet2.xml"
    title = parts[sheet].split(b'<c r="C2"')[1].split(b"</c>")[0]
    parts[sheet] = parts[sheet].replace(
        b'<c r="C2"' + title + b"</c>", b'<c r="C2" t="s"><v>0</v></c>'
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{main}"><si><r><t>Mein </t></r><r><rPr><b/></rPr><t>Titel</t></r>'
        '<rPh sb="0" eb="1"><t>x</t></rPh></si></sst>'
    ).encode()
    rels = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    link = b'<Relationship Id="rIdS" Target="/xl/sharedStrings.xml" Type="' + rels
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace(
        b"</Relationships>", link + b'sharedStrings"/></Relationships>'
    )
    kind = b'application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind
    name = "[Content_Types].xml"
    parts[name] = parts[name].replace(b"</Types>", override + b"</Types>")
    name = "xl/worksheets/_rels/sheet2.xml.rels"
    click = b'<Relationship Id="h" Target="https://example.org" TargetMode="External" Type="'
    parts[name] = parts[name].replace(
        b"</Relationships>", click + rels + b'hyperlink"/></Relationships>'
    )
    source = tmp_path / "excel.xlsx"
    source.write_bytes(book_of(parts))
    assert import_workbook(source, tmp_path / "set").outcome == WRITTEN
    titles = open_dataset(tmp_path / "set").records["projects"]["title"]
    assert "Mein Titel" in set(titles)


# What is wrong, cell by cell


BAD_CELLS = {
    "Projekte_G3": ("1.5", "Keine eindeutige Zahl in deutscher Schreibweise"),
    "Projekte_G4": ("1,234", "Keine eindeutige Zahl"),
    "Projekte_G5": (-1, "Muss mindestens 0 sein."),
    "Projekte_G6": ("=SUM(A1:A2)", "Formeln werden nicht ausgeführt"),
    "Projekte_H7": (10**14, "höchstens so groß sein wie „Projektvolumen (EUR)“"),
    "Projekte_D8": ("vielleicht", "Erlaubt: ja, nein."),
    "Projekte_D9": (None, "darf nicht leer sein"),
    "Projekte_F10": ("begonen", "Gemeint ist vielleicht „begonnen“?"),
    "Projekte_B11": ("ikm", "Gemeint ist vielleicht „imk“?"),
    "Projekte_A12": ("../x", "Eine Kennung darf"),
    "Projekte_A13": ("desy", "steht schon in Zeile 2"),
    "Akteure_A2": ("a\tb", "unsichtbare Steuerzeichen"),
    "Akteure_C3": ("Unternemen", "Gemeint ist vielleicht „Unternehmen“?"),
    "Beteiligungen_C2": ("a9999", "Auf dem Blatt „Akteure“ für 2021 nicht vorhanden"),
    "Zuordnungen_D2": ("Innovation", "Steht für 2021 nicht auf dem Blatt Listen"),
}


def test_errors_name_cell_value_and_remedy(book: Path, tmp_path: Path) -> None:
    bad = {cell: value for cell, (value, _) in BAD_CELLS.items()}
    done = import_workbook(changed(book, **bad), tmp_path / "set")
    assert done.outcome == ERRORS
    assert not (tmp_path / "set").exists()
    for cell, (_, said) in BAD_CELLS.items():
        told = [one.text for one in done.remarks if one.place == cell.replace("_", "!")]
        assert len(told) == 1, cell
        assert said in told[0]
    assert "Projekte!G3: „1.5“" in describe_import(done)


def test_rules_between_cells_are_told(good: Base, tmp_path: Path) -> None:
    plan = good.plan()
    types = good.records["actors"]["actor_type"]
    line = int(types.index[types != "company"][0]) + 1
    plan[2].rows[line][3] = "10-49"
    plan[3].rows[1][0] = plan[3].rows[1][1] = None
    fields = good.records["assignments"]["category"]
    field = int(fields.index[fields.str.startswith("imk_")][0]) + 1
    plan[4].rows[field][3] = "Innovative Versorgung"
    (tmp_path / "rules.xlsx").write_bytes(write_book(plan))
    done = import_workbook(tmp_path / "rules.xlsx", tmp_path / "set")
    told = {remark.place: remark.text for remark in done.remarks}
    assert told[f"Akteure!D{line + 1}"] == "Nur Unternehmen haben eine Größenklasse."
    assert told["Beteiligungen!A2"].startswith("Genau eine der beiden Kennungen")
    assert "nicht für das Cluster" in told[f"Zuordnungen!D{field + 1}"]


def test_all_errors_are_told_at_once_in_either_language(book: Path, tmp_path: Path) -> None:
    changed(book, Projekte_G3="1.234,5", Projekte_F4="begun", Akteure_E2="Mars")
    done = import_workbook(book, tmp_path / "set", locale="en")
    assert places(done) == ["Projekte!G3", "Projekte!F4", "Akteure!E2"]
    said = describe_import(done)
    assert "Projekte!G3: “1.234,5” – Not a clear number as English writes it." in said
    assert "Nothing written: correct the errors, then import again." in said


@pytest.mark.parametrize("locale", ["de", "en"])
def test_each_failure_of_a_contract_has_its_sentence(locale: Any) -> None:
    wordings = {
        "empty": "must not be empty",
        "blank": "must not begin or end with a blank",
        "at_most": "at most volume_eur is allowed",
        "size_class": "only companies have a size class",
        "ags": "the key must lie in the state (11… for be, 12… for bb)",
        "one_item": "exactly one of project_id and activity_id must be filled",
        "repeated": "the key is repeated; it first stands in line 3",
        "minimum": "must be at least 0 or be empty",
        "between": "must lie between 1990 and 2100",
        "reference": "is not an actor_id of actors in 2021. Did you mean 'a1'?",
        "category": "is not a code of action_field in 2021 for imk: allowed: imk_ict",
    }
    assert set(wordings) == SAID_AT_CELLS
    table = ReadTable(Sheet("Projekte", {}), {"title": 3}, pd.DataFrame(), [2], [])
    for name, wording in wordings.items():
        remarks = Remarks(locale)
        failure = Failure("Projekte", 2, "title", "x", wording)
        tell_failure(failure, table, RECORDS["projects"], remarks)
        assert (remarks.all[0].name, remarks.all[0].place) == (
            name.replace("_", "-"),
            "Projekte!C2",
        )


def test_every_rule_of_the_contracts_is_worded() -> None:
    """A new rule across columns needs a German sentence here."""
    for contract in RECORDS.values():
        for rule in contract.rules:
            allowed = rule.partition(": ")[2]
            assert understood(allowed)[0] in SAID_AT_CELLS, allowed


@pytest.mark.parametrize(
    ("written", "german", "english"),
    [
        ("1.5", None, 1.5),
        ("1,5", 1.5, None),
        ("1.234,5", 1234.5, None),
        ("1,234.5", None, 1234.5),
        ("1.234", 1234, None),
        ("1,234", None, 1234),
        ("12.800.000", 12_800_000, None),
        ("12,800,000", None, 12_800_000),
        ("1e3", None, None),
        ("12 €", 12, 12),
        ("9007199254740993", None, None),
    ],
)
def test_a_number_is_read_in_one_way_or_not_at_all(
    written: str, german: float | None, english: float | None
) -> None:
    for locale, meant in (("de", german), ("en", english)):
        if meant is None:
            with pytest.raises(UncertainCellError):
                read_cell(RawCell(written), AMOUNT, locale)
        else:
            assert read_cell(RawCell(written), AMOUNT, locale).value == meant


def test_a_number_shown_otherwise_is_no_id() -> None:
    column = RECORDS["projects"].columns["project_id"]
    assert read_cell(RawCell(7, "n"), column, "de").value == "7"
    with pytest.raises(UncertainCellError, match="not_text"):
        read_cell(RawCell(7, "n", is_plain=False), column, "de")  # the format shows 007


def test_hidden_parts_are_read_and_told(good: Base, tmp_path: Path) -> None:
    plan = good.plan()
    plan[0].state, plan[1].hidden_rows, plan[2].hidden_columns = "hidden", [3], ["B"]
    source = tmp_path / "hidden.xlsx"
    source.write_bytes(write_book(plan))
    done = import_workbook(source, tmp_path / "set")
    notes = [(note.place, note.text) for note in done.remarks if note.level == "note"]
    assert done.outcome == WRITTEN
    assert {place for place, _ in notes} >= {"Projekte", "Aktivitäten", "Akteure"}
    assert done.rows["projects"] == len(good.records["projects"])


# What was there before


def test_other_years_stay_and_the_original_is_kept(book: Path, good: Base, tmp_path: Path) -> None:
    data = tmp_path / "set"
    other = data / "records" / "2020"
    assert import_workbook(book, data).outcome == WRITTEN
    other.mkdir()
    for stem, frame in good.records.items():
        frame.iloc[:0].to_csv(other / f"{stem}.csv", index=False)
    before = {path.name: path.read_bytes() for path in other.iterdir()}
    kept = [path for path in (data / "originals" / "2021").iterdir() if path.suffix == ".xlsx"]
    digest = hashlib.sha256(good.workbook).hexdigest()
    assert [path.name for path in kept] == [f"{digest[:12]}-records.xlsx"]
    assert kept[0].read_bytes() == good.workbook
    note = json.loads(kept[0].with_name(f"{kept[0].name}.json").read_text("utf-8"))
    assert (note["sha256"], note["year"], note["accepted"]) == (digest, 2021, [])
    changed(book, Projekte_C3="Neuer Titel")
    done = import_workbook(book, data, replace=True, accept=_names(book, data))
    assert done.outcome == WRITTEN
    assert {path.name: path.read_bytes() for path in other.iterdir()} == before
    assert len([*(data / "originals" / "2021").glob("*.xlsx")]) == 2
    assert (data / "originals" / ".gitignore").read_text() == "*\n"
    assert (data / "records" / ".gitignore").read_text() == "*\n"
    assert not [*tmp_path.glob(".*")]


@pytest.mark.parametrize("full", ["2021", "datapackage.json", "records.xlsx", "json", "zip"])
def test_a_failure_in_the_middle_leaves_all_as_it_was(
    full: str, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, replace = tmp_path / "set", os.replace

    def failing(source: Path, place: Path) -> None:
        if place.name.endswith(full) and OLD not in source.parts:
            raise OSError("no space")
        replace(source, place)

    monkeypatch.setattr(os, "replace", failing)
    done = import_workbook(book, data)
    assert done.outcome == ERRORS
    assert "kann nicht beschrieben werden (no space)" in describe_import(done)
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {book.name, ".gitignore"}


def _names(book: Path, data: Path) -> list[str]:
    return [one.name for one in import_workbook(book, data).remarks]


def test_changes_are_shown_before_they_replace(book: Path, good: Base, tmp_path: Path) -> None:
    data = tmp_path / "set"
    import_workbook(book, data)
    assert import_workbook(book, data).outcome == "unchanged"
    plan = good.plan()
    plan[0].rows[2][2] = "Neuer Titel"
    gone = plan[3].rows.pop()
    plan[3].rows.append([*plan[3].rows[-1][:2], plan[2].rows[1][0]])
    again = book.with_name("again.xlsx")
    again.write_bytes(write_book(plan))
    done = import_workbook(again, data)
    assert done.outcome in ("changes", "warnings")
    changes = {change.table: change for change in done.changes if change}
    cell = changes["projects"].changed[0]
    old = good.records["projects"]
    assert (cell.key, cell.column, cell.new) == (plan[0].rows[2][0], "title", "Neuer Titel")
    assert cell.old == old.set_index("project_id").loc[cell.key, "title"]
    assert len(changes["participations"].removed) == 1
    assert str(gone[2]) in changes["participations"].removed[0]
    said = describe_import(done)
    assert f"~ {cell.key}, Titel: {cell.old} → Neuer Titel" in said
    before = (data / "records/2021/projects.csv").read_bytes()
    accept = [remark.name for remark in done.remarks]
    assert import_workbook(again, data, accept=accept).outcome == "changes"
    assert (data / "records/2021/projects.csv").read_bytes() == before
    assert import_workbook(again, data, accept=accept, replace=True).outcome == WRITTEN
    titles = set(open_dataset(data).records["projects"]["title"])
    assert "Neuer Titel" in titles


def test_a_warning_stops_until_it_is_accepted_by_name(book: Path, tmp_path: Path) -> None:
    data = tmp_path / "set"
    data.mkdir()
    head = {"title": "Alt", "synthetic": False, "disclosure": "none"}
    (data / "datapackage.json").write_text(json.dumps(head))
    done = import_workbook(book, data)
    assert done.outcome == "warnings"
    assert "--accept disclosure-none" in describe_import(done)
    assert import_workbook(book, data, accept=["disclosure-non"]).outcome == "warnings"
    assert not (data / "records").exists()
    assert import_workbook(book, data, accept=["disclosure-none"]).outcome == WRITTEN
    assert json.loads((data / "datapackage.json").read_text()) == head


@pytest.mark.parametrize(
    ("is_base_printed", "told"), [(False, ["0.58", "0.73"]), (True, [])], ids=["counted", "printed"]
)
def test_a_printed_share_that_the_records_contradict_is_told(
    is_base_printed: bool, told: list[str], book: Path, tmp_path: Path
) -> None:
    """58 % and 73 % fit no count of projects; where that is printed, it was so before."""
    data = tmp_path / "set"
    shutil.copytree("data/capital-region", data, ignore=shutil.ignore_patterns("records"))
    figures = data / "published" / "figures.csv"
    lines = figures.read_text("utf-8").splitlines(keepends=True)
    base = [line for line in lines if line.startswith("2021,imk,bebb,projects_new,,,,1,34,")]
    assert len(base) == 1
    kept = [line for line in lines if is_base_printed or line not in base]
    figures.write_text("".join(kept), "utf-8")
    done = import_workbook(book, data)
    shares = [remark for remark in done.remarks if remark.name == "share-of-base"]
    assert sorted(remark.value for remark in shares) == told
    for remark in shares:
        assert re.fullmatch(r"set/published/figures\.csv:[1-9]\d*", remark.place)
        assert remark.level == "warning"
    assert done.outcome == "warnings"  # of "disclosure": "none" at least


def test_real_records_never_mix_with_synthetic_ones(book: Path, dataset_path: Path) -> None:
    with pytest.raises(ParameterError, match="synthetic"):
        import_workbook(book, dataset_path)


def test_the_year_is_certain(book: Path, good: Base, tmp_path: Path) -> None:
    done = import_workbook(book, tmp_path / "set", year=2020)
    assert done.outcome == ERRORS
    assert "anderes Berichtsjahr als 2020" in describe_import(done)
    source = tmp_path / "no-year.xlsx"
    source.write_bytes(write_book(good.plan()[:5]))
    with pytest.raises(ParameterError, match="--year 2022"):
        import_workbook(source, tmp_path / "set")
    assert import_workbook(source, tmp_path / "set", year=YEAR).outcome == WRITTEN
    with pytest.raises(ParameterError, match="1990"):
        import_workbook(source, tmp_path / "set", year=21)


def test_a_source_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="does not exist"):
        import_workbook(tmp_path / "nothing.xlsx", tmp_path / "set")
    (tmp_path / "x.doc").write_bytes(b"x")
    with pytest.raises(ParameterError, match="neither a workbook nor a folder"):
        import_workbook(tmp_path / "x.doc", tmp_path / "set")


# What is not opened


def bomb(parts: dict[str, bytes]) -> dict[str, bytes]:
    return parts | {"xl/worksheets/sheet9.xml": b" " * 30_000_000}


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("bomb", bomb),
        ("parts", lambda parts: parts | {f"x/{n}": b"" for n in range(2001)}),
        ("macros", lambda parts: parts | {"xl/vbaProject.bin": b"x"}),
        ("macros", lambda parts: parts | {"[Content_Types].xml": b"<x>macroEnabled</x>"}),
        ("links", lambda parts: parts | {"xl/externalLinks/externalLink1.xml": b"<x/>"}),
        ("links", lambda parts: parts | {"xl/embeddings/oleObject1.bin": b"x"}),
        ("links", lambda parts: parts | {"a.rels": b'<Relationship TargetMode="External"/>'}),
        ("entities", lambda parts: parts | {"xl/x.xml": b"<!DOCTYPE x><x/>"}),
        ("entities", lambda parts: parts | {"xl/x.xml": "<x/>".encode("utf-16")}),
        ("entities", lambda parts: parts | {"xl/x.xml": b'<?xml encoding="cp037"?><x/>'}),
        ("damaged", lambda parts: parts | {"../x.xml": b"<x/>"}),
        ("damaged", lambda parts: parts | {"XL/WORKBOOK.xml": b"<x/>"}),
    ],
)
def test_dangerous_workbooks_are_refused(
    key: str, change: Callable[[dict[str, bytes]], dict[str, bytes]], good: Base, tmp_path: Path
) -> None:
    data = book_of(change(parts_of(good.workbook)))
    refusal = find_refusal(data)
    assert refusal is not None
    assert refusal[0] == key
    (tmp_path / "bad.xlsx").write_bytes(data)
    done = import_workbook(tmp_path / "bad.xlsx", tmp_path / "set")
    assert (done.outcome, len(done.remarks)) == (ERRORS, 1)


def test_a_part_larger_than_it_says_is_refused() -> None:
    """A bomb that lies about its size: what is unpacked ends where the archive says."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x>" + b" " * 5_000_000 + b"</x>")
    honest = stream.getvalue()
    assert find_refusal(honest) is not None
    small = (100).to_bytes(4, "little")
    lying = honest.replace((5_000_007).to_bytes(4, "little"), small)
    assert lying != honest
    assert find_refusal(lying) == ("damaged", {})


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_a_part_that_lies_is_refused_in_little_memory(method: int) -> None:
    """Even where its sum is that of what it declares."""
    data = lying_archive("xl/workbook.xml", method)
    assert memory_of(lambda: find_refusal(data)) < SMALL
    assert find_refusal(data) == ("damaged", {})


def test_a_part_whose_sum_is_made_for_the_reader_is_refused() -> None:
    """We ask for one byte more than declared; a sum of just these must not pass."""
    data = lying_archive("xl/workbook.xml", zipfile.ZIP_DEFLATED, summed=DECLARED + 1)
    assert find_refusal(data) == ("damaged", {})


@pytest.mark.parametrize("suffix", [".xls", ".xlsm"])
def test_other_formats_are_refused_with_one_sentence(suffix: str, tmp_path: Path) -> None:
    source = tmp_path / f"records{suffix}"
    source.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    done = import_workbook(source, tmp_path / "set")
    assert done.outcome == ERRORS
    assert ".xlsx" in done.remarks[0].text


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a\\b", "a:b", "nul", "COM1.txt", ".a", "a.", "a\nb", "x" * 101]
)
def test_ids_that_are_no_names_of_files(name: str) -> None:
    assert not is_harmless_id(name)


# The command


def ewm(*words: object) -> Any:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(word) for word in words])


def test_command_from_template_to_records(example: Dataset, good: Base, tmp_path: Path) -> None:
    assert ewm("template", "--year", 2022, tmp_path / "t.xlsx").exit_code == 0
    empty = ewm("import", "workbook", tmp_path / "t.xlsx", "--data", tmp_path / "empty")
    assert "records/2022/" in empty.output
    source = tmp_path / "records.xlsx"
    source.write_bytes(good.workbook)
    answer = ewm("import", "workbook", source, "--data", tmp_path / "set")
    assert answer.exit_code == 0
    assert "Geschrieben: records/2021/." in answer.output
    page = (tmp_path / "records.report.html").read_text("utf-8")
    assert '<html lang="de">' in page
    changed(source, Projekte_C3="<script>alert(1)</script>", Projekte_G3="1.5")
    answer = ewm("import", "workbook", source, "--data", tmp_path / "set", "--locale", "en")
    assert answer.exit_code == 1
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    answer = ewm("import", "workbook", tmp_path / "no.xlsx", "--data", tmp_path / "set")
    assert answer.exit_code == 2
    assert "does not exist" in answer.output


def test_html_report_is_told_in_its_language_and_escaped(book: Path, tmp_path: Path) -> None:
    changed(book, Projekte_G3="<b>1.5</b>", Projekte_F3="begun")
    done = import_workbook(book, tmp_path / "set", locale="en")
    write_report(done, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert '<html lang="en">' in page
    assert "&lt;b&gt;1.5&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "Projekte!F3" in page
    assert "http" not in page
    with pytest.raises(ParameterError, match="cannot be written"):
        write_report(done, tmp_path / "missing" / "report.html")
