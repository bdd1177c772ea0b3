"""Files as they are downloaded: plain, or within a ZIP, which is not unpacked to disk."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from ewm_analysis.errors import ContractError
from ewm_analysis.loaders.archives import DAMAGED_ARCHIVE, read_part
from ewm_analysis.loaders.text import unreadable
from ewm_analysis.loaders.workbook_safety import LARGEST_RATIO, SMALL_PART

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
