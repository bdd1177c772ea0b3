"""The site: the page of all reports, made from the manifests found, and links between pages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ewm_analysis.files import written
from ewm_analysis.hashes import package_sha256
from ewm_analysis.l10n import DEFAULT, LOCALES, Locale, format_number, text
from ewm_analysis.l10n.languages import LANGUAGES, language_name
from ewm_analysis.l10n.numbers import format_eur
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.project import ALL
from ewm_analysis.report.page import REPORT, TEMPLATES, policy, script
from ewm_analysis.report.pdf import PDF

INDEX: dict[Locale, str] = {
    locale: "index.html" if locale == DEFAULT else f"index.{locale}.html" for locale in LOCALES
}


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
    page: Mapping[str, Any]
    shows: Sequence[tuple[str, str]]

    @property
    def short(self) -> str:
        """Return the short name of the cluster."""
        return str(self.page.get("short") or self.cluster_label)

    @property
    def series(self) -> tuple[str, str, str]:
        """Return what the same page of other years and in other languages shares with it."""
        return self.data_set, self.cluster_id, self.notebook


def find_entries(outputs: Path) -> list[Entry]:
    """Return all reports below a folder, in the order of their paths."""
    found = []
    for manifest in sorted(outputs.glob("*/*/*/*/*/manifest.json")):
        data_set, year, cluster_id, notebook, locale = manifest.parent.relative_to(outputs).parts
        report = manifest.with_name(REPORT)
        if report.is_file() and locale in LOCALES:
            record = json.loads(manifest.read_text("utf-8"))
            label, page, shows = record["cluster_label"], record["page"], record.get("shows", [])
            entry = Entry(
                report, data_set, year, cluster_id, notebook, locale, label, page,
                [(anchor, caption) for anchor, caption in shows],
            )  # fmt: skip
            found.append(entry)
    return found


PAGES = re.compile(r"<!-- pages -->.*?<!-- /pages -->", re.DOTALL)


@dataclass(frozen=True)
class Link:
    """Where a link leads, its words, the language there, and what only screen readers say first."""

    address: str
    words: str
    locale: Locale
    meaning: str = ""


def links_of(entry: Entry, entries: Sequence[Entry], outputs: Path) -> list[Link]:
    """Return the links from a report to those beside it."""
    spoken = entry.locale

    def to(path: Path) -> str:
        return Path(os.path.relpath(path, entry.path.parent)).as_posix()

    links = [Link(to(outputs / INDEX[spoken]), text("report.all_reports", spoken), spoken)]
    same = [other for other in entries if other.locale == spoken]
    years = [other for other in same if other.series == entry.series]
    clusters = [
        other
        for other in same
        if (other.data_set, other.year, other.notebook)
        == (entry.data_set, entry.year, entry.notebook)
    ]
    before, after = _beside(entry, sorted(years, key=lambda other: other.year))
    links += [Link(to(each.path), f"← {each.year}", spoken) for each in before]
    links += [Link(to(each.path), f"{each.year} →", spoken) for each in after]
    before, after = _beside(
        entry, sorted(clusters, key=lambda other: other.cluster_label.casefold())
    )
    for words, meaning, found in (("↑ {}", "previous", before), ("{} ↓", "next", after)):
        for each in found:
            said = text(f"report.{meaning}_cluster", spoken)
            links.append(Link(to(each.path), words.format(each.short), spoken, said))
    for other in entries:
        if other.series == entry.series and other.year == entry.year and other.locale != spoken:
            links.append(Link(to(other.path), LANGUAGES[other.locale].name, other.locale))
    if entry.path.with_name(PDF).is_file():
        links.append(Link(PDF, "PDF", spoken))
    return links


def _beside(entry: Entry, row: Sequence[Entry]) -> tuple[Sequence[Entry], Sequence[Entry]]:
    here = row.index(entry)
    return row[max(here - 1, 0) : here], row[here + 1 : here + 2]


def navigation(links: Sequence[Link], locale: Locale) -> str:
    """Return links as the navigation at the head of a page."""
    items = "".join(
        f'<li><a href="{escape(link.address)}"'
        + (f' hreflang="{link.locale}" lang="{link.locale}"' if link.locale != locale else "")
        + f">{_hidden(link.meaning)}{escape(link.words)}</a></li>"
        for link in links
    )
    return f'<nav aria-label="{text("report.pages", locale)}"><ul>{items}</ul></nav>'


def _hidden(words: str) -> str:
    return f'<span class="visually-hidden">{escape(words)} </span>' if words else ""


def with_links(html: str, links: Sequence[Link], locale: Locale) -> str:
    """Return a page with its links, whether it had some before or not."""
    found = f"<!-- pages -->{navigation(links, locale)}<!-- /pages -->"
    return PAGES.sub(lambda _: found, html, count=1)


def without_links(page: bytes) -> bytes:
    """Return a report as it was before it was linked with others."""
    start, end = b"<!-- pages -->", b"<!-- /pages -->"
    head, found, rest = page.partition(start)
    _, closed, tail = rest.partition(end)
    return head + start + end + tail if found and closed else page


WIDTH, HEIGHT, MARGIN = 84, 24, 3


def sparkline(values: Mapping[int, float], sentence: str) -> str:
    """Return an ``<svg>`` with a line from zero upward; a year without a value breaks it.

    Parameters
    ----------
    values : mapping of int to float
        The known values by year, none of them negative.
    sentence : str
        What the line says, for those who cannot see it.

    Examples
    --------
    >>> sparkline({2019: 0, 2020: 4, 2021: 2}, "0, 4, 2").count("<circle")
    1
    """
    years = range(min(values), max(values) + 1)
    top, steps = max(values.values()) or 1, max(len(years) - 1, 1)
    at = {
        year: (
            MARGIN + (year - years[0]) * (WIDTH - 2 * MARGIN) / steps,
            HEIGHT - MARGIN - value * (HEIGHT - 2 * MARGIN) / top,
        )
        for year, value in values.items()
    }
    path = ""
    for year in years:
        if year in at:
            pen = "L" if year - 1 in at else "M"
            path += f"{pen}{at[year][0]:.1f} {at[year][1]:.1f}"
    x, y = at[max(at)]
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(sentence)}"><path d="{path}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/></svg>'
    )


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
    return format_number(found[HEADLINE], locale), amount


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
    numbers = ", ".join(format_number(known[year], locale) for year in sorted(known))
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


def build_site(outputs: Path) -> Path:
    """Write a page of all reports for each language, and link the reports with each other.

    Parameters
    ----------
    outputs : Path
        Folder of all results. Runs that never succeeded have no manifest and are not shown.

    Returns
    -------
    Path
        That of the first language, ``index.html``.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    entries = find_entries(outputs)
    for locale, name in INDEX.items():
        _replace(outputs / name, index_page(entries, outputs, locale))
    for entry in entries:
        html = entry.path.read_text("utf-8")
        linked = with_links(html, links_of(entry, entries, outputs), entry.locale)
        if linked != html:
            _replace(entry.path, linked)
    return outputs / INDEX[DEFAULT]


def _replace(path: Path, content: str) -> None:
    with written(path) as beside:
        beside.write_text(content, "utf-8", newline="")
