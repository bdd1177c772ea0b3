"""What a check finds: one finding a cell, a row or a table, said in two languages."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import pandas as pd

from ewm_analysis import l10n
from ewm_analysis.contracts import shown
from ewm_analysis.l10n import Locale, numbers
from ewm_analysis.l10n.sentences import messages

Level = Literal["error", "warning", "note"]

LEVELS: tuple[Level, ...] = ("error", "warning", "note")
"""Worst first. An error stops the load, a warning wants an answer, a note is worth a look."""


@dataclass(frozen=True)
class Finding:
    """What was found in one place, why it is odd and what to do about it.

    ``name`` is stable: kebab-case, the same for all findings of a rule. ``table`` is the stem of
    the file, ``key`` the id of the row, ``year`` the reporting year. ``line`` counts as an
    editor does; 0 stands for the whole file. ``facts`` (texts, numbers, or texts by language)
    fill the sentences: those of the name or, where many rules share them, of ``wording``.

    Examples
    --------
    >>> finding = Finding("project-new-twice", "warning", "projects", key="p1",
    ...                   column="is_new", value="true", facts={"first_year": "2020"})
    >>> finding.expected("en")
    'A project is new in one year only; this one was new in 2020.'
    """

    name: str
    level: Level
    table: str
    year: int | None = None
    key: str = ""
    column: str = ""
    value: str = ""
    file: str = ""
    line: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)
    wording: str = ""

    def expected(self, locale: Locale) -> str:
        """Return what would be right, as a sentence."""
        return self._say("expected", locale)

    def advice(self, locale: Locale) -> str:
        """Return what to do, as a sentence."""
        return self._say("advice", locale)

    def _say(self, part: str, locale: Locale) -> str:
        said = {name: _said(name, fact, locale) for name, fact in self.facts.items()}
        return l10n.text(f"check.{self.wording or self.name}.{part}", locale, **said)


def _said(name: str, fact: Any, locale: Locale) -> str:
    """Texts and years stand as they are; the name of a number says how it is written."""
    if isinstance(fact, Mapping):
        return str(l10n.in_language(fact, locale))
    if isinstance(fact, str):
        return fact
    if name.endswith("_eur"):
        return numbers.format_eur(fact, locale)
    if name.endswith("_share"):
        return numbers.format_share(fact, locale)
    if name.endswith("_ratio"):
        digits = 0 if fact >= 10 else 1 if fact >= 1 else 4
        return l10n.format_number(fact, locale, digits)
    return l10n.format_number(fact, locale)


@cache
def _rules() -> dict[str, dict[str, str]]:
    with files(__package__).joinpath("tables/rules.csv").open(encoding="utf-8") as stream:
        return {row.pop("name"): row for row in csv.DictReader(stream)}


def findings_of(name: str, rows: pd.DataFrame, **differs: str) -> list[Finding]:
    """Return one finding a row.

    Parameters
    ----------
    name : str
        A rule of ``tables/rules.csv``: level, table, column with the id, column that is odd, and
        the columns that are facts of its sentences.
    rows : DataFrame
        What the rule chose, with ``year``.
    **differs : str
        What the rule leaves open.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [2021], "project_id": ["p1"], "status": ["started"]})
    >>> findings_of("status-goes-back", rows.assign(last_year="2020"))[0].value
    'started'
    """
    rule = _rules()[name] | differs
    level, table, key, column, facts = (
        rule[part] for part in ("level", "table", "key", "column", "facts")
    )
    return [
        Finding(
            name=name,
            level=cast(Level, level),
            table=table,
            year=int(row["year"]),
            key=str(row[key]) if key else "",
            column=column,
            value=shown(row[column]) if column in row else "",
            facts={fact: row[fact] for fact in facts.split()},
        )
        for row in rows.to_dict("records")
    ]


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return the worst first, then by name, file and line."""
    return sorted(
        findings,
        key=lambda one: (LEVELS.index(one.level), one.name, one.file, one.line, one.key),
    )


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
