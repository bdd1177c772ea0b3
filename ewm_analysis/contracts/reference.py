"""Contracts of the reference tables that all data sets share."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from ewm_analysis.contracts.model import Boolean, Integer, Number, Table, Text, column


def _source() -> Text:
    return column("text", "Quelle", "Source", required=False, refers_to="sources.source_id")


class Clusters(Table):
    """Clusters, Berlin's sub-themes, and groups of them that sources speak of."""

    cluster_id: Text = column("text", "Cluster", "Cluster", pattern=r"[a-z][a-z0-9_]*")
    kind: Text = column(
        "text",
        "Art",
        "Kind",
        "joint: both states; brandenburg; sub_theme of Berlin; group of several clusters",
        allowed=("joint", "brandenburg", "sub_theme", "group", "sector"),
    )
    region: Text = column("text", "Region", "Region", refers_to="categories:region")
    label_de: Text = column("text", "Bezeichnung deutsch", "German label")
    label_en: Text = column("text", "Bezeichnung englisch", "English label")
    short_de: Text = column("text", "Kurzname deutsch", "German short name")
    short_en: Text = column("text", "Kurzname englisch", "English short name")
    position: Integer = column("integer", "Reihenfolge", "Order", minimum=0)
    source_id: Text = _source()

    class Config:
        name = "clusters"
        unique = ["cluster_id"]


class Categories(Table):
    """The codes of every breakdown, with edition, valid years and parent."""

    dimension: Text = column("text", "Gliederung", "Dimension", "guideline, actor_type, funder …")
    category: Text = column(
        "text", "Kategorie", "Category", "Code", pattern=r"[A-Za-z0-9][A-Za-z0-9_+.\-]*"
    )
    cluster_id: Text = column(
        "text",
        "Cluster",
        "Cluster",
        "Filled where the category belongs to one cluster's master plan",
        required=False,
        refers_to="clusters.cluster_id",
    )
    edition: Text = column(
        "text", "Ausgabe", "Edition", "Strategy or master plan that defines it", required=False
    )
    valid_from: Integer = column(
        "integer", "gültig ab", "Valid from", "First reporting year", required=False
    )
    valid_to: Integer = column(
        "integer", "gültig bis", "Valid to", "Last reporting year", required=False
    )
    parent: Text = column(
        "text", "Oberkategorie", "Parent", "Code of the same dimension", required=False
    )
    position: Integer = column("integer", "Reihenfolge", "Order", minimum=0)
    label_de: Text = column("text", "Bezeichnung deutsch", "German label")
    label_en: Text = column("text", "Bezeichnung englisch", "English label")
    is_assumption: Boolean = column(
        "boolean",
        "Annahme",
        "Assumption",
        "True where no source could be read for the label, the code or the years",
    )
    source_id: Text = _source()
    note: Text = column("text", "Anmerkung", "Note", required=False)

    class Config:
        name = "categories"
        unique = ["dimension", "category", "cluster_id", "edition"]

    @pa.dataframe_check(error="valid_to: must not lie before valid_from")
    def ends_after_it_begins(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["valid_to"] >= frame["valid_from"]).fillna(True).astype(bool)

    @pa.dataframe_check(error="category: a code keeps its labels; a new edition needs a new code")
    def one_label(cls, frame: pd.DataFrame) -> pd.Series:
        labels = frame.groupby(["dimension", "category"])[["label_de", "label_en"]]
        return (labels.transform("first") == frame[["label_de", "label_en"]]).all(axis=1)

    @pa.dataframe_check(error="valid_from: the code holds already; end its older row by valid_to")
    def once_a_year(cls, frame: pd.DataFrame) -> pd.Series:
        key = ["dimension", "category", "cluster_id"]
        rows = frame[key].assign(
            start=frame["valid_from"].fillna(0), end=frame["valid_to"].fillna(9999)
        )
        rows = rows.sort_values("start", kind="stable")
        before = rows.groupby(key)["end"].shift()
        return (rows["start"] > before).fillna(True).astype(bool).reindex(frame.index)


class Districts(Table):
    """Berlin and the eighteen districts of Brandenburg."""

    ags: Text = column("text", "Amtlicher Schlüssel", "Official key", pattern=r"[0-9]{5}")
    nuts3: Text = column("text", "NUTS 3", "NUTS 3", pattern=r"DE[0-9A-Z]{3}")
    name: Text = column("text", "Name", "Name")
    kind: Text = column("text", "Art", "Kind", allowed=("city", "rural"))
    state: Text = column("text", "Land", "State", allowed=("be", "bb"))

    class Config:
        name = "districts"
        unique = ["ags"]


class Municipalities(Table):
    """Municipalities and the district each belongs to."""

    ags: Text = column("text", "Gemeindeschlüssel", "Municipality key", pattern=r"[0-9]{8}")
    name: Text = column("text", "Gemeinde", "Municipality")
    kind: Text = column("text", "Bezeichnung", "Designation", required=False)
    district_ags: Text = column("text", "Kreis", "District", refers_to="districts.ags")

    class Config:
        name = "municipalities"
        unique = ["ags"]


class OrganisationGroups(Table):
    """What cluster organisations belong to, as codes: federal state, technology field, label …"""

    organisation_id: Text = column(
        "text", "Organisation", "Organisation", refers_to="categories:organisation"
    )
    dimension: Text = column(
        "text",
        "Gliederung",
        "Dimension",
        allowed=(
            "federal_state",
            "technology_field",
            "financing_model",
            "financing_basis",
            "label",
        ),
    )
    category: Text = column("text", "Kategorie", "Category", "Code of the dimension")
    since: Text = column(
        "date",
        "seit",
        "Since",
        "Day from which it holds, such as the award of a label; empty if not printed",
        required=False,
    )
    is_assumption: Boolean = column(
        "boolean", "Annahme", "Assumption", "True where it is derived, as a state from the seat"
    )
    source_id: Text = _source()
    note: Text = column("text", "Anmerkung", "Note", required=False)

    class Config:
        name = "organisation_groups"
        unique = ["organisation_id", "dimension", "category"]


class Requirements(Table):
    """Numbers that cluster organisations are held against: thresholds and periods."""

    scheme: Text = column(
        "text",
        "Regelwerk",
        "Scheme",
        "Registration with the European platform; silver label",
        allowed=("eccp_registration", "silver_label"),
    )
    requirement: Text = column(
        "text", "Anforderung", "Requirement", refers_to="categories:requirement"
    )
    value: Number = column("number", "Wert", "Value", "At least; a period in years", minimum=0)
    unit: Text = column(
        "text", "Einheit", "Unit", "fte: full-time equivalents", allowed=("fte", "count", "years")
    )
    source_id: Text = _source()
    note: Text = column("text", "Anmerkung", "Note", required=False)

    class Config:
        name = "requirements"
        unique = ["scheme", "requirement"]


class Sources(Table):
    """Where figures and labels come from."""

    source_id: Text = column("text", "Quelle", "Source", pattern=r"[A-Za-z][A-Za-z0-9_]*")
    title: Text = column("text", "Titel", "Title")
    publisher: Text = column("text", "Herausgeber", "Publisher")
    published: Text = column(
        "text",
        "Datum",
        "Date",
        "Year, month or day; ~ before an estimate; empty if unknown",
        required=False,
        pattern=r"~?[0-9]{4}(?:–[0-9]{4}|-[0-9]{2}(?:-[0-9]{2})?)?",
    )
    url: Text = column("text", "Adresse", "Address", required=False)
    licence: Text = column("text", "Lizenz", "Licence", required=False)

    class Config:
        name = "sources"
        unique = ["source_id"]
