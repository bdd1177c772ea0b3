"""What the growth page shows: the frames of the statistics, made once from the page's figures."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import pandas as pd

from ewm_analysis import statistics
from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.notebook.page import Page
from ewm_analysis.statistics.growth import ECONOMY, MONITORING
from ewm_analysis.statistics.region import NATION, OFFICIAL, REGIONS

VOLUMES = ("projects_new", "project_volume", "project_volume_running")
EMPLOYEES = ("employees_insured", "employees_insured_growth")
SERIES, ENDS = ["indicator", "scope", "region"], ("first", "last")


def compute_growth(page: Page) -> SimpleNamespace:
    """Return what grew in the page's cluster from its first to its last year.

    What too few figures cannot carry is empty; tables and sentences say so in words, so that
    the warning of the statistics is not repeated on the page.

    Parameters
    ----------
    page : Page
        The page opened by `start`, with cluster, first and last year.

    Returns
    -------
    SimpleNamespace
        Frames of the statistics and the rows they rest on: ``summary`` rests on ``figures``,
        of which the ``tested`` are those of the monitoring;
        ``index`` on ``series``, ``economy_index`` on ``economy_series``, ``trend`` on ``trends``,
        which are both; ``steps`` and ``size_change`` on ``compared``; ``largest`` and ``sizes``
        on ``volumes``; ``employment`` on ``employees``; ``shift_share`` and
        ``quotients`` on ``sectors``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallSampleWarning)
        return _compute(page)


def _compute(page: Page) -> SimpleNamespace:
    asked, values = page.parameters, page.values
    first, last = asked.first_year or 0, asked.last_year or 9999
    until = values[values["year"] <= last]
    window = until[until["year"] >= first]
    own = window[window["cluster_id"] == asked.cluster_id]
    return SimpleNamespace(
        **_courses(own, window),
        **_volumes(own, _recorded(page, first, last)),
        **_regions(until, window, str(asked.cluster_id), first),
        nation=own[own["region"] == NATION],
        branches=page.dataset.reference.cluster_branches,
    )


def _courses(own: pd.DataFrame, window: pd.DataFrame) -> dict[str, pd.DataFrame]:
    prices = window[window["indicator"] == "price_index"]
    by_year = dict(zip(prices["year"].astype(int), prices["value"].astype(float), strict=True))
    summary, trend = statistics.growth_summary(own, by_year), statistics.trend_summary(own)
    deflated = summary[summary["real_growth"].notna()]
    prices = prices[prices["year"].isin({*deflated["first_year"], *deflated["last_year"]})]
    changed = summary[summary["gap"] != "one_year"]
    names = [*SERIES, "delimitation", "year"]
    ends = [changed[[*names[:-1], f"{end}_year"]].set_axis(names, axis=1) for end in ENDS]
    trends = _undivided(own, trend[SERIES])
    is_economic = trends["indicator"].isin(ECONOMY)
    series, economy_series = trends[~is_economic], trends[is_economic]
    figures = _undivided(own, pd.concat(ends))
    return {
        "summary": summary,
        "figures": pd.concat([figures, prices]),
        "tested": figures[figures["indicator"].isin(MONITORING)],
        "index": statistics.index_series(own, MONITORING),
        "series": series,
        "economy_index": statistics.index_series(own, ECONOMY),
        "economy_series": economy_series,
        "trend": trend,
        "trends": pd.concat([series, economy_series]),
    }


def _undivided(own: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    """Return the undivided figures that are as a row of those wanted."""
    known = {*wanted.itertuples(index=False, name=None)}
    keys = own[[*wanted.columns]].itertuples(index=False, name=None)
    is_wanted = pd.Series([key in known for key in keys], index=own.index, dtype=bool)
    return own[is_wanted & (own["dimension"] == "")]


def _recorded(page: Page, first: int, last: int) -> dict[int, list[float]]:
    """Return the volumes (EUR) of the cluster's new projects by year, as the records state them."""
    table = page.dataset.records["projects"]
    new = table[(table["cluster_id"] == page.parameters.cluster_id) & table["is_new"]]
    new = new[new["year"].between(first, last)]
    return {
        int(year): own["volume_eur"].astype(float).tolist() for year, own in new.groupby("year")
    }


def _volumes(own: pd.DataFrame, recorded: dict[int, list[float]]) -> dict[str, object]:
    volumes = own[own["indicator"].isin(VOLUMES) & own["dimension"].isin(("", "project"))]
    known = recorded or volumes
    found = statistics.volume_change(known)
    ends = (found.first_year, found.last_year) if found else ()
    return {
        "volumes": volumes,
        "comparison": found,
        "compared": volumes[volumes["year"].isin(ends)],
        "steps": found.steps() if found else pd.DataFrame(),
        "size_change": found.size_change() if found else pd.DataFrame(),
        "largest": statistics.without_largest(known),
        "sizes": statistics.size_summary(recorded),
    }


def _regions(
    until: pd.DataFrame, window: pd.DataFrame, cluster_id: str, first: int
) -> dict[str, pd.DataFrame]:
    employment = statistics.employment_growth(until, cluster_id, first)
    employees = until[
        until["indicator"].isin(EMPLOYEES)
        & (until["dimension"] == "")
        & until["delimitation"].isin(("clustermonitoring", OFFICIAL.delimitation))
        & until["cluster_id"].isin((cluster_id, ""))
        & until["year"].isin({*employment["first_year"], *employment["last_year"]})
        & until["region"].isin({*employment["region"]})
    ]
    sectors = window[(window["cluster_id"] == "") & (window["dimension"] == "sector")]
    sectors = sectors[sectors["region"].isin((*REGIONS, NATION))]
    sectors = sectors[sectors["delimitation"] == OFFICIAL.delimitation]
    return {
        "employment": employment,
        "employees": employees,
        "sectors": sectors,
        "shift_share": statistics.shift_share_by_sector(sectors),
        "quotients": statistics.location_quotients(sectors),
    }
