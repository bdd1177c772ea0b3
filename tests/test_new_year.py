"""docs/new-year.md: every command and option in it exists, every path is meant as it is read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from ewm_analysis.cli import app
from ewm_analysis.contracts import ActorMerges, Corrections, columns_of
from ewm_analysis.intake.checks.findings import Finding
from ewm_analysis.l10n.sentences import messages
from ewm_analysis.loaders.commentary import SECTIONS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "new-year.md").read_text("utf-8")
COMMANDS = sorted({span for span in re.findall(r"`(ewm [^`]+)`", PAGE)})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command: str) -> None:
    words = shlex.split(command)[1:]
    parser = typer.main.get_command(app)
    context = parser.make_context("ewm", [], resilient_parsing=True)
    while hasattr(parser, "commands"):
        name = words.pop(0)
        assert name in parser.commands, f"{command}: {name} is no command"
        parser = parser.commands[name]
    # refuses an unknown option, a missing argument or a value of another type
    parser.make_context(parser.name, words, parent=context)


def test_the_page_is_one_page_and_numbered() -> None:
    assert len(PAGE.splitlines()) <= 75
    steps = re.findall(r"^(\d+)\. \*\*", PAGE, re.MULTILINE)
    assert [*map(int, steps)] == [*range(1, len(steps) + 1)]
    assert len(COMMANDS) >= 7


def test_names_on_the_page_are_those_of_the_program() -> None:
    assert ",".join(columns_of(Corrections)) in PAGE
    assert ",".join(columns_of(ActorMerges)) in PAGE
    for section in SECTIONS:
        assert f"`# {section}`" in PAGE
    for name in re.findall(r"--accept ([a-z-]+)", PAGE):
        assert f"check.{name}.expected" in messages()
        assert Finding(name, "warning", "projects", facts={"last_year": "2021"}).expected("de")
