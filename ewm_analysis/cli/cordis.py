"""``ewm import cordis``: EU-funded projects of the region as a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def import_cordis(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="Folder with project.csv, organization.csv, topics.csv and euroSciVoc.csv as "
            "CORDIS publishes them, or its ZIP; one for each programme.",
        ),
    ],
    data: Annotated[
        Path, typer.Option("--data", help="Folder of the data set; one imported before is renewed.")
    ],
    region: Annotated[
        list[str],
        typer.Option("--region", help="Beginning of a NUTS code: DE3, DE4, DE404; repeatable."),
    ],
    incomplete_year: Annotated[
        list[int] | None,
        typer.Option(
            help="Year of which the files hold a part only, as a sample does; it is compared with "
            "no other year. Repeatable; the last year always counts as such."
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", help="Your own table of topics and clusters instead of ours."),
    ] = None,
) -> None:
    """Import EU-funded projects with partners in Berlin and Brandenburg from CORDIS.

    Unknown stays unknown: a total cost of 0 is missing, projects without a matching rule keep a
    cluster of their own. README.md in the data set tells what was found and left open.

    Examples:

    \b
    ewm import cordis cordis-HORIZONprojects-csv.zip --data eu-projects --region DE3 --region DE4
    ewm run --data eu-projects
    """
    from ewm_analysis.intake import import_cordis as write
    from ewm_analysis.intake.cordis.report import import_counts

    made = write(folders, data, regions=region, incomplete=incomplete_year or (), rules=rules)
    for name, value in import_counts(made).items():
        typer.echo(f"{name}: {value}")
    if not incomplete_year:
        typer.echo(
            "If the files are a sample or an excerpt, say which years are not whole with "
            "--incomplete-year: they do not show it, and gaps look like growth."
        )
    typer.echo(f"Wrote {data}; what is unknown stands in {data / 'README.md'}.")
    typer.echo(f"Run it with: ewm run --data {data}")
