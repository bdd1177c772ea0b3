"""What was printed has arrived: golden figures with their page, codes, labels, the script."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ewm_analysis.loaders.files import SECTIONS

DATA = Path(__file__).parents[1] / "data"
REFERENCE = DATA / "reference"
REAL = DATA / "capital-region"
FIGURES = REAL / "published" / "figures.csv"
ECONOMY = REAL / "economy" / "economy.csv"
PORTRAITS = REAL / "organisations" / "portraits.csv"
TABLES = [*sorted(REFERENCE.glob("*.csv")), FIGURES, ECONOMY, PORTRAITS]

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def value(path: Path, **wanted: str) -> str:
    """Return the one value of a key, its first mention; unnamed breakdowns are empty."""
    plain = {"mention": "1"}
    if path != PORTRAITS:
        plain |= {"region": "bebb", "base_year": ""}
    if path == FIGURES:
        plain |= {"dimension": "", "category": ""}
    key = plain | wanted
    found = [row for row in rows(path) if all(row[name] == cell for name, cell in key.items())]
    assert len(found) == 1, key
    return found[0]["value"]


@pytest.mark.parametrize(
    ("scope", "year", "indicator", "expected"),
    [
        ("core", "2019", "companies", "39538"),
        ("core", "2019", "turnover_eur", "26000000000"),
        ("core", "2020", "employees_insured", "171021"),
        ("core", "2020", "employees_marginal", "6881"),
        ("core", "2020", "employees_total", "177902"),
        ("total", "2019", "companies", "55508"),
        ("total", "2019", "turnover_eur", "40490000000"),
        ("total", "2020", "employees_insured", "281947"),
        ("total", "2020", "employees_marginal", "18916"),
        ("total", "2020", "employees_total", "300863"),
    ],
)
def test_macro_data_as_in_imk_2021_tab_1_page_5(
    scope: str, year: str, indicator: str, expected: str
) -> None:
    found = value(ECONOMY, cluster_id="imk", scope=scope, year=year, indicator=indicator)
    assert found == expected


def test_growth_as_in_imk_2021_tab_1_page_5() -> None:
    core = {"cluster_id": "imk", "scope": "core", "base_year": "2011"}
    assert value(ECONOMY, year="2019", indicator="turnover_growth", **core) == "0.675"
    assert value(ECONOMY, year="2020", indicator="employees_insured_growth", **core) == "0.705"


@pytest.mark.parametrize(
    ("year", "indicator", "expected", "place"),
    [
        ("2021", "projects_new", "34", "p. 10"),
        ("2021", "project_volume", "161500000", "p. 7"),
        ("2020", "project_volume", "68900000", "p. 7"),
        ("2021", "activities", "95", "p. 7"),
        ("2020", "activities", "122", "p. 7"),
        ("2021", "activities_cross_cluster_share", "0.75", "p. 10"),
        ("2021", "projects_rdi_share", "0.73", "p. 9"),
        ("2021", "projects_cross_cluster_share", "0.58", "p. 10"),
        ("2021", "actors_projects", "69", "p. 15 (Tab. 2)"),
        ("2021", "actors_activities", "124", "p. 15 (Tab. 2)"),
        ("2021", "actors_projects_and_activities", "193", "p. 15"),
    ],
)
def test_results_as_in_imk_2021(year: str, indicator: str, expected: str, place: str) -> None:
    key = {"cluster_id": "imk", "year": year, "indicator": indicator}
    assert value(FIGURES, **key) == expected
    (row,) = (
        row
        for row in rows(FIGURES)
        if row["mention"] == "1" and row["dimension"] == "" and key.items() <= row.items()
    )
    assert place in row["reference"]


TAB_2 = """\
university_research 20 19
company 67 37
1-9 23 14
10-49 21 14
50-249 9 3
250+ 14 6
association 12 4
network 9 4
chamber 5 0
public_administration 1 1
hospital 0 1
business_development 4 2
other 6 1
"""


def test_actors_as_in_imk_2021_tab_2_page_15() -> None:
    totals: Counter[tuple[str, str]] = Counter()
    for line in TAB_2.splitlines():
        category, *printed = line.split()
        dimension = "size_class" if category[0].isdigit() else "actor_type"
        for indicator, expected in zip(
            ("actors_activities", "actors_projects"), printed, strict=True
        ):
            found = value(
                FIGURES, cluster_id="imk", year="2021", indicator=indicator,
                dimension=dimension, category=category,
            )  # fmt: skip
            assert found == expected
            totals[indicator, dimension] += int(found)
    assert totals["actors_activities", "actor_type"] == 124
    assert totals["actors_projects", "actor_type"] == 69
    assert totals["actors_activities", "size_class"] == 67
    assert totals["actors_projects", "size_class"] == 37


def test_named_projects_as_in_imk_2021_pages_8_and_11() -> None:
    project = {"cluster_id": "imk", "year": "2021", "dimension": "project"}
    volume = project | {"indicator": "project_volume"}
    assert value(FIGURES, category="idunion", **volume) == "30000000"
    assert value(FIGURES, category="smart_city_potsdam", **volume) == "17000000"
    assert value(FIGURES, category="mr4b", **volume) == "15000000"
    assert value(FIGURES, category="desy", **volume) == "12800000"
    assert value(FIGURES, category="reskriver", **volume) == "14000000"
    assert value(FIGURES, category="reskriver", mention="2", **volume) == "14800000"
    assert value(FIGURES, category="desy", indicator="funding_volume", **project) == "12700000"


def test_projects_of_2020_as_on_the_web_page_with_an_inferred_year() -> None:
    key = {"cluster_id": "imk", "year": "2020"}
    assert value(FIGURES, indicator="projects_new", **key) == "42"
    assert value(FIGURES, indicator="projects_running", **key) == "98"
    assert value(FIGURES, indicator="project_volume_running", **key) == "68900000"
    inferred = [row for row in rows(FIGURES) if row["is_year_inferred"] == "true"]
    assert {row["source_id"] for row in inferred} == {"imk_web_2021"}
    assert len(inferred) == 3


@pytest.mark.parametrize(
    ("dimension", "category", "expected"),
    [
        ("actor_type", "university_research", "9"),
        ("actor_type", "company", "14"),
        ("actor_type", "association_network", "1"),
        ("size_class", "1-9", "6"),
        ("size_class", "10-49", "5"),
        ("size_class", "50-249", "2"),
        ("size_class", "250+", "1"),
        ("", "", "24"),
    ],
)
def test_actors_as_in_cleantech_2022_abb_3(dimension: str, category: str, expected: str) -> None:
    key = {"cluster_id": "cleantech", "year": "2022", "indicator": "actors_projects"}
    assert value(FIGURES, dimension=dimension, category=category, **key) == expected


@pytest.mark.parametrize(
    ("dimension", "category", "expected"),
    [
        ("funder", "federal", "0.833"),
        ("funder", "eu", "0.167"),
        ("consortium_type", "companies", "0.167"),
        ("consortium_type", "companies_science", "0.838"),
        ("theme", "resource_efficiency", "0.167"),
    ],
)
def test_shares_as_in_cleantech_2022_abb_4_to_6(
    dimension: str, category: str, expected: str
) -> None:
    key = {"cluster_id": "cleantech", "year": "2022", "region": "be"}
    key |= {"indicator": "projects_new_share", "dimension": dimension, "category": category}
    assert value(FIGURES, **key) == expected


def test_members_of_the_programme_and_of_medways() -> None:
    # Expedition Clusterinitiative 2 (2022), introduction; Schlaglichter der Wirtschaftspolitik
    assert value(PORTRAITS, organisation_id="go_cluster", fact="clusters") == "80"
    assert value(PORTRAITS, organisation_id="go_cluster", fact="clusters", mention="2") == "84"
    # portrait of medways: the parts printed do not add to the total printed
    parts = ("sme_count", "large", "universities", "research_institutes", "other_members")
    printed = [int(value(PORTRAITS, organisation_id="medways", fact=part)) for part in parts]
    assert value(PORTRAITS, organisation_id="medways", fact="members") == "91"
    assert sum(printed) == 93


def test_bounds_follow_the_wording() -> None:
    precision = {
        (row["indicator"], row["category"]): row["precision"]
        for row in rows(FIGURES)
        if row["cluster_id"] == "imk" and row["mention"] == "1"
    }
    assert precision["projects_new_share", "application"] == "lower_bound"  # more than half
    assert precision["projects_new_share", "started_or_finished"] == "approximate"
    assert precision["project_participants", "makeup_iot"] == "lower_bound"  # over 130
    assert precision["project_partners", "mr4b"] == "approximate"
    for row in rows(PORTRAITS):
        if row["fact"].endswith(("_min", "_max")):
            bound = "lower_bound" if row["fact"].endswith("_min") else "upper_bound"
            assert row["precision"] == bound, row["fact"]


def test_what_two_sources_print_alike_is_alike() -> None:
    by_key: dict[tuple[str, ...], set[str]] = {}
    columns = (
        "year", "cluster_id", "scope", "region", "sector", "indicator", "base_year", "delimitation",
    )  # fmt: skip
    for row in rows(ECONOMY):
        by_key.setdefault(tuple(row[name] for name in columns), set()).add(row["value"])
    assert all(len(values) == 1 for values in by_key.values())
    assert sum(row["mention"] == "2" for row in rows(ECONOMY)) == 9


def known(dimension: str) -> set[str]:
    return {row["category"] for row in rows(REFERENCE / "categories.csv")
            if row["dimension"] == dimension}  # fmt: skip


def test_every_code_of_the_data_is_in_the_reference_tables() -> None:
    clusters = {row["cluster_id"] for row in rows(REFERENCE / "clusters.csv")}
    sources = {row["source_id"] for row in rows(REFERENCE / "sources.csv")}
    for path in (FIGURES, ECONOMY, PORTRAITS, REFERENCE / "categories.csv"):
        for row in rows(path):
            assert row.get("cluster_id", "") in clusters | {""}
            assert row["source_id"] in sources | ({""} if path.parent == REFERENCE else set())
    for row in rows(FIGURES):
        assert row["region"] in known("region")
        assert bool(row["dimension"]) == bool(row["category"])
        assert row["category"] in known(row["dimension"]) | {""}
    assert {row["region"] for row in rows(ECONOMY)} <= known("region")
    assert {row["sector"] for row in rows(ECONOMY)} <= known("sector") | {""}
    assert {row["organisation_id"] for row in rows(PORTRAITS)} == known("organisation")
    assert {row["fact"] for row in rows(PORTRAITS)} == known("organisation_fact")


def test_every_source_is_used() -> None:
    used = {row["source_id"] for path in TABLES if path.stem != "sources" for row in rows(path)
            if "source_id" in row}  # fmt: skip
    own = {"bkg_vg250", "records", "synthetic"}
    assert {row["source_id"] for row in rows(REFERENCE / "sources.csv")} == (used - {""}) | own


def test_categories_are_labelled_once_in_both_languages() -> None:
    categories = rows(REFERENCE / "categories.csv")
    assert all(row["label_de"].strip() and row["label_en"].strip() for row in categories)
    keys = Counter((row["dimension"], row["category"]) for row in categories)
    assert max(keys.values()) == 1
    places = Counter((row["dimension"], row["position"]) for row in categories)
    assert max(places.values()) == 1
    for row in categories:
        assert row["parent"] in known(row["dimension"]) | {""}
        assert row["note"] or row["is_assumption"] == "false", row["category"]


def test_actor_types_change_in_2022() -> None:
    kinds = {row["category"]: row for row in rows(REFERENCE / "categories.csv")
             if row["dimension"] == "actor_type"}  # fmt: skip
    assert kinds["association"]["valid_to"] == kinds["network"]["valid_to"] == "2021"
    assert kinds["association_network"]["valid_from"] == "2022"


def test_geometry_municipalities_and_districts_agree() -> None:
    districts = {row["ags"]: row for row in rows(REFERENCE / "districts.csv")}
    geometry = json.loads((REFERENCE / "districts.geojson").read_text(encoding="utf-8"))
    assert geometry["attribution"] == "© GeoBasis-DE / BKG (Daten verändert)"
    shapes = {shape["properties"]["ags"]: shape["properties"] for shape in geometry["features"]}
    assert shapes.keys() == districts.keys()
    assert len(districts) == 19
    for ags, shape in shapes.items():
        assert shape == {name: districts[ags][name] for name in ("ags", "nuts3", "name")}
    seats = rows(REFERENCE / "municipalities.csv")
    assert {row["district_ags"] for row in seats} == districts.keys()
    assert all(row["ags"].startswith(row["district_ags"]) for row in seats)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_files_are_written_canonically(path: Path) -> None:
    raw = path.read_bytes()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert not raw.startswith(b"\xef\xbb\xbf")
    for row in rows(path):
        assert None not in row
        assert all(cell == cell.strip() for cell in row.values())
        assert re.fullmatch(r"(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])?", row.get("value", ""))


@pytest.mark.parametrize("locale", ["de", "en"])
def test_commentary_has_the_year_and_five_stories(locale: str) -> None:
    text = (REAL / "commentary" / "2021" / f"imk.{locale}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^# (\w+) \(imk_2021, p\. \d.*\)$", text, re.MULTILINE)
    assert headings == [name for name in SECTIONS if name != "technologies"]
    year = text.partition("# year")[2].partition("# success_stories")[0]
    assert 4 <= len(re.findall(r"^- ", year, re.MULTILINE)) <= 6
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == 5
    assert "<" not in text


FACTS = {
    "monitoring_published.csv": """\
source_id,reference,cluster_id,year,region,indicator,dimension,category,value,unit,precision,wording
R1,p. 7,imk,2021,bebb,volume,,,161.50,EUR_million,exact,x
R1,p. 8,imk,2021,bebb,volume,,,162,EUR_million,approx,x
R1,p. 9,imk,2021,bebb,by_type,type,verein,4,count,exact,x
R1,p. 9,imk,,bebb,old,,,4,count,exact,x
""",
    "economy_published.csv": """\
source_id,cluster_id,scope,region,sector,year,measure,base_year,value,unit,precision,provisional,delimitation,wording
R1,all,core,bebb,,2020,growth,2011,-20,percent,exact,true,official_total,x
""",
    "innovation_survey_published.csv": """\
source_id,cluster_id,scope,region,sector,year,measure,base_year,value,unit,precision,provisional,delimitation,wording
R1,,total,bebb,"1, 3",2020,growth,2019,5,percent,exact,false,official_total,x
""",
    "go_cluster_published.csv": """\
source_id,organisation,fact,value,unit,precision,wording
R1,Club,events_min,65,count,exact,x
R1,Club,seat,Kiel,text,exact,x
""",
}
TINY = {
    "reference/clusters.csv": "cluster_id\nimk\njoint\n",
    "reference/sources.csv": "source_id\nreport\n",
    "reference/categories.csv": "dimension,category\nregion,bebb\nsector,1_3\n"
    "actor_type,association\norganisation,club\norganisation_fact,events_min\norganisation_fact,seat\n",
    "transcription/codes.csv": "dimension,printed,code\nsource,R1,report\ncluster,all,joint\n"
    'actor_type,verein,association\nsector,"1, 3",1_3\norganisation,Club,club\n'
    "precision,exact,exact\nprecision,approx,approximate\ndelimitation,official_total,official\n",
    "transcription/indicators.csv": "table,measure,printed_unit,indicator,dimension,unit,factor\n"
    "monitoring,volume,EUR_million,project_volume,,eur,1000000\n"
    "monitoring,by_type,count,actors_projects,actor_type,count,1\n"
    "economy,growth,percent,turnover_growth,,fraction,0.01\n"
    "organisations,,count,,,count,1\norganisations,,text,,,,\n",
    "transcription/rows.csv": "table,source,item,region,year,measure,category,value,mention,"
    "precision,base_year,is_year_inferred,is_provisional,reference,note,left_out\n"
    "monitoring,,,,,volume,,162,2,,,,,,another place,\n"
    "monitoring,,,,,old,,,,,,,,,,no year\n"
    "organisations,,,,,*_min,,,,lower_bound,,,,,,\n",
}


class Workshop:
    """A copy of the script between tables and transcriptions small enough to read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in (TINY | {f"facts/{name}": text for name, text in FACTS.items()}).items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        shutil.copy(DATA / "transcription" / "transcribe.py", root / "transcription")

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-X", "utf8", "transcription/transcribe.py", "facts"]
        return subprocess.run(
            command, cwd=self.root, capture_output=True, encoding="utf-8", check=False
        )

    def written(self) -> dict[str, bytes]:
        found = (self.root / "capital-region").rglob("*.csv")
        return {path.stem: path.read_bytes() for path in found}


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_every_row_is_written_or_left_out_with_a_reason(workshop: Workshop) -> None:
    done = workshop.run()
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].endswith("4 read, 3 written, 1 left out")
    assert lines[1].strip() == "left out: monitoring_published.csv, line 5, old: no year"
    assert workshop.written()["figures"].decode() == (
        "year,cluster_id,region,indicator,dimension,category,base_year,mention,value,unit,"
        "precision,is_year_inferred,source_id,reference,note\n"
        "2021,imk,bebb,actors_projects,actor_type,association,,1,4,count,"
        "exact,false,report,p. 9,\n"
        "2021,imk,bebb,project_volume,,,,1,161500000,eur,exact,false,report,p. 7,\n"
        "2021,imk,bebb,project_volume,,,,2,162000000,eur,approximate,false,report,p. 8,"
        "another place\n"
    )
    assert workshop.written()["economy"].decode().splitlines()[1:] == [
        "2020,,,bebb,1_3,turnover_growth,2019,official,1,0.05,fraction,exact,false,report,,",
        "2020,joint,core,bebb,,turnover_growth,2011,official,1,-0.2,fraction,exact,true,report,,",
    ]
    assert workshop.written()["portraits"].decode().splitlines()[1:] == [
        "club,events_min,1,65,,count,lower_bound,report,",
        "club,seat,1,,Kiel,,exact,report,",
    ]


def test_the_same_transcription_gives_the_same_bytes(workshop: Workshop) -> None:
    workshop.run()
    first = workshop.written()
    workshop.run()
    assert workshop.written() == first


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("facts/monitoring_published.csv", "verein", "klub", "line 4: actor_type 'klub' is"),
        ("facts/monitoring_published.csv", "9,imk", "9,ikm", "line 4: cluster 'ikm' is"),
        ("facts/economy_published.csv", "percent", "promille", "line 2: 'growth' in 'promille'"),
        ("facts/go_cluster_published.csv", "seat", "sit", "line 3: organisation_fact 'sit' is"),
        ("transcription/rows.csv", ",162,2", ",162,1", "line 3: 2021, imk, bebb, project_volume"),
        ("transcription/rows.csv", "*_min", "*_max", "rows.csv, line 4: the rule meets no row"),
    ],
)
def test_what_is_not_understood_stops_before_anything_is_written(
    workshop: Workshop, name: str, old: str, new: str, message: str
) -> None:
    workshop.replace(name, old, new)
    done = workshop.run()
    assert done.returncode == 1
    assert message in done.stderr
    assert workshop.written() == {}
