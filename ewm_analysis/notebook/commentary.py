"""The evaluators' words on a page: comments beside figures, and the chapters that are theirs."""

from __future__ import annotations

from functools import cache
from html import escape

from IPython.display import display
from markdown_it import MarkdownIt

from ewm_analysis.loaders.files import CHAPTERS, Section, Story, stories
from ewm_analysis.notebook.page import Page

LINKS = ("https://", "http://", "mailto:")
"""Beginnings of addresses that a link may have."""

SCHEMES = {"guidelines": "guideline", "focus_topics": "focus_topic"}
"""Sections whose figures lead to success stories, and what these name."""


def show_commentary(page: Page, section: str) -> None:
    """Show a section of the evaluators' own words; nothing where none were written.

    A chapter has its heading; elsewhere the words are marked as a comment of the cluster
    management. Below guidelines and focus topics stand links to the success stories that name
    them. The words are Markdown. HTML in them is shown as text, pictures as links, and only
    links to the web or to a mail address are links.

    Parameters
    ----------
    page : Page
        The page opened by `start`.
    section : str
        Heading in the commentary file: ``projects``, ``year``, ``success_stories`` …
    """
    asked = page.parameters
    if asked.year is None or asked.cluster_id is None:
        return
    known = page.dataset.commentary(asked.year, asked.cluster_id, asked.locale)
    found = known.get(section, Section(""))
    html = _chapter(page, section, found) if section in CHAPTERS else _comment(page, found)
    if section in SCHEMES and "success_stories" in known:
        html += _links(page, SCHEMES[section], stories(known["success_stories"].text)[1])
    if html:
        display({"text/html": html, "text/plain": found.text}, raw=True)


def _comment(page: Page, section: Section) -> str:
    if not section.text:
        return ""
    label = escape(page.words.text("notebook.comment.label"))
    words = f"{commentary_html(section.text)}{_source(page, section)}"
    return (
        '<div class="ewm-comment" role="note">\n'
        f'<p class="ewm-comment-label">{label}</p>\n{words}</div>\n'
    )


def _chapter(page: Page, name: str, section: Section) -> str:
    if not section.text:
        return ""
    title = page.words.text(f"notebook.chapter.{name}", year=page.parameters.year)
    before, told = stories(section.text) if name == CHAPTERS[-1] else (section.text, [])
    parts = [commentary_html(before)]
    for number, story in enumerate(told, start=1):
        heading = commentary_html(f"## {story.title}")
        heading = heading.replace("<h3>", f'<h3><span id="story-{number}"></span>', 1)
        topics = "; ".join(_topics(page, scheme, story) for scheme in story.topics)
        line = f'<p class="ewm-topics">{escape(topics)}</p>\n' if topics else ""
        parts.append(f"{heading}{line}{commentary_html(story.text)}")
    return f"<h2>{escape(title)}</h2>\n{''.join(parts)}{_source(page, section)}"


def _topics(page: Page, scheme: str, story: Story) -> str:
    """Return "Leitlinien: Innovation breiter denken, Cross Cluster stärken"."""
    labels = [page.words.label(scheme, code) for code in story.topics[scheme]]
    head = f"{'tables.dimension' if len(labels) == 1 else 'notebook.comment'}.{scheme}"
    return f"{page.words.text(head)}: {', '.join(labels)}"


def _links(page: Page, scheme: str, told: list[Story]) -> str:
    """Return links to the success stories that name a category of a scheme."""
    links = [
        f'<a href="#story-{number}">{escape(story.title)}</a> '
        f"({escape(', '.join(page.words.label(scheme, code) for code in story.topics[scheme]))})"
        for number, story in enumerate(told, start=1)
        if scheme in story.topics
    ]
    label = escape(page.words.text("notebook.comment.stories"))
    return f'<p class="ewm-stories">{label}: {"; ".join(links)}</p>\n' if links else ""


def _source(page: Page, section: Section) -> str:
    """Name the source that words follow, and remember it."""
    if not section.source_id:
        return ""
    page.sources[section.source_id] = None
    titles = page.words.titles()
    source = f"{titles[section.source_id]}, {page.words.place(section.reference)}"
    text = page.words.text("notebook.source.words", source=source)
    return f'<p class="ewm-source">{escape(text)}</p>\n'


def commentary_html(text: str) -> str:
    """Return Markdown as HTML below a heading of the second level.

    HTML stays text, a picture becomes a link, and any other address than one of the web or a
    mail address is no link.

    Examples
    --------
    >>> commentary_html("# Haus\\n[a](javascript:b) <b>c</b>")
    '<h3>Haus</h3>\\n<p>[a](javascript:b) &lt;b&gt;c&lt;/b&gt;</p>\\n'
    """
    markdown = _markdown()
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]) + 1, 3), 6)}"
    return str(markdown.renderer.render(tokens, markdown.options, {}))


class _PlainLinks(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return url.strip().lower().startswith(LINKS)


@cache
def _markdown() -> MarkdownIt:
    return _PlainLinks("js-default").disable("image")
