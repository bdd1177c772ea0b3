"""A data set: its tables, checked one by one and against each other, and its words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Reference, indicator, indicators
from ewm_analysis.contracts.layout import FIGURES, RECORDS
from ewm_analysis.contracts.wording import did_you_mean, shown
from ewm_analysis.errors import Failure, MissingDataError
from ewm_analysis.loaders.files import LoadedTable, Reading
from ewm_analysis.loaders.reference import check_all_references, read_reference
from ewm_analysis.project import DESCRIPTOR, resolve_data_dir

DISCLOSURES = ("none", "standard")


@dataclass(frozen=True)
class Dataset:
    """A data set whose tables all keep their contracts.

    `titles` has the title by language; `records` holds projects, activities, actors,
    participations and assignments of all years; `files` is every file that was read, for the
    manifest of a run.
    """

    name: str
    path: Path
    titles: Mapping[str, str]
    is_synthetic: bool
    disclosure: str
    reference: Reference
    published: pd.DataFrame
    economy: pd.DataFrame
    organisations: pd.DataFrame
    records: Mapping[str, pd.DataFrame]
    files: tuple[Path, ...]

    def commentary(self, year: int, cluster_id: str, locale: str) -> dict[str, str]:
        """Return the evaluators' words on a year, by section: the headings ``# name``.

        Returns an empty dict where nothing was written.

        Raises
        ------
        ContractError
            If text stands before the first heading, or a heading comes twice.
        """
        path = self.path / "commentary" / str(year) / f"{cluster_id}.{locale}.md"
        if not path.is_file():
            return {}
        before, *parts = re.split(r"^# +(.+?) *$", path.read_text("utf-8"), flags=re.MULTILINE)
        names = parts[::2]
        reading = Reading(self.path.parent)
        if before.strip():
            reading.fail(path, "text stands before the first heading '# name'", 1)
        for name in {name for name in names if names.count(name) > 1}:
            reading.fail(path, f"the heading '# {name}' stands there more than once")
        reading.stop_on_failures()
        return {name: text.strip() for name, text in zip(names, parts[1::2], strict=True)}


def open_dataset(data_dir: str | Path) -> Dataset:
    """Read and check all tables of a data set.

    Parameters
    ----------
    data_dir : str or Path
        Folder of the data set; a relative one is found by `resolve_data_dir`. The reference
        tables stand beside it in ``reference``, or else in the project's ``data/reference``.

    Raises
    ------
    MissingDataError
        If the folder, its descriptor or the reference tables do not exist.
    ContractError
        With all failures of all files, by line and column.
    """
    path = resolve_data_dir(data_dir)
    head = _read_head(path)
    reading = Reading(path.parent)
    reference = read_reference(reading, _reference_folder(path), path / "reference")
    _read_figures(reading, path)
    _read_records(reading, path / "records")
    reading.stop_on_failures()
    check_all_references(reading)
    reading.stop_on_failures()
    return Dataset(
        name=path.name,
        path=path,
        titles={"de": head.get("title_de", head["title"]), "en": head["title"]},
        is_synthetic=head["synthetic"],
        disclosure=head["disclosure"],
        reference=reference,
        published=reading.frame("figures", FIGURES["published/figures"]),
        economy=reading.frame("economy", FIGURES["economy/economy"]),
        organisations=reading.frame("portraits", FIGURES["organisations/portraits"]),
        records={stem: reading.frame(stem, contract) for stem, contract in RECORDS.items()},
        files=_files(path, reading, reference),
    )


def _read_head(path: Path) -> dict[str, Any]:
    file = path / DESCRIPTOR
    if not file.is_file():
        raise MissingDataError(
            f"{path.name} is no data set: {file} is missing. It names at least title, "
            f'"synthetic" (true or false) and "disclosure" ({" or ".join(DISCLOSURES)}).'
        )
    reading = Reading(path.parent)
    head: Any = None
    try:
        head = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        reading.fail(file, f"is no JSON in UTF-8: {error}")
    else:
        if not isinstance(head, dict):
            reading.fail(file, "must be an object")
    reading.stop_on_failures()
    wanted = {
        "title": (isinstance(head.get("title"), str), "must be a text"),
        "synthetic": (isinstance(head.get("synthetic"), bool), "must be true or false"),
        "disclosure": (head.get("disclosure") in DISCLOSURES, f"allowed: {', '.join(DISCLOSURES)}"),
    }
    for name, (fits, allowed) in wanted.items():
        if not fits:
            value = json.dumps(head[name]) if name in head else ""
            failure = Failure(reading.shown(file), 0, name, value, allowed)
            reading.failures.append(failure)
    reading.stop_on_failures()
    return dict(head)


def _reference_folder(path: Path) -> Path:
    beside = path.parent / "reference"
    return beside if beside.is_dir() else resolve_data_dir("data/reference")


def _read_figures(reading: Reading, path: Path) -> None:
    for place, contract in FIGURES.items():
        folder, stem = place.split("/")
        reading.refuse_strangers(path / folder, [stem])
        reading.table(path / folder, stem, contract, needed=False)
    for loaded in reading.tables:
        if {"indicator", "unit"} <= {*loaded.frame.columns}:
            reading.failures += _indicator_failures(reading, loaded)


def _indicator_failures(reading: Reading, loaded: LoadedTable) -> list[Failure]:
    """Indicators must stand in the catalogue, in its unit."""
    file, names = reading.shown(loaded.path), indicators()
    units = {name: indicator(name).unit for name in names}
    found = []
    cells = zip(loaded.frame["indicator"], loaded.frame["unit"], loaded.lines, strict=True)
    for name, unit, line in cells:
        if name not in units:
            allowed = f"is not in the catalogue of indicators{did_you_mean(name, names)}"
            found.append(Failure(file, line, "indicator", name, allowed))
        elif unit != units[name]:
            allowed = f"the catalogue's unit of {name} is {units[name]}"
            found.append(Failure(file, line, "unit", unit, allowed))
    return found


def _read_records(reading: Reading, records: Path) -> None:
    for folder in sorted(records.glob("[!.]*")):
        if not (folder.is_dir() and re.fullmatch(r"[0-9]{4}", folder.name)):
            reading.fail(folder, "is not the folder of a year, such as records/2021")
            continue
        reading.refuse_strangers(folder, RECORDS)
        for stem, contract in RECORDS.items():
            reading.table(folder, stem, contract, needed=True)
    for loaded in reading.tables:
        year = loaded.path.parent.name
        if loaded.path.parent.parent == records:
            file, years = reading.shown(loaded.path), loaded.frame["year"]
            reading.failures += [
                Failure(file, loaded.lines[row], "year", shown(years[row]), f"must be {year}")
                for row in years.index[years != int(year)]
            ]


def _files(path: Path, reading: Reading, reference: Reference) -> tuple[Path, ...]:
    words = path.glob("commentary/*/*.md")
    tables = (loaded.path for loaded in reading.tables)
    return tuple(sorted([path / DESCRIPTOR, reference.geometry, *tables, *words]))
