"""The map of a list, what each of its columns is, and the rows of a list that are records by it.

A map is TOML that anybody can read: ``ewm map FILE`` proposes one, ``docs/lists.md`` explains it.
The header of a list is the row that holds most of the headers looked for. Below it are left out
blank rows, the header where it is repeated, rows that add up others, lone texts (headings of
blocks, notes), and what the map says. Nothing else is, and each row is counted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from ewm_analysis.contracts import RECORDS, SCHEMES, Column, did_you_mean
from ewm_analysis.errors import ContractError, Failure, ParameterError
from ewm_analysis.intake.columns import cleaned, header_words, letters, plain
from ewm_analysis.intake.findings import Level, Remarks, closing, few
from ewm_analysis.intake.readings import factor_of, is_total
from ewm_analysis.intake.sending import Grid, read_grids
from ewm_analysis.intake.sheets import Sheet, Source
from ewm_analysis.l10n import DEFAULT, LOCALES, format_number
from ewm_analysis.l10n.sentences import join

NOTHING, UNKNOWN = "nothing", "?"
"""What a column is that is left out on purpose, or of which nobody has said what it is."""

ACTOR = "actor"
"""Name of a partner; his id follows from it, unless a column is `actor_id`."""

START, END = "start_date", "end_date"

PROJECT_FIELDS = [*RECORDS["projects"].columns]
ACTOR_FIELDS = [name for name in RECORDS["actors"].columns if name not in ("year", "name")]
FIELDS: dict[str, Column] = {
    **RECORDS["projects"].columns,
    **{name: column for name, column in RECORDS["actors"].columns.items() if name != "name"},
    ACTOR: RECORDS["actors"].columns["name"],
    **dict.fromkeys(SCHEMES, RECORDS["assignments"].columns["category"]),
    START: Column(name=START, kind="date", required=False, title={"de": "Beginn", "en": "Start"}),
    END: Column(name=END, kind="date", required=False, title={"de": "Ende", "en": "End"}),
}
"""What a column may be, with the column of ours that its cells go to."""


@dataclass(frozen=True)
class MappedColumn:
    """A column of the list, by its header, and what it is."""

    header: str
    fields: Sequence[str]
    separator: str = ""
    unit: str = ""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def factor(self) -> float:
        """What its amounts are multiplied by to give euros."""
        return factor_of(self.unit) or 1.0


@dataclass(frozen=True)
class LeftOut:
    """Rows that are left out: those whose cell in a column fits a pattern."""

    column: str
    pattern: str
    reason: str


@dataclass(frozen=True)
class ListMap:
    """A map as its file says it.

    ``a_row_is`` a project with all its partners, or one partner of a project, whose amounts are
    then added up. ``always`` holds for each row where no column says otherwise.
    """

    columns: Sequence[MappedColumn]
    always: Mapping[str, Any] = field(default_factory=dict)
    left_out: Sequence[LeftOut] = ()
    missing: Sequence[str] = ()
    sheet: str = ""
    language: str = DEFAULT
    a_row_is: Literal["project", "partner"] = "project"

    def columns_for(self, name: str) -> list[MappedColumn]:
        """Return the columns that are something, in the order of the map."""
        return [column for column in self.columns if name in column.fields]

    def knows(self, name: str) -> bool:
        """Return whether a column or what always holds says it."""
        return name in self.always or bool(self.columns_for(name))

    def unsaid(self) -> list[str]:
        """Return what the records need and neither a column says nor anything it follows from."""
        needed = {"cluster_id": (), "is_rdi": (), "is_new": (START,), "status": (END,)}
        needed["consortium_type"] = (ACTOR,)
        if self.knows(ACTOR):
            needed |= {"actor_type": (), "state": ("place",)}
        return [
            name
            for name, others in needed.items()
            if not any(self.knows(each) for each in (name, *others))
        ]


def read_map(path: Path) -> tuple[bytes, ListMap]:
    """Return a map and its bytes.

    Raises
    ------
    ParameterError
        If there is no such map.
    ContractError
        With everything in it that cannot be understood.
    """
    if not path.is_file():
        reason = "is no file; 'ewm map LIST --output MAP.toml' proposes a map"
        raise ParameterError("map", str(path), reason=reason)
    data = path.read_bytes()
    try:
        told = tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise ContractError([Failure(path.name, 0, "", "", f"is no TOML: {error}")]) from None
    return data, understood_map(told, path.name)


def understood_map(told: Mapping[str, Any], file: str) -> ListMap:
    """Return a map from what TOML holds.

    Raises
    ------
    ContractError
        With everything in it that cannot be understood.

    Examples
    --------
    >>> told = {"column": [{"header": "Projektname", "is": "title"}], "always": {"is_rdi": True}}
    >>> understood_map(told, "map.toml").columns[0].fields
    ['title']
    """
    failures: list[Failure] = []
    check, has_shape = partial(_check, failures, file), partial(_has_shape, failures, file)
    head, always = told.get("list", {}), told.get("always", {})
    if not (has_shape("", told, SHAPES[""]) and has_shape("list", head, SHAPES["list"])):
        raise ContractError(failures)
    known = {name: value for name, value in always.items() if value != UNKNOWN}
    has_shape("always", known, {name: KINDS[one.kind] for name, one in FIELDS.items()})
    check("list, a_row_is", [head.get("a_row_is", "project")], ("project", "partner"))
    check("list, language", [head.get("language", DEFAULT)], LOCALES)
    columns = []
    for entry in told.get("column", ()):
        if not has_shape("column", entry, SHAPES["column"]):
            continue
        columns.append(column := _column(entry))
        place = f"column {column.header or '?'}"
        check(f"{place}, is", column.fields, [*FIELDS, NOTHING, UNKNOWN])
        check(f"{place}, codes", column.codes, column.fields)
        if not column.fields or not column.header:
            failures.append(Failure(file, 0, place, "", "needs a header, and what it is: is = …"))
        if factor_of(column.unit) is None:
            failures.append(Failure(file, 0, place, column.unit, "allowed: unit = €, T€, Mio. € …"))
    rules = []
    for entry in told.get("leave_out", ()):
        if not has_shape("leave_out", entry, SHAPES["leave_out"]):
            continue
        check("leave_out, column", [entry.get("column", "")], [one.header for one in columns])
        rules.append(LeftOut(*(entry.get(name, "") for name in ("column", "pattern", "reason"))))
    if failures:
        raise ContractError(failures)
    return ListMap(columns, known, rules, **head)


Kind = tuple[tuple[type, ...], str]
"""What a value is in TOML, and how that is said."""

TEXT, TABLE, TABLES = ((str,), "a text in quotes"), ((dict,), "a table"), ((list,), "tables: [[…]]")
SHAPES: dict[str, dict[str, Kind]] = {
    "": {"list": TABLE, "always": TABLE, "column": TABLES, "leave_out": TABLES},
    "list": {
        "sheet": TEXT,
        "language": TEXT,
        "a_row_is": TEXT,
        "missing": ((list,), "a list of texts"),
    },
    "column": {
        "header": TEXT,
        "is": ((str, list), "a text, or a list of texts"),
        "separator": TEXT,
        "unit": TEXT,
        "codes": TABLE,
    },
    "leave_out": {"column": TEXT, "pattern": TEXT, "reason": TEXT},
}
"""What the tables of a map hold."""

KINDS: dict[str, Kind] = {
    "boolean": ((bool,), "true or false, without quotes"),
    "integer": ((int,), "a whole number, without quotes"),
    "number": ((int, float), "a number, without quotes"),
    "text": TEXT,
    "date": ((str,), "a text in quotes, as 2022-12-31"),
}
"""What holds a column of ours, by its kind."""


def _check(
    failures: list[Failure], file: str, place: str, found: Any, allowed: Sequence[str]
) -> None:
    """Collect what is not among the allowed names."""
    for name in [one for one in found if one not in allowed]:
        reason = f"allowed: {', '.join(allowed)}{did_you_mean(str(name), allowed)}"
        failures.append(Failure(file, 0, place, str(name), reason))


def _has_shape(
    failures: list[Failure], file: str, place: str, found: Any, shape: Mapping[str, Kind]
) -> bool:
    """Tell whether a table has the keys and types of a shape; collect what has not."""
    if not isinstance(found, dict):
        failures.append(Failure(file, 0, place, str(found), f"must be a table: [{place}]"))
        return False
    _check(failures, file, place, found, [*shape])
    known = len(failures)
    for name in [one for one in found if one in shape]:
        types, said = shape[name]
        if type(found[name]) not in types:
            where = ", ".join(filter(None, (place, name)))
            failures.append(Failure(file, 0, where, str(found[name]), f"must be {said}"))
    return len(failures) == known


def _column(entry: Mapping[str, Any]) -> MappedColumn:
    fields = entry.get("is", [])
    own = {name: entry[name] for name in ("separator", "unit", "codes") if name in entry}
    return MappedColumn(
        entry.get("header", ""), [fields] if isinstance(fields, str) else fields, **own
    )


DEPTH = 50
"""Rows from the top among which a header may stand."""

FEW = 3
"""Columns from which on a lone text in a row is a heading or a note."""


def bare(header: str) -> str:
    """Return a header without unit and brackets, as it is compared.

    Examples
    --------
    >>> bare("Gesamtkosten (in T€)"), bare("Fördersumme in EUR")
    ('gesamtkosten', 'fördersumme')
    """
    words = re.sub(r"[\[(].*?[\])]|_", " ", plain(header))
    words = re.sub(r"\bin (?:\S+\s?)?(?:€|eur|euro|t€|teur)$", "", words.strip())
    return plain(words.rstrip(":*. "))


@dataclass(frozen=True)
class ListRows:
    """Rows of a list: the cells of each column by its header, and the line of each row."""

    title: str
    header: int
    places: Mapping[str, int]
    cells: Mapping[str, Sequence[object]]
    lines: Sequence[int]
    left_out: Mapping[str, Sequence[tuple[int, str]]] = field(default_factory=dict)
    merged: int = 0

    def place(self, line: int, header: str) -> str:
        """Return the place of a cell."""
        return self.sheet("projects").place(line, self.places[header])

    def sheet(self, table: str) -> Sheet:
        """Return the list as the sheet of one of the five tables, for what is told of it."""
        return Sheet(self.title, {}, stem=table)


def is_empty(value: object) -> bool:
    """Return whether a cell holds nothing but blanks."""
    return value is None or (isinstance(value, str) and not value.strip())


def headers_of_row(row: Sequence[object]) -> dict[str, int]:
    """Return headers with their column from 1; one that stands there again is numbered.

    Examples
    --------
    >>> headers_of_row(["Titel", "", "Ort", "Ort"])
    {'Titel': 1, 'Ort': 3, 'Ort (2)': 4}
    """
    found: dict[str, int] = {}
    for at, value in enumerate(row, start=1):
        name, number = cleaned(str(value)), 1
        while name in found:
            number += 1
            name = f"{cleaned(str(value))} ({number})"
        if name:
            found[name] = at
    return found


def find_header(rows: Iterable[Iterable[object]], known: Collection[str]) -> int | None:
    """Return the index of the row with most of the headers, which are as `plain` writes them.

    Examples
    --------
    >>> find_header([["Stand 2022", ""], ["Titel", "Ort"], ["x", "y"]], {"titel", "ort"})
    1
    """
    counts = [
        len({plain(value) for value in row if isinstance(value, str)} & {*known})
        for row in islice(rows, DEPTH)
    ]
    best = max(counts, default=0)
    return counts.index(best) if best else None


def rows_of(grid: Grid, header: int, listed: ListMap) -> ListRows:
    """Return the rows below a header that are records."""
    places = headers_of_row(grid.rows[header])
    names = {plain(name) for name in places} | header_words().keys()
    for name, at in _nameless(grid, header, places).items():
        places[name] = at
    rows, merged = _filled(grid, header)
    used = [one.header for one in listed.columns if one.fields not in ([NOTHING], [UNKNOWN])]
    texts = {
        places[one.header] - 1
        for one in listed.columns
        if one.header in places and {"title", "project_id", "actor"} & {*one.fields}
    }
    rules = [
        (places[rule.column] - 1, rule.pattern.casefold(), rule.reason)
        for rule in listed.left_out
        if rule.column in places
    ]
    left_out: dict[str, list[tuple[int, str]]] = {}
    kept = []
    for at in range(header + 1, len(rows)):
        row = rows[at]
        filled = [place for place, value in enumerate(row) if not is_empty(value)]
        if not filled:
            continue
        reason = why_left_out(row, filled, names, texts, len(used)) or _by_rule(row, rules)
        if reason:
            left_out.setdefault(reason, []).append((grid.lines[at], str(row[filled[0]])))
        else:
            kept.append(at)
    cells = {
        name: [rows[at][place - 1] if place <= len(rows[at]) else "" for at in kept]
        for name, place in places.items()
    }
    lines = [grid.lines[at] for at in kept]
    return ListRows(grid.title, grid.lines[header], places, cells, lines, left_out, merged)


def _nameless(grid: Grid, header: int, places: Mapping[str, int]) -> dict[str, int]:
    """Columns without a header that hold something: "(C)"."""
    body = grid.rows[header + 1 :]
    free = {*range(1, max(map(len, body), default=0) + 1)} - {*places.values()}
    filled = [
        at
        for at in sorted(free)
        if any(len(row) >= at and not is_empty(row[at - 1]) for row in body)
    ]
    return {f"({letters(at)})": at for at in filled}


def _filled(grid: Grid, header: int) -> tuple[Sequence[Sequence[object]], int]:
    """Return the rows, each cell of an area that is merged below the header with its value."""
    if not grid.merged:
        return grid.rows, 0
    rows, number = [[*row] for row in grid.rows], 0
    for (top, left), (bottom, right) in grid.merged:
        if top <= header or top == bottom:
            continue
        number += 1
        for at in range(top, min(bottom + 1, len(rows))):
            for place in range(left, min(right + 1, len(rows[at]))):
                rows[at][place] = rows[top][left]
    return rows, number


def why_left_out(
    row: Sequence[object] | Mapping[int, object],
    filled: Sequence[int],
    names: Collection[str],
    texts: Collection[int],
    width: int,
    *,
    ids: Collection[int] = (),
) -> str:
    """Return the rule by which a row is left out, or "".

    Parameters
    ----------
    row : sequence or mapping
        Its cells by place.
    filled : sequence of int
        Places that hold something.
    names : collection of str
        Headers, as `plain` writes them.
    texts : collection of int
        Places of names, without which a row is no record.
    width : int
        Columns that are read.
    ids : collection of int, optional
        Places where a lone word may be an id.
    """
    first = row[filled[0]]
    named = [at for at in filled if at in texts]
    said = [row[at] for at in named or filled]
    totals = (isinstance(each, str) and is_total(each) for each in said)
    if all(totals) if named else any(totals):  # a partner may be called Total
        return "total"
    if isinstance(first, str):
        if plain(first) in names:
            headers = sum(plain(str(row[at])) in names for at in filled)
            if headers > len(filled) / 2:
                return "header"
        if len(filled) == 1 and width >= FEW and (filled[0] not in ids or " " in first.strip()):
            return "heading"
    if texts and not named:
        is_words = any(sign.isalpha() for at in filled for sign in str(row[at]))
        return "" if is_words else "total"
    return ""


def tell_left_out(
    left_out: Mapping[str, Sequence[tuple[int, str]]], title: str, remarks: Remarks
) -> None:
    """Tell the rows that were left out, by their rule."""
    for reason, left in left_out.items():
        told = [f"{line}: {cleaned(text)}" for line, text in left]
        facts = {"count": format_number(len(left), remarks.locale), "rows": few(told)}
        kind, _, own = reason.partition(": ")
        remarks.add("note", title, f"left_out.{kind}", reason=own, **facts)


def _by_rule(row: Sequence[object], rules: Sequence[tuple[int, str, str]]) -> str:
    for at, pattern, reason in rules:
        value = row[at] if at < len(row) else ""
        if fnmatchcase(cleaned(str(value)).casefold(), pattern):
            return f"map: {reason}"
    return ""


@dataclass(frozen=True)
class MappedList:
    """The grids of a list, and its map."""

    grids: Sequence[Grid]
    map: ListMap


def read_listed(path: Path, map_file: Path, remarks: Remarks) -> Source:
    """Return a list and its map as a source; what cannot be read is an error.

    Raises
    ------
    ParameterError
        If there is no such list or map.
    ContractError
        If the map cannot be understood.
    """
    data, listed = read_map(map_file)
    files, grids = read_grids(path, remarks)
    return Source(path.name, {**files, map_file.name: data}, listed=MappedList(grids, listed))


def list_rows(listed: MappedList, remarks: Remarks) -> ListRows | None:
    """Return the rows of the sheet that fits the map best; what is left out is told."""
    wanted = {plain(one.header): one.header for one in listed.map.columns}
    grids = [one for one in listed.grids if listed.map.sheet in ("", one.title)]
    found = [(grid, find_header(grid.rows, wanted)) for grid in grids]
    fits = [(grid, at) for grid, at in found if at is not None]
    if not fits:
        titles = join([grid.title for grid in listed.grids], remarks.locale)
        remarks.error(listed.map.sheet, "list.no_header", sheets=titles)
        return None
    grid, at = max(
        fits, key=lambda fit: len({*map(plain, map(str, fit[0].rows[fit[1]]))} & {*wanted})
    )
    rows = rows_of(grid, at, listed.map)
    _tell_columns(rows, listed.map, remarks)
    _tell_rows(rows, remarks)
    for other in [one for one, _ in found if one is not grid]:
        remarks.add("note", other.title, "list.other_sheet", used=grid.title)
    return rows


def _tell_columns(rows: ListRows, listed: ListMap, remarks: Remarks) -> None:
    """Tell columns that the map names and the list has not, and the other way round."""
    known = {one.header: one.fields for one in listed.columns}
    for header, fields in known.items():
        if header not in rows.places:
            free = [name for name in rows.places if name not in known]
            hint = closing(did_you_mean(header, free), remarks.locale)
            level: Level = "note" if [*fields] in ([NOTHING], [UNKNOWN]) else "error"
            remarks.add(level, rows.title, "list.column_missing", header, hint=hint)
    unknown = [name for name in rows.places if known.get(name, [UNKNOWN]) == [UNKNOWN]]
    if unknown:
        told = [f"{name} ({letters(rows.places[name])})" for name in unknown]
        remarks.add("note", rows.title, "list.columns_unread", columns=join(told, remarks.locale))


def _tell_rows(rows: ListRows, remarks: Remarks) -> None:
    locale = remarks.locale
    if rows.header > 1:
        remarks.add("note", rows.title, "list.header_line", line=rows.header)
    if rows.merged:
        remarks.add("note", rows.title, "list.merged", count=format_number(rows.merged, locale))
    left = sum(map(len, rows.left_out.values()))
    facts = {"read": format_number(len(rows.lines), locale), "left": format_number(left, locale)}
    remarks.add("note", rows.title, "list.rows", **facts)
    tell_left_out(rows.left_out, rows.title, remarks)
