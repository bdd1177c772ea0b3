"""A page as a document for Word and LibreOffice: what it shows, in the styles of an office."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, count
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from ewm_analysis.files import digest
from ewm_analysis.l10n import Locale, text
from ewm_analysis.l10n.sentences import LANGUAGES
from ewm_analysis.report.files import fixed_dates
from ewm_analysis.report.page import TEMPLATES
from ewm_analysis.report.parts import Cell, Part, Run, Shown

FACE, INK, ACCENT = "Arial", "1C2127", "1D4E79"
PAPER, MARGIN = (Mm(210), Mm(297)), Mm(22)
WIDTH = Emu(PAPER[0] - 2 * MARGIN)
WIDEST, HIGHEST = Mm(140), Mm(190)
"""Of a picture, so that its caption fits onto the same sheet, and often a second one."""
TOGETHER = 14
"""Rows of a table that stays on one sheet."""

SIZES, EXTENT, PADDED, BOLD = (9, 8, 7, 6.5), 0.52, 2, 1.2
"""Of letters in tables; the width of one by its size; of the space beside cells; of bold ones."""
WHOLE, WORD, LONG, LOOSE = 14, 28, 150, 1.15
"""Letters of a number and of a word that are not broken, and of a cell that a column makes room
for, at most; how much more than the longest words a table needs."""
ABREAST = 3
"""Tiles beside each other."""
CONTENTS = (
    f'<w:r {nsdecls("w")}><w:fldChar w:fldCharType="begin"/><w:instrText xml:space="preserve"> '
    r'TOC \o "1-2" \n \h \z \u </w:instrText><w:fldChar w:fldCharType="separate"/></w:r>'
)
"""Begins the field that lists headings."""


@cache
def _looks() -> dict[str, dict[str, Any]]:
    return tomllib.loads((TEMPLATES / "ewm" / "office.toml").read_text("utf-8"))


def to_docx(shown: Shown, pictures: Mapping[str, bytes]) -> bytes:
    """Return a page as DOCX: same input, same bytes.

    Parameters
    ----------
    shown : Shown
        What the page shows.
    pictures : mapping
        Its figures as PNG, by the name of the file.
    """
    return _Writer(shown, pictures).write()


class _Writer:
    def __init__(self, shown: Shown, pictures: Mapping[str, bytes]) -> None:
        self.shown, self.pictures = shown, pictures
        self.locale: Locale = shown.page.locale
        self.document = docx.Document()
        self.marks = count(1)
        self.anchor, self.follows_headline = "", False
        self.above: Any = None
        labels = (text(f"notebook.label.{k}", self.locale, number="#") for k in ("figure", "table"))
        self.label = re.compile("|".join(map(re.escape, labels)).replace(r"\#", r"(\d+)"))

    def write(self) -> bytes:
        page = self.shown.page
        _set_language(self.document, LANGUAGES[self.locale].babel.replace("_", "-"))
        _set_styles(self.document)
        self.frame()
        self.shown.describe(self.document.core_properties)
        self.paragraph("Title", [Run(page.title)])
        if page.description:
            self.paragraph("Subtitle", [Run(page.description)])
        if page.notice:
            label = text("report.synthetic" if page.is_synthetic else "report.notice", self.locale)
            self.paragraph("Notice", [Run(f"{label}. ", is_bold=True), Run(page.notice)])
        self.contents()
        for part in self.shown.parts:
            self.part(part)
        buffer = io.BytesIO()
        self.document.save(buffer)
        return fixed_dates(buffer.getvalue())

    def frame(self) -> None:
        """Set the sheet, what no copy may lose above it, and source, edition and number below."""
        [sheet] = self.document.sections
        sheet.page_width, sheet.page_height = PAPER
        sheet.left_margin = sheet.right_margin = sheet.top_margin = sheet.bottom_margin = MARGIN
        page = self.shown.page
        above, below = sheet.header.paragraphs[0], sheet.footer.paragraphs[0]
        above.text = " · ".join([*page.marks, page.title])
        below.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
        below.add_run(f"{page.data_set_title} · {self.shown.edition}\t")
        _field(below, "PAGE", "1")
        below.add_run(" / ")
        _field(below, "NUMPAGES", "1")

    def contents(self) -> None:
        """List the headings in a field that Word renews; it is right as it stands."""
        headings = [part for part in self.shown.parts if part.kind in ("h2", "h3") and part.anchor]
        self.paragraph("Source", [Run(text("report.contents", self.locale), is_bold=True)])
        for part in headings:
            paragraph = self.paragraph(f"toc {int(part.kind[1]) - 1}", [])
            if part is headings[0]:
                paragraph._p.append(parse_xml(CONTENTS))
            self.runs(paragraph, [Run(part.words, to=part.anchor)])
        paragraph.add_run()._r.append(_element("fldChar", fldCharType="end"))

    def part(self, part: Part) -> None:
        """Write one part, and what it holds."""
        if part.look == "ewm-tiles":
            self.tiles(part.parts)
            return
        if part.kind == "table":
            self.table(part)
        elif part.kind == "picture":
            self.picture(part)
        elif part.runs:
            known = _looks()["element"]
            style = known.get(part.look) or known.get(part.kind, "Normal")
            paragraph = self.paragraph(style, part.runs, part.anchor)
            if style in ("Headline", "Caption", "Comment"):
                paragraph.paragraph_format.keep_with_next = True
        else:
            self.anchor = part.anchor
        for each in part.parts:
            self.part(each)

    def paragraph(self, style: str, runs: Sequence[Run], anchor: str = "") -> Any:
        """Add a paragraph; its anchor, or that of what it begins, becomes a bookmark."""
        if style == "Source":
            self.above.keep_with_next = self.above.keep_together = True
        paragraph = self.document.add_paragraph(style=style)
        if style == "Caption" and self.follows_headline:
            paragraph.paragraph_format.space_before = Pt(2)
        self.above, self.follows_headline = paragraph.paragraph_format, style == "Headline"
        anchor, self.anchor = anchor or self.anchor, ""
        self.runs(paragraph, runs)
        if anchor:
            number = str(next(self.marks))
            for name, told in (("bookmarkStart", {"name": _bookmark(anchor)}), ("bookmarkEnd", {})):
                paragraph._p.append(_element(name, id=number, **told))
        return paragraph

    def runs(self, paragraph: Any, runs: Sequence[Run]) -> None:
        """Add words; a number of a caption is a field, a link leads to its bookmark."""
        for run in runs:
            label = self.label.match(run.words) if paragraph.style.name == "Caption" else None
            if label:
                at = label.start(label.lastindex or 0)
                name, number = run.words[:at].strip(), run.words[at : label.end()]
                paragraph.add_run(f"{name}\u00a0")
                _field(paragraph, rf"SEQ {name.strip('.')} \* ARABIC \r {number}", number)
                paragraph.add_run(run.words[label.end() :])
                continue
            written = paragraph.add_run(run.words)
            written.bold = run.is_bold or None
            if run.to:
                written.font.color.rgb = RGBColor.from_string(ACCENT)
                link = _element("hyperlink", anchor=_bookmark(run.to), history="1")
                paragraph._p.append(link)
                link.append(written._r)

    def picture(self, part: Part) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(self.pictures[part.picture]), WIDEST)
        if shape.height > HIGHEST:
            shape.width, shape.height = Emu(shape.width * HIGHEST // shape.height), HIGHEST
        shape._inline.docPr.set("descr", part.words)
        shape._inline.docPr.set("name", part.picture.removesuffix(".png"))

    def tiles(self, parts: Sequence[Part]) -> None:
        """Set key figures beside each other: number, name, the year before, and what it means."""
        table = self.document.add_table(-(-len(parts) // ABREAST), ABREAST, "Tiles")
        places = (place for row in table.rows for place in row.cells)
        for part, place in zip(parts, places, strict=False):
            number, *others = [run for run in part.runs if run.words.strip()]
            place.paragraphs[0].style, place.paragraphs[0].text = "Tile", number.words
            for run in others:
                place.add_paragraph(run.words.strip(), "Cell")
            for paragraph in place.paragraphs:
                paragraph.paragraph_format.keep_with_next = True
        for place in places:
            place._tc.get_or_add_tcPr().append(_element("shd", val="clear", fill="FFFFFF"))
        self.paragraph("Cell", [])

    def table(self, part: Part) -> None:
        columns = max(sum(cell.span for cell in row) for row in part.rows)
        table = self.document.add_table(len(part.rows), columns, "Rows")
        table.autofit = False
        size, widths = _fitted(part.rows, columns)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for at, (row, cells) in enumerate(zip(table.rows, part.rows, strict=True)):
            row._tr.get_or_add_trPr().append(_element("cantSplit"))
            if at < part.heads:
                row._tr.get_or_add_trPr().append(_element("tblHeader"))
            self.row(row, cells, widths, size, is_head=at < part.heads)
            is_kept = at < part.heads or (len(part.rows) <= TOGETHER and at < len(part.rows) - 1)
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = is_kept
        self.paragraph("Cell", [])

    def row(
        self, row: Any, cells: Sequence[Cell], widths: Sequence[int], size: Any, *, is_head: bool
    ) -> None:
        places, at = row.cells, 0
        for cell in cells:
            place = places[at]
            if cell.span > 1:
                place = place.merge(places[at + cell.span - 1])
            else:
                place.width = widths[at]
            paragraph = place.paragraphs[0]
            paragraph.style = "Cell"
            if cell.is_number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if cell.is_part:
                paragraph.paragraph_format.left_indent = Mm(3)
            run = paragraph.add_run(cell.words)
            run.font.size, run.bold = size, is_head or cell.span > 1 or None
            at += cell.span


def _fitted(rows: Sequence[Sequence[Cell]], columns: int) -> tuple[Any, list[int]]:
    """Return size of letters and widths of columns: the longest word of each, the rest by text."""
    longest, most = [3.0] * columns, [3.0] * columns
    for row in rows:
        for at, cell in zip(accumulate((cell.span for cell in row), initial=0), row, strict=False):
            if cell.span == 1:
                is_whole = cell.is_number and len(cell.words) <= WHOLE
                words = [cell.words] if is_whole else re.split(r"[ \u2011/-]", cell.words)
                needs = (min(len(word), WORD) * BOLD for word in words)
                longest[at] = max(longest[at], *needs)
                if row is not rows[0]:
                    most[at] = max(most[at], min(len(cell.words), LONG))
    needed = sum(longest) * LOOSE
    size = next((size for size in SIZES if needed < _letters(size, columns)), SIZES[-1])
    spare = _letters(size, columns) - sum(longest)
    wished = [max(length - word, 0.1) for length, word in zip(most, longest, strict=True)]
    wider = spare / sum(wished if spare > 0 else longest)
    parts = [
        word + PADDED + wider * (wish if spare > 0 else word)
        for word, wish in zip(longest, wished, strict=True)
    ]
    return Pt(size), [int(WIDTH * part / sum(parts)) for part in parts]


def _letters(size: float, columns: int) -> float:
    """Return how many letters of a size stand beside each other in a row of a table."""
    return float(WIDTH / Pt(size) / EXTENT - PADDED * columns)


def _bookmark(anchor: str) -> str:
    return f"_{digest(anchor)[:16]}"


def _element(name: str, /, **attributes: str) -> Any:
    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    """Add a field: how it is worked out, and what it shows until it is."""
    field = _element("fldSimple", instr=instruction)
    paragraph._p.append(field)
    field.append(paragraph.add_run(shown)._r)


def _set_language(document: Any, language: str) -> None:
    settings, spoken = document.settings.element, document.styles.element.iter(qn("w:lang"))
    for each in (*spoken, *settings.iter(qn("w:themeFontLang"))):
        each.set(qn("w:val"), language)
    for each in settings.xpath("w:compat/w:compatSetting[@w:name='compatibilityMode']"):
        each.set(qn("w:val"), "15")  # of today's Word, which would say otherwise


def _set_styles(document: Any) -> None:
    """One face throughout, and the looks above; a style that the template lacks is added."""
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for name in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{name}"), FACE)
    known = {style.name for style in document.styles}
    for name, look in _looks()["style"].items():
        if name not in known:
            document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name[:3] == "toc")
        style = document.styles[name]
        for each in style.element.xpath("w:pPr/w:pBdr | w:pPr/w:tabs | w:rPr/w:spacing"):
            each.getparent().remove(each)
        if "fill" in look:
            shade = _element("shd", val="clear", color="auto", fill=look["fill"])
            style.element.get_or_add_pPr().append(shade)
        font, space = style.font, style.paragraph_format
        font.size, font.bold, font.italic = Pt(look["size"]), look.get("bold", False), False
        font.color.rgb = RGBColor.from_string(look.get("color", INK))
        space.space_before, space.space_after = Pt(look.get("before", 0)), Pt(look.get("after", 0))
        space.left_indent = Mm(look["left"]) if "left" in look else space.left_indent
    for name, xml in _looks()["table"].items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.TABLE).element
        style.extend(parse_xml(f"<w:style {nsdecls('w')}>{xml}</w:style>"))
