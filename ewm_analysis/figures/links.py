"""Links to other clusters: from where actors take part in cross-cluster work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ewm_analysis.figures.bars import draw_groups, wrapped
from ewm_analysis.figures.cells import (
    Cell,
    common_precision,
    hedged,
    marked,
    needed,
    quoted,
    report_cells,
    year_clause,
)
from ewm_analysis.figures.style import ACCENT, MAIN, style
from ewm_analysis.l10n import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

COLORS = {"participations_projects": MAIN, "participations_activities": ACCENT}


@style()
def plot_cross_cluster_links(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw participations from other clusters in the report year, the most frequent on top.

    Participations are counted, not projects or activities.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``participations_projects`` and
        ``participations_activities`` by ``home_cluster``; its own actors are left out.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    found = _found(rows, words)
    weight: dict[str, float] = {}
    for cell in (cell for part in found.values() for cell in part):
        weight[cell.category] = weight.get(cell.category, 0) + cell.value
    position = words.reference.clusters.set_index("cluster_id")["position"]
    order = sorted(weight, key=lambda home: (-weight[home], position[home]))
    names = {name: words.text(f"figures_records.links.{name}") for name in found}
    records = [
        {
            "label": wrapped(words.label("home_cluster", cell.category)),
            "series": names[name],
            "value": cell.value,
            "text": marked(words.count(cell.value), cell.precision),
            "place": order.index(cell.category),
        }
        for name, part in found.items()
        for cell in part
    ]
    frame = pd.DataFrame(records).sort_values("place", kind="stable")
    return draw_groups(ax, frame, {names[name]: COLORS[name] for name in found})


def describe_cross_cluster_links(rows: pd.DataFrame, words: Words) -> str:
    """Say from where actors take part most often, and what is counted.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    found = _found(rows, words)
    every = [cell for part in found.values() for cell in part]
    parts = [
        words.text(f"figures_records.links.in_{name}", who=_who(name, part, words))
        for name, part in found.items()
    ]
    first = words.text(
        "figures_records.links.all",
        when=year_clause(every[0].year, any(cell.is_year_inferred for cell in every), words),
        parts=words.join(parts),
    )
    return f"{first} {words.text('figures_records.links.counted')}"


def _found(rows: pd.DataFrame, words: Words) -> dict[str, list[Cell]]:
    foreign = rows[rows["category"] != rows["cluster_id"]]
    found = {name: report_cells(foreign, name, "home_cluster", words) for name in COLORS}
    needed([cell for part in found.values() for cell in part], "links to other clusters")
    return {name: part for name, part in found.items() if part}


def _who(name: str, part: list[Cell], words: Words) -> str:
    top = max(cell.value for cell in part)
    if top == 0:
        return words.text("figures_records.links.none")
    leading = [cell for cell in part if cell.value == top]
    homes = [quoted("home_cluster", cell.category, words) for cell in leading]
    form = plural(len(homes), "one", "other")
    precision = common_precision(cell.precision for cell in leading)
    count = hedged(words.quantity(name, top), precision, words)
    return words.text(f"figures_records.links.most_{form}", names=words.join(homes), count=count)
