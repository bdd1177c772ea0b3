"""The rows of a list between its header and its end; what is left out, by which rule.

The header is the row that holds most of the headers looked for. Left out are blank rows, the
header where it is repeated, rows that add up others, lone texts (headings of blocks, notes), and
what the map says. Nothing else is, and each row is counted.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from ewm_analysis.intake.columns import known_headers, letters, plain
from ewm_analysis.intake.grids import Grid
from ewm_analysis.intake.list_map import NOTHING, UNKNOWN, ListMap
from ewm_analysis.intake.readings import cleaned, is_total
from ewm_analysis.intake.sheets import Sheet

DEPTH = 50
"""Rows from the top among which a header may stand."""

LISTED = 5
"""Rows or values that a remark names."""

FEW = 3
"""Columns from which on a lone text in a row is a heading or a note."""


@cache
def header_words() -> dict[str, str]:
    """Return the field of each header that lists are known to have, as `plain` writes it."""
    told = tomllib.loads(files(__package__).joinpath("headers.toml").read_text("utf-8"))
    own = {
        plain(word): name
        for name, words in told.items()
        for each in words.values()
        for word in each
    }
    template = known_headers("actors") | known_headers("projects")
    fields = {word: "actor" if name == "name" else name for word, name in template.items()}
    return {word: name for word, name in fields.items() if name != "kind"} | own


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


def find_header(grid: Grid, known: Collection[str]) -> int | None:
    """Return the index of the row with most of the headers, which are as `plain` writes them.

    Examples
    --------
    >>> grid = Grid("A", [["Stand 2022", ""], ["Titel", "Ort"], ["x", "y"]], [1, 2, 3])
    >>> find_header(grid, {"titel", "ort"})
    1
    """
    counts = [
        len({plain(cleaned(value)) for value in row if isinstance(value, str)} & {*known})
        for row in grid.rows[:DEPTH]
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
    texts = [
        places[one.header] - 1
        for one in listed.columns
        if one.header in places and {"title", "project_id", "actor"} & {*one.fields}
    ]
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
        reason = _reason(row, filled, names, texts, len(used)) or _by_rule(row, rules)
        if reason:
            told = cleaned(str(row[filled[0]]))
            left_out.setdefault(reason, []).append((grid.lines[at], told))
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
    counts = Counter(
        at
        for row in grid.rows[header + 1 :]
        for at, value in enumerate(row, start=1)
        if not is_empty(value)
    )
    return {f"({letters(at)})": at for at in sorted(counts.keys() - {*places.values()})}


def _filled(grid: Grid, header: int) -> tuple[list[list[object]], int]:
    """Return the rows, each cell of an area that is merged below the header with its value."""
    rows = [[*row] for row in grid.rows] if grid.merged else [*map(list, grid.rows)]
    number = 0
    for (top, left), (bottom, right) in grid.merged:
        if top <= header or top == bottom:
            continue
        number += 1
        for at in range(top, min(bottom + 1, len(rows))):
            for place in range(left, min(right + 1, len(rows[at]))):
                rows[at][place] = rows[top][left]
    return rows, number


def _reason(
    row: Sequence[object],
    filled: Sequence[int],
    names: Collection[str],
    texts: Sequence[int],
    width: int,
) -> str:
    """Return the rule by which a row is left out, or ""."""
    first = row[filled[0]]
    is_text = isinstance(first, str)
    totals = [at for at in filled if isinstance(row[at], str) and is_total(str(row[at]))]
    if totals and {*filled} & {*texts} <= {*totals}:  # a partner may be called Total
        return "total"
    if is_text and sum(plain(cleaned(str(row[at]))) in names for at in filled) > len(filled) / 2:
        return "header"
    if is_text and len(filled) == 1 and width >= FEW:
        return "heading"
    if texts and not any(at in filled for at in texts):
        is_words = any(sign.isalpha() for at in filled for sign in str(row[at]))
        return "" if is_words else "total"
    return ""


def _by_rule(row: Sequence[object], rules: Sequence[tuple[int, str, str]]) -> str:
    for at, pattern, reason in rules:
        value = row[at] if at < len(row) else ""
        if fnmatchcase(cleaned(str(value)).casefold(), pattern):
            return f"map: {reason}"
    return ""
