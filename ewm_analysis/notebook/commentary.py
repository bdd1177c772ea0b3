"""The evaluators' Markdown to HTML that cannot do harm."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt

LINKS = ("https://", "http://", "mailto:")
"""Beginnings of addresses that a link may have."""


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
