"""Planning, running, failing and recording, with notebooks of three cells."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from small_project import CLUSTER, YEAR, code, small_notebook, write_project

from ewm_analysis.batch import Run, RunResult, execute_runs, plan_runs, read_manifest
from ewm_analysis.batch.execute import PrivateKernelManager, _Index, summary
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.loaders import open_dataset

QUALITY = small_notebook()
REPORT = small_notebook(takes=YEAR + CLUSTER)
PORTRAITS = """\
organisation_id,fact,mention,value,text,unit,precision,source_id,note
medways,members,1,91,,count,exact,gocluster_brochure_2022,
"""


def plan(root: Path, **chosen: object) -> list[Run]:
    data_set = open_dataset(root / "data" / "example")
    return plan_runs([data_set], root, root / "outputs", **chosen)  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path, nb_00_data_quality=QUALITY, nb_10_annual_report=REPORT)


def test_plan_covers_what_has_data_and_nothing_else(project: Path) -> None:
    (project / "notebooks" / "exploration").mkdir()
    nbformat.write(QUALITY, project / "notebooks" / "exploration" / "01_try.ipynb")
    assert [str(run) for run in plan(project, locales=["de"])] == [
        "example 2021 gw 10_annual_report de",
        "example 2021 imk 10_annual_report de",
        "example 2021 _all 00_data_quality de",
        "example 2020 imk 10_annual_report de",
        "example 2020 _all 00_data_quality de",
    ]
    assert len(plan(project)) == 10


def test_real_data_and_the_newest_year_are_first(project: Path) -> None:
    """The example comes first in the alphabet; "real" does not."""
    real = project / "data" / "real"
    shutil.copytree(project / "data" / "example", real)
    head = {"title": "Echt", "synthetic": False, "disclosure": "none"}
    (real / "datapackage.json").write_text(json.dumps(head), "utf-8")
    takes = "cluster_id: str = 'imk'\nfirst_year: int = 2020\nlast_year: int = 2021\n"
    portraits = small_notebook(takes='state: str = ""\nfield: str = ""\n')
    write_project(project, nb_20_growth=small_notebook(takes=takes), nb_40_organisations=portraits)
    (real / "organisations").mkdir()
    (real / "organisations" / "portraits.csv").write_text(PORTRAITS, "utf-8")
    data_sets = [open_dataset(project / "data" / name) for name in ("example", "real")]
    runs = plan_runs(data_sets, project, project / "outputs", locales=["de"])
    assert [str(run) for run in runs][:8] == [
        "real 2021 gw 10_annual_report de",
        "real 2021 imk 10_annual_report de",
        "real 2021 imk 20_growth de",
        "real 2021 _all 00_data_quality de",
        "real 2020 imk 10_annual_report de",
        "real 2020 _all 00_data_quality de",
        "real _all _all 40_organisations de",
        "example 2021 gw 10_annual_report de",
    ]


def test_run_knows_its_parameters_and_place(project: Path) -> None:
    run = plan(project, years=[2021], clusters=["imk"], locales=["en"])[0]
    assert run.parameters == {
        "year": 2021,
        "cluster_id": "imk",
        "locale": "en",
        "data_dir": "data/example",
    }
    place = "outputs/example/2021/imk/10_annual_report/en"
    assert run.folder.relative_to(project).as_posix() == place
    assert project / "data" / "example" / "published" / "figures.csv" in run.inputs


def test_a_page_on_organisations_is_planned_once_where_there_are_any(tmp_path: Path) -> None:
    takes = 'state: str = ""  # federal state\nfield: str = ""  # technology field\n'
    root = write_project(tmp_path, nb_40_organisations=small_notebook(takes=takes))
    with pytest.raises(MissingDataError, match="nothing to run"):
        plan(root)
    portraits = root / "data" / "example" / "organisations" / "portraits.csv"
    portraits.parent.mkdir()
    portraits.write_text(PORTRAITS, encoding="utf-8")
    (run,) = plan(root, locales=["de"])
    assert str(run) == "example _all _all 40_organisations de"
    assert run.parameters == {"locale": "de", "data_dir": "data/example"}  # unfiltered


def test_named_clusters_leave_out_pages_across_clusters(project: Path) -> None:
    stems = {run.notebook.stem for run in plan(project, clusters=["imk"])}
    assert stems == {"10_annual_report"}
    named = plan(project, clusters=["imk"], notebooks=["00_data_quality"], years=[2021])
    assert {run.cluster_id for run in named} == {"_all"}


def test_pages_across_clusters_are_chosen_by_the_name_that_the_plan_shows(project: Path) -> None:
    across = plan(project, clusters=["_all"], locales=["de"])
    assert [str(run) for run in across] == [
        "example 2021 _all 00_data_quality de",
        "example 2020 _all 00_data_quality de",
    ]
    both = plan(project, clusters=["gw", "_all"], locales=["de"])
    assert {(run.year, run.cluster_id) for run in both} == {
        ("2021", "gw"), ("2021", "_all"), ("2020", "_all")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"years": [2012]}, r"year: 2012 is not known.* Allowed: 2020, 2021"),
        ({"clusters": ["ikm"]}, "Did you mean 'imk'"),
        ({"notebooks": ["10_anual_report"]}, "Did you mean '10_annual_report'"),
        ({"locales": ["fr"]}, "Allowed: de, en"),
    ],
)
def test_what_does_not_exist_stops_the_plan(
    project: Path, chosen: dict[str, object], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        plan(project, **chosen)


def test_two_data_sets_of_one_name_would_overwrite_each_other(project: Path) -> None:
    data_set = open_dataset(project / "data" / "example")
    with pytest.raises(ParameterError, match="'example' is the name of two"):
        plan_runs([data_set, data_set], project, project / "outputs")


def test_comparison_takes_two_clusters_in_a_year(tmp_path: Path) -> None:
    root = write_project(tmp_path, nb_30_comparison=QUALITY)
    every = [str(run) for run in plan(root, locales=["de"])]
    assert every == ["example 2021 _all 30_comparison de"]
    one = plan(root, clusters=["imk"], notebooks=["30_comparison"], locales=["de"])
    assert [run.year for run in one] == ["2021"]
    with pytest.raises(MissingDataError, match="comparison takes two clusters in the same year"):
        plan(root, years=[2020], notebooks=["30_comparison"])


def test_nothing_left_to_run_is_said(project: Path) -> None:
    with pytest.raises(MissingDataError, match=r"nothing to run: example .* for 2020, gw"):
        plan(project, years=[2020], clusters=["gw"])


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("yaer: int = 2021\n", "'yaer' is not known. Did you mean 'year'"),
        ("year = 2021\n", "'year' has no type"),
    ],
)
def test_wrong_parameters_of_a_notebook_stop_the_plan(
    tmp_path: Path, cell: str, words: str
) -> None:
    root = write_project(tmp_path, nb_00_data_quality=small_notebook(takes=cell))
    with pytest.raises(ParameterError, match=words):
        plan(root)


def test_notebook_must_take_locale_and_data(tmp_path: Path) -> None:
    alone = small_notebook()
    alone.cells[0].source = YEAR
    root = write_project(tmp_path, nb_00_data_quality=alone)
    with pytest.raises(ParameterError, match="'locale' is missing"):
        plan(root)


def test_project_without_notebooks(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="no notebook"):
        plan(write_project(tmp_path))


def test_batch_records_what_it_did_and_survives_a_failure(project: Path) -> None:
    outputs, seen = project / "outputs", []
    chosen = {"years": [2021], "locales": ["de"]}
    first = execute_runs(plan(project, **chosen), project, outputs, jobs=2, on_result=seen.append)
    assert [result.error for result in first] == ["", "", ""]
    assert sorted(map(str, seen)) == sorted(map(str, first))
    manifest = read_manifest(first[1].run.folder)
    report = (first[1].run.folder / "report.html").read_text("utf-8")

    assert manifest.parameters["cluster_id"] == "imk"
    assert manifest.cluster_label.startswith("IKT")
    assert set(manifest.outputs) == {"report.html", "executed.ipynb"}
    assert "data/example/published/figures.csv" in manifest.inputs
    assert manifest.libraries["pandas"]
    assert len(manifest.package_sha256) == 64
    executed = (first[1].run.folder / "executed.ipynb").read_text("utf-8")
    assert str(project) not in executed
    assert '"duration"' in executed
    assert "iopub" not in executed
    assert "imk" in (outputs / "index.html").read_text("utf-8")

    broken = small_notebook(code("raise ValueError('far\\ntoo late')"), takes=YEAR + CLUSTER)
    write_project(project, nb_10_annual_report=broken)
    second = execute_runs(plan(project, **chosen), project, outputs)
    assert [result.error for result in second] == [*["cell [4]: ValueError: too late"] * 2, ""]
    failed = second[1].failed_notebook
    assert failed is not None
    assert "too late" in failed.read_text("utf-8")
    assert (failed.parent / "report.html").read_text("utf-8") == report
    assert read_manifest(failed.parent) == manifest

    write_project(project, nb_10_annual_report=REPORT)
    third = execute_runs(plan(project, clusters=["imk"], **chosen), project, outputs)
    assert not third[0].error
    assert not failed.exists()
    assert (failed.parent / "report.html").read_text("utf-8") == report
    assert not list(outputs.rglob(".*"))


def test_dead_kernel_and_refused_page_leave_a_notebook_to_open(tmp_path: Path) -> None:
    root = write_project(
        tmp_path,
        nb_00_data_quality=small_notebook(code("import os; os._exit(1)")),
        nb_01_picture=small_notebook(code("display({'image/png': 'AAAA'}, raw=True)")),
    )
    runs = plan(root, years=[2021], locales=["de"])
    dead, refused = execute_runs(runs, root, root / "outputs")
    assert dead.error.startswith("cell [4]: the kernel ended with exit code 1,")
    assert "Show it with show_figure" in refused.error
    for result in (dead, refused):
        assert result.failed_notebook is not None
        assert nbformat.read(result.failed_notebook, 4).cells
    assert "Noch keine Berichte" in (root / "outputs" / "index.html").read_text("utf-8")


def test_the_page_of_all_reports_fills_up(project: Path) -> None:
    outputs = project / "outputs"
    index, known = outputs / "index.html", []

    def look(result: RunResult) -> None:
        known.append("10_annual_report/de/report.html" in index.read_text("utf-8")
                     if index.is_file() else None)  # fmt: skip

    runs = plan(project, years=[2021], locales=["de"])
    execute_runs(runs, project, outputs, jobs=1, on_result=look)
    assert known == [None, True, True]
    assert "00_data_quality/de/report.html" in index.read_text("utf-8")


def test_the_page_of_all_reports_is_not_written_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    clock = SimpleNamespace(monotonic=iter([10.0, 10.5, 20.4, 20.6, 20.6]).__next__)
    monkeypatch.setattr("ewm_analysis.batch.execute.write_index", written.append)
    monkeypatch.setattr("ewm_analysis.batch.execute.time", clock)
    index = _Index(tmp_path)
    for count in (1, 1, 2):  # half a second to write: ten seconds until the next
        index.refresh()
        assert len(written) == count


def test_a_cell_that_is_not_run_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cells = (code("1 + 1"), code("1 / 0", "skip-execution"))
    root = write_project(tmp_path, nb_00_data_quality=small_notebook(*cells))
    runs = plan(root, years=[2021])
    results = execute_runs(runs, root, root / "outputs")
    assert [result.error for result in results] == ["", ""]
    assert f"{runs[0]}: left out as tagged skip-execution: cell 4." in caplog.text
    said = {"de": "Hier fehlt ein Teil der Seite", "en": "Part of the page is missing here"}
    for run in runs:
        assert (run.folder / "report.html").read_text("utf-8").count(said[run.locale]) == 1


def test_kernel_is_this_interpreter_in_the_folder_of_the_project(tmp_path: Path) -> None:
    source = (
        "import os, sys, json\n"
        "display({'text/plain': json.dumps([sys.executable, os.getcwd(),"
        " os.environ['OMP_NUM_THREADS']])}, raw=True)"
    )
    root = write_project(tmp_path, nb_00_data_quality=small_notebook(code(source)))
    (result,) = execute_runs(plan(root, years=[2021], locales=["de"]), root, root / "outputs")
    assert not result.error
    node = nbformat.read(result.run.folder / "executed.ipynb", 4)
    executable, folder, threads = json.loads(node.cells[-1].outputs[0].data["text/plain"])
    command = PrivateKernelManager().kernel_spec.argv[0]
    assert (executable, folder, threads) == (command, str(root), "1")


def test_sockets_of_two_kernels_never_meet() -> None:
    one, two = PrivateKernelManager(), PrivateKernelManager()
    assert Path(one.connection_file).parent != Path(two.connection_file).parent


def test_long_socket_paths_fall_back_to_tcp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 90)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert PrivateKernelManager().transport == "tcp"


def test_manifest_is_missing_where_nothing_succeeded(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="holds no manifest"):
        read_manifest(tmp_path)


def test_summary_is_one_line() -> None:
    assert summary(ParameterError("year", 1, [2020], "is\nwrong")).count("\n") == 0
    assert summary(OSError()) == "OSError"
