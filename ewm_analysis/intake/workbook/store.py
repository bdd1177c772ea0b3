"""Records and their originals on the disk: written beside, then moved; nothing is lost."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts import key_of
from ewm_analysis.contracts.layout import RECORDS
from ewm_analysis.errors import ParameterError
from ewm_analysis.files import move_in, staged
from ewm_analysis.intake.workbook.ids import is_harmless_id
from ewm_analysis.intake.writing import write_table
from ewm_analysis.loaders.files import Reading
from ewm_analysis.loaders.reference import reference_folder
from ewm_analysis.project import DESCRIPTOR

ORIGINALS = "originals"
"""Folder of a data set with the files that came in, unchanged, by year."""


def descriptor_of(target: Path) -> dict[str, object]:
    """Return the descriptor of a data set; for a new one: real records, to be protected.

    Raises
    ------
    ParameterError
        If the descriptor cannot be read, or the data set is synthetic.
    """
    file = target / DESCRIPTOR
    if not file.is_file():
        return {
            "name": target.name,
            "title": target.name,
            "description": "Records imported from the evaluators' workbooks; confidential.",
            "synthetic": False,
            "disclosure": "standard",
            "resources": [],
        }
    try:
        head = json.loads(file.read_text("utf-8"))
        is_synthetic = head["synthetic"]
    except (ValueError, KeyError, TypeError):
        reason = f"has a {DESCRIPTOR} that cannot be read; put it right first"
        raise ParameterError("data", str(target), reason=reason) from None
    if is_synthetic is not False:
        reason = "is a synthetic data set; real records go to another folder"
        raise ParameterError("data", str(target), reason=reason)
    return dict(head)


def read_existing(target: Path, year: int) -> dict[str, pd.DataFrame]:
    """Return the records of a year as their files have them; none if there are none.

    Raises
    ------
    ContractError
        If they cannot be read.
    """
    folder = target / "records" / str(year)
    if not folder.is_dir():
        return {}
    reading = Reading(target.parent)
    for stem, contract in RECORDS.items():
        reading.table(folder, stem, contract, needed=True)
    reading.stop_on_failures()
    return {stem: reading.frame(stem, contract) for stem, contract in RECORDS.items()}


@contextmanager
def staged_year(target: Path, year: int, frames: Mapping[str, pd.DataFrame]) -> Iterator[Path]:
    """Yield the data set as it would be, in a folder of its own beside it, then remove it.

    Parameters
    ----------
    target : Path
        The data set; it may not exist yet.
    year : int
        Year whose records are replaced.
    frames : mapping of str to DataFrame
        The new records.
    """
    with staged(target) as copy:
        copy.mkdir()
        if target.is_dir():
            ignored = shutil.ignore_patterns(ORIGINALS, ".*")
            shutil.copytree(target, copy, ignore=ignored, dirs_exist_ok=True)
        shutil.copytree(reference_folder(target), copy.with_name("reference"))
        if not (copy / DESCRIPTOR).is_file():
            text = json.dumps(descriptor_of(target), indent=2, ensure_ascii=False)
            (copy / DESCRIPTOR).write_text(text + "\n", encoding="utf-8", newline="\n")
        folder = copy / "records" / str(year)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for stem, frame in frames.items():
            write_table(frame.sort_values(key_of(RECORDS[stem])), folder / f"{stem}.csv")
        yield copy


def move_year_in(copy: Path, target: Path, year: int) -> None:
    """Put the records of a year, and a new descriptor, in their place.

    Parameters
    ----------
    copy : Path
        The data set as `staged_year` wrote it.
    target : Path
        Where it belongs.
    year : int
        The year that was imported; other years are not touched.
    """
    records = target / "records"
    records.mkdir(parents=True, exist_ok=True)
    _hide_from_git(records)
    parts = [f"records/{year}"]
    if not (target / DESCRIPTOR).is_file():
        parts.append(DESCRIPTOR)
    move_in(copy, target, parts)


def keep_original(
    files: Mapping[str, bytes], name: str, target: Path, year: int, facts: Mapping[str, object]
) -> Path:
    """Keep what came in, byte by byte, with its hash, and return where.

    Parameters
    ----------
    files : mapping of str to bytes
        One workbook, or the files of a folder.
    name : str
        Name of the workbook or folder.
    target : Path
        The data set.
    year : int
        Reporting year.
    facts : mapping
        What else the note beside it says.
    """
    folder = target / ORIGINALS / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    _hide_from_git(target / ORIGINALS)
    hashes = {each: hashlib.sha256(data).hexdigest() for each, data in sorted(files.items())}
    whole = digest_of(files)
    name = re.sub(r"[^\w.\-]", "_", name)
    name = name if is_harmless_id(name) else f"workbook{Path(name).suffix[:5]}"
    place = folder / f"{whole[:12]}-{name}"
    if len(files) == 1 and name.lower().endswith(".xlsx"):
        place.write_bytes(next(iter(files.values())))
    else:
        place.mkdir(exist_ok=True)
        for each, data in files.items():
            (place / each).write_bytes(data)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    note = {"name": name, "sha256": whole, "files": hashes, "imported": now, **facts}
    text = json.dumps(note, indent=2, ensure_ascii=False) + "\n"
    place.with_name(f"{place.name}.json").write_text(text, encoding="utf-8", newline="\n")
    return place


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of a single file, or of the names and hashes of several."""
    if len(files) == 1:
        return hashlib.sha256(next(iter(files.values()))).hexdigest()
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name}:{hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()


def _hide_from_git(folder: Path) -> None:
    """Confidential records never get into a repository, wherever the data set lies."""
    file = folder / ".gitignore"
    if not file.exists():
        file.write_text("*\n", encoding="utf-8", newline="\n")
