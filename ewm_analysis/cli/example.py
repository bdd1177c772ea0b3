"""``ewm example``: the synthetic data set, and larger ones for benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ewm_analysis.example import EXAMPLE


def example(
    folder: Annotated[
        Path, typer.Argument(help="Where to write; an example that stands there is replaced.")
    ] = Path("data/example"),
    seed: Annotated[int, typer.Option(min=0, help="Start of the random numbers.")] = EXAMPLE[
        "seed"
    ],
    cluster: Annotated[
        list[str] | None,
        typer.Option(help="Code of a cluster; repeatable. Default: all nine clusters."),
    ] = None,
    first_year: Annotated[int, typer.Option(help="First reporting year.")] = EXAMPLE["first_year"],
    last_year: Annotated[int, typer.Option(help="Last reporting year.")] = EXAMPLE["last_year"],
    projects: Annotated[
        int, typer.Option(min=1, help="New projects of a joint cluster in a year, on average.")
    ] = EXAMPLE["projects_per_year"],
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Records as Parquet by year instead of CSV.")
    ] = False,
) -> None:
    """Write the synthetic example; the same options give the same bytes.

    Every project, partner and actor in it is invented, but for the names and volumes of five
    projects that a report prints. Its figures for IMK meet those printed for 2020 and 2021.

    Examples:

    \b
    ewm example
    ewm example data/large --projects 2000 --parquet
    ewm example data/other --seed 7 --cluster imk --cluster gw --first-year 2019
    """
    from ewm_analysis.example import write_example

    write_example(
        folder,
        seed=seed,
        clusters=cluster or EXAMPLE["clusters"],
        first_year=first_year,
        last_year=last_year,
        projects_per_year=projects,
        partitioned=parquet,
    )
    typer.echo(f"Wrote {folder}. Run it with: ewm run --data {folder}")
