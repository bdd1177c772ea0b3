"""Cluster organisations side by side, as their portraits describe them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.catalogue.limits import say_limits, two_digits
from ewm_analysis.l10n import MISSING, format_number
from ewm_analysis.statistics import financing, organisation_ages, quantities
from ewm_analysis.statistics.organisations import FINANCING, RATIOS, Quantity
from ewm_analysis.tables.table import Table

COUNTS = ("members", "staff", "events_per_year")


def organisations_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return technology field, seat, federal state, foundation and age of each organisation.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, without the programme.
    words : Words
        Language of the table.
    """
    ages = organisation_ages(facts, words.reference.sources)
    founded = {row.organisation_id: row for row in ages.itertuples()}
    seats = _texts(facts, "seat")
    as_of = ", ".join(str(year) for year in sorted({int(year) for year in ages["as_of"].dropna()}))
    names = ("organisation", "field", "place", "founded_age")
    header = [column(name, words, as_of=as_of) for name in names]
    cells, raw = [], []
    for organisation in in_order(facts, words):
        age = founded.get(organisation)
        named = [
            words.label("organisation", organisation),
            _groups(organisation, "technology_field", words),
        ]
        seat, state = seats.get(organisation, ""), _groups(organisation, "federal_state", words)
        place = ", ".join(filter(None, (seat, state)))
        cells.append([*named, place, _founded(age, words)])
        raw.append([*named, seat, state, *([age.founded, age.age] if age else [pd.NA, pd.NA])])
    columns = [column(name, words, as_of=as_of) for name in ("seat", "state", "founded", "age")]
    frame = pd.DataFrame(raw, columns=[*header[:2], *columns])
    return Table(frame, header, cells, numbers=(3,), notes=notes(cells, words))


def organisation_sizes_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return members, staff and events a year of each organisation, as its portrait states them.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, without the programme.
    words : Words
        Language of the table.
    """
    found = {name: quantities(facts, name) for name in COUNTS}
    header = [column(name, words) for name in ("organisation", *COUNTS)]
    cells, raw = [], []
    for organisation in in_order(facts, words):
        own = [found[name].get(organisation) for name in COUNTS]
        name = words.label("organisation", organisation)
        cells.append([name, *(say_limits(one, words, words.count) for one in own)])
        raw.append([name, *(limit for one in own for limit in _limits(one, words))])
    columns = [header[0], *(part for name in header[1:] for part in _limit_names(name, words))]
    frame = pd.DataFrame(raw, columns=columns)
    return Table(frame, header, cells, numbers=(1, 2, 3), notes=notes(cells, words))


def _founded(age: Any, words: Words) -> str:
    if age is None:
        return MISSING
    return words.text("organisations.founded_age", founded=age.founded, age=words.count(age.age))


def financing_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return where the money comes from: shares as printed, else what the portrait states.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, without the programme.
    words : Words
        Language of the table.
    """
    rows = _by(financing(facts), "financing_source")
    header = [column(name, words) for name in ("organisation", *FINANCING, "basis")]
    cells, raw, indices = [], [], []
    for organisation in in_order(facts, words):
        own = [rows.get((organisation, name)) for name in FINANCING]
        basis = _groups(organisation, "financing_basis", words)
        basis = _groups(organisation, "financing_model", words) if basis == MISSING else basis
        name = words.label("organisation", organisation)
        told = [say_limits(one, words, words.share) for one in own]
        if {*told, basis} == {MISSING}:
            continue
        index = rows.get((organisation, "herfindahl"))
        if index is not None:
            indices.append(f"{name} {format_number(index.low, words.locale, 2)}")
        cells.append([name, *told, basis])
        limits = [limit for one in own for limit in _limits(one, words)]
        raw.append([name, *limits, pd.NA if index is None else index.low, basis])
    columns = [header[0], *(part for name in header[1:4] for part in _limit_names(name, words))]
    frame = pd.DataFrame(raw, columns=[*columns, column("herfindahl", words), header[4]])
    told_notes = [words.text("organisations.note.financing_basis")]
    if indices:
        said = words.text("organisations.note.herfindahl", values="; ".join(indices))
        told_notes.append(said)
    marks = notes(cells, words)
    return Table(frame, header, cells, numbers=(1, 2, 3), notes=[*told_notes, *marks])


def per_head_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the ratios of each organisation; a bound is said as a bound.

    Parameters
    ----------
    rows : DataFrame
        As `per_head` returns them.
    words : Words
        Language of the table.
    """
    found = _by(rows, "ratio")
    header = [column("organisation", words), *(column(name, words) for name in RATIOS)]
    cells, raw = [], []
    for organisation in in_order(rows, words):
        own = [found.get((organisation, name)) for name in RATIOS]
        name = words.label("organisation", organisation)
        cells.append([name, *(say_limits(one, words, two_digits(words)) for one in own)])
        raw.append([name, *(limit for one in own for limit in _limits(one, words))])
    columns = [header[0], *(part for name in header[1:] for part in _limit_names(name, words))]
    frame = pd.DataFrame(raw, columns=columns)
    return Table(frame, header, cells, numbers=(1, 2, 3), notes=notes(cells, words))


def column(name: str, words: Words, /, **values: object) -> str:
    """Return the heading of a column."""
    return words.text(f"organisations.column.{name}", **values)


def in_order(rows: pd.DataFrame, words: Words) -> list[str]:
    """Return the organisations of some rows by the alphabet of their names."""
    return sorted(
        dict.fromkeys(rows["organisation_id"]),
        key=lambda one: words.label("organisation", one).casefold(),
    )


def notes(cells: Sequence[Sequence[str]], words: Words) -> list[str]:
    """Explain the signs that occur in the cells."""
    shown = [cell for line in cells for cell in line[1:]]
    signs = {
        "approximate": any(cell.startswith(("≈", ">", "≤")) for cell in shown),
        "derived": any(cell.endswith("†") for cell in shown),
        "missing": MISSING in shown,
    }
    return [words.text(f"organisations.note.{key}") for key, occurs in signs.items() if occurs]


def _texts(facts: pd.DataFrame, name: str) -> dict[str, str]:
    rows = facts[facts["fact"] == name]
    return dict(zip(rows["organisation_id"], rows["text"], strict=True))


def _groups(organisation: str, dimension: str, words: Words) -> str:
    """Return what an organisation belongs to; a state derived from the seat has a mark."""
    groups = words.reference.organisation_groups
    own = groups[(groups["organisation_id"] == organisation) & (groups["dimension"] == dimension)]
    labels = []
    for row in own.itertuples():
        label = words.label(dimension, row.category)
        is_derived = bool(row.is_assumption)
        labels.append(words.text("organisations.derived", state=label) if is_derived else label)
    return ", ".join(labels) or MISSING


def _by(rows: pd.DataFrame, key: str) -> dict[tuple[str, str], Any]:
    return {(row.organisation_id, getattr(row, key)): row for row in rows.itertuples()}


def _limits(one: Quantity | Any | None, words: Words) -> tuple[Any, Any, str]:
    """Return the limits and the precision of a number; an open or unknown limit is missing."""
    if one is None:
        return pd.NA, pd.NA, ""
    precision = "approximate" if one.is_rough else "exact"
    return one.low, one.high, words.text(f"notebook.precision.{precision}")


def _limit_names(name: str, words: Words) -> list[str]:
    return [column(part, words, name=name) for part in ("low", "high", "precision")]
