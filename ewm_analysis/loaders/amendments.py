"""What evaluators decided on a data set: cells that read otherwise, actors that are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.contracts import Table, did_you_mean
from ewm_analysis.errors import Failure
from ewm_analysis.loaders.read import LoadedTable, TextTable


@dataclass
class Corrections:
    """The corrections of a data set, made on the text of its files before it is parsed.

    Each must fit the cell it names: hold what was wrong, or already what is right (``mended``,
    by row of the list). ``folder`` is the data set, ``file`` the name of the list as failures
    show it; ``rows`` are those of contract `Corrections`, each with its ``place``.
    """

    folder: Path = Path()
    file: str = ""
    rows: Sequence[Any] = ()
    failures: list[Failure] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    mended: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, listed: LoadedTable) -> Corrections:
        """Return the list of a data set from its table."""
        rows = listed.frame.assign(place=[*listed.lines]).itertuples()
        return cls(folder, listed.file, [*rows])

    def of_file(self, path: Path) -> list[Any]:
        """Return the corrections of a file, which is seen by it."""
        if not path.is_relative_to(self.folder):
            return []
        name = path.relative_to(self.folder).as_posix()
        self.seen.add(name)
        return [row for row in self.rows if row.file == name]

    def apply(self, path: Path, text: TextTable, contract: Table) -> TextTable:
        """Return the table of a file with its corrections made; what does not fit is noted."""
        if not (own := self.of_file(path)):
            return text
        frame, keys = text.frame.copy(), row_keys(text.frame, contract)
        for row in own:
            if misfit := _misfit(row, text, keys):
                self._fail(row, *misfit)
                continue
            at = _rows_meant(row, text, keys)[0]
            if text.frame[row.column].iloc[at] == row.new:
                self.mended.append(row.Index)
            frame.loc[frame.index[at], row.column] = row.new
        return replace(text, frame=frame)

    def left_over(self) -> list[Failure]:
        """Return a failure for each correction that fitted nothing."""
        for row in self.rows:
            if row.file not in self.seen:
                reason = "no table of the data set is read from such a file"
                self._fail(row, "file", row.file, reason + did_you_mean(row.file, self.seen))
        return self.failures

    def _fail(self, row: Any, column: str, value: str, reason: str) -> None:
        allowed = f"the correction fits nothing: {reason}"
        self.failures.append(Failure(self.file, row.place, column, value, allowed))


def row_keys(frame: pd.DataFrame, contract: Table) -> list[str]:
    """Return what names each row of a file: the cells of its key but the year, with blanks between.

    Examples
    --------
    >>> from ewm_analysis.contracts import RECORDS
    >>> links = pd.DataFrame({"year": ["2021"], "project_id": ["p1"], "activity_id": [""],
    ...                       "actor_id": ["a7"]})
    >>> row_keys(links, RECORDS["participations"])
    ['p1 a7']
    """
    names = [name for name in contract.key if name in frame and name != "year"]
    return [
        " ".join(filter(None, cells))
        for cells in zip(*(frame[name] for name in names), strict=True)
    ]


def _rows_meant(row: Any, text: TextTable, keys: Sequence[str]) -> list[int]:
    """Return the places of the rows with the key, or else of the row in the line."""
    if row.key:
        return [at for at, key in enumerate(keys) if key == row.key]
    return [at for at, line in enumerate(text.lines) if line == row.line]


def _misfit(row: Any, text: TextTable, keys: Sequence[str]) -> tuple[str, str, str] | None:
    """Return column, value and reason if the file has no such cell, or another text in it."""
    if row.column not in text.frame:
        hint = did_you_mean(row.column, text.frame.columns)
        return "column", row.column, f"{row.file} has no such column{hint}"
    found = _rows_meant(row, text, keys)
    if row.key and len(found) != 1:
        number = f"{len(found)} rows" if found else "no row"
        return "key", row.key, f"{row.file} has {number} of this key{did_you_mean(row.key, keys)}"
    if not found:
        line = "" if pd.isna(row.line) else str(row.line)
        return "line", line, f"{row.file} has no row that begins in this line"
    there = str(text.frame[row.column].iloc[found[0]])
    if there not in (row.old, row.new):
        return "old", row.old, f"line {text.lines[found[0]]} of {row.file} holds {there!r}"
    return None


def with_row_keys(
    listed: pd.DataFrame, name: str, text: TextTable, contract: Table
) -> pd.DataFrame:
    """Return a list of corrections in which those of a file name their rows by key.

    Parameters
    ----------
    listed : DataFrame
        The list as text, with or without a column ``key``.
    name : str
        The file whose rows may be about to move, as the list names it.
    text : TextTable
        The file as it stands; a row that a correction does not fit stays as it is.
    contract : Table
        Of the file.
    """
    keys = row_keys(text.frame, contract)
    places = {str(line): at for at, line in enumerate(text.lines)}
    listed = listed.assign(key=listed.get("key", ""))
    for index, row in listed[(listed["file"] == name) & (listed["key"] == "")].iterrows():
        at = places.get(row["line"])
        if at is None or row["column"] not in text.frame or keys.count(keys[at]) > 1:
            continue
        if text.frame[row["column"]].iloc[at] in (row["old"], row["new"]):
            listed.loc[index, "key"] = keys[at]
    return listed


def check_merges(merges: LoadedTable, actors: pd.DataFrame) -> list[Failure]:
    """Return a failure for each decision that fits nothing.

    Both ids must stand among the actors of some year; an id is given up once, and the one that
    is kept is not given up itself.
    """
    known = {*actors["actor_id"]}
    given_up = [*merges.frame.loc[merges.frame["decision"] == "merge", "actor_id"]]
    found = []
    for line, row in zip(merges.lines, merges.frame.itertuples(index=False), strict=True):
        is_merge = row.decision == "merge"
        unknown = "the decision fits nothing: no actor of any year has this id"
        ends = "is given up in another row; name the actor that is kept in the end"
        twice = "is given up for two actors; keep one row"
        wrong = (
            ("actor_id", unknown, row.actor_id not in known),
            ("same_as", unknown, row.same_as not in known),
            ("same_as", ends, is_merge and row.same_as in given_up),
            ("actor_id", twice, is_merge and given_up.count(row.actor_id) > 1),
        )
        found += [
            Failure(merges.file, line, column, getattr(row, column), reason)
            for column, reason, is_so in wrong
            if is_so
        ]
    return found


def merge_actors(
    records: Mapping[str, pd.DataFrame], merges: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the records of all years with every actor under the id that is kept.

    Where both stand in a year, the row of the kept one counts, and a participation of both in
    the same project or activity counts once.

    Examples
    --------
    >>> actors = pd.DataFrame({"year": [2021, 2021], "actor_id": ["a", "b"], "name": ["TU", "tu"]})
    >>> links = pd.DataFrame({"year": [2021] * 2, "project_id": ["p"] * 2, "activity_id": [""] * 2,
    ...                       "actor_id": ["a", "b"]})
    >>> merges = pd.DataFrame({"actor_id": ["b"], "same_as": ["a"], "decision": ["merge"]})
    >>> merged = merge_actors({"actors": actors, "participations": links}, merges)
    >>> merged["actors"]["name"].tolist(), len(merged["participations"])
    (['TU'], 1)
    """
    chosen = merges[merges["decision"] == "merge"]
    kept = dict(zip(chosen["actor_id"], chosen["same_as"], strict=True))
    if not kept:
        return dict(records)
    actors, links = records["actors"], records["participations"]
    is_given_up = actors["actor_id"].isin(kept)
    renamed = actors.assign(actor_id=actors["actor_id"].replace(kept))
    first = renamed.assign(is_given_up=is_given_up).sort_values("is_given_up", kind="stable")
    one = ~first.duplicated(["year", "actor_id"])
    links = links.assign(actor_id=links["actor_id"].replace(kept)).drop_duplicates()
    return {
        **records,
        "actors": renamed.loc[sorted(first.index[one])].reset_index(drop=True),
        "participations": links.reset_index(drop=True),
    }
