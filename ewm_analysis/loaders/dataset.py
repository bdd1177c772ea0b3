"""A data set: its tables, checked one by one and against each other, its words; and its parts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Reference, indicator, indicators
from ewm_analysis.contracts import AMENDMENTS, FIGURES, RECORDS, did_you_mean, shown
from ewm_analysis.errors import MissingDataError
from ewm_analysis.l10n import DEFAULT, LOCALES, Locale
from ewm_analysis.loaders.amendments import Corrections, check_merges, merge_actors
from ewm_analysis.loaders.files import (
    LoadedTable,
    Reading,
    Sections,
    check_all_references,
    read_commentaries,
    read_reference,
    reference_folder,
)
from ewm_analysis.loaders.read import READERS, empty_table, unreadable
from ewm_analysis.project import DESCRIPTOR, resolve_data_dir

DISCLOSURES = ("none", "standard")

Note = tuple[str, str, str]
"""A line of the imprint: its title, its text, and the address that it links to, if any."""


@dataclass(frozen=True, repr=False)
class Dataset:
    """A data set whose tables all keep their contracts.

    `titles` has the title by language; `records` holds projects, activities, actors,
    participations and assignments of all years; `files` is every file that was read, for the
    manifest of a run. `corrections` and `actor_merges` are decisions of the evaluators; the
    tables hold what these make of the files. The corrections of the rows `mended` are no longer
    needed: what came in holds what is right. `notices` stands on each page of a data set that
    is not the monitoring itself, by language, and `imprint` in its footer; `not_collected` names
    the indicators that its records cannot give, `incomplete_years` the years of which they hold
    a part only. Where it
    `is_overlapping`, a project may count in several clusters: nothing is summed over them.
    `least_funding_rate` is an assumption: of no project is funding / volume smaller.
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
    phrases: pd.DataFrame = field(default_factory=lambda: empty_table(FIGURES["published/phrases"]))
    targets: pd.DataFrame = field(default_factory=lambda: empty_table(FIGURES["published/targets"]))
    corrections: pd.DataFrame = field(default_factory=lambda: _none("corrections"))
    actor_merges: pd.DataFrame = field(default_factory=lambda: _none("actor_merges"))
    commentaries: Mapping[tuple[int, str, str], Sections] = field(default_factory=dict)
    notices: Mapping[str, str] = field(default_factory=dict)
    imprint: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    not_collected: tuple[str, ...] = ()
    incomplete_years: tuple[int, ...] = ()
    is_overlapping: bool = False
    mended: tuple[int, ...] = ()
    least_funding_rate: float | None = None

    def commentary(self, year: int, cluster_id: str, locale: str) -> Sections:
        """Return the evaluators' words on a year, by section: the headings ``# name``.

        Returns nothing where nothing was written.
        """
        return self.commentaries.get((year, cluster_id, locale), {})

    def covered(self) -> pd.DataFrame:
        """Return year and cluster of all that is known; ``""`` is no cluster."""
        records = (self.records["projects"], self.records["activities"])
        tables = [self.published, self.economy, *records]
        return pd.concat([table[["year", "cluster_id"]] for table in tables]).drop_duplicates()

    def __repr__(self) -> str:
        """Say in a few lines what there is, and what can be done with it."""
        covered = self.covered()
        years, clusters = covered["year"], sorted({*covered["cluster_id"]} - {""})
        known = f"{years.min()} to {years.max()}; {', '.join(clusters)}" if len(years) else "empty"
        tables = {**self.records, "published": self.published, "economy": self.economy}
        return "\n".join(
            [
                f"Dataset {self.name!r}: {self.titles[DEFAULT]}",
                f"  {'synthetic' if self.is_synthetic else 'real'}, disclosure {self.disclosure}",
                f"  {known}",
                "  " + ", ".join(f"{stem} {len(rows):,}" for stem, rows in tables.items()),
                "  next: ewm.compute_indicators(dataset), ewm.explore(dataset.path)",
            ]
        )


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
    _read_amendments(reading, path)
    reference = read_reference(reading, reference_folder(path), path / "reference")
    _read_figures(reading, path)
    _read_records(reading, path / "records")
    reading.failures += reading.corrections.left_over()
    reading.stop_on_failures()
    check_all_references(reading)
    commentaries = read_commentaries(reading, path / "commentary", reference)
    records = {stem: reading.frame(stem, contract) for stem, contract in RECORDS.items()}
    for merges in reading.loaded("actor_merges"):
        reading.failures += check_merges(merges, records["actors"])
    reading.stop_on_failures()
    figures = {
        table.name: reading.frame(place.split("/")[1], table) for place, table in FIGURES.items()
    }
    decided = {stem: reading.frame(stem, contract) for stem, contract in AMENDMENTS.items()}
    read = [*(loaded.path for loaded in reading.tables), *path.glob("commentary/*/*.md")]
    return Dataset(
        name=path.name,
        path=path,
        titles=_in_languages(head, "title"),
        is_synthetic=head["synthetic"],
        disclosure=head["disclosure"],
        reference=reference,
        records=merge_actors(records, decided["actor_merges"]),
        files=(*sorted([path / DESCRIPTOR, reference.geometry, *read]),),
        commentaries=commentaries,
        notices=_in_languages(head, "notice") if "notice" in head else {},
        imprint={locale: _imprint(head, locale) for locale in LOCALES},
        not_collected=tuple(head.get("not_collected", ())),
        incomplete_years=tuple(head.get("incomplete_years", ())),
        least_funding_rate=head.get("least_funding_rate"),
        is_overlapping=head.get("overlapping", False),
        mended=tuple(reading.corrections.mended),
        **figures,
        **decided,
    )


def _none(stem: str) -> pd.DataFrame:
    return empty_table(AMENDMENTS[stem])


def _in_languages(head: Mapping[str, Any], name: str) -> dict[Locale, str]:
    """``title`` is English, ``title_de`` German, and so on."""
    return {locale: head.get(f"{name}_{locale}", head[name]) for locale in LOCALES}


def _imprint(head: Mapping[str, Any], locale: Locale) -> tuple[Note, ...]:
    lines = head.get("imprint", [])
    texts = [[_in_languages(line, name)[locale] for name in ("title", "text")] for line in lines]
    paths = [line.get("path", "") for line in lines]
    return tuple((title, text, path) for (title, text), path in zip(texts, paths, strict=True))


def _is_note(line: object) -> bool:
    """Tell whether a line of the imprint has a title, a text, and nothing but texts."""
    if not isinstance(line, dict) or not all(isinstance(value, str) for value in line.values()):
        return False
    return {"title", "text"} <= {*line} and line.get("path", "https://").startswith("https://")


def _read_head(path: Path) -> dict[str, Any]:
    file = path / DESCRIPTOR
    if not file.is_file():
        raise MissingDataError(
            f"{path.name} is no data set: {file} is missing. It names at least title, "
            f'"synthetic" (true or false) and "disclosure" ({" or ".join(DISCLOSURES)}).'
        )
    reading = Reading(path.parent)
    try:
        head = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise unreadable(reading.shown(file), f"is no JSON in UTF-8: {error}") from error
    if not isinstance(head, dict):
        raise unreadable(reading.shown(file), "must be an object")
    for name, (fits, allowed) in _kept_by(head).items():
        if not fits:
            value = json.dumps(head[name]) if name in head else ""
            reading.fail(file, allowed, column=name, value=value)
    reading.stop_on_failures()
    return head


def _kept_by(head: Mapping[str, Any]) -> dict[str, tuple[bool, str]]:
    """Return whether a descriptor keeps the rule of each entry, and the rule."""
    named, years = head.get("not_collected", []), head.get("incomplete_years", [])
    lines = head.get("imprint", [])
    are_notes = isinstance(lines, list) and all(map(_is_note, lines))
    are_named = isinstance(named, list) and all(name in indicators() for name in named)
    rate = head.get("least_funding_rate", 1)
    is_rate = isinstance(rate, int | float) and 0 < rate <= 1
    are_years = isinstance(years, list) and all(isinstance(year, int) for year in years)
    return {
        "title": (isinstance(head.get("title"), str), "must be a text"),
        "synthetic": (isinstance(head.get("synthetic"), bool), "must be true or false"),
        "disclosure": (head.get("disclosure") in DISCLOSURES, f"allowed: {', '.join(DISCLOSURES)}"),
        "notice": (isinstance(head.get("notice", ""), str), "must be a text"),
        "imprint": (are_notes, "must list objects with title, text and, if any, path (https://)"),
        "not_collected": (are_named, "must list indicators of the catalogue"),
        "incomplete_years": (are_years, "must list years"),
        "least_funding_rate": (is_rate, "must be a share above 0 and at most 1"),
        "overlapping": (isinstance(head.get("overlapping", False), bool), "must be true or false"),
    }


def _read_amendments(reading: Reading, path: Path) -> None:
    """Read what evaluators decided; corrections hold for all that is read from then on."""
    for stem, contract in AMENDMENTS.items():
        reading.table(path, stem, contract, needed=False)
    for file in sorted(path.glob("*")):
        hint = did_you_mean(file.stem, AMENDMENTS)
        if file.suffix in READERS and file.stem not in AMENDMENTS and hint:
            reading.fail(file, f"is not a table of this folder{hint}")
    for loaded in reading.loaded("corrections"):
        reading.corrections = Corrections.of(path, loaded)


def _read_figures(reading: Reading, path: Path) -> None:
    for place, contract in FIGURES.items():
        folder, stem = place.split("/")
        own = [known.split("/")[1] for known in FIGURES if known.startswith(f"{folder}/")]
        if stem == own[0]:
            reading.refuse_strangers(path / folder, own)
        reading.table(path / folder, stem, contract, needed=False)
    for loaded in reading.tables:
        if "indicator" in loaded.frame:
            _check_indicators(reading, loaded)


def _check_indicators(reading: Reading, loaded: LoadedTable) -> None:
    """Indicators must stand in the catalogue, in its unit."""
    units = {name: indicator(name).unit for name in indicators()}
    named = loaded.frame["indicator"]
    own = loaded.frame["unit"] if "unit" in loaded.frame else named.map(units).fillna("")
    cells = zip(named, own, loaded.lines, strict=True)
    for name, unit, line in cells:
        if name not in units:
            reason = f"is not in the catalogue of indicators{did_you_mean(name, units)}"
            reading.fail(loaded.path, reason, line=line, column="indicator", value=name)
        elif unit != units[name]:
            reason = f"the catalogue's unit of {name} is {units[name]}"
            reading.fail(loaded.path, reason, line=line, column="unit", value=unit)


def _read_records(reading: Reading, records: Path) -> None:
    for folder in sorted(records.glob("[!.]*")):
        if not (folder.is_dir() and re.fullmatch(r"[0-9]{4}", folder.name)):
            reading.fail(folder, "is not the folder of a year, such as records/2021")
            continue
        reading.refuse_strangers(folder, RECORDS)
        for stem, contract in RECORDS.items():
            reading.table(folder, stem, contract, needed=True)
    for loaded in reading.tables:
        if loaded.path.parent.parent == records:
            year, years = loaded.path.parent.name, loaded.frame["year"]
            for row in years.index[years != int(year)]:
                line, value = loaded.lines[row], shown(years[row])
                reading.fail(loaded.path, f"must be {year}", line=line, column="year", value=value)


ITEMS = {"projects": "project_id", "activities": "activity_id"}
IDS = {*ITEMS.values(), "actor_id"}
PARTED_BY = {"year", "cluster_id", "file", *IDS}
"""Columns that say which part of a data set a row belongs to."""


def part_of(
    dataset: Dataset, *, cluster_id: str | None = None, last_year: int | None = None
) -> Dataset:
    """Return the data set with the rows of one cluster and up to one year only.

    A year of which the records are incomplete is kept only where it is the last one, and then
    without the years before: it is not compared. Participations, assignments and actors are
    kept as far as they belong to projects and activities that are kept; figures of whole regions
    always are; facts of organisations and the decisions of evaluators where no cluster is named.
    Without a cluster all of them are kept, without a year all years. Of the reference tables only
    the branches that stand for clusters are narrowed.
    """
    comparable = _comparable(dataset, last_year)
    records = {stem: rows_of(rows, cluster_id, last_year) for stem, rows in comparable.items()}
    for stem in ("participations", "assignments"):
        records[stem] = _of_items(records[stem], records)
    if cluster_id is not None:
        involved = records["participations"][["year", "actor_id"]].drop_duplicates()
        records["actors"] = records["actors"].merge(
            involved, on=["year", "actor_id"], validate="1:1"
        )
    corrections = dataset.corrections
    if last_year is not None:
        years = corrections["file"].str.extract(r"^records/([0-9]{4})/")[0].astype("Int64")
        corrections = corrections[years.fillna(last_year) <= last_year]
    shared, reference = None if cluster_id is None else 0, dataset.reference
    if cluster_id is not None:
        own = rows_of(reference.cluster_branches, cluster_id, None)
        reference = replace(reference, cluster_branches=own)
    return replace(
        dataset,
        reference=reference,
        published=rows_of(dataset.published, cluster_id, last_year),
        phrases=rows_of(dataset.phrases, cluster_id, last_year),
        targets=rows_of(dataset.targets, cluster_id, None),
        economy=rows_of(dataset.economy, cluster_id, last_year),
        records=records,
        organisations=dataset.organisations[:shared],
        corrections=corrections[:shared],
        actor_merges=dataset.actor_merges[:shared],
    )


def _comparable(dataset: Dataset, last_year: int | None) -> Mapping[str, pd.DataFrame]:
    """Return the records of years that can be compared with the last one."""
    incomplete = dataset.incomplete_years
    if last_year is None or not incomplete:
        return dataset.records
    if last_year in incomplete:
        return {stem: rows[rows["year"] == last_year] for stem, rows in dataset.records.items()}
    return {stem: rows[~rows["year"].isin(incomplete)] for stem, rows in dataset.records.items()}


def fingerprint(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return a SHA-256 over the cells of tables by name; the order of their rows counts.

    Examples
    --------
    >>> one = pd.DataFrame({"n": [1, 2]})
    >>> fingerprint({"t": one}) == fingerprint({"t": one.copy()})
    True
    """
    digest = hashlib.sha256()
    for name, frame in frames.items():
        digest.update(f"{name}:{len(frame)}:{','.join(frame.columns)};".encode())
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def told_apart(dataset: Dataset) -> Dataset:
    """Return the data set with one number for the cells of each row, beside what parts go by.

    A `fingerprint` of a part then costs little; rows that differ have other numbers.
    """

    def told(frame: pd.DataFrame) -> pd.DataFrame:
        numbers = {",".join(frame.columns): pd.util.hash_pandas_object(frame, index=False)}
        kept = frame[[name for name in frame if name in PARTED_BY]]
        numbers |= {n: pd.util.hash_pandas_object(kept[n], index=False) for n in kept if n in IDS}
        return kept.assign(**numbers)

    def with_told(owner: Any) -> dict[str, pd.DataFrame]:
        return {n: told(each) for n, each in vars(owner).items() if isinstance(each, pd.DataFrame)}

    records = {stem: told(rows) for stem, rows in dataset.records.items()}
    reference = replace(dataset.reference, **with_told(dataset.reference))
    return replace(dataset, records=records, reference=reference, **with_told(dataset))


def rows_of(frame: pd.DataFrame, cluster_id: str | None, last_year: int | None) -> pd.DataFrame:
    """Return rows up to a year; of a cluster and whole regions, where rows have a cluster."""
    if last_year is not None:
        frame = frame[frame["year"] <= last_year]
    if cluster_id is not None and "cluster_id" in frame:
        frame = frame[frame["cluster_id"].isin([cluster_id, ""])]
    return frame.reset_index(drop=True)


def _of_items(frame: pd.DataFrame, kept: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows whose project or activity is kept, in their order."""
    belongs = pd.Series(False, index=frame.index)
    for stem, key in ITEMS.items():
        items = pd.MultiIndex.from_frame(kept[stem][["year", key]])
        belongs |= pd.MultiIndex.from_frame(frame[["year", key]]).isin(items)
    return frame[belongs].reset_index(drop=True)
