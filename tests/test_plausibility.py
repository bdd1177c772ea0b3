"""Contradictions of the sources are found by rule; right figures stay silent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis.catalogue import indicator
from ewm_analysis.errors import ParameterError
from ewm_analysis.indicators import economy_values, published_values
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.statistics import check_percent, find_contradictions
from ewm_analysis.statistics.plausibility import RULES, Plausibility
from ewm_analysis.statistics.printed import printed_digits


def printed_percent(count: int, base: int, digits: int) -> float:
    """The share as a careful author prints it: rounded half up."""
    percent = Decimal(count * 100) / Decimal(base)
    return float(percent.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP) / 100)


@given(st.integers(1, 300), st.data(), st.integers(0, 2))
def test_every_count_rounds_to_a_share_that_is_accepted(
    base: int, data: st.DataObject, digits: int
) -> None:
    count = data.draw(st.integers(0, base))
    check = check_percent(printed_percent(count, base, digits), base, digits)
    assert count in check.by_rounding


@given(st.integers(1, 120), st.integers(0, 1000))
def test_candidates_are_those_of_trying_every_count(base: int, permille: int) -> None:
    share = permille / 1000
    check = check_percent(share, base, digits=1)
    rounded = [k for k in range(base + 1) if printed_percent(k, base, 1) == share]
    cut = [k for k in range(base + 1) if (k * 1000) // base == permille]
    assert list(check.by_rounding) == rounded
    assert list(check.by_cutting) == cut
    assert check.fits is bool(rounded)


@pytest.mark.parametrize(
    ("share", "base", "rounded", "cut"),
    [
        (0.73, 34, [], [25]),
        (0.58, 34, [], [20]),
        (0.75, 95, [71], [72]),
        (0.73, 33, [24], []),
        (0.5, 1, [], []),
        (1.0, 34, [34], [34]),
        (1.2, 34, [], []),
    ],
)
def test_check_percent_by_hand(share: float, base: int, rounded: list[int], cut: list[int]) -> None:
    check = check_percent(share, base, 0)
    assert (list(check.by_rounding), list(check.by_cutting)) == (rounded, cut)


def test_neighbours_are_the_shares_that_would_be_printed() -> None:
    assert check_percent(0.73, 34).neighbours == (0.71, 0.74)
    assert check_percent(1.2, 34, 0).neighbours == (1, 1)


def test_check_percent_needs_a_base() -> None:
    with pytest.raises(ParameterError, match="at least 1"):
        check_percent(0.5, 0)


@pytest.mark.parametrize(
    ("share", "digits"), [(0.73, 0), (0.167, 1), (0.1675, 2), (1.0, 0), (0, 0)]
)
def test_printed_digits(share: float, digits: int) -> None:
    assert printed_digits(share) == digits


# --- contradictions ---------------------------------------------------------------------------

Row = dict[str, object]


def figure(name: str, value: float, **more: object) -> Row:
    """One exact figure of IMK 2021; `more` replaces any column."""
    return {
        "year": 2021, "cluster_id": "imk", "region": "bebb", "indicator": name,
        "dimension": "", "category": "", "base_year": pd.NA, "mention": 1, "value": value,
        "unit": indicator(name).unit, "precision": "exact", "is_year_inferred": False,
        "source_id": "report", "reference": "p. 1", "note": "", **more,
    }  # fmt: skip


def divided(name: str, dimension: str, parts: dict[str, float], **more: object) -> list[Row]:
    return [
        figure(name, value, dimension=dimension, category=category, **more)
        for category, value in parts.items()
    ]


def economic(name: str, value: float, **more: object) -> Row:
    row = figure(name, value, scope="core", sector="", delimitation="clustermonitoring", **more)
    row = {key: row[key] for key in row if key not in ("dimension", "category", "is_year_inferred")}
    return {**row, "is_provisional": False}


def fact(organisation: str, name: str, value: float, **more: object) -> Row:
    return {
        "organisation_id": organisation, "fact": name, "mention": 1, "value": value, "text": "",
        "unit": "count", "precision": "exact", "source_id": "brochure", "note": "", **more,
    }  # fmt: skip


FIGURE_COLUMNS = list(figure("companies", 1))
ECONOMY_COLUMNS = list(economic("companies", 1))
FACT_COLUMNS = list(fact("medways", "members", 1))


def find(
    rows: list[Row], economy: list[Row] | None = None, facts: list[Row] | None = None
) -> Plausibility:
    published = pd.DataFrame(rows, columns=FIGURE_COLUMNS)
    figures = pd.DataFrame(economy or [], columns=ECONOMY_COLUMNS)
    organisations = pd.DataFrame(facts or [], columns=FACT_COLUMNS)
    values = published_values(published)
    if economy:
        values = pd.concat([values, economy_values(figures)], ignore_index=True)
    return find_contradictions(values, published, organisations)


def found(result: Plausibility) -> list[tuple[str, str]]:
    return list(zip(result.findings["rule"], result.findings["level"], strict=True))


def checked(result: Plausibility, rule: str) -> int:
    return int(result.checks.set_index("rule").loc[rule, "checked"])


@pytest.mark.parametrize(("share", "count"), [(0.73, 25), (0.58, 20)])
def test_share_of_34_projects_fits_only_if_cut_off(share: float, count: int) -> None:
    result = find([figure("projects_new", 34), figure("projects_rdi_share", share)])
    assert found(result) == [("share_of_base", "contradiction")]
    row = result.findings.iloc[0]
    assert (row["found"], row["base"], row["count_if_cut"]) == (share, 34, count)
    assert row["other_indicator"] == "projects_new"


@pytest.mark.parametrize(
    ("base", "share"),
    [("projects_new", ("projects_rdi_share", 0.74, 34)),
     ("projects_new", ("projects_rdi_share", 0.73, 33)),
     ("activities", ("activities_cross_cluster_share", 0.75, 95))],
)  # fmt: skip
def test_share_that_fits_is_checked_and_silent(base: str, share: tuple[str, float, int]) -> None:
    name, value, size = share
    result = find([figure(base, size), figure(name, value)])
    assert found(result) == []
    assert checked(result, "share_of_base") == 1


def test_share_is_checked_against_a_computed_base_too() -> None:
    published = pd.DataFrame([figure("projects_rdi_share", 0.73)])
    computed = published_values(pd.DataFrame([figure("projects_new", 34, source_id="records")]))
    result = find_contradictions(computed, published, pd.DataFrame(columns=FACT_COLUMNS))
    assert found(result) == [("share_of_base", "contradiction")]


@pytest.mark.parametrize("other", [{"region": "be"}, {"year": 2020}, {"cluster_id": "gw"}])
def test_share_is_no_share_of_another_place(other: Row) -> None:
    result = find([figure("projects_new", 34, **other), figure("projects_rdi_share", 0.73)])
    assert checked(result, "share_of_base") == 0


@pytest.mark.parametrize("precision", ["approximate", "lower_bound", "upper_bound"])
def test_inexact_figures_contradict_nothing(precision: str) -> None:
    rows = [
        figure("projects_new", 34),
        figure("projects_rdi_share", 0.73, precision=precision),
        figure("projects_running", 10, precision=precision),
        figure("projects_new", 35, mention=2, precision=precision),
    ]
    result = find(rows, facts=[fact("medways", "members", 91, precision=precision),
                               fact("medways", "sme_count", 200)])  # fmt: skip
    assert found(result) == []
    assert result.checks["checked"].sum() == 0


def test_growth_is_no_share_of_a_count() -> None:
    result = find(
        [figure("actors_projects", 34), figure("actors_projects_growth", 0.73, base_year=2020)]
    )
    assert result.checks["checked"].sum() == 0


VOLUME = {"dimension": "project", "category": "reskriver"}


def test_volume_printed_twice_differently() -> None:
    rows = [
        figure("project_volume", 14e6, reference="p. 8", **VOLUME),
        figure("project_volume", 14.8e6, reference="p. 11", mention=2, **VOLUME),
    ]
    result = find(rows)
    assert found(result) == [("repeated_quantity", "contradiction")]
    row = result.findings.iloc[0]
    assert (row["reference"], row["other_reference"]) == ("p. 8", "p. 11")


@pytest.mark.parametrize(
    ("name", "one", "two", "agrees"),
    [
        ("project_volume", 14.8e6, 14.8e6, True),
        ("project_volume", 15e6, 14.8e6, True),
        ("project_volume", 14.8e6, 15e6, True),
        ("project_volume", 26e9, 26.04e9, True),
        ("project_volume", 26e9, 26.5e9, False),
        ("projects_new", 34, 34, True),
        ("projects_new", 40, 38, False),
        ("projects_rdi_share", 0.75, 0.747, True),
        ("projects_rdi_share", 0.75, 0.744, False),
    ],
)
def test_repeated_quantity_allows_rounding_of_amounts_and_shares_only(
    name: str, one: float, two: float, agrees: bool
) -> None:
    result = find([figure(name, one), figure(name, two, mention=2)])
    assert checked(result, "repeated_quantity") == 1
    assert (found(result) == []) is agrees


def volume_of_2020(volume: float = 68.9e6, new: int = 42) -> list[Row]:
    return [
        figure("project_volume", volume),
        figure("project_volume_running", 68.9e6, source_id="web"),
        figure("projects_new", new),
        figure("projects_running", 98),
    ]


def test_volume_of_42_projects_is_not_that_of_all_98() -> None:
    result = find(volume_of_2020())
    assert found(result) == [("part_equals_whole", "contradiction")]
    row = result.findings.iloc[0]
    assert (row["base"], row["other_base"]) == (42, 98)
    assert (row["source_id"], row["other_source_id"]) == ("report", "web")


def test_volume_of_a_part_may_be_smaller_or_all_projects_new() -> None:
    assert found(find(volume_of_2020(volume=50e6))) == []
    assert found(find(volume_of_2020(new=98))) == []


@pytest.mark.parametrize(
    "rows",
    [
        [figure("projects_new", 35), figure("projects_running", 34)],
        volume_of_2020(volume=70e6),
        [figure("project_volume_region", 2e6), figure("project_volume", 1e6)],
        [figure("funding_volume", 13e6, **VOLUME), figure("project_volume", 12.8e6, **VOLUME)],
        [*divided("projects_new", "guideline", {"innovation": 40}), figure("projects_new", 34)],
    ],
)
def test_part_above_its_whole(rows: list[Row]) -> None:
    assert found(find(rows)) == [("part_above_whole", "contradiction")]


def test_actors_from_elsewhere_stand_beside_the_total() -> None:
    rows = [
        *divided("actors_projects", "state", {"be": 40, "bb": 29, "other": 90}),
        figure("actors_projects", 69),
    ]
    result = find(rows)
    assert found(result) == []
    assert checked(result, "sum_of_parts") == 1


DESY = {"dimension": "project", "category": "desy"}


@pytest.mark.parametrize(
    ("funding", "reference", "rules"),
    [
        (12.7e6, "p. 11", [("funding_near_volume", "note")]),
        (12.7e6, "p. 8", []),
        (12.8e6, "p. 11", []),
        (10e6, "p. 11", []),
        (12.9e6, "p. 11", [("part_above_whole", "contradiction")]),
    ],
)
def test_funding_beside_volume(
    funding: float, reference: str, rules: list[tuple[str, str]]
) -> None:
    rows = [
        figure("project_volume", 12.8e6, reference="p. 8", **DESY),
        figure("funding_volume", funding, reference=reference, **DESY),
    ]
    assert found(find(rows)) == rules


@pytest.mark.parametrize(
    ("shares", "contradicts"),
    [
        ({"companies": 0.167, "companies_science": 0.838}, True),
        ({"companies": 0.167, "companies_science": 0.833}, False),
        ({"companies": 0.167, "companies_science": 0.834}, False),
        ({"companies": 0.167, "companies_science": 0.835}, True),
        ({"companies": 0.33, "single": 0.34, "other_joint": 0.34}, False),
        ({"companies": 0.34, "single": 0.34, "other_joint": 0.34}, True),
        ({"companies": 0.2, "single": 0.3}, False),
    ],
)
def test_shares_of_consortia_make_at_most_all(shares: dict[str, float], contradicts: bool) -> None:
    result = find(divided("projects_new_share", "consortium_type", shares))
    assert checked(result, "shares_to_whole") == 1
    assert (found(result) == [("shares_to_whole", "contradiction")]) is contradicts


@pytest.mark.parametrize(
    ("dimension", "shares"),
    [
        ("status", {"started": 0.5, "started_or_finished": 0.75}),
        ("theme", {"one": 0.8, "two": 0.8}),
    ],
)
def test_shares_that_may_overlap_are_not_added(dimension: str, shares: dict[str, float]) -> None:
    assert checked(find(divided("projects_new_share", dimension, shares)), "shares_to_whole") == 0


TAB_2 = {
    "university_research": 20, "company": 67, "association": 12, "network": 9, "chamber": 5,
    "public_administration": 1, "hospital": 0, "business_development": 4, "other": 6,
}  # fmt: skip
SIZES = {"1-9": 23, "10-49": 21, "50-249": 9, "250+": 14}


def tab_2(
    types: dict[str, float] | None = None, sizes: dict[str, float] | None = None
) -> list[Row]:
    return [
        *divided("actors_activities", "actor_type", TAB_2 | (types or {})),
        *divided("actors_activities", "size_class", SIZES | (sizes or {})),
        figure("actors_activities", 124),
    ]


def test_printed_table_of_actors_adds_up() -> None:
    result = find(tab_2())
    assert found(result) == []
    assert checked(result, "sum_of_parts") == 2


@pytest.mark.parametrize(
    ("changed", "total", "parts"),
    [
        ({"types": {"network": 10}}, 124, 125),
        ({"types": {"network": 8}}, 124, 123),
        ({"sizes": {"1-9": 24}}, 67, 68),
        ({"sizes": {"250+": 13}}, 67, 66),
    ],
)
def test_one_wrong_number_in_the_table_of_actors(
    changed: dict[str, dict[str, float]], total: int, parts: int
) -> None:
    result = find(tab_2(**changed))
    assert found(result) == [("sum_of_parts", "contradiction")]
    assert list(result.findings.loc[0, ["found", "expected"]]) == [total, parts]


def test_breakdown_with_an_approximate_part_may_stay_below() -> None:
    types = {code: value for code, value in TAB_2.items() if code != "network"}
    rows = divided("actors_activities", "actor_type", types)
    vague = divided("actors_activities", "actor_type", {"network": 9}, precision="approximate")
    total = figure("actors_activities", 124)
    assert found(find([*rows, *vague, total])) == []
    assert found(find([*rows, total])) == [("sum_of_parts", "contradiction")]


def test_districts_may_name_some_and_must_not_exceed() -> None:
    total = figure("actors_projects", 69)
    some = divided("actors_projects", "district", {"12054": 20, "12060": 5})
    more = divided("actors_projects", "district", {"12054": 60, "12060": 15})
    assert found(find([total, *some])) == []
    assert found(find([total, *more])) == [("sum_of_parts", "contradiction")]


def test_guidelines_are_never_added() -> None:
    rows = divided("projects_new", "guideline", {"innovation": 30, "cross_cluster": 30})
    result = find([*rows, figure("projects_new", 34)])
    assert found(result) == []
    assert checked(result, "sum_of_parts") == 0


def employment(total: float) -> list[Row]:
    return [
        economic("employees_insured", 171021),
        economic("employees_marginal", 6881),
        economic("employees_total", total),
    ]


def test_employment_is_the_sum_of_its_groups() -> None:
    assert found(find([], employment(177902))) == []
    result = find([], employment(177903))
    assert found(result) == [("sum_of_groups", "contradiction")]
    assert result.findings.loc[0, "expected"] == 177902


@pytest.mark.parametrize(
    ("total", "level"), [(193, "note"), (194, "contradiction"), (123, "contradiction"), (150, "")]
)
def test_total_of_groups_that_may_overlap(total: int, level: str) -> None:
    rows = [
        figure("actors_projects_and_activities", total),
        figure("actors_activities", 124),
        figure("actors_projects", 69),
    ]
    assert found(find(rows)) == ([("sum_of_overlapping", level)] if level else [])


MEDWAYS = {
    "sme_count": 44, "large": 16, "universities": 4, "research_institutes": 10,
    "other_members": 19,
}  # fmt: skip


@pytest.mark.parametrize(
    ("members", "parts", "contradicts"),
    [
        (91, MEDWAYS, True),
        (93, MEDWAYS, False),
        (94, MEDWAYS, True),
        (80, {"universities": 12, "research_institutes": 3, "large": 12}, False),
        (80, {"universities": 12, "other_members": 12}, False),
    ],
)
def test_members_and_their_parts(members: int, parts: dict[str, int], contradicts: bool) -> None:
    facts = [fact("medways", name, value) for name, value in parts.items()]
    result = find([], facts=[fact("medways", "members", members), *facts])
    assert checked(result, "member_parts") == 1
    assert (found(result) == [("member_parts", "contradiction")]) is contradicts


@pytest.mark.parametrize(("share", "fits"), [(0.7, True), (0.11, True), (0.705, False)])
def test_share_of_110_members(share: float, fits: bool) -> None:
    facts = [fact("optence", "members", 110), fact("optence", "sme_share", share)]
    assert (found(find([], facts=facts)) == []) is fits


@pytest.mark.parametrize(
    ("second", "source", "level"),
    [(84, "schlaglichter", "note"), (84, "brochure", "contradiction"), (80, "schlaglichter", "")],
)
def test_fact_with_two_values(second: int, source: str, level: str) -> None:
    facts = [
        fact("go_cluster", "clusters", 80),
        fact("go_cluster", "clusters", second, mention=2, source_id=source),
    ]
    result = find([], facts=facts)
    assert checked(result, "repeated_fact") == 1
    assert found(result) == ([("repeated_fact", level)] if level else [])


def test_nothing_to_check_is_told_as_nothing() -> None:
    result = find([])
    assert result.findings.empty
    rules = RULES
    assert list(result.checks["rule"]) == [rule.__name__ for rule in rules]
    assert result.checks[["checked", "contradictions", "notes"]].to_numpy().sum() == 0


def test_inputs_are_left_as_they_were() -> None:
    published = pd.DataFrame(tab_2())
    before = published.copy(deep=True)
    find_contradictions(published_values(published), published, pd.DataFrame(columns=FACT_COLUMNS))
    pd.testing.assert_frame_equal(published, before)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_a_name_and_a_sentence(rule: object) -> None:
    name = rule.__name__  # type: ignore[attr-defined]
    assert f"statistics.rule.{name}" in messages()
    assert f"statistics.finding.{name}" in messages()
