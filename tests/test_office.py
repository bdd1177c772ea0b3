"""Pages for Word and PowerPoint: what the page shows, in the structure that offices expect."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from docx.oxml.ns import qn
from exported_pages import EXAMPLE, REPORT, Pages
from test_pdf import needs_browser

from ewm_analysis.l10n import text
from ewm_analysis.report import printing
from ewm_analysis.report.parts import Shown, read_parts
from ewm_analysis.report.printing import export_docx, export_pptx, find_browser
from ewm_analysis.report.slides import to_pptx
from ewm_analysis.report.word import to_docx

DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000010802000000"
    "7b40e8dd0000000d49444154789c63f8ffff3f0300090200fe5c0c3f3a0000000049454e44ae426082"
)
"""A picture of two dots: what stands for a figure where only its place counts."""


class Made:
    """A page and what was made of it."""

    def __init__(self, report: Path) -> None:
        self.shown: Shown = read_parts(report)
        pictures = {each.all("picture")[0].picture: DOT for each in self.shown.figures()}
        self.bytes = to_docx(self.shown, pictures), to_pptx(self.shown, pictures)
        self.record: Any = json.loads(report.with_name("manifest.json").read_text("utf-8"))


@pytest.fixture(
    scope="module", params=[f"{EXAMPLE}/2021/imk/{REPORT}", "20_growth/first", "30_comparison/last"]
)
def page(request: pytest.FixtureRequest) -> str:
    """A kind of page: the annual report, growth, the comparison."""
    name: str = request.param
    return name


@pytest.fixture(scope="module", params=["de", "en"])
def made(request: pytest.FixtureRequest, pages: Pages, page: str) -> Made:
    return Made(pages.path(f"{page}/{request.param}"))


def words(xml: Any) -> str:
    """Return the words of an element, without the spaces that look alike."""
    return " ".join("".join(each.text or "" for each in xml.iter(qn("w:t"), qn("a:t"))).split())


def test_same_page_gives_the_same_bytes(pages: Pages) -> None:
    one, again = (Made(pages.path(f"{EXAMPLE}/2021/imk/{REPORT}/en")) for _ in range(2))
    assert one.bytes == again.bytes


def test_no_file_tells_when_it_was_made(made: Made) -> None:
    for content in made.bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {each.date_time[0] for each in archive.infolist()} == {2000}


def test_document_has_headings_captions_and_a_sentence_for_each_picture(made: Made) -> None:
    document = docx.Document(io.BytesIO(made.bytes[0]))
    page, figures = made.record["page"], made.shown.figures()
    assert document.paragraphs[0].style.name == "Title"
    assert document.paragraphs[0].text == page["title"] == document.core_properties.title
    headings = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]
    assert headings == [part.words for part in made.shown.parts if part.kind == "h2"]
    listed = [each for each in document.paragraphs if (each.style.name or "").startswith("toc")]
    assert len(listed) > len(headings) or not any(p.kind == "h3" for p in made.shown.parts)
    assert 'TOC \\o "1-2"' in document.element.xml.replace("&quot;", '"')
    drawn = [each.find(f".//{qn('wp:docPr')}") for each in document.element.iter(qn("wp:inline"))]
    assert [each.get("descr") for each in drawn] == [p.all("picture")[0].words for p in figures]
    assert len(drawn) == len(figures) > 0
    captions = [each for each in document.paragraphs if each.style.name == "Caption"]
    assert {" ".join(title.split()) for _, title in made.record["shows"]} <= {
        words(each._p).rstrip("‡") for each in captions
    }
    fields = [each.get(qn("w:instr")) for each in document.element.iter(qn("w:fldSimple"))]
    assert sum(field.startswith("SEQ ") for field in fields) >= len(figures)


def test_tables_are_tables_with_heads_and_the_figures_of_the_page(made: Made) -> None:
    document = docx.Document(io.BytesIO(made.bytes[0]))
    shown = [each for part in made.shown.parts for each in part.all("table")]
    tables = [each for each in document.tables if each.style and each.style.name == "Rows"]
    assert len(tables) == len(shown) > 0
    for table, part in zip(tables, shown, strict=True):
        assert table._tbl.tr_lst[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        written = [[words(cell) for cell in row.tc_lst] for row in table._tbl.tr_lst]
        assert written == [[" ".join(cell.words.split()) for cell in row] for row in part.rows]


def test_language_mark_and_origin_are_told(made: Made, page: str) -> None:
    language = {"de": "de-DE", "en": "en-GB"}[made.record["page"]["locale"]]
    document = docx.Document(io.BytesIO(made.bytes[0]))
    assert {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))} == {
        language
    }
    [sheet] = document.sections
    assert "ewm_analysis" in sheet.footer.paragraphs[0].text
    slides = pptx.Presentation(io.BytesIO(made.bytes[1]))
    runs = [each for slide in slides.slides for each in slide.element.iter(qn("a:rPr"))]
    assert {each.get("lang") for each in runs} == {language}
    marks = made.shown.page.marks
    assert marks or "example" not in page
    for mark in marks:
        assert mark in sheet.header.paragraphs[0].text
        assert all(mark in words(slide.element) for slide in slides.slides)


def test_each_figure_has_a_slide_with_its_sentence_and_source_in_the_notes(made: Made) -> None:
    slides = pptx.Presentation(io.BytesIO(made.bytes[1])).slides
    own = [slide for slide in slides if any(shape.shape_type == 13 for shape in slide.shapes)]
    for slide in slides:
        ids = [shape.shape_id for shape in slide.shapes]
        assert len({*ids}) == len(ids)  # PowerPoint mends what has one twice, and says so
    figures = made.shown.figures()
    assert len(own) == len(figures) > 0
    for slide, figure in zip(own, figures, strict=True):
        title = [*figure.all("headline"), *figure.all("figcaption")]
        assert slide.shapes.title.text == "\n".join(each.words for each in title)
        [picture] = [shape for shape in slide.shapes if shape.shape_type == 13]
        sentence = picture._element.nvPicPr.cNvPr.get("descr")
        assert sentence == figure.all("picture")[0].words
        assert sentence in slide.notes_slide.notes_text_frame.text
    texts = words(slides[1].element)
    for part in made.shown.parts:
        if part.look == "ewm-messages":
            assert all(" ".join(each.words.split()) in texts for each in part.parts)


def test_what_only_serves_the_page_is_left_out(made: Made) -> None:
    written = words(docx.Document(io.BytesIO(made.bytes[0])).element)
    for key in ("downloads", "cite_and_embed", "workbook", "described.tables"):
        assert text(f"report.{key}", made.shown.page.locale) not in written


def test_key_messages_lead_to_their_figures(made: Made) -> None:
    document = docx.Document(io.BytesIO(made.bytes[0])).element
    links = {each.get(qn("w:anchor")) for each in document.iter(qn("w:hyperlink"))}
    places = [each.get(qn("w:name")) for each in document.iter(qn("w:bookmarkStart"))]
    assert len({*places}) == len(places)
    assert links <= {*places}
    told = [each for part in made.shown.parts for each in part.all("li")]
    assert any(run.to for each in told for run in each.runs)


def test_headline_goes_before_its_caption(made: Made) -> None:
    texts = [words(each._p) for each in docx.Document(io.BytesIO(made.bytes[0])).paragraphs]
    headed = [each for each in made.shown.figures() if each.all("headline")]
    assert headed
    for figure in headed:
        headline, caption = (
            " ".join(figure.all(kind)[0].words.split()) for kind in ("headline", "figcaption")
        )
        assert texts[texts.index(caption) - 1] == headline


@needs_browser
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_what_was_made(
    pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "_draw", cache(printing._draw))  # the same pictures for both
    shutil.copytree(pages.path(f"{EXAMPLE}/2021/imk/{REPORT}/de").parent, tmp_path / "page")
    report = tmp_path / "page/report.html"
    export_docx(report, find_browser())
    export_pptx(report, find_browser())
    made = [report.with_suffix(".docx"), report.with_suffix(".pptx").rename(tmp_path / "s.pptx")]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, *map(str, made)], check=True, timeout=300)
    for file in ("report.pdf", "s.pdf"):
        assert (tmp_path / file).read_bytes().count(b"/Type/Page/") > 9
