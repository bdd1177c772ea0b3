"""Editions of the records: each import makes one, and any of them can be put back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from filled_workbook import fill_template
from test_intake_clusters import YEAR, correct, records_of, take_in
from typer.testing import CliRunner

from ewm_analysis.cli import app
from ewm_analysis.contracts import RECORDS
from ewm_analysis.editions.diff import diff
from ewm_analysis.editions.telling import summary
from ewm_analysis.errors import ContractError, ParameterError
from ewm_analysis.intake import list_editions, restore_edition
from ewm_analysis.loaders import Dataset, open_dataset


@pytest.fixture(scope="module")
def two(example: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set with two editions: of one cluster, and of two."""
    folder = tmp_path_factory.mktemp("editions")
    for cluster in ("imk", "et"):
        records = records_of(example, cluster, few=4)
        book = fill_template(folder / f"{cluster}.xlsx", example.reference, records, YEAR)
        assert take_in(book, folder / "set").outcome == "written"
    return folder / "set"


@pytest.fixture
def data(two: Path, tmp_path: Path) -> Path:
    return shutil.copytree(two, tmp_path / "set")


def tables(data: Path) -> dict[str, bytes]:
    return {stem: (data / f"records/{YEAR}/{stem}.csv").read_bytes() for stem in RECORDS}


def ewm(*arguments: object) -> str:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def test_an_edition_is_put_back_and_the_restore_undone(data: Path) -> None:
    both = tables(data)
    told = [(one.name, one.reason, [*one.sources]) for one in list_editions(data)]
    assert told == [("2021-1", "import", ["imk.xlsx"]), ("2021-2", "import", ["et.xlsx"])]
    originals = {file.name for file in (data / "originals/2021").glob("*.xlsx*")}
    assert "Wiederhergestellt: 2021-1, nun 2021-3." in ewm("restore", "2021-1", "--data", data)
    projects = open_dataset(data).records["projects"]
    assert {*projects["cluster_id"]} == {"imk"}
    lines = ewm("history", "--data", data, "--locale", "en").splitlines()
    assert [line[:8].strip() for line in lines] == ["= 2021-1", "2021-2", "= 2021-3"]
    assert "imported · projects: 8, activities:" in lines[1]
    assert restore_edition(data, "2021-2").name == "2021-4"
    assert tables(data) == both
    assert {file.name for file in (data / "originals/2021").glob("*.xlsx*")} == originals
    assert not [*data.parent.glob(".*")]


def test_what_was_changed_by_hand_is_an_edition_before_it_goes(data: Path) -> None:
    file = data / "records/2021/projects.csv"
    by_hand = file.read_bytes().replace(b"started", b"finished", 1)
    file.write_bytes(by_hand)
    restore_edition(data, "2021-1")
    assert [one.reason for one in list_editions(data)] == ["import", "import", "found", "restore"]
    restore_edition(data, "2021-3")
    assert file.read_bytes() == by_hand


def test_what_cannot_be_put_back_changes_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ParameterError, match=r"Did you mean '2021-\d'"):
        restore_edition(data, "2021-9")
    with pytest.raises(ParameterError, match="is what stands there"):
        restore_edition(data, "2021-2")
    lines = (data / "records/2021/projects.csv").read_text("utf-8").splitlines()
    title = lines[-1].split(",")[lines[0].split(",").index("title")]
    correct(data, f"records/2021/projects.csv,{len(lines)},title,{title},Neu,so,2022-02-01")
    before = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    with pytest.raises(ContractError, match="no row of this key"):  # of a project of the second
        restore_edition(data, "2021-1")
    assert {file: file.read_bytes() for file in data.rglob("*") if file.is_file()} == before
    (data / "corrections.csv").unlink()
    del before[data / "corrections.csv"]

    def refused(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ewm_analysis.files.flush", refused)
    with pytest.raises(ParameterError, match="No space left on device"):
        restore_edition(data, "2021-1")
    assert {file: file.read_bytes() for file in data.rglob("*") if file.is_file()} == before


def test_a_damaged_edition_is_told(data: Path) -> None:
    file = data / "originals/2021/edition-1.zip"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ParameterError, match=r"edition-1\.zip' is damaged"):
        list_editions(data)


def test_an_original_is_kept_once_and_its_report_does_not_lie_beside_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    restore_edition(data, "2021-1")
    before = {file.name for file in (data / "originals/2021").iterdir()}
    (kept,) = (data / "originals/2021").glob("*-et.xlsx")
    done = take_in(kept, data)
    assert done.outcome == "written"
    accept = [part for one in done.remarks for part in ("--accept", one.name)]
    ewm("import", "workbook", kept, "--data", data, *accept)
    after = {file.name for file in (data / "originals/2021").iterdir()}
    assert after - before == {"edition-4.zip"}
    assert (tmp_path / f"{kept.stem}.report.html").is_file()


def test_two_editions_are_told_apart_by_name(data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    one, both = Path(f"{data}@2021-1"), Path(f"{data}@2021-2")
    found = diff(one, data, "de")
    assert {page.place.split("/")[2] for page in found.pages} == {"et"}
    assert {cause.kind for cause in found.causes[found.pages[0].place]} == {"records"}
    told = diff(one, data, "de", internal=True)
    kinds = {cause.kind for cause in told.causes[told.pages[0].place]}
    assert kinds == {"added", "more"}  # the first rows, and how many more
    assert diff(one, both, "de").pages == found.pages
    assert diff(both, data, "de").pages == []
    assert summary(found, "de") in CliRunner().invoke(app, ["diff", str(one), str(data)]).output
    with pytest.raises(ParameterError, match="2021-1"):
        diff(Path(f"{data}@2021-9"), data, "de")
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    assert not [*data.parent.glob(".*")]
