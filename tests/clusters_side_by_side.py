"""Figures of several clusters, written out: rows of the long table for tests of comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.contracts import IndicatorValues, check
from ewm_analysis.indicators.comparison import cluster_figures
from ewm_analysis.indicators.long import as_values
from ewm_analysis.loaders.files import load_reference

REFERENCE = load_reference(Path(__file__).parents[1] / "data" / "reference")
DE, EN = Words(REFERENCE, "de"), Words(REFERENCE, "en")
NINE = ("gw", "vml", "imk", "op", "et", "ew", "kc", "me", "to")


def across(
    figures: Mapping[str, Mapping[str, float]],
    *,
    year: int = 2021,
    dimension: str = "",
    **more: object,
) -> pd.DataFrame:
    """Return rows from ``{indicator or indicator:category: {cluster: value}}``."""
    regions = REFERENCE.clusters.set_index("cluster_id")["region"]
    records = [
        (year, cluster, regions[cluster], *name.partition(":")[::2], value)
        for name, values in figures.items()
        for cluster, value in values.items()
    ]
    names = ["year", "cluster_id", "region", "indicator", "category", "value"]
    frame = pd.DataFrame(records, columns=names)
    frame["dimension"] = frame["category"].map(lambda category: dimension if category else "")
    return cluster_figures(check(as_values(frame.assign(**more)), IndicatorValues), REFERENCE)


def nine(values: str) -> dict[str, float]:
    """Return nine numbers by cluster."""
    return dict(zip(NINE, map(float, values.split()), strict=True))
