"""The growth page: what its figures, tables and sentences say, and what it says without data."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from conftest import write_dataset
from test_growth_summary import figure, printed, series, values

from ewm_analysis import figures, tables
from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError, SmallSampleWarning
from ewm_analysis.indicators import economy_values
from ewm_analysis.loaders import Dataset
from ewm_analysis.notebook import Page
from ewm_analysis.notebook import start as open_page
from ewm_analysis.notebook.growth import compute_growth
from ewm_analysis.notebook.parts import rows_of as rows_on_page
from ewm_analysis.statistics import (
    employment_growth,
    growth_summary,
    index_series,
    location_quotients,
    shift_share_by_sector,
    size_summary,
    trend_summary,
    volume_change,
    without_largest,
)
from ewm_analysis.statistics.volumes import VolumeComparison

ROOT = Path(__file__).parents[1]
LOCALES = ("de", "en")
NEW = series("projects_new", {2020: 42, 2021: 34})


@pytest.fixture(params=LOCALES)
def words(request: pytest.FixtureRequest, real: Dataset) -> Words:
    return Words(real.reference, request.param)


@pytest.fixture
def german(real: Dataset) -> Words:
    return Words(real.reference, "de")


@pytest.fixture
def official(real: Dataset) -> pd.DataFrame:
    return economy_values(real.economy)


@pytest.fixture(autouse=True)
def close() -> Iterator[None]:
    yield
    plt.close("all")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2060", "").replace("\u2011", "-")


def texts_of_figure() -> list[str]:
    drawn = plt.gcf()
    drawn.canvas.draw()
    found = [*drawn.texts, *(text for ax in drawn.axes for text in ax.texts)]
    found += [label for ax in drawn.axes for label in (*ax.get_yticklabels(), ax.title)]
    return [plain(text.get_text()) for text in found if text.get_text()]


# Sentences


def test_a_step_that_chance_makes_is_no_reliable_difference(german: Words) -> None:
    text = plain(figures.describe_projects_change(values(*NEW), german))
    expected = "34 neu initiierte Projekte nach 42 im Vorjahr: Das kann Zufall sein"
    found = "E-Test bei doppelter Varianz: p = 0,53; bei den Tests dieser Seite belastbar unter"
    assert text.startswith(f"{expected}. {found} 0,007. Vor 2020 ist keine Zahl")
    known = values(*series("projects_new", {2019: 40, 2020: 42, 2021: 34}))
    text = plain(figures.describe_projects_change(known, german))
    assert "E-Test: p = 0,36; bei den Tests dieser Seite belastbar unter 0,007. Mit" in text
    assert text.endswith(
        "verträglich sind Erwartungswerte von 24 bis 48, wenn Ereignisse unabhängig voneinander "
        "eintreten (95-%-Intervall, Poisson)."
    )


def test_growth_page_and_annual_report_find_the_same(german: Words) -> None:
    """IMK in the example: 59, 104, 122, 95 activities; the pair 2020 and 2021 on both pages, and
    59 to 95, which would be a rise if the years between did not scatter as much."""
    course = {2018: 59, 2019: 104, 2020: 122, 2021: 95}
    ends = {year: course[year] for year in (2020, 2021)}
    for known in (course, ends):
        said = plain(
            figures.describe("activities_change", values(*series("activities", known)), german)
        )
        assert ("Quasi-Poisson" in said) == (known is course)
    pair = growth_summary(values(*series("activities", ends))).iloc[0]
    assert f"E-Test bei doppelter Varianz: {plain(german.p_value(pair['p_value']))}" in said
    summary = growth_summary(values(*series("activities", course)))
    verdict = rows_of(tables.verdicts_table(summary, german))[0]
    assert verdict[1:] == ["x", "Kein belastbarer Unterschied (Quasi-Poisson, p = 0,45)"]
    told = plain(figures.describe("event_courses", values(*series("activities", course)), german))
    assert told.startswith("Sonstige Aktivitäten: 59 (2018), 104 (2019), 122 (2020) und 95 (2021).")
    assert "stärker, als unabhängige Ereignisse es täten (Dispersionstest, p < 0,001)" in told
    assert told.endswith("bei anderen Anfangs- und Endjahren kann der Befund anders ausfallen.")


def test_counts_that_scatter_by_chance_are_said_to(words: Words) -> None:
    course = values(*series("projects_new", {2018: 38, 2019: 44, 2020: 42, 2021: 34}))
    told = plain(figures.describe("event_courses", course, words))
    assert {"de": "nicht belastbar stärker", "en": "not reliably vary more"}[words.locale] in told
    two = values(*series("projects_new", {2020: 42, 2021: 34}))
    assert figures.describe("event_courses", two, words) == ""


def test_ends_of_an_index_that_look_alike_are_both_named(german: Words) -> None:
    rows = values(
        *series("projects_new", {2018: 30, 2019: 40, 2021: 34}),
        *series("activities", {2018: 59, 2019: 60, 2021: 95}),  # 161.02
        *series("actors_activities", {2018: 77, 2019: 80, 2021: 124}),  # 161.04
    )
    assert plain(figures.describe("index", index_series(rows), german)).startswith(
        "Höchster Index (2018 = 100): Sonstige Aktivitäten (161) und Akteure in Sonstigen "
        "Aktivitäten (161); niedrigster: neu initiierte Projekte (113)."
    )


def test_amounts_are_nominal_or_adjusted_for_prices(german: Words) -> None:
    rows = values(
        *series("turnover_eur", {2011: 100e6, 2019: 167.5e6}),
        *series("companies", {2011: 100, 2019: 110}),
    )
    nominal = tables.growth_table(growth_summary(rows), german)
    assert "In Prozent (Beträge nominal)" in [*nominal.header]
    real = tables.growth_table(growth_summary(rows, {2011: 0.9, 2019: 0.995}), german)
    assert [row[4:6] for row in rows_of(real)] == [["+10 %", "x"], ["+68 %", "+52 %"]]
    assert any(note.startswith("Preisbereinigt: nach Abzug") for note in real.notes)
    counts = tables.growth_table(growth_summary(values(*NEW)), german)
    assert "In Prozent" in [*counts.header]


@pytest.mark.parametrize("year", [2021, 2020])
def test_a_share_says_how_firm_it_is(words: Words, year: int) -> None:
    """Newcombe (1998): Wilson; Boschloo of 18 of 42 and 24 of 34: p = 0.017."""
    rows = values(
        *series("projects_rdi", {2020: 18, 2021: 24}), *series("projects_new", {2020: 42, 2021: 34})
    )
    said = plain(figures.describe("rdi_share", rows[rows["year"] <= year], words))
    if year == 2020:
        limits = {"de": "29 % bis 58 %", "en": "29% to 58%"}[words.locale]
        assert limits in said
        assert "oschloo" not in said
    else:
        limits = {"de": "54 % bis 83 %", "en": "54% to 83%"}[words.locale]
        assert limits in said
        found = {
            "de": "43 % (18 von 42) im Vorjahr kann Zufall",
            "en": "43% (18 of 42) in the year",
        }
        assert found[words.locale] in said


def test_a_part_larger_than_its_whole_has_no_share(german: Words) -> None:
    rows = values(*series("projects_rdi", {2021: 35}), *series("projects_new", {2021: 34}))
    assert figures.describe("rdi_share", rows, german) == ""


def test_equal_counts_are_no_difference_of_chance(german: Words) -> None:
    rows = values(*series("activities", {2020: 103, 2021: 103}))
    said = plain(figures.describe("activities_change", rows, german))
    assert said == "Wie im Vorjahr 103 Sonstige Aktivitäten."
    verdicts = tables.verdicts_table(growth_summary(rows), german)
    assert rows_of(verdicts)[0][2] == "Dieselbe Anzahl"


def test_the_parts_of_a_sentence_add_up(german: Words) -> None:
    """Each rounded alone they would be 39,7, −14,1 and +66,9 of +92,6."""
    steps = pd.DataFrame(
        {"step": ["first", "large", "number", "size", "last"],
         "value": [68.94e6, 39.74e6, -14.06e6, 66.86e6, 161.48e6]}
    ).assign(first_year=2020, last_year=2021, k=5, first_unknown=0, last_unknown=0)  # fmt: skip
    said = plain(figures.describe_volume_change(steps, german))
    amounts = [Decimal(one.replace(",", ".").replace("−", "-"))
               for one in re.findall(r"[+−]?\d+,\d(?= Mio)", said)]  # fmt: skip
    change, last, first, *parts = amounts
    assert (first, last) == (Decimal("68.9"), Decimal("161.5"))
    assert last - first == change == sum(parts)


def test_a_reliable_step_says_its_direction(words: Words) -> None:
    fall = values(*series("activities", {2020: 132, 2021: 40}))
    rise = values(*series("activities", {2020: 40, 2021: 132}))
    said = [figures.describe_projects_change(rows, words) for rows in (fall, rise)]
    expected = {"de": ["Rückgang", "Anstieg"], "en": ["fall", "rise"]}[words.locale]
    assert all(word in text for word, text in zip(expected, said, strict=True))
    assert all("< 0" in plain(text) for text in said)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        series("projects_new", {2021: 34}),
        series("projects_new", {2019: 42, 2021: 34}),
        [*NEW[:1], figure(2021, "projects_new", 34, precision="approximate")],
    ],
)
def test_without_two_exact_years_no_change_is_told(rows: list[Any], words: Words) -> None:
    assert figures.describe_projects_change(values(*rows), words) == ""


def test_a_change_is_told_on_pages_of_its_year_only(german: Words) -> None:
    rows = values(*series("projects_new", {2019: 42, 2020: 34}))
    assert figures.describe("projects_change", rows, german)
    page: Any = SimpleNamespace(parameters=SimpleNamespace(year=2021), rows=lambda *_, **__: rows)
    assert rows_on_page(page, figures.entry("projects_change")).empty
    page.parameters.year = 2020
    assert len(rows_on_page(page, figures.entry("projects_change"))) == 2


def test_nothing_in_both_years_is_nothing_to_compare(german: Words) -> None:
    rows = values(*series("projects_new", {2020: 0, 2021: 0}))
    said = plain(figures.describe_projects_change(rows, german))
    assert said == "Wie im Vorjahr 0 neu initiierte Projekte."


def test_what_could_have_been_seen(german: Words) -> None:
    # 42 projects, one of seven tests: exact power of the E-test at twice the variance,
    # test_what_is_seen_at_twice_the_variance_is_eighty_per_cent; 15 and 81 with a third year
    text = plain(figures.describe_detectable(growth_summary(values(*NEW)), german))
    assert "Von 42 neu initiierten Projekten (2020) aus wäre ein Rückgang auf 9" in text
    assert "Anstieg auf 96 mit 80 % Wahrscheinlichkeit erkannt worden" in text
    assert "als einer von 7 Tests" in text
    three = growth_summary(values(*NEW, *series("projects_new", {2019: 42})))
    text = plain(figures.describe_detectable(three, german))
    assert "ein Rückgang auf 15 oder ein Anstieg auf 81 mit 80 %" in text


def test_from_few_or_none_no_fall_could_have_been_seen(german: Words) -> None:
    few = growth_summary(values(*series("activities", {2020: 5, 2021: 3})))
    assert "kein Rückgang" in figures.describe_detectable(few, german)
    ten = growth_summary(values(*series("activities", {2019: 10, 2020: 8, 2021: 3})))
    assert "ein Rückgang auf 0 oder" in figures.describe_detectable(ten, german)
    two = growth_summary(values(*series("activities", {2020: 10, 2021: 3})))
    assert "kein Rückgang" in figures.describe_detectable(two, german)
    none = growth_summary(values(*series("activities", {2020: 0, 2021: 3})))
    assert "Von null" in figures.describe_detectable(none, german)
    empty = growth_summary(values())
    assert "lässt sich nicht sagen" in figures.describe_detectable(empty, german)


def test_typical_sizes_are_compared_or_left_open(german: Words) -> None:
    def said(comparison: VolumeComparison | None) -> str:
        assert comparison is not None
        return figures.describe("size_change", comparison.size_change(), german)

    years = {2020: [1e6 * n for n in range(1, 9)], 2021: [6e6 * n for n in range(1, 9)]}
    assert "Ein Projekt von 2021 ist typischerweise 6,0-mal so groß wie eines von 2020" in said(
        volume_change(years)
    )
    alike = said(volume_change({**years, 2021: [3e6 * n for n in range(1, 9)]}))
    assert alike.startswith("Dass Projekte von 2021 größer oder kleiner sind")
    assert "lässt sich nicht zeigen" in alike
    with pytest.warns(UserWarning, match="fewer than four"):
        few = volume_change({2020: [1e6], 2021: [2e6]})
    assert "lässt sich bei 1 und 1 Projekten" in said(few)
    assert said(volume_change(printed())) == ""


# Figures


def test_steps_of_the_volume_are_drawn_and_told(words: Words) -> None:
    comparison = volume_change(printed())
    assert comparison is not None
    ax = figures.plot_volume_change(comparison.steps(), words)
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    ends = [68.9, (43.3, 68.9), (43.3, 161.5), 161.5]
    drawn = [pytest.approx(e, abs=0.1) if isinstance(e, tuple) else e for e in ends]
    millions = [(low / 1e6, high / 1e6) for low, high in bars]
    assert [millions[1], millions[2]] == drawn[1:3]
    assert [high for _, high in (millions[0], millions[3])] == pytest.approx([68.9, 161.5])
    text = plain(figures.describe_volume_change(comparison.steps(), words))
    numbers = {
        "de": ("−25,6 Mio. €", "+118,2 Mio. €"),
        "en": ("−€25.6 m", "+€118.2 m"),
    }[words.locale]
    assert all(number in text and number in texts_of_figure() for number in numbers)


def test_large_projects_are_a_step_of_their_own(german: Words) -> None:
    years = {2020: [1e6] * 8, 2021: [1e6] * 6 + [9e6] * 5}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        comparison = volume_change(years)
    assert comparison is not None
    text = plain(figures.describe_volume_change(comparison.steps(), german))
    assert "+40,0 Mio. € auf die 5 größten Projekte beider Jahre" in text
    figures.plot_volume_change(comparison.steps(), german)
    assert "Die 5 größten Projekte" in texts_of_figure()


def test_a_volume_that_does_not_change_can_be_drawn(words: Words) -> None:
    with pytest.warns(SmallSampleWarning, match="Hodges-Lehmann"):
        comparison = volume_change({2020: [0.0] * 7, 2021: [0.0] * 7})
    assert comparison is not None
    figures.plot_volume_change(comparison.steps(), words)
    assert not re.search("nan|inf|None", figures.describe_volume_change(comparison.steps(), words))


def test_index_labels_the_end_of_each_line(german: Words) -> None:
    levels = {2011: 100.0, 2013: 150.0, 2014: 120.0}
    rows = values(
        *series("companies", levels, scope="core", delimitation="clustermonitoring"),
        *series("companies", {2011: 10, 2013: 9, 2014: 8}, scope="total"),
    )
    index = index_series(rows)
    ax = figures.plot_economy_index(index, german)
    assert {"120 Clusterkern", "80 Gesamtcluster"} <= set(texts_of_figure())
    core = next(line for line in ax.lines if 150 in line.get_ydata())
    assert [str(y) for y in core.get_ydata()] == ["100.0", "nan", "150.0", "120.0"]  # a gap
    text = figures.describe_index(index, german)
    assert "Unternehmen, Clusterkern (120)" in text
    assert "Gesamtcluster (80)" in text


def test_shift_share_is_drawn_on_both_sides_of_zero(official: pd.DataFrame, words: Words) -> None:
    table = shift_share_by_sector(official)
    ax = figures.plot_shift_share(table, words)
    assert len(ax.patches) == 6
    minus = {"de": "−12.443", "en": "−12,443"}[words.locale]
    assert minus in texts_of_figure()
    assert minus in figures.describe_shift_share(table, words)


def test_quotients_lean_away_from_one(official: pd.DataFrame, words: Words) -> None:
    rows = location_quotients(official)
    ax = figures.plot_location_quotients(rows, words)
    sides = {text.get_text(): text.get_ha() for text in ax.texts}
    below, above = {"de": ("0,47", "1,53"), "en": ("0.47", "1.53")}[words.locale]
    assert (sides[below], sides[above]) == ("right", "left")
    top = {"de": "2,82", "en": "2.82"}[words.locale]
    [label] = [text for text in ax.texts if text.get_text() == top]
    assert label.xy[0] == rows["quotient"].max()  # beside the dot, though its range goes on to 3.5
    low, high = ax.get_xlim()
    assert low < rows["lowest"].min() < rows["highest"].max() < high  # and their labels with them
    text = figures.describe_location_quotients(rows, words)
    assert {"de": "(1,53-fach)", "en": "(1.53 times)"}[words.locale] in text


def test_provisional_years_and_gaps_are_named(official: pd.DataFrame, german: Words) -> None:
    is_official = official["delimitation"] == "official"
    sectors = official[is_official & (official["dimension"] == "sector")]
    text = figures.describe_sector_years(sectors, german)
    assert "2017, 2018, 2020 und 2021" in text
    assert text.endswith("Vorläufige Ergebnisse: 2017 und 2018.")
    assert figures.describe_sector_years(sectors.iloc[:0], german) == ""


@pytest.mark.parametrize(
    "name",
    ["index", "economy_index", "volume_change", "shift_share", "location_quotients"],
)
def test_nothing_to_draw_is_said(name: str, german: Words) -> None:
    empty = pd.DataFrame(columns=["indicator", "method", "category", "index", "quotient"])
    with pytest.raises(MissingDataError):
        getattr(figures, f"plot_{name}")(empty, german)
    with pytest.raises(MissingDataError):
        getattr(figures, f"describe_{name}")(empty, german)


# Tables


def rows_of(table: tables.Table) -> list[list[str]]:
    """Return the rows but for those that name a period or a finding of those below."""
    return [[plain(cell) for cell in row] for row in table.rows if any(row[1:])]


def test_growth_of_the_printed_figures(german: Words) -> None:
    rows = values(*NEW, *series("project_volume", {2020: 68.9e6, 2021: 161.5e6}))
    summary = growth_summary(rows)
    assert rows_of(tables.growth_table(summary, german)) == [
        ["Neu initiierte Projekte", "42", "34", "−8", "−19 %"],
        ["Projektvolumen in Mio. €", "68,9", "161,5", "+92,6", "+134 %"],
    ]
    assert rows_of(tables.verdicts_table(summary, german)) == [
        [
            "Neu initiierte Projekte",
            "0,81 (0,35–1,89)",
            "Kein belastbarer Unterschied (E-Test bei doppelter Varianz, p = 0,53)",
        ],
        ["Projektvolumen", "x", "Kein Test: Wenige Projekte prägen die Summe"],
    ]


@pytest.mark.filterwarnings("ignore::ewm_analysis.errors.SmallSampleWarning")
def test_rough_values_and_inferred_years_are_marked(german: Words) -> None:
    rows = values(
        figure(2020, "projects_new", 42, is_year_inferred=True),
        figure(2021, "projects_new", 34),
        figure(2014, "turnover_eur", 4.1e9),
        figure(2015, "turnover_eur", 4.3e9, precision="approximate"),
    )
    table = tables.growth_table(growth_summary(rows), german)
    assert [row[1:] for row in rows_of(table)] == [
        ["42*", "34", "−8", "−19 %"],
        ["4,10", "rund 4,30", "x", "x"],
    ]
    assert any(note.startswith("* Die Quelle nennt das Jahr nicht") for note in table.notes)


def test_from_a_small_base_only_the_difference_is_given(german: Words) -> None:
    table = tables.growth_table(
        growth_summary(values(*series("activities", {2018: 2, 2021: 4}))), german
    )
    assert rows_of(table)[0][3:5] == ["+2", "x"]
    assert any("unter 10" in note for note in table.notes)


@pytest.mark.filterwarnings("ignore::ewm_analysis.errors.SmallSampleWarning")
@pytest.mark.parametrize(
    ("levels", "cells", "verdict"),
    [
        ({2020: 0, 2021: 0}, ["0", "0", "0", "x"], "In beiden Jahren null"),
        (
            {2020: 0, 2021: 19},
            ["0", "19", "+19", "x"],
            "Belastbarer Anstieg (E-Test bei doppelter Varianz",
        ),
        ({2020: -1, 2021: 9}, ["−1", "9", "+10", "x"], "Ein Wert ist negativ"),
    ],
)
def test_bad_bases_are_told_in_words(
    levels: dict[int, float], cells: list[str], verdict: str, german: Words
) -> None:
    summary = growth_summary(values(*series("activities", levels)))
    assert rows_of(tables.growth_table(summary, german))[0][1:] == cells
    assert verdict in rows_of(tables.verdicts_table(summary, german))[0][2]


@pytest.mark.filterwarnings("ignore::ewm_analysis.errors.SmallSampleWarning")
def test_what_is_missing_is_named_below_the_table(german: Words) -> None:
    rows = values(*NEW, figure(2021, "actors_projects", 69))
    notes = " ".join(tables.growth_table(growth_summary(rows), german).notes)
    assert "ohne Veränderung: Akteure in neu initiierten Projekten (2021)" in notes
    assert "Für kein Jahr des Zeitraums als Zahl bekannt: laufende Projekte" in notes


def test_limits_are_named_for_what_they_bound(words: Words) -> None:
    summary = growth_summary(values(*NEW))
    ratio = {"de": "Verhältnis Ende/Anfang", "en": "ratio end/start"}[words.locale]
    for make in (tables.growth_table, tables.verdicts_table):
        frame = make(summary, words).frame
        limits = frame.iloc[0, frame.columns.str.startswith(ratio)].astype(float)
        assert limits.round(2).tolist() == [0.35, 1.89]
    rising = series("activities", {2016: 1, 2017: 3, 2018: 4, 2019: 9, 2020: 9, 2021: 12})
    trends = tables.trend_table(trend_summary(values(*rising)), words).frame
    step = {"de": "Median der Veränderung je Jahr", "en": "median change per year"}[words.locale]
    estimate, low, high = trends.iloc[0, trends.columns.str.startswith(step)].astype(float)
    assert low < estimate < high


def test_four_years_cannot_show_a_trend(german: Words) -> None:
    trends = trend_summary(values(*series("activities", {2018: 1, 2019: 2, 2020: 3, 2021: 4})))
    table = tables.trend_table(trends, german)
    why = "Nicht prüfbar: Bei diesen 4 Werten ist das kleinstmögliche p = 0,08"
    assert [plain(cell) for cell in table.rows[0]] == ["Zeitraum 2018–2021", "", ""]
    assert rows_of(table) == [["Sonstige Aktivitäten", "+1,0", why]]
    more = series("projects_new", {2018: 4, 2019: 3, 2020: 2, 2021: 1})
    both = trend_summary(values(*more, *series("activities", {2018: 1, 2019: 2, 2020: 3, 2021: 4})))
    table = tables.trend_table(both, german)
    assert plain(table.rows[0][0]) == f"Zeitraum 2018–2021 · {why}"
    assert len(table.header) == 2  # heads tell all findings: no column is left for them


def test_volume_without_the_projects_named_is_shown(german: Words) -> None:
    table = tables.without_largest_table(without_largest(printed()), german)
    assert rows_of(table)[1] == [
        "2021", "34", "161,5 Mio. €", "88,8 Mio. € (55 %; 5 Projekte)", "72,7 Mio. €",
    ]  # fmt: skip
    assert rows_of(table)[0][3:] == ["–", "–"]
    assert "nicht die größten sein müssen" in table.notes[0]
    assert table.frame["Zahl der großen Projekte"].tolist() == [0, 5]


def test_sizes_stand_with_their_interval(german: Words) -> None:
    volumes = {2021: [1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 30e6]}
    table = tables.sizes_table(size_summary(volumes), german)
    raw = dict(zip(map(plain, table.frame["Maß"]), table.frame["2021"], strict=True))
    assert raw["Median (Mio. €)"] == 4
    cells = dict(rows_of(table))
    assert re.fullmatch(r"4,0 \(\d+,\d–\d+,\d\)", cells["Median (Mio. €)"])
    assert cells["Anteil des größten Projekts"] == "59 %"


def test_shift_share_and_employment_of_the_real_regions(
    official: pd.DataFrame, german: Words
) -> None:
    table = tables.shift_share_table(shift_share_by_sector(official), german)
    assert rows_of(table)[0] == ["Berlin: Summe", "+156.082", "+72.603", "+10.672", "+72.807"]
    assert len(table.rows) == 14
    assert len(table.frame) == 14
    assert table.frame.iloc[7, 0] == "Brandenburg: Summe"
    assert table.frame.iloc[7, 3] == pytest.approx(31959)
    growth = employment_growth(official[official["year"] <= 2021], "imk", 2017)
    cells = rows_of(tables.employment_table(growth, german))
    assert ["Deutschland", "2017–2021*", "+5,1 %", "+1,2 %"] in cells
    core = "IKT, Medien und Kreativwirtschaft, Clusterkern"
    assert [core, "2011–2020", "+70,5 % (gedruckt)", "+6,1 %"] in cells
    health = rows_of(tables.employment_table(employment_growth(official, "gw", 2017), german))
    assert [line[0] for line in health[:2]] == [
        "Gesundheitswirtschaft, Brandenburg, Clusterkern",
        "Gesundheitswirtschaft, Hauptstadtregion Berlin-Brandenburg, Clusterkern",
    ]


@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (tables.growth_table, growth_summary(values())),
        (tables.verdicts_table, growth_summary(values())),
        (tables.trend_table, trend_summary(values())),
        (tables.without_largest_table, without_largest(values())),
        (tables.sizes_table, size_summary({})),
        (tables.employment_table, employment_growth(values(), "imk", 2017)),
    ],
)
def test_empty_tables_are_missing(make: Any, rows: pd.DataFrame, german: Words) -> None:
    with pytest.raises(MissingDataError):
        make(rows, german)


# The whole page


def growth_page(path: Path, first: int, last: int) -> Page:
    return open_page(
        kind="growth", cluster_id="imk", first_year=first, last_year=last, data_dir=str(path)
    )


@pytest.mark.parametrize(("first", "last"), [(2020, 2021), (1999, 2000), (2021, 2022)])
def test_page_of_a_small_data_set_warns_of_nothing(
    tmp_path: Path, first: int, last: int, capsys: pytest.CaptureFixture[str]
) -> None:
    # one year of records with one project; warnings are errors here
    growth = compute_growth(growth_page(write_dataset(tmp_path), first, last))
    assert growth.comparison is None
    assert growth.steps.empty
    assert growth.index.empty
    assert growth.shift_share.empty
    assert "Warning" not in capsys.readouterr().err


def test_page_rests_on_the_figures_it_shows() -> None:
    growth = compute_growth(growth_page(ROOT / "data" / "capital-region", 2017, 2021))
    assert set(growth.compared["year"]) == {2020, 2021}
    assert {"projects_new", "project_volume", "activities"} <= set(growth.figures["indicator"])
    assert {*growth.trends["delimitation"]} == {"approximation"}
    assert {*growth.sectors["delimitation"]} == {"official"}
    assert {*growth.employees["delimitation"]} == {"clustermonitoring", "official"}


def test_projects_without_volume_are_told(german):
    nan = float("nan")
    years = {2020: [1e6] * 9 + [nan], 2021: [2e6] * 8 + [nan] * 3}
    text = figures.describe_volume_change(volume_change(years).steps(), german)
    assert "in keinem dieser Teile: 1 im Jahr 2020, 3 im Jahr 2021." in text
    years = {2020: [1e6] * 9, 2021: [2e6] * 8}
    text = figures.describe_volume_change(volume_change(years).steps(), german)
    assert "nicht bekannt" not in text
