"""A project of its own and one shell for the commands of a document; not a test."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

END = "--- end of block ---"
LIMIT = 1200.0  # seconds: ends what hangs, on a slow and busy machine, too


def lay_out(source: Path, target: Path) -> Path:
    """Copy what git would: a clone, with the changes that are not committed yet.

    Its ``.venv`` is the environment of the tests, so that `make` has nothing to install.
    """
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(listed, cwd=source, capture_output=True, text=True, check=True)
    for name in filter(None, answer.stdout.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, target / name)
    environment = target / ".venv"
    environment.mkdir()
    for name in ("bin", "lib"):
        (environment / name).symlink_to(Path(sys.prefix, name))
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), environment)
    (environment / ".installed").write_text(str(target.resolve()), "utf-8")
    (environment / ".installed-dev").touch()
    return target


class Shell:
    """One bash for all blocks of a document: folder, variables and jobs stay."""

    def __init__(self, folder: Path) -> None:
        path = f"{Path(sys.prefix, 'bin')}{os.pathsep}{os.environ['PATH']}"
        self._bash = subprocess.Popen(
            ["bash", "-eo", "pipefail"],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that a limit ends what the shell started, too
        )
        self.run("trap 'kill $(jobs -p) 2>/dev/null || true' EXIT")

    def run(self, block: str) -> str:
        """Run a block, return what it printed.

        Raises
        ------
        AssertionError
            If a command of it fails, or does not end.
        """
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        # In braces the whole block is read before a command of it can read from the same input.
        self._bash.stdin.write(f"{{\n:\n{block}\n}} </dev/null\necho; echo '{END}'\n")
        self._bash.stdin.flush()
        printed = []
        limit = Timer(LIMIT, os.killpg, (self._bash.pid, signal.SIGKILL))
        limit.start()
        for line in self._bash.stdout:
            if line.strip() == END:
                limit.cancel()
                return "".join(printed)
            printed.append(line)
        limit.cancel()
        raise AssertionError(f"A command failed:\n{block}\n{''.join(printed)}")

    def close(self) -> None:
        """End the shell, and with it what it started in the background."""
        assert self._bash.stdin is not None
        with suppress(BrokenPipeError):  # a command that failed has ended it
            self._bash.stdin.close()
        self._bash.wait(60)
        assert self._bash.stdout is not None
        self._bash.stdout.close()


@contextmanager
def shell_in(folder: Path) -> Iterator[Shell]:
    """Open a shell in a folder, and close it."""
    shell = Shell(folder)
    try:
        yield shell
    finally:
        shell.close()
