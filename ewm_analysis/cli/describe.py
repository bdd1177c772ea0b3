"""``ewm describe``: what an indicator, a category or a cluster means."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.l10n import FALLBACK, in_language

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


def describe(
    name: Annotated[
        str | None,
        typer.Argument(
            help="An indicator, a category or a cluster, or the word figure. "
            "Default: list indicators."
        ),
    ] = None,
    figure: Annotated[
        str | None, typer.Argument(help="After the word figure: its name. Default: list figures.")
    ] = None,
) -> None:
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
