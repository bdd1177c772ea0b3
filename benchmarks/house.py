"""How large is the house? Count its rooms, hold them against an earlier state, draw them.

    python benchmarks/house.py [BASE] [--draw docs/images/house.svg]

Code is what holds no blank, docstring or comment; declarations (TOML, CSV, templates) are
counted beside it. BASE is any commit: its counts stand in front of today's.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import tarfile
import tempfile
import tokenize
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Counts = dict[str, dict[str, int]]
"""By room, then by what was counted."""

SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
DECLARED = {".toml", ".csv", ".j2", ".css", ".js", ".json", ".mplstyle"}
WIDTH, HEIGHT, LEFT, GAP, LETTER = 900, 40, 20.0, 10.0, 7.2
"""Of the picture, of a room, of the margin, between rooms, of a letter."""
COUNTS = ("files", "lines", "code", "declared")


def held_lines(source: str) -> set[int]:
    """Return the lines that hold more than blanks and comments."""
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT:
            held.update(range(token.start[0], token.end[0] + 1))
    return held


def code_lines(source: str) -> int:
    """Count the lines of code: no blank line, comment or docstring."""
    held = held_lines(source)
    for statement in ast.walk(ast.parse(source)):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_text and isinstance(statement.value.value, str):
            held.difference_update(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return len(held)


def count(package: Path) -> Counts:
    """Return files, lines, lines of code and declared lines of each room."""
    rooms: Counts = {}
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if not path.is_file() or "__pycache__" in parts or parts[0] == "scaffold":
            continue
        name = parts[0] if len(parts) > 1 else path.stem
        room = rooms.setdefault(name, dict.fromkeys(COUNTS, 0))
        if path.suffix == ".py":
            source = path.read_text("utf-8")
            room["files"] += 1
            room["lines"] += len(source.splitlines())
            room["code"] += code_lines(source)
        elif path.suffix in DECLARED:
            room["declared"] += len(path.read_text("utf-8").splitlines())
    return rooms


def counted_at(commit: str) -> Counts:
    """Return the same for an earlier state."""
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit, "ewm_analysis"], check=True, capture_output=True
    ).stdout
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(packed)) as tree:
        tree.extractall(folder, filter="data")
        return count(Path(folder) / "ewm_analysis")


def floors() -> list[list[str]]:
    """Return the rooms by floor, highest first, as the import contract says."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = told["tool"]["importlinter"]["contracts"][0]["layers"]
    return [[name.strip(" ()") for name in layer.split("|")] for layer in layers]


def lines_of_table(now: Counts, before: Counts) -> Iterator[str]:
    """Yield a line a room: each count, before → now where there is a before."""
    order = [name for floor in floors() for name in floor]
    names = [*order, *sorted({*now, *before} - {*order})]
    yield "room".ljust(14) + "".join(name.rjust(18) for name in COUNTS)
    total = {name: [0, 0] for name in COUNTS}
    for room in names:
        cells = []
        for name in COUNTS:
            pair = [side.get(room, {}).get(name, 0) for side in (before, now)]
            total[name] = [a + b for a, b in zip(total[name], pair, strict=True)]
            cells.append(pair)
        if any(any(pair) for pair in cells):
            yield room.ljust(14) + "".join(_pair(pair, before) for pair in cells)
    yield "all".ljust(14) + "".join(_pair(total[name], before) for name in COUNTS)


def _pair(pair: list[int], before: object) -> str:
    return (f"{pair[0]:,} → {pair[1]:,}" if before else f"{pair[1]:,}").rjust(18)


Box = tuple[float, float, float, str]
"""Where a room begins, how broad it is, where its words begin, and its words."""


def boxes(floor: list[str], now: Counts, scale: float) -> list[Box]:
    """Return the rooms of a floor from left to right; words stand beside a box too small."""
    found, at = [], LEFT
    for room in floor:
        counted = now.get(room, dict.fromkeys(COUNTS, 0))
        said = f"{room} {counted['code']:,} in {counted['files']}"
        broad, length = max(counted["code"] * scale, 4.0), LETTER * len(said)
        is_inside = broad > length + 2 * GAP
        found.append((at, broad, at + GAP if is_inside else at + broad + GAP / 2, said))
        at += broad + GAP + (0 if is_inside else length + GAP)
    return found


def drawn(now: Counts) -> str:
    """Return the house as SVG: a row a floor, a room as wide as its code."""
    scale = 1.0
    while any(_end(boxes(floor, now, scale)) > WIDTH - LEFT for floor in floors()):
        scale *= 0.98
    shapes = []
    for number, floor in enumerate(floors()):
        top = LEFT + number * (HEIGHT + GAP)
        for at, broad, words, said in boxes(floor, now, scale):
            shapes.append(
                f'<rect x="{at:.0f}" y="{top:.0f}" width="{broad:.0f}" height="{HEIGHT}"/>'
            )
            shapes.append(
                f'<text x="{words:.0f}" y="{top + HEIGHT / 2 + 5:.0f}">{escape(said)}</text>'
            )
    height = 2 * LEFT + len(floors()) * (HEIGHT + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        'aria-label="The rooms of the package, a floor a row, each with its lines of code and '
        'files: a room imports only from those below">\n'
        "<style>rect{fill:#d5e5ee;stroke:#1f5a7a;rx:4px}text{font:13px sans-serif;fill:#1b2a33}"
        "</style>\n"
        f'<path d="M0 0H{WIDTH}V{height:.0f}H0z" fill="#fff"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _end(row: list[Box]) -> float:
    at, broad, words, said = row[-1]
    return max(at + broad, words + LETTER * len(said))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", help="an earlier commit")
    parser.add_argument("--draw", type=Path, help="where to write the picture")
    asked = parser.parse_args()
    now = count(ROOT / "ewm_analysis")
    print(*lines_of_table(now, counted_at(asked.base) if asked.base else {}), sep="\n")
    if asked.draw:
        asked.draw.write_text(drawn(now), "utf-8")


if __name__ == "__main__":
    main()
