"""Each cluster sends its workbook: all of them are one import, whole or not at all."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from filled_workbook import fill_template
from test_intake_clusters import YEAR, records_of, take_in
from typer.testing import CliRunner

from ewm_analysis.cli import app
from ewm_analysis.contracts import RECORDS
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake import describe_import, import_workbook, write_report
from ewm_analysis.loaders import Dataset, open_dataset

CLUSTERS = ("gw", "imk", "op", "et")


@pytest.fixture(scope="module")
def sent(example: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the template of each cluster, filled in by its management."""
    folder = tmp_path_factory.mktemp("january") / "sent"
    folder.mkdir()
    for cluster in CLUSTERS:
        records = records_of(example, cluster, few=4)
        file = folder / f"{cluster}.xlsx"
        fill_template(file, example.reference, records, YEAR, cluster_id=cluster)
    return folder


@pytest.fixture
def three(sent: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "three"
    folder.mkdir()
    for cluster in ("imk", "et", "op"):
        shutil.copy(sent / f"{cluster}.xlsx", folder)
    return folder


def bytes_of(data: Path) -> dict[str, bytes]:
    return {stem: (data / f"records/{YEAR}/{stem}.csv").read_bytes() for stem in RECORDS}


def change(book: Path, **cells: object) -> None:
    opened = openpyxl.load_workbook(book)
    for place, value in cells.items():
        sheet, cell = place.split("_")
        opened[sheet][cell] = value
    opened.save(book)


def test_workbooks_at_once_are_as_one_import_each(sent: Path, tmp_path: Path) -> None:
    at_once, one_by_one = tmp_path / "at-once", tmp_path / "one-by-one"
    done = take_in(sent, at_once)
    assert done.outcome == "written"
    assert [*done.sources] == sorted(f"{cluster}.xlsx" for cluster in CLUSTERS)
    for book in sorted(sent.iterdir()):
        assert take_in(book, one_by_one).outcome == "written"
    assert bytes_of(at_once) == bytes_of(one_by_one)
    projects = open_dataset(at_once).records["projects"]
    assert {*projects["cluster_id"]} == {*CLUSTERS}
    assert done.rows["projects"] == len(projects)
    kept = {path.name.partition("-")[2] for path in (at_once / f"originals/{YEAR}").glob("*.xlsx")}
    assert kept == {f"{cluster}.xlsx" for cluster in CLUSTERS}
    assert take_in(sent, at_once).outcome == "unchanged"


def test_files_a_folder_and_a_zip_are_the_same_import(three: Path, tmp_path: Path) -> None:
    (three / "Hinweise.txt").write_text("Viele Grüße")
    (three / "desktop.ini").write_text("x")
    archive = tmp_path / "three.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for file in three.iterdir():
            opened.write(file, f"three/{file.name}")
    found = []
    for name, sources in {
        "folder": [three],
        "zip": [archive],
        "files": sorted(three.glob("*.xlsx")),
    }.items():
        first = import_workbook(sources, tmp_path / name)
        left_out = [one.value for one in first.remarks if one.name == "left-out"]
        assert left_out == ([] if name == "files" else ["Hinweise.txt"])
        assert first.outcome == "written"
        found.append(bytes_of(tmp_path / name))
    assert found[0] == found[1] == found[2]


def test_all_come_in_or_none_and_a_finding_names_its_file(three: Path, tmp_path: Path) -> None:
    change(three / "op.xlsx", Projekte_D3=None)
    change(three / "et.xlsx", Projekte_D2="irgendwie")
    report = tmp_path / "report.html"
    command = ["import", "workbook", str(three), "--data", str(tmp_path / "set")]
    result = CliRunner().invoke(app, [*command, "--report", str(report)])
    assert result.exit_code == 1
    assert "op.xlsx: Projekte!D3 – Die Zelle darf nicht leer sein." in result.output
    assert "et.xlsx: Projekte!D2: „irgendwie“" in result.output
    assert '<td>op.xlsx</td><td class="place">Projekte!D3</td>' in report.read_text("utf-8")
    assert not (tmp_path / "set").exists()


def renamed(frames: dict[str, pd.DataFrame], old: str, new: str, name: str) -> None:
    """Give an actor of a cluster another id, everywhere, and a name."""
    for stem in ("actors", "participations"):
        frames[stem] = frames[stem].replace({"actor_id": {old: new}})
    is_it = frames["actors"]["actor_id"] == new
    frames["actors"] = frames["actors"].assign(name=frames["actors"]["name"].mask(is_it, name))


def test_one_actor_under_two_ids_and_two_under_one_are_told_at_their_files(
    example: Dataset, tmp_path: Path
) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    plan = {
        "imk": ["Muster Filmtechnik GmbH", "Kranbau AG"],
        "et": ["Muster Filmtechnik", "Seerose"],
    }
    for cluster, (same, other) in plan.items():
        records = records_of(example, cluster, few=4)
        first, second = records["actors"]["actor_id"].iloc[:2]
        renamed(records, first, f"{cluster}-film", same)
        renamed(records, second, "taken", other)
        fill_template(folder / f"{cluster}.xlsx", example.reference, records, YEAR)
    done = import_workbook(folder, tmp_path / "set")
    assert done.outcome == "warnings"
    (taken,) = [one for one in done.remarks if one.name == "actor-id-taken"]
    assert (taken.level, taken.file, taken.value) == ("warning", "imk.xlsx", "Kranbau AG")
    assert "„Seerose“" in taken.text
    twice = [one for one in done.remarks if one.name == "actor-perhaps-twice"]
    (proposed,) = [one for one in twice if "Filmtechnik" in one.text]
    assert proposed.file in ("imk.xlsx", "et.xlsx")
    assert proposed.place.startswith("Akteure!")


def test_two_versions_of_a_cluster_are_refused(three: Path, tmp_path: Path) -> None:
    shutil.copy(three / "op.xlsx", three / "op-neu.xlsx")
    done = import_workbook(three, tmp_path / "set")
    assert done.outcome == "errors"
    (error,) = [one for one in done.remarks if one.name == "cluster-twice"]
    assert (error.file, error.value) == ("op.xlsx", "op")
    assert "op-neu.xlsx" in error.text


def test_another_year_among_them_is_refused_at_its_file(
    three: Path, example: Dataset, tmp_path: Path
) -> None:
    records = records_of(example, "gw")
    later = {stem: table.assign(year=2022) for stem, table in records.items()}
    fill_template(three / "gw.xlsx", example.reference, later, 2022)
    (three / "et.xlsx").unlink()
    done = import_workbook(three, tmp_path / "set")
    told = [(one.file, one.name) for one in done.remarks if one.level == "error"]
    # the first file's year holds
    assert told == [(f"{book}.xlsx", "year-differs") for book in ("imk", "op")]


@pytest.mark.parametrize("name", ["../out.xlsx", "a/../../out.xlsx", "C:\\out.xlsx"])
def test_a_zip_that_leads_away_is_refused(name: str, three: Path, tmp_path: Path) -> None:
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(three / "op.xlsx", name)
    done = import_workbook(archive, tmp_path / "set")
    assert [(one.file, one.name) for one in done.remarks] == [("bad.zip", "zip")]
    assert not [*tmp_path.parent.glob("out.xlsx")]
    (tmp_path / "no.zip").write_bytes(b"PK, but broken")
    assert import_workbook(tmp_path / "no.zip", tmp_path / "set").outcome == "errors"


def test_two_files_of_one_name_and_a_folder_without_any(three: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="came twice"):
        import_workbook([three / "op.xlsx", three / "op.xlsx"], tmp_path / "set")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "Brief.txt").write_text("x")
    done = import_workbook(empty, tmp_path / "set")
    assert [(one.name, one.value) for one in done.remarks] == [
        ("left-out", "Brief.txt"), ("no-tables", ""),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def accepted(sent: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A data set that holds a cluster, and the warnings that another one's workbook needs."""
    folder = tmp_path_factory.mktemp("accepted")
    take_in(sent / "op.xlsx", folder / "set")
    done = take_in(sent / "et.xlsx", folder / "trial")
    return folder / "set", [one.name for one in done.remarks]


@pytest.mark.parametrize("locale", ["de", "en"])
def test_a_folder_that_cannot_be_written_is_a_sentence(
    locale: str,
    accepted: tuple[Path, list[str]],
    three: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, accept = accepted
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}

    def refused(path: Path) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("ewm_analysis.files.flush", refused)
    done = import_workbook(three / "et.xlsx", data, accept=accept, locale=locale)
    assert done.outcome == "errors"
    said = describe_import(done)
    sentence = {"de": "kann nicht beschrieben werden", "en": "cannot be written"}[locale]
    assert f"{data} {sentence} (Read-only file system)" in said
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    write_report(done, tmp_path / "report.html")


def test_the_same_refusal_of_many_cells_is_said_once(three: Path, tmp_path: Path) -> None:
    cells = {f"Projekte_J{line}": "unklar" for line in range(2, 6)}
    change(three / "op.xlsx", **cells, Projekte_I2="ca. 5")
    done = import_workbook(three, tmp_path / "set")
    assert len([one for one in done.remarks if one.value == "unklar"]) == 4
    said = describe_import(done)
    assert said.count("unklar") == 1
    line = (
        "op.xlsx: Projekte!I2: „ca. 5“, Projekte!J2: „unklar“, Projekte!J3: „unklar“, 2 weitere – "
    )
    apart = "op.xlsx: Projekte!J2, Projekte!J3, Projekte!J4, 1 weitere: „unklar“ – "
    assert line in said or apart in said
    write_report(done, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert all(f"Projekte!J{line}" in page for line in range(2, 6))


@pytest.mark.parametrize("are_told_as_one", [False, True])
def test_a_joint_project_under_two_ids_is_told_unless_they_say_that_it_is_one(
    are_told_as_one: bool, example: Dataset, tmp_path: Path
) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    for cluster in ("imk", "et"):
        records = records_of(example, cluster, few=4)
        old = records["projects"]["project_id"].iloc[0]
        new = f"hafen-{cluster}" if are_told_as_one else f"{cluster}-17"
        records = {
            stem: table.replace({"project_id": {old: new}}) if "project_id" in table else table
            for stem, table in records.items()
        }
        facts = {"title": "Hafen der Dinge", "volume_eur": 4_000_000, "funding_eur": 2_000_000}
        facts |= {"volume_region_eur": 3_000_000, "funding_region_eur": 1_000_000}
        is_joint = records["projects"]["project_id"] == new
        records["projects"].loc[is_joint, [*facts]] = [*facts.values()]
        fill_template(folder / f"{cluster}.xlsx", example.reference, records, YEAR)
    done = import_workbook(folder, tmp_path / "set")
    told = [one for one in done.remarks if one.name == "project-of-two-clusters"]
    if are_told_as_one:
        assert told == []
        assert take_in(folder, tmp_path / "set").outcome in ("written", "unchanged")
        projects = open_dataset(tmp_path / "set").records["projects"]
        joint = projects[projects["title"] == "Hafen der Dinge"]
        assert {*joint["cluster_id"]} == {"imk", "et"}
    else:
        assert [one.level for one in told] == ["warning"]
        assert "imk-17-et, imk-17-imk" in told[0].text
