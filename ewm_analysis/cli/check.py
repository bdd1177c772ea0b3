"""``ewm check``: what is wrong or odd in the data sets, before anything is run."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import Locale, text

if TYPE_CHECKING:
    from ewm_analysis.intake.check import CheckReport
    from ewm_analysis.intake.findings import Finding

SHOWN = 5
"""Findings of one rule that are listed as text."""


def check(
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="Folder of a data set; repeatable. Default: all below data/."),
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="Reporting year. Default: all.")
    ] = None,
    format_: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json lists all, for machines.")
    ] = "text",
    locale: Annotated[
        Literal["de", "en"], typer.Option("--locale", help="Language of the sentences.")
    ] = "de",
) -> None:
    """Check data sets: contracts, keys, table against table, year against year, actors twice.

    Ends with 1 if there is an error, with 0 otherwise; warnings and notes do not fail. JSON is a
    list with one object a data set: data_set, errors, warnings, notes and findings, each with
    level, name, table, file, line, column, year, key, value, expected, advice.

    Examples:

    \b
    ewm check
    ewm check --data data/example --year 2021
    ewm check --format json --locale en
    """
    from ewm_analysis.intake import check_dataset
    from ewm_analysis.loaders import list_datasets
    from ewm_analysis.project import find_project

    folders = data or [str(path) for path in list_datasets(find_project())]
    reports = [check_dataset(folder, year) for folder in folders]
    _refuse_unknown_year(reports, year)
    if format_ == "json":
        found = [report.as_json(locale) for report in reports]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for report in reports:
            _print(report, locale)
    if any(report.count("error") for report in reports):
        raise typer.Exit(1)


def _refuse_unknown_year(reports: list[CheckReport], year: int | None) -> None:
    """Nothing found in a year that nobody reported is no good news; broken sets tell no years."""
    known = {each for report in reports for each in report.years}
    if year is not None and year not in known and all(report.years for report in reports):
        raise ParameterError("year", year, sorted(known), "has no records or figures")


def _print(report: CheckReport, locale: Locale) -> None:
    for (level, name), group in groupby(report.findings, lambda one: (one.level, one.name)):
        findings = [*group]
        typer.echo(f"\n{text(f'check.level.{level}', locale)}: {name}")
        for finding in findings[:SHOWN]:
            typer.echo(f"  {_place(finding, locale)}\n      {finding.expected(locale)}")
        if len(findings) > SHOWN:
            typer.echo(f"  {text('check.more', locale, count=len(findings) - SHOWN)}")
        for advice in dict.fromkeys(one.advice(locale) for one in findings[:SHOWN]):
            typer.echo(f"  → {advice}")
    if not report.findings:
        typer.echo(text("check.clean", locale, data_set=report.data_set))
        return
    numbers = {
        f"{level}s": text(
            f"check.{'one' if report.count(level) == 1 else 'other'}.{level}",
            locale,
            count=report.count(level),
        )
        for level in ("error", "warning", "note")
    }
    typer.echo(f"\n{text('check.summary', locale, data_set=report.data_set, **numbers)}")


def _place(finding: Finding, locale: Locale) -> str:
    """Where a finding stands, and what stands there."""
    place = [finding.file or finding.table]
    if finding.line:
        place.append(text("check.line", locale, line=finding.line))
    if finding.column:
        place.append(text("check.column", locale, column=finding.column))
    key = f" [{finding.key}]" if finding.key else ""
    value = f": {finding.value}" if finding.value else ""
    return f"{', '.join(place)}{key}{value}"
