"""The sentence on targets."""

from __future__ import annotations

from typing import Any, get_args

from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.messages import A_DIFFERENCE
from ewm_analysis.statistics.targets import (
    Verdict,
    say_amount,
    say_asked,
    say_gap,
    say_subject,
)

HOW = {"reached": "met", "missed": "met", "on_track": "on_way", "behind": "on_way", "open": "later"}
"""The clause that says a target, by what is judged of it."""
FIRST = ("missed", "behind", "reached")
"""What a page says first, if it is so."""


@tells("judged found news items name asked value year planned why")
def target_facts(view: View) -> dict[str, Any]:
    """Say of each target what is judged, those judged alike together."""
    said: dict[str, str] = {}
    for verdict in get_args(Verdict):
        own = view.rows[view.rows["verdict"] == verdict]
        if items := [_item(view, row) for row in own.itertuples()]:
            said[verdict] = view.say(verdict, items=view.words.join(items))
    found = " ".join(said[verdict] for verdict in FIRST if verdict in said)
    return {"judged": " ".join(said.values()), "found": found, "news": A_DIFFERENCE}


def _item(view: View, row: Any) -> str:
    words = view.words
    return view.say(
        HOW[row.verdict],
        name=say_subject(row, words),
        asked=say_asked(row, words),
        value=say_amount(row, row.last_value, words),
        planned=say_amount(row, row.planned, words),
        year=row.last_year,
        why=say_gap(row, words),
    )
