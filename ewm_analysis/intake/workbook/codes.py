"""What a column of codes offers in a year: each code with the label that people write."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pandas as pd

from ewm_analysis import l10n
from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import Column
from ewm_analysis.l10n import Locale

SCHEME = "scheme"
"""Column whose code says which categories a row may hold."""


@dataclass(frozen=True)
class Choice:
    """A code and its labels."""

    code: str
    label_de: str
    label_en: str

    def label(self, locale: Locale) -> str:
        """Return the label in a language."""
        return self.label_de if locale == "de" else self.label_en


def choices_of(
    column: Column, reference: Reference, year: int, cluster_id: str = ""
) -> list[Choice]:
    """Return the codes a column may hold; none where it holds anything else.

    Parameters
    ----------
    column : Column
        A column of a table of records.
    reference : Reference
        Categories, clusters and districts.
    year : int
        Reporting year: only editions valid in it count.
    cluster_id : str, optional
        Offer this cluster only.
    """
    table, colon, dimension = column.refers_to.partition(":")
    if colon or column.name == "state":
        rows = reference.valid(dimension or column.name, year)
        rows = rows[rows["category"].isin(column.allowed)] if column.allowed else rows
        return _choices(rows, "category")
    if column.name == SCHEME:
        return [
            Choice(code, *(l10n.text(f"intake.scheme.{code}", locale) for locale in ("de", "en")))
            for code in column.allowed
        ]
    if table == "clusters.cluster_id":
        return _clusters(column, reference.clusters, cluster_id)
    if table == "districts.ags":
        districts = reference.districts.assign(label_de=reference.districts["name"])
        return _choices(districts.assign(label_en=districts["name"]), "ags")
    return []


def scheme_choices(
    reference: Reference, scheme: str, year: int, cluster_id: str = ""
) -> list[Choice]:
    """Return the categories of a scheme in a year, those of one cluster or of all."""
    rows = reference.categories
    rows = rows[rows["dimension"] == scheme].sort_values("position", kind="stable")
    rows = rows[rows["cluster_id"].isin(["", cluster_id])] if cluster_id else rows
    is_valid = (rows["valid_from"].fillna(year) <= year) & (rows["valid_to"].fillna(year) >= year)
    return _choices(rows[is_valid], "category")


def _clusters(column: Column, clusters: pd.DataFrame, cluster_id: str) -> list[Choice]:
    """Nobody reports for a group of clusters or another sector; an actor may be at home there."""
    rows = clusters[clusters["kind"] != "group"].sort_values("position")
    if column.name == "cluster_id":
        rows = rows[rows["kind"] != "sector"]
        rows = rows[rows["cluster_id"] == cluster_id] if cluster_id else rows
    return _choices(rows, "cluster_id")


def _choices(rows: pd.DataFrame, key: str) -> list[Choice]:
    cells = zip(rows[key], rows["label_de"], rows["label_en"], strict=True)
    return list(dict.fromkeys(Choice(*map(str, cell)) for cell in cells))


def codes_by_text(choices: list[Choice]) -> dict[str, set[str]]:
    """Return the codes that a cell may mean: a code is itself, a label stands for its code.

    Examples
    --------
    >>> codes_by_text([Choice("be", "Berlin", "Berlin")])
    {'Berlin': {'be'}, 'be': {'be'}}
    """
    found: dict[str, set[str]] = {}
    for choice in choices:
        for label in (choice.label_de, choice.label_en):
            found.setdefault(as_label(label), set()).add(choice.code)
    return found | {choice.code: {choice.code} for choice in choices}


def as_label(text: str) -> str:
    """Return a label with single plain blanks, as cells are compared with it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def offered(choices: list[Choice], locale: Locale) -> list[str]:
    """Return what the drop-down list shows: labels, or the code where a label is not unique."""
    labels = [as_label(choice.label(locale)) for choice in choices]
    codes = codes_by_text(choices)
    return [
        label if codes[label] == {choice.code} else choice.code
        for label, choice in zip(labels, choices, strict=True)
    ]
