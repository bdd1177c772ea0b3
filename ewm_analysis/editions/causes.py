"""What pages show and what they were made from, read from their files and manifests."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from ewm_analysis.batch.folders import MANIFEST
from ewm_analysis.batch.outputs import Manifest, read_manifest
from ewm_analysis.catalogue import Words, dimension, indicator
from ewm_analysis.contracts import RECORDS, TABLES, WITHHELD, Table
from ewm_analysis.disclosure import suppress
from ewm_analysis.errors import ContractError, MissingDataError
from ewm_analysis.files import sha256
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.l10n import Locale, text
from ewm_analysis.loaders import Dataset
from ewm_analysis.loaders.read import READERS, TextTable
from ewm_analysis.project import ALL
from ewm_analysis.report.bundles import Cell
from ewm_analysis.report.files import METADATA
from ewm_analysis.report.page import REPORT
from ewm_analysis.tables.table import CONFIDENTIAL

MANY = 50
"""Rows of one file that are told one by one."""


@dataclass(frozen=True)
class Cause:
    """Something that a page is made from and that is another now.

    ``kind`` is one that ``diff.cause`` words: a row is ``added``, ``removed`` or has a cell
    ``corrected``, and how many ``more`` of its file; a ``table`` is another and nobody kept the
    earlier one; the page is made by another ``notebook``, ``package`` or ``environment``, or with
    other ``parameters``; confidential ``records``, of which manifests say nothing. ``file`` is its
    place below the data sets, ``key`` names the row, as far as there is one.
    """

    kind: str
    file: str = ""
    key: str = ""
    column: str = ""
    before: str = ""
    after: str = ""
    cluster_id: str = field(default="", compare=False)
    """Of the row, if it is of one cluster: other clusters' pages do not read it."""

    @property
    def table(self) -> str:
        """Return the stem of the file: ``projects``."""
        return PurePosixPath(self.file).stem


class Kept:
    """Finds a file by its hash: as it stands, in an edition of records, or in git."""

    def __init__(self, *folders: Path) -> None:
        """Search these folders, each a project or a published edition."""
        self.folders = folders
        # Pages share their files: each two are looked up and compared once.
        self.find = cache(self._find)
        self.compare = cache(self._compare)

    def _compare(self, name: str, *editions: tuple[str, str | None]) -> list[Cause]:
        """Return how the rows of a file differ; each edition is its hash and its git commit."""
        files = [self.find(name, mark, commit) if mark else None for mark, commit in editions]
        return compare_files(name, *files) if all(files) else [Cause("table", name)]

    def _find(self, name: str, mark: str, commit: str | None = None) -> bytes | None:
        """Return what the file `name` with the hash `mark` holds, if it is anywhere."""
        for folder in self.folders:
            as_it_stands = [file.read_bytes() for file in [folder / name] if file.is_file()]
            earlier = (_of_editions(folder, name), _of_commit(folder, name, commit))
            for content in chain(as_it_stands, *earlier):
                if hashlib.sha256(content).hexdigest() == mark:
                    return content
        return None


def _of_editions(folder: Path, name: str) -> Iterator[bytes]:
    """Yield a table of records as each edition of its year has it."""
    path = PurePosixPath(name)
    if len(path.parts) < 3 or path.parent.parent.name != "records":
        return
    originals = folder / path.parent.parent.parent / "originals" / path.parent.name
    for file in sorted(originals.glob("edition-*.zip")):
        with zipfile.ZipFile(file) as archive:
            if path.name in archive.namelist():
                yield archive.read(path.name)


def _of_commit(folder: Path, name: str, commit: str | None) -> Iterator[bytes]:
    if commit:
        command = ["git", "-C", str(folder), "show", f"{commit}:./{name}"]
        try:
            answer = subprocess.run(command, capture_output=True, check=False)
        except OSError:
            return
        if not answer.returncode:
            yield answer.stdout


def find_causes(old: Manifest | None, new: Manifest | None, kept: Kept) -> list[Cause]:
    """Return what two runs of a page were made from that differs.

    Parameters
    ----------
    old, new : Manifest or None
        Of the two; without both nothing can be said.
    kept : Kept
        Where earlier files may still be found.
    """
    if old is None or new is None:
        return []
    causes: list[Cause] = []
    for name in dict.fromkeys([*new.inputs, *old.inputs]):
        marks = [each.inputs.get(name, "") for each in (old, new)]
        if marks[0] != marks[1] and not name.endswith(".ipynb"):
            commits = old.git_commit, new.git_commit
            causes += kept.compare(name, *zip(marks, commits, strict=True))
    for part in ("notebook", "package", "environment", "parameters"):
        if old.key.get(part) != new.key.get(part):
            told = (_said(part, old), _said(part, new))
            causes.append(Cause(part, before=told[0], after=told[1]))
    if not causes and old.key.get("data") != new.key.get("data"):
        causes.append(Cause("records"))
    return of_cluster(causes, new.parameters.get("cluster_id"))


def _said(part: str, manifest: Manifest) -> str:
    if part == "package":
        return f"{manifest.package_version} ({manifest.package_sha256[:12]})"
    if part == "environment":
        return ", ".join(f"{name} {number}" for name, number in manifest.libraries.items())
    return manifest.key.get(part, "")[:12]


def compare_files(name: str, old: bytes | None, new: bytes | None) -> list[Cause]:
    """Return how the rows of a table differ; a file without rows is told as a whole.

    Parameters
    ----------
    name : str
        Place of the table; its contract says which columns name a row.
    old, new : bytes or None
        What the file holds in its two editions; None if there is none.
    """
    tables = [_table(content, name) for content in (old, new)]
    contract = _contract(PurePosixPath(name))
    if contract is None or None in tables:
        return [Cause("table", name)]
    before, after = (_rows(table, contract) for table in tables if table)
    causes = []
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        clusters = {row.get("cluster_id", "") for row in (was, now) if row is not None}
        owner = clusters.pop() if len(clusters) == 1 else ""
        if was is None or now is None:
            kind = "removed" if now is None else "added"
            causes.append(Cause(kind, name, key, cluster_id=owner))
            continue
        for column in dict.fromkeys([*now, *was]):
            cells = was.get(column, ""), now.get(column, "")
            if cells[0] != cells[1]:
                causes.append(Cause("corrected", name, key, column, *cells, owner))
    return causes


def of_cluster(causes: Iterable[Cause], cluster_id: str | None) -> list[Cause]:
    """Return what a page of a cluster can come from, the first `MANY` of each file one by one."""
    by_file: dict[str, list[Cause]] = {}
    for cause in causes:
        if not cluster_id or cause.cluster_id in ("", cluster_id):
            by_file.setdefault(cause.file, []).append(cause)
    found: list[Cause] = []
    for name, own in by_file.items():
        more = len(own) - MANY
        found += [*own[:MANY], *([Cause("more", name, after=str(more))] if more > 0 else [])]
    return found


def _table(content: bytes | None, name: str) -> TextTable | None:
    reader = READERS.get(PurePosixPath(name).suffix)
    if reader is None or not content:
        return None
    try:
        return reader(content, name)
    except ContractError:
        return None


def _contract(path: PurePosixPath) -> Table | None:
    if path.parent.parent.name == "records":
        return RECORDS.get(path.stem)
    own = (table for table in TABLES.values() if table.part != "records")
    return next((table for table in own if PurePosixPath(table.path).name == path.stem), None)


def _rows(table: TextTable, contract: Table) -> dict[str, Mapping[str, str]]:
    """Return rows by what names them, less what names the file; equal ones count up."""
    frame = table.frame
    names = [name for name in contract.key if name in frame]
    names = [name for name in names if frame[name].nunique() > 1] or names or [*frame]
    found: dict[str, Mapping[str, str]] = {}
    for row in frame.to_dict("records"):
        key = ", ".join(str(row[name]) for name in names if row[name] != "")
        number = 1
        while (told := key if number == 1 else f"{key} ({number})") in found:
            number += 1
        found[told] = {str(name): str(cell) for name, cell in row.items()}
    return found


def touching(causes: Sequence[Cause], indicators: Sequence[str]) -> list[int]:
    """Return the places of the causes that can change figures of these indicators.

    Of records those count that the catalogue's declarations read; all others may.

    Examples
    --------
    >>> causes = [Cause("corrected", "data/a/records/2021/projects.csv", "p1", "volume_eur")]
    >>> touching(causes, ["project_volume"]), touching(causes, ["activities"])
    ([0], [])
    """
    read: dict[str, set[str]] = {}
    for name in indicators:
        for table, columns in reads(name).items():
            read.setdefault(table, set()).update(columns)

    def may(cause: Cause) -> bool:
        if not indicators or cause.table not in RECORDS:
            return True
        columns = read.get(cause.table, set())
        return bool(columns) and (not cause.column or cause.column in columns)

    return [place for place, cause in enumerate(causes) if may(cause)]


@cache
def reads(name: str) -> Mapping[str, set[str]]:
    """Return the tables of records that an indicator is made from, and their columns.

    Examples
    --------
    >>> sorted(reads("activities"))
    ['activities', 'assignments']
    """
    entry = indicator(name)
    found: dict[str, set[str]] = {}
    for other in filter(None, (entry.part, entry.base, *entry.sum_of)):
        for table, columns in reads(other).items():
            found.setdefault(table, set()).update(columns)
    how = entry.counted
    if how is None:
        return found
    own = {"project": "projects", "activity": "activities"}[how.item]
    named = {how.sum, how.at_most, "cluster_id"} - {""}
    named |= {each.removeprefix("with ").partition(" = ")[0] for each in how.where}
    for by in map(dimension, entry.dimensions):
        named |= {by.column, *(each.partition(" = ")[0] for each in (by.within, by.beyond))} - {""}
    named |= set(entry.dimensions)
    found.setdefault(own, set()).update(named)
    if how.unit not in ("project", "activity") or any(
        each.startswith("with ") for each in how.where
    ):
        for table in ("actors", "participations"):
            found.setdefault(table, set()).update(named | set(RECORDS[table].key) | HOME)
    if any(dimension(by).assigned for by in entry.dimensions):
        found.setdefault("assignments", set()).update(RECORDS["assignments"].columns)
    return found


HOME = {"state", "home_cluster", "ags"}
"""Columns that tell where an actor is at home; conditions are made from them."""


KINDS = {"figures": "figure", "tables": "table"}
"""Folders of a page, and how the place of what lies there begins: ``figure-2``."""

PLAIN = re.compile(r"-?\d+(?:[.,]\d+)?(?:e-?\d+)?")
"""A number in a CSV file, in which thousands are not grouped."""


@dataclass(frozen=True)
class Item:
    """A figure or a table: its place on the page, its words, its numbers."""

    name: str
    """Folder and slug, which stay when numbers move: ``figures/projects``."""
    anchor: str
    title: str
    sentence: str
    sources: tuple[str, ...]
    indicators: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    picture: str
    """SHA-256 of the drawing; empty of tables."""


@dataclass(frozen=True)
class Shown:
    """A page, or the figures of a cluster in a year: what may be shown of it."""

    title: str
    locale: Locale
    is_confidential: bool
    read: Callable[[], Iterable[Item]]
    manifest: Manifest | None = None

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Return figures, then tables, by their names."""
        return {item.name: item for item in self.read()}


def read_pages(folder: Path) -> dict[str, Shown]:
    """Return all pages below a folder of results by their place there.

    Parameters
    ----------
    folder : Path
        As `ewm run` or `ewm publish` writes it.

    Raises
    ------
    MissingDataError
        If it holds no page.
    """
    places = sorted(path.parent for path in folder.glob(f"*/*/*/*/*/{REPORT}"))
    pages = {place.relative_to(folder).as_posix(): read_page(place) for place in places}
    if not pages:
        raise MissingDataError(f"{folder} holds no page: 'ewm run' makes them.")
    return pages


def read_page(folder: Path) -> Shown:
    """Return the page in a folder, as the files there say."""
    listed = next(folder.glob(f"*/{METADATA}"), None)
    title = json.loads(listed.read_text("utf-8"))["dc:title"] if listed else folder.parent.name
    manifest = read_manifest(folder) if (folder / MANIFEST).is_file() else None
    # Published pages have no manifest just where their records are confidential.
    is_confidential = manifest is None or manifest.is_confidential
    locale: Any = folder.name
    items = chain.from_iterable(_items(folder / kind) for kind in KINDS)
    return Shown(title, locale, is_confidential, lambda: items, manifest)


def read_values(data: Dataset, locale: Locale, *, internal: bool = False) -> dict[str, Shown]:
    """Return the figures of a data set by year and cluster, as far as they may be shown.

    Parameters
    ----------
    data : Dataset
        The data set.
    locale : {"de", "en"}
        Language of titles and labels.
    internal : bool
        For internal use only: confidential figures, too.
    """
    words = Words(data.reference, locale)
    values = compute_indicators(data)
    if not internal:
        values = suppress(values, data).table()
    found = {}
    for (year, cluster_id), own in values.groupby(["year", "cluster_id"], sort=True):
        cluster = words.label("cluster", cluster_id) if cluster_id else data.name
        title = f"{cluster} {year}"
        place = f"{data.name}/{year}/{cluster_id or ALL}"
        read = partial(_of_values, own, words)
        found[place] = Shown(title, locale, data.disclosure != "none", read)
    return found


NAMES = ("region", "scope", "dimension", "category", "base_year", "delimitation", "reference")
"""Columns that tell the values of an indicator apart."""


def _of_values(values: pd.DataFrame, words: Words) -> Iterator[Item]:
    header = (*NAMES, words.text("notebook.column.value"))
    for name, own in values.groupby("indicator", sort=False):
        rows = []
        for row in own.itertuples():
            region = words.label("region", row.region) if row.region else ""
            labels = (region, row.scope, row.dimension)
            category = words.label(row.dimension, row.category) if row.category else ""
            base = "" if pd.isna(row.base_year) else str(row.base_year)
            value = CONFIDENTIAL if row.precision == WITHHELD else float(row.value)
            rows.append((*labels, category, base, row.delimitation, row.reference, value))
        title = words.indicator(name)
        yield Item(f"values/{name}", "", title, "", (), (name,), header, tuple(rows), "")


def _items(folder: Path) -> Iterator[Item]:
    listed = folder / METADATA
    if not listed.is_file():
        return
    head = json.loads(listed.read_text("utf-8"))
    locale = head["@context"][1]["@language"]
    for entry in head["tables"]:
        path = folder / entry["url"]
        number, _, slug = path.stem.partition("-")
        picture = path.with_suffix(".svg")
        heads = [column["titles"] for column in entry["tableSchema"]["columns"]]
        # What each row is from is said by title and sources, too.
        width = len(heads) - (heads[-1:] == [text("report.origin", locale)])
        yield Item(
            name=f"{folder.name}/{slug}",
            anchor=f"{KINDS[folder.name]}-{int(number)}",
            title=entry["dc:title"],
            sentence=entry.get("dc:description", ""),
            sources=tuple(entry.get("dc:source", ())),
            indicators=tuple(each["name"] for each in entry.get("dc:subject", ())),
            header=tuple(heads[:width]),
            rows=tuple(row[:width] for row in _cells_of(path, head["dialect"]["delimiter"])),
            picture=sha256(picture) if picture.is_file() else "",
        )


def _cells_of(path: Path, delimiter: str) -> Iterator[tuple[Cell, ...]]:
    lines = csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=delimiter)
    next(lines)
    for line in lines:
        yield tuple(map(_cell, line))


def _cell(written: str) -> Cell:
    """Return a cell as it was, whatever else stands in its column."""
    if not PLAIN.fullmatch(written):
        return written
    plain = written.replace(",", ".")
    return float(plain) if "." in plain or "e" in plain else int(plain)
