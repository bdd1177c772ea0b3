"""The tables of folders, read with all failures collected, and the evaluators' words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.contracts import REFERENCE, Table, check_references, did_you_mean
from ewm_analysis.errors import ContractError, Failure, MissingDataError
from ewm_analysis.l10n import LOCALES
from ewm_analysis.loaders.amendments import Corrections
from ewm_analysis.loaders.read import (
    READERS,
    LoadedTable,
    empty_table,
    parse_table,
    read_text,
    text_of,
)
from ewm_analysis.project import resolve_data_dir

ADDED = "sources"
"""A data set's own rows of this table stand beside the shared ones; an own id replaces one."""
OPTIONAL = ("cluster_branches",)
"""Reference tables that need not be there; they speak of the categories beside them only."""
GEOMETRY = "districts.geojson"
SMALL = 2**20
"""Bytes up to which a file that was read is kept, by its content."""


@dataclass
class Reading:
    """Collects what is read from files and what is wrong with them, before anything is used."""

    base: Path
    tables: list[LoadedTable] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    corrections: Corrections = field(default_factory=Corrections)

    def table(self, folder: Path, stem: str, contract: Table, *, needed: bool) -> None:
        """Read one table of a folder; if it is absent and needed, fail."""
        found = [path for suffix in READERS if (path := folder / f"{stem}{suffix}").is_file()]
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            self.fail(found[0], f"the table stands there twice, as {names}; keep one")
        elif found:
            self._parse(found[0], stem, contract)
        elif needed:
            reason = "the table is missing; an empty table is a file with the header only"
            self.fail(folder / f"{stem}.csv", reason)

    def _parse(self, path: Path, stem: str, contract: Table) -> None:
        file = self.shown(path)
        try:
            if self.corrections.of_file(path) or path.stat().st_size > SMALL:
                text = self.corrections.apply(path, read_text(path, file=file), contract)
                frame, lines = parse_table(text, contract), text.lines
            else:
                frame, lines = _parsed(path.read_bytes(), path.suffix, file, contract)
        except ContractError as error:
            self.failures += error.failures
        else:
            self.tables.append(LoadedTable(path, file, stem, contract, frame, lines))

    def refuse_strangers(self, folder: Path, stems: Iterable[str]) -> None:
        """Fail for each file that looks like a table but belongs to none: a misspelt name."""
        stems = [*stems]
        for path in sorted(folder.glob("*")):
            if path.name.startswith((".", "~$")) or path.suffix in (".md", ".json", ".geojson"):
                continue
            if path.stem not in stems or path.suffix not in READERS:
                reason = f"is not a table of this folder{did_you_mean(path.stem, stems)}"
                self.fail(path, reason)

    def fail(
        self, path: Path, reason: str, *, line: int = 0, column: str = "", value: str = ""
    ) -> None:
        """Note a failure of a file or folder, or at a place in it."""
        self.failures.append(Failure(self.shown(path), line, column, value, reason))

    def stop_on_failures(self) -> None:
        """Raise a ContractError with all that was found, if anything was."""
        if self.failures:
            raise ContractError(self.failures)

    def shown(self, path: Path) -> str:
        """Return a path as messages show it: below the folder that holds the data sets."""
        inside = path.is_relative_to(self.base)
        return path.relative_to(self.base).as_posix() if inside else str(path)

    def loaded(self, stem: str) -> list[LoadedTable]:
        """Return what was read under one name."""
        return [table for table in self.tables if table.stem == stem]

    def frame(self, stem: str, contract: Table) -> pd.DataFrame:
        """Return all rows read under one name; an empty table if there are none."""
        frames = [table.frame for table in self.loaded(stem)]
        return pd.concat(frames, ignore_index=True) if frames else empty_table(contract)


@lru_cache(maxsize=200)
def _parsed(
    data: bytes, suffix: str, file: str, contract: Table
) -> tuple[pd.DataFrame, Sequence[int]]:
    """Return the typed table of a file that fits, once for all data sets that hold the same."""
    text = text_of(data, suffix, file)
    return parse_table(text, contract), text.lines


def load_reference(folder: Path, override: Path | None = None) -> Reference:
    """Return the reference tables of a folder.

    Parameters
    ----------
    folder : Path
        Holds a file for each table, and the geometry of the districts.
    override : Path, optional
        Folder of a data set's own tables; each replaces the shared one, but sources are added to
        the shared ones. May not exist.

    Raises
    ------
    MissingDataError
        If the folder or the geometry does not exist.
    ContractError
        If a table is missing, breaks its contract or refers to what is not there.
    """
    reading = Reading(folder.parent)
    reference = read_reference(reading, folder, override)
    reading.stop_on_failures()
    check_all_references(reading)
    reading.stop_on_failures()
    return reference


def reference_folder(data_set: Path) -> Path:
    """Return the folder of reference tables of a data set: beside it, or that of the project."""
    beside = data_set.parent / "reference"
    return beside if beside.is_dir() else resolve_data_dir("data/reference")


def read_reference(reading: Reading, folder: Path, override: Path | None) -> Reference:
    """Read the reference tables, as `load_reference`, into a reading that other tables share."""
    if not folder.is_dir():
        raise MissingDataError(f"There is no folder of reference tables at {folder}.")
    folders = [folder] if override is None or not override.is_dir() else [override, folder]
    for place in folders:
        reading.refuse_strangers(place, REFERENCE)
    holds = {
        stem: [place for place in folders if any(place.glob(f"{stem}.*"))] for stem in REFERENCE
    }
    for stem, contract in REFERENCE.items():
        place = (holds[stem] or [folder])[0]
        if stem in OPTIONAL and holds["categories"][:1] == folders[:1]:
            place = folders[0]
        for each in holds[stem] if stem == ADDED and holds[stem] else [place]:
            reading.table(each, stem, contract, needed=stem not in OPTIONAL)
    _let_own_rows_hold(reading, ADDED)
    geometry = next((path for place in folders if (path := place / GEOMETRY).is_file()), None)
    if geometry is None:
        raise MissingDataError(f"The geometry of the districts is missing: {folder / GEOMETRY}.")
    tables = {stem: reading.frame(stem, contract) for stem, contract in REFERENCE.items()}
    return Reference(geometry=geometry, **tables)


def _let_own_rows_hold(reading: Reading, stem: str) -> None:
    """Leave out the shared rows of which a data set has its own, by id."""
    loaded = reading.loaded(stem)
    if len(loaded) < 2:
        return
    own, shared = loaded
    (key,) = own.contract.key
    is_kept = ~shared.frame[key].isin(own.frame[key])
    lines = [line for line, kept in zip(shared.lines, is_kept, strict=True) if kept]
    rows = shared.frame[is_kept].reset_index(drop=True)
    others = [table for table in reading.tables if table.stem != stem]
    reading.tables = [*others, own, replace(shared, frame=rows, lines=lines)]


def check_all_references(reading: Reading) -> None:
    """Check every code and id of all tables read against the tables they refer to."""
    contracts = {loaded.stem: loaded.contract for loaded in reading.tables}
    tables = {stem: reading.frame(stem, contract) for stem, contract in contracts.items()}
    # A table of all years is checked at once; its files only where one of them fails.
    failing = {
        stem
        for stem, contract in contracts.items()
        if check_references(
            tables[stem], contract, tables, file=stem, lines=range(len(tables[stem]))
        )
    }
    for loaded in reading.tables:
        if loaded.stem in failing:
            reading.failures += check_references(
                loaded.frame, loaded.contract, tables, file=loaded.file, lines=loaded.lines
            )


CHAPTERS = ("year", "success_stories")
"""Chapters of the annual report that are the evaluators' own."""

SECTIONS = (
    "economy",
    "projects",
    "volumes",
    "rdi",
    "guidelines",
    "cross_cluster",
    "focus_topics",
    "action_fields",
    "technologies",
    "actors",
    *CHAPTERS,
)
"""Headings ``# name`` of a file: those before the chapters comment on figures."""

TOPICS = ("guideline", "focus_topic")
"""Lines below the heading of a success story: ``guideline: innovation, cross_cluster``."""

HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
SOURCED = re.compile(r"(\S+)[ \t]+\(([^,()]+),[ \t]*(.+)\)")
STORY = re.compile(r"^##[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
TOPIC = re.compile(rf"^({'|'.join(TOPICS)}):[ \t]*(.*)$", re.MULTILINE)


class Section(NamedTuple):
    """Markdown, and the source it follows, where its heading names one: ``# year (id, p. 17)``."""

    text: str
    source_id: str = ""
    reference: str = ""


class Story(NamedTuple):
    """A success story: its heading, its Markdown, and its guidelines and focus topics by code."""

    title: str
    text: str
    topics: Mapping[str, tuple[str, ...]]


Sections = Mapping[str, Section]


def stories(text: str) -> tuple[str, list[Story]]:
    """Cut success stories at their headings; return what stands before, and each of them.

    Examples
    --------
    >>> stories("## MR4B\\n\\nguideline: innovation, open\\n\\nEin Bündnis.")
    ('', [Story(title='MR4B', text='Ein Bündnis.', topics={'guideline': ('innovation', 'open')})])
    """
    before, *parts = STORY.split(text)
    found = []
    for title, words in zip(parts[::2], parts[1::2], strict=True):
        topics = {scheme: _codes(codes) for scheme, codes in TOPIC.findall(words)}
        found.append(Story(title, TOPIC.sub("", words).strip(), topics))
    return before.strip(), found


def _codes(listed: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in listed.split(","))


def read_commentaries(
    reading: Reading, folder: Path, reference: Reference
) -> dict[tuple[int, str, str], Sections]:
    """Return the sections of each file by year, cluster and language.

    What no page would show is a failure: a file of no year, cluster or language, a section that
    the report does not have, text before the first one, an unknown source, guideline or focus
    topic. The folder may not exist.
    """
    found: dict[tuple[int, str, str], Sections] = {}
    for path in sorted(folder.rglob("*")):
        hidden = path.name.startswith((".", "~$"))
        if path.is_dir() or hidden or path.name == "README.md":
            continue
        key = _key(reading, path, folder, [*reference.clusters["cluster_id"]])
        if key is not None:
            found[key] = _sections(reading, path, reference, key[0])
    return found


def _key(
    reading: Reading, path: Path, folder: Path, clusters: list[str]
) -> tuple[int, str, str] | None:
    match = re.fullmatch(r"([0-9]{4})/([^/.]+)\.([^/.]+)\.md", path.relative_to(folder).as_posix())
    if match is None:
        reading.fail(path, "is not commentary/<year>/<cluster>.<locale>.md")
        return None
    year, cluster, locale = match.groups()
    if cluster not in clusters:
        reading.fail(path, f"{cluster!r} is no cluster{did_you_mean(cluster, clusters)}")
    elif locale not in LOCALES:
        reading.fail(path, f"{locale!r} is no language: allowed: {', '.join(LOCALES)}")
    return int(year), cluster, locale


def _sections(reading: Reading, path: Path, reference: Reference, year: int) -> dict[str, Section]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        reading.fail(path, "the file is not UTF-8; save it as UTF-8")
        return {}
    before, *parts = HEADING.split(text)
    if before.strip():
        reading.fail(path, "text stands before the first heading '# name'", line=1)
    sources = [*reference.sources["source_id"]]
    line = before.count("\n") + 1
    sections: dict[str, Section] = {}
    for heading, words in zip(parts[::2], parts[1::2], strict=True):
        sourced = SOURCED.fullmatch(heading)
        name, source, place = sourced.groups() if sourced else (heading, "", "")
        if wrong := _wrong(name, sections):
            reading.fail(path, wrong, line=line, value=f"# {name}")
        elif source and source not in sources:
            reason = f"is no source of the reference tables{did_you_mean(source, sources)}"
            reading.fail(path, reason, line=line, value=source)
        if name == CHAPTERS[-1]:
            _check_topics(reading, path, words, line, reference, year)
        sections[name] = Section(words.strip(), source, place)
        line += words.count("\n")
    return sections


def _wrong(name: str, sections: Sections) -> str:
    if name not in SECTIONS:
        allowed = ", ".join(f"# {section}" for section in SECTIONS)
        hint = did_you_mean(name, SECTIONS)
        return f"is no section: allowed: {allowed}{hint}; headings within one begin with ##"
    return "the heading stands there more than once" if name in sections else ""


def _check_topics(
    reading: Reading, path: Path, words: str, first: int, reference: Reference, year: int
) -> None:
    """Guidelines and focus topics of success stories must be valid in their year."""
    for match in TOPIC.finditer(words):
        allowed = [*reference.valid(match[1], year)["category"]]
        line = first + words.count("\n", 0, match.start())
        for code in _codes(match[2]):
            if code not in allowed:
                hint = did_you_mean(code, allowed)
                reason = f"is no {match[1]} of {year}: allowed: {', '.join(allowed)}{hint}"
                reading.fail(path, reason, line=line, value=code)
