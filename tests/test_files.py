"""A file or a folder is written whole or not at all, whatever goes wrong on the way."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ewm_analysis import files
from ewm_analysis.files import OLD, move_in, move_in_at_once, staged, written

ALL = ["a/one", "b", "new/c"]


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(folder: Path, said: str, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(said, "utf-8")


def interrupted(target: Path) -> None:
    with written(target) as beside:
        beside.write_text("half", "utf-8")
        raise KeyboardInterrupt


def renew(target: Path, *parts: str) -> None:
    with staged(target) as made:
        write(made, "new", "a/one/x", "b", "new/c")
        move_in(made, target, parts)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    write(tmp_path / "set", "old", "a/one/x", "a/one/gone", "b", "kept")
    return tmp_path / "set"


@pytest.fixture(params=[True, False], ids=["swaps", "moves"])
def swaps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Systems that swap names at once, and others."""
    if not request.param:
        monkeypatch.setattr(files, "_swap", lambda *_: False)
    return bool(request.param)


def fail_at(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let moving fail once, the `count`-th time."""
    replace, calls = os.replace, iter(range(1, 99))

    def failing(source: Path, place: Path) -> None:
        if next(calls) == count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))
        replace(source, place)

    monkeypatch.setattr(os, "replace", failing)


def test_a_file_is_whole_or_the_old_one_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for said in ("one", "two"):
        with written(page) as beside:
            beside.write_text(said, "utf-8")
            assert not page.exists() or page.read_text("utf-8") == "one"
    with pytest.raises(KeyboardInterrupt):
        interrupted(page)
    assert contents(tmp_path) == {"page.html": "two"}


def test_a_folder_takes_the_place_of_the_old(target: Path, swaps: bool) -> None:
    with staged(target) as made:
        write(made, "new", "b")
        move_in(made, target)
    assert contents(target.parent) == {"set/b": "new"}
    with staged(target.parent / "deep" / "other") as made:
        write(made, "new", "b")
        move_in(made, target.parent / "deep" / "other")
    assert contents(target.parent) == {"deep/other/b": "new", "set/b": "new"}


@pytest.mark.parametrize("move", [move_in, move_in_at_once])
def test_parts_take_their_place_and_the_rest_is_left_alone(
    target: Path, swaps: bool, move: Callable[[Path, Path, list[str]], None]
) -> None:
    with staged(target) as made:
        write(made, "new", "a/one/x", "b", "new/c", "unused")
        move(made, target, ALL)
    assert contents(target.parent) == {
        "set/a/one/x": "new",
        "set/b": "new",
        "set/kept": "old",
        "set/new/c": "new",
    }


@pytest.mark.parametrize(
    ("parts", "count"), [*((ALL, count) for count in range(1, 6)), (["."], 1), (["."], 2)]
)
def test_a_failure_in_the_middle_leaves_the_old(
    parts: list[str], count: int, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(target.parent)
    monkeypatch.setattr(files, "_swap", lambda *_: False)
    fail_at(monkeypatch, count)
    with pytest.raises(OSError, match="No space left"):
        renew(target, *parts)
    assert contents(target.parent) == before


def test_a_failure_after_a_swap_leaves_the_old(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(target.parent)
    fail_at(monkeypatch, 1)  # "a/one" and "b" are swapped, "new/c" is moved
    with pytest.raises(OSError, match="No space left"):
        renew(target, *ALL)
    assert contents(target.parent) == before


def test_a_place_is_never_empty_where_names_can_be_swapped(target: Path) -> None:
    seen = (
        "import sys; from pathlib import Path; place = Path(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "while not (place / 'end').exists():\n"
        "    if not (place / 'b').exists(): sys.exit(3)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", seen, str(target)], stdout=subprocess.PIPE
    ) as watching:
        assert watching.stdout
        watching.stdout.readline()
        for number in range(200):
            with staged(target) as made:
                write(made, str(number), "b", *(["end"] if number == 199 else []))
                move_in(made, target)
        assert watching.wait(timeout=30) in ({0} if files._system("renameat2") else {0, 3})


def test_the_old_is_not_lost_where_it_cannot_go_back(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def failing(source: Path, place: Path) -> None:
        if place == target:
            raise OSError("gone")
        replace(source, place)

    monkeypatch.setattr(os, "replace", failing)
    monkeypatch.setattr(files, "_swap", lambda *_: False)
    with pytest.raises(OSError, match="gone"):
        renew(target, ".")
    assert not target.exists()
    (left,) = target.parent.glob(f".set-*/{OLD}")
    assert contents(left)["kept"] == "old"


def test_a_killed_process_leaves_the_old_and_nothing_that_git_sees(target: Path) -> None:
    before = contents(target)
    program = (
        "import os, signal; from pathlib import Path; from ewm_analysis.files import staged\n"
        f"with staged(Path({str(target)!r})) as made:\n"
        "    made.mkdir(); (made / 'b').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    assert contents(target) == before
    (left,) = target.parent.glob(".set-*")
    assert (left / ".gitignore").read_text("utf-8") == "*\n"
