"""Contracts of the CSV files of CORDIS, with its own column names; other columns are not read.

Columns with a default are missing from some editions (Horizon 2020, Horizon Europe).
"""

from __future__ import annotations

from ewm_analysis.contracts.model import Table, Text, column

AMOUNT = r"[0-9]+(?:[.,][0-9]{1,2})?"
"""Euros as CORDIS writes them: decimal comma or, in some editions, point; no thousands."""


def _project_id() -> Text:
    return column("text", "Projekt", "Project", "Number of the grant", pattern="[0-9]+")


def _amount(title_de: str, title_en: str, default: str | None = None) -> Text:
    return column("text", title_de, title_en, required=False, pattern=AMOUNT, default=default)


class CordisProjects(Table):
    """The file ``project.csv``: one row a project."""

    id: Text = _project_id()
    acronym: Text = column("text", "Kurzname", "Acronym", required=False)
    title: Text = column("text", "Titel", "Title", required=False)
    startDate: Text = column("date", "Beginn", "Start", required=False)
    endDate: Text = column("date", "Ende", "End", required=False)
    totalCost: Text = _amount("Gesamtkosten", "Total cost")
    ecMaxContribution: Text = _amount("EU-Beitrag", "EU contribution")
    legalBasis: Text = column("text", "Rechtsgrundlage", "Legal basis", required=False, default="")
    topics: Text = column("text", "Thema", "Topic", required=False, default="")
    frameworkProgramme: Text = column("text", "Programm", "Programme")
    fundingScheme: Text = column("text", "Förderform", "Funding scheme")

    class Config:
        name = "project.csv"
        unique = ["id"]


class CordisOrganizations(Table):
    """The file ``organization.csv``: one row a role of an organisation in a project."""

    projectID: Text = _project_id()
    organisationID: Text = column("text", "Organisation", "Organisation", pattern="[0-9]+")
    name: Text = column("text", "Name", "Name", required=False)
    SME: Text = column("text", "KMU", "SME", allowed=("true", "false"), required=False)
    activityType: Text = column(
        "text", "Art", "Activity type", allowed=("HES", "REC", "PRC", "PUB", "OTH"), required=False
    )
    city: Text = column("text", "Ort", "City", required=False)
    country: Text = column("text", "Land", "Country", required=False)
    nutsCode: Text = column("text", "NUTS", "NUTS", required=False)
    contentUpdateDate: Text = column("text", "Stand", "Updated", required=False, default="")
    role: Text = column("text", "Rolle", "Role")
    ecContribution: Text = _amount("EU-Beitrag", "EU contribution")
    totalCost: Text = _amount("Gesamtkosten", "Total cost", default="")

    class Config:
        name = "organization.csv"


class CordisTopics(Table):
    """The file ``topics.csv``: the topics of the calls that a project answers."""

    projectID: Text = _project_id()
    topic: Text = column("text", "Thema", "Topic")

    class Config:
        name = "topics.csv"


class CordisFields(Table):
    """The file ``euroSciVoc.csv``: fields of science that CORDIS finds in a project's text."""

    projectID: Text = _project_id()
    euroSciVocPath: Text = column("text", "Pfad", "Path")

    class Config:
        name = "euroSciVoc.csv"


CORDIS: dict[str, type[Table]] = {
    "project": CordisProjects,
    "organization": CordisOrganizations,
    "topics": CordisTopics,
    "euroSciVoc": CordisFields,
}
"""Tables of a folder of CORDIS, by file stem; all four belong together."""
