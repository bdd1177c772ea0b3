"""``ewm template`` and ``ewm import``: the evaluators' records, from outside into a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ewm_analysis.cli.cordis import import_cordis
from ewm_analysis.cli.statistics import import_statistics
from ewm_analysis.l10n import Locale

import_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Take records from outside into a data set, checked cell by cell.",
)
import_app.command("cordis")(import_cordis)
import_app.command("statistics")(import_statistics)


def template(
    file: Annotated[Path, typer.Argument(help="The workbook to write, such as records-2022.xlsx.")],
    year: Annotated[int, typer.Option(min=1990, max=2100, help="Reporting year.")],
    cluster: Annotated[
        str, typer.Option(help="Code of a cluster; offers only its own lists. Default: all.")
    ] = "",
) -> None:
    """Write an empty workbook for the records of a year: in German, with drop-down lists.

    It offers the categories that are valid in the year. Filled in, it comes back with
    'ewm import workbook'.

    Examples:

    \b
    ewm template --year 2022 records-2022.xlsx
    ewm template --year 2022 --cluster imk imk-2022.xlsx
    """
    from ewm_analysis.intake import write_template
    from ewm_analysis.loaders import load_reference, resolve_data_dir

    reference = load_reference(resolve_data_dir("data/reference"))
    write_template(file, reference, year=year, cluster_id=cluster)
    typer.echo(f"Wrote {file}. Filled in, read it with: ewm import workbook {file} --data DIR")


@import_app.command("workbook")
def import_workbook(
    source: Annotated[
        Path, typer.Argument(help="An .xlsx workbook, or a folder of CSV files, one a table.")
    ],
    data: Annotated[
        Path, typer.Option("--data", help="Folder of the data set; made if it does not exist.")
    ],
    year: Annotated[
        int | None, typer.Option(help="Reporting year. Default: as the workbook says.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="Name of a warning that is known and accepted; repeatable."),
    ] = None,
    locale: Annotated[
        Locale, typer.Option(help="Language of the numbers in the source, and of the report.")
    ] = "de",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace records of the year that are there already.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="HTML report. Default: beside the source, as <source>.report.html."),
    ] = None,
) -> None:
    """Check a filled-in workbook and write it to records/<year>/ if nothing is wrong.

    Each error is told with its cell, such as Projekte!F17, and nothing is written until all are
    gone. Warnings have names and can be accepted. The original is kept in originals/<year>/.
    Ends with 0 if the records are in place, with 1 if not.

    Examples:

    \b
    ewm import workbook records-2022.xlsx --data data/capital-region
    ewm import workbook records-2022.xlsx --data data/capital-region --replace
    ewm import workbook csv-2021/ --data data/mine --year 2021 --accept disclosure-none
    """
    from ewm_analysis.intake import describe_import, write_report
    from ewm_analysis.intake import import_workbook as import_source

    done = import_source(
        source, data, year=year, accept=accept or (), locale=locale, replace=replace
    )
    page = report or source.resolve().with_name(f"{source.resolve().stem}.report.html")
    write_report(done, page)
    typer.echo(describe_import(done))
    typer.echo(str(page))
    if done.outcome not in ("written", "unchanged"):
        raise typer.Exit(1)
