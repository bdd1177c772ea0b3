"""The house rules of docs/architecture.md, held by the machine."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from house import held_lines

import ewm_analysis

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "ewm_analysis").rglob("*.py"))
ROOMS = sorted(module.name for module in pkgutil.iter_modules(ewm_analysis.__path__))
HEAVY = {
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
}


def code_lines(source: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body that hold code: no docstring, comment, blank line."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return len(held_lines(source) & {line for part in body for line in span(part)})


def span(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


@pytest.mark.parametrize("contract", ["rooms", "pure"])
def test_imports_keep_the_contract(contract: str) -> None:
    # In a process of its own: it switches off the loggers of the process it runs in.
    call = (
        "import sys; from importlinter.cli import lint_imports; "
        f"sys.exit(lint_imports(config_filename={str(ROOT / 'pyproject.toml')!r}, "
        f"limit_to_contracts=({contract!r},), no_cache=True, no_logo=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", call], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_are_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 600  # one idea a file: the idea decides, not the length
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    sizes = {function.name: code_lines(source, function) for function in functions}
    assert {name: size for name, size in sizes.items() if size > 40} == {}


def test_what_is_short_has_several_users() -> None:
    """A short module with one user belongs into it; `__init__` is the door of a room."""
    graph = grimp.build_graph("ewm_analysis", cache_dir=None)
    for path in MODULES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines < 60 and path.stem != "__init__":
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            users = graph.find_modules_that_directly_import(name)
            assert len(users) > 1, f"{name} has {lines} lines and serves {users} only"


@pytest.mark.parametrize("statement", ["import ewm_analysis", "import ewm_analysis.cli"])
def test_import_loads_nothing_heavy(statement: str) -> None:
    program = f"import sys; {statement}; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert "ewm_analysis" in loaded
    assert HEAVY.intersection(loaded) == set()


@pytest.mark.parametrize("room", ROOMS)
def test_public_names_exist_and_are_explained(room: str) -> None:
    module = importlib.import_module(f"ewm_analysis.{room}")
    assert module.__doc__, "the room does not say what it is for"
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]
    missing = [name for name in names if not hasattr(module, name)]
    assert missing == []
    silent = [name for name in names if not explained(name, getattr(module, name))]
    assert silent == []


def explained(name: str, value: object) -> bool:
    """True for a docstring of its own; dataclasses without one are given their signature."""
    if not (inspect.isclass(value) or inspect.isroutine(value) or hasattr(value, "__wrapped__")):
        return True
    text = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
    return bool(text) and not text.startswith(f"{name}(")
