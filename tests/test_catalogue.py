"""The catalogue is complete and consistent; labels and words in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from small_records import reference_of

from ewm_analysis.catalogue import Reference, Words, indicator, indicators
from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import LOCALES, Locale, in_language
from ewm_analysis.loaders import load_reference

NBSP = "\u00a0"
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(ROOT / "data" / "reference")


@pytest.fixture(scope="module")
def de(reference: Reference) -> Words:
    return Words(reference, "de")


@pytest.fixture(scope="module")
def en(reference: Reference) -> Words:
    return Words(reference, "en")


# --- indicators -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", indicators())
def test_an_indicator_is_complete(name: str) -> None:
    entry = indicator(name)
    assert entry.name == name
    for said in (entry.label, entry.definition):
        assert all(said[locale].strip() for locale in ("de", "en"))
    for locale in LOCALES:
        assert in_language(entry.label, locale)[0] == in_language(entry.label, locale)[0].upper()
        assert in_language(entry.definition, locale).endswith(".")
        assert not in_language(entry.label, locale).endswith(".")
    assert (entry.one is None) == (entry.other is None)
    assert entry.lag >= 0
    assert entry.lag == 0 or entry.group == "economy"


@pytest.mark.parametrize("name", indicators())
def test_what_an_indicator_names_exists(name: str, reference: Reference) -> None:
    entry = indicator(name)
    named = [*filter(None, (entry.base, entry.of)), *entry.sum_of]
    assert set(named) <= set(indicators())
    assert name not in named
    known = {*reference.categories["dimension"], "district", "home_cluster"}
    assert set(entry.dimensions) <= known


@pytest.mark.parametrize("name", indicators())
def test_units_fit_together(name: str) -> None:
    entry = indicator(name)
    if entry.of:
        assert indicator(entry.of).unit == entry.unit
    for part in entry.sum_of:
        assert indicator(part).unit == entry.unit
    if entry.base:
        assert entry.unit == "fraction"
        assert indicator(entry.base).unit != "fraction"
    if entry.unit == "fraction":
        assert entry.parts == "none"


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'project_volume'") as caught:
        indicator("projekt_volume")
    assert caught.value.name == "indicator"
    assert caught.value.allowed == indicators()


# --- reference tables -------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
def test_every_category_has_a_label(reference: Reference, locale: Locale) -> None:
    words = Words(reference, locale)
    table = reference.categories
    for dimension, category in zip(table["dimension"], table["category"], strict=True):
        assert words.label(dimension, category).strip()
    for cluster_id in reference.clusters["cluster_id"]:
        assert words.label("cluster", cluster_id) == words.label("home_cluster", cluster_id)
    for ags in reference.districts["ags"]:
        assert words.label("district", ags).strip()


def test_labels_are_in_their_language(de: Words, en: Words) -> None:
    assert de.label("funder", "federal") == "Bund"
    assert en.label("funder", "federal") == "Federal government"
    assert de.label("cluster", "imk") == "IKT, Medien und Kreativwirtschaft"
    assert en.label("home_cluster", "imk") == "ICT, media and creative industries"
    assert de.label("district", "12054") == en.label("district", "12054") == "Potsdam"


@pytest.mark.parametrize(
    ("dimension", "category", "closest"),
    [("funder", "fedral", "federal"), ("cluster", "imc", "imk"), ("district", "12055", "12054")],
)
def test_an_unknown_category_is_answered_with_the_closest(
    de: Words, dimension: str, category: str, closest: str
) -> None:
    with pytest.raises(ParameterError, match="Did you mean") as caught:
        de.label(dimension, category)
    assert caught.value.name == dimension
    assert closest in caught.value.allowed


def test_a_label_is_that_of_its_dimension(de: Words) -> None:
    """`single` is a consortium, not a funder."""
    assert de.label("consortium_type", "single") == "Einzelvorhaben"
    with pytest.raises(ParameterError, match="funder: 'single'"):
        de.label("funder", "single")


@pytest.mark.parametrize(
    ("year", "cluster_id", "expected"),
    [
        (2020, "imk", ["imk_area_ict", "imk_area_media", "imk_area_creative"]),
        (2021, "imk", ["imk_ict", "imk_media_creative"]),
        (2014, "imk", []),
        (2021, "cleantech", []),
    ],
)
def test_action_fields_of_a_cluster_in_a_year(
    reference: Reference, year: int, cluster_id: str, expected: list[str]
) -> None:
    assert list(reference.valid("action_field", year, cluster_id)["category"]) == expected


def test_without_a_year_all_editions_are_valid(reference: Reference) -> None:
    assert len(reference.valid("action_field", cluster_id="imk")) == 5
    assert reference.valid("action_field").empty  # each belongs to a cluster


def test_valid_categories_come_in_the_order_of_their_position() -> None:
    table = pd.DataFrame(
        {"dimension": "funder", "category": ["b", "a"], "cluster_id": "", "position": [2, 1],
         "valid_from": pd.array([pd.NA, 2020], "Int64"),
         "valid_to": pd.array([pd.NA, 2020], "Int64")}
    )  # fmt: skip
    reference = reference_of(categories=table)
    assert list(reference.valid("funder", 2020)["category"]) == ["a", "b"]
    assert list(reference.valid("funder", 2019)["category"]) == ["b"]
    assert list(reference.valid("funder", 2021)["category"]) == ["b"]


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "german", "english"),
    [
        ("p. 7 (Abb. 1)", "S. 7 (Abb. 1)", "p. 7 (Fig. 1)"),
        ("p. 15, Tab. 2", "S. 15, Tab. 2", "p. 15, Table 2"),
        ("Abb. 9", "Abb. 9", "Fig. 9"),
        ("para 3", "Absatz 3", "para. 3"),
        ("part 2, p. 4", "Teil 2, S. 4", "part 2, p. 4"),
        ("map of p. 4", "map of S. 4", "map of p. 4"),
        ("", "", ""),
    ],
)
def test_places(de: Words, en: Words, place: str, german: str, english: str) -> None:
    said = [words.place(place) for words in (de, en)]
    assert [words.replace(NBSP, " ") for words in said] == [german, english]
    assert not any(re.search(r"[^,] \d", words) for words in said)  # "p." stays with its number


@pytest.mark.parametrize(
    ("name", "value", "german", "english"),
    [
        ("projects_new", 1234, "1.234", "1,234"),
        ("project_volume", 161_500_000, f"161,5{NBSP}Mio.{NBSP}€", f"€161.5{NBSP}m"),
        ("employees_insured", 171021, "171.021", "171,021"),
        ("projects_rdi_share", 0.73, f"73{NBSP}%", "73%"),
        ("projects_new_share", 0.167, f"16,7{NBSP}%", "16.7%"),  # as the source prints it
        ("projects_new_share", 0.29, f"29{NBSP}%", "29%"),  # 0.29 * 100 is not quite 29
        ("projects_rdi_share", 25 / 34, f"74{NBSP}%", "74%"),  # computed: without a decimal
        ("companies_growth", 0.1352, f"+14{NBSP}%", "+14%"),
        ("companies_growth", 0.135, f"+13,5{NBSP}%", "+13.5%"),
        ("turnover_cagr", -0.02, f"\u22122{NBSP}%", "\u22122%"),
        ("projects_new", None, "–", "–"),
        ("project_volume", float("nan"), "–", "–"),
        ("projects_rdi_share", None, "–", "–"),
    ],
)
def test_a_value_is_said_in_its_unit(
    de: Words, en: Words, name: str, value: float | None, german: str, english: str
) -> None:
    assert (de.value(name, value), en.value(name, value)) == (german, english)


@pytest.mark.parametrize("name", indicators())
@pytest.mark.parametrize("locale", LOCALES)
def test_every_indicator_can_be_said(reference: Reference, name: str, locale: Locale) -> None:
    words = Words(reference, locale)
    assert words.indicator(name) == in_language(indicator(name).label, locale)
    assert words.value(name, 1)
    assert words.quantity(name, 2)


@pytest.mark.parametrize(
    ("name", "value", "german", "english"),
    [
        ("projects_new", 1, "1 neu initiiertes Projekt", "1 new project"),
        ("projects_new", 34, "34 neu initiierte Projekte", "34 new projects"),
        ("projects_new", 0, "0 neu initiierte Projekte", "0 new projects"),
        ("project_volume", 5_000_000, "5,0 Mio. €", "€5.0 m"),
    ],
)
def test_quantities(
    de: Words, en: Words, name: str, value: float, german: str, english: str
) -> None:
    said = [words.quantity(name, value).replace(NBSP, " ") for words in (de, en)]
    assert said == [german, english]
