"""The report of an import: as text for the screen, as HTML to be passed on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jinja2

from ewm_analysis.contracts import RECORDS
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.columns import headers_of
from ewm_analysis.intake.findings import LEVELS
from ewm_analysis.intake.sheets import sheet_title
from ewm_analysis.intake.workbook import Import, TableChanges
from ewm_analysis.l10n import Locale, format_number, text

LONGEST = 20
"""Lines of each list on the screen; the HTML file has all."""


def describe_import(done: Import) -> str:
    """Return what was found and done, as lines of text.

    Parameters
    ----------
    done : Import
        Result of `import_workbook`.
    """
    locale = done.locale
    lines = [f"{done.source}: {_title(done)}", ""]
    lines += [f"  {name}: {count}" for name, count in _counts(done)]
    for level in LEVELS:
        remarks = [remark for remark in done.remarks if remark.level == level]
        if remarks:
            lines += ["", f"{text(f'intake.level.{level}', locale)} ({len(remarks)})"]
            said = [
                remark.said(locale) + (f" [{remark.name}]" if level == "warning" else "")
                for remark in remarks
            ]
            lines += _at_most(said, locale)
    if any(done.changes):
        lines += ["", text("intake.report.changes", locale)]
        for change in done.changes:
            lines += [f"  {_sums(change, locale)}", *_at_most([*_changed(change, locale)], locale)]
    return "\n".join([*lines, "", outcome_of(done)])


def outcome_of(done: Import) -> str:
    """Return what was done, and what to do next."""
    names = {remark.name for remark in done.remarks if remark.level == "warning"}
    accept = " ".join(f"--accept {name}" for name in sorted(names - {*done.accepted}))
    return text(f"intake.outcome.{done.outcome}", done.locale, accept=accept, year=done.year)


def _title(done: Import) -> str:
    year = done.year or text("intake.report.unknown_year", done.locale)
    return text("intake.report.title", done.locale, year=year)


def _counts(done: Import) -> list[tuple[str, str]]:
    return [
        (sheet_title(stem, done.locale), format_number(done.rows[stem], done.locale))
        for stem in RECORDS
        if stem in done.rows
    ]


def _at_most(lines: list[str], locale: Locale) -> list[str]:
    shown = [f"  {line}" for line in lines[:LONGEST]]
    if len(lines) > LONGEST:
        more = text("intake.report.more", locale, count=len(lines) - LONGEST)
        shown.append(f"  {more}")
    return shown


def _sums(change: TableChanges, locale: Locale) -> str:
    return text(
        "intake.report.counts",
        locale,
        table=sheet_title(change.table, locale),
        added=len(change.added),
        removed=len(change.removed),
        changed=len(change.changed),
    )


def _changed(change: TableChanges, locale: Locale) -> Iterator[str]:
    headers = headers_of(RECORDS[change.table], locale)
    for key in change.added:
        yield f"  + {key}"
    for key in change.removed:
        yield f"  - {key}"
    for cell in change.changed:
        yield f"  ~ {cell.key}, {headers[cell.column]}: {cell.old or '–'} → {cell.new or '–'}"


def write_report(done: Import, file: Path) -> None:
    """Write the report as one HTML page that opens offline.

    Parameters
    ----------
    done : Import
        Result of `import_workbook`.
    file : Path
        Where to write it.

    Raises
    ------
    ParameterError
        If the file cannot be written there.
    """
    locale = done.locale
    html = _template().render(
        done=done,
        title=_title(done),
        outcome=outcome_of(done),
        counts=_counts(done),
        levels=[
            (level, [remark for remark in done.remarks if remark.level == level])
            for level in LEVELS
        ],
        changes=[
            (_sums(change, locale), change, headers_of(RECORDS[change.table], locale))
            for change in done.changes
            if change
        ],
        word=lambda key: text(f"intake.{key}", locale),
    )
    try:
        file.write_text(html, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = f"cannot be written ({error.strerror}); name another file"
        raise ParameterError("report", str(file), reason=reason) from None


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html.j2")
