"""What the growth page shows: the frames of the statistics, made once from the page's figures."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import pandas as pd

from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.notebook.page import Page
from ewm_analysis.statistics import (
    VolumeComparison,
    compare_recorded_volumes,
    compare_total_volumes,
    employment_growth,
    growth_summary,
    index_series,
    location_quotients,
    shift_share_by_sector,
    size_summary,
    trend_summary,
    without_largest,
    without_named,
)
from ewm_analysis.statistics.growth import ECONOMY, MONITORING
from ewm_analysis.statistics.region import NATION, REGIONS

VOLUMES = ("projects_new", "project_volume", "project_volume_running")


@dataclass(frozen=True)
class Growth:
    """Frames of the statistics of one cluster between two years, and the rows they rest on.

    ``summary`` rests on ``figures``; ``index`` on ``series``, ``economy_index`` on
    ``economy_series``, ``trend`` on both; ``comparison`` and ``steps`` on ``compared``;
    ``largest`` and ``sizes`` on ``volumes``; ``employment`` on ``employees``; ``shift_share``
    on ``sectors``; ``quotients`` on ``latest_sectors``.
    """

    figures: pd.DataFrame
    summary: pd.DataFrame
    series: pd.DataFrame
    index: pd.DataFrame
    economy_series: pd.DataFrame
    economy_index: pd.DataFrame
    trend: pd.DataFrame
    volumes: pd.DataFrame
    compared: pd.DataFrame
    comparison: VolumeComparison | None
    steps: pd.DataFrame
    largest: pd.DataFrame
    sizes: pd.DataFrame
    employees: pd.DataFrame
    employment: pd.DataFrame
    sectors: pd.DataFrame
    shift_share: pd.DataFrame
    latest_sectors: pd.DataFrame
    quotients: pd.DataFrame

    @property
    def trends(self) -> pd.DataFrame:
        """Return the figures that the trends rest on."""
        return pd.concat([self.series, self.economy_series])


def compute_growth(page: Page) -> Growth:
    """Return what grew in the page's cluster from its first to its last year.

    What too few figures cannot carry is empty; tables and sentences say so in words, so that
    the warning of the statistics is not repeated on the page.

    Parameters
    ----------
    page : Page
        The page opened by `start`, with cluster, first and last year.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        return _compute(page)


def _compute(page: Page) -> Growth:
    asked, values = page.parameters, page.values
    first, last = asked.first_year or 0, asked.last_year or 9999
    until = values[values["year"] <= last]
    window = until[until["year"] >= first]
    own = window[window["cluster_id"] == asked.cluster_id]
    summary = growth_summary(own)
    volumes = own[own["indicator"].isin(VOLUMES)]
    volumes = volumes[volumes["dimension"].isin(("", "project"))]
    recorded = _recorded(page, first, last)
    comparison = compare_recorded_volumes(recorded) if recorded else compare_total_volumes(volumes)
    ends = (comparison.first_year, comparison.last_year) if comparison else ()
    employment = employment_growth(until, str(asked.cluster_id), first)
    official = window[(window["cluster_id"] == "") & (window["dimension"] == "sector")]
    official = official[official["region"].isin((*REGIONS, NATION))]
    trends = trend_summary(own)
    series = _in_trends(own, trends)
    is_economic = series["indicator"].isin(ECONOMY)
    quotients = location_quotients(official)
    return Growth(
        figures=_in_summary(own, summary),
        summary=summary,
        series=series[~is_economic],
        index=index_series(own, MONITORING),
        economy_series=series[is_economic],
        economy_index=index_series(own, ECONOMY),
        trend=trends,
        volumes=volumes,
        compared=volumes[volumes["year"].isin(ends)],
        comparison=comparison,
        steps=pd.DataFrame() if comparison is None else comparison.steps(),
        largest=without_largest(recorded) if recorded else without_named(volumes),
        sizes=size_summary(recorded),
        employees=_employees(until, employment, asked.cluster_id or ""),
        employment=employment,
        sectors=official,
        shift_share=shift_share_by_sector(official),
        latest_sectors=official[official["year"].isin(set(quotients["year"]))],
        quotients=quotients,
    )


def _recorded(page: Page, first: int, last: int) -> dict[int, list[float]]:
    """Return the volumes (EUR) of the cluster's new projects by year, as the records state them."""
    table = page.dataset.records["projects"]
    new = table[(table["cluster_id"] == page.parameters.cluster_id) & table["is_new"]]
    new = new[new["year"].between(first, last)]
    return {
        int(year): own["volume_eur"].astype(float).tolist() for year, own in new.groupby("year")
    }


def _in_summary(own: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Return the figures at the ends of each change, for the list of sources."""
    changed = summary[summary["gap"] != "one_year"]
    ends = {
        (row.indicator, row.scope, row.region, row.delimitation, year)
        for row in changed.itertuples()
        for year in (row.first_year, row.last_year)
    }
    keys = zip(
        *(own[name] for name in ("indicator", "scope", "region", "delimitation", "year")),
        strict=True,
    )
    is_end = pd.Series([key in ends for key in keys], index=own.index, dtype=bool)
    return own[is_end & (own["dimension"] == "")]


def _in_trends(own: pd.DataFrame, trends: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of all years of the series that are long enough for a trend."""
    names = ("indicator", "scope", "region")
    long = set(trends[[*names]].itertuples(index=False, name=None))
    keys = own[[*names]].itertuples(index=False, name=None)
    is_long = pd.Series([key in long for key in keys], index=own.index, dtype=bool)
    return own[is_long & (own["dimension"] == "")]


def _employees(until: pd.DataFrame, growth: pd.DataFrame, cluster_id: str) -> pd.DataFrame:
    """Return the figures that the growth of employees rests on."""
    names = until["indicator"].isin(("employees_insured", "employees_insured_growth"))
    rows = until[names & (until["dimension"] == "") & until["delimitation"].ne("other")]
    rows = rows[rows["cluster_id"].isin((cluster_id, ""))]
    years = {*growth["first_year"], *growth["last_year"]}
    regions = {*growth["region"]}
    return rows[rows["year"].isin(years) & rows["region"].isin(regions)]
