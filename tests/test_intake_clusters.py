"""Workbooks of several clusters, one after the other: nothing of the others is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from filled_workbook import fill_template, in_order

from ewm_analysis.contracts import RECORDS
from ewm_analysis.intake import describe_import, import_workbook
from ewm_analysis.intake.flat import ITEMS
from ewm_analysis.loaders import Dataset, open_dataset

YEAR, FEW = 2021, 12


@pytest.fixture(scope="module")
def books(example: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a workbook for each of two clusters, as its management would send it."""
    folder = tmp_path_factory.mktemp("sent")
    return {
        cluster: fill_template(
            folder / f"{cluster}.xlsx", example.reference, records_of(example, cluster), YEAR
        )
        for cluster in ("imk", "et")
    }


def records_of(example: Dataset, *clusters: str, few: int = FEW) -> dict[str, pd.DataFrame]:
    """Return some records of a year and of some clusters, with the actors that take part."""
    known = {stem: table[table["year"] == YEAR] for stem, table in example.records.items()}
    found = {}
    for stem in ITEMS:
        own = known[stem][known[stem]["cluster_id"].isin(clusters)]
        found[stem] = own.groupby("cluster_id").head(few)
    for stem in ("participations", "assignments"):
        stays = [known[stem][key].isin(found[item][key]) for item, key in ITEMS.items()]
        found[stem] = known[stem][stays[0] | stays[1]]
    actors = known["actors"]
    found["actors"] = actors[actors["actor_id"].isin(found["participations"]["actor_id"])]
    return found


known_warnings: dict[str, None] = {}


def take_in(book: Path, data: Path, *, replace: bool = False) -> Any:
    """Import a workbook, accepting all warnings; those of earlier ones without being asked."""
    done = import_workbook(book, data, replace=replace, accept=[*known_warnings])
    if done.outcome != "warnings":
        return done
    known_warnings.update(dict.fromkeys(one.name for one in done.remarks))
    return import_workbook(book, data, replace=replace, accept=[*known_warnings])


@pytest.fixture(scope="module")
def first_sent(books: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set that holds the records of one cluster, as its workbook left it."""
    data = tmp_path_factory.mktemp("first") / "set"
    assert take_in(books["imk"], data).outcome == "written"
    return data


@pytest.fixture
def data(first_sent: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first_sent, tmp_path / "set"))


def written(data: Path) -> dict[str, pd.DataFrame]:
    found = open_dataset(data).records
    return {stem: in_order(found[stem], stem) for stem in RECORDS}


def test_nine_workbooks_are_as_good_as_one(
    books: dict[str, Path], example: Dataset, data: Path, tmp_path: Path
) -> None:
    first = (data / "records/2021/projects.csv").read_text("utf-8")
    done = take_in(books["et"], data)
    assert done.outcome == "written"  # without being asked to replace anything
    assert "bleibt: imk." in describe_import(done)
    both = written(data)
    expected = records_of(example, "imk", "et")
    for stem, table in both.items():
        pd.testing.assert_frame_equal(table, in_order(expected[stem], stem), check_dtype=False)
    # corrections name lines
    assert (data / "records/2021/projects.csv").read_text("utf-8").startswith(first)
    assert take_in(books["imk"], data).outcome == "unchanged"
    other = tmp_path / "other"
    take_in(books["et"], other)
    take_in(books["imk"], other)
    for stem, table in written(other).items():
        pd.testing.assert_frame_equal(table, both[stem])


def test_a_new_version_replaces_its_own_cluster_only(
    books: dict[str, Path], example: Dataset, data: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.xlsx"
    take_in(books["et"], data)
    records = records_of(example, "et")
    gone = records["projects"].iloc[0]["project_id"]
    fewer = {
        stem: rows[rows["project_id"] != gone] if "project_id" in rows else rows
        for stem, rows in records.items()
    }
    fill_template(again, example.reference, fewer, YEAR)
    refused = import_workbook(again, data)
    assert refused.outcome in ("changes", "warnings")
    removed = {change.table: change.removed for change in refused.changes}
    assert removed["projects"] == [gone]
    assert removed["activities"] == []
    assert take_in(again, data, replace=True).outcome == "written"
    left = open_dataset(data).records["projects"]
    assert gone not in {*left["project_id"]}
    own = [(left["cluster_id"] == cluster).sum() for cluster in ("imk", "et")]
    assert own == [len(records_of(example, "imk")["projects"]), len(fewer["projects"])]


def test_a_correction_of_one_cluster_outlives_the_next_import(
    books: dict[str, Path], data: Path
) -> None:
    lines = (data / "records/2021/projects.csv").read_text("utf-8").splitlines()
    cells = dict(zip(lines[0].split(","), lines[-1].split(","), strict=True))
    corrected = (
        f"records/2021/projects.csv,{len(lines)},status,{cells['status']},finished,so,2022-01-01"
    )
    text = f"file,line,column,old,new,reason,date\n{corrected}\n"
    (data / "corrections.csv").write_text(text, "utf-8")
    assert take_in(books["et"], data).outcome == "written"
    table = open_dataset(data).records["projects"].set_index("project_id")
    assert table.loc[cells["project_id"], "status"] == "finished"


def test_ids_that_mean_two_things_are_told_at_their_cells(
    books: dict[str, Path], example: Dataset, data: Path, tmp_path: Path
) -> None:
    clash = tmp_path / "clash.xlsx"
    taken = records_of(example, "imk")["projects"]["project_id"].iloc[0]
    book = openpyxl.load_workbook(books["et"])
    sheet = book["Projekte"]
    own = sheet["A2"].value
    for each in book.worksheets[1:]:
        for row in each.iter_rows():
            for cell in row:
                cell.value = taken if cell.value == own else cell.value
    book.save(clash)
    before = (data / "records/2021/projects.csv").read_bytes()
    done = import_workbook(clash, data)
    assert done.outcome == "errors"
    (error,) = [one for one in done.remarks if one.level == "error"]
    assert (error.name, error.place, error.value) == ("id-of-other-cluster", "Projekte!A2", taken)
    assert "des Clusters imk" in error.text
    assert (data / "records/2021/projects.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "told"), [("", "actor-differs"), ("Ein anderer Name", "actor-id-taken")]
)
def test_what_two_clusters_say_of_an_actor_must_agree_or_be_accepted(
    name: str, told: str, example: Dataset, data: Path, tmp_path: Path
) -> None:
    records = records_of(example, "et")
    shared = {*records_of(example, "imk")["actors"]["actor_id"]} & {*records["actors"]["actor_id"]}
    assert shared
    code = min(shared)
    is_it = records["actors"]["actor_id"] == code
    old = records["actors"].loc[is_it, "name"].iloc[0]
    assert old not in ("", name)
    new = name or f"{old} e.V."
    records["actors"] = records["actors"].assign(name=records["actors"]["name"].mask(is_it, new))
    book = fill_template(tmp_path / "et.xlsx", example.reference, records, YEAR)
    done = import_workbook(book, data)
    (warning,) = [one for one in done.remarks if one.name == told]
    assert done.outcome == "warnings"
    assert old in warning.text
    assert warning.value == new
    assert warning.place.startswith("Akteure!")
    assert take_in(book, data).outcome == "written"
    table = open_dataset(data).records["actors"]
    assert [*table.loc[table["actor_id"] == code, "name"]] == [new]
    notes = [
        json.loads(path.read_text("utf-8")) for path in (data / "originals/2021").glob("*.json")
    ]
    assert len(notes) == 2


def correct(data: Path, *rows: str, header: str = "file,line,column,old,new,reason,date") -> None:
    (data / "corrections.csv").write_text("\n".join([header, *rows, ""]), "utf-8")


def test_corrections_outlive_rows_that_move_and_a_sender_who_mends_them(
    example: Dataset, tmp_path: Path
) -> None:
    """By line in an old list; the import names the rows, so that an inserted one breaks nothing."""
    data, records = tmp_path / "set", records_of(example, "imk", few=6)
    projects = records["projects"].sort_values("project_id")
    first, last = projects["project_id"].iloc[0], projects["project_id"].iloc[-1]
    fewer = {
        stem: rows[rows["project_id"] != first] if "project_id" in rows else rows
        for stem, rows in records.items()
    }
    title = projects["title"].iloc[-1]
    book = fill_template(tmp_path / "fewer.xlsx", example.reference, fewer, YEAR)
    assert take_in(book, data).outcome == "written"
    line = len(fewer["projects"]) + 1
    correct(data, f"records/2021/projects.csv,{line},title,{title},Neu,so,2022-02-01")
    book = fill_template(tmp_path / "all.xlsx", example.reference, records, YEAR)
    assert take_in(book, data, replace=True).outcome == "written"
    listed = (data / "corrections.csv").read_text("utf-8").splitlines()
    assert listed[0] == "file,line,column,old,new,reason,date,key"
    assert listed[1].endswith(f",so,2022-02-01,{last}")
    opened = open_dataset(data)
    assert opened.records["projects"].set_index("project_id").loc[last, "title"] == "Neu"
    assert opened.mended == ()
    is_last = records["projects"]["project_id"] == last
    mended = {
        **records,
        "projects": records["projects"].assign(
            title=records["projects"]["title"].mask(is_last, "Neu")
        ),
    }
    book = fill_template(tmp_path / "mended.xlsx", example.reference, mended, YEAR)
    done = take_in(book, data, replace=True)
    assert done.outcome == "written"
    (told,) = [one for one in done.remarks if one.name == "correction-mended"]
    assert (told.level, told.value) == ("note", "Neu")
    assert open_dataset(data).mended == (0,)
    assert (data / "corrections.csv").read_text("utf-8").splitlines() == listed
    # neither the old nor the new: the evaluator decides, and is told so in his language
    other = {**records, "projects": mended["projects"].replace({"title": {"Neu": "Ganz anders"}})}
    done = take_in(
        fill_template(tmp_path / "other.xlsx", example.reference, other, YEAR), data, replace=True
    )
    (error,) = [one for one in done.remarks if one.level == "error"]
    assert error.place == "set/corrections.csv:2:old"
    assert "steht 'Ganz anders', also weder „alt“ noch „neu“" in error.text


def test_amounts_in_thousands_are_told_in_a_first_year(example: Dataset, tmp_path: Path) -> None:
    records = records_of(example, "imk", "et")
    is_imk = records["projects"]["cluster_id"] == "imk"
    amounts = [name for name in records["projects"] if name.endswith("_eur")]
    projects = records["projects"].copy()
    projects.loc[is_imk, amounts] = (projects.loc[is_imk, amounts] / 1000).round()
    book = fill_template(
        tmp_path / "t.xlsx", example.reference, {**records, "projects": projects}, YEAR
    )
    done = import_workbook(book, tmp_path / "set")
    told = [one.value for one in done.remarks if one.name == "volumes-tiny"]
    assert done.outcome == "warnings"
    assert len(told) == 1
