"""Invented companies, turnover and employment of clusters, through the printed ones of Tab. 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ewm_analysis.catalogue import indicator
from ewm_analysis.example.draw import Integers
from ewm_analysis.example.targets import ECONOMY, GROWTH

FIRST = 2011
LATEST = {
    "companies": 2019,
    "turnover_eur": 2019,
    "employees_insured": 2020,
    "employees_marginal": 2020,
}
"""Year of the figures in Tab. 1; growth runs from `FIRST` to it."""

ROUNDED_TO = {"turnover_eur": 1_000_000}

LEVELS = pd.DataFrame(
    [
        ("gw", 5_600, 9.8e9, 79_000, 7_400),
        ("vml", 4_100, 14.5e9, 92_000, 5_200),
        ("imk", 39_000, 25.0e9, 165_000, 7_000),
        ("op", 420, 3.1e9, 15_500, 450),
        ("et", 5_200, 11.0e9, 41_000, 2_300),
        ("ew", 190, 4.2e9, 13_500, 1_300),
        ("kc", 260, 3.6e9, 11_500, 520),
        ("me", 1_900, 6.4e9, 33_000, 1_900),
        ("to", 7_900, 2.4e9, 34_000, 15_500),
    ],
    columns=["cluster_id", *LATEST],
).set_index("cluster_id")
"""Orders of magnitude of the cluster cores, invented; a seed moves them."""

TOTAL_PER_CORE = (1.3, 2.2)
GROWTH_RANGE = {
    "companies": (0.0, 0.25),
    "turnover_eur": (0.1, 0.55),
    "employees_insured": (0.05, 0.4),
    "employees_marginal": (-0.25, 0.1),
}
NOISE = 0.02
"""Standard deviation of a year's growth around its path."""

TABLE = "Tab. 1 (p. 5)"
TABLE_SOURCE = "imk_2021"
SOURCE = "synthetic"


def draw_economy(rng: np.random.Generator, clusters: pd.DataFrame, years: range) -> pd.DataFrame:
    """Return the economy table of the clusters from 2011, or the first year, to the last."""
    last = max(*LATEST.values(), years[-1])
    span: Integers = np.arange(min(FIRST, years[0]), last + 1, dtype=np.int64)
    frames = []
    for cluster, region in zip(clusters["cluster_id"], clusters["region"], strict=True):
        factors = {"core": 1.0, "total": rng.uniform(*TOTAL_PER_CORE)}
        for scope, factor in factors.items():
            paths = {name: _path(rng, cluster, scope, name, factor, span) for name in LATEST}
            paths["employees_total"] = paths["employees_insured"] + paths["employees_marginal"]
            frames += [
                pd.DataFrame({"year": span, "indicator": name, "value": values}).assign(
                    cluster_id=cluster, scope=scope, region=region
                )
                for name, values in paths.items()
            ]
    table = pd.concat(frames, ignore_index=True)
    return _described(table[table["year"] <= years[-1]])


def _path(
    rng: np.random.Generator, cluster: str, scope: str, name: str, factor: float, span: Integers
) -> Integers:
    """Return the values of all years: a random walk tied to its first and its latest figure."""
    drawn = LEVELS.at[cluster, name] * factor * rng.lognormal(sigma=0.05)
    level = ECONOMY.get((cluster, scope, name), drawn)
    growth = GROWTH.get((cluster, scope, name), rng.uniform(*GROWTH_RANGE[name]))
    latest = LATEST[name]
    trend = (span - latest) / (latest - FIRST) * np.log1p(growth)
    noise = np.cumsum(rng.normal(0, NOISE, len(span)))
    tied = noise - np.interp(span, [FIRST, latest], np.interp([FIRST, latest], span, noise))
    unit = ROUNDED_TO.get(name, 1)
    values: Integers = np.rint(level * np.exp(trend + tied) / unit).astype(np.int64)
    return values * unit


def _described(table: pd.DataFrame) -> pd.DataFrame:
    """Fill the remaining columns; the printed figures bear their source."""
    figures = pd.DataFrame([*ECONOMY], columns=["cluster_id", "scope", "indicator"])
    figures["year"] = figures["indicator"].map(LATEST)
    staff = figures[figures["indicator"] == "employees_insured"]
    figures = pd.concat([figures, staff.assign(indicator="employees_total")])
    marked = table.merge(figures, how="left", indicator="match", validate="1:1")
    printed = (marked["match"] == "both").to_numpy()
    return table.assign(
        sector="",
        base_year=pd.NA,
        delimitation="clustermonitoring",
        mention=1,
        unit=[indicator(name).unit for name in table["indicator"]],
        precision="exact",
        is_provisional=False,
        source_id=np.where(printed, TABLE_SOURCE, SOURCE),
        reference=np.where(printed, TABLE, ""),
        note="",
    )
