"""``ewm publish``, ``ewm diff`` and ``ewm why``: editions, what one tells differently, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ewm_analysis.cli.run import Output, Spoken, keep_apart
from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import DEFAULT
from ewm_analysis.project import find_project


def diff(
    old: Annotated[
        Path, typer.Argument(help="The earlier folder of results, data set or DATA@EDITION.")
    ],
    new: Annotated[Path, typer.Argument(help="The later one.")],
    html: Annotated[
        Path | None, typer.Option(help="Write the differences as a page, too, such as diff.html.")
    ] = None,
    format_: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json lists all, for machines.")
    ] = "text",
    locale: Annotated[
        Spoken, typer.Option(help="Language; pages in it are the ones compared.")
    ] = DEFAULT,
    internal: Annotated[
        bool,
        typer.Option(
            "--internal",
            help="Tell confidential figures and records, too. Not to be passed on.",
        ),
    ] = False,
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
        from ewm_analysis.files import written

        with written(html) as beside:
            page = telling.as_page(found, locale, internal=internal)
            beside.write_text(page, "utf-8", newline="")
        typer.echo(f"Wrote {html}", err=True)
    if found.pages:
        raise typer.Exit(1)


def publish(
    to: Annotated[Path, typer.Option(help="Folder for readers, of this and all earlier editions.")],
    output: Output = None,
    archive: Annotated[
        Path | None,
        typer.Option(help="Write the edition as one ZIP for an archive, too, such as 2021-1.zip."),
    ] = None,
) -> None:
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


def why(
    page: Annotated[
        Path, typer.Argument(help="Folder of a page: outputs/example/2021/imk/10_annual_report/de")
    ],
    figure: Annotated[
        str, typer.Argument(help='Figure or table: figure-2, its name as in figures/, or "Abb. 2".')
    ],
    internal: Annotated[
        bool,
        typer.Option("--internal", help="Name confidential records, too. Not to be passed on."),
    ] = False,
) -> None:
    """Trace printed numbers: what was counted, by which rule, from which files, with what software.

    It is read from the manifest of the page, in the language of the page. Records are named
    while the files are still those that the page was made from.

    Examples:

    \b
    ewm why outputs/example/2021/imk/10_annual_report/de figure-2
    ewm why outputs/example/2021/imk/10_annual_report/en funders
    """
    from ewm_analysis.editions.why import why as way

    typer.echo(way(page, figure, find_project(), internal=internal))
