"""From files to pages: printed figures arrive as printed, in both languages, and nothing else."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd
import pytest
from exported_pages import EXAMPLE, INDEXES, NAMES, REAL, ROOT, Pages, Reading

from ewm_analysis.catalogue import Reference, indicator, indicators
from ewm_analysis.l10n import Locale, in_language
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.loaders import load_reference, open_dataset

IMK_2021, IMK_2020 = f"{REAL}/2021/imk/10_annual_report", f"{REAL}/2020/imk/10_annual_report"
CLEANTECH = f"{REAL}/2022/cleantech/10_annual_report"
EVERY = [*NAMES, *INDEXES]

# Report on IMK 2021, p. 5 (Tab. 1)
ECONOMY = {
    "Unternehmen (2019)": ["39.538", "55.508"],
    "Umsatz (2019, nominal)": ["26,0 Mrd. €", "40,49 Mrd. €"],
    "Sozialversicherungspflichtig Beschäftigte (2020)": ["171.021", "281.947"],
    "Ausschließlich geringfügig Beschäftigte (2020)": ["6.881", "18.916"],
    "Beschäftigte insgesamt (2020)": ["177.902", "300.863"],
    "Entwicklung des Umsatzes (2011–2019, nominal)": ["+67,5 %", "–"],
    "Entwicklung des Umsatzes (2011–2019, preisbereinigt)": ["+52 %†", "–"],
    "Entwicklung der sozialversicherungspflichtig Beschäftigten (2011–2020)": ["+70,5 %", "–"],
}
# p. 7 (Abb. 1): volume, activities; p. 10: 34; p. 15: 69, 124; web page, para. 1: 42* and 98*
KEY_FIGURES = {
    "Neu initiierte Projekte": ["34‡", "42*", "−19 %‡", "kann Zufall sein"],
    "Laufende Projekte": ["–", "98*", "–", "–"],
    "Projektvolumen": ["161,5 Mio. €", "68,9 Mio. €‡", "+134 %‡", "ohne Test"],
    "Sonstige Aktivitäten": ["95", "122", "−22 %", "kann Zufall sein"],
    "Akteure in neu initiierten Projekten": ["69", "–", "–", "–"],
    "Akteure in Sonstigen Aktivitäten": ["124", "–", "–", "–"],
}
# p. 15 (Tab. 2): in activities, in projects; the report prints zero as a dash
ACTORS = {
    "Hochschule/Forschungsinstitut": ["20", "19"],
    "Unternehmen": ["67", "37"],
    "davon: 1 bis 9 Beschäftigte": ["23", "14"],
    "davon: 10 bis 49 Beschäftigte": ["21", "14"],
    "davon: 50 bis 249 Beschäftigte": ["9", "3"],
    "davon: 250 und mehr Beschäftigte": ["14", "6"],
    "Verein": ["12", "4"],
    "Netzwerk": ["9", "4"],
    "Kammer": ["5", "0"],
    "Öffentliche Verwaltungen (inkl. Landkreise/Kommunen)": ["1", "1"],
    "Klinik": ["0", "1"],
    "Wirtschaftsförderung": ["4", "2"],
    "Sonstige": ["6", "1"],
    "Summe": ["124", "69"],
}
# p. 8 (Abb. 2), ResKriVer also p. 11 (Abb. 5)
PROJECTS = {
    "IDunion": ["30,0 Mio. €", "S. 8 (Abb. 2)"],
    "Smart City Potsdam": ["17,0 Mio. €", "S. 8 (Abb. 2)"],
    "Mixed Reality for Business (MR4B)": ["15,0 Mio. €", "S. 8 (Abb. 2)"],
    "ResKriVer": ["14,0 Mio. €‡ · 14,8 Mio. €‡", "S. 8 (Abb. 2) · S. 11 (Abb. 5)"],
}
ENGLISH = {
    "Companies (2019)": ["39,538", "55,508"],
    "Turnover (2019, nominal)": ["€26.0 bn", "€40.49 bn"],
    "Employees subject to social insurance (2020)": ["171,021", "281,947"],
    "Total employees (2020)": ["177,902", "300,863"],
    "Growth of turnover (2011–2019, nominal)": ["+67.5%", "–"],
    "Growth of turnover (2011–2019, adjusted for prices)": ["+52%†", "–"],
    "Growth of employees subject to social insurance (2011–2020)": ["+70.5%", "–"],
    "New projects": ["34‡", "42*", "−19%‡", "may be chance"],
    "Project volume": ["€161.5 m", "€68.9 m‡", "+134%‡", "not tested"],
    "Other activities": ["95", "122", "−22%", "may be chance"],
    "Company": ["67", "37"],
    "Total": ["124", "69"],
}
# Report on IMK 2021, p. 7 (Abb. 1); web page, para. 1: nothing is known of the year before
YEAR_2020 = {
    "Neu initiierte Projekte": ["42*"],
    "Laufende Projekte": ["98*"],
    "Projektvolumen": ["68,9 Mio. €‡"],
    "Sonstige Aktivitäten": ["122"],
}
# Report on Clean Technologies 2022, Abb. 3: projects only
CLEANTECH_ACTORS = {
    "Akteure in neu initiierten Projekten": ["24"],
    "Hochschule/Forschungsinstitut": ["k. A.", "9"],
    "Unternehmen": ["k. A.", "14"],
    "davon: 1 bis 9 Beschäftigte": ["k. A.", "6"],
    "davon: 10 bis 49 Beschäftigte": ["k. A.", "5"],
    "davon: 50 bis 249 Beschäftigte": ["k. A.", "2"],
    "davon: 250 und mehr Beschäftigte": ["k. A.", "1"],
    "Vereine und Netzwerke": ["k. A.", "1"],
    "Summe": ["k. A.", "24"],
}


@pytest.mark.parametrize("name", NAMES)
def test_run_succeeds(pages: Pages, name: str) -> None:
    assert pages.errors[name] == ""


def test_no_page_is_forgotten(pages: Pages) -> None:
    assert set(pages.errors) == set(NAMES)
    assert len({*pages.paths.values()}) == len(EVERY)  # none is looked at twice


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (f"{IMK_2021}/de", ECONOMY | KEY_FIGURES),
        (f"{IMK_2021}/de", ACTORS | PROJECTS),
        (f"{IMK_2021}/en", ENGLISH),
        (f"{IMK_2020}/de", YEAR_2020),
        (f"{CLEANTECH}/de", CLEANTECH_ACTORS),
    ],
    ids=["IMK 2021", "IMK 2021 actors and projects", "English", "IMK 2020", "Clean Technologies"],
)
def test_tables_show_what_was_printed(pages: Pages, name: str, rows: dict[str, list[str]]) -> None:
    page = pages.read(name)
    assert {heading: page.row(heading, len(cells)) for heading, cells in rows.items()} == rows


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        (
            f"{IMK_2021}/de",
            [
                "* Die Quelle nennt das Jahr nicht; es ist erschlossen.",
                "161,5 Mio. € nach 68,9 Mio. €. Fünf namentlich genannte Projekte machen 55 %",
                "68,9 Mio. € 161,5 Mio. € 88,8 Mio. €",  # drawn: p. 7 (Abb. 1), p. 8
                "73 % der im Jahr 2021 neu initiierten Projekte",  # p. 9 (Abb. 3)
                "58 % der neu initiierten Projekte und 75 % der Sonstigen Aktivitäten",  # p. 10
                "rund 75 % begonnen oder beendet (2021)",  # p. 7: almost three quarters
                "mehr als 50 % in Antragstellung (2020)",  # p. 7: more than half
            ],
        ),
        (
            f"{IMK_2021}/en",
            [
                "The volume of new projects more than doubled from 2020: €161.5 m after €68.9 m",
                "58% of the new projects and 75% of the other activities",
                "The source does not state the year; it is inferred.",
            ],
        ),
        (
            f"{CLEANTECH}/de",
            [
                "Häufigste Förderung: „Bund“ (83,3 %). Bund EU 83,3 % 16,7 %",  # Abb. 4
                "mit Unternehmen und Hochschulen/Forschungseinrichtungen“ (83,8 %)",
                "Verbundprojekte mit mehreren Unternehmen 83,8 % 16,7 %",  # Abb. 5
                "Die gedruckten Anteile ergeben zusammen 100,5 %.",
            ],
        ),
        (f"{CLEANTECH}/en", ["The printed shares add up to 100.5%."]),
    ],
    ids=["IMK 2021", "IMK 2021 English", "Clean Technologies", "Clean Technologies English"],
)
def test_sentences_say_what_was_printed(pages: Pages, name: str, sentences: list[str]) -> None:
    text = pages.read(name).text
    assert [sentence for sentence in sentences if sentence not in text] == []


def test_a_change_of_ten_per_cent_or_more_has_decimals_only_where_they_are_printed(
    pages: Pages,
) -> None:
    tables = [
        pd.read_csv(file, dtype=str)
        for file in (ROOT / "data").glob("*/*/*.csv")
        if file.stem in ("figures", "economy")
    ]
    rows = pd.concat(tables)
    rows = rows[rows["indicator"].str.endswith(("_growth", "_cagr"))]
    printed = {f"{abs(float(value)) * 100:.1f}" for value in rows["value"].dropna()}
    found = {
        percent.replace(",", ".")
        for name in NAMES
        for percent in re.findall(r"[+−]([0-9]{2,}[.,][0-9])\s?%", pages.read(name).text)
    }
    assert found
    assert found <= printed


@pytest.mark.parametrize(
    ("year", "found"),
    [
        (
            2020,
            [
                "Projektvolumen Widerspruch 68,9 Mio. € für 42 Projekte und ebenso viel "
                "für alle 98",
            ],
        ),
        (
            2021,
            [
                "ResKriVer Widerspruch Gedruckt sind 14,0 Mio. € und 14,8 Mio. €; wo Einzelangaben "
                "fehlen, wird mit 14,0 Mio. € gerechnet. S. 8 (Abb. 2), S. 11 (Abb. 5)",
                "58 % passt zu keiner ganzen Zahl von 34",
                "Abgeschnitten statt gerundet passt 20 von 34. S. 10 (Abb. 4)",
                "73 % passt zu keiner ganzen Zahl von 34",
                "Abgeschnitten statt gerundet passt 25 von 34. S. 9 (Abb. 3)",
                "Hinweis 193 ist genau die Summe der Gruppen",
                "Hinweis 12,8 Mio. € und an anderer Stelle 12,7 Mio. € (Fördervolumen)",
            ],
        ),
        (2022, ["Konsortialstruktur Widerspruch Die Anteile ergeben zusammen 100,5 %"]),
    ],
    ids=["2020", "2021", "2022"],
)
def test_data_quality_names_each_contradiction(pages: Pages, year: int, found: list[str]) -> None:
    text = pages.read(f"{REAL}/{year}/_all/00_data_quality/de").text
    organisations = [
        "medways e. V.: Mitglieder Widerspruch Gedruckt ist 91, die Gruppen ergeben 93.",
        "Hinweis 80 (Quelle: 2022) und 84 (Quelle:",
    ]
    assert [words for words in (*found, *organisations) if words not in text] == []


@pytest.mark.parametrize("name", [IMK_2021, IMK_2020, CLEANTECH])
def test_what_is_only_a_picture_is_named_and_not_filled_in(pages: Pages, name: str) -> None:
    boxes = {
        "de": ("Abb. 19: Beteiligte Akteure nach Sitz", "nicht als Zahl veröffentlicht."),
        "en": ("Fig. 19: Actors by seat", "not published as a number."),
    }
    for locale, (figure, missing) in boxes.items():
        html = pages.html(f"{name}/{locale}")
        boxed = [Reading.of(box).text for box in re.findall(r'class="ewm-missing">.*?</p>', html)]
        assert any(figure in box and missing in box for box in boxed)
        assert 'id="figure-19"' not in html


@pytest.mark.parametrize("name", EVERY)
def test_only_synthetic_pages_bear_the_notice(pages: Pages, name: str) -> None:
    is_synthetic = EXAMPLE in pages.path(name).parts or name in INDEXES
    assert pages.html(name).count('<aside class="notice') == is_synthetic
    said = {"de": "Synthetische Daten", "en": "Synthetic data"}[name[-2:]]
    assert (said in pages.read(name).text) == is_synthetic


@pytest.mark.parametrize("name", EVERY)
def test_nothing_raw_is_shown(pages: Pages, name: str) -> None:
    text = pages.read(name).text
    assert re.findall(r"\b(?:nan|NaN|NaT|inf|None(?! of\b))\b|<NA>|[{}]|\\N|&amp;", text) == []
    words = set(re.findall(r"[\w-]+", text))
    assert words & raw_codes() == set()


@pytest.mark.parametrize("name", EVERY)
def test_page_speaks_one_language(pages: Pages, name: str) -> None:
    locale: Locale = "en" if name.endswith("en") else "de"
    text = without_names(pages.read(name).text)
    foreign = [words for words in foreign_words(locale) if words in text]
    assert [
        words for words in foreign if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text)
    ] == []


@pytest.mark.parametrize("name", EVERY)
def test_numbers_are_written_as_the_language_writes_them(pages: Pages, name: str) -> None:
    typed = "\n".join(pages.read(name).words)
    typed = without_names(
        re.sub(r"ewm_analysis [\d.]+|https?://\S+|Arbeit 4\.0|Work 4\.0|\(70\.2\)", "", typed)
    )
    wrong = {
        "de": r"\d\.\d{1,2}(?![\d.])|€\s?\d|\d%|\d [%€]|\d (?:Mio|Mrd)\.",
        "en": r"\d,\d{1,2}(?!\d)|\d\s?€|\d\s%|(?:Mio|Mrd)\.",
    }[name[-2:]]
    # A hyphen before a figure, where a minus belongs.
    found = re.finditer(rf".{{0,20}}(?:{wrong}|(?<!\w)-\d)", typed)
    assert [match[0] for match in found] == []


@cache
def reference() -> Reference:
    return load_reference(ROOT / "data" / "reference")


@cache
def raw_codes() -> set[str]:
    """Codes that no reader should meet: those that are no words."""
    tables = reference()
    codes = {*tables.categories["category"], *tables.categories["dimension"], *indicators()}
    codes |= {*tables.sources["source_id"], *tables.clusters["cluster_id"]}
    return {code for code in codes if "_" in code} | {"imk", "vml", "cleantech", "smartcities"}


@cache
def foreign_words(locale: Locale) -> list[str]:
    """Labels and messages of the other language, as far as this one has no such words."""
    own, other = ("\n".join(spoken(each)) for each in (locale, "de" if locale == "en" else "en"))
    pieces = {piece.strip() for line in other.splitlines() for piece in re.split(r"{[^}]*}", line)}
    worth = {piece for piece in pieces if len(re.findall(r"[^\W\d]", piece)) >= 5}
    return sorted(piece for piece in worth if piece.casefold() not in own.casefold())


def spoken(locale: Locale) -> list[str]:
    """Everything that catalogue and interface say in a language."""
    entries = [indicator(name) for name in indicators()]
    tables = reference()
    is_project = tables.categories["dimension"] == "project"
    return [
        *(message[locale] for message in messages().values()),
        *(in_language(entry.label, locale) for entry in entries),
        *(in_language(entry.definition, locale) for entry in entries),
        *tables.categories.loc[~is_project, f"label_{locale}"],
        *tables.clusters[f"label_{locale}"],
    ]


@cache
def names() -> list[str]:
    """Titles, publishers, projects and quoted words stand as they are, whatever the language."""
    tables = reference()
    quoted = open_dataset(ROOT / "data" / REAL).phrases["phrase"]
    projects = tables.categories[tables.categories["dimension"] == "project"]
    known = {*tables.sources["title"], *tables.sources["publisher"], *projects["label_de"]}
    known |= {*quoted, "Enterprise Europe Network"}
    return sorted((name for name in known if isinstance(name, str)), key=len, reverse=True)


def without_names(text: str) -> str:
    for name in names():
        text = text.replace(name, "")
    return text
