"""Languages, from ``languages.toml``, and their sentences for readers, from ``messages/*.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ewm_analysis.errors import ParameterError

if TYPE_CHECKING:
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


@cache
def messages() -> dict[str, dict[Locale, str]]:
    """Return all messages: ``{"chapter.key": {"de": …, "en": …}}``.

    The languages of a message may stand in one file or in several.
    """
    flat: dict[str, dict[Locale, str]] = {}

    def collect(node: dict[str, Any], path: str) -> None:
        for name, child in node.items():
            if isinstance(child, str):
                flat.setdefault(path, {})[name] = child
            else:
                collect(child, f"{path}.{name}" if path else name)

    for file in sorted((Path(__file__).parent / "messages").iterdir()):
        collect(tomllib.loads(file.read_text("utf-8")), "")
    return flat


def text(key: str, locale: Locale, /, **values: object) -> str:
    """Return the message of `key`, its placeholders filled; in English where a language has none.

    Raises
    ------
    ParameterError
        If there is no such message.

    Examples
    --------
    >>> text("word.and", "de")
    'und'
    """
    return unfilled(key, locale).format(**values)


def unfilled(key: str, locale: Locale) -> str:
    """Return the message of `key` with its placeholders as they stand."""
    if key not in messages():
        raise ParameterError("message", key, messages())
    return in_language(messages()[key], locale)


def plural(number: float, one: str, other: str) -> str:
    """Return the word that fits the number; German and English share the rule.

    Examples
    --------
    >>> plural(1, "Projekt", "Projekte"), plural(0, "Projekt", "Projekte")
    ('Projekt', 'Projekte')
    """
    return one if number == 1 else other


def within(label: str, locale: Locale) -> str:
    """Return a label as it stands within a sentence.

    Examples
    --------
    >>> within("Laufende Projekte", "de"), within("Umsatz", "de"), within("RDI projects", "en")
    ('laufende Projekte', 'Umsatz', 'RDI projects')
    """
    is_lowered = re.match(LANGUAGES[locale].lowered, label)
    return label[:1].lower() + label[1:] if is_lowered else label


def hedged(
    value: str,
    precision: str,
    items: tuple[int, int] | None,
    locale: Locale,
    upper: str = "",
) -> str:
    """Return a value as well as it is known; of a sum also how many of its items are.

    `items` are those known and all of them; None where nothing is said of them. `upper` is what
    the sum can be at most; empty where that is not known.

    Examples
    --------
    >>> hedged("75 %", "approximate", None, "de")
    'rund 75 %'
    >>> hedged("€108.8 m", "at_least", (11, 22), "en")
    'at least €108.8 m (11 of 22 projects)'
    """
    said = text(f"word.precision.{precision}", locale, value=value)
    said = text("word.known.upper", locale, value=said, upper=upper) if upper else said
    if items is None:
        return said
    return text("word.known.of", locale, value=said, known=items[0], all=items[1])


def join(parts: Sequence[str], locale: Locale) -> str:
    """Return an enumeration as a sentence writes it.

    Examples
    --------
    >>> join(["EU", "Bund", "Land"], "de")
    'EU, Bund und Land'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {text('word.and', locale)} {parts[-1]}"
