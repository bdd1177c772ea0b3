"""What evaluators decided on a data set: cells that read otherwise, actors that are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.contracts import did_you_mean
from ewm_analysis.errors import Failure
from ewm_analysis.loaders.parse import LoadedTable
from ewm_analysis.loaders.read import TextTable


@dataclass
class Corrections:
    """The corrections of a data set, made on the text of its files before it is parsed.

    Each must fit the cell it names. ``folder`` is the data set, ``file`` the name of the list as
    failures show it; ``rows`` are those of contract `Corrections`, each with its ``place``.
    """

    folder: Path = Path()
    file: str = ""
    rows: Sequence[Any] = ()
    failures: list[Failure] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, folder: Path, listed: LoadedTable) -> Corrections:
        """Return the list of a data set from its table."""
        rows = listed.frame.assign(place=[*listed.lines]).itertuples(index=False)
        return cls(folder, listed.file, [*rows])

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
            if misfit := _misfit(row, text):
                self._fail(row, *misfit)
            else:
                frame.loc[frame.index[text.lines.index(row.line)], row.column] = row.new
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


def _misfit(row: Any, text: TextTable) -> tuple[str, str, str] | None:
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
