"""What a researcher types: an answer, or what to type instead; nothing that fills the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

import ewm_analysis as ewm
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.loaders import Dataset
from ewm_analysis.tables import table

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def values(example: Dataset) -> pd.DataFrame:
    return ewm.compute_indicators(example)


Wrong = Callable[[Dataset, pd.DataFrame], Any]

WRONG: dict[str, tuple[Wrong, str]] = {
    "cluster": (lambda d, v: ewm.select(v, "projects_new", cluster_id="IMK"), "mean 'imk'"),
    "breakdown": (lambda d, v: ewm.select(v, "projects_new", dimension="stauts"), "mean 'status'"),
    "year": (lambda d, v: ewm.select(v, "projects_new", last_year="2021"), "whole number"),  # type: ignore[arg-type]
    "words": (lambda d, v: ewm.select(v, "new_projects"), "mean 'projects_new'"),
    "path": (lambda d, v: ewm.compute_indicators("data/example"), "open_dataset"),  # type: ignore[arg-type]
    "locale": (lambda d, v: ewm.Words(d.reference, "fr"), "Allowed: de, en"),
    "reference": (lambda d, v: ewm.Words(d, "de"), "dataset.reference"),  # type: ignore[arg-type]
    "figure": (lambda d, v: ewm.figure("fundres", d.path), "mean 'funders'"),
    "cluster_id": (
        lambda d, v: ewm.figure("funders", d.path, year=2021),
        "Allowed: et, ew, gw, imk",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_slip_is_told_with_what_was_meant(
    case: str, example: Dataset, values: pd.DataFrame
) -> None:
    wrong, said = WRONG[case]
    with pytest.raises(ParameterError, match=said):
        wrong(example, values)


def test_a_breakdown_that_exists_but_has_no_rows_is_an_empty_answer(values: pd.DataFrame) -> None:
    printed = values[values["dimension"] == ""]
    assert ewm.select(printed, "projects_new", dimension="status").empty


def test_last_line_of_a_cell_is_short_and_says_what_to_do_next(
    example: Dataset, values: pd.DataFrame
) -> None:
    shown = {
        "dataset": repr(example),
        "suppressed": repr(ewm.suppress(values, example)),
        "reference": repr(example.reference),
        "words": repr(ewm.Words(example.reference, "de")),
    }
    assert all(len(said) < 700 and said.count("\n") < 7 for said in shown.values())
    assert "synthetic" in shown["dataset"]
    assert "compute_indicators" in shown["dataset"]
    assert f"projects {len(example.records['projects']):,}" in shown["dataset"]


def test_a_table_shows_itself(example: Dataset, values: pd.DataFrame) -> None:
    rows = ewm.select(values, "projects_new", cluster_id="imk")
    made = table("values_table", rows, ewm.Words(example.reference, "de"))
    assert "<table" in made._repr_html_()
    assert ">34<" in made._repr_html_()


def test_one_line_draws_a_figure_of_the_report_to_be_changed(example: Dataset) -> None:
    axes = ewm.figure("funders", example.path, cluster_id="imk", year=2021)
    numbers = {text.get_text() for text in axes.texts}
    assert {"12", "8", "6", "5", "3"} <= numbers
    axes.patches[0].set_color("red")
    assert to_hex(axes.patches[0].get_facecolor()) == "#ff0000"
    plt.close("all")


def test_a_figure_without_numbers_says_so() -> None:
    with pytest.raises(MissingDataError):
        ewm.figure("funders", ROOT / "data" / "capital-region", cluster_id="imk", year=2021)
