"""What pages show, read from the files beside them: titles, sentences and the numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.batch.folders import MANIFEST
from ewm_analysis.batch.outputs import Manifest, read_manifest
from ewm_analysis.catalogue import Words
from ewm_analysis.contracts import WITHHELD
from ewm_analysis.disclosure import suppress
from ewm_analysis.errors import MissingDataError
from ewm_analysis.hashes import sha256
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.l10n import Locale, text
from ewm_analysis.loaders import Dataset
from ewm_analysis.project import ALL
from ewm_analysis.report.bundles import Cell
from ewm_analysis.report.files import METADATA
from ewm_analysis.report.page import REPORT
from ewm_analysis.tables.table import CONFIDENTIAL

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
    read = partial(_of_folders, [folder / kind for kind in KINDS])
    locale: Any = folder.name
    return Shown(title, locale, is_confidential, read, manifest)


def _of_folders(folders: Iterable[Path]) -> Iterator[Item]:
    return chain.from_iterable(map(_items, folders))


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
    values = suppress(compute_indicators(data), data, internal=internal).table()
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
            rows=tuple(row[:width] for row in _rows(path, head["dialect"]["delimiter"])),
            picture=sha256(picture) if picture.is_file() else "",
        )


def _rows(path: Path, delimiter: str) -> Iterator[tuple[Cell, ...]]:
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
