"""Whether a workbook may be opened at all, and how a part of an archive is unpacked.

A workbook is a ZIP of XML parts. It is looked through before any library interprets it: what
could fill the memory, run code or fetch something is refused with one sentence.
"""

from __future__ import annotations

import copy
import io
import re
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

LARGEST_FILE = 50_000_000
"""Bytes of a file as it comes in."""

LARGEST_CONTENT = 300_000_000
"""Bytes of all parts of a workbook, unpacked."""

LARGEST_RATIO = 250
"""Unpacked to packed size; honest sheets of repeated cells stay below 100."""

MOST_PARTS = 2_000
SMALL_PART = 1_000_000
"""Below this size a part is harmless, however well it packs."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of old Excel, and new ones with a password, begin."""

PROGRAMS = re.compile(r"vbaproject|vbadata|macrosheets/|activex/|customui", re.IGNORECASE)
LINKS = re.compile(
    r"externallinks/|connections\.xml|querytables/|embeddings/|webextensions/|model/item",
    re.IGNORECASE,
)
EXTERNAL = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>", re.IGNORECASE)
ENCODING = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)")

Refusal = tuple[str, dict[str, object]]
"""Key of its sentence below the message ``intake.refused``, and what fills it."""


def find_refusal(data: bytes) -> Refusal | None:
    """Return why a workbook is not opened; None if it is harmless.

    Examples
    --------
    >>> find_refusal(b"PK, but broken")
    ('damaged', {})
    """
    if len(data) > LARGEST_FILE:
        return "large", {"limit": LARGEST_FILE // 1_000_000}
    if data.startswith(OLE):
        return "encrypted", {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _of_list(archive.infolist()) or _of_parts(archive)
    except DAMAGED_ARCHIVE:
        return "damaged", {}


def _of_list(parts: list[zipfile.ZipInfo]) -> Refusal | None:
    """Refuse by what the archive says of itself, before anything is unpacked."""
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    size = sum(part.file_size for part in parts)
    found = {
        "parts": len(parts) > MOST_PARTS,
        "encrypted": any(part.flag_bits & 0x1 for part in parts),
        "macros": any(PROGRAMS.search(name) for name in names),
        "links": any(LINKS.search(name) for name in names),
        "damaged": len({*names}) < len(names) or any(map(_leads_away, names)),
        "bomb": size > LARGEST_CONTENT or any(map(is_bomb, parts)),
    }
    facts = {"parts": MOST_PARTS, "bomb": LARGEST_CONTENT // 1_000_000}
    for key, is_so in found.items():
        if is_so:
            return key, {"limit": facts[key]} if key in facts else {}
    return None


def _leads_away(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or "\0" in name or ":" in name


def is_bomb(part: zipfile.ZipInfo) -> bool:
    """Return whether a part of an archive packs better than honest sheets do."""
    packed = max(part.compress_size, 1)
    return part.file_size > SMALL_PART and part.file_size / packed > LARGEST_RATIO


def _of_parts(archive: zipfile.ZipFile) -> Refusal | None:
    """Unpack each part once, so that what it declares is known to be true."""
    for part in archive.infolist():
        content = read_part(archive, part)
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        if not _is_plain_xml(content):
            return "entities", {}
        if name == "[content_types].xml" and b"macroenabled" in content.lower():
            return "macros", {}
        if name.endswith(".rels") and _has_external(content):
            return "links", {}
    return None


def _is_plain_xml(content: bytes) -> bool:
    """UTF-8 without a document type: no entity can grow or read a file."""
    if b"\0" in content or content.startswith((b"\xfe\xff", b"\xff\xfe")):
        return False
    head = ENCODING.match(content.lstrip(b"\xef\xbb\xbf"))
    if head and head.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        return False
    return re.search(rb"<!\s*(DOCTYPE|ENTITY)", content, re.IGNORECASE) is None


def _has_external(content: bytes) -> bool:
    """A link that a reader may click is harmless; anything else from outside is not."""
    return any(
        b"external" in found.lower() and b"/hyperlink" not in found.lower()
        for found in EXTERNAL.findall(content)
    )


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
