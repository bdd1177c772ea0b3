"""Figures of a new report: into a data set, with its own sources beside the shared ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ewm_analysis.cli import app
from ewm_analysis.errors import ContractError
from ewm_analysis.intake import import_published
from ewm_analysis.loaders import load_reference, open_dataset

HEADER = Path("data/capital-region/published/figures.csv").read_text("utf-8").splitlines()[0]
FIGURES = f"""\
{HEADER}
2022,imk,bebb,projects_new,,,,1,48,count,exact,false,imk_2022,p. 8,
2022,imk,bebb,projects_new_share,status,application,,1,0.125,fraction,exact,false,imk_2022,p. 8,
"""
SOURCES = """\
source_id,title,publisher,published,url,licence
imk_2022,Jahresbericht 2022,Ein Haus,2023,,
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    hidden = shutil.ignore_patterns("records", "originals")
    shutil.copytree("data/capital-region", tmp_path / "set", ignore=hidden)
    return tmp_path / "set"


@pytest.fixture
def sent(tmp_path: Path) -> list[Path]:
    for name, text in (("figures.csv", FIGURES), ("sources.csv", SOURCES)):
        (tmp_path / name).write_text(text, "utf-8")
    return [tmp_path / "figures.csv", tmp_path / "sources.csv"]


def test_a_report_comes_in_beside_what_is_printed_already(data: Path, sent: list[Path]) -> None:
    before = open_dataset(data)
    command = ["import", "published", sent[0], "--sources", sent[1], "--data", data]
    result = CliRunner().invoke(app, [*map(str, command)])
    assert result.exit_code == 0, result.output
    after = open_dataset(data)
    assert len(after.published) == len(before.published) + 2
    own = (data / "reference/sources.csv").read_text("utf-8")
    assert own == SOURCES  # the shared ones stay where they are
    assert {*after.reference.sources["source_id"]} == {
        *before.reference.sources["source_id"],
        "imk_2022",
    }
    once = (data / "published/figures.csv").read_bytes()
    assert import_published(sent[0], data)["replaced"] == 2
    assert (data / "published/figures.csv").read_bytes() == once


def test_an_own_source_takes_the_place_of_the_shared_one(data: Path) -> None:
    (data / "reference").mkdir()
    (data / "reference/sources.csv").write_text(SOURCES.replace("imk_2022", "imk_2021"), "utf-8")
    table = load_reference(Path("data/reference"), data / "reference").sources
    assert table["source_id"].is_unique
    assert table.set_index("source_id").loc["imk_2021", "publisher"] == "Ein Haus"
    assert len(table) == len(load_reference(Path("data/reference")).sources)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",48,count", ",48 ,count", "figures.csv, line 2, column value"),
        ("projects_new_share", "projects_new_shares", "figures.csv, line 3, column indicator"),
        ("0.125,fraction", "0.125,count", "figures.csv, line 3, column unit"),
        ("imk_2022,p. 8", "imk_2023,p. 8", "figures.csv, line 2, column source_id"),
        ("2022,imk,bebb,projects_new,", "2021,imk,bebb,projects_new,", "line 2, column mention"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_nothing_comes_in(
    old: str, new: str, told: str, data: Path, sent: list[Path]
) -> None:
    assert old in FIGURES
    sent[0].write_text(FIGURES.replace(old, new), "utf-8")
    before = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    with pytest.raises(ContractError, match=told):
        import_published(*[sent[0], data, sent[1]])
    assert {file: file.read_bytes() for file in data.rglob("*") if file.is_file()} == before
