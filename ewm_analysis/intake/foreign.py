"""Files of others to tables of text, plain or within a ZIP, and what their codes mean in ours."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from importlib.resources import as_file, files
from pathlib import Path, PurePosixPath

import pandas as pd

from ewm_analysis.contracts import Table, check_references, columns_of
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import TextTable, read_text, table_of_rows, unreadable
from ewm_analysis.loaders.workbook_safety import (
    DAMAGED_ARCHIVE,
    LARGEST_RATIO,
    SMALL_PART,
    read_part,
)

LARGEST = 300_000_000
"""Bytes of a file, unpacked; the largest of CORDIS has about a third of it."""

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


def table_within(path: Path) -> Path:
    """Return the place of the one table in a ZIP, ``archive.zip/name.tsv``; other files as is.

    Raises
    ------
    ContractError
        If the ZIP is damaged, or holds no or several ``.csv`` and ``.tsv``.
    """
    if not path.is_file() or _start(path) != ZIP:
        return path
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [_place(part) for part in archive.infolist()]
    except DAMAGED_ARCHIVE as error:
        raise _damaged(path.name, path) from error
    tables = [part for part in parts if _is_own(part) and part.suffix.lower() in (".csv", ".tsv")]
    if len(tables) != 1:
        reason = f"the ZIP holds {len(tables)} tables (.csv, .tsv); it must be one"
        raise unreadable(path.name, reason)
    return path / tables[0].name


def read_packed(path: Path, file: str) -> bytes:
    """Return the bytes of a file, or of one within a ZIP.

    Parameters
    ----------
    path : Path
        A file, or ``archive.zip/name.csv``, whatever the folder within the ZIP.
    file : str
        Name shown in failures.

    Raises
    ------
    ContractError
        If it is missing, damaged, encrypted or too large to be honest.
    """
    if path.parent.is_file():
        return _member(path.parent, path.name, file)
    if not path.is_file():
        raise unreadable(file, "the file is missing")
    if path.stat().st_size > LARGEST:
        raise unreadable(file, f"the file is larger than {LARGEST // 1_000_000} MB")
    if _start(path).startswith(GZIP):
        raise unreadable(file, "the file is packed with gzip; unpack it first")
    return path.read_bytes()


def _start(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(len(ZIP))


def _member(path: Path, name: str, file: str) -> bytes:
    """Return the one file of that name in an archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            places = [(part, _place(part)) for part in archive.infolist()]
            found = [part for part, place in places if place.name == name and _is_own(place)]
            if not found:
                raise unreadable(file, "the file is missing")
            if len(found) > 1:
                raise unreadable(file, f"the ZIP holds {len(found)} {name}; it must be one")
            if found[0].flag_bits & 0x1:
                raise unreadable(file, "the ZIP has a password; unpack it first")
            if _is_bomb(found[0]):
                raise unreadable(file, "the ZIP unpacks to far more than tables do; not opened")
            return read_part(archive, found[0])
    except DAMAGED_ARCHIVE as error:
        raise _damaged(file, path) from error


def _damaged(file: str, path: Path) -> ContractError:
    return unreadable(file, f"{path.name} is no ZIP that can be read; unpack it first")


def _place(part: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(part.filename.replace("\\", "/"))


def _is_own(place: PurePosixPath) -> bool:
    """Hidden files, and those that macOS adds beside each file, are nobody's tables."""
    return not place.name.startswith(".") and place.parts[:1] != ("__MACOSX",)


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    ratio = part.file_size / max(part.compress_size, 1)
    return part.file_size > LARGEST or (part.file_size > SMALL_PART and ratio > LARGEST_RATIO)


NAMES = {";": "semicolons", ",": "commas", "\t": "tabs"}

MOST_LINES = 2_000_000
"""Lines of a file; the largest of CORDIS has some 100,000s."""

MOST_CELLS = 10 * MOST_LINES

csv.field_size_limit(10_000_000)  # the objectives of projects exceed the default of 128 KiB


def read_delimited(path: Path, delimiter: str, *, file: str = "") -> TextTable:
    """Return a file in UTF-8 as a table of text, blanks around cells taken off.

    Parameters
    ----------
    path : Path
        A file, or one in a ZIP, as `read_packed` takes it. The header stands in the first line;
        cells may be quoted and then span lines.
    delimiter : str
        ``;``, ``,`` or a tab; cells of a file with tabs are never quoted.
    file : str, optional
        Name shown in failures; the file's name if empty.

    Raises
    ------
    ContractError
        If the file is missing or cannot be read as a whole.
    """
    file = file or path.name
    data = read_packed(path, file)
    _refuse_unusable(data, delimiter, file)
    return table_of_rows(_rows(data, delimiter, file), file)


def known_columns(text: TextTable, contract: Table) -> TextTable:
    """Return the columns that a contract declares; files of others may have more."""
    names = columns_of(contract)
    header = tuple(name for name in text.header if name in names)
    frame = text.frame[list(dict.fromkeys(header))]
    return TextTable(header, frame, text.file, text.lines, text.failures)


def _refuse_unusable(data: bytes, delimiter: str, file: str) -> None:
    """Refuse by sight what is no table of text, or would fill the memory as one."""
    lines = max(data.count(b"\n"), data.count(b"\r"))
    if lines > MOST_LINES or data.count(delimiter.encode()) > MOST_CELLS:
        limits = f"{MOST_LINES // 1_000_000} million lines or {MOST_CELLS // 1_000_000} million"
        raise unreadable(file, f"the file has more than {limits} cells; export a part of it")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise unreadable(file, "the file is not UTF-8; save it so", line) from error
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise unreadable(file, "the file is empty; it needs at least a header")
    if delimiter.encode() not in data.partition(b"\n")[0]:
        reason = f"the columns must be separated by {NAMES[delimiter]}; is it another kind of file?"
        raise unreadable(file, reason, 1)


def _rows(data: bytes, delimiter: str, file: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        strict=True,
    )
    rows, line = [], 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        reason = f"quotes do not fit from here on ({error})"
        raise unreadable(file, reason, line) from error
    return rows


def failure_at(text: TextTable, row: int, column: str, allowed: str) -> Failure:
    """Return the failure of one cell of a table of text."""
    value = str(text.frame[column].iloc[row]) if column in text.frame else ""
    return Failure(text.file, text.lines[row], column, value, allowed)


def load_mapping(
    name: str, contract: Table, clusters: pd.DataFrame, path: Path | None = None
) -> pd.DataFrame:
    """Return a mapping table, checked against its contract and the known clusters.

    Raises
    ------
    ContractError
        With all failures of the table.
    """
    text = _shipped(name) if path is None else read_text(path)
    table = parse_table(text, contract)
    failures = check_references(
        table, contract, {"clusters": clusters}, file=text.file, lines=text.lines
    )
    if failures:
        raise ContractError(failures)
    return table


def load_shipped(name: str, contract: Table) -> pd.DataFrame:
    """Return a shipped table that refers to no other one."""
    return parse_table(_shipped(name), contract)


def _shipped(name: str) -> TextTable:
    with as_file(files("ewm_analysis.intake") / "tables" / f"{name}.csv") as path:
        return read_text(path)
