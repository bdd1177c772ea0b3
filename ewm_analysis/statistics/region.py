"""Regional growth and specialisation: shift-share, location quotient, Krugman, Hoover."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.indicators.long import where
from ewm_analysis.statistics.growth import cagr, growth_rate
from ewm_analysis.statistics.result import within


@dataclass(frozen=True)
class ShiftShare:
    """The change of a region by sector, in the unit of the input; parts add up to `change`.

    `national`: growth as the reference; `industry`: its mix of sectors; `regional`: what is
    left, which Esteban-Marquillas splits into `competition` and `allocation`.
    """

    change: np.ndarray
    national: np.ndarray
    industry: np.ndarray
    regional: np.ndarray
    competition: np.ndarray
    allocation: np.ndarray

    def totals(self) -> dict[str, float]:
        """Return each part over all sectors."""
        return {name: float(getattr(self, name).sum()) for name in self.__dataclass_fields__}


def shift_share(region: ArrayLike, reference: ArrayLike) -> ShiftShare:
    r"""Split the change of a region by sector against a reference (Dunn; Esteban-Marquillas).

    .. math:: N_i = e_i g,\quad M_i = e_i (g_i - g),\quad R_i = e_i' - e_i (1 + g_i),

    with :math:`h_i = E\,E_i^{ref}/E^{ref}` the homothetic level:
    :math:`C_i = h_i (r_i - g_i),\; A_i = R_i - C_i`. A sector of 0 in the region's first year
    has no own growth; its whole change is then allocation. Of more than two years, the parts of
    each pair of neighbouring years are added up (dynamic shift-share).

    Parameters
    ----------
    region, reference : sequence of sequence of float
        Levels, e.g. employees, by year (outer, in order, two or more) and sector (inner).

    Raises
    ------
    ParameterError
        If a level is negative or missing, or a sector of the reference is 0 before the last year.

    References
    ----------
    Dunn (1960), Pap. Reg. Sci. Assoc. 6, 97-112; Esteban-Marquillas (1972), Reg. Urban Econ. 2,
    249-261; Barff & Knight (1988), Growth and Change 19, 1-10 (dynamic).

    Examples
    --------
    >>> shift_share([[100, 50], [120, 50]], [[1000, 1000], [1100, 1000]]).totals()["change"]
    20.0
    """
    x, big = within("region", region, 0), within("reference", reference, 0)
    if len(x) != len(big) or len(x) < 2:
        raise ParameterError("years", len(x), reason="must be two or more, the same in both")
    if x.ndim != 2 or x.shape != big.shape or not x.shape[1]:
        raise ParameterError("sectors", x.shape[1:], reason="must be the same in both")
    e0, e1, n0, n1 = x[:-1], x[1:], big[:-1], big[1:]
    if (n0 == 0).any():
        raise ParameterError("reference", 0, reason="has no growth: a sector starts at 0")
    e, n = e0.sum(axis=1, keepdims=True), n0.sum(axis=1, keepdims=True)
    total_growth, growth = n1.sum(axis=1, keepdims=True) / n - 1, n1 / n0 - 1
    regional = e1 - e0 * (1 + growth)
    own = np.divide(e1, e0, out=1 + growth, where=e0 > 0) - 1
    competition = e * n0 / n * (own - growth)
    return ShiftShare(
        change=(e1 - e0).sum(axis=0),
        national=(e0 * total_growth).sum(axis=0),
        industry=(e0 * (growth - total_growth)).sum(axis=0),
        regional=regional.sum(axis=0),
        competition=competition.sum(axis=0),
        allocation=(regional - competition).sum(axis=0),
    )


def location_quotient(region: ArrayLike, reference: ArrayLike) -> np.ndarray:
    r"""Return each sector's share in the region over its share in the reference.

    .. math:: LQ_i = \frac{x_i / x}{X_i / X}

    A count of the whole economy is no sample: there is no interval of chance.

    Parameters
    ----------
    region, reference : sequence of float
        Counts by sector, the region's at most the reference's, which has some in each sector.

    Examples
    --------
    >>> location_quotient([30, 70], [100, 400]).round(3).tolist()
    [1.5, 0.875]
    """
    x, big = within("region", region, 0), within("reference", reference, 0)
    if len(x) != len(big) or (x > big).any():
        raise ParameterError("region", x.tolist(), reason="must be part of the reference")
    if x.sum() == 0 or (big == 0).any():
        warnings.warn("location quotient: empty region or sector", SmallSampleWarning, stacklevel=2)
        return np.full(len(x), np.nan)
    quotients: np.ndarray = x / x.sum() / (big / big.sum())
    return quotients


def krugman(region: ArrayLike, reference: ArrayLike) -> float:
    r"""Return Krugman's specialisation :math:`\sum |s_i - S_i|`, from 0 (alike) to 2.

    Half of it is Hoover's index: the share that would have to move.

    References
    ----------
    Krugman (1991), Geography and Trade; Hoover (1936), Rev. Econ. Stat. 18, 162-171.

    Examples
    --------
    >>> krugman([50, 50], [100, 0]), krugman([1, 3], [10, 30])
    (1.0, 0.0)
    """
    x, big = within("region", region, 0), within("reference", reference, 0)
    if len(x) != len(big) or not x.sum() or not big.sum():
        raise ParameterError("region", x.tolist(), reason="and reference must have a total")
    return float(np.abs(x / x.sum() - big / big.sum()).sum())


# Berlin and Brandenburg beside Germany, from the long table: employees by sector.

REGIONS = ("be", "bb")
NATION = "de"
EMPLOYEES = "employees_insured"


class Basis(NamedTuple):
    """Figures by sector that a structure is computed from."""

    indicator: str
    delimitation: str


OFFICIAL = Basis(EMPLOYEES, "official")
"""Insured employees by blocks of sections."""
SURVEY = Basis("employees_total", "survey")
"""Employees by branch groups of the innovation survey, companies from five employees."""
PARTS = ("national", "industry", "regional", "competition", "allocation")


def sector_levels(rows: pd.DataFrame, region: str, basis: Basis = OFFICIAL) -> pd.DataFrame:
    """Return the employees of a region: a line a year, a column a sector.

    Only figures of the basis count, and only years in which every sector is known.
    """
    chosen = where(rows, region=region, cluster_id="", dimension="sector", **basis._asdict())
    table = chosen.pivot_table(index="year", columns="category", values="value", aggfunc="first")
    return table.dropna().astype(float)


def _beside_nation(
    rows: pd.DataFrame, region: str, basis: Basis
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the levels of a region and of the nation, in the years and sectors both have."""
    own, nation = (sector_levels(rows, place, basis) for place in (region, NATION))
    years, sectors = own.index.intersection(nation.index), own.columns.intersection(nation.columns)
    return own.loc[years, sectors], nation.loc[years, sectors]


def _joined(parts: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*columns])
    return table[[*columns]]


def index_by_sector(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return an indicator of each region by branch group as index: first year = 100.

    Figures of the innovation survey count; the empty category is all branches together.

    Returns
    -------
    DataFrame
        ``region category year value index base_year``; a branch that is zero in the first year
        has no index.
    """
    own = where(rows, indicator=name, delimitation=SURVEY.delimitation, cluster_id="")
    own = own.dropna(subset="value").sort_values("year", kind="stable")
    first = own.groupby(["region", "category"], sort=False)[["year", "value"]].transform("first")
    base = first["value"].astype(float)
    index = own["value"].astype(float) / base.where(base > 0) * 100
    table = own.assign(index=index, base_year=first["year"])
    return table[["region", "category", "year", "value", "index", "base_year"]]


def shift_share_by_sector(rows: pd.DataFrame, basis: Basis = OFFICIAL) -> pd.DataFrame:
    """Return the change of employees of each region by sector, split against the nation.

    The static split compares the first with the last year; the dynamic one adds up the steps
    between the years at hand, however far they lie apart.

    Returns
    -------
    DataFrame
        ``region method category first_year last_year years first change national industry
        regional competition allocation``: in persons; ``method`` is ``static`` or ``dynamic``,
        an empty ``category`` is the sum of the sectors. A region without two years in common
        with the nation is left out.
    """
    parts = []
    for region in REGIONS:
        own, nation = _beside_nation(rows, region, basis)
        if len(own) < 2 or own.columns.empty or (nation == 0).any(axis=None):
            message = f"shift-share: {region} has fewer than two years in common with the nation"
            warnings.warn(message, SmallSampleWarning, stacklevel=2)
            continue
        ends = {"first_year": int(own.index[0]), "last_year": int(own.index[-1])}
        x, big = own.to_numpy(), nation.to_numpy()
        splits = {"static": shift_share(x[[0, -1]], big[[0, -1]]), "dynamic": shift_share(x, big)}
        for method, split in splits.items():
            levels = {"first": x[0], "change": split.change}
            levels |= {name: getattr(split, name) for name in PARTS}
            table = pd.DataFrame({"category": own.columns, **levels})
            total = table.drop(columns="category").sum().to_frame().T.assign(category="")
            both = pd.concat([table, total], ignore_index=True)
            parts.append(both.assign(region=region, method=method, years=len(own), **ends))
    names = ["region", "method", "category", "first_year", "last_year", "years", "first", "change"]
    return _joined(parts, [*names, *PARTS])


QUOTIENTS = ("quotient", "lowest", "highest")


def location_quotients(rows: pd.DataFrame, basis: Basis = OFFICIAL) -> pd.DataFrame:
    """Return the location quotient of each region and sector in the last year, and its range.

    Employees are counted in full, so that no interval of chance belongs to a quotient;
    ``lowest`` and ``highest`` are those of all years at hand, from ``first_year`` on; missing if it
    is one year.

    Returns
    -------
    DataFrame
        ``region category year value reference quotient lowest highest first_year krugman hoover``.
        A region
        without employees in a year in common with the nation is left out.
    """
    parts = []
    for region in REGIONS:
        own, nation = _beside_nation(rows, region, basis)
        if own.empty or not own.iloc[-1].sum():
            message = f"location quotient: {region} has no year in common with the nation"
            warnings.warn(message, SmallSampleWarning, stacklevel=2)
            continue
        x, big = own.iloc[-1].to_numpy(), nation.iloc[-1].to_numpy()
        pairs = zip(own.to_numpy(), nation.to_numpy(), strict=True)
        courses = np.array([location_quotient(*pair) for pair in pairs])
        columns = {
            "category": own.columns,
            "year": int(own.index[-1]),
            "value": x,
            "reference": big,
            "quotient": courses[-1],
            "lowest": np.nanmin(courses, axis=0) if len(own) > 1 else np.nan,
            "highest": np.nanmax(courses, axis=0) if len(own) > 1 else np.nan,
            "first_year": int(own.index[0]),
        }
        table = pd.DataFrame({"region": region, **columns})
        index = krugman(x, big)
        table = table.assign(krugman=index, hoover=index / 2)
        parts.append(table.astype(dict.fromkeys(QUOTIENTS, "Float64")))
    names = ["region", "category", "year", "value", "reference", *QUOTIENTS]
    return _joined(parts, [*names, "first_year", "krugman", "hoover"])


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
    exact = where(rows, indicator=names, dimension="", precision="exact").dropna(subset="value")
    exact = exact.sort_values("year", kind="stable")
    own = where(exact, cluster_id=cluster_id, delimitation="clustermonitoring")
    regions = (*REGIONS, "bebb", NATION)
    return own, where(exact, cluster_id="", delimitation="official", region=regions)


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
