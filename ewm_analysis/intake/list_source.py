"""A list and its map as a source of records, read in the same way as a workbook from there on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import did_you_mean
from ewm_analysis.intake.columns import letters, plain
from ewm_analysis.intake.findings import Level, Remarks, closing
from ewm_analysis.intake.grids import Grid, read_grids
from ewm_analysis.intake.list_map import NOTHING, UNKNOWN, ListMap, read_map
from ewm_analysis.intake.list_rows import ListRows, find_header, rows_of, tell_left_out
from ewm_analysis.intake.lists import read_list
from ewm_analysis.intake.records import ReadTable, check_tables
from ewm_analysis.intake.sheets import Source
from ewm_analysis.l10n import format_number
from ewm_analysis.l10n.sentences import join


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


def tables_of_list(
    listed: MappedList, reference: Reference, year: int, remarks: Remarks
) -> dict[str, ReadTable]:
    """Return the five tables of a year, or none with an error that says why."""
    rows = list_rows(listed, remarks)
    if rows is None or remarks.has_errors:
        return {}
    tables = read_list(rows, listed.map, reference, year, remarks)
    if not remarks.has_errors:
        check_tables(tables, reference, remarks)
    return tables


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
