"""The sheets of a folder of CSV files, as spreadsheets export them in Germany and elsewhere."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ewm_analysis.intake.workbook.remarks import Remarks
from ewm_analysis.intake.workbook.sheets import RawCell, Sheet, plain, table_of
from ewm_analysis.loaders.workbook_safety import LARGEST_FILE

BOM = b"\xef\xbb\xbf"
UTF_8_IN_CP1252 = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
"""Letters of UTF-8 in a file that is not UTF-8: two encodings were mixed."""

DELIMITERS = (";", ",")


def read_folder(
    files: dict[str, bytes], headers: dict[str, frozenset[str]], remarks: Remarks
) -> list[Sheet]:
    """Return one sheet a file.

    Parameters
    ----------
    files : dict of str to bytes
        Files of the folder by name.
    headers : dict of str to frozenset of str
        Known headers of each table, as `plain` writes them; they tell ``;`` from ``,``.
    remarks : Remarks
        Takes what cannot be read.
    """
    sheets = []
    for name, data in sorted(files.items()):
        stem, dot, suffix = name.rpartition(".")
        if not dot or suffix.lower() != "csv":
            remarks.error(name, "refused.not_csv")
            continue
        text = _decoded(name, data, remarks)
        if text is not None:
            sheets.append(_sheet(stem, text, headers.get(table_of(stem), frozenset()), remarks))
    return sheets


def source_files(source: Path, remarks: Remarks) -> dict[str, bytes]:
    """Return the content of a file, or of a folder's files; not what systems leave behind.

    Parameters
    ----------
    source : Path
        A file or a folder.
    remarks : Remarks
        Takes what is too large or does not belong there; it is not read.
    """
    paths = [source.resolve()]
    if source.is_dir():
        paths = [
            path
            for path in sorted(source.iterdir())
            if not path.name.startswith((".", "~$")) and path.name != "Thumbs.db"
        ]
    files: dict[str, bytes] = {}
    for path in paths:
        if not path.is_file():
            remarks.error(path.name, "refused.not_csv")
        elif path.stat().st_size > LARGEST_FILE:
            remarks.error(path.name, "refused.large", limit=LARGEST_FILE // 1_000_000)
        else:
            files[path.name] = path.read_bytes()
    return files


def _decoded(name: str, data: bytes, remarks: Remarks) -> str | None:
    """UTF-8 with or without BOM, or else cp1252 if it can be nothing but that."""
    if len(data) > LARGEST_FILE:
        remarks.error(name, "refused.large", limit=LARGEST_FILE // 1_000_000)
        return None
    if b"\0" in data:
        remarks.error(name, "refused.encoding")
        return None
    try:
        return data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    if data.startswith(BOM) or UTF_8_IN_CP1252.search(data):
        remarks.error(f"{name}!A{line}", "refused.mixed_encodings")
        return None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        remarks.error(f"{name}!A{line}", "refused.encoding")
        return None


def _sheet(title: str, text: str, known: Iterable[str], remarks: Remarks) -> Sheet:
    best: tuple[tuple[int, int], list[tuple[int, list[str]]]] = ((-1, 0), [])
    wrong = ""
    for delimiter in DELIMITERS:
        try:
            rows = _rows(text, delimiter)
        except csv.Error as error:
            wrong = str(error)
            continue
        header = rows[0][1] if rows else []
        score = (sum(plain(cell) in known for cell in header), len(header))
        if score > best[0]:
            best = (score, rows)
    if best[0][0] < 0:
        remarks.error(f"{title}!A1", "refused.quotes", wrong)
    return _filled(title, best[1], remarks)


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, line = [], 1
    for row in reader:
        if any(cell.strip() for cell in row):
            rows.append((line, row))
        line = reader.line_num + 1
    return rows


def _filled(title: str, rows: Sequence[tuple[int, list[str]]], remarks: Remarks) -> Sheet:
    cells: dict[tuple[int, int], RawCell] = {}
    width = len(rows[0][1]) if rows else 0
    for line, row in rows:
        if len(row) < width or any(cell.strip() for cell in row[width:]):
            remarks.error(f"{title}!A{line}", "ragged", count=len(row), width=width)
        for column, cell in enumerate(row, start=1):
            if cell:
                cells[line, column] = RawCell(cell)
    return Sheet(title, cells)
