"""Everything a data set can be checked for before anyone reads it, in one list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ewm_analysis.contracts.layout import AMENDMENTS
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.intake.checks.against_last_year import check_against_last_year
from ewm_analysis.intake.checks.duplicates import find_duplicates
from ewm_analysis.intake.checks.findings import LEVELS, Finding, in_order
from ewm_analysis.intake.checks.german import in_german
from ewm_analysis.intake.checks.places import with_places
from ewm_analysis.intake.checks.printed_figures import check_printed_figures
from ewm_analysis.intake.checks.projects_over_years import check_projects_over_years
from ewm_analysis.intake.checks.within_year import check_within_year
from ewm_analysis.l10n import Locale
from ewm_analysis.loaders import Dataset, open_dataset, resolve_data_dir


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
            {
                "level": one.level,
                "name": one.name,
                "table": one.table,
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "year": one.year,
                "key": one.key,
                "value": one.value,
                "expected": one.expected(locale),
                "advice": one.advice(locale),
            }
            for one in self.findings
        ]
        return {"data_set": self.data_set, **numbers, "findings": found}


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
    return in_order(with_places(wanted, dataset))


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
        facts={"allowed": {"de": in_german(failure.allowed), "en": failure.allowed}},
    )
