"""The page of all reports, made from the manifests found, and the links between pages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ewm_analysis.l10n import LOCALES, Locale, text
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.report.page import REPORT, TEMPLATES

INDEX: dict[Locale, str] = {"de": "index.html", "en": "index.en.html"}
ALL = "_all"
PAGES = re.compile(r"<!-- pages -->.*?<!-- /pages -->", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """One report, from its manifest and its place."""

    path: Path
    data_set: str
    year: str
    cluster_id: str
    notebook: str
    locale: Locale
    cluster_label: str
    page: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One row of a matrix: a cluster, or a notebook across clusters; cells by year."""

    label: str
    cells: tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True)
class Matrix:
    """All reports of one notebook, or all pages across clusters: rows × years."""

    title: str
    stub: str
    years: tuple[str, ...]
    rows: tuple[Row, ...]


def build_site(outputs: Path) -> Path:
    """Write ``index.html`` and ``index.en.html``, and link the reports with each other.

    Parameters
    ----------
    outputs : Path
        Folder of all results. Runs that never succeeded have no manifest and are not shown.

    Returns
    -------
    Path
        The German page.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    entries = find_entries(outputs)
    for locale, name in INDEX.items():
        _replace(outputs / name, _index(entries, outputs, locale))
    for entry in entries:
        html = entry.path.read_text("utf-8")
        linked = _with_links(html, _neighbours(entry, entries, outputs), entry.locale)
        if linked != html:
            _replace(entry.path, linked)
    return outputs / INDEX["de"]


def without_links(page: bytes) -> bytes:
    """Return a report as it was before `build_site` linked it with others."""
    start, end = b"<!-- pages -->", b"<!-- /pages -->"
    head, found, rest = page.partition(start)
    _, closed, tail = rest.partition(end)
    return head + start + end + tail if found and closed else page


def _replace(path: Path, content: str) -> None:
    """Write beside, then move: a full disk leaves the old page."""
    beside = path.with_name(f".{path.name}")
    try:
        beside.write_text(content, "utf-8", newline="")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def find_entries(outputs: Path) -> list[Entry]:
    """Return all reports below a folder, in the order of their paths."""
    found = []
    for manifest in sorted(outputs.glob("*/*/*/*/*/manifest.json")):
        data_set, year, cluster_id, notebook, locale = manifest.parent.relative_to(outputs).parts
        report = manifest.with_name(REPORT)
        if report.is_file() and locale in LOCALES:
            record = json.loads(manifest.read_text("utf-8"))
            label, page = record["cluster_label"], record["page"]
            spoken: Locale = "en" if locale == "en" else "de"
            found.append(Entry(report, data_set, year, cluster_id, notebook, spoken, label, page))
    return found


def _index(entries: Sequence[Entry], outputs: Path, locale: Locale) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "ewm"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    other: Locale = "en" if locale == "de" else "de"
    sections = [
        (_page(own, locale), _matrices(own, locale))
        for name in dict.fromkeys(entry.data_set for entry in entries)
        if (own := [entry for entry in entries if entry.data_set == name])
    ]
    return environment.get_template("site.html.j2").render(
        locale=locale,
        links=_links([(INDEX[other], text("report.other_language", locale), other)], locale),
        sections=sections,
        text=lambda key, **values: text(key, locale, **values),
        address=lambda entry: entry.path.relative_to(outputs).as_posix(),
        version=version("ewm_analysis"),
    )


def _page(entries: Sequence[Entry], locale: Locale) -> dict[str, Any]:
    """A page that names the data set, in the language asked for where there is one."""
    spoken = [entry.page for entry in entries if entry.locale == locale]
    return (spoken or [entries[0].page])[0]


def _matrices(entries: Sequence[Entry], locale: Locale) -> list[Matrix]:
    """One matrix a notebook that takes a cluster, and one of all pages across clusters."""
    years = sorted({entry.year for entry in entries}, reverse=True)
    matrices = []
    of_clusters = [entry for entry in entries if entry.cluster_id != ALL]
    for notebook in dict.fromkeys(sorted(entry.notebook for entry in of_clusters)):
        own = [entry for entry in of_clusters if entry.notebook == notebook]
        labels = {entry.cluster_id: _label(entry, own, locale) for entry in own}
        rows = [
            Row(label, _cells(own, years, "cluster_id", name))
            for name, label in sorted(labels.items(), key=lambda item: item[1].casefold())
        ]
        stub = text("site.cluster", locale)
        matrices.append(_matrix(_kind(notebook, locale), stub, years, rows, locale))
    across = [entry for entry in entries if entry.cluster_id == ALL]
    names = dict.fromkeys(sorted(entry.notebook for entry in across))
    rows = [Row(_kind(name, locale), _cells(across, years, "notebook", name)) for name in names]
    if rows:
        title, stub = text("site.across", locale), text("site.page", locale)
        matrices.append(_matrix(title, stub, years, rows, locale))
    return matrices


def _matrix(
    title: str, stub: str, years: Sequence[str], rows: Sequence[Row], locale: Locale
) -> Matrix:
    """A matrix without the years in which it has nothing."""
    used = [index for index in range(len(years)) if any(row.cells[index] for row in rows)]
    heads = [text("site.all_years", locale) if years[i] == ALL else years[i] for i in used]
    kept = [Row(row.label, tuple(row.cells[index] for index in used)) for row in rows]
    return Matrix(title, stub, tuple(heads), tuple(kept))


def _cells(
    entries: Sequence[Entry], years: Sequence[str], attribute: str, value: str
) -> tuple[tuple[Entry, ...], ...]:
    own = [entry for entry in entries if getattr(entry, attribute) == value]
    return tuple(tuple(entry for entry in own if entry.year == year) for year in years)


def _label(entry: Entry, entries: Sequence[Entry], locale: Locale) -> str:
    """The cluster's name in the language of the page, where a report in it exists."""
    names = {
        other.locale: other.cluster_label
        for other in entries
        if other.cluster_id == entry.cluster_id
    }
    return names.get(locale, entry.cluster_label)


def _kind(notebook: str, locale: Locale) -> str:
    """What a notebook makes; one that is not ours goes by its name."""
    key = f"site.notebook.{notebook}"
    return text(key, locale) if key in messages() else notebook[3:].replace("_", " ").capitalize()


def _neighbours(
    entry: Entry, entries: Sequence[Entry], outputs: Path
) -> list[tuple[str, str, Locale]]:
    """Address, words and language of the pages next to a report."""

    def to(path: Path) -> str:
        return Path(os.path.relpath(path, entry.path.parent)).as_posix()

    kin = [
        other
        for other in entries
        if (other.data_set, other.cluster_id, other.notebook)
        == (entry.data_set, entry.cluster_id, entry.notebook)
    ]
    links = [
        (to(outputs / INDEX[entry.locale]), text("report.all_reports", entry.locale), entry.locale)
    ]
    same = sorted((other for other in kin if other.locale == entry.locale), key=lambda x: x.year)
    here = same.index(entry)
    links += [(to(other.path), f"← {other.year}", entry.locale) for other in same[:here][-1:]]
    links += [(to(other.path), f"{other.year} →", entry.locale) for other in same[here + 1 :][:1]]
    links += [
        (to(other.path), text("report.other_language", entry.locale), other.locale)
        for other in kin
        if other.year == entry.year and other.locale != entry.locale
    ]
    return links


def _links(links: Sequence[tuple[str, str, Locale]], locale: Locale) -> str:
    items = "".join(
        f'<li><a href="{escape(address)}"'
        + (f' hreflang="{spoken}" lang="{spoken}"' if spoken != locale else "")
        + f">{escape(words)}</a></li>"
        for address, words, spoken in links
    )
    return f'<nav aria-label="{text("report.pages", locale)}"><ul>{items}</ul></nav>'


def _with_links(html: str, links: Sequence[tuple[str, str, Locale]], locale: Locale) -> str:
    """The page with its links, whether it had some before or not."""
    nav = f"<!-- pages -->{_links(links, locale)}<!-- /pages -->"
    return PAGES.sub(lambda _: nav, html, count=1)
