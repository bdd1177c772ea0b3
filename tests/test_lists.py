"""Lists of projects as people keep and publish them: the map proposed, the records it gives.

The lists in `lists/` are written by hand in the form of their sources; every name in them is
invented. Beside each stands the map that is proposed for it, as accepted text.
"""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ewm_analysis.catalogue import Reference
from ewm_analysis.cli import app
from ewm_analysis.contracts import RECORDS
from ewm_analysis.errors import ContractError, ParameterError
from ewm_analysis.intake import check_map, import_workbook, propose_map
from ewm_analysis.intake.findings import Remark, Remarks
from ewm_analysis.intake.list_map import (
    ListMap,
    find_header,
    headers_of_row,
    read_listed,
    rows_of,
    understood_map,
)
from ewm_analysis.intake.lists import read_list, tables_of_list
from ewm_analysis.intake.readings import UncertainCellError, read_amount, read_day
from ewm_analysis.intake.sending import UNSTORED, Grid, read_grids, read_separated
from ewm_analysis.intake.workbook_report import Import
from ewm_analysis.loaders import load_reference, open_dataset

LISTS = Path(__file__).parent / "lists"
RDI = ('is_rdi = "?"', "is_rdi = true")
RUNS = ('status = "?"', 'status = "started"')
NEW = ('is_new = "?"', "is_new = true")


class Form(NamedTuple):
    """What is corrected in a proposed map, and what the list then gives."""

    corrections: list[tuple[str, str]]
    counts: tuple[int, int, int, int]
    volume: float
    funding: float


FORMS = {
    "management": Form([RDI, RUNS], (2, 3, 3, 3), 1_200_000, 800_000),
    "erdf_de": Form([RDI], (3, 2, 3, 0), 1_752_991.15, 0),
    "erdf_en": Form([RDI], (2, 2, 2, 0), 1_502_991.15, 0),
    "federal": Form([RDI], (2, 3, 3, 0), 0, 650_000.50),
    "grants": Form([RDI, RUNS, NEW, ('state = "?"', 'state = "be"')], (2, 2, 2, 0), 0, 42_500),
    "thousands": Form([RDI, ('state = "?"', 'state = "other"')], (2, 3, 3, 0), 1_280_500, 640_000),
    "marks": Form([], (2, 2, 2, 0), 1_300_000, 0),
    "blocks": Form([RDI], (3, 3, 3, 0), 340_000, 170_000),
    "millions": Form([RDI], (2, 2, 2, 0), 1_550_000, 0),
    "topics": Form(
        [RDI, RUNS, NEW, ('brutto"\nis = "?"', 'brutto"\nis = "volume_eur"')],
        (2, 2, 2, 3),
        300_000,
        0,
    ),
    "survey": Form([], (2, 2, 2, 0), 10_000, 0),
    "export": Form([RDI], (2, 2, 2, 0), 0, 112_344.67),
}  # fmt: skip


@cache
def shared() -> Reference:
    return load_reference(Path("data/reference"))


@pytest.fixture
def reference() -> Reference:
    return shared()


def proposed(file: Path, reference: Reference) -> str:
    return propose_map(file, reference, year=2022, cluster_id="imk", locale="de")


def corrected(name: str) -> str:
    told = (LISTS / f"{name}.toml").read_text("utf-8")
    for old, new in FORMS[name].corrections:
        assert old in told
        told = told.replace(old, new)
    return told


def taken_in(name: str, folder: Path, source: Path | None = None) -> Import:
    map_file = folder / f"{name}.map.toml"
    map_file.write_text(corrected(name), "utf-8")
    return import_workbook(source or LISTS / f"{name}.csv", folder / "data", map_file=map_file)


class Made(NamedTuple):
    """What a list gives: its tables, and what is said of it."""

    tables: dict[str, pd.DataFrame]
    remarks: list[Remark]


def read(name: str, folder: Path, reference: Reference, source: Path | None = None) -> Made:
    """Read a list as an import does, but write nothing."""
    map_file, remarks = folder / f"{name}.map.toml", Remarks("de")
    map_file.write_text(corrected(name), "utf-8")
    listed = read_listed(source or LISTS / f"{name}.csv", map_file, remarks).listed
    assert listed is not None
    tables = tables_of_list(listed, reference, 2022, remarks)
    return Made({stem: table.frame for stem, table in tables.items()}, remarks.all)


def said(done: Import | Made, level: str) -> str:
    return "\n".join(one.said("de") for one in done.remarks if one.level == level)


@pytest.mark.parametrize("name", FORMS)
def test_the_proposed_map_is_the_accepted_one(name: str, reference: Reference) -> None:
    assert proposed(LISTS / f"{name}.csv", reference) == (LISTS / f"{name}.toml").read_text("utf-8")


def test_most_maps_need_few_corrections(reference: Reference) -> None:
    """A correction is a line that differs; all that is open needs one."""
    assert len(FORMS) >= 12
    few = {name for name, form in FORMS.items() if len(form.corrections) <= 3}
    assert len(few) >= 8
    for name, form in FORMS.items():
        pairs = zip(
            (LISTS / f"{name}.toml").read_text("utf-8").splitlines(),
            corrected(name).splitlines(),
            strict=True,
        )
        assert sum(one != other for one, other in pairs) == len(form.corrections)


@pytest.mark.parametrize("name", FORMS)
def test_a_list_gives_exact_records(name: str, tmp_path: Path, reference: Reference) -> None:
    made = read(name, tmp_path, reference)
    assert not said(made, "error")
    form, stems = FORMS[name], ("projects", "actors", "participations", "assignments")
    assert tuple(len(made.tables[stem]) for stem in stems) == form.counts
    sums = made.tables["projects"][["volume_eur", "funding_eur"]].sum()
    assert [*sums] == pytest.approx([form.volume, form.funding], abs=0.001)


def test_the_list_of_a_management_gives_all_five_tables(
    tmp_path: Path, reference: Reference
) -> None:
    made = read("management", tmp_path, reference)
    projects = made.tables["projects"].set_index("title")
    assert projects.at["Lichtweg", "volume_eur"] == 1_200_000
    assert projects.at["Lichtweg", "funding_eur"] == 800_000
    assert pd.isna(projects.at["Klangraum", "volume_eur"])
    assert projects["is_new"].all()
    assert [*projects["consortium_type"]] == ["single", "other_joint"]
    actors = made.tables["actors"].set_index("name")[["actor_type", "ags"]]
    assert [*actors.itertuples(name=None)] == [
        ("Muster GmbH", "company", "12054"),
        ("Beispiel e.V.", "association_network", "12052"),
        ("Hochschule Beispiel", "university_research", "11000"),
    ]
    assert {*made.tables["assignments"]["category"]} == {"ai", "iot", "xr"}
    notes = said(made, "note")
    assert "Die Kopfzeile steht in Zeile 3" in notes
    assert "Ausgelassen als Summe (Zeilen: 1): 7: Summe" in notes
    assert "8: Stand: 15.03.2023" in notes
    assert "ca. 1,2 Mio. (1×)" in notes


def test_partners_of_a_joint_project_are_added_up(tmp_path: Path, reference: Reference) -> None:
    made = read("federal", tmp_path, reference).tables
    projects = made["projects"].set_index("project_id")
    assert projects.at["Helles Netz", "funding_eur"] == 500_000.50
    assert projects.at["Helles Netz", "consortium_type"] == "companies_science"
    assert made["actors"].set_index("name").at["Beispiel Software AG", "state"] == "other"


def test_the_same_list_again_changes_nothing_and_another_asks(tmp_path: Path) -> None:
    assert taken_in("management", tmp_path).outcome == "written"
    assert taken_in("management", tmp_path).outcome == "unchanged"
    other = tmp_path / "management.csv"
    text = (LISTS / "management.csv").read_text("utf-8").replace("800 T€", "700 T€")
    other.write_text(text, "utf-8")
    assert taken_in("management", tmp_path, other).outcome == "changes"
    kept = [path.name for path in (tmp_path / "data" / "originals" / "2022").glob("*/*")]
    assert sorted(kept) == ["management.csv", "management.map.toml"]
    assert len(open_dataset(tmp_path / "data").records["projects"]) == 2


# Whatever kind the file is


def as_kind(kind: str, folder: Path) -> Path:
    """Write the list of a management as a file of another kind."""
    grid = read_grids(LISTS / "management.csv", Remarks("de"))[1][0]
    file = folder / f"management.{kind}"
    header, *body = [row for row in grid.rows[2:6] if any(row)]
    records = [dict(zip(header, row, strict=True)) for row in body]
    lines = [[str(cell) for cell in row] for row in grid.rows]
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in grid.rows:
            book.active.append([*row])
        book.save(file)
    elif kind == "tsv":
        file.write_bytes("\r\n".join("\t".join(row) for row in lines).encode("utf-16"))
    elif kind == "txt":
        quoted = ["|".join(row) for row in lines]
        file.write_bytes("\n".join(quoted).encode("cp1252"))
    elif kind == "json":
        file.write_text(json.dumps({"data": records}, ensure_ascii=False), "utf-8")
    elif kind == "ods":
        file.write_bytes(ods_of(lines))
    else:
        pd.DataFrame(records).to_parquet(file)
    return file


MANIFEST = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'


def ods_of(rows: list[list[str]]) -> bytes:
    return ods_book({"A": rows})


def ods_book(sheets: dict[str, list[list[str]]]) -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    tables = ""
    for title, rows in sheets.items():
        lines = (
            f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows
        )
        tables += f'<table:table table:name="{title}">{"".join(lines)}</table:table>'
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    names = "".join(f' xmlns:{each}="{urn}:{each}:1.0"' for each in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {MANIFEST}/>")
    return written.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "ods", "tsv", "txt", "json", "parquet"])
def test_every_kind_of_file_gives_the_same(kind: str, tmp_path: Path, reference: Reference) -> None:
    expected = read("management", tmp_path, reference)
    found = read("management", tmp_path, reference, as_kind(kind, tmp_path))
    assert not said(found, "error")
    for stem in RECORDS:
        pd.testing.assert_frame_equal(found.tables[stem], expected.tables[stem])


# In whatever order


@settings(deadline=None, max_examples=40)
@given(data=st.data(), name=st.sampled_from(["federal", "management", "blocks", "topics"]))
def test_the_order_of_rows_and_columns_does_not_matter(data: st.DataObject, name: str) -> None:
    grid, listed, at, expected = as_sent(name)
    names = {place: name for name, place in headers_of_row(grid.rows[at]).items()}
    header = [names.get(place, "") for place in range(1, len(grid.rows[at]) + 1)]  # "Ort (2)"
    body = grid.rows[at + 1 :]
    rows = data.draw(st.permutations(range(len(body))))
    columns = data.draw(st.permutations(range(len(header))))
    shuffled = [[row[place] for place in columns] for row in [header, *(body[i] for i in rows)]]
    found = sorted_tables(Grid("A", shuffled, range(1, 99)), 0, listed)
    for stem in RECORDS:
        pd.testing.assert_frame_equal(found[stem], expected[stem])


@cache
def as_sent(name: str) -> tuple[Grid, ListMap, int, dict[str, pd.DataFrame]]:
    """Return the cells of a list, its map, where its header stands, and its tables."""
    grid = read_grids(LISTS / f"{name}.csv", Remarks("de"))[1][0]
    listed = understood_map(tomllib.loads(corrected(name)), name)
    at = find_header(grid.rows, {one.header.casefold() for one in listed.columns})
    assert at is not None
    return grid, listed, at, sorted_tables(Grid("A", grid.rows, grid.lines), at, listed)


def sorted_tables(grid: Grid, at: int, listed: ListMap) -> dict[str, pd.DataFrame]:
    remarks = Remarks("de")
    made = read_list(rows_of(grid, at, listed), listed, shared(), 2022, remarks)
    assert not remarks.has_errors
    return {
        stem: one.frame.sort_values([*one.frame], ignore_index=True) for stem, one in made.items()
    }


# What is wrong is said once, with what to do


def test_values_without_a_code_are_told_once_with_their_count(
    tmp_path: Path, reference: Reference
) -> None:
    lines = (LISTS / "topics.csv").read_text("utf-8").splitlines()
    source = tmp_path / "topics.csv"
    more = [lines[1].replace("Erstes", f"P{i}").replace("Bund", "Stiftung") for i in range(600)]
    source.write_text("\n".join([lines[0], *more]), "utf-8")
    done = read("topics", tmp_path, reference, source)
    errors = [one for one in done.remarks if one.level == "error"]
    assert len(errors) == 1
    assert "Stiftung (600×)" in errors[0].text
    assert errors[0].place == "topics!F2"


def test_a_wrong_entry_of_a_cell_is_told_with_the_row_of_its_cell(
    tmp_path: Path, reference: Reference
) -> None:
    text = (LISTS / "topics.csv").read_text("utf-8").replace("Blockchain, 5G", "KI, Blockchain, Qu")
    source = tmp_path / "topics.csv"
    source.write_text(text, "utf-8")
    done = read("topics", tmp_path, reference, source)
    (error,) = (one for one in done.remarks if one.level == "error")
    assert "Qu (1×)" in error.text
    assert error.place == "topics!D3"  # the fourth entry of the column, in its third line


def test_a_partner_without_a_seat_is_told_once(tmp_path: Path, reference: Reference) -> None:
    source = tmp_path / "management.csv"
    text = (LISTS / "management.csv").read_text("utf-8").replace("Berlin; Cottbus", "Berlin")
    source.write_text(text, "utf-8")
    done = read("management", tmp_path, reference, source)
    assert "„Land“ fehlt (Zeilen: 1): 5: Beispiel e.V." in said(done, "error")


def test_a_map_of_last_year_tells_what_moved(tmp_path: Path, reference: Reference) -> None:
    source = tmp_path / "management.csv"
    text = (LISTS / "management.csv").read_text("utf-8")
    source.write_text(text.replace("Gesamtvolumen", "Gesamtvolumen neu"), "utf-8")
    done = read("management", tmp_path, reference, source)
    assert "„Gesamtvolumen“ – Die Karte nennt diese Spalte" in said(done, "error")
    assert "„Gesamtvolumen neu“?" in said(done, "error")


def test_a_map_that_says_nonsense_is_told_as_a_whole() -> None:
    told = {
        "column": [{"header": "A", "is": "titel"}, {"header": "B", "is": "place", "unit": "km"}]
    }
    with pytest.raises(ContractError) as caught:
        understood_map(told | {"allways": {}}, "m.toml")
    assert len(caught.value.failures) == 3
    assert "Did you mean 'title'?" in str(caught.value)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"column": ["x"]}, "column: 'x' — must be a table"),
        ({"column": "x"}, "must be tables"),
        ({"list": 3}, "list: '3' — must be a table"),
        ({"list": {"missing": "k.A."}}, "list, missing: 'k.A.' — must be a list of texts"),
        ({"column": [{"header": "A", "is": 5}]}, "column, is: '5' — must be a text, or a list"),
        ({"column": [{"header": "A", "is": "title", "unit": 5}]}, "column, unit: '5'"),
        ({"column": [{"header": "A", "is": "title", "separator": 5}]}, "column, separator: '5'"),
        ({"column": [{"header": "A", "is": "title", "codes": "x"}]}, "column, codes: 'x'"),
        ({"leave_out": ["x"]}, "leave_out: 'x' — must be a table"),
    ],
)
def test_a_map_of_another_shape_is_told(told: dict[str, object], said: str) -> None:
    with pytest.raises(ContractError, match=re.escape(said)):
        understood_map(told, "m.toml")


def test_what_always_holds_is_of_its_kind() -> None:
    always = {"is_rdi": "ja", "year": "2022", "cluster_id": "imk", "status": "?"}
    with pytest.raises(ContractError) as caught:
        understood_map({"always": always}, "m.toml")
    assert [one.column for one in caught.value.failures] == ["always, is_rdi", "always, year"]


def test_a_partner_may_be_called_total() -> None:
    columns = [{"header": "Titel", "is": "title"}, {"header": "Partner", "is": "actor"}]
    rows = [["Titel", "Partner", "Kosten"], ["A", "Total", "1"], ["Total", "", "1"], ["", "", "1"]]
    found = rows_of(Grid("A", rows, [1, 2, 3, 4]), 0, understood_map({"column": columns}, "m"))
    assert found.cells["Titel"] == ["A"]
    assert [line for line, _ in found.left_out["total"]] == [3, 4]


def test_several_columns_may_be_one_of_ours(tmp_path: Path, reference: Reference) -> None:
    text = "Kurz;Titel;EU;Land;Neu\nA;Erstes;1,10;2,20;ja\nB;Zweites;5;;\n"
    (tmp_path / "l.csv").write_text(text, "utf-8")
    columns = {"Kurz": "title", "Titel": "title", "EU": "funding_eur", "Land": "funding_eur"}
    columns["Neu"] = "is_new"
    told = "".join(
        f'[[column]]\nheader = "{each}"\nis = "{field}"\n' for each, field in columns.items()
    )
    always = 'cluster_id = "imk"\nis_rdi = true\nis_new = false\nstatus = "started"\n'
    always += 'consortium_type = "single"\n'
    (tmp_path / "m.toml").write_text(f"[always]\n{always}{told}", "utf-8")
    remarks = Remarks("de")
    listed = read_listed(tmp_path / "l.csv", tmp_path / "m.toml", remarks).listed
    assert listed is not None
    projects = tables_of_list(listed, reference, 2022, remarks)["projects"].frame
    assert [*projects["title"]] == ["A: Erstes", "B: Zweites"]
    assert projects["funding_eur"][0] == 3.30
    assert pd.isna(projects["funding_eur"][1])
    assert [*projects["is_new"]] == [True, False]


def test_a_formula_without_its_value_is_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Projekttitel", "Kosten"])
    book.active.append(["Eins", "=1+1"])
    book.save(tmp_path / "f.xlsx")
    remarks = Remarks("de")
    read_grids(tmp_path / "f.xlsx", remarks)
    assert [one.place for one in remarks.all] == ["B2"]
    stored = b'<c r="B2" t="str"><f>IF(A2="","",1)</f><v></v></c>'  # gave an empty text
    assert not UNSTORED.search(stored)
    assert UNSTORED.search(stored.replace(b' t="str"', b""))


def test_a_list_of_another_kind_or_none_is_refused(tmp_path: Path, reference: Reference) -> None:
    (tmp_path / "list.doc").write_text("x")
    for name in ("list.doc", "none.csv"):
        with pytest.raises(ParameterError):
            read_grids(tmp_path / name, Remarks("de"))
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ParameterError, match="leer"):
        proposed(tmp_path / "empty.csv", reference)


def test_what_excel_writes_first_is_no_row() -> None:
    grid = read_separated(b"sep=;\r\na;b\r\n1;2\r\n", "x", Remarks("de"))[0]
    assert grid.rows == [["a", "b"], ["1", "2"]]
    assert grid.lines == [2, 3]


def test_merged_cells_hold_for_each_row() -> None:
    rows = [["Projekttitel", "Ort", "Kosten"], ["A", "Berlin", "1"], ["B", "", "2"]]
    listed = understood_map({"column": [{"header": "Projekttitel", "is": "title"}]}, "m")
    found = rows_of(Grid("A", rows, [1, 2, 3], [((1, 1), (2, 1))]), 0, listed)
    assert found.cells["Ort"] == ["Berlin", "Berlin"]
    assert found.merged == 1


@pytest.mark.parametrize("text", ["1.2", "1,234.5 km", "12 Monate", "0815", "viel", "1,2,3"])
def test_what_is_no_certain_amount_is_refused(text: str) -> None:
    with pytest.raises(UncertainCellError):
        read_amount(text, "de")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.234.567,-", 1_234_567), ("1 234 567", 1_234_567), ("EUR 12,50", 12.5),
     ("rund 3 Mrd. €", 3e9), ("1.234.567,00 €", 1_234_567), ("0,35 Mio", 350_000),
     ("-5", -5), ("80,5 Tsd. €", 80_500)],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, value: float) -> None:
    assert read_amount(text, "de").value == pytest.approx(value)


@pytest.mark.parametrize("text", ["31.02.2022", "2022-13-01", "bald", "1/2/3"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(UncertainCellError):
        read_day(text, "de")


def test_the_command_proposes_checks_and_imports(tmp_path: Path) -> None:
    source, map_file = tmp_path / "management.csv", tmp_path / "map.toml"
    source.write_bytes((LISTS / "management.csv").read_bytes())
    run = CliRunner().invoke
    made = run(app, ["map", str(source), "--cluster", "imk", "--output", str(map_file)])
    assert made.exit_code == 0, made.output
    again = run(app, ["map", str(source), "--output", str(map_file)])
    assert again.exit_code == 2  # what was corrected is not overwritten
    assert "exists already" in " ".join(again.output.split())
    checked = run(app, ["map", str(source), "--check", str(map_file)])
    assert checked.exit_code == 1
    assert "FuEuI-Projekt" in checked.output
    map_file.write_text(corrected("management"), "utf-8")
    checked = run(app, ["map", str(source), "--check", str(map_file)])
    assert checked.exit_code == 0, checked.output
    assert "Zeilen gelesen: 2; ausgelassen: 2" in checked.output
    assert (
        "Summe der Zeilen 1.200.000,00 EUR, Summe der Projekte 1.200.000,00 EUR" in checked.output
    )
    arguments = [
        "import",
        "list",
        str(source),
        "--map",
        str(map_file),
        "--data",
        str(tmp_path / "d"),
    ]
    done = run(app, arguments)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "d" / "records" / "2022" / "projects.csv").is_file()


def test_a_check_says_what_it_would_write(reference: Reference) -> None:
    told, is_good = check_map(
        LISTS / "erdf_de.csv", LISTS / "erdf_de.toml", reference, year=None, locale="en"
    )
    assert not is_good
    assert "Rows read: 3; left out: 1" in told


def test_a_check_of_another_year_than_the_map_says_ends_as_the_import_does(
    reference: Reference,
) -> None:
    told, is_good = check_map(
        LISTS / "topics.csv", LISTS / "topics.toml", reference, year=2021, locale="en"
    )
    assert not is_good
    assert "The source names a reporting year other than 2021" in told
