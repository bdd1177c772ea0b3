"""The command: what it prints, how it ends, and how little it imports."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from inspect import signature
from pathlib import Path

import pytest
from small_project import CLUSTER, EWM, YEAR, code, small_notebook, write_project
from typer.testing import CliRunner, Result

from ewm_analysis.cli import COMMANDS, OPTIONS, app

HEAVY = (
    "distributed",
    "matplotlib",
    "nbconvert",
    "nbformat",
    "numpy",
    "openpyxl",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
)


OF_KERNELS = ("lark", "networkx", "scipy.optimize", "scipy.stats", "statsmodels")
"""Half of the time that libraries take to import; a command that plans and waits needs none."""


def ewm(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, words)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_project(
        tmp_path,
        nb_00_data_quality=small_notebook(),
        nb_10_annual_report=small_notebook(takes=YEAR + CLUSTER),
    )


def test_help_and_a_batch_are_quick_to_import() -> None:
    program = (
        "import sys; from ewm_analysis.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
        "import ewm_analysis.batch.execute\n"
        f"print([name for name in {OF_KERNELS} if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines()[-2:] == ["[]", "[]"]
    assert "Usage:" in answer.stdout


@pytest.mark.parametrize("command", ["run", "list", "describe", "verify"])
def test_every_command_has_help_with_examples(command: str) -> None:
    answer = ewm(command, "--help")
    assert answer.exit_code == 0
    assert "Examples:" in answer.output
    assert f"ewm {command}" in answer.output


def test_list_shows_the_plan_and_where_it_goes(project: Path) -> None:
    answer = ewm("list", "--year", "2021")
    assert answer.exit_code == 0
    assert "10_annual_report  de, en" in answer.output
    assert "6 runs" in answer.output
    assert str(project / "outputs") in answer.output
    assert not (project / "outputs").exists()


@pytest.mark.parametrize("command", ["list", "describe", "--help", "check"])
def test_a_reader_may_stop_reading(project: Path, command: str) -> None:
    """`ewm list | head -1` is no failure."""
    program = [sys.executable, "-c", "from ewm_analysis.cli import app; app()", command]
    with subprocess.Popen(
        program, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_run_ends_with_the_page_to_open(project: Path) -> None:
    answer = ewm("run", "--year", "2020", "--locale", "de", "--output", "pages", "--jobs", "2")
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0].startswith("[1/2] example 2020 ")
    assert lines[-1] == f"Open {project / 'pages' / 'index.html'}"
    assert (project / "pages/example/2020/imk/10_annual_report/de/report.html").is_file()


def test_files_that_have_the_name_of_a_library_are_named(project: Path) -> None:
    for name in ("calendar", "mine", "notebooks/pandas", "notebooks/mine"):
        (project / f"{name}.py").touch()
    (project / "scipy").mkdir()
    (project / "scipy" / "__init__.py").touch()
    command = [*EWM, "run", "--year", "2020", "--cluster", "imk", "--locale", "de"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    *named, made = answer.stdout.splitlines()[:4]
    assert named == [
        "calendar.py has the name of a module of Python: 'import calendar' means that one, never "
        "this file. Rename it if a notebook should read it.",
        "scipy has the name of the library scipy: notebooks that JupyterLab or papermill run in "
        "its folder take it for the library. Rename it.",
        "notebooks/pandas.py has the name of the library pandas: notebooks that JupyterLab or "
        "papermill run in its folder take it for the library. Rename it.",
    ]
    assert made.startswith("[1/1] example 2020 imk")


def test_failed_run_ends_with_1_and_names_the_notebook(project: Path) -> None:
    write_project(project, nb_00_data_quality=small_notebook(code("1 / 0")))
    answer = ewm("run", "--year", "2020", "--locale", "de")
    assert answer.exit_code == 1
    assert "FAILED: cell [4]: ZeroDivisionError: division by zero" in answer.output
    failed = project / "outputs/example/2020/_all/00_data_quality/de/failed.ipynb"
    assert f"Open {failed}" in answer.output
    assert failed.is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--cluster", "ikm"], "Did you mean 'imk'"),
        (["run", "--year", "1999"], "Allowed: 2020, 2021"),
        (["run", "--notebook", "10_annual"], "Did you mean '10_annual_report'"),
        (["run", "--yaer", "2021"], "No such option: --yaer"),
        (["describe", "projcts_new"], "Did you mean 'projects_new'"),
    ],
)
def test_wrong_use_ends_with_2_before_anything_runs(
    project: Path, words: list[str], said: str
) -> None:
    answer = ewm(*words)
    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert not (project / "outputs").exists()


def test_missing_data_set_ends_with_1_in_plain_words(project: Path) -> None:
    answer = ewm("run", "--data", "data/exmaple")
    assert answer.exit_code == 1
    assert answer.output.startswith("ewm: There is no data set 'data/exmaple'")


def test_data_may_be_named_from_where_the_user_stands(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "data")
    for name in ("example", "data/example", str(project / "data" / "example")):
        assert "10 runs" in ewm("list", "--data", name).output


def test_a_data_set_means_the_same_to_every_command(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the user stands one data set, in the project another of the same name."""
    here = project / "desk"
    shutil.copytree(project / "data" / "example", here / "eu")
    shutil.copytree(project / "data" / "example", project / "eu")
    (project / "eu" / "datapackage.json").write_text("{}", "utf-8")
    monkeypatch.chdir(here)
    assert "10 runs" in ewm("list", "--data", "eu").output
    answer = ewm("check", "--data", "eu")
    assert answer.exit_code == 0, answer.output
    monkeypatch.chdir(project / "data")
    assert [ewm(name, "--data", "eu").exit_code for name in ("list", "check")] == [1, 1]


def test_notebook_may_be_named_by_its_file(project: Path) -> None:
    answer = ewm("list", "--notebook", "notebooks/10_annual_report.ipynb", "--locale", "en")
    assert "3 runs" in answer.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("projects_new", "The parts of a breakdown overlap and are never summed."),
        ("project_volume", "euros, nominal"),
        ("actors_projects", "make the whole only where the breakdown covers all of it."),
        ("projects_rdi_share", "Share of:  projects_new"),
        ("turnover_cagr", "Change of: turnover_eur"),
        ("imk", "imk (cluster): IKT, Medien und Kreativwirtschaft"),
        ("ai", "(technology)"),
    ],
)
def test_describe_explains(name: str, said: str) -> None:
    answer = ewm("describe", name)
    assert answer.exit_code == 0
    assert said in answer.output


def test_describe_explains_figures() -> None:
    assert "\nfunders\n" in ewm("describe", "figure").output
    answer = ewm("describe", "figure", "funders")
    assert "Drawn:     bars: projects_new, projects_new_share\n" in answer.output
    assert "The printed shares add up to {odd_total}." in answer.output
    for wrong in (("figure", "fundrs"), ("imk", "funders")):
        refused = ewm("describe", *wrong)
        assert refused.exit_code != 0
    assert "takes no second name" in str(refused.output)


def test_describe_alone_lists_all() -> None:
    answer = ewm("describe")
    assert "projects_new" in answer.output
    assert "\neconomy\n" in answer.output


def test_interrupt_ends_kernels_and_leaves_no_trace(project: Path) -> None:
    pid_file = project / "pid"
    tell = f"import os, time\nopen({str(pid_file)!r}, 'w').write(str(os.getpid()))"
    write_project(project, nb_00_data_quality=small_notebook(code(f"{tell}\ntime.sleep(60)")))
    with subprocess.Popen(
        [*EWM, "run", "--year", "2020", "--locale", "de", "--notebook", "00_data_quality"],
        cwd=project,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not (pid_file.is_file() and pid_file.read_text()):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.strip() == "ewm: stopped; finished pages are kept."
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    left = {path.name for path in (project / "outputs").rglob("*") if path.is_file()}
    assert left == {"index.html", "index.en.html", "SHA256SUMS", ".lock"}


def test_every_option_declared_is_taken_by_a_command() -> None:
    takes = {
        name: {each.rstrip("_") for each in signature(command).parameters}
        for name, command in COMMANDS.items()
    }
    everywhere = OPTIONS["any"].keys() - set().union(*takes.values())
    unused = {
        name: OPTIONS[name].keys() - takes.get(name, set()) for name in OPTIONS.keys() - {"any"}
    }
    assert (everywhere, {name: own for name, own in unused.items() if own}) == (set(), {})
