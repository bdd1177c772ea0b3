"""Cluster organisations side by side, the rules they are held against, and their programme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, named
from ewm_analysis.catalogue.words import say_limits, two_digits
from ewm_analysis.l10n import MISSING, format_number
from ewm_analysis.statistics import financing, organisation_ages, organisations, quantities
from ewm_analysis.tables.table import Column, Raw, Raws, Table

COUNTS = ("members", "staff", "events_per_year")
SIGNS = {"approximate": "[≈>≤].*", "derived": ".*†", "missing": MISSING}
"""Patterns of cells that need a note, by the key of the note."""
HEAD = "organisations.column"


def organisations_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return technology field, seat, federal state, foundation and age of each organisation.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, without the programme.
    """
    ages = organisation_ages(facts, words.reference.sources)
    founded = _by_organisation(ages)
    rows = facts[facts["fact"] == "seat"]
    seats = dict(zip(rows["organisation_id"], rows["text"], strict=True))
    as_of = ", ".join(str(year) for year in sorted({int(year) for year in ages["as_of"].dropna()}))

    state = partial(_groups, dimension="federal_state")

    def place(one: str, words: Words) -> str:
        return ", ".join(filter(None, (seats.get(one, ""), state(one, words))))

    seat: Raws = {f"{HEAD}.seat": lambda one, _: seats.get(one, ""), f"{HEAD}.state": state}
    heads = {name: words.text(f"{HEAD}.{name}", as_of=as_of) for name in ("founded_age", "age")}
    age = {words.text(f"{HEAD}.founded"): "founded", heads["age"]: "age"}
    columns = [
        ORGANISATION,
        Column(f"{HEAD}.field", partial(_groups, dimension="technology_field"), is_text=True),
        Column(f"{HEAD}.place", place, seat, is_text=True),
        Column("", _founded, age, founded, title=heads["founded_age"]),
    ]
    return Table.of(in_order(facts, words), columns, words).marked(words, SIGNS, "organisations")


def _founded(age: Any, words: Words) -> str:
    if age is None:
        return MISSING
    return words.text("organisations.founded_age", founded=age.founded, age=words.count(age.age))


def organisation_sizes_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return members, staff and events a year of each organisation, as its portrait states them.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, without the programme.
    """
    counts = [_limits(name, quantities(facts, name), words, words.count) for name in COUNTS]
    table = Table.of(in_order(facts, words), [ORGANISATION, *counts], words)
    return table.marked(words, SIGNS, "organisations")


def financing_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return where the money comes from: shares as printed, else what the portrait states.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, without the programme.
    """
    found = financing(facts)
    by_source = {
        str(name): _by_organisation(own) for name, own in found.groupby("financing_source")
    }
    indices = by_source.get("herfindahl", {})
    known = {one for name in organisations.FINANCING for one in by_source.get(name, {})}

    filed = {
        f"{HEAD}.herfindahl": lambda one, _: getattr(indices.get(one), "low", pd.NA),
        f"{HEAD}.basis": _basis,
    }
    columns = [
        ORGANISATION,
        *(
            _limits(name, by_source.get(name, {}), words, words.share)
            for name in organisations.FINANCING
        ),
        Column(f"{HEAD}.basis", _basis, filed, is_text=True),
    ]
    order = in_order(facts, words)
    shown = [one for one in order if one in known or _basis(one, words) != MISSING]
    table = Table.of(shown, columns, words)
    values = [
        f"{_organisation(one, words)} {format_number(indices[one].low, words.locale, 2)}"
        for one in shown
        if one in indices
    ]
    notes = {"financing_basis": True, "herfindahl": values}
    table = table.noting(words, "organisations.note", notes, values="; ".join(values))
    return table.marked(words, SIGNS, "organisations")


def _basis(organisation: str, words: Words) -> str:
    said = _groups(organisation, words, "financing_basis")
    return _groups(organisation, words, "financing_model") if said == MISSING else said


def per_head_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the ratios of each organisation; a bound is said as a bound.

    Parameters
    ----------
    rows : DataFrame
        As `per_head` returns them.
    """

    def ratio(name: str) -> Column:
        found = _by_organisation(rows[rows["ratio"] == name])
        return _limits(name, found, words, two_digits(words))

    table = Table.of(
        in_order(rows, words), [ORGANISATION, *map(ratio, organisations.RATIOS)], words
    )
    return table.marked(words, SIGNS, "organisations")


def in_order(rows: pd.DataFrame, words: Words) -> list[str]:
    """Return the organisations of some rows by the alphabet of their names."""
    return sorted(
        dict.fromkeys(rows["organisation_id"]), key=lambda one: _organisation(one, words).casefold()
    )


def _by_organisation(rows: pd.DataFrame) -> dict[str, Any]:
    return {row.organisation_id: row for row in rows.itertuples()}


def _organisation(one: str, words: Words) -> str:
    return words.label("organisation", one)


ORGANISATION = Column(f"{HEAD}.organisation", _organisation)


def _limits(
    name: str, found: Mapping[str, Any], words: Words, say: Callable[[float], str]
) -> Column:
    """A number of each organisation that may be a bound; files have its limits and precision."""
    title = words.text(f"{HEAD}.{name}")
    parts: dict[str, Raw] = {"low": "low", "high": "high", "precision": _precision}
    filed = {words.text(f"{HEAD}.{part}", name=title): raw for part, raw in parts.items()}
    return Column("", lambda one, words: say_limits(one, words, say), filed, found, title=title)


def _precision(one: Any, words: Words) -> str:
    if one is None:
        return ""
    return words.text(f"notebook.precision.{'approximate' if one.is_rough else 'exact'}")


def _groups(organisation: str, words: Words, dimension: str) -> str:
    """Return what an organisation belongs to; a state derived from the seat has a mark."""
    groups = words.reference.organisation_groups
    own = groups[(groups["organisation_id"] == organisation) & (groups["dimension"] == dimension)]
    labels = []
    for row in own.itertuples():
        label = words.label(dimension, row.category)
        is_derived = bool(row.is_assumption)
        labels.append(words.text("organisations.derived", state=label) if is_derived else label)
    return ", ".join(labels) or MISSING


PROGRAMME_FACTS = ("clusters", "actors_min", "sme_count_min")


def eligibility_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return which thresholds the organisations reach, as far as the portraits tell.

    Parameters
    ----------
    rows : DataFrame
        As `eligibility` returns them.
    """
    columns = [ORGANISATION]
    for name, own in rows.groupby("requirement", sort=False):
        found, title = _by_organisation(own), words.label("requirement", str(name))
        columns.append(Column("", _said_outcome, _outcome, found, is_text=True, title=title))
    table = Table.of(in_order(rows, words), columns, words)
    notes = {"persons": "fte" in {*rows["unit"]}, "rough": True}
    table = table.noting(words, "organisations.note", notes, slack=words.share(organisations.ROUGH))
    approximate = {"approximate": r"[^(]*\([≈>≤].*"}
    return table.marked(words, approximate, "organisations")


def _outcome(row: Any, words: Words) -> str:
    return words.text(f"organisations.outcome.{row.outcome}")


def _said_outcome(row: Any, words: Words) -> str:
    outcome = _outcome(row, words)
    value = say_limits(row, words, words.count)
    if value == MISSING:
        return outcome
    if row.requirement == "member_types":
        # counted here, so that the least is meant: not "more than"
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

    def scheme(row: Any, words: Words) -> str:
        return words.text(f"organisations.scheme.{row.scheme}")

    def threshold(row: Any, words: Words) -> str:
        unit = "year" if row.unit == "years" and row.value == 1 else row.unit
        value = format_number(row.value, words.locale, 1, 0)
        return words.text(f"organisations.unit.{unit}", value=value)

    columns = [
        Column(f"{HEAD}.requirement", lambda row, w: w.label("requirement", row.requirement)),
        Column(f"{HEAD}.scheme", scheme, is_text=True),
        Column(f"{HEAD}.threshold", threshold, "value", is_text=True),
    ]
    return Table.of(rows, columns, words)


def label_calendar_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return the labels of organisations and their periods, if any award is dated.

    Parameters
    ----------
    rows : DataFrame
        As `label_calendar` returns them.
    """

    def date(name: str) -> Column:
        def said(row: Any, words: Words) -> str:
            day = getattr(row, name)
            return words.date(day) if day else words.text("organisations.not_known")

        return Column(f"{HEAD}.{name}", said, is_text=True)

    is_undated = not (rows["awarded"] != "").any()
    columns = [
        Column(ORGANISATION.head, lambda row, words: _organisation(row.organisation_id, words)),
        Column(f"{HEAD}.label", lambda row, words: words.label("label", row.label), is_text=True),
        *(() if is_undated else map(date, ("awarded", *organisations.LABEL_DAYS))),
    ]
    notes = {"award": is_undated}
    return Table.of(rows, columns, words).noting(words, "organisations.note", notes)


def programme_table(facts: pd.DataFrame, words: Words) -> Table:
    """Return the size of the programme with the date of each source, latest first.

    Parameters
    ----------
    facts : DataFrame
        Contract `Organisations`, of the programme.
    """
    sources = words.reference.sources.set_index("source_id")

    def value(row: Any, words: Words) -> str:
        single = facts[(facts["fact"] == row.fact) & (facts["mention"] == row.mention)]
        amount = quantities(single.assign(mention=1), row.fact.removesuffix("_min"))
        return say_limits(amount.get(row.organisation_id), words, words.count)

    def published(row: Any, words: Words) -> str:
        return words.date(str(sources.at[row.source_id, "published"]))

    columns = [
        Column(f"{HEAD}.fact", lambda row, words: words.label("organisation_fact", row.fact)),
        Column(f"{HEAD}.value", value, "value"),
        Column(f"{HEAD}.as_of", published, is_text=True),
        Column(f"{HEAD}.source", lambda row, words: words.titles()[row.source_id], is_text=True),
    ]
    shown = pd.concat([facts[facts["fact"] == name] for name in PROGRAMME_FACTS])
    table = Table.of(shown, columns, words)
    return table.noted(words.text("organisations.note.dates")).marked(words, SIGNS, "organisations")


def areas_table(categories: pd.DataFrame, words: Words) -> Table:
    """Return areas of the excellence criteria with their figures, or of service with services.

    Parameters
    ----------
    categories : DataFrame
        Contract `Categories`, of ``criteria_area`` or ``service_area``: areas, and what belongs to
        one with it as parent.
    """
    second = "figures" if "criteria_area" in {*categories["dimension"]} else "services"
    categories = categories.assign(label=named(categories, "label", words.locale))

    def parts(row: Any, words: Words) -> str:
        own = categories.loc[categories["parent"] == row.category, "label"]
        return "; ".join(own) or words.text("organisations.none_computable")

    columns = [
        Column(f"{HEAD}.area", lambda row, _: str(row.label)),
        Column(f"{HEAD}.{second}", parts, is_text=True),
    ]
    return Table.of(categories[categories["parent"] == ""], columns, words)
