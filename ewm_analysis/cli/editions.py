"""What results mean and tell: ``ewm describe``, and ``diff``, ``publish``, ``why`` of editions."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from ewm_analysis.cli.run import Spoken, keep_apart
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.files import written
from ewm_analysis.l10n import DEFAULT, FALLBACK, in_language
from ewm_analysis.project import find_project

if TYPE_CHECKING:
    from ewm_analysis.catalogue import Indicator, Reference

UNITS = {
    "count": "number",
    "eur": "euros, nominal",
    "fraction": "fraction (0.73 is 73%)",
    "persons": "persons",
}
PARTS = {
    "sum": "The parts of a breakdown do not overlap and may be summed; "
    "they make the whole only where the breakdown covers all of it.",
    "overlap": "The parts of a breakdown overlap and are never summed.",
    "none": "Not summed: neither over breakdowns, nor over clusters or years.",
}


def describe(name: str | None = None, figure: str | None = None) -> None:
    """Explain an indicator, a category or a cluster: unit, definition, how it may be summed.

    Or a figure: its rows, how it is drawn, what is said of it, and its caption.

    Examples:

    \b
    ewm describe
    ewm describe projects_new
    ewm describe imk
    ewm describe figure funders
    """
    from ewm_analysis.catalogue import indicator, indicators

    if figure is not None and name != "figure":
        raise ParameterError("name", name, ["figure"], "takes no second name")
    if name == "figure":
        _print_figure(figure)
    elif name is None:
        _print_all([indicator(each) for each in indicators()])
    elif name in indicators():
        _print_indicator(indicator(name))
    else:
        _print_code(name, indicators())


def _print_all(entries: list[Indicator]) -> None:
    width = max(len(entry.name) for entry in entries)
    for group in dict.fromkeys(entry.group for entry in entries):
        typer.echo(f"\n{group}")
        for entry in entries:
            if entry.group == group:
                typer.echo(f"  {entry.name:<{width}}  {in_language(entry.label, FALLBACK)}")
    typer.echo("\n'ewm describe NAME' explains one.")


def _print_indicator(entry: Indicator) -> None:
    typer.echo(f"{entry.name}: {' / '.join(entry.label.values())}\n")
    lines = {
        "Unit": UNITS[entry.unit],
        **entry.definition,
        "Sum": PARTS[entry.parts],
        "Sum of": ", ".join(entry.sum_of),
        "Part of": entry.of,
        "Share of" if entry.name.endswith("_share") else "Change of": entry.base,
        "By": ", ".join(entry.dimensions),
    }
    for head, words in lines.items():
        if words:
            typer.echo(f"{head + ':':<11}{words}")


def _print_figure(name: str | None) -> None:
    from ewm_analysis import figures

    if name is None:
        for each in figures.entries().values():
            typer.echo(each.name)
        typer.echo("\n'ewm describe figure NAME' explains one.")
        return
    typer.echo(figures.entry(name).explained())


def _print_code(name: str, known: tuple[str, ...]) -> None:
    """A code may stand for a cluster and for categories of several dimensions: all are shown."""
    reference = _reference()
    clusters = reference.clusters.assign(dimension="cluster")
    named = [clusters.rename(columns={"cluster_id": "category"}), reference.categories]
    rows = [
        (row["dimension"], row["category"], " / ".join(row.filter(like="label_")))
        for table in named
        for _, row in table.iterrows()
    ]
    found = dict.fromkeys(row for row in rows if row[1] == name)
    if not found:
        close = get_close_matches(name, {*known, *(row[1] for row in rows)}, n=5)
        reason = "is no indicator, category or cluster; 'ewm describe' lists the indicators"
        raise ParameterError("name", name, close, reason)
    for dimension, code, labels in found:
        typer.echo(f"{code} ({dimension}): {labels}")


def _reference() -> Reference:
    from ewm_analysis.loaders import load_reference, resolve_data_dir

    try:
        return load_reference(resolve_data_dir("data/reference"))
    except MissingDataError as error:
        raise MissingDataError(f"Clusters and categories are unknown here. {error}") from None


def diff(
    old: Path,
    new: Path,
    html: Path | None = None,
    format_: Literal["text", "json"] = "text",
    locale: Spoken = DEFAULT,
    internal: bool = False,
) -> None:
    """Tell which figures and sentences differ between two editions, and why.

    Two folders of results are compared page by page, two data sets figure by figure. Causes come
    from the records of the runs: a cell that was corrected, a row that came or went, another
    category, rule, notebook or library. Earlier files are looked up in both folders, in the
    editions of the records and in git. DATA@EDITION is a data set with the records of an edition
    as 'ewm history' names it.

    Ends with 0 if nothing differs, with 1 if something does, with 2 on wrong use.

    Examples:

    \b
    ewm diff site outputs
    ewm diff site outputs --html diff.html --locale en
    ewm diff data/example /media/stick/example --format json
    ewm diff data/berlin@2022-1 data/berlin
    """
    from ewm_analysis.editions import telling
    from ewm_analysis.editions.diff import diff as compare

    if html and html.suffix != ".html":
        raise ParameterError("--html", str(html), reason="must end in .html")
    found = compare(old, new, locale, root=find_project(), internal=internal)
    is_text = format_ == "text"
    typer.echo(telling.as_text(found, locale) if is_text else telling.as_json(found))
    if html:
        with written(html) as beside:
            page = telling.as_page(found, locale, internal=internal)
            beside.write_text(page, "utf-8", newline="")
        typer.echo(f"Wrote {html}", err=True)
    if found.pages:
        raise typer.Exit(1)


def publish(to: Path, output: Path | None = None, archive: Path | None = None) -> None:
    """Publish the results as the next edition of a folder for readers.

    Left out is what only those need who made the pages: executed and failed notebooks, and
    manifests of confidential records. Each page names the edition and what changed since the one
    before, which stays in editions/. Where nothing changed, no edition is made. Results that are
    not as they were written, and those for internal use, are refused.

    Examples:

    \b
    ewm publish --to site
    ewm publish --to site --archive edition-1.zip
    ewm publish --to /media/stick/reports --output outputs
    """
    from ewm_analysis.editions import published

    root = find_project()
    outputs = (output or root / "outputs").resolve()
    keep_apart(outputs, internal=False)
    made = published.publish(outputs, to, root)
    say = f"Edition {made.number} of {made.date}"
    typer.echo(f"{say}{'' if made.is_new else ': nothing is new'}. Open {to / 'index.html'}")
    both = f"the editions {made.number - 1} and {made.number}"
    if made.hidden:
        typer.echo(f"{made.hidden} confidential figures are shown by only one of {both}.")
    if made.moved:
        typer.echo(f"{made.moved} figures of confidential records differ between {both}.")
    if made.hidden or made.moved:
        typer.echo(
            "Together they may tell more than each: what differs may be a single record. Look "
            "before you pass it on: 'ewm diff --internal' with the folders of both."
        )
    if archive:
        count = published.archive(to, archive, root)
        typer.echo(f"Wrote {archive}: {count} files")


def why(page: Path, figure: str, internal: bool = False) -> None:
    """Trace printed numbers: what was counted, by which rule, from which files, with what software.

    It is read from the manifest of the page, in the language of the page. Records are named
    while the files are still those that the page was made from.

    Examples:

    \b
    ewm why outputs/example/2021/imk/10_annual_report/de figure-2
    ewm why outputs/example/2021/imk/10_annual_report/en funders
    """
    from ewm_analysis.editions.telling import why as way

    typer.echo(way(page, figure, find_project(), internal=internal))
