"""What an import found and did: told on the screen, or as HTML to be passed on."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from ewm_analysis.contracts import RECORDS, shown
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.columns import headers_of, sheet_title
from ewm_analysis.intake.findings import LEVELS, Remark, filled, repeated
from ewm_analysis.l10n import Locale, format_number, text

LONGEST = 20
"""Lines of each list on the screen; the HTML file has all."""

Outcome = Literal["errors", "warnings", "changes", "unchanged", "written", "checked"]


@dataclass(frozen=True)
class Import:
    """What an import found and did; ``sources`` has the SHA-256 of each by its name.

    ``outcome`` is ``written``; or says why nothing was written: there are errors, warnings that
    were not accepted, changes that were not asked for, or it is all there already. ``checked`` is
    what nobody asked to write.
    """

    sources: Mapping[str, str]
    year: int | None
    locale: Locale
    outcome: Outcome
    rows: Mapping[str, int]
    remarks: Sequence[Remark]
    accepted: Sequence[str]
    changes: Sequence[TableChanges] = ()


class CellChange(NamedTuple):
    """A cell of a row that stands in both: by key, column, old and new value."""

    key: str
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class TableChanges:
    """Changes of one table; rows by their key."""

    table: str
    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[CellChange]

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.added or self.removed or self.changed)

    def lines(self, headers: Mapping[str, str]) -> list[str]:
        """Return one line a change."""
        return [
            *(f"+ {key}" for key in self.added),
            *(f"- {key}" for key in self.removed),
            *(
                f"~ {cell.key}, {headers[cell.column]}: {cell.old or '–'} → {cell.new or '–'}"
                for cell in self.changed
            ),
        ]


def find_changes(
    old: Mapping[str, pd.DataFrame], new: Mapping[str, pd.DataFrame]
) -> list[TableChanges]:
    """Return the changes of each of the five tables, in their order.

    Examples
    --------
    >>> from ewm_analysis.loaders.read import empty_table
    >>> old = {stem: empty_table(contract) for stem, contract in RECORDS.items()}
    >>> any(find_changes(old, old))
    False
    """
    found = []
    for stem, contract in RECORDS.items():
        is_same = pd.concat([old[stem], new[stem]]).duplicated(keep=False).to_numpy()
        start, key = len(old[stem]), contract.key[1:]  # the year is the same everywhere
        before = _by_key(old[stem][~is_same[:start]], key)
        after = _by_key(new[stem][~is_same[start:]], key)
        changed = [
            CellChange(_said(row), str(name), shown(cell), shown(after[row][name]))
            for row in after
            if row in before
            for name, cell in before[row].items()
            if shown(cell) != shown(after[row][name])
        ]
        added = [_said(row) for row in after if row not in before]
        removed = [_said(row) for row in before if row not in after]
        found.append(TableChanges(stem, added, removed, changed))
    return found


def _by_key(frame: pd.DataFrame, key: list[str]) -> dict[tuple[str, ...], dict[Hashable, object]]:
    rows = frame.astype(object).to_dict("records")
    return {tuple(shown(row[name]) for name in key): row for row in rows}


def _said(key: tuple[str, ...]) -> str:
    return " · ".join(filter(None, key))


def describe_import(done: Import) -> str:
    """Return what was found and done, as lines of text.

    Parameters
    ----------
    done : Import
        Result of `import_workbook`.
    """
    return _filled("report.txt.j2", done)


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
    try:
        file.write_text(_filled("report.html.j2", done), encoding="utf-8", newline="\n")
    except OSError as error:
        reason = f"cannot be written ({error.strerror}); name another file"
        raise ParameterError("report", str(file), reason=reason) from None


def _filled(template: str, done: Import) -> str:
    locale = done.locale

    def word(key: str, **facts: object) -> str:
        return text(f"intake.{key}", locale, **facts)

    def sums(change: TableChanges) -> str:
        parts = ("added", "removed", "changed")
        counts = {part: len(getattr(change, part)) for part in parts}
        return word("report.counts", table=sheet_title(change.table, locale), **counts)

    warned = {one.name for one in done.remarks if one.level == "warning"} - {*done.accepted}
    accept = " ".join(f"--accept {name}" for name in sorted(warned))
    counts = {sheet_title(stem, locale): format_number(n, locale) for stem, n in done.rows.items()}
    levels = [
        (level, len(found), repeated(found))
        for level in LEVELS
        for found in [[one for one in done.remarks if one.level == level]]
    ]
    changes = [
        (sums(change), change, headers_of(RECORDS[change.table], locale))
        for change in (done.changes if any(done.changes) else ())
    ]
    return filled(
        template,
        done=done,
        several=len(done.sources) > 1,
        word=word,
        title=word("report.title", year=done.year or word("report.unknown_year")),
        outcome=word(f"outcome.{done.outcome}", accept=accept, year=done.year),
        counts=counts.items(),
        levels=levels,
        changes=changes,
        longest=LONGEST,
    )
