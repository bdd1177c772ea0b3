"""Names that become paths, and paths that must not become public."""

from __future__ import annotations

import getpass
import json
import re
import shutil
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REFERENCE, TABLES, write_dataset
from small_project import CLUSTER, YEAR, small_notebook, write_project

from ewm_analysis.batch import execute_runs, plan_runs, read_manifest
from ewm_analysis.errors import ContractError, MissingDataError, ParameterError
from ewm_analysis.loaders import open_dataset, resolve_data_dir
from ewm_analysis.notebook import start
from ewm_analysis.project import check_path_name

ROOT = Path(__file__).parents[1]

UNSAFE = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "/etc",
    "a\\b",
    "C:",
    "C:\\x",
    "a\0b",
    "a\nb",
    "\x7f",
    " a",
    "a ",
    "a.",
    ".hidden",
    "con",
    "CON",
    "nul.txt",
    "Com1",
    "lpt9",
    "aux .x",
    "a*",
    "a?",
    "a:b",
    "index.html",
    "x" * 101,
]
SAFE = ["capital-region", "example", "Daten 2022", "größer_1.2", "console", "com10", "_all"]


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_are_no_folder(name: str) -> None:
    with pytest.raises(ParameterError, match="cannot name a folder of results"):
        check_path_name("data", name)


@pytest.mark.parametrize("name", SAFE)
def test_names_that_are_folders_everywhere(name: str, tmp_path: Path) -> None:
    (tmp_path / check_path_name("data", name)).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", nb_10_report=small_notebook(takes=YEAR + CLUSTER))


@pytest.mark.parametrize("name", ["../outside", "nul", "a\0b", ""])
def test_a_data_set_of_an_unsafe_name_is_not_run(project: Path, name: str) -> None:
    data_set = replace(open_dataset(project / "data" / "example"), name=name)
    with pytest.raises(ParameterError, match=r"data: .* cannot name a folder"):
        plan_runs([data_set], project, project / "outputs")


def test_a_cluster_of_a_reserved_name_is_not_run(tmp_path: Path) -> None:
    root = write_project(tmp_path, nb_10_report=small_notebook(takes=YEAR + CLUSTER))
    changes = {
        "reference/clusters.csv": REFERENCE["reference/clusters.csv"].replace("imk,", "nul,"),
        **{name: text.replace("imk", "nul") for name, text in TABLES.items() if "csv" in name},
        "commentary/2021/imk.de.md": None,
    }
    data_set = open_dataset(write_dataset(tmp_path / "data", changes))
    with pytest.raises(ParameterError, match="cluster: 'nul' cannot name a folder"):
        plan_runs([data_set], root, root / "outputs")


@pytest.mark.parametrize("cluster", ["../imk", "/imk", "imk/..", "IMK", "i mk", "_all"])
def test_a_cluster_id_is_no_path(tmp_path: Path, cluster: str) -> None:
    text = REFERENCE["reference/clusters.csv"] + f"{cluster},joint,bebb,a,a,a,a,9,\n"
    with pytest.raises(ContractError, match=re.escape("column cluster_id")):
        open_dataset(write_dataset(tmp_path, {"reference/clusters.csv": text}))


@pytest.mark.parametrize("cluster", ["../imk", "../../../etc/passwd", "imk\0", "_all"])
def test_a_page_is_of_a_known_cluster(dataset_path: Path, cluster: str) -> None:
    with pytest.raises(ParameterError, match="cluster_id"):
        start(year=2021, cluster_id=cluster, data_dir=str(dataset_path))


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "data/../nowhere", "/dev/null", "~"])
def test_a_data_set_that_is_no_folder(path: str) -> None:
    with pytest.raises(MissingDataError, match="There is no data set"):
        resolve_data_dir(path)


# --- what a run leaves -------------------------------------------------------------------


def told_by(outputs: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(outputs.rglob("*")):
        if path.is_file() and path.suffix in {".html", ".json", ".ipynb", ".csv", ".svg"}:
            yield path.name, path.read_text("utf-8")
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield path.name, "".join(book.read(name).decode() for name in book.namelist())


def secrets_of_this_machine(root: Path) -> list[str]:
    words = [str(root), str(root.parent), str(ROOT), str(Path.home()) + "/", socket.gethostname()]
    return [*words, f"/{getpass.getuser()}/"]


def run(project: Path, data: Path) -> Path:
    runs = plan_runs([open_dataset(data)], project, project / "outputs", years=[2020])
    results = execute_runs([runs[0]], project, project / "outputs", jobs=1)
    assert [result.error for result in results] == [""]
    return runs[0].folder


def test_outputs_name_no_user_host_or_folder_of_the_machine(project: Path) -> None:
    folder = run(project, project / "data" / "example")
    for name, text in told_by(folder):
        for secret in secrets_of_this_machine(project):
            assert secret not in text, f"{name} tells {secret}"


def test_data_from_elsewhere_are_named_not_located(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "private" / "records"
    shutil.copytree(project / "data" / "example", elsewhere)
    folder = run(project, elsewhere)
    manifest = read_manifest(folder)
    assert manifest.parameters["data_dir"] == "records"
    assert "records/published/figures.csv" in manifest.inputs
    for name, text in told_by(folder):
        if name != "executed.ipynb":  # repeats what was run, with its parameters
            assert "private" not in text, name
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["page"]["parameters"]
