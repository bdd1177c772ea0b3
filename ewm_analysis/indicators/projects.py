"""Indicators of projects and other activities, from records."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.contracts.records import SCHEMES
from ewm_analysis.indicators.long import (
    CELL,
    as_values,
    counted,
    share_of,
    summed,
    with_parents,
)


def _new(projects: pd.DataFrame) -> pd.DataFrame:
    return projects[projects["is_new"]]


def projects_new(
    projects: pd.DataFrame, cells: pd.DataFrame, categories: pd.DataFrame
) -> pd.DataFrame:
    """Count new projects: undivided, and by status, funder and consortium structure.

    Parameters
    ----------
    projects : DataFrame
        Contract `Projects`.
    cells : DataFrame
        ``year``, ``cluster_id``, ``region`` of the cells that have records.
    categories : DataFrame
        ``year``, ``cluster_id``, ``dimension``, ``category`` valid in each cell.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`; a category without a project is 0.
    """
    new = _new(projects)
    return pd.concat(
        [counted(new, cells, "projects_new"), *_breakdowns(new, cells, "projects_new", categories)],
        ignore_index=True,
    )


def _breakdowns(
    items: pd.DataFrame,
    cells: pd.DataFrame,
    indicator: str,
    categories: pd.DataFrame,
    dimensions: tuple[str, ...] = ("status", "funder", "consortium_type"),
) -> list[pd.DataFrame]:
    return [
        _by_dimension(items, cells, indicator, categories, dimension) for dimension in dimensions
    ]


def _by_dimension(
    items: pd.DataFrame,
    cells: pd.DataFrame,
    indicator: str,
    categories: pd.DataFrame,
    dimension: str,
) -> pd.DataFrame:
    valid = categories[categories["dimension"] == dimension]
    named = items[[*CELL, "project_id", dimension]].rename(columns={dimension: "category"})
    return counted(with_parents(named, valid, "project_id"), cells, indicator, valid)


def projects_running(projects: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Count running projects; new ones are among them. Contract `IndicatorValues`."""
    return counted(projects, cells, "projects_running")


def projects_rdi(
    projects: pd.DataFrame, cells: pd.DataFrame, categories: pd.DataFrame
) -> pd.DataFrame:
    """Count new RDI projects, by funder and consortium, and their share of new projects.

    Parameters and result as in `projects_new`.
    """
    new = _new(projects)
    rdi = new[new["is_rdi"]]
    count = counted(rdi, cells, "projects_rdi")
    share = share_of(count, counted(new, cells, "projects_new"), "projects_rdi_share")
    parts = _breakdowns(rdi, cells, "projects_rdi", categories, ("funder", "consortium_type"))
    return pd.concat([count, share, *parts], ignore_index=True)


def project_volume(projects: pd.DataFrame, cells: pd.DataFrame, named: pd.Series) -> pd.DataFrame:
    """Sum the volume of new and of running projects, the part of the region, named projects.

    Parameters
    ----------
    projects : DataFrame
        Contract `Projects`; amounts in EUR, unknown ones missing.
    cells : DataFrame
        ``year``, ``cluster_id``, ``region`` of the cells that have records.
    named : Series of str
        Ids of the projects that the report may name.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`; the note tells "known/all" where volumes are unknown.
    """
    new = _new(projects)
    parts = [
        summed(new, cells, "project_volume", "volume_eur"),
        summed(new, cells, "project_volume_region", "volume_region_eur"),
        summed(projects, cells, "project_volume_running", "volume_eur"),
    ]
    parts.append(_single(new, cells, named, "project_volume", "volume_eur"))
    return pd.concat(parts, ignore_index=True)


def _single(
    new: pd.DataFrame, cells: pd.DataFrame, named: pd.Series, indicator: str, column: str
) -> pd.DataFrame:
    """The amounts of single projects that the report may name."""
    single = new[new["project_id"].isin(named) & new[column].notna()]
    amounts = single.rename(columns={"project_id": "category", column: "value"})
    amounts = amounts[[*CELL, "category", "value"]].merge(cells, on=CELL, validate="m:1")
    return as_values(amounts.assign(indicator=indicator, dimension="project"))


def funding_volume(projects: pd.DataFrame, cells: pd.DataFrame, named: pd.Series) -> pd.DataFrame:
    """Sum the public funding of new projects, the part of the region, and named projects.

    Parameters and result as in `project_volume`.
    """
    new = _new(projects)
    return pd.concat(
        [
            summed(new, cells, "funding_volume", "funding_eur"),
            summed(new, cells, "funding_volume_region", "funding_region_eur"),
            _single(new, cells, named, "funding_volume", "funding_eur"),
        ],
        ignore_index=True,
    )


def activities(table: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Count other activities; they are never projects. Contract `IndicatorValues`."""
    return counted(table, cells, "activities")


def projects_by_category(
    projects: pd.DataFrame,
    assignments: pd.DataFrame,
    cells: pd.DataFrame,
    categories: pd.DataFrame,
) -> pd.DataFrame:
    """Count new projects by guideline, focus topic, action field and technology.

    A project counts once in each category it is assigned to, and once in a parent category
    however many of the sub-categories it has: the brace of the printed figures.

    Parameters
    ----------
    projects : DataFrame
        Contract `Projects`.
    assignments : DataFrame
        Contract `Assignments`.
    cells, categories : DataFrame
        As in `projects_new`; ``categories`` also holds ``parent``.

    Returns
    -------
    DataFrame
        Contract `IndicatorValues`; categories overlap, so they are never summed.
    """
    new = _new(projects)[[*CELL, "project_id"]]
    return _by_category(new, assignments, cells, categories, "project_id", "projects_new")


def activities_by_category(
    table: pd.DataFrame,
    assignments: pd.DataFrame,
    cells: pd.DataFrame,
    categories: pd.DataFrame,
) -> pd.DataFrame:
    """Count other activities by guideline, focus topic, action field and technology.

    As `projects_by_category`, for the contract `Activities`.
    """
    items = table[[*CELL, "activity_id"]]
    return _by_category(items, assignments, cells, categories, "activity_id", "activities")


def _by_category(
    items: pd.DataFrame,
    assignments: pd.DataFrame,
    cells: pd.DataFrame,
    categories: pd.DataFrame,
    item_id: str,
    indicator: str,
) -> pd.DataFrame:
    own = assignments.rename(columns={"scheme": "dimension"})[
        ["year", item_id, "dimension", "category"]
    ]
    assigned = own.merge(items, on=["year", item_id], validate="m:1")
    parts = [
        counted(
            with_parents(assigned[assigned["dimension"] == scheme], valid, item_id),
            cells,
            indicator,
            valid,
        )
        for scheme, valid in categories.groupby("dimension", sort=False)
        if scheme in SCHEMES
    ]
    # A data set may know no scheme at all: nothing was asked, nothing is counted.
    none = as_values(pd.DataFrame(columns=[*CELL, "region", "indicator", "value"]))
    return pd.concat([none, *parts], ignore_index=True)
