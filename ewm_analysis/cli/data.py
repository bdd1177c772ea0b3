"""The commands around data: begin a project, write and check data sets, import records."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from ewm_analysis.cli.run import Spoken
from ewm_analysis.errors import ParameterError
from ewm_analysis.example import EXAMPLE
from ewm_analysis.files import move_in, staged, written
from ewm_analysis.l10n import DEFAULT
from ewm_analysis.project import data_folders, find_project, list_datasets, starter_files

if TYPE_CHECKING:  # heavy: imported by the command that needs it
    from ewm_analysis.intake.check import CheckReport
    from ewm_analysis.intake.workbook_report import Import


def init(folder: Path) -> None:
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


def example(
    folder: Path = Path("data/example"),
    seed: int = EXAMPLE["seed"],
    cluster: list[str] | None = None,
    first_year: int = EXAMPLE["first_year"],
    last_year: int = EXAMPLE["last_year"],
    projects: int = EXAMPLE["projects_per_year"],
    parquet: bool = False,
) -> None:
    """Write the synthetic example; the same options give the same bytes.

    Every project, partner and actor in it is invented, except the names and volumes of five
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


def check(
    data: list[str] | None = None,
    year: int | None = None,
    format_: Literal["text", "json"] = "text",
    locale: Spoken = DEFAULT,
) -> None:
    """Check data sets: contracts, keys, table against table, year against year, actors twice.

    Ends with 1 if there is an error, with 0 otherwise; warnings and notes do not fail. JSON is a
    list with one object a data set: data_set, errors, warnings, notes and findings, each with
    level, name, table, file, line, column, year, key, value, expected, advice.

    Examples:

    \b
    ewm check
    ewm check --data data/example --year 2021
    ewm check --format json --locale en
    """
    from ewm_analysis.intake import check_dataset

    folders = data_folders(data or ()) or list_datasets(find_project())
    reports = [check_dataset(folder, year) for folder in folders]
    _refuse_unknown_year(reports, year)
    if format_ == "json":
        found = [report.as_json(locale) for report in reports]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for report in reports:
            typer.echo(report.as_text(locale))
    if any(report.count("error") for report in reports):
        raise typer.Exit(1)


def _refuse_unknown_year(reports: list[CheckReport], year: int | None) -> None:
    """Nothing found in a year that nobody reported is no good news; broken sets tell no years."""
    known = {each for report in reports for each in report.years}
    if year is not None and year not in known and all(report.years for report in reports):
        raise ParameterError("year", year, sorted(known), "has no records or figures")


def template(file: Path, year: int, cluster: str = "") -> None:
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


def map_list(
    source: Path,
    year: int | None = None,
    cluster: str = "",
    output: Path | None = None,
    check_: Path | None = None,
    locale: Spoken = DEFAULT,
) -> None:
    """Propose what the columns of a list are, as a map for 'ewm import list'.

    Each guess says why, and shows what the first cells would become. What is not recognised is
    "?": correct the map in any text editor. --check says what a map covers: rows read and left
    out, values without a code, sums of the list and of the records; it ends with 1 if the list
    could not be imported so. Nothing is imported.

    Examples:

    \b
    ewm map projects.xlsx --year 2022 --cluster imk --output projects.toml
    ewm map projects.xlsx --check projects.toml
    """
    from ewm_analysis.intake import check_map, propose_map
    from ewm_analysis.loaders import load_reference, resolve_data_dir

    reference = load_reference(resolve_data_dir("data/reference"))
    if output is not None and output.exists():
        reason = "exists already, perhaps with corrections: hold it against the list with --check"
        raise ParameterError("output", str(output), reason=reason)
    if check_ is not None:
        if cluster or output:
            raise ParameterError("check", str(check_), reason="goes without --cluster and --output")
        told, is_good = check_map(source, check_, reference, year=year, locale=locale)
        typer.echo(told)
        raise typer.Exit(not is_good)
    told = propose_map(source, reference, year=year, cluster_id=cluster, locale=locale)
    if output is None:
        typer.echo(told, nl=False)
        return
    try:
        with written(output) as beside:
            beside.write_text(told, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = f"cannot be written ({error.strerror}); name another file"
        raise ParameterError("output", str(output), reason=reason) from None
    typer.echo(f"Wrote {output}. Read it, then: ewm import list {source} --map {output} --data DIR")


def import_cordis(
    folders: list[Path],
    data: Path,
    region: list[str],
    incomplete_year: list[int] | None = None,
    rules: Path | None = None,
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

    counts = write(folders, data, regions=region, incomplete=incomplete_year or (), rules=rules)
    for name, value in counts.items():
        typer.echo(f"{name}: {value}")
    if not incomplete_year:
        typer.echo(
            "If the files are a sample or an excerpt, say which years are not whole with "
            "--incomplete-year: they do not show it, and gaps look like growth."
        )
    typer.echo(f"Wrote {data}; what is unknown stands in {data / 'README.md'}.")
    typer.echo(f"Run it with: ewm run --data {data}")


def import_statistics(
    file: Path,
    data: Path,
    format_: Literal["genesis", "eurostat"],
    indicator: str = "",
    delimitation: Path | None = None,
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


def import_published(file: Path, data: Path, sources: Path | None = None) -> None:
    """Take figures that a report prints into a data set, with their sources.

    Columns are those of published/figures.csv, and of reference/sources.csv; data/README.md tells
    them. Rows of the same source are replaced. All failures are told by line, and then nothing is
    written.

    Examples:

    \b
    ewm import published figures-2022.csv --sources sources-2022.csv --data data/capital-region
    """
    from ewm_analysis.intake import import_published as write

    counts = write(file, data, sources)
    typer.echo(f"Wrote {counts['rows']} figures to {data / 'published' / 'figures.csv'}.")
    typer.echo(f"Replaced: {counts['replaced']}. Sources of its own: {counts['sources']}.")


def import_workbook(
    sources: list[Path],
    data: Path,
    year: int | None = None,
    accept: list[str] | None = None,
    locale: Spoken = DEFAULT,
    replace: bool = False,
    report: Path | None = None,
) -> None:
    """Check filled-in workbooks and write them to records/<year>/ if nothing is wrong.

    Each error is told with its cell, such as Projekte!F17, and nothing is written until all are
    gone. Warnings have names and can be accepted. The original is kept in originals/<year>/. A
    workbook counts for the clusters it reports; records of the others stay.
    Ends with 0 if the records are in place, with 1 if not.

    Examples:

    \b
    ewm import workbook records-2022.xlsx --data data/capital-region
    ewm import workbook records-2022.xlsx --data data/capital-region --replace
    ewm import workbook imk.xlsx gw.xlsx et.xlsx --data data/capital-region
    ewm import workbook csv-2021/ --data data/mine --year 2021 --accept disclosure-none
    """
    from ewm_analysis.intake import import_workbook as import_source

    done = import_source(
        sources, data, year=year, accept=accept or (), locale=locale, replace=replace
    )
    _tell_import(done, sources[0], report)


def import_list(
    source: Path,
    map_: Path,
    data: Path,
    year: int | None = None,
    accept: list[str] | None = None,
    locale: Spoken = DEFAULT,
    replace: bool = False,
    report: Path | None = None,
) -> None:
    """Take a list of projects into records/<year>/, by a map of its columns.

    One list gives all five tables; they are checked as those of a workbook are. What is left out
    or read otherwise than it is written is told, once for all cells that are alike. The list and
    its map are kept in originals/<year>/. Ends with 0 if the records are in place, with 1 if not.

    Examples:

    \b
    ewm map projects.xlsx --year 2022 --cluster imk --output projects.toml
    ewm import list projects.xlsx --map projects.toml --data data/mine
    """
    from ewm_analysis.intake import import_workbook as import_source

    done = import_source(
        source,
        data,
        year=year,
        accept=accept or (),
        locale=locale,
        replace=replace,
        map_file=map_,
    )
    _tell_import(done, source, report)


def _tell_import(done: Import, source: Path, report: Path | None) -> None:
    """Show what an import found, as text and as a page beside the source."""
    from ewm_analysis.intake import describe_import, write_report

    first = source.resolve()
    if "originals" in first.parts:  # what came in stays there alone
        first = Path.cwd() / first.name
    page = report or first.with_name(f"{first.stem}.report.html")
    write_report(done, page)
    typer.echo(describe_import(done))
    typer.echo(str(page))
    if done.outcome not in ("written", "unchanged"):
        raise typer.Exit(1)


def history(data: Path, locale: Spoken = DEFAULT) -> None:
    """List the editions of a data set's records: what each import, and each restore, left.

    One line an edition: name, time (UTC), how it came about, rows, sources. "=" marks what stands
    there now.

    Examples:

    \b
    ewm history --data data/capital-region
    """
    from ewm_analysis.intake import describe_editions

    typer.echo(describe_editions(data, locale))


def restore(edition: str, data: Path, locale: Spoken = DEFAULT) -> None:
    """Put the records of an edition back in place of those of its year: all tables, or none.

    What stands there is kept as an edition, too, so nothing is lost and a restore can be undone.
    Ends with 2 if there is no such edition, with 1 if the data set would break with it; then
    nothing is changed.

    Examples:

    \b
    ewm history --data data/capital-region
    ewm restore 2022-3 --data data/capital-region
    """
    from ewm_analysis.intake import restore_edition
    from ewm_analysis.l10n import text

    made = restore_edition(data, edition)
    typer.echo(text("intake.history.restored", locale, name=edition, now=made.name))
