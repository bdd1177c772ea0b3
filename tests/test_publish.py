"""The folder for readers holds what is meant to be read, and nothing of who made it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import CLUSTER, YEAR, code, small_notebook, write_project
from typer.testing import CliRunner, Result

from ewm_analysis.cli import app

ROOT = Path(__file__).parents[1]
SECRET = "Firma Geheim, 12.8 million"
PAGE = "example/2021/imk/10_annual_report/de"


def ewm(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, words)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_project(tmp_path, nb_10_annual_report=small_notebook(takes=YEAR + CLUSTER))


def make_confidential(project: Path) -> None:
    path = project / "data" / "example" / "datapackage.json"
    head = json.loads(path.read_text("utf-8")) | {"disclosure": "standard"}
    path.write_text(json.dumps(head), "utf-8")


def test_readers_get_pages_and_no_notebooks(project: Path) -> None:
    assert ewm("run").exit_code == 0
    assert ewm("publish", "--to", "site").exit_code == 0
    outputs, site = project / "outputs", project / "site"
    assert names(outputs) - names(site) == {"executed.ipynb", ".lock", ".state.json"}
    for name in ("index.html", "index.en.html", "SHA256SUMS", f"{PAGE}/report.html"):
        assert (site / name).read_bytes() == (outputs / name).read_bytes()
    assert (site / PAGE / "manifest.json").is_file()
    # Again, into the same folder: what readers had is replaced.
    (site / "old.html").touch()
    (outputs / PAGE / "failed.ipynb").touch()
    assert ewm("publish", "--to", "site").exit_code == 0
    assert not {"old.html", "failed.ipynb"} & names(site)
    assert not [path for path in project.iterdir() if path.name.startswith(".site")]


def test_no_hash_of_confidential_records_is_shared(project: Path) -> None:
    records = project / "data" / "example" / "records" / "2021"
    records.mkdir(parents=True)
    for path in sorted((ROOT / "data/example/records/2021").glob("*.csv")):
        (records / path.name).write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    assert ewm("run").exit_code == 0
    told = json.loads((project / "outputs" / PAGE / "manifest.json").read_text("utf-8"))
    assert any("records" in name for name in told["inputs"])
    make_confidential(project)
    assert ewm("run").exit_code == 0
    told = json.loads((project / "outputs" / PAGE / "manifest.json").read_text("utf-8"))
    assert [name for name in told["inputs"] if name.startswith("data/example")] == [
        "data/example/published/figures.csv"
    ]
    assert ewm("publish", "--to", "site").exit_code == 0
    assert "manifest.json" not in names(project / "site")


def test_a_failed_notebook_quotes_no_record(project: Path) -> None:
    node = small_notebook(code(f"print({SECRET!r})\nraise ValueError({SECRET!r})"))
    write_project(project, nb_00_data_quality=node)
    options = ("run", "--year", "2021", "--locale", "de", "--notebook", "00_data_quality")
    failed = project / "outputs/example/2021/_all/00_data_quality/de/failed.ipynb"
    assert ewm(*options).exit_code == 1
    assert any(SECRET in json.dumps(cell["outputs"]) for cell in codes(failed))
    make_confidential(project)
    answer = ewm(*options)
    assert answer.exit_code == 1
    assert SECRET in answer.output
    assert not any(SECRET in json.dumps(cell["outputs"]) for cell in codes(failed))
    assert "ValueError" in failed.read_text("utf-8")


def codes(path: Path) -> list[dict[str, object]]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_what_must_not_be_shared_is_refused(project: Path) -> None:
    assert ewm("run").exit_code == 0
    (project / "mine").mkdir()
    (project / "mine" / "notes.txt").touch()
    refused = ewm("publish", "--to", "mine")
    assert refused.exit_code == 2
    assert "holds something else" in refused.output
    for place in ("outputs/site", "."):
        assert "within each other" in ewm("publish", "--to", place).output
    page = project / "outputs" / PAGE / "report.html"
    page.write_text(page.read_text("utf-8").replace("Bericht", "Berichte"), "utf-8")
    refused = ewm("publish", "--to", "site")
    assert refused.exit_code == 1
    assert "not as they were written" in refused.output
    assert not (project / "site").exists()
    (project / "inside").mkdir()
    (project / "inside" / "INTERNAL.txt").touch()
    refused = ewm("publish", "--to", "site", "--output", "inside")
    assert "for internal use" in refused.output
