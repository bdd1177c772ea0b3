"""Executed notebook to page: language, escaping, refusal, and the same bytes twice."""

from __future__ import annotations

import json
import re
import zipfile
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import openpyxl
import pandas as pd
import pytest
from small_project import CLUSTER, FIGURE, PAGE, SHARED, TABLE, YEAR, code, notebook, shown, words

from ewm_analysis.errors import ParameterError, RunError
from ewm_analysis.l10n import text
from ewm_analysis.notebook.showing import data_uri
from ewm_analysis.parameters import RunParameters
from ewm_analysis.report import build_site, export_html, locale_part
from ewm_analysis.report.page import anchor, check_page, with_anchors

SVG = '<svg viewBox="0 0 4 3"><path d="M0 0h4"/></svg>'
SENTENCE = "2021 begannen 34 Projekte, nach 41 im Vorjahr."


VOLUME = {"where": ["is_new"], "sum": "volume_eur", "at_most": "volume_at_most"}
"""How records give a project volume: of which projects what is summed."""


def page(**changes: object) -> dict[str, object]:
    given = {
        "title": "Bericht 2021",
        "description": "Ein Test.",
        "locale": "de",
        "data_set": "example",
        "data_set_title": "Testdaten",
        "is_synthetic": True,
        "notice": "Erfunden.",
        "parameters": {
            "year": 2021,
            "cluster_id": "imk",
            "locale": "de",
            "data_dir": "data/example",
        },
        "links": {},
    }
    return {PAGE: {**given, **changes}, "text/html": "<h1>twin</h1>"}


def figure(**changes: object) -> dict[str, object]:
    given = {
        "number": 1,
        "slug": "projects",
        "title": "Abb. 1: Projekte",
        "alt": SENTENCE,
        "header": ["Jahr", "Projekte"],
        "rows": [[2020, 41], [2021, 34]],
    }
    picture = f'<img class="ewm-picture" alt="{SENTENCE}" src="{data_uri(SVG)}">'
    html = f"<figure>{picture}<figcaption>Abb. 1: Projekte</figcaption></figure>"
    return {FIGURE: {**given, **changes}, "text/html": html}


def table(**changes: object) -> dict[str, object]:
    given = {
        "number": 1,
        "slug": "actors",
        "title": "Tab. 1: Akteure",
        "header": ["Typ", "Anzahl", "Δ"],
        "rows": [["Unternehmen", 93, -0.5], ["=1+1", 0, None]],
    }
    html = "<table><caption>Tab. 1: Akteure</caption></table>"
    return {TABLE: {**given, **changes}, "text/html": html}


def executed(*cells: nbformat.NotebookNode, injected_id: str = "a1") -> nbformat.NotebookNode:
    injected = code("year = 2021", "injected-parameters")
    node = notebook(code(YEAR + CLUSTER + SHARED, "parameters"), injected, *cells)
    node.cells[1]["id"] = injected_id
    node.metadata.papermill = {"input_path": "notebooks/10_annual_report.ipynb"}
    return node


def export(folder: Path, *cells: nbformat.NotebookNode) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    export_html(executed(*cells), folder)
    return (folder / "report.html").read_text("utf-8")


def test_page_says_what_it_is(tmp_path: Path) -> None:
    html = export(tmp_path, shown(page()), words("## Eins"), words("## Zwei"))
    assert '<html lang="de">' in html
    assert "<title>Bericht 2021 – Testdaten</title>" in html
    assert '<meta name="description" content="Ein Test.">' in html
    assert html.count("<h1>") == 1
    assert "twin" not in html
    assert "Erfunden." in html
    assert '<a href="#eins">Eins</a>' in html
    assert "¶" not in html
    assert (
        "ewm run --data data/example --year 2021 --cluster imk "
        "--notebook 10_annual_report --locale de" in re.sub(r"</?span>", "", html)
    )


@pytest.mark.parametrize("locale", ["de", "en"])
def test_every_parameter_is_told_in_words(tmp_path: Path, locale: str) -> None:
    years = {"year": 2021, "first_year": 2017, "last_year": 2021}
    texts = {"cluster_id": "imk", "state": "bb", "field": "ikt", "data_dir": "data/example"}
    given = {**years, **texts, "locale": locale, "internal": True}
    assert set(given) == set(RunParameters.names())
    html = export(tmp_path, shown(page(parameters=given, locale=locale)), shown(table()))
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    sheet = " ".join(str(cell.value) for row in book.worksheets[0] for cell in row)
    for name in given:
        said = text(f"report.parameter.{name}", locale)
        assert said in html
        assert said in sheet
    assert "True" not in sheet
    assert "--internal" in html
    marks = " · ".join(text(f"report.{name}", locale).upper() for name in ("synthetic", "internal"))
    assert f'data-mark="{marks}"' in html  # pictures that the page makes bear it


def test_code_parameters_and_introduction_are_left_out(tmp_path: Path) -> None:
    secret = shown(page())
    secret.source = "secret_code()"
    intro = words("Nur im Notebook", "remove-cell")
    html = export(tmp_path, intro, secret, words("Sichtbar"))
    assert "Sichtbar" in html
    for hidden in ("secret_code", "Nur im Notebook", "year: int", "year = 2021"):
        assert hidden not in html


def test_only_the_language_of_the_run_is_kept(tmp_path: Path) -> None:
    both = words("## Projekte\n\nDeutsch.\n\n<!-- en -->\n\n## Projects\n\nEnglish.")
    german = export(tmp_path / "de", shown(page()), both)
    english = export(tmp_path / "en", shown(page(locale="en")), both)
    assert "Deutsch." in german
    assert "English." not in german
    assert "English." in english
    assert "Deutsch." not in english
    assert '<html lang="en">' in english


def test_locale_part_without_english_holds_for_both() -> None:
    assert locale_part("Text", "en") == "Text"
    assert locale_part("a <!-- en --> b", "de") == "a <!-- en --> b"


def test_titles_are_text_never_markup(tmp_path: Path) -> None:
    evil = '<script>alert("1")</script>'
    cells = shown(
        page(title=evil, description=evil, notice=evil, data_set_title=evil, data_set=evil),
        table(title=evil),
    )
    html = export(tmp_path, cells)
    assert html.count("<script") == 1  # the page's own
    assert "alert" not in re.sub(r"&lt;script&gt;alert", "", html)
    assert html.count("&lt;script&gt;") >= 6


def test_two_exports_have_the_same_bytes(tmp_path: Path) -> None:
    cells = (shown(page(), figure(), table()), words("## Eins\n\nText"))
    for name, injected_id in (("one", "a1"), ("two", "b2")):
        (tmp_path / name).mkdir()
        node = executed(*cells, injected_id=injected_id)
        node = nbformat.reads(nbformat.writes(node), 4) if name == "two" else node
        export_html(node, tmp_path / name)
    one, two = (
        {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    )
    assert set(one) == {
        "figures/01-projects.csv",
        "figures/01-projects.svg",
        "figures/csv-metadata.json",
        "report.html",
        "tables.xlsx",
        "tables/01-actors.csv",
        "tables/csv-metadata.json",
    }
    assert one == two


def test_csv_disarms_formulas_and_keeps_numbers(tmp_path: Path) -> None:
    export(tmp_path, shown(page(), table()))
    said = (tmp_path / "tables/01-actors.csv").read_bytes()
    made = "SYNTHETISCHE DATEN · Bericht 2021 · Tab. 1"
    lines = ["Typ;Anzahl;Δ;Nachweis", f"Unternehmen;93;-0,5;{made}", f"'=1+1;0;;{made}", ""]
    assert said == "\n".join(["\ufeff" + lines[0], *lines[1:]]).encode()


def test_each_office_opens_the_csv_of_its_language(tmp_path: Path) -> None:
    export(tmp_path, shown(page(locale="en"), table()))
    said = (tmp_path / "tables/01-actors.csv").read_bytes()
    assert said.startswith("\ufeffTyp,Anzahl,Δ,Provenance\nUnternehmen,93,-0.5,SYN".encode())
    assert "\n'=1+1,0,,SYNTHETIC DATA" in said.decode()


@pytest.mark.parametrize("locale", ["de", "en"])
def test_metadata_tell_how_the_csv_files_are_read(tmp_path: Path, locale: str) -> None:
    known = {"sources": ["Quelle: Bericht, S. 7"], "indicators": ["project_volume"]}
    export(tmp_path, shown(page(locale=locale), table(**known, notes=["vorläufig"]), figure()))
    told = json.loads((tmp_path / "tables/csv-metadata.json").read_text("utf-8"))
    (one,) = told["tables"]
    columns = one["tableSchema"]["columns"]
    signs = {col["titles"]: col["datatype"] for col in columns}["Δ"]["format"]
    read = pd.read_csv(
        tmp_path / "tables" / one["url"],
        sep=told["dialect"]["delimiter"],
        decimal=signs["decimalChar"],
        encoding="utf-8-sig",
    )
    assert [*read.columns] == [column["titles"] for column in columns]
    assert read["Δ"].iloc[0] == -0.5
    assert one["dc:source"] == known["sources"]
    assert one["rdfs:comment"] == ["vorläufig"]
    subject = {"de": "Projektvolumen", "en": "Project volume"}[locale]
    assert subject in one["dc:subject"][0]["label"]
    assert one["dc:subject"][0]["unit"] == "eur"
    assert one["dc:subject"][0]["method"]["counted"] == {"each": "project", **VOLUME}
    assert told["ewm:run"]["parameters"]["cluster_id"] == "imk"
    assert told["ewm:run"]["package"] in told["dc:bibliographicCitation"]
    pictured = json.loads((tmp_path / "figures/csv-metadata.json").read_text("utf-8"))["tables"]
    assert pictured[0]["dc:description"]  # the sentence of those who cannot see it


def test_rows_of_a_real_data_set_say_nothing_of_invention(tmp_path: Path) -> None:
    export(tmp_path, shown(page(is_synthetic=False), table()))
    said = (tmp_path / "tables/01-actors.csv").read_text("utf-8")
    assert "Unternehmen;93;-0,5;Bericht 2021 · Tab. 1\n" in said
    parameters = {"year": 2021, "cluster_id": "imk", "locale": "de", "data_dir": "d"}
    export(tmp_path, shown(page(parameters={**parameters, "internal": True}), figure()))
    for name in ("figures/01-projects.csv", "figures/01-projects.svg"):
        assert "NUR INTERN" in (tmp_path / name).read_text("utf-8")


def test_a_figure_has_an_address_a_citation_and_code_to_embed_it(tmp_path: Path) -> None:
    sentence = 'Nach "41" waren es <34> & weniger.'
    html = export(tmp_path, shown(page(), figure(alt=sentence)))
    part = html.partition('<details class="cite">')[2].partition("</details>")[0]
    assert 'href="#figure-1"' in part
    assert "Abb. 1: Projekte. In: Bericht 2021. Testdaten. Erzeugt mit ewm_analysis" in part
    assert "Synthetische Daten." in part
    code_shown = unescape(part.partition("<code>")[2].partition("</code>")[0])
    (picture,) = ElementTree.fromstring(f"<p>{code_shown.replace('>', '/>')}</p>")
    assert (tmp_path / picture.get("src")).is_file()
    assert picture.get("alt") == sentence


def test_a_table_has_an_address_and_a_citation(tmp_path: Path) -> None:
    html = export(tmp_path, shown(page(), table(), figure()))
    part = html.partition('<details class="cite">')[2].partition("</details>")[0]
    assert 'href="#table-1"' in part
    assert "Tab. 1: Akteure. In: Bericht 2021. Testdaten." in part
    assert "Einbetten" not in part
    for folder in ("figures", "tables"):
        assert f'href="{folder}/csv-metadata.json"' in html


def test_workbook_keeps_the_rules_for_accessible_spreadsheets(tmp_path: Path) -> None:
    twice = table(number=2, slug="twice", header=["Jahr", "Jahr", ""], notes=["vorläufig"])
    export(tmp_path, shown(page(), table(), twice, figure()))
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.properties.language == "de"
    assert book.sheetnames[:3] == ["Über", "Inhalt", "Hinweise"]
    listed = [row[0].hyperlink.location for row in book["Inhalt"].iter_rows(min_row=5)]
    assert listed == [f"'{name}'!A1" for name in book.sheetnames[3:]]
    names = []
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        rows = [*sheet.iter_rows(values_only=True)]
        assert all(any(cell is not None for cell in row) for row in rows)
        if sheet.title != "Über":
            (marked,) = sheet.tables.values()
            names.append(marked.displayName)
            assert marked.ref == f"A4:{chr(64 + len(rows[3]))}{len(rows)}"
            heads = [str(head) for head in rows[3] if head is not None]
            assert len({*heads}) == len(heads) == len(marked.tableColumns)
    assert len({*names}) == len(names)
    assert [cell.value for cell in book["Tab. 2"][4]] == ["Jahr", "Jahr (2)", "–"]


def test_workbook_prints_all_columns_on_a_sheet_and_hides_no_line(tmp_path: Path) -> None:
    long = "Ein Satz, der breiter ist als seine Spalte. " * 3
    export(tmp_path, shown(page(), table(header=["Begriff", "Sinn"], rows=[["A", long]])))
    for sheet in openpyxl.load_workbook(tmp_path / "tables.xlsx"):
        assert sheet.page_setup.fitToHeight == 0  # the width is one sheet by default
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        for row in sheet.iter_rows(min_row=4):
            for cell in row:
                width = sheet.column_dimensions[cell.column_letter].width
                lines = len(str(cell.value or "")) / width
                assert (sheet.row_dimensions[cell.row].height or 15) >= 14 * lines
                assert lines <= 1 or cell.alignment.wrap_text


def test_workbook_has_numbers_and_no_formula(tmp_path: Path) -> None:
    export(tmp_path, shown(page(), table(), figure()))
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames == ["Über", "Inhalt", "Tab. 1", "Abb. 1"]
    assert book["Über"]["A1"].value == "Bericht 2021"
    sheet = book["Tab. 1"]
    assert sheet["A1"].value == "Tab. 1: Akteure"
    assert [cell.value for cell in sheet[4]] == ["Typ", "Anzahl", "Δ"]
    assert [cell.value for cell in sheet[5]] == ["Unternehmen", 93, -0.5]
    assert sheet["A6"].data_type == "s"
    with zipfile.ZipFile(tmp_path / "tables.xlsx") as parts:
        assert {part.date_time for part in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT", parts.read("docProps/core.xml"))) == {
            b"2000-01-01T"
        }


def test_table_outside_the_numbering_goes_by_its_name(tmp_path: Path) -> None:
    key_figures = table(number=0, slug="key-figures", title="Eckwerte")
    html = export(tmp_path, shown(page(), key_figures, table()))
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames == ["Über", "Inhalt", "Eckwerte", "Tab. 1"]
    assert 'href="tables/00-key-figures.csv"' in html


@pytest.mark.parametrize("alt", ["", "  "])
def test_figure_without_sentence_is_refused(tmp_path: Path, alt: str) -> None:
    with pytest.raises(RunError, match="no sentence that describes it"):
        export(tmp_path, shown(page(), figure(alt=alt)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("cells", "words_of_error"),
    [
        ([shown({"image/png": "AAAA"})], "Show it with show_figure"),
        ([shown(figure(), figure())], "Two figures share a name: 01-projects"),
        ([shown(page())], "2 pages were shown"),
        ([shown({FIGURE: {"number": 1, "alt": "x"}})], "lacks 'slug'"),
        ([words("# Zweiter Titel")], "one heading of the first level"),
        ([words("<script>1</script>")], "<script> is not allowed"),
        ([words("![](data:image/png;base64,AA)")], "no text that describes it"),
        ([words('<img src="https://example.org/x.png" alt="x">')], "would fetch"),
        ([words('<p onclick="x()">a</p>')], "would run a script"),
    ],
)
def test_page_that_harms_readers_is_refused(
    tmp_path: Path, cells: list[nbformat.NotebookNode], words_of_error: str
) -> None:
    with pytest.raises(RunError, match=re.escape(words_of_error)):
        export(tmp_path, shown(page()), *cells)


def test_page_is_needed_and_its_parameters_are_checked(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="0 pages were shown"):
        export(tmp_path, words("Text"))
    with pytest.raises(ParameterError, match="Did you mean 'year'"):
        export(tmp_path, shown(page(parameters={"yaer": 2021})))


def test_links_may_point_anywhere_but_nothing_is_loaded() -> None:
    check_page('<h1>T</h1><a href="https://example.org">Quelle</a><style>a{color:red}</style>')
    for remote in ("@import 'x.css';", "a{background:url(https://example.org/x)}"):
        with pytest.raises(RunError, match="style sheet would fetch"):
            check_page(f"<h1>T</h1><style>{remote}</style>")


def test_headings_have_addresses_of_their_own() -> None:
    html, chapters = with_anchors("<h2>Größe</h2><h3>A &amp; B</h3><h2 class='x'>Größe</h2>")
    assert chapters == [
        ("groesse", "Größe", [("a-b", "A &amp; B")]),
        ("groesse-2", "Größe", []),
    ]
    assert '<h3 id="a-b">' in html
    assert anchor("§") == "section"


def write_run(outputs: Path, year: int, locale: str, cluster: str = "imk") -> Path:
    folder = outputs / "example" / str(year) / cluster / "10_annual_report" / locale
    export(folder, shown(page(locale=locale)))
    label = {"de": "Medien <b>", "en": "Media"}[locale]
    record = {"cluster_label": label, "page": page(locale=locale)[PAGE]}
    (folder / "manifest.json").write_text(json.dumps(record), "utf-8")
    return folder / "report.html"


def test_site_links_every_report_and_back(tmp_path: Path) -> None:
    older = write_run(tmp_path, 2020, "de")
    report = write_run(tmp_path, 2021, "de")
    write_run(tmp_path, 2021, "en")
    (tmp_path / "example/2019/imk/10_annual_report/de").mkdir(parents=True)
    assert build_site(tmp_path) == tmp_path / "index.html"
    german = (tmp_path / "index.html").read_text("utf-8")
    english = (tmp_path / "index.en.html").read_text("utf-8")
    check_page(german)
    assert "example/2021/imk/10_annual_report/de/report.html" in german
    assert "2019" not in german
    assert "Medien &lt;b&gt;" in german
    assert '<html lang="en">' in english
    assert '<th scope="row">Media</th>' in english
    for name in re.findall(r'href="([^"#]+)"', german):
        assert (tmp_path / name).is_file(), name
    linked = report.read_text("utf-8")
    for name in re.findall(r'<li><a href="(\.\.[^"]+)"', linked):
        assert (report.parent / name).is_file(), name
    assert "../../../../2020/imk/10_annual_report/de/report.html" in linked
    assert "2021 →" in older.read_text("utf-8")


def test_site_built_twice_is_the_same(tmp_path: Path) -> None:
    report = write_run(tmp_path, 2021, "de")
    build_site(tmp_path)
    first = [(tmp_path / "index.html").read_bytes(), report.read_bytes()]
    build_site(tmp_path)
    assert [(tmp_path / "index.html").read_bytes(), report.read_bytes()] == first


def test_site_without_reports_says_so(tmp_path: Path) -> None:
    build_site(tmp_path)
    assert "Noch keine Berichte" in (tmp_path / "index.html").read_text("utf-8")


def test_the_imprint_of_a_data_set_stands_in_the_footer(tmp_path: Path) -> None:
    lines = [["Förderung <b>", "EU & EFRE", ""], ["Strategie", "innoBB", "https://innobb.de"]]
    html = export(tmp_path, shown(page(imprint=lines)))
    footer = html.partition("<footer>")[2]
    assert "<dt>Förderung &lt;b&gt;</dt><dd>EU &amp; EFRE</dd>" in footer
    assert '<dt>Strategie</dt><dd><a href="https://innobb.de">innoBB</a></dd>' in footer
