"""Employees of a region by sector against the nation: shift-share and location quotients."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import pandas as pd

from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.statistics.growth import cagr, growth_rate
from ewm_analysis.statistics.region import (
    dynamic_shift_share,
    hoover,
    krugman,
    location_quotient,
    shift_share,
)

REGIONS = ("be", "bb")
NATION = "de"
EMPLOYEES = "employees_insured"
PARTS = ("national", "industry", "regional", "competition", "allocation")


def sector_levels(rows: pd.DataFrame, region: str) -> pd.DataFrame:
    """Return the insured employees of a region: a line a year, a column a sector.

    Only official figures count, and only years in which every sector is known.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`.
    region : str
        Code of a region: ``be``, ``bb``, ``de``.
    """
    chosen = rows[
        (rows["indicator"] == EMPLOYEES)
        & (rows["dimension"] == "sector")
        & (rows["region"] == region)
        & (rows["delimitation"] == "official")
        & (rows["cluster_id"] == "")
    ]
    table = chosen.pivot_table(index="year", columns="category", values="value", aggfunc="first")
    return table.dropna().astype(float)


def shift_share_by_sector(rows: pd.DataFrame, regions: Iterable[str] = REGIONS) -> pd.DataFrame:
    """Return the change of employees of each region by sector, split against the nation.

    The static split compares the first with the last year; the dynamic one adds up the steps
    between the years at hand, however far they lie apart.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: insured employees by sector, official.
    regions : iterable of str
        Regions to be compared with ``de``.

    Returns
    -------
    DataFrame
        ``region method category first_year last_year years first change national industry
        regional competition allocation``: in persons; ``method`` is ``static`` or ``dynamic``,
        an empty ``category`` is the sum of the sectors. Empty where two common years are missing.

    Warns
    -----
    SmallSampleWarning
        If a region and the nation have fewer than two common years.
    """
    nation = sector_levels(rows, NATION)
    parts = [_splits(region, sector_levels(rows, region), nation) for region in regions]
    columns = [
        "region", "method", "category", "first_year", "last_year", "years", "first", "change",
        *PARTS,
    ]  # fmt: skip
    known = [part for part in parts if part is not None]
    return pd.concat(known, ignore_index=True)[columns] if known else pd.DataFrame(columns=columns)


def _splits(region: str, own: pd.DataFrame, nation: pd.DataFrame) -> pd.DataFrame | None:
    years, sectors = own.index.intersection(nation.index), own.columns.intersection(nation.columns)
    if len(years) < 2 or sectors.empty or (nation.loc[years, sectors] == 0).any(axis=None):
        message = f"shift-share: {region} has fewer than two years in common with the nation"
        warnings.warn(message, SmallSampleWarning, stacklevel=4)
        return None
    x, big = (table.loc[years, sectors].to_numpy() for table in (own, nation))
    found = []
    for method, split in (
        ("static", shift_share(x[0], x[-1], big[0], big[-1])),
        ("dynamic", dynamic_shift_share(x.tolist(), big.tolist())),
    ):
        table = pd.DataFrame({"category": sectors, "first": x[0], "change": split.change})
        table = table.assign(**{name: getattr(split, name) for name in PARTS})
        total = table.drop(columns="category").sum().to_frame().T.assign(category="")
        found.append(pd.concat([table, total], ignore_index=True).assign(method=method))
    return pd.concat(found).assign(
        region=region, first_year=int(years[0]), last_year=int(years[-1]), years=len(years)
    )


def location_quotients(rows: pd.DataFrame, regions: Iterable[str] = REGIONS) -> pd.DataFrame:
    """Return the location quotient of each region and sector in the last year, with interval.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`: insured employees by sector, official.
    regions : iterable of str
        Parts of ``de`` to be compared with it.

    Returns
    -------
    DataFrame
        ``region category year value reference quotient low high krugman hoover``. Empty where
        region and nation have no year in common.

    Warns
    -----
    SmallSampleWarning
        If a region has no year in common with the nation, or no employee.
    """
    nation, parts = sector_levels(rows, NATION), []
    for region in regions:
        own = sector_levels(rows, region)
        years = own.index.intersection(nation.index)
        sectors = own.columns.intersection(nation.columns)
        if years.empty or sectors.empty or not own.loc[years[-1], sectors].sum():
            message = f"location quotient: {region} has no year in common with the nation"
            warnings.warn(message, SmallSampleWarning, stacklevel=2)
            continue
        x, big = own.loc[years[-1], sectors].to_numpy(), nation.loc[years[-1], sectors].to_numpy()
        results = location_quotient(x, big)
        limits = [(r.low, r.high) if r.low != r.high else (None, None) for r in results]
        table = pd.DataFrame(
            {
                "region": region,
                "category": sectors,
                "year": int(years[-1]),
                "value": x,
                "reference": big,
                "quotient": [result.estimate for result in results],
                "low": [low for low, _ in limits],
                "high": [high for _, high in limits],
                "krugman": krugman(x, big),
                "hoover": hoover(x, big),
            }
        )
        parts.append(table.astype(dict.fromkeys(("quotient", "low", "high"), "Float64")))
    columns = [
        "region", "category", "year", "value", "reference", "quotient", "low", "high", "krugman",
        "hoover",
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def employment_growth(rows: pd.DataFrame, cluster_id: str, first_year: int) -> pd.DataFrame:
    """Return the growth of insured employees of a cluster beside Berlin, Brandenburg, Germany.

    Printed growths stand with the years they name. Where levels are known for two years, growth
    from the first to the last is computed: of the cluster in its delimitation, of regions from
    official totals. Growth of different spans is not comparable; the average a year helps.

    Parameters
    ----------
    rows : DataFrame
        Contract `IndicatorValues`, of all clusters and regions, up to the last year.
    cluster_id : str
        The cluster.
    first_year : int
        Growth is computed from this year on; printed growth may have an earlier base.

    Returns
    -------
    DataFrame
        ``cluster_id region scope first_year last_year growth cagr is_printed is_provisional``,
        by span; printed growths of regions only where the cluster has one of the same span.
    """
    own, official = _employment(rows, cluster_id)
    found = [_printed(own), _computed(own, first_year)]
    spans = set(zip(*(found[0][name] for name in ("first_year", "last_year")), strict=True))
    printed = _printed(official)
    keys = [*zip(printed["first_year"], printed["last_year"], strict=True)]
    found += [printed[[key in spans for key in keys]], _computed(official, first_year)]
    table = pd.concat(found, ignore_index=True)
    periods = (table["last_year"] - table["first_year"]).astype(int)
    ends = zip(table["growth"], periods, strict=True)
    table["cagr"] = [cagr(1.0, 1 + growth, n) if n > 1 else pd.NA for growth, n in ends]
    table = table.astype({"growth": "Float64", "cagr": "Float64"})
    return table.sort_values(["last_year", "first_year"], kind="stable", ignore_index=True)


def _employment(rows: pd.DataFrame, cluster_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return exact figures of the cluster in its delimitation, and official ones of regions."""
    names = (EMPLOYEES, f"{EMPLOYEES}_growth")
    exact = rows[
        rows["indicator"].isin(names)
        & (rows["dimension"] == "")
        & (rows["precision"] == "exact")
        & rows["value"].notna()
    ].sort_values("year", kind="stable")
    own = (exact["cluster_id"] == cluster_id) & (exact["delimitation"] == "clustermonitoring")
    regions = exact["region"].isin([*REGIONS, "bebb", NATION])
    official = (exact["cluster_id"] == "") & (exact["delimitation"] == "official") & regions
    return exact[own], exact[official]


ENTRY = ["cluster_id", "region", "scope"]


def _printed(rows: pd.DataFrame) -> pd.DataFrame:
    printed = rows[rows["base_year"].notna()]
    return printed[[*ENTRY, "is_provisional"]].assign(
        first_year=printed["base_year"],
        last_year=printed["year"],
        growth=printed["value"],
        is_printed=True,
    )


def _computed(rows: pd.DataFrame, first_year: int) -> pd.DataFrame:
    levels = rows[rows["base_year"].isna() & (rows["year"] >= first_year)]
    ends = levels.groupby(ENTRY, sort=False).agg(
        first_year=("year", "first"),
        last_year=("year", "last"),
        first=("value", "first"),
        last=("value", "last"),
        first_provisional=("is_provisional", "first"),
        last_provisional=("is_provisional", "last"),
    )
    ends = ends[ends["last_year"] > ends["first_year"]].reset_index()
    ends["growth"] = growth_rate(ends.pop("first"), ends.pop("last"))
    ends["is_provisional"] = ends.pop("first_provisional") | ends.pop("last_provisional")
    return ends[ends["growth"].notna()].assign(is_printed=False)
