"""What the last batch of the same options left: if nothing has changed, nothing is done.

Told from hashes of files alone, so that a repeated command is answered without loading data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ewm_analysis.batch.folders import FAILED
from ewm_analysis.files import written
from ewm_analysis.hashes import digest, environment_sha256, folder_sha256, package_sha256

STATE = ".state.json"


def whole_sha256(root: Path, data_sets: Sequence[Path], options: Mapping[str, object]) -> str:
    """Return one SHA-256 over everything a batch is made from.

    Parameters
    ----------
    root : Path
        Folder of the project: its notebooks and reference tables count.
    data_sets : sequence of Path
        Folders of the data sets.
    options : mapping
        What was asked for on the command line.
    """
    folders = [root / "notebooks", root / "data" / "reference"]
    folders += [folder.parent / "reference" for folder in data_sets]
    return digest(
        {
            "folders": {str(each): folder_sha256(each) for each in {*folders, *data_sets}},
            "package": package_sha256(),
            "environment": environment_sha256(),
            "options": {name: options[name] for name in options},
        }
    )


def remember(outputs: Path, whole: str, files: Sequence[Path]) -> None:
    """Note that a batch went well, and which of its files must stand for that to hold."""
    state = _read(outputs)
    state[whole] = [path.relative_to(outputs).as_posix() for path in files]
    with written(outputs / STATE) as beside:
        beside.write_text(json.dumps(dict(list(state.items())[-20:]), indent=1), "utf-8")


def is_done(outputs: Path, whole: str) -> bool:
    """Tell whether the same batch went well before, and its files stand as it left them."""
    files = [outputs / name for name in _read(outputs).get(whole, [])]
    folders = {file.parent for file in files}
    return (
        bool(files)
        and all(file.is_file() for file in files)
        and not any((folder / FAILED).is_file() for folder in folders)
    )


def _read(outputs: Path) -> dict[str, list[str]]:
    try:
        state = json.loads((outputs / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
