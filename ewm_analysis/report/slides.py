"""A page as slides for PowerPoint and Impress: key messages, then one figure a slide."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import chain
from textwrap import shorten
from typing import Any

import pptx
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from ewm_analysis.l10n import text
from ewm_analysis.l10n.sentences import LANGUAGES
from ewm_analysis.report.files import fixed_dates
from ewm_analysis.report.parts import Part, Shown

FACE = "Arial"
WIDTH, HEIGHT, MARGIN = Inches(13.333), Inches(7.5), Inches(0.6)
HEAD, FOOT = Inches(1.35), Inches(6.85)
"""Where the title of a slide ends, and its footer begins."""
TITLE, BULLETS, FIGURE = "Title Slide", "Title and Content", "Title Only"
"""Layouts of the template that are used."""
ACROSS, LOW = WIDTH - 2 * MARGIN, Inches(0.45)
LONG, SMALLER = 150, Pt(16)
"""Letters of a title that fill two lines; a longer one has smaller letters, clear of its figure."""
MOST = 320
"""Letters of the sources below a figure; the notes have all."""
PLACES = {
    PP_PLACEHOLDER.CENTER_TITLE: (MARGIN, Inches(1.6), ACROSS, Inches(1.7)),
    PP_PLACEHOLDER.SUBTITLE: (MARGIN, Inches(3.6), ACROSS, Inches(2.6)),
    PP_PLACEHOLDER.TITLE: (MARGIN, Inches(0.35), ACROSS, HEAD - Inches(0.45)),
    PP_PLACEHOLDER.BODY: (MARGIN, HEAD, ACROSS, FOOT - HEAD),
    PP_PLACEHOLDER.FOOTER: (MARGIN, FOOT, ACROSS - Inches(1), LOW),
    PP_PLACEHOLDER.SLIDE_NUMBER: (WIDTH - MARGIN - Inches(1), FOOT, Inches(1), LOW),
}
"""From the left, from above, width and height."""


def to_pptx(shown: Shown, pictures: Mapping[str, bytes]) -> bytes:
    """Return a page as PPTX: same input, same bytes.

    Parameters
    ----------
    shown : Shown
        What the page shows.
    pictures : mapping
        Its figures as PNG, by the name of the file.
    """
    page = shown.page
    slides = pptx.Presentation()
    _set_looks(slides)
    shown.describe(slides.core_properties)
    footer = " · ".join([*page.marks, page.data_set_title, shown.edition])
    first = _slide(slides, TITLE, page.title, footer)
    first.placeholders[1].text = "\n".join(filter(None, [page.description, page.notice]))
    first.shapes.title.text_frame.paragraphs[0].font.size = Pt(36)
    for small in first.placeholders[1].text_frame.paragraphs[1:]:
        small.font.size, small.space_before = Pt(14), Pt(14)
    for messages in (part for part in shown.parts if part.look == "ewm-messages"):
        heading = next(part for part in shown.parts if part.kind == "h2")
        slide = _slide(slides, BULLETS, heading.words, footer)
        slide.placeholders[1].text = "\n".join(part.words for part in messages.parts)
    for figure in shown.figures():
        _figure(slides, figure, pictures, footer)
    last = _slide(slides, BULLETS, text("report.about", page.locale), footer)
    facts = last.placeholders[1].text_frame
    facts.text = "\n".join(_facts(shown.parts))
    for paragraph in facts.paragraphs:
        paragraph.font.size = Pt(14)
    _set_language(slides, LANGUAGES[page.locale].babel.replace("_", "-"))
    buffer = io.BytesIO()
    slides.save(buffer)
    return fixed_dates(buffer.getvalue())


def _slide(slides: Any, layout: str, title: str, footer: str) -> Any:
    """Add a slide with its title, footer and number."""
    slide = slides.slides.add_slide(slides.slide_layouts.get_by_name(layout))
    slide.shapes.title.text = title
    for place in slide.slide_layout.placeholders:
        kind = place.placeholder_format.type
        if kind in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
            copy = deepcopy(place._element)
            copy.nvSpPr.cNvPr.set("id", str(slide.shapes._next_shape_id))
            slide.shapes._spTree.append(copy)
            if kind == PP_PLACEHOLDER.FOOTER:
                slide.shapes[-1].text_frame.text = footer
    return slide


def _figure(slides: Any, figure: Part, pictures: Mapping[str, bytes], footer: str) -> None:
    """Add a figure as large as it fits; sentence, source and notes stand in the notes."""
    [caption], [picture] = figure.all("figcaption"), figure.all("picture")
    title = [each.words for each in (*figure.all("headline"), caption)]
    slide = _slide(slides, FIGURE, "\n".join(title), footer)
    headline, *captions = slide.shapes.title.text_frame.paragraphs
    if len(headline.text) > LONG:
        headline.font.size = SMALLER
    for beneath in captions:
        beneath.font.size, beneath.font.bold = Pt(14), False
    shape = slide.shapes.add_picture(io.BytesIO(pictures[picture.picture]), MARGIN, HEAD)
    scale = min(ACROSS / shape.width, (FOOT - LOW - HEAD) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape.left = Emu((WIDTH - shape.width) // 2)
    shape._element.nvPicPr.cNvPr.set("descr", picture.words)
    shape._element.nvPicPr.cNvPr.set("name", picture.picture.removesuffix(".png"))
    below = slide.shapes.add_textbox(MARGIN, FOOT - LOW, ACROSS, LOW).text_frame
    sources = " ".join(part.words for part in figure.parts if part.look == "ewm-source")
    below.text = shorten(sources, MOST, placeholder=" …")
    below.word_wrap, below.paragraphs[0].font.size = True, Pt(10)
    told = [part.words for part in figure.all("p") if part.look != "ewm-reading"]
    slide.notes_slide.notes_text_frame.text = "\n".join([picture.words, *told])


def _facts(parts: Sequence[Part]) -> list[str]:
    """Return what the end of the page says about it: how to cite it, its licence and so on."""
    facts = [each for part in parts for each in part.all("dl")][-1].parts
    return [
        f"{term.words}: {said.words}" for term, said in zip(facts[::2], facts[1::2], strict=True)
    ]


def _set_looks(slides: Any) -> None:
    """Make the template wide, of one face, its titles at the left; drop what is not used of it."""
    slides.slide_width, slides.slide_height = WIDTH, HEIGHT
    for layout in [*slides.slide_layouts]:
        if layout.name not in (TITLE, BULLETS, FIGURE):
            slides.slide_layouts.remove(layout)
    master = slides.slide_master
    for place in chain(*(each.placeholders for each in (master, *slides.slide_layouts))):
        for pale in place._element.xpath(".//a:tint"):
            pale.getparent().remove(pale)
        kind = place.placeholder_format.type
        if kind in PLACES:
            place.left, place.top, place.width, place.height = PLACES[kind]
            for style in place._element.xpath(".//a:lvl1pPr"):
                style.set("algn", "r" if kind == PP_PLACEHOLDER.SLIDE_NUMBER else "l")
    for name, size, colour in (("title", 22, "tx2"), ("body", 20, "tx1")):
        [style] = master.element.xpath(f"p:txStyles/p:{name}Style/a:lvl1pPr")
        style.set("algn", "l")
        letters = style.find(qn("a:defRPr"))
        letters.set("sz", str(size * 100))
        letters.set("b", "1" if name == "title" else "0")
        letters.find(f"{qn('a:solidFill')}/{qn('a:schemeClr')}").set("val", colour)
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme._blob = theme.blob.replace(b"Calibri", FACE.encode())


def _set_language(slides: Any, language: str) -> None:
    for slide in slides.slides:
        notes = [slide.notes_slide] if slide.has_notes_slide else []
        for part in (slide, *notes):
            for run in part.element.xpath(".//a:r"):
                run.get_or_add_rPr()
            for look in part.element.xpath(".//a:rPr | .//a:endParaRPr"):
                look.set("lang", language)
