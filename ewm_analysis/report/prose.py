"""Text of a page: the language of a bilingual cell, headings and their anchors."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from ewm_analysis.l10n import DEFAULT, FALLBACK, Locale

LANGUAGE = re.compile(r"^[ \t]*<!--[ \t]*([a-z]{2})[ \t]*-->[ \t]*$", re.MULTILINE)
HEADING = re.compile(r"<h([23])(\s[^>]*)?>(.*?)</h\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")

Chapter = tuple[str, str, list[tuple[str, str]]]
"""Anchor and heading of a chapter, and of each of its parts."""


def locale_part(source: str, locale: Locale) -> str:
    """Return the part of a markdown cell that is written in a language.

    German stands first; each other language follows a line with its code, such as
    ``<!-- en -->``. What has no part of its own is said in English; a cell without any such
    line holds for all languages.

    Examples
    --------
    >>> locale_part("## Projekte\\n<!-- en -->\\n## Projects", "en")
    '## Projects'
    """
    first, *others = LANGUAGE.split(source)
    parts = {DEFAULT: first, FALLBACK: first} | dict(zip(others[::2], others[1::2], strict=True))
    return parts.get(locale, parts[FALLBACK]).strip()


def anchor(heading: str) -> str:
    """Return an address for a heading: small letters, digits and hyphens.

    Examples
    --------
    >>> anchor("2.1 Größe & Wirkung")
    '2-1-groesse-wirkung'
    """
    spelled = heading.lower()
    for letter, ascii_letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        spelled = spelled.replace(letter, ascii_letters)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"


def with_anchors(html: str) -> str:
    """Return HTML whose headings of the second and third level each have an id of their own."""
    seen: dict[str, int] = {}

    def give_id(match: re.Match[str]) -> str:
        level, inner = match[1], match[3]
        name = anchor(unescape(TAG.sub("", inner)))
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name}-{seen[name]}"
        return f'<h{level} id="{unique}">{inner}</h{level}>'

    return HEADING.sub(give_id, html)


def contents_of(html: str) -> list[Chapter]:
    """Return anchor and text, still as HTML, of each chapter, and of the parts of each."""
    chapters: list[Chapter] = []
    for match in HEADING.finditer(html):
        attribute = re.search(r'id="([^"]+)"', match[2] or "")
        found = (attribute[1] if attribute else "", TAG.sub("", match[3]))
        if match[1] == "2":
            chapters.append((*found, []))
        elif chapters:
            chapters[-1][2].append(found)
    return chapters
