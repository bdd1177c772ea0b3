"""The map that `ewm map` proposes for a list, as TOML that says why; and what a map covers."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from ewm_analysis.catalogue import Reference
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.clusters import Reported
from ewm_analysis.intake.columns import cleaned
from ewm_analysis.intake.findings import Remarks
from ewm_analysis.intake.grids import Grid, read_grids
from ewm_analysis.intake.guess import SEEN, Guess, form_of, guess_columns, rows_without_map
from ewm_analysis.intake.list_map import ACTOR, FIELDS, NOTHING, UNKNOWN, ListMap
from ewm_analysis.intake.list_rows import ListRows, is_empty, read_listed
from ewm_analysis.intake.lists import ListCells, id_of, tables_of_list
from ewm_analysis.intake.readings import UncertainCellError, is_missing, read_amount
from ewm_analysis.intake.records import ReadTable
from ewm_analysis.intake.workbook import reporting_year
from ewm_analysis.intake.workbook_report import Import, Outcome, describe_import
from ewm_analysis.l10n import DEFAULT, LOCALES, Locale, in_language, text

LATEST = 2100
"""Without a reporting year the codes are those that hold on."""

SHOWN = 3
"""Cells of a column that a proposed map shows with what they would become."""


def propose_map(
    path: Path, reference: Reference, *, year: int | None, cluster_id: str, locale: Locale
) -> str:
    """Return the map of a list as far as it can be guessed, in TOML; each guess says why.

    Parameters
    ----------
    path : Path
        The list.
    reference : Reference
        Codes and places.
    year : int, optional
        Reporting year; else one that stands above the header.
    cluster_id : str
        The cluster of all rows; "" if a column says it, or nobody.
    locale : {"de", "en"}
        Language of the reasons.

    Raises
    ------
    ParameterError
        If the list cannot be read, or holds no table.
    """
    remarks = Remarks(locale)
    _, grids = read_grids(path, remarks)
    found = [(grid, rows) for grid in grids if (rows := rows_without_map(grid)) is not None]
    if remarks.has_errors or not found:
        said = [one.said(locale) for one in remarks.all]
        raise ParameterError("list", str(path), reason=" ".join(said) or "holds no table")
    grid, rows = max(found, key=lambda each: len(each[1].lines) * len(each[1].places))
    year, why_year = _year(grid, rows, year, locale)
    language = _language(rows)
    form = form_of(rows)
    guesses = guess_columns(rows, reference, year or LATEST, language, form)
    own = form.get("always", {})
    listed = ListMap([guess.column for guess in guesses], own, language=language)
    always = _always(listed, year, cluster_id, locale)
    lines = [f"# {text('intake.guess.head', locale, list=path.name)}"]
    if form:
        title = in_language(form["title"], locale)
        lines.append(f"# {text('intake.guess.published', locale, title=title)}")
    lines += ["", "[list]"]
    if len(grids) > 1:
        lines.append(f"sheet = {_quoted(grid.title)}")
    a_row_is = form.get("a_row_is") or _row(rows, guesses)
    lines += [f"language = {_quoted(language)}", f'a_row_is = "{a_row_is}"']
    lines += [f"missing = {json.dumps(_missing(rows), ensure_ascii=False)}", "", "[always]"]
    lines += [*why_year, *(f"{name} = {_quoted(value)}" for name, value in own.items()), *always]
    cells = ListCells(rows, listed, reference, year or LATEST, Remarks(locale))
    for guess in guesses:
        lines += ["", *_entry(guess, rows, cells, locale)]
    return "\n".join(lines) + "\n"


def _year(
    grid: Grid, rows: ListRows, year: int | None, locale: Locale
) -> tuple[int | None, list[str]]:
    """Return the reporting year: as asked for, or the one year that stands above the header."""
    if year is not None:
        return year, [f"year = {year}"]
    above = " ".join(
        str(cell)
        for row, line in zip(grid.rows, grid.lines, strict=True)
        for cell in row
        if line < rows.header
    )
    years = {int(each) for each in re.findall(r"\b(20[0-4][0-9])\b", above)}
    if len(years) != 1:
        return None, []
    found = next(iter(years))
    return found, [f"year = {found}  # {text('intake.guess.year', locale)}"]


def _language(rows: ListRows) -> Locale:
    """Return the language in which most of the written amounts can be read; German if as many."""
    cells = {
        str(cell)
        for column in rows.cells.values()
        for cell in islice((one for one in column if _looks_like_amount(one)), SEEN)
    }
    counts = Counter(
        {locale: sum(_is_amount(cell, locale) for cell in cells) for locale in LOCALES}
    )
    return counts.most_common(1)[0][0] if cells else DEFAULT


def _looks_like_amount(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) < 25 and bool(re.search(r"\d[.,]\d", cell))


def _is_amount(cell: str, locale: Locale) -> bool:
    try:
        return read_amount(cell, locale).value is not None
    except UncertainCellError:
        return False


def _missing(rows: ListRows) -> list[str]:
    seen = {cell for column in rows.cells.values() for cell in column if isinstance(cell, str)}
    return sorted({cleaned(cell) for cell in seen if is_missing(cell)})


def _row(rows: ListRows, guesses: Sequence[Guess]) -> str:
    """A row is a partner where projects stand in several rows, each with a partner."""
    keys = {guess.column.fields[0]: guess.column.header for guess in guesses}
    key = keys.get("project_id") or keys.get("title")
    if key is None or ACTOR not in keys:
        return "project"
    ids = [id_of(str(cell), "p") for cell in rows.cells[key] if not is_empty(cell)]
    return "partner" if len({*ids}) < len(ids) else "project"


def _always(listed: ListMap, year: int | None, cluster_id: str, locale: Locale) -> list[str]:
    """Return the lines of what the list does not say and the records need."""
    lines = []
    if year is None and not listed.knows("year"):
        lines.append(
            f'year = "?"  # {text("intake.guess.ask", locale, title=_title("year", locale))}'
        )
    several = [one for one in listed.columns_for(ACTOR) if one.separator]
    seats = [one for name in ("place", "state") for one in listed.columns_for(name)]
    open_seats = ["state"] if several and seats and not any(one.separator for one in seats) else []
    for name in [*listed.unsaid(), *open_seats]:
        value = cluster_id if name == "cluster_id" and cluster_id else UNKNOWN
        told = (
            ""
            if value != UNKNOWN
            else f"  # {text('intake.guess.ask', locale, title=_title(name, locale))}"
        )
        lines.append(f"{name} = {_quoted(value)}{told}")
    return lines


def _title(name: str, locale: Locale) -> str:
    return in_language(FIELDS[name].title, locale)


def _entry(guess: Guess, rows: ListRows, cells: ListCells, locale: Locale) -> list[str]:
    """Return the lines of a column: why it is what, and what its first cells become."""
    column = guess.column
    facts = {
        name: _title(str(fact), locale) if name == "field" else fact
        for name, fact in guess.facts.items()
    }
    fields = [*column.fields]
    lines = ["[[column]]", f"# {text(f'intake.guess.{guess.why}', locale, **facts)}"]
    if example := _example(guess, rows, cells):
        lines.append(f"# {example}")
    told = _quoted(fields[0]) if len(fields) == 1 else json.dumps(fields)
    lines += [f"header = {_quoted(column.header)}", f"is = {told}"]
    lines += [f"separator = {_quoted(column.separator)}"] if column.separator else []
    lines += [f"unit = {_quoted(column.unit)}"] if column.unit else []
    for field, codes in column.codes.items():
        lines.append(f"[column.codes.{field}]")
        lines += [f"{_quoted(written)} = {_quoted(code)}" for written, code in codes.items()]
    return lines


def _example(guess: Guess, rows: ListRows, cells: ListCells) -> str:
    """Return the first cells of a column and what they become."""
    column = guess.column
    source = rows.cells[column.header]
    first = [*dict.fromkeys(str(cell) for cell in source if not is_empty(cell))][:SHOWN]
    field = column.fields[0]
    if field in (NOTHING, UNKNOWN, ACTOR) or column.separator or not first:
        return "; ".join(cleaned(each)[:40] for each in first)
    raw = [next(cell for cell in source if str(cell) == each) for each in first]
    values = cells.read(column, field, raw)
    pairs = zip(first, values, strict=True)
    return "; ".join(f"{cleaned(each)[:40]} → {_said(value)}" for each, value in pairs)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "–" if value is None else f"{value:.0f}" if isinstance(value, float) else str(value)


def _quoted(written: str) -> str:
    return json.dumps(written, ensure_ascii=False)


def check_map(
    path: Path, map_file: Path, reference: Reference, *, year: int | None, locale: Locale
) -> tuple[str, bool]:
    """Return what an import would say of a list with its map, and whether it could be imported.

    Parameters
    ----------
    path, map_file : Path
        The list and its map.
    reference : Reference
        Codes and places.
    year : int, optional
        Reporting year; else that of the map.
    locale : {"de", "en"}
        Language of what is said.

    Raises
    ------
    ParameterError
        If there is no such list or map, or the year is not known.
    ContractError
        If the map cannot be understood.
    """
    remarks = Remarks(locale)
    source = read_listed(path, map_file, remarks)
    tables: Mapping[str, ReadTable] = {}
    if source.listed and not remarks.has_errors:
        year = reporting_year([Reported(source, {}, remarks)], year)
        tables = tables_of_list(source.listed, reference, year, remarks)
    rows = {stem: len(table.frame) for stem, table in tables.items()}
    outcome: Outcome = "errors" if remarks.has_errors else "checked"
    done = Import({path.name: ""}, year, locale, outcome, rows, remarks.all, ())
    return describe_import(done), not remarks.has_errors
