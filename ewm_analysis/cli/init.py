"""``ewm init``: a new project, with notebooks to edit and data to begin with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from ewm_analysis.errors import ParameterError
from ewm_analysis.files import move_in, staged


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where: a new folder, or an empty one.")
    ],
) -> None:
    """Lay out a new project: notebooks to edit, data to begin with, a place for the results.

    The data are the reference tables, the published figures of the capital region (no records,
    they are confidential) and the synthetic example. README.md says what lies where; .gitignore
    keeps records out of git. Inside the folder, every other command works on it.

    Ends with 2 if the folder is in use; nothing is written then.

    Examples:

    \b
    ewm init demo
    cd demo
    ewm run --year 2021 --cluster imk
    """
    from ewm_analysis.project import starter_files

    try:
        _refuse_used(folder)
        folder.mkdir(parents=True, exist_ok=True)
        _fill(folder, starter_files())
    except OSError as error:
        reason = f"cannot be written: {error.strerror}"
        raise ParameterError("FOLDER", str(folder), reason=reason) from None
    typer.echo(f"Laid out a project in {folder}. Go there, then: ewm run --year 2021 --cluster imk")


def _refuse_used(folder: Path) -> None:
    """A repository that holds nothing yet counts as empty."""
    if folder.is_dir() and any(each.name != ".git" for each in folder.iterdir()):
        reason = "is not empty; name a new folder or an empty one"
        raise ParameterError("FOLDER", str(folder), reason=reason)


def _fill(folder: Path, files: dict[str, Path]) -> None:
    """A full disk leaves no half of a project."""
    with staged(folder / "init") as made:
        for name, source in files.items():
            target = made / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        (made / "outputs").mkdir()
        (made / "outputs" / ".gitkeep").touch()
        move_in(made, folder, sorted(each.name for each in made.iterdir()))
