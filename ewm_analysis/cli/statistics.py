"""``ewm import statistics``: official statistics into the economy table of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def import_statistics(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file as published, or its ZIP.")
    ],
    data: Annotated[
        Path, typer.Option("--data", help="Folder of the data set; made if it does not exist.")
    ],
    format_: Annotated[
        Literal["genesis", "eurostat"],
        typer.Option(
            "--format",
            help="genesis: flat file (ffcsv) of GENESIS-Online or the Regionaldatenbank; "
            "eurostat: SDMX-CSV, or TSV by its suffix.",
        ),
    ],
    indicator: Annotated[
        str,
        typer.Option(
            help="What the values count, such as employees_insured; needed where our table of "
            "codes does not say it, as always for GENESIS."
        ),
    ] = "",
    delimitation: Annotated[
        Path | None,
        typer.Option(help="Your own table of WZ 2008 codes by cluster and scope instead of ours."),
    ] = None,
) -> None:
    """Import official statistics: totals and sectors of regions, clusters by their WZ codes.

    Other regions and breakdowns of the file are left out and counted; cells that cannot be read
    stop the import.

    Examples:

    \b
    ewm import statistics nama_10r_3empers.tsv --data official --format eurostat
    ewm import statistics 13111.csv --data official --format genesis --indicator employees_insured
    """
    from ewm_analysis.intake import import_statistics as write

    made = write(file, data, form=format_, meaning=indicator, delimitation=delimitation)
    typer.echo(f"Wrote {len(made.rows)} rows to {data / 'economy' / 'economy.csv'}.")
    for reason, count in made.left_out.items():
        if count:
            typer.echo(f"Left out, {reason}: {count}")
