"""Notebooks read like a report: no logic, no paths, both languages, nothing left of a run."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LOGIC = (
    ast.AsyncFor,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.FunctionDef,
    ast.Lambda,
    ast.Try,
    ast.TryStar,
    ast.While,
    ast.comprehension,
)
METHODS = {"groupby", "merge"}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=nbformat.NO_CONVERT)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def calls(tree: ast.AST) -> set[str]:
    """Return the names of all functions and methods called."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        for function in called
    }


def test_is_valid_and_short(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert [cell.source for cell in code_cells(notebook) if cell.source.count("\n") >= 12] == []


def test_has_chapters(notebook: nbformat.NotebookNode) -> None:
    """A page may grow, chapter by chapter: a heading stands at latest before the eighth cell."""
    shown = 0
    for cell in notebook.cells:
        is_heading = cell.cell_type == "markdown" and cell.source.lstrip().startswith("#")
        shown = 0 if is_heading else shown + 1
        assert shown <= 7, cell.source


def test_holds_no_logic(notebook: nbformat.NotebookNode) -> None:
    for cell in code_cells(notebook):
        tree = ast.parse(cell.source)
        logic = [type(node).__name__ for node in ast.walk(tree) if isinstance(node, LOGIC)]
        assert logic == [], cell.source
        assert calls(tree) & (METHODS | {"print"}) == set(), cell.source


def test_names_no_path(notebook: nbformat.NotebookNode) -> None:
    for cell in code_cells(notebook):
        tree = ast.parse(cell.source)
        defaults = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "data_dir"
        ]
        paths = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and "/" in node.value
            and not ("parameters" in tags(cell) and node in defaults)
        ]
        assert paths == [], cell.source


def test_starts_with_parameters(notebook: nbformat.NotebookNode) -> None:
    cells = code_cells(notebook)
    assert [index for index, cell in enumerate(cells) if "parameters" in tags(cell)] == [0]
    assert "start" in calls(ast.parse(cells[1].source))


def test_parameters_explain_themselves(notebook: nbformat.NotebookNode) -> None:
    source = code_cells(notebook)[0].source
    comments = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    statements = ast.parse(source).body
    assert statements
    for statement in statements:
        shown = ast.unparse(statement)
        assert isinstance(statement, ast.AnnAssign), f"{shown}: a parameter needs a type"
        assert statement.value is not None, f"{shown}: a parameter needs a default"
        assert statement.end_lineno in comments, f"{shown}: a parameter needs a comment"


def test_keeps_nothing_of_a_run(notebook: nbformat.NotebookNode) -> None:
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
    for metadata in (notebook.metadata, *(cell.metadata for cell in notebook.cells)):
        assert "papermill" not in metadata


def test_speaks_both_languages(notebook: nbformat.NotebookNode) -> None:
    one_language = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        and "<!-- en -->" not in cell.source.splitlines()
        and "remove-cell" not in tags(cell)
    ]
    assert one_language == []
