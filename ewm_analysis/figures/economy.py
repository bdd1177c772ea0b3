"""The core of a cluster within the whole cluster: companies, turnover, employees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures.bars import draw_legend, finish_rows, row_axes, thickness, wrapped
from ewm_analysis.figures.cells import common_precision, hedged, marked
from ewm_analysis.figures.style import INK, MAIN, ON_MAIN, REST, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ewm_analysis.catalogue import Words

MEASURES = ("companies", "turnover_eur", "employees_insured", "employees_total")
GROWTH = ("turnover_growth", "employees_insured_growth")
ROOM_FOR_LABEL = 0.4
"""Part of the width of the axes that a label within a bar needs."""


@dataclass(frozen=True)
class Measure:
    """Core and total of one measure in its latest reference year."""

    name: str
    year: int
    core: float
    core_precision: str
    total: float
    total_precision: str

    @property
    def share(self) -> float:
        """Share of the core in the total."""
        return self.core / self.total


@style()
def plot_economy(rows: pd.DataFrame, words: Words, *, ax: Axes | None = None) -> Axes:
    """Draw the core as a part of the whole cluster, each measure in its latest reference year.

    Every bar is as long as its whole: measures of different units are compared by their share.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster by scope: ``companies``, ``turnover_eur``,
        ``employees_insured``, ``employees_total``.
    words : Words
        Language of the figure.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    MissingDataError
        If no measure has both core and total.
    """
    measures = _measures(rows)
    labels = [wrapped(f"{words.indicator(measure.name)} ({measure.year})") for measure in measures]
    ax = ax or row_axes(labels, has_legend=True)
    ax.barh(range(len(measures)), [1.0] * len(measures), thickness(labels), color=REST)
    shares = [measure.share for measure in measures]
    ax.barh(range(len(measures)), shares, thickness(labels), color=MAIN)
    for row, measure in enumerate(measures):
        _draw_labels(ax, row, measure, words)
    ax.set_xlim(0, 1)
    finish_rows(ax, labels)
    colors = {"core": MAIN, "total": REST}
    draw_legend(ax, {words.text(f"word.scope.{key}"): c for key, c in colors.items()})
    return ax


def describe_economy(rows: pd.DataFrame, words: Words) -> str:
    """Say the share of the core in the whole cluster, and the growth as far as it is known.

    Raises
    ------
    MissingDataError
        If no measure has both core and total.
    """
    parts = [
        words.text(
            f"figures.economy.of_{measure.name}",
            share=hedged(words.share(measure.share), _share_precision(measure), words),
            year=measure.year,
        )
        for measure in _measures(rows)
    ]
    sentences = [words.text("figures.economy.shares", parts=words.join(parts))]
    for scope in ("core", "total"):
        growth = [text for name in GROWTH if (text := _growth(rows, name, scope, words))]
        if growth:
            key = f"figures.economy.growth_{scope}"
            sentences.append(words.text(key, parts=words.join(growth)))
    return " ".join(sentences)


def _draw_labels(ax: Axes, row: int, measure: Measure, words: Words) -> None:
    core = marked(words.value(measure.name, measure.core), measure.core_precision)
    text = f"{core} ({marked(words.share(measure.share), _share_precision(measure))})"
    fits = measure.share >= ROOM_FOR_LABEL
    ax.annotate(
        text,
        (measure.share, row),
        (-5 if fits else 5, 0),
        va="center",
        textcoords="offset points",
        ha="right" if fits else "left",
        color=ON_MAIN if fits else INK,
    )
    total = marked(words.value(measure.name, measure.total), measure.total_precision)
    ax.annotate(total, (1, row), (6, 0), textcoords="offset points", va="center")


def _known(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the values in the delimitation of the clusters; others cannot be set beside them."""
    return rows[
        (rows["indicator"] == name)
        & (rows["dimension"] == "")
        & (rows["delimitation"] == "clustermonitoring")
        & rows["value"].notna()
    ]


def _measures(rows: pd.DataFrame) -> list[Measure]:
    measures = []
    for name in MEASURES:
        known = _known(rows, name)
        core, total = (
            known[known["scope"] == scope].set_index("year") for scope in ("core", "total")
        )
        years = core.index.intersection(total.index[total["value"] > 0])
        if years.empty:
            continue
        year = years.max()
        measures.append(
            Measure(
                name=name,
                year=int(year),
                core=float(core.loc[year, "value"]),
                core_precision=str(core.loc[year, "precision"]),
                total=float(total.loc[year, "value"]),
                total_precision=str(total.loc[year, "precision"]),
            )
        )
    if not measures:
        raise MissingDataError("No measure is published for both core and total.")
    return measures


def _share_precision(measure: Measure) -> str:
    precision = common_precision([measure.core_precision, measure.total_precision])
    return precision if precision == "exact" else "approximate"


def _growth(rows: pd.DataFrame, name: str, scope: str, words: Words) -> str:
    """Return the growth up to the latest year, over the longest period; empty if unknown."""
    known = _known(rows, name)
    known = known[(known["scope"] == scope) & known["base_year"].notna()]
    if known.empty:
        return ""
    last = known.sort_values(["year", "base_year"], ascending=[False, True]).iloc[0]
    return words.text(
        f"figures.economy.{name}",
        change=hedged(words.change(last["value"]), str(last["precision"]), words),
        first=int(last["base_year"]),
        last=int(last["year"]),
    )
