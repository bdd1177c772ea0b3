"""The documents: commands exist, links lead somewhere, code runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from ewm_analysis.cli import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands() -> list[tuple[str, str]]:
    """Return each ``ewm …`` of each document, in a line of code or within a sentence."""
    found = []
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        lines = [line for _, code in FENCED.findall(text) for line in code.splitlines()]
        parts = [part for line in lines for part in line.split("&&")]
        spans = re.findall(r"`(ewm [^`]+)`", FENCED.sub("", text))
        told = [part.split("#")[0].strip() for part in parts] + spans
        found += [(names(path), each) for each in told if each.startswith("ewm ")]
    return sorted({(place, each) for place, each in found if "…" not in each})


@pytest.mark.parametrize(("place", "command"), commands())
def test_every_command_is_one(place: str, command: str) -> None:
    words = shlex.split(command)[1:]
    parser = typer.main.get_command(app)
    context = parser.make_context("ewm", [], resilient_parsing=True)
    while hasattr(parser, "commands") and words:
        name = words.pop(0)
        if name == "--help":
            return
        assert name in parser.commands, f"{place}: {name} is no command"
        parser = parser.commands[name]
    is_named_only = not words or words == ["--help"]
    # refuses an unknown option, a missing argument or a value of another type
    parser.make_context(parser.name, words, parent=context, resilient_parsing=is_named_only)


@pytest.mark.parametrize("path", DOCUMENTS, ids=names)
def test_every_link_and_picture_is_there(path: Path) -> None:
    text = FENCED.sub("", path.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=names)
def test_every_target_of_make_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = re.findall(r"`make ([a-z-]+)", path.read_text("utf-8"))
    assert set(told) <= targets


def test_code_in_the_readme_runs() -> None:
    blocks = [
        code
        for language, code in FENCED.findall((ROOT / "README.md").read_text("utf-8"))
        if language == "python"
    ]
    assert blocks
    known: dict[str, object] = {}
    for code in blocks:
        exec(code, known)
    assert {"year", "indicator", "value"} <= set(known["values"])  # type: ignore[call-overload]
