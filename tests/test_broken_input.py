"""A broken cell in the real layout: the command names file, line, column, value and what goes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from exported_pages import EXAMPLE, ROOT
from typer.testing import CliRunner

from ewm_analysis.cli import app

FIGURES, PROJECTS = "published/figures.csv", "records/2021/projects.csv"
PARTICIPATIONS = "records/2021/participations.csv"
Change = Callable[[str], str]


def cell(column: str, value: str, line: int = 2) -> Change:
    """Put a value into a cell; the header is line 1, and no earlier cell holds a comma."""

    def change(text: str) -> str:
        lines = text.splitlines()
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[line - 1] = ",".join(cells)
        return "\n".join(lines) + "\n"

    return change


def repeated(text: str) -> str:
    """Repeat the first row at the end."""
    return text + text.splitlines()[1] + "\n"


def misspelt(column: str) -> Change:
    """Misspell a name in the header."""
    return lambda text: text.replace(column, f"{column}s", 1)


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """The example of one year, beside the reference tables."""
    source = ROOT / "data"
    shutil.copytree(source / "reference", tmp_path / "reference")
    years = shutil.ignore_patterns("2018", "2019", "2020")
    shutil.copytree(source / EXAMPLE, tmp_path / EXAMPLE, ignore=years)
    return tmp_path / EXAMPLE


PROJECT = f"{EXAMPLE}/{PROJECTS}, line 2, column"


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        (
            FIGURES,
            cell("cluster_id", "ikm"),
            [f"{EXAMPLE}/{FIGURES}, line 2, column cluster_id: 'ikm' — is not a cluster_id"],
        ),
        (
            PROJECTS,
            cell("volume_eur", '"1.234,5"'),
            [f"{PROJECT} volume_eur: '1.234,5' — must be a number such as 1234.5"],
        ),
        (
            PROJECTS,
            misspelt("funder"),
            [
                f"{EXAMPLE}/{PROJECTS}, line 1, column funders: is not a column of projects. "
                "Did you mean 'funder'?",
                f"{EXAMPLE}/{PROJECTS}, line 1, column funder: the column is missing",
            ],
        ),
        (
            FIGURES,
            repeated,
            [f"{EXAMPLE}/{FIGURES}, line 59, column year, cluster_id, region, indicator"],
        ),
        (
            PARTICIPATIONS,
            cell("actor_id", "nobody"),
            [f"{EXAMPLE}/{PARTICIPATIONS}, line 2, column actor_id: 'nobody' — is not an actor_id"],
        ),
        (
            PROJECTS,
            cell("volume_eur", "-5"),
            [
                f"{PROJECT} volume_eur: '-5' — must be at least 0",
                f"{PROJECT} volume_region_eur: ",
                f"{PROJECT} funding_eur: ",
            ],
        ),
        (
            PROJECTS,
            cell("funding_eur", "999999999999"),
            [f"{PROJECT} funding_eur: '999999999999' — at most volume_eur is allowed"],
        ),
    ],
    ids=["code", "number", "header", "key", "foreign key", "negative", "funding above volume"],
)
def test_each_failure_is_one_line_that_says_where_and_what(
    data_set: Path, file: str, change: Change, said: Sequence[str]
) -> None:
    path = data_set / file
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    answer = CliRunner().invoke(app, ["run", "--data", str(data_set)])
    assert isinstance(answer.exception, SystemExit)
    assert answer.exit_code == 1
    head, *lines = answer.output.splitlines()
    assert head == f"ewm: {len(said)} failure{'s' if len(said) > 1 else ''}"
    assert [
        line for line, start in zip(lines, said, strict=True) if not line.startswith(start)
    ] == []


def test_all_failures_of_all_files_are_told_at_once_and_without_a_traceback(data_set: Path) -> None:
    for file, change in {
        FIGURES: cell("value", "n/a"),
        PROJECTS: cell("volume_eur", '"1.234,5"'),
        PARTICIPATIONS: cell("year", "2O21"),
    }.items():
        (data_set / file).write_text(change((data_set / file).read_text("utf-8")), "utf-8")
    command = [sys.executable, "-c", "from ewm_analysis.cli import app; app()", "run", "--data"]
    answer = subprocess.run(
        [*command, str(data_set)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert {line.split(",")[0] for line in answer.stderr.splitlines()[1:]} == {
        f"{EXAMPLE}/{file}" for file in (FIGURES, PROJECTS, PARTICIPATIONS)
    }
