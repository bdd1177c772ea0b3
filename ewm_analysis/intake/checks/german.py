"""What contracts and loaders say of a broken cell or file, in German."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from ewm_analysis.l10n.sentences import messages


def in_german(failure: str) -> str:
    """Return what is allowed in German; a sentence without a translation stays as it is.

    Examples
    --------
    >>> in_german("must be at least 0 or be empty")
    'mindestens 0 oder leer'
    """
    text, mark, hint = failure.partition(". Did you mean ")
    for pattern, german in _phrases():
        found = pattern.fullmatch(text)
        if found:
            said = german.format(**{name: part or "" for name, part in found.groupdict().items()})
            said = said.replace(" or be empty", " oder leer").replace(": allowed: ", ": erlaubt: ")
            return f"{said}. Gemeint ist vielleicht {hint}" if mark else said
    return failure


@cache
def _phrases() -> list[tuple[re.Pattern[str], str]]:
    text = files(__package__).joinpath("german.toml").read_text("utf-8")
    refused = {
        re.escape(said["en"]).replace(r"\{limit\}", r"(?P<limit>[0-9]+)"): said["de"]
        for key, said in messages().items()
        if key.startswith("intake.refused.")
    }
    phrases = tomllib.loads(text) | refused
    return [(re.compile(english), german) for english, german in phrases.items()]
