"""The manifest: what a run was made from, with what, and what it left."""

from __future__ import annotations

import json
import platform
import subprocess
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ewm_analysis.batch.folders import MANIFEST
from ewm_analysis.batch.plan import Run
from ewm_analysis.errors import MissingDataError
from ewm_analysis.hashes import hashes, library_versions, package_sha256, sha256
from ewm_analysis.report.bundles import Contents, named


class Manifest(BaseModel):
    """Everything needed to tell a run from another, and to repeat it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["ok"]
    key: dict[str, str]
    notebook: str
    notebook_sha256: str
    parameters: dict[str, Any]
    page: dict[str, Any]
    shows: list[tuple[str, str]]
    cluster_label: str
    package_version: str
    package_sha256: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    libraries: dict[str, str]
    python: str
    git_commit: str | None
    started: str
    seconds: float


def make_manifest(
    run: Run, contents: Contents, folder: Path, root: Path, started: str, seconds: float
) -> Manifest:
    """Return the manifest of a run whose products lie in a folder.

    Parameters
    ----------
    run : Run
        What was run.
    contents : Contents
        What its page shows.
    folder : Path
        Its products, not yet moved into place.
    root : Path
        Folder of the project; files are named by their path below it.
    started : str
        Beginning, ISO 8601 in UTC.
    seconds : float
        Duration.
    """
    products = sorted(path for path in folder.rglob("*") if path.is_file())
    return Manifest(
        status="ok",
        key=dict(run.key),
        notebook=run.notebook.stem,
        notebook_sha256=sha256(run.notebook),
        parameters={**run.parameters, "data_dir": named(str(run.parameters["data_dir"]))},
        page=asdict(contents.page),
        shows=contents.shows,
        cluster_label=run.cluster_label,
        package_version=version("ewm_analysis"),
        package_sha256=package_sha256(),
        inputs=_inputs(run, root),
        outputs=hashes(products, folder),
        libraries=library_versions(),
        python=platform.python_version(),
        git_commit=git_commit(root),
        started=started,
        seconds=round(seconds, 3),
    )


def _inputs(run: Run, root: Path) -> dict[str, str]:
    """Name files elsewhere by their path below the folder that holds the data set."""
    holds = root / Path(str(run.parameters["data_dir"])).parent

    def name(path: Path) -> str:
        base = next((base for base in (root, holds) if path.is_relative_to(base)), None)
        return (path.relative_to(base) if base else Path(*path.parts[-2:])).as_posix()

    return {name(path): sha256(path) for path in run.inputs}


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write ``manifest.json`` into a folder."""
    text = json.dumps(manifest.model_dump(), ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", "utf-8", newline="")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the last good run in a folder.

    Raises
    ------
    MissingDataError
        If nothing was run there with success.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise MissingDataError(f"{folder} holds no manifest: no run has succeeded there.")
    return Manifest.model_validate_json(path.read_text("utf-8"))


def files_of(folder: Path) -> list[Path]:
    """Return the manifest in a folder and the files that it names."""
    return [folder / name for name in (MANIFEST, *read_manifest(folder).outputs)]


@cache
def git_commit(root: Path) -> str | None:
    """Return the commit that is checked out, or None outside a repository."""
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() or None
