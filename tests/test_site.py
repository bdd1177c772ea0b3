"""What surrounds the reports: links between them, headline figures, values, policy."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from test_report import export, figure, page, shown, table

import ewm_analysis
from ewm_analysis import files
from ewm_analysis.catalogue import Words
from ewm_analysis.loaders import load_reference
from ewm_analysis.notebook.values import figure_values
from ewm_analysis.project import resolve_data_dir
from ewm_analysis.report import build_site
from ewm_analysis.report.bundles import PAGE
from ewm_analysis.report.page import policy, script, value_table
from ewm_analysis.report.printing import DOCUMENTS

NAMES = {"aa": "Zucker", "bb": "Anis", "cc": "Minze"}


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """Reports of three clusters, whose codes sort otherwise than their names, and three years."""
    for cluster, label in NAMES.items():
        for year, number in ((2019, 3), (2020, 0), (2021, 12)):
            own = tmp_path / f"example/{year}/{cluster}/10_annual_report/de"
            told = page(headline={"projects_new": number, "project_volume": 2.5e6}, short=label)
            export(own, shown(told, figure()))
            shows = [["figure-1", "Abb. 1: </script> & Projekte"]]
            record = {"cluster_label": label, "page": told[PAGE], "shows": shows}
            (own / "manifest.json").write_text(json.dumps(record), "utf-8")
    build_site(tmp_path)
    return tmp_path


def links(report: Path) -> dict[str, str]:
    """Return the navigation of a page: what is read, and where it leads."""
    nav = re.search(r"<!-- pages -->(.*?)<!-- /pages -->", report.read_text("utf-8"), re.DOTALL)
    assert nav
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', nav[1])
    return {re.sub(r"<[^>]+>", "", words): address for address, words in found}


def test_report_leads_to_the_years_and_clusters_beside(outputs: Path) -> None:
    told = links(outputs / "example/2020/cc/10_annual_report/de/report.html")
    assert [*told] == [
        "Alle Berichte",
        "← 2019",
        "2021 →",
        "Voriges Cluster: ↑ Anis",
        "Nächstes Cluster: Zucker ↓",
    ]
    assert told["← 2019"].endswith("2019/cc/10_annual_report/de/report.html")
    assert told["Voriges Cluster: ↑ Anis"].endswith("/bb/10_annual_report/de/report.html")
    assert told["Nächstes Cluster: Zucker ↓"].endswith("/aa/10_annual_report/de/report.html")
    ends = links(outputs / "example/2021/bb/10_annual_report/de/report.html")
    assert [*ends] == ["Alle Berichte", "← 2020", "Nächstes Cluster: Minze ↓"]


def test_report_leads_to_its_pdf_where_there_is_one(outputs: Path) -> None:
    report = outputs / "example/2020/cc/10_annual_report/de/report.html"
    assert not DOCUMENTS.keys() & links(report).keys()
    for suffix in DOCUMENTS.values():
        report.with_suffix(suffix).write_bytes(b"%PDF-")
    build_site(outputs)
    found = {words: address for words, address in links(report).items() if words in DOCUMENTS}
    assert found == {"PDF": "report.pdf", "DOCX": "report.docx", "PPTX": "report.pptx"}


def test_index_has_a_row_a_cluster_with_the_newest_year_first(outputs: Path) -> None:
    for last in (2020, 2021):  # the one of the year before stays beside the new one
        growth = outputs / f"example/{last}/bb/20_growth/de"
        told = page(
            title=f"Wachstum 2019–{last}: Anis", parameters={"last_year": last}, headline={}
        )
        export(growth, shown(told, figure()))
        record = {"cluster_label": "Anis", "page": told[PAGE], "shows": []}
        (growth / "manifest.json").write_text(json.dumps(record), "utf-8")
    build_site(outputs)
    html = (outputs / "index.html").read_text("utf-8")
    assert html.count("<table>") == 1
    heads = re.findall(r'<th scope="col">(.*?)</th>', html)
    assert heads == ["Cluster", "2021", "2020", "2019", "Wachstum"]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', html, re.DOTALL)
    assert [name for name, _ in rows] == ["Anis", "Minze", "Zucker"]
    assert [cells.count("<a ") for _, cells in rows] == [5, 3, 3]
    assert re.findall(r"</span>(2019–.*?)</a>", rows[0][1]) == ["2019–2021", "2019–2020"]
    assert html.count("<strong>12</strong>") == len(NAMES)
    assert html.count("<small>2,5\xa0Mio.\xa0€</small>") == 3 * len(NAMES)
    assert "neu initiierte Projekte und ihr Volumen" in html


def test_search_knows_each_caption_once_and_cannot_end_its_element(outputs: Path) -> None:
    html = (outputs / "index.html").read_text("utf-8")
    store = re.search(r'id="search-index">(.*?)</script>', html, re.DOTALL)
    assert store
    known = json.loads(store[1])
    assert known["captions"] == ["</script> & Projekte"]
    assert len(known["pages"]) == 9
    years = [re.search(r"/(20..)/", each["address"])[1] for each in known["pages"]]  # type: ignore
    assert years == sorted(years, reverse=True)
    assert {tuple(shows) for each in known["pages"] for shows in each["shows"]} == {("figure-1", 0)}


def test_policy_allows_one_script_and_nothing_else() -> None:
    told = dict(rule.split(" ", 1) for rule in policy(script("report")).split("; "))
    mark = base64.b64encode(hashlib.sha256(script("report").encode()).digest()).decode()
    assert told == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "script-src": f"'sha256-{mark}'",
    }


def test_values_say_once_what_all_share_and_leave_out_the_source() -> None:
    header = ["Year", "Unit", "Value", "Source", "Category"]
    rows = [[2020, "count", 1234, "a p. 7", ""], [2021, "count", 0.12345, "b", ""]]
    found = value_table(header, rows, "en")
    assert found.shared == {"Unit": "count"}
    assert found.header == ["Year", "Value"]
    assert found.rows == [["2020", "1,234"], ["2021", "0.123"]]
    assert found.numbers == {0, 1}


def test_numbers_of_the_workbook_are_formatted_and_years_are_not(tmp_path: Path) -> None:
    rows = [[2021, 12345, 0.5, "Text"]]
    export(tmp_path, shown(page(), table(header=["Jahr", "n", "x", "t"], rows=rows)))
    line = openpyxl.load_workbook(tmp_path / "tables.xlsx")["Tab. 1"][5]
    assert [cell.number_format for cell in line] == ["General", "#,##0", "#,##0.###", "General"]
    assert [cell.value for cell in line] == [2021, 12345, 0.5, "Text"]


def test_hash_of_the_package_is_the_same_in_a_clone_and_from_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "ewm_analysis"
    (package / "scaffold" / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    monkeypatch.setattr(files.ewm_analysis, "__file__", str(package / "__init__.py"))
    before = files.package_sha256.__wrapped__()
    (package / "scaffold" / "data" / "datapackage.json").write_text("{}", "utf-8")
    assert files.package_sha256.__wrapped__() == before
    (package / "new.py").write_text("", "utf-8")
    assert files.package_sha256.__wrapped__() != before


def test_declarations_are_part_of_the_hash_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column that is declared otherwise makes every page due, as code does."""
    shipped = {path.suffix for path in Path(ewm_analysis.__file__).parent.rglob("*.*")}
    assert {".csv", ".toml", ".j2", ".css", ".js"} <= files.SOURCES & shipped
    columns = tmp_path / "contracts" / "columns.csv"
    columns.parent.mkdir()
    monkeypatch.setattr(files.ewm_analysis, "__file__", str(tmp_path / "__init__.py"))
    found = set()
    for text in ("name,kind\nyear,integer\n", "name,kind\nyear,text\n"):
        columns.write_text(text, "utf-8")
        found.add(files.package_sha256.__wrapped__())
    assert len(found) == 2


def test_values_of_a_statistic_are_labelled_not_coded() -> None:
    words = Words(load_reference(resolve_data_dir("data") / "reference"), "de")
    rows = pd.DataFrame(
        {
            "region": ["be", "bb"],
            "method": ["static", "dynamic"],
            "category": ["JN", ""],
            "k": [1.0, 2],
        }
    )
    header, lines = figure_values(rows, words, is_statistic=True)
    assert header == ["Region", "Verfahren", "Wirtschaftszweig", "Zahl der größten Projekte"]
    assert lines == [
        ["Berlin", "statisch", "Unternehmensdienstleistungen (J–N)", 1],
        ["Brandenburg", "dynamisch", "Alle Wirtschaftszweige", 2],
    ]
