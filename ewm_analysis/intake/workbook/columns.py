"""Which column of a sheet is which of ours: by name, title, or the headers of a year.

Headers that a management used in some year stand in ``columns.csv`` of the data set: one row a
column of ours (``table,column``), one column a year. They are data; nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from ewm_analysis.contracts import Table, columns_of
from ewm_analysis.contracts.layout import RECORDS
from ewm_analysis.contracts.wording import did_you_mean
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.workbook.remarks import Remarks, closing
from ewm_analysis.intake.workbook.sheets import Sheet, is_blank, plain
from ewm_analysis.l10n import LOCALES, Locale
from ewm_analysis.loaders.read import read_text

COLUMN_MAP = "columns.csv"
ColumnMap = Mapping[str, Mapping[str, str]]
"""Column of ours by header as `plain` writes it, for each table."""


def headers_of(contract: type[Table], locale: Locale) -> dict[str, str]:
    """Return the header of each column as the template writes it.

    A title that stands twice in a table is joined to the title before it.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects
    >>> headers_of(Projects, "de")["funding_region_eur"]
    'Fördervolumen, davon Hauptstadtregion (EUR)'
    """
    columns = columns_of(contract).values()
    titles = {one.name: one.title_de if locale == "de" else one.title_en for one in columns}
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
    """Return the place of each column of ours; None if any is missing, unknown or repeated.

    Parameters
    ----------
    sheet : Sheet
        A sheet of records; its first row that holds anything is the header.
    extra : ColumnMap
        Headers of the year.
    remarks : Remarks
        Takes what is wrong with the header.
    """
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
