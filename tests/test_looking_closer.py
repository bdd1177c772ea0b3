"""Looking closer: where a drawing shows which of its values."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from ewm_analysis import figures
from ewm_analysis.catalogue import Words
from ewm_analysis.figures.style import MARKS
from ewm_analysis.notebook.page import Page, open_page
from ewm_analysis.notebook.parts import rows_of

ROOT = Path(__file__).parents[1]
PAGES: dict[str, dict[str, Any]] = {
    "annual_report": {"data_dir": "data/example", "cluster_id": "imk", "year": 2021},
    "growth": {"data_dir": "data/example", "cluster_id": "imk"},
    "comparison": {"data_dir": "data/example", "year": 2021},
    "economy": {"data_dir": "data/capital-region", "cluster_id": "imk"},
    "organisations": {"data_dir": "data/capital-region"},
}
SILENT = {"shift_share", "location_quotients", "branch_shift_share", "branch_quotients"} | {
    "members_per_staff"  # each value stands beside its point
}
"""Not drawn of these data, or without places."""
OF_INDEX = {"index", "economy_index", "branch_courses"}
IN_WORDS = {"district_map", "guideline_profiles", "focus_topic_profiles", "links_matrix"}
"""A text at the place tells the value."""


@cache
def opened(kind: str) -> Page:
    return open_page(kind, **PAGES[kind] | {"data_dir": str(ROOT / PAGES[kind]["data_dir"])})


FIGURES = [
    (kind, entry.name)
    for kind, entry in product(PAGES, figures.entries().values())
    if entry.draw and entry.place.startswith(kind) and entry.name not in SILENT
]


def check_scale(
    axes: Axes, labels: list[str], row: pd.Series, place: tuple[float, float], words: Words
) -> None:
    """A column stands above its year, or the nearest one named; a bar beside its category."""
    x, y = place
    if y == row["value"] and axes.xaxis.get_visible():
        years = [each.get_text()[:4] for each in axes.get_xticklabels()]
        nearest = years[np.abs(axes.get_xticks() - x).argmin()]
        assert str(row["year"]) in (str(round(x)), nearest)
        return
    legend = axes.get_legend()
    told = [text.get_text() for text in legend.get_texts()] if legend else []
    wholes = [int(text.rpartition("(")[2][:-1]) for text in told if re.search(r"\(\d+\)$", text)]
    assert row["value"] in (x, *(pytest.approx(x * whole) for whole in wholes))  # a share, or not
    if row["category"]:
        at_row = labels[np.abs(axes.get_yticks() - y).argmin()]
        assert at_row == words.label(row["dimension"], row["category"])


@pytest.mark.parametrize(("kind", "name"), FIGURES, ids=[name for _, name in FIGURES])
def test_a_value_is_where_the_drawing_says(kind: str, name: str) -> None:
    page = opened(kind)
    words, rows = page.words, rows_of(page, figures.entry(name))
    ax = figures.plot(name, rows, words)
    places = MARKS[ax.get_figure(root=True)]
    assert places
    for number, axes, place in places:
        row = rows.loc[number]
        x, y = map(float, place)
        labels = [each.get_text().replace("\n", " ") for each in axes.get_yticklabels()]
        if name in OF_INDEX:
            assert (x, y) == (row["year"], pytest.approx(row["index"]))
        elif name in IN_WORDS:
            found = min(axes.texts, key=lambda text: np.hypot(*np.subtract(at(text), place)))
            assert words.count(row["value"]) in found.get_text()
        elif name == "cluster_ranks":
            assert labels[round(y)] == words.label("cluster", row["cluster_id"])
        elif name == "shared_projects":
            found = min(axes.texts, key=lambda text: np.hypot(*np.subtract(text.xy, place)))
            assert found.get_text().endswith(f"({words.count(row['value'])})")
        elif name.endswith("funnel"):
            assert row["value"] in (x, pytest.approx(x * y))
        elif name == "economy":
            assert labels[round(y)].startswith(words.indicator(row["indicator"]))
            assert (x == 1) == (row["scope"] == "total")
        elif name.startswith("member_"):
            assert labels[round(y)] == words.label("organisation", row["organisation_id"])
        elif name == "volume_change":
            assert x == max(row["start"], row["end"])
        else:
            check_scale(axes, labels, row, (x, y), words)
    plt.close(ax.figure)  # type: ignore[arg-type]


def at(text: Any) -> Any:
    """Where a text stands, in the units of its axes."""
    return text.get_position() if getattr(text, "anncoords", "data") == "data" else text.xy
