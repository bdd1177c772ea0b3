"""The numbers behind a figure, labelled for readers: its file, its sheet, its table of values."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd

from ewm_analysis.catalogue import Words, indicator

Lines = tuple[list[str], list[list[object]]]
"""Header and rows."""

EUROS = ["value", "start", "end"]
"""Columns of a decomposition."""
LIMITS = ("low", "high")


def figure_values(rows: pd.DataFrame, words: Words, *, is_statistic: bool) -> Lines:
    """Return header and lines of the numbers that a figure shows.

    Parameters
    ----------
    rows : DataFrame
        What `plot_*` was given: contract `IndicatorValues`, facts of organisations, or the
        frame of a statistic.
    words : Words
        Language of header and labels.
    is_statistic : bool
        Whether a statistic returned the rows.

    Examples
    --------
    >>> from ewm_analysis.loaders import load_reference
    >>> from ewm_analysis.project import resolve_data_dir
    >>> words = Words(load_reference(resolve_data_dir("data") / "reference"), "de")
    >>> parts = pd.DataFrame({"method": ["static"], "change": [83731]})
    >>> figure_values(parts, words, is_statistic=True)
    (['Verfahren', 'Veränderung'], [['statisch', 83731]])
    """
    if is_statistic:
        return _of_statistic(rows, words)
    if "organisation_id" in rows:
        return _of_organisations(rows, words)
    return _of_indicators(rows, words)


def plain(frame: pd.DataFrame) -> list[list[object]]:
    """Return cells as JSON can carry them: missing ones empty, whole numbers without decimals."""
    cells = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    return [[_number(cell) if isinstance(cell, float) else cell for cell in line] for line in cells]


def _of_indicators(rows: pd.DataFrame, words: Words) -> Lines:
    """A column that tells no two lines apart is left out: a cluster, a scope, a year of growth."""
    text, label, place = cache(words.text), cache(words.label), cache(words.place)
    is_divided = bool((rows["category"] != "").any())

    def category(row: Any) -> str:
        if row.category:
            return label(row.dimension, row.category)
        return text("values.undivided") if is_divided else ""

    columns: dict[str, Callable[[Any], object]] = {
        "notebook.column.cluster": lambda row: label("cluster", row.cluster_id),
        "notebook.column.year": lambda row: int(row.year),
        "notebook.column.indicator": lambda row: words.indicator(row.indicator),
        "values.column.region": lambda row: label("region", row.region),
        "values.column.scope": lambda row: text(f"word.scope.{row.scope}") if row.scope else "",
        "values.column.base_year": lambda r: "" if pd.isna(r.base_year) else int(r.base_year),
        "notebook.column.category": category,
        "notebook.column.value": lambda row: _number(row.value),
        "notebook.column.unit": lambda r: text(f"notebook.unit.{indicator(r.indicator).unit}"),
        "notebook.column.precision": words.precision,
        "notebook.column.source": lambda r: " ".join(
            filter(None, (r.source_id, place(r.reference)))
        ),
    }
    needed = {
        "notebook.column.cluster": rows["cluster_id"].nunique() > 1,
        "values.column.region": rows["region"].nunique() > 1,
        "values.column.scope": (rows["scope"] != "").any(),
        "values.column.base_year": rows["base_year"].notna().any(),
    }
    shown = {head: say for head, say in columns.items() if needed.get(head, True)}
    lines = [[say(row) for say in shown.values()] for row in rows.itertuples()]
    return [text(head) for head in shown], lines


def _of_statistic(rows: pd.DataFrame, words: Words) -> Lines:
    """Codes become labels; numbers stay as they were computed, euros are whole."""
    said: dict[str, Callable[[str], str]] = {
        "indicator": words.indicator,
        "region": lambda code: words.label("region", code),
        "scope": lambda code: words.text(f"word.scope.{code}") if code else "",
        "delimitation": lambda code: words.text(f"word.delimitation.{code}") if code else "",
        "category": lambda code: (
            words.label("sector", code) if code else words.text("values.all_sectors")
        ),
        "method": lambda code: words.text(f"values.method.{code}"),
    }
    counts = [name for name in rows if name.endswith(("n_known", "n_all"))]
    shown = rows.drop(columns=[name for name in counts if rows[name].isna().all()])
    for name in [name for name in said if name in rows]:
        shown[name] = rows[name].astype(str).map(said[name])
    if "step" in rows:
        from ewm_analysis.figures.growth import step_label  # draws, so that it loads slowly

        shown["step"] = [step_label(row, words) for row in rows.itertuples()]
        shown[EUROS] = rows[EUROS].round()
    return [words.text(f"values.column.{name}") for name in shown.columns], plain(shown)


def _of_organisations(rows: pd.DataFrame, words: Words) -> Lines:
    """Organisation, what is counted (``member_type`` or ``ratio``), its limits, precision."""
    kind = next(name for name in ("member_type", "ratio") if name in rows)
    value = words.text("notebook.column.value")
    header = [words.text(f"organisations.column.{name}") for name in ("organisation", "kind")]
    header += [words.text(f"organisations.column.{name}", name=value) for name in LIMITS]
    header += [words.text(f"notebook.column.{name}") for name in ("precision", "source")]
    lines: list[list[object]] = [
        [
            words.label("organisation", row.organisation_id),
            _counted(kind, getattr(row, kind), words),
            *("" if pd.isna(limit) else float(limit) for limit in (row.low, row.high)),
            words.text(f"notebook.precision.{'approximate' if row.is_rough else 'exact'}"),
            str(row.source_id),
        ]
        for row in rows.itertuples()
    ]
    return header, lines


def _counted(kind: str, name: str, words: Words) -> str:
    if kind == "ratio":
        return words.text(f"organisations.column.{name}")
    if name in ("total", "not_stated"):
        return words.text(f"organisations.{name}")
    return words.label(kind, name)


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(value)
