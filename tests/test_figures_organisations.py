"""Figures of organisations: what is drawn is what is said."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ewm_analysis.catalogue import Words
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures import (
    describe_member_counts,
    describe_member_shares,
    describe_members_per_staff,
    plot_member_counts,
    plot_member_shares,
    plot_members_per_staff,
)
from ewm_analysis.l10n import NBSP
from ewm_analysis.loaders import open_dataset
from ewm_analysis.notebook.values import figure_values
from ewm_analysis.statistics import choose_organisations, composition, per_head

REAL = open_dataset("data/capital-region")
GROUPS = REAL.reference.organisation_groups
ALL = choose_organisations(REAL.organisations, GROUPS)
SHARES, COUNTS = composition(ALL, basis="share"), composition(ALL, basis="count")
RATIOS = per_head(ALL)
DE, EN = Words(REAL.reference, "de"), Words(REAL.reference, "en")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def texts(ax: Axes) -> list[str]:
    return [plain(text.get_text()) for text in ax.texts]


def width(ax: Axes) -> float:
    """All bars put end to end."""
    return sum(patch.get_width() for patch in ax.patches if isinstance(patch, Rectangle))


def of(rows: pd.DataFrame, *organisations: str) -> pd.DataFrame:
    return rows[rows["organisation_id"].isin(organisations)]


def test_bars_of_shares_fill_the_whole() -> None:
    ax = plot_member_shares(SHARES, DE)
    assert width(ax) == pytest.approx(4)  # four organisations, each 100 %
    assert ax.get_xlim() == (0, 1)
    assert texts(ax).count("≈ 50 %") == 3
    assert {"70 %", "8 %", "20 %", "≈ 33 %"} <= {*texts(ax)}


def test_legend_names_only_what_is_drawn() -> None:
    ax = plot_member_shares(of(SHARES, "olec"), EN)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["Companies", "not stated"]


def test_shares_in_words() -> None:
    assert plain(describe_member_shares(of(SHARES, "optence", "olec"), DE)) == (
        "Gedruckte Anteile werden nicht in Anzahlen umgerechnet."  # one each: none leads
    )
    said = plain(describe_member_shares(SHARES, DE))
    assert said.startswith("Größte Gruppe der Mitglieder: KMU bei 3 von 4 Organisationen.")


def test_counts_show_the_total_printed() -> None:
    ax = plot_member_counts(COUNTS, EN)
    assert [line.get_xdata()[0] for line in ax.lines] == [91, 80]  # type: ignore[index]
    assert {"printed: 91", "printed: ≈ 80", "≈ 53"} <= {*texts(ax)}
    assert width(ax) == 93 + 80


def test_parts_that_miss_the_total_are_named() -> None:
    said = plain(describe_member_counts(COUNTS, EN))
    assert said.startswith("At medways the groups add up to 93 members, 91 are printed.")


def test_points_and_bounds() -> None:
    ax = plot_members_per_staff(RATIOS, DE)
    assert texts(ax) == ["28", "23", "≈ 18", "≈ 14", "> rund 10", "≈ 8,1", "≈ 7,3"]
    marks = [line.get_marker() for line in ax.lines if line.get_marker() != "None"]
    assert marks == ["o", "o", "o", "o", ">", "o", "o"]


def test_order_that_rounding_leaves_open_is_not_told() -> None:
    assert plain(describe_members_per_staff(RATIOS, EN)) == (
        "Most members per person: “Optence” (28). There are fewest at “BioCon Valley” (about 8.1) "
        "and “Strategic Partnership for Sensor Technology (SPS)” (about 7.3). As figures are "
        "rounded, the order remains open where several are named together. For “Oldenburg Energy "
        "Cluster OLEC” only a lower bound is known; the value may be higher."
    )
    clear = plain(describe_members_per_staff(of(RATIOS, "optence", "medways"), EN))
    assert clear.endswith("“Optence” (28). There are fewest at “medways” (23).")


def test_one_alone_is_compared_with_none() -> None:
    assert plain(describe_members_per_staff(of(RATIOS, "olec"), DE)) == (
        "Mitglieder je Person: „Oldenburger Energiecluster OLEC e. V.“ (mehr als rund 10)."
    )


@pytest.mark.parametrize(
    ("draw", "rows"),
    [
        (plot_member_shares, SHARES),
        (describe_member_shares, SHARES),
        (plot_member_counts, COUNTS),
        (describe_member_counts, COUNTS),
        (plot_members_per_staff, RATIOS),
        (describe_members_per_staff, RATIOS),
    ],
)
def test_nothing_to_show_is_said(draw: object, rows: pd.DataFrame) -> None:
    with pytest.raises(MissingDataError):
        draw(rows.iloc[:0], DE)  # type: ignore[operator]


def test_numbers_beside_the_figure() -> None:
    header, lines = figure_values(of(SHARES, "bioeconomy"), EN, is_statistic=False)
    assert header[:4] == ["Organisation", "Type", "Value, at least", "Value, at most"]
    assert lines[0][:5] == ["BioEconomy Cluster", "SMEs", 0.5, 0.5, "approximate"]
    assert lines[1][1] == "not stated"
    _, ratios = figure_values(of(RATIOS, "olec"), DE, is_statistic=False)
    assert ratios[0][1:4] == ["Mitglieder je Person", 10.0, ""]
