"""A sum known in part is a bound with its count, wherever it is said, ranked or compared."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import TABLES, write_dataset
from cordis_files import OPENDATA, write_real
from small_records import computed, dataset

from ewm_analysis import figures
from ewm_analysis.catalogue import Words
from ewm_analysis.disclosure import suppress
from ewm_analysis.errors import ContractError
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.indicators.comparison import cluster_figures
from ewm_analysis.indicators.compute import computed as indicators
from ewm_analysis.indicators.compute import counting
from ewm_analysis.intake.cordis import import_cordis
from ewm_analysis.l10n import NBSP, Locale
from ewm_analysis.loaders import load_reference, open_dataset
from ewm_analysis.project import resolve_data_dir
from ewm_analysis.report.site import _headline
from ewm_analysis.statistics import (
    compare_printed,
    find_contradictions,
    growth_summary,
    index_series,
    rank_values,
    trend_summary,
    volume_change,
    without_largest,
)
from ewm_analysis.statistics.plausibility import say_finding
from ewm_analysis.tables import table

REFERENCE = load_reference(resolve_data_dir("data") / "reference")
DE, EN = Words(REFERENCE, "de"), Words(REFERENCE, "en")
MIO = f"{NBSP}Mio.{NBSP}€"

PROJECTS = """\
year cluster_id project_id is_new volume_eur funding_eur
2021 imk a1 true 8000000 4000000
2021 imk a2 true 2000000 1000000
2021 imk a3 true -       9000000
2020 imk b1 true 3000000 1000000
2020 imk b2 true 1000000 500000
2019 imk c1 true 5000000 500000
2018 imk d1 true 4000000 500000
2021 gw  g1 true 9000000 500000
2021 kc  v1 true 12000000 500000
"""
IMK = "year cluster_id project_id is_new volume_eur\n"


def of(values: pd.DataFrame, indicator: str, year: int = 2021) -> pd.Series:
    chosen = (values["indicator"] == indicator) & (values["year"] == year)
    found = values[chosen & (values["cluster_id"] == "imk") & (values["dimension"] == "")]
    assert len(found) == 1
    return found.iloc[0]


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return computed(projects=PROJECTS)


@pytest.fixture(scope="module")
def own(values: pd.DataFrame) -> pd.DataFrame:
    return values[values["cluster_id"] == "imk"]


# --- where it is born, and how it is said ---------------------------------------------------------


def test_an_unknown_item_never_raises_the_bound_and_a_known_one_lifts_it() -> None:
    lines = ["2021 imk p1 true 100", "2021 imk p2 true 50"]
    whole = of(computed(projects=IMK + "\n".join(lines)), "project_volume")
    assert (whole["value"], whole["precision"]) == (150, "exact")
    for unknown in (1, 2, 5):
        more = [*lines, *(f"2021 imk u{n} true -" for n in range(unknown))]
        bound = of(computed(projects=IMK + "\n".join(more)), "project_volume")
        assert (bound["value"], bound["precision"]) == (150, "at_least")
        assert (bound["n_known"], bound["n_all"]) == (2, 2 + unknown)
        lifted = of(
            computed(projects=IMK + "\n".join([*more, "2021 imk z true 7"])), "project_volume"
        )
        assert lifted["value"] == 157
        assert (lifted["n_known"], lifted["n_all"]) == (3, 3 + unknown)


@pytest.mark.parametrize(
    ("words", "said", "unknown"),
    [
        (
            DE,
            f"mindestens 10,0{MIO} (2 von 3 Projekten)",
            "2021: bei 1 von 3 Projekten ist kein Volumen bekannt",
        ),
        (
            EN,
            f"at least €10.0{NBSP}m (2 of 3 projects)",
            "2021: the volume of 1 of 3 projects is not known",
        ),
    ],
)
def test_the_rule_of_saying(values: pd.DataFrame, words: Words, said: str, unknown: str) -> None:
    row = of(values, "project_volume")
    assert words.hedged(words.eur(row["value"]), row) == said
    assert words.unknown("project_volume", 2021, row) == unknown
    whole = of(values, "project_volume", 2020)
    assert words.hedged("4", whole) == "4"
    assert words.unknown("project_volume", 2020, whole) == ""


def test_an_upper_bound_follows_from_funding_and_a_least_rate_stated() -> None:
    data = dataset({"projects": PROJECTS})
    assert pd.isna(of(compute_indicators(data), "project_volume")["at_most"])
    row = of(compute_indicators(replace(data, least_funding_rate=0.5)), "project_volume")
    assert (row["value"], row["at_most"]) == (10_000_000, 28_000_000)  # 8 + 2 + 9 / 0.5
    assert DE.hedged(DE.eur(row["value"]), row) == (
        f"mindestens 10,0{MIO}, höchstens 28,0{MIO} (2 von 3 Projekten)"
    )
    unfunded = dataset({"projects": PROJECTS.replace("-       9000000", "- -")})
    none = of(compute_indicators(replace(unfunded, least_funding_rate=0.5)), "project_volume")
    assert (none["n_known"], pd.isna(none["at_most"])) == (2, True)
    closed = replace(data, least_funding_rate=0.5, disclosure="standard")
    shown = suppress(compute_indicators(closed), closed).table()
    assert shown["at_most"].isna().all()


@pytest.mark.parametrize("name", [name for name in indicators() if counting(name).sum])
@pytest.mark.parametrize("locale", ["de", "en"])
def test_each_sum_can_say_what_it_lacks(name: str, locale: Locale) -> None:
    row = SimpleNamespace(n_known=1, n_all=3)
    assert Words(REFERENCE, locale).unknown(name, 2021, row).startswith("2021: ")


def test_key_figures_and_figures_say_the_bound(own: pd.DataFrame) -> None:
    bound = f"mindestens 10,0{MIO} (2 von 3 Projekten)"
    lacking = "2021: bei 1 von 3 Projekten ist kein Volumen bekannt."
    [line] = [r for r in table("key_figures_table", own, DE).rows if r[0] == "Projektvolumen"]
    filed = table("key_figures_table", own, DE).frame.iloc[2]
    assert filed[["2021", "2021: bekannte Posten", "2021: alle Posten"]].tolist()[1:] == [2, 3]
    assert "2020: alle Posten" not in filed
    assert line == ["Projektvolumen", bound, f"4,0{MIO}", "x"]
    said = figures.describe("project_volume", own, DE)
    assert bound in said
    assert said.endswith(lacking)
    assert f"≥{NBSP}10,0{MIO}" in texts_of("project_volume", own)


def texts_of(name: str, rows: pd.DataFrame) -> set[str]:
    return {text.get_text() for text in figures.plot(name, rows, DE).texts}


def test_funding_is_compared_with_volume_on_common_items(own: pd.DataFrame) -> None:
    assert of(own, "funding_volume")["value"] == 14_000_000
    assert of(own, "funding_volume_comparable")["value"] == 5_000_000
    years = own.loc[own["indicator"] == "funding_volume_comparable", "year"]
    assert years.tolist() == [2021]  # where all volumes are known there is nothing to set apart
    said = figures.describe("volumes", own, DE)
    assert said.endswith(
        "2021: bei 1 von 3 Projekten ist kein Volumen bekannt. Mit dem bekannten Projektvolumen "
        f"vergleichbar ist nur die Förderung derselben Projekte: 5,0{MIO}."
    )


def test_the_drawing_sets_apart_what_does_not_compare(own: pd.DataFrame) -> None:
    axes = figures.plot("volumes", own, DE)
    apart = [(bar.get_y(), bar.get_height()) for bar in axes.patches if bar.get_hatch()]
    assert apart == [(5_000_000, 9_000_000)]  # of 2021; its rest compares with the volume
    assert "Schraffiert" in axes.get_xlabel()
    level = own["indicator"] == "funding_volume_comparable"
    equal = own.assign(value=own["value"].mask(level, 14_000_000))  # the others got nothing
    assert "Schraffiert" not in figures.plot("volumes", equal, DE).get_xlabel()
    whole = figures.plot("volumes", own[own["year"] < 2021], DE)
    assert not [bar for bar in whole.patches if bar.get_hatch()]
    assert "Schraffiert" not in whole.get_xlabel()


def test_the_index_page_says_the_bound() -> None:
    known = {"projects_new": 22.0, "project_volume": 108.8e6}
    partly = {**known, "project_volume_n_known": 11.0, "project_volume_n_all": 22.0}
    said = f"≥\xa0108,8{MIO}"
    for headline, amount in ((known, f"108,8{MIO}"), (partly, said)):
        assert _headline(SimpleNamespace(headline=headline), "de") == ("22", amount)


# --- growth ---------------------------------------------------------------------------------------


def test_there_is_no_growth_rate_from_or_to_a_bound(own: pd.DataFrame) -> None:
    rows = growth_summary(own[own["indicator"] != "activities"]).set_index("indicator")
    volume = rows.loc["project_volume"]
    assert volume["gap"] == "partial"
    assert volume[["change", "growth", "cagr"]].isna().all()
    assert rows.loc["funding_volume", "gap"] == ""
    said = table("growth_table", rows.reset_index(), DE)
    [line] = [line for line in said.rows if line[0].startswith("Projektvolumen")]
    assert line[1:5] == ["4,0", "mindestens 10,0 (2 von 3 Projekten)", "x", "x"]
    assert any("gibt es keine Wachstumsrate" in note for note in said.notes)
    assert "2021: bei 1 von 3 Projekten ist kein Volumen bekannt." in said.notes
    [verdict] = [
        line
        for line in table("verdicts_table", rows.reset_index(), DE).rows
        if line[0].startswith("Projektvolumen")
    ]
    assert verdict[-1] == "Nicht zu vergleichen: Eine Summe ist nur zum Teil bekannt"


def test_a_bound_is_neither_base_nor_point_of_an_index_nor_part_of_a_trend() -> None:
    lines = "\n".join(
        f"{year} imk p{year}{n} true {'-' if (year, n) == (2018, 1) else 100}"
        for year in range(2018, 2022)
        for n in range(2)
    )
    values = computed(projects=IMK + lines)
    index = index_series(values, ["projects_new", "project_volume"])
    assert {*index["base_year"]} == {2019}
    volume = index[index["indicator"] == "project_volume"].set_index("year")["index"]
    assert volume.isna().tolist() == [True, False, False, False]
    said = figures.describe("index", index, DE)
    assert "(2018: bei 1 von 2 Projekten ist kein Volumen bekannt)" in said
    trend = trend_summary(values).set_index("indicator")
    assert trend.loc["project_volume", "gap"] == "partial"
    assert pd.isna(trend.loc["project_volume", "slope"])
    [line] = [
        line
        for line in table("trend_table", trend.reset_index(), DE).rows
        if line[0].startswith("Projektvolumen")
    ]
    assert line[1:] == ["x", "Nicht prüfbar: Summen sind nur zum Teil bekannt"]


def test_an_index_needs_three_years_known_as_a_whole() -> None:
    lines = "\n".join(
        f"{year} imk p{year}{n} true {'-' if year < 2020 and n else 100}"
        for year in range(2018, 2022)
        for n in range(2)
    )
    index = index_series(computed(projects=IMK + lines), ["projects_new", "project_volume"])
    assert {*index["base_year"]} == {2018}
    assert index.loc[index["indicator"] == "project_volume", "index"].isna().all()
    said = figures.describe("index", index, DE)
    assert "2018: bei 1 von 2 Projekten ist kein Volumen bekannt; 2019: bei 1 von 2" in said
    drawn = figures.plot("index", index, DE).figure.axes
    assert len([ax for ax in drawn if ax.lines]) == 1  # no panel without a line


def test_parts_of_a_change_of_known_volumes_are_told_as_such() -> None:
    volumes = {2020: [1e6] * 4, 2021: [2e6, 2e6, 2e6, 4e6, float("nan")]}
    steps = volume_change(volumes)
    assert steps is not None
    said = figures.describe("volume_change", steps.steps(), DE)
    assert said.startswith(
        f"Die Summe der bekannten Volumen veränderte sich um +6,0{MIO}: mindestens 10,0{MIO} "
        f"(4 von 5 Projekten) (2021) nach 4,0{MIO} (2020)"
    )
    whole = volume_change({2020: [1e6] * 4, 2021: [2e6, 2e6, 2e6, 4e6]})
    assert whole is not None
    assert figures.describe("volume_change", whole.steps(), DE).startswith(
        "Das Projektvolumen stieg"
    )


def test_the_table_without_the_largest_names_what_it_counts() -> None:
    known = table("without_largest_table", without_largest({2021: [8e6, 2e6]}), DE)
    part = table("without_largest_table", without_largest({2021: [8e6, 2e6, float("nan")]}), DE)
    assert (known.header[1], part.header[1]) == ("Projekte", "Projekte mit bekanntem Volumen")
    assert (known.rows[0][2], part.rows[0][1:3]) == (
        f"10,0{MIO}",
        ["2", f"mindestens 10,0{MIO} (2 von 3 Projekten)"],
    )
    assert "2021: bei 1 von 3 Projekten ist kein Volumen bekannt." in part.notes


# --- clusters side by side ------------------------------------------------------------------------


def test_ranks_hold_whatever_the_unknown_is() -> None:
    values = [10.0, 9.0, 9.9, 1.0]
    places = rank_values(values, [10.0, math.inf, 9.9, 1.0])
    assert [str(place) for place in places] == ["1–2", "1–3", "2–3", "4"]
    for unknown in (0, 0.95, 2, 100):
        true = rank_values([10.0, 9.0 + unknown, 9.9, 1.0])
        for place, rank in zip(places, true, strict=True):
            assert (place.low or place.rank) <= rank.rank <= (place.high or place.rank)
    assert rank_values(values, values) == rank_values(values)
    assert [str(place) for place in rank_values(values, [10.0, 9.95, 9.9, 1.0])][:2] == ["1", "2–3"]


def test_clusters_with_a_bound_have_neither_median_nor_rank(values: pd.DataFrame) -> None:
    rows = cluster_figures(values[values["year"] == 2021], REFERENCE)
    compared = table("comparison_table", rows, DE)
    at = [head.startswith("Volumen") for head in compared.header].index(True)
    cells = {line[0]: line[at] for line in compared.rows}
    assert compared.frame["Projektvolumen: alle Posten"].dropna().tolist() == [3]
    assert "Neu initiierte Projekte: alle Posten" not in compared.frame
    assert cells["IKT, Medien und Kreativwirtschaft"] == "mindestens 10,0 (2 von 3 Projekten)"
    assert cells["Median der Cluster"] == "–"
    ranks = table("ranks_table", rows, DE)
    at = ranks.header.index("Volumen")
    places = {line[0]: line[at] for line in ranks.rows}
    assert places["IKT, Medien und Kreativwirtschaft"] == "1–2"
    assert sorted(places.values()) == ["1–2", "1–2", "3"]
    assert any("die Spanne aller Ränge" in note for note in ranks.notes)


# --- what is refused, and what is found -----------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "known", "every", "column", "allowed"),
    [
        ("at_least", "23", "22", "n_known", "a share of known items from 0 to 1"),
        ("at_least", "11", "", "n_known", "filled together"),
        ("exact", "11", "22", "precision", "at_least, where not all items are known"),
        ("at_least", "-1", "22", "n_known", "0"),
        ("at_least", "11", "22,5", "at_most", "at least value is allowed"),
    ],
)
def test_what_cannot_be_known_in_part_is_refused_by_line(
    tmp_path: Path, precision: str, known: str, every: str, column: str, allowed: str
) -> None:
    path = published(tmp_path, precision, known, every)
    with pytest.raises(ContractError) as refused:
        open_dataset(path)
    [failure] = refused.value.failures
    assert (failure.line, failure.column) == (3, column)
    assert failure.file.endswith("published/figures.csv")
    assert allowed in str(failure)


def test_published_sums_may_be_known_in_part(tmp_path: Path) -> None:
    row = open_dataset(published(tmp_path, "at_least", "11", "22")).published.iloc[1]
    assert DE.hedged("5", row) == "mindestens 5 (11 von 22 Projekten)"


def published(folder: Path, precision: str, known: str, every: str) -> Path:
    header, *lines = TABLES["published/figures.csv"].splitlines()
    header = header.replace("precision,", "precision,n_known,n_all,at_most,")
    lines = [line.replace(",exact,", ",exact,,,,") for line in lines]
    every, _, upper = every.partition(",")
    lines[1] = lines[1].replace(",approximate,", f",{precision},{known},{every},{upper},")
    return write_dataset(folder, {"published/figures.csv": "\n".join([header, *lines, ""])})


def test_funding_above_a_volume_known_in_part_is_noted(values: pd.DataFrame) -> None:
    none = dataset({})
    found = find_contradictions(values, none.published, none.organisations)
    [finding] = [row for row in found.findings.itertuples() if row.rule == "part_above_known"]
    assert (finding.level, finding.year, finding.indicator) == ("note", 2021, "funding_volume")
    said = say_finding(finding, DE)
    assert said.startswith(f"14,0{MIO}, mehr als mindestens 10,0{MIO} (Projektvolumen)")
    assert "nur 2 von 3 Projekten" in said


@pytest.mark.parametrize(
    ("value", "verdict"), [(12e6, "equal"), (10e6, "equal"), (9.8e6, "contradicts")]
)
def test_a_printed_volume_is_held_against_the_bound(
    values: pd.DataFrame, value: float, verdict: str
) -> None:
    line = of(values, "project_volume").to_dict() | {"value": value, "precision": "exact"}
    found = compare_printed(pd.DataFrame([{**line, "mention": 1, "unit": "eur"}]), values)
    assert found["verdict"].tolist() == [verdict]


# --- real projects --------------------------------------------------------------------------------


@pytest.mark.skipif(not OPENDATA.is_dir(), reason="the real files are not on this machine")
def test_the_volume_of_real_projects_is_a_bound(tmp_path: Path) -> None:
    import_cordis([write_real(tmp_path / "HORIZON")], tmp_path / "eu", regions=["DE3", "DE4"])
    values = compute_indicators(open_dataset(tmp_path / "eu"))
    row = of(values, "project_volume", 2024)
    assert DE.hedged(DE.eur(row["value"]), row) == f"mindestens 93,7{MIO} (10 von 19 Projekten)"
    funding, comparable = (
        of(values, name, 2024)["value"] for name in ("funding_volume", "funding_volume_comparable")
    )
    assert comparable < row["value"] < funding
