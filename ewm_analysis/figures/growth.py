"""Growth drawn: the key figures as index, and the steps between two volumes."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import seaborn as sns
from matplotlib import pyplot as plt

from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import finish_rows, row_axes, thickness, wrapped
from ewm_analysis.figures.style import ACCENT, INK, MAIN, REST, TRACK, WIDTH, style
from ewm_analysis.l10n import with_sign

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

PANELS = 2
"""Panels side by side; more would be too narrow for a phone."""
PANEL_HEIGHT = 1.3
TITLE = 44
"""Longest line of a panel's title, in characters."""
ROOM_FOR_NUMBER, ROOM_FOR_SCOPE = 0.16, 0.55
"""Room for the label at the end of a line, as part of the span of years."""


@style()
def plot_index(rows: pd.DataFrame, words: Words) -> Axes:
    """Draw each key figure as index in a panel of its own, all on one scale.

    Parameters
    ----------
    rows : DataFrame
        As `index_series` returns it.
    words : Words
        Language of the figure.

    Returns
    -------
    Axes
        The first panel.

    Raises
    ------
    MissingDataError
        If there is no index.
    """
    needed_rows(rows, "index")
    names = [*dict.fromkeys(rows["indicator"])]
    lines = -(-len(names) // PANELS)
    _, panels = plt.subplots(
        lines,
        PANELS,
        figsize=(WIDTH, lines * PANEL_HEIGHT + 0.2),
        squeeze=False,
        layout="constrained",
    )
    flat: list[Axes] = [*panels.ravel()]
    for ax, name in zip(flat, names, strict=False):
        _draw_panel(ax, rows[rows["indicator"] == name], words)
        title = textwrap.fill(words.indicator(name), TITLE)
        ax.set_title(title, loc="left", fontsize=9, color=INK)
    for ax in flat[len(names) :]:
        ax.set_axis_off()
    _finish_panels(flat, rows, words)
    return flat[0]


def plot_economy_index(rows: pd.DataFrame, words: Words) -> Axes:
    """Draw each economic figure as index, core and whole cluster in one panel; see `plot_index`.

    Raises
    ------
    MissingDataError
        If there is no index.
    """
    return plot_index(rows, words)


def _draw_panel(ax: Axes, rows: pd.DataFrame, words: Words) -> None:
    ax.axhline(100, color=TRACK, linewidth=1, zorder=0)
    ends = []
    for (scope, _), series in rows.groupby(["scope", "region"]):
        color = ACCENT if scope == "core" else MAIN
        own = series.set_index("year")["index"].astype(float)
        years = range(int(own.index.min()), int(own.index.max()) + 1)
        # a missing year breaks the line: it is a gap, not a step
        line = own.reindex([*years])
        ax.plot(line.index, line, color=color, linewidth=1.6, marker="o", markersize=2.6)
        if own.dropna().empty:
            continue
        label = words.number(float(own.dropna().iloc[-1]), 0)
        if scope:
            label = f"{label} {words.text(f'word.scope.{scope}')}"
        ends.append((float(own.dropna().iloc[-1]), int(own.dropna().index[-1]), label, color))
    for place, (value, year, label, color) in enumerate(sorted(ends)):
        # two ends that meet give way: the lower label down, the upper one up
        shift = 0 if len(ends) == 1 else 5 * (2 * place - len(ends) + 1)
        at, offset = (year, value), (5, shift)
        ax.annotate(label, at, offset, textcoords="offset points", va="center", color=color)


def _finish_panels(panels: list[Axes], rows: pd.DataFrame, words: Words) -> None:
    first, base, last = (
        int(year) for year in (rows["year"].min(), rows["base_year"].iloc[0], rows["year"].max())
    )
    room = ROOM_FOR_SCOPE if (rows["scope"] != "").any() else ROOM_FOR_NUMBER
    low, high = float(rows["index"].min()), float(rows["index"].max())
    margin = 0.12 * max(high - low, 20.0)
    years = sorted({first, base, last})
    for ax in panels:
        ax.set_xlim(first - 0.2, last + room * (last - first))
        ax.set_ylim(low - margin, high + margin)
        ax.set_xticks(years, [str(year) for year in years], fontsize=8)
        ax.set_yticks([100], ["100"], fontsize=8)
        ax.spines["bottom"].set_bounds(first - 0.2, last)
        sns.despine(ax=ax, left=True)
    text = words.text("growth.index.base", year=base)
    panels[0].figure.supxlabel(text, x=0.01, ha="left", fontsize=8, color=INK)


def describe_index(rows: pd.DataFrame, words: Words) -> str:
    """Say which key figures stand highest and lowest in the last year of the index.

    Raises
    ------
    MissingDataError
        If there is no index.
    """
    needed_rows(rows, "index")
    year = int(rows["year"].max())
    last = rows[(rows["year"] == year) & rows["index"].notna()].sort_values("index")
    needed_rows(last, "index")
    base = int(rows["base_year"].iloc[0])
    lowest, highest = (_indexed(row, words) for row in (last.iloc[0], last.iloc[-1]))
    key = "one" if len(last) == 1 else "sentence"
    return words.text(f"growth.index.{key}", base=base, year=year, highest=highest, lowest=lowest)


def describe_economy_index(rows: pd.DataFrame, words: Words) -> str:
    """Say how far each economic figure has come; see `describe_index`."""
    return describe_index(rows, words)


def _indexed(row: pd.Series, words: Words) -> str:
    name = words.indicator(str(row["indicator"]))
    if row["scope"]:
        scope = words.text(f"word.scope.{row['scope']}")
        name = words.text("growth.series.scope", name=name, scope=scope)
    return words.text("growth.index.item", name=name, value=words.number(row["index"], 0))


@style()
def plot_volume_change(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the volume of two years and, between them, the steps from one to the other.

    Parameters
    ----------
    rows : DataFrame
        As `VolumeComparison.steps` returns it.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If there is no comparison.
    """
    needed_rows(rows, "decomposition")
    labels = [wrapped(_step(row, words)) for row in rows.itertuples()]
    ax = ax or row_axes(labels)
    low, high = (float(f(rows[["start", "end"]].to_numpy())) for f in (np.min, np.max))
    reach = high - low or 1.0
    for place, row in enumerate(rows.itertuples()):
        is_total = row.step in ("first", "last")
        color = MAIN if is_total else (REST if row.value >= 0 else ACCENT)
        left = min(row.start, row.end)
        ax.barh(place, abs(row.end - row.start), thickness(labels), left=left, color=color)
        if place:
            ax.plot([row.start if not is_total else row.end] * 2, [place - 1, place],
                    color=INK, linewidth=0.6, zorder=0)  # fmt: skip
        text = words.eur(row.value) if is_total else with_sign(words.eur(row.value))
        end = (max(row.start, row.end), place)
        ax.annotate(text, end, (5, 0), textcoords="offset points", va="center")
    ax.axvline(0, color=INK, linewidth=0.6)
    ax.set_xlim(min(low, 0.0), high + 0.22 * reach)
    finish_rows(ax, labels)
    ax.spines["left"].set_visible(False)
    return ax


def _step(row: Any, words: Words) -> str:
    if row.step in ("first", "last"):
        year = row.first_year if row.step == "first" else row.last_year
        return words.text(f"growth.volume.{row.step}", year=year)
    rest = "_rest" if row.k and row.step != "large" else ""
    return words.text(f"growth.volume.{row.step}{rest}", k=row.k)


def describe_volume_change(rows: pd.DataFrame, words: Words) -> str:
    """Say by how much the volume changed and what number, size and large projects did to it.

    Raises
    ------
    MissingDataError
        If there is no comparison.
    """
    needed_rows(rows, "decomposition")
    value = rows.set_index("step")["value"]
    changes = {name: with_sign(words.eur(value[name])) for name in value.index[1:-1]}
    key = "sentence_large" if "large" in changes else "sentence"
    head = rows.iloc[0]
    said = words.text(
        f"growth.volume.{key}",
        first_year=head["first_year"],
        last_year=head["last_year"],
        change=with_sign(words.eur(value["last"] - value["first"])),
        first=words.eur(value["first"]),
        last=words.eur(value["last"]),
        k=head["k"],
        **changes,
    )
    if not head["first_unknown"] + head["last_unknown"]:
        return said
    names = ("first_year", "first_unknown", "last_year", "last_unknown")
    return f"{said} {words.text('growth.volume.unknown', **head[[*names]])}"


def needed_rows(rows: pd.DataFrame, what: str) -> None:
    """Raise MissingDataError if there is nothing to draw or to say."""
    if rows.empty:
        raise MissingDataError(f"There is nothing to draw: no {what}.")
