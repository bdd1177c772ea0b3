"""A real JupyterLab in a browser: the report shows its figures, the explorer follows."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from small_project import shown as shown_output
from small_project import small_notebook
from test_browser import browser

from ewm_analysis.notebook.showing import data_uri

__all__ = ["browser"]

ROOT = Path(__file__).parents[1]
REPORT, EXPLORER = "10_annual_report.ipynb", "exploration/explore.ipynb"
SECONDS = 90
"""Longest time that a server, a notebook or a figure may take."""
POLL = 500
"""Milliseconds between two looks; the browser's own measure is each picture it draws."""
OWN_FOLDERS = (
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/status", timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text('utf-8')}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """Return the address of a server that works on copies of the notebooks; without a browser,
    none is started."""
    folder = tmp_path_factory.mktemp("lab")
    project = folder / "project"
    (project / "notebooks" / "exploration").mkdir(parents=True)
    (project / "data").symlink_to(ROOT / "data", target_is_directory=True)
    for name in (REPORT, EXPLORER):
        # the example has records, from which every figure of the report can be drawn
        source = (ROOT / "notebooks" / name).read_text("utf-8")
        copied = source.replace("data/capital-region", "data/example")
        (project / "notebooks" / name).write_text(copied, "utf-8")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><path d="M0 0h4v1z"/></svg>'
    html = f'<figure><img class="ewm-picture" alt="Ein Satz." src="{data_uri(svg)}"></figure>'
    nbformat.write(small_notebook(shown_output({"text/html": html})), project / "executed.ipynb")
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={project}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    own = {name: str(folder / name) for name in OWN_FOLDERS}
    log = folder / "server.log"
    with log.open("wb") as written:
        server = subprocess.Popen(
            command, env=os.environ | own, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        wait_until_up(url, server, log)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=SECONDS)


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One reader: what JupyterLab consists of is loaded once."""
    opened = browser.new_context(viewport={"width": 1400, "height": 1000})
    opened.set_default_timeout(SECONDS * 1000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    yield opened
    opened.close()


def run_all(page: Page, lab: str, notebook: str) -> None:
    """Open a notebook and run all its cells, as a reader does."""
    page.goto(f"{lab}/lab/tree/notebooks/{notebook}?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    wait_for_kernel(page)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    page.locator(".jp-CodeCell .jp-InputPrompt", has_text=re.compile(r"\[\d+\]")).first.wait_for()


def wait_for_kernel(page: Page) -> None:
    """The notebook's own sign is green before there is a kernel; the status bar knows its name."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()


def test_annual_report_shows_its_figures(page: Page, lab: str) -> None:
    run_all(page, lab, REPORT)
    page.wait_for_function(
        "() => { const cells = document.querySelectorAll('.jp-Notebook .jp-Cell');"
        "cells[cells.length - 1].scrollIntoView();"
        "return cells[cells.length - 1].querySelector('.ewm-table') !== null; }",
        polling=POLL,
    )
    # cells out of sight are drawn when they are scrolled to
    figures: set[str] = set()
    for cell in page.locator(".jp-Notebook .jp-Cell").all():
        cell.scroll_into_view_if_needed()
        figures.update(
            each.get_attribute("alt") or "" for each in cell.locator("img.ewm-picture").all()
        )
        assert cell.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
        assert cell.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert len(figures) > 9


def test_pictures_are_seen_in_a_notebook_that_is_not_trusted(page: Page, lab: str) -> None:
    """As one that a batch has executed; drawn SVG and scripts are left out there."""
    page.goto(f"{lab}/lab/tree/executed.ipynb?reset")
    picture = page.locator(".jp-OutputArea img[alt='Ein Satz.']")
    picture.wait_for()
    assert picture.evaluate("each => each.decode().then(() => each.clientWidth)") > 300


def test_explorer_follows_its_widgets(page: Page, lab: str) -> None:
    run_all(page, lab, EXPLORER)
    explorer = page.locator(".ewm-explorer")
    explorer.locator(".ewm-picture svg").wait_for()
    wait_for_kernel(page)
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    first = shown(page)
    explorer.get_by_label("Gliederung").select_option(label="Fördermittelgeber")
    second = changed(page, first)
    assert "Bund" in second[0]
    last_year = explorer.locator(".noUi-handle").last
    last_year.focus()
    last_year.press("ArrowLeft")
    third = changed(page, second)
    assert "2020" in third[1]
    explorer.get_by_role("button", name="Karte").click()
    fourth = changed(page, third)
    assert "Potsdam" in fourth[0]
    assert explorer.get_by_label("Indikator").is_disabled()


def shown(page: Page) -> tuple[str, str, str]:
    """Return the chart, the sentence and the table that the explorer shows."""
    parts = (".ewm-picture svg", ".ewm-sentence", ".ewm-table")
    chart, sentence, table = (page.locator(f".ewm-explorer {part}") for part in parts)
    return chart.inner_html(), sentence.inner_text(), table.inner_text()


def changed(page: Page, before: tuple[str, str, str]) -> tuple[str, str, str]:
    """Wait until another sentence stands there; chart and table must be others, too."""
    page.wait_for_function(
        "said => { const now = document.querySelector('.ewm-explorer .ewm-sentence');"
        "return now && now.innerText !== said; }",
        arg=before[1],
        polling=POLL,
    )
    after = shown(page)
    assert after[0] != before[0]
    assert after[2] != before[2]
    return after
