"""``ewm verify``: whether the results still are what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def verify(
    output: Annotated[
        Path | None, typer.Option("--output", help="Folder of the results. Default: outputs/.")
    ] = None,
) -> None:
    """Hash every result again and tell which files differ, are missing or were added.

    Ends with 0 if all are as their manifests say, with 1 if not.

    Examples:

    \b
    ewm verify
    ewm verify --output /media/archive/2021
    """
    from ewm_analysis.batch import verify_outputs
    from ewm_analysis.project import find_project

    outputs = (output or find_project() / "outputs").resolve()
    count, differences = verify_outputs(outputs)
    for each in differences:
        typer.echo(f"{each.kind + ':':<12}{each.path.relative_to(outputs).as_posix()}")
    if differences:
        typer.echo(f"\n{len(differences)} of {outputs} not as written; 'ewm run --force' renews.")
        raise typer.Exit(1)
    typer.echo(f"{count} files in {outputs} are as they were written.")
