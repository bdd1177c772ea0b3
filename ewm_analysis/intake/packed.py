"""Files as they are downloaded: plain, or within a ZIP, which is not unpacked to disk."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ewm_analysis.loaders.text import unreadable
from ewm_analysis.loaders.workbook_safety import LARGEST_RATIO, SMALL_PART

LARGEST = 1_000_000_000
"""Bytes of a file, unpacked; the largest of CORDIS has about a tenth of it."""

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)


def read_packed(path: Path, file: str) -> bytes:
    """Return the bytes of a file, of the one table in a ZIP, or of one named within a ZIP.

    Parameters
    ----------
    path : Path
        A file, a ZIP that holds one ``.csv`` or ``.tsv``, or ``archive.zip/name.csv``.
    file : str
        Name shown in failures.

    Raises
    ------
    ContractError
        If it is missing, damaged, encrypted or too large to be honest.
    """
    if path.parent.is_file():
        return _member(path.parent, file, path.name)
    if not path.is_file():
        raise unreadable(file, "the file is missing")
    if path.stat().st_size > LARGEST:
        raise unreadable(file, f"the file is larger than {LARGEST // 1_000_000} MB")
    with path.open("rb") as opened:
        start = opened.read(4)
    if start.startswith(GZIP):
        raise unreadable(file, "the file is packed with gzip; unpack it first")
    return _member(path, file) if start == ZIP else path.read_bytes()


def _member(path: Path, file: str, name: str = "") -> bytes:
    """Return one file of an archive: the one of that name, or the only table."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [part for part in archive.infolist() if _is_wanted(part.filename, name)]
            if not found and name:
                raise unreadable(file, "the file is missing")
            if len(found) != 1:
                kind = name or "tables (.csv, .tsv)"
                raise unreadable(file, f"the ZIP holds {len(found)} {kind}; it must be one")
            if found[0].flag_bits & 0x1:
                raise unreadable(file, "the ZIP has a password; unpack it first")
            if _is_bomb(found[0]):
                raise unreadable(file, "the ZIP unpacks to far more than tables do; not opened")
            # `zipfile` stops at the declared size and checks the sum.
            return archive.read(found[0])
    except BROKEN as error:
        raise unreadable(file, f"{path.name} is no ZIP that can be read") from error


def _is_wanted(filename: str, name: str) -> bool:
    part = PurePosixPath(filename.replace("\\", "/"))
    return part.name == name if name else part.suffix.lower() in (".csv", ".tsv")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    ratio = part.file_size / max(part.compress_size, 1)
    return part.file_size > LARGEST or (part.file_size > SMALL_PART and ratio > LARGEST_RATIO)
