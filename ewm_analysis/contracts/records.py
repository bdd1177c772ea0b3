"""Contracts of the evaluators' records: what cluster managements report for a year."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from ewm_analysis.contracts.model import Boolean, Integer, Number, Table, Text, column

STATUS = ("application", "started", "finished")
STATES = ("be", "bb", "other")
SCHEMES = ("guideline", "focus_topic", "action_field", "technology")
"""What projects and activities are assigned to; several categories of each are allowed."""


def _year() -> Integer:
    return column("integer", "Berichtsjahr", "Reporting year", minimum=1990, maximum=2100)


def _cluster() -> Text:
    return column("text", "Cluster", "Cluster", refers_to="clusters.cluster_id")


def _amount(title_de: str, title_en: str, description: str) -> Number:
    return column("number", title_de, title_en, description, required=False, unit="EUR", minimum=0)


def _at_most(part: pd.Series, whole: pd.Series) -> pd.Series:
    """True where `part` ≤ `whole`, or one of them is unknown."""
    return (part <= whole).fillna(True).astype(bool)


class Projects(Table):
    """Projects of a cluster in a reporting year; a project running on has a row each year."""

    year: Integer = _year()
    project_id: Text = column("text", "Projektkennung", "Project id")
    cluster_id: Text = _cluster()
    title: Text = column("text", "Titel", "Title", required=False)
    is_new: Boolean = column(
        "boolean", "neu initiiert", "New", "Initiated in this year; a subset of the running ones"
    )
    is_rdi: Boolean = column(
        "boolean", "FuEuI-Projekt", "RDI project", "Research, development or innovation"
    )
    status: Text = column("text", "Status", "Status", allowed=STATUS, refers_to="categories:status")
    volume_eur: Number = _amount("Projektvolumen", "Project volume", "Nominal; empty if unknown")
    volume_region_eur: Number = _amount(
        "davon Hauptstadtregion", "Of which capital region", "At most the project volume"
    )
    funding_eur: Number = _amount("Fördervolumen", "Funding volume", "At most the project volume")
    funding_region_eur: Number = _amount(
        "davon Hauptstadtregion", "Of which capital region", "At most the funding volume"
    )
    funder: Text = column(
        "text", "Fördermittelgeber", "Funder", required=False, refers_to="categories:funder"
    )
    consortium_type: Text = column(
        "text",
        "Konsortialstruktur",
        "Consortium structure",
        required=False,
        refers_to="categories:consortium_type",
    )

    class Config:
        name = "projects"
        unique = ["year", "project_id"]

    @pa.dataframe_check(error="volume_region_eur: at most volume_eur is allowed")
    def region_within_volume(cls, frame: pd.DataFrame) -> pd.Series:
        return _at_most(frame["volume_region_eur"], frame["volume_eur"])

    @pa.dataframe_check(error="funding_eur: at most volume_eur is allowed")
    def funding_within_volume(cls, frame: pd.DataFrame) -> pd.Series:
        return _at_most(frame["funding_eur"], frame["volume_eur"])

    @pa.dataframe_check(error="funding_region_eur: at most funding_eur is allowed")
    def region_within_funding(cls, frame: pd.DataFrame) -> pd.Series:
        return _at_most(frame["funding_region_eur"], frame["funding_eur"])


class Activities(Table):
    """Other activities of a cluster management (events, workshops …); never projects."""

    year: Integer = _year()
    activity_id: Text = column("text", "Aktivitätskennung", "Activity id")
    cluster_id: Text = _cluster()
    title: Text = column("text", "Titel", "Title", required=False)
    kind: Text = column("text", "Art", "Kind", required=False, refers_to="categories:activity_kind")

    class Config:
        name = "activities"
        unique = ["year", "activity_id"]


class Actors(Table):
    """Companies, universities and other bodies that take part in projects or activities."""

    year: Integer = _year()
    actor_id: Text = column("text", "Akteurskennung", "Actor id")
    name: Text = column("text", "Name", "Name", required=False)
    actor_type: Text = column("text", "Akteurstyp", "Actor type", refers_to="categories:actor_type")
    size_class: Text = column(
        "text",
        "Größenklasse",
        "Size class",
        "Persons employed; companies only",
        required=False,
        refers_to="categories:size_class",
    )
    state: Text = column("text", "Land", "State", "Seat: be, bb or other", allowed=STATES)
    ags: Text = column(
        "text",
        "Kreis (AGS)",
        "District (AGS)",
        "Official key of the district of the seat; five digits",
        required=False,
        pattern=r"[0-9]{5}",
        refers_to="districts.ags",
    )
    place: Text = column(
        "text",
        "Ort",
        "Place",
        "Town of the seat as reported; 'ewm check' holds the district against it",
        required=False,
        default="",
    )
    home_cluster: Text = column(
        "text",
        "Cluster des Akteurs",
        "Home cluster",
        "A cluster, a sub-theme or other_sector",
        required=False,
        refers_to="clusters.cluster_id",
    )

    class Config:
        name = "actors"
        unique = ["year", "actor_id"]

    @pa.dataframe_check(error="size_class: only companies have a size class")
    def size_of_companies(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["size_class"] == "") | (frame["actor_type"] == "company")

    @pa.dataframe_check(error="ags: the key must lie in the state (11… for be, 12… for bb)")
    def district_in_state(cls, frame: pd.DataFrame) -> pd.Series:
        prefix = frame["state"].map({"be": "11", "bb": "12"}).fillna("")
        return (frame["ags"] == "") | (frame["ags"].str[:2] == prefix)


def _item_checks(frame: pd.DataFrame) -> pd.Series:
    return (frame["project_id"] == "") ^ (frame["activity_id"] == "")


ONE_ITEM = "project_id: exactly one of project_id and activity_id must be filled"


def _project() -> Text:
    return column(
        "text", "Projektkennung", "Project id", required=False, refers_to="projects.project_id"
    )


def _activity() -> Text:
    return column(
        "text",
        "Aktivitätskennung",
        "Activity id",
        required=False,
        refers_to="activities.activity_id",
    )


class Participations(Table):
    """Which actor takes part in which project or activity."""

    year: Integer = _year()
    project_id: Text = _project()
    activity_id: Text = _activity()
    actor_id: Text = column("text", "Akteurskennung", "Actor id", refers_to="actors.actor_id")

    class Config:
        name = "participations"
        unique = ["year", "project_id", "activity_id", "actor_id"]

    @pa.dataframe_check(error=ONE_ITEM)
    def one_item(cls, frame: pd.DataFrame) -> pd.Series:
        return _item_checks(frame)


class Assignments(Table):
    """Which project or activity belongs to which category; several are allowed."""

    year: Integer = _year()
    project_id: Text = _project()
    activity_id: Text = _activity()
    scheme: Text = column("text", "Schema", "Scheme", allowed=SCHEMES)
    category: Text = column(
        "text", "Kategorie", "Category", "A code of the scheme, valid in the year"
    )

    class Config:
        name = "assignments"
        unique = ["year", "project_id", "activity_id", "scheme", "category"]

    @pa.dataframe_check(error=ONE_ITEM)
    def one_item(cls, frame: pd.DataFrame) -> pd.Series:
        return _item_checks(frame)
