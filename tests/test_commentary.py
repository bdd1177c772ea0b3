"""The evaluators' words: cut into chapters, harmless as HTML, nothing of them lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from conftest import write_dataset
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis.errors import ContractError
from ewm_analysis.loaders import open_dataset
from ewm_analysis.loaders.files import SECTIONS, Section
from ewm_analysis.notebook import show_commentary, start
from ewm_analysis.notebook.commentary import commentary_html
from ewm_analysis.report.page import check_page

WORDS = "commentary/2021/imk.de.md"
ALLOWED = ", ".join(f"# {name}" for name in SECTIONS)


def told(folder: Path, name: str, content: str | bytes) -> list[str]:
    with pytest.raises(ContractError) as caught:
        open_dataset(write_dataset(folder, {name: content}))
    return [str(failure) for failure in caught.value.failures]


# --- chapters ----------------------------------------------------------------------------


def test_chapters_of_a_file(tmp_path: Path) -> None:
    text = "\ufeff# year\r\n\r\nGut.\r\n\r\n## Mehr\r\n\r\n# success_stories ##\r\n"
    data = open_dataset(write_dataset(tmp_path, {WORDS: text}))
    assert data.commentary(2021, "imk", "de") == {
        "year": Section("Gut.\n\n## Mehr"),
        "success_stories": Section(""),
    }
    assert data.commentary(2020, "imk", "de") == {}
    assert data.commentary(2021, "imk", "en") == {}


def test_no_words_are_nothing(tmp_path: Path) -> None:
    data = open_dataset(write_dataset(tmp_path, {WORDS: None}))
    assert data.commentary(2021, "imk", "de") == {}
    empty = open_dataset(write_dataset(tmp_path / "b", {WORDS: "\n"}))
    assert empty.commentary(2021, "imk", "de") == {}


def test_a_key_never_becomes_a_path(dataset_path: Path) -> None:
    (dataset_path.parent / "x.de.md").write_text("# year\n\ngeheim\n", "utf-8")
    assert open_dataset(dataset_path).commentary(2021, "../../../x", "de") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# Year\n\na\n",
            f"small/{WORDS}, line 1: '# Year' — is no section: allowed: {ALLOWED}. "
            "Did you mean 'year'?; headings within one begin with ##",
        ),
        (
            "# year\n\na\n\n# Ausblick\n",
            f"small/{WORDS}, line 5: '# Ausblick' — is no section: allowed: {ALLOWED}; "
            "headings within one begin with ##",
        ),
        ("Vorweg.\n# year\n", f"small/{WORDS}, line 1: text stands before the first heading"),
        ("Nur Text.\n", f"small/{WORDS}, line 1: text stands before the first heading"),
        (
            "# year\na\n# year\nb\n",
            f"small/{WORDS}, line 3: '# year' — the heading stands there more than once",
        ),
        (
            "# projects\n\na\n\n# guidlines\n",
            f"small/{WORDS}, line 5: '# guidlines' — is no section: allowed: {ALLOWED}. "
            "Did you mean 'guidelines'?; headings within one begin with ##",
        ),
        (
            "# year (reprot, p. 3)\n",
            f"small/{WORDS}, line 1: 'reprot' — is no source of the reference tables. "
            "Did you mean 'report'?",
        ),
        (
            "# year\n\na\n\n# success_stories\n\n## A\n\nguideline: innovation, inovation\n",
            f"small/{WORDS}, line 9: 'inovation' — is no guideline of 2021: allowed: innovation, "
            "innovation_technical. Did you mean 'innovation'?",
        ),
        ("# success_stories\n## A\nguideline: old\n", f"small/{WORDS}, line 3: 'old' — is no"),
        (b"# year\n\nGr\xfc\xdfe\n", f"small/{WORDS}: the file is not UTF-8"),
    ],
)
def test_words_that_no_chapter_would_show(tmp_path: Path, text: str | bytes, expected: str) -> None:
    (failure,) = told(tmp_path, WORDS, text)
    assert failure.startswith(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2021/ikm.de.md", "'ikm' is no cluster. Did you mean 'imk'?"),
        ("2021/imk.fr.md", "'fr' is no language: allowed: de, en"),
        ("2021/imk.md", "is not commentary/<year>/<cluster>.<locale>.md"),
        ("2021/imk.de.txt", "is not commentary/<year>/<cluster>.<locale>.md"),
        ("imk.de.md", "is not commentary/<year>/<cluster>.<locale>.md"),
        ("2021/alt/imk.de.md", "is not commentary/<year>/<cluster>.<locale>.md"),
    ],
)
def test_a_file_that_no_page_would_show(tmp_path: Path, name: str, expected: str) -> None:
    assert told(tmp_path, f"commentary/{name}", "# year\n\na\n") == [
        f"small/commentary/{name}: {expected}"
    ]


# --- as HTML -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:alert(1)",
        "&#x6A;avascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "data:image/png;base64,AA",
        "file:///etc/passwd",
        "//example.org",
        "../../manifest.json",
        "/etc/passwd",
    ],
)
@pytest.mark.parametrize(
    "form", ["[a]({})", "[a](<{}>)", "![a]({})", "<{}>", "[a][b]\n\n[b]: {}", "[a]( {} )"]
)
def test_only_addresses_of_web_and_mail_are_links(form: str, address: str) -> None:
    html = commentary_html(form.format(address))
    assert "href=" not in html
    assert "src=" not in html


@pytest.mark.parametrize(
    "address", ["https://example.org/a?b=c&d", "http://example.org", "mailto:a@example.org"]
)
def test_plain_links_stay(address: str) -> None:
    assert commentary_html(f"[a]({address})").count("href=") == 1


def test_a_picture_is_a_link_and_is_not_fetched() -> None:
    html = commentary_html("![Foto](https://example.org/x.png)")
    assert html == '<p>!<a href="https://example.org/x.png">Foto</a></p>\n'


@pytest.mark.parametrize(
    "html",
    ["<script>a</script>", "<b onclick=a>", "<!-- en -->", "<svg/onload=a>", "&lt;script&gt;"],
)
def test_html_stays_text(html: str) -> None:
    assert "<p>&lt;" in commentary_html(html)


@pytest.mark.parametrize("title", ["# a", "## a", "a\n===", "###### a"])
def test_headings_stand_below_the_chapter(title: str) -> None:
    assert commentary_html(title)[:3] in ("<h3", "<h6")


@pytest.mark.parametrize(
    "text",
    ["Ein Satz. " * 1000, "[" * 10_000, "*a " * 3_333, "> " * 5_000, "![" * 5_000, "<a " * 3_333],
    ids=["words", "brackets", "stars", "quotes", "pictures", "tags"],
)
def test_ten_thousand_characters_take_no_time(text: str) -> None:
    start = process_time()
    commentary_html(text)
    assert process_time() - start < 5


@given(st.text(alphabet="<>[]()!\"'`#*_:/ajs=&;\n\\", max_size=80))
def test_whatever_is_written_can_be_published(text: str) -> None:
    check_page(f"<main><h1>a</h1>{commentary_html(text)}</main>")


# --- on a page ---------------------------------------------------------------------------


STORIES = """\
# projects (report, p. 7)

- Ein <b>Punkt</b>.

# guidelines

Zur Leitlinie.

# success_stories (report, p. 20 ff.)

Vorab.

## Erstes <i>Beispiel</i>

guideline: innovation_technical, innovation

Ein Bündnis.

## Zweites

Ohne Leitlinie.
"""


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The HTML of a section on the page of the file above."""
    html: list[str] = []
    for module in ("page", "commentary"):
        place = f"ewm_analysis.notebook.{module}.display"
        monkeypatch.setattr(place, lambda bundle, **_: html.append(bundle["text/html"]))
    data_dir = str(write_dataset(tmp_path, {WORDS: STORIES}))
    page = start(year=2021, cluster_id="imk", data_dir=data_dir)

    def show(section: str) -> str:
        html.clear()
        show_commentary(page, section)
        return "".join(html)

    return show


def test_a_comment_is_marked_as_one_and_names_its_source(shown: Callable[[str], str]) -> None:
    html = shown("projects")
    label = '<p class="ewm-comment-label">Kommentar des Clustermanagements</p>'
    assert html.startswith(f'<div class="ewm-comment" role="note">\n{label}')
    assert "<li>Ein &lt;b&gt;Punkt&lt;/b&gt;.</li>" in html
    assert "Sinngemäß nach: Jahresbericht, S.\xa07</p>" in html
    assert html.endswith("</div>\n")
    assert "<h2>" not in html


def test_figures_lead_to_the_success_stories_that_name_their_categories(
    shown: Callable[[str], str],
) -> None:
    html = shown("guidelines")
    assert (
        '<p class="ewm-stories">Erfolgsbeispiele: <a href="#story-1">Erstes &lt;i&gt;Beispiel'
        "&lt;/i&gt;</a> (innovation_technical (de), innovation (de))</p>"
    ) in html
    assert "story-2" not in html  # it names none
    assert shown("focus_topics") == ""
    assert shown("technologies") == ""


def test_a_success_story_says_its_topics_and_can_be_led_to(shown: Callable[[str], str]) -> None:
    html = shown("success_stories")
    assert html.startswith("<h2>5. Erfolgsbeispiele</h2>\n<p>Vorab.</p>")
    assert '<h3><span id="story-1"></span>Erstes &lt;i&gt;Beispiel&lt;/i&gt;</h3>' in html
    assert '"ewm-topics">Leitlinien: innovation_technical (de), innovation (de)</p>' in html
    assert "guideline:" not in html
    assert '<h3><span id="story-2"></span>Zweites</h3>\n<p>Ohne Leitlinie.</p>' in html
    assert "Sinngemäß nach: Jahresbericht, S.\xa020 ff.</p>" in html
