"""What a failure says: values as files write them, and what is allowed in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import pandas as pd

from ewm_analysis.contracts.model import Column

LONGEST_LIST = 40
"""Codes listed in a message; a longer list is left to "did you mean"."""

KIND_NAMES = {
    "text": "text",
    "integer": "a whole number such as 12",
    "number": "a number such as 1234.5",
    "boolean": "true or false",
    "date": "a date such as 2021-12-31",
}


def did_you_mean(value: str, choices: Iterable[str]) -> str:
    """Return a hint to the closest choice, empty if none is close.

    Examples
    --------
    >>> did_you_mean("ikm", ["imk", "gw"])
    ". Did you mean 'imk'?"
    """
    close = get_close_matches(value, [*choices], n=1, cutoff=0.5)
    return f". Did you mean {close[0]!r}?" if close else ""


def listed(value: str, choices: Sequence[str]) -> str:
    """Return the allowed choices, if they are few, and a hint to the closest.

    Examples
    --------
    >>> listed("ikm", ["imk", "gw"])
    ": allowed: imk, gw. Did you mean 'imk'?"
    """
    few = f": allowed: {', '.join(choices)}" if 0 < len(choices) <= LONGEST_LIST else ""
    return few + did_you_mean(value, choices)


def describe_allowed(column: Column) -> str:
    r"""Say in plain English what a cell of the column may hold.

    Examples
    --------
    >>> from ewm_analysis.contracts import Actors, Projects, columns_of
    >>> describe_allowed(columns_of(Projects)["status"])
    'allowed: application, started, finished'
    >>> describe_allowed(columns_of(Actors)["ags"])
    'must have the form [0-9]{5} or be empty'
    """
    or_empty = "" if column.required else " or be empty"
    if column.allowed:
        return f"allowed: {', '.join(column.allowed)}{'' if column.required else ' or empty'}"
    if column.pattern:
        return f"must have the form {column.pattern}{or_empty}"
    if column.minimum is not None and column.maximum is not None:
        return f"must lie between {column.minimum:g} and {column.maximum:g}{or_empty}"
    if column.minimum is not None:
        return f"must be at least {column.minimum:g}{or_empty}"
    if column.maximum is not None:
        return f"must be at most {column.maximum:g}{or_empty}"
    return f"must be {KIND_NAMES[column.kind]}{or_empty}"


def shown(value: object) -> str:
    """Return a cell as a file would write it: empty if missing, no ``.0``, true or false.

    Examples
    --------
    >>> shown(-1.0), shown(True), shown(None)
    ('-1', 'true', '')
    """
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if str(value) in ("True", "False") else str(value)
