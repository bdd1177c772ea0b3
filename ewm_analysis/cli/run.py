"""``ewm run`` and ``ewm list``: the plan, its progress and its end."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ewm_analysis.cli.internal import keep_apart
from ewm_analysis.cli.pdf import print_pdfs
from ewm_analysis.cli.progress import counted, print_end, print_nothing, show_progress
from ewm_analysis.errors import ParameterError

if TYPE_CHECKING:
    from ewm_analysis.batch import Run
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
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Print every page as PDF, too; needs Chromium or Chrome.")
]
Internal = Annotated[
    bool,
    typer.Option(
        "--internal", help="Show confidential figures, too. Results go to outputs-internal/."
    ),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Runs at a time. Default: cores and one more.")
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout", min=1, help="Seconds after which a notebook is stopped. Default: never."
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        help="Run on the workers of a Dask cluster: tcp://host:8786. They see the same folders.",
    ),
]


def run(
    data: Data = None,
    year: Years = None,
    cluster: Clusters = None,
    notebook: Notebooks = None,
    locale: Locales = None,
    jobs: Jobs = None,
    timeout: Timeout = None,
    scheduler: Scheduler = None,
    output: Output = None,
    force: Force = False,
    pdf: Pdf = False,
    internal: Internal = False,
) -> None:
    """Run the notebooks per year and cluster, and export them as HTML.

    Without options everything that has data is run, as far as something changed that it is
    made from. A combination without data is left out; a year, cluster or notebook that does
    not exist stops the command before anything runs. A failed run leaves the last good page
    and puts failed.ipynb beside it. Stopped by Ctrl-C or SIGTERM, it keeps what is finished,
    and the next one does the rest.

    Ends with 0 if all went well, 1 if a run failed, 2 on wrong use, 130 if stopped.

    Examples:

    \b
    ewm run
    ewm run --year 2021 --cluster imk --pdf
    ewm run --data data/example --notebook 10_annual_report --locale de --jobs 2
    ewm run --data /media/records/2022 --internal
    """
    from rich.console import Console

    from ewm_analysis.batch.state import is_done, remember, whole_sha256

    _refuse_both(jobs, scheduler)
    console = Console(highlight=False)
    root, folders, outputs = _places(data, output, internal=internal)
    keep_apart(outputs, internal=internal)
    options = {"year": year, "cluster": cluster, "notebook": notebook, "locale": locale}
    whole = whole_sha256(root, folders, {**options, "pdf": pdf, "internal": internal})
    if not force and is_done(outputs, whole):
        print_nothing(console, outputs)
        return
    if not scheduler:
        _warm_up()
    from ewm_analysis.batch import execute_runs, files_of, why_due, write_indicators
    from ewm_analysis.batch.folders import hold, telling_why

    runs, data_sets = _plan(root, folders, outputs, year, cluster, notebook, locale, internal)
    wait = f"Another 'ewm run' writes to {outputs}; this one waits for its end."
    with (
        _stopped_by_sigterm(),
        hold(outputs, lambda: console.print(wait, markup=False, soft_wrap=True)),
        telling_why(outputs),
    ):
        due = [each for each in runs if force or why_due(each)]
        with show_progress(console, len(due)) as report:
            results = execute_runs(
                due, root, outputs, jobs=jobs, timeout=timeout, scheduler=scheduler,
                on_result=report,
            )  # fmt: skip
        tables = [write_indicators(each, outputs, internal=internal) for each in data_sets]
        printed = print_pdfs(console, runs, outputs, jobs) if pdf else []
        failed = any(result.error for result in results)
        if not failed:
            files = [file for each in runs for file in files_of(each.folder)]
            remember(outputs, whole, [outputs / "index.html", *tables, *files, *printed])
    if due:
        print_end(console, results, len(runs) - len(due), outputs)
    else:
        print_nothing(console, outputs)
    if failed:
        raise typer.Exit(1)


def _refuse_both(jobs: int | None, scheduler: str | None) -> None:
    if jobs and scheduler:
        reason = "does not go with --scheduler: the workers decide how many run at a time"
        raise ParameterError("--jobs", jobs, reason=reason)


def _warm_up() -> None:
    """Kernels are forked from a process that imports its libraries while this one plans."""
    from ewm_analysis.batch.warm import warm_up

    warm_up()


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end a batch as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
    console.print(f"\n{counted(len(runs))}, {due} due. Results go to", soft_wrap=True)
    place = "<data set>/<year>/<cluster>/<notebook>/<language>/report.html"
    console.print(f"{outputs}/{place}", soft_wrap=True, markup=False)


def _places(
    data: Sequence[str] | None, output: Path | None, *, internal: bool = False
) -> tuple[Path, list[Path], Path]:
    """Return the folder of the project, those of the data sets and that of the results."""
    from ewm_analysis.errors import MissingDataError
    from ewm_analysis.project import find_project, list_datasets, resolve_data_dir

    root = find_project()
    # A folder seen from where the user stands goes first; else it is one of the project.
    named = [Path(name) if Path(name).is_dir() else resolve_data_dir(name) for name in data or ()]
    folders = [folder.resolve() for folder in named] or list_datasets(root)
    if not folders:
        raise MissingDataError(f"There is no data set below {root / 'data'}.")
    default = root / ("outputs-internal" if internal else "outputs")
    return root, list(dict.fromkeys(folders)), (output or default).resolve()


def _plan(
    root: Path,
    folders: Sequence[Path],
    outputs: Path,
    years: Sequence[int] | None,
    clusters: Sequence[str] | None,
    notebooks: Sequence[str] | None,
    locales: Sequence[str] | None,
    internal: bool = False,
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
        internal=internal,
    )
    return with_keys(runs, data_sets), data_sets


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
