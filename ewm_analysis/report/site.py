"""The site: the page of all reports, made from the manifests found, and links between pages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ewm_analysis.files import hashes, written
from ewm_analysis.l10n import DEFAULT, LOCALES, NBSP, Locale, format_number, text
from ewm_analysis.l10n.numbers import format_eur
from ewm_analysis.l10n.sentences import LANGUAGES, language_name, messages
from ewm_analysis.project import ALL
from ewm_analysis.report.files import software
from ewm_analysis.report.page import REPORT, TEMPLATES, policy, script
from ewm_analysis.report.printing import DOCUMENTS, SUMMARY

INDEX: dict[Locale, str] = {
    locale: "index.html" if locale == DEFAULT else f"index.{locale}.html" for locale in LOCALES
}


SUMS = "SHA256SUMS"
"""Holds the hashes of the pages of all reports and of the long tables."""

OUTSIDE = (*INDEX.values(), SUMS)
"""Files that a batch leaves outside of the folders of reports and data sets."""


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
    def headline(self) -> Mapping[str, Any]:
        """Return the figures that the page of all reports shows, by indicator."""
        return self.page.get("headline", {})  # type: ignore[no-any-return]

    @property
    def is_yearly(self) -> bool:
        """Tell whether it is about one year: others span several."""
        return "year" in self.page["parameters"]

    @property
    def series(self) -> tuple[str, str, str]:
        """Return what the same page of other years and in other languages shares with it."""
        return self.data_set, self.cluster_id, self.notebook

    @property
    def kind(self) -> tuple[str, str, str]:
        """Return what the same page of other clusters shares with it."""
        return self.data_set, self.year, self.notebook


def find_entries(outputs: Path) -> list[Entry]:
    """Return all reports below a folder, in the order of their paths; none that is damaged."""
    found = []
    for manifest in sorted(outputs.glob("*/*/*/*/*/manifest.json")):
        place: Any = manifest.parent.relative_to(outputs).parts
        report = manifest.with_name(REPORT)
        if report.is_file() and place[-1] in LOCALES:
            with suppress(ValueError, KeyError):  # 'ewm verify' tells, and the next run renews it
                record = json.loads(manifest.read_text("utf-8"))
                told: Any = (record["cluster_label"], record["page"], record.get("shows", []))
                found.append(Entry(report, *place, *told))
    return found


@cache
def templates() -> Environment:
    """Return the templates of pages."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES / "ewm"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


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
    links: list[Link] = []

    def lead(path: Path, words: str, locale: Locale = spoken, meaning: str = "") -> None:
        address = Path(os.path.relpath(path, entry.path.parent)).as_posix()
        links.append(Link(address, words, locale, meaning and text(f"report.{meaning}", spoken)))

    lead(outputs / INDEX[spoken], text("report.all_reports", spoken))
    same = [other for other in entries if other.locale == spoken]
    years = [other for other in same if other.series == entry.series]
    before, after = _beside(entry, sorted(years, key=lambda other: other.year))
    for each in before:
        lead(each.path, f"← {each.year}")
    for each in after:
        lead(each.path, f"{each.year} →")
    clusters = [other for other in same if other.kind == entry.kind]
    before, after = _beside(entry, sorted(clusters, key=lambda each: each.cluster_label.casefold()))
    for each in before:
        lead(each.path, f"↑ {each.short}", meaning="previous_cluster")
    for each in after:
        lead(each.path, f"{each.short} ↓", meaning="next_cluster")
    for other in entries:
        if (other.series, other.year) == (entry.series, entry.year) and other.locale != spoken:
            lead(other.path, LANGUAGES[other.locale].name, other.locale)
    for words, suffix in DOCUMENTS.items():
        if entry.path.with_suffix(suffix).is_file():
            lead(entry.path.with_suffix(suffix), words)
    if entry.path.with_name(SUMMARY).is_file():
        lead(entry.path.with_name(SUMMARY), text("report.summary", spoken))
    return links


def _beside(entry: Entry, row: Sequence[Entry]) -> tuple[Sequence[Entry], Sequence[Entry]]:
    here = row.index(entry)
    return row[max(here - 1, 0) : here], row[here + 1 : here + 2]


def with_links(html: str, links: Sequence[Link], locale: Locale) -> str:
    """Return a page with its links, whether it had some before or not."""
    frame: Any = templates().get_template("frame.j2").module
    label = text("report.pages", locale)
    return PAGES.sub(lambda _: frame.pages(links, locale, label), html, count=1)


def without_links(page: bytes) -> bytes:
    """Return a report as it was before it was linked with others."""
    start, end = b"<!-- pages -->", b"<!-- /pages -->"
    head, found, rest = page.partition(start)
    _, closed, tail = rest.partition(end)
    return head + start + end + tail if found and closed else page


HEADLINE, AMOUNT = "projects_new", "project_volume"
"""The figures of a report that stand in its cell: a number, and an amount below it."""


def index_page(entries: Sequence[Entry], outputs: Path, locale: Locale) -> str:
    """Return the page of all reports in a language."""
    entries = sorted(entries, key=lambda entry: entry.year, reverse=True)
    entries = sorted(entries, key=lambda entry: bool(entry.page["is_synthetic"]))
    own_first = partial(sorted, key=lambda entry: entry.locale != locale)
    names = dict.fromkeys(entry.data_set for entry in entries)
    of_sets = [[entry for entry in entries if entry.data_set == name] for name in names]
    code = script("site")
    others = [other for other in LOCALES if other != locale]
    template = templates().get_template("site.html.j2")
    return template.render(
        locale=locale,
        links=[Link(INDEX[other], LANGUAGES[other].name, other) for other in others],
        sections=[(own_first(own)[0].page, [*_matrices(own, locale)]) for own in of_sets],
        own_first=own_first,
        language=lambda entry: language_name(entry.locale, locale),
        search=search_index(entries, outputs, locale),
        script=code,
        policy=policy(code),
        text=lambda key, **values: text(key, locale, **values),
        address=lambda entry: _address(entry, outputs),
        headline=lambda entry: _headline(entry, locale),
        named=_named,
        **software(),
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
    if HEADLINE not in entry.headline:
        return None
    amount = format_eur(entry.headline[AMOUNT], locale) if AMOUNT in entry.headline else ""
    if f"{AMOUNT}_n_all" in entry.headline:
        amount = f"≥{NBSP}{amount}"
    return format_number(entry.headline[HEADLINE], locale), amount


def _matrices(entries: Sequence[Entry], locale: Locale) -> Iterator[Mapping[str, Any]]:
    """Yield a matrix of clusters for each notebook about a year, and one of pages across clusters.

    The first holds the notebooks that span years, too: one row a cluster.
    """
    of_clusters = [entry for entry in entries if entry.cluster_id != ALL]
    yearly = sorted({entry.notebook for entry in of_clusters if entry.is_yearly})
    for notebook in yearly or [""] * bool(of_clusters):
        is_first = [notebook] == yearly[:1] or not yearly
        own = [e for e in of_clusters if e.notebook == notebook or is_first > e.is_yearly]
        # The cluster's name in the language of the page, where a report in it exists.
        spoken_last = sorted(own, key=lambda entry: entry.locale == locale)
        labels = {entry.cluster_id: entry.cluster_label for entry in spoken_last}
        rows = [
            (label, [entry for entry in own if entry.cluster_id == name])
            for name, label in sorted(labels.items(), key=lambda item: item[1].casefold())
        ]
        title = ", ".join(_kind(name, locale) for name in sorted({e.notebook for e in own}))
        yield _matrix(title, text("site.cluster", locale), rows, locale)
    across = [entry for entry in entries if entry.cluster_id == ALL]
    rows = [
        (_kind(name, locale), [entry for entry in across if entry.notebook == name])
        for name in sorted({entry.notebook for entry in across})
    ]
    if rows:
        yield _matrix(text("site.across", locale), text("site.page", locale), rows, locale)


def _matrix(
    title: str, stub: str, rows: Sequence[tuple[str, Sequence[Entry]]], locale: Locale
) -> Mapping[str, Any]:
    """Return rows with their reports by year, others by what they are, for the template."""
    entries = [entry for _, own in rows for entry in own]
    heads = {_head(entry, locale) for entry in entries}
    years = sorted(filter(str.isdigit, heads), reverse=True)  # the newest first
    columns = [*years, *sorted(heads - {*years})]
    return {
        "title": title,
        "stub": stub,
        "columns": columns,
        "has_numbers": any(HEADLINE in entry.headline for entry in entries),
        "rows": [
            (label, [[entry for entry in own if _head(entry, locale) == head] for head in columns])
            for label, own in rows
        ],
    }


def _named(entry: Entry, head: str) -> str:
    """Return what a link says where there is no number: what the title adds to the column."""
    if entry.is_yearly:
        return entry.year
    title = str(entry.page["title"]).partition(":")[0]
    return title.removeprefix(head).strip() or title


def _head(entry: Entry, locale: Locale) -> str:
    """Return the column of a report: its year, or what it is where it spans several."""
    if entry.cluster_id != ALL:
        return entry.year if entry.is_yearly else _kind(entry.notebook, locale)
    return text("site.all_years", locale) if entry.year == ALL else entry.year


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
    entries = write_index(outputs)
    for entry in entries:
        with suppress(UnicodeDecodeError):  # as above
            html = entry.path.read_text("utf-8")
            linked = with_links(html, links_of(entry, entries, outputs), entry.locale)
            if linked != html:
                _replace(entry.path, linked)
    return outputs / INDEX[DEFAULT]


def write_index(outputs: Path) -> list[Entry]:
    """Write a page of all reports for each language; return the reports."""
    outputs.mkdir(parents=True, exist_ok=True)
    entries = find_entries(outputs)
    for locale, name in INDEX.items():
        _replace(outputs / name, index_page(entries, outputs, locale))
    note_sums(outputs, *(outputs / name for name in INDEX.values()))
    return entries


def note_sums(outputs: Path, *written_now: Path) -> None:
    """Note in ``SHA256SUMS`` what files outside of reports hold; ``sha256sum --check`` reads it."""
    noted = noted_sums(outputs) | hashes(written_now, outputs)
    noted = {name: mark for name, mark in noted.items() if (outputs / name).is_file()}
    lines = [f"{mark}  {name}\n" for name, mark in sorted(noted.items())]
    _replace(outputs / SUMS, "".join(lines))


def noted_sums(outputs: Path) -> dict[str, str]:
    """Return the SHA-256 that were noted, by the path of the file; empty if there are none."""
    try:
        lines = (outputs / SUMS).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    return {name: mark for mark, _, name in (line.partition("  ") for line in lines)}


def _replace(path: Path, content: str) -> None:
    with written(path) as beside:
        beside.write_text(content, "utf-8", newline="")
