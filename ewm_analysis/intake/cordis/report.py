"""What an import of CORDIS did, as a page of Markdown: counts, traps, clusters, what is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.intake.cordis.clusters import UNASSIGNED
from ewm_analysis.intake.cordis.places import GERMANY, of_region
from ewm_analysis.intake.cordis.records import ASSOCIATED, CordisRecords

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
    """Return the report of an import.

    Parameters
    ----------
    made : CordisRecords
        What was imported.
    matches : DataFrame
        As returned by `match_clusters`, of the imported projects.
    reference : Reference
        Clusters and districts with their names.
    folders : sequence of Path
        What was read.
    """
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
