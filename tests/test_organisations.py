"""Organisations side by side: limits, ratios, composition, financing, rules, choice, tables."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis import tables
from ewm_analysis.catalogue import Words
from ewm_analysis.contracts import Organisations
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.l10n import NBSP
from ewm_analysis.loaders import open_dataset
from ewm_analysis.statistics import (
    choose_organisations,
    composition,
    eligibility,
    financing,
    label_calendar,
    organisation_ages,
    per_head,
    quantities,
)
from ewm_analysis.statistics.organisations import (
    Quantity,
    at_least,
    herfindahl,
    label_window,
    member_types,
)

REAL = open_dataset("data/capital-region")
REFERENCE = REAL.reference
ALL = choose_organisations(REAL.organisations, REFERENCE.organisation_groups)
DE, EN = Words(REFERENCE, "de"), Words(REFERENCE, "en")
YEARS = {"validity": 2, "benchmarking_from": 1.5, "benchmarking_to": 2, "renewal": 1}

numbers = st.floats(0.5, 1000)


def portrait(*facts: tuple[str, float, str], organisation: str = "optence") -> pd.DataFrame:
    """Facts of one organisation: name, value, precision."""
    rows = [
        (organisation, fact, 1, value, "", "count", precision, "gocluster_brochure_2022", "")
        for fact, value, precision in facts
    ]
    return pd.DataFrame(rows, columns=[*Organisations.columns])


def limits(rows: pd.DataFrame, *key: str) -> tuple[object, object, bool]:
    """Low, high and roughness of the one row with these codes."""
    chosen = rows[(rows.iloc[:, 0] == key[0]) & (rows.iloc[:, 1] == key[1])]
    (row,) = chosen[["low", "high", "is_rough"]].itertuples(index=False)
    return tuple(None if pd.isna(cell) else cell for cell in row)  # type: ignore[return-value]


def rows_of(table: tables.Table) -> list[list[str]]:
    return [[cell.replace(NBSP, " ") for cell in line] for line in table.rows]


# Limits


def test_bounds_of_a_fact_are_put_together() -> None:
    facts = portrait(
        ("events_per_year_min", 4, "lower_bound"), ("events_per_year_max", 5, "upper_bound")
    )
    assert quantities(facts, "events_per_year") == {"optence": Quantity(4, 5)}
    assert quantities(portrait(("members", 80, "approximate")), "members") == {
        "optence": Quantity(80, 80, is_rough=True)
    }


@given(numbers, numbers, numbers, numbers)
def test_a_ratio_holds_every_ratio_of_its_parts(a: float, b: float, c: float, d: float) -> None:
    part, base = Quantity(min(a, b), max(a, b)), Quantity(min(c, d), max(c, d))
    ratio = part.per(base)
    assert ratio is not None
    assert ratio.low is not None
    assert ratio.high is not None
    for value in (a / c, a / d, b / c, b / d):
        assert ratio.low <= value <= ratio.high


@pytest.mark.parametrize(
    ("part", "base", "expected"),
    [
        (Quantity(60, None), Quantity(6, 6, is_rough=True), Quantity(10, None, is_rough=True)),
        (Quantity(None, 30), Quantity(6, 6), Quantity(None, 5)),
        (Quantity(30, 30), Quantity(10, None), Quantity(None, 3)),
        (Quantity(30, 30), Quantity(None, 10), Quantity(3, None)),
        (Quantity(30, None), Quantity(10, None), None),
        (Quantity(30, 30), Quantity(0, 0), None),
    ],
)
def test_bounds_stay_bounds(part: Quantity, base: Quantity, expected: Quantity | None) -> None:
    assert part.per(base) == expected


def test_ratios_of_the_portraits() -> None:
    rows = per_head(ALL)
    assert limits(rows, "optence", "members_per_staff") == (27.5, 27.5, False)
    assert limits(rows, "olec", "members_per_staff") == (10.0, None, True)
    assert limits(rows, "olec", "events_per_staff") == (None, 5.0, True)
    assert limits(rows, "biocon_valley", "events_per_staff") == (65 / 16, None, False)
    assert limits(rows, "biocon_valley", "participants_per_event") == (None, 3000 / 65, True)
    assert "diwish" not in {*rows["organisation_id"]}  # no number of members is printed


def test_age_counts_to_the_year_of_the_source() -> None:
    ages = organisation_ages(ALL, REFERENCE.sources).set_index("organisation_id")
    assert ages.loc["medways", ["founded", "as_of", "age"]].tolist() == [1999, 2022, 23]


# Composition and financing


def test_shares_and_counts_are_never_turned_into_each_other() -> None:
    shares, counts = composition(ALL, basis="share"), composition(ALL, basis="count")
    assert {*shares["organisation_id"]} == {"biocon_valley", "bioeconomy", "olec", "optence"}
    assert {*counts["organisation_id"]} == {"medways", "sps"}


def test_the_rest_is_what_is_not_stated() -> None:
    shares, counts = composition(ALL, basis="share"), composition(ALL, basis="count")
    assert limits(shares, "optence", "not_stated") == (0.08, 0.08, False)
    assert limits(shares, "olec", "not_stated") == (0.333, 0.333, True)
    assert limits(counts, "sps", "not_stated") == (53, 53, True)
    assert limits(counts, "sps", "total") == (80, 80, True)


def test_parts_above_the_total_leave_no_rest() -> None:
    medways = composition(ALL, basis="count").query("organisation_id == 'medways'")
    parts = medways[medways["member_type"] != "total"]
    assert "not_stated" not in {*parts["member_type"]}
    assert parts["low"].sum() == 93
    assert limits(medways, "medways", "total") == (91, 91, False)


def test_no_rest_where_a_bound_is_open_or_the_total_missing() -> None:
    bound = portrait(("sme_count", 12, "lower_bound"), ("members", 80, "exact"))
    assert [*composition(bound, basis="count")["member_type"]] == ["sme", "total"]
    alone = portrait(("sme_count", 12, "exact"))
    assert [*composition(alone, basis="count")["member_type"]] == ["sme"]


def test_concentration_needs_all_sources_exactly() -> None:
    rows = financing(ALL)
    assert limits(rows, "diwish", "herfindahl") == pytest.approx((0.38, 0.38, False))
    assert limits(rows, "medways", "public") == (0.4, 0.5, False)
    assert [*rows.loc[rows["financing_source"] == "herfindahl", "organisation_id"]] == ["diwish"]
    rough = Quantity(0.5, 0.5, is_rough=True)
    assert herfindahl([rough, rough]) is None
    assert herfindahl([]) is None


@given(st.integers(1, 20))
def test_concentration_of_equal_shares(n: int) -> None:
    assert herfindahl([Quantity(1 / n, 1 / n)] * n) == pytest.approx(1 / n)


# Rules


@pytest.mark.parametrize(
    ("quantity", "outcome"),
    [
        (None, "unknown"),
        (Quantity(15, 15), "met"),
        (Quantity(14, 14), "not_met"),
        (Quantity(15, None), "met"),
        (Quantity(10, None), "unknown"),
        (Quantity(None, 14), "not_met"),
        (Quantity(None, 30), "unknown"),
        (Quantity(16, 16, is_rough=True), "unknown"),
        (Quantity(14, 14, is_rough=True), "unknown"),
        (Quantity(17, 17, is_rough=True), "met"),
        (Quantity(13, 13, is_rough=True), "not_met"),
    ],
)
def test_threshold_is_reached_missed_or_open(quantity: Quantity | None, outcome: str) -> None:
    assert at_least(quantity, 15) == outcome


def test_thresholds_come_from_the_table() -> None:
    rules = REFERENCE.requirements
    assert rules.set_index(["scheme", "requirement"])["value"].to_dict() == {
        ("eccp_registration", "staff"): 0.5,
        ("eccp_registration", "members"): 15,
        ("eccp_registration", "member_types"): 2,
        ("silver_label", "validity"): 2,
        ("silver_label", "benchmarking_from"): 1.5,
        ("silver_label", "benchmarking_to"): 2,
        ("silver_label", "renewal"): 1,
    }
    stricter = rules.assign(value=rules["value"].mask(rules["requirement"] == "members", 100))
    outcomes = eligibility(ALL, stricter).set_index(["organisation_id", "requirement"])["outcome"]
    assert outcomes["optence", "members"] == "met"
    assert outcomes["medways", "members"] == "not_met"
    assert outcomes["geokomm", "members"] == "unknown"  # about 100


def test_persons_are_no_full_time_equivalents() -> None:
    rows = eligibility(ALL, REFERENCE.requirements)
    staff = rows[rows["requirement"] == "staff"]
    assert {*staff["outcome"]} == {"unknown"}
    assert len(staff) == 8
    in_persons = REFERENCE.requirements.replace({"unit": {"fte": "count"}})
    with_heads = eligibility(ALL, in_persons.assign(unit="persons"))
    assert {*with_heads.loc[with_heads["requirement"] == "staff", "outcome"]} == {"met"}


def test_member_types_count_companies_science_and_the_public_sector() -> None:
    found = member_types(ALL)
    assert found["optence"] == Quantity(2, None)  # SMEs and large companies are one type
    assert found["biocon_valley"] == Quantity(2, None)
    assert found["olec"] == Quantity(1, None)
    assert "geokomm" not in found  # said in a text only


def test_one_type_that_makes_all_members_is_not_enough() -> None:
    facts = portrait(("members", 40, "exact"), ("sme_count", 30, "exact"), ("large", 10, "exact"))
    assert member_types(facts) == {"optence": Quantity(1, 1)}
    rows = eligibility(facts, REFERENCE.requirements).set_index("requirement")
    assert rows.loc["member_types", "outcome"] == "not_met"
    shares = portrait(("sme_share", 0.6, "exact"), ("large_share", 0.4, "exact"))
    assert member_types(shares) == {"optence": Quantity(1, 1)}
    others = portrait(("members", 40, "exact"), ("sme_count", 30, "exact"),
                      ("other_members", 10, "exact"))  # fmt: skip
    assert member_types(others) == {"optence": Quantity(1, None)}


# Labels


def test_windows_of_a_label_follow_from_its_award() -> None:
    window = label_window(date(2019, 7, 25), YEARS)  # the validity that a Bronze label states
    assert window["valid_until"] == date(2021, 7, 25)
    assert (window["benchmarking_from"], window["benchmarking_to"]) == (
        date(2021, 1, 25),
        date(2021, 7, 25),
    )
    assert window["renewal_until"] == date(2022, 7, 25)


@pytest.mark.parametrize(
    ("awarded", "until"),
    [
        (date(2020, 2, 29), date(2022, 2, 28)),
        (date(2020, 12, 31), date(2022, 12, 31)),
        (date(2021, 1, 1), date(2023, 1, 1)),
    ],
)
def test_ends_of_months(awarded: date, until: date) -> None:
    assert label_window(awarded, YEARS)["valid_until"] == until


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_windows_are_in_order(awarded: date) -> None:
    window = label_window(awarded, YEARS)
    assert (
        awarded < window["benchmarking_from"] < window["benchmarking_to"] <= window["valid_until"]
    )
    assert window["valid_until"] < window["renewal_until"]


def test_half_a_month_has_no_last_day() -> None:
    with pytest.raises(ParameterError, match="no whole number of months"):
        label_window(date(2020, 1, 1), {**YEARS, "validity": 0.04})
    with pytest.raises(ParameterError, match="'renewal' is missing"):
        label_window(
            date(2020, 1, 1), {"validity": 2, "benchmarking_from": 1, "benchmarking_to": 2}
        )


def test_calendar_is_open_where_no_award_is_dated() -> None:
    groups = REFERENCE.organisation_groups
    open_ = label_calendar(ALL, groups, REFERENCE.requirements).set_index("organisation_id")
    assert open_.index.tolist() == ["medways", "sps"]
    assert (open_[["awarded", "valid_until", "renewal_until"]] == "").all(axis=None)
    dated = groups.assign(since=groups["since"].mask(groups["category"] == "silver", "2020-05-01"))
    known = label_calendar(ALL, dated, REFERENCE.requirements).set_index("organisation_id")
    assert known.loc["sps", "valid_until"] == "2022-05-01"
    assert rows_of(tables.label_calendar_table(known.reset_index(), DE))[0][2:4] == [
        "1. Mai 2020",
        "1. Mai 2022",
    ]


# Choice and codes


def test_organisations_are_chosen_by_state_and_field() -> None:
    def chosen(**asked: str) -> set[str]:
        groups = REFERENCE.organisation_groups
        return {*choose_organisations(REAL.organisations, groups, **asked)["organisation_id"]}

    assert len(chosen()) == 8
    assert "go_cluster" not in chosen()
    assert chosen(state="ni") == {"olec"}
    assert chosen(field="biotechnology") == {"medways"}
    assert chosen(state="th", field="medical_technology") == {"medways"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"state": "nj"}, "Did you mean 'ni'"),
        ({"field": "energie"}, "Did you mean 'energy'"),
        ({"state": "by", "field": "energy"}, "has no organisation in state 'by'"),
    ],
)
def test_what_none_belongs_to_is_refused(asked: dict[str, str], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        choose_organisations(REAL.organisations, REFERENCE.organisation_groups, **asked)


def test_every_organisation_has_a_state_and_a_field() -> None:
    groups = REFERENCE.organisation_groups
    for dimension in ("federal_state", "technology_field"):
        own = groups.loc[groups["dimension"] == dimension, "organisation_id"]
        assert {*own} == {*ALL["organisation_id"]}


def test_a_state_is_an_assumption_unless_the_portrait_names_it() -> None:
    groups = REFERENCE.organisation_groups
    states = groups[groups["dimension"] == "federal_state"].set_index("organisation_id")
    named = ALL[ALL["fact"] == "region"].set_index("organisation_id")["text"]
    labels = {name: DE.label("federal_state", row.category) for name, row in states.iterrows()}
    for organisation, label in labels.items():
        is_named = named.get(organisation) == label
        assert bool(states.loc[organisation, "is_assumption"]) != is_named


def test_texts_of_the_portraits_have_codes() -> None:
    groups = REFERENCE.organisation_groups
    for fact, dimension in (("label", "label"), ("funding_model", "financing_model")):
        stated = {*ALL.loc[ALL["fact"] == fact, "organisation_id"]}
        assert {*groups.loc[groups["dimension"] == dimension, "organisation_id"]} == stated


# Tables


def test_overview_marks_what_is_derived() -> None:
    table = tables.organisations_table(ALL, DE)
    cells = {line[0]: line[1:] for line in rows_of(table)}
    assert cells["Optence e. V."] == [
        "Optische Technologien",
        "Wörrstadt, Rheinland-Pfalz†",
        "2001 (21)",
    ]
    assert cells["medways e. V."][1] == "Jena, Thüringen"
    assert cells["BioCon Valley"][1] == "Mecklenburg-Vorpommern"
    assert table.header[3] == f"gegründet (Alter{NBSP}2022)"
    assert any(note.startswith("†") for note in table.notes)


def test_sizes_keep_their_precision() -> None:
    cells = {line[0]: line[1:] for line in rows_of(tables.organisation_sizes_table(ALL, EN))}
    assert cells["BioCon Valley"] == ["≈ 130", "16", "> 65"]
    assert cells["Oldenburg Energy Cluster OLEC"] == ["> 60", "≈ 6", "≤ 30"]
    assert cells["Digital Economy Schleswig-Holstein (DiWiSH)"] == ["–", "≈ 4", "–"]


def test_financing_says_what_shares_refer_to() -> None:
    cells = {line[0]: line[1:] for line in rows_of(tables.financing_table(ALL, DE))}
    diwish = cells["Digitale Wirtschaft Schleswig-Holstein (DiWiSH)"]
    assert diwish == ["50 %", "30 %", "20 %", "gesamtes Clustermanagement"]
    notes = tables.financing_table(ALL, DE).notes
    assert any("(DiWiSH) 0,38." in note for note in notes)
    assert cells["medways e. V."][0] == "40 % bis 50 %"
    assert cells["medways e. V."][-1] == "nur Ausgaben für Personal und Veranstaltungen"
    assert cells["Optence e. V."] == ["–"] * 3 + ["eigenfinanziert durch Mitgliedsbeiträge"]
    assert "BioCon Valley" not in cells


def test_ratios_are_said_with_their_bounds() -> None:
    cells = {line[0]: line[1:] for line in rows_of(tables.per_head_table(per_head(ALL), DE))}
    assert cells["BioCon Valley"] == ["≈ 8,1", "> 4,1", "≤ rund 46"]
    assert cells["Oldenburger Energiecluster OLEC e. V."] == ["> rund 10", "≤ rund 5,0", "–"]
    cells = {line[0]: line[1:] for line in rows_of(tables.per_head_table(per_head(ALL), EN))}
    assert cells["Oldenburg Energy Cluster OLEC"] == ["> about 10", "≤ about 5.0", "–"]


def test_eligibility_in_words() -> None:
    table = tables.eligibility_table(eligibility(ALL, REFERENCE.requirements), DE)
    cells = {line[0]: line[1:] for line in rows_of(table)}
    assert cells["BioCon Valley"] == [
        "offen (16 Personen)",
        "erfüllt (≈ 130)",
        "erfüllt (mindestens 2)",
    ]
    assert cells["Digitale Wirtschaft Schleswig-Holstein (DiWiSH)"][1:] == ["offen"] * 2
    assert any("keine Vollzeitäquivalente" in note for note in table.notes)


def test_requirements_and_open_calendar_in_words() -> None:
    cells = rows_of(tables.requirements_table(REFERENCE.requirements, EN))
    assert ["Team of the office", "Registration with the ECCP", "at least 0.5 FTE"] in cells
    assert ["Renewal possible after expiry", "Silver label", "1 year"] in cells
    groups = REFERENCE.organisation_groups
    table = tables.label_calendar_table(label_calendar(ALL, groups, REFERENCE.requirements), DE)
    assert len(table.header) == 2
    assert any("nennt kein Porträt" in note for note in table.notes)


def test_programme_says_two_dates_and_no_trend() -> None:
    facts = REAL.organisations[REAL.organisations["organisation_id"] == "go_cluster"]
    table = tables.programme_table(facts, DE)
    told = [line[1:3] for line in rows_of(table)]
    assert told == [["80", "2022"], ["84", "um 2020"], ["> 13.000", "um 2020"],
                    ["> 8.700", "um 2020"]]  # fmt: skip
    assert "kein Trend" in table.notes[0]


def test_areas_say_what_cannot_be_computed() -> None:
    cells = rows_of(tables.criteria_areas_table(REFERENCE.valid("criteria_area"), EN))
    assert len(cells) == 4
    assert cells[-1] == ["Visibility and effects", "none: this takes judgement"]
    services = rows_of(tables.service_areas_table(REFERENCE.valid("service_area"), DE))
    assert [line[0][0] for line in services] == ["A", "B", "C", "D"]
    assert services[3][1] == "Projektförderung; Finanzierung des Silber-Labels"


def test_nothing_stated_is_said_to_be_missing() -> None:
    nothing = portrait(("founded", 2000, "exact"), organisation="bioeconomy")
    for rows, make in (
        (nothing, tables.financing_table),
        (per_head(nothing), tables.per_head_table),
    ):
        with pytest.raises(MissingDataError):
            make(rows, DE)
