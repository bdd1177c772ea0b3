"""A workbook, or a folder of CSV, to the records of a year: clean, compared, kept, explained."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from ewm_analysis.contracts import RECORDS, columns_of, key_of, shown
from ewm_analysis.errors import ContractError, MissingDataError, ParameterError
from ewm_analysis.files import move_in
from ewm_analysis.intake.cells import is_harmless_id
from ewm_analysis.intake.check import check_printed_figures, find_warnings
from ewm_analysis.intake.columns import COLUMN_MAP, known_headers, read_column_map
from ewm_analysis.intake.data_set import ORIGINALS, data_set_beside, write_table
from ewm_analysis.intake.records import ReadTable, read_records
from ewm_analysis.intake.sheets import (
    Remark,
    Remarks,
    Sheet,
    plain,
    read_book,
    read_folder,
    shortened,
    source_files,
)
from ewm_analysis.l10n import LOCALES, Locale, text
from ewm_analysis.loaders import Dataset, load_reference, open_dataset, resolve_data_dir
from ewm_analysis.loaders.files import Reading, reference_folder
from ewm_analysis.project import DESCRIPTOR

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
    with _staged_year(target, year, frames, descriptor) as copy:
        _check_whole(copy, tables, year, remarks)
        outcome = _outcome(remarks.all, accept, bool(existing), changes, replace)
        if outcome == "written":
            _keep(copy, target, year, read, {"rows": rows, "accepted": [*accept]})
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


@dataclass(frozen=True)
class CellChange:
    """A cell of a row that stands in both: by key, column, old and new value."""

    key: str
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class TableChanges:
    """Changes of one table; rows by their key."""

    table: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[CellChange, ...]

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.added or self.removed or self.changed)


def find_changes(
    old: Mapping[str, pd.DataFrame], new: Mapping[str, pd.DataFrame]
) -> list[TableChanges]:
    """Return the changes of each of the five tables, in their order.

    Examples
    --------
    >>> from ewm_analysis.loaders.parse import empty_table
    >>> old = {stem: empty_table(contract) for stem, contract in RECORDS.items()}
    >>> any(find_changes(old, old))
    False
    """
    return [_of_table(stem, old[stem], new[stem]) for stem in RECORDS]


def _of_table(table: str, old: pd.DataFrame, new: pd.DataFrame) -> TableChanges:
    contract = RECORDS[table]
    before, after = _by_key(old, key_of(contract)), _by_key(new, key_of(contract))
    changed = [
        CellChange(_said(key), name, before[key][name], row[name])
        for key, row in after.items()
        if key in before
        for name in columns_of(contract)
        if before[key][name] != row[name]
    ]
    return TableChanges(
        table,
        added=tuple(_said(key) for key in after if key not in before),
        removed=tuple(_said(key) for key in before if key not in after),
        changed=tuple(changed),
    )


def _by_key(frame: pd.DataFrame, key: list[str]) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the rows as texts by their key."""
    texts = [
        {str(name): shown(cell) for name, cell in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
    return {tuple(row[name] for name in key): row for row in texts}


def _said(key: tuple[str, ...]) -> str:
    """Return a key without the year, which is the same everywhere."""
    return " · ".join(part for part in key[1:] if part)


def descriptor_of(target: Path) -> dict[str, object]:
    """Return the descriptor of a data set; for a new one: real records, to be protected.

    Raises
    ------
    ParameterError
        If the descriptor cannot be read, or the data set is synthetic.
    """
    file = target / DESCRIPTOR
    if not file.is_file():
        return {
            "name": target.name,
            "title": target.name,
            "description": "Records imported from the evaluators' workbooks; confidential.",
            "synthetic": False,
            "disclosure": "standard",
            "resources": [],
        }
    try:
        head = json.loads(file.read_text("utf-8"))
        is_synthetic = head["synthetic"]
    except (ValueError, KeyError, TypeError):
        reason = f"has a {DESCRIPTOR} that cannot be read; put it right first"
        raise ParameterError("data", str(target), reason=reason) from None
    if is_synthetic is not False:
        reason = "is a synthetic data set; real records go to another folder"
        raise ParameterError("data", str(target), reason=reason)
    return dict(head)


def read_existing(target: Path, year: int) -> dict[str, pd.DataFrame]:
    """Return the records of a year as their files have them; none if there are none.

    Raises
    ------
    ContractError
        If they cannot be read.
    """
    folder = target / "records" / str(year)
    if not folder.is_dir():
        return {}
    reading = Reading(target.parent)
    for stem, contract in RECORDS.items():
        reading.table(folder, stem, contract, needed=True)
    reading.stop_on_failures()
    return {stem: reading.frame(stem, contract) for stem, contract in RECORDS.items()}


@contextmanager
def _staged_year(
    target: Path, year: int, frames: Mapping[str, pd.DataFrame], head: Mapping[str, object]
) -> Iterator[Path]:
    """Yield the data set as it would be with new records, in a folder of its own beside it."""
    with data_set_beside(target, head) as copy:
        shutil.copytree(reference_folder(target), copy.with_name("reference"))
        folder = copy / "records" / str(year)
        shutil.rmtree(folder, ignore_errors=True)
        for stem, frame in frames.items():
            write_table(frame.sort_values(key_of(RECORDS[stem])), folder / f"{stem}.csv")
        yield copy


def _keep(copy: Path, target: Path, year: int, read: _Source, facts: Mapping[str, object]) -> None:
    """Put records and originals of a year, and a new descriptor, in their place."""
    _write_original(copy / ORIGINALS / str(year), read, {"year": year, **facts})
    for name in ("records", ORIGINALS):  # confidential: never in a repository, wherever it lies
        (target / name).mkdir(parents=True, exist_ok=True)
        if not (ignored := target / name / ".gitignore").exists():
            ignored.write_text("*\n", encoding="utf-8", newline="\n")
    parts = [f"records/{year}"]
    if not (target / DESCRIPTOR).is_file():
        parts.append(DESCRIPTOR)
    parts += [
        f"{ORIGINALS}/{year}/{path.name}" for path in (copy / ORIGINALS / str(year)).iterdir()
    ]
    move_in(copy, target, parts)


def _write_original(folder: Path, read: _Source, facts: Mapping[str, object]) -> None:
    """Keep what came in, byte by byte, and a note with its hash beside it."""
    hashes = {each: hashlib.sha256(data).hexdigest() for each, data in sorted(read.files.items())}
    whole = digest_of(read.files)
    name = re.sub(r"[^\w.\-]", "_", read.name)
    name = name if is_harmless_id(name) else f"workbook{Path(name).suffix[:5]}"
    folder.mkdir(parents=True)
    place = folder / f"{whole[:12]}-{name}"
    if len(read.files) == 1 and name.lower().endswith(".xlsx"):
        place.write_bytes(next(iter(read.files.values())))
    else:
        place.mkdir()
        for each, data in read.files.items():
            (place / each).write_bytes(data)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    note = {"name": name, "sha256": whole, "files": hashes, "imported": now, **facts}
    text = json.dumps(note, indent=2, ensure_ascii=False) + "\n"
    place.with_name(f"{place.name}.json").write_text(text, encoding="utf-8", newline="\n")


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of a single file, or of the names and hashes of several."""
    if len(files) == 1:
        return hashlib.sha256(next(iter(files.values()))).hexdigest()
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name}:{hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()
