"""Everything a data set can be checked for before anyone reads it, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.contracts import AMENDMENTS, FIGURES, RECORDS, shown
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.intake.findings import LEVELS, Finding, filled, in_order, worded
from ewm_analysis.intake.names import find_duplicates
from ewm_analysis.intake.rules import (
    check_against_last_year,
    check_projects_over_years,
    check_within_year,
)
from ewm_analysis.l10n import LOCALES, Locale, plural, text
from ewm_analysis.loaders import Dataset, open_dataset, resolve_data_dir
from ewm_analysis.loaders.read import READERS, read_text
from ewm_analysis.statistics import find_contradictions
from ewm_analysis.statistics.plausibility import say_finding

PLACE = ("level", "name", "table", "file", "line", "column", "year", "key", "value")

SHOWN = 5
"""Findings of one rule that are listed as text."""


@dataclass(frozen=True)
class CheckReport:
    """What was found in a data set, worst first, and the years it has records or figures of."""

    data_set: str
    findings: tuple[Finding, ...]
    years: frozenset[int] = frozenset()

    def count(self, level: str) -> int:
        """Return the number of findings of a level."""
        return sum(finding.level == level for finding in self.findings)

    def as_json(self, locale: Locale) -> dict[str, Any]:
        """Return the report for machines.

        An object with ``data_set``, the numbers of ``errors``, ``warnings`` and ``notes``, and
        ``findings``, worst first. Each finding has

        - ``level``: error, warning or note,
        - ``name``: stable name of the rule, in kebab-case,
        - ``table``, ``file``, ``line``, ``column``: where it stands; line 0 is the whole file,
          an empty column the whole row,
        - ``year`` (or null), ``key``: reporting year and id of the row,
        - ``value``: what stands there, as the file writes it,
        - ``expected``, ``advice``: sentences in the language asked for.
        """
        numbers = {f"{level}s": self.count(level) for level in LEVELS}
        found = [
            {name: getattr(one, name) for name in PLACE}
            | {"expected": one.expected(locale), "advice": one.advice(locale)}
            for one in self.findings
        ]
        return {"data_set": self.data_set, **numbers, "findings": found}

    def as_text(self, locale: Locale) -> str:
        """Return the report for a screen: the first findings of each rule, advice, numbers."""

        def advices(findings: list[Finding]) -> list[str]:
            return [*dict.fromkeys(one.advice(locale) for one in findings)]

        counts = {level: self.count(level) for level in LEVELS}
        numbers = {
            f"{level}s": text(f"check.{plural(n, 'one', 'other')}.{level}", locale, count=n)
            for level, n in counts.items()
        }
        found = groupby(self.findings, lambda one: (one.level, one.name))
        return filled(
            "check.txt.j2",
            groups=[(rule, [*group]) for rule, group in found],
            data_set=self.data_set,
            numbers=numbers,
            advices=advices,
            text=lambda key, **facts: text(key, locale, **facts),
            locale=locale,
            longest=SHOWN,
        )


def check_dataset(data_dir: str | Path, year: int | None = None) -> CheckReport:
    """Check a data set: contracts, keys, table against table, year against year.

    Where the tables break their contracts, the failures are all that can be told.

    Parameters
    ----------
    data_dir : str or Path
        Folder of the data set.
    year : int, optional
        Keeps what is found in the records and figures of this year; all years without it.

    Raises
    ------
    MissingDataError
        If there is no such data set.
    """
    name = resolve_data_dir(data_dir).name
    try:
        dataset = open_dataset(data_dir)
    except ContractError as error:
        return CheckReport(name, tuple(in_order([_broken(each) for each in error.failures])))
    tables = (dataset.published, dataset.economy, *dataset.records.values())
    years = frozenset(int(each) for table in tables for each in table["year"].unique())
    return CheckReport(name, tuple(find_warnings(dataset, year)), years)


def find_warnings(dataset: Dataset, year: int | None = None) -> list[Finding]:
    """Return warnings and notes on a data set whose tables keep their contracts.

    Parameters
    ----------
    dataset : Dataset
        The tables; where they also stand in files, findings name file and line.
    year : int, optional
        Keeps what is found in the records and figures of this year; all years without it.
    """
    records = dataset.records
    found = [
        *check_within_year(records, dataset.reference, date.today()),
        *check_projects_over_years(records["projects"]),
        *check_against_last_year(records),
        *find_duplicates(records["actors"], dataset.actor_merges),
        *check_printed_figures(dataset),
    ]
    wanted = [one for one in found if year is None or one.year == year]
    mended = [one for one in _mended(dataset) if year is None or one.year == year]
    return in_order([*with_places(wanted, dataset), *mended])


def _mended(dataset: Dataset) -> list[Finding]:
    """Return a note for each correction that the sender has made himself."""
    rows = dataset.corrections.loc[[*dataset.mended]]
    years = rows["file"].str.extract(r"^records/([0-9]{4})/")[0]
    return [
        Finding(
            name="correction-mended",
            level="note",
            table="corrections",
            year=None if pd.isna(year) else int(year),
            key=row.key,
            column=row.column,
            value=row.new,
            file=row.file,
            line=0 if pd.isna(row.line) or row.key else int(row.line),
        )
        for row, year in zip(rows.itertuples(), years, strict=True)
    ]


def _broken(failure: Failure) -> Finding:
    """A failure of the loaders as a finding: of a file, a row, a cell, or a list of decisions."""
    table = Path(failure.file).stem
    kind = "file" if not failure.line else "row" if not failure.column else "cell"
    return Finding(
        name="broken-decision" if table in AMENDMENTS else f"broken-{kind}",
        level="error",
        table=table,
        column=failure.column,
        value=failure.value,
        file=failure.file,
        line=failure.line,
        facts={"allowed": {locale: worded(failure.allowed, locale) for locale in LOCALES}},
    )


WORDING = "printed-figures"
"""All these rules have sentences of their own and one advice."""

KEYS = {
    "figures": ["year", "cluster_id", "region", "indicator", "dimension", "category"],
    "economy": ["year", "cluster_id", "scope", "region", "indicator"],
    "portraits": ["organisation_id", "fact"],
}
"""What names a printed figure, by stem of its file."""


def check_printed_figures(dataset: Dataset) -> list[Finding]:
    """Return contradictions among printed figures as warnings, oddities as notes."""
    if dataset.published.empty and dataset.economy.empty and dataset.organisations.empty:
        return []
    values = compute_indicators(dataset)
    found = find_contradictions(
        values, dataset.published, dataset.organisations, dataset.phrases
    ).findings
    printed = set(dataset.published["indicator"])
    languages = [Words(dataset.reference, locale) for locale in LOCALES]
    return [_printed(row, printed, languages) for row in found.itertuples()]


def _printed(row: Any, printed: set[str], languages: list[Words]) -> Finding:
    cells = row._asdict()
    if row.dimension == "organisation":
        table, cells = "portraits", {"organisation_id": row.category, "fact": row.indicator}
    elif indicator(row.indicator).group == "economy" and row.indicator not in printed:
        table = "economy"
    else:
        table = "figures"
    return Finding(
        name=row.rule.replace("_", "-"),
        level="warning" if row.level == "contradiction" else "note",
        table=table,
        year=None if pd.isna(row.year) else int(row.year),
        key=figure_key([cells[name] for name in KEYS[table]]),
        column="value",
        value=shown(row.found),
        facts={"sentence": {words.locale: say_finding(row, words) for words in languages}},
        wording=WORDING,
    )


def figure_key(cells: list[object]) -> str:
    """Return what names a figure, in one line: "2021 imk bebb project_volume"."""
    return " ".join(filter(None, map(shown, cells)))


def with_places(findings: Iterable[Finding], dataset: Dataset) -> list[Finding]:
    """Return the findings with file and line, as far as the data set stands in files.

    Each file with findings is read once more; a row that is told as missing has no line.
    """
    known: dict[tuple[int | None, str], tuple[str, dict[str, int]]] = {}
    placed = []
    for one in findings:
        if (one.year, one.table) not in known:
            known[one.year, one.table] = _lines(dataset.path, one.year, one.table)
        file, lines = known[one.year, one.table]
        placed.append(replace(one, file=file, line=lines.get(one.key, 0)))
    return placed


def _lines(folder: Path, year: int | None, table: str) -> tuple[str, dict[str, int]]:
    """Return a table's file, and the first line of each row by what names it."""
    places = {place.split("/")[1]: place for place in FIGURES}
    stem = f"records/{year}/{table}" if table in RECORDS else places[table]
    paths = (folder / f"{stem}{suffix}" for suffix in READERS)
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return "", {}
    content = read_text(path)
    if table in RECORDS:
        keys = content.frame[RECORDS[table].key[1]]
    else:
        keys = content.frame[KEYS[table]].agg(figure_key, axis=1)
    lines = dict(zip(keys.iloc[::-1], reversed(content.lines), strict=True))
    return path.relative_to(folder.parent).as_posix(), lines
