"""Cluster organisations side by side, the rules they are held against, and their programme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, named
from ewm_analysis.catalogue.words import say_limits, two_digits
from ewm_analysis.l10n import MISSING, format_number
from ewm_analysis.statistics import financing, organisation_ages, quantities
from ewm_analysis.statistics.organisations import (
    FINANCING,
    RATIOS,
    ROUGH,
    LabelWindow,
    Quantity,
)
from ewm_analysis.tables.table import Table

COUNTS = ("members", "staff", "events_per_year")


def organisations_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return technology field, seat, federal state, foundation and age of each organisation.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, without the programme.
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


DAYS = ("awarded", *LabelWindow.__annotations__)
PROGRAMME_FACTS = ("clusters", "actors_min", "sme_count_min")


def eligibility_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return which thresholds the organisations reach, as far as the portraits tell.

    Parameters
    ----------
    rows : DataFrame
        As `eligibility` returns them.
    """
    names = [*dict.fromkeys(rows["requirement"])]
    header = [column("organisation", words)]
    header += [words.label("requirement", name) for name in names]
    found = {(row.organisation_id, row.requirement): row for row in rows.itertuples()}
    cells, raw = [], []
    for organisation in in_order(rows, words):
        own = [found[organisation, name] for name in names]
        label = words.label("organisation", organisation)
        cells.append([label, *(_outcome(row, words) for row in own)])
        raw.append([label, *(words.text(f"organisations.outcome.{row.outcome}") for row in own)])
    frame = pd.DataFrame(raw, columns=header)
    told = [words.text("organisations.note.persons")] if "fte" in {*rows["unit"]} else []
    told.append(words.text("organisations.note.rough", slack=words.share(ROUGH)))
    told += notes([["", *(cell.partition("(")[2] for line in cells for cell in line)]], words)
    return Table(frame, header, cells, notes=told)


def _outcome(row: Any, words: Words) -> str:
    outcome = words.text(f"organisations.outcome.{row.outcome}")
    value = say_limits(row, words, words.count)
    if value == MISSING:
        return outcome
    if (
        row.requirement == "member_types"
    ):  # counted here, so that the least is meant: not "more than"
        value = words.count(row.low)
    value = words.text(f"organisations.unit.{row.requirement}", value=value)
    return words.text("organisations.outcome.with_value", outcome=outcome, value=value)


def requirements_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the thresholds and periods that the page computes with.

    Parameters
    ----------
    rows : DataFrame
        Contract `Requirements`.
    """
    header = [column(name, words) for name in ("requirement", "scheme", "threshold")]
    cells = []
    for row in rows.itertuples():
        value = format_number(row.value, words.locale, 1, 0)
        unit = "year" if row.unit == "years" and row.value == 1 else row.unit
        cells.append(
            [
                words.label("requirement", row.requirement),
                words.text(f"organisations.scheme.{row.scheme}"),
                words.text(f"organisations.unit.{unit}", value=value),
            ]
        )
    frame = pd.DataFrame(cells, columns=header).assign(**{header[2]: [*rows["value"]]})
    return Table(frame, header, cells)


def label_calendar_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the labels of organisations and their periods; unknown where no award is dated.

    Parameters
    ----------
    rows : DataFrame
        As `label_calendar` returns them.
    """
    header = [column(name, words) for name in ("organisation", "label", *DAYS)]
    unknown = words.text("organisations.not_known")
    cells = [
        [
            words.label("organisation", row.organisation_id),
            words.label("label", row.label),
            *(words.date(day) if day else unknown for day in _days(row)),
        ]
        for row in rows.itertuples()
    ]
    undated = len(rows) and not (rows["awarded"] != "").any()
    told = [words.text("organisations.note.award")] if undated else []
    return Table(pd.DataFrame(cells, columns=header), header, cells, notes=told)


def _days(row: Any) -> list[str]:
    return [getattr(row, name) for name in DAYS]


def programme_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return the size of the programme with the date of each source, latest first.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, of the programme.
    """
    header = [column(name, words) for name in ("fact", "value", "as_of", "source")]
    sources = words.reference.sources.set_index("source_id")
    cells, raw = [], []
    for name in PROGRAMME_FACTS:
        for row in facts[facts["fact"] == name].itertuples():
            single = facts[(facts["fact"] == name) & (facts["mention"] == row.mention)]
            source = sources.loc[row.source_id]
            label = words.label("organisation_fact", name)
            told = [words.date(str(source["published"])), str(source["title"])]
            amount = quantities(single.assign(mention=1), name.removesuffix("_min"))
            shown = say_limits(amount.get(row.organisation_id), words, words.count)
            cells.append([label, shown, *told])
            raw.append([label, row.value, *told])
    frame = pd.DataFrame(raw, columns=header)
    told_notes = [words.text("organisations.note.dates"), *notes(cells, words)]
    return Table(frame, header, cells, numbers=(1,), notes=told_notes)


def criteria_areas_table(categories: pd.DataFrame, words: Words) -> Table:
    """Return the areas of the excellence criteria, and which figures belong to each.

    Parameters
    ----------
    categories : DataFrame
        Contract `Categories`, of ``criteria_area``: areas, and figures with their area as parent.
    """
    return _areas(categories, "figures", words)


def service_areas_table(categories: pd.DataFrame, words: Words) -> Table:
    """Return the service areas of the programme with their services.

    Parameters
    ----------
    categories : DataFrame
        Contract `Categories`, of ``service_area``: areas, and services with their area as parent.
    """
    return _areas(categories, "services", words)


def _areas(categories: pd.DataFrame, second: str, words: Words) -> Table:
    header = [column("area", words), column(second, words)]
    categories = categories.assign(label=named(categories, "label", words.locale))
    cells = []
    for row in categories[categories["parent"] == ""].itertuples():
        parts = [*categories.loc[categories["parent"] == row.category, "label"]]
        told = "; ".join(parts) or words.text("organisations.none_computable")
        cells.append([str(row.label), told])
    return Table(pd.DataFrame(cells, columns=header), header, cells)
