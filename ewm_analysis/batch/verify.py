"""Whether the outputs still are what their manifests say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ewm_analysis.batch.folders import FAILED, MANIFEST
from ewm_analysis.batch.manifest import read_manifest
from ewm_analysis.errors import MissingDataError
from ewm_analysis.hashes import sha256
from ewm_analysis.report.links import without_links
from ewm_analysis.report.page import REPORT
from ewm_analysis.report.pdf import PDF

UNRECORDED = {MANIFEST, FAILED, PDF}
"""Files of a run that its manifest does not name."""


@dataclass(frozen=True)
class Difference:
    """A file that is not as its manifest says."""

    path: Path
    kind: Literal["differs", "missing", "extra", "unreadable"]


def verify_outputs(outputs: Path) -> tuple[int, list[Difference]]:
    """Hash every output again; return how many were recorded, and what is not as recorded.

    The links between pages are added after hashing and do not count.

    Parameters
    ----------
    outputs : Path
        Folder of all results.

    Raises
    ------
    MissingDataError
        If no run has succeeded there.
    """
    manifests = sorted(outputs.glob(f"*/*/*/*/*/{MANIFEST}"))
    if not manifests:
        raise MissingDataError(f"{outputs} holds no manifest: no run has succeeded there.")
    count, found = 0, []
    for path in manifests:
        try:
            recorded = read_manifest(path.parent).outputs
        except ValueError:
            found.append(Difference(path, "unreadable"))
            continue
        count += len(recorded)
        found += _differences(path.parent, recorded)
    return count, found


def _differences(folder: Path, recorded: dict[str, str]) -> list[Difference]:
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    } - UNRECORDED
    found = [Difference(folder / name, "missing") for name in sorted(recorded.keys() - there)]
    found += [Difference(folder / name, "extra") for name in sorted(there - recorded.keys())]
    found += [
        Difference(folder / name, "differs")
        for name in sorted(there & recorded.keys())
        if _hash(folder / name) != recorded[name]
    ]
    return found


def _hash(path: Path) -> str:
    if path.name != REPORT:
        return sha256(path)
    # As bytes: a damaged page need not be text.
    return hashlib.sha256(without_links(path.read_bytes())).hexdigest()
