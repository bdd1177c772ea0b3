"""What is found in a data set or a workbook, and how it is said in each language."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal, cast

import jinja2
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
    """What was found in one place of a data set, why it is odd and what to do about it.

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

    def place(self, locale: Locale) -> str:
        """Return where it stands, and what stands there."""
        place = [self.file or self.table]
        if self.line:
            place.append(l10n.text("check.line", locale, line=self.line))
        if self.column:
            place.append(l10n.text("check.column", locale, column=self.column))
        key = f" [{self.key}]" if self.key else ""
        value = f": {self.value}" if self.value else ""
        return f"{', '.join(place)}{key}{value}"

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
def declared(name: str) -> dict[str, Any]:
    """Return what a TOML file of this room holds."""
    return tomllib.loads(_shipped(name))


def _shipped(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def filled(template: str, **facts: object) -> str:
    """Return a report from its template beside this file."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=".html" in template,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template(template).render(facts)


@cache
def rules() -> dict[str, dict[str, str]]:
    """Return the rules of ``tables/rules.csv`` by name."""
    return {
        row.pop("name"): row for row in csv.DictReader(_shipped("tables/rules.csv").splitlines())
    }


def findings_of(name: str, rows: pd.DataFrame, **differs: str) -> list[Finding]:
    """Return one finding a row.

    Parameters
    ----------
    name : str
        A rule of ``tables/rules.csv``: level, table, column with the id, column that is odd, the
        columns that are facts of its sentences, and when a row is one.
    rows : DataFrame
        Of which the rule chooses, with ``year``.
    **differs : str
        What the rule leaves open.

    Examples
    --------
    >>> rows = {"year": 2021, "project_id": "p1", "last_year": "2020"}
    >>> rows |= {"status": "application", "status_last": "started"}
    >>> findings_of("status-goes-back", pd.DataFrame([rows]))[0].value
    'application'
    """
    rule = rules()[name] | differs
    if rule["when"] and not rows.empty:
        rows = rows.query(rule["when"], engine="python")
    key, column, facts = rule["key"], rule["column"], rule["facts"].split()
    return [
        Finding(
            name=name,
            level=cast(Level, rule["level"]),
            table=rule["table"],
            year=int(row["year"]),
            key=str(row[key]) if key else "",
            column=column,
            value=shown(row[column]) if column in row else "",
            facts={fact: row[fact] for fact in facts},
        )
        for row in rows.to_dict("records")
    ]


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return the worst first, then by name, file and line."""
    return sorted(
        findings,
        key=lambda one: (LEVELS.index(one.level), one.name, one.file, one.line, one.key),
    )


@dataclass(frozen=True)
class Remark:
    """One remark on a cell, a sheet or a file that is imported, in the language of the report.

    ``name`` is stable, and what ``--accept`` takes for a warning. ``place`` is sheet and cell,
    the sheet alone, or empty for the file as a whole. ``file`` is named where several came in.
    """

    level: Level
    name: str
    place: str
    value: str
    text: str
    file: str = ""

    def said(self, locale: Locale) -> str:
        """Return the remark on one line; a warning with the name that accepts it."""
        return Repeated([self]).said(locale)


FIRST = 3
"""Places of one remark that are listed as text."""


@dataclass(frozen=True)
class Repeated:
    """A remark that is made at many places of a file: said once, with the places and values."""

    remarks: Sequence[Remark]

    @property
    def first(self) -> Remark:
        """Return the remark at its first place."""
        return self.remarks[0]

    def said(self, locale: Locale) -> str:
        """Return the remark on one line; a warning with the name that accepts it."""
        values = {one.value for one in self.remarks}
        places = [one.place for one in self.remarks[:FIRST] if one.place]
        if len(values) > 1:
            quoted = [_quoted(one.value, locale) for one in self.remarks[:FIRST]]
            pairs = zip_longest(places, quoted, fillvalue="")
            places = [": ".join(filter(None, pair)) for pair in pairs]
        more = len(self.remarks) - FIRST
        if more > 0:
            places.append(l10n.text("intake.report.further", locale, count=more))
        value = _quoted(self.first.value, locale) if len(values) == 1 else ""
        head = ": ".join(filter(None, (self.first.file, ", ".join(places), value)))
        name = f" [{self.first.name}]" if self.first.level == "warning" else ""
        return (f"{head} – {self.first.text}" if head else self.first.text) + name


def _quoted(value: str, locale: Locale) -> str:
    return l10n.text("intake.quoted", locale, value=value) if value else ""


def repeated(remarks: Iterable[Remark]) -> list[Repeated]:
    """Return remarks with the same sentence on the same file as one, in order of their first.

    Examples
    --------
    >>> cells = [Remark("error", "date", f"Projekte!F{line}", "k.A.", "No.") for line in range(9)]
    >>> [one.said("en") for one in repeated(cells)]
    ['Projekte!F0, Projekte!F1, Projekte!F2, 6 more: “k.A.” – No.']
    """
    groups: dict[tuple[str, str, str], list[Remark]] = {}
    for one in remarks:
        groups.setdefault((one.file, one.name, one.text), []).append(one)
    return [*map(Repeated, groups.values())]


@dataclass
class Remarks:
    """Collects remarks in one language, on one file or on all of an import."""

    locale: Locale
    all: list[Remark] = field(default_factory=list)
    file: str = ""

    def of(self, file: str) -> Remarks:
        """Return where remarks on a file go: among all others."""
        return Remarks(self.locale, self.all, file)

    def error(self, place: str, key: str, value: object = "", /, **facts: object) -> None:
        """Note what keeps the records from being written; `key` lies below ``intake.``."""
        self.add("error", place, key, value, **facts)

    def add(
        self, level: Level, place: str, key: str, value: object = "", /, **facts: object
    ) -> None:
        """Note a remark of any level."""
        text = l10n.text(f"intake.{key}", self.locale, **facts)
        name = key.rpartition(".")[2].replace("_", "-")
        self.say(level, name, place, value, text)

    def say(self, level: Level, name: str, place: str, value: object, text: str) -> None:
        """Note a remark whose sentence is there already."""
        self.all.append(Remark(level, name, place, shortened(value), text, self.file))

    @property
    def has_errors(self) -> bool:
        """Whether anything keeps the records from being written."""
        return any(remark.level == "error" for remark in self.all)


LISTED = 5
"""Rows or values that a remark names."""


def few(told: Sequence[str], sign: str = "; ") -> str:
    """Return the first of some texts in one line.

    Examples
    --------
    >>> few(["a", "b"]), few([*"abcdefg"], ", ")
    ('a; b', 'a, b, c, d, e, …')
    """
    return sign.join([*told[:LISTED], *["…"] * (len(told) > LISTED)])


def shortened(value: object) -> str:
    """Return a value as one line of at most 60 characters.

    Examples
    --------
    >>> shortened("a\\nb"), len(shortened("x" * 1000))
    ('a b', 60)
    """
    line = "".join(sign if sign.isprintable() else " " for sign in str(value)[:1000])
    return line if len(line) <= 60 else f"{line[:59]}…"


@cache
def _wordings() -> dict[str, dict[str, str]]:
    """How failures are worded, by name; why a workbook is not opened is told as one, too."""
    refused = {
        name: said | {"like": re.escape(said["en"]).replace(r"\{limit\}", r"(?P<limit>[0-9]+)")}
        for name, said in messages().items()
        if name.startswith("intake.refused.")
    }
    return declared("failures.toml") | refused


def understood(failure: str) -> tuple[str, dict[str, str]]:
    """Return the name and the facts of what a failure says; no name if it has none.

    Examples
    --------
    >>> understood("at most volume_eur is allowed")
    ('at_most', {'whole': 'volume_eur', 'hint': ''})
    """
    text, mark, hint = failure.partition(". Did you mean ")
    for name, said in _wordings().items():
        if found := re.fullmatch(said["like"], text):
            facts = {fact: part or "" for fact, part in found.groupdict().items()}
            return name, facts | {"hint": mark + hint}
    return "", {}


def worded(failure: str, locale: Locale) -> str:
    """Return what a failure says in a language; as it is where that has no words for it.

    Examples
    --------
    >>> worded("must be at least 0 or be empty", "de")
    'mindestens 0 oder leer'
    """
    name, facts = understood(failure)
    words = _wordings().get(name, {})
    if locale not in words:
        return failure
    return _ending(words[locale].format(**facts) + facts["hint"], locale)


ENDINGS = {
    "de": {
        " or be empty": " oder leer",
        ": allowed: ": ": erlaubt: ",
        ". Did you mean ": ". Gemeint ist vielleicht ",
    }
}
"""What contracts say at the end of a failure, by language."""

QUOTES = {"de": r"„\1“?"}


def _ending(rest: str, locale: Locale) -> str:
    for english, own in ENDINGS.get(locale, {}).items():
        rest = rest.replace(english, own)
    return rest


def closing(rest: str, locale: Locale) -> str:
    """Return the end of a sentence: the codes and the hint that a failure names, or a full stop.

    Examples
    --------
    >>> closing(". Did you mean 'imk'?", "de"), closing("", "de")
    ('. Gemeint ist vielleicht „imk“?', '.')
    """
    rest = re.sub(r"'(.*)'\?$", QUOTES.get(locale, r"'\1'?"), _ending(rest, locale))
    return rest if rest.endswith("?") else f"{rest}."
