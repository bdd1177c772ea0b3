"""``ewm run``, ``ewm list`` and ``ewm verify``: a plan, its progress, its end, its results."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from ewm_analysis.errors import EwmError, MissingDataError, ParameterError
from ewm_analysis.l10n import LOCALES
from ewm_analysis.project import data_folders, find_project, list_datasets

if TYPE_CHECKING:  # heavy: imported by the command that needs it
    from ewm_analysis.batch.execute import RunResult
    from ewm_analysis.batch.outputs import Difference
    from ewm_analysis.batch.plan import Run
    from ewm_analysis.loaders import Dataset

CRATE = "ro-crate-metadata.json"
"""Stands in a folder that was published."""

MARK = "INTERNAL.txt"
"""Stands in a folder whose results hold confidential figures."""

WARNING = """\
Interne Fassung: enthält Angaben, die der Geheimhaltung unterliegen. Nicht weitergeben.
Internal version: holds figures that are confidential. Do not pass it on.
"""
"""What it says."""

MANY = 5
"""So many things are named one by one."""


Spoken = Literal[LOCALES]  # type: ignore[valid-type]  # known when it is run


def run(
    data: list[str] | None = None,
    year: list[int] | None = None,
    cluster: list[str] | None = None,
    notebook: list[str] | None = None,
    locale: list[str] | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    scheduler: str | None = None,
    output: Path | None = None,
    force: bool = False,
    pdf: bool = False,
    docx: bool = False,
    pptx: bool = False,
    png: bool = False,
    internal: bool = False,
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
    ewm run --year 2021 --cluster imk --pdf --docx --pptx
    ewm run --data data/example --notebook 10_annual_report --locale de --jobs 2
    ewm run --data /media/records/2022 --internal
    """
    from ewm_analysis.batch import folders as kept

    if jobs and scheduler:
        reason = "does not go with --scheduler: the workers decide how many run at a time"
        raise ParameterError("--jobs", jobs, reason=reason)
    root, folders, outputs = _places(data, output, internal=internal)
    keep_apart(outputs, internal=internal)
    refuse_published(outputs)
    options = {**_chosen(year, cluster, notebook, locale), "internal": internal}
    wanted = {"PDF": pdf, "DOCX": docx, "PPTX": pptx, "PNG": png}
    whole = kept.whole_sha256(root, folders, {**options, **wanted})
    if not force and kept.is_done(outputs, whole):
        _tell_all_done(outputs)
        return
    _get_ready(root, folders, jobs, is_local=not scheduler)
    from ewm_analysis.batch.execute import execute_runs
    from ewm_analysis.batch.outputs import files_of, write_indicators
    from ewm_analysis.report.site import OUTSIDE

    runs, data_sets = _plan(root, folders, outputs, **options)
    execute = partial(execute_runs, jobs=jobs, timeout=timeout, scheduler=scheduler)
    wait = f"Another 'ewm run' writes to {outputs}; this one waits for its end."
    with (
        _stopped_by_sigterm(),
        kept.hold(outputs, lambda: _say(wait)),
        kept.telling_why(outputs),
    ):
        due = _due(runs, kept.lost(outputs, whole), force=force)
        with _show_progress(len(due)) as report:
            results = execute(due, root, outputs, on_result=report)
        tables = [write_indicators(each, outputs, internal=internal) for each in data_sets]
        asked = [name for name in wanted if wanted[name]]
        made = _make_on_request(asked, runs, outputs, jobs)
        failed = any(result.error for result in results)
        if not failed:
            files = [file for each in runs for file in files_of(each.folder)]
            outside = map(outputs.joinpath, OUTSIDE)
            kept.remember(outputs, whole, [*outside, *tables, *files, *made])
    _print_end(results, len(runs) - len(due), outputs)
    if failed:
        raise typer.Exit(1)


def list_runs(
    data: list[str] | None = None,
    year: list[int] | None = None,
    cluster: list[str] | None = None,
    notebook: list[str] | None = None,
    locale: list[str] | None = None,
    output: Path | None = None,
) -> None:
    """Show what 'ewm run' with the same options would run and why, and where the results go.

    Examples:

    \b
    ewm list
    ewm list --data data/example --year 2021
    """
    from ewm_analysis.batch.outputs import REASONS, why_due

    root, folders, outputs = _places(data, output)
    runs, _ = _plan(root, folders, outputs, **_chosen(year, cluster, notebook, locale))
    reasons = [why_due(each) for each in runs]
    rows: list[tuple[str, ...]] = [
        ("Data set", "Year", "Cluster", "Notebook", "Languages", "Why"),
    ]
    pages: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for each, why in zip(runs, reasons, strict=True):
        page = (each.data_set, each.year, each.cluster_id, each.notebook.stem)
        words = REASONS.get(why, "up to date")
        pages.setdefault(page, []).append((each.locale, words))
    for row, told in pages.items():
        languages, whys = zip(*told, strict=True)
        rows.append((*row, ", ".join(languages), "; ".join(dict.fromkeys(whys))))
    _say(_table(rows))
    due = sum(map(bool, reasons))
    _say(f"\n{_counted(len(runs))}, {due} due. Results go to")
    _say(f"{outputs}/<data set>/<year>/<cluster>/<notebook>/<language>/report.html")


def verify(edition: Path | None = None, output: Path | None = None) -> None:
    """Hash every result again and tell which files differ, are missing or were added.

    The commands that make them again are named. Ends with 0 if all are as their manifests say,
    with 1 if not.

    Examples:

    \b
    ewm verify
    ewm verify --output /media/archive/2021
    ewm verify edition-1.zip
    """
    lines: list[str]
    renewing: list[str] = []
    if edition:
        from ewm_analysis.editions.published import verify as verify_edition

        folder, how = edition, "published"
        count, lines = verify_edition(edition)
    else:
        from ewm_analysis.batch.outputs import verify_outputs

        folder, how = (output or find_project() / "outputs").resolve(), "written"
        count, differences = verify_outputs(folder)
        lines = [f"{a.kind + ':':<12}{a.path.relative_to(folder).as_posix()}" for a in differences]
        renewing = [f"  {command}" for command in _renewing(folder, differences, output)]
    if not lines:
        typer.echo(f"{count} files in {folder} are as they were {how}.")
        return
    to_do = " To make them again:" if renewing else ""
    typer.echo("\n".join([*lines, f"\n{len(lines)} in {folder} not as {how}.{to_do}", *renewing]))
    raise typer.Exit(1)


def _renewing(
    outputs: Path, differences: Sequence[Difference], given: Path | None
) -> Iterator[str]:
    """Yield the commands that make again what is not as it was written: page by page."""
    from ewm_analysis.batch.outputs import read_manifest
    from ewm_analysis.project import ALL

    where = ["--output", str(given)] if given else []
    places = dict.fromkeys(each.path.relative_to(outputs).parts[:6] for each in differences)
    pages = dict.fromkeys(place[:5] for place in places if len(place) > 5)
    for place in places:
        if len(place) <= 5:
            yield (
                shlex.join(["rm", "-f", str(outputs.joinpath(*place))])
                + " && "
                + shlex.join(["ewm", "run", *where])
            )
    if len(pages) > MANY:
        yield shlex.join(["ewm", "run", "--force", *where])
        return
    for data_set, year, cluster, notebook, locale in pages:
        data: list[str] = []
        with suppress(EwmError, ValueError):
            folder = outputs.joinpath(data_set, year, cluster, notebook, locale)
            data = ["--data", str(read_manifest(folder).parameters["data_dir"])]
        named = [] if year == ALL else ["--year", year]
        named += ["--cluster", cluster, "--notebook", notebook, "--locale", locale]
        yield shlex.join(["ewm", "run", "--force", *where, *data, *named])


def keep_apart(outputs: Path, *, internal: bool) -> None:
    """Mark a folder of internal results, and refuse one of the other kind.

    Raises
    ------
    ParameterError
        If the folder holds results of the other kind. It need not exist.
    """
    is_marked = (outputs / MARK).is_file()
    if is_marked and not internal:
        reason = f"holds results for internal use ({MARK}): name another folder, or add --internal"
        raise ParameterError("--output", str(outputs), reason=reason)
    if internal and not is_marked:
        if outputs.is_dir() and any(outputs.iterdir()):
            reason = "holds results without confidential figures: name an empty folder"
            raise ParameterError("--output", str(outputs), reason=reason)
        outputs.mkdir(parents=True, exist_ok=True)
        (outputs / MARK).write_text(WARNING, "utf-8")


def refuse_published(outputs: Path) -> None:
    """Refuse to write into an edition: what was published stays as it is."""
    if (outputs / CRATE).is_file():
        reason = "holds a published edition, which stays as it is: name another folder"
        raise ParameterError("--output", str(outputs), reason=reason)


def _places(
    data: Sequence[str] | None, output: Path | None, *, internal: bool = False
) -> tuple[Path, list[Path], Path]:
    """Return the folder of the project, those of the data sets and that of the results."""
    root = find_project()
    folders = data_folders(data or ()) or list_datasets(root)
    if not folders:
        raise MissingDataError(f"There is no data set below {root / 'data'}.")
    default = root / ("outputs-internal" if internal else "outputs")
    return root, folders, (output or default).resolve()


def _chosen(
    years: Sequence[int] | None,
    clusters: Sequence[str] | None,
    notebooks: Sequence[str] | None,
    locales: Sequence[str] | None,
) -> dict[str, Any]:
    """Return what the plan keeps; a notebook may be named by its file."""
    names = [Path(name).name.removesuffix(".ipynb") for name in notebooks or ()]
    kept = {"years": years, "clusters": clusters, "notebooks": names, "locales": locales}
    return {name: values or () for name, values in kept.items()}


def _get_ready(root: Path, folders: Sequence[Path], jobs: int | None, *, is_local: bool) -> None:
    """Tell what could spoil every run; here, also start what kernels are forked from."""
    from ewm_analysis.batch.folders import allow_open_files, find_shadows

    for sentence in find_shadows(root):
        _say(sentence)
    if is_local:
        allow_open_files(jobs)
        # Kernels are forked from a process that imports and reads while this one plans.
        from ewm_analysis.batch.warm import warm_up

        warm_up(folders)


def _plan(
    root: Path, folders: Sequence[Path], outputs: Path, **options: Any
) -> tuple[list[Run], list[Dataset]]:
    """Return the plan, each run with its key, and its data sets."""
    from ewm_analysis.batch.outputs import with_keys
    from ewm_analysis.batch.plan import plan_runs
    from ewm_analysis.loaders import open_dataset

    data_sets = [open_dataset(folder) for folder in folders]
    return with_keys(plan_runs(data_sets, root, outputs, **options), data_sets), data_sets


def _due(runs: Sequence[Run], lost: Sequence[str], *, force: bool) -> list[Run]:
    """Return the runs that are due, all if forced; say what is missing or damaged."""
    from ewm_analysis.batch.outputs import why_due

    why = {each.folder: why_due(each) for each in runs}
    if gone := [*lost, *(str(each) for each in runs if why[each.folder] == "outputs")]:
        _say(f"Missing or damaged, made again: {_some(gone)}.")
    return [each for each in runs if force or why[each.folder]]


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end a batch as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _make_on_request(
    asked: Sequence[str], runs: Sequence[Run], outputs: Path, jobs: int | None
) -> list[Path]:
    """Make what is asked for and lacking of the pages of a plan, link it, and return all of it.

    Where no browser is found a sentence says so, and nothing else is affected.
    """
    from concurrent.futures import ThreadPoolExecutor

    from ewm_analysis.files import is_whole
    from ewm_analysis.report import build_site
    from ewm_analysis.report.page import REPORT
    from ewm_analysis.report.printing import ON_REQUEST, find_browser

    if not asked:
        return []
    pages = [run.folder / REPORT for run in runs if (run.folder / REPORT).is_file()]
    made = []
    try:
        browser = find_browser()
        for name in asked:
            make, files = ON_REQUEST[name]
            lacking = [page for page in pages if not all(map(is_whole, files(page)))]
            with ThreadPoolExecutor(jobs or os.cpu_count()) as pool, _bar(len(lacking)) as count:
                for _ in pool.map(make, lacking, repeat(browser)):
                    count(name)
            made += [path for page in pages for path in files(page)]
    except EwmError as error:
        _say(str(error))
    build_site(outputs)
    return list(filter(Path.is_file, made))


def close_output() -> None:
    """Write nowhere from now on: nobody reads any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _bar(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, nothing elsewhere; yields what counts a step and names it."""
    with typer.progressbar(length=total, show_pos=True, hidden=not sys.stdout.isatty()) as bar:

        def step(name: str) -> None:
            bar.label = name
            bar.update(1)

        yield step


@contextmanager
def _show_progress(total: int) -> Iterator[Callable[[RunResult], None]]:
    """A bar on a terminal, one line a run elsewhere."""
    done = 0
    with _bar(total) as step:

        def report(result: RunResult) -> None:
            nonlocal done
            done += 1
            step(str(result.run))
            if result.error or not sys.stdout.isatty():
                count = f"[{done:>{len(str(total))}}/{total}]"
                end = f"FAILED: {result.error}" if result.error else f"{result.seconds:.1f} s"
                _say(f"{count} {result.run}  {end}")

        yield report


def _say(words: str) -> None:
    """Print a line; a reader that has seen enough, such as ``head``, does not end a batch."""
    try:
        typer.echo(words)
    except BrokenPipeError:
        close_output()


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines, their cells below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _tell_all_done(outputs: Path) -> None:
    """Say that nothing was due."""
    typer.echo(
        f"Everything is up to date; --force runs all the same.\nOpen {outputs / 'index.html'}"
    )


def _print_end(results: Sequence[RunResult], up_to_date: int, outputs: Path) -> None:
    """What was made, what failed and why, and the page to open."""
    if not results:
        _tell_all_done(outputs)
        return
    rows = [("Data set", "Pages", "Failed", "Seconds")]
    for name, group in groupby(results, lambda result: result.run.data_set):
        own = [*group]
        failed = sum(bool(result.error) for result in own)
        seconds = sum(result.seconds for result in own)
        rows.append((name, str(len(own) - failed), str(failed), f"{seconds:.1f}"))
    _say(f"\n{_table(rows)}")
    if up_to_date:
        _say(f"{_counted(up_to_date)} up to date.")
    for result in results:
        if result.failed_notebook:
            _say(f"\nFailed: {result.run}\n  {result.error}")
            if result.failed_notebook.is_file():
                _say(f"  Open {result.failed_notebook}")
    _say(f"\nOpen {outputs / 'index.html'}")


def _some(names: Sequence[str]) -> str:
    """Name a few, and say how many more there are."""
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return ", ".join(names[:MANY]) + more


def _counted(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"
