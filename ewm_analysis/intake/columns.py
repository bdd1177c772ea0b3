"""Which column of a sheet is which of ours, and which codes it offers in a year.

Headers that a management used in some year stand in ``columns.csv`` of the data set: one row a
column of ours (``table,column``), one column a year. They are data; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ewm_analysis import l10n
from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import RECORDS, Column, Table, columns_of, did_you_mean
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.sheets import Remarks, Sheet, closing, is_blank, plain
from ewm_analysis.l10n import LOCALES, Locale
from ewm_analysis.loaders.read import read_text

COLUMN_MAP = "columns.csv"
ColumnMap = Mapping[str, Mapping[str, str]]
"""Column of ours by header as `plain` writes it, for each table."""


def headers_of(contract: Table, locale: Locale) -> dict[str, str]:
    """Return the header of each column as the template writes it.

    A title that stands twice in a table is joined to the title before it.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects
    >>> headers_of(Projects, "de")["funding_region_eur"]
    'Fördervolumen, davon Hauptstadtregion (EUR)'
    """
    columns = columns_of(contract).values()
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


def known_headers(table: str, extra: ColumnMap) -> dict[str, str]:
    """Return the column of each header that is understood; those of the year come first."""
    contract = RECORDS[table]
    known = {plain(name): name for name in columns_of(contract)}
    for locale in LOCALES:
        for name, header in headers_of(contract, locale).items():
            known[plain(header)] = name
            known[plain(re.sub(r" \(\w+\)$", "", header))] = name
    return known | dict(extra.get(table, {}))


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
    frame, failures = text.frame, list(text.failures)
    for name in text.header:
        if name not in ("table", "column") and not re.fullmatch("[0-9]{4}", name):
            failures.append(Failure(path.name, 1, name, "", "allowed: table, column, and years"))
    failures += [
        Failure(path.name, 1, name, "", "the column is missing")
        for name in ("table", "column")
        if name not in frame
    ]
    found: dict[str, dict[str, str]] = {table: {} for table in RECORDS}
    rows = [] if failures or str(year) not in frame else frame.to_dict("records")
    for line, row in zip(text.lines, rows, strict=False):
        table, column, header = row["table"], row["column"], plain(row[str(year)])
        if table not in RECORDS:
            failures.append(Failure(path.name, line, "table", table, f"allowed: {[*RECORDS]}"))
        elif column not in (names := columns_of(RECORDS[table])):
            reason = f"is not a column of {table}{did_you_mean(column, names)}"
            failures.append(Failure(path.name, line, "column", column, reason))
        elif header in found[table]:
            failures.append(Failure(path.name, line, str(year), header, "stands there twice"))
        elif header:
            found[table][header] = column
    if failures:
        raise ContractError(failures)
    return found


def match_columns(sheet: Sheet, extra: ColumnMap, remarks: Remarks) -> dict[str, int] | None:
    """Return the place of each column of ours; None if any is missing, unknown or repeated."""
    rows = sheet.rows()
    line, header = next(rows, (1, {}))
    before = len(remarks.all)
    known = known_headers(sheet.table, extra)
    places: dict[str, int] = {}
    for place, cell in header.items():
        text = str(cell.value)
        name = known.get(plain(text)) if cell.kind == "s" else None
        if name is None:
            hint = closing(did_you_mean(plain(text), known), remarks.locale)
            key = "header.unknown" if cell.kind == "s" else "header.no_text"
            remarks.error(sheet.place(line, place), key, text, hint=hint)
        elif name in places:
            remarks.error(
                sheet.place(line, place), "header.twice", text,
                first=sheet.place(line, places[name]),
            )  # fmt: skip
        else:
            places[name] = place
    headers = headers_of(RECORDS[sheet.table], remarks.locale)
    columns = columns_of(RECORDS[sheet.table])
    for name, title in headers.items():
        if name not in places and name != "year" and columns[name].default is None:
            remarks.error(sheet.place(line, 1), "header.missing", title=title)
    _refuse_nameless(sheet, line, [*header], remarks)
    return places if len(remarks.all) == before else None


def _refuse_nameless(sheet: Sheet, header: int, named: Collection[int], remarks: Remarks) -> None:
    """A column without a header must be empty: nothing is left out in silence."""
    told = set()
    for (row, column), cell in sorted(sheet.cells.items()):
        if column in named or column in told or is_blank(cell) or row <= header:
            continue
        told.add(column)
        remarks.error(sheet.place(row, column), "header.nameless", cell.value)


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
        return l10n.in_language({"de": self.label_de, "en": self.label_en}, locale)


def choices_of(
    column: Column, reference: Reference, year: int, cluster_id: str = ""
) -> list[Choice]:
    """Return the codes a column may hold; none where it holds anything else."""
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
