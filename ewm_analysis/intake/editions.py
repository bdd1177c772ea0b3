"""The records of a year as each import left them: listed, and put back whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ewm_analysis.errors import ParameterError
from ewm_analysis.files import move_in_at_once
from ewm_analysis.intake.data_set import ORIGINALS, changed_copy, name_corrected_rows
from ewm_analysis.l10n import Locale, format_number, text
from ewm_analysis.loaders import open_dataset, resolve_data_dir
from ewm_analysis.loaders.read import read_text
from ewm_analysis.loaders.workbook_safety import DAMAGED_ARCHIVE, read_part

NOTE = "edition.json"
SAME_DAY = (1980, 1, 1, 0, 0, 0)
"""The time that a ZIP says of its parts; when an edition was made stands in its note."""


@dataclass(frozen=True)
class Edition:
    """The records of a year as they stood at some time.

    ``name`` is year and number: "2022-3". ``reason`` is ``import``, ``restore`` or ``found``:
    as they stood there without an edition, made by an older version or by hand. ``sources`` are
    the files that came in, or the edition that was put back; ``rows`` counts by table.
    """

    name: str
    made: str
    reason: str
    sources: Sequence[str]
    rows: Mapping[str, int]
    digest: str


def list_editions(data: Path) -> list[Edition]:
    """Return all editions of a data set, by year and number.

    Parameters
    ----------
    data : Path
        Folder of the data set.

    Raises
    ------
    MissingDataError
        If there is no such data set.
    ParameterError
        If an edition is damaged.
    """
    files = resolve_data_dir(data).glob(f"{ORIGINALS}/*/edition-*.zip")
    return [_note(file) for file in sorted(files, key=_place)]


def describe_editions(data: Path, locale: Locale) -> str:
    """Return the editions as lines of text; "=" marks those whose records stand there now.

    Parameters
    ----------
    data : Path
        Folder of the data set.
    locale : {"de", "en"}
        Language of the list.
    """
    lines = []
    for one in list_editions(data):
        folder = resolve_data_dir(data) / "records" / one.name.partition("-")[0]
        facts = {
            "mark": "=" if digest_of(folder) == one.digest else " ",
            "name": one.name,
            "made": one.made.replace("T", " ").removesuffix("+00:00"),
            "reason": text(f"intake.history.{one.reason}", locale),
            "projects": format_number(one.rows.get("projects", 0), locale),
            "activities": format_number(one.rows.get("activities", 0), locale),
            "sources": ", ".join(one.sources),
        }
        lines.append(text("intake.history.line", locale, **facts).rstrip(" ·"))
    return "\n".join(lines) or text("intake.history.none", locale)


def restore_edition(data: Path, name: str) -> Edition:
    """Put the tables of an edition back in place of those of its year: all, or none.

    What stands there is kept as an edition as well. Other years, and what is no record, stay.

    Parameters
    ----------
    data : Path
        Folder of the data set.
    name : str
        Year and number, as `list_editions` tells them: "2022-3".

    Returns
    -------
    Edition
        The new one, equal to that which was asked for.

    Raises
    ------
    ParameterError
        If there is no such edition, it stands there already, or the folder cannot be written.
    ContractError
        If the data set would break its contract with it; then nothing is put back.
    """
    target = resolve_data_dir(data)
    year, _ = _parts(target, name)
    with edition_beside(target, name) as (copy, corrected):
        if digest_of(target / "records" / year) == digest_of(copy / "records" / year):
            raise ParameterError("edition", name, reason="is what stands there")
        open_dataset(copy)
        kept = keep_editions(copy, target, int(year), "restore", [name])
        move_in_at_once(copy, target, [f"records/{year}", *corrected, *kept])
    return _note(target / kept[-1])


@contextmanager
def edition_beside(target: Path, name: str) -> Iterator[tuple[Path, list[str]]]:
    """Yield a data set as it was with an edition, beside its place, gone when the block ends.

    Other years, and what is no record, are as they stand. With it come the names of files whose
    corrections now name their rows by key.

    Raises
    ------
    ParameterError
        If there is no such edition, or it is damaged.
    """
    year, number = _parts(target, name)
    with changed_copy(target) as copy:
        folder = copy / "records" / year
        corrected = name_corrected_rows(copy, folder)
        _unpack(target / ORIGINALS / year / f"edition-{number}.zip", folder)
        yield copy, corrected


def _parts(target: Path, name: str) -> tuple[str, str]:
    """Return year and number of an edition that a data set has."""
    known = [edition.name for edition in list_editions(target)]
    if name not in known:
        raise ParameterError("edition", name, known)
    year, number = name.split("-")
    return year, number


def keep_editions(
    copy: Path, target: Path, year: int, reason: str, sources: Sequence[str]
) -> list[str]:
    """Write the records of a year in `copy` as an edition; those of `target` first, if unknown.

    Returns
    -------
    list of str
        The files written, to be moved in with the records.
    """
    past = sorted(target.glob(f"{ORIGINALS}/{year}/edition-*.zip"), key=_place)
    number = _place(past[-1])[1] if past else 0
    before, after = (each / "records" / str(year) for each in (target, copy))
    kept = []
    if before.is_dir() and (not past or digest_of(before) != _note(past[-1]).digest):
        number += 1
        kept.append(_write(copy, before, number, "found", []))
    kept.append(_write(copy, after, number + 1, reason, sources))
    return [file.relative_to(copy).as_posix() for file in kept]


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of the names and hashes of a folder's files; "" if there are none."""
    lines = [f"{name}:{hashlib.sha256(data).hexdigest()}\n" for name, data in _tables(folder)]
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""


def _tables(folder: Path) -> list[tuple[str, bytes]]:
    files = [file for file in sorted(folder.glob("[!.]*")) if file.is_file()]
    return [(file.name, file.read_bytes()) for file in files]


def _place(file: Path) -> tuple[str, int]:
    return file.parent.name, int(file.stem.partition("-")[2])


def _write(copy: Path, folder: Path, number: int, reason: str, sources: Sequence[str]) -> Path:
    year = folder.name
    note = Edition(
        name=f"{year}-{number}",
        made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        reason=reason,
        sources=[*sources],
        rows={file.stem: len(read_text(file).frame) for file in sorted(folder.glob("[!.]*"))},
        digest=digest_of(folder),
    )
    file = copy / ORIGINALS / year / f"edition-{number}.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    told = json.dumps(asdict(note), indent=2, ensure_ascii=False).encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [(NOTE, told), *_tables(folder)]:
            archive.writestr(zipfile.ZipInfo(name, SAME_DAY), data, zipfile.ZIP_DEFLATED)
    return file


def _note(file: Path) -> Edition:
    try:
        with zipfile.ZipFile(file) as archive:
            return Edition(**json.loads(archive.read(NOTE)))
    except (*DAMAGED_ARCHIVE, KeyError, TypeError):
        raise ParameterError(
            "data", str(file), reason="is damaged; restore it from a backup"
        ) from None


def _unpack(file: Path, folder: Path) -> None:
    """Put the tables of an edition into an empty folder; what it says of them must hold."""
    for old in folder.glob("*"):
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(file) as archive:
            for part in archive.infolist():
                if part.filename != NOTE:
                    (folder / Path(part.filename).name).write_bytes(read_part(archive, part))
    except zipfile.BadZipFile:
        pass
    if digest_of(folder) != _note(file).digest:
        raise ParameterError("data", str(file), reason="is damaged; restore it from a backup")
