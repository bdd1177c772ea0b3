"""The values that a figure shows, picked from the long table, and how certain they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ewm_analysis.catalogue import Words, dimension, indicator
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.l10n import NBSP

LEFT_OVER = "other"
"""How the codes of what a list does not name begin: it stands last."""
MARKS = {"exact": "", "approximate": "≈", "at_least": "≥", "lower_bound": ">", "upper_bound": "≤"}


class Cell(NamedTuple):
    """One known value: missing ones are no cells."""

    year: int
    category: str
    value: float
    precision: str
    is_year_inferred: bool
    n_known: int | None = None
    n_all: int | None = None
    at_most: float | None = None
    row: int | None = None


def cells(rows: pd.DataFrame, name: str, dimension: str = "") -> list[Cell]:
    """Return the known values of an indicator in one breakdown, by year.

    Raises
    ------
    ParameterError
        If two values stand for the same thing, as those of two regions would.
    """
    if not _last or _last[0] is not rows:
        _last[:] = rows, _all_cells(rows)
    found: list[Cell] = sorted(_last[1].get((name, dimension), []), key=lambda cell: cell.year)
    seen = set()
    for cell in found:
        if cell[:2] in seen:
            reason = f"has two values in {cell.year}: choose one cluster and region"
            raise ParameterError("indicator", name, reason=reason)
        seen.add(cell[:2])
    return found


_last: list[Any] = []
"""The rows that were read last, and their cells: a figure asks its rows many times."""


def _all_cells(rows: pd.DataFrame) -> dict[tuple[str, str], list[Cell]]:
    """Return all known values by indicator and breakdown, read in one go."""
    known = rows[rows["value"].notna()]
    fields = [field for field in Cell._fields if field in known]
    columns = [known[field].astype(float if field == "value" else object) for field in fields]
    found: dict[tuple[str, str], list[Cell]] = {}
    places = zip(known["indicator"].tolist(), known["dimension"].tolist(), strict=True)
    lines = zip(*(column.tolist() for column in columns), strict=True)
    for row, place, line in zip(known.index, places, lines, strict=True):
        found.setdefault(place, []).append(Cell(**dict(zip(fields, line, strict=True)), row=row))
    return found


def in_order(found: Sequence[Cell], dimension: str, words: Words) -> list[Cell]:
    """Return cells in the order of their categories in the catalogue."""
    order = [*words.reference.valid(dimension)["category"]]
    return sorted(
        found,
        key=lambda cell: order.index(cell.category) if cell.category in order else len(order),
    )


def by_size(series: Mapping[str, list[Cell]], by: str, words: Words) -> list[str]:
    """Return the categories by size, first that of the first series, with what is left over at the
    end; those of a list that has an order of its own as they are.
    """
    every = [cell for part in series.values() for cell in part]
    codes = [*dict.fromkeys(cell.category for cell in in_order(every, by, words))]
    if dimension(by).ordered:
        return codes
    sizes = [{cell.category: cell.value for cell in part} for part in series.values()]
    return sorted(codes, key=lambda c: (c.startswith(LEFT_OVER), [-s.get(c, 0) for s in sizes]))


def unlike_wholes(
    rows: pd.DataFrame, series: Mapping[str, list[Cell]], by: str, words: Words
) -> dict[str, float]:
    """Return what each of several series is part of; nothing unless all is known exactly: then the
    parts can be compared as shares.
    """

    def whole(name: str, part: list[Cell]) -> float:
        year = part[0].year
        if dimension(by).within:  # of a part of the undivided value: its sum, where it is complete
            listed = {*words.reference.valid(by, year)["category"]}
            is_all = listed <= {cell.category for cell in part}
            return is_all * sum(cell.value for cell in part)
        found = undivided(rows, name, year)
        return found.value if found and found.precision == "exact" else 0.0

    found = {name: whole(name, part) for name, part in series.items()}
    is_exact = {cell.precision for part in series.values() for cell in part} == {"exact"}
    return found if is_exact and all(found.values()) and len(found) > 1 else {}


def umbrellas(dimension: str, known: Iterable[str], words: Words) -> set[str]:
    """Return categories that hold others of those known: beside their parts none is the largest."""
    listed = words.reference.valid(dimension)
    return {*listed.loc[listed["category"].isin([*known]), "parent"]} - {""}


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


def needed(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return rows, or raise MissingDataError if there is none."""
    if rows.empty:
        raise MissingDataError(f"There is nothing to draw: no {what}.")
    return rows


def marked(text: str, precision: str) -> str:
    """Return a value for a label, with a sign where it is not exact.

    Examples
    --------
    >>> marked("75%", "approximate"), marked("34", "exact")
    ('≈\\xa075%', '34')
    """
    return NBSP.join(part for part in (MARKS[precision], text) if part)


def unknown_items(found: Mapping[str, Iterable[Cell]], words: Words) -> str:
    """Say which sums, by indicator, are not known in full; empty if all are."""
    lacking = [
        words.unknown(name, cell.year, cell)
        for name, part in found.items()
        for cell in part
        if not cell.category
    ]
    return "; ".join(filter(None, lacking))


def quoted(dimension: str, category: str, words: Words) -> str:
    """Return a label in quotation marks."""
    return words.text("figures_records.quoted", name=words.label(dimension, category))


def said_share(rows: pd.DataFrame, name: str, share: Cell, words: Words) -> str:
    """Return a share in per cent, with part and base beside it where they are known."""
    part = undivided(rows, name.removesuffix("_share"), share.year)
    base = undivided(rows, indicator(name).base, share.year)
    if part is None or base is None:
        return words.value(name, share.value)
    return words.text(
        "figures.share_of",
        share=words.share(share.value),
        part=words.count(part.value),
        base=words.count(base.value),
    )


def undivided(rows: pd.DataFrame, name: str, year: int) -> Cell | None:
    """Return the undivided value of a year; None if it is not known."""
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


def rough(*found: Cell) -> str:
    """Return the precision of a share or a difference: it has no bounds."""
    precision = common_precision(cell.precision for cell in found)
    return precision if precision == "exact" else "approximate"


def is_inferred(found: Iterable[Cell]) -> bool:
    """Tell whether the year of any value is inferred."""
    return any(cell.is_year_inferred for cell in found)


def starred(year: int, found: Iterable[Cell]) -> str:
    """Return a year for an axis, with an asterisk if it is inferred."""
    return f"{year}*" if is_inferred(found) else str(year)


def inferred_note(found: Iterable[Cell], words: Words) -> str:
    """Return what the asterisk at a year means; empty if no year is inferred."""
    return words.text("figures.note_inferred") if is_inferred(found) else ""


def year_clause(year: int, is_inferred: bool, words: Words) -> str:
    """Return the opening of a sentence: "Im Jahr 2021", "Im Jahr 2020 (Jahr erschlossen)"."""
    key = "in_year_inferred" if is_inferred else "in_year"
    return words.text(f"figures.{key}", year=year)
