"""Project and funding volume by year, and the part that goes to the capital region."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ewm_analysis.figures.bars import draw_legend
from ewm_analysis.figures.cells import Cell, cells, hedged, marked, needed, year_clause
from ewm_analysis.figures.style import ACCENT, INK, MAIN, REST, new_axes, style
from ewm_analysis.l10n import format_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

REGION = {
    "project_volume": "project_volume_region",
    "funding_volume": "funding_volume_region",
}
"""Each volume and the part of it that goes to actors of Berlin and Brandenburg."""
COLORS = {"project_volume": MAIN, "funding_volume": ACCENT}
LIGHT = {"project_volume": REST, "funding_volume": "#f2d3b1"}
BAR = 0.4
MILLION = 1_000_000

Volumes = dict[str, dict[int, Cell]]
"""By indicator and year; a missing value has no cell."""


@style()
def plot_volumes(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw project and funding volume of the new projects by year, in millions of euros.

    The dark part of a bar, in brackets above it, goes to the capital region. Up to five years
    are easy to read.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster, in EUR: ``project_volume``, ``funding_volume``, and
        the part of each for the region, ``project_volume_region``, ``funding_volume_region``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If neither funding nor a part of the region is known to stand beside the volume.
    """
    volumes = _volumes(rows)
    years = _years(volumes)
    drawn = [name for name in REGION if volumes[name] or volumes[REGION[name]]]
    has_region = any(volumes[region] for region in REGION.values())
    ax = ax or new_axes(height=3.1)
    for number, name in enumerate(drawn):
        shift = (number - (len(drawn) - 1) / 2) * BAR
        for year in years:
            whole, part = volumes[name].get(year), volumes[REGION[name]].get(year)
            color = LIGHT[name] if has_region else COLORS[name]
            for cell, tone in ((whole, color), (part, COLORS[name])):
                if cell:
                    ax.bar(year + shift, cell.value, BAR * 0.94, color=tone)
            _draw_label(ax, year + shift, whole, part, words)
    _finish(ax, volumes, words)
    draw_legend(ax, {words.text(f"figures_records.volume.{name}"): COLORS[name] for name in drawn})
    return ax


def describe_volumes(rows: pd.DataFrame, words: Words) -> str:
    """Say the volumes of the last year and of the year before, and what they leave out.

    Raises
    ------
    MissingDataError
        If there is no number to describe.
    """
    volumes = _volumes(rows)
    last = _years(volumes)[-1]
    sentences = []
    for year, key in ((last, "all"), (last - 1, "before")):
        parts = [
            words.text(f"figures_records.volume.of_{name}", amount=amount)
            for name in REGION
            if (amount := _amount(volumes, name, year, words))
        ]
        if parts:
            when = year_clause(year, _is_inferred(volumes, year), words)
            sentences.append(
                words.text(f"figures_records.volume.{key}", when=when, parts=words.join(parts))
            )
    return " ".join([*sentences, *_known(rows, last, words)])


def _volumes(rows: pd.DataFrame) -> Volumes:
    names = [*REGION, *REGION.values()]
    volumes = {name: {cell.year: cell for cell in cells(rows, name)} for name in names}
    beside = [name for name in names if name != "project_volume"]
    needed([cell for name in beside for cell in volumes[name].values()], "funding and region")
    return volumes


def _years(volumes: Volumes) -> range:
    known = [year for years in volumes.values() for year in years]
    return range(min(known), max(known) + 1)


def _is_inferred(volumes: Volumes, year: int) -> bool:
    return any(years[year].is_year_inferred for years in volumes.values() if year in years)


def _draw_label(
    ax: Axes, place: float, whole: Cell | None, part: Cell | None, words: Words
) -> None:
    lines = [marked(_millions(whole.value, words), whole.precision)] if whole else []
    if part:
        lines.append(f"({marked(_millions(part.value, words), part.precision)})")
    top = max([cell.value for cell in (whole, part) if cell], default=0.0)
    ax.annotate(
        "\n".join(lines),
        (place, top),
        (0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=INK,
        fontsize=8,
    )


def _millions(value: float, words: Words) -> str:
    """Return millions with one decimal, or three where one would show no more than zero."""
    is_small = abs(value) < MILLION / 10
    digits = 3 if is_small else 1
    return format_number(value / MILLION, words.locale, digits, 0 if is_small else 1)


def _finish(ax: Axes, volumes: Volumes, words: Words) -> None:
    years = _years(volumes)
    slack = max(4, len(years)) / 2
    middle = (years[0] + years[-1]) / 2
    ax.set_xlim(middle - slack, middle + slack)
    highest = max(cell.value for part in volumes.values() for cell in part.values())
    ax.set_ylim(0, 1.16 * highest or 1.0)
    labels = [f"{year}*" if _is_inferred(volumes, year) else str(year) for year in years]
    ax.set_xticks([*years], labels)
    has_region = any(volumes[region] for region in REGION.values())
    notes = [words.text(f"figures_records.volume.{'unit_region' if has_region else 'unit'}")]
    if any(label.endswith("*") for label in labels):
        notes.append(words.text("figures.note_inferred"))
    ax.set_xlabel("   ".join(notes), loc="left")
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)


def _amount(volumes: Volumes, name: str, year: int, words: Words) -> str:
    whole, part = volumes[name].get(year), volumes[REGION[name]].get(year)
    texts = {
        key: hedged(words.eur(cell.value), cell.precision, words)
        for key, cell in (("whole", whole), ("part", part))
        if cell
    }
    return words.text(f"figures_records.volume.{'_'.join(texts)}", **texts) if texts else ""


def _known(rows: pd.DataFrame, year: int, words: Words) -> list[str]:
    """Say of how many projects the sums are made, where the indicator notes "known/all"."""
    sentences = []
    for name in REGION:
        chosen = rows[
            (rows["indicator"] == name) & (rows["dimension"] == "") & (rows["year"] == year)
        ]
        for note in chosen["note"]:
            if match := re.fullmatch(r"(\d+)/(\d+)", str(note)):
                known, every = (words.count(int(number)) for number in match.groups())
                key = f"figures_records.volume.known_{name}"
                sentences.append(words.text(key, known=known, all=every))
    return sentences
