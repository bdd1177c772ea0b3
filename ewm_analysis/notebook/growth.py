"""What pages on growth, economy and regions show: frames of the statistics, made once."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import pandas as pd

from ewm_analysis import statistics
from ewm_analysis.catalogue import indicator, indicators
from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.indicators.long import with_family
from ewm_analysis.notebook.page import Page
from ewm_analysis.statistics.growth import ECONOMY, MONITORING
from ewm_analysis.statistics.region import EMPLOYEES, NATION, OFFICIAL, REGIONS, SURVEY

VOLUMES = ("projects_new", "project_volume", "project_volume_running")
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
        until["indicator"].isin((EMPLOYEES, f"{EMPLOYEES}_growth"))
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


COURSE = ["indicator", "region", "scope", "delimitation"]
"""What the figures of one panel share; breaks within it are told by their family."""
GROWTHS = ("_growth", "_cagr")


def compute_economy(page: Page) -> SimpleNamespace:
    """Return the economic figures of the page's cluster, and those of the states beside it.

    Returns
    -------
    SimpleNamespace
        Indicator values: ``known``, all of the cluster; ``courses``, its levels that are known
        for two years in one delimitation, with the ``family`` that may be compared; ``totals``
        of whole regions; ``states``, the employees of Berlin and Brandenburg.
    """
    names = economic_names()
    values = page.values[page.values["indicator"].isin(names) & (page.values["dimension"] == "")]
    place = values["indicator"].map({name: at for at, name in enumerate(names)})
    values = values.assign(_place=place).sort_values(
        ["_place", *COURSE[1:], "year"], kind="stable", ignore_index=True
    )
    values = values.drop(columns="_place")
    own = values[values["cluster_id"] == page.parameters.cluster_id]
    totals = values[(values["cluster_id"] == "") & (values["delimitation"] == "official")]
    is_state = totals["region"].isin(REGIONS) & (totals["indicator"] == EMPLOYEES)
    states = totals[is_state].sort_values(
        "region", key=lambda each: each.map(REGIONS.index), kind="stable"
    )
    return SimpleNamespace(known=own, courses=_levels(own), totals=totals, states=states)


def economic_names() -> list[str]:
    """Return the indicators of economic figures, in the order of the catalogue."""
    return [name for name in indicators() if indicator(name).group == "economy"]


SURVEYED = (
    "companies",
    "turnover_eur",
    "employees_total",
    "innovation_expenditure_eur",
    "rd_expenditure_eur",
)


def compute_regions(page: Page) -> SimpleNamespace:
    """Return the figures of whole regions by sector, and what the statistics make of them.

    Returns
    -------
    SimpleNamespace
        Indicator values ``sectors`` of official statistics and, of the innovation survey, one
        frame an indicator by its name; ``turnover_index``, and ``shift_share`` and ``quotients``
        of its ``employees``.
    """
    values = page.values[page.values["cluster_id"] == ""]
    surveyed = values[values["delimitation"] == SURVEY.delimitation]
    employees = surveyed[surveyed["indicator"] == SURVEY.indicator]
    with warnings.catch_warnings():
        # of Brandenburg the survey knows nothing: tables and figures have no row of it
        warnings.simplefilter("ignore", SmallSampleWarning)
        quotients = statistics.location_quotients(employees, SURVEY)
        shift_share = statistics.shift_share_by_sector(employees, SURVEY)
    is_official = values["delimitation"] == OFFICIAL.delimitation
    return SimpleNamespace(
        sectors=values[is_official & (values["dimension"] == "sector")],
        **{name: surveyed[surveyed["indicator"] == name] for name in SURVEYED},
        turnover_index=statistics.index_by_sector(surveyed, "turnover_eur"),
        employees=employees[employees["dimension"] == "sector"],
        shift_share=shift_share,
        quotients=quotients,
    )


def _levels(own: pd.DataFrame) -> pd.DataFrame:
    """Return levels of which two years are known in one delimitation, each with its family."""
    levels = own[~own["indicator"].str.endswith(GROWTHS) & own["value"].notna()]
    years = levels.groupby(COURSE, sort=False)["year"].transform("nunique")
    return with_family(levels[years > 1])
