"""Targets on the scale of an index, and the sentence on them."""

from __future__ import annotations

from typing import Any, get_args

import pandas as pd
from matplotlib.axes import Axes

from ewm_analysis.catalogue import Words
from ewm_analysis.figures.grammar import View, tells
from ewm_analysis.figures.messages import A_DIFFERENCE
from ewm_analysis.figures.style import INK, write_beside
from ewm_analysis.statistics.growth import SERIES
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


def targets_as_index(view: View) -> pd.DataFrame:
    """Return the targets of the figures drawn as ``asked``, on the scale of their index."""
    rows = view.rows
    base = rows[(rows["year"] == rows["base_year"]) & rows["index"].notna()]
    start = base[[*SERIES[:3], "value"]].rename(columns={"value": "start"})
    both = view.asked.merge(start, on=SERIES[:3])
    return both.assign(asked=100.0 * (both["target"] / both["start"]).astype(float))


def draw_targets(ax: Axes, asked: pd.DataFrame, years: tuple[int, int], words: Words) -> None:
    """Draw a line for each target of a panel, its year above it; an arrow leads to one beyond."""
    low, high = ax.get_ylim()
    beyond: dict[str, list[str]] = {}
    for row in asked.itertuples():
        text = words.text("targets.line", asked=f"{row.target_year}: {words.number(row.asked, 0)}")
        if low < row.asked < high:
            ax.plot(years, [row.asked] * 2, color=INK, linewidth=0.9, linestyle="--", zorder=0)
            write_beside(ax, text, (years[0], row.asked), (0, 2), va="bottom", fontsize=8)
        else:
            arrow = "↑" if row.asked >= high else "↓"
            beyond.setdefault(arrow, []).append(f"{text} {arrow}")
    for arrow, texts in beyond.items():  # one below the other
        edge, va = (high, "top") if arrow == "↑" else (low, "bottom")
        write_beside(ax, "\n".join(texts), (years[0], edge), (0, 0), va=va, fontsize=8)


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
        name=say_subject(row, words) if row.owner else words.within(say_subject(row, words)),
        asked=say_asked(row, words),
        value=say_amount(row, row.last_value, words),
        planned=say_amount(row, row.planned, words),
        year=None if pd.isna(row.last_year) else row.last_year,  # withheld
        why=say_gap(row, words),
    )
