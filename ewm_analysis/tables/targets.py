"""The table of targets: what is asked for, what is known, and what can be said of it, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING, NBSP
from ewm_analysis.statistics.counts import POWER
from ewm_analysis.statistics.targets import (
    is_untested,
    say_amount,
    say_asked,
    say_subject,
    say_verdict,
)
from ewm_analysis.tables.table import Column, Table

COURSE = ("base_year", "base_value", "last_year", "last_value")


def targets_table(rows: pd.DataFrame, words: Words) -> Table:
    """Return each target with the figures of its base year and its last known year.

    Parameters
    ----------
    rows : DataFrame
        As `judge_targets` returns it, with the ``owner`` on a page of several clusters.
    """

    def filed(*names: str) -> dict[str, str]:
        return {f"targets.raw.{name}": name for name in names}

    columns = [
        Column("targets.column.figure", say_subject),
        Column("targets.column.asked", say_asked, filed("target_year", "target"), is_text=True),
        Column("targets.column.verdict", say_verdict, is_text=True),
        Column("targets.column.course", _course, filed(*COURSE), is_text=True),
        Column("targets.column.planned", _planned, filed("planned")),
    ]
    facts = {"power": words.share(POWER)}
    notes = {
        "met": bool(rows["verdict"].isin(["reached", "missed"]).any()),
        "tested": bool(rows["p_value"].notna().any()),
        "earliest": bool(rows["earliest"].notna().any()),
        "untested": any(map(is_untested, rows.itertuples())),
    }
    said = [words.text(f"targets.note.{key}", **facts) for key, occurs in notes.items() if occurs]
    return Table.of(rows, columns, words).noted(*said)


def _course(row: Any, words: Words) -> str:
    ends = [(row.base_value, row.base_year), (row.last_value, row.last_year)]
    known = [(value, year) for value, year in dict.fromkeys(ends) if pd.notna(value)]
    told = [f"{say_amount(row, value, words)}{NBSP}({year})" for value, year in known]
    return " → ".join(told) or MISSING


def _planned(row: Any, words: Words) -> str:
    return say_amount(row, row.planned, words)
