"""The top of a page: key messages that its figures carry, and key figures as tiles."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
from IPython.display import display

from ewm_analysis import figures, tables
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.messages import Message, in_order
from ewm_analysis.notebook.marks import doubted
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.notebook.showing import doubt, need_page_year, rows_and_missing, told, unbroken
from ewm_analysis.tables import DOUBTED
from ewm_analysis.tables.annual_report import KEY_FIGURES
from ewm_analysis.tables.table import by_key, say

WIDTH, HEIGHT = 84, 24
FEWEST = 3
"""Years that a course needs to be drawn."""


def show_messages(page: Page) -> None:
    """Show the key messages of a page, each with a link to the figure or table that carries it.

    They are the clauses ``message`` of the entries in the file that has the page's name, or that
    name the page; rule and order stand in `figures.messages`. Nothing is shown where nothing can
    be said.

    Parameters
    ----------
    page : Page
        The page opened by `start`.
    """
    found = in_order(_found(page))
    if not found:
        return
    is_quiet = any(each.news is not None for each in found) and not any(e.news for e in found)
    lead = page.words.text("notebook.messages.quiet") if is_quiet else ""
    items = [_item(page, each) for each in found]
    is_doubted = any(DOUBTED in item for item in items)
    note = page.words.text("notebook.messages.doubted") if is_doubted else ""
    html = "".join(
        (
            f'<p class="ewm-quiet">{escape(lead)}</p>\n' if lead else "",
            f'<ul class="ewm-messages">\n{"".join(items)}</ul>\n',
            f'<p class="ewm-source">{escape(note)}</p>\n' if note else "",
        )
    )
    plain = "\n".join([*filter(None, [lead]), *(each.text for each in found)])
    display({"text/html": html, "text/plain": plain}, raw=True)


def _found(page: Page) -> list[Message]:
    """Return a message a figure or table; a sentence of its own goes before that of the figure."""
    by_place: dict[str, Message] = {}
    for name, entry in figures.entries().items():
        is_of_page = entry.place.startswith(f"{page.kind}.toml") or page.kind in entry.pages
        if is_of_page and "message" in entry.clauses:
            try:
                rows, _ = rows_and_missing(page, entry)
                if not entry.basis and "scope" in rows:
                    need_page_year(page, rows)
                message = told(page, name).message
            except MissingDataError:
                continue
            if message.text:
                by_place[entry.to or name] = message
    return [*by_place.values()]


def _item(page: Page, message: Message) -> str:
    """Return a message as a line of the list; the export puts the number in the link."""
    entry = figures.entry(message.name)
    place = entry.to or entry.name
    kind = "table" if place in tables.entries() else "figure"
    slug = place.removesuffix("_table").replace("_", "-")
    mark = doubt(page, entry.name, rows_and_missing(page, entry)[0])
    label = page.words.text(f"notebook.label.{kind}", number="").strip()
    link = f'<a class="ewm-to" href="#{kind}:{slug}">{escape(label)}</a>'
    return f"<li>{escape(unbroken(message.text))}{mark} {link}</li>\n"


def show_tiles(page: Page) -> None:
    """Show the key figures of the page's year as tiles; the table below them has all of them.

    Parameters
    ----------
    page : Page
        The page opened by `start`, with cluster and year.
    """
    rows, _ = doubted(page, part_of_page(page, "key_figures"))
    found, year = by_key(rows, page.words), page.parameters.year or 0
    tiles = [
        _tile(page, found[name, year, "", ""], found.get((name, year - 1, "", "")))
        for name in KEY_FIGURES
        if (name, year, "", "") in found and pd.notna(found[name, year, "", ""].value)
    ]
    if tiles:
        html = f'<ul class="ewm-tiles">\n{"".join(html for html, _ in tiles)}</ul>'
        plain = "\n".join(plain for _, plain in tiles)
        display({"text/html": html, "text/plain": plain}, raw=True)


def _tile(page: Page, now: Any, before: Any) -> tuple[str, str]:
    words = page.words
    value, _, items = say(now, words).partition(" (")
    name, items = words.indicator(now.indicator), items.removesuffix(")")
    is_known = before is not None and pd.notna(before.value)
    earlier = f"{before.year}: {say(before, words)}" if is_known else ""
    told = words.text(f"notebook.verdict.{now.verdict}") if now.verdict else ""
    lines = [("strong", value), ("span", name)]
    lines += [("small", items), ("small", earlier), ("em", told)]
    parts = [f"<{tag}>{escape(text)}</{tag}>" for tag, text in lines if text]
    parts.insert(2, _course(page.rows(now.indicator)))
    return f"<li>{' '.join(filter(None, parts))}</li>\n", ", ".join(t for _, t in lines if t)


def _course(rows: pd.DataFrame) -> str:
    """Return a small line of all years known, from zero up; the figures stand in the page."""
    known = rows[["year", "value"]].dropna().drop_duplicates("year").sort_values("year")
    known = known.astype(float)
    if len(known) < FEWEST:
        return ""
    first, last, top = known["year"].min(), known["year"].max(), known["value"].max() or 1.0
    years = {*known["year"]}
    points = " ".join(
        f"{'L' if year - 1 in years else 'M'}"  # the line has a gap where a year is not known
        f"{3 + (WIDTH - 6) * (year - first) / (last - first):.1f},"
        f"{HEIGHT - 3 - (HEIGHT - 6) * value / top:.1f}"
        for year, value in known.itertuples(index=False)
    )
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<path d="{points}"/></svg>'
    )
