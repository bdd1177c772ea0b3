"""What the plausibility rules found, in words: for pages and for the command."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING
from ewm_analysis.statistics.percent import printed_digits

AMOUNTS = ("found", "expected")
COUNTS = ("base", "other_base")
SHARES = ("below", "above")


def say_finding(row: Any, words: Words) -> str:
    """Return what a rule found, as a sentence.

    Parameters
    ----------
    row : object with the fields of `Finding`
        A row of the findings of `find_contradictions`.
    words : Words
        Language.
    """
    dates = words.reference.sources.set_index("source_id")["published"]
    said = {name: _amount(row, getattr(row, name), words) for name in AMOUNTS}
    said |= {name: words.count(getattr(row, name)) for name in COUNTS}
    digits = printed_digits(row.found)
    said |= {name: words.share(getattr(row, name), digits) for name in SHARES}
    said["other"] = _name(row.other_indicator, row, words)
    said["date"], said["other_date"] = (
        words.date(dates.get(source, "")) for source in (row.source_id, row.other_source_id)
    )
    key = f"{row.rule}_contradiction" if _is_worse(row) else row.rule
    sentence = words.text(f"statistics.finding.{key}", **said)
    if pd.notna(row.count_if_cut):
        cut = words.text("statistics.cut", count=words.count(row.count_if_cut), base=said["base"])
        sentence = f"{sentence} {cut}"
    return sentence


def _is_worse(row: Any) -> bool:
    """Some rules return notes, and a contradiction under a stricter condition."""
    usually_note = row.rule in ("repeated_fact", "sum_of_overlapping")
    return usually_note and row.level == "contradiction"


def _amount(row: Any, value: Any, words: Words) -> str:
    if pd.isna(value):
        return MISSING
    if row.dimension != "organisation":
        return words.value(row.indicator, float(value))
    is_share = row.rule == "member_share"
    return words.share(value, printed_digits(value)) if is_share else words.count(value)


def _name(name: str, row: Any, words: Words) -> str:
    if not name:
        return MISSING
    is_fact = row.dimension == "organisation"
    return words.label("organisation_fact", name) if is_fact else words.indicator(name)
