"""The exported pages in a browser: everyone can read them, on a phone, offline, without a mouse."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from exported_pages import EXAMPLE, INDEXES, NAMES, QUALITY, REAL, REPORT, Pages
from PIL import Image
from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
AXE = Axe().axe_script
LOOK = """async options => {
  axe.configure({ rules: [{ id: "color-contrast", selector: "*:not(svg *)" }] });
  const plain = new CSSStyleSheet();
  plain.replaceSync("* { background-image: none !important }");
  document.adoptedStyleSheets = [plain];
  const found = await axe.run(options);
  document.adoptedStyleSheets = [];
  return found;
}"""
"""Of texts in drawings axe never says more than that it cannot tell: not asking saves a sixth.
Nor can it tell before a gradient, such as the shade at the edge of a table."""
WIDE, NARROW = 1280, 320
SEEN_WHOLE = ".site .matrix, .ewm-tiles + .table"
"""What is seen on every screen without a move to the side: the list of reports, the key figures."""
BEYOND = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)"
SCREEN: ViewportSize = {"width": WIDE, "height": 900}
REPORTS = [f"{REAL}/2021/imk/{REPORT}/de", f"{EXAMPLE}/2021/imk/{REPORT}/en"]


@dataclass
class Visit:
    """An open page, and what happened while it was opened."""

    name: str
    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, pages: Pages) -> Visit:
        """Open the page, watching."""
        self.page.on("request", self._note_request)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(pages.path(self.name).as_uri())
        return self

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:")):
            self.requests.append(request.url)

    def violations(self) -> list[str]:
        """Return what axe finds: the rule and the elements."""
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        self.page.evaluate(AXE)
        found = self.page.evaluate(LOOK, options)["violations"]
        return [
            f"{rule['id']}: {' '.join(rule['nodes'][0]['target'])} ({len(rule['nodes'])})"
            for rule in found
        ]

    def values(self, selector: str, attribute: str) -> list[str]:
        """Return an attribute of every element."""
        script = "(all, name) => all.map(each => each.getAttribute(name) ?? '')"
        found: list[str] = self.page.eval_on_selector_all(selector, script, attribute)
        return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip("no browser is installed: the pages were not opened")
    # As root, in a container, Chromium does not start inside its sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> Iterator[list[Page]]:
    """Two tabs: a new one for every page takes a second, as much as many a test."""
    opened = [browser.new_page(viewport=SCREEN) for _ in range(2)]
    yield opened
    for tab in opened:
        tab.close()


@pytest.fixture(scope="module", params=[*NAMES, *INDEXES])
def visit(request: pytest.FixtureRequest, tabs: list[Page], pages: Pages) -> Iterator[Visit]:
    """Each page once, on a wide screen."""
    with emptied(tabs[0]) as page:
        yield Visit(request.param, page).open(pages)


@pytest.fixture
def page(tabs: list[Page]) -> Iterator[Page]:
    """A tab that shows nothing yet, on a wide and bright screen."""
    with emptied(tabs[1]) as page:
        yield page


@contextmanager
def emptied(tab: Page) -> Iterator[Page]:
    """Leave a tab as it was found. What a visit still notes of later pages, nobody reads."""
    yield tab
    tab.goto("about:blank")
    tab.set_viewport_size(SCREEN)
    tab.emulate_media(color_scheme="null")


def test_page_needs_nothing_and_complains_of_nothing(visit: Visit) -> None:
    assert visit.requests == []
    assert visit.complaints == []


def test_everyone_can_read_it(visit: Visit) -> None:
    assert visit.violations() == []


def test_page_names_its_language_and_its_parts(visit: Visit) -> None:
    assert visit.values("html", "lang") == [visit.name[-2:]]
    ids = visit.values("[id]", "id")
    assert sorted(ids) == sorted(set(ids))
    assert set(visit.values("th", "scope")) <= {"col", "row", "colgroup", "rowgroup"}
    assert visit.values("table > caption", "id") == [""] * visit.page.locator("table").count()


def test_every_figure_has_a_sentence_of_its_own(visit: Visit) -> None:
    drawn = "[role=img], img, main svg:not([role=img] svg, [aria-hidden])"  # hidden: it adorns
    sentences = visit.values(drawn, "aria-label")
    assert len(sentences) == visit.page.locator("figure").count()
    assert [sentence for sentence in sentences if len(sentence) < 20] == []
    assert sorted(sentences) == sorted(set(sentences))


TORN = """title => [...title.textContent.matchAll(/[^\\s-]+/g)].filter(({ 0: word, index }) => {
  const range = document.createRange(), text = title.firstChild;
  range.setStart(text, index);
  range.setEnd(text, index + word.length);
  return range.getClientRects().length > 1;
}).map(([word]) => word)"""
BOXES = """all => all.filter(svg => svg.checkVisibility()).map(svg => [svg, ...svg.querySelectorAll(
  "text")].filter(each => each.textContent.trim()).map(each => {
    const { left, top, right, bottom } = each.getBoundingClientRect(), { a, b } = each.getCTM();
    const said = each === svg ? "" : each.textContent;
    return [said, left, top, right, bottom, Math.abs(a), Math.abs(b)];
  }))"""
SPARE = 0.2
"""Part of the height of a line above and below its letters."""


def clashes(boxes: list[list[Any]]) -> list[str]:
    """Return which texts of a drawing meet or are cut; its own box is the first."""
    frame, *others = boxes
    found, texts = [], []
    for said, left, top, right, bottom, across, upright in others:
        inside = left - frame[1], top - frame[2], frame[3] - right, frame[4] - bottom
        if min(inside) < -1:
            found.append(f"{said} is cut")
        if min(across, upright) < 0.01:  # the names of columns of a matrix are slanted
            is_upright = upright > across
            x, y = SPARE * (right - left) * is_upright, SPARE * (bottom - top) * (not is_upright)
            texts.append((said, left + x, top + y, right - x, bottom - y))
    for (one, *a), (other, *b) in combinations(texts, 2):
        if all(min(a[i + 2], b[i + 2]) - max(a[i], b[i]) > 0.7 for i in (0, 1)):
            found.append(f"{one} meets {other}")
    return found


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_nothing_is_cut_or_torn_or_meets_another_text(visit: Visit, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 640})
    try:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.eval_on_selector("h1", TORN) == []
        assert page.eval_on_selector_all(SEEN_WHOLE, BEYOND) == []
        drawings = page.eval_on_selector_all("figure svg", BOXES)
        assert [clash for boxes in drawings for clash in clashes(boxes)] == []
    finally:
        page.set_viewport_size(SCREEN)


@pytest.mark.parametrize("name", [*REPORTS, "index/de"])
@pytest.mark.parametrize(
    ("scheme", "screen"),
    [("dark", SCREEN), ("light", {"width": NARROW, "height": 640})],
    ids=["dark", "phone"],
)
def test_everyone_can_read_it_in_the_dark_and_on_a_phone(
    page: Page, pages: Pages, name: str, scheme: Literal["dark", "light"], screen: ViewportSize
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(screen)
    assert Visit(name, page).open(pages).violations() == []


@pytest.mark.parametrize("name", [REPORTS[0], "index/de"])
def test_without_javascript_nothing_is_missing(browser: Browser, pages: Pages, name: str) -> None:
    seen = []
    for is_on in (True, False):
        context = browser.new_context(java_script_enabled=is_on)
        page = Visit(name, context.new_page()).open(pages).page
        assert page.locator(".search").is_visible() is (is_on and name.startswith("index"))
        # a search, a choice and pictures on request are more than what is there
        more = ".search, .filters, .downloads span:has([data-png])"
        page.eval_on_selector_all(more, "all => all.forEach(each => each.remove())")
        seen.append(page.inner_text("body"))
        context.close()
    assert seen[0] == seen[1]
    assert len(seen[0]) > 200


@pytest.mark.parametrize("name", [REPORTS[0], "index/en"])
def test_keyboard_meets_the_skip_link_first(page: Page, pages: Pages, name: str) -> None:
    Visit(name, page).open(pages)
    page.keyboard.press("Tab")
    box = page.locator(".skip:focus").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_figures_start_where_the_text_starts(page: Page, pages: Pages) -> None:
    for width in (NARROW, 768, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        Visit(REPORTS[0], page).open(pages)
        script = "all => all.map(each => Math.round(each.getBoundingClientRect().left))"
        parts = "main > :not(.contents)" + (", footer > div > *" if width < WIDE else "")
        edges = page.eval_on_selector_all(parts, script)
        assert len(set(edges)) == 1, width


def test_contents_follow_the_reader(page: Page, pages: Pages) -> None:
    Visit(REPORTS[0], page).open(pages)
    for chapter in page.locator(".contents > ol > li > a").all()[1:]:
        target = chapter.get_attribute("href") or ""
        page.evaluate(
            "id => document.getElementById(id.slice(1)).scrollIntoView({behavior: 'instant'})",
            target,
        )
        page.wait_for_selector(f".contents li:has(> a[href='{target}']) [aria-current=true]")
        assert page.locator(".contents [aria-current]").count() == 1
        assert page.locator(".contents h2").bounding_box()["y"] >= 0  # type: ignore[index]


@pytest.mark.parametrize("name", ["index/de", "index/en"])
def test_search_finds_pages_figures_and_tables(page: Page, pages: Pages, name: str) -> None:
    Visit(name, page).open(pages)
    german = name.endswith("de")
    for words, many in (("Leitlinien" if german else "guideline", True), ("zxq", False)):
        page.fill("#search-field", words)
        found = page.locator(".search li a").all()
        assert bool(found) is many
        assert page.locator(".search [role=status]").inner_text()
        for link in found:
            path, _, anchor = (link.get_attribute("href") or "").partition("#")
            html = (pages.outputs / path).read_text("utf-8")
            assert not anchor or f'id="{anchor}"' in html
    page.fill("#search-field", "medien 2021 leitlinien" if german else "Media 2021 guideline")
    assert page.locator(".search li").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_policy_stops_every_other_script(page: Page, pages: Pages) -> None:
    visit = Visit(REPORTS[0], page).open(pages)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.hit = 1';"
        "document.body.append(s); const i = new Image(); i.src = 'https://example.org/a.png'; }"
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert [each for each in visit.complaints if "Content Security Policy" not in each] == []
    assert len(visit.complaints) == 2  # the script and the picture


def test_picture_is_made_on_request(page: Page, pages: Pages, tmp_path: Path) -> None:
    """On the reader's machine, from what is drawn there; with no server and no complaint."""
    name = f"{EXAMPLE}/2021/imk/{REPORT}/de"
    visit = Visit(name, page).open(pages)
    buttons = page.get_by_role("button", name="PNG")
    assert buttons.count() == page.locator(".ewm-picture svg:not(.narrow)").count() > 9
    with page.expect_download() as download:
        buttons.nth(1).click()
    assert download.value.suggested_filename == "02-projects.png"
    download.value.save_as(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        points = (
            page.locator(".ewm-picture svg:not(.narrow)")
            .nth(1)
            .evaluate("svg => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]")
        )
        width, height = (round(each * 200 / 72) for each in points)
        assert image.width == width
        assert height + 3 * 14 * 200 / 72 < image.height < height + 8 * 14 * 200 / 72  # words
        assert image.getpixel((0, 0)) == (0, 0, 0, 0)
        colours = {count[1] for count in image.getcolors(maxcolors=1 << 20) or []}
        assert {(0x1D, 0x4E, 0x79, 255), (0xA9, 0xC6, 0xE3, 255)} <= colours
        assert (0xB4, 0x54, 0x0A, 255) in colours  # it is synthetic, and says so
    assert visit.requests == visit.complaints == []


@pytest.mark.parametrize("name", [f"{EXAMPLE}/2021/imk/{REPORT}/de", "20_growth/first/en"])
def test_values_stand_below_every_figure(page: Page, pages: Pages, name: str) -> None:
    Visit(name, page).open(pages)
    assert page.locator("details.values").count() == page.locator("figure").count() > 0
    assert not page.locator("details.values table").first.is_visible()
    page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true; })")
    assert page.locator("details.values table").first.is_visible()
    for table in page.locator("details.values table").all():
        assert table.locator("tbody tr").count() >= 1
    assert Visit(name, page).violations() == []


def test_annual_report_is_small(pages: Pages) -> None:
    page = pages.path(f"{EXAMPLE}/2021/imk/{REPORT}/de")
    for file in (page, page.with_name("executed.ipynb")):
        assert 200_000 < file.stat().st_size <= 330_000


@pytest.mark.parametrize("width", [WIDE, 375])
def test_a_value_is_told_where_it_is_drawn(browser: Browser, pages: Pages, width: int) -> None:
    """Under the pointer, a finger, and by arrow keys; from the table of values that is there."""
    page = browser.new_page(viewport={"width": width, "height": 900}, has_touch=True)
    visit = Visit(f"{EXAMPLE}/2021/imk/{REPORT}/de", page).open(pages)
    figure, tip = page.locator(".figure").nth(1), page.locator(".tip")
    assert not tip.is_visible()
    page.locator(".skip").focus()
    figure.focus()
    page.keyboard.press("ArrowRight")
    told = tip.inner_text()
    assert "Jahr: 2018" in told
    assert "Wert: 30" in told
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    drawing = figure.locator("svg[data-marks]:visible")
    drawing.scroll_into_view_if_needed()
    place = drawing.evaluate(
        """svg => { const [line, x, y] = svg.dataset.marks.split(" ").at(-1).split(",").map(Number);
        const { a, d, e, f } = svg.getScreenCTM(); return [x * a + e, y * d + f]; }"""
    )
    page.mouse.move(*place)
    assert "Wert: 34" in tip.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.mouse.move(0, 0)
    assert not tip.is_visible()
    page.touchscreen.tap(*place)
    assert "Wert: 34" in tip.inner_text()
    assert visit.violations() == visit.complaints == []
    page.close()


def test_a_cluster_can_be_chosen_and_linked(page: Page, pages: Pages) -> None:
    """Rows and columns of the tables, and its marks; what is chosen stands in the address."""
    visit = Visit("30_comparison/first/de", page).open(pages)
    first = page.locator("table.gt_table").first
    before = first.locator("tbody tr:visible").count()
    page.select_option(".filters [name=cluster]", "Tourismus")
    assert page.url.endswith("#cluster=Tourismus")
    assert first.locator("tbody tr:visible").count() < before
    assert "Metall" not in first.locator("tbody th:visible").all_inner_texts()
    assert page.locator("circle.chosen").count() > 1
    column = page.locator(".filters [name=column] option").nth(1).inner_text()
    page.select_option(".filters [name=column]", column)
    assert first.locator("thead th:visible").all_inner_texts() == ["Cluster", column]
    assert visit.violations() == visit.complaints == []
    page.goto("about:blank")
    page.goto(f"{pages.path('30_comparison/first/de').as_uri()}#cluster=Tourismus")
    assert first.locator("tbody tr:visible").count() < before
    page.select_option(".filters [name=cluster]", "")
    assert first.locator("tbody tr:visible").count() == before
    assert page.locator("circle.chosen").count() == 0


@pytest.mark.parametrize(
    ("name", "is_offered"),
    [("30_comparison/first/de", True), (f"{REAL}/2021/_all/{QUALITY}/de", False)],
)
def test_a_choice_is_offered_where_there_is_one(
    page: Page, pages: Pages, name: str, is_offered: bool
) -> None:
    Visit(name, page).open(pages)
    assert page.locator(".filters").is_visible() is is_offered


def test_reports_can_be_chosen_and_linked(page: Page, pages: Pages) -> None:
    visit = Visit("index/de", page).open(pages)
    page.select_option(".filters [name=column]", "2021")
    heads = page.locator(".matrix thead th:visible").all_inner_texts()
    assert "2021" in heads
    assert "2020" not in heads
    set_name = page.locator("section.set h2").last.inner_text()
    page.select_option(".filters [name=set]", set_name)
    assert page.locator("section.set:visible").count() == 1
    assert "column=2021" in page.url
    assert visit.violations() == visit.complaints == []
