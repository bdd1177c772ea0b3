"""Files to tables: what is good comes through unchanged, what is bad is told with its place."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import DESCRIPTOR, REFERENCE, TABLES, write_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

import ewm_analysis
from ewm_analysis.contracts import (
    FIGURES,
    RECORDS,
    Column,
    Districts,
    Organisations,
    Projects,
    Table,
)
from ewm_analysis.errors import ContractError, MissingDataError
from ewm_analysis.loaders import list_datasets, load_reference, open_dataset, resolve_data_dir
from ewm_analysis.loaders.files import Section
from ewm_analysis.loaders.read import TextTable, parse_table, read_text

PROJECTS = "records/2021/projects.csv"
HEADER, FIRST, SECOND = TABLES[PROJECTS].splitlines()


DAY = Column(name="day", kind="date", required=False)
IS_PUBLIC = Column(name="is_public", kind="boolean", default="true")
Meetings = Table(
    name="meetings",
    part="records",
    path="meetings",
    purpose="A table with the kinds that no contract uses yet: a date, a column that may lack.",
    columns={"day": DAY, "is_public": IS_PUBLIC},
)


def told(call: Callable[[], object]) -> list[str]:
    with pytest.raises(ContractError) as caught:
        call()
    return [str(failure) for failure in caught.value.failures]


def told_of(tmp_path: Path, changes: dict[str, str | bytes | None]) -> list[str]:
    path = write_dataset(tmp_path, changes)
    return told(lambda: open_dataset(path))


def in_projects(old: str, new: str) -> dict[str, str | bytes | None]:
    assert old in TABLES[PROJECTS]
    return {PROJECTS: TABLES[PROJECTS].replace(old, new, 1)}


# --- a good data set ---------------------------------------------------------------------


def test_a_good_data_set_opens_whole(dataset_path: Path) -> None:
    data = open_dataset(dataset_path)
    assert (data.name, data.titles["de"]) == ("small", DESCRIPTOR["title"])
    assert (data.is_synthetic, data.disclosure) == (True, "none")
    project = data.records["projects"].iloc[0]
    assert project["title"] == "Erstes, größtes Projekt"
    assert project["volume_region_eur"] == 600000.5
    unknown, zero = data.records["projects"].loc[1, ["volume_region_eur", "volume_eur"]]
    assert pd.isna(unknown)
    assert zero == 0
    assert data.records["projects"].loc[1, "title"] == ""
    assert data.economy["value"].tolist() == [48000, 120.5]
    assert data.reference.districts["ags"].tolist() == ["11000", "12054"]


def test_every_file_of_the_data_set_is_named_as_read(dataset_path: Path) -> None:
    everything = {path for path in dataset_path.parent.rglob("*") if path.is_file()}
    assert {*open_dataset(dataset_path).files} == everything


def test_tables_that_are_absent_are_empty_with_their_columns(tmp_path: Path) -> None:
    path = write_dataset(tmp_path, dict.fromkeys(TABLES))
    data = open_dataset(path)
    for frame, contract in (
        (data.published, FIGURES["published/figures"]),
        (data.economy, FIGURES["economy/economy"]),
        (data.organisations, FIGURES["organisations/portraits"]),
        *((data.records[stem], contract) for stem, contract in RECORDS.items()),
    ):
        assert frame.empty
        assert [*frame.columns] == [*contract.columns]
    assert data.records["projects"]["volume_eur"].dtype == pd.Float64Dtype()


def test_years_of_records_are_stacked(tmp_path: Path) -> None:
    earlier = {
        f"records/2020/{stem}.csv": TABLES[f"records/2021/{stem}.csv"].replace("2021,", "2020,")
        for stem in RECORDS
    }
    data = open_dataset(write_dataset(tmp_path, {**earlier}))
    assert data.records["projects"]["year"].tolist() == [2020, 2020, 2021, 2021]


def test_a_data_set_may_bring_a_reference_table_of_its_own(tmp_path: Path) -> None:
    path = write_dataset(tmp_path)
    own = REFERENCE["reference/clusters.csv"].replace("Gesundheit,Health,GW", "Pflege,Care,GW")
    (path / "reference").mkdir()
    (path / "reference" / "clusters.csv").write_text(own, encoding="utf-8")
    data = open_dataset(path)
    assert "Pflege" in data.reference.clusters["label_de"].tolist()
    assert path / "reference" / "clusters.csv" in data.files
    assert tmp_path / "reference" / "clusters.csv" not in data.files


def test_branches_of_clusters_go_with_the_categories_they_speak_of(tmp_path: Path) -> None:
    """A data set with categories of its own, older than the shared table, opens as before."""
    shared = tmp_path / "reference"
    shutil.copytree(resolve_data_dir("data/reference"), shared)
    assert not load_reference(shared).cluster_branches.empty
    own = tmp_path / "set" / "reference"
    own.mkdir(parents=True)
    listed = (shared / "categories.csv").read_text("utf-8").splitlines(keepends=True)
    older = "".join(line for line in listed if not line.startswith("sector,"))
    (own / "categories.csv").write_text(older, "utf-8")
    assert load_reference(shared, own).cluster_branches.empty
    shutil.copy(shared / "cluster_branches.csv", own)
    with pytest.raises(ContractError, match="cluster_branches"):
        load_reference(shared, own)


def test_reference_tables_load_alone(dataset_path: Path) -> None:
    reference = load_reference(dataset_path.parent / "reference")
    assert reference.label("cluster", "imk", "en") == "ICT and media"
    assert reference.geometry.name == "districts.geojson"


def test_commentary_by_section(dataset_path: Path) -> None:
    data = open_dataset(dataset_path)
    assert data.commentary(2021, "imk", "de") == {
        "year": Section("Ein gutes Jahr."),
        "success_stories": Section("Mehr davon."),
    }
    assert data.commentary(2021, "imk", "en") == {}


# --- cells -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1000000", '"1.234,5"', "line 2, column volume_eur: '1.234,5' — must be a number such"),
        ("1000000", "1e5", "line 2, column volume_eur: '1e5' — must be a number such as"),
        ("1000000", "inf", "line 2, column volume_eur: 'inf' — must be a number such as"),
        ("1000000", " 1000000", "line 2, column volume_eur: ' 1000000' — must be a number"),
        ("1000000", "-1000000", "line 2, column volume_eur: '-1000000' — must be at least 0"),
        ("true,true", "ja,true", "line 2, column is_new: 'ja' — must be true or false"),
        ("true,true", "TRUE,true", "line 2, column is_new: 'TRUE' — must be true or false"),
        ("2021,p1", "21.0,p1", "line 2, column year: '21.0' — must be a whole number such as"),
        ("2021,p1", "2020,p1", "line 2, column year: '2020' — must be 2021"),
        ("started", "begonnen", "line 2, column status: 'begonnen' — allowed: application, sta"),
        (",500000", ",5000000", "line 2, column funding_eur: '5000000' — at most volume_eur"),
        ("federal", "fedral", "line 2, column funder: 'fedral' — is not a code of funder in 2021"),
        ("imk", "ikm", "line 2, column cluster_id: 'ikm' — is not a cluster_id of clusters: all"),
        ("2021,p2", "2021,p1", "line 3, column year, project_id: '2021, p1' — the key is repeat"),
        (",finished,", ",,", "line 3, column status: must not be empty"),
        ("p2,imk,,", "p2,imk,", "line 3: the row has 12 cells, the header 13"),
        ("funder", "founder", "line 1, column founder: is not a column of projects. Did you mea"),
        ("title,", "", "line 1, column title: the column is missing"),
    ],
)
def test_a_bad_cell_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert told_of(tmp_path, in_projects(old, new))[0].startswith(f"small/{PROJECTS}, {expected}")


def test_all_failures_of_all_files_come_at_once(tmp_path: Path) -> None:
    changes = in_projects("true,true,started", "ja,nein,begonnen")
    changes["economy/economy.csv"] = TABLES["economy/economy.csv"].replace("48000", "48.000,0")
    places = [text.partition(" — ")[0] for text in told_of(tmp_path, changes)]
    assert places == [
        "small/economy/economy.csv, line 2: the row has 17 cells, the header 16",
        f"small/{PROJECTS}, line 2, column is_new: 'ja'",
        f"small/{PROJECTS}, line 2, column is_rdi: 'nein'",
        f"small/{PROJECTS}, line 2, column status: 'begonnen'",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (
            "published/figures.csv",
            "projects_new,",
            "projects_knew,",
            "line 2, column indicator: 'projects_knew' — is not in the catalogue of indicators. "
            "Did you mean 'projects_new'?",
        ),
        (
            "economy/economy.csv",
            "48000,count",
            "48000,persons",
            "line 2, column unit: 'persons' — the catalogue's unit of companies is count",
        ),
        (
            "records/2021/participations.csv",
            "p1,,c1",
            "p1,,c9",
            "line 2, column actor_id: 'c9' — is not an actor_id of actors in 2021",
        ),
        (
            "records/2021/assignments.csv",
            "innovation_technical",
            "old",
            "line 2, column category: 'old' — is not a code of guideline in 2021 for imk: ",
        ),
    ],
)
def test_tables_are_held_against_each_other(
    tmp_path: Path, name: str, old: str, new: str, expected: str
) -> None:
    first = told_of(tmp_path, {name: TABLES[name].replace(old, new, 1)})[0]
    assert first.startswith(f"small/{name}, {expected}")


def test_reference_tables_are_held_against_each_other(tmp_path: Path) -> None:
    towns = REFERENCE["reference/municipalities.csv"].replace(",12054\n", ",12055\n")
    expected = "reference/municipalities.csv, line 3, column district_ags: '12055' — is not an ags"
    assert told_of(tmp_path, {"reference/municipalities.csv": towns})[0].startswith(expected)
    with pytest.raises(ContractError, match="12055"):
        load_reference(tmp_path / "reference")


def parse(text: str, contract: Table, tmp_path: Path) -> pd.DataFrame:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return parse_table(read_text(path), contract)


@pytest.mark.parametrize("day", ["30.02.", "2021-02-30", "20210228", "2021-2-28"])
def test_a_date_must_exist(day: str, tmp_path: Path) -> None:
    assert told(lambda: parse(f"day,is_public\n{day},true\n", Meetings, tmp_path)) == [
        f"table.csv, line 2, column day: '{day}' — must be a date such as 2021-12-31 that exists, "
        "or empty"
    ]


def test_dates_stay_text_and_a_default_fills_an_absent_column(tmp_path: Path) -> None:
    frame = parse('day\n2024-02-29\n""\n', Meetings, tmp_path)
    assert frame["day"].tolist() == ["2024-02-29", ""]
    assert frame["is_public"].tolist() == [True, True]


def text_table(values: list[str]) -> TextTable:
    rows = [
        {"organisation_id": "o", "fact": "f", "mention": str(place), "value": value, "text": ""}
        | {"unit": "count", "precision": "exact", "source_id": "s", "note": ""}
        for place, value in enumerate(values, start=1)
    ]
    frame = pd.DataFrame(rows, dtype="string")
    return TextTable((*frame.columns,), frame, "t.csv", range(2, len(rows) + 2))


numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str)


@given(st.text() | st.from_regex(r"-?\d+(\.\d+)?", fullmatch=True) | numbers)
def test_text_in_a_number_column_is_exactly_that_number_or_fails(text: str) -> None:
    try:
        parsed = parse_table(text_table([text]), Organisations)["value"].item()
    except ContractError as error:
        columns = [failure.column for failure in error.failures]
    else:
        columns = ["value"]
        assert parsed == float(Decimal(text))
        assert text == text.strip()
    assert columns == ["value"]


@given(st.floats(min_value=-1e17, max_value=1e17))
def test_numbers_survive_being_written(value: float) -> None:
    text = f"{Decimal(value):f}"
    assert parse_table(text_table([text]), Organisations)["value"].item() == value


# --- files -------------------------------------------------------------------------------


def as_xlsx(frame: pd.DataFrame) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*frame.columns])
    for row in frame.astype(object).itertuples(index=False):
        sheet.append([None if pd.isna(cell) or cell == "" else cell for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("suffix", "write"), [(".xlsx", as_xlsx), (".parquet", as_parquet)])
def test_formats_give_equal_tables(
    tmp_path: Path, suffix: str, write: Callable[[pd.DataFrame], bytes]
) -> None:
    original = open_dataset(write_dataset(tmp_path / "csv"))
    changes: dict[str, str | bytes | None] = dict.fromkeys(TABLES)
    frames = {"economy/economy": original.economy, "published/figures": original.published}
    frames |= {f"records/2021/{stem}": frame for stem, frame in original.records.items()}
    changes |= {f"{name}{suffix}": write(frame) for name, frame in frames.items()}
    again = open_dataset(write_dataset(tmp_path / "other", changes))
    pd.testing.assert_frame_equal(again.economy, original.economy)
    pd.testing.assert_frame_equal(again.published, original.published)
    for stem, frame in original.records.items():
        pd.testing.assert_frame_equal(again.records[stem], frame)


def test_line_numbers_hold_where_cells_span_lines(tmp_path: Path) -> None:
    text = f'{HEADER}\r\n2021,p0,imk,"zwei\r\nZeilen",true,true,started,,,,,,\r\n\r\n{FIRST},x\r\n'
    bad = SECOND.replace("finished", "done")
    assert told(lambda: parse(text + bad, Projects, tmp_path)) == [
        "table.csv, line 5: the row has 14 cells, the header 13",
        "table.csv, line 6, column status: 'done' — allowed: application, started, finished",
    ]


def test_a_byte_order_mark_and_old_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "districts.csv"
    path.write_bytes(b"\xef\xbb\xbfags,nuts3,name,kind,state\r12054,DE404,Potsdam,town,bb\r")
    assert told(lambda: parse_table(read_text(path), Districts)) == [
        "districts.csv, line 2, column kind: 'town' — allowed: city, rural"
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty; it needs at least a header"),
        (b" \n \n", "the file is empty; it needs at least a header"),
        (b"\nags,name\n", "line 1: the header must stand in the first line"),
        (b"ags;name\n1;2\n", "line 1: the columns are separated by semicolons; save the file"),
        (b"ags\tname\n1\t2\n", "line 1: the columns are separated by tabs; save the file with"),
        ("a,b\nx,Märkisch\n".encode("cp1252"), "line 2: the file is not UTF-8; save it as CSV"),
        ("a,b\n".encode("utf-16"), "the file holds NUL bytes; save it as CSV in UTF-8"),
        (b'a,b\n1,"x\n2,y\n', "line 2: quotes do not fit from here on"),
        (b'a,b\n1,"x"y\n', "quotes"),
        (b'a,b\n1,"x""y"z"\n', "quotes"),
    ],
)
def test_a_csv_that_cannot_be_read_as_a_whole(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    (failure,) = told(lambda: read_text(path))
    assert failure.startswith("bad.csv")
    assert expected in failure


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert parse("ags,nuts3,name,kind,state", Districts, tmp_path).empty
    assert parse("ags,nuts3,name,kind,state\r\n", Districts, tmp_path).empty


@given(st.text(st.sampled_from('a1,,\n\n""\r ä;'), min_size=1, max_size=30))
def test_a_csv_is_read_as_the_standard_reader_does_or_fails(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_text(text, encoding="utf-8", newline="")
        try:
            table = read_text(path)
        except ContractError as error:
            assert len(error.failures) == 1  # noqa: PT017 - either outcome is right
            return
    header, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    assert [*table.header] == header
    whole = [row for row in rows if len(row) == len(header)]
    assert len(table.failures) == len(rows) - len(whole)
    if len({*header}) == len(header):
        assert table.frame.to_numpy().tolist() == whole


def corrupted(data: bytes, place: int, value: int) -> bytes:
    return data[: place % len(data)] + bytes([value]) + data[place % len(data) + 1 :]


SMALL = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


@settings(max_examples=300)
@given(st.sampled_from([".xlsx", ".parquet"]), st.integers(0, 10**6), st.integers(0, 255))
def test_a_changed_byte_never_shows_a_fault_of_a_library(
    suffix: str, place: int, value: int
) -> None:
    good = as_xlsx(SMALL) if suffix == ".xlsx" else as_parquet(SMALL)
    with TemporaryDirectory() as folder:
        path = Path(folder, f"t{suffix}")
        path.write_bytes(corrupted(good, place, value))
        with suppress(ContractError):
            assert isinstance(read_text(path), TextTable)


@pytest.mark.parametrize("name", ["bad.xlsx", "bad.parquet"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"PAR1 cut off PAR1"])
def test_a_broken_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (failure,) = told(lambda: read_text(tmp_path / name))
    assert failure.lower().startswith(f"{name}: the file is ")


@pytest.mark.parametrize(
    ("part", "content", "said"),
    [
        ("xl/vbaProject.bin", b"x", "holds macros or controls"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "links to other files"),
        ("xl/worksheets/sheet9.xml", b" " * 30_000_000, "excessively large (more than 300 MB"),
        ("xl/x.xml", b"<!DOCTYPE x><x/>", "a document type, entities"),
    ],
)
def test_a_workbook_that_could_do_harm_is_not_opened(
    tmp_path: Path, part: str, content: bytes, said: str
) -> None:
    path = tmp_path / "districts.xlsx"
    path.write_bytes(as_xlsx(SMALL))
    assert [*read_text(path).header] == ["a", "b"]
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, content)
    (failure,) = told(lambda: read_text(path))
    assert failure.startswith("districts.xlsx: ")
    assert said in failure


def test_other_kinds_of_file_and_absent_ones(tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(b"x")
    (failure,) = told(lambda: read_text(tmp_path / "old.xls"))
    assert failure == "old.xls: only .csv, .xlsx, .parquet can be read"
    with pytest.raises(MissingDataError, match=r"none\.csv: there is no such file"):
        read_text(tmp_path / "none.csv")


def workbook(rows: list[list[object]], path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_cells_of_a_sheet_become_text(tmp_path: Path) -> None:
    day, noon = dt.date(2021, 5, 1), dt.datetime(2021, 5, 1, 12, 30)
    rows: list[list[object]] = [["a", "b", "c", "d", None], [12, 5.0, 1e-7, 1e16], []]
    rows += [[True, day, noon, "007"], [0.1, None, " x", None]]
    table = read_text(workbook(rows, tmp_path / "t.xlsx"))
    assert table.frame.to_numpy().tolist() == [
        ["12", "5", "0.0000001", "10000000000000000"],
        ["true", "2021-05-01", "2021-05-01T12:30:00", "007"],
        ["0.1", "", " x", ""],
    ]
    assert [*table.lines] == [2, 4, 5]


def test_formulas_and_errors_of_a_sheet_fail(tmp_path: Path) -> None:
    rows: list[list[object]] = [["ags", "nuts3", "name", "kind", "state"]]
    rows += [["12054", "DE404", "=1+1", "city", "bb"], ["12051", "#N/A", "Brb", "city", "bb", "x"]]
    table = read_text(workbook(rows, tmp_path / "t.xlsx"))
    assert told(lambda: parse_table(table, Districts)) == [
        "t.xlsx, line 2, column name: '=1+1' — formulas are never run; put the value in its place",
        "t.xlsx, line 3, column nuts3: '#N/A' — the cell shows an error; put the value in its "
        "place",
        "t.xlsx, line 3: the row has 6 cells, the header 5",
    ]


def test_a_formula_beside_the_table_is_named_by_its_letter(tmp_path: Path) -> None:
    table = read_text(workbook([["ags"], ["1", "=2+2"]], tmp_path / "t.xlsx"))
    assert [failure.column for failure in table.failures] == ["B"]


def test_an_empty_sheet_is_told(tmp_path: Path) -> None:
    path = workbook([], tmp_path / "t.xlsx")
    assert told(lambda: read_text(path)) == [
        "t.xlsx: the first sheet is empty; it needs at least a header"
    ]


def test_columns_of_parquet_become_text(tmp_path: Path) -> None:
    noon = [dt.datetime(2021, 5, 1, 12), None]
    columns = {
        "share": pa.array([1e-7, None]),
        "count": pa.array([3.0, 1e16]),
        "flag": pa.array([True, False]),
        "day": pa.array([dt.datetime(2021, 5, 1), None]),
        "code": pa.array(["a", "b"]).dictionary_encode(),
        "noon": pa.array(noon),
        "list": pa.array([[1], [2]]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    table = read_text(tmp_path / "t.parquet")
    assert table.frame.to_numpy().tolist() == [
        ["0.0000001", "3", "true", "2021-05-01", "a", "", ""],
        ["", "10000000000000000", "false", "", "b", "", ""],
    ]
    assert [failure.column for failure in table.failures] == ["noon", "list"]


# --- folders -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({PROJECTS: None}, f"small/{PROJECTS}: the table is missing; an empty table is a file"),
        (
            {"economy/economy.xlsx": b"x"},
            "small/economy/economy.csv: the table stands there twice, as economy.csv and "
            "economy.xlsx; keep one",
        ),
        (
            {"published/figure.csv": "a\n"},
            "small/published/figure.csv: is not a table of this folder. Did you mean 'figures'?",
        ),
        ({"records/2021/old/x.csv": ""}, "small/records/2021/old: is not a table of this folder"),
        ({"records/21/x.csv": ""}, "small/records/21: is not the folder of a year, such as"),
        ({"records/notes.txt": "x"}, "small/records/notes.txt: is not the folder of a year"),
        ({"reference/clusters.csv": None}, "reference/clusters.csv: the table is missing"),
        ({"datapackage.json": "{"}, "small/datapackage.json: is no JSON in UTF-8"),
        ({"datapackage.json": "[]"}, "small/datapackage.json: must be an object"),
        ({"datapackage.json": "{}"}, "small/datapackage.json, column title: must be a text"),
    ],
)
def test_files_that_do_not_fit(
    tmp_path: Path, changes: dict[str, str | bytes | None], expected: str
) -> None:
    assert told_of(tmp_path, changes)[0].startswith(expected)


def test_a_descriptor_says_what_is_wrong(tmp_path: Path) -> None:
    head = json.dumps({"title": "T", "synthetic": "no", "disclosure": "all"})
    assert told_of(tmp_path, {"datapackage.json": head}) == [
        "small/datapackage.json, column synthetic: '\"no\"' — must be true or false",
        "small/datapackage.json, column disclosure: '\"all\"' — allowed: none, standard",
    ]


def test_hidden_files_and_notes_may_lie_about(tmp_path: Path) -> None:
    changes = dict.fromkeys(["records/2021/~$projects.xlsx", "records/.DS_Store"], b"x")
    open_dataset(write_dataset(tmp_path, {**changes, "records/2021/README.md": "notes"}))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"datapackage.json": None}, r"small is no data set: .*datapackage.json is missing"),
        ({"reference/districts.geojson": None}, "The geometry of the districts is missing"),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, changes: dict[str, str | bytes | None], expected: str
) -> None:
    path = write_dataset(tmp_path, changes)
    with pytest.raises(MissingDataError, match=expected):
        open_dataset(path)


def test_missing_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"There is no data set .*; looked at"):
        open_dataset(tmp_path / "nowhere")
    with pytest.raises(MissingDataError, match="There is no folder of reference tables at"):
        load_reference(tmp_path / "nowhere")


def test_a_relative_path_is_found_from_any_folder_of_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "notebooks" / "exploration"
    deep.mkdir(parents=True)
    path = write_dataset(tmp_path / "data")
    monkeypatch.chdir(deep)
    assert resolve_data_dir("data/small") == path
    assert resolve_data_dir(path) == path
    assert list_datasets(tmp_path) == [path]
    with pytest.raises(MissingDataError) as caught:
        resolve_data_dir("data/smal")
    root = Path(ewm_analysis.__file__).parents[1]
    assert str(tmp_path / "data" / "smal") in str(caught.value)
    assert str(root / "data" / "smal") in str(caught.value)


def test_reference_is_no_data_set(tmp_path: Path) -> None:
    path = write_dataset(tmp_path / "data", {"reference/datapackage.json": "{}"})
    assert list_datasets(tmp_path) == [path]


def test_a_data_set_elsewhere_uses_the_reference_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").mkdir()
    write_dataset(tmp_path / "data")
    alone = write_dataset(tmp_path / "elsewhere", dict.fromkeys(REFERENCE))
    monkeypatch.chdir(tmp_path / "notebooks")
    data = open_dataset(alone)
    assert data.reference.geometry == tmp_path / "data" / "reference" / "districts.geojson"
