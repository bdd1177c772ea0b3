"""Words and sentences for readers, from ``messages/*.toml``: one key, each language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n.languages import LANGUAGES, Locale, in_language


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
