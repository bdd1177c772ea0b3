"""The way of a printed number: what was counted, by which rule, from what, with which version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ewm_analysis.batch.outputs import Manifest, read_manifest
from ewm_analysis.catalogue import indicator
from ewm_analysis.editions.causes import reads
from ewm_analysis.editions.shown import Item, Shown, read_page
from ewm_analysis.editions.telling import said
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.hashes import sha256
from ewm_analysis.indicators import members, things_of
from ewm_analysis.indicators.declared import counting, is_whole
from ewm_analysis.indicators.things import ITEMS
from ewm_analysis.l10n import Locale, format_number, in_language, text
from ewm_analysis.l10n.numbers import format_date
from ewm_analysis.loaders import Dataset, open_dataset
from ewm_analysis.tables.table import CONFIDENTIAL

MANY = 60
"""Ids of one indicator that are named."""


def why(page: Path, figure: str, root: Path, *, internal: bool = False) -> str:
    """Return the way of the numbers of a figure or table, as lines of text.

    Parameters
    ----------
    page : Path
        Folder of a page, as `ewm run` leaves it; ``report.html`` in it names it, too.
    figure : str
        Its place on the page, its slug, or its caption as it begins: ``figure-2``, ``projects``,
        ``Abb. 2``.
    root : Path
        Folder of the project; the manifest names files below it.
    internal : bool
        For internal use only: names ids of confidential records, too.

    Raises
    ------
    MissingDataError
        If there is no page with a manifest.
    ParameterError
        If the page has no such figure.
    """
    folder = page.parent if page.suffix == ".html" else page
    manifest, shown = read_manifest(folder), read_page(folder)
    item = _item(shown, figure)
    files = {name: (root / name, mark) for name, mark in manifest.inputs.items()}
    changed = [name for name, (path, mark) in files.items() if not _is_as_then(path, mark)]
    lines = [item.title, *filter(None, [item.sentence]), ""]
    lines += [text("why.numbers", shown.locale), *_numbers(item, shown.locale), ""]
    lines += [text("why.counted", shown.locale)]
    data = None if changed else _data(root, manifest)
    for name in item.indicators:
        lines += _counted(name, manifest, data, shown.locale, internal=internal)
    lines += ["", text("why.read", shown.locale), *_read(item, manifest, changed, shown.locale)]
    if data is not None:
        lines += _corrections(item, data, shown.locale, internal=internal)
    lines += ["", text("why.made", shown.locale), *_made(manifest, shown.locale)]
    return "\n".join(lines)


def _item(shown: Shown, figure: str) -> Item:
    for item in shown.items.values():
        caption = item.title.partition(":")[0]
        if figure in (item.anchor, item.name, item.name.partition("/")[2], caption, item.title):
            return item
    known = [item.anchor for item in shown.items.values()]
    raise ParameterError("figure", figure, known)


def _is_as_then(path: Path, mark: str) -> bool:
    return path.is_file() and sha256(path) == mark


def _data(root: Path, manifest: Manifest) -> Dataset | None:
    folder = root / str(manifest.parameters["data_dir"])
    try:
        return open_dataset(folder)
    except MissingDataError:
        return None


def _numbers(item: Item, locale: Locale) -> Iterator[str]:
    yield "  " + " | ".join(item.header)
    for row in item.rows:
        yield "  " + " | ".join(said(cell, locale) if cell != "" else "" for cell in row)
    if any(CONFIDENTIAL in row for row in item.rows):
        yield "  " + text("tables.note.withheld", locale)
    yield from (f"  {source}" for source in item.sources)


def _counted(
    name: str, manifest: Manifest, data: Dataset | None, locale: Locale, *, internal: bool
) -> Iterator[str]:
    """Tell the definition of an indicator, its rule, and which records it counts on this page."""
    entry = indicator(name)
    yield f"  {in_language(entry.label, locale)} ({name}): {in_language(entry.definition, locale)}"
    if entry.counted is None:
        return
    conditions = ", ".join(entry.counted.where) or text("why.all", locale)
    summed = f"; sum {entry.counted.sum}" if entry.counted.sum else ""
    yield f"    {entry.counted.each}: {conditions}{summed}"
    year, cluster_id = (manifest.parameters.get(each) for each in ("year", "cluster_id"))
    if data is None or not (year and cluster_id) or not is_whole(name):
        return
    if data.disclosure != "none" and not internal:
        yield f"    {text('why.confidential', locale)}"
        return
    ids = _ids(name, data, int(year), str(cluster_id))
    more = f" … (+{len(ids) - MANY})" if len(ids) > MANY else ""
    count = format_number(len(ids), locale)
    yield f"    {text('why.members', locale, year=year, count=count)} {', '.join(ids[:MANY])}{more}"


def _ids(name: str, data: Dataset, year: int, cluster_id: str) -> list[str]:
    """Return the ids of what an indicator counts in a year and cluster."""
    things = things_of(data.records, data.reference, data.least_funding_rate)
    how = counting(name)
    key = ITEMS[how.unit][1] if how.unit in ITEMS else "actor_id"
    owners = things.items[how.item] if how.unit in ITEMS else things.actors
    rows = members(things, name)
    cells = things.cells.iloc[rows["cell"]]
    own = rows[((cells["year"] == year) & (cells["cluster_id"] == cluster_id)).to_numpy()]
    found = owners[key].iloc[own["unit"]]
    if "amount" in own:
        found = found[pd.notna(own["amount"]).to_numpy()]
    return sorted(found.astype(str))


def _read(item: Item, manifest: Manifest, changed: list[str], locale: Locale) -> Iterator[str]:
    tables = {table for name in item.indicators for table in reads(name)}
    for name, mark in manifest.inputs.items():
        path = Path(name)
        if "records" in path.parts and path.stem not in tables:
            continue
        if path.suffix not in (".ipynb", ".geojson", ".md"):
            state = "why.changed" if name in changed else "why.as_then"
            yield f"  {name}  {mark[:12]}  {text(state, locale)}"
    if manifest.is_confidential:
        yield f"  {text('why.no_hashes', locale)}"


def _corrections(item: Item, data: Dataset, locale: Locale, *, internal: bool) -> Iterator[str]:
    """Tell the corrections of tables that the figure is made from."""
    tables = {table for name in item.indicators for table in reads(name)}
    listed = data.corrections
    own = listed[[Path(file).stem in tables for file in listed["file"]]]
    if own.empty:
        return
    yield ""
    yield text("why.corrections", locale)
    is_open = internal or data.disclosure == "none"
    for row in own.to_dict("records") if is_open else []:
        yield "  " + ", ".join(str(cell) for cell in row.values() if str(cell) not in ("", "<NA>"))
    if not is_open:
        yield "  " + format_number(len(own), locale)


def _made(manifest: Manifest, locale: Locale) -> Iterator[str]:
    day = format_date(manifest.started[:10], locale)
    version = f"{manifest.package_version} ({manifest.package_sha256[:12]})"
    yield f"  {text('why.by', locale, version=version, date=day)}"
    yield f"  {manifest.notebook}.ipynb  {manifest.notebook_sha256[:12]}"
    if manifest.git_commit:
        yield f"  git {manifest.git_commit[:12]}"
