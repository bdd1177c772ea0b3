"""Projects and activities by guideline, focus topic, action field and technology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ewm_analysis.figures.bars import draw_legend, finish_rows, wrapped
from ewm_analysis.figures.brace import draw_brace
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
from ewm_analysis.figures.style import ACCENT, INK, MAIN, new_axes, style
from ewm_analysis.l10n import NBSP, plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

COLORS = {"projects_new": MAIN, "activities": ACCENT}
THICKNESS = 0.38
"""Of each of the two bars of a row of height 1."""
HEADING = 0.75
"""Height of the row of a category that stands above its sub-categories."""
AFTER_GROUP = 0.3
"""Space that sets sub-categories apart from what follows."""
INCHES_PER_ROW = 0.44

Values = dict[str, dict[str, Cell]]
"""By indicator and category; a missing value has no cell."""


@dataclass(frozen=True)
class Branch:
    """A category and the sub-categories that are drawn under it, if any."""

    category: str
    children: tuple[str, ...]


@style()
def plot_guidelines(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw new projects and other activities of the report year by guideline.

    A guideline with sub-categories stands above them; the brace beside them gives its own
    number, in which each project and each activity counts once.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``projects_new`` and ``activities`` by ``guideline``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    return _plot(rows, "guideline", words, ax)


def describe_guidelines(rows: pd.DataFrame, words: Words) -> str:
    """Say which guideline is most frequent, and what each brace counts.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    return _describe(rows, "guideline", words)


@style()
def plot_focus_topics(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw new projects and other activities of the report year by focus topic.

    As `plot_guidelines`, with ``focus_topic``.
    """
    return _plot(rows, "focus_topic", words, ax)


def describe_focus_topics(rows: pd.DataFrame, words: Words) -> str:
    """Say which focus topic is most frequent. As `describe_guidelines`."""
    return _describe(rows, "focus_topic", words)


@style()
def plot_action_fields(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw new projects and other activities of the report year by action field.

    As `plot_guidelines`, with ``action_field`` of the cluster's master plan.
    """
    return _plot(rows, "action_field", words, ax)


def describe_action_fields(rows: pd.DataFrame, words: Words) -> str:
    """Say which action field is most frequent. As `describe_guidelines`."""
    return _describe(rows, "action_field", words)


@style()
def plot_technologies(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw new projects and other activities of the report year by technology.

    As `plot_guidelines`, with ``technology``.
    """
    return _plot(rows, "technology", words, ax)


def describe_technologies(rows: pd.DataFrame, words: Words) -> str:
    """Say which technology is most frequent. As `describe_guidelines`."""
    return _describe(rows, "technology", words)


def _values(rows: pd.DataFrame, dimension: str, words: Words) -> Values:
    found = {name: report_cells(rows, name, dimension, words) for name in COLORS}
    needed([cell for part in found.values() for cell in part], f"projects by {dimension}")
    return {name: {cell.category: cell for cell in part} for name, part in found.items() if part}


def _branches(rows: pd.DataFrame, values: Values, dimension: str, words: Words) -> list[Branch]:
    """Return the categories that have a value, in the order of the catalogue."""
    listed = words.reference.valid(dimension, cluster_id=str(rows["cluster_id"].iloc[0]))
    known = {category for part in values.values() for category in part}
    children = listed[listed["category"].isin(known) & (listed["parent"] != "")]
    tops = listed[(listed["parent"] == "") & listed["category"].isin({*known, *children["parent"]})]
    return [
        Branch(top, tuple(children.loc[children["parent"] == top, "category"]))
        for top in tops["category"]
    ]


def _plot(rows: pd.DataFrame, dimension: str, words: Words, ax: Axes | None) -> Axes:
    values = _values(rows, dimension, words)
    branches = _branches(rows, values, dimension, words)
    places: dict[str, float] = {}
    end = 0.0
    for branch in branches:
        if branch.children:
            places[branch.category] = end + HEADING / 2 - 0.5
            end += HEADING
        for category in branch.children or (branch.category,):
            places[category] = end
            end += 1
        end += AFTER_GROUP if branch.children else 0
    ax = ax or new_axes(height=0.4 + INCHES_PER_ROW * end)
    headings = {branch.category for branch in branches if branch.children}
    _draw_bars(ax, values, {name: at for name, at in places.items() if name not in headings}, words)
    finish_rows(ax, [""])
    labels = [wrapped(words.label(dimension, category)) for category in places]
    ax.set_yticks([*places.values()], labels)
    ax.set_ylim(end - 0.5, -0.5)
    for tick, category in zip(ax.get_yticklabels(), places, strict=True):
        tick.set_fontweight("bold" if category in headings else "normal")
    for branch in branches:
        if sums := _sums(branch, values, words):
            rows_beside = [places[child] for child in branch.children]
            draw_brace(
                ax,
                rows_beside[0] - THICKNESS,
                rows_beside[-1] + THICKNESS,
                "\n".join(sums),
                words.text("figures_records.assigned.distinct"),
            )
    draw_legend(ax, {words.text(f"figures_records.{name}"): COLORS[name] for name in values})
    return ax


def _draw_bars(ax: Axes, values: Values, places: dict[str, float], words: Words) -> None:
    longest = 0.0
    for number, (series, part) in enumerate(values.items()):
        shift = (number - (len(values) - 1) / 2) * THICKNESS
        shown = [(at + shift, part[name]) for name, at in places.items() if name in part]
        lengths = [cell.value for _, cell in shown]
        bars = ax.barh([at for at, _ in shown], lengths, THICKNESS, color=COLORS[series])
        texts = [marked(words.count(cell.value), cell.precision) for _, cell in shown]
        ax.bar_label(bars, texts, padding=4, color=INK)
        longest = max([longest, *lengths])
    # The labels of the longest bars must end before a brace begins.
    ax.set_xlim(0, 1.14 * longest or 1.0)


def _counted(name: str, cell: Cell, words: Words) -> str:
    """Return "28 Projekte", "1 activity": short, where the legend says that they are new."""
    one, other = (words.text(f"figures_records.{name}_{form}") for form in ("one", "other"))
    return f"{words.count(cell.value)}{NBSP}{plural(cell.value, one, other)}"


def _describe(rows: pd.DataFrame, dimension: str, words: Words) -> str:
    values = _values(rows, dimension, words)
    branches = _branches(rows, values, dimension, words)
    year = max(cell.year for part in values.values() for cell in part.values())
    inferred = any(cell.is_year_inferred for part in values.values() for cell in part.values())
    parts = [
        words.text(
            f"figures_records.assigned.{name}", target=_target(part, branches, dimension, words)
        )
        for name, part in values.items()
    ]
    first = words.text(
        "figures_records.assigned.all",
        when=year_clause(year, inferred, words),
        parts=words.join(parts),
    )
    sums = [
        words.text(
            "figures_records.assigned.sum",
            name=quoted(dimension, branch.category, words),
            counts=words.join(counts),
        )
        for branch in branches
        if (counts := _sums(branch, values, words))
    ]
    second = [words.text("figures_records.assigned.multiple"), *sums]
    return f"{first} {'; '.join(second)}."


def _sums(branch: Branch, values: Values, words: Words) -> list[str]:
    """Return the own numbers of a category with sub-categories, those of its brace."""
    return [
        hedged(_counted(name, cell, words), cell.precision, words)
        for name, part in values.items()
        if branch.children and (cell := part.get(branch.category))
    ]


def _target(part: dict[str, Cell], branches: Sequence[Branch], dimension: str, words: Words) -> str:
    """Say what is most frequent among the categories that stand on their own or at a brace."""
    tops = [
        category
        for branch in branches
        for category in ([branch.category] if branch.category in part else branch.children)
        if category in part
    ]
    top = max(part[category].value for category in tops)
    if top == 0:
        return words.text(f"figures_records.assigned.{dimension}.none")
    names = [category for category in tops if part[category].value == top]
    precision = common_precision(part[name].precision for name in names)
    count = hedged(words.count(top), precision, words)
    form = plural(len(names), "one", "other")
    target = words.text(
        f"figures_records.assigned.{dimension}.{form}",
        names=words.join([quoted(dimension, name, words) for name in names]),
    )
    return words.text(f"figures_records.assigned.most_{form}", target=target, count=count)
