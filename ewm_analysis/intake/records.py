"""Sheets to the five tables of a year, typed and checked, with a remark for every bad cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

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
    SUPPORT,
    Choice,
    ColumnMap,
    as_label,
    choices_of,
    codes_by_text,
    headers_of,
    known_headers,
    offered,
    plain,
    sheet_title,
)
from ewm_analysis.intake.findings import Remarks, closing, understood
from ewm_analysis.intake.list_map import NOTHING
from ewm_analysis.intake.list_rows import header_words
from ewm_analysis.intake.loose import (
    Readings,
    body_of,
    header_of,
    marked_columns,
    read_loosely,
)
from ewm_analysis.intake.readings import cleaned, is_missing, read_code
from ewm_analysis.intake.sheets import RawCell, Sheet, is_blank
from ewm_analysis.l10n.sentences import join, messages

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

    def holds(self, key: str) -> bool:
        """Return whether a row has the id."""
        return bool((self.frame[key_of(RECORDS[self.sheet.table])[1]] == key).any())

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
    tables: dict[str, ReadTable] = {}
    for stem, sheet in _chosen(sheets, remarks).items():
        if (places := _match_columns(sheet, headers, remarks)) is not None:
            tables[stem] = _read(sheet, places, reference, year, remarks)
    check_tables(tables, reference, remarks)
    return tables


def check_tables(tables: Mapping[str, ReadTable], reference: Reference, remarks: Remarks) -> None:
    """Hold tables against their contracts and against each other."""
    for stem, table in tables.items():
        _check(table, RECORDS[stem], remarks)
    if len(tables) == len(RECORDS):
        _check_references(tables, reference, remarks)


def _chosen(sheets: Sequence[Sheet], remarks: Remarks) -> dict[str, Sheet]:
    """Return the sheet of each table; a sheet that belongs to none must be empty."""
    chosen: dict[str, Sheet] = {}
    own: list[str] = []
    titles = [sheet_title(stem, remarks.locale) for stem in RECORDS]
    for sheet in sheets:
        if sheet.table in SUPPORT or (not sheet.table and all(map(is_blank, sheet.cells.values()))):
            continue
        if not sheet.table:
            own.append(sheet.title)
        elif sheet.table in chosen:
            remarks.error(sheet.title, "sheet_twice", other=chosen[sheet.table].title)
        else:
            chosen[sheet.table] = sheet
    for title in own:
        if len(chosen) == len(RECORDS):
            remarks.add("note", title, "sheet_of_their_own")
        else:
            remarks.error(title, "sheet_unknown", titles=join(titles, remarks.locale))
    for stem, title in zip(RECORDS, titles, strict=True):
        if stem not in chosen:
            remarks.error(title, "sheet_missing")
    return chosen


def _look_at_shape(sheet: Sheet, header: int, remarks: Remarks) -> None:
    """Tell what hides cells, or makes their place uncertain; titles may be merged."""
    for area in sheet.merged:
        if int(re.sub(r".*?([0-9]+)$", r"\1", area)) >= header:
            remarks.error(f"{sheet.title}!{area}", "merged")
    for cell in sheet.repeated:
        remarks.error(f"{sheet.title}!{cell}", "repeated")
    for part in sheet.hidden:
        remarks.add("note", sheet.title, f"hidden_{part}")


def _match_columns(sheet: Sheet, extra: ColumnMap, remarks: Remarks) -> dict[str, int] | None:
    """Return the place of each column of ours; None if any is missing, unknown or repeated."""
    known = known_headers(sheet.table, extra)
    line, header = header_of(sheet, known)
    _look_at_shape(sheet, line, remarks)
    places: dict[str, int] = {}
    is_whole = True
    if line > next(sheet.rows(), (line, {}))[0]:
        remarks.add("note", sheet.title, "list.header_line", line=line)
    for at, cell in header.items():
        text, place = str(cell.value), sheet.place(line, at)
        name = known.get(plain(text)) if cell.kind == "s" else None
        if name is None and cell.kind == "s" and header_words().get(plain(text)) == NOTHING:
            remarks.add("note", place, "header.remark", text)
        elif name is None:
            is_whole = False
            hint = closing(did_you_mean(plain(text), known), remarks.locale)
            key = "header.unknown" if cell.kind == "s" else "header.no_text"
            remarks.error(place, key, text, hint=hint)
        elif name in places:
            is_whole = False
            remarks.error(place, "header.twice", text, first=sheet.place(line, places[name]))
        else:
            places[name] = at
    columns = columns_of(RECORDS[sheet.table])
    for name, title in headers_of(RECORDS[sheet.table], remarks.locale).items():
        if name not in places and name != "year" and columns[name].default is None:
            is_whole = False
            remarks.error(sheet.place(line, 1), "header.missing", title=title)
    is_whole &= not _refuse_nameless(sheet, line, header, remarks)
    return places if is_whole else None


def _refuse_nameless(sheet: Sheet, header: int, named: Collection[int], remarks: Remarks) -> bool:
    """A column without a header must be empty: nothing is left out in silence."""
    told = {*named}
    for line, row in sheet.rows():
        for at in [at for at in row if line > header and at not in told]:
            told.add(at)
            remarks.error(sheet.place(line, at), "header.nameless", row[at].value)
    return len(told) > len(named)


def _read(
    sheet: Sheet, places: Mapping[str, int], reference: Reference, year: int, remarks: Remarks
) -> ReadTable:
    columns = columns_of(RECORDS[sheet.table])
    codes = _Codes(reference, year, remarks)
    rows = body_of(sheet, places, columns, remarks)
    marks = marked_columns(rows, places, columns)
    damaged: list[Failure] = []
    values: dict[str, list[Value]] = {name: [] for name in columns}
    for line, row in rows:
        found: dict[str, Value] = {}
        for name, column in columns.items():
            if name not in places:  # the year is that of the workbook
                found[name] = year if name == "year" else column.default
                continue
            cell, place = row.get(places[name]), sheet.place(line, places[name])
            if cell is None and name in marks:
                found[name] = codes.readings.note(column, "unmarked", "", place, False)
                continue
            value = codes.value(cell, column, place, str(found.get("scheme") or ""))
            if value is None and cell is not None:
                damaged.append(Failure(sheet.title, line, name, "", ""))
                value = "" if column.kind in ("text", "date") else None
            if name == "year" and value not in (None, year):
                damaged.append(Failure(sheet.title, line, name, "", ""))
                remarks.error(place, "other_year", value, year=year)
            found[name] = value
        for name, value in found.items():
            values[name].append(value)
    codes.readings.tell()
    frame = pd.DataFrame(
        {name: pd.Series(values[name], dtype=DTYPES[one.kind]) for name, one in columns.items()}
    )
    return ReadTable(sheet, places, frame, [line for line, _ in rows], damaged)


class _Codes:
    """Values of cells, a label as its code: what the columns of a table may hold in a year."""

    def __init__(self, reference: Reference, year: int, remarks: Remarks) -> None:
        self.reference, self.year, self.remarks = reference, year, remarks
        self.readings = Readings(remarks)
        self.known: dict[tuple[str, str], tuple[list[Choice], dict[str, set[str]]]] = {}

    def value(self, cell: RawCell | None, column: Column, place: str, scheme: str) -> Value:
        """Return a cell's value; None, with a remark, if it is not certain."""
        try:
            value = read_cell(cell, column, self.remarks.locale)
        except UncertainCellError as error:
            if cell and (read := read_loosely(cell, column, self.remarks.locale)):
                return self.readings.note(column, read.how, cell.value, place, read.value)
            shown = cell.value if cell else ""
            self.remarks.error(place, f"cell.{error.key}", shown, **error.facts)
            return None
        if not isinstance(value, str) or not value:
            return value
        return self._code(value, column, place, scheme)

    def _code(self, text: str, column: Column, place: str, scheme: str) -> str | None:
        """Return the code of a text; the text itself where the column holds no codes."""
        if column.name == "category" and not scheme:
            return text  # the scheme is wrong, and told already
        key = (column.name, scheme if column.name == "category" else "")
        if key not in self.known:
            choices = choices_of(column, self.reference, self.year, scheme=key[1])
            self.known[key] = choices, codes_by_text(choices)
        choices, codes = self.known[key]
        found = codes.get(text) or codes.get(as_label(text)) or set()
        if len(found) == 1:
            return next(iter(found))
        if not choices:
            return text
        if is_missing(text):
            return self.readings.note(column, "missing", text, place, "")
        try:
            read = read_code(cleaned(text), key[1] or column.name, choices)
            return self.readings.note(column, read.how or "code", text, place, str(read.value))
        except UncertainCellError:
            pass
        self._tell(text, found, choices, place)
        return None

    def _tell(self, text: str, found: set[str], choices: list[Choice], place: str) -> None:
        locale = self.remarks.locale
        if found:
            self.remarks.error(place, "cell.ambiguous", text, codes=", ".join(sorted(found)))
            return
        labels = offered(choices, locale)
        close = did_you_mean(text, [*labels, *(choice.code for choice in choices)])
        few = "; ".join(labels) if len(labels) <= LONGEST_LIST else ""
        key, hint = "cell.code" if few else "cell.code_of_many", closing(close, locale)
        self.remarks.error(place, key, text, allowed=few, hint=hint, year=self.year)


def _check(table: ReadTable, contract: Table, remarks: Remarks) -> None:
    """Hold a table against its contract; what was told before is not told again."""
    title, damaged = table.sheet.title, table.damaged
    told = {(failure.line, failure.column) for failure in damaged}
    try:
        check(table.frame, contract, file=title, lines=table.lines, failures=damaged)
    except ContractError as error:
        for failure in error.failures:
            if (failure.line, failure.column) not in told:
                tell_failure(failure, table, contract, remarks)


def _check_references(
    tables: Mapping[str, ReadTable], reference: Reference, remarks: Remarks
) -> None:
    known = {name: getattr(reference, name) for name in ("categories", "clusters", "districts")}
    for stem, table in tables.items():
        known[stem] = table.frame.drop_duplicates(key_of(RECORDS[stem]))
    for stem, table in tables.items():
        contract, title = RECORDS[stem], table.sheet.title
        told = {failure.line for failure in table.damaged}
        found = check_references(table.frame, contract, known, file=title, lines=table.lines)
        for failure in found:
            if failure.line not in told:
                tell_failure(failure, table, contract, remarks)


def tell_failure(failure: Failure, table: ReadTable, contract: Table, remarks: Remarks) -> None:
    """Note a failure of a contract at its place, in the language of the report."""
    locale, place = remarks.locale, table.place(failure.line, failure.column)
    name, facts = understood(failure.allowed)
    if f"intake.failure.{name}" not in messages():
        remarks.say("error", "contract", place, failure.value, failure.allowed)
        return
    rest = closing(facts.pop("rest", "") + facts["hint"], locale)
    if name == "at_most":
        facts["whole"] = headers_of(contract, locale)[facts["whole"]]
    if name == "reference":
        facts["table"] = sheet_title(facts["table"], locale)
    remarks.error(place, f"failure.{name}", failure.value, rest=rest, **facts)
