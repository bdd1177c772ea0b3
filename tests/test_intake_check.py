"""`ewm check`: each rule found where it should be, silent where it should not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from time import process_time

import pandas as pd
import pytest
from conftest import REFERENCE, TABLES, write_dataset
from small_records import dataset, reference_of
from typer.testing import CliRunner

from ewm_analysis.cli import app
from ewm_analysis.example import EXAMPLE, write_example
from ewm_analysis.intake import check_dataset, district_of, find_warnings
from ewm_analysis.intake.check import (
    check_against_last_year,
    check_projects_over_years,
    check_within_year,
)
from ewm_analysis.intake.findings import Finding, rules
from ewm_analysis.intake.names import compared, find_duplicates, is_alike
from ewm_analysis.l10n import LOCALES
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.loaders import Dataset, load_reference, open_dataset

ROOT = Path(__file__).parents[1]
MUNICIPALITIES = load_reference(ROOT / "data" / "reference").municipalities


def names(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.name, one.key) for one in findings]


def over_years(rows: str) -> list[tuple[str, str]]:
    return names(check_projects_over_years(dataset({"projects": rows}).records["projects"]))


# --- one project over the years ----------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("2020 a true started - \n2021 a false finished -", []),
        ("2020 a true started - \n2021 a true started -", [("project-new-twice", "a")]),
        (
            "2020 b true started -\n2021 b false started -\n2021 a false started -",
            [("project-not-in-last-year", "a")],
        ),
        # without any records of last year nothing can be missing there
        ("2021 a false started -", []),
        (
            "2020 a true started -\n2020 b true finished -\n2021 c true started -",
            [("project-vanished", "a")],
        ),
        (
            "2020 a true application -\n2021 c true started -",
            [("application-vanished", "a")],
        ),
        ("2020 a true finished -\n2021 a false started -", [("project-after-its-end", "a")]),
        ("2020 a true started -\n2021 a false application -", [("status-goes-back", "a")]),
        ("2020 a true started 100000\n2021 a false started 110000", []),
        ("2020 a true started 100000\n2021 a false started 100", [("volume-jumped", "a")]),
        ("2020 a true started 100\n2021 a false started 1000", [("volume-jumped", "a")]),
        # zero is unknown or nothing: no factor
        ("2020 a true started 0\n2021 a false started 1000", []),
    ],
)
def test_a_project_over_two_years(rows: str, expected: list[tuple[str, str]]) -> None:
    assert over_years("year project_id is_new status volume_eur\n" + rows) == expected


def history(status: str, years: list[int]) -> str:
    lines = [f"{year} a {str(year == years[0]).lower()} {status}" for year in years]
    return "\n".join(["year project_id is_new status", *lines])


@pytest.mark.parametrize(
    ("status", "years", "expected"),
    [
        ("started", [2016, 2017, 2018, 2019, 2020], []),
        ("started", [2016, 2017, 2018, 2019, 2020, 2021], [("project-never-finished", "a")]),
        ("application", [2019, 2020], []),
        ("application", [2019, 2020, 2021], [("application-too-old", "a")]),
    ],
)
def test_projects_come_to_an_end(
    status: str, years: list[int], expected: list[tuple[str, str]]
) -> None:
    assert over_years(history(status, years)) == expected


def test_a_gap_ends_the_row_of_years() -> None:
    found = over_years(history("application", [2017, 2018, 2020, 2021]))
    assert ("application-too-old", "a") not in found


# --- a cluster against last year ---------------------------------------------------------


def many(year: int, count: int, volume: str = "100000", cluster: str = "imk") -> str:
    return "\n".join(f"{year} {cluster} {cluster}{year}{n} {volume}" for n in range(count))


def projects(*parts: str) -> Dataset:
    return dataset({"projects": "\n".join(["year cluster_id project_id volume_eur", *parts])})


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([many(2020, 10), many(2021, 30)], []),
        ([many(2020, 10), many(2021, 31)], [("number-far-from-last-year", "imk")]),
        ([many(2020, 31), many(2021, 10)], [("number-far-from-last-year", "imk")]),
        # few rows: nothing can be said
        ([many(2020, 1), many(2021, 9)], []),
        (
            [many(2020, 12), many(2021, 12, "100")],
            [("volumes-of-another-magnitude", "imk")],
        ),
        ([many(2020, 12), many(2021, 12, "-")], [("column-less-filled", "imk")]),
        (
            [many(2020, 2), many(2020, 2, cluster="gw"), many(2021, 2)],
            [("cluster-vanished", "gw")],
        ),
    ],
)
def test_a_cluster_against_last_year(parts: list[str], expected: list[tuple[str, str]]) -> None:
    assert names(check_against_last_year(projects(*parts).records)) == expected


def test_an_actor_of_a_project_that_runs_on_is_missed() -> None:
    data = dataset(
        {
            "projects": "year project_id is_new\n2020 p true\n2021 p false\n2020 q true",
            "actors": "year actor_id name\n2020 a Alpha\n2020 b Beta\n2020 c Gamma\n2021 a Alpha",
            "participations": "year project_id actor_id\n2020 p a\n2020 p b\n2020 q c\n2021 p a",
        }
    )
    (found,) = check_against_last_year(data.records)
    assert (found.name, found.key, found.year) == ("actor-vanished", "b", 2021)
    assert found.expected("en") == "“Beta” took part in p in 2020, which is still reported."


# --- one year, table against table -------------------------------------------------------

TOWNS = reference_of(
    municipalities=MUNICIPALITIES,
    districts=load_reference(ROOT / "data" / "reference").districts,
)


def within(records: dict[str, str]) -> list[tuple[str, str]]:
    found = check_within_year(dataset(records).records, TOWNS, date(2022, 1, 31))
    return names(found)


def test_partners_of_projects() -> None:
    records = {
        "projects": "project_id consortium_type\np single\nq companies\nr single",
        "actors": "actor_id\na\nb\nc",
        "participations": "project_id actor_id\np a\np b\nr a",
    }
    assert within(records) == [
        ("project-without-actor", "q"),
        ("single-project-with-partners", "p"),
        ("actor-without-participation", "c"),
    ]


def test_records_of_a_year_to_come() -> None:
    records = {
        "projects": "year project_id\n2022 p\n2023 q\n2023 r",
        "actors": "year actor_id\n2022 a\n2023 a",
        "participations": "year project_id actor_id\n2022 p a\n2023 q a\n2023 r a",
    }
    assert within(records) == [("year-not-begun", "")]


@pytest.mark.parametrize(
    ("place", "ags"),
    [
        ("Cottbus", "12052"),
        ("COTTBUS", "12052"),
        ("03046 Cottbus", "12052"),
        ("Frankfurt (Oder)", "12053"),
        ("Frankfurt/Oder", "12053"),
        ("Frankfurt a. d. Oder", "12053"),
        ("Frankfurt/O.", "12053"),
        ("Brandenburg a.d. Havel", "12051"),
        ("Königs Wusterhausen", "12061"),
        ("Koenigs-Wusterhausen", "12061"),
        ("Neuenhagen b. Berlin", "12064"),
        ("Berlin", "11000"),
        ("FRANKFURT", ""),
        ("Frankfurt am Main", ""),
        ("Brandenburg", ""),
        ("Mittenwalde", ""),  # there is one in two districts
        ("Potsdam-Babelsberg", ""),
        ("Herzberg", ""),
        ("", ""),
        ("12345", ""),
    ],
)
def test_a_place_names_its_district_or_none(place: str, ags: str) -> None:
    assert district_of(place, MUNICIPALITIES) == ags


def test_districts_are_proposed_and_held_against_places() -> None:
    records = {
        "actors": "actor_id state ags place\na bb - Oranienburg\nb bb - FRANKFURT\n"
        "c bb 12054 Cottbus\nd bb 12052 Cottbus\ne other - Cottbus\nf bb 12054 -",
        "activities": "activity_id\nx",
        "participations": "activity_id actor_id\n" + "\n".join(f"x {one}" for one in "abcdef"),
    }
    assert within(records) == [
        ("district-from-place", "a"),
        ("district-unknown", "b"),
        ("district-contradicts-place", "c"),
    ]


# --- actors under two ids ----------------------------------------------------------------

ALIKE = [
    ("TU Berlin", "Technische Universität Berlin"),
    ("Berlin, TU", "TU Berlin"),
    ("Müller GmbH", "Mueller AG"),
    ("Acme Software GmbH", "ACME Software GmbH & Co. KG"),
    ("it’s.BB e. V.", "its BB"),
    ("MotionLab Berlin", "Motion.Lab Berlin"),
    ("IHK Potsdam", "Industrie- und Handelskammer Potsdam"),
    ("Humboldt-Universität zu Berlin", "HU Berlin"),
    ("Fraunhofer FOKUS", "Frauenhofer FOKUS"),
    ("Universität der Künste Berlin", "UdK Berlin"),
    ("BMW", "Bayerische Motoren Werke AG"),
]
DIFFERENT = [
    ("FU Berlin", "TU Berlin"),
    ("Fachhochschule Potsdam", "Universität Potsdam"),
    ("Siemens AG", "Siemens Energy AG"),
    ("Werk 1 GmbH", "Werk 2 GmbH"),
    ("Institut für Medientechnik", "Institut für Medizintechnik"),
    ("GmbH", "AG"),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_of_one_actor(one: str, other: str) -> None:
    assert is_alike(compared("a", one), compared("b", other))
    assert is_alike(compared("b", other), compared("a", one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_of_two_actors(one: str, other: str) -> None:
    assert not is_alike(compared("a", one), compared("b", other))


def actors_of(pairs: list[tuple[str, str]]) -> pd.DataFrame:
    rows = [
        (2021, f"{side}{number}", name)
        for number, pair in enumerate(pairs)
        for side, name in zip("ab", pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["year", "actor_id", "name"])


def test_every_alike_pair_is_proposed_and_no_other(no_merges: pd.DataFrame) -> None:
    # The first pair makes "TU Berlin" stand there twice more: told once, of the first.
    found = find_duplicates(actors_of([ALIKE[0], *ALIKE[2:], *DIFFERENT[1:]]), no_merges)
    assert {(one.key, one.facts["same_as"]) for one in found} == {
        (f"b{number}", f"a{number}") for number in range(len(ALIKE) - 1)
    }
    assert {one.level for one in found} == {"note"}


@pytest.fixture
def no_merges() -> pd.DataFrame:
    return pd.DataFrame(columns=["actor_id", "same_as", "decision"])


@pytest.mark.parametrize("decision", ["merge", "separate"])
@pytest.mark.parametrize("pair", [("a0", "b0"), ("b0", "a0")])
def test_what_was_decided_is_not_proposed_again(decision: str, pair: tuple[str, str]) -> None:
    row = dict(zip(["actor_id", "same_as"], pair, strict=True))
    merges = pd.DataFrame([{**row, "decision": decision}])
    assert not find_duplicates(actors_of(ALIKE[:1]), merges)


def test_ten_thousand_names_take_seconds(no_merges: pd.DataFrame) -> None:
    names = [f"Firma {n:05d} {word} GmbH" for n in range(5000) for word in ("Technik", "Software")]
    rows = pd.DataFrame({"year": 2021, "actor_id": [f"a{n}" for n in range(10000)], "name": names})
    start = process_time()
    assert not find_duplicates(rows, no_merges)
    assert process_time() - start < 5


# --- the whole data set ------------------------------------------------------------------


def test_the_example_has_no_warning_of_its_records() -> None:
    found = find_warnings(open_dataset(ROOT / "data" / "example"))
    odd = {one.name for one in found if one.table not in ("figures", "economy", "portraits")}
    assert odd <= {"application-vanished"}


def test_printed_contradictions_are_warnings_at_their_line() -> None:
    report = check_dataset(ROOT / "data" / "capital-region", 2021)
    shares = [one for one in report.findings if one.name == "share-of-base"]
    lines = (ROOT / "data" / "capital-region" / "published" / "figures.csv").read_text("utf-8")
    for one in shares:
        assert one.key.split()[-1] in lines.splitlines()[one.line - 1]
    assert sorted(one.value for one in shares) == ["0.58", "0.73"]
    assert report.count("error") == 0


def test_a_year_keeps_its_own_findings() -> None:
    report = check_dataset(ROOT / "data" / "capital-region", 2020)
    assert {one.year for one in report.findings} == {2020}


def test_findings_name_file_and_line(tmp_path: Path) -> None:
    text = TABLES["records/2021/actors.csv"] + "2021,c3,Firmen,company,10-49,bb,12054,Potsdam,imk\n"
    report = check_dataset(write_dataset(tmp_path, {"records/2021/actors.csv": text}))
    (found,) = [one for one in report.findings if one.key == "c3"]
    assert (found.file, found.line) == ("small/records/2021/actors.csv", 4)
    assert found.name == "actor-without-participation"


def test_every_rule_has_its_sentences() -> None:
    sources = "".join(
        path.read_text("utf-8") for path in (ROOT / "ewm_analysis" / "intake").rglob("*.py")
    )
    said = {key.split(".")[1] for key in messages() if key.startswith("check.") and "-" in key}
    made = {name for name in said if f'"{name}"' in sources or "broken" in name}
    assert said == {*rules()} | made
    for name in said:
        assert {f"check.{name}.expected", f"check.{name}.advice"} <= set(messages())


BREAKS = {
    ("2021,p1,imk", "2021,p1,"): "darf nicht leer sein",
    ("2021,p1,imk", "2021,p1,ikm"): "cluster_id steht nicht in clusters: erlaubt: gw, imk, "
    "other_sector. Gemeint ist vielleicht 'imk'?",
    ("2021,p1,", "2021,p1 ,"): "darf nicht mit einem Leerzeichen beginnen oder enden",
    ("2021,p1,", "2020,p1,"): "muss 2021 sein",
    ("2021,p1,", "1921,p1,"): "zwischen 1990 und 2100",
    ("2021,p1,", "x,p1,"): "eine ganze Zahl wie 2021",
    ("2021,p2,", "2021,p1,"): "der Schlüssel steht schon in Zeile 2",
    ("true,true", "ja,true"): "true oder false",
    ("started", "begun"): "erlaubt: application, started, finished",
    ("1000000", "1.000.000"): "eine Zahl wie 1234.5: Dezimalpunkt, keine Tausenderpunkte, kein "
    "Exponent",
    ("1000000", "-1"): "mindestens 0 oder leer",
    (",500000,", ",5000000,"): "höchstens so groß wie volume_eur",
    ("federal", "land"): "2021 kein Code von funder: erlaubt: eu, federal",
    ("is_rdi", "is_rd"): "ist keine Spalte von projects. Gemeint ist vielleicht 'is_rdi'?",
    (",single\n", "\n"): "die Zeile hat 12 Zellen, die Kopfzeile 13",
}


@pytest.mark.parametrize(("old", "new"), BREAKS)
def test_what_is_broken_is_said_in_german(tmp_path: Path, old: str, new: str) -> None:
    text = TABLES["records/2021/projects.csv"]
    changes = {"records/2021/projects.csv": text.replace(old, new, 1)}
    found = check_dataset(write_dataset(tmp_path, changes)).findings
    assert BREAKS[old, new] in "\n".join(one.expected("de") for one in found)


def test_a_workbook_that_is_not_opened_is_said_in_german(tmp_path: Path) -> None:
    changes = {"economy/economy.csv": None, "economy/economy.xlsx": b"PK"}
    (found,) = check_dataset(write_dataset(tmp_path, changes)).findings
    assert (found.name, found.file) == ("broken-file", "small/economy/economy.xlsx")
    assert "Die Datei ist beschädigt oder keine .xlsx-Mappe." in found.expected("de")
    assert "The file is damaged or not an .xlsx workbook." in found.expected("en")


def test_a_decision_that_fits_nothing_is_an_error_of_its_own(tmp_path: Path) -> None:
    header = "file,line,column,old,new,reason,date\n"
    row = "records/2021/projects.csv,2,title,Anderes,Neues,x,2022-02-01\n"
    path = write_dataset(tmp_path, {"corrections.csv": header + row})
    (found,) = check_dataset(path).findings
    assert (found.level, found.name, found.line) == ("error", "broken-decision", 2)
    assert found.expected("de") == (
        "Eine Entscheidung passt auf das, was in den Dateien steht: in Zeile 2 von "
        "records/2021/projects.csv steht 'Erstes, größtes Projekt', also weder „alt“ noch „neu“"
    )


# --- the command -------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *arguments])
    return result.exit_code, result.output


BROKEN = {
    "records/2021/projects.csv": TABLES["records/2021/projects.csv"].replace("started", "begun"),
    "reference/clusters.csv": REFERENCE["reference/clusters.csv"],
}


def test_warnings_do_not_fail(dataset_path: Path) -> None:
    code, output = run("--data", str(dataset_path), "--locale", "en")
    assert code == 0
    assert (
        "Warning: project-without-actor\n  small/records/2021/projects.csv, line 3 [p2]" in output
    )
    assert output.endswith("small: 0 errors, 1 warning, 0 notes.\n")


@pytest.mark.parametrize("locale", LOCALES)
def test_errors_fail_and_are_data(tmp_path: Path, locale: str) -> None:
    path = write_dataset(tmp_path, BROKEN)
    code, output = run("--data", str(path), "--format", "json", "--locale", locale)
    assert code == 1
    (report,) = json.loads(output)
    assert (report["data_set"], report["errors"], report["warnings"]) == ("small", 1, 0)
    (found,) = report["findings"]
    assert {name: found[name] for name in ("level", "name", "file", "line", "column", "value")} == {
        "level": "error",
        "name": "broken-cell",
        "file": "small/records/2021/projects.csv",
        "line": 2,
        "column": "status",
        "value": "begun",
    }
    assert "application, started, finished" in found["expected"]


def test_a_clean_data_set_says_so(tmp_path: Path) -> None:
    text = "\n".join(TABLES["records/2021/projects.csv"].splitlines()[:2]) + "\n"
    path = write_dataset(tmp_path, {"records/2021/projects.csv": text})
    assert run("--data", str(path), "--locale", "en") == (0, "small: nothing found.\n")


def test_a_year_that_nobody_reported_is_wrong_use(dataset_path: Path) -> None:
    code, output = run("--data", str(dataset_path), "--year", "2022")
    assert code == 2
    assert "year: 2022 has no records or figures. Did you mean '2021'? Allowed: 2020" in output


def test_a_data_set_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    code, output = run("--data", str(tmp_path / "none"))
    assert code == 1
    assert "There is no data set" in output


def test_a_hundred_thousand_participations_take_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "large"
    write_example(folder, **{**EXAMPLE, "projects_per_year": 400}, partitioned=True)
    start = process_time()
    data = open_dataset(folder)
    assert len(data.records["participations"]) > 1e5
    opened = process_time()
    find_warnings(data)
    # Held against the reading of the same data, which is as slow as the machine is.
    assert process_time() - opened < 4 * (opened - start)
