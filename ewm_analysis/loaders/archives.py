"""Parts of ZIP archives, unpacked no further than the archive says they reach."""

from __future__ import annotations

import copy
import zipfile
import zlib

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Packings that are unpacked bit by bit; the others unpack in one go, however large."""

PIECE = 1_000_000

DAMAGED_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)
"""What `zipfile` lets through from archives that are damaged or made to harm."""


def read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Return a part of an archive; memory is used for what it declares, not for what it holds.

    Parameters
    ----------
    archive : ZipFile
        Open for reading.
    part : ZipInfo
        One of its parts; whether its declared size is acceptable, the caller decides first.

    Raises
    ------
    BadZipFile
        If it is packed in an unusual way, holds more than it declares, or its sum is wrong.
    """
    if part.compress_type not in METHODS:
        raise zipfile.BadZipFile(f"{part.filename} is packed in an unusual way")
    # `zipfile` cuts at the declared size, and a sum made for the cut part would pass: one byte
    # more shows whether there is more.
    further = copy.copy(part)
    further.file_size += 1
    content = bytearray()
    with archive.open(further) as opened:
        while piece := opened.read(PIECE):
            content += piece
            if len(content) > part.file_size:
                raise zipfile.BadZipFile(f"{part.filename} holds more than it declares")
    return bytes(content)
