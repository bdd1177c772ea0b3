"""Volume of the new projects by year, and the projects named in the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ewm_analysis.figures.bars import Bar, Column, draw_bars, draw_columns
from ewm_analysis.figures.cells import (
    Cell,
    cells,
    common_precision,
    hedged,
    inferred_note,
    marked,
    needed,
    report_cells,
    report_year,
    year_clause,
    year_text,
)
from ewm_analysis.figures.style import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

LARGEST_NUMERAL = 12
"""Up to here a sentence writes numbers as words."""


@style()
def plot_project_volume(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the volume of the new projects by year, the projects named as its dark part.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``project_volume`` in EUR, undivided and by ``project``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    columns = []
    totals = needed(cells(rows, "project_volume"), "project volume")
    for total in totals:
        named = _named(rows, total.year)
        columns.append(
            Column(
                year=total.year,
                is_year_inferred=total.is_year_inferred,
                whole=total.value,
                whole_text=marked(words.eur(total.value), total.precision),
                part=_sum(named) if named else None,
                part_text=marked(words.eur(_sum(named)), _precision(named)),
            )
        )
    legend = (words.text("figures.volume.others"), words.text("figures.volume.named"))
    return draw_columns(ax, columns, legend, inferred_note(totals, words))


def describe_project_volume(rows: pd.DataFrame, words: Words) -> str:
    """Say the volume of the last year, the part of the projects named, and the volume before.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    *earlier, last = needed(cells(rows, "project_volume"), "project volume")
    named = _named(rows, last.year)
    text = words.text(
        "figures.volume.total",
        when=year_clause(last.year, last.is_year_inferred, words),
        total=hedged(words.eur(last.value), last.precision, words),
    )
    if named:
        part = hedged(words.eur(_sum(named)), _precision(named), words)
        text += words.text("figures.volume.part", part=part, projects=_projects(named, words))
    if not earlier:
        return f"{text}."
    items = [
        words.text(
            "figures.counts.item",
            value=hedged(words.eur(cell.value), cell.precision, words),
            year=year_text(cell.year, cell.is_year_inferred, words),
        )
        for cell in earlier
    ]
    return f"{text}. {words.text('figures.volume.earlier', volumes=words.join(items))}"


@style()
def plot_largest_projects(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the volume of each project named in the report year, the largest on top.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``project_volume`` in EUR by ``project``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If no project is named with its volume.
    """
    named = report_cells(rows, "project_volume", "project", words)
    bars = [
        Bar(
            label=words.label("project", cell.category),
            value=cell.value,
            text=marked(words.eur(cell.value), cell.precision),
        )
        for cell in sorted(needed(named, "single projects"), key=lambda cell: -cell.value)
    ]
    return draw_bars(ax, bars)


def describe_largest_projects(rows: pd.DataFrame, words: Words) -> str:
    """Say what the named projects amount to, their share of the volume, and what remains.

    Raises
    ------
    MissingDataError
        If no project is named with its volume.
    """
    year = report_year(rows)
    named = needed(_named(rows, year), "single projects")
    part = _sum(named)
    text = words.text(
        f"figures.largest.{_number_key(named)}",
        projects=_capitalised(_projects(named, words)),
        part=hedged(words.eur(part), _precision(named), words),
    )
    total = next((cell for cell in cells(rows, "project_volume") if cell.year == year), None)
    if total is None or total.value < part or not total.value:
        return f"{text}."
    precision = common_precision([total.precision, _precision(named)])
    rough = precision if precision == "exact" else "approximate"
    return text + words.text(
        f"figures.largest.of_total_{_number_key(named)}",
        share=hedged(words.share(part / total.value), rough, words),
        total=hedged(words.eur(total.value), total.precision, words),
        remainder=hedged(words.eur(total.value - part), rough, words),
    )


def _named(rows: pd.DataFrame, year: int) -> list[Cell]:
    return [cell for cell in cells(rows, "project_volume", "project") if cell.year == year]


def _sum(named: Sequence[Cell]) -> float:
    return sum(cell.value for cell in named)


def _precision(named: Sequence[Cell]) -> str:
    return common_precision(cell.precision for cell in named)


def _number_key(named: Sequence[Cell]) -> str:
    return "one" if len(named) == 1 else "other"


def _projects(named: Sequence[Cell], words: Words) -> str:
    count = len(named)
    known = count <= LARGEST_NUMERAL
    number = words.text(f"figures.numeral.{count}") if known else words.count(count)
    return words.text(f"figures.volume.projects_{_number_key(named)}", number=number)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
