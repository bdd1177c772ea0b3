"""Real projects of CORDIS, written back to the CSV form in which CORDIS publishes them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

OPENDATA = Path(__file__).parents[2] / "shared" / "opendata"
"""Where the real files lie, outside the repository; tests on them are skipped elsewhere."""

PROJECT = (
    "id;acronym;status;title;startDate;endDate;totalCost;ecMaxContribution;legalBasis;topics;"
    "ecSignatureDate;frameworkProgramme;masterCall;subCall;fundingScheme;nature;objective;"
    "contentUpdateDate;rcn;grantDoi"
)
ORGANIZATION = (
    "projectID;projectAcronym;organisationID;vatNumber;name;shortName;SME;activityType;street;"
    "postCode;city;country;nutsCode;geolocation;organizationURL;contactForm;contentUpdateDate;"
    "rcn;order;role;ecContribution;netEcContribution;totalCost;endOfParticipation;active"
)
TOPICS = "projectID;topic;title"
FIELDS = "projectID;euroSciVocCode;euroSciVocPath;euroSciVocTitle;euroSciVocDescription"


def write_real(folder: Path) -> Path:
    """Write all real projects, with their whole consortia, as one folder of CORDIS."""
    projects = pd.read_parquet(OPENDATA / "cordis_he_projects.parquet")
    members = pd.read_parquet(OPENDATA / "cordis_he_participations.parquet")
    actors = pd.read_parquet(OPENDATA / "cordis_he_actors.parquet")
    fields = pd.read_parquet(OPENDATA / "cordis_he_euroscivoc.parquet")
    folder.mkdir(parents=True)
    _write(
        folder / "project.csv",
        PROJECT,
        projects.assign(
            id=projects["project_id"],
            status="SIGNED",
            startDate=projects["start"],
            endDate=projects["end"],
            totalCost=_euros(projects["volume"]),
            ecMaxContribution=_euros(projects["funding"]),
            legalBasis=projects["legal_basis"],
            topics=projects["topic_id"],
            frameworkProgramme="HORIZON",
            fundingScheme=projects["funding_scheme"],
        ),
    )
    joined = members[["project_id", "actor_id", "role", "order", "funding"]].merge(
        actors, on="actor_id", validate="m:1"
    )
    _write(
        folder / "organization.csv",
        ORGANIZATION,
        joined.assign(
            projectID=joined["project_id"],
            organisationID=joined["actor_id"],
            SME=joined["sme"].map({True: "true", False: "false"}),
            activityType=joined["activity_type"],
            nutsCode=joined["nuts3"],
            ecContribution=_euros(joined["funding"]),
        ),
    )
    _write(
        folder / "topics.csv",
        TOPICS,
        projects.assign(
            projectID=projects["project_id"],
            topic=projects["topic_id"],
            title=projects["topic_title"],
        ),
    )
    _write(folder / "euroSciVoc.csv", FIELDS, fields.assign(projectID=fields["project_id"]))
    return folder


def _euros(amounts: pd.Series) -> pd.Series:
    """Write amounts with a decimal comma, as CORDIS does; unknown ones are empty."""
    return amounts.map(lambda value: "" if pd.isna(value) else f"{value:.2f}".replace(".", ","))


def _write(path: Path, header: str, table: pd.DataFrame) -> None:
    table.reindex(columns=header.split(";")).to_csv(
        path, sep=";", index=False, quoting=csv.QUOTE_ALL, encoding="utf-8"
    )
