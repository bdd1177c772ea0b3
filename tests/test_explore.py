"""The explorer: every control changes what is shown, and nothing can be chosen that fails."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter
from matplotlib.figure import Figure
from nbclient import NotebookClient
from test_notebooks_thin import LOGIC, METHODS, calls, code_cells

import ewm_analysis as ewm
from ewm_analysis.batch.plan import find_notebooks
from ewm_analysis.catalogue import indicators
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.figures import figure_svg
from ewm_analysis.notebook.explore import NETWORK, Explorer, Opened

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "exploration" / "explore.ipynb"
EXAMPLE, REAL = ROOT / "data" / "example", ROOT / "data" / "capital-region"


opened = cache(Opened)
"""Nothing writes to a data set that is open: the tests of a worker have it in common."""


@pytest.fixture
def explorer(monkeypatch: pytest.MonkeyPatch) -> Explorer:
    monkeypatch.setattr("ewm_analysis.notebook.explore.Opened", opened)
    return ewm.explore(EXAMPLE, "en")


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def test_first_view_is_the_new_projects_of_imk(explorer: Explorer) -> None:
    shown = explorer.shown
    assert shown.title == "New projects"
    assert "34 in 2021, 42 in 2020" in shown.sentence
    assert "24 to 48 (95% interval)" in shown.sentence  # Garwood's limits of 34: 23.5 and 47.5
    assert "may be chance" in shown.sentence
    assert "2021 34 24 to 48" in text_of(shown.table)
    assert shown.svg.startswith("<svg")


@pytest.mark.parametrize(
    ("control", "value"),
    [
        ("data_set", REAL),
        ("indicator", "project_volume"),
        ("clusters", ("gw",)),
        ("clusters", ("imk", "gw")),
        ("years", (2018, 2020)),
        ("breakdown", "funder"),
        ("view", "map"),
        ("view", "network"),
    ],
)
def test_each_control_changes_figure_sentence_and_table(
    explorer: Explorer, control: str, value: object
) -> None:
    before, page = explorer.shown, explorer.widget.children[1].children[1].children[2].value
    getattr(explorer, control).value = value
    after = explorer.shown
    assert after.svg
    assert after.svg != before.svg
    assert after.sentence != before.sentence
    assert after.table != before.table
    shown = explorer.widget.children[1].children[1].children[2].value
    assert shown != page
    assert after.svg in shown
    assert after.table in shown


def test_map_and_network_follow_clusters_and_years(explorer: Explorer) -> None:
    seen = set()
    for view in ("map", "network"):
        explorer.view.value = view
        assert explorer.indicator.disabled
        assert explorer.breakdown.disabled
        for explorer.clusters.value in (("imk",), ("gw",)):
            for explorer.years.value in ((2018, 2021), (2018, 2019)):
                seen.add(explorer.shown.svg)
                assert str(explorer.years.value[1]) in explorer.shown.sentence
    assert len(seen) == 8
    explorer.view.value = "chart"
    assert not explorer.indicator.disabled


@cache
def computed(path: Path) -> pd.DataFrame:
    """Return what is known, computed without the explorer."""
    values = ewm.compute_indicators(ewm.open_dataset(path))
    return values[values["value"].notna()]


def drawn_once_a_kind() -> Callable[[Figure, str], str]:
    """Draw the first figure of those with as many panels and the same kinds of marks."""
    drawn: set[tuple[object, ...]] = set()

    def svg(figure: Figure, prefix: str) -> str:
        marks = {type(each) for panel in figure.axes for each in panel.get_children()}
        kind = (len(figure.axes), frozenset(marks))
        if kind in drawn:
            return "<svg>"
        drawn.add(kind)
        return figure_svg(figure, prefix)

    return svg


@pytest.mark.parametrize("locale", ["de", "en"])
@pytest.mark.parametrize("path", [EXAMPLE, REAL], ids=lambda path: path.name)
def test_every_indicator_can_be_chosen(
    path: Path, locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """German for several clusters at once, English for the one that is chosen first.

    Every figure is plotted, and of each kind one is drawn.
    """
    monkeypatch.setattr("ewm_analysis.figures.figure_svg", drawn_once_a_kind())
    monkeypatch.setattr("ewm_analysis.notebook.explore.Opened", opened)
    explorer = ewm.explore(path, locale)
    values = computed(path)
    if locale == "de":
        codes = tuple(explorer.clusters.options.values())
        some = codes[::3] if path == EXAMPLE else codes  # all have the same figures there
        for explorer.clusters.value in (codes, some):
            assert explorer.shown.svg
    names = [*explorer.indicator.options.values()]
    assert {*names} == {*indicators()} - {NETWORK}
    for name in names:
        explorer.indicator.value = name
        for dimension in [*explorer.breakdown.options.values()]:
            explorer.breakdown.value = dimension
            rows = ewm.select(values, name, dimension=dimension)
            known = bool(rows["cluster_id"].isin(explorer.clusters.value).any())
            shown = explorer.shown
            assert [bool(shown.svg), bool(shown.table)] == [known, known], (name, dimension)
            said = f"{shown.sentence} {text_of(shown.table)}"
            assert shown.sentence.endswith((".", ")")), said
            assert not re.search(r"\bnan\b|None|<NA>|[{}]", said), said


def test_what_is_missing_is_said_and_where_it_is(explorer: Explorer) -> None:
    explorer.data_set.value = REAL
    explorer.indicator.value = "overnight_stays"
    assert explorer.shown.sentence == (
        "The data set holds no figures for this choice. There are some for Tourism (2011–2015)."
    )
    explorer.indicator.value = "participations_projects"
    assert "holds no figures on this" in explorer.shown.sentence
    explorer.clusters.value = ()
    assert explorer.shown.sentence == "No cluster is chosen."
    assert explorer.shown.svg == explorer.shown.table == ""


def test_choice_survives_a_change_of_the_data_set(explorer: Explorer) -> None:
    explorer.indicator.value, explorer.clusters.value = "turnover_eur", ("op", "imk")
    explorer.data_set.value = REAL
    assert explorer.indicator.value == "turnover_eur"
    assert {*explorer.clusters.value} == {"op", "imk"}
    explorer.indicator.value = "employees_insured"
    explorer.clusters.value, explorer.breakdown.value = ("",), "sector"
    assert "Germany" in explorer.shown.sentence


def test_a_synthetic_data_set_says_so_and_a_real_one_does_not(explorer: Explorer) -> None:
    sheet = explorer.widget.children[1].children[1]
    assert "Synthetic data set" in sheet.children[0].value
    explorer.data_set.value = REAL
    assert sheet.children[0].value == ""


def test_panels_of_very_different_size_have_their_own_scale(explorer: Explorer) -> None:
    explorer.data_set.value = REAL
    explorer.clusters.value, explorer.indicator.value = ("",), "employees_insured"
    assert "Each panel has a scale of its own." in explorer.shown.svg


def test_confidential_figures_are_left_out(tmp_path: Path) -> None:
    for name in ("example", "reference"):
        shutil.copytree(ROOT / "data" / name, tmp_path / "data" / name)
    head = tmp_path / "data" / "example" / "datapackage.json"
    text = json.loads(head.read_text("utf-8")) | {"disclosure": "standard"}
    head.write_text(json.dumps(text), "utf-8")
    for folder in (tmp_path / "data" / "example" / "records").iterdir():
        if folder.name != "2021":
            shutil.rmtree(folder)
    explorer = ewm.explore(tmp_path / "data" / "example", "en")
    explorer.clusters.value = ("op",)  # of IMK they were printed
    explorer.indicator.value, explorer.breakdown.value = "actors_projects", "actor_type"
    assert "•" in explorer.shown.table
    explorer.view.value = "network"  # it rests on records, which nobody may see
    assert explorer.shown.svg == ""
    sheet = explorer.widget.children[1].children[1]
    assert "onfidential" in sheet.children[0].value


def test_a_broken_data_set_is_explained_in_place(tmp_path: Path) -> None:
    for name in ("capital-region", "reference"):
        shutil.copytree(ROOT / "data" / name, tmp_path / "data" / name)
    broken = tmp_path / "data" / "broken"
    broken.mkdir()
    (broken / "datapackage.json").write_text("{}", "utf-8")
    explorer = ewm.explore(tmp_path / "data" / "capital-region")
    explorer.data_set.value = broken
    assert "title" in explorer.shown.sentence
    explorer.data_set.value = tmp_path / "data" / "capital-region"
    assert explorer.shown.svg


def test_wrong_arguments_stop_at_once() -> None:
    with pytest.raises(ParameterError, match="locale"):
        ewm.explore(EXAMPLE, "fr")
    with pytest.raises(MissingDataError, match="no data set"):
        ewm.explore("data/exmaple")


def test_notebook_runs_without_a_screen(tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    found = [
        kind
        for cell in code_cells(notebook)
        for output in cell.outputs
        for kind in output.get("data", {})
    ]
    assert found.count("application/vnd.jupyter.widget-view+json") == 1
    assert found.count("image/png") == 1
    assert "error" not in [out.output_type for cell in code_cells(notebook) for out in cell.outputs]


def test_notebook_is_thin_and_never_in_the_batch() -> None:
    assert find_notebooks(ROOT).keys().isdisjoint({"explore", "exploration"})
    notebook = nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert "parameters" in code_cells(notebook)[0].metadata.tags
    for cell in code_cells(notebook):
        tree = ast.parse(cell.source)
        assert [node for node in ast.walk(tree) if isinstance(node, LOGIC)] == []
        assert calls(tree) & (METHODS | {"print"}) == set()
        assert cell.source.count("\n") < 12
        assert cell.outputs == []
        assert cell.execution_count is None


def test_names_are_listed_and_loaded_when_they_are_used() -> None:
    assert {"explore", "open_dataset", "compute_indicators", "figures", "tables"} <= {*dir(ewm)}
    for name in ewm.__all__:
        assert getattr(ewm, name).__doc__, name
    with pytest.raises(AttributeError, match="explor"):
        ewm.explor  # noqa: B018


@pytest.mark.parametrize("use_jedi", [False, True])
def test_completion_shows_what_exists(use_jedi: bool) -> None:
    completer = IPCompleter(namespace={"ewm": ewm}, use_jedi=use_jedi)
    for line, expected in (("ewm.ex", "explore"), ("ewm.figures.plot_pro", "plot_projects")):
        with provisionalcompleter():
            found = [each.text for each in completer.completions(line, len(line))]
        assert any(text.endswith(expected) for text in found), (line, found)


def test_import_is_quick() -> None:
    program = (
        "import time; start = time.perf_counter(); import ewm_analysis; dir(ewm_analysis); "
        "print(time.perf_counter() - start)"
    )
    taken = [
        float(subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True))
        for _ in range(3)
    ]
    assert min(taken) < 0.1


def test_a_view_is_shown_again_by_the_code_that_it_gives(explorer: Explorer) -> None:
    explorer.choose(indicator="projects_new", breakdown="funder", years=(2019, 2021))
    assert "breakdown=&#x27;funder&#x27;" in explorer._body.value  # it stands below the view
    again = eval(explorer.code(), {"ewm": ewm})
    assert again.shown.subtitle == explorer.shown.subtitle
    assert again.shown.sentence == explorer.shown.sentence


@pytest.mark.parametrize(
    "chosen", [{"indicator": "funders"}, {"views": "map"}, {"clusters": ("zz",)}, {"view": "bars"}]
)
def test_what_is_not_offered_cannot_be_chosen(
    explorer: Explorer, chosen: dict[str, object]
) -> None:
    with pytest.raises(ParameterError):
        explorer.choose(**chosen)
