"""The importer of CORDIS: EU-funded projects of the region as a data set of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Reference, indicators
from ewm_analysis.contracts import Categories, ClusterRules, Clusters
from ewm_analysis.contracts.dictionary import write_descriptor
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.files import move_in
from ewm_analysis.intake.cordis_files import read_cordis
from ewm_analysis.intake.cordis_records import (
    ASSOCIATED,
    GERMANY,
    SEVERAL,
    STATES,
    UNASSIGNED,
    CordisRecords,
    cluster_of,
    make_records,
    match_clusters,
    of_region,
)
from ewm_analysis.intake.data_set import (
    data_set_beside,
    refuse_file,
    typed_rows,
    with_own_sources,
    write_table,
)
from ewm_analysis.intake.foreign import load_mapping, load_shipped
from ewm_analysis.l10n import text
from ewm_analysis.loaders import load_reference, resolve_data_dir
from ewm_analysis.project import DESCRIPTOR


def import_cordis(
    folders: Sequence[Path],
    target: Path,
    *,
    regions: Sequence[str],
    incomplete: Sequence[int] = (),
    rules: Path | None = None,
) -> CordisRecords:
    """Write the EU-funded projects with partners in a region as a data set, and return them.

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
    tables = read_cordis(folders)
    matches = match_clusters(tables, ruled)
    made = make_records(tables, cluster_of(matches), regions, shared)
    if made.records["projects"].empty:
        raise MissingDataError(
            f"No project in {', '.join(str(folder) for folder in folders)} has a partner in "
            f"{', '.join(regions)} and a start date."
        )
    years = sorted({int(year) for year in made.records["projects"]["year"]})
    for year in incomplete:
        if year not in years:
            raise ParameterError("incomplete_year", year, years, "has no project")
    partial = sorted({*incomplete, int(made.projects["year"].max())})
    with data_set_beside(target, _head(target.name, made, regions, partial), anew=True) as built:
        _write_parts(built, target, made, matches, shared, folders)
        move_in(built, target, PARTS)
    return made


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
    if target.exists() and any(target.iterdir()) and origin_of(target) != ORIGIN:
        reason = "holds other files, which would be replaced; name a new folder"
        raise ParameterError("data", str(target), reason=reason)


ORIGIN = "cordis"
PARTS = ("records", "reference", "import", "README.md", DESCRIPTOR)
"""What an import writes; everything else in the folder is left alone."""

LICENCE = "© European Union, CORDIS, CC BY 4.0; modified"
SOURCE = {
    "title": f"CORDIS, EU research projects ({LICENCE})",
    "publisher": "Publications Office of the European Union",
    "url": "https://cordis.europa.eu",
    "licence": LICENCE,
}
NOT_ASKED = ("guideline", "focus_topic", "action_field", "technology", "project")
"""Breakdowns of the monitoring that CORDIS does not know; without codes nothing is counted 0."""

NAMED = 5
"""New projects of a year and cluster that pages name, by total cost."""

UNKNOWN_PARTS = ("activities", "cross_cluster", "participations")
"""Parts of the names of indicators that need what CORDIS does not tell."""


def origin_of(folder: Path) -> str:
    """Return what a data set was imported from, empty if it was not or is none."""
    file = folder / DESCRIPTOR
    head = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return str(head.get("origin", ""))


def _write_parts(
    built: Path,
    target: Path,
    made: CordisRecords,
    matches: pd.DataFrame,
    shared: Reference,
    folders: Sequence[Path],
) -> None:
    for stem, table in made.records.items():
        for year in made.records["projects"]["year"].unique():
            write_table(table[table["year"] == year], built / "records" / str(year) / f"{stem}.csv")
    tables = {
        "sources": with_own_sources(target, shared.sources, {"records": SOURCE}),
        "categories": _categories(shared.categories, made),
        "clusters": _own_clusters(shared.clusters),
    }
    for stem, table in tables.items():
        write_table(table, built / "reference" / f"{stem}.csv")
    ours = matches[matches["project_id"].isin(made.projects["id"])]
    write_table(
        ours.assign(decides=ours["decides"].astype("boolean")),
        built / "import" / "cluster_matches.csv",
    )
    report = import_report(made, ours, replace(shared, clusters=tables["clusters"]), folders)
    (built / "README.md").write_text(report, encoding="utf-8", newline="\n")
    write_descriptor(built)


def _head(
    name: str, made: CordisRecords, regions: Sequence[str], incomplete: Sequence[int]
) -> dict[str, Any]:
    new = made.records["projects"].query("is_new")
    known = {
        "unassigned": int(new["cluster_id"].isin([SEVERAL, UNASSIGNED]).sum()),
        "incomplete": ", ".join(str(year) for year in incomplete),
        "regions": ", ".join(regions),
        "first": new["year"].min(),
        "last": new["year"].max(),
        "unknown": int(new["volume_eur"].isna().sum()),
        "all": len(new),
        "in_files": by_year(made),
    }
    return {
        "name": name.lower().replace(" ", "-"),
        "title": text("cordis.title", "en"),
        "title_de": text("cordis.title", "de"),
        "origin": ORIGIN,
        "notice": text("cordis.notice", "en", **known),
        "notice_de": text("cordis.notice", "de", **known),
        "not_collected": [
            name for name in indicators() if any(part in name for part in UNKNOWN_PARTS)
        ],
        "incomplete_years": [*incomplete],
        "synthetic": False,
        "disclosure": "none",
        "sources": [{"title": SOURCE["title"], "path": SOURCE["url"]}],
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": LICENCE,
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
    }


def _categories(shared: pd.DataFrame, made: CordisRecords) -> pd.DataFrame:
    """Return the shared codes, those of some breakdowns replaced by what CORDIS tells apart."""
    own = load_shipped("cordis_categories", Categories)
    kept = shared[~shared["dimension"].isin([*NOT_ASKED, *own["dimension"]])]
    return pd.concat([kept, own, _named_projects(made)], ignore_index=True)


def _named_projects(made: CordisRecords) -> pd.DataFrame:
    """Return the largest new projects of each year and cluster: those that pages name."""
    new = made.records["projects"].query("is_new and volume_eur.notna()")
    acronyms = made.projects.set_index("id")["acronym"]
    largest = new.sort_values(["volume_eur", "project_id"], ascending=[False, True])
    largest = largest.groupby(["year", "cluster_id"]).head(NAMED)
    labels = largest["project_id"].map(acronyms)
    labels = labels.mask(labels == "", largest["project_id"])
    rows = pd.DataFrame(
        {
            "dimension": "project",
            "category": largest["project_id"],
            "cluster_id": largest["cluster_id"],
            "valid_from": largest["year"],
            "valid_to": largest["year"],
            "position": range(1, len(largest) + 1),
            "label_de": labels,
            "label_en": labels,
            "is_assumption": False,
            "source_id": "records",
        }
    )
    return typed_rows(rows, Categories)


def _own_clusters(shared: pd.DataFrame) -> pd.DataFrame:
    """Return the shared clusters, and where projects go that belong to none or to several."""
    rows = pd.DataFrame(
        {
            "cluster_id": name,
            "kind": "sector",
            "region": "bebb",
            **{
                f"label_{locale}": text(f"cordis.cluster.{name}", locale) for locale in ("de", "en")
            },
            **{
                f"short_{locale}": text(f"cordis.cluster.{name}_short", locale)
                for locale in ("de", "en")
            },
            "position": position,
        }
        for position, name in enumerate((SEVERAL, UNASSIGNED), int(shared["position"].max()) + 1)
    )
    return pd.concat([shared, typed_rows(rows, Clusters)], ignore_index=True)


HEAD = """\
# EU-funded projects (CORDIS)

Made by `ewm import cordis` from {folders}. © European Union, CORDIS, CC BY 4.0; modified.
This is not the monitoring of the cluster managements.

A year is as complete as the files that were read. If they are a sample or an excerpt, they do not
show it: hold the projects in the files against what CORDIS itself counts, and import again with
`--incomplete-year` for each year that is not whole. Otherwise gaps look like growth.

Which cluster a project belongs to follows from rules; every match stands in
`import/cluster_matches.csv`.
"""


def import_report(
    made: CordisRecords, matches: pd.DataFrame, reference: Reference, folders: Sequence[Path]
) -> str:
    """Return the report of an import."""
    sections = {
        "What was imported": _table(import_counts(made)),
        "What is unknown or contradictory": _table(_traps(made)) + _contradictions(made),
        "Seats in Berlin and Brandenburg": _table(_seats(made, reference)),
        "Projects by cluster": _table(_clusters(made, reference)),
        "Topics and fields of projects without a cluster": _table(_unmapped(made, matches)),
    }
    names = ", ".join(f"`{folder.name}`" for folder in folders)
    parts = [HEAD.format(folders=names)]
    return "\n".join([*parts, *(f"## {title}\n\n{body}" for title, body in sections.items())])


def import_counts(made: CordisRecords) -> dict[str, object]:
    """Return what was imported: projects, participations, actors, contributions."""
    own = of_region(made.members)
    partners = own.drop_duplicates("organisationID")
    new = made.records["projects"].query("is_new")
    sme = partners["SME"] == "true"
    return {
        "Projects in the files, by year of start": by_year(made),
        "Projects with a partner in the regions": len(made.projects),
        "Participations from Berlin and Brandenburg": len(
            own.drop_duplicates(["projectID", "organisationID"])
        ),
        "Actors from Berlin and Brandenburg": len(partners),
        "of which SME by CORDIS' own account": int(sme.sum()),
        "of which SME that are companies": int((sme & (partners["activityType"] == "PRC")).sum()),
        "Coordinations from Berlin and Brandenburg": int((own["role"] == "coordinator").sum()),
        "EU contribution to Berlin and Brandenburg, EUR": (
            f"{new['funding_region_eur'].sum():.2f}"
        ),
        "All partners of these projects": made.members["organisationID"].nunique(),
    }


def by_year(made: CordisRecords) -> str:
    """Return how many projects of all regions the files hold, by the year in which they start."""
    return ", ".join(f"{year}: {count}" for year, count in made.in_files.items())


def _traps(made: CordisRecords) -> dict[str, object]:
    members, projects = made.members, made.projects
    pairs = members.duplicated(["projectID", "organisationID"])
    german = members[(members["country"] == GERMANY) & (members["seat"] == "")]
    own = of_region(members).drop_duplicates("organisationID")
    kinds = members.groupby("organisationID")[["activityType", "SME", "seat"]].nunique()
    return {
        "Projects whose total cost is 0 or empty (lump sums): volume unknown": int(
            (projects["totalCost"].fillna(0) == 0).sum()
        ),
        "Projects without a start date: left out": len(made.undated),
        "Projects without an end date: running in the year of their start only": int(
            projects["last_year"].isna().sum()
        ),
        "Partners that take part in a project in several roles: counted once": int(pairs.sum()),
        "Associated partners without EU contribution: they get none": int(
            (members["ecContribution"].isna() & (members["role"] == ASSOCIATED)).sum()
        ),
        "Organisations described differently in several projects: the latest holds": int(
            (kinds > 1).any(axis=1).sum()
        ),
        "Organisations without activity type": members.loc[
            members["activityType"] == "", "organisationID"
        ].nunique(),
        "German organisations without NUTS code: seat unknown, counted as elsewhere": german[
            "organisationID"
        ].nunique(),
        "Actors from Berlin and Brandenburg whose district is unknown": int(
            (own["ags"] == "").sum()
        ),
    }


def _contradictions(made: CordisRecords) -> str:
    """List the amounts that cannot be right; they are taken as unknown."""
    if made.contradictions.empty:
        return ""
    lines = [
        f"- {row.project_id}: `{row.column}` {row.value:.2f} against {row.limit:.2f}; "
        "taken as unknown"
        for row in made.contradictions.itertuples()
    ]
    return "\nAmounts that contradict each other:\n\n" + "\n".join(lines) + "\n"


def _seats(made: CordisRecords, reference: Reference) -> dict[str, object]:
    own = of_region(made.members)
    own = own.drop_duplicates(["projectID", "organisationID"])
    names = reference.districts.set_index("ags")["name"].to_dict()
    counts = own["ags"].map({**names, "": "district unknown"}).value_counts()
    return {f"Participations: {name}": int(count) for name, count in counts.items()}


def _clusters(made: CordisRecords, reference: Reference) -> dict[str, object]:
    new = made.records["projects"].query("is_new")
    counts = new["cluster_id"].value_counts()
    labels = reference.clusters.set_index("cluster_id")["label_en"]
    return {f"{labels[name]} (`{name}`)": int(count) for name, count in counts.items()}


def _unmapped(made: CordisRecords, matches: pd.DataFrame) -> dict[str, object]:
    table = made.records["projects"]
    projects = table.loc[table["cluster_id"] == UNASSIGNED, "project_id"]
    rows = matches[matches["project_id"].isin(projects) & (matches["value"] != "")]
    counts = rows.groupby(["field", "value"]).size().sort_values(ascending=False, kind="stable")
    return {f"{field}: {value}": int(count) for (field, value), count in counts.items()}


def _table(rows: Mapping[str, object]) -> str:
    lines = [f"| {name.replace('|', '/')} | {value} |" for name, value in rows.items()]
    return "\n".join(["| | |", "|---|---:|", *lines]) + "\n"
