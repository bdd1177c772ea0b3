"""Corrections and merges: applied before anything is parsed, told on the page, or an error."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import DESCRIPTOR, TABLES, write_dataset

from ewm_analysis.batch import plan_runs, with_keys
from ewm_analysis.catalogue import Words
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.errors import ContractError
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.intake import find_warnings
from ewm_analysis.loaders import Dataset, fingerprint, open_dataset, part_of
from ewm_analysis.notebook import start
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.tables import actor_merges_table, corrections_table

ROOT = Path(__file__).parents[1]
HEADER = "file,line,column,old,new,reason,date\n"
PROJECTS = "records/2021/projects.csv"
GOOD = f"{PROJECTS},2,volume_eur,1000000,1100000,Zahlendreher laut Antrag,2022-02-01\n"
MERGES = "actor_id,same_as,decision,reason,date\n"


def corrected(folder: Path, *rows: str) -> Dataset:
    return open_dataset(write_dataset(folder, {"corrections.csv": HEADER + "".join(rows)}))


def told(folder: Path, changes: dict[str, str | bytes | None]) -> list[str]:
    with pytest.raises(ContractError) as caught:
        open_dataset(write_dataset(folder, changes))
    return [str(failure) for failure in caught.value.failures]


def test_a_cell_is_read_as_corrected_and_the_file_stays(tmp_path: Path) -> None:
    data = corrected(tmp_path, GOOD)
    assert data.records["projects"]["volume_eur"].tolist() == [1100000, 0]
    assert (data.path / PROJECTS).read_text("utf-8") == TABLES[PROJECTS]
    assert data.corrections["reason"].tolist() == ["Zahlendreher laut Antrag"]
    assert data.path / "corrections.csv" in data.files


def test_a_cell_that_could_not_be_read_can_be_corrected(tmp_path: Path) -> None:
    broken = TABLES[PROJECTS].replace("1000000", "1.000.000")
    row = f"{PROJECTS},2,volume_eur,1.000.000,1000000,Schreibweise,2022-02-01\n"
    path = write_dataset(tmp_path, {PROJECTS: broken, "corrections.csv": HEADER + row})
    assert open_dataset(path).records["projects"]["volume_eur"].tolist() == [1000000, 0]


def test_an_empty_cell_is_filled_and_a_full_one_emptied(tmp_path: Path) -> None:
    data = corrected(
        tmp_path,
        f"{PROJECTS},3,title,,Zweites,fehlte,2022-02-01\n",
        f"{PROJECTS},2,funding_eur,500000,,nicht bewilligt,2022-02-01\n",
    )
    projects = data.records["projects"]
    assert projects["title"].tolist()[1] == "Zweites"
    assert projects["funding_eur"].isna().tolist() == [True, False]


def test_published_figures_can_be_corrected(tmp_path: Path) -> None:
    row = "published/figures.csv,2,value,34,35,Druckfehler,2022-02-01\n"
    assert corrected(tmp_path, row).published["value"].tolist()[0] == 35


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            f"{PROJECTS},9,volume_eur,1000000,1,x,2022-02-01",
            f"column line: '9' — the correction fits nothing: {PROJECTS} has no row that begins "
            "in this line",
        ),
        (
            "records/2021/project.csv,2,volume_eur,1000000,1,x,2022-02-01",
            "column file: 'records/2021/project.csv' — the correction fits nothing: no table of "
            f"the data set is read from such a file. Did you mean '{PROJECTS}'?",
        ),
        (
            f"{PROJECTS},2,volume,1000000,1,x,2022-02-01",
            f"column column: 'volume' — the correction fits nothing: {PROJECTS} has no such "
            "column. Did you mean 'volume_eur'?",
        ),
        (
            f"{PROJECTS},2,volume_eur,1000001,1,x,2022-02-01",
            f"column old: '1000001' — the correction fits nothing: line 2 of {PROJECTS} holds "
            "'1000000'",
        ),
        (f"{PROJECTS},2,volume_eur,1000000,1000000,x,2022-02-01", "column new: '1000000' — must"),
        (f"{PROJECTS},2,volume_eur,1000000,1,,2022-02-01", "column reason: must not be empty"),
        (f"{PROJECTS},2,volume_eur,1000000,1,x,2022-02-30", "column date: '2022-02-30' — must be"),
        (f"{PROJECTS},1,year,year,Jahr,x,2022-02-01", "column line: '1' — must be at least 2"),
        ("../../x.csv,2,a,b,c,x,2022-02-01", "column file: '../../x.csv' — the correction fits"),
        ("/etc/passwd,2,a,b,c,x,2022-02-01", "column file: '/etc/passwd' — the correction fits"),
    ],
)
def test_a_correction_that_fits_nothing_is_an_error(
    tmp_path: Path, row: str, expected: str
) -> None:
    (failure,) = told(tmp_path, {"corrections.csv": f"{HEADER}{row}\n"})
    assert failure.startswith(f"small/corrections.csv, line 2, {expected}")


def test_a_corrected_value_keeps_the_contract(tmp_path: Path) -> None:
    row = f"{PROJECTS},2,volume_eur,1000000,viel,x,2022-02-01\n"
    (failure,) = told(tmp_path, {"corrections.csv": HEADER + row})
    assert failure.startswith(f"small/{PROJECTS}, line 2, column volume_eur: 'viel'")


def test_a_cell_is_corrected_once(tmp_path: Path) -> None:
    (failure,) = told(tmp_path, {"corrections.csv": HEADER + GOOD + GOOD})
    assert "the key is repeated" in failure


BY_KEY = "file,line,column,old,new,reason,date,key\n"


def test_a_correction_by_key_finds_its_row_wherever_it_stands(tmp_path: Path) -> None:
    header, first, *rest = TABLES[PROJECTS].splitlines()
    at = header.split(",").index("project_id")
    keys = [line.split(",")[at] for line in (first, *rest)]
    row = f"{PROJECTS},,volume_eur,1000000,1100000,x,2022-02-01,{keys[0]}\n"
    moved = "\n".join([header, *rest, first, ""])
    data = open_dataset(write_dataset(tmp_path, {PROJECTS: moved, "corrections.csv": BY_KEY + row}))
    assert data.records["projects"]["volume_eur"].tolist() == [0, 1100000]
    (failure,) = told(tmp_path / "b", {"corrections.csv": BY_KEY + row.replace(keys[0], "p-none")})
    assert "has no row of this key" in failure


def test_what_the_sender_has_mended_is_done_and_stays_in_the_list(tmp_path: Path) -> None:
    mended = TABLES[PROJECTS].replace("1000000", "1100000")
    path = write_dataset(tmp_path, {PROJECTS: mended, "corrections.csv": HEADER + GOOD})
    data = open_dataset(path)
    assert data.mended == (0,)
    assert data.records["projects"]["volume_eur"].tolist() == [1100000, 0]
    assert len(data.corrections) == 1
    (note,) = [one for one in find_warnings(data) if one.name == "correction-mended"]
    assert (note.level, note.year, note.file, note.line) == ("note", 2021, PROJECTS, 2)
    assert not [one for one in find_warnings(data, 2020) if one.name == "correction-mended"]


@pytest.mark.parametrize("name", ["correction.csv", "corections.xlsx", "actor_merge.csv"])
def test_a_misspelt_list_is_told(tmp_path: Path, name: str) -> None:
    (failure,) = told(tmp_path, {name: GOOD})
    assert failure.startswith(f"small/{name}: is not a table of this folder. Did you mean")


def key(data: Dataset, **part: object) -> str:
    kept = part_of(data, **part)  # type: ignore[arg-type]
    return fingerprint({**kept.records, "corrections": kept.corrections})


def test_a_run_sees_the_correction_of_what_it_reads(tmp_path: Path) -> None:
    before, after = open_dataset(write_dataset(tmp_path / "a")), corrected(tmp_path / "b", GOOD)
    assert key(before, cluster_id="imk") != key(after, cluster_id="imk")
    assert key(before, last_year=2020) == key(after, last_year=2020)
    assert key(before, cluster_id="gw") == key(after, cluster_id="gw")


def test_a_correction_makes_due_what_shows_it(tmp_path: Path) -> None:
    keys = []
    for data in (open_dataset(write_dataset(tmp_path / "a")), corrected(tmp_path / "b", GOOD)):
        runs = with_keys(plan_runs([data], ROOT, tmp_path, locales=["de"]), [data])
        keys.append({(run.notebook.stem, run.cluster_id): run.key["data"] for run in runs})
    before, after = keys
    changed = {name for name in before if before[name] != after[name]}
    assert {("00_data_quality", "_all"), ("10_annual_report", "imk")} <= changed
    assert not any(cluster == "gw" for _, cluster in changed)


def test_a_line_of_a_sheet_is_its_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    header, *rows = TABLES[PROJECTS].replace('"Erstes, größtes Projekt"', "Erstes").splitlines()
    for line in [header, "", *rows]:  # an empty row counts, as it does on the screen
        book.active.append(line.split(",") if line else [])
    (tmp_path / "small" / "records" / "2021").mkdir(parents=True)
    book.save(tmp_path / "small" / "records" / "2021" / "projects.xlsx")
    row = "records/2021/projects.xlsx,3,volume_eur,1000000,1100000,Zahlendreher,2022-02-01\n"
    path = write_dataset(tmp_path, {PROJECTS: None, "corrections.csv": HEADER + row})
    assert open_dataset(path).records["projects"]["volume_eur"].tolist() == [1100000, 0]


# --- actors made one ---------------------------------------------------------------------

MORE = {
    "records/2021/actors.csv": TABLES["records/2021/actors.csv"]
    + "2021,c3,Firma GmbH,company,10-49,bb,12054,Potsdam,imk\n",
    "records/2021/participations.csv": TABLES["records/2021/participations.csv"]
    + "2021,p1,,c3\n2021,p2,,c3\n",
}


def merged(folder: Path, *rows: str) -> Dataset:
    return open_dataset(write_dataset(folder, {**MORE, "actor_merges.csv": MERGES + "".join(rows)}))


def actors_counted(data: Dataset) -> float:
    values = compute_indicators(data)
    chosen = (values["indicator"] == "actors_projects_running") & (values["dimension"] == "")
    return float(values.loc[chosen & (values["source_id"] == "records"), "value"].sum())


def test_two_ids_of_one_actor_count_once(tmp_path: Path) -> None:
    apart = merged(tmp_path / "a", "c3,c1,separate,zwei Firmen,2022-02-01\n")
    one = merged(tmp_path / "b", "c3,c1,merge,laut Register,2022-02-01\n")
    assert (actors_counted(apart), actors_counted(one)) == (2, 1)
    assert one.records["actors"]["name"].tolist() == ["Firma", "Hochschule"]
    assert one.records["participations"]["actor_id"].tolist() == ["c1", "c2", "c1"]


def test_an_actor_known_by_the_other_id_alone_takes_it(tmp_path: Path) -> None:
    row = "c1,c9,merge,neue Kennung,2022-02-01\n"
    later = {
        name.replace("2021", "2022"): text.replace("2021,", "2022,").replace("c1", "c9")
        for name, text in TABLES.items()
        if name.startswith("records/")
    }
    path = write_dataset(tmp_path, {**later, "actor_merges.csv": MERGES + row})
    actors = open_dataset(path).records["actors"]
    assert actors.groupby("actor_id")["year"].apply(list).to_dict() == {
        "c2": [2021, 2022],
        "c9": [2021, 2022],
    }


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["c3,c8,merge,x,2022-02-01\n"], "column same_as: 'c8' — the decision fits nothing"),
        (["c8,c3,separate,x,2022-02-01\n"], "column actor_id: 'c8' — the decision fits nothing"),
        (["c3,c3,merge,x,2022-02-01\n"], "column same_as: 'c3' — must be another actor"),
        (["c3,c1,maybe,x,2022-02-01\n"], "column decision: 'maybe' — allowed: merge, separate"),
        (
            ["c3,c1,merge,x,2022-02-01\n", "c1,c2,merge,x,2022-02-01\n"],
            "column same_as: 'c1' — is given up in another row",
        ),
        (
            ["c3,c1,merge,x,2022-02-01\n", "c3,c2,merge,x,2022-02-01\n"],
            "column actor_id: 'c3' — is given up for two actors",
        ),
    ],
)
def test_a_merge_that_cannot_be(tmp_path: Path, rows: list[str], expected: str) -> None:
    failures = told(tmp_path, {**MORE, "actor_merges.csv": MERGES + "".join(rows)})
    assert failures[0].startswith(f"small/actor_merges.csv, line 2, {expected}")


# --- on the page -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "header", "day"),
    [("de", "Begründung", "1. Februar 2022"), ("en", "Reason", "1 February 2022")],
)
def test_each_correction_stands_in_the_table(
    tmp_path: Path, locale: str, header: str, day: str
) -> None:
    data = corrected(tmp_path, GOOD)
    table = corrections_table(data.corrections, Words(data.reference, locale))  # type: ignore[arg-type]
    assert header in table.header
    (row,) = table.rows
    assert [*row[:6]] == [
        PROJECTS, "2", "volume_eur", "1000000", "1100000", "Zahlendreher laut Antrag",
    ]  # fmt: skip
    assert row[6].replace("\u00a0", " ") == day


def test_no_decision_is_said(dataset_path: Path) -> None:
    data = open_dataset(dataset_path)
    words = Words(data.reference, "de")
    assert corrections_table(data.corrections, words).rows[0][0] == "Keine Zelle ist berichtigt"
    assert actor_merges_table(data.actor_merges, words).rows[0][0] == "Keine Entscheidung getroffen"


@pytest.mark.parametrize(("disclosure", "old"), [("none", "1000000"), ("standard", "")])
def test_confidential_cells_are_not_quoted(tmp_path: Path, disclosure: str, old: str) -> None:
    head = json.dumps({**DESCRIPTOR, "disclosure": disclosure})
    changes = {"corrections.csv": HEADER + GOOD, "datapackage.json": head}
    page = start(year=2021, data_dir=str(write_dataset(tmp_path, changes)))
    quoted = part_of_page(page, "corrections")
    assert quoted["old"].tolist() == [old]
    assert quoted["reason"].tolist() == ["Zahlendreher laut Antrag"]
    inside = start(year=2021, data_dir=page.parameters.data_dir, internal=True)
    assert part_of_page(inside, "corrections")["old"].tolist() == ["1000000"]


@pytest.mark.parametrize("is_synthetic", [True, False])
def test_the_descriptor_does_not_tell_of_confidential_lists(
    tmp_path: Path, is_synthetic: bool
) -> None:
    head = json.dumps({**DESCRIPTOR, "synthetic": is_synthetic})
    path = write_dataset(tmp_path, {"corrections.csv": HEADER + GOOD, "datapackage.json": head})
    write_descriptor(path)
    assert ("corrections.csv" in (path / "datapackage.json").read_text("utf-8")) == is_synthetic


def test_rows_of_the_other_years_stay(tmp_path: Path) -> None:
    data = corrected(tmp_path, GOOD)
    assert isinstance(part_of(data, last_year=2021).corrections, pd.DataFrame)
    assert len(part_of(data, last_year=2021).corrections) == 1
    assert part_of(data, last_year=2020).corrections.empty
    assert part_of(data, cluster_id="imk").corrections.empty
