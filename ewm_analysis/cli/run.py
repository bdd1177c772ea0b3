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
    from ewm_analysis.loaders import Dataset

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
Force = Annotated[bool, typer.Option("--force", help="Run also what is up to date.")]
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
    force: Force = False,
) -> None:
    """Run the notebooks per year and cluster, and export them as HTML.

    Without options everything that has data is run, as far as something changed that it is
    made from. A combination without data is left out; a year, cluster or notebook that does
    not exist stops the command before anything runs. A failed run leaves the last good page
    and puts failed.ipynb beside it.

    Ends with 0 if all went well, 1 if a run failed, 2 on wrong use.

    Examples:

    \b
    ewm run
    ewm run --year 2021 --cluster imk
    ewm run --data data/example --notebook 10_annual_report --locale de --jobs 2
    """
    from rich.console import Console

    from ewm_analysis.batch.state import is_done, remember, whole_sha256

    console = Console(highlight=False)
    root, folders, outputs = _places(data, output)
    options = {"year": year, "cluster": cluster, "notebook": notebook, "locale": locale}
    whole = whole_sha256(root, folders, options)
    if not force and is_done(outputs, whole):
        _print_nothing(console, outputs)
        return
    from ewm_analysis.batch import execute_runs, why_due, write_indicators

    runs, data_sets = _plan(root, folders, outputs, year, cluster, notebook, locale)
    due = [each for each in runs if force or why_due(each)]
    with _progress(console, len(due)) as report:
        results = execute_runs(due, root, outputs, jobs=jobs, on_result=report)
    tables = [write_indicators(data_set, outputs) for data_set in data_sets]
    if any(result.error for result in results):
        _print_end(console, results, len(runs) - len(due), outputs)
        raise typer.Exit(1)
    pages = [each.folder / name for each in runs for name in ("manifest.json", "report.html")]
    remember(outputs, whole, [outputs / "index.html", *tables, *pages])
    if due:
        _print_end(console, results, len(runs) - len(due), outputs)
    else:
        _print_nothing(console, outputs)


def list_runs(
    data: Data = None,
    year: Years = None,
    cluster: Clusters = None,
    notebook: Notebooks = None,
    locale: Locales = None,
    output: Output = None,
) -> None:
    """Show what 'ewm run' with the same options would run and why, and where the results go.

    Examples:

    \b
    ewm list
    ewm list --data data/example --year 2021
    """
    from rich.console import Console
    from rich.table import Table

    from ewm_analysis.batch import why_due

    console = Console(highlight=False)
    root, folders, outputs = _places(data, output)
    runs, _ = _plan(root, folders, outputs, year, cluster, notebook, locale)
    columns = ("Data set", "Year", "Cluster", "Notebook", "Languages", "Why")
    table = Table(*columns, box=None, pad_edge=False)
    for row, each in _by_page(runs).items():
        languages = ", ".join(run.locale for run in each)
        table.add_row(*row, languages, _why(each))
    console.print(table)
    due = sum(bool(why_due(run)) for run in runs)
    console.print(f"\n{_count(len(runs))}, {due} due. Results go to", soft_wrap=True)
    place = "<data set>/<year>/<cluster>/<notebook>/<language>/report.html"
    console.print(f"{outputs}/{place}", soft_wrap=True, markup=False)


def _places(data: Sequence[str] | None, output: Path | None) -> tuple[Path, list[Path], Path]:
    """Return the folder of the project, those of the data sets and that of the results."""
    from ewm_analysis.errors import MissingDataError
    from ewm_analysis.project import list_datasets, resolve_data_dir

    root = resolve_data_dir("data").parent
    # A folder seen from where the user stands goes first; else it is one of the project.
    named = [Path(name) if Path(name).is_dir() else resolve_data_dir(name) for name in data or ()]
    folders = [folder.resolve() for folder in named] or list_datasets(root)
    if not folders:
        raise MissingDataError(f"There is no data set below {root / 'data'}.")
    return root, list(dict.fromkeys(folders)), (output or root / "outputs").resolve()


def _plan(
    root: Path,
    folders: Sequence[Path],
    outputs: Path,
    years: Sequence[int] | None,
    clusters: Sequence[str] | None,
    notebooks: Sequence[str] | None,
    locales: Sequence[str] | None,
) -> tuple[list[Run], list[Dataset]]:
    """Return the plan, each run with its key, and its data sets."""
    from ewm_analysis.batch import plan_runs, with_keys
    from ewm_analysis.loaders import open_dataset

    data_sets = [open_dataset(folder) for folder in folders]
    runs = plan_runs(
        data_sets,
        root,
        outputs,
        years=years or (),
        clusters=clusters or (),
        notebooks=[Path(name).name.removesuffix(".ipynb") for name in notebooks or ()],
        locales=locales or (),
    )
    return with_keys(runs, data_sets), data_sets


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


def _print_nothing(console: Console, outputs: Path) -> None:
    console.print("Everything is up to date; --force runs all the same.")
    console.print(f"Open {outputs / 'index.html'}", markup=False, soft_wrap=True)


def _print_end(
    console: Console, results: Sequence[RunResult], up_to_date: int, outputs: Path
) -> None:
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
    if up_to_date:
        console.print(f"{_count(up_to_date)} up to date.")
    for result in results:
        if result.failed_notebook:
            console.print(f"\nFailed: {result.run}", markup=False, soft_wrap=True)
            console.print(f"  {result.error}", markup=False, soft_wrap=True)
            if result.failed_notebook.is_file():
                console.print(f"  Open {result.failed_notebook}", markup=False, soft_wrap=True)
    console.print(f"\nOpen {outputs / 'index.html'}", markup=False, soft_wrap=True)


def _by_page(runs: Sequence[Run]) -> dict[tuple[str, ...], list[Run]]:
    """Return the runs of each page, one a language, in the order of the plan."""
    pages: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        row = (run.data_set, run.year, run.cluster_id, run.notebook.stem)
        pages.setdefault(row, []).append(run)
    return pages


def _why(runs: Sequence[Run]) -> str:
    """Return in words why the runs of a page are due."""
    from ewm_analysis.batch import REASONS, why_due

    reasons = dict.fromkeys(why_due(run) for run in runs)
    return "; ".join(REASONS.get(reason, "up to date") for reason in reasons)


def _count(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"
