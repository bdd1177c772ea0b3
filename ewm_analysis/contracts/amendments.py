"""Contracts of what evaluators decide about the files of a data set, with a trace."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from ewm_analysis.contracts.model import Integer, Table, Text
from ewm_analysis.contracts.model import column as declare  # `Corrections` has a column "column"


def _reason() -> Text:
    return declare(
        "text",
        "Begründung",
        "Reason",
        "Why, and who confirmed it; the page on data quality prints it",
    )


def _date() -> Text:
    return declare("date", "Datum", "Date", "Day of the decision")


class Corrections(Table):
    """Cells that are read otherwise than they stand in their file; the file stays as it came."""

    file: Text = declare(
        "text", "Datei", "File", "Path below the data set, such as records/2021/projects.csv"
    )
    line: Integer = declare(
        "integer", "Zeile", "Line", "As an editor counts; the header is line 1", minimum=2
    )
    column: Text = declare("text", "Spalte", "Column", "Name in the header")
    old: Text = declare("text", "alt", "Old", "What stands there, to the letter", required=False)
    new: Text = declare("text", "neu", "New", "What is read instead", required=False)
    reason: Text = _reason()
    date: Text = _date()

    class Config:
        name = "corrections"
        unique = ["file", "line", "column"]

    @pa.dataframe_check(error="new: must differ from old")
    def is_a_change(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["old"] != frame["new"]


class ActorMerges(Table):
    """Decisions on actors that look alike: one actor under two ids, or two after all."""

    actor_id: Text = declare("text", "Akteurskennung", "Actor id", "The id that is given up")
    same_as: Text = declare("text", "ist", "Is", "The id of the other actor, which is kept")
    decision: Text = declare(
        "text",
        "Entscheidung",
        "Decision",
        "merge: counted as one; separate: two actors, not proposed again",
        allowed=("merge", "separate"),
    )
    reason: Text = _reason()
    date: Text = _date()

    class Config:
        name = "actor_merges"
        unique = ["actor_id", "same_as"]

    @pa.dataframe_check(error="same_as: must be another actor")
    def two_actors(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["actor_id"] != frame["same_as"]
