"""Which runs are due, and why: what a page was made from is what counts."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_project import CLUSTER, PUBLISHED, YEAR, code, small_notebook, words, write_project
from typer.testing import CliRunner, Result

from ewm_analysis.batch import Run, execute, plan_runs, why_due, with_keys
from ewm_analysis.batch.outputs import MANIFEST, Manifest
from ewm_analysis.cli import app
from ewm_analysis.loaders import open_dataset

ROOT = Path(__file__).parents[1]


def ewm(*given: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, given)


def planned(data: Path, root: Path, outputs: Path) -> list[Run]:
    data_sets = [open_dataset(data)]
    return with_keys(plan_runs(data_sets, root, outputs), data_sets)


def pretend_done(run: Run) -> None:
    run.folder.mkdir(parents=True, exist_ok=True)
    (run.folder / "report.html").write_text("<html></html>", "utf-8")
    filled = dict.fromkeys(Manifest.model_fields, "")
    record = {
        **filled,
        "status": "ok",
        "key": dict(run.key),
        "outputs": {"report.html": "?"},
        "sizes": {"report.html": 0},
    }
    record |= {
        "parameters": {},
        "page": {},
        "shows": [],
        "is_confidential": False,
        "inputs": {},
        "libraries": {},
    }
    record["seconds"] = 0.0
    sealed = Manifest.model_validate(record).sealed()
    (run.folder / MANIFEST).write_text(sealed.model_dump_json(), "utf-8")


@pytest.fixture
def done(tmp_path: Path) -> list[Run]:
    root = write_project(tmp_path, nb_10_annual_report=small_notebook(takes=YEAR + CLUSTER))
    runs = planned(root / "data" / "example", root, root / "outputs")
    for run in runs:
        pretend_done(run)
    return runs


def test_nothing_is_due_that_was_done(done: list[Run]) -> None:
    assert {why_due(run) for run in done} == {""}


@pytest.mark.parametrize("part", ["notebook", "package", "environment", "parameters", "data"])
def test_a_changed_part_is_the_reason(done: list[Run], part: str) -> None:
    assert set(done[0].key) == {"notebook", "package", "environment", "parameters", "data"}
    assert why_due(replace(done[0], key={**done[0].key, part: "else"})) == part


def test_failed_missing_and_unreadable_are_reasons(done: list[Run]) -> None:
    one, two, three, four = done[:4]
    (one.folder / "failed.ipynb").touch()
    (two.folder / "report.html").unlink()
    (three.folder / "manifest.json").write_text("{", "utf-8")
    shutil.rmtree(four.folder)
    assert [why_due(run) for run in done[:4]] == ["failed", "outputs", "outputs", "new"]


def test_a_notebook_that_changed_is_the_reason(done: list[Run], tmp_path: Path) -> None:
    other = small_notebook(words("mehr"), takes=YEAR + CLUSTER)
    root = write_project(tmp_path, nb_10_annual_report=other)
    again = planned(root / "data" / "example", root, root / "outputs")
    assert {why_due(run) for run in again} == {"notebook"}


def test_words_for_one_report_make_that_one_due(done: list[Run], tmp_path: Path) -> None:
    folder = tmp_path / "data" / "example" / "commentary" / "2021"
    folder.mkdir(parents=True)
    (folder / "imk.de.md").write_text("# year\n\nGut.\n", "utf-8")
    again = planned(tmp_path / "data" / "example", tmp_path, tmp_path / "outputs")
    due = [str(run) for run in again if why_due(run)]
    assert due == ["example 2021 imk 10_annual_report de"]


def test_one_cell_of_the_records_makes_due_what_reads_it(tmp_path: Path) -> None:
    data = tmp_path / "example"
    shutil.copytree(ROOT / "data" / "example", data)
    shutil.copytree(ROOT / "data" / "reference", tmp_path / "reference")
    for run in planned(data, ROOT, tmp_path / "outputs"):
        pretend_done(run)
    file = data / "records" / "2021" / "projects.csv"
    before = file.read_text("utf-8")
    assert before.count("DESY – Centre for Quantum") == 1
    file.write_text(before.replace("DESY – Centre for Quantum", "DESY – Quantum"), "utf-8")

    runs = planned(data, ROOT, tmp_path / "outputs")
    reasons = {str(run): why_due(run) for run in runs}
    assert set(reasons.values()) == {"", "data"}
    for run in runs:
        last = run.parameters.get("year", run.parameters.get("last_year", 2021))
        reads = run.cluster_id in {"imk", "_all"} and last == 2021
        assert bool(reasons[str(run)]) == reads, run
    annual = [name for name, reason in reasons.items() if reason and "annual" in name]
    assert annual == [f"example 2021 imk 10_annual_report {locale}" for locale in ("de", "en")]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_project(tmp_path, nb_00_data_quality=small_notebook())


def test_second_run_starts_no_kernel(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("run", "--year", "2020", "--locale", "de")
    assert ewm(*options).exit_code == 0
    started: list[str] = []
    execute_run = execute.execute_run

    def counted(run: Run, order: object) -> object:
        started.append(str(run))
        return execute_run(run, order)  # type: ignore[arg-type]

    monkeypatch.setattr(execute, "execute_run", counted)
    again = ewm(*options)
    assert again.exit_code == 0
    assert "Everything is up to date" in again.output
    assert started == []
    assert "up to date" in ewm("list", *options[1:]).output

    # What was noted is forgotten where a file is gone: found again by its manifest, then made.
    (project / "outputs" / ".state.json").unlink()
    assert "Everything is up to date" in ewm(*options).output
    assert started == []
    executed = project / "outputs/example/2020/_all/00_data_quality/de/executed.ipynb"
    executed.unlink()
    assert "an output is missing or damaged" in ewm("list", *options[1:]).output
    assert "[1/1]" in ewm(*options).output
    assert executed.is_file()
    assert "[1/1]" in ewm(*options, "--force").output
    assert len(started) == 2


def test_failure_after_a_good_run_is_due(project: Path) -> None:
    options = ("run", "--year", "2020", "--locale", "de")
    assert ewm(*options).exit_code == 0
    good = (project / "notebooks" / "00_data_quality.ipynb").read_text("utf-8")
    write_project(project, nb_00_data_quality=small_notebook(code("1 / 0")))
    assert ewm(*options).exit_code == 1
    (project / "notebooks" / "00_data_quality.ipynb").write_text(good, "utf-8")
    assert "the last run failed" in ewm("list", *options[1:]).output
    assert "[1/1]" in ewm(*options).output
    assert not list((project / "outputs").rglob("failed.ipynb"))


def test_changed_data_run_only_what_reads_them(project: Path) -> None:
    options = ("run", "--locale", "de")
    assert ewm(*options).exit_code == 0
    figures = project / "data" / "example" / "published" / "figures.csv"
    figures.write_text(PUBLISHED.replace(",34,", ",35,"), "utf-8")
    answer = ewm(*options)
    assert answer.exit_code == 0
    assert "[1/1] example 2021" in answer.output
    assert "1 run up to date." in answer.output


def test_state_that_cannot_be_read_is_no_state(project: Path) -> None:
    options = ("run", "--year", "2020", "--locale", "de")
    assert ewm(*options).exit_code == 0
    for text in ("{", json.dumps(["no", "mapping"])):
        (project / "outputs" / ".state.json").write_text(text, "utf-8")
        assert "Everything is up to date" in ewm(*options).output
