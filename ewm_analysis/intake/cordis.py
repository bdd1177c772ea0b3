"""The importer of CORDIS: EU-funded projects of the region as a data set of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Reference, indicators
from ewm_analysis.contracts import Categories, ClusterRules, Clusters
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.cordis_records import (
    ASSOCIATED,
    GERMANY,
    STATES,
    UNASSIGNED,
    CordisRecords,
    make_records,
    of_region,
    read_cordis,
)
from ewm_analysis.intake.data_set import (
    load_mapping,
    open_head,
    publisher_of,
    refuse_file,
    typed_rows,
    with_own_source,
    write_parts,
)
from ewm_analysis.intake.findings import declared, filled
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.project import DESCRIPTOR

ORIGIN = "cordis"
PARTS = ("records", "reference", "import", "README.md")
"""What an import writes; everything else in the folder is left alone."""

NOT_ASKED = ("guideline", "focus_topic", "action_field", "technology", "project")
"""Breakdowns of the monitoring that CORDIS does not know; without codes nothing is counted 0."""

UNKNOWN_PARTS = ("activities", "cross_cluster", "participations")
"""Parts of the names of indicators that need what CORDIS does not tell."""

NAMED = 5
"""New projects of a year and cluster that pages name, by total cost."""


def import_cordis(
    folders: Sequence[Path],
    target: Path,
    *,
    regions: Sequence[str],
    incomplete: Sequence[int] = (),
    rules: Path | None = None,
) -> dict[str, object]:
    """Write the EU-funded projects with partners in a region as a data set.

    Parameters
    ----------
    folders : sequence of Path
        A folder for each programme with the CSV files as CORDIS publishes them, or its ZIP.
    target : Path
        The data set. One that was imported before is replaced; commentary and figures of
        official statistics in it are kept.
    regions : sequence of str
        Beginnings of NUTS codes within Berlin and Brandenburg: ``DE3``, ``DE4``, ``DE404``.
    incomplete : sequence of int, optional
        Years of which the files hold a part only; the last one always counts as such.
    rules : Path, optional
        Table `ClusterRules` that stands in for the shipped one.

    Returns
    -------
    dict of str to object
        What was imported, counted, by what it is.

    Raises
    ------
    ParameterError
        If a region lies elsewhere, a folder holds no files of CORDIS, an incomplete year has no
        project, or the target holds another data set.
    MissingDataError
        If no project has a partner in the regions.
    ContractError
        With all failures of all files, by line and column.
    """
    shared = load_reference(resolve_data_dir("data/reference"))
    _check_regions(regions, shared.districts["nuts3"])
    _check_target(target)
    ruled = load_mapping("cordis_clusters", ClusterRules, shared.clusters, rules)
    made = make_records(read_cordis(folders), ruled, regions, shared)
    years = sorted({int(year) for year in made.records["projects"]["year"]})
    for year in incomplete:
        if year not in years:
            raise ParameterError("incomplete_year", year, years, "has no project")
    partial = sorted({*incomplete, int(made.projects["year"].max())})
    files = _files(target, made, shared, folders)
    write_parts(target, _head(target, made, regions, partial), files, PARTS)
    return _counts(made)


def _check_regions(regions: Sequence[str], known: Iterable[str]) -> None:
    allowed = sorted({*STATES, *known})
    for region in regions or [""]:
        is_part = any(code.startswith(region) for code in allowed)
        if not (region[:3] in STATES and is_part):
            reason = "is no beginning of a NUTS code here: DE3 is Berlin, DE4 Brandenburg"
            raise ParameterError("region", region, allowed, reason)


def _check_target(target: Path) -> None:
    """Only a data set that was imported from CORDIS may be written over."""
    refuse_file(target)
    file = target / DESCRIPTOR
    head = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if target.exists() and any(target.iterdir()) and head.get("origin") != ORIGIN:
        reason = "holds other files, which would be replaced; name a new folder"
        raise ParameterError("data", str(target), reason=reason)


def _head(
    target: Path, made: CordisRecords, regions: Sequence[str], incomplete: Sequence[int]
) -> dict[str, object]:
    new = _new(made)
    several = made.records["projects"].query("is_new and project_id not in @new.project_id")
    source = publisher_of(ORIGIN)
    licence = "https://creativecommons.org/licenses/by/4.0/"
    return {
        **open_head(
            target,
            "cordis",
            unassigned=int((new["cluster_id"] == UNASSIGNED).sum()),
            several=several["title"].nunique(),
            incomplete=", ".join(str(year) for year in incomplete),
            regions=", ".join(regions),
            first=new["year"].min(),
            last=new["year"].max(),
            unknown=int(new["volume_eur"].isna().sum()),
            all=len(new),
            in_files=_by_year(made),
        ),
        "origin": ORIGIN,
        "not_collected": [
            name for name in indicators() if any(part in name for part in UNKNOWN_PARTS)
        ],
        "incomplete_years": [*incomplete],
        "overlapping": True,
        "sources": [{"title": source["title"], "path": source["url"]}],
        "licenses": [{"name": "CC-BY-4.0", "title": source["licence"], "path": licence}],
    }


def _files(
    target: Path, made: CordisRecords, shared: Reference, folders: Sequence[Path]
) -> dict[str, pd.DataFrame | str]:
    """Return all that the data set holds, by its place."""
    records = {
        f"records/{year}/{stem}.csv": table[table["year"] == year]
        for stem, table in made.records.items()
        for year in made.records["projects"]["year"].unique()
    }
    source = publisher_of(ORIGIN) | {"source_id": "records"}
    clusters = _with_own_clusters(shared.clusters)
    return {
        **records,
        "reference/sources.csv": with_own_source(target, shared.sources, **source),
        "reference/categories.csv": _categories(shared.categories, made),
        "reference/clusters.csv": clusters,
        "import/cluster_matches.csv": made.matches,
        "README.md": _report(made, clusters, shared.districts, folders),
    }


def _with_own_clusters(shared: pd.DataFrame) -> pd.DataFrame:
    """Return the shared clusters, and where projects go that belong to none."""
    own = load_mapping("cordis_own_clusters", Clusters)
    own["position"] += shared["position"].max()
    return pd.concat([shared, own], ignore_index=True)


def _categories(shared: pd.DataFrame, made: CordisRecords) -> pd.DataFrame:
    """Return the shared codes, those of some breakdowns replaced by what CORDIS tells apart."""
    own = load_mapping("cordis_categories", Categories)
    kept = shared[~shared["dimension"].isin([*NOT_ASKED, *own["dimension"]])]
    return pd.concat([kept, own, _named_projects(made)], ignore_index=True)


def _named_projects(made: CordisRecords) -> pd.DataFrame:
    """Return the largest new projects of each year and cluster: those that pages name."""
    new = made.records["projects"].query("is_new and volume_eur.notna()")
    largest = new.sort_values(["volume_eur", "project_id"], ascending=[False, True])
    largest = largest.groupby(["year", "cluster_id"]).head(NAMED)
    ids = largest["project_id"].str.partition("-")[0]
    labels = ids.map(made.projects.set_index("id")["acronym"])
    labels = labels.mask(labels == "", ids)
    rows = largest.rename(columns={"project_id": "category"}).assign(
        dimension="project",
        valid_from=largest["year"],
        valid_to=largest["year"],
        position=range(1, len(largest) + 1),
        label_de=labels,
        label_en=labels,
        is_assumption=False,
        source_id="records",
    )
    return typed_rows(rows, Categories)


def _report(
    made: CordisRecords, clusters: pd.DataFrame, districts: pd.DataFrame, folders: Sequence[Path]
) -> str:
    """Return what was imported, from its template beside this file."""
    own = of_region(made.members).drop_duplicates(["projectID", "organisationID"])
    names = districts.set_index("ags")["name"].to_dict() | {"": "district unknown"}
    labels = clusters.set_index("cluster_id")["label_en"]
    matches, table = made.matches, made.records["projects"]
    deciding = matches[matches["decides"]].groupby(["field", "pattern", "cluster_id"])
    unassigned = table.loc[table["cluster_id"] == UNASSIGNED, "project_id"]
    unmapped = matches[matches["project_id"].isin(unassigned) & (matches["value"] != "")]
    unmapped = unmapped.groupby(["field", "value"]).size()
    return filled(
        "cordis.md.j2",
        folders=[one.name for one in folders],
        counts=_counts(made),
        traps=_traps(made),
        contradictions=made.contradictions.to_dict("records"),
        seats=own["ags"].map(names).value_counts(),
        clusters=table[table["is_new"]]["cluster_id"].value_counts(),
        labels=labels,
        rules=deciding["project_id"].nunique(),
        unmapped=unmapped.sort_values(ascending=False, kind="stable"),
    )


def _new(made: CordisRecords) -> pd.DataFrame:
    """Return each project once, in the year it starts, whatever the number of its clusters."""
    table = made.records["projects"]
    return table[table["is_new"] & table["project_id"].isin(made.projects["id"])]


def _by_year(made: CordisRecords) -> str:
    """Return how many projects of all regions the files hold, by the year in which they start."""
    return ", ".join(f"{year}: {count}" for year, count in made.in_files.items())


def _counts(made: CordisRecords) -> dict[str, object]:
    own = of_region(made.members)
    partners = own.drop_duplicates("organisationID")
    new = _new(made)
    is_sme = partners["SME"] == "true"
    counts = {
        "in_files": _by_year(made),
        "projects": len(made.projects),
        "participations": len(own.drop_duplicates(["projectID", "organisationID"])),
        "actors": len(partners),
        "sme": is_sme.sum(),
        "sme_companies": (is_sme & (partners["activityType"] == "PRC")).sum(),
        "coordinations": (own["role"] == "coordinator").sum(),
        "funding": f"{new['funding_region_eur'].sum():.2f}",
        "partners": made.members["organisationID"].nunique(),
    }
    return {label: counts[name] for name, label in declared("cordis.toml")["counts"].items()}


def _traps(made: CordisRecords) -> dict[str, object]:
    members, projects = made.members, made.projects
    own = of_region(members).drop_duplicates("organisationID")
    kinds = members.groupby("organisationID")[["activityType", "SME", "seat"]].nunique()
    actors = members["organisationID"]
    is_seatless = (members["country"] == GERMANY) & (members["seat"] == "")
    counts = {
        "lump_sums": (projects["totalCost"].fillna(0) == 0).sum(),
        "undated": made.undated,
        "endless": projects["last_year"].isna().sum(),
        "roles": members.duplicated(["projectID", "organisationID"]).sum(),
        "unpaid": (members["ecContribution"].isna() & (members["role"] == ASSOCIATED)).sum(),
        "changed": (kinds > 1).any(axis=1).sum(),
        "untyped": actors[members["activityType"] == ""].nunique(),
        "seatless": actors[is_seatless].nunique(),
        "undistricted": (own["ags"] == "").sum(),
    }
    return {label: counts[name] for name, label in declared("cordis.toml")["traps"].items()}
