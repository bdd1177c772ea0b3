"""Outputs heal: what is missing, cut or emptied is made again by the next run, as it was."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_project import CLUSTER, YEAR, code, small_notebook, write_project
from test_report import figure, table
from typer.testing import CliRunner, Result

from ewm_analysis.cli import app

PAGES = [
    f"example/2021/{cluster}/10_annual_report/{locale}"
    for cluster, locale in (("imk", "de"), ("imk", "en"), ("gw", "de"))
]
OF_A_PAGE = {
    "HTML": "report.html",
    "notebook": "executed.ipynb",
    "manifest": "manifest.json",
    "XLSX": "tables.xlsx",
    "SVG": "figures/01-projects.svg",
    "CSV": "tables/01-actors.csv",
}
BESIDE = {
    "Parquet": "example/indicators.parquet",
    "index": "index.html",
    "index in English": "index.en.html",
    "hashes": "SHA256SUMS",
}
KINDS = {kind: f"{PAGES[0]}/{name}" for kind, name in OF_A_PAGE.items()} | BESIDE
BY_TIME = {"manifest.json", "executed.ipynb", ".state.json", ".lock"}
"""Files that tell when they were made."""


def ewm(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, words)


def contents(outputs: Path) -> dict[str, bytes]:
    """What a clean run leaves; of what tells its time only that it is there."""
    return {
        path.relative_to(outputs).as_posix(): b"" if path.name in BY_TIME else path.read_bytes()
        for path in sorted(outputs.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a page of each kind of file, run once."""
    cells = [code(f"display({bundle!r}, raw=True)") for bundle in (figure(), table())]
    notebook = small_notebook(*cells, takes=YEAR + CLUSTER)
    return write_project(tmp_path_factory.mktemp("heals"), nb_10_annual_report=notebook)


@pytest.fixture(scope="module")
def clean(project: Path) -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        assert ewm("run").exit_code == 0
    return contents(project / "outputs")


@pytest.fixture
def outputs(project: Path, clean: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    """As each test leaves them that passes; after one that fails all is made anew."""
    monkeypatch.chdir(project)
    if contents(project / "outputs") != clean or ewm("verify").exit_code:
        assert ewm("run", "--force").exit_code == 0
    return project / "outputs"


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


DAMAGE = (emptied, cut, Path.unlink)


@pytest.mark.parametrize("kind", OF_A_PAGE)
def test_the_next_run_makes_again_each_page_that_is_damaged(
    outputs: Path, clean: dict[str, bytes], kind: str
) -> None:
    """Each of three pages in another way."""
    damaged = [f"{page}/{OF_A_PAGE[kind]}" for page in PAGES]
    for place, damage in zip(damaged, DAMAGE, strict=True):
        damage(outputs / place)
    told = check_healed(outputs, clean, damaged)
    assert "[3/3]" in told  # nothing else was made again


@pytest.mark.parametrize("kind", BESIDE)
@pytest.mark.parametrize("damage", DAMAGE)
def test_the_next_run_makes_again_what_stands_beside_pages(
    outputs: Path, clean: dict[str, bytes], kind: str, damage: Callable[[Path], None]
) -> None:
    damage(outputs / BESIDE[kind])
    assert "[2/" not in check_healed(outputs, clean, [BESIDE[kind]])


def check_healed(outputs: Path, clean: dict[str, bytes], damaged: list[str]) -> str:
    """Run; check that all is as it was, and that what was damaged is told. Return what is said."""
    again = ewm("run")
    assert again.exit_code == 0
    assert "Missing or damaged, made again:" in again.output
    assert [place for place in damaged if place not in again.output] == []
    assert contents(outputs) == clean
    assert ewm("verify").exit_code == 0
    assert "Everything is up to date" in ewm("run").output
    return again.output


@pytest.mark.parametrize("kind", KINDS)
def test_verify_finds_one_flipped_bit_and_names_what_renews(
    outputs: Path, clean: dict[str, bytes], kind: str
) -> None:
    flipped(outputs / KINDS[kind])
    found = ewm("verify")
    assert found.exit_code == 1
    # Of the hashes themselves the file is named that is not as they say.
    assert (KINDS[kind] if kind != "hashes" else "index") in found.output
    command = found.output.strip().splitlines()[-1].strip()
    for each in command.split(" && "):
        first, *words = shlex.split(each)
        if first == "rm":
            Path(words[-1]).unlink(missing_ok="-f" in words)
        else:
            assert ewm(*words).exit_code == 0
    assert contents(outputs) == clean
    assert ewm("verify").exit_code == 0


def test_nothing_due_is_a_matter_of_looks(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("data are loaded")

    monkeypatch.setattr("ewm_analysis.loaders.open_dataset", refused)
    begin = time.perf_counter()
    assert "Everything is up to date" in ewm("run").output
    assert time.perf_counter() - begin < 2
