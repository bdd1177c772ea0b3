"""A workbook, or a folder of CSV, to the records of a year: clean, compared, kept, explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ewm_analysis.contracts.layout import RECORDS
from ewm_analysis.errors import ContractError, MissingDataError, ParameterError
from ewm_analysis.intake.check import check_printed_figures, find_warnings
from ewm_analysis.intake.workbook.changes import TableChanges, find_changes
from ewm_analysis.intake.workbook.columns import COLUMN_MAP, known_headers, read_column_map
from ewm_analysis.intake.workbook.read_book import read_book
from ewm_analysis.intake.workbook.read_folder import read_folder, source_files
from ewm_analysis.intake.workbook.records import ReadTable, read_records
from ewm_analysis.intake.workbook.remarks import Remark, Remarks, shortened
from ewm_analysis.intake.workbook.sheets import Sheet, plain
from ewm_analysis.intake.workbook.store import (
    descriptor_of,
    digest_of,
    keep_original,
    move_year_in,
    read_existing,
    staged_year,
)
from ewm_analysis.l10n import LOCALES, Locale, text
from ewm_analysis.loaders import Dataset, load_reference, open_dataset, resolve_data_dir
from ewm_analysis.loaders.reference import reference_folder

Outcome = Literal["errors", "warnings", "changes", "unchanged", "written"]
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Import:
    """What an import found and did.

    ``outcome`` is ``written``; or says why nothing was written: there are errors, warnings that
    were not accepted, changes that were not asked for, or it is all there already.
    """

    source: str
    digest: str
    year: int | None
    locale: Locale
    outcome: Outcome
    rows: Mapping[str, int]
    remarks: Sequence[Remark]
    accepted: Sequence[str]
    changes: Sequence[TableChanges]


@dataclass(frozen=True)
class _Source:
    """What came in: its files, its sheets and the year it speaks of."""

    name: str
    files: Mapping[str, bytes]
    sheets: Sequence[Sheet]
    year: int | None


def import_workbook(
    source: Path,
    data: Path,
    *,
    year: int | None = None,
    accept: Sequence[str] = (),
    locale: Locale = "de",
    replace: bool = False,
) -> Import:
    """Read a workbook into ``records/<year>/`` of a data set, if nothing speaks against it.

    Parameters
    ----------
    source : Path
        An ``.xlsx`` file, or a folder of CSV files, one a table.
    data : Path
        Folder of the data set; it is made if it does not exist.
    year : int, optional
        Reporting year; taken from the workbook's first sheet if not given.
    accept : sequence of str
        Names of warnings that are known and accepted.
    locale : {"de", "en"}
        Language in which the source writes numbers, and of what is said about it.
    replace : bool
        Replace records of the year that stand there already.

    Returns
    -------
    Import
        What was found, what would change, and what was done.

    Raises
    ------
    ParameterError
        If the source, the year or the data set cannot be.
    ContractError
        If the data set itself, its reference tables or column map break their contract.
    """
    target = _target(data)
    descriptor = descriptor_of(target)
    remarks = Remarks(locale)
    read = _read(source, remarks)
    year = _year(read, year, remarks)
    tables: dict[str, ReadTable] = {}
    if not remarks.has_errors and year is not None:
        reference = load_reference(reference_folder(target), target / "reference")
        headers = read_column_map(target / COLUMN_MAP, year)
        tables = read_records(read.sheets, reference, year, remarks, headers)
    rows = {stem: len(table.frame) for stem, table in tables.items()}
    head = (read.name, digest_of(read.files), year, locale)
    if remarks.has_errors or year is None:
        return Import(*head, "errors", rows, remarks.all, accept, ())
    frames = {stem: table.frame for stem, table in tables.items()}
    if descriptor.get("disclosure") == "none":
        remarks.add("warning", "", "warning.disclosure_none")
    existing = read_existing(target, year)
    changes = find_changes(existing, frames) if existing else []
    with staged_year(target, year, frames) as copy:
        _check_whole(copy, tables, year, remarks)
        outcome = _outcome(remarks.all, accept, bool(existing), changes, replace)
        if outcome == "written":
            facts = {"year": year, "rows": rows, "accepted": [*accept]}
            keep_original(read.files, read.name, target, year, facts)
            move_year_in(copy, target, year)
    return Import(*head, outcome, rows, remarks.all, accept, changes)


def _outcome(
    remarks: Sequence[Remark],
    accept: Sequence[str],
    is_there: bool,
    changes: Sequence[TableChanges],
    replace: bool,
) -> Outcome:
    if any(remark.level == "error" for remark in remarks):
        return "errors"
    if any(remark.level == "warning" and remark.name not in accept for remark in remarks):
        return "warnings"
    if is_there and not any(changes):
        return "unchanged"
    return "changes" if is_there and not replace else "written"


def _target(data: Path) -> Path:
    try:
        target = resolve_data_dir(data)
    except MissingDataError:
        target = data.resolve()
    if target.name == "reference" or target.is_file():
        raise ParameterError("data", str(data), reason="cannot be the folder of a data set")
    return target


def _read(source: Path, remarks: Remarks) -> _Source:
    name = source.resolve().name
    if not source.exists():
        raise ParameterError("source", str(source), reason="does not exist")
    suffix = source.suffix.lower()
    if source.is_file() and suffix not in (".xlsx", ".xlsm", ".xls"):
        reason = "is neither an .xlsx workbook nor a folder of CSV files"
        raise ParameterError("source", str(source), reason=reason)
    try:
        files = source_files(source, remarks)
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise ParameterError("source", str(source), reason=reason) from None
    if remarks.has_errors:
        return _Source(name, files, [], None)
    if source.is_dir():
        headers = {stem: frozenset(known_headers(stem, {})) for stem in RECORDS}
        return _Source(name, files, read_folder(files, headers, remarks), None)
    if suffix != ".xlsx":
        remarks.error("", "refused.macros" if suffix == ".xlsm" else "refused.encrypted")
        return _Source(name, files, [], None)
    sheets = read_book(files[name], remarks)
    return _Source(name, files, sheets, _stated_year(sheets))


def _stated_year(sheets: Sequence[Sheet]) -> int | None:
    """Return the year that the template's first sheet names."""
    names = {plain(text("intake.guide.year", locale)) for locale in LOCALES}
    for sheet in sheets:
        for (row, column), cell in sheet.cells.items():
            if sheet.table == "guide" and plain(str(cell.value)) in names:
                beside = sheet.cells.get((row, column + 1))
                if beside and str(beside.value).strip().isdecimal():
                    return int(str(beside.value))
    return None


def _year(read: _Source, year: int | None, remarks: Remarks) -> int | None:
    if remarks.has_errors:
        return year
    found = read.year if year is None else year
    if found is None:
        reason = "is needed: the source does not name its reporting year; add --year 2022"
        raise ParameterError("year", "", reason=reason)
    if not FIRST_YEAR <= found <= LAST_YEAR:
        raise ParameterError("year", found, reason=f"is not between {FIRST_YEAR} and {LAST_YEAR}")
    if read.year is not None and read.year != found:
        remarks.error("", "year_differs", read.year, year=found)
    return found


def _check_whole(copy: Path, tables: Mapping[str, ReadTable], year: int, remarks: Remarks) -> None:
    """Open the data set as it would be: what only the whole can tell, and what is odd in it."""
    try:
        dataset = open_dataset(copy)
    except ContractError as error:
        for failure in error.failures:
            remarks.all.append(Remark("error", "data-set", "", "", str(failure)))
        return
    before = _printed_before(dataset, year)
    for finding in find_warnings(dataset, year):
        if (finding.name, finding.key, finding.facts) in before:
            continue
        place = f"{finding.file}:{finding.line}"
        if finding.table in tables:
            place = tables[finding.table].place_of(finding.key, finding.column)
        said = f"{finding.expected(remarks.locale)} {finding.advice(remarks.locale)}"
        value = shortened(finding.value or finding.key)
        remarks.all.append(Remark(finding.level, finding.name, place, value, said))


def _printed_before(dataset: Dataset, year: int) -> list[tuple[str, str, Mapping[str, object]]]:
    """Return the contradictions among printed figures that no record of the year takes part in.

    No workbook could mend them, and `ewm check` tells them. A printed share of which the base is
    counted in the records is another matter: one of the two may be wrong.
    """
    others = {stem: table[table["year"] != year] for stem, table in dataset.records.items()}
    found = check_printed_figures(replace(dataset, records=others))
    return [(one.name, one.key, one.facts) for one in found]
