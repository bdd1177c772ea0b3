"""A synthetic data set in its folder: same arguments, same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from ewm_analysis import contracts
from ewm_analysis.catalogue import Reference, indicator
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.example import records
from ewm_analysis.example.draw import ASKED, DRAWN, LEVELS, MET, Integers, printed
from ewm_analysis.files import move_in, staged
from ewm_analysis.intake.data_set import write_table
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.project import DESCRIPTOR

MERGED_TYPES = {"association": "association_network", "network": "association_network"}
"""Types of actors that later reports print as one."""


def draw_records(
    rng: np.random.Generator,
    clusters: pd.DataFrame,
    years: range,
    projects_per_year: int,
    reference: Reference,
) -> dict[str, pd.DataFrame]:
    """Return projects, activities, actors, participations and assignments of all years.

    ``clusters`` keeps the contract `Clusters`; the same state of chance gives the same tables.
    """
    cells = records.draw_cells(rng, clusters, years, projects_per_year)
    projects, activities = records.draw_projects(rng, cells), records.draw_activities(rng, cells)
    both = pd.concat({"projects": projects, "activities": activities}, names=["form", "row"])
    items = both.reset_index()[["form", "cluster_id", "year"]]
    homes = reference.clusters[reference.clusters["kind"] != "group"]
    pool, links = records.draw_participations(rng, items, homes, reference.districts)
    projects["consortium_type"] = records.consortium_types(len(projects), pool, links)
    running = records.running_rows(projects, years)
    # What holds for a project holds in each year it runs.
    seen = pd.concat([running, activities.assign(item=activities.index + len(projects))])
    seen = seen.reindex(columns=["item", "year", "project_id", "activity_id"]).fillna("")
    actors = pd.DataFrame({"item": links.items, "actor": links.actors})
    taking_part = seen.merge(actors, on="item")
    taking_part["actor_id"] = pool["actor_id"].to_numpy()[taking_part["actor"]]
    assigned_in = items.assign(year=items["year"].clip(lower=years[0]))
    assigned = records.draw_assignments(rng, assigned_in, links.is_cross_cluster, reference)
    tables = {
        "projects": running,
        "activities": activities,
        "actors": _actors(pool, taking_part, reference),
        "participations": taking_part,
        "assignments": _valid(seen.merge(assigned, on="item"), reference),
    }
    return {stem: typed(tables[stem], contract) for stem, contract in contracts.RECORDS.items()}


def _actors(pool: pd.DataFrame, links: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return one row an actor and year in which it takes part in anything."""
    seen = links[["year", "actor"]].drop_duplicates()
    rows = seen.merge(pool, left_on="actor", right_index=True, validate="m:1")
    for year in seen["year"].unique():
        valid = set(reference.valid("actor_type", int(year))["category"])
        gone = (rows["year"] == year) & ~rows["actor_type"].isin(valid)
        rows.loc[gone, "actor_type"] = rows.loc[gone, "actor_type"].map(MERGED_TYPES)
    return rows.assign(place=rows["ags"].map(_towns(reference)).fillna(""))


def _towns(reference: Reference) -> pd.Series:
    """Return a town of each district, the first whose name no other district shares."""
    towns = reference.municipalities
    towns = towns[(towns["kind"] == "Stadt") & ~towns["name"].duplicated(keep=False)]
    return towns.sort_values("ags").groupby("district_ags")["name"].first()


def _valid(assigned: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Keep the assignments whose category still holds in the year of the row."""
    spans = reference.categories.rename(columns={"dimension": "scheme"})
    spans = spans[["scheme", "category", "valid_from", "valid_to"]]
    rows = assigned.merge(spans, on=["scheme", "category"])
    begun = rows["valid_from"].fillna(0) <= rows["year"]
    return rows[begun & (rows["valid_to"].fillna(9999) >= rows["year"])]


def typed(table: pd.DataFrame, contract: contracts.Table) -> pd.DataFrame:
    """Return the table in the columns, types and contract of a file, sorted by its key."""
    dtypes = {name: contracts.DTYPES[column.kind] for name, column in contract.columns.items()}
    rows = table[[*dtypes]].astype(dtypes).sort_values(contract.key, ignore_index=True)
    return contracts.check(rows, contract)


FIRST = 2011
TOTAL_PER_CORE = (1.3, 2.2)
NOISE = 0.02
"""Standard deviation of a year's growth around its path."""

TABLE = "Tab. 1 (p. 5)"
TABLE_SOURCE = "imk_2021"
SOURCE = "synthetic"


def draw_economy(rng: np.random.Generator, clusters: pd.DataFrame, years: range) -> pd.DataFrame:
    """Return the economy table of the clusters from 2011, or the first year, to the last.

    Printed figures bear their source.
    """
    latest = [drawn["latest"] for drawn in DRAWN["economy"].values()]
    last = max(*latest, years[-1])
    span: Integers = np.arange(min(FIRST, years[0]), last + 1, dtype=np.int64)
    frames = []
    for cluster, region in zip(clusters["cluster_id"], clusters["region"], strict=True):
        factors = {"core": 1.0, "total": rng.uniform(*TOTAL_PER_CORE)}
        for scope, factor in factors.items():
            paths = {
                name: _path(rng, (cluster, scope, name), factor, span) for name in DRAWN["economy"]
            }
            staff = paths["employees_insured"]
            total = staff["value"] + paths["employees_marginal"]["value"]
            paths["employees_total"] = staff.assign(value=total)
            frames += [
                path.assign(indicator=name, cluster_id=cluster, scope=scope, region=region)
                for name, path in paths.items()
            ]
    table = pd.concat(frames, ignore_index=True)
    table = table[table["year"] <= years[-1]]
    return table.assign(
        sector="",
        base_year=pd.NA,
        delimitation="clustermonitoring",
        mention=1,
        unit=[indicator(name).unit for name in table["indicator"]],
        precision="exact",
        is_provisional=False,
        source_id=np.where(table["is_printed"], TABLE_SOURCE, SOURCE),
        reference=np.where(table["is_printed"], TABLE, ""),
        note="",
    )


def _path(
    rng: np.random.Generator, figure: tuple[str, str, str], factor: float, span: Integers
) -> pd.DataFrame:
    """Return the values of all years: a random walk tied to its first and its latest figure."""
    cluster, _, name = figure
    drawn = DRAWN["economy"][name]
    level = LEVELS[cluster][name] * factor * rng.lognormal(sigma=0.05)
    growth, latest = rng.uniform(*drawn["growth"]), drawn["latest"]
    level = printed("economy", *figure) or level
    growth = printed("growth", *figure) or growth
    trend = (span - latest) / (latest - FIRST) * np.log1p(growth)
    noise = np.cumsum(rng.normal(0, NOISE, len(span)))
    tied = noise - np.interp(span, [FIRST, latest], np.interp([FIRST, latest], span, noise))
    unit = drawn.get("rounded_to", 1)
    values = np.rint(level * np.exp(trend + tied) / unit).astype(np.int64) * unit
    is_printed = (span == latest) & (printed("economy", *figure) is not None)
    return pd.DataFrame({"year": span, "value": values, "is_printed": is_printed})


PRINTED = "data/capital-region"
"""The data set whose printed figures are copied, for the clusters of the met list."""

HEAD = "head.json"
"""What the descriptor says of the data set; lies beside this module."""


def write_example(
    folder: Path,
    *,
    seed: int,
    clusters: Sequence[str],
    first_year: int,
    last_year: int,
    projects_per_year: int,
    partitioned: bool = False,
) -> None:
    """Write a complete synthetic data set; the same arguments give the same bytes.

    Parameters
    ----------
    folder : Path
        Where to write; an example that stands there is replaced as a whole.
    seed : int
        Start of the random numbers.
    clusters : sequence of str
        Joint or Brandenburg clusters.
    first_year, last_year : int
        Reporting years of the records, both included.
    projects_per_year : int
        New projects of a joint cluster in a year, on average; a Brandenburg cluster has 40 %.
        Cells of the met list keep their printed number.
    partitioned : bool
        Write the records as ``records/<year>/<table>.parquet`` instead of CSV.

    Raises
    ------
    ParameterError
        If a cluster is not known, years or numbers are impossible, or the folder holds
        anything but an example written before.
    MissingDataError
        If the reference tables or the printed figures are not found.

    Examples
    --------
    >>> import tempfile
    >>> from ewm_analysis.example import EXAMPLE
    >>> parent = tempfile.TemporaryDirectory()
    >>> write_example(Path(parent.name) / "small", **{**EXAMPLE, "clusters": ["gw", "op"]})
    >>> sorted(path.name for path in Path(parent.name, "small").iterdir())
    ['datapackage.json', 'economy', 'published', 'records']
    >>> parent.cleanup()
    """
    _check_replaceable(folder)
    reference = load_reference(resolve_data_dir("data/reference"))
    chosen = _chosen(reference.clusters, clusters)
    years = range(first_year, last_year + 1)
    if not years:
        raise ParameterError("last_year", last_year, reason=f"is before {first_year}")
    for name, value, least in (("seed", seed, 0), ("projects_per_year", projects_per_year, 1)):
        if value < least:
            raise ParameterError(name, value, reason=f"is below {least}")
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = draw_records(rng, chosen, years, projects_per_year, reference)
    economy = typed(draw_economy(rng, chosen, years), contracts.Economy)
    with staged(folder) as made:
        for stem, table in drawn.items():
            for year, rows in table.groupby("year"):
                place = made / "records" / str(year) / stem
                write_table(rows, place.with_suffix(".parquet" if partitioned else ".csv"))
        write_table(economy, made / "economy" / "economy.csv")
        _copy_printed(made / "published" / "figures.csv", chosen["cluster_id"], years)
        _write_targets(made / "published" / "targets.csv", chosen, years)
        (made / DESCRIPTOR).write_bytes(files(__package__).joinpath(HEAD).read_bytes())
        write_descriptor(made)
        move_in(made, folder)


def _check_replaceable(folder: Path) -> None:
    """Only an example may be written over."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    file = folder / DESCRIPTOR
    head = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if (head.get("name"), head.get("synthetic")) != ("example", True):
        reason = "holds other files and would be replaced; name a new folder"
        raise ParameterError("folder", str(folder), reason=reason)


def _chosen(known: pd.DataFrame, clusters: Sequence[str]) -> pd.DataFrame:
    known = known[known["kind"].isin(["joint", "brandenburg"])].sort_values("position")
    for cluster in clusters or [""]:
        if cluster not in set(known["cluster_id"]):
            raise ParameterError("clusters", cluster, known["cluster_id"])
    return known[known["cluster_id"].isin([*clusters])]


def _copy_printed(target: Path, clusters: pd.Series, years: range) -> None:
    """Copy the printed figures of clusters and years whose records meet them."""
    if not any(cluster in {*clusters} and year in years for cluster, year in MET):
        return
    source = resolve_data_dir(PRINTED) / "published" / "figures.csv"
    if not source.is_file():
        raise MissingDataError(f"The printed figures are missing: {source}.")
    table = pd.read_csv(source, dtype=str, keep_default_na=False)
    is_met = table["cluster_id"].isin({cluster for cluster, _ in MET} & {*clusters})
    is_met &= table["indicator"] != "project_amount"  # no record has it
    write_table(table[is_met & table["year"].isin([*map(str, years)])], target)


def _write_targets(target: Path, clusters: pd.DataFrame, years: range) -> None:
    """Write the invented targets of clusters from years that have records."""
    regions = clusters.set_index("cluster_id")["region"]
    table = pd.DataFrame(ASKED["rows"], columns=ASKED["columns"])
    table = table[table["cluster_id"].isin(regions.index) & table["base_year"].isin(years)]
    empty = dict.fromkeys(("dimension", "category", "reference", "note"), "")
    table = table.assign(region=table["cluster_id"].map(regions), source_id=SOURCE, **empty)
    if len(table):
        write_table(typed(table, contracts.Targets), target)
