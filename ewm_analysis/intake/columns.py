"""What sheets and columns of a workbook are called, and which codes a column offers in a year.

Headers that a management used in some year stand in ``columns.csv`` of the data set: one row a
column of ours (``table,column``), one column a year. They are data; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from ewm_analysis import l10n
from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, SCHEMES, Column, Table, did_you_mean
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.findings import declared
from ewm_analysis.l10n import LOCALES, Locale
from ewm_analysis.loaders.read import read_text

SUPPORT = ("guide", "definitions", "lists")
"""Sheets of the template that hold no records."""

COLUMN_MAP = "columns.csv"
ColumnMap = Mapping[str, Mapping[str, str]]
"""Column of ours by header as `plain` writes it, for each table."""


def letters(column: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> letters(1), letters(27), letters(16384)
    ('A', 'AA', 'XFD')
    """
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def cleaned(text: str) -> str:
    """Return a text without invisible signs, blanks of any kind as one plain blank.

    Examples
    --------
    >>> cleaned("1\\u00a0234\\u200b  Euro\\n")
    '1 234 Euro'
    """
    seen = text  # what can be printed holds no such sign
    if not text.isprintable():
        seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())


def plain(text: str) -> str:
    """Return a title or header as it is compared: without case, star and doubled blanks.

    Examples
    --------
    >>> plain("  Projekt\\n volumen *")
    'projekt volumen'
    """
    return cleaned(text).rstrip("* ").casefold()


def sheet_title(table: str, locale: Locale) -> str:
    """Return the title of a table's sheet in the template: "Projekte"."""
    return l10n.text(f"intake.sheet.{table}", locale)


def table_of(title: str) -> str:
    """Return what a sheet's title stands for: the stem of a table, a sheet of ours, or "".

    Excel writes the name of the workbook before that of the sheet when it saves one as CSV.

    Examples
    --------
    >>> table_of("Projekte "), table_of("Meldung_Projekte"), table_of("Tabelle1")
    ('projects', 'projects', '')
    """
    for table in (*RECORDS, *SUPPORT):
        if plain(title.rpartition("_")[2]) in {
            table,
            *(plain(sheet_title(table, locale)) for locale in LOCALES),
        }:
            return table
    return ""


def headers_of(contract: Table, locale: Locale) -> dict[str, str]:
    """Return the header of each column as the template writes it.

    A title that stands twice in a table is joined to the title before it.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects
    >>> headers_of(Projects, "de")["funding_region_eur"]
    'Fördervolumen, davon Hauptstadtregion (EUR)'
    """
    columns = contract.columns.values()
    titles = {one.name: l10n.in_language(one.title, locale) for one in columns}
    counts = Counter(titles.values())
    headers, before = {}, ""
    for column in columns:
        title = titles[column.name]
        if counts[title] > 1:
            title = f"{before}, {title[0].lower()}{title[1:]}"
        else:
            before = title
        headers[column.name] = f"{title} ({column.unit})" if column.unit else title
    return headers


def known_headers(table: str, extra: ColumnMap | None = None) -> dict[str, str]:
    """Return the column of each header that is understood; those of the year come first."""
    contract = RECORDS[table]
    known = {plain(name): name for name in contract.columns}
    for locale in LOCALES:
        for name, header in headers_of(contract, locale).items():
            known[plain(header)] = name
            known[plain(re.sub(r" \(\w+\)$", "", header))] = name
    return known | dict((extra or {}).get(table, {}))


@cache
def header_words() -> dict[str, str]:
    """Return the field of each header that lists are known to have, as `plain` writes it."""
    own = {
        plain(word): name
        for name, words in declared("headers.toml").items()
        for each in words.values()
        for word in each
    }
    template = known_headers("actors") | known_headers("projects")
    fields = {word: "actor" if name == "name" else name for word, name in template.items()}
    return {word: name for word, name in fields.items() if name != "kind"} | own


def read_column_map(path: Path, year: int) -> ColumnMap:
    """Return the headers of a year from a column map; none if there is no such file.

    Raises
    ------
    ContractError
        If the map names a table or column that is not ours, or one header twice.
    """
    if not path.is_file():
        return {}
    text = read_text(path)
    unknown = [each for each in text.header if not re.fullmatch("table|column|[0-9]{4}", each)]
    missing = [name for name in ("table", "column") if name not in text.frame]
    failures = [
        *text.failures,
        *(Failure(path.name, 1, each, "", "allowed: table, column, and years") for each in unknown),
        *(Failure(path.name, 1, name, "", "the column is missing") for name in missing),
    ]
    found: dict[str, dict[str, str]] = {table: {} for table in RECORDS}
    is_told = bool(failures) or str(year) not in text.frame
    rows = [] if is_told else text.frame[["table", "column", str(year)]].itertuples(index=False)
    for line, (table, column, written) in zip(text.lines, rows, strict=False):
        header = plain(written)
        if table not in RECORDS:
            failures.append(Failure(path.name, line, "table", table, f"allowed: {[*RECORDS]}"))
        elif column not in (names := RECORDS[table].columns):
            reason = f"is not a column of {table}{did_you_mean(column, names)}"
            failures.append(Failure(path.name, line, "column", column, reason))
        elif header in found[table]:
            failures.append(Failure(path.name, line, str(year), header, "stands there twice"))
        elif header:
            found[table][header] = column
    if failures:
        raise ContractError(failures)
    return found


@dataclass(frozen=True)
class Choice:
    """A code and its labels."""

    code: str
    label_de: str
    label_en: str

    def label(self, locale: Locale) -> str:
        """Return the label in a language."""
        return l10n.in_language({"de": self.label_de, "en": self.label_en}, locale)


def choices_of(
    column: Column, reference: Reference, year: int, cluster_id: str = "", scheme: str = ""
) -> list[Choice]:
    """Return the codes a column may hold; none where it holds anything else.

    A category may be of any scheme, or of the one that is named.
    """
    table, colon, dimension = column.refers_to.partition(":")
    if column.name == "scheme":
        labels = {
            locale: [l10n.text(f"intake.scheme.{code}", locale) for code in column.allowed]
            for locale in ("de", "en")
        }
        return [*map(Choice, column.allowed, labels["de"], labels["en"])]
    if column.name == "category":
        wanted = [scheme] if scheme else SCHEMES
        return [one for each in wanted for one in _categories(reference, each, year, cluster_id)]
    if colon or column.name == "state":
        choices = _categories(reference, dimension or column.name, year)
        return [one for one in choices if not column.allowed or one.code in column.allowed]
    if table == "clusters.cluster_id":
        return _clusters(column, reference.clusters, cluster_id)
    if table == "districts.ags":
        names = reference.districts["name"]
        return _choices(reference.districts.assign(label_de=names, label_en=names), "ags")
    return []


def _categories(
    reference: Reference, dimension: str, year: int, cluster_id: str = ""
) -> list[Choice]:
    """The categories of a dimension in a year, those of one cluster or of all."""
    rows = reference.categories
    rows = rows[rows["dimension"] == dimension].sort_values("position", kind="stable")
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
            found.setdefault(cleaned(label), set()).add(choice.code)
    return found | {choice.code: {choice.code} for choice in choices}


def loose_codes(choices: list[Choice]) -> dict[str, set[str]]:
    """Return the codes that a text in small letters may mean: label, code, or short form.

    Examples
    --------
    >>> found = loose_codes([Choice("ai", "Künstliche Intelligenz (KI)", "AI")])
    >>> sorted(found)
    ['ai', 'ki', 'künstliche intelligenz', 'künstliche intelligenz (ki)']
    """
    found: dict[str, set[str]] = {}
    for choice in choices:
        for label in (choice.code, choice.label_de, choice.label_en):
            whole = cleaned(label).casefold()
            short = re.fullmatch(r"(.+?) \((.{1,12})\)", whole)
            for text in (whole, *(short.groups() if short else ())):
                found.setdefault(text, set()).add(choice.code)
    return found


def offered(choices: list[Choice], locale: Locale) -> list[str]:
    """Return what the drop-down list shows: labels, or the code where a label is not unique."""
    codes = codes_by_text(choices)
    labels = [cleaned(choice.label(locale)) for choice in choices]
    return [
        label if codes[label] == {choice.code} else choice.code
        for label, choice in zip(labels, choices, strict=True)
    ]
