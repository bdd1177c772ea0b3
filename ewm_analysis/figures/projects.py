"""Running and new projects, and other activities, by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ewm_analysis.figures.bars import Column, draw_columns, draw_legend
from ewm_analysis.figures.cells import (
    Cell,
    cells,
    hedged,
    inferred_note,
    marked,
    needed,
    year_clause,
    year_text,
)
from ewm_analysis.figures.style import MAIN, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

KINDS = ("projects_new", "projects_running")

Pair = tuple[Cell | None, Cell | None]
"""New and running projects of one year."""


@style()
def plot_projects(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the projects of each year: running in a light tone, new ones as the dark part.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``projects_new`` and ``projects_running``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    by_year = _by_year(rows)
    columns = []
    for year, (new, running) in by_year.items():
        columns.append(
            Column(
                year=year,
                is_year_inferred=_is_inferred((new, running)),
                whole=running.value if running else None,
                whole_text=marked(words.count(running.value), running.precision) if running else "",
                part=new.value if new else None,
                part_text=marked(words.count(new.value), new.precision) if new else "",
            )
        )
    legend = (words.indicator("projects_running"), words.text("figures.projects.new"))
    ax = draw_columns(ax, columns, legend, _note(by_year, words))
    pairs = [zip(KINDS, pair, strict=True) for pair in by_year.values()]
    kinds = {name for pair in pairs for name, cell in pair if cell}
    if len(kinds) == 1:  # one colour, but not the same meaning in every report
        draw_legend(ax, {words.indicator(kinds.pop()): MAIN})
    return ax


def describe_projects(rows: pd.DataFrame, words: Words) -> str:
    """Say how many projects are new and running in the last year, and before.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    *earlier, (year, last) = _by_year(rows).items()
    new, running = last
    known = [
        hedged(words.quantity(name, cell.value), cell.precision, words)
        for name, cell in (("projects_running", running), ("projects_new", new))
        if cell
    ]
    key = "both" if new and running else "one"
    first = words.text(
        f"figures.counts.{key}",
        when=year_clause(year, _is_inferred(last), words),
        counts=known[0],
        among=known[-1],
    )
    numbers = [
        words.text(
            "figures.counts.item",
            value=_new_of_running(pair, words),
            year=year_text(year, _is_inferred(pair), words),
        )
        for year, pair in earlier
    ]
    return _with_earlier(first, numbers, words)


@style()
def plot_activities(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the number of other activities by year.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``activities``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    found = needed(cells(rows, "activities"), "activities")
    columns = [
        Column(
            year=cell.year,
            is_year_inferred=cell.is_year_inferred,
            whole=cell.value,
            whole_text=marked(words.count(cell.value), cell.precision),
            part=None,
            part_text="",
        )
        for cell in found
    ]
    return draw_columns(ax, columns, ("", ""), inferred_note(found, words))


def describe_activities(rows: pd.DataFrame, words: Words) -> str:
    """Say how many other activities there are in the last year, and were before.

    Raises
    ------
    MissingDataError
        If there is no number to describe.

    Examples
    --------
    >>> import pandas as pd
    >>> from ewm_analysis.catalogue import Words
    >>> row = {"year": 2021, "indicator": "activities", "dimension": "", "category": "",
    ...        "value": 95, "precision": "exact", "is_year_inferred": False}
    >>> describe_activities(pd.DataFrame([row]), Words(reference=None, locale="en"))
    'In 2021 the data set counts 95\\xa0other activities.'
    """
    *earlier, last = needed(cells(rows, "activities"), "activities")
    count = hedged(words.quantity("activities", last.value), last.precision, words)
    when = year_clause(last.year, last.is_year_inferred, words)
    first = words.text("figures.counts.one", when=when, counts=count)
    numbers = [
        words.text(
            "figures.counts.item",
            value=hedged(words.count(cell.value), cell.precision, words),
            year=year_text(cell.year, cell.is_year_inferred, words),
        )
        for cell in earlier
    ]
    return _with_earlier(first, numbers, words)


def _by_year(rows: pd.DataFrame) -> dict[int, Pair]:
    new, running = ({cell.year: cell for cell in cells(rows, name)} for name in KINDS)
    needed([*new.values(), *running.values()], "projects")
    return {year: (new.get(year), running.get(year)) for year in sorted({*new, *running})}


def _note(by_year: dict[int, Pair], words: Words) -> str:
    """Explain the asterisk, and years whose light part is unknown rather than zero."""
    notes = [inferred_note((cell for pair in by_year.values() for cell in pair if cell), words)]
    unknown = [str(year) for year, (_, running) in by_year.items() if running is None]
    if len(unknown) < len(by_year) and unknown:
        notes.append(words.text("figures.projects.running_unknown", years=words.join(unknown)))
    return " · ".join(note for note in notes if note)


def _is_inferred(pair: Pair) -> bool:
    return any(cell.is_year_inferred for cell in pair if cell)


def _new_of_running(pair: Pair, words: Words) -> str:
    new, running = (
        hedged(words.count(cell.value), cell.precision, words) if cell else "" for cell in pair
    )
    if new and running:
        return words.text("figures.projects.new_of_running", new=new, running=running)
    return new or words.text("figures.projects.running", running=running)


def _with_earlier(first: str, numbers: Sequence[str], words: Words) -> str:
    if not numbers:
        return first
    return f"{first} {words.text('figures.counts.earlier', numbers=words.join([*numbers]))}"
