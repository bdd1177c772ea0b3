"""Sentences on change: what is a reliable difference, and what could have been seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ewm_analysis.figures.cells import cells, common_precision
from ewm_analysis.statistics import compare_counts, detectable_ratio
from ewm_analysis.statistics.counts import POWER
from ewm_analysis.statistics.growth import EVENTS

if TYPE_CHECKING:
    import pandas as pd

    from ewm_analysis.catalogue import Words
    from ewm_analysis.statistics import Result, VolumeComparison


def describe_change(rows: pd.DataFrame, words: Words, year: int) -> str:
    """Say whether new projects or activities differ reliably from those of the year before.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster up to the report year: ``projects_new`` or
        ``activities``, undivided; other indicators are passed over.
    words : Words
        Language of the sentence.
    year : int
        The report year.

    Returns
    -------
    str
        Empty where one of the two years is not known exactly.
    """
    sentences = []
    for name in EVENTS:
        found = {cell.year: cell for cell in cells(rows, name)}
        last, first = found.get(year), found.get(year - 1)
        if last and first and common_precision([first.precision, last.precision]) == "exact":
            sentences.append(_change(name, int(first.value), int(last.value), words))
    return " ".join(sentences)


def _change(name: str, first: int, last: int, words: Words) -> str:
    if first == last == 0:
        return words.text("growth.change.nothing", name=words.text(f"growth.nothing.{name}"))
    result = compare_counts(first, last)
    return words.text(
        f"growth.change.{_direction(result, last - first)}",
        first=words.count(first),
        last=words.count(last),
        name=words.text(f"growth.seen.{name}"),
        p=words.p_value(result.p_value or 0.0),
    )


def _direction(result: Result, change: float) -> str:
    if not result.is_reliable:
        return "none"
    return "rise" if change > 0 else "fall"


def describe_detectable(rows: pd.DataFrame, words: Words) -> str:
    """Say which change of new projects and of activities could have been seen at all.

    Parameters
    ----------
    rows : DataFrame
        As `growth_summary` returns it; figures of one year only are passed over.
    words : Words
        Language of the sentences.

    Returns
    -------
    str
        Where no count can be compared, it says so.
    """
    known = rows[rows["indicator"].isin(EVENTS) & rows["gap"].isin(("", "zero_base"))]
    if known.empty:
        return words.text("growth.seen.nothing")
    sentences = [
        _detectable(row.indicator, int(row.first_value), int(row.first_year), words)
        for row in known.itertuples()
    ]
    if (known["first_value"] > 0).any():
        sentences.append(words.text("growth.seen.smaller"))
    return " ".join(sentences)


def _detectable(indicator: str, count: int, year: int, words: Words) -> str:
    fall, rise = detectable_ratio(count)
    said = {
        "count": words.count(count),
        "name": words.text(f"growth.seen.{indicator}"),
        "year": year,
        "power": words.share(POWER),
    }
    if rise is None:
        return words.text("growth.seen.none", **said)
    said["rise"] = words.count(math.ceil(count * rise))
    if fall is None:
        return words.text("growth.seen.rise", **said)
    return words.text("growth.seen.both", fall=words.count(math.floor(count * fall)), **said)


def describe_sizes(comparison: VolumeComparison | None, words: Words) -> str:
    """Say whether a typical project of the last year is larger than one of the year before.

    Parameters
    ----------
    comparison : VolumeComparison or None
        As `compare_recorded_volumes` returns it.
    words : Words
        Language of the sentence.

    Returns
    -------
    str
        Empty where the sizes of single projects are not known.
    """
    if comparison is None or comparison.sizes is None:
        return ""
    result = comparison.sizes
    years = {"first_year": comparison.first_year, "last_year": comparison.last_year}
    if None in (result.estimate, result.low, result.high, result.p_value):
        n0, n1 = (words.count(number) for number in result.n)
        return words.text("growth.volume.sizes_few", n0=n0, n1=n1, **years)
    key = "sizes_reliable" if result.is_reliable else "sizes_none"
    return words.text(
        f"growth.volume.{key}",
        ratio=words.number(result.estimate, 1),
        low=words.number(result.low, 1),
        high=words.number(result.high, 1),
        p=words.p_value(result.p_value or 0.0),
        **years,
    )


def describe_volume_doubt(rows: pd.DataFrame, words: Words) -> str:
    """Say where the volume of the new projects is printed as that of all running ones, too.

    Parameters
    ----------
    rows : DataFrame
        Indicator values of one cluster: ``project_volume`` and ``project_volume_running``.
    words : Words
        Language of the sentence.

    Returns
    -------
    str
        Empty where no year has the same sum for both.
    """
    new, running = (cells(rows, name) for name in ("project_volume", "project_volume_running"))
    both = {(cell.year, cell.value) for cell in new} & {(cell.year, cell.value) for cell in running}
    return " ".join(
        words.text("growth.volume.doubt", year=year, total=words.eur(value))
        for year, value in sorted(both)
    )
