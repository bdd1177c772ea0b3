"""Damage to files: the parts of a workbook, the bytes of a CSV."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

from fuzz_plan import Base, Damage, write_csv

from ewm_analysis.contracts import RECORDS
from ewm_analysis.intake.columns import sheet_title

Parts = dict[str, bytes]
NO_MEANING = False


def damage_zip(rng: random.Random, base: Base) -> Damage:
    """Damage the workbook that an evaluator would send."""
    name, change = rng.choice([*ZIP_CHANGES.items()])
    data, is_meant = change(rng, base.workbook)
    empty = {stem: frame.iloc[:0] for stem, frame in base.records.items()}
    meant = base.records if is_meant else empty
    return Damage(f"zip: {name}", [], meant, data=data, is_whole_file=True)


def parts_of(data: bytes) -> Parts:
    """Return the parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def book_of(parts: Parts) -> bytes:
    """Return a workbook of parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _cut(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    return data[: rng.randrange(len(data))], NO_MEANING


def _noise(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    """Flipped bytes; those that no part depends on, such as times, change nothing."""
    noisy = bytearray(data)
    for _ in range(rng.choice([1, 1, 5, 50])):
        noisy[rng.randrange(len(noisy))] = rng.randrange(256)
    return bytes(noisy), True


def _no_zip(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    return rng.choice([b"", rng.randbytes(500), b"PK\x03\x04", b"<html></html>"]), NO_MEANING


def _encrypted(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(2000), NO_MEANING


def _lost_part(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    """A part that holds no values may be lost; the values then stay."""
    parts = parts_of(data)
    del parts[rng.choice(sorted(parts))]
    return book_of(parts), True


def _bomb(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    parts = parts_of(data)
    parts["xl/media/image1.xml"] = b" " * 20_000_000
    return book_of(parts), NO_MEANING


def _many_parts(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    return book_of(parts_of(data) | {f"x/{n}.xml": b"<x/>" for n in range(2500)}), NO_MEANING


def _macros(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    return book_of(parts_of(data) | {"xl/vbaProject.bin": b"macro"}), NO_MEANING


def _external_link(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    return book_of(parts_of(data) | {"xl/externalLinks/externalLink1.xml": b"<x/>"}), NO_MEANING


def _away(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    name = rng.choice(["../x.xml", "/etc/x.xml", "xl/../../x.xml", "C:/x.xml"])
    return book_of(parts_of(data) | {name: b"<x/>"}), NO_MEANING


def _entities(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    parts = parts_of(data)
    name = rng.choice([name for name in sorted(parts) if name.endswith(".xml")])
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    if rng.random() < 0.5:
        evil = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    head, mark, rest = parts[name].partition(b"?>")
    parts[name] = head + mark + evil + rest if mark else evil + parts[name]
    return book_of(parts), NO_MEANING


def _other_encoding(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    parts = parts_of(data)
    name = _sheet_part(rng, parts)
    text = re.sub(r"^<\?xml.*?\?>", "", parts[name].decode("utf-8"))
    parts[name] = f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")
    return book_of(parts), NO_MEANING


def _sheet_part(rng: random.Random, parts: Parts) -> str:
    return rng.choice([f"xl/worksheets/sheet{number}.xml" for number in range(2, 7)])


def _row_twice(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    """The same row number twice: readers keep one and lose the other."""
    parts = parts_of(data)
    name = _sheet_part(rng, parts)
    rows = re.findall(rb"<row .*?</row>", parts[name], re.DOTALL)
    number = re.search(rb'r="(\d+)"', rows[1])
    if number is None:
        raise AssertionError
    again = re.sub(rb'(r="[A-Z]*)\d+"', rb"\g<1>" + number.group(1) + b'"', rows[-1])
    parts[name] = parts[name].replace(b"</sheetData>", again + b"</sheetData>")
    return book_of(parts), NO_MEANING


def _huge_area(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    """Merged or linked areas of a whole sheet, which a reader may fill cell by cell."""
    parts = parts_of(data)
    name = _sheet_part(rng, parts)
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    parts[name] = parts[name].replace(b"</sheetData>", merged)
    return book_of(parts), NO_MEANING


def _odd_cell(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    parts = parts_of(data)
    name = _sheet_part(rng, parts)
    row = rng.choice([b"A2", b"XFD1048576", b"A0", b"AAAA1", b"1A"])
    kind, value = rng.choice(
        [(b"s", b"999999"), (b"s", b"-1"), (b"n", b"abc"), (b"n", b"1e999"), (b"b", b"7"),
         (b"d", b"2021-02-30"), (b"zz", b"1"), (b"n", b"NaN"), (b"str", b"x&#7;y")]
    )  # fmt: skip
    cell = b'<row r="900"><c r="' + row + b'" t="' + kind + b'"><v>' + value + b"</v></c></row>"
    parts[name] = parts[name].replace(b"</sheetData>", cell + b"</sheetData>")
    return book_of(parts), NO_MEANING


def _untouched(rng: random.Random, data: bytes) -> tuple[bytes, bool]:
    """Packed anew, with a link that a reader may click."""
    parts = parts_of(data)
    return book_of(dict(sorted(parts.items()))), True


ZIP_CHANGES: dict[str, Callable[[random.Random, bytes], tuple[bytes, bool]]] = {
    "cut off": _cut,
    "noise": _noise,
    "no zip": _no_zip,
    "encrypted": _encrypted,
    "part lost": _lost_part,
    "bomb": _bomb,
    "many parts": _many_parts,
    "macros": _macros,
    "external link": _external_link,
    "path in zip": _away,
    "entities": _entities,
    "UTF-16": _other_encoding,
    "row number twice": _row_twice,
    "huge area": _huge_area,
    "odd cell": _odd_cell,
    "packed anew": _untouched,
}


def damage_csv(rng: random.Random, base: Base) -> Damage:
    """Export as CSV in some dialect, and damage one of the files."""
    encoding = rng.choice(["utf-8", "utf-8-sig", "cp1252"])
    delimiter = rng.choice(";,")
    files = write_csv(base.plan(), delimiter, encoding, rng.choice(["\n", "\r\n"]))
    file = rng.choice(sorted(files))
    name, change = rng.choice([*CSV_CHANGES.items()])
    is_meant, is_whole = change(rng, files, file, delimiter)
    empty = {stem: frame.iloc[:0] for stem, frame in base.records.items()}
    return Damage(
        f"csv: {name}", [], base.records if is_meant else empty, files=files, is_whole_file=is_whole
    )


def _as_it_is(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    return True, False


def _renamed(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    stem = next(stem for stem in RECORDS if sheet_title(stem, "de") == file[:-4])
    files[f"{stem}.CSV"] = files.pop(file)
    return True, False


def _nul(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    files[file] += b"\0"
    return False, True


def _mixed(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    files[file] += "ä".encode() + b"\xe4\n"
    return False, True


def _ragged(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    lines = files[file].splitlines(keepends=True)
    at = rng.randrange(1, len(lines))
    end = b"\r\n" if lines[at].endswith(b"\r\n") else b"\n"
    extra = delimiter.encode() + b"x"
    lines[at] = lines[at].removesuffix(end) + extra + end
    files[file] = b"".join(lines)
    return False, False


def _trailing(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    lines = files[file].splitlines()
    end = delimiter.encode() * 3
    files[file] = b"\n".join(line + end for line in lines) + b"\n\n" + end + b"\n\n"
    return True, False


def _open_quote(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    lines = files[file].splitlines(keepends=True)
    lines.insert(rng.randrange(1, len(lines)), b'"offen')
    files[file] = b"".join(lines)
    return False, False


def _lost(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    del files[file]
    return False, False


def _emptied(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    files[file] = rng.choice([b"", b"\n\n", b"\xef\xbb\xbf"])
    return False, False


def _stranger(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    """A table of the sender's own is left out, and told."""
    files[rng.choice(["Notizen.csv", "Projekte.txt", "Projekte alt.csv"])] = b"a;b\n1;2\n"
    return True, False


def _other_delimiter(
    rng: random.Random, files: Parts, file: str, delimiter: str
) -> tuple[bool, bool]:
    """Tabs: read as well, but for one within a cell."""
    files[file] = files[file].replace(delimiter.encode(), b"\t")
    return True, False


def _noisy(rng: random.Random, files: Parts, file: str, delimiter: str) -> tuple[bool, bool]:
    """A byte that no text holds."""
    noisy = bytearray(files[file])
    noisy[rng.randrange(len(noisy))] = rng.choice([0x81, 0x8D, 0x00, 0x07, 0x1B])
    files[file] = bytes(noisy)
    return False, True


CSV_CHANGES: dict[str, Callable[[random.Random, Parts, str, str], tuple[bool, bool]]] = {
    "as it is": _as_it_is,
    "renamed": _renamed,
    "NUL": _nul,
    "two encodings": _mixed,
    "ragged": _ragged,
    "trailing separators": _trailing,
    "open quote": _open_quote,
    "file lost": _lost,
    "emptied": _emptied,
    "stranger": _stranger,
    "tabs": _other_delimiter,
    "noise": _noisy,
}
