"""Published and economic figures as rows of the long table."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.indicators.long import as_values


def published_values(published: pd.DataFrame) -> pd.DataFrame:
    """Return the figures printed in reports as indicator values.

    Where a quantity is printed in several places the first mention is used; the others stay
    in the published table, where the data-quality notebook compares them.

    Parameters
    ----------
    published : DataFrame
        Contract `Published`.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`.
    """
    first = published[published["mention"] == 1]
    return as_values(first.drop(columns=["mention", "unit"]))


def economy_values(economy: pd.DataFrame) -> pd.DataFrame:
    """Return figures of clusters, regions and sectors as indicator values.

    Sector blocks become the dimension ``sector``. Figures of different delimitation stay
    apart: they are different quantities.

    Parameters
    ----------
    economy : DataFrame
        Contract `Economy`.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`.
    """
    first = economy[economy["mention"] == 1]
    has_sector = first["sector"] != ""
    rows = first.assign(
        dimension=has_sector.map({True: "sector", False: ""}), category=first["sector"]
    )
    return as_values(rows.drop(columns=["mention", "unit", "sector"]))
