"""The table of targets: what is asked for, what is known, and what can be said of it, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.counts import POWER
from ewm_analysis.statistics.targets import (
    is_untested,
    say_amount,
    say_asked,
    say_subject,
    say_verdict,
)
from ewm_analysis.tables.table import Column, Table


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
        Column("targets.column.base", _base, filed("base_year", "base_value")),
        Column("targets.column.last", _last, filed("last_year", "last_value")),
        Column("targets.column.planned", _planned, filed("planned")),
        Column("targets.column.verdict", say_verdict, is_text=True),
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


def _base(row: Any, words: Words) -> str:
    return _at(row, row.base_value, row.base_year, words)


def _last(row: Any, words: Words) -> str:
    return _at(row, row.last_value, row.last_year, words)


def _planned(row: Any, words: Words) -> str:
    return say_amount(row, row.planned, words)


def _at(row: Any, value: Any, year: Any, words: Words) -> str:
    return MISSING if pd.isna(value) else f"{say_amount(row, value, words)} ({year})"
