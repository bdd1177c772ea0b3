"""Corrections of single cells, made on the text of a file before it is parsed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts import did_you_mean
from ewm_analysis.errors import Failure
from ewm_analysis.loaders.text import TextTable


@dataclass(frozen=True)
class Correction:
    """One row of ``corrections``, and where it stands itself."""

    place: int
    file: str
    line: int
    column: str
    old: str
    new: str


@dataclass
class CorrectionList:
    """The corrections of a data set; each must fit the cell it names.

    ``folder`` is the data set, ``file`` the name of the list as failures show it.
    """

    folder: Path = Path()
    file: str = ""
    rows: list[Correction] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, folder: Path, file: str, frame: pd.DataFrame, lines: Iterable[int]
    ) -> CorrectionList:
        """Return the list of a data set from its table, contract `Corrections`."""
        cells = frame[["file", "line", "column", "old", "new"]]
        rows = [
            Correction(place, *cell)
            for place, cell in zip(lines, cells.itertuples(index=False), strict=True)
        ]
        return cls(folder, file, rows)

    def apply(self, path: Path, text: TextTable) -> TextTable:
        """Return the table of a file with its corrections made; what does not fit is noted."""
        if not path.is_relative_to(self.folder):
            return text
        name = path.relative_to(self.folder).as_posix()
        self.seen.add(name)
        own = [row for row in self.rows if row.file == name]
        if not own:
            return text
        frame = text.frame.copy()
        for row in own:
            reason = self._misfit(row, text)
            if reason:
                self.failures.append(self._failure(row, *reason))
            else:
                frame.loc[frame.index[text.lines.index(row.line)], row.column] = row.new
        return replace(text, frame=frame)

    def left_over(self) -> list[Failure]:
        """Return a failure for each correction that fitted nothing."""
        strangers = [
            self._failure(row, "file", row.file, self._no_file(row.file))
            for row in self.rows
            if row.file not in self.seen
        ]
        return self.failures + strangers

    def _misfit(self, row: Correction, text: TextTable) -> tuple[str, str, str] | None:
        """Return column, value and reason if the file has no such cell, or another text in it."""
        if row.column not in text.frame:
            hint = did_you_mean(row.column, text.frame.columns)
            return "column", row.column, f"{row.file} has no such column{hint}"
        if row.line not in text.lines:
            return "line", str(row.line), f"{row.file} has no row that begins in this line"
        there = str(text.frame[row.column].iloc[text.lines.index(row.line)])
        if there != row.old:
            return "old", row.old, f"line {row.line} of {row.file} holds {there!r}"
        return None

    def _no_file(self, file: str) -> str:
        return f"no table of the data set is read from such a file{did_you_mean(file, self.seen)}"

    def _failure(self, row: Correction, column: str, value: str, reason: str) -> Failure:
        return Failure(
            self.file, row.place, column, value, f"the correction fits nothing: {reason}"
        )
