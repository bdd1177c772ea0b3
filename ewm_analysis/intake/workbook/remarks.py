"""What the import has to say, each remark with its place: "Projekte!F17"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ewm_analysis import l10n
from ewm_analysis.intake.findings import Level
from ewm_analysis.l10n import Locale


@dataclass(frozen=True)
class Remark:
    """One remark on a cell, a sheet or a file, in the language of the report.

    ``name`` is stable, and what ``--accept`` takes for a warning. ``place`` is sheet and cell,
    the sheet alone, or empty for the file as a whole.
    """

    level: Level
    name: str
    place: str
    value: str
    text: str

    def said(self, locale: Locale) -> str:
        """Return the remark on one line."""
        shown = l10n.text("intake.quoted", locale, value=self.value) if self.value else ""
        head = ": ".join(part for part in (self.place, shown) if part)
        return f"{head} – {self.text}" if head else self.text


@dataclass
class Remarks:
    """Collects remarks in one language."""

    locale: Locale
    all: list[Remark] = field(default_factory=list)

    def error(self, place: str, key: str, value: object = "", /, **facts: object) -> None:
        """Note what keeps the records from being written; `key` lies below ``intake.``."""
        self.add("error", place, key, value, **facts)

    def add(
        self, level: Level, place: str, key: str, value: object = "", /, **facts: object
    ) -> None:
        """Note a remark of any level."""
        text = l10n.text(f"intake.{key}", self.locale, **facts)
        name = key.rpartition(".")[2].replace("_", "-")
        self.all.append(Remark(level, name, place, shortened(value), text))

    @property
    def has_errors(self) -> bool:
        """Whether anything keeps the records from being written."""
        return any(remark.level == "error" for remark in self.all)


def shortened(value: object) -> str:
    """Return a value as one line of at most 60 characters.

    Examples
    --------
    >>> shortened("a\\nb"), len(shortened("x" * 1000))
    ('a b', 60)
    """
    line = "".join(sign if sign.isprintable() else " " for sign in str(value)[:1000])
    return line if len(line) <= 60 else f"{line[:59]}…"


def closing(rest: str, locale: Locale) -> str:
    """Return the end of a sentence: the codes and the hint that a failure names, or a full stop.

    Examples
    --------
    >>> closing(". Did you mean 'imk'?", "de"), closing("", "de")
    ('. Gemeint ist vielleicht „imk“?', '.')
    """
    if locale == "de":
        rest = rest.replace("allowed:", "erlaubt:")
        rest = re.sub(r"Did you mean '(.*)'\?", r"Gemeint ist vielleicht „\1“?", rest)
    return rest if rest.endswith("?") else f"{rest}."
