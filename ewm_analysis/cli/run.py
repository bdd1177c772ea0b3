"""``ewm run`` and ``ewm list``: the plan, its progress and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ewm_analysis.batch import Run, RunResult

Data = Annotated[
    list[str] | None,
    typer.Option("--data", help="Folder of a data set; repeatable. Default: all below data/."),
]
Years = Annotated[
    list[int] | None, typer.Option("--year", help="Reporting year; repeatable. Default: all.")
]
Clusters = Annotated[
    list[str] | None,
    typer.Option(
        "--cluster",
        help="Code of a cluster, such as imk; repeatable. Default: all, and the pages across "
        "clusters.",
    ),
]
Notebooks = Annotated[
    list[str] | None,
    typer.Option("--notebook", help="Name of a notebook; repeatable. Default: all NN_*.ipynb."),
]
Locales = Annotated[
    list[str] | None, typer.Option("--locale", help="de or en; repeatable. Default: both.")
]
Output = Annotated[
    Path | None, typer.Option("--output", help="Folder of the results. Default: outputs/.")
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Runs at a time. Default: number of cores.")
]


def run(
    data: Data = None,
    year: Years = None,
    cluster: Clusters = None,
    notebook: Notebooks = None,
    locale: Locales = None,
    jobs: Jobs = None,
    output: Output = None,
) -> None:
    """Run the notebooks per year and cluster, and export them as HTML.

    Without options everything that has data is run. A combination without data is left out; a
    year, cluster or notebook that does not exist stops the command before anything runs. A
    failed run leaves the last good page and puts failed.ipynb beside it.

    Ends with 0 if all went well, 1 if a run failed, 2 on wrong use.

    Examples:

    \b
    ewm run
    ewm run --year 2021 --cluster imk
    ewm run --data data/example --notebook 10_annual_report --locale de --jobs 2
    """
    from rich.console import Console

    from ewm_analysis.batch import execute_runs

    console = Console(highlight=False)
    runs, root, outputs = _plan(data, year, cluster, notebook, locale, output)
    with _progress(console, len(runs)) as report:
        results = execute_runs(runs, root, outputs, jobs=jobs, on_result=report)
    _print_end(console, results, outputs)
    if any(result.error for result in results):
        raise typer.Exit(1)


def list_runs(
    data: Data = None,
    year: Years = None,
    cluster: Clusters = None,
    notebook: Notebooks = None,
    locale: Locales = None,
    output: Output = None,
) -> None:
    """Show what 'ewm run' with the same options would run, and where the results would go.

    Examples:

    \b
    ewm list
    ewm list --data data/example --year 2021
    """
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    runs, _, outputs = _plan(data, year, cluster, notebook, locale, output)
    table = Table("Data set", "Year", "Cluster", "Notebook", "Languages", box=None, pad_edge=False)
    for row, locales in _by_languages(runs).items():
        table.add_row(*row, ", ".join(locales))
    console.print(table)
    console.print(f"\n{_count(len(runs))}. Results go to", soft_wrap=True)
    place = "<data set>/<year>/<cluster>/<notebook>/<language>/report.html"
    console.print(f"{outputs}/{place}", soft_wrap=True, markup=False)


def _plan(
    data: Sequence[str] | None,
    years: Sequence[int] | None,
    clusters: Sequence[str] | None,
    notebooks: Sequence[str] | None,
    locales: Sequence[str] | None,
    output: Path | None,
) -> tuple[list[Run], Path, Path]:
    """Return the plan, the folder of the project and that of the results."""
    from ewm_analysis.batch import plan_runs
    from ewm_analysis.errors import MissingDataError
    from ewm_analysis.loaders import list_datasets, open_dataset, resolve_data_dir

    root = resolve_data_dir("data").parent
    outputs = (output or root / "outputs").resolve()
    # A folder seen from where the user stands goes first; else it is one of the project.
    named = [Path(name).resolve() if Path(name).is_dir() else Path(name) for name in data or ()]
    folders = named or list_datasets(root)
    if not folders:
        raise MissingDataError(f"There is no data set below {root / 'data'}.")
    runs = plan_runs(
        [open_dataset(folder) for folder in dict.fromkeys(folders)],
        root,
        outputs,
        years=years or (),
        clusters=clusters or (),
        notebooks=[Path(name).name.removesuffix(".ipynb") for name in notebooks or ()],
        locales=locales or (),
    )
    return runs, root, outputs


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[RunResult], None]]:
    """A bar on a terminal, one line a run elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    done = 0
    columns = (BarColumn(), MofNCompleteColumn(), Remaining(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)

        def report(result: RunResult) -> None:
            nonlocal done
            done += 1
            bar.update(task, advance=1, description=str(result.run))
            if result.error or not console.is_terminal:
                count = f"[{done:>{len(str(total))}}/{total}]"
                end = f"FAILED: {result.error}" if result.error else f"{result.seconds:.1f} s"
                console.print(f"{count} {result.run}  {end}", markup=False, soft_wrap=True)

        yield report


def _print_end(console: Console, results: Sequence[RunResult], outputs: Path) -> None:
    """What was made, what failed and why, and the page to open."""
    from rich.table import Table

    table = Table("Data set", "Pages", "Failed", "Seconds", box=None, pad_edge=False)
    for name in dict.fromkeys(result.run.data_set for result in results):
        own = [result for result in results if result.run.data_set == name]
        failed = sum(bool(result.error) for result in own)
        seconds = sum(result.seconds for result in own)
        table.add_row(name, str(len(own) - failed), str(failed), f"{seconds:.1f}")
    console.print()
    console.print(table)
    for result in results:
        if result.failed_notebook:
            console.print(f"\nFailed: {result.run}", markup=False, soft_wrap=True)
            console.print(f"  {result.error}", markup=False, soft_wrap=True)
            if result.failed_notebook.is_file():
                console.print(f"  Open {result.failed_notebook}", markup=False, soft_wrap=True)
    console.print(f"\nOpen {outputs / 'index.html'}", markup=False, soft_wrap=True)


def _by_languages(runs: Sequence[Run]) -> dict[tuple[str, ...], list[str]]:
    """Return the languages of each page, in the order of the plan."""
    pages: dict[tuple[str, ...], list[str]] = {}
    for run in runs:
        row = (run.data_set, run.year, run.cluster_id, run.notebook.stem)
        pages.setdefault(row, []).append(run.locale)
    return pages


def _count(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"
