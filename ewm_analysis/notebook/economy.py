"""What the economy page shows: all that is known of a cluster, its courses, and both states."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import pandas as pd

from ewm_analysis import statistics
from ewm_analysis.catalogue import indicator, indicators
from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.indicators.long import with_family
from ewm_analysis.notebook.page import Page
from ewm_analysis.statistics.region import EMPLOYEES, OFFICIAL, REGIONS, SURVEY

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
    names = [name for name in indicators() if indicator(name).group == "economy"]
    values = page.values[page.values["indicator"].isin(names) & (page.values["dimension"] == "")]
    place = values["indicator"].map({name: at for at, name in enumerate(names)})
    values = values.assign(_place=place).sort_values(
        ["_place", *COURSE[1:], "year"], kind="stable", ignore_index=True
    )
    values = values.drop(columns="_place")
    own = values[values["cluster_id"] == page.parameters.cluster_id]
    totals = values[(values["cluster_id"] == "") & (values["delimitation"] == "official")]
    is_state = totals["region"].isin(REGIONS) & (totals["indicator"] == EMPLOYEES)
    states = totals[is_state].sort_values("region", key=lambda each: each.map(REGIONS.index))
    return SimpleNamespace(known=own, courses=_courses(own), totals=totals, states=states)


SURVEYED = (
    "companies", "turnover_eur", "employees_total", "innovation_expenditure_eur",
    "rd_expenditure_eur",
)  # fmt: skip


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


def _courses(own: pd.DataFrame) -> pd.DataFrame:
    """Return levels of which two years are known in one delimitation, each with its family."""
    levels = own[~own["indicator"].str.endswith(GROWTHS) & own["value"].notna()]
    years = levels.groupby(COURSE, sort=False)["year"].transform("nunique")
    return with_family(levels[years > 1])
