"""Key figures as tiles: value, course, and in words whether the change can be relied on."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
from IPython.display import display

from ewm_analysis.notebook.marks import doubted
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.tables.annual_report import KEY_FIGURES
from ewm_analysis.tables.table import by_key, say

WIDTH, HEIGHT = 84, 24
FEWEST = 3
"""Years that a course needs to be drawn."""


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
