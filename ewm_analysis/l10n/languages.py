"""The languages of pages, from ``languages.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:  # not needed to read commands and parameters
    import babel

T = TypeVar("T")

Locale = str
"""The code of a language, one of `LOCALES`."""


@dataclass(frozen=True)
class Language:
    """A language, and how it writes what Babel does not say."""

    name: str
    babel: str
    million: str = ""
    billion: str = ""
    lowered: str = "(?!)"


def _read(folder: Path) -> dict[Locale, Language]:
    tree = tomllib.loads((folder / "languages.toml").read_text("utf-8"))
    return {code: Language(**entry) for code, entry in tree.items()}


LANGUAGES = _read(Path(__file__).parent)
LOCALES: tuple[Locale, ...] = tuple(LANGUAGES)
DEFAULT: Locale = LOCALES[0]
FALLBACK: Locale = "en"
"""Says what another language has no words for."""


def in_language(words: Mapping[Locale, T], locale: Locale) -> T:
    """Return the words of a language, those of `FALLBACK` where it has none.

    Examples
    --------
    >>> in_language({"de": "Projekte", "en": "projects"}, "de")
    'Projekte'
    >>> in_language({"de": "Projekte", "en": "projects"}, "pl")
    'projects'
    """
    return words.get(locale, words[FALLBACK])


def language_name(spoken: Locale, locale: Locale) -> str:
    """Return what one language is called in another.

    Examples
    --------
    >>> language_name("en", "de")
    'Englisch'
    """
    return str(cldr(locale).languages[cldr(spoken).language])


@cache
def cldr(locale: Locale) -> babel.Locale:
    """Return what Babel knows of a language."""
    from babel import Locale

    return Locale.parse(LANGUAGES[locale].babel)
