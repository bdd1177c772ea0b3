"""What a map makes of a list, to be signed: rows read, left out, sums before and after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ewm_analysis.catalogue import Reference
from ewm_analysis.intake.clusters import Reported
from ewm_analysis.intake.columns import sheet_title
from ewm_analysis.intake.findings import LEVELS, Remarks
from ewm_analysis.intake.list_map import FIELDS, ListMap
from ewm_analysis.intake.list_rows import ListRows
from ewm_analysis.intake.list_source import list_rows, read_listed
from ewm_analysis.intake.lists import AMOUNTS, ListCells, read_list
from ewm_analysis.intake.records import ReadTable, check_tables
from ewm_analysis.intake.workbook import reporting_year
from ewm_analysis.l10n import Locale, format_number, in_language, text


def check_map(
    path: Path, map_file: Path, reference: Reference, *, year: int | None, locale: Locale
) -> tuple[str, bool]:
    """Return what a map covers of a list, as lines of text, and whether it could be imported.

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
    if source.listed is None or remarks.has_errors:
        return "\n".join(one.said(locale) for one in remarks.all), False
    year = reporting_year([Reported(source, {}, remarks)], year)
    listed = source.listed.map
    rows = list_rows(source.listed, remarks)
    tables: Mapping[str, ReadTable] = {}
    if rows is not None and not remarks.has_errors:
        tables = read_list(rows, listed, reference, year, remarks)
    if tables and not remarks.has_errors:
        check_tables(tables, reference, remarks)
    lines = [text("intake.cover.title", locale, list=path.name, map=map_file.name, year=year)]
    if rows is not None:
        left = sum(map(len, rows.left_out.values()))
        facts = {
            "read": format_number(len(rows.lines), locale),
            "left": format_number(left, locale),
        }
        lines.append(text("intake.cover.rows", locale, **facts))
        lines += _sums(rows, listed, reference, year, tables, locale)
    for stem, table in tables.items():
        number = format_number(len(table.frame), locale)
        lines.append(f"{sheet_title(stem, locale)}: {number}")
    for level in LEVELS:
        if said := [one.said(locale) for one in remarks.all if one.level == level]:
            lines += ["", f"{text(f'intake.level.{level}', locale)} ({len(said)})"]
            lines += [f"  {each}" for each in said]
    return "\n".join(lines), not remarks.has_errors


def _sums(
    rows: ListRows,
    listed: ListMap,
    reference: Reference,
    year: int,
    tables: Mapping[str, ReadTable],
    locale: Locale,
) -> list[str]:
    """Return a line for each amount: its sum over the rows of the list, and over the records."""
    cells = ListCells(rows, listed, reference, year, Remarks(locale))
    lines = []
    for name in AMOUNTS:
        columns = [one for one in listed.columns_for(name) if one.header in rows.cells]
        if not columns:
            continue
        read = [cells.read(one, name, rows.cells[one.header]) for one in columns]
        before = [value for values in read for value in values if value is not None]
        facts = {
            "title": in_language(FIELDS[name].title, locale),
            "header": ", ".join(one.header for one in columns),
            "known": format_number(len(before), locale),
            "before": format_number(sum(before), locale, 2),
            "after": "–",
        }
        if tables:
            after = tables["projects"].frame[name]
            facts["after"] = format_number(float(after.sum()), locale, 2)
        lines.append(text("intake.cover.sum", locale, **facts))
    return lines
