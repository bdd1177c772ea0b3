"""Files of others to tables of text, plain or within a ZIP, and what their codes mean in ours."""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path, PurePosixPath

import pandas as pd

from ewm_analysis.contracts import Sources, Table, check_references, columns_of
from ewm_analysis.errors import ContractError
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import TextTable, csv_rows, read_text, table_of_rows, unreadable
from ewm_analysis.loaders.workbook_safety import (
    DAMAGED_ARCHIVE,
    LARGEST_RATIO,
    SMALL_PART,
    read_part,
)

LARGEST = 300_000_000
"""Bytes of a file, unpacked; the largest of CORDIS has about a third of it."""

MOST_LINES = 2_000_000
"""Lines of a file; the largest of CORDIS has some 100,000s."""

MOST_CELLS = 10 * MOST_LINES

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
NAMES = {";": "semicolons", ",": "commas", "\t": "tabs"}

csv.field_size_limit(10_000_000)  # the objectives of projects exceed the default of 128 KiB


def table_within(path: Path) -> Path:
    """Return the place of the one table in a ZIP, ``archive.zip/name.tsv``; other files as is.

    Raises
    ------
    ContractError
        If the ZIP is damaged, or holds no or several ``.csv`` and ``.tsv``.
    """
    if not path.is_file() or _start(path) != ZIP:
        return path
    with _opened(path, path.name) as (_, parts):
        tables = [place.name for _, place in parts if place.suffix.lower() in (".csv", ".tsv")]
    if len(tables) != 1:
        reason = f"the ZIP holds {len(tables)} tables (.csv, .tsv); it must be one"
        raise unreadable(path.name, reason)
    return path / tables[0]


def read_packed(path: Path, file: str) -> bytes:
    """Return the bytes of a file, or of one within a ZIP: ``archive.zip/name.csv``.

    Raises
    ------
    ContractError
        If it is missing, damaged, encrypted or too large to be honest.
    """
    if path.parent.is_file():
        with _opened(path.parent, file) as (archive, parts):
            found = [part for part, place in parts if place.name == path.name]
            if reason := _refused(found, path.name):
                raise unreadable(file, reason)
            return read_part(archive, found[0])
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


@contextmanager
def _opened(
    path: Path, file: str
) -> Iterator[tuple[zipfile.ZipFile, list[tuple[zipfile.ZipInfo, PurePosixPath]]]]:
    """Yield a ZIP and its parts; hidden ones, and those macOS adds beside, are nobody's tables."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [
                (part, PurePosixPath(part.filename.replace("\\", "/")))
                for part in archive.infolist()
            ]
            yield (
                archive,
                [
                    (part, place)
                    for part, place in parts
                    if not place.name.startswith(".") and place.parts[:1] != ("__MACOSX",)
                ],
            )
    except DAMAGED_ARCHIVE as error:
        reason = f"{path.name} is no ZIP that can be read; unpack it first"
        raise unreadable(file, reason) from error


def _refused(found: list[zipfile.ZipInfo], name: str) -> str:
    """Return why what a ZIP holds under a name is not opened; empty if it is the one file."""
    if not found:
        return "the file is missing"
    if len(found) > 1:
        return f"the ZIP holds {len(found)} {name}; it must be one"
    size = found[0].file_size
    if found[0].flag_bits & 0x1:
        return "the ZIP has a password; unpack it first"
    is_bomb = size > SMALL_PART and size / max(found[0].compress_size, 1) > LARGEST_RATIO
    if size > LARGEST or is_bomb:
        return "the ZIP unpacks to far more than tables do; not opened"
    return ""


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
    found = csv_rows(data.removeprefix(codecs.BOM_UTF8), file, delimiter)
    rows = [(line, [cell.strip() for cell in row]) for line, row in found]
    return table_of_rows([(line, cells) for line, cells in rows if any(cells)], file)


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


def known_columns(text: TextTable, contract: Table) -> TextTable:
    """Return the columns that a contract declares; files of others may have more."""
    header = tuple(name for name in text.header if name in columns_of(contract))
    return replace(text, header=header, frame=text.frame[list(dict.fromkeys(header))])


def load_mapping(
    name: str,
    contract: Table,
    clusters: pd.DataFrame | None = None,
    path: Path | None = None,
) -> pd.DataFrame:
    """Return a table of ``tables/``, or the one of `path` in its stead.

    Raises
    ------
    ContractError
        With all failures of the table; where `clusters` are given, also of clusters unknown.
    """
    with as_file(files(__package__) / "tables" / f"{name}.csv") as shipped:
        text = read_text(path or shipped)
    table = parse_table(text, contract)
    if clusters is not None:
        known = {"clusters": clusters}
        failures = check_references(table, contract, known, file=text.file, lines=text.lines)
        if failures:
            raise ContractError(failures)
    return table


def publisher_of(system: str) -> dict[str, str]:
    """Return who publishes files of a system, and under which licence, as a row of sources."""
    publishers = load_mapping("publishers", Sources).set_index("source_id")
    return {str(column): str(cell) for column, cell in publishers.loc[system].items()}
