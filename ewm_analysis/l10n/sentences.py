"""Words and sentences for readers, from ``messages/<room>.toml``: one key, two languages."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n.numbers import LOCALES, Locale


@cache
def messages() -> dict[str, dict[str, str]]:
    """Return all messages: ``{"chapter.key": {"de": …, "en": …}}``."""
    flat: dict[str, dict[str, str]] = {}

    def collect(node: dict[str, Any], path: str) -> None:
        if set(node) == set(LOCALES):
            flat[path] = node
            return
        for name, child in node.items():
            collect(child, f"{path}.{name}" if path else name)

    folder = files(__package__).joinpath("messages")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        collect(tomllib.loads(file.read_text("utf-8")), "")
    return flat


def text(key: str, locale: Locale, /, **values: object) -> str:
    """Return the message of `key` in a language, its placeholders filled.

    Raises
    ------
    ParameterError
        If there is no such message.

    Examples
    --------
    >>> text("word.and", "de")
    'und'
    """
    try:
        message = messages()[key][locale]
    except KeyError:
        raise ParameterError("message", key, messages()) from None
    return message.format(**values)


def plural(number: float, one: str, other: str) -> str:
    """Return the word that fits the number; German and English share the rule.

    Examples
    --------
    >>> plural(1, "Projekt", "Projekte"), plural(0, "Projekt", "Projekte")
    ('Projekt', 'Projekte')
    """
    return one if number == 1 else other


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
