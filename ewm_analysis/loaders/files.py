"""Which files a data set has, and the typed tables in them, with all failures collected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ewm_analysis.contracts import DTYPES, Table, columns_of, did_you_mean
from ewm_analysis.errors import ContractError, Failure
from ewm_analysis.loaders.corrections import CorrectionList
from ewm_analysis.loaders.parse import parse_table
from ewm_analysis.loaders.read import READERS, read_text


@dataclass
class Reading:
    """Collects what is read from files and what is wrong with them, before anything is used."""

    base: Path
    tables: list[LoadedTable] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    corrections: CorrectionList = field(default_factory=CorrectionList)

    def table(self, folder: Path, stem: str, contract: Table, *, needed: bool) -> None:
        """Read one table of a folder; if it is absent, fail or stand an empty one in."""
        found = [path for suffix in READERS if (path := folder / f"{stem}{suffix}").is_file()]
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            self.fail(found[0], f"the table stands there twice, as {names}; keep one")
        elif found:
            self._parse(found[0], stem, contract)
        elif needed:
            reason = "the table is missing; an empty table is a file with the header only"
            self.fail(folder / f"{stem}.csv", reason)

    def _parse(self, path: Path, stem: str, contract: Table) -> None:
        try:
            text = self.corrections.apply(path, read_text(path, file=self.shown(path)))
            frame = parse_table(text, contract)
        except ContractError as error:
            self.failures += error.failures
        else:
            self.tables.append(LoadedTable(path, stem, contract, frame, text.lines))

    def refuse_strangers(self, folder: Path, stems: Iterable[str]) -> None:
        """Fail for each file that looks like a table but belongs to none: a misspelt name."""
        stems = [*stems]
        for path in sorted(folder.glob("*")):
            if path.name.startswith((".", "~$")) or path.suffix in (".md", ".json", ".geojson"):
                continue
            if path.stem not in stems or path.suffix not in READERS:
                reason = f"is not a table of this folder{did_you_mean(path.stem, stems)}"
                self.fail(path, reason)

    def fail(self, path: Path, reason: str, line: int = 0) -> None:
        """Note a failure of a whole file or folder."""
        self.failures.append(Failure(self.shown(path), line, "", "", reason))

    def stop_on_failures(self) -> None:
        """Raise all that was found.

        Raises
        ------
        ContractError
            If there is any failure.
        """
        if self.failures:
            raise ContractError(self.failures)

    def shown(self, path: Path) -> str:
        """Return a path as messages show it: below the folder that holds the data sets."""
        inside = path.is_relative_to(self.base)
        return path.relative_to(self.base).as_posix() if inside else str(path)

    def frame(self, stem: str, contract: Table) -> pd.DataFrame:
        """Return all rows read under one name; an empty table if there are none."""
        frames = [table.frame for table in self.tables if table.stem == stem]
        return pd.concat(frames, ignore_index=True) if frames else empty_table(contract)


@dataclass(frozen=True)
class LoadedTable:
    """A typed table and where each of its rows stands."""

    path: Path
    stem: str
    contract: Table
    frame: pd.DataFrame
    lines: Sequence[int]


def empty_table(contract: Table) -> pd.DataFrame:
    """Return a table without rows, its columns in their types.

    Examples
    --------
    >>> from ewm_analysis.contracts import Districts
    >>> empty_table(Districts).columns.tolist()
    ['ags', 'nuts3', 'name', 'kind', 'state']
    """
    columns = columns_of(contract).values()
    return pd.DataFrame({column.name: pd.Series(dtype=DTYPES[column.kind]) for column in columns})
