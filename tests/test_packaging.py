"""The wheel and `ewm init`: a user needs no clone, and no record ever leaves one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ewm_analysis import project
from ewm_analysis.cli import app
from ewm_analysis.errors import MissingDataError

ROOT = Path(__file__).parents[1]
SHIPPED = "ewm_analysis/scaffold/"
OWN = {"README.md", ".gitignore"}
"""Files of a project that have no counterpart at the top of the repository."""

PRIVATE = (
    "data/capital-region/records/2021/projects.csv",
    "data/capital-region/originals/2021/records.xlsx",
    "data/capital-region/corrections.csv",
    "data/capital-region/actor_merges.csv",
    "data/mine/datapackage.json",
    "data/mine/records/2021/actors.csv",
    "notebooks/.ipynb_checkpoints/10_annual_report-checkpoint.ipynb",
    "outputs/index.html",
)
"""What may lie in somebody's clone and belongs to nobody else."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in use: beside the files of the repository lie confidential ones."""
    copy = tmp_path_factory.mktemp("clone")
    junk = shutil.ignore_patterns("__pycache__", "records", "originals", ".ipynb_checkpoints")
    for folder in ("ewm_analysis", "notebooks", "data"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=junk)
    shutil.copytree(ROOT / "data/example/records", copy / "data/example/records")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, copy)
    for name in PRIVATE:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("confidential")
    return copy


@pytest.fixture(scope="module")
def built(clone: Path) -> dict[str, Path]:
    return {suffix: build(clone, kind) for kind, suffix in (("wheel", "whl"), ("sdist", "gz"))}


def build(source: Path, kind: str) -> Path:
    # The backend itself, as installed: nothing is fetched.
    words = ["build", "--target", kind, str(source / "dist" / kind)]
    call = [sys.executable, "-m", "hatchling", *words[:3], "--directory", words[3]]
    done = subprocess.run(call, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower()
    (made,) = (source / "dist" / kind).iterdir()
    return made


def names_in_wheel(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_holds_every_file_of_the_package(built: dict[str, Path]) -> None:
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "ewm_analysis").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = names_in_wheel(built["whl"])
    assert package <= names
    for needed in ("l10n/messages/notebook.toml", "report/templates/ewm/ewm.css", "py.typed"):
        assert f"ewm_analysis/{needed}" in names
    assert {name.partition("/")[0] for name in names} == {
        "ewm_analysis",
        built["whl"].name.removesuffix("-py3-none-any.whl") + ".dist-info",
    }


def test_wheel_holds_what_a_project_starts_with(built: dict[str, Path]) -> None:
    shipped = {
        name.removeprefix(SHIPPED)
        for name in names_in_wheel(built["whl"])
        if name.startswith((f"{SHIPPED}data/", f"{SHIPPED}notebooks/"))
    }
    assert shipped == project.starter_files().keys() - OWN
    for needed in (
        "notebooks/10_annual_report.ipynb",
        "data/README.md",
        "data/reference/clusters.csv",
        "data/example/records/2021/projects.csv",
        "data/capital-region/published/figures.csv",
        "data/capital-region/commentary/2021/imk.de.md",
    ):
        assert needed in shipped


def test_nothing_private_gets_out(
    clone: Path, built: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(built["gz"]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    names |= {name.removeprefix(SHIPPED) for name in names_in_wheel(built["whl"])}
    monkeypatch.setattr(project, "SCAFFOLD", clone / "ewm_analysis" / "scaffold")
    assert "data/example/records/2021/projects.csv" in names & project.starter_files().keys()
    assert names.isdisjoint(PRIVATE)
    assert project.starter_files().keys().isdisjoint(PRIVATE)


def test_wheel_from_the_sdist_is_the_same(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["gz"]) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert build(source, "wheel").read_bytes() == built["whl"].read_bytes()


def test_installed_elsewhere_it_makes_a_project_and_its_report(
    built: dict[str, Path], tmp_path: Path
) -> None:
    target, away = tmp_path / "installed", tmp_path / "away"
    away.mkdir()
    install = ["uv", "pip", "install", "--no-config", "--offline", "--no-deps"]
    place = ["--python", sys.executable, "--target", str(target)]
    subprocess.run([sys.executable, "-m", *install, *place, str(built["whl"])], check=True)

    def ewm(*words: str, cwd: Path = away) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(target / "bin" / "ewm"), *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(target)},
            capture_output=True,
            text=True,
            check=False,
        )

    outside = ewm("run")
    assert outside.returncode == 1
    assert "'ewm init FOLDER' lays out a new one" in outside.stderr
    assert ewm("init", "demo").returncode == 0
    demo = away / "demo"
    words = "run --year 2021 --cluster imk --notebook 10_annual_report --locale de"
    done = ewm(*words.split(), "--data", "data/example", cwd=demo)
    assert done.returncode == 0, done.stdout + done.stderr
    page = demo / "outputs/example/2021/imk/10_annual_report/de/report.html"
    assert "IKT, Medien und Kreativwirtschaft" in page.read_text("utf-8")
    assert str(ROOT) not in (page.parent / "executed.ipynb").read_text("utf-8")
    assert not any((target / "ewm_analysis" / "scaffold").glob("outputs*"))


def test_outside_any_project_data_come_from_the_package(
    built: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipfile.ZipFile(built["whl"]).extractall(tmp_path / "installed")
    monkeypatch.setattr(project, "SCAFFOLD", tmp_path / "installed" / SHIPPED)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingDataError, match="'ewm init FOLDER' lays out a new one"):
        project.find_project()
    reference = tmp_path / "installed" / SHIPPED / "data" / "reference"
    assert project.resolve_data_dir("data/reference") == reference


def test_init_writes_a_project_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(app, ["init", "demo"])
    assert answer.exit_code == 0
    demo = tmp_path / "demo"
    written = {path.relative_to(demo).as_posix() for path in demo.rglob("*") if path.is_file()}
    assert written == project.starter_files().keys() | {"outputs/.gitkeep"}
    source = (ROOT / "notebooks/10_annual_report.ipynb").read_bytes()
    assert (demo / "notebooks/10_annual_report.ipynb").read_bytes() == source
    monkeypatch.chdir(demo / "data" / "example")
    assert project.find_project() == demo


def test_git_keeps_records_out_of_a_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # a repository that holds nothing yet
    assert CliRunner().invoke(app, ["init", str(tmp_path)]).exit_code == 0
    shutil.rmtree(tmp_path / ".git")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    secret = {name for name in PRIVATE if name != "data/mine/datapackage.json"}
    secret |= {"records-2022.xlsx", "outputs-internal/index.html"}
    public = {"data/example/records/2021/projects.csv", "outputs/.gitkeep", "README.md"}
    ask = ["git", "check-ignore", "--no-index", *secret, *public]
    answer = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(answer.stdout.splitlines()) == secret


def test_init_refuses_a_folder_in_use(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    answer = CliRunner().invoke(app, ["init", str(tmp_path)])
    assert answer.exit_code == 2
    assert "is not empty; name a new folder or an empty one" in answer.output
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_init_on_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    answer = CliRunner().invoke(app, ["init", str(tmp_path / "letter.txt")])
    assert answer.exit_code == 2
    assert "cannot be written: File exists" in answer.output


@pytest.mark.parametrize(("folder", "is_set_up"), [("here", True), ("elsewhere", False)])
def test_a_clone_that_was_moved_is_set_up_anew(
    tmp_path: Path, folder: str, is_set_up: bool
) -> None:
    here = tmp_path / "here"
    stamp = here / ".venv" / ".installed"
    stamp.parent.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, here)
    stamp.write_text(f"{tmp_path.resolve() / folder}\n")
    told = subprocess.run(
        ["make", "--dry-run", "report"], cwd=here, capture_output=True, text=True, check=True
    ).stdout
    assert ("Setting up" not in told) is is_set_up
    assert "ewm run" in told


def test_the_lists_of_versions_agree_and_have_hashes() -> None:
    report, tests = (
        (ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements-dev.lock")
    )
    pins = re.compile(r"^(\S+==\S+)(?: ;[^\\]+)? \\\n +--hash=sha256:", re.MULTILINE)
    listed = re.compile(r"^(?!#)\S+", re.MULTILINE)
    for text in (report, tests):
        assert pins.findall(text) == listed.findall(text)
    assert {*pins.findall(report)} < {*pins.findall(tests)}
