"""Projects of CORDIS become a data set: the real ones meet known figures, each trap is seen."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
import pandas as pd
import pytest
from cordis_files import OPENDATA, write_real
from lying_archive import SMALL, lying_archive, memory_of
from typer.testing import CliRunner

from ewm_analysis.batch import plan_runs
from ewm_analysis.cli import app
from ewm_analysis.errors import ContractError, MissingDataError, ParameterError
from ewm_analysis.figures import describe_guidelines, plot_guidelines
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.intake.cordis import import_cordis
from ewm_analysis.intake.sending import parts_of, read_sent
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.loaders import open_dataset, part_of
from ewm_analysis.notebook import page as opening
from ewm_analysis.notebook import showing as show_module
from ewm_analysis.notebook.page import PAGE_MIME

ROOT = Path(__file__).parents[1]
FILES = Path(__file__).parent / "cordis"
BOTH = [FILES / "HORIZON", FILES / "H2020"]
REGIONS = ["DE3", "DE4"]

real = pytest.mark.skipif(not OPENDATA.is_dir(), reason="the real files are not on this machine")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("data") / "eu"
    import_cordis(BOTH, target, regions=REGIONS)
    return target


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("real")
    import_cordis([write_real(base / "HORIZON")], base / "eu", regions=REGIONS)
    return base / "eu"


def projects(folder: Path) -> pd.DataFrame:
    table = open_dataset(folder).records["projects"]
    return table.assign(name=table["title"].str.partition(":")[0])


def once(table: pd.DataFrame) -> pd.DataFrame:
    """Each project in its first cluster only."""
    return table[~table["project_id"].str.contains("-")]


def project(folder: Path, name: str, year: int) -> pd.Series:
    table = projects(folder)
    return table[(table["name"] == name) & (table["year"] == year)].iloc[0]


def actor(folder: Path, key: str, year: int) -> pd.Series:
    table = open_dataset(folder).records["actors"]
    return table[(table["actor_id"] == key) & (table["year"] == year)].iloc[0]


def broken(tmp_path: Path, file: str, old: str, new: str) -> list[str]:
    """Import with one text replaced; return what the error lists."""
    folder = shutil.copytree(FILES / "HORIZON", tmp_path / "HORIZON")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContractError) as caught:
        import_cordis([folder], tmp_path / "eu", regions=REGIONS)
    assert not (tmp_path / "eu").exists()
    return [str(failure) for failure in caught.value.failures]


# --- what the real files give: figures counted independently of this package ---------------


@real
def test_real_projects_meet_the_known_figures(golden: Path) -> None:
    new = once(projects(golden).query("is_new"))
    assert new["year"].value_counts().to_dict() == {2024: 109, 2025: 32, 2023: 3, 2026: 3}
    assert new["funding_region_eur"].sum() == pytest.approx(74_928_942.45)
    # 56 lump sums, and one total cost below the contribution to it
    assert new["volume_eur"].isna().sum() == 57


@real
def test_real_actors_meet_the_known_figures(golden: Path) -> None:
    records = open_dataset(golden).records
    new = once(records["projects"].query("is_new"))[["year", "project_id"]]
    taking_part = records["participations"].merge(new, on=["year", "project_id"])
    own = taking_part.merge(records["actors"], on=["year", "actor_id"], validate="m:1")
    own = own[own["state"] != "other"]
    assert len(own) == 172
    districts = own["ags"].value_counts()
    assert (districts["11000"], districts["12054"]) == (135, 24)
    elsewhere = districts.drop(["11000", "12054"])
    assert (len(elsewhere), elsewhere.sum()) == (7, 13)
    actors = own.drop_duplicates("actor_id")
    assert actors["actor_type"].value_counts().to_dict() == {
        "company": 35,
        "university_research": 33,  # 26 research institutes and 7 universities
        "other": 28,
        "public_administration": 3,
    }
    told = (golden / "README.md").read_text("utf-8")
    assert "| of which SME by CORDIS' own account | 32 |" in told
    assert "| Coordinations from Berlin and Brandenburg | 13 |" in told


@real
def test_four_of_five_real_projects_have_a_cluster(golden: Path) -> None:
    new = projects(golden).query("is_new")
    assert new["project_id"].is_unique
    assert len(once(new)) == 147
    counts = new["cluster_id"].value_counts()
    assert counts["unassigned"] == 26  # 18 %
    assert counts["op"] == 11
    assert counts.sum() == 155  # eight count in two clusters
    assert not new[new["title"].duplicated(keep=False)]["cluster_id"].eq("unassigned").any()


@real
def test_what_the_indicators_count_adds_up_to_the_real_projects(golden: Path) -> None:
    """Those in two clusters count in both; the report of the import counts each once."""
    data_set = open_dataset(golden)
    table = data_set.records["projects"].query("is_new")
    values = compute_indicators(data_set)
    undivided = values[values["dimension"] == ""]
    total = undivided.groupby("indicator")["value"].sum()
    assert total["projects_new"] == len(table)
    assert total["funding_volume_region"] == pytest.approx(table["funding_region_eur"].sum())
    told = (golden / "README.md").read_text("utf-8")
    assert "| EU contribution to Berlin and Brandenburg, EUR | 74928942.45 |" in told


# --- traps, from small files written by hand -------------------------------------------------


def test_only_projects_with_a_partner_in_the_region_and_a_start_are_kept(imported: Path) -> None:
    assert {*projects(imported)["name"]} == {"ALPHA", "BETA", "GAMMA", "DELTA", "ETA", "OLD"}
    told = (imported / "README.md").read_text("utf-8")
    assert "| Projects without a start date: left out | 1 |" in told
    assert "| Participations from Berlin and Brandenburg | 9 |" in told


def test_a_project_runs_from_start_to_end_and_not_beyond_the_last_start(imported: Path) -> None:
    table = projects(imported)
    years = table.groupby("name")["year"].agg(list)
    assert years["ALPHA"] == [2022, 2023]
    assert years["BETA"] == [2023]  # ends in 2026, but no project begins after 2023
    assert years["ETA"] == [2022]  # no end date: only the year of its start is certain
    assert years["OLD"] == [2020, 2021, 2022]
    assert project(imported, "ALPHA", 2022)[["is_new", "status"]].tolist() == [True, "started"]
    assert project(imported, "ALPHA", 2023)[["is_new", "status"]].tolist() == [False, "finished"]


def test_a_title_keeps_its_semicolon_and_quotes(imported: Path) -> None:
    assert project(imported, "ALPHA", 2022)["title"] == "ALPHA: Tools; for „health“"


def test_texts_are_read_as_in_any_list_and_nobody_is_lost(tmp_path: Path) -> None:
    folder = shutil.copytree(FILES / "HORIZON", tmp_path / "HORIZON")
    for file, old, new in (
        ("project.csv", "Tools; for", "Tools;\u00a0  for"),
        ("organization.csv", '"KLEIN GMBH"', '""'),
    ):
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), "utf-8")
    import_cordis([folder], tmp_path / "eu", regions=REGIONS)
    assert project(tmp_path / "eu", "ALPHA", 2022)["title"] == "ALPHA: Tools; for „health“"
    assert actor(tmp_path / "eu", "900000002", 2022)["name"] == "900000002"


def test_amounts_have_a_decimal_comma_and_zero_cost_is_unknown(imported: Path) -> None:
    alpha, beta = project(imported, "ALPHA", 2022), project(imported, "BETA", 2023)
    assert alpha["volume_eur"] == 2_500_000.5
    assert alpha["volume_region_eur"] == 900_000.5
    assert alpha["funding_region_eur"] == 750_000
    assert pd.isna(beta["volume_eur"])
    assert pd.isna(beta["volume_region_eur"])
    # Two roles of one partner are both paid; the associated partner gets nothing.
    assert beta["funding_region_eur"] == 200_000.25


def test_a_cost_below_the_contribution_is_unknown_and_told(imported: Path) -> None:
    assert pd.isna(project(imported, "GAMMA", 2023)["volume_eur"])
    told = (imported / "README.md").read_text("utf-8")
    assert "- 101000003: `volume_eur` 900000.00 against 1000000.00; taken as unknown" in told


def test_an_organisation_with_two_roles_takes_part_once(imported: Path) -> None:
    table = open_dataset(imported).records["participations"]
    rows = table[(table["project_id"] == "101000002") & (table["actor_id"] == "900000004")]
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("key", "year", "state", "ags"),
    [
        ("900000001", 2022, "be", "11000"),
        ("900000002", 2022, "bb", "12054"),
        ("900000003", 2022, "other", ""),  # Frankfurt am Main by its code
        ("900000004", 2023, "bb", "12064"),  # MUENCHEBERG, of which the code only tells the state
        ("900000005", 2023, "bb", "12053"),  # FRANKFURT ODER
        ("900000006", 2023, "other", ""),  # Vienna
        ("900000007", 2023, "bb", "12052"),  # Cottbus without a code is a district of its own
        ("900000008", 2023, "other", ""),  # Schönborn without a code may lie anywhere
        ("900000009", 2023, "other", ""),  # FRANKFURT without a code
        ("900000010", 2022, "bb", ""),  # FRANKFURT in Brandenburg: the city is not named whole
    ],
)
def test_a_seat_is_known_or_stays_unknown(
    imported: Path, key: str, year: int, state: str, ags: str
) -> None:
    assert actor(imported, key, year)[["state", "ags"]].tolist() == [state, ags]


@pytest.mark.parametrize(
    ("key", "year", "kind", "size"),
    [
        ("900000001", 2022, "university_research", ""),
        ("900000002", 2022, "company", "sme"),
        ("900000003", 2022, "company", "not_sme"),
        ("900000004", 2023, "other", ""),  # an SME that is no company
        ("900000006", 2023, "public_administration", ""),
        ("900000007", 2023, "company", "not_sme"),  # described anew in 2024
        ("900000008", 2023, "unknown", ""),
    ],
)
def test_types_and_sizes_are_those_that_cordis_tells(
    imported: Path, key: str, year: int, kind: str, size: str
) -> None:
    assert actor(imported, key, year)[["actor_type", "size_class"]].tolist() == [kind, size]


def test_clusters_come_from_rules(imported: Path) -> None:
    clusters = projects(imported).drop_duplicates("name").set_index("name")["cluster_id"]
    assert clusters.to_dict() == {
        "ALPHA": "gw",  # programme part before field of science
        "BETA": "et",
        "GAMMA": "imk",
        "DELTA": "unassigned",
        "ETA": "op",  # lasers before software
        "OLD": "vml",
    }
    matches = pd.read_csv(imported / "import" / "cluster_matches.csv", dtype="string")
    eta = matches[matches["project_id"] == "101000007"]
    assert {*eta["cluster_id"].dropna()} == {"op", "imk"}
    assert eta.loc[eta["decides"] == "true", "cluster_id"].tolist() == ["op"]
    delta = matches[matches["project_id"] == "101000004"]
    assert delta["cluster_id"].isna().all()
    assert len(delta) == 4


RULES = """field,pattern,cluster_id,rank,is_assumption,source,reason
topic,HORIZON-CL2*,imk,1,true,us,media
partner,NEUER NAME*,kc,1,true,us,a partner of the region
partner,IRGENDWO*,vml,1,true,us,no partner of the region
euroscivoc,/social sciences/*,gw,2,true,us,a later rank
"""


def test_a_project_of_two_clusters_counts_in_both(tmp_path: Path) -> None:
    (tmp_path / "rules.csv").write_text(RULES, "utf-8")
    import_cordis(BOTH[:1], tmp_path / "eu", regions=REGIONS, rules=tmp_path / "rules.csv")
    data_set = open_dataset(tmp_path / "eu")
    delta = projects(tmp_path / "eu").query("name == 'DELTA' and is_new")
    ids = dict(zip(delta["cluster_id"], delta["project_id"], strict=True))
    assert ids == {"imk": "101000004", "kc": "101000004-kc"}
    partners = data_set.records["participations"].groupby("project_id")["actor_id"].nunique()
    assert partners[ids["imk"]] == partners[ids["kc"]] == 3
    told = (tmp_path / "eu" / "README.md").read_text("utf-8")
    assert "| partner: `NEUER NAME*` → `kc` | 1 |" in told
    assert "IRGENDWO" not in told
    assert "(1 projects) counts in each of them" in data_set.notices["en"]
    assert data_set.is_overlapping
    # one contribution of the EU, whatever the number of clusters
    new = projects(tmp_path / "eu").query("is_new").drop_duplicates("name")
    funding = f"{new['funding_region_eur'].sum():.2f}"
    assert f"| EU contribution to Berlin and Brandenburg, EUR | {funding} |" in told


def test_nothing_is_summed_over_clusters_that_overlap(
    imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles: list[dict[str, Any]] = []
    for module in (opening, show_module):
        monkeypatch.setattr(module, "display", lambda bundle, **_: bundles.append(bundle))
    page = opening.start(kind="comparison", year=2022, locale="en", data_dir=str(imported))
    for name in ("rdi_funnel", "cross_cluster_funnel", "links_matrix", "shared_projects"):
        show_module.show(page, name)
        assert "a sum across clusters would count them twice" in bundles[-1]["text/html"]


def test_rules_of_a_user_stand_in_for_the_shipped_ones(tmp_path: Path) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text(
        "field,pattern,cluster_id,rank,is_assumption,source,reason\n"
        "topic,*DEMOCRACY*,imk,1,true,us,media\n"
    )
    import_cordis(BOTH[:1], tmp_path / "eu", regions=REGIONS, rules=rules)
    assert project(tmp_path / "eu", "DELTA", 2023)["cluster_id"] == "imk"
    rules.write_text(rules.read_text().replace(",imk,", ",ikm,"))
    with pytest.raises(ContractError, match="'ikm' — is not a cluster_id of clusters"):
        import_cordis(BOTH[:1], tmp_path / "other", regions=REGIONS, rules=rules)


def test_coordination_is_not_research_and_consortia_follow_from_partners(imported: Path) -> None:
    table = projects(imported).drop_duplicates("name").set_index("name")
    assert table["is_rdi"].to_dict() == {
        "ALPHA": True, "BETA": False, "GAMMA": True, "DELTA": True, "ETA": True, "OLD": True
    }  # fmt: skip
    assert table["consortium_type"].to_dict() == {
        "ALPHA": "companies_science",
        "BETA": "other_joint",
        "GAMMA": "companies_science",
        "DELTA": "companies",
        "ETA": "single",
        "OLD": "single",
    }


def test_what_cordis_does_not_ask_is_missing_and_not_zero(imported: Path) -> None:
    values = compute_indicators(open_dataset(imported))
    assert {"projects_new", "actors_projects"} <= {*values["indicator"]}
    unknown = "activities|cross_cluster|participations"
    assert not values["indicator"].str.contains(unknown).any()
    assert {*values["dimension"]}.isdisjoint({"guideline", "focus_topic", "technology"})
    assert {*values.loc[values["dimension"] == "size_class", "category"]} == {"sme", "not_sme"}


def test_an_incomplete_year_is_compared_with_no_other(imported: Path, tmp_path: Path) -> None:
    data_set = open_dataset(imported)  # the last year, 2023, counts as incomplete
    assert {*part_of(data_set, last_year=2023).records["projects"]["year"]} == {2023}
    assert {*part_of(data_set, last_year=2022).records["projects"]["year"]} == {2020, 2021, 2022}
    values = compute_indicators(data_set)
    assert {*values.loc[values["is_provisional"], "year"]} == {2023}
    import_cordis(BOTH, tmp_path / "eu", regions=REGIONS, incomplete=[2020, 2021])
    sample = open_dataset(tmp_path / "eu")
    assert {*part_of(sample, last_year=2022).records["actors"]["year"]} == {2022}
    runs = plan_runs([sample], ROOT, tmp_path, locales=["de"])
    assert "20_growth" not in {run.notebook.stem for run in runs}


def test_the_data_set_says_what_it_is(imported: Path) -> None:
    data_set = open_dataset(imported)
    assert data_set.titles == {
        "de": "EU-geförderte Projekte (CORDIS)",
        "en": "EU-funded projects (CORDIS)",
    }
    assert not data_set.is_synthetic
    assert data_set.disclosure == "none"
    assert data_set.notices["de"].startswith("Dies ist nicht das Monitoring")
    sources = data_set.reference.sources.set_index("source_id")
    assert "CC BY 4.0; modified" in sources.loc["records", "title"]
    head = json.loads((imported / "datapackage.json").read_text("utf-8"))
    assert head["licenses"][0]["name"] == "CC-BY-4.0"


def test_the_data_set_says_how_many_projects_of_each_year_the_files_hold(imported: Path) -> None:
    """A reader sees a sample by these counts; the files themselves do not show it."""
    counts = "2020: 1, 2022: 2, 2023: 4"  # EPSILON has no partner in the region and counts
    notices = open_dataset(imported).notices
    assert f"so viele Projekte (nach dem Jahr ihres Beginns): {counts}." in notices["de"]
    assert f"this many projects (by the year in which they begin): {counts}." in notices["en"]
    told = (imported / "README.md").read_text("utf-8")
    assert f"| Projects in the files, by year of start | {counts} |" in told
    assert "--incomplete-year" in told


def test_pages_are_planned_for_reports_growth_and_comparison(
    imported: Path, tmp_path: Path
) -> None:
    runs = plan_runs([open_dataset(imported)], ROOT, tmp_path, locales=["de"])
    names = {run.notebook.stem for run in runs}
    assert {"10_annual_report", "20_growth", "30_comparison"} <= names


def test_a_page_says_what_the_data_are_and_names_source_and_licence(
    imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles: list[dict[str, Any]] = []
    for module in (opening, show_module):
        monkeypatch.setattr(
            module, "display", lambda bundle, **_: bundles.append(bundle), raising=True
        )
    page = opening.start(year=2022, cluster_id="gw", locale="de", data_dir=str(imported))
    head = bundles[0]
    assert head[PAGE_MIME]["title"] == "EU-geförderte Projekte (CORDIS) 2022: Gesundheitswirtschaft"
    assert "nicht das Monitoring der Clustermanagements" in head["text/html"]
    show_module.show(page, "key_figures_table")
    told = bundles[-1]["text/html"]
    assert "CORDIS, EU research projects (© European Union, CORDIS, CC BY 4.0; modified)" in told
    assert "Sonstige Aktivitäten" not in told
    show_module.show_figure(
        page, plot_guidelines, describe_guidelines, page.rows("projects_new", dimension="guideline")
    )
    assert "Dazu enthält der Datensatz keine Angaben." in bundles[-1]["text/html"]


CLAIMS = re.compile(
    r"(?<!cluster )\b[Mm]onitoring|(?:keine|no) (?:Stichprobe|sample)[.:]|Vollerhebung|full count"
    r"|gemeldet|meldet|reported|(?<!vertraulicher )Meldungen"
)
"""What only the monitoring of the cluster managements may say of its figures."""


@pytest.mark.parametrize(
    "name", ["00_data_quality", "10_annual_report", "20_growth", "30_comparison"]
)
def test_texts_of_notebooks_hold_for_any_data_set(name: str) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert [text for text in texts if CLAIMS.search(text)] == []


ROOMS = (
    "comparison.", "figures.", "figures_records.", "growth.missing", "growth.note",
    "tables.", "values.",
)  # fmt: skip


def test_sentences_made_from_numbers_hold_for_any_data_set() -> None:
    said = {
        (key, locale): text
        for key, by_locale in messages().items()
        if key.startswith(ROOMS)
        for locale, text in by_locale.items()
    }
    assert {room for room in ROOMS if not any(key.startswith(room) for key, _ in said)} == set()
    assert [key for key, text in said.items() if CLAIMS.search(text)] == []


@pytest.mark.parametrize(
    ("entry", "value", "told"),
    [
        ("notice", 7, "notice: '7' — must be a text"),
        ("not_collected", ["activites"], "must list indicators of the catalogue"),
        ("not_collected", 7, "must list indicators of the catalogue"),
        ("imprint", "Land", "must list objects with title, text and, if any, path (https://)"),
        ("imprint", [{"title": "Land"}], "must list objects with title, text"),
        ("imprint", [{"title": "A", "text": "B", "path": "javascript:x"}], "path (https://)"),
        ("incomplete_years", ["2023"], "must list years"),
        ("incomplete_years", 2023, "must list years"),
        ("overlapping", "yes", "must be true or false"),
    ],
)
def test_a_wrong_entry_of_the_descriptor_stops_the_load(
    imported: Path, tmp_path: Path, entry: str, value: object, told: str
) -> None:
    folder = shutil.copytree(imported, tmp_path / "eu")
    file = folder / "datapackage.json"
    head = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**head, entry: value}), "utf-8")
    with pytest.raises(ContractError, match=re.escape(told)):
        open_dataset(folder)


# --- importing again, elsewhere, and wrongly ----------------------------------------------------


def test_importing_again_gives_the_same_bytes_and_keeps_what_others_wrote(tmp_path: Path) -> None:
    target = tmp_path / "eu"
    import_cordis(BOTH, target, regions=REGIONS)
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    words = target / "commentary" / "2023" / "et.de.md"
    words.parent.mkdir(parents=True)
    words.write_text("# year\n\nUnsere Worte.\n", "utf-8")
    import_cordis(BOTH, target, regions=REGIONS)
    assert words.is_file()
    descriptor = target / "datapackage.json"
    assert {path: path.read_bytes() for path in before if path != descriptor} == {
        path: data for path, data in before.items() if path != descriptor
    }


def test_another_data_set_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ParameterError, match="holds other files"):
        import_cordis(BOTH, tmp_path, regions=REGIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("region", ["DE2", "DE", "", "DE999"])
def test_a_region_lies_in_berlin_or_brandenburg(tmp_path: Path, region: str) -> None:
    with pytest.raises(ParameterError, match="region"):
        import_cordis(BOTH, tmp_path / "eu", regions=[region])


def test_a_region_without_projects_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="has a partner in DE40F"):
        import_cordis(BOTH, tmp_path / "eu", regions=["DE40F"])


def test_one_district_may_be_asked_for(tmp_path: Path) -> None:
    import_cordis(BOTH, tmp_path / "eu", regions=["DE404"])
    assert {*projects(tmp_path / "eu")["name"]} == {"ALPHA"}


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("project.csv", '"totalCost"', '"cost"',
         "HORIZON/project.csv, line 1, column totalCost: the column is missing"),
        ("project.csv", '"2500000,5"', '"2.500.000,5"',
         "HORIZON/project.csv, line 2, column totalCost: '2.500.000,5' — must have the form "
         "[0-9]+(?:[.,][0-9]{1,2})? or be empty"),
        ("project.csv", '"2023-01-01"', '"01/01/2023"',
         "HORIZON/project.csv, line 4, column startDate: '01/01/2023' — must be a date such as "
         "2021-12-31 that exists, or empty"),
        ("project.csv", '"2023-08-31"', '"2021-08-31"',
         "HORIZON/project.csv, line 2, column endDate: '2021-08-31' — must not lie before "
         "startDate"),
        ("project.csv", '"101000002"', '"101000001"',
         "HORIZON/project.csv, line 4, column id: '101000001' — the key is repeated; it first "
         "stands in line 2"),
        ("organization.csv", '"HES"', '"UNI"',
         "HORIZON/organization.csv, line 2, column activityType: 'UNI' — allowed: HES, REC, PRC, "
         "PUB, OTH or empty"),
        ("organization.csv", '"101000005"', '"109999999"',
         "HORIZON/organization.csv, line 14, column projectID: '109999999' — is no id of "
         "project.csv"),
        ("topics.csv", '"HORIZON-HLTH-2022-TOOL-01-01";""', '"HORIZON-HLTH-2022-TOOL-01-01"',
         "HORIZON/topics.csv, line 2: the row has 2 cells, the header 3"),
    ],
)  # fmt: skip
def test_a_broken_cell_is_told_with_its_place(
    tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    assert told in broken(tmp_path, file, old, new)


def test_quotes_that_do_not_fit_are_told_with_their_line(tmp_path: Path) -> None:
    (failure,) = broken(tmp_path, "project.csv", '"BETA"', '"BE"TA"')
    assert failure.startswith("HORIZON/project.csv, line 4: quotes do not fit from here on")


def test_commas_instead_of_semicolons_and_missing_files_are_told_at_once(tmp_path: Path) -> None:
    folder = shutil.copytree(FILES / "HORIZON", tmp_path / "HORIZON")
    topics = folder / "topics.csv"
    topics.write_text(topics.read_text("utf-8").replace(";", ","), "utf-8")
    (folder / "euroSciVoc.csv").unlink()
    with pytest.raises(ContractError) as caught:
        import_cordis([folder], tmp_path / "eu", regions=REGIONS)
    assert [str(failure) for failure in caught.value.failures] == [
        "HORIZON/topics.csv, line 1: the columns must be separated by semicolons; is it another "
        "kind of file?",
        "HORIZON/euroSciVoc.csv: the file is missing",
    ]


def test_a_project_may_not_stand_in_two_folders(tmp_path: Path) -> None:
    twin = shutil.copytree(FILES / "HORIZON", tmp_path / "TWIN")
    with pytest.raises(ContractError, match=r"stands in .*/HORIZON, too"):
        import_cordis([FILES / "HORIZON", twin], tmp_path / "eu", regions=REGIONS)


def packed(folder: Path, target: Path, within: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.csv")):
            archive.write(file, within + file.name)
    return target


def test_zips_as_published_give_what_their_folders_give(imported: Path, tmp_path: Path) -> None:
    zips = [packed(folder, tmp_path / f"{folder.name}.zip", "csv/") for folder in BOTH]
    import_cordis(zips, tmp_path / "eu", regions=REGIONS)
    for file in imported.rglob("*.csv"):
        assert (tmp_path / "eu" / file.relative_to(imported)).read_bytes() == file.read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["H2020.zip", "HORIZON.zip", "eu"]


def test_a_zip_that_unpacks_to_far_too_much_is_not_opened(tmp_path: Path) -> None:
    folder = shutil.copytree(FILES / "HORIZON", tmp_path / "HORIZON")
    with (folder / "project.csv").open("a", encoding="utf-8") as opened:
        opened.write(";" * 5_000_000)
    bomb = packed(folder, tmp_path / "bomb.zip")
    with pytest.raises(ContractError, match=r"bomb\.zip/project\.csv: the ZIP unpacks to far more"):
        import_cordis([bomb], tmp_path / "eu", regions=REGIONS)


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_file_larger_than_any_published_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_packed: bool
) -> None:
    """Whatever its ratio: what is published is far below the limit."""
    given = packed(FILES / "HORIZON", tmp_path / "h.zip") if is_packed else FILES / "HORIZON"
    size = (FILES / "HORIZON" / "project.csv").stat().st_size
    given = given if is_packed else given / "project.csv"
    monkeypatch.setattr("ewm_analysis.intake.sending.LARGEST", size)
    assert read_sent(given, "project.csv", ["project.csv"])
    monkeypatch.setattr("ewm_analysis.intake.sending.LARGEST", size - 1)
    with pytest.raises(ContractError, match=r"far more than tables do|the file is larger than"):
        read_sent(given, "project.csv", ["project.csv"])


def test_a_zip_that_names_a_place_outside_is_not_opened(tmp_path: Path) -> None:
    bad = packed(FILES / "HORIZON", tmp_path / "bad.zip", "../")
    with pytest.raises(ContractError, match="the ZIP names a place outside of itself"):
        import_cordis([bad], tmp_path / "eu", regions=REGIONS)


def test_a_file_twice_in_a_zip_is_told_and_a_folder_is_none(tmp_path: Path) -> None:
    file = tmp_path / "h.zip"
    with zipfile.ZipFile(file, "w") as archive:
        folder = zipfile.ZipInfo()
        folder.filename = "csv\\"  # as Windows may write it
        archive.writestr(folder, b"")
        archive.writestr("csv/a.csv", "x")
    assert parts_of(file, "h.zip") == {PurePosixPath("csv/a.csv"): b"x"}
    with (
        zipfile.ZipFile(file, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("csv/a.csv", "y")
    with pytest.raises(ContractError, match=r"the ZIP holds csv/a\.csv twice"):
        read_sent(file, "h.zip", ["a.csv"])


def test_a_damaged_zip_is_told(tmp_path: Path) -> None:
    good = packed(FILES / "HORIZON", tmp_path / "good.zip").read_bytes()
    bad = tmp_path / "bad.zip"
    start = good.index(b"project.csv") + 40
    bad.write_bytes(good[:start] + bytes(60) + good[start + 60 :])
    with pytest.raises(ContractError, match=r"bad\.zip is no ZIP that can be read"):
        import_cordis([bad], tmp_path / "eu", regions=REGIONS)


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_a_zip_that_lies_about_its_size_is_refused_in_little_memory(
    tmp_path: Path, method: int
) -> None:
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(lying_archive("project.csv", method))

    def read() -> None:
        with pytest.raises(ContractError, match=r"bomb\.zip is no ZIP that can be read"):
            read_sent(bomb, "bomb.zip/project.csv", ["project.csv"])

    assert memory_of(read) < SMALL


def test_a_zip_with_a_name_that_is_no_utf_8_is_told(tmp_path: Path) -> None:
    bad = packed(FILES / "HORIZON", tmp_path / "bad.zip", "é/")
    bad.write_bytes(bad.read_bytes().replace("é/".encode(), b"\xff\xfe/"))
    with pytest.raises(ContractError, match=r"bad\.zip is no ZIP that can be read"):
        import_cordis([bad], tmp_path / "eu", regions=REGIONS)


@pytest.mark.parametrize("surplus", ["\n" * 2_000_000, ";" * 20_000_000], ids=["lines", "cells"])
def test_a_file_with_more_lines_or_cells_than_tables_have_is_told(
    tmp_path: Path, surplus: str
) -> None:
    folder = shutil.copytree(FILES / "HORIZON", tmp_path / "HORIZON")
    with (folder / "topics.csv").open("a", encoding="utf-8") as opened:
        opened.write(surplus)
    with pytest.raises(ContractError) as caught:
        import_cordis([folder], tmp_path / "eu", regions=REGIONS)
    assert [str(failure) for failure in caught.value.failures] == [
        "HORIZON/topics.csv: the file has more than 2 million lines or 20 million cells; export a "
        "part of it"
    ]


@pytest.mark.parametrize(
    ("folders", "told"),
    [
        (["nowhere"], "folder: '.*nowhere' does not exist"),
        ([""], "holds none of project.csv, .* name .*H2020 .*HORIZON instead"),
        (["HORIZON", "HORIZON"], "HORIZON' is given twice"),
        (["HORIZON", "H2020/../HORIZON"], "HORIZON' is given twice"),
        (["HORIZON/project.csv"], "project.csv' is neither a folder nor a ZIP"),
    ],
)
def test_a_wrong_folder_is_told_in_one_sentence(
    tmp_path: Path, folders: list[str], told: str
) -> None:
    with pytest.raises(ParameterError, match=told):
        import_cordis([FILES / name for name in folders], tmp_path / "eu", regions=REGIONS)


def many(folder: Path, table: str, header: str, row: str) -> None:
    lines = [row.format(id=101_000_000 + number) for number in range(100, 160)]
    (folder / f"{table}.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")


def test_files_of_two_programmes_in_one_folder_are_told_once(tmp_path: Path) -> None:
    folder = shutil.copytree(FILES / "HORIZON", tmp_path / "mixed")
    many(folder, "topics", "projectID;topic;title", "{id};T;x")
    with pytest.raises(ContractError) as caught:
        import_cordis([folder], tmp_path / "eu", regions=REGIONS)
    assert [str(failure) for failure in caught.value.failures] == [
        "mixed/topics.csv: 60 of 60 rows are about projects that are not in project.csv; unpack "
        "each programme into a folder of its own"
    ]


def test_a_programme_given_twice_under_other_names_is_told_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = shutil.copytree(FILES / "HORIZON", tmp_path / name)
        header, *rows = (folder / "project.csv").read_text("utf-8").splitlines()
        many(folder, "project", header, rows[2].replace("101000002", "{id}"))
        for table in ("organization", "topics", "euroSciVoc"):
            file = folder / f"{table}.csv"
            file.write_text(file.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    with pytest.raises(ContractError, match=r"two/project\.csv: 60 projects stand in .*one, too"):
        import_cordis([tmp_path / "one", tmp_path / "two"], tmp_path / "eu", regions=REGIONS)


def test_a_target_that_is_a_file_and_a_year_without_projects_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ParameterError, match="file' is a file; name a folder"):
        import_cordis(BOTH, tmp_path / "file", regions=REGIONS)
    with pytest.raises(ParameterError, match=r"incomplete_year: 2204 has no project\. .* 2020"):
        import_cordis(BOTH, tmp_path / "eu", regions=REGIONS, incomplete=[2204])
    assert not (tmp_path / "eu").exists()


def test_the_command_says_what_was_imported_and_how_to_go_on(tmp_path: Path) -> None:
    target = tmp_path / "eu"
    call = ["import", "cordis", *map(str, BOTH), "--data", str(target)]
    done = CliRunner().invoke(app, [*call, "--region", "DE3", "--region", "DE4"])
    assert done.exit_code == 0, done.output
    assert "Projects in the files, by year of start: 2020: 1, 2022: 2, 2023: 4" in done.output
    assert "Projects with a partner in the regions: 6" in done.output
    assert "say which years are not whole with --incomplete-year" in done.output
    assert f"ewm run --data {target}" in done.output
    wrong = CliRunner().invoke(app, [*call, "--region", "DE2"])
    assert wrong.exit_code == 2
    assert "'DE2' is no beginning of a NUTS code here: DE3 is Berlin" in wrong.output
