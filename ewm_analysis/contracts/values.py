"""Contracts of figures: published, economic, of organisations, and the long table of all."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from ewm_analysis.contracts.model import Boolean, Integer, Number, Table, Text, column

PRECISIONS = ("exact", "approximate", "lower_bound", "upper_bound")
WITHHELD = "withheld"
"""Precision of a computed figure that is confidential; its value is missing."""

UNITS = ("count", "eur", "fraction", "persons")
DELIMITATIONS = ("clustermonitoring", "official", "other")
SCOPES = ("core", "total")


def _year() -> Integer:
    return column("integer", "Jahr", "Year", minimum=1990, maximum=2100)


def _cluster() -> Text:
    return column(
        "text",
        "Cluster",
        "Cluster",
        "Empty for a region as a whole",
        required=False,
        refers_to="clusters.cluster_id",
    )


def _region() -> Text:
    return column(
        "text",
        "Region",
        "Region",
        "be, bb, bebb, de … or the key of a district",
        refers_to="categories:region",
    )


def _indicator() -> Text:
    return column("text", "Indikator", "Indicator", "Name in the catalogue")


def _base_year() -> Integer:
    return column(
        "integer",
        "Basisjahr",
        "Base year",
        "First year of a growth; empty otherwise",
        required=False,
        minimum=1990,
        maximum=2100,
    )


def _precision(*more: str) -> Text:
    return column(
        "text",
        "Genauigkeit",
        "Precision",
        "exact; approximate (rund, etwa); lower_bound (mehr als); upper_bound (bis zu)",
        allowed=(*PRECISIONS, *more),
    )


def _mention() -> Integer:
    return column(
        "integer",
        "Nennung",
        "Mention",
        "1 is used; 2, 3 … are further places that print the same quantity",
        minimum=1,
    )


def _source() -> Text:
    return column("text", "Quelle", "Source", refers_to="sources.source_id")


def _note() -> Text:
    return column("text", "Anmerkung", "Note", "Caveat of the source", required=False)


class Published(Table):
    """Figures printed in monitoring reports, one a row, never rebuilt from pictures."""

    year: Integer = _year()
    cluster_id: Text = column("text", "Cluster", "Cluster", refers_to="clusters.cluster_id")
    region: Text = _region()
    indicator: Text = _indicator()
    dimension: Text = column(
        "text", "Gliederung", "Dimension", "Empty for the undivided figure", required=False
    )
    category: Text = column(
        "text", "Kategorie", "Category", "Code of the dimension", required=False
    )
    base_year: Integer = _base_year()
    mention: Integer = _mention()
    value: Number = column("number", "Wert", "Value", "In the unit; shares as fractions")
    unit: Text = column("text", "Einheit", "Unit", "As in the catalogue", allowed=UNITS)
    precision: Text = _precision()
    is_year_inferred: Boolean = column(
        "boolean", "Jahr erschlossen", "Year inferred", "The source does not print the year"
    )
    source_id: Text = _source()
    reference: Text = column("text", "Fundstelle", "Place", "Page, table or figure")
    note: Text = _note()

    class Config:
        name = "published"
        unique = [
            "year",
            "cluster_id",
            "region",
            "indicator",
            "dimension",
            "category",
            "base_year",
            "mention",
        ]

    @pa.dataframe_check(error="category: dimension and category are filled together")
    def dimension_with_category(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["dimension"] == "") == (frame["category"] == "")


class Economy(Table):
    """Companies, turnover and employment of clusters, regions and their sectors."""

    year: Integer = _year()
    cluster_id: Text = _cluster()
    scope: Text = column(
        "text",
        "Abgrenzung",
        "Scope",
        "core or total of a cluster",
        allowed=SCOPES,
        required=False,
    )
    region: Text = _region()
    sector: Text = column(
        "text",
        "Wirtschaftsabschnitte",
        "Sector block",
        "Sections of WZ 2008; empty for all",
        required=False,
        refers_to="categories:sector",
    )
    indicator: Text = _indicator()
    base_year: Integer = _base_year()
    delimitation: Text = column(
        "text",
        "Datenbasis",
        "Delimitation",
        "clustermonitoring (WZ 2008 list of the clusters), official total, other",
        allowed=DELIMITATIONS,
    )
    mention: Integer = _mention()
    value: Number = column("number", "Wert", "Value", "In the unit; shares as fractions")
    unit: Text = column("text", "Einheit", "Unit", "As in the catalogue", allowed=UNITS)
    precision: Text = _precision()
    is_provisional: Boolean = column("boolean", "vorläufig", "Provisional")
    source_id: Text = _source()
    reference: Text = column("text", "Fundstelle", "Place", required=False)
    note: Text = _note()

    class Config:
        name = "economy"
        unique = [
            "year",
            "cluster_id",
            "scope",
            "region",
            "sector",
            "indicator",
            "base_year",
            "delimitation",
            "mention",
        ]

    @pa.dataframe_check(error="scope: a cluster has a scope, a region has none")
    def scope_of_clusters(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["cluster_id"] == "") == (frame["scope"] == "")


class Organisations(Table):
    """Facts of cluster organisations, from the portraits of the go-cluster programme."""

    organisation_id: Text = column(
        "text", "Organisation", "Organisation", refers_to="categories:organisation"
    )
    fact: Text = column("text", "Angabe", "Fact", refers_to="categories:organisation_fact")
    mention: Integer = _mention()
    value: Number = column(
        "number", "Wert", "Value", "Empty where the fact is a text", required=False
    )
    text: Text = column("text", "Text", "Text", "Empty where the fact is a number", required=False)
    unit: Text = column(
        "text",
        "Einheit",
        "Unit",
        required=False,
        allowed=(*UNITS, "year", "years", "months", "decades", "ordinal", "other"),
    )
    precision: Text = _precision()
    source_id: Text = _source()
    note: Text = _note()

    class Config:
        name = "organisations"
        unique = ["organisation_id", "fact", "mention"]

    @pa.dataframe_check(error="value: exactly one of value and text must be filled")
    def value_or_text(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["value"].isna() ^ (frame["text"] == "")


class IndicatorValues(Table):
    """The long table: every figure of a data set, published or computed, with its source."""

    year: Integer = _year()
    cluster_id: Text = _cluster()
    region: Text = _region()
    scope: Text = column(
        "text", "Abgrenzung", "Scope", "Economy only", allowed=SCOPES, required=False
    )
    indicator: Text = _indicator()
    dimension: Text = column("text", "Gliederung", "Dimension", required=False)
    category: Text = column("text", "Kategorie", "Category", required=False)
    base_year: Integer = _base_year()
    value: Number = column(
        "number",
        "Wert",
        "Value",
        "In the unit of the catalogue; missing if withheld",
        required=False,
    )
    precision: Text = _precision(WITHHELD)
    is_provisional: Boolean = column("boolean", "vorläufig", "Provisional")
    is_year_inferred: Boolean = column("boolean", "Jahr erschlossen", "Year inferred")
    delimitation: Text = column(
        "text",
        "Datenbasis",
        "Delimitation",
        "Economy only",
        allowed=DELIMITATIONS,
        required=False,
    )
    source_id: Text = _source()
    reference: Text = column("text", "Fundstelle", "Place", required=False)
    note: Text = _note()

    class Config:
        name = "indicators"
        unique = [
            "year",
            "cluster_id",
            "region",
            "scope",
            "indicator",
            "dimension",
            "category",
            "base_year",
            "delimitation",
        ]

    @pa.dataframe_check(error="value: missing where precision is withheld, and only there")
    def value_unless_withheld(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["value"].isna() == (frame["precision"] == WITHHELD)
