"""The folder for readers holds what is meant to be read, and nothing of who made it."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pytest
from small_project import CLUSTER, YEAR, code, small_notebook, write_project
from test_report import figure, table
from typer.testing import CliRunner, Result

from ewm_analysis.cli import app
from ewm_analysis.report.site import without_links

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
    for name in ("index.html", "index.en.html", f"{PAGE}/report.html"):
        told = [without_links((folder / name).read_bytes()) for folder in (site, outputs)]
        assert told[0] == told[1]
    assert (site / PAGE / "manifest.json").is_file()
    # Again, into the same folder: what no run recorded is not published, wherever it lies.
    strays = (f"{PAGE}/failed.ipynb", "notes.txt", "example/records.csv", "example/2021/mail.eml",
              f"{PAGE}/figures/seen.png", "example/2021/imk/old/de/report.html")  # fmt: skip
    for name in strays:
        (outputs / name).parent.mkdir(parents=True, exist_ok=True)
        (outputs / name).touch()
    assert "nothing is new" in ewm("publish", "--to", "site").output
    assert not {Path(name).name for name in strays} - {"report.html"} & names(site)
    assert not (site / strays[-1]).exists()
    (outputs / PAGE / "report.pdf").touch()
    assert "nothing is new" not in ewm("publish", "--to", "site").output
    assert "report.pdf" in names(site)
    assert not [path for path in project.iterdir() if path.name.startswith(".site")]


def shows(number: int) -> nbformat.NotebookNode:
    """A notebook with a figure of a number."""
    bundle = figure(rows=[[2020, 41], [2021, number]])
    return small_notebook(code(f"display({bundle!r}, raw=True)"), takes=YEAR + CLUSTER)


def published(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and "editions" not in path.relative_to(site).parts
    }


def test_published_stays_published_and_the_next_edition_says_what_changed(
    project: Path,
) -> None:
    write_project(project, nb_10_annual_report=shows(34))
    site = project / "site"
    assert ewm("run").exit_code == 0
    assert ewm("publish", "--to", "site", "--archive", "one.zip").exit_code == 0
    first = published(site)
    assert "Ausgabe 1 vom" in first[f"{PAGE}/report.html"].decode()
    assert "Edition 1 of" in first["index.en.html"].decode()
    # Nothing is new: the edition stays, and its archive has the same bytes.
    assert "nothing is new" in ewm("publish", "--to", "site", "--archive", "again.zip").output
    assert published(site) == first
    assert (project / "one.zip").read_bytes() == (project / "again.zip").read_bytes()
    # No run writes into what was published.
    refused = ewm("run", "--output", "site", "--force")
    assert (refused.exit_code, "stays as it is" in refused.output) == (2, True)
    assert published(site) == first

    write_project(project, nb_10_annual_report=shows(12))
    assert ewm("run").exit_code == 0
    assert "Edition 2" in ewm("publish", "--to", "site").output
    second = published(site)
    assert published(site / "editions" / "1") == first
    page, changes = second[f"{PAGE}/report.html"].decode(), second["changes.html"].decode()
    assert "1 Angabe anders als in Ausgabe 1" in page
    anchor = PAGE.replace("/", "-")
    assert f'href="../../../../../changes.html#{anchor}"' in page
    assert f'<section id="{anchor}">' in changes
    assert "<h2>Bericht 2021 (de)</h2>" in changes
    assert "Das Notebook der Seite hat sich geändert" in changes
    assert "/tmp" not in changes
    for edition in (site, site / "editions" / "1", project / "one.zip"):
        done = ewm("verify", str(edition))
        assert (done.exit_code, "as they were published" in done.output) == (0, True)
    assert not subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], check=False, cwd=site
    ).returncode


def test_an_edition_that_was_changed_is_told(project: Path) -> None:
    assert ewm("run").exit_code == 0
    assert ewm("publish", "--to", "site", "--archive", "one.zip").exit_code == 0
    with zipfile.ZipFile(project / "one.zip") as archive:
        crate = json.loads(archive.read("ro-crate-metadata.json"))
        held = set(archive.namelist())
    assert {"index.html", f"{PAGE}/report.html", "data/example/published/figures.csv"} <= held
    root = next(entry for entry in crate["@graph"] if entry["@id"] == "./")
    assert {part["@id"] for part in root["hasPart"]} == held - {"ro-crate-metadata.json"}
    page = project / "site" / PAGE / "report.html"
    page.write_bytes(page.read_bytes() + b" ")
    (project / "site" / "new.html").touch()
    (project / "site" / "index.en.html").unlink()
    told = ewm("verify", "site")
    assert told.exit_code == 1
    assert told.output.splitlines()[:3] == [f"{PAGE}/report.html", "index.en.html", "new.html"]
    content = bytearray((project / "one.zip").read_bytes())
    content[content.index(b"<!DOCTYPE") if b"<!DOCTYPE" in content else len(content) // 3] ^= 1
    (project / "one.zip").write_bytes(bytes(content))
    assert ewm("verify", "one.zip").exit_code in (1, 2)
    assert "is no published edition" in ewm("verify", "data").output


def test_a_figure_that_only_one_edition_shows_is_told_to_who_publishes(project: Path) -> None:
    """The cell stands on three pages of a language; another number tells by how much it moved."""
    said: list[str] = []
    make_confidential(project)
    for value in ("•", 5, 6):
        rows = [["Unternehmen", value]]
        bundle = table(header=["Akteurstyp", "Akteure"], rows=rows)
        node = small_notebook(code(f"display({bundle!r}, raw=True)"), takes=YEAR + CLUSTER)
        write_project(project, nb_10_annual_report=node)
        make_confidential(project)
        assert ewm("run").exit_code == 0
        done = ewm("publish", "--to", "site")
        assert done.exit_code == 0
        said.append(done.output)
    assert "3 confidential figures are shown by only one of the editions 1 and 2" in said[1]
    assert "3 figures of confidential records differ between the editions 2 and 3" in said[2]
    assert "may tell" not in said[0]
    changes = (project / "site" / "editions" / "2" / "changes.html").read_text("utf-8")
    assert "zeigt nur eine der beiden Ausgaben" in changes
    assert "Unternehmen" not in changes


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
    # Who guesses all records has another key, and none of ours.
    key = records.parent / ".key"
    assert (len(key.read_text("utf-8")), key.stat().st_mode & 0o777) == (64, 0o600)
    assert ".key" not in names(project / "outputs") | names(project / "site")
    assert "up to date" in ewm("run").output
    key.unlink()
    assert ewm("run").exit_code == 0
    guessed = json.loads((project / "outputs" / PAGE / "manifest.json").read_text("utf-8"))
    differing = {name for name in told["key"] if told["key"][name] != guessed["key"][name]}
    assert differing == {"data"}
    assert told["outputs"]["report.html"] == guessed["outputs"]["report.html"]


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
