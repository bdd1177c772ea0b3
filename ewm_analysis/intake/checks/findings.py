"""What a check finds: one finding a cell, a row or a table, said in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from ewm_analysis import l10n
from ewm_analysis.contracts.wording import shown
from ewm_analysis.l10n import Locale

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
        return str(fact[locale])
    if isinstance(fact, str):
        return fact
    if name.endswith("_eur"):
        return l10n.format_eur(fact, locale)
    if name.endswith("_share"):
        return l10n.format_share(fact, locale)
    if name.endswith("_ratio"):
        digits = 0 if fact >= 10 else 1 if fact >= 1 else 4
        return l10n.format_number(fact, locale, digits)
    return l10n.format_count(fact, locale)


def findings_of(
    rows: pd.DataFrame,
    name: str,
    level: Level,
    table: str,
    *,
    key: str = "",
    column: str = "",
    facts: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Return one finding a row.

    Parameters
    ----------
    rows : DataFrame
        What a rule chose, with ``year``.
    name, level, table : str
        As in `Finding`.
    key, column : str, optional
        Column of the rows with the id, and the one that is odd.
    facts : mapping of str to str, optional
        Column of the rows by name of the fact.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [2021], "project_id": ["p1"], "status": ["started"]})
    >>> findings_of(rows, "x", "note", "projects", key="project_id", column="status")[0].value
    'started'
    """
    found = []
    for row in rows.to_dict("records"):
        found.append(
            Finding(
                name=name,
                level=level,
                table=table,
                year=int(row["year"]),
                key=str(row[key]) if key else "",
                column=column,
                value=shown(row[column]) if column in row else "",
                facts={fact: row[place] for fact, place in (facts or {}).items()},
            )
        )
    return found


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return the worst first, then by name, file and line."""
    return sorted(
        findings,
        key=lambda one: (LEVELS.index(one.level), one.name, one.file, one.line, one.key),
    )
