"""Pages as PDF: tagged, with outline and language; without a browser a sentence and no harm."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from exported_pages import EXAMPLE, REPORT, Pages
from PIL import Image
from small_project import code, small_notebook, write_project
from typer.testing import CliRunner

from ewm_analysis.cli import app
from ewm_analysis.errors import MissingDataError, RunError
from ewm_analysis.report.printing import BROWSERS, export_pdf, export_png, find_browser

needs_browser = pytest.mark.skipif(
    not os.environ.get("CI") and not any(map(shutil.which, BROWSERS)),
    reason="no browser is installed: no page was printed",
)


@needs_browser
def test_report_is_printed_with_tags_outline_and_language(pages: Pages, tmp_path: Path) -> None:
    shutil.copy(pages.path(f"{EXAMPLE}/2021/imk/{REPORT}/de"), tmp_path / "report.html")
    export_pdf(tmp_path / "report.html", find_browser())
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Outlines", b"/Lang (de)", b"/Title"):
        assert mark in content, mark
    assert content.count(b"/Type /Page\n") >= 8
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["report.html", "report.pdf", "summary.pdf"]
    assert (tmp_path / "summary.pdf").read_bytes().count(b"/Type /Page\n") == 1


@needs_browser
def test_every_figure_is_written_as_png(pages: Pages, tmp_path: Path) -> None:
    name = f"{EXAMPLE}/2021/imk/{REPORT}/de"
    shutil.copytree(pages.path(name).parent, tmp_path / "page")
    export_png(tmp_path / "page/report.html", find_browser())
    drawn = sorted((tmp_path / "page/figures").glob("*.svg"))
    assert len(drawn) > 9
    for path in drawn:
        with Image.open(path.with_suffix(".png")) as image:
            assert image.width == 1400
            assert len(image.getcolors(maxcolors=1 << 20) or []) > 9
    drawn[0].with_name("99-not-on-the-page.svg").touch()
    with pytest.raises(RunError, match=r"did not draw 99-not-on-the-page\.png"):
        export_png(tmp_path / "page/report.html", find_browser())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_project(tmp_path, nb_00_data_quality=small_notebook(code("1 + 1")))


def ewm(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


@needs_browser
@pytest.mark.parametrize("kind", ["pdf", "docx", "pptx"])
def test_every_page_has_its_document_and_a_link_to_it(project: Path, kind: str) -> None:
    ewm("run", "--locale", "de")
    assert not list(project.rglob(f"report.{kind}"))
    ewm("run", "--locale", "de", f"--{kind}")
    pages = list(project.rglob("report.html"))
    assert all(page.with_name(f"report.{kind}").is_file() for page in pages)
    assert all(f'href="report.{kind}"' in page.read_text("utf-8") for page in pages)
    assert "up to date" in ewm("run", "--locale", "de", f"--{kind}")
    first, *_ = project.rglob(f"report.{kind}")
    first.write_bytes(first.read_bytes()[:999])
    ewm("run", "--locale", "de", f"--{kind}")
    assert first.stat().st_size > 999
    ewm("verify")
    ewm("publish", "--to", str(project / "public"))
    assert {*(project / "public").rglob(f"report.{kind}")}


def test_without_browser_a_sentence_says_so_and_nothing_else_fails(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWM_BROWSER", "no-such-browser")
    said = " ".join(ewm("run", "--locale", "de", "--pdf").split())
    told = "No PDF, DOCX, PPTX, PNG was made: no-such-browser was not found. Install Chromium"
    assert told in said
    assert list(project.rglob("report.html"))


def test_browser_is_looked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EWM_BROWSER", "no-such-browser")
    with pytest.raises(MissingDataError, match="no-such-browser was not found"):
        find_browser()
    monkeypatch.setenv("EWM_BROWSER", sys.executable)
    assert find_browser() == sys.executable


def test_browser_that_fails_is_told_and_leaves_the_last_pdf(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("<h1>Bericht</h1>", "utf-8")
    (tmp_path / "report.pdf").write_bytes(b"old")
    with pytest.raises(RunError, match="did not print"):
        export_pdf(tmp_path / "report.html", sys.executable)
    assert (tmp_path / "report.pdf").read_bytes() == b"old"
