"""The gate of a change that must not change a page: the products of two states, held together.

    python tests/gate.py [BASE] [-- --year 2021 and other options of `ewm run`]

Runs every page of both data sets, in both languages, and of a confidential copy of the example,
once with the package as it was at BASE (default: HEAD; kept in ``.venv/gate/``) and once as it is
in the working tree. Prints each product whose bytes differ; the hash of the package, which stands
on every page, is masked. Ends with 1 if any differs.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".venv" / "gate"
UNHASHED = {"manifest.json", "executed.ipynb", ".lock", ".state.json", "SHA256SUMS"}
"""They hold times and hashes of the package; what readers see of them is in the page."""


def git(*words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def add_confidential(project: Path) -> None:
    """Copy the example and make it a data set whose small figures are withheld."""
    copy = project / "data" / "confidential"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(project / "data" / "example", copy)
    head = copy / "datapackage.json"
    told = json.loads(head.read_text("utf-8")) | {"name": "confidential", "disclosure": "standard"}
    head.write_text(json.dumps(told, ensure_ascii=False, indent=2), "utf-8")


def project_of(name: str, commit: str = "") -> Path:
    """Lay out the project as it was at a commit, or as it is in the working tree."""
    target = KEPT / name
    if commit and (target / "data" / "confidential").is_dir():
        return target
    shutil.rmtree(target / "data", ignore_errors=True)
    for part in ("ewm_analysis", "notebooks"):
        shutil.rmtree(target / part, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    if commit:
        packed = subprocess.run(
            ["git", "-C", str(ROOT), "archive", commit], check=True, capture_output=True
        ).stdout
        subprocess.run(["tar", "-x", "-C", str(target)], input=packed, check=True)
    else:
        listed = git("ls-files", "--cached", "--others", "--exclude-standard").splitlines()
        for path in listed:
            if (ROOT / path).is_file():
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, target / path)
    add_confidential(target)
    return target


def run(project: Path, options: list[str]) -> None:
    """Run the pages of a project with its own package."""
    code = "from ewm_analysis.cli import app; app()"
    command = [sys.executable, "-c", code, "run", *options]
    subprocess.run(command, cwd=project, env={**os.environ, "PYTHONPATH": str(project)}, check=True)


def products(project: Path) -> dict[str, Path]:
    """Return what a run wrote for readers, by path below the outputs."""
    outputs = project / "outputs"
    return {
        path.relative_to(outputs).as_posix(): path
        for path in sorted(outputs.rglob("*"))
        if path.is_file() and path.name not in UNHASHED
    }


def packages(project: Path) -> set[bytes]:
    """Return how the pages of a project name the package that made them: it stands on each."""
    found = (project / "outputs").rglob("manifest.json")
    hashes = {json.loads(path.read_text("utf-8"))["package_sha256"] for path in found}
    return {sha256[:12].encode() for sha256 in hashes}


def content(path: Path, names: set[bytes]) -> bytes:
    """Return what a product holds, workbooks unpacked, without the name of the package."""
    held = path.read_bytes()
    if path.suffix == ".xlsx":
        with ZipFile(path) as book:
            held = b"".join(part.encode() + book.read(part) for part in sorted(book.namelist()))
    for name in names:
        held = held.replace(name, b"-" * len(name))
    return held


def told(name: str, old: bytes, new: bytes) -> str:
    """Return the first lines in which two text files differ."""
    if not name.endswith((".html", ".csv", ".svg")):
        return ""
    lines = difflib.unified_diff(old.decode().splitlines(), new.decode().splitlines(), n=0)
    changed = [line[:300] for line in lines if not line.startswith(("---", "+++", "@@"))]
    return "".join(f"\n    {line}" for line in changed[:6])


def main(words: list[str]) -> int:
    own, _, options = " ".join(words).partition("--")
    commit = git("rev-parse", own.strip() or "HEAD")
    before, after = project_of(commit[:12], commit), project_of("now")
    run(before, options.split())
    run(after, options.split())
    old, new = products(before), products(after)
    if options:  # what was kept may hold more than was asked for
        old = {path: file for path, file in old.items() if path in new}
    names = [packages(project) for project in (before, after)]
    differing = {path: "only before" for path in {*old} - {*new}}
    differing |= {path: "only after" for path in {*new} - {*old}}
    for path in {*old} & {*new}:
        pair = content(old[path], names[0]), content(new[path], names[1])
        if pair[0] != pair[1]:
            differing[path] = f"differs{told(path, *pair)}"
    for path, how in sorted(differing.items()):
        print(f"{path}: {how}")
    print(f"{len(new)} products, {len(differing)} differ from {commit[:12]}.")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
