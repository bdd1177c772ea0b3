"""Rules that cluster organisations are held against, their labels, and their programme."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, named
from ewm_analysis.catalogue.limits import say_limits
from ewm_analysis.l10n import MISSING, format_number
from ewm_analysis.statistics import LabelWindow, quantities
from ewm_analysis.statistics.organisations import ROUGH
from ewm_analysis.tables.organisations import column, in_order, notes
from ewm_analysis.tables.table import Table

DAYS = ("awarded", *LabelWindow.__annotations__)
PROGRAMME_FACTS = ("clusters", "actors_min", "sme_count_min")


def eligibility_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return which thresholds the organisations reach, as far as the portraits tell.

    Parameters
    ----------
    rows : DataFrame
        As `eligibility` returns them.
    words : Words
        Language of the table.
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
    words : Words
        Language of the table.
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
    words : Words
        Language of the table.
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
    words : Words
        Language of the table.
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
    words : Words
        Language of the table.
    """
    return _areas(categories, "figures", words)


def service_areas_table(categories: pd.DataFrame, words: Words) -> Table:
    """Return the service areas of the programme with their services.

    Parameters
    ----------
    categories : DataFrame
        Contract `Categories`, of ``service_area``: areas, and services with their area as parent.
    words : Words
        Language of the table.
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
