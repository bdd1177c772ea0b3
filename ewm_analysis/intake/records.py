"""Sheets to the five tables of a year, typed and checked, with a remark for every bad cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ewm_analysis import l10n
from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import (
    DTYPES,
    RECORDS,
    Column,
    Table,
    check,
    check_references,
    columns_of,
    did_you_mean,
    key_of,
)
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.cells import UncertainCellError, Value, read_cell
from ewm_analysis.intake.columns import (
    SCHEME,
    Choice,
    ColumnMap,
    as_label,
    choices_of,
    codes_by_text,
    headers_of,
    match_columns,
    offered,
    scheme_choices,
)
from ewm_analysis.intake.sheets import (
    SUPPORT,
    RawCell,
    Remark,
    Remarks,
    Sheet,
    closing,
    is_blank,
    sheet_title,
    shortened,
)
from ewm_analysis.l10n.sentences import join

RULES = {
    "empty": r"must not be empty",
    "blank": r"must not begin or end with a blank",
    "at_most": r"at most (?P<whole>\w+) is allowed",
    "size_class": r"only companies have a size class",
    "ags": r"the key must lie in the state .*",
    "one_item": r"exactly one of project_id and activity_id must be filled",
    "repeated": r"the key is repeated; it first stands in line (?P<line>\d+)",
    "minimum": r"must be at least (?P<least>\S+?)(?: or be empty)?",
    "between": r"must lie between (?P<least>\S+) and (?P<most>\S+?)(?: or be empty)?",
    "reference": r"is not an? \w+_id of (?P<table>\w+) in (?P<year>\d+)(?P<rest>.*)",
    "category": r"is not a code of (?P<scheme>\w+) in (?P<year>\d+) for (?P<cluster>[\w ]+)"
    r"(?P<rest>.*)",
}
"""How the contracts word a failure, by the key of its sentence below ``intake.failure``."""


def tell_failure(failure: Failure, place: str, contract: Table, remarks: Remarks) -> None:
    """Note a failure of a contract at its place, in the language of the report."""
    locale = remarks.locale
    headers = headers_of(contract, locale)
    for key, pattern in RULES.items():
        found = re.fullmatch(pattern, failure.allowed)
        if found is None:
            continue
        facts = {name: text or "" for name, text in found.groupdict().items()}
        if "whole" in facts:
            facts["whole"] = headers[facts["whole"]]
        if "table" in facts:
            facts["table"] = l10n.text(f"intake.sheet.{facts['table']}", locale)
        if "rest" in facts:
            facts["rest"] = closing(facts["rest"], locale)
        remarks.error(place, f"failure.{key}", failure.value, **facts)
        return
    value = shortened(failure.value)
    remarks.all.append(Remark("error", "contract", place, value, failure.allowed))


LONGEST_LIST = 12
"""Labels listed in a remark."""


@dataclass(frozen=True)
class ReadTable:
    """A table of the source: its rows, and where each of them stands."""

    sheet: Sheet
    places: Mapping[str, int]
    frame: pd.DataFrame
    lines: Sequence[int]
    damaged: Sequence[Failure]

    def place(self, line: int, column: str) -> str:
        """Return the place of a cell; of a key of several columns the last one that is filled."""
        names = [name for name in column.split(", ") if name in self.places] or [*self.places][:1]
        filled = [name for name in names if (line, self.places[name]) in self.sheet.cells]
        return self.sheet.place(line, self.places[(filled or names)[-1]])

    def place_of(self, key: str, column: str) -> str:
        """Return the place of the row with an id, or the sheet if there is none."""
        name = key_of(RECORDS[self.sheet.table])[1]
        rows = self.frame.index[self.frame[name] == key]
        return self.place(self.lines[rows[0]], column or name) if len(rows) else self.sheet.title


def read_records(
    sheets: Sequence[Sheet],
    reference: Reference,
    year: int,
    remarks: Remarks,
    headers: ColumnMap,
) -> dict[str, ReadTable]:
    """Return the tables found in the sheets; whatever is not certain is an error."""
    chosen = _tables(sheets, remarks)
    tables: dict[str, ReadTable] = {}
    for stem, sheet in chosen.items():
        places = match_columns(sheet, headers, remarks)
        if places is not None:
            tables[stem] = _read(sheet, places, reference, year, remarks)
    for stem, table in tables.items():
        _check(table, RECORDS[stem], remarks)
    if len(tables) == len(RECORDS):
        _check_references(tables, reference, remarks)
    return tables


def _tables(sheets: Sequence[Sheet], remarks: Remarks) -> dict[str, Sheet]:
    """Return the sheet of each table; a sheet that belongs to none must be empty."""
    chosen: dict[str, Sheet] = {}
    titles = [sheet_title(stem, remarks.locale) for stem in RECORDS]
    for sheet in sheets:
        if sheet.table in SUPPORT or (not sheet.table and all(map(is_blank, sheet.cells.values()))):
            continue
        if not sheet.table:
            remarks.error(sheet.title, "sheet_unknown", titles=join(titles, remarks.locale))
        elif sheet.table in chosen:
            remarks.error(sheet.title, "sheet_twice", other=chosen[sheet.table].title)
        else:
            chosen[sheet.table] = sheet
            _look_at_shape(sheet, remarks)
    for stem in RECORDS:
        if stem not in chosen:
            remarks.error(sheet_title(stem, remarks.locale), "sheet_missing")
    return chosen


def _look_at_shape(sheet: Sheet, remarks: Remarks) -> None:
    for area in sheet.merged:
        remarks.error(f"{sheet.title}!{area}", "merged")
    for cell in sheet.repeated:
        remarks.error(f"{sheet.title}!{cell}", "repeated")
    for part in sheet.hidden:
        remarks.add("note", sheet.title, f"hidden_{part}")


def _read(
    sheet: Sheet, places: Mapping[str, int], reference: Reference, year: int, remarks: Remarks
) -> ReadTable:
    columns = columns_of(RECORDS[sheet.table])
    texts = _Codes(reference, year, columns, remarks)
    rows = [*sheet.rows()][1:]
    damaged: list[Failure] = []
    values: dict[str, list[Value]] = {name: [] for name in columns}
    for line, row in rows:
        found: dict[str, Value] = {}
        for name, column in columns.items():
            if name not in places:  # the year is that of the workbook
                found[name] = year if name == "year" else column.default
                continue
            cell, place = row.get(places[name]), sheet.place(line, places[name])
            value = _value(cell, column, place, texts, found, remarks)
            if value is None and cell is not None:
                damaged.append(Failure(sheet.title, line, name, "", ""))
                value = "" if column.kind in ("text", "date") else None
            if name == "year" and value not in (None, year):
                damaged.append(Failure(sheet.title, line, name, "", ""))
                remarks.error(place, "other_year", value, year=year)
            found[name] = value
        for name, value in found.items():
            values[name].append(value)
    frame = pd.DataFrame(
        {name: pd.Series(values[name], dtype=DTYPES[one.kind]) for name, one in columns.items()}
    )
    return ReadTable(sheet, places, frame, [line for line, _ in rows], damaged)


def _value(
    cell: RawCell | None,
    column: Column,
    place: str,
    texts: _Codes,
    row: Mapping[str, Value],
    remarks: Remarks,
) -> Value:
    """Return a cell's value, a label as its code; None, with a remark, if it is not certain."""
    try:
        value = read_cell(cell, column, remarks.locale)
    except UncertainCellError as error:
        shown = cell.value if cell else ""
        remarks.error(place, f"cell.{error.key}", shown, column=column.name)
        return None
    if not isinstance(value, str) or not value:
        return value
    return texts.code(value, column, place, str(row.get(SCHEME) or ""))


class _Codes:
    """Codes that the columns of a table may hold in a year."""

    def __init__(
        self, reference: Reference, year: int, columns: Mapping[str, Column], remarks: Remarks
    ) -> None:
        self.year, self.remarks = year, remarks
        self.choices = {
            (name, ""): choices_of(column, reference, year) for name, column in columns.items()
        }
        if SCHEME in columns:
            for scheme in columns[SCHEME].allowed:
                self.choices["category", scheme] = scheme_choices(reference, scheme, year)
        self.codes = {key: codes_by_text(choices) for key, choices in self.choices.items()}

    def code(self, text: str, column: Column, place: str, scheme: str) -> str | None:
        """Return the code of a text; the text itself where the column holds no codes."""
        if column.name != "category":
            scheme = ""
        elif not scheme:
            return text  # the scheme is wrong, and told already
        choices = self.choices[column.name, scheme]
        if not choices:
            return text
        codes = self.codes[column.name, scheme]
        found = codes.get(text) or codes.get(as_label(text)) or set()
        if len(found) == 1:
            return next(iter(found))
        self._tell(text, found, choices, place)
        return None

    def _tell(self, text: str, found: set[str], choices: list[Choice], place: str) -> None:
        locale = self.remarks.locale
        if found:
            codes = ", ".join(sorted(found))
            self.remarks.error(place, "cell.ambiguous", text, codes=codes)
            return
        labels = offered(choices, locale)
        close = did_you_mean(text, [*labels, *(choice.code for choice in choices)])
        hint = closing(close, locale)
        few = "; ".join(labels) if len(labels) <= LONGEST_LIST else ""
        key = "cell.code" if few else "cell.code_of_many"
        self.remarks.error(place, key, text, allowed=few, hint=hint, year=self.year)


def _check(table: ReadTable, contract: Table, remarks: Remarks) -> None:
    """Hold a table against its contract; what was told before is not told again."""
    told = {(failure.line, failure.column) for failure in table.damaged}
    try:
        check(
            table.frame,
            contract,
            file=table.sheet.title,
            lines=table.lines,
            failures=table.damaged,
        )
    except ContractError as error:
        for failure in error.failures:
            if (failure.line, failure.column) not in told:
                place = table.place(failure.line, failure.column)
                tell_failure(failure, place, contract, remarks)


def _check_references(
    tables: Mapping[str, ReadTable], reference: Reference, remarks: Remarks
) -> None:
    known = {
        **{name: getattr(reference, name) for name in ("categories", "clusters", "districts")},
        **{
            stem: table.frame.drop_duplicates(key_of(RECORDS[stem]))
            for stem, table in tables.items()
        },
    }
    for stem, table in tables.items():
        told = {failure.line for failure in table.damaged}
        for failure in check_references(
            table.frame, RECORDS[stem], known, file=table.sheet.title, lines=table.lines
        ):
            if failure.line not in told:
                place = table.place(failure.line, failure.column)
                tell_failure(failure, place, RECORDS[stem], remarks)
