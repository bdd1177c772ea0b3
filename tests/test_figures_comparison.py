"""Figures across clusters: what is drawn and said, hedged where chance may have done it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from clusters_side_by_side import DE, EN, NINE, REFERENCE, across, nine
from matplotlib.axes import Axes
from matplotlib.text import Text

from ewm_analysis import figures
from ewm_analysis.catalogue import Words
from ewm_analysis.errors import FewClustersError, MissingDataError
from ewm_analysis.indicators.comparison import category_matrix, projects_shared

NBSP = "\u00a0"
BOTH = pytest.mark.parametrize("words", [DE, EN], ids=["de", "en"])

NEW = nine("36 29 34 30 43 12 12 17 15")
BEFORE = nine("37 30 42 25 42 17 11 11 12")
YEARS = pd.concat([across({"projects_new": BEFORE}, year=2020), across({"projects_new": NEW})])
RDI = across({"projects_rdi": nine("30 17 25 19 30 10 6 9 10"), "projects_new": NEW})
CROSS = across({"projects_cross_cluster": nine("20 16 20 20 22 6 9 10 9"), "projects_new": NEW})
GUIDELINES = across(
    {
        "projects_new": NEW,
        "projects_new:innovation": nine("31 27 29 30 41 9 11 11 12"),
        "projects_new:innovation_technical": nine("30 25 29 29 41 8 10 9 9"),
        "projects_new:cross_cluster": nine("20 16 20 20 22 6 9 10 9"),
        "projects_new:sustainable": nine("7 4 5 6 11 3 0 2 4"),
    },
    dimension="guideline",
)
TOPICS = across(
    {"projects_new": NEW, "projects_new:digitalisation": nine("32 26 26 18 34 10 8 11 13")},
    dimension="focus_topic",
)
HOMES = ("gw", "vml", "imk", "op", "et", "cleantech", "other_sector")
LINKS = across(
    {
        f"participations_projects:{home}": {
            owner: 40 if (owner, home) == ("et", "vml") else 4 for owner in NINE if owner != home
        }
        for home in HOMES
    },
    dimension="home_cluster",
)
INVOLVED = pd.DataFrame(
    [
        (2021, "p1", "a", "imk"),
        (2021, "p1", "b", "gw"),
        (2021, "p1", "c", "gw"),
        (2021, "p2", "a", "imk"),
        (2021, "p2", "d", "other_sector"),
        (2021, "p3", "e", "gw"),
        (2021, "p3", "f", "imk"),
        (2021, "p4", "g", ""),
    ],
    columns=["year", "project_id", "actor_id", "home_cluster"],
)
FIGURES = {
    "cluster_ranks": YEARS,
    "year_change": YEARS,
    "rdi_funnel": RDI,
    "cross_cluster_funnel": CROSS,
    "guideline_profiles": GUIDELINES,
    "focus_topic_profiles": TOPICS,
    "links_matrix": LINKS,
    "shared_projects": projects_shared(INVOLVED, REFERENCE),
}
SLANTED = ("guideline_profiles", "focus_topic_profiles", "links_matrix")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def plot(name: str, rows: pd.DataFrame, words: Words = DE) -> Axes:
    ax = getattr(figures, f"plot_{name}")(rows, words)
    assert isinstance(ax, Axes)
    return ax


def describe(name: str, rows: pd.DataFrame, words: Words = DE) -> str:
    return str(getattr(figures, f"describe_{name}")(rows, words))


def texts(ax: Axes) -> list[Text]:
    """Return what is drawn; matplotlib also keeps the label of the tick beyond the axis."""
    left, right = ax.get_xlim()
    beyond = [
        tick.label1 for tick in ax.xaxis.get_major_ticks() if not left <= tick.get_loc() <= right
    ]
    return [
        text
        for text in ax.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in beyond
    ]


def written(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


@BOTH
@pytest.mark.parametrize("name", FIGURES)
def test_every_text_stands_apart_and_on_the_figure(name: str, words: Words) -> None:
    ax = plot(name, FIGURES[name], words)
    ax.figure.draw_without_rendering()
    page = ax.figure.bbox
    shown = [text for text in texts(ax) if not text.get_rotation() or name not in SLANTED]
    boxes = [text.get_window_extent() for text in shown]
    for text, box in zip(shown, boxes, strict=True):
        inside = box.x0 > -1 and box.y0 > -1 and box.x1 < page.x1 + 1 and box.y1 < page.y1 + 1
        assert inside, text.get_text()
    for (first, one), (last, two) in itertools.combinations(zip(shown, boxes, strict=True), 2):
        apart = one.x1 <= two.x0 or two.x1 <= one.x0 or one.y1 <= two.y0 or two.y1 <= one.y0
        assert apart, (first.get_text(), last.get_text())


@BOTH
@pytest.mark.parametrize("name", FIGURES)
def test_order_of_rows_is_irrelevant(name: str, words: Words) -> None:
    rows = FIGURES[name]
    assert describe(name, rows.iloc[::-1], words) == describe(name, rows, words)


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "shared_projects"])
def test_one_cluster_is_no_comparison(name: str) -> None:
    one = FIGURES[name][FIGURES[name]["cluster_id"] == "imk"]
    for function in (plot, describe):
        with pytest.raises(FewClustersError):
            function(name, one)


@pytest.mark.parametrize("name", FIGURES)
def test_no_rows_are_no_figure(name: str) -> None:
    for function in (plot, describe):
        with pytest.raises(MissingDataError):
            function(name, FIGURES[name].iloc[:0])


def test_ranks_are_shown_best_first_with_their_ranges() -> None:
    ax = plot("cluster_ranks", YEARS)
    assert ax.get_yticklabels()[0].get_text() == "Energietechnik"
    assert written(ax)[0] == "Rang 1 (1–4) · 43 Projekte"
    assert describe("cluster_ranks", YEARS) == (
        f"Keiner der 9 Ränge ist gesichert. Auf Rang 1: „Energietechnik“ (43{NBSP}neu initiierte "
        "Projekte; Spanne der Ränge 1–4). Die mittlere Breite der Spannen (Median): 5 "
        "Ränge."
    )


def test_certain_ranks_are_told_from_others() -> None:
    rows = across({"projects_new": {"gw": 300, "imk": 30, "et": 28}})
    assert "1 of 3 ranks are certain" in describe("cluster_ranks", rows, EN)
    rows = across({"projects_new": {"gw": 300, "imk": 30}})
    assert describe("cluster_ranks", rows, EN).startswith("All 2 ranks are certain.")


def test_all_zero_shares_the_first_rank() -> None:
    rows = across({"projects_new": dict.fromkeys(("gw", "imk"), 0)})
    assert "„Gesundheitswirtschaft“ und „IKT" in describe("cluster_ranks", rows)
    assert written(plot("cluster_ranks", rows)) == ["Rang 1 (1–2) · 0 Projekte"] * 2


def test_small_steps_are_no_reliable_difference() -> None:
    said = describe("year_change", YEARS)
    assert "gegenüber 2020 bei keinem der 9 Cluster ein belastbarer Unterschied" in said
    assert "gleich geblieben" not in said
    assert "Von 25 Projekten aus würde erst ein Rückgang" in said
    assert "34" in "".join(written(plot("year_change", YEARS)))


def test_large_step_is_told_with_its_p_value() -> None:
    first = across({"projects_new": {"gw": 60, "imk": 30}}, year=2020)
    last = across({"projects_new": {"gw": 20, "imk": 31}})
    said = describe("year_change", pd.concat([first, last]), EN)
    assert "“Healthcare industries” (60 → 20, p" in said
    assert "Where no number before 2020 is known that would show how much the years" in said
    assert "ICT" not in said


@pytest.mark.parametrize(
    ("count", "said"),
    [(12, "kein Rückgang"), (25, "auf höchstens 1 oder"), (40, "auf höchstens 7 oder")],
)
def test_a_fall_that_would_be_noticed_is_told(count: int, said: str) -> None:
    same = {"projects_new": dict.fromkeys(("gw", "imk"), count)}
    rows = pd.concat([across(same, year=2020), across(same)])
    assert said in describe("year_change", rows)


def test_two_years_without_any_project_have_no_test() -> None:
    nothing = {"projects_new": dict.fromkeys(("gw", "imk"), 0)}
    rows = pd.concat([across(nothing, year=2020), across(nothing)])
    assert "keinem der 2 Cluster" in describe("year_change", rows)
    assert written(plot("year_change", rows)) == ["0 → 0", "0 → 0"]


def test_shares_within_the_funnel_are_no_reliable_difference() -> None:
    assert describe("rdi_funnel", RDI) == (
        f"FuEuI-Projekte: Kein Cluster weicht belastbar vom gemeinsamen Anteil ab (68{NBSP}%). "
        f"Von den 228 neu initiierten Projekten der Cluster im Jahr 2021 sind 156 FuEuI-Projekte "
        f"(68{NBSP}%). Alle Cluster liegen innerhalb der 95‑%‑Grenzen. Insgesamt "
        f"unterscheiden sich die Anteile nicht belastbar (Chi-Quadrat-Test, p{NBSP}={NBSP}0,21)."
    )


def test_shares_beyond_the_limits_are_told_apart() -> None:
    rdi = nine("12 13 11 14 30 13 13 12 12")
    rows = across({"projects_rdi": rdi, "projects_new": dict.fromkeys(NINE, 30)})
    said = describe("rdi_funnel", rows, EN)
    assert said.startswith("RDI projects, reliably different: “Energy technology” (30")
    assert "within the 95% limits" not in said
    assert "Taken together the shares differ reliably (chi-square test, p" in said


def test_a_share_beyond_the_inner_limits_may_be_chance() -> None:
    rows = {
        "projects_rdi": nine("15 15 16 14 25 15 14 16 15"),
        "projects_new": dict.fromkeys(NINE, 30),
    }
    said = describe("rdi_funnel", across(rows), EN)
    assert "Beyond the 95% limits: “Energy technology” (25 of 30, above); among 9 clusters" in said
    assert "taken together do not differ reliably (chi-square test, p" in said


def test_shares_that_scatter_as_a_whole_set_nobody_apart() -> None:
    """Three shares far apart: the limits are 2.5 times as wide (Spiegelhalter 2005)."""
    new = {"gw": 30, "imk": 28, "et": 30}
    rows = across({"projects_rdi": {"gw": 10, "imk": 12, "et": 29}, "projects_new": new})
    said = describe("rdi_funnel", rows, EN)
    assert "All clusters lie within the 95% limits. Taken together the shares differ" in said
    assert "drawn 2.5 times as wide" in said


def test_a_step_reliable_alone_but_not_among_nine_is_told_so() -> None:
    first = across({"projects_new": dict.fromkeys(NINE, 30)}, year=2020)
    last = across({"projects_new": {**dict.fromkeys(NINE, 31), "imk": 73}})
    said = describe("year_change", pd.concat([first, last]), EN)
    assert "no reliable difference from 2020 in any of the 9 clusters" in said
    assert (
        "Taken alone, as in its own annual report, the difference counts as reliable for “ICT"
        in said
    )


def test_other_years_are_drawn_and_held_against() -> None:
    years = {2018: 20, 2019: 70, 2020: 60, 2021: 20}
    rows = [across({"projects_new": {"gw": n, "imk": 30}}, year=y) for y, n in years.items()]
    assert "60 → 20" in describe("year_change", pd.concat(rows[2:]))
    said = describe("year_change", pd.concat(rows))
    assert "keinem der 2 Cluster" in said
    faint = [line for line in plot("year_change", pd.concat(rows)).lines if line.get_ms() == 4]
    assert sorted([*map(int, line.get_xdata())] for line in faint) == [[20, 70], [30, 30]]


@pytest.mark.parametrize("part", [0, 10])
def test_funnel_of_none_or_all_is_a_line(part: int) -> None:
    rows = across(
        {"projects_rdi": {"gw": part, "imk": part}, "projects_new": {"gw": 10, "imk": 10}}
    )
    assert "Insgesamt unterscheiden sich die Anteile nicht belastbar" in describe(
        "rdi_funnel", rows
    )
    lines = [line.get_ydata() for line in plot("rdi_funnel", rows).lines]
    assert all(np.isfinite(np.asarray(line, dtype=float)).all() for line in lines)


def test_cluster_without_projects_is_not_in_the_funnel() -> None:
    parts = {"gw": 0, "imk": 5, "et": 6}
    rows = across({"projects_rdi": parts, "projects_new": {"gw": 0, "imk": 10, "et": 10}})
    assert "among" not in describe("rdi_funnel", rows, EN)
    assert "Gesundheit" not in written(plot("rdi_funnel", rows))


def test_profiles_show_part_and_base() -> None:
    ax = plot("guideline_profiles", GUIDELINES)
    assert written(ax)[:2] == ["31/36", "27/29"]
    said = describe("guideline_profiles", GUIDELINES)
    assert "In 8 von 9 Clustern am häufigsten: „Technische Innovationen“" in said
    # Wilson: (9 + z²/2 ± z √(9 · 8 / 17 + z²/4)) / (17 + z²), z = 1.96: 0.310 and 0.738
    limits = f"95‑%‑Intervall 31{NBSP}% bis 74{NBSP}%"
    assert f"reicht von 53{NBSP}% (9 von 17; {limits}) bei „Metall“ bis" in said


def test_year_without_categories_is_missing_rather_than_incomparable() -> None:
    undivided = across({"projects_new": NEW})
    with pytest.raises(MissingDataError) as caught:
        plot("guideline_profiles", undivided)
    assert not isinstance(caught.value, FewClustersError)


def test_profile_without_assignments() -> None:
    rows = across(
        {"projects_new": {"gw": 3, "imk": 4}, "projects_new:work": {"gw": 0, "imk": 0}},
        dimension="focus_topic",
    )
    assert describe("focus_topic_profiles", rows, EN) == "In 2021 no new project is assigned."
    assert written(plot("focus_topic_profiles", rows)) == ["0/3", "0/4"]


def assigned(parts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Return a table with one category that the first projects of each cluster have."""
    records = [
        (cluster, f"{cluster}{i}", int(i < k), int(i % 2 == 0))
        for cluster, (k, n) in parts.items()
        for i in range(n)
    ]
    frame = pd.DataFrame(records, columns=["cluster_id", "project_id", "work", "testbeds"])
    return frame.set_index(["cluster_id", "project_id"])


def test_profile_that_differs_is_named() -> None:
    said = describe(
        "guideline_difference", assigned({"gw": (5, 40), "imk": (35, 40), "et": (6, 40)}), DE
    )
    assert "IKT, Medien und Kreativwirtschaft“ (p" in said
    assert "Geprüft sind 3 Cluster" in said


def test_profiles_alike_are_hedged() -> None:
    said = describe("guideline_difference", assigned({"gw": (5, 20), "imk": (6, 20)}), EN)
    assert said.startswith(
        "For none of the 2 clusters does the profile of guidelines differ reliably"
    )


@pytest.mark.parametrize(
    "parts", [{}, {"imk": (3, 9)}, {"gw": (1, 1), "imk": (0, 1)}], ids=["none", "one", "tiny"]
)
def test_profiles_that_cannot_be_tested(parts: dict[str, tuple[int, int]]) -> None:
    said = describe("guideline_difference", assigned(parts), DE)
    assert said.startswith("Ein Test der Profile gegeneinander ist nicht möglich")


def test_links_mark_what_stands_out() -> None:
    assert "40▲" in written(plot("links_matrix", LINKS))
    said = describe("links_matrix", LINKS)
    assert "Akteure aus „Verkehr, Mobilität und Logistik“ in Projekten von „Energietechnik“" in said
    assert said.startswith("Häufiger als erwartet: Akteure")


def test_even_links_do_not_stand_out() -> None:
    rows = LINKS.assign(value=4.0)
    assert not any("▲" in text or "▼" in text for text in written(plot("links_matrix", rows)))
    said = describe("links_matrix", rows, EN)
    assert "None of the 58 links stands out" in said


def test_links_without_participation() -> None:
    with pytest.raises(MissingDataError):
        describe("links_matrix", LINKS.assign(value=0.0))


def test_shared_projects_are_counted_once_a_pair() -> None:
    rows = projects_shared(INVOLVED, REFERENCE)
    found = {(row.cluster_id, row.category): row.value for row in rows.itertuples()}
    assert found == {
        ("gw", "gw"): 2,
        ("imk", "imk"): 3,
        ("other_sector", "other_sector"): 1,
        ("gw", "imk"): 2,
        ("imk", "other_sector"): 1,
    }
    said = describe("shared_projects", rows)
    assert said.startswith(
        "Die meisten gemeinsamen Projekte: Gesundheit–IMK (2) und IMK–andere (1)."
    )
    assert "Von 3 möglichen Paaren verbindet 2 mindestens ein" in said


@pytest.mark.parametrize("keep", [["p4"], []])
def test_clusters_that_share_nothing(keep: list[str]) -> None:
    rows = projects_shared(INVOLVED[INVOLVED["project_id"].isin(keep)], REFERENCE)
    with pytest.raises(FewClustersError):
        describe("shared_projects", rows)


def test_category_matrix_leaves_out_parents_and_keeps_projects_without() -> None:
    text: Callable[..., pd.DataFrame] = pd.DataFrame
    projects = text({"year": 2021, "cluster_id": "imk", "project_id": ["p1", "p2"]})
    own = text(
        {
            "year": 2021,
            "project_id": ["p1", "p1", "p1"],
            "scheme": ["guideline", "guideline", "focus_topic"],
            "category": ["innovation", "open", "work"],
        }
    )
    table = category_matrix(projects, own, "guideline", REFERENCE.valid("guideline", 2021))
    assert "innovation" not in table
    assert table["open"].tolist() == [1, 0]
    assert len(table) == 2
