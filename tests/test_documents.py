"""The documents: commands exist, links lead somewhere, code runs."""

from __future__ import annotations

import doctest
import os
import pkgutil
import re
import shlex
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
import typer.main
from document_shell import lay_out, shell_in
from exported_pages import Pages
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import ewm_analysis.disclosure
import ewm_analysis.statistics
from ewm_analysis.cli import app

ROOT = Path(__file__).parents[1]
SCAFFOLD = ROOT / "ewm_analysis" / "scaffold" / "README.md"
"""Stands in every project that `ewm init` lays out."""

DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "generated" not in path.parts),
    ROOT / "data" / "README.md",
    SCAFFOLD,
]
FENCED = re.compile(r"^ *```([^\n]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
GENERATOR = (ROOT / "docs" / "pages.py").read_text("utf-8")
ENTIRE = {"make report", "make test", "make check"}
"""What `.ci/run` does as a whole, and no document's test again."""


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
        if "generated/" in target:  # made by `make docs`, which fails where it is not
            assert f'"{Path(target).name}"' in GENERATOR, target
        elif not target.startswith(("http:", "https:", "mailto:")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=names)
def test_every_target_of_make_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = re.findall(r"`make ([a-z-]+)", path.read_text("utf-8"))
    assert set(told) <= targets


class PythonParser(PythonCodeBlockParser):
    """Blocks of Python; one that begins with the name of a file is written to it instead."""

    def __call__(self, document: Document) -> Iterable[Region]:
        for region in super().__call__(document):
            if name := re.match(r"# (\w+\.py)\n", str(region.parsed)):
                region.evaluator = partial(self.write, name[1])
            yield region

    @staticmethod
    def write(name: str, example: Example) -> None:
        Path(name).write_text(str(example.parsed), "utf-8")


def done_elsewhere(line: str) -> bool:
    """The environment of the tests is installed; `test_packaging.py` installs the wheel, and
    `test_papermill.py` runs papermill."""
    is_entire = line.split("#", maxsplit=1)[0].strip() in ENTIRE
    return is_entire or line.startswith(("pip install ", "papermill "))


def lines_of(path: Path) -> set[str]:
    """Return the commands of a document, without what is said of them."""
    blocks = [
        code for language, code in FENCED.findall(path.read_text("utf-8")) if language == "sh"
    ]
    return {line.partition("#")[0].strip() for code in blocks for line in code.splitlines()}


def test_a_new_project_is_told_commands_of_the_first_page() -> None:
    """They run there, and `ewm init` is tried with them."""
    assert lines_of(SCAFFOLD)
    assert lines_of(SCAFFOLD) <= lines_of(ROOT / "README.md")


def with_code() -> list[Path]:
    """Return the documents whose code is run: those that do more than repeat commands."""
    documents = [path for path in DOCUMENTS if path != SCAFFOLD]
    return [path for path in documents if re.search(r"```(python|sh)\n", path.read_text("utf-8"))]


def hand_on(pages: Path, target: Path, place: Callable[[Path, Path], object] = os.link) -> None:
    """Link what was made of the report that documents ask for: files are replaced, never written.

    Of all pages the rest would be looked at, copied and held against each other for nothing.
    """
    for file in filter(Path.is_file, pages.glob("*/2021/imk/**/*")):
        copy = target / file.relative_to(pages)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        place(file, copy)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, pages: Pages) -> Path:
    """What `make report` made, the tests of pages and earlier documents: a key says what is due."""
    folder = tmp_path_factory.mktemp("made")
    hand_on(ROOT / "outputs", folder, shutil.copy)
    hand_on(pages.outputs, folder)
    return folder


@pytest.mark.parametrize("path", with_code(), ids=names)
def test_code_runs(path: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every block, in order, in a project of the document's own."""
    folder = lay_out(ROOT, tmp_path / "project")
    monkeypatch.chdir(folder)
    hand_on(made, folder / "outputs")
    with shell_in(folder) as shell:

        def run(example: Example) -> None:
            lines = str(example.parsed).splitlines()
            shell.run("\n".join(line for line in lines if not done_elsewhere(line)))

        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        parsers = [PythonParser(doctest_optionflags=flags), CodeBlockParser("sh", run)]
        document = Sybil(parsers).parse(path)
        document.namespace["shell"] = shell
        for example in document.examples():
            example.evaluate()
    hand_on(folder / "outputs", made)


def test_what_only_ci_runs_is_in_ci() -> None:
    steps = (ROOT / ".ci" / "run").read_text("utf-8")
    assert all(f"step {command}" in steps for command in ENTIRE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=names)
def test_every_block_says_what_it_is(path: Path) -> None:
    """Blocks of other languages are not run: they must be no code."""
    languages = {language for language, _ in FENCED.findall(path.read_text("utf-8"))}
    assert {each for each in languages if not each.startswith("{")} <= {"python", "sh", "text"}


@pytest.mark.parametrize("room", [ewm_analysis.statistics, ewm_analysis.disclosure])
def test_every_method_is_in_the_handbook(room: object) -> None:
    pages = [path.read_text("utf-8") for path in sorted((ROOT / "docs" / "methods").glob("*.md"))]
    room_name, public = room.__name__, room.__all__  # type: ignore[attr-defined]
    told = set(re.findall(rf"`~{room_name}\.(\w+)`", "".join(pages)))
    assert told == set(public)


def test_every_room_with_public_names_is_in_the_reference() -> None:
    """Sphinx lists there what the room's ``__all__`` names."""
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    rooms = [room.name for room in pkgutil.iter_modules(ewm_analysis.__path__)]
    modules = {room: import_module(f"ewm_analysis.{room}") for room in rooms}
    offering = {room for room, module in modules.items() if hasattr(module, "__all__")}
    assert offering <= set(re.findall(r"^   ewm_analysis\.(\w+)$", page, re.M))
