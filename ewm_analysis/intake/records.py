"""Sheets to the five tables of a year, typed and checked, with a remark for every bad cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import (
    DTYPES,
    RECORDS,
    Column,
    Table,
    check,
    check_references,
    did_you_mean,
)
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.columns import (
    Choice,
    ColumnMap,
    choices_of,
    header_words,
    headers_of,
    known_headers,
    offered,
    plain,
    sheet_title,
)
from ewm_analysis.intake.findings import Remarks, closing, understood
from ewm_analysis.intake.flat import NAMED, Body, lists_among, settled, title_of, unfolded
from ewm_analysis.intake.list_map import (
    END,
    NOTHING,
    START,
    bare,
    find_header,
    tell_left_out,
    why_left_out,
)
from ewm_analysis.intake.readings import (
    Alike,
    Read,
    UncertainCellError,
    is_missing,
    read_cell,
    read_code,
    words,
)
from ewm_analysis.intake.sheets import RawCell, ReadTable, Row, Rows, Sheet, is_blank
from ewm_analysis.l10n import in_language
from ewm_analysis.l10n.sentences import join, messages

LONGEST_LIST = 12
"""Labels listed in a remark."""


def read_records(
    sheets: Sequence[Sheet],
    reference: Reference,
    year: int,
    remarks: Remarks,
    headers: ColumnMap,
) -> dict[str, ReadTable]:
    """Return the tables found in the sheets; whatever is not certain is an error."""
    chosen = _chosen(sheets, remarks)
    found = {stem: _body(sheet, headers, remarks) for stem, sheet in chosen.items()}
    flat = any(body.lists for body in found.values())
    _tell_sheets(sheets, chosen, remarks, flat=flat)
    bodies = {
        stem: body
        for stem, body in found.items()
        if _has_columns(body, remarks, flat=flat) and body.is_certain
    }
    if flat and len(bodies) < len(found):
        return {}
    bodies = unfolded(bodies, remarks) if flat else bodies
    tables = {stem: _read(body, reference, year, remarks) for stem, body in bodies.items()}
    tables = settled(tables, reference, year, remarks) if flat else tables
    check_tables(tables, reference, remarks)
    return tables


def check_tables(tables: Mapping[str, ReadTable], reference: Reference, remarks: Remarks) -> None:
    """Hold tables against their contracts and against each other."""
    for stem, table in tables.items():
        _check(table, RECORDS[stem], remarks)
    if len(tables) == len(RECORDS):
        _check_references(tables, reference, remarks)


def _chosen(sheets: Sequence[Sheet], remarks: Remarks) -> dict[str, Sheet]:
    """Return the sheet of each table; one that belongs to none is told."""
    chosen: dict[str, Sheet] = {}
    for sheet in sheets:
        if sheet.table not in RECORDS:
            continue
        if sheet.table in chosen:
            remarks.error(sheet.title, "sheet_twice", other=chosen[sheet.table].title)
        else:
            chosen[sheet.table] = sheet
    return chosen


def _tell_sheets(
    sheets: Sequence[Sheet], chosen: Mapping[str, Sheet], remarks: Remarks, *, flat: bool
) -> None:
    """Tell sheets that are missing, and sheets that belong to no table; these may be misnamed."""
    titles = {stem: sheet_title(stem, remarks.locale) for stem in RECORDS}
    missing = [title for stem, title in titles.items() if stem not in chosen]
    for sheet in sheets:
        if sheet.table or all(map(is_blank, sheet.cells.values())):
            continue
        if flat or not missing:
            remarks.add("note", sheet.title, "sheet_of_their_own")
        else:
            everyone = join([*titles.values()], remarks.locale)
            remarks.error(sheet.title, "sheet_unknown", titles=everyone)
    if flat and missing:
        remarks.add("note", "", "flat.sheets", "", titles=join(missing, remarks.locale))
    for title in () if flat else missing:
        remarks.error(title, "sheet_missing")


def _has_columns(body: Body, remarks: Remarks, *, flat: bool) -> bool:
    """Tell columns that a sheet has not; where lists stand in cells, ids and gaps are none."""
    columns = RECORDS[body.sheet.table].columns
    titles = headers_of(RECORDS[body.sheet.table], remarks.locale)
    absent = [name for name in body.missing if columns[name].default is None]
    key, named, _ = NAMED.get(body.sheet.table, ("", "", ""))
    needed = [
        name
        for name in absent
        if not flat
        or (columns[name].required and name != key)
        or (name == named and key in absent)  # of which the id is made
    ]
    if free := [name for name in absent if name not in (*needed, key)]:
        told = join([titles[name] for name in free], remarks.locale)
        remarks.add("note", body.sheet.title, "flat.columns", "", titles=told)
    for name in needed:
        remarks.error(body.sheet.place(body.header, 1), "header.missing", title=titles[name])
    return not needed


def _look_at_shape(sheet: Sheet, header: int, remarks: Remarks) -> None:
    """Tell what hides cells, or makes their place uncertain; titles may be merged."""
    for area in sheet.merged:
        if int(re.sub(r".*?([0-9]+)$", r"\1", area)) >= header:
            remarks.error(f"{sheet.title}!{area}", "merged")
    for cell in sheet.repeated:
        remarks.error(f"{sheet.title}!{cell}", "repeated")
    for part in sheet.hidden:
        remarks.add("note", sheet.title, f"hidden_{part}")


def _body(sheet: Sheet, headers: ColumnMap, remarks: Remarks) -> Body:
    """Return the rows of a sheet and its columns."""
    rows = [*sheet.rows()] or [(1, {})]
    known = known_headers(sheet.table, headers)
    at = find_header(([cell.value for cell in row.values()] for _, row in rows), known) or 0
    if at:
        remarks.add("note", sheet.title, "list.header_line", line=rows[at][0])
    _look_at_shape(sheet, rows[at][0], remarks)
    before = len(remarks.all)
    line, header = rows[at]
    places: dict[str, int] = {}
    lists: list[tuple[str, int]] = []
    for name, column in _named_columns(sheet, line, header, known, remarks):
        if name not in RECORDS[sheet.table].columns:
            lists.append((name, column))
        elif name in places:
            first = sheet.place(line, places[name])
            place, text = sheet.place(line, column), header[column].value
            remarks.error(place, "header.twice", text, first=first)
        else:
            places[name] = column
    nameless = {at: below for below, row in reversed(rows[at:]) for at in row if at not in header}
    for column, below in nameless.items():  # nothing is left out in silence
        value = sheet.cells[below, column].value
        remarks.error(sheet.place(below, column), "header.nameless", value)
    is_certain = not any(one.level == "error" for one in remarks.all[before:])
    body = Body(sheet, line, places, rows[at + 1 :], lists, is_certain=is_certain)
    return replace(body, rows=_records(body, remarks))


def _named_columns(
    sheet: Sheet, line: int, header: Row, known: Mapping[str, str], remarks: Remarks
) -> Iterator[tuple[str, int]]:
    """Yield what each column is and where it stands: one of the table, or one with lists."""
    columns = RECORDS[sheet.table].columns
    texts = {at: str(cell.value) for at, cell in header.items() if cell.kind == "s"}
    names = {at: known.get(plain(text), "") for at, text in texts.items()}
    words = {at: header_words().get(bare(text), "") for at, text in texts.items() if not names[at]}
    words |= {at: "" for at in words if plain(texts[at]) == "name"}  # of a project, or a partner?
    lists = lists_among(sheet.table, words.values())
    for at, cell in header.items():
        said, place = words.get(at, ""), sheet.place(line, at)
        if names.get(at):
            yield names[at], at
        elif said in (NOTHING, START, END):
            remarks.add("note", place, "header.remark", cell.value)
        elif said in columns or said in lists:
            key = "flat.list" if said in lists else "header.read_as"
            remarks.add("note", place, key, cell.value, title=title_of(said, remarks.locale))
            yield said, at
        else:
            hint = closing(did_you_mean(plain(str(cell.value)), known), remarks.locale)
            key = "header.unknown" if cell.kind == "s" else "header.no_text"
            remarks.error(place, key, cell.value, hint=hint)


NAMES = ("project_id", "activity_id", "actor_id", "title", "name")
"""Columns without which a row is no record."""


def _records(body: Body, remarks: Remarks) -> Rows:
    """Return the rows that are records; totals, headings and repeated headers are told."""
    sheet, places = body.sheet, body.places
    headers = {plain(str(sheet.cells[at].value)) for at in sheet.cells if at[0] == body.header}
    texts = {at for name, at in places.items() if name in NAMES}
    lists = {at for _, at in body.lists}
    kept: list[tuple[int, Row]] = []
    left: dict[str, list[tuple[int, str]]] = {}
    split = 0
    for line, row in body.rows:
        cells = {at: 0 if cell.kind == "f" else cell.value for at, cell in row.items()}
        reason = why_left_out(cells, [*cells], headers, texts, len(places), ids=texts)
        if _is_header(row) and reason != "header":
            remarks.error(sheet.place(line, min(row)), "second_table", cells[min(row)])
            break
        if texts and lists & {*row} and not texts & {*row} and reason != "total":
            remarks.error(sheet.place(line, min(row)), "flat.rest", cells[min(row)])
        elif reason:
            left.setdefault(reason, []).append((line, str(row[min(row)].value)))
        else:
            parts = _parts(row, places.get("category", 0))
            split += len(parts) > 1
            kept += [(line, part) for part in parts]
    if split:
        remarks.add("note", sheet.title, "reading.parts", count=split)
    tell_left_out(left, sheet.title, remarks)
    return kept


def _is_header(row: Row) -> bool:
    """Return whether a row holds headers of any table, at least two and most of its cells."""
    texts = [str(cell.value) for cell in row.values() if cell.kind == "s"]
    if len(texts) < 2 or plain(texts[0]) not in _all_headers():
        return False
    return sum(plain(text) in _all_headers() for text in texts) > max(1, len(row) / 2)


@cache
def _all_headers() -> set[str]:
    tables = [header for table in RECORDS for header in known_headers(table)]
    return {*header_words(), *tables} - {*words()["yes"], *words()["no"]}


def _parts(row: Row, at: int) -> list[Row]:
    """Return a row for each of several categories in one cell."""
    cell = row.get(at)
    if cell is None or cell.kind != "s" or ";" not in str(cell.value):
        return [row]
    parts = filter(None, map(str.strip, str(cell.value).split(";")))
    return [row | {at: RawCell(part)} for part in parts]


def _marked_columns(
    rows: Rows, places: Mapping[str, int], columns: Mapping[str, Column]
) -> set[str]:
    """Return the columns of yes and no in which every filled cell is a mark: the others mean no."""
    marked = {
        name: {plain(str(row[at].value)) for _, row in rows if at in row}
        for name, at in places.items()
        if columns[name].kind == "boolean"
    }
    return {name for name, cells in marked.items() if cells and cells <= words()["mark"]}


def _read(body: Body, reference: Reference, year: int, remarks: Remarks) -> ReadTable:
    """Return the table of a sheet, with a remark for each cell that is not certain."""
    sheet, places, rows = body.sheet, body.places, body.rows
    columns = RECORDS[sheet.table].columns
    codes = _Codes(reference, year, remarks)
    marks = _marked_columns(rows, places, columns)
    damaged: list[Failure] = []
    values: dict[str, list[object]] = {name: [] for name in columns}
    for line, row in rows:
        scheme = ""
        for name, column in columns.items():
            nothing = read_cell(None, column, remarks.locale).value
            if name not in places:  # the year is that of the workbook
                values[name].append(year if name == "year" else column.default or nothing)
                continue
            cell, place = row.get(places[name]), sheet.place(line, places[name])
            if cell is None and name in marks:
                read: Read | None = codes.told(Read(False, "unmarked"), column, "", place)
            else:
                read = codes.read(cell, column, place, scheme)
            if read and name == "year" and read.value not in (None, year):
                remarks.error(place, "other_year", read.value, year=year)
                read = None
            if read is None:
                damaged.append(Failure(sheet.title, line, name, "", ""))
            values[name].append(read.value if read else nothing)
            scheme = str(values[name][-1]) if name == "scheme" else scheme
    codes.alike.tell()
    frame = pd.DataFrame(
        {name: pd.Series(values[name], dtype=DTYPES[one.kind]) for name, one in columns.items()}
    )
    return ReadTable(sheet, places, frame, [line for line, _ in rows], damaged)


class _Codes:
    """Values of cells, a label as its code: what the columns of a table may hold in a year."""

    def __init__(self, reference: Reference, year: int, remarks: Remarks) -> None:
        self.reference, self.year, self.remarks = reference, year, remarks
        self.alike = Alike(remarks)
        self.known: dict[tuple[str, str], list[Choice]] = {}

    def told(self, read: Read, column: Column, written: object, place: str) -> Read:
        """Note how a cell was read."""
        if read.how:
            title = in_language(column.title, self.remarks.locale)
            self.alike.note(f"reading.{read.how}", written, place, field=title)
        return read

    def read(self, cell: RawCell | None, column: Column, place: str, scheme: str) -> Read | None:
        """Return what a cell means; None, with a remark, if it is not certain."""
        try:
            read = read_cell(cell, column, self.remarks.locale)
        except UncertainCellError as error:
            shown = cell.value if cell else ""
            self.remarks.error(place, f"cell.{error.key}", shown, **error.facts)
            return None
        self.told(read, column, cell.value if cell else "", place)
        is_of_scheme = column.name == "category"
        if not isinstance(read.value, str) or not read.value or (is_of_scheme and not scheme):
            return read  # a wrong scheme is told already
        return self._code(read, column, place, scheme if is_of_scheme else "")

    def _code(self, read: Read, column: Column, place: str, scheme: str) -> Read | None:
        """Return the code of a text; the text itself where the column holds no codes."""
        text, key = str(read.value), (column.name, scheme)
        if key not in self.known:
            self.known[key] = choices_of(column, self.reference, self.year, scheme=scheme)
        choices = self.known[key]
        if not choices:
            return read
        try:
            code = read_code(text, scheme or column.name, choices)
        except UncertainCellError as error:
            if is_missing(text):
                return self.told(Read("", "missing"), column, text, place)
            self._tell(text, error.facts.get("codes", ""), choices, place)
            return None
        return self.told(code, column, text, place)

    def _tell(self, text: str, codes: str, choices: list[Choice], place: str) -> None:
        locale = self.remarks.locale
        if codes:
            self.remarks.error(place, "cell.ambiguous", text, codes=codes)
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
        known[stem] = table.frame.drop_duplicates(RECORDS[stem].key)
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
