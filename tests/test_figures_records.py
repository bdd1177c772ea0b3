"""Figures from records: bars as long as values, braces, links, origins, map, volumes, sentences."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Annotation, Text

from ewm_analysis import figures
from ewm_analysis.catalogue import Words
from ewm_analysis.contracts import IndicatorValues, check
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.annual_report import VOLUMES as VOLUME_COLORS
from ewm_analysis.figures.district_map import CLASSES
from ewm_analysis.figures.style import ACCENT, MAIN, QUIET, REST
from ewm_analysis.indicators.long import as_values
from ewm_analysis.loaders.files import load_reference

NBSP = "\u00a0"
REFERENCE = load_reference(Path(__file__).parents[1] / "data" / "reference")
DE, EN = Words(REFERENCE, "de"), Words(REFERENCE, "en")
BOTH = pytest.mark.parametrize("words", [DE, EN], ids=["de", "en"])

Record = tuple[int, str, str, str, float]


def table(*records: Record, **more: object) -> pd.DataFrame:
    """Return rows of the long table: year, indicator, dimension, category, value."""
    names = ["year", "indicator", "dimension", "category", "value"]
    frame = pd.DataFrame(records, columns=names).assign(cluster_id="imk", region="bebb", **more)
    return check(as_values(frame), IndicatorValues)


def crossed(dimension: str, names: tuple[str, str], text: str) -> pd.DataFrame:
    """Return rows of 2021 written as lines: category, value of each indicator; "-" is missing."""
    records: list[Record] = []
    for line in text.splitlines():
        category, *values = line.split()
        records += [
            (2021, name, dimension, category, float(value))
            for name, value in zip(names, values, strict=True)
            if value != "-"
        ]
    return table(*records)


ITEMS = ("projects_new", "activities")
GUIDELINES = crossed(
    "guideline",
    ITEMS,
    """\
regionalisation 0 1
innovation 31 81
innovation_technical 28 62
innovation_non_technical 9 44
cross_cluster 20 71
open 7 23
sustainable 5 14
international 1 18""",
)
TOPICS = crossed(
    "focus_topic",
    ITEMS,
    """\
digitalisation 30 40
testbeds 12 21
work 4 40
startups 4 33""",
)
FIELDS = crossed(
    "action_field",
    ITEMS,
    """\
imk_ict 30 70
imk_media_creative 12 44""",
)
TECHNOLOGIES = crossed(
    "technology",
    ITEMS,
    """\
ai 12 36
iot 8 24
blockchain 3 9
it_security 2 2
5g 5 5
xr 7 7
big_data 2 6
geo_it 1 1
open_it 0 0
platform_economy 1 1
hpc 1 1
quantum 2 2
cloud 0 0""",
)
LINKS = crossed(
    "home_cluster",
    ("participations_projects", "participations_activities"),
    """\
gw 9 25
vml 7 19
imk 99 99
op 9 9
et 2 12
ew 1 1
kc 0 0
me 1 8
to 3 13
cleantech 2 2
smartcities 6 16
other_sector 4 4""",
)
ORIGINS = table(
    *[
        (2018 + i, name, "state", state, value)
        for name, by_state in {
            "actors_projects": {
                "be": (36, 45, 49, 41),
                "bb": (25, 30, 33, 1),
                "other": (0, 8, 14, 12),
            },
            "actors_activities": {
                "be": (162, 198, 216, 180),
                "bb": (129, 158, 172, 144),
                "other": (108, 132, 144, 120),
            },
        }.items()
        for state, values in by_state.items()
        for i, value in enumerate(values)
    ]
)
DISTRICTS = crossed(
    "district",
    ("actors_projects", "actors_projects_running"),
    """\
12051 3 7
12052 12 25
12053 1 3
12054 7 15
12060 2 5
12061 6 13
12062 0 1
12063 0 1
12064 3 7
12065 1 3
12066 0 1
12067 1 3
12068 4 9
12069 5 11
12070 0 1
12071 0 1
12072 2 5
12073 1 3""",
)
VOLUMES = table(
    *[
        (year, name, "", "", value * 1e6)
        for year, values in {
            2019: (52, 38, 31, 22),
            2020: (68.9, 50, 41, 31),
            2021: (161.5, 98.2, 120, 71.4),
        }.items()
        for name, value in zip(
            ("project_volume", "project_volume_region", "funding_volume", "funding_volume_region"),
            values,
            strict=True,
        )
    ]
)
FIGURES = {
    "guidelines": GUIDELINES,
    "focus_topics": TOPICS,
    "action_fields": FIELDS,
    "technologies": TECHNOLOGIES,
    "cross_cluster_links": LINKS,
    "actors_by_state": ORIGINS,
    "district_map": DISTRICTS,
    "volumes": VOLUMES,
}


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def plot(name: str, rows: pd.DataFrame, words: Words) -> Axes:
    ax = getattr(figures, f"plot_{name}")(rows, words)
    assert isinstance(ax, Axes)
    return ax


def describe(name: str, rows: pd.DataFrame, words: Words) -> str:
    return str(getattr(figures, f"describe_{name}")(rows, words))


def shown(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def bars(ax: Axes, color: str) -> list[Rectangle]:
    rgba = mpl.colors.to_rgba(color)
    return [
        bar
        for bar in ax.patches
        if isinstance(bar, Rectangle) and np.allclose(bar.get_facecolor(), rgba)
    ]


def rows_named(ax: Axes) -> list[str]:
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def texts(ax: Axes) -> list[Text]:
    legend = ax.get_legend()
    found = [*ax.texts, *(legend.get_texts() if legend else [])]
    if legend:
        found.append(legend.get_title())
    if ax.axison:
        found += [ax.xaxis.label, *ax.get_xticklabels()] if ax.xaxis.get_visible() else []
        found += ax.get_yticklabels() if ax.yaxis.get_visible() else []
    return [text for text in found if text.get_text()]


def assert_legible(ax: Axes) -> None:
    """Hold every text within the figure, apart from every other; not smaller than 7 points."""
    ax.figure.canvas.draw()
    # The box of an annotation itself would take in its line.
    boxes = {text: Text.get_window_extent(text) for text in texts(ax)}
    assert len(boxes) >= 4
    for text, box in boxes.items():
        assert text.get_fontsize() >= 7
        assert min(box.x0, box.y0) >= 0, text
        assert box.x1 <= ax.figure.bbox.x1, text
        assert box.y1 <= ax.figure.bbox.y1, text
    for (one, first), (other, second) in itertools.combinations(boxes.items(), 2):
        assert not first.padded(-0.5).overlaps(second.padded(-0.5)), (one, other)


@BOTH
@pytest.mark.parametrize("name", FIGURES)
def test_every_text_can_be_read(name: str, words: Words) -> None:
    ax = plot(name, FIGURES[name], words)
    assert ax.figure.get_size_inches()[0] == 7
    assert not ax.get_title()
    assert_legible(ax)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_can_be_drawn_into_given_axes_and_leaves_the_settings(name: str) -> None:
    before = dict(mpl.rcParams)
    given = figures.new_axes(height=5)
    assert getattr(figures, f"plot_{name}")(FIGURES[name], DE, ax=given) is given
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_to_draw_is_an_error(name: str) -> None:
    other = table((2021, "projects_running", "", "", 5))
    for rows in (other, FIGURES[name].assign(value=pd.NA), FIGURES[name].iloc[:0]):
        with pytest.raises(MissingDataError):
            plot(name, rows, DE)
        with pytest.raises(MissingDataError):
            describe(name, rows, DE)


def test_categories_stand_in_the_order_of_the_catalogue_with_bars_as_long_as_values() -> None:
    ax = plot("guidelines", GUIDELINES, DE)
    assert rows_named(ax) == [
        "Innovation breiter denken",
        "Technische Innovationen",
        "Nicht-technische Innovationen",
        "Cross Cluster stärken",
        "Öffnung von Innovationsprozessen",
        "Nachhaltigkeit",
        "Internationalisierung",
        "Regionalisierung",
    ]
    assert [bar.get_width() for bar in bars(ax, MAIN)] == [28, 9, 20, 7, 5, 1, 0]
    assert [bar.get_width() for bar in bars(ax, ACCENT)] == [62, 44, 71, 23, 14, 18, 1]
    assert shown(ax)[:7] == ["28", "9", "20", "7", "5", "1", "0"]


@pytest.mark.parametrize(
    ("words", "numbers", "note"),
    [
        (DE, f"31{NBSP}Projekte\n81{NBSP}Aktivitäten", "ohne Mehrfach-\nzählung"),
        (EN, f"31{NBSP}projects\n81{NBSP}activities", "each counted\nonce"),
    ],
)
def test_the_brace_spans_the_children_and_tells_the_parent(
    words: Words, numbers: str, note: str
) -> None:
    ax = plot("guidelines", GUIDELINES, words)
    [brace] = [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    rows = brace.get_path().vertices[:, 1]
    heading, first, last, following = ax.get_yticks()[:4]
    assert heading < rows.min() < first < last < rows.max() < following
    assert shown(ax)[-2:] == [numbers, note]
    assert ax.get_yticklabels()[0].get_fontweight() == "bold"
    ax.figure.canvas.draw()
    end = brace.get_window_extent().x0
    assert all(text.get_window_extent().x1 < end for text in ax.texts[:14])


def test_a_parent_without_sub_categories_is_a_bar_without_brace() -> None:
    rows = GUIDELINES[~GUIDELINES["category"].str.startswith("innovation_")]
    ax = plot("guidelines", rows, EN)
    assert bars(ax, MAIN)[0].get_width() == 31
    assert not [patch for patch in ax.patches if isinstance(patch, PathPatch)]


def test_sub_categories_without_the_number_of_their_parent_have_no_brace() -> None:
    rows = GUIDELINES[GUIDELINES["category"] != "innovation"]
    ax = plot("guidelines", rows, DE)
    assert rows_named(ax)[0] == "Innovation breiter denken"
    assert not [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    assert describe("guidelines", rows, DE) == (
        "Am häufigsten: „Technische Innovationen“ bei Projekten (28) und „Cross Cluster stärken“ "
        "bei Sonstigen Aktivitäten (71). Mehrfachzuordnungen sind möglich."
    )


def test_a_missing_value_has_neither_bar_nor_label() -> None:
    rows = crossed("focus_topic", ITEMS, "digitalisation 0 -\ntestbeds - 3")
    ax = plot("focus_topics", rows, DE)
    assert [bar.get_width() for bar in bars(ax, MAIN)] == [0]
    assert [bar.get_width() for bar in bars(ax, ACCENT)] == [3]
    assert shown(ax) == ["0", "3"]
    assert rows_named(ax) == ["Reallabore und Testfelder", "Digitalisierung"]


def test_projects_alone_need_no_second_colour() -> None:
    rows = TOPICS[TOPICS["indicator"] == "projects_new"]
    ax = plot("focus_topics", rows, EN)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["New projects"]
    assert describe("focus_topics", rows, EN) == (
        "Most frequent: “Digitalisation” in projects (30). Multiple assignments are possible."
    )


def test_only_the_report_year_is_drawn() -> None:
    earlier = TOPICS.assign(year=2020, value=99.0).astype(TOPICS.dtypes)
    ax = plot("focus_topics", pd.concat([earlier, TOPICS]), DE)
    assert [bar.get_width() for bar in bars(ax, MAIN)] == [30, 12, 4, 4]


def test_fields_of_the_own_master_plan_keep_its_order() -> None:
    ax = plot("action_fields", FIELDS.iloc[::-1], EN)
    assert rows_named(ax) == [
        "Information and communication technologies",
        "Media and creative industries",
    ]


@pytest.mark.parametrize(
    ("name", "words", "sentence"),
    [
        (
            "guidelines",
            DE,
            "Am häufigsten: „Technische Innovationen“ bei Projekten (28) und „Cross Cluster "
            "stärken“ bei Sonstigen Aktivitäten (71). Mehrfachzuordnungen sind möglich; ohne "
            "Mehrfachzählung umfasst „Innovation breiter denken“ "
            f"31{NBSP}Projekte und 81{NBSP}Aktivitäten.",
        ),
        (
            "focus_topics",
            DE,
            "Am häufigsten: „Digitalisierung“ bei Projekten (30) und „Digitalisierung“ und "
            "„Arbeit 4.0 und Fachkräfte“ bei Sonstigen Aktivitäten (je 40). "
            "Mehrfachzuordnungen sind möglich.",
        ),
        (
            "focus_topics",
            EN,
            "Most frequent: “Digitalisation” in projects (30) and “Digitalisation” and “Work 4.0 "
            "and skilled workers” in other activities (40 each). Multiple assignments are "
            "possible.",
        ),
        (
            "action_fields",
            DE,
            "Am häufigsten: „Informations- und Kommunikationstechnologien“ bei Projekten (30) und "
            "bei Sonstigen Aktivitäten (70). Mehrfachzuordnungen sind möglich.",
        ),
        (
            "technologies",
            EN,
            "Most frequent: “Artificial intelligence (AI)” in projects (12) and in other "
            "activities "
            "(36). Multiple assignments are possible.",
        ),
    ],
)
def test_sentence_of_categories(name: str, words: Words, sentence: str) -> None:
    assert describe(name, FIGURES[name], words) == sentence


def test_sentence_says_none_and_one() -> None:
    rows = crossed("guideline", ITEMS, "innovation 0 1\ninnovation_technical 0 1")
    assert describe("guidelines", rows, DE) == (
        "Am häufigsten: „Technische Innovationen“ bei Sonstigen Aktivitäten (1). "
        "Mehrfachzuordnungen "
        "sind möglich; ohne Mehrfachzählung umfasst „Innovation breiter denken“ "
        f"0{NBSP}Projekte und 1{NBSP}Aktivität."
    )
    assert_legible(plot("guidelines", rows, DE))


def test_links_are_sorted_and_the_own_cluster_is_no_link() -> None:
    ax = plot("cross_cluster_links", LINKS, DE)
    assert rows_named(ax) == [
        "Gesundheitswirtschaft",
        "Optik und Photonik",
        "Verkehr, Mobilität und Logistik",
        "Smart Cities",
        "Tourismus",
        "Energietechnik",
        "Clean Technologies",
        "Metall",
        "Ernährungswirtschaft",
        "Kunststoffe und Chemie",
        "andere Branche",
    ]
    assert [bar.get_width() for bar in bars(ax, MAIN)] == [9, 9, 7, 6, 3, 2, 2, 1, 1, 0, 4]
    assert [bar.get_width() for bar in bars(ax, ACCENT)] == [25, 9, 19, 16, 13, 12, 2, 8, 1, 0, 4]
    assert "99" not in shown(ax)
    assert "imk" not in {*rows_named(ax)}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            DE,
            "Am häufigsten beteiligt: Akteure aus „Gesundheitswirtschaft“ und „Optik und Photonik“ "
            "in Projekten (je 9) und „Gesundheitswirtschaft“ in Aktivitäten (25). Gezählt werden "
            "Beteiligungen, nicht Projekte oder Aktivitäten.",
        ),
        (
            EN,
            "Most often involved: actors from “Healthcare industries” and “Photonics” in projects "
            "(9 each) and “Healthcare industries” in activities (25). Participations are counted, "
            "not projects or activities.",
        ),
    ],
)
def test_sentence_of_links(words: Words, sentence: str) -> None:
    assert describe("cross_cluster_links", LINKS, words) == sentence


def test_sentence_of_links_says_none_and_one() -> None:
    names = ("participations_projects", "participations_activities")
    rows = crossed("home_cluster", names, "gw 0 1\nop 0 0\nimk 5 5")
    assert describe("cross_cluster_links", rows, DE) == (
        "Am häufigsten beteiligt: Akteure aus „Gesundheitswirtschaft“ in Aktivitäten (1). "
        "Gezählt werden Beteiligungen, "
        "nicht Projekte oder Aktivitäten."
    )
    with pytest.raises(MissingDataError):
        plot("cross_cluster_links", rows[rows["category"] == "imk"], DE)


def test_origins_are_bars_by_year_and_zero_has_its_label() -> None:
    ax = plot("actors_by_state", ORIGINS, DE)
    assert [bar.get_height() for bar in bars(ax, MAIN)] == [36, 45, 49, 41, 162, 198, 216, 180]
    assert [bar.get_height() for bar in bars(ax, REST)][:4] == [25, 30, 33, 1]
    assert [bar.get_height() for bar in bars(ax, QUIET)][:4] == [0, 8, 14, 12]
    assert shown(ax)[:3] == ["36", "25", "0"]
    years = ["2018", "2019", "2020", "2021"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == years * 2


def test_an_unknown_origin_is_left_out() -> None:
    ax = plot("actors_by_state", ORIGINS[ORIGINS["category"] != "other"], EN)
    assert bars(ax, QUIET) == []
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["Berlin", "Brandenburg"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            DE,
            "Am häufigsten kommen Akteure aus Berlin: 41 in Projekten und 180 in Sonstigen "
            "Aktivitäten. Im Jahr 2020 waren es 49 in Projekten und 216 in Sonstigen Aktivitäten.",
        ),
        (
            EN,
            "Actors most often come from Berlin: 41 in projects and 180 in other activities. In "
            "2020 there were 49 in projects and 216 in other activities.",
        ),
    ],
)
def test_sentence_of_origins(words: Words, sentence: str) -> None:
    assert describe("actors_by_state", ORIGINS, words) == sentence


def test_sentence_of_origins_says_one() -> None:
    rows = table((2021, "actors_projects", "state", "be", 1))
    assert describe("actors_by_state", rows, DE) == (
        "Am häufigsten kommen Akteure aus Berlin: 1 in Projekten."
    )


def areas(ax: Axes) -> dict[str, PathPatch]:
    return {str(patch.get_gid()): patch for patch in ax.patches if isinstance(patch, PathPatch)}


def labels(ax: Axes) -> dict[str, Annotation]:
    return {
        str(text.get_gid()).removeprefix("label-"): text
        for text in ax.texts
        if text.get_gid() and isinstance(text, Annotation)
    }


def test_the_map_draws_every_district_in_the_class_of_its_value() -> None:
    drawn = areas(plot("district_map", DISTRICTS, DE))
    assert {*drawn} == {*REFERENCE.districts["ags"]}
    assert len(drawn) == 19
    colors = [color for _, color in CLASSES]
    expected = {"12070": 0, "12065": 1, "12060": 1, "12064": 2, "12069": 2, "12061": 3, "12052": 4}
    for ags, place in expected.items():
        assert np.allclose(drawn[ags].get_facecolor(), mpl.colors.to_rgba(colors[place])), ags
        assert drawn[ags].get_linewidth() > 0
        assert drawn[ags].get_hatch() is None
    assert drawn["11000"].get_hatch()


@pytest.mark.parametrize(
    ("value", "place"), [(0, 0), (1, 1), (2, 1), (3, 2), (5, 2), (6, 3), (10, 3), (11, 4), (90, 4)]
)
def test_classes_meet_without_gap(value: int, place: int) -> None:
    rows = table((2021, "actors_projects", "district", "12052", value))
    cottbus = areas(plot("district_map", rows, DE))["12052"]
    assert np.allclose(cottbus.get_facecolor(), mpl.colors.to_rgba(CLASSES[place][1]))


def test_the_map_labels_new_and_running_and_towns_outside() -> None:
    ax = plot("district_map", DISTRICTS, DE)
    drawn = labels(ax)
    assert drawn["12054"].get_text() == "Potsdam\n7 (15)"
    assert drawn["12051"].get_text() == "Brandenburg\nan der Havel\n3 (7)"
    assert drawn["12070"].get_text() == "Prignitz\n0 (1)"
    assert drawn["11000"].get_text() == "Berlin\nnicht gezählt"
    with_line = {ags for ags, text in drawn.items() if text.arrow_patch}
    assert with_line == {"12051", "12052", "12053", "12054", "12066"}
    assert "© GeoBasis-DE / BKG (Daten verändert)" in shown(ax)
    assert ax.get_aspect() == 1
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["0", "1–2", "3–5", "6–10", "11 und mehr"]


def test_labels_within_lie_on_their_district_and_lines_begin_there() -> None:
    ax = plot("district_map", DISTRICTS, EN)
    drawn = areas(ax)
    for ags, text in labels(ax).items():
        inside = drawn[ags].get_path().contains_point(text.xy)
        assert inside, ags


def test_a_district_without_number_is_hatched_and_said_to_be() -> None:
    rows = DISTRICTS[~DISTRICTS["category"].isin(["12070", "12063"])]
    rows = pd.concat([rows, table((2021, "actors_projects_running", "district", "12063", 4))])
    ax = plot("district_map", rows, DE)
    assert areas(ax)["12070"].get_hatch()
    assert labels(ax)["12070"].get_text() == "Prignitz"
    assert labels(ax)["12063"].get_text() == "Havelland\n– (4)"
    assert ax.get_legend().get_texts()[-1].get_text() == "keine Angabe"
    assert_legible(ax)
    assert describe("district_map", rows, DE) == (
        "Häufigster Sitz der Brandenburger Akteure: Cottbus (12 in neu initiierten, 25 in "
        "laufenden Projekten). Berlin ist nicht gezählt; in 3 der 18 Kreise "
        "und kreisfreien Städte sitzt kein Akteur eines neu initiierten Projekts; für 2 fehlt die "
        "Angabe."
    )


@BOTH
def test_large_numbers_fit_on_the_map(words: Words) -> None:
    rows = DISTRICTS.assign(value=DISTRICTS["value"] + 120).astype(DISTRICTS.dtypes)
    assert_legible(plot("district_map", rows, words))


def test_sentence_of_the_map() -> None:
    assert describe("district_map", DISTRICTS, EN) == (
        "Most frequent seat of Brandenburg actors: Cottbus (12 in new and 25 in ongoing projects). "
        "Berlin is not counted; in 5 of 18 districts there is no actor of a new project."
    )
    none = DISTRICTS.assign(value=0.0).astype(DISTRICTS.dtypes)
    assert describe("district_map", none, DE) == (
        "Kein Akteur in neu initiierten Projekten sitzt in Brandenburg. Berlin ist nicht gezählt."
    )
    new = DISTRICTS[DISTRICTS["indicator"] == "actors_projects"]
    one = new[new["value"] != 0].assign(value=1.0).astype(new.dtypes)
    one = pd.concat([one.iloc[:2], new[new["category"] == "12070"]])
    assert describe("district_map", one, EN) == (
        "Most frequent seat of Brandenburg actors: Brandenburg an der Havel and Cottbus (1 each in "
        "new projects). Berlin is not counted; in 1 of 18 districts there is no actor of a "
        "new project; for 15 no number is known."
    )


def test_the_region_is_the_dark_part_of_a_volume() -> None:
    ax = plot("volumes", VOLUMES, DE)
    heights = {
        color: [bar.get_height() for bar in bars(ax, color)]
        for dark, light in VOLUME_COLORS.values()
        for color in (light, dark)
    }
    assert list(heights.values()) == [
        [52e6, 68.9e6, 161.5e6],
        [38e6, 50e6, 98.2e6],
        [31e6, 41e6, 120e6],
        [22e6, 31e6, 71.4e6],
    ]
    assert "161,5\n(98,2)" in shown(ax)
    assert ax.get_xlabel() == "Mio. €; dunkel und in Klammern: davon in der Hauptstadtregion"


def test_volumes_without_region_are_dark_and_zero_and_small_ones_keep_their_label() -> None:
    rows = table(
        (2018, "project_volume", "", "", 0),
        (2020, "project_volume", "", "", 80_000),
        (2021, "project_volume", "", "", 2e6),
        (2021, "funding_volume", "", "", 1e6),
    )
    ax = plot("volumes", rows, EN)
    assert [bar.get_height() for bar in bars(ax, MAIN)] == [0, 80_000, 2e6]
    assert [text for text in shown(ax) if text] == ["0", "0.08", "2.0", "1.0"]
    assert ax.get_xlabel() == "€ m"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2018", "2019", "2020", "2021"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Project volume",
        "Funding volume",
    ]


def test_a_project_volume_alone_has_nothing_to_stand_beside() -> None:
    with pytest.raises(MissingDataError):
        plot("volumes", table((2021, "project_volume", "", "", 2e6)), EN)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            DE,
            "61 % des Projektvolumens und 60 % des Fördervolumens entfallen auf die "
            "Hauptstadtregion. Im Jahr 2020 waren es 73 % des Projektvolumens und 76 % des "
            "Fördervolumens.",
        ),
        (
            EN,
            "61% of the project volume and 60% of the funding go to the capital region. In 2020 "
            "the figure was 73% of the project volume and 76% of the funding.",
        ),
    ],
)
def test_sentence_of_volumes(words: Words, sentence: str) -> None:
    assert describe("volumes", VOLUMES, words).replace(NBSP, " ") == sentence


def test_a_sum_of_some_projects_says_of_how_many() -> None:
    part = {"precision": "at_least", "n_known": 30, "n_all": 34}
    rows = table((2021, "funding_volume", "", "", 3e6), **part)
    said = describe("volumes", rows, DE).replace(NBSP, " ")
    assert "mindestens 3,0 Mio. € (30 von 34 Projekten)" in said
    assert said.endswith("2021: bei 4 von 34 Projekten ist keine Förderung bekannt.")
    printed = table((2021, "funding_volume", "", "", 3e6), note="as on page 8")
    assert "34" not in describe("volumes", printed, DE)


def test_values_that_are_not_exact_are_marked_and_hedged() -> None:
    rows = table((2021, "funding_volume", "", "", 3e6), precision="approximate")
    assert shown(plot("volumes", rows, DE)) == [f"≈{NBSP}3,0"]
    assert "rund 3,0" in describe("volumes", rows, DE)
    rows = TOPICS.assign(precision="lower_bound").astype(TOPICS.dtypes)
    assert f">{NBSP}30" in shown(plot("focus_topics", rows, EN))
    assert "more than 30" in describe("focus_topics", rows, EN)
