"""What goes wrong around a batch: signals, killed kernels, full disks, two batches at once."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from papermill.clientwrap import PapermillNotebookClient
from small_project import CLUSTER, EWM, YEAR, code, small_notebook, write_project
from typer.testing import CliRunner, Result

from ewm_analysis import files
from ewm_analysis.batch import Run, execute_runs, plan_runs, verify_outputs, with_keys
from ewm_analysis.batch.execute import KernelDiedError
from ewm_analysis.batch.folders import LOCK, clear, hold
from ewm_analysis.batch.warm import can_fork
from ewm_analysis.cli import app
from ewm_analysis.errors import MissingDataError, RunError
from ewm_analysis.files import OLD
from ewm_analysis.loaders import open_dataset

ONE = ("--year", "2020", "--locale", "de", "--notebook", "00_data_quality")


def ewm(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, words)


def plan(root: Path) -> list[Run]:
    data_set = open_dataset(root / "data" / "example")
    return plan_runs([data_set], root, root / "outputs", years=[2020], locales=["de"])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_project(tmp_path, nb_00_data_quality=small_notebook())


def place(project: Path) -> Path:
    return project / "outputs/example/2020/_all/00_data_quality/de"


def begin(project: Path, mark: Path, *words: str) -> subprocess.Popen[str]:
    """Start a batch and return once its notebook runs."""
    process = subprocess.Popen(
        [*EWM, "run", *ONE, *words],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not mark.is_file():
        assert process.poll() is None
        time.sleep(0.05)
    return process


def sleeping(mark: Path, seconds: float = 60) -> str:
    return f"import time\nopen({str(mark)!r}, 'w').close()\ntime.sleep({seconds})"


def test_sigterm_ends_like_an_interrupt_and_the_next_run_resumes(project: Path) -> None:
    mark = project / "mark"
    waits = f"import os.path\nif not os.path.exists({str(mark)!r}):\n    "
    source = waits + sleeping(mark).replace("\n", "\n    ")
    nb = small_notebook(code(source))
    write_project(project, nb_00_data_quality=nb, nb_10_annual_report=small_notebook(takes=CLUSTER))
    with begin(project, mark) as process:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said.strip() == "ewm: stopped; finished pages are kept."
    outputs = project / "outputs"
    left = {path.name for path in outputs.rglob("*") if path.is_file()}
    assert left == {"index.html", "index.en.html", "SHA256SUMS", LOCK}
    assert not list(outputs.rglob(".*-*"))
    answer = ewm("run", *ONE)
    assert answer.exit_code == 0
    assert "[1/1]" in answer.output


def killing(mark: Path, times: int) -> str:
    return (
        "import os, signal\n"
        f"done = os.path.getsize({str(mark)!r}) if os.path.exists({str(mark)!r}) else 0\n"
        f"open({str(mark)!r}, 'a').write('x')\n"
        f"if done < {times}:\n    os.kill(os.getpid(), signal.SIGKILL)"
    )


def test_killed_kernel_is_run_once_more(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    mark = project / "mark"
    write_project(project, nb_00_data_quality=small_notebook(code(killing(mark, 1))))
    (result,) = execute_runs(plan(project), project, project / "outputs")
    assert not result.error
    assert mark.read_text() == "xx"
    assert "was killed (SIGKILL); perhaps memory ran out. It is run once more." in caplog.text
    assert not (place(project) / "failed.ipynb").exists()


def test_kernel_that_dies_while_it_starts_is_run_once_more(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start, killed = PapermillNotebookClient.start_new_kernel_client, list[str]()

    def kill_first(client: PapermillNotebookClient) -> object:
        if not killed:
            killed.append(client.kernel_name)
            client.km.kill()
        return start(client)

    monkeypatch.setattr(PapermillNotebookClient, "start_new_kernel_client", kill_first)
    (result,) = execute_runs(plan(project), project, project / "outputs")
    assert (result.error, len(killed)) == ("", 1)
    assert "was killed (SIGKILL); perhaps memory ran out. It is run once more." in caplog.text


def test_memory_is_suspected_only_where_the_system_kills() -> None:
    assert "memory" in str(KernelDiedError(1, -signal.SIGKILL))
    assert str(KernelDiedError(1, -signal.SIGABRT)) == "cell [1]: the kernel was killed (SIGABRT)."


LIMITED = "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, {}); "


@pytest.mark.skipif(os.name != "posix", reason="this system has no such limit")
def test_too_few_open_files_are_told_before_anything_runs(project: Path) -> None:
    command = [*EWM[:-1], LIMITED.format((64, 64)) + EWM[-1], "run", *ONE, "--jobs", "2"]
    answer = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr == (
        "ewm: Too few files may be open at once: 64 (ulimit -n), and 2 runs at a time need 96. "
        "Allow more with 'ulimit -n 96'.\n"
    )
    assert not list(project.rglob("*.html"))


@pytest.mark.skipif(os.name != "posix", reason="this system has no such limit")
@pytest.mark.parametrize(("jobs", "now"), [(1, 96), (8, 288)])
def test_a_batch_allows_itself_as_many_open_files_as_it_may(jobs: int, now: int) -> None:
    look = (
        "from ewm_analysis.batch.folders import allow_open_files; "
        f"allow_open_files({jobs}); print(r.getrlimit(r.RLIMIT_NOFILE)[0])"
    )
    command = [sys.executable, "-c", LIMITED.format((64, 512)) + look]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(now)


def test_kernel_killed_twice_is_a_failure(project: Path) -> None:
    mark = project / "mark"
    write_project(project, nb_00_data_quality=small_notebook(code(killing(mark, 9))))
    (result,) = execute_runs(plan(project), project, project / "outputs")
    assert result.error == "cell [4]: the kernel was killed (SIGKILL); perhaps memory ran out."
    assert mark.read_text() == "xx"
    assert (place(project) / "failed.ipynb").is_file()


def test_notebook_that_takes_too_long_is_stopped(project: Path) -> None:
    # No cell alone takes too long: it is the notebook that is timed.
    cells = [code("import time\ntime.sleep(2)") for _ in range(4)]
    write_project(project, nb_00_data_quality=small_notebook(*cells))
    (result,) = execute_runs(plan(project), project, project / "outputs", timeout=5)
    assert re.fullmatch(r"cell \[\d\]: stopped, 5 s were over \(--timeout\)\.", result.error)
    assert (place(project) / "failed.ipynb").is_file()
    assert ewm("run", *ONE, "--timeout", "0").exit_code == 2


def test_full_disk_leaves_the_last_good_page(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ewm("run", *ONE).exit_code == 0
    before = {path: path.read_bytes() for path in place(project).rglob("*") if path.is_file()}
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        if Path(target) == place(project) and source.name != OLD:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(files, "_swap", lambda *_: False)
    answer = ewm("run", *ONE, "--force")
    assert answer.exit_code == 1
    assert f"FAILED: No space left on device: {place(project)}" in answer.output
    assert "Traceback" not in answer.output
    failed = place(project) / "failed.ipynb"
    assert failed.is_file()
    failed.unlink()
    assert before == {p: p.read_bytes() for p in place(project).rglob("*") if p.is_file()}
    assert not list((project / "outputs").rglob(".*-*"))


def test_full_disk_at_the_end_is_told_and_keeps_the_index(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ewm("run", *ONE).exit_code == 0
    index = project / "outputs" / "index.html"
    before = index.read_bytes()
    write_text = Path.write_text

    def full(self: Path, *words: object, **more: object) -> int:
        if self.name == ".index.html":
            write_text(self, "half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return write_text(self, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full)
    answer = ewm("run", *ONE, "--force")
    assert answer.exit_code == 1
    assert "ewm: No space left on device" in answer.output
    assert "Make room or name another folder with --output" in answer.output
    assert index.read_bytes() == before
    assert not (project / "outputs" / ".index.html").exists()


def test_unwritable_output_is_refused_before_anything_runs(project: Path) -> None:
    (project / "file").touch()
    answer = ewm("run", *ONE, "--output", "file")
    assert answer.exit_code == 1
    assert answer.output.startswith(f"ewm: File exists: {project / 'file'}.")


def test_second_batch_waits_and_says_so(project: Path) -> None:
    """The first batch runs in this process, the second is the command."""
    outputs, command = project / "outputs", [*EWM, "run", *ONE]
    runs = with_keys(plan(project), [open_dataset(project / "data" / "example")])
    with ExitStack() as stack:
        with hold(outputs):
            second = stack.enter_context(
                subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True)
            )
            assert second.stdout is not None
            said = second.stdout.readline()
            assert said.startswith(f"Another 'ewm run' writes to {outputs}; this one waits")
            (result,) = execute_runs(runs, project, outputs)
            assert not result.error
        assert "Everything is up to date" in second.communicate(timeout=120)[0]
    assert second.returncode == 0


def is_gone(process: psutil.Process) -> bool:
    try:  # an orphan that ended may wait to be collected by the system
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_folder_is_free_after_an_error(project: Path) -> None:
    outputs = project / "outputs"
    with pytest.raises(RuntimeError, match="broken"), hold(outputs):
        raise RuntimeError("broken")
    with hold(outputs), pytest.raises(TimeoutError):
        FileLock(outputs / LOCK, is_singleton=False).acquire(timeout=0)


def test_a_batch_that_is_killed_leaves_no_kernel_and_a_free_folder(project: Path) -> None:
    outputs, mark = project / "outputs", project / "mark"
    waited: list[int] = []
    write_project(project, nb_00_data_quality=small_notebook(code(sleeping(mark))))
    with begin(project, mark) as process:
        assert list(outputs.rglob(".de-*"))
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 3 or not can_fork()  # tracker, server, kernel
        process.kill()
        process.communicate()
    deadline = time.monotonic() + 5  # half a second as a rule; a busy machine is no failure
    while not all(map(is_gone, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [child for child in children if not is_gone(child)] == []
    with hold(outputs, lambda: waited.append(1)):
        assert not list(outputs.rglob(".de-*"))
    assert waited == []


def test_remains_of_dead_runs_are_cleared_and_an_output_put_aside_returns(tmp_path: Path) -> None:
    kin = tmp_path / "example" / "2020" / "imk" / "10_annual_report"
    names = (f".en-0123456789ab/{OLD}", "en", f".de-0123456789ac/{OLD}", ".mine-1")
    (kin / ".de-0123456789ab" / "de").mkdir(parents=True)
    for name in names:
        (kin / name).mkdir(parents=True)
        (kin / name / "manifest.json").write_text(name, "utf-8")
    (kin / "de").mkdir()
    (kin / "de" / "failed.ipynb").touch()
    clear(tmp_path)
    assert {path.name for path in kin.iterdir()} == {"de", "en", ".mine-1"}
    assert {path.name for path in (kin / "de").iterdir()} == {"manifest.json", "failed.ipynb"}
    assert (kin / "de" / "manifest.json").read_text("utf-8") == f".de-0123456789ac/{OLD}"
    assert (kin / "en" / "manifest.json").read_text("utf-8") == "en"


def test_verify_tells_what_is_not_as_it_was_written(project: Path) -> None:
    write_project(project, nb_10_annual_report=small_notebook(takes=YEAR + CLUSTER))
    with pytest.raises(MissingDataError, match="no run has succeeded"):
        verify_outputs(project / "outputs")
    assert ewm("run").exit_code == 0
    linked = project / "outputs/example/2021/imk/10_annual_report"
    assert "2020" in (linked / "de" / "report.html").read_text("utf-8").split("/pages")[0]
    good = ewm("verify")
    assert good.exit_code == 0
    assert "23 files in" in good.output  # three of them outside of pages

    (place(project) / "failed.ipynb").touch()  # is no output
    (place(project) / "notes.txt").touch()
    (place(project) / "executed.ipynb").unlink()
    page = linked / "de" / "report.html"
    page.write_text(page.read_text("utf-8").replace("Bericht", "Berichte"), "utf-8")
    (linked / "en" / "manifest.json").write_text("{}", "utf-8")
    bad = ewm("verify", "--output", "outputs")
    assert bad.exit_code == 1
    assert [line.split() for line in bad.output.splitlines()[:4]] == [
        ["missing:", "example/2020/_all/00_data_quality/de/executed.ipynb"],
        ["extra:", "example/2020/_all/00_data_quality/de/notes.txt"],
        ["differs:", "example/2021/imk/10_annual_report/de/report.html"],
        ["unreadable:", "example/2021/imk/10_annual_report/en/manifest.json"],
    ]


def test_missing_scheduler_is_told(project: Path) -> None:
    with pytest.raises(RunError, match="No Dask scheduler answers at nowhere"):
        execute_runs(plan(project), project, project / "outputs", scheduler="nowhere")
    answer = ewm("run", *ONE, "--scheduler", "tcp://127.0.0.1:9", "--jobs", "2")
    assert answer.exit_code == 2
    assert "does not go with --scheduler" in answer.output
