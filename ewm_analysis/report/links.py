"""The links between pages: all reports, the years and clusters beside, other languages."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ewm_analysis.l10n import LANGUAGES, Locale, text
from ewm_analysis.report.entries import INDEX, Entry
from ewm_analysis.report.pdf import PDF

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
