"""A ZIP that declares far less than it holds, with the sum of what it declares; not a test."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

HELD, DECLARED = 100_000_000, 100
SMALL = HELD // 5
"""Bytes of memory that stay well below what the archive holds."""


def lying_archive(name: str, method: int, summed: int = DECLARED) -> bytes:
    """Return an archive with one part of blanks, of which the headers declare the first 100.

    ``summed`` bytes are those that the checksum is made of.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(name, b" " * HELD)
        told = archive.infolist()[0]
    size, crc = struct.pack("<L", HELD), struct.pack("<L", told.CRC)
    data = stream.getvalue()
    assert (data.count(size), data.count(crc)) == (2, 2)
    lie = struct.pack("<L", zlib.crc32(b" " * summed))
    return data.replace(size, struct.pack("<L", DECLARED)).replace(crc, lie)


def memory_of(call: Callable[[], object]) -> int:
    """Return the most memory, in bytes, that a call used at any time."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
