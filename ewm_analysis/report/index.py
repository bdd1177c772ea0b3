"""The page of all reports: matrices of clusters and years, headline figures, search."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ewm_analysis.hashes import package_sha256
from ewm_analysis.l10n import (
    LANGUAGES,
    LOCALES,
    Locale,
    format_count,
    format_eur,
    language_name,
    text,
)
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.project import ALL
from ewm_analysis.report.entries import INDEX, Entry
from ewm_analysis.report.links import Link, navigation
from ewm_analysis.report.scripts import TEMPLATES, policy, script
from ewm_analysis.report.sparkline import sparkline

HEADLINE, AMOUNT = "projects_new", "project_volume"
"""The figures of a report that stand in its cell: a number, and an amount below it."""


@dataclass(frozen=True)
class Row:
    """One row of a matrix: a cluster, or a notebook across clusters; cells by year."""

    label: str
    cells: tuple[tuple[Entry, ...], ...]
    sparkline: str = ""


@dataclass(frozen=True)
class Matrix:
    """All reports of one notebook, or all pages across clusters: rows × years."""

    title: str
    stub: str
    years: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def has_numbers(self) -> bool:
        """Tell whether any cell shows a headline figure."""
        entries = [entry for row in self.rows for cell in row.cells for entry in cell]
        return any(HEADLINE in entry.page.get("headline", {}) for entry in entries)

    @property
    def has_sparklines(self) -> bool:
        """Tell whether any row shows how its headline figure moved."""
        return any(row.sparkline for row in self.rows)


def index_page(entries: Sequence[Entry], outputs: Path, locale: Locale) -> str:
    """Return the page of all reports in a language."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "ewm"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    others = [other for other in LOCALES if other != locale]
    sections = [
        (_page(own, locale), _matrices(own, locale))
        for name in dict.fromkeys(entry.data_set for entry in entries)
        if (own := [entry for entry in entries if entry.data_set == name])
    ]
    code = script("site")
    return environment.get_template("site.html.j2").render(
        locale=locale,
        links=navigation(
            [Link(INDEX[other], LANGUAGES[other].name, other) for other in others], locale
        ),
        sections=sections,
        own_first=lambda cell: sorted(cell, key=lambda entry: entry.locale != locale),
        language=lambda entry: language_name(entry.locale, locale),
        search=search_index(entries, outputs, locale),
        script=code,
        policy=policy(code),
        text=lambda key, **values: text(key, locale, **values),
        address=lambda entry: _address(entry, outputs),
        headline=lambda entry: _headline(entry, locale),
        version=version("ewm_analysis"),
        package=package_sha256()[:12],
    )


def search_index(entries: Sequence[Entry], outputs: Path, locale: Locale) -> str:
    """Return titles, figures and tables of all pages in a language as JSON for the search.

    Captions that many pages share stand there once. What could end the element that holds the
    JSON is escaped.
    """
    captions: dict[str, int] = {}
    pages = [
        {
            "title": entry.page["title"],
            "set": entry.page["data_set_title"],
            "address": _address(entry, outputs),
            "shows": [
                (anchor, captions.setdefault(caption.partition(": ")[2] or caption, len(captions)))
                for anchor, caption in entry.shows
            ],
        }
        for entry in entries
        if entry.locale == locale
    ]
    found = json.dumps({"captions": [*captions], "pages": pages}, ensure_ascii=False)
    return found.replace("<", "\\u003c")


def _address(entry: Entry, outputs: Path) -> str:
    return entry.path.relative_to(outputs).as_posix()


def _headline(entry: Entry, locale: Locale) -> tuple[str, str] | None:
    """Return number and amount of a report, as text; None where its number is not known."""
    found: Mapping[str, Any] = entry.page.get("headline", {})
    if HEADLINE not in found:
        return None
    amount = format_eur(found[AMOUNT], locale) if AMOUNT in found else ""
    return format_count(found[HEADLINE], locale), amount


def _page(entries: Sequence[Entry], locale: Locale) -> Mapping[str, Any]:
    """A page that names the data set, in the language asked for where there is one."""
    spoken = [entry.page for entry in entries if entry.locale == locale]
    return (spoken or [entries[0].page])[0]


def _matrices(entries: Sequence[Entry], locale: Locale) -> list[Matrix]:
    """One matrix a notebook that takes a cluster, and one of all pages across clusters."""
    years = sorted({entry.year for entry in entries})
    matrices = []
    of_clusters = [entry for entry in entries if entry.cluster_id != ALL]
    for notebook in dict.fromkeys(sorted(entry.notebook for entry in of_clusters)):
        own = [entry for entry in of_clusters if entry.notebook == notebook]
        labels = {entry.cluster_id: _label(entry, own, locale) for entry in own}
        rows = []
        for name, label in sorted(labels.items(), key=lambda item: item[1].casefold()):
            cells = _cells(own, years, "cluster_id", name)
            rows.append(Row(label, cells, _course(label, cells, locale)))
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
    kept = [Row(row.label, tuple(row.cells[i] for i in used), row.sparkline) for row in rows]
    return Matrix(title, stub, tuple(heads), tuple(kept))


def _cells(
    entries: Sequence[Entry], years: Sequence[str], attribute: str, value: str
) -> tuple[tuple[Entry, ...], ...]:
    own = [entry for entry in entries if getattr(entry, attribute) == value]
    return tuple(tuple(entry for entry in own if entry.year == year) for year in years)


def _course(label: str, cells: Sequence[Sequence[Entry]], locale: Locale) -> str:
    """Return how the headline figure of a cluster moved, as a small picture with its sentence."""
    known = {
        int(cell[0].year): cell[0].page["headline"][HEADLINE]
        for cell in cells
        if cell and HEADLINE in cell[0].page.get("headline", {})
    }
    if len(known) < 3:
        return ""
    years = text("site.span", locale, first=min(known), last=max(known))
    numbers = ", ".join(format_count(known[year], locale) for year in sorted(known))
    sentence = text("site.course", locale, cluster=label, years=years, numbers=numbers)
    return sparkline(known, sentence)


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
