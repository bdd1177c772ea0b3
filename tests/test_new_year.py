"""docs/new-year.md: one page, and its names are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

from ewm_analysis.contracts import ActorMerges, Corrections
from ewm_analysis.intake.findings import Finding
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.loaders.files import SECTIONS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "new-year.md").read_text("utf-8")
COMMANDS = sorted(set(re.findall(r"^ *(ewm .+)$", PAGE, re.MULTILINE)))


def test_the_page_is_one_page_and_numbered() -> None:
    assert len(re.findall(r"^.*\w", PAGE, re.MULTILINE)) <= 75
    steps = re.findall(r"^(\d+)\. \*\*", PAGE, re.MULTILINE)
    assert [*map(int, steps)] == [*range(1, len(steps) + 1)]
    assert len(COMMANDS) >= 6


def test_names_on_the_page_are_those_of_the_program() -> None:
    assert ",".join(Corrections.columns) in PAGE
    assert ",".join(ActorMerges.columns) in PAGE
    for section in SECTIONS:
        assert f"`# {section}`" in PAGE
    for name in re.findall(r"--accept ([a-z-]+)", PAGE):
        assert f"check.{name}.expected" in messages()
        assert Finding(name, "warning", "projects", facts={"last_year": "2021"}).expected("de")
