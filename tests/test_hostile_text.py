"""Whatever stands in a title, a label or a commentary is shown as text, and nothing of it runs."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from exported_pages import EXAMPLE, REPORT, ROOT
from playwright.sync_api import Browser
from test_browser import browser

from ewm_analysis.batch import execute_runs, plan_runs
from ewm_analysis.loaders import open_dataset

__all__ = ["browser"]

SCRIPT = "<script>window.hit=1</script><img src=x onerror='window.hit=1'>"
FORMULA = "=cmd|' /C calc'!A0"
BACKWARDS = "\u202egpj.exe"
LONG = "Donaudampfschifffahrt" * 480


def label(dimension: str, category: str, text: str, path: Path) -> None:
    """Put a text in the place of a label."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        if (row["dimension"], row["category"]) == (dimension, category):
            row["label_de"] = row["label_en"] = text
            break
    else:
        raise AssertionError(category)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the annual report made from hostile words."""
    root = tmp_path_factory.mktemp("hostile")
    for name in ("reference", EXAMPLE):
        shutil.copytree(ROOT / "data" / name, root / "data" / name)
    (root / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / f"{REPORT}.ipynb", root / "notebooks")
    own = root / "data" / EXAMPLE
    categories = root / "data" / "reference" / "categories.csv"
    label("technology", "ai", SCRIPT, categories)
    label("technology", "iot", FORMULA, categories)
    label("technology", "blockchain", BACKWARDS, categories)
    descriptor = json.loads((own / "datapackage.json").read_text("utf-8"))
    descriptor["title_de"] = f"Satz \"{SCRIPT}\" & 'mehr'"
    (own / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    words = own / "commentary" / "2021"
    words.mkdir(parents=True)
    (words / "imk.de.md").write_text(
        f"# year\n\n{SCRIPT}\n\n[hier](javascript:window.hit=1) {BACKWARDS}\n\n{LONG}\n", "utf-8"
    )
    runs = plan_runs(
        [open_dataset(own)], root, root / "outputs", years=[2021], clusters=["imk"],
        notebooks=[REPORT], locales=["de"],
    )  # fmt: skip
    (result,) = execute_runs(runs, root, root / "outputs")
    assert not result.error
    return result.run.folder


def test_nothing_runs_and_all_is_shown_as_text(folder: Path, browser: Browser) -> None:
    for path in (folder / "report.html", folder.parents[4] / "index.html"):
        page = browser.new_page(viewport={"width": 320, "height": 640})
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("dialog", lambda dialog, said=said: said.append(dialog.message))
        page.goto(path.as_uri())
        assert page.evaluate("window.hit") is None
        assert said == []
        assert page.locator("main img, main script:not([type])").count() == 0
        assert page.locator("a[href^='javascript']").count() == 0
        assert "<script>window.hit=1</script>" in page.content().replace("&lt;", "<").replace(
            "&gt;", ">"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.close()


def test_files_hold_texts_and_no_formulas(folder: Path) -> None:
    cells = [
        cell
        for path in folder.rglob("*.csv")
        for row in csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";")
        for cell in row
    ]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert not [cell.coordinate for cell in found if cell.data_type == "f"]
    assert any(cell.value == FORMULA for cell in found)
