"""What is known of a number, said with its bounds: exact, about, more than, up to, from … to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ewm_analysis.l10n import MISSING

if TYPE_CHECKING:
    from ewm_analysis.catalogue.words import Words


def say_limits(
    row: Any, words: Words, say: Callable[[float], str], style: Literal["mark", "said"] = "mark"
) -> str:
    """Return a number with its bounds, a dash if there is none.

    Parameters
    ----------
    row : object with ``low``, ``high`` and ``is_rough``
        A `Quantity`, or a row of a table that holds one. A limit may be missing.
    words : Words
        Language.
    say : callable
        Says one number: ``words.count``, ``words.share`` …
    style : {"mark", "said"}
        A sign for tables and labels ("≈ 80", "> 60"), or words for sentences ("about 80"). A
        rough bound always has a word: "> about 60", "more than about 60".
    """
    low = None if row is None or _is_missing(row.low) else float(row.low)
    high = None if row is None or _is_missing(row.high) else float(row.high)
    if low is None and high is None:
        return MISSING
    rough = bool(row.is_rough)

    def said(value: float, style: str) -> str:
        text = say(value)
        return words.text(f"organisations.{style}.approximate", value=text) if rough else text

    if low is None or high is None:
        kind = "lower_bound" if high is None else "upper_bound"
        limit = low if low is not None else high or 0.0
        return words.text(f"organisations.{style}.{kind}", value=said(limit, "said"))
    if low == high:
        return said(low, style)
    return words.text("organisations.range", low=say(low), high=say(high))


def two_digits(words: Words) -> Callable[[float], str]:
    """Return what says a ratio for `say_limits`: in two digits, as much as its parts carry."""
    return lambda value: words.number(value, 0 if value >= 10 else 1)


def _is_missing(value: Any) -> bool:
    return value is None or str(value) in ("<NA>", "nan")
