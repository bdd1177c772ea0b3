"""What a re-import changes: rows added and removed, cells that hold another value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ewm_analysis.contracts import columns_of, key_of
from ewm_analysis.contracts.layout import RECORDS
from ewm_analysis.contracts.wording import shown


@dataclass(frozen=True)
class CellChange:
    """A cell of a row that stands in both: by key, column, old and new value."""

    key: str
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class TableChanges:
    """Changes of one table; rows by their key."""

    table: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[CellChange, ...]

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.added or self.removed or self.changed)


def find_changes(
    old: Mapping[str, pd.DataFrame], new: Mapping[str, pd.DataFrame]
) -> list[TableChanges]:
    """Return the changes of each of the five tables, in their order.

    Parameters
    ----------
    old, new : mapping of str to DataFrame
        The records of one year as they stand and as they would stand.

    Examples
    --------
    >>> from ewm_analysis.loaders.files import empty_table
    >>> old = {stem: empty_table(contract) for stem, contract in RECORDS.items()}
    >>> any(find_changes(old, old))
    False
    """
    return [_of_table(stem, old[stem], new[stem]) for stem in RECORDS]


def _of_table(table: str, old: pd.DataFrame, new: pd.DataFrame) -> TableChanges:
    contract = RECORDS[table]
    before, after = _by_key(old, key_of(contract)), _by_key(new, key_of(contract))
    changed = [
        CellChange(_said(key), name, before[key][name], row[name])
        for key, row in after.items()
        if key in before
        for name in columns_of(contract)
        if before[key][name] != row[name]
    ]
    return TableChanges(
        table,
        added=tuple(_said(key) for key in after if key not in before),
        removed=tuple(_said(key) for key in before if key not in after),
        changed=tuple(changed),
    )


def _by_key(frame: pd.DataFrame, key: list[str]) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the rows as texts by their key."""
    texts = [
        {str(name): shown(cell) for name, cell in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]
    return {tuple(row[name] for name in key): row for row in texts}


def _said(key: tuple[str, ...]) -> str:
    """Return a key without the year, which is the same everywhere."""
    return " · ".join(part for part in key[1:] if part)
