"""Tables: the printed Tab. 1 and Tab. 2 to the letter, in both languages, and accessible HTML."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from ewm_analysis.catalogue import Reference, Words, indicator, indicators
from ewm_analysis.contracts import DTYPES
from ewm_analysis.errors import MissingDataError
from ewm_analysis.indicators import published_values
from ewm_analysis.indicators.long import as_values
from ewm_analysis.l10n import LOCALES, NBSP, Locale
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.statistics import find_contradictions
from ewm_analysis.tables import (
    Table,
    actors_table,
    checks_table,
    contradictions_table,
    coverage_table,
    economy_table,
    key_figures_table,
    largest_projects_table,
    sources_table,
)

CATEGORIES = [
    ("actor_type", "university_research", "Hochschule/Forschungsinstitut", "University"),
    ("actor_type", "company", "Unternehmen", "Company"),
    ("actor_type", "chamber", "Kammer", "Chamber"),
    ("actor_type", "hospital", "Klinik", "Hospital"),
    ("actor_type", "network", "Netzwerk", "Network"),
    ("size_class", "1-9", "1 bis 9 Beschäftigte", "1 to 9 employees"),
    ("size_class", "250+", "250 und mehr Beschäftigte", "250 or more employees"),
    ("funder", "eu", "EU", "EU"),
    ("funder", "federal", "Bund", "Federal government"),
    ("project", "reskriver", "ResKriVer", "ResKriVer"),
    ("project", "idunion", "IDunion & <Partner>", "IDunion & <partners>"),
    ("organisation", "medways", "medways e. V.", "medways"),
    ("organisation", "go_cluster", "Programm go-cluster", "go-cluster programme"),
    ("organisation_fact", "members", "Mitglieder", "Members"),
    ("organisation_fact", "sme_count", "Mitglieder: KMU", "Members: SMEs"),
    ("organisation_fact", "sme_share", "Anteil der KMU", "Share of SMEs"),
    ("organisation_fact", "clusters", "Mitglieder des Programms", "Members of the programme"),
]
CLUSTERS = [
    ("imk", "joint", "bebb", "IKT, Medien und Kreativwirtschaft", "ICT and media"),
    ("gw", "joint", "bebb", "Gesundheitswirtschaft", "Healthcare industries"),
    ("cleantech", "sub_theme", "be", "Clean Technologies", "Clean Technologies"),
    ("berlin_all", "group", "be", "Alle Berliner Cluster", "All Berlin clusters"),
]
SOURCES = [
    ("report", "Jahresbericht 2021", "Ramboll", "2022", ""),
    ("web", "The cluster as a motor", "Berlin Partner", "undated", "https://example.org/motor"),
    ("brochure", "Expedition Clusterinitiative", "BMWK", "2022", ""),
    ("schlaglichter", "Regional vernetzt", "BMWi", "2020", ""),
]


def reference() -> Reference:
    categories = pd.DataFrame(CATEGORIES, columns=["dimension", "category", "label_de", "label_en"])
    categories = categories.assign(cluster_id="", position=range(len(CATEGORIES)))
    years = {"valid_from": pd.NA, "valid_to": pd.NA}
    clusters = pd.DataFrame(
        CLUSTERS, columns=["cluster_id", "kind", "region", "label_de", "label_en"]
    )
    clusters = clusters.assign(short_de=clusters["label_de"], short_en=clusters["label_en"])
    sources = pd.DataFrame(
        SOURCES, columns=["source_id", "title", "publisher", "published", "url"], dtype="string"
    )
    return Reference(
        sources=sources,
        categories=categories.assign(**years).astype(dict.fromkeys(years, "Int64")),
        clusters=clusters.assign(position=range(len(CLUSTERS))),
        districts=pd.DataFrame(columns=["ags", "name"]),
        municipalities=pd.DataFrame(),
        organisation_groups=pd.DataFrame(),
        requirements=pd.DataFrame(),
        cluster_branches=pd.DataFrame(),
        geometry=Path("districts.geojson"),
    )


GERMAN, ENGLISH = (Words(reference(), locale) for locale in LOCALES)


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def lines(table: Table) -> list[list[str]]:
    return [[plain(cell) for cell in row] for row in table.rows]


def values(*rows: dict[str, object], **common: object) -> pd.DataFrame:
    """Rows of the long table for IMK 2021, written out."""
    base = {"year": 2021, "cluster_id": "imk", "region": "bebb", "source_id": "report"}
    return pd.concat(
        [as_values(pd.DataFrame([base | common | row])) for row in rows], ignore_index=True
    )


def of(name: str, value: float, **more: object) -> dict[str, object]:
    return {"indicator": name, "value": value, **more}


# --- Tab. 1 -----------------------------------------------------------------------------------

CORE = {"companies": 39538, "turnover_eur": 26e9, "employees_insured": 171021,
        "employees_marginal": 6881, "employees_total": 177902}  # fmt: skip
TOTAL = {"companies": 55508, "turnover_eur": 40.49e9, "employees_insured": 281947,
         "employees_marginal": 18916, "employees_total": 300863}  # fmt: skip


def tab_1(*more: dict[str, object]) -> pd.DataFrame:
    """As printed in the report of IMK 2021, p. 5."""
    rows = [
        of(name, value, scope=scope, year=2020 if name.startswith("emp") else 2019)
        for scope, figures in (("core", CORE), ("total", TOTAL))
        for name, value in figures.items()
    ]
    rows += [
        of("turnover_growth", 0.675, scope="core", year=2019, base_year=2011),
        of("employees_insured_growth", 0.705, scope="core", year=2020, base_year=2011),
    ]
    return values(*rows, *more, delimitation="clustermonitoring")


def test_tab_1_in_german() -> None:
    table = economy_table(tab_1(), GERMAN)
    assert table.header == ["Kennzahl", "Clusterkern", "Gesamtcluster"]
    growth = "Entwicklung der sozialversicherungspflichtig Beschäftigten (2011–2020)"
    assert lines(table) == [
        ["Unternehmen (2019)", "39.538", "55.508"],
        ["Umsatz (2019, nominal)", "26,0 Mrd. €", "40,49 Mrd. €"],
        ["Sozialversicherungspflichtig Beschäftigte (2020)", "171.021", "281.947"],
        ["Ausschließlich geringfügig Beschäftigte (2020)", "6.881", "18.916"],
        ["Beschäftigte insgesamt (2020)", "177.902", "300.863"],
        ["Entwicklung des Umsatzes (2011–2019, nominal)", "+67,5 %", "–"],
        [growth, "+70,5 %", "–"],
    ]
    assert table.notes == ["– bedeutet: nicht als Zahl bekannt."]
    assert f"26,0{NBSP}Mrd.{NBSP}€" in table.html("Tab. 1", "t")


def test_tab_1_in_english() -> None:
    assert lines(economy_table(tab_1(), ENGLISH)) == [
        ["Companies (2019)", "39,538", "55,508"],
        ["Turnover (2019, nominal)", "€26.0 bn", "€40.49 bn"],
        ["Employees subject to social insurance (2020)", "171,021", "281,947"],
        ["Marginally employed only (2020)", "6,881", "18,916"],
        ["Total employees (2020)", "177,902", "300,863"],
        ["Growth of turnover (2011–2019, nominal)", "+67.5%", "–"],
        ["Growth of employees subject to social insurance (2011–2020)", "+70.5%", "–"],
    ]


def test_tab_1_keeps_raw_values_with_years_and_units() -> None:
    frame = economy_table(tab_1(), GERMAN).frame
    assert list(frame.columns) == [
        "Kennzahl", "Jahr", "Basisjahr", "Einheit", "Clusterkern", "Gesamtcluster",
    ]  # fmt: skip
    turnover = frame[frame["Kennzahl"] == "Umsatz"].iloc[0]
    assert (turnover["Jahr"], turnover["Clusterkern"]) == (2019, 26e9)
    growth = frame[frame["Kennzahl"] == "Entwicklung des Umsatzes"].iloc[0]
    assert (growth["Basisjahr"], growth["Clusterkern"]) == (2011, 0.675)
    assert pd.isna(growth["Gesamtcluster"])


def test_turnover_grows_beside_prices() -> None:
    """Consumer prices rose from 90.0 (2011) to 99.5 (2019), 2020 = 100 (Destatis, 61111-0001):
    1.675 / (99.5 / 90.0) = 1.515."""
    prices = [of("price_index", price, year=at) for at, price in ((2011, 0.9), (2019, 0.995))]
    table = economy_table(tab_1(*prices), GERMAN)
    assert lines(table)[5:7] == [
        ["Entwicklung des Umsatzes (2011–2019, nominal)", "+67,5 %", "–"],
        ["Entwicklung des Umsatzes (2011–2019, preisbereinigt)", "+52 %†", "–"],
    ]
    assert any(
        note.startswith("Preisbereinigt: mit dem Verbraucherpreisindex") for note in table.notes
    )
    one = economy_table(tab_1(prices[0]), GERMAN)
    assert not any("preisbereinigt" in line[0] for line in lines(one))


def test_growth_not_printed_is_computed_and_marked() -> None:
    first = [of("turnover_eur", 20.245e9, scope="total", year=2011)]
    table = economy_table(tab_1(*first), GERMAN)
    head = "Entwicklung des Umsatzes (2011–2019, nominal)"
    assert lines(table)[5] == [head, "+67,5 %", "+100 %†"]
    assert any(note.startswith("†") for note in table.notes)


def test_growth_from_an_approximate_figure_is_not_computed() -> None:
    first = [of("turnover_eur", 20e9, scope="total", year=2011, precision="approximate")]
    assert lines(economy_table(tab_1(*first), GERMAN))[5][2] == "–"


def test_printed_growth_of_an_earlier_year_gives_way() -> None:
    rows = [
        of("turnover_growth", 0.1, year=2012, base_year=2008),
        of("turnover_eur", 10e9, year=2011),
        of("turnover_eur", 15e9, year=2021),
    ]
    table = economy_table(values(*rows, scope="core", delimitation="clustermonitoring"), GERMAN)
    assert lines(table)[-1] == ["Entwicklung des Umsatzes (2011–2021, nominal)", "+50 %†", "–"]


def test_other_regions_and_delimitations_stay_out_of_tab_1() -> None:
    other = [of("companies", 1, scope="core", year=2021, region="be")]
    foreign = values(of("companies", 2, scope="core", year=2021), delimitation="other")
    rows = pd.concat([tab_1(*other), foreign], ignore_index=True)
    assert lines(economy_table(rows, GERMAN)) == lines(economy_table(tab_1(), GERMAN))


# --- key figures ------------------------------------------------------------------------------

KEY = [
    of("projects_new", 34),
    of("projects_new", 42, year=2020, is_year_inferred=True),
    of("projects_running", 98, year=2020, is_year_inferred=True),
    of("project_volume", 161.5e6),
    of("project_volume", 68.9e6, year=2020),
    of("activities", 95),
    of("activities", 122, year=2020),
]


def test_key_figures() -> None:
    table = key_figures_table(values(*KEY), GERMAN)
    assert table.header == ["Kennzahl", "2021", "2020", "Veränderung"]
    assert lines(table) == [
        ["Neu initiierte Projekte", "34", "42*", "−19 %"],
        ["Laufende Projekte", "–", "98*", "–"],
        ["Projektvolumen", "161,5 Mio. €", "68,9 Mio. €", "+134 %"],
        ["Sonstige Aktivitäten", "95", "122", "−22 %"],
    ]
    assert [note[0] for note in table.notes] == ["–", "*", "B"]
    assert table.notes[-1] == "Beträge nominal, nicht preisbereinigt."
    judged = values(*KEY)
    judged = judged.assign(verdict=judged["indicator"].map({"projects_new": "chance"}).fillna(""))
    table = key_figures_table(judged, GERMAN)
    assert table.header[-1] == [*table.frame.columns][-1] == "Belastbar?"
    assert [line[-1] for line in lines(table)] == [
        "kann Zufall sein", "–", "+134 %", "−22 %",
    ]  # fmt: skip
    assert lines(key_figures_table(values(*KEY), ENGLISH))[2] == [
        "Project volume", "€161.5 m", "€68.9 m", "+134%",
    ]  # fmt: skip


def test_a_column_that_says_nothing_stands_in_files_only() -> None:
    table = key_figures_table(values(of("projects_new", 30), of("activities", 59)), GERMAN)
    assert table.header == ["Kennzahl", "2021"]
    assert table.numbers == [1]
    assert {"2021", "2020", "Differenz"} <= {*table.frame.columns}


def test_a_range_stays_whole_and_can_be_searched_for() -> None:
    table = Table(pd.DataFrame({"n": [1]}), ["Zeitraum 2011–2019"], [["Handel (G–I) <b>"]])
    html = table.html("Wachstum 2011–2019", "t")
    assert '<caption>Wachstum <span class="ewm-whole">2011–2019</span></caption>' in html
    assert 'Handel <span class="ewm-whole">(G–I)</span> &lt;b&gt;' in html
    assert "\u2060" not in html


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (4, 7, "+3"),
        (9, 2, "−7"),
        (9, 9, "0"),
        (0, 3, "+3"),
        (10, 15, "+50 %"),
        (100, 105, "+5,0 %"),
    ],
)
def test_change_from_a_small_number_is_a_difference(before: int, now: int, change: str) -> None:
    rows = values(of("projects_new", now), of("projects_new", before, year=2020))
    table = key_figures_table(rows, GERMAN)
    assert lines(table)[0][3] == change
    assert len(table.notes) == (0 if "%" in change else 1)


def test_approximate_figures_are_said_so_and_have_no_change() -> None:
    rows = values(
        of("projects_new", 30, precision="approximate"), of("projects_new", 20, year=2020)
    )
    assert lines(key_figures_table(rows, GERMAN))[0][1:] == ["rund 30", "20", "x"]
    assert lines(key_figures_table(rows, ENGLISH))[0][1:] == ["about 30", "20", "x"]


def test_own_region_comes_first() -> None:
    rows = values(of("projects_new", 5, region="be"), of("projects_new", 34))
    assert lines(key_figures_table(rows, GERMAN))[0][1] == "34"


# --- projects ---------------------------------------------------------------------------------


def published() -> pd.DataFrame:
    """Volumes of two projects; one is printed twice."""
    rows = [
        {"category": "reskriver", "value": 14.8e6, "mention": 2, "reference": "S. 11"},
        {"category": "reskriver", "value": 14e6, "mention": 1, "reference": "S. 8"},
        {"category": "idunion", "value": 30e6, "mention": 1, "reference": "S. 8"},
    ]
    frame = pd.DataFrame(rows).assign(
        year=2021, cluster_id="imk", region="bebb", indicator="project_volume",
        dimension="project", base_year=pd.NA, unit="eur", precision="exact",
        is_year_inferred=False, source_id="report", note="",
    )  # fmt: skip
    return frame.astype({"base_year": DTYPES["integer"]})


def test_projects_by_name_with_every_printed_volume() -> None:
    table = largest_projects_table(published(), GERMAN)
    assert lines(table) == [
        ["IDunion & <Partner>", "30,0 Mio. €", "S. 8"],
        ["ResKriVer", "14,0 Mio. € · 14,8 Mio. €", "S. 8 · S. 11"],
    ]
    assert list(table.frame["Projektvolumen (Euro)"]) == [30e6, 14e6, 14.8e6]
    assert "IDunion &amp; &lt;Partner&gt;" in table.html("T", "t")


# --- Tab. 2 -----------------------------------------------------------------------------------

TYPES = {
    "university_research": (20, 19), "company": (67, 37), "chamber": (5, 0), "hospital": (0, 1),
}  # fmt: skip
SIZES = {"1-9": (23, 14), "250+": (14, 6)}


def tab_2(*more: dict[str, object]) -> pd.DataFrame:
    rows = [
        of(name, pair[place], dimension=dimension, category=code)
        for dimension, parts in (("actor_type", TYPES), ("size_class", SIZES))
        for code, pair in parts.items()
        for place, name in enumerate(("actors_activities", "actors_projects"))
    ]
    totals = [of("actors_activities", 124), of("actors_projects", 69)]
    return values(*rows, *totals, *more)


def test_tab_2_in_german() -> None:
    table = actors_table(tab_2(), GERMAN)
    assert lines(table) == [
        ["Hochschule/Forschungsinstitut", "20", "19"],
        ["Unternehmen", "67", "37"],
        ["davon: 1 bis 9 Beschäftigte", "23", "14"],
        ["davon: 250 und mehr Beschäftigte", "14", "6"],
        ["Kammer", "5", "0"],
        ["Klinik", "0", "1"],
        ["Summe", "124", "69"],
    ]
    assert table.indented == [2, 3]
    assert not table.notes
    assert list(table.frame.iloc[4, 1:]) == [5, 0]
    html = table.html("T", "t")
    assert html.count("gt_indent_2") == 2
    assert html.index('<tr class="gt_sum">') < html.index(">Summe<")


def test_tab_2_in_english() -> None:
    table = actors_table(tab_2(), ENGLISH)
    assert table.header == ["Type of actor", "Actors in other activities", "Actors in new projects"]
    assert lines(table)[1] == ["Company", "67", "37"]
    assert lines(table)[2] == ["of which: 1 to 9 employees", "23", "14"]
    assert lines(table)[-1] == ["Total", "124", "69"]


def test_numbers_stand_one_below_the_other_whatever_the_bracket_behind_them() -> None:
    rows = [["A", "36 (+7)"], ["B", "161 (−12)"], ["C", "5"], ["D", "mindestens 2 (1 von 3)"]]
    html = Table(pd.DataFrame({"n": [1]}), ["", "n"], rows, numbers=[1]).html("T", "t")
    found = re.findall(r'>([^<>]+)<span class="gt_beside" style="min-width: (.*?)">([^<]*)<', html)
    assert found == [
        ("36", "9ch", " (+7)"), ("161", "9ch", " (−12)"), ("5", "9ch", ""),
        ("mindestens 2", "9ch", " (1 von 3)"),
    ]  # fmt: skip


def test_total_is_never_summed_and_unknown_is_not_zero() -> None:
    network = of("actors_activities", 9, dimension="actor_type", category="network")
    rows = tab_2(network)
    rows = rows[(rows["dimension"] != "") | (rows["indicator"] != "actors_projects")]
    table = actors_table(rows, GERMAN)
    assert lines(table)[-2:] == [["Netzwerk", "9", "k. A."], ["Summe", "124", "k. A."]]
    assert any(plain(note).startswith("k. A.") for note in table.notes)


# --- plausibility -----------------------------------------------------------------------------


def facts(*rows: tuple[str, str, int, float, str]) -> pd.DataFrame:
    columns = ["organisation_id", "fact", "mention", "value", "source_id"]
    return pd.DataFrame([*rows], columns=columns).assign(precision="exact", text="", unit="count")


def printed(*rows: dict[str, object]) -> pd.DataFrame:
    table = values(*rows)
    return table.assign(mention=table.groupby(["indicator", "category"]).cumcount() + 1, unit="")


def told(rows: pd.DataFrame, organisations: pd.DataFrame, words: Words) -> list[list[str]]:
    result = find_contradictions(published_values(rows), rows, organisations)
    return lines(contradictions_table(result.findings, words))


NO_FACTS = facts()


def test_share_of_34_in_words() -> None:
    rows = printed(of("projects_new", 34), of("projects_rdi_share", 0.73, reference="S. 9"))
    assert told(rows, NO_FACTS, GERMAN) == [
        [
            "IKT, Medien und Kreativwirtschaft 2021: Anteil der FuEuI-Projekte",
            "Widerspruch",
            "73 % passt zu keiner ganzen Zahl von 34 (neu initiierte Projekte): Gerundet ergäben "
            "sich 71 % oder 74 %. Abgeschnitten statt gerundet passt 25 von 34.",
            "S. 9",
        ]
    ]
    assert told(rows, NO_FACTS, ENGLISH)[0][1:3] == [
        "Contradiction",
        "73% fits no whole number of 34 (new projects): rounding would give 71% or 74%. "
        "Cut off instead of rounded, 25 of 34 fits.",
    ]


def test_volumes_printed_twice_in_words() -> None:
    project = {"dimension": "project", "category": "reskriver"}
    rows = printed(
        of("project_volume", 14e6, reference="S. 8", **project),
        of("project_volume", 14.8e6, reference="S. 11", **project),
    )
    [line] = told(rows, NO_FACTS, GERMAN)
    assert line[0].endswith("2021: Projektvolumen, ResKriVer")
    assert line[2:] == [
        "Gedruckt sind 14,0 Mio. € und 14,8 Mio. €; "
        "wo Einzelangaben fehlen, wird mit 14,0 Mio. € gerechnet.",
        "S. 8, S. 11",
    ]  # fmt: skip


def test_facts_of_organisations_in_words() -> None:
    organisations = facts(
        ("medways", "members", 1, 91, "brochure"),
        ("medways", "sme_count", 1, 93, "brochure"),
        ("go_cluster", "clusters", 1, 80, "brochure"),
        ("go_cluster", "clusters", 2, 84, "schlaglichter"),
    )
    assert told(printed(of("projects_new", 34)), organisations, GERMAN) == [
        [
            "medways e. V.: Mitglieder",
            "Widerspruch",
            "Gedruckt ist 91, die Gruppen ergeben 93.",
            "Expedition Clusterinitiative",
        ],
        [
            "Programm go-cluster: Mitglieder des Programms",
            "Hinweis",
            "80 (Quelle: 2022) und 84 (Quelle: 2020): Die Stände unterscheiden sich.",
            "Expedition Clusterinitiative; Regional vernetzt",
        ],
    ]


def every_finding() -> pd.DataFrame:
    """Figures that break each rule at least once."""
    size = {"dimension": "size_class"}
    rows = printed(
        of("projects_new", 34),
        of("projects_running", 98),
        of("projects_rdi_share", 0.73),
        of("project_volume", 68.9e6),
        of("project_volume_running", 68.9e6),
        of("projects_rdi", 35),
        of("projects_new_share", 0.6, dimension="funder", category="eu"),
        of("projects_new_share", 0.6, dimension="funder", category="federal"),
        of("actors_activities", 67, dimension="actor_type", category="company"),
        of("actors_activities", 60, category="1-9", **size),
        of("actors_activities", 8, category="250+", **size),
        of("project_volume", 14e6, dimension="project", category="reskriver", reference="1"),
        of("project_volume", 14.8e6, dimension="project", category="reskriver"),
        of("funding_volume", 13e6, dimension="project", category="reskriver", reference="2"),
    )
    totals = printed(
        of("actors_activities", 124), of("actors_projects", 69),
        of("actors_projects_and_activities", 193),
    )  # fmt: skip
    again = totals.assign(year=2020, value=[124.0, 69.0, 200.0])
    published = pd.concat([rows, totals, again], ignore_index=True)
    economy = values(
        of("employees_insured", 10), of("employees_marginal", 5), of("employees_total", 16),
        scope="core", delimitation="clustermonitoring",
    )  # fmt: skip
    organisations = facts(
        ("medways", "members", 1, 91, "brochure"),
        ("medways", "members", 2, 92, "brochure"),
        ("medways", "sme_count", 1, 93, "brochure"),
        ("medways", "sme_share", 1, 0.705, "brochure"),
        ("go_cluster", "clusters", 1, 80, "brochure"),
        ("go_cluster", "clusters", 2, 84, "schlaglichter"),
    )
    part = {"precision": "at_least", "n_known": 1, "n_all": 2}
    partly = values(of("funding_volume", 9e6), of("project_volume", 5e6, **part), year=2019)
    known = pd.concat([published_values(published), economy, partly], ignore_index=True)
    said = {"phrase": "etwas mehr", "claim": "change", "low": 0.0, "high": 0.1, "note": ""}
    about = {"year": 2021, "cluster_id": "imk", "region": "bebb", "scope": "", "base_year": 2020}
    phrases = pd.DataFrame(
        [{**about, **said, "indicator": "actors_projects_and_activities", "source_id": "imk_2021",
          "reference": "p. 14"}]
    )  # fmt: skip
    result = find_contradictions(known, published, organisations, phrases)
    found = result.checks.set_index("rule")[["contradictions", "notes"]].sum(axis=1)
    assert (found > 0).all(), found
    return result.findings


@pytest.mark.parametrize("words", [GERMAN, ENGLISH], ids=LOCALES)
def test_every_rule_speaks(words: Words) -> None:
    table = contradictions_table(every_finding(), words)
    sentences = [row[2] for row in table.rows]
    assert not [sentence for sentence in sentences if re.search(r"[{}]|nan|None|–", sentence)]
    levels = [row[1] for row in table.rows]
    assert levels == sorted(levels, key=[*dict.fromkeys(levels)].index)


@pytest.mark.parametrize(("words", "text"), [(GERMAN, "Kein Widerspruch"), (ENGLISH, "No contra")])
def test_no_finding_is_said(words: Words, text: str) -> None:
    table = contradictions_table(every_finding().iloc[:0], words)
    assert [row[0].startswith(text) for row in table.rows] == [True]
    assert table.frame.empty


def test_checks_say_how_often_and_with_what_result() -> None:
    rows = printed(of("projects_new", 34), of("projects_rdi_share", 0.73))
    checks = find_contradictions(published_values(rows), rows, NO_FACTS).checks
    table = checks_table(checks, GERMAN)
    assert table.header == ["Regel", "geprüft", "Widersprüche", "Hinweise"]
    assert lines(table)[0] == ["Ein Anteil passt zu einer ganzen Zahl", "1", "1", "0"]
    assert len(table.rows) == len(checks)


# --- coverage and sources ---------------------------------------------------------------------


def test_coverage_names_every_cluster() -> None:
    rows = values(of("projects_new", 34), of("actors_projects", 69), of("projects_running", 98))
    table = coverage_table(rows, GERMAN)
    assert table.header == ["Cluster", "Projekte", "Sonstige Aktivitäten", "Akteure"]
    assert lines(table) == [
        ["IKT, Medien und Kreativwirtschaft", "2", "–", "1"],
        ["Gesundheitswirtschaft", "–", "–", "–"],
        ["Clean Technologies", "–", "–", "–"],
    ]
    assert table.notes == ["– bedeutet: nicht als Zahl bekannt."]
    assert list(table.frame["Projekte"]) == [2, 0, 0]


def test_coverage_has_the_economy_where_it_is_asked_for() -> None:
    table = coverage_table(values(of("companies", 5)), ENGLISH)
    assert table.header[-1] == "Economy"


def test_sources_in_the_order_of_their_titles() -> None:
    table = sources_table(reference().sources.iloc[[1, 0]], ENGLISH)
    assert table.header == ["Title", "Publisher", "Date", "Address"]
    assert lines(table) == [
        ["Jahresbericht 2021", "Ramboll", "2022", "–"],
        ["The cluster as a motor", "Berlin Partner", "undated", "https://example.org/motor"],
    ]


# --- all tables -------------------------------------------------------------------------------


@cache
def all_tables(locale: Locale) -> dict[str, Table]:
    words = Words(reference(), locale)
    rows = printed(of("projects_new", 34), of("projects_rdi_share", 0.73))
    checks = find_contradictions(published_values(rows), rows, NO_FACTS).checks
    return {
        "economy": economy_table(tab_1(), words),
        "key_figures": key_figures_table(values(*KEY), words),
        "largest_projects": largest_projects_table(published(), words),
        "actors": actors_table(tab_2(), words),
        "contradictions": contradictions_table(every_finding(), words),
        "checks": checks_table(checks, words),
        "coverage": coverage_table(tab_2(), words),
        "sources": sources_table(reference().sources, words),
    }


class Cells(HTMLParser):
    """Headings and cells with their attributes and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id"]
        if tag in ("caption", "th", "td"):
            self.found.append((tag, dict(attrs), []))

    def handle_data(self, data: str) -> None:
        if self.found and data.strip():
            self.found[-1][2].append(data)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", all_tables("de"))
def test_html_is_accessible_and_bare(locale: Locale, name: str) -> None:
    table = all_tables(locale)[name]
    html = table.html("Tab. 1: Werte & <mehr>", "table-1")
    cells = Cells()
    cells.feed(html)
    captions = ["".join(text) for tag, _, text in cells.found if tag == "caption"]
    headings = [(attrs, text) for tag, attrs, text in cells.found if tag == "th"]
    assert captions == ["Tab. 1: Werte & <mehr>"]
    assert len(headings) == len(table.header) + len(table.rows)
    assert {attrs.get("scope") for attrs, _ in headings} == {"col", "row"}
    assert all(text for _, text in headings)
    assert len(cells.ids) == len(set(cells.ids))
    assert all(str(one).startswith("table-1-") for one in cells.ids)
    assert html.startswith("<table")
    assert html.endswith("</table>")
    assert not re.search(r"style|<div|nan\b|None|&lt;NA|<NA", html)
    assert html.count("gt_right") == (len(table.rows) + 1) * len(table.numbers)
    assert html == table.html("Tab. 1: Werte & <mehr>", "table-1")


@pytest.mark.parametrize(
    "make",
    [economy_table, key_figures_table, largest_projects_table, actors_table],
)
def test_nothing_known_is_an_error(make: object) -> None:
    with pytest.raises(MissingDataError):
        make(tab_1().iloc[:0], GERMAN)  # type: ignore[operator]


def test_every_breakdown_of_the_catalogue_has_a_name() -> None:
    dimensions = {name for entry in indicators() for name in indicator(entry).dimensions}
    assert [name for name in dimensions if f"tables.dimension.{name}" not in messages()] == []
