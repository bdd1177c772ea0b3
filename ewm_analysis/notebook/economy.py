"""What the economy page shows: all that is known of a cluster, its courses, and both states."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from ewm_analysis.catalogue import indicator, indicators
from ewm_analysis.indicators.series import with_family
from ewm_analysis.notebook.page import Page
from ewm_analysis.statistics.region import EMPLOYEES, REGIONS

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
    return SimpleNamespace(known=own, courses=_courses(own), totals=totals, states=totals[is_state])


def _courses(own: pd.DataFrame) -> pd.DataFrame:
    """Return levels of which two years are known in one delimitation, each with its family."""
    levels = own[~own["indicator"].str.endswith(GROWTHS) & own["value"].notna()]
    years = levels.groupby(COURSE, sort=False)["year"].transform("nunique")
    return with_family(levels[years > 1])
