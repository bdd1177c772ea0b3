"""Counts of events among the figures of the long table: how far chance alone moves them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ewm_analysis.statistics.counts import count_interval

NEW_EACH_YEAR = (
    "projects_new",
    "projects_rdi",
    "projects_cross_cluster",
    "activities",
    "activities_cross_cluster",
)
"""Counts of what is new each year: only these vary by chance as `count_interval` says."""


def event_interval(row: Any) -> tuple[float, float] | None:
    """Return the exact Poisson interval of a count of events, None for anything else.

    Parameters
    ----------
    row : object with ``indicator``, ``dimension``, ``precision`` and ``value``
        A row of the long table.
    """
    is_event = row.indicator in NEW_EACH_YEAR and row.precision == "exact" and not row.dimension
    if not is_event or pd.isna(row.value):
        return None
    found = count_interval(int(row.value))
    return float(found.low or 0.0), float(found.high or 0.0)
