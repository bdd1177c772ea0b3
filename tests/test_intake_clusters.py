"""Workbooks of several clusters, one after the other: nothing of the others is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from filled_workbook import fill_template, in_order

from ewm_analysis.contracts import RECORDS
from ewm_analysis.intake import describe_import, import_workbook
from ewm_analysis.intake.clusters import ITEMS
from ewm_analysis.loaders import Dataset, open_dataset

YEAR, FEW = 2021, 25


@pytest.fixture(scope="module")
def example() -> Dataset:
    return open_dataset("data/example")


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


def records_of(example: Dataset, *clusters: str) -> dict[str, pd.DataFrame]:
    """Return some records of a year and of some clusters, with the actors that take part."""
    known = {stem: table[table["year"] == YEAR] for stem, table in example.records.items()}
    found = {}
    for stem in ITEMS:
        own = known[stem][known[stem]["cluster_id"].isin(clusters)]
        found[stem] = own.groupby("cluster_id").head(FEW)
    for stem in ("participations", "assignments"):
        stays = [known[stem][key].isin(found[item][key]) for item, key in ITEMS.items()]
        found[stem] = known[stem][stays[0] | stays[1]]
    actors = known["actors"]
    found["actors"] = actors[actors["actor_id"].isin(found["participations"]["actor_id"])]
    return found


def take_in(book: Path, data: Path, *, replace: bool = False) -> Any:
    """Import a workbook, accepting all warnings."""
    done = import_workbook(book, data, replace=replace)
    if done.outcome != "warnings":
        return done
    names = [one.name for one in done.remarks]
    return import_workbook(book, data, replace=replace, accept=names)


def written(data: Path) -> dict[str, pd.DataFrame]:
    found = open_dataset(data).records
    return {stem: in_order(found[stem], stem) for stem in RECORDS}


def test_nine_workbooks_are_as_good_as_one(
    books: dict[str, Path], example: Dataset, tmp_path: Path
) -> None:
    data = tmp_path / "set"
    assert take_in(books["imk"], data).outcome == "written"
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
    books: dict[str, Path], example: Dataset, tmp_path: Path
) -> None:
    data, again = tmp_path / "set", tmp_path / "again.xlsx"
    take_in(books["imk"], data)
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
    books: dict[str, Path], tmp_path: Path
) -> None:
    data = tmp_path / "set"
    take_in(books["imk"], data)
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
    books: dict[str, Path], example: Dataset, tmp_path: Path
) -> None:
    data, clash = tmp_path / "set", tmp_path / "clash.xlsx"
    take_in(books["imk"], data)
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


def test_what_two_clusters_say_of_an_actor_must_agree_or_be_accepted(
    example: Dataset, books: dict[str, Path], tmp_path: Path
) -> None:
    data = tmp_path / "set"
    take_in(books["imk"], data)
    records = records_of(example, "et")
    shared = {*records_of(example, "imk")["actors"]["actor_id"]} & {*records["actors"]["actor_id"]}
    assert shared
    code = min(shared)
    is_it = records["actors"]["actor_id"] == code
    old = records["actors"].loc[is_it, "name"].iloc[0]
    records["actors"] = records["actors"].assign(
        name=records["actors"]["name"].mask(is_it, "Ein anderer Name")
    )
    book = fill_template(tmp_path / "et.xlsx", example.reference, records, YEAR)
    done = import_workbook(book, data)
    (warning,) = [one for one in done.remarks if one.name == "actor-differs"]
    assert done.outcome == "warnings"
    assert old in warning.text
    assert warning.value == "Ein anderer Name"
    assert warning.place.startswith("Akteure!")
    assert take_in(book, data).outcome == "written"
    table = open_dataset(data).records["actors"]
    assert [*table.loc[table["actor_id"] == code, "name"]] == ["Ein anderer Name"]
    notes = [
        json.loads(path.read_text("utf-8")) for path in (data / "originals/2021").glob("*.json")
    ]
    assert len(notes) == 2
