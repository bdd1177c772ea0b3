"""The values that a figure shows, picked from the long table, and how certain they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.l10n import NBSP

MARKS = {"exact": "", "approximate": "≈", "lower_bound": ">", "upper_bound": "≤"}


@dataclass(frozen=True)
class Cell:
    """One known value: missing ones are no cells."""

    year: int
    category: str
    value: float
    precision: str
    is_year_inferred: bool


def cells(rows: pd.DataFrame, name: str, dimension: str = "") -> list[Cell]:
    """Return the known values of an indicator in one breakdown, by year.

    Raises
    ------
    ParameterError
        If two values stand for the same thing, as those of two regions would.
    """
    chosen = rows[
        (rows["indicator"] == name) & (rows["dimension"] == dimension) & rows["value"].notna()
    ].sort_values("year", kind="stable")
    twice = chosen[chosen.duplicated(["year", "category"])]
    if not twice.empty:
        reason = f"has two values in {twice['year'].iloc[0]}: choose one cluster and region"
        raise ParameterError("indicator", name, reason=reason)
    return [
        Cell(
            year=int(row.year),
            category=str(row.category),
            value=float(row.value),
            precision=str(row.precision),
            is_year_inferred=bool(row.is_year_inferred),
        )
        for row in chosen.itertuples()
    ]


def report_cells(rows: pd.DataFrame, name: str, dimension: str, words: Words) -> list[Cell]:
    """Return the values of a breakdown in the report year, in the order of the catalogue."""
    year = report_year(rows)
    found = [cell for cell in cells(rows, name, dimension) if cell.year == year]
    return in_order(found, dimension, words)


def in_order(found: Sequence[Cell], dimension: str, words: Words) -> list[Cell]:
    """Return cells in the order of their categories in the catalogue."""
    order = [*words.reference.valid(dimension)["category"]]
    return sorted(
        found,
        key=lambda cell: order.index(cell.category) if cell.category in order else len(order),
    )


def report_year(rows: pd.DataFrame) -> int:
    """Return the last year in rows; economic figures, told by their scope, have years of their own.

    Raises
    ------
    MissingDataError
        If there is no row.
    """
    years = rows.loc[rows["scope"] == "", "year"]
    if years.empty:
        raise MissingDataError("There is no row to draw.")
    return int(years.max())


def needed(found: Sequence[Cell], what: str) -> Sequence[Cell]:
    """Return the cells, or raise MissingDataError if there is none."""
    if not found:
        raise MissingDataError(f"No number of {what} is published.")
    return found


def marked(text: str, precision: str) -> str:
    """Return a value for a label, with a sign where it is not exact.

    Examples
    --------
    >>> marked("75%", "approximate"), marked("34", "exact")
    ('≈\\xa075%', '34')
    """
    return NBSP.join(part for part in (MARKS[precision], text) if part)


def hedged(text: str, precision: str, words: Words) -> str:
    """Return a value for a sentence, hedged where it is not exact: "rund 75 %"."""
    return words.text(f"word.precision.{precision}", value=text)


def quoted(dimension: str, category: str, words: Words) -> str:
    """Return a label in quotation marks."""
    return words.text("figures_records.quoted", name=words.label(dimension, category))


def said_share(rows: pd.DataFrame, name: str, share: Cell, words: Words) -> str:
    """Return a share in per cent, with part and base beside it where they are known."""
    part = _of_year(rows, name.removesuffix("_share"), share.year)
    base = _of_year(rows, indicator(name).base, share.year)
    if part is None or base is None:
        return words.value(name, share.value)
    return words.text(
        "figures.share_of",
        share=words.share(share.value),
        part=words.count(part.value),
        base=words.count(base.value),
    )


def _of_year(rows: pd.DataFrame, name: str, year: int) -> Cell | None:
    return next((cell for cell in cells(rows, name) if cell.year == year), None)


def common_precision(precisions: Iterable[str]) -> str:
    """Return the precision of a sum.

    Examples
    --------
    >>> common_precision(["exact", "exact"]), common_precision(["exact", "lower_bound"])
    ('exact', 'lower_bound')
    """
    rough = {*precisions} - {"exact"}
    if len(rough) > 1:
        return "approximate"
    return rough.pop() if rough else "exact"


def year_text(year: int, is_inferred: bool, words: Words) -> str:
    """Return a year for a bracket: "2020" or "2020, Jahr erschlossen"."""
    return words.text("figures.year_inferred", year=year) if is_inferred else str(year)


def inferred_note(found: Iterable[Cell], words: Words) -> str:
    """Return what the asterisk at a year means; empty if no year is inferred."""
    is_inferred = any(cell.is_year_inferred for cell in found)
    return words.text("figures.note_inferred") if is_inferred else ""


def year_clause(year: int, is_inferred: bool, words: Words) -> str:
    """Return the opening of a sentence: "Im Jahr 2021", "Im Jahr 2020 (Jahr erschlossen)"."""
    key = "in_year_inferred" if is_inferred else "in_year"
    return words.text(f"figures.{key}", year=year)
