"""A further language is a row: what it has words for is said in it, the rest in English."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest

import ewm_analysis
from ewm_analysis.catalogue import named
from ewm_analysis.l10n import LOCALES, in_language
from ewm_analysis.l10n.sentences import LANGUAGES, language_name, messages
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


ASK = """
import json, sys
from typer.testing import CliRunner
from ewm_analysis.cli import app

for line in sys.stdin:
    answer = CliRunner().invoke(app, json.loads(line))
    print(json.dumps((answer.exit_code, answer.stdout, answer.stderr)), flush=True)
"""


class Answer(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    error: str


@contextmanager
def command_in(folder: Path) -> Iterator[Callable[[str], Answer]]:
    """Yield the command of the package in a folder: one process that takes line by line."""
    process = subprocess.Popen(
        [sys.executable, "-c", ASK],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ewm(command: str) -> Answer:
        assert process.stdin
        assert process.stdout
        print(json.dumps(shlex.split(command)), file=process.stdin, flush=True)
        return Answer(*json.loads(process.stdout.readline()))

    with process:
        yield ewm


@pytest.fixture(scope="module")
def dutch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that also speaks some Dutch, and a project with a Dutch heading."""
    folder = tmp_path_factory.mktemp("dutch")
    home = Path(ewm_analysis.__file__).parent
    shutil.copytree(home, folder / "ewm_analysis")
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


@pytest.fixture(scope="module")
def answers(dutch: Path) -> dict[str, Answer]:
    """What the command says, by its first word or two; a workbook of records lies there then."""
    source = "records-2021.xlsx"
    asked = {
        "run --help": "",
        "list": "--year 2021 --cluster imk",
        "run --locale": "xx",
        "template": f"{source} --year 2021",
    }
    with command_in(dutch) as ewm:
        known = {name: ewm(f"{name} {more}") for name, more in asked.items()}
        book = openpyxl.load_workbook(dutch / source)
        for line, amount in enumerate(("1.234,5", "1,234.5"), start=2):
            cells = (f"p{line}", "imk", "x", "ja", "nein", "started", amount)
            for column, value in enumerate(cells, start=1):
                book["Projekte"].cell(line, column, value)
        book.save(dutch / source)
        known["import"] = ewm(f"import workbook {source} --data set --locale nl")
        page = "--year 2021 --cluster imk --notebook 10_annual_report --locale nl"
        known["run"] = ewm(f"run --data data/example {page}")
    return known


def test_a_page_in_a_language_with_few_words(dutch: Path, answers: dict[str, Answer]) -> None:
    done = answers["run"]
    assert done.code == 0, done.out + done.error
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


def test_the_command_knows_the_language(answers: dict[str, Answer]) -> None:
    assert "de or en or nl; repeatable. Default: all." in answers["run --help"].out
    assert "de, en, nl" in answers["list"].out
    wrong = answers["run --locale"]
    assert wrong.code == 2
    assert "Allowed: de, en, nl." in wrong.error


def test_a_workbook_is_read_in_the_language_and_told_in_english(
    dutch: Path, answers: dict[str, Answer]
) -> None:
    assert answers["template"].out
    done = answers["import"]
    assert done.code == 1, done.error
    number = "Not a clear number as Dutch writes it. Allowed: 1234567 or 1.234.567,89, without unit"
    assert f"Projekte!G3: “1,234.5” – {number}" in done.out
    assert "Projekte!G2" not in done.out
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
