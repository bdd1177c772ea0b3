"""Key messages at the top of a page: what its figures carry, the most news first."""

from __future__ import annotations

from html import escape

from IPython.display import display

from ewm_analysis import figures, tables
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.messages import Message, in_order
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.showing import doubt, need_page_year, rows_and_missing, told, unbroken
from ewm_analysis.tables import DOUBTED


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
