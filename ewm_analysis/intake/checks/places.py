"""Where a finding stands: file and line of its row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ewm_analysis.contracts import key_of
from ewm_analysis.contracts.layout import FIGURES, RECORDS
from ewm_analysis.intake.checks.findings import Finding
from ewm_analysis.intake.checks.printed_figures import KEYS, figure_key
from ewm_analysis.loaders import Dataset
from ewm_analysis.loaders.read import READERS, read_text


def with_places(findings: Iterable[Finding], dataset: Dataset) -> list[Finding]:
    """Return the findings with file and line, as far as the data set stands in files.

    Each file with findings is read once more; a row that is told as missing has no line.
    """
    by_table: dict[tuple[int | None, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_table[finding.year, finding.table].append(finding)
    placed = []
    for (year, table), group in by_table.items():
        path = _file(dataset.path, year, table)
        if path is None:
            placed += group
            continue
        lines = _lines(path, table)
        file = path.relative_to(dataset.path.parent).as_posix()
        placed += [replace(one, file=file, line=lines.get(one.key, 0)) for one in group]
    return placed


def _file(folder: Path, year: int | None, table: str) -> Path | None:
    stems = {place.split("/")[1]: place for place in FIGURES}
    stem = f"records/{year}/{table}" if table in RECORDS else stems[table]
    paths = (folder / f"{stem}{suffix}" for suffix in READERS)
    return next((path for path in paths if path.is_file()), None)


def _lines(path: Path, table: str) -> dict[str, int]:
    """Return the first line of each row by its id, or by what names a printed figure."""
    text = read_text(path)
    names = [key_of(RECORDS[table])[1]] if table in RECORDS else KEYS[table]
    keys = text.frame[names].agg(figure_key, axis=1) if len(names) > 1 else text.frame[names[0]]
    return dict(zip(keys.iloc[::-1], reversed(text.lines), strict=True))
