"""Regional growth and specialisation: shift-share, location quotient, Krugman, Hoover."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ewm_analysis.errors import ParameterError, SmallSampleWarning
from ewm_analysis.statistics.growth import cagr, growth_rate
from ewm_analysis.statistics.result import LEVEL, Result, too_small


def _levels(name: str, values: Sequence[float]) -> np.ndarray:
    levels = np.asarray(values, float)
    if levels.ndim != 1 or not np.isfinite(levels).all() or (levels < 0).any():
        raise ParameterError(name, list(values), reason="must hold 0 or more for each sector")
    return levels


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


def shift_share(
    region_first: Sequence[float],
    region_last: Sequence[float],
    reference_first: Sequence[float],
    reference_last: Sequence[float],
) -> ShiftShare:
    r"""Split the change of a region by sector against a reference (Dunn; Esteban-Marquillas).

    .. math:: N_i = e_i g,\quad M_i = e_i (g_i - g),\quad R_i = e_i' - e_i (1 + g_i),

    with :math:`h_i = E\,E_i^{ref}/E^{ref}` the homothetic level:
    :math:`C_i = h_i (r_i - g_i),\; A_i = R_i - C_i`. A sector of 0 in the region's first year
    has no own growth; its whole change is then allocation.

    Parameters
    ----------
    region_first, region_last, reference_first, reference_last : sequence of float
        Levels by sector, e.g. employees; the same sectors in the same order.

    Raises
    ------
    ParameterError
        If a level is negative or missing, or a sector of the reference is 0 in the first year.

    References
    ----------
    Dunn (1960), Pap. Reg. Sci. Assoc. 6, 97-112; Esteban-Marquillas (1972), Reg. Urban Econ. 2,
    249-261.

    Examples
    --------
    >>> shift_share([100, 50], [120, 50], [1000, 1000], [1100, 1000]).totals()["change"]
    20.0
    """
    e0, e1 = _levels("region_first", region_first), _levels("region_last", region_last)
    n0, n1 = _levels("reference_first", reference_first), _levels("reference_last", reference_last)
    if len({len(e0), len(e1), len(n0), len(n1)}) != 1 or not len(e0):
        raise ParameterError("sectors", len(e0), reason="must be the same in all four series")
    if (n0 == 0).any():
        raise ParameterError("reference_first", 0, reason="has no growth: a sector starts at 0")
    total_growth, growth = n1.sum() / n0.sum() - 1, n1 / n0 - 1
    regional = e1 - e0 * (1 + growth)
    homothetic = e0.sum() * n0 / n0.sum()
    own = np.divide(e1, e0, out=1 + growth, where=e0 > 0) - 1
    competition = homothetic * (own - growth)
    return ShiftShare(
        change=e1 - e0,
        national=e0 * total_growth,
        industry=e0 * (growth - total_growth),
        regional=regional,
        competition=competition,
        allocation=regional - competition,
    )


def dynamic_shift_share(
    region: Sequence[Sequence[float]], reference: Sequence[Sequence[float]]
) -> ShiftShare:
    """Add up the shift-share of each pair of neighbouring years.

    Parameters
    ----------
    region, reference : sequence of sequence of float
        Levels by year (outer, in order, two or more) and sector (inner).

    References
    ----------
    Barff & Knight (1988), Growth and Change 19, 1-10.

    Examples
    --------
    >>> years = [[100, 50], [110, 52], [120, 50]]
    >>> float(dynamic_shift_share(years, years).regional.sum())
    0.0
    """
    if len(region) != len(reference) or len(region) < 2:
        raise ParameterError("years", len(region), reason="must be two or more, the same in both")
    steps = [
        shift_share(region[i], region[i + 1], reference[i], reference[i + 1])
        for i in range(len(region) - 1)
    ]
    names = ShiftShare.__dataclass_fields__
    return ShiftShare(**{name: np.sum([getattr(s, name) for s in steps], axis=0) for name in names})


def location_quotient(region: Sequence[float], reference: Sequence[float]) -> list[Result]:
    r"""Return each sector's location quotient with its interval.

    .. math:: LQ_i = \frac{x_i / x}{X_i / X}, \quad
        \operatorname{var}(\ln LQ_i) = \frac{v_i}{x_i^2} + \frac{v}{x^2} - \frac{2 v_i}{x_i x}

    The region lies inside the reference: :math:`v_i = x_i (1 - x_i / X_i)`, :math:`v = \sum v_i`.

    Parameters
    ----------
    region, reference : sequence of float
        Counts by sector, the region's at most the reference's.

    References
    ----------
    Beyene & Moineddin (2005), BMC Med. Res. Methodol. 5:32.

    Examples
    --------
    >>> result = location_quotient([30, 70], [100, 400])[0]
    >>> round(result.estimate, 2)
    1.5
    """
    x, big = _levels("region", region), _levels("reference", reference)
    if len(x) != len(big) or (x > big).any():
        raise ParameterError("region", list(region), reason="must be part of the reference")
    method = "log LQ, Beyene & Moineddin"
    if x.sum() == 0 or (big == 0).any():
        return [
            too_small(method, (int(a), int(b)), "empty region or sector")
            for a, b in zip(x, big, strict=True)
        ]
    variance = x * (1 - x / big)
    spread = stats.norm.ppf(0.5 + LEVEL / 2)
    results = []
    for part, whole, own in zip(x, big, variance, strict=True):
        n = (int(part), int(whole))
        quotient = float((part / x.sum()) / (whole / big.sum()))
        if part == 0:
            results.append(Result(0.0, None, None, None, method, n, "none in the region"))
            continue
        log_variance = own / part**2 + variance.sum() / x.sum() ** 2 - 2 * own / (part * x.sum())
        margin = np.exp(spread * np.sqrt(max(log_variance, 0.0)))
        results.append(
            Result(quotient, float(quotient / margin), float(quotient * margin), None, method, n)
        )
    return results


def krugman(region: Sequence[float], reference: Sequence[float]) -> float:
    r"""Return Krugman's specialisation :math:`\sum |s_i - S_i|`, from 0 (alike) to 2.

    References
    ----------
    Krugman (1991), Geography and Trade.

    Examples
    --------
    >>> krugman([50, 50], [100, 0]), krugman([1, 3], [10, 30])
    (1.0, 0.0)
    """
    x, big = _levels("region", region), _levels("reference", reference)
    if len(x) != len(big) or not x.sum() or not big.sum():
        raise ParameterError("region", list(region), reason="and reference must have a total")
    return float(np.abs(x / x.sum() - big / big.sum()).sum())


def hoover(region: Sequence[float], reference: Sequence[float]) -> float:
    r"""Return Hoover's index :math:`\tfrac12\sum |s_i - S_i|`: the share that would have to move.

    References
    ----------
    Hoover (1936), Rev. Econ. Stat. 18, 162-171.

    Examples
    --------
    >>> hoover([50, 50], [100, 0])
    0.5
    """
    return krugman(region, reference) / 2


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
