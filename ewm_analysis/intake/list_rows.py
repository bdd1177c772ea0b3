"""The rows of a list between its header and its end; what is left out, by which rule.

The header is the row that holds most of the headers looked for. Left out are blank rows, the
header where it is repeated, rows that add up others, lone texts (headings of blocks, notes), and
what the map says. Nothing else is, and each row is counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from ewm_analysis.contracts import did_you_mean
from ewm_analysis.intake.columns import cleaned, header_words, letters, plain
from ewm_analysis.intake.findings import Level, Remarks, closing, few
from ewm_analysis.intake.list_map import NOTHING, UNKNOWN, ListMap, read_map
from ewm_analysis.intake.readings import is_total
from ewm_analysis.intake.sending import Grid, read_grids
from ewm_analysis.intake.sheets import Sheet, Source
from ewm_analysis.l10n import format_number
from ewm_analysis.l10n.sentences import join

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
