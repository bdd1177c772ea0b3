"""Figures: what is drawn, how it is labelled, that all of it can be read, and what is said."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from ewm_analysis import figures
from ewm_analysis.catalogue import Reference, Words
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.figures.kinds import wrapped
from ewm_analysis.figures.style import ACCENT, MAIN, REST, TRACK
from ewm_analysis.statistics import count_interval

NBSP = "\u00a0"
NAMED = ["cluster_id", "ags", "name", "label_de", "label_en", "short_de", "short_en"]
EMPTY = pd.DataFrame(columns=NAMED)

LABELS = """\
status;application;;in Antragstellung;at application stage
status;started_or_finished;;begonnen oder beendet;under way or completed
status;started;started_or_finished;begonnen;under way
status;finished;started_or_finished;beendet;completed
funder;eu;;EU;EU
funder;federal;;Bund;Federal government
funder;state_bb;;Land Brandenburg;State of Brandenburg
funder;other;;Sonstige;Other
consortium_type;companies_science;;Verbundprojekte mit Unternehmen und \
Hochschulen/Forschungseinrichtungen;Joint projects of companies and universities or research \
institutes
consortium_type;companies;;Verbundprojekte mit mehreren Unternehmen;Joint projects of several \
companies
actor_type;university_research;;Hochschule/Forschungsinstitut;University or research institute
actor_type;company;;Unternehmen;Company
actor_type;association_network;;Vereine und Netzwerke;Associations and networks
actor_type;chamber;;Kammer;Chamber
actor_type;public_administration;;Öffentliche Verwaltungen (inkl. Landkreise/Kommunen);Public \
administrations (including districts and municipalities)
actor_type;hospital;;Klinik;Hospital
size_class;1-9;;1 bis 9 Beschäftigte;1 to 9 employees
size_class;10-49;;10 bis 49 Beschäftigte;10 to 49 employees
size_class;50-249;;50 bis 249 Beschäftigte;50 to 249 employees
size_class;250+;;250 und mehr Beschäftigte;250 or more employees
project;idunion;;IDunion;IDunion
project;smart_city_potsdam;;Smart City Potsdam;Smart City Potsdam
project;mr4b;;Mixed Reality for Business (MR4B);Mixed Reality for Business (MR4B)
project;reskriver;;ResKriVer;ResKriVer
project;desy;;DESY – Centre for Quantum Technology Applications;DESY – Centre for Quantum \
Technology Applications
"""


def categories() -> pd.DataFrame:
    names = ["dimension", "category", "parent", "label_de", "label_en"]
    table = pd.DataFrame([line.split(";") for line in LABELS.splitlines()], columns=names)
    table = table.assign(cluster_id="").astype("string")
    return table.assign(position=range(len(table)), valid_from=pd.NA, valid_to=pd.NA)


REFERENCE = Reference(EMPTY, categories(), *[EMPTY] * 6, Path("none.geojson"))
DE, EN = Words(REFERENCE, "de"), Words(REFERENCE, "en")

NAMES = ["year", "indicator", "dimension", "category", "value", "precision", "is_year_inferred"]


def table(*records: tuple[object, ...]) -> pd.DataFrame:
    """Return rows of the long table: year, indicator, dimension, category, value and, if not \
exact and known, precision and whether the year is inferred."""
    full = [(*record, *("exact", False)[len(record) - 5 :]) for record in records]
    frame = pd.DataFrame(full, columns=NAMES).assign(
        cluster_id="imk", region="bebb", scope="", delimitation="", base_year=pd.NA
    )
    return frame.astype({"value": "Float64", "base_year": "Int64", "is_year_inferred": "boolean"})


def economy(*records: tuple[str, str, int, float, int | None]) -> pd.DataFrame:
    """Return rows of the long table: scope, indicator, year, value, base year."""
    frame = pd.DataFrame(records, columns=["scope", "indicator", "year", "value", "base_year"])
    return frame.assign(
        cluster_id="imk",
        region="bebb",
        dimension="",
        category="",
        precision="exact",
        is_year_inferred=False,
        delimitation="clustermonitoring",
    ).astype({"value": "Float64", "base_year": "Int64", "is_year_inferred": "boolean"})


# Figures of the reports IMK 2021 (pages 5 to 15) and Clean Technologies 2022 (Abb. 3 to 5).
IMK = pd.concat(
    [
        table(
            (2020, "projects_new", "", "", 42, "exact", True),
            (2020, "projects_running", "", "", 98, "exact", True),
            (2021, "projects_new", "", "", 34),
            (2020, "project_volume", "", "", 68.9e6),
            (2021, "project_volume", "", "", 161.5e6),
            (2021, "project_volume", "project", "desy", 12.8e6),
            (2021, "project_volume", "project", "idunion", 30e6),
            (2021, "project_volume", "project", "mr4b", 15e6),
            (2021, "project_volume", "project", "reskriver", 14e6),
            (2021, "project_volume", "project", "smart_city_potsdam", 17e6),
            (2020, "activities", "", "", 122),
            (2021, "activities", "", "", 95),
            (2020, "projects_new_share", "status", "application", 0.5, "lower_bound"),
            (2021, "projects_new_share", "status", "started_or_finished", 0.75, "approximate"),
            (2021, "projects_cross_cluster_share", "", "", 0.58),
            (2021, "activities_cross_cluster_share", "", "", 0.75),
            (2021, "actors_projects", "", "", 69),
            (2021, "actors_activities", "", "", 124),
            (2021, "actors_projects", "actor_type", "hospital", 1),
            (2021, "actors_projects", "actor_type", "company", 37),
            (2021, "actors_projects", "actor_type", "chamber", 0),
            (2021, "actors_projects", "actor_type", "university_research", 19),
            (2021, "actors_projects", "actor_type", "public_administration", 1),
            (2021, "actors_activities", "actor_type", "university_research", 20),
            (2021, "actors_activities", "actor_type", "company", 67),
            (2021, "actors_activities", "actor_type", "chamber", 5),
            (2021, "actors_activities", "actor_type", "public_administration", 1),
            (2021, "actors_activities", "actor_type", "hospital", 0),
            (2021, "actors_projects", "size_class", "1-9", 14),
            (2021, "actors_projects", "size_class", "10-49", 14),
            (2021, "actors_projects", "size_class", "50-249", 3),
            (2021, "actors_projects", "size_class", "250+", 6),
            (2021, "actors_activities", "size_class", "1-9", 23),
            (2021, "actors_activities", "size_class", "10-49", 21),
            (2021, "actors_activities", "size_class", "50-249", 9),
            (2021, "actors_activities", "size_class", "250+", 14),
        ),
        economy(
            ("core", "companies", 2019, 39538, None),
            ("total", "companies", 2019, 55508, None),
            ("core", "turnover_eur", 2019, 26e9, None),
            ("total", "turnover_eur", 2019, 40.49e9, None),
            ("core", "employees_insured", 2020, 171021, None),
            ("total", "employees_insured", 2020, 281947, None),
            ("core", "employees_total", 2020, 177902, None),
            ("total", "employees_total", 2020, 300863, None),
            ("core", "turnover_growth", 2019, 0.675, 2011),
            ("core", "employees_insured_growth", 2020, 0.705, 2011),
            ("core", "employees_insured_growth", 2012, 0.102, 2008),
        ),
    ],
    ignore_index=True,
)
CLEANTECH = table(
    (2022, "actors_projects", "", "", 24),
    (2022, "actors_projects", "actor_type", "university_research", 9),
    (2022, "actors_projects", "actor_type", "company", 14),
    (2022, "actors_projects", "actor_type", "association_network", 1),
    (2022, "actors_projects", "size_class", "1-9", 6),
    (2022, "actors_projects", "size_class", "10-49", 5),
    (2022, "actors_projects", "size_class", "50-249", 2),
    (2022, "actors_projects", "size_class", "250+", 1),
    (2022, "projects_new_share", "funder", "federal", 0.833),
    (2022, "projects_new_share", "funder", "eu", 0.167),
    (2022, "projects_new_share", "consortium_type", "companies", 0.167),
    (2022, "projects_new_share", "consortium_type", "companies_science", 0.838),
)
# What records give: four years, zeros, small numbers, a category above others.
COMPUTED = table(
    *[(2018 + i, "projects_new", "", "", value) for i, value in enumerate([40, 0, 2, 34])],
    *[(2018 + i, "projects_running", "", "", value) for i, value in enumerate([95, 80, 98, 90])],
    *[(2018 + i, "activities", "", "", value) for i, value in enumerate([1, 0, 122, 95])],
    *[(2018 + i, "project_volume", "", "", value) for i, value in enumerate([0, 1e9, 6e5, 2e8])],
    (2021, "project_volume", "project", "idunion", 1e6),
    (2021, "projects_new", "status", "application", 9),
    (2021, "projects_new", "status", "started_or_finished", 25),
    (2021, "projects_new", "status", "started", 25),
    (2021, "projects_new", "status", "finished", 0),
    (2021, "projects_new", "funder", "federal", 30),
    (2021, "projects_new", "funder", "eu", 4),
    (2021, "projects_new", "consortium_type", "companies", 0),
    (2021, "actors_projects", "actor_type", "company", 0),
    (2021, "actors_activities", "actor_type", "company", 0),
    (2021, "actors_projects", "size_class", "1-9", 1),
    (2021, "projects_cross_cluster_share", "", "", 0.0),
    (2021, "activities_cross_cluster_share", "", "", 1.0),
)
SETS = {"imk": IMK, "cleantech": CLEANTECH, "computed": COMPUTED}

PARTS = (
    "projects",
    "project_volume",
    "largest_projects",
    "activities",
    "status",
    "cross_cluster",
    "funders",
    "consortia",
    "actors_by_type",
    "company_sizes",
    "economy",
)
UNPUBLISHED = {
    "imk": {"funders", "consortia"},
    "cleantech": {
        "projects",
        "project_volume",
        "largest_projects",
        "activities",
        "status",
        "cross_cluster",
        "economy",
    },
    "computed": {"economy"},
}
DRAWN = [(name, part) for name in SETS for part in PARTS if part not in UNPUBLISHED[name]]


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def plot(part: str) -> Callable[..., Axes]:
    return getattr(figures, f"plot_{part}")


def describe(part: str) -> Callable[[pd.DataFrame, Words], str]:
    return getattr(figures, f"describe_{part}")


def texts(ax: Axes) -> list[Text]:
    """Return every text that is drawn."""
    found = [*ax.texts, *(legend.get_texts() if (legend := ax.get_legend()) else [])]
    if ax.xaxis.get_visible():
        found += [ax.xaxis.label, *ax.get_xticklabels()]
    if ax.yaxis.get_visible():
        found += ax.get_yticklabels()
    return [text for text in found if text.get_text()]


def shown(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def patches(ax: Axes, color: str) -> list[tuple[float, float]]:
    """Return width and height of the bars of a colour."""
    return [
        (bar.get_width(), bar.get_height())
        for bar in ax.patches
        if np.allclose(bar.get_facecolor(), mpl.colors.to_rgba(color))
    ]


@pytest.mark.parametrize("words", [DE, EN], ids=["de", "en"])
@pytest.mark.parametrize(("name", "part"), DRAWN)
def test_every_text_lies_within_the_figure_and_apart_from_others(
    name: str, part: str, words: Words
) -> None:
    assert_legible(plot(part)(SETS[name], words))


def assert_legible(ax: Axes) -> None:
    ax.figure.canvas.draw()
    boxes = {text: text.get_window_extent() for text in texts(ax)}
    assert len(boxes) >= 2
    for text, box in boxes.items():
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= ax.figure.bbox.x1, text
        assert box.y1 <= ax.figure.bbox.y1, text
    for (one, first), (other, second) in itertools.combinations(boxes.items(), 2):
        assert not first.padded(-0.5).overlaps(second.padded(-0.5)), (one, other)


def test_running_projects_are_light_and_new_ones_the_dark_part() -> None:
    ax = figures.plot_projects(IMK, DE)
    assert [height for _, height in patches(ax, REST)] == [98]
    assert [height for _, height in patches(ax, MAIN)] == [42, 34]
    assert shown(ax) == ["98", "42", "34"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2020*", "2021"]
    assert ax.get_xlabel() == (
        "Dünne Linien: 95‑%‑Intervall unabhängiger Ereignisse (Poisson) · * Jahr erschlossen · "
        "Laufende\nProjekte 2021: nicht als Zahl veröffentlicht"
    )
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Laufende Projekte",
        "davon neu initiiert",
    ]


def test_one_series_needs_neither_legend_nor_light_tone() -> None:
    ax = figures.plot_activities(IMK, EN)
    assert [height for _, height in patches(ax, MAIN)] == [122, 95]
    assert ax.get_legend() is None
    ends = [(122, count_interval(122)), (95, count_interval(95))]
    drawn = [tuple(line.get_ydata()) for line in ax.lines[1::2]]  # each upon a broader, white one
    assert drawn == [(found.low, found.high) for _, found in ends]
    assert ax.get_xlabel() == "Thin lines: 95% interval of independent events (Poisson)"
    assert ax.get_ylim()[1] > max(high for _, high in drawn)


def test_no_range_stands_where_chance_did_not_make_the_number() -> None:
    kinds = {"project_volume": "exact", "projects_running": "exact", "activities": "approximate"}
    for name, precision in kinds.items():
        rows = table((2021, name, "", "", 8)).assign(precision=precision)
        figure = "projects" if name == "projects_running" else name
        assert not figures.plot(figure, rows, DE).lines, name


@pytest.mark.parametrize(
    ("kind", "label"),
    [("projects_new", "Neu initiierte Projekte"), ("projects_running", "Laufende Projekte")],
)
def test_new_and_running_projects_are_never_taken_for_each_other(kind: str, label: str) -> None:
    ax = figures.plot_projects(table((2020, kind, "", "", 5), (2021, kind, "", "", 7)), DE)
    assert [height for _, height in patches(ax, MAIN)] == [5, 7]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [label]


def test_labels_of_many_years_stand_in_two_lines() -> None:
    years = [(2012 + i, "project_volume", "", "", 161.5e6) for i in range(10)]
    ax = figures.plot_project_volume(table(*years), DE)
    assert shown(ax)[0] == f"161,5\nMio.{NBSP}€"
    assert_legible(ax)
    named = (2021, "project_volume", "project", "desy", 9e7)
    ax = figures.plot_project_volume(table(*years, named), EN)
    assert shown(ax) == [f"€161.5{NBSP}m"] * 10
    assert_legible(ax)


def test_named_projects_are_the_dark_part_of_the_volume() -> None:
    ax = figures.plot_project_volume(IMK, DE)
    assert [height for _, height in patches(ax, REST)] == [68.9e6, 161.5e6]
    assert [height for _, height in patches(ax, MAIN)] == [88.8e6]
    assert shown(ax) == [
        f"68,9{NBSP}Mio.{NBSP}€",
        f"161,5{NBSP}Mio.{NBSP}€",
        f"88,8{NBSP}Mio.{NBSP}€",
    ]


def test_largest_project_is_on_top() -> None:
    ax = figures.plot_largest_projects(IMK, EN)
    assert [width for width, _ in patches(ax, MAIN)] == [30e6, 17e6, 15e6, 14e6, 12.8e6]
    assert shown(ax)[0] == f"€30.0{NBSP}m"
    assert ax.get_yticklabels()[0].get_text() == "IDunion"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_shares_lie_on_a_track_and_say_how_certain_they_are() -> None:
    ax = figures.plot_status(IMK, DE)
    assert [width for width, _ in patches(ax, TRACK)] == [1, 1]
    assert [width for width, _ in patches(ax, MAIN)] == [0.75, 0.5]
    assert shown(ax) == [f"≈{NBSP}75{NBSP}%", f">{NBSP}50{NBSP}%"]
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == ["begonnen oder beendet (2021)", "in Antragstellung (2020)"]


def test_counts_by_status_go_before_shares_and_parts_before_the_category_above() -> None:
    ax = figures.plot_status(COMPUTED, EN)
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == ["at application stage", "under way", "completed"]
    assert shown(ax) == ["9", "25", "0"]


def test_actors_stand_by_their_number_and_parts_of_unlike_wholes_are_shares() -> None:
    ax = figures.plot_actors_by_type(IMK, DE)
    assert [width * 69 for width, _ in patches(ax, MAIN)] == pytest.approx([37, 19, 1, 1, 0])
    assert [width * 124 for width, _ in patches(ax, ACCENT)] == pytest.approx([67, 20, 1, 0, 5])
    told = [text.replace("\xa0", " ") for text in shown(ax)]
    assert told[:5] == ["37 (54 %)", "19 (28 %)", "1 (1 %)", "1 (1 %)", "0"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "In neu initiierten Projekten (69)",
        "In Sonstigen Aktivitäten (124)",
    ]
    rough = IMK.assign(precision=IMK["precision"].where(IMK["category"] != "chamber", "at_least"))
    ax = figures.plot_actors_by_type(rough, DE)
    assert [width for width, _ in patches(ax, MAIN)] == [37, 19, 1, 1, 0]


def test_sizes_keep_their_order_and_what_is_left_over_stands_last() -> None:
    labels = [text.get_text() for text in figures.plot_company_sizes(IMK, EN).get_yticklabels()]
    assert labels == sorted(labels, key=lambda label: int(label.split()[0]))
    counts = {"other": 9, "eu": 3, "federal": 5}
    funders = table(*((2021, "projects_new", "funder", code, n) for code, n in counts.items()))
    ax = figures.plot_funders(funders, EN)
    assert [width for width, _ in patches(ax, MAIN)] == [5, 3, 9]


def test_missing_is_absent_and_never_zero() -> None:
    rows = IMK.copy()
    is_gone = (rows["indicator"] == "actors_projects") & (rows["category"] == "company")
    rows.loc[is_gone, "value"] = pd.NA
    ax = figures.plot_actors_by_type(rows, DE)
    assert [text.partition(" ")[0] for text in shown(ax)] == [
        "19", "1", "1", "0", "20", "1", "0", "67", "5",
    ]  # fmt: skip
    bars = {round(bar.get_y() + bar.get_height() / 2, 2): bar.get_width() for bar in ax.patches}
    assert 37 not in bars.values()
    gap = figures.plot_activities(
        table(
            (2018, "activities", "", "", 3),
            (2019, "activities", "", "", pd.NA),
            (2020, "activities", "", "", 0),
        ),
        DE,
    )
    assert shown(gap) == ["3", "0"]
    assert [tick.get_text() for tick in gap.get_xticklabels()] == ["2018", "2019", "2020"]


def test_core_is_drawn_as_share_of_the_whole_in_the_latest_year_of_both() -> None:
    ax = figures.plot_economy(IMK, DE)
    drawn = [width for width, _ in patches(ax, MAIN)]
    expected = [39538 / 55508, 26 / 40.49, 171021 / 281947, 177902 / 300863]
    assert drawn == pytest.approx(expected)
    assert shown(ax)[:4] == [
        f"39.538 (71{NBSP}%)",
        "55.508",
        f"26,0{NBSP}Mrd.{NBSP}€ (64{NBSP}%)",
        f"40,49{NBSP}Mrd.{NBSP}€",
    ]
    assert ax.get_yticklabels()[0].get_text() == "Unternehmen (2019)"


def test_small_core_has_its_label_beside_the_bar() -> None:
    rows = economy(("core", "companies", 2019, 5, None), ("total", "companies", 2019, 500, None))
    ax = figures.plot_economy(rows, EN)
    assert shown(ax) == ["5 (1%)", "500"]
    assert ax.texts[0].get_ha() == "left"
    assert_legible(ax)


def test_other_delimitations_are_not_mixed_in() -> None:
    other = economy(("total", "companies", 2023, 42000, None)).assign(delimitation="other")
    rows = pd.concat([IMK, other], ignore_index=True)
    assert figures.describe_economy(rows, DE) == figures.describe_economy(IMK, DE)


SENTENCES = {
    ("imk", "projects", "de"): "34 neu initiierte Projekte. Neu initiiert: 34, weniger als 42 "
    "(2020, Jahr erschlossen).",
    ("imk", "projects", "en"): "34 new projects. New: 34, fewer than 42 (2020, year inferred).",
    ("imk", "project_volume", "de"): "Das Volumen neu initiierter Projekte hat sich gegenüber 2020 "
    "mehr als verdoppelt: 161,5 Mio. € nach 68,9 Mio. €. Fünf namentlich genannte Projekte machen"
    " 55 % davon aus; ohne sie bleiben 72,7 Mio. €.",
    ("imk", "project_volume", "en"): "The volume of new projects more than doubled from 2020: "
    "€161.5 m after €68.9 m. Five named projects make up 55% of it; without them €72.7 m remain.",
    ("imk", "largest_projects", "de"): "Fünf namentlich genannte Projekte tragen 55 % des "
    "Projektvolumens. Auf alle übrigen entfallen 72,7 Mio. € von 161,5 Mio. €.",
    ("imk", "largest_projects", "en"): "Five named projects carry 55% of the project volume. All "
    "others share €72.7 m of €161.5 m.",
    ("imk", "activities", "de"): "95 Sonstige Aktivitäten. Das sind weniger als 122 (2020).",
    ("imk", "activities", "en"): "95 other activities. These are fewer than 122 (2020).",
    ("imk", "status", "de"): "Rund 75 % der neu initiierten Projekte sind begonnen oder beendet. "
    "Anteile an den neu initiierten Projekten: rund 75 % begonnen oder beendet (2021) und mehr "
    "als 50 % in Antragstellung (2020).",
    ("imk", "status", "en"): ""
    "About 75% of the new projects are under way or completed. Shares of the new projects: "
    "about 75% under way or completed (2021) and more than 50% at application stage (2020).",
    ("imk", "cross_cluster", "de"): "Gemeinsam mit anderen Clustern: "
    "58 % der neu initiierten Projekte und 75 % der Sonstigen Aktivitäten. Gemeint ist "
    "Zusammenarbeit mit Akteuren aus anderen Clustern, Teilthemen oder Branchen.",
    ("imk", "cross_cluster", "en"): "Together with other clusters: "
    "58% of the new projects and 75% of the other activities. This means cooperation with "
    "actors from other clusters, sub-themes or sectors.",
    ("imk", "actors_by_type", "de"): "Am häufigsten: „Unternehmen“ in Projekten (37 von 69) und in "
    "Sonstigen Aktivitäten (67 von 124). Wer in Projekten und in Sonstigen Aktivitäten mitwirkt, "
    "zählt in beiden.",
    ("imk", "actors_by_type", "en"): ""
    "Most frequent: “Company” in projects (37 of 69) and in other activities (67 of 124). "
    "Those who take part in both projects and other activities count in both.",
    ("imk", "economy", "de"): "Auf den Clusterkern entfallen 71 % der Unternehmen und 59 % aller "
    "Beschäftigten. Veränderung im Clusterkern: Umsatz nominal +67,5 % (2011–2019) und "
    "sozialversicherungspflichtig Beschäftigte +70,5 % (2011–2020).",
    ("imk", "economy", "en"): "The cluster core accounts for 71% of the companies and 59% of all "
    "employees. Change in the cluster core: nominal turnover +67.5% (2011–2019) and employees "
    "subject to social insurance +70.5% (2011–2020).",
    ("cleantech", "actors_by_type", "de"): "Am häufigsten: „Unternehmen“ in Projekten (14 von 24). "
    "Wer in Projekten und in Sonstigen Aktivitäten mitwirkt, zählt in beiden.",
    ("cleantech", "company_sizes", "en"): ""
    "Companies with fewer than 50 employees: 11 of 14 in projects. Those who take part in "
    "both projects and other activities count in both.",
    ("cleantech", "company_sizes", "de"): "Unternehmen mit weniger als 50 Beschäftigten: 11 von 14 "
    "in Projekten. Wer in Projekten und in Sonstigen Aktivitäten mitwirkt, zählt in beiden.",
    ("cleantech", "funders", "de"): "Häufigste Förderung: „Bund“ (83,3 %).",
    ("cleantech", "funders", "en"): "Most frequent funding: “Federal government” (83.3%).",
    ("cleantech", "consortia", "de"): "Am häufigsten: „Verbundprojekte mit Unternehmen und "
    "Hochschulen/Forschungseinrichtungen“ (83,8 %). Die gedruckten Anteile ergeben zusammen 100,5"
    " %.",
    ("cleantech", "consortia", "en"): "Most frequent: “Joint projects of companies and universities"
    " or research institutes” (83.8%). The printed shares add up to 100.5%.",
    ("computed", "projects", "de"): "90 laufende Projekte, darunter 34 neu initiierte Projekte. Neu"
    " initiiert: 34, weniger als 40 (2018), mehr als 0 (2019) und 2 (2020).",
    ("computed", "largest_projects", "de"): "Ein namentlich genanntes Projekt trägt 1 % des "
    "Projektvolumens. Auf alle übrigen entfallen 199,0 Mio. € von 200,0 Mio. €.",
    ("computed", "status", "en"): ""
    "25 of 34 new projects are under way. By status: 9 at application stage, 25 under way and "
    "0 completed.",
    ("computed", "actors_by_type", "de"): "Wer in Projekten und in Sonstigen Aktivitäten mitwirkt, "
    "zählt in beiden. Alle Werte: 0.",
}


@pytest.mark.parametrize(("name", "part", "locale"), SENTENCES)
def test_sentences(name: str, part: str, locale: str) -> None:
    said = describe(part)(SETS[name], DE if locale == "de" else EN)
    assert said.replace(NBSP, " ") == SENTENCES[name, part, locale]
    assert not re.search(r"\d (?:%|Mio|€|m\b)", said), "an ordinary space may break there"


def test_one_project_and_one_activity_take_the_singular() -> None:
    rows = table(
        (2021, "projects_running", "", "", 1),
        (2021, "projects_new", "", "", 1),
        (2021, "activities", "", "", 1),
    )
    assert figures.describe_projects(rows, DE).replace(NBSP, " ") == (
        "1 laufendes Projekt, darunter 1 neu initiiertes Projekt."
    )
    assert figures.describe_activities(rows, EN).replace(NBSP, " ") == ("1 other activity.")


def test_rough_numbers_are_hedged() -> None:
    rows = table(
        (2020, "activities", "", "", 50, "upper_bound"),
        (2021, "activities", "", "", 100, "approximate", True),
        (2021, "project_volume", "", "", 10e6, "lower_bound"),
        (2021, "project_volume", "project", "mr4b", 5e6),
    )
    assert figures.describe_activities(rows, DE).replace(NBSP, " ") == (
        "Rund 100 Sonstige Aktivitäten."
    )
    assert figures.describe_largest_projects(rows, EN).replace(NBSP, " ") == (
        "One named project carries about 50% of the project volume. All others share about €5.0 m "
        "of more than €10.0 m."
    )
    assert shown(figures.plot_activities(rows, DE)) == [f"≤{NBSP}50", f"≈{NBSP}100"]


def test_shares_that_add_up_within_rounding_pass_in_silence() -> None:
    thirds = [
        (2022, "projects_new_share", "funder", code, 0.33) for code in ("eu", "federal", "state_bb")
    ]
    assert "zusammen" not in figures.describe_funders(table(*thirds), DE)
    assert "zusammen 66" in figures.describe_funders(table(*thirds[:2]), DE)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_to_draw_is_an_error_of_its_own(part: str) -> None:
    for rows in (IMK.iloc[:0], IMK.assign(value=pd.array([pd.NA] * len(IMK), "Float64"))):
        with pytest.raises(MissingDataError):
            plot(part)(rows, DE)
        with pytest.raises(MissingDataError):
            describe(part)(rows, DE)


@pytest.mark.parametrize("name", SETS)
def test_unpublished_parts_are_missing(name: str) -> None:
    for part in UNPUBLISHED[name]:
        with pytest.raises(MissingDataError):
            plot(part)(SETS[name], DE)


def test_an_earlier_year_does_not_stand_in_for_the_report_year() -> None:
    rows = pd.concat([CLEANTECH, table((2023, "activities", "", "", 4))], ignore_index=True)
    with pytest.raises(MissingDataError):
        figures.plot_funders(rows, DE)


def test_two_values_for_the_same_thing_stop() -> None:
    rows = pd.concat([IMK, IMK.assign(region="be")], ignore_index=True)
    with pytest.raises(ParameterError, match="two values in 2020"):
        figures.plot_activities(rows, DE)


def test_every_figure_has_its_sentence() -> None:
    names = dir(figures)
    plots = {name.removeprefix("plot_") for name in names if name.startswith("plot_")}
    told = {name.removeprefix("describe_") for name in names if name.startswith("describe_")}
    assert plots <= told
    assert plots >= {*PARTS}


@pytest.mark.parametrize(("name", "part"), DRAWN)
def test_svg_is_the_same_bytes_each_time(name: str, part: str) -> None:
    first, second = (plot(part)(SETS[name], DE).figure for _ in range(2))
    assert figures.figure_svg(first, "fig-1") == figures.figure_svg(second, "fig-1")


def test_svg_is_an_element_of_its_page() -> None:
    drawn = figures.figure_svg(figures.plot_projects(IMK, DE).figure, "fig-7")
    head = drawn[: drawn.index(">")]
    assert drawn.startswith("<svg ")
    assert drawn.endswith("</svg>")
    assert re.search(r'viewBox="0 0 504 [\d.]+"', head)
    assert 'width="100%"' in head
    assert "height=" not in head
    assert not re.search(r"<style|<metadata|<!--|http(?!://www\.w3\.org/)", drawn)
    ids = re.findall(r'\bid="([^"]+)"', drawn)
    assert ids
    assert all(name.startswith("fig-7-") for name in ids)
    assert {*re.findall(r'(?:href="|url\()#([^")]+)', drawn)} <= {*ids}
    assert ">2020*</text>" in drawn
    assert re.search(r"font(?:-family)?: [^;]*sans-serif", drawn)


def test_style_ends_with_the_figure() -> None:
    before = dict(mpl.rcParams)
    figures.plot_projects(IMK, DE)
    assert dict(mpl.rcParams) == before


def test_figures_draw_into_axes_that_are_given() -> None:
    _, axes = plt.subplots(1, 2)
    assert figures.plot_projects(IMK, DE, ax=axes[0]) is axes[0]
    assert figures.plot_status(IMK, DE, ax=axes[1]) is axes[1]
    assert not axes[0].spines["top"].get_visible()


def test_long_labels_are_wrapped_and_never_cut() -> None:
    label = "Verbundprojekte mit Unternehmen und Hochschulen/Forschungseinrichtungen"
    assert wrapped(label).split() == label.split()
    assert "\n" in wrapped(label)
