"""A folder for readers: of all results what is meant to be read, and nothing of who made it."""

from __future__ import annotations

import shutil
from pathlib import Path

from ewm_analysis.batch.execute import EXECUTED
from ewm_analysis.batch.folders import FAILED, MANIFEST, telling_why
from ewm_analysis.batch.outputs import AUDIT, read_manifest, verify_outputs
from ewm_analysis.errors import ParameterError, RunError
from ewm_analysis.files import move_in, staged
from ewm_analysis.report.site import SUMS

WORKING = {EXECUTED, FAILED, AUDIT}
"""Files of a run that are for those who made it."""


def publish(outputs: Path, target: Path) -> int:
    """Write what readers get into a folder, whole or not at all; return the number of files.

    Left out are executed and failed notebooks, hidden files, and the manifests of confidential
    records: their hashes would confirm a guessed file. What was published there before is
    replaced.

    Parameters
    ----------
    outputs : Path
        Folder of all results; each file must be as it was written.
    target : Path
        Folder for readers: a new one, an empty one, or one that was published before.

    Raises
    ------
    ParameterError
        If `target` holds something else, or lies within `outputs` or around it.
    RunError
        If an output was changed or is missing, or the folder cannot be written.
    """
    outputs, target = outputs.resolve(), target.resolve()
    if target.is_relative_to(outputs) or outputs.is_relative_to(target):
        raise ParameterError("--to", str(target), reason=f"and {outputs} lie within each other")
    if target.is_dir() and any(target.iterdir()) and not (target / SUMS).is_file():
        raise ParameterError("--to", str(target), reason="holds something else: name a new folder")
    if differences := verify_outputs(outputs)[1]:
        told = f"{len(differences)} files in {outputs} are not as they were written"
        raise RunError(f"{told}, so nothing was published: 'ewm verify' names them.")
    with telling_why(target), staged(target) as made:
        shutil.copytree(outputs, made, ignore=_not_for_readers)
        move_in(made, target)
    return sum(path.is_file() for path in target.rglob("*"))


def _not_for_readers(folder: str, names: list[str]) -> list[str]:
    is_secret = MANIFEST in names and read_manifest(Path(folder)).is_confidential
    left = WORKING | ({MANIFEST} if is_secret else set())
    return [name for name in names if name.startswith(".") or name in left]
