"""The shell that runs the documents notices what fails, what hangs and what is left running."""

from __future__ import annotations

import subprocess
from pathlib import Path

import document_shell
import pytest
from document_shell import shell_in


def test_folder_variables_and_output_stay(tmp_path: Path) -> None:
    with shell_in(tmp_path) as shell:
        shell.run("mkdir inner && cd inner\nNAME=value")
        assert shell.run('basename "$PWD"\nprintf "%s" "$NAME"').split() == ["inner", "value"]
        assert shell.run("").strip() == ""


@pytest.mark.parametrize(
    "block", ["false\necho on", "ewm nonsense", "cat < nowhere", "false | cat"]
)
def test_a_command_that_fails_fails_the_document(block: str, tmp_path: Path) -> None:
    with shell_in(tmp_path) as shell, pytest.raises(AssertionError, match="A command failed"):
        shell.run(block)


def test_a_command_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_shell, "LIMIT", 0.5)
    with shell_in(tmp_path) as shell, pytest.raises(AssertionError, match="sleep 617"):
        shell.run("sleep 617")
    assert not still_runs("sleep 617")


def test_what_runs_in_the_background_ends_with_the_shell(tmp_path: Path) -> None:
    with shell_in(tmp_path) as shell:
        shell.run("sleep 619 &")
        assert still_runs("sleep 619")
    assert not still_runs("sleep 619")


def still_runs(command: str) -> bool:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return command in listed.stdout.splitlines()
