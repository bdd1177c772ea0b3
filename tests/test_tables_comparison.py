"""Tables across clusters: medians instead of sums, ranks with ranges, years beside figures."""

from __future__ import annotations

import pandas as pd
import pytest
from clusters_side_by_side import DE, EN, NINE, across, nine

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import FewClustersError, MissingDataError
from ewm_analysis.tables import (
    Table,
    comparison_table,
    economy_of_clusters_table,
    network_table,
    ranks_table,
)

NEW = nine("36 29 34 30 43 12 12 17 15")
FIGURES = across(
    {
        "projects_new": NEW,
        "project_volume": {name: value * 1e6 for name, value in NEW.items()},
        "actors_projects": {"imk": 69, "gw": 76},
    }
)


def row(table: Table, label: str) -> list[str]:
    return next(list(line) for line in table.rows if line[0] == label)


def test_comparison_shows_figure_and_deviation_from_the_median() -> None:
    table = comparison_table(FIGURES, DE)
    assert table.header == [
        "Cluster",
        "Neu initiierte Projekte",
        "Volumen in Mio.\u00a0€",
        "Akteure in Projekten",
    ]
    assert row(table, "Energietechnik") == ["Energietechnik", "43 (+14)", "43,0 (+48\u00a0%)", "–"]
    assert row(table, "Tourismus")[1] == "15 (−14)"
    assert row(table, "Verkehr, Mobilität und Logistik")[1] == "29 (±0)"
    assert row(table, "Median der Cluster") == ["Median der Cluster", "29", "29,0", "72,5"]
    assert len(table.rows) == len(NINE) + 1


def test_no_sum_over_clusters_is_shown() -> None:
    table = comparison_table(FIGURES, EN)
    assert not {str(int(sum(NEW.values()))), "145"} & {cell for line in table.rows for cell in line}
    assert any("no sum over clusters" in note for note in table.notes)


def test_comparison_keeps_raw_values() -> None:
    frame = comparison_table(FIGURES, EN).frame
    assert frame["New projects: deviation from the median"].tolist()[:2] == [7, 0]
    assert frame["Project volume"].tolist()[0] == 36e6


def test_one_cluster_has_figures_but_no_median_and_no_rank() -> None:
    one = across({"projects_new": {"imk": 34}, "actors_projects": {"imk": 69}})
    table = comparison_table(one, EN)
    assert [list(line) for line in table.rows] == [
        ["ICT, media and creative industries", "34", "69"]
    ]
    assert any("are available for this year from: Healthcare industries" in n for n in table.notes)
    with pytest.raises(FewClustersError):
        ranks_table(one, EN)


def test_withheld_figures_are_marked_and_not_compared() -> None:
    hidden = across(
        {"projects_new": {"vml": float("nan")}, "project_volume": {"gw": float("nan")}},
        precision="withheld",
    )
    shown = {"projects_new": {"gw": 36, "imk": 34}, "project_volume": {"vml": 2e6, "imk": 9e6}}
    table = comparison_table(pd.concat([across(shown), hidden]), EN)
    assert row(table, "Healthcare industries")[1:] == ["36 (+1)", "•"]
    assert row(table, "Transport, mobility and logistics")[1:] == ["•", "2.0 (−64%)"]
    assert row(table, "Median of the clusters")[1:] == ["35", "5.5"]
    ranks = ranks_table(pd.concat([across(shown), hidden]), EN)
    assert row(ranks, "Transport, mobility and logistics")[1:] == ["•", "2"]
    for each in (table, ranks):
        assert "• means: not shown for reasons of confidentiality." in each.notes


@pytest.mark.parametrize(
    ("words", "said"), [(DE, "nur die gezeigten"), (EN, "only the figures shown")]
)
def test_a_cluster_that_is_withheld_has_a_line_without_rank(words: Words, said: str) -> None:
    shown = across({"projects_new": {"gw": 36, "imk": 34}, "project_volume": {"gw": 1e6}})
    hidden = across(
        {"projects_new": {"vml": float("nan")}, "project_volume": {"et": float("nan")}},
        precision="withheld",
    )
    table = ranks_table(pd.concat([shown, hidden]), words)
    assert row(table, words.label("cluster", "vml"))[1:] == ["•"]
    assert len(table.rows) == len(table.frame) == 3  # nobody's volume is ranked here
    assert any(said in note for note in table.notes)
    assert not any(said in note for note in ranks_table(shown, words).notes)


def test_rough_and_inferred_figures_are_marked_and_not_compared() -> None:
    rough = across({"projects_new": {"imk": 30}}, precision="approximate", is_year_inferred=True)
    rows = pd.concat([rough, across({"projects_new": {"gw": 20, "et": 24}})])
    table = comparison_table(rows, DE)
    assert row(table, "IKT, Medien und Kreativwirtschaft")[1] == "rund 30*"
    assert row(table, "Median der Cluster")[1] == "22"
    assert any("erschlossen" in note for note in table.notes)
    assert len(ranks_table(rows, DE).rows) == 2


def test_zero_median_gives_no_infinite_deviation() -> None:
    table = comparison_table(across({"project_volume": {"gw": 0, "imk": 0, "et": 5e6}}), DE)
    assert [line[1] for line in table.rows] == ["0,0", "0,0", "5,0", "0,0"]


def test_ranks_have_a_range_only_where_events_are_independent() -> None:
    table = ranks_table(FIGURES, DE)
    assert row(table, "Energietechnik") == ["Energietechnik", "1 (1–4)", "1", "–"]
    assert row(table, "Gesundheitswirtschaft") == ["Gesundheitswirtschaft", "2 (1–5)", "2", "1"]
    assert any("Goldstein" in note for note in table.notes)


def test_order_of_clusters_is_that_of_the_catalogue() -> None:
    assert comparison_table(FIGURES.iloc[::-1], DE).rows[-1][0] == "Median der Cluster"
    labels = [line[0] for line in comparison_table(FIGURES, DE).rows[:-1]]
    assert labels == [DE.label("cluster", code) for code in NINE]


@pytest.mark.parametrize("make", [comparison_table, ranks_table, economy_of_clusters_table])
def test_no_rows_are_no_table(make: object) -> None:
    with pytest.raises(MissingDataError):
        make(FIGURES.iloc[:0], DE)  # type: ignore[operator]


def test_economy_shows_the_year_of_each_figure() -> None:
    more = {"scope": "total", "delimitation": "clustermonitoring"}
    rows = pd.concat(
        [
            across({"companies": {"imk": 55508}}, year=2019, **more),
            across({"companies": {"imk": 39538}}, year=2019, **{**more, "scope": "core"}),
            across({"employees_insured": {"imk": 281947}}, year=2020, **more),
            across({"companies": {"op": 1530}}, year=2012, precision="approximate", **more),
        ]
    )
    table = economy_of_clusters_table(rows, DE)
    assert [list(line) for line in table.rows] == [
        ["IKT, Medien und Kreativwirtschaft", "55.508 (2019)", "–", "281.947 (2020)"],
        ["davon Clusterkern", "39.538 (2019)", "–", "–"],
        ["Optik und Photonik", "rund 1.530 (2012)", "–", "–"],
    ]
    assert list(table.indented) == [1]
    assert any("dürfen nicht addiert werden" in note for note in table.notes)


INVOLVED = pd.DataFrame(
    [
        ("imk", "p1", "a", "be"),
        ("imk", "p1", "b", "bb"),
        ("imk", "p1", "c", "other"),
        ("gw", "p2", "a", "be"),
        ("gw", "p2", "d", "be"),
        ("et", "p3", "e", "bb"),
    ],
    columns=["cluster_id", "project_id", "actor_id", "state"],
)


def test_network_counts_each_actor_once() -> None:
    table = network_table(INVOLVED, DE)
    everyone = "Alle Projekte, jeder Akteur einmal"
    assert row(table, "IKT, Medien und Kreativwirtschaft")[1:6] == [
        "3",
        "3",
        "2,0",
        "100\u00a0%",
        "+1,00",
    ]
    assert row(table, "Energietechnik")[1:] == ["1", "0", "0,0", "x", "x", "x"]
    assert row(table, everyone)[1:3] == ["5", "4"]
    assert [line[0] for line in table.rows][-1] == everyone


def test_network_of_nobody() -> None:
    with pytest.raises(MissingDataError):
        network_table(INVOLVED.iloc[:0], DE)
