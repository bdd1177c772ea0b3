"""Notebooks that users write: a title of their own, and a clear word where one cannot be run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from matplotlib.axes import Axes
from small_project import FIGURE, PAGE, TABLE, code, notebook

from ewm_analysis import tables
from ewm_analysis.batch.plan import parameters_of
from ewm_analysis.catalogue import Words
from ewm_analysis.errors import ParameterError
from ewm_analysis.figures import new_axes
from ewm_analysis.l10n import Locale
from ewm_analysis.loaders import load_reference
from ewm_analysis.notebook import show_figure, show_table, start
from ewm_analysis.notebook.parts import part_of_page
from ewm_analysis.notebook.values import figure_values
from ewm_analysis.statistics import volume_change

ROOT = Path(__file__).parents[1]


def test_a_page_of_ones_own_has_its_own_title(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr("ewm_analysis.notebook.page.display", lambda data, raw: shown.append(data))
    start(title="Förderung & mehr", year=2021, cluster_id="imk", data_dir="data/example")
    (bundle,) = shown
    head = bundle[PAGE]
    assert head["title"] == "Förderung & mehr"
    assert head["description"] == ""
    assert head["headline"] == {}  # those of the annual report stand beside its own name only
    assert bundle["text/html"].startswith("<h1>Förderung &amp; mehr</h1>\n<p class")


@pytest.mark.parametrize("content", ['{"cells": 3', '{"cells": 3}', "[]", "\x00\xff"])
def test_what_is_no_notebook_is_told_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "50_funding.ipynb"
    path.write_text(content, "utf-8")
    with pytest.raises(ParameterError, match=r"'50_funding\.ipynb' cannot be read"):
        parameters_of(path)


def test_a_notebook_without_kernel_is_told_what_to_do(tmp_path: Path) -> None:
    book = notebook(code("year: int = 2021", "parameters"))
    book.metadata.pop("kernelspec", None)
    path = tmp_path / "50_funding.ipynb"
    nbformat.write(book, path)
    with pytest.raises(ParameterError, match="with the kernel Python 3"):
        parameters_of(path)


@pytest.mark.parametrize(("data", "years"), [("example", {2021}), ("capital-region", {2020, 2021})])
def test_status_is_that_of_the_year_or_what_was_printed(
    data: str, years: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("ewm_analysis.notebook.page.display", lambda data, raw: None)
    page = start(year=2021, cluster_id="imk", data_dir=f"data/{data}")
    status = part_of_page(page, "status")
    assert set(status["year"]) == years


@pytest.mark.parametrize("locale", ["de", "en"])
def test_the_values_of_a_change_of_volume_have_words(locale: Locale) -> None:
    years = {2020: [1e6] * 9 + [float("nan")], 2021: [2e6] * 8}
    comparison = volume_change(years)
    assert comparison is not None
    words = Words(load_reference(ROOT / "data" / "reference"), locale)
    header, lines = figure_values(comparison.steps(), words, is_statistic=True)
    assert len(header) == len(lines[0]) == len(set(header))


def test_a_figure_of_ones_own_has_a_caption_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown: list[dict[str, Any]] = []
    for module in ("page", "showing"):
        place = f"ewm_analysis.notebook.{module}.display"
        monkeypatch.setattr(place, lambda data, **_: shown.append(data))
    page = start(title="Meine", year=2021, cluster_id="imk", data_dir="data/example")

    def plot_mine(rows: pd.DataFrame, words: Words) -> Axes:
        ax = new_axes(2)
        ax.plot(rows["year"], rows["value"])
        return ax

    rows = page.rows("projects_new")
    show_figure(page, plot_mine, lambda rows, words: "So viele.", rows, caption="Neue & alte")
    record = shown[-1][FIGURE]
    assert record["title"] == "Abb. 1: Neue & alte"
    assert record["slug"] == "mine"
    assert "Neue &amp; alte" in shown[-1]["text/html"]
    table = tables.values_table
    show_table(page, table, rows, caption="Alle Werte")
    assert shown[-1][TABLE]["title"] == "Tab. 1: Alle Werte"
