"""A further language is a row: what it has words for is said in it, the rest in English."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import ewm_analysis
from ewm_analysis.catalogue import named
from ewm_analysis.l10n import LOCALES, in_language
from ewm_analysis.l10n.languages import LANGUAGES, language_name
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.report.page import locale_part

ROOT = Path(__file__).parents[1]

DUTCH = """
[nl]
name = "Nederlands"
babel = "nl_NL"
"""

WORDS = """
[notebook.title]
annual_report = { nl = "Jaarverslag {year}: {cluster}" }

[notebook.label]
figure = { nl = "Afb. {number}" }

[report]
all_reports = { nl = "Alle verslagen" }
"""


def ewm(*words: str, package: Path, project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from ewm_analysis.cli import app; app()", *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def dutch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that also speaks some Dutch, and a project with a Dutch heading."""
    folder = tmp_path_factory.mktemp("dutch")
    home = Path(ewm_analysis.__file__).parent
    shutil.copytree(home, folder / "ewm_analysis", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("example", "reference"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    with (folder / "ewm_analysis" / "l10n" / "languages.toml").open("a", encoding="utf-8") as file:
        file.write(DUTCH)
    (folder / "ewm_analysis/l10n/messages/dutch.toml").write_text(WORDS, "utf-8")
    path = folder / "notebooks" / "10_annual_report.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    heading = next(
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown" and "## " in "".join(cell["source"])
    )
    heading["source"] = [
        "".join(heading["source"]) + "\n<!-- nl -->\n## Hoofdstuk in het Nederlands"
    ]
    path.write_text(json.dumps(notebook), "utf-8")
    return folder


def test_a_page_in_a_language_with_few_words(dutch: Path) -> None:
    options = ("--year", "2021", "--cluster", "imk", "--notebook", "10_annual_report")
    done = ewm("run", *options, "--locale", "nl", package=dutch, project=dutch)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = dutch / "outputs/example/2021/imk/10_annual_report/nl"
    page = (folder / "report.html").read_text("utf-8")
    assert '<html lang="nl"' in page
    assert "<title>Jaarverslag 2021: " in page
    assert "Afb. 1" in page
    assert "Hoofdstuk in het Nederlands" in page
    assert "Alle verslagen" in page
    # What has no Dutch words is said in English, and numbers as the Dutch write them.
    assert "New projects by status" in page
    assert "New projects by guideline" in page or "guideline" in page
    assert "Neu initiierte Projekte nach Status" not in page
    assert "161,5" in page
    assert (dutch / "outputs" / "index.nl.html").is_file()


def test_the_command_knows_the_language(dutch: Path) -> None:
    told = ewm("run", "--help", package=dutch, project=dutch).stdout
    assert "de or en or nl; repeatable. Default: all." in told
    plan = ewm("list", "--year", "2021", "--cluster", "imk", package=dutch, project=dutch)
    assert "de, en, nl" in plan.stdout
    wrong = ewm("run", "--locale", "xx", package=dutch, project=dutch)
    assert wrong.returncode == 2
    assert "Allowed: de, en, nl." in wrong.stderr


def test_a_workbook_is_read_in_the_language_and_told_in_english(dutch: Path) -> None:
    source = dutch / "records-2021.xlsx"
    assert ewm("template", source.name, "--year", "2021", package=dutch, project=dutch).stdout
    book = openpyxl.load_workbook(source)
    for line, amount in enumerate(("1.234,5", "1,234.5"), start=2):
        for column, value in enumerate((f"p{line}", "imk", "x", "ja", "nein", "started", amount)):
            book["Projekte"].cell(line, column + 1, value)
    book.save(source)
    options = ("--data", "set", "--locale", "nl")
    done = ewm("import", "workbook", source.name, *options, package=dutch, project=dutch)
    assert done.returncode == 1, done.stderr
    number = "No certain number as Dutch writes it. Allowed: 1234567 or 1.234.567,89, without unit"
    assert f"Projekte!G3: “1,234.5” – {number}" in done.stdout
    assert "Projekte!G2" not in done.stdout
    page = (dutch / "records-2021.report.html").read_text("utf-8")
    assert '<html lang="nl">' in page
    assert "Report on the import of 2021" in page


def test_every_message_is_said_in_known_languages_and_at_least_in_english() -> None:
    for key, words in messages().items():
        assert "en" in words, key
        assert words.keys() <= set(LANGUAGES), key


def test_german_is_complete() -> None:
    assert [key for key, words in messages().items() if "de" not in words] == []


def test_words_fall_back_to_english() -> None:
    words = {"de": "Projekte", "en": "projects"}
    assert [in_language(words, locale) for locale in ("de", "en", "nl")] == [
        "Projekte",
        "projects",
        "projects",
    ]
    table = pd.DataFrame({"label_de": ["A", "B"], "label_en": ["a", "b"], "label_nl": ["á", ""]})
    assert [*named(table, "label", "nl")] == ["á", "b"]
    assert [*named(table, "label", "fr")] == ["a", "b"]


def test_parts_of_a_cell_by_language() -> None:
    cell = "Eins\n<!-- en -->\nOne\n<!-- nl -->\nEen"
    assert [locale_part(cell, each) for each in ("de", "en", "nl", "fr")] == [
        "Eins",
        "One",
        "Een",
        "One",
    ]
    assert locale_part("![](picture.png)", "nl") == "![](picture.png)"


@pytest.mark.parametrize("locale", LOCALES)
def test_languages_are_named_in_each_other(locale: str) -> None:
    assert language_name(locale, locale) == LANGUAGES[locale].name
