"""The numbers of figures on organisations, for the file beside the figure."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.catalogue import Words

LIMITS = ("low", "high")


def organisation_values(rows: pd.DataFrame, words: Words) -> tuple[list[str], list[list[object]]]:
    """Return header and lines: organisation, what is counted, its limits, precision, source.

    Parameters
    ----------
    rows : DataFrame
        ``organisation_id``, a column that says what is counted (``member_type`` or ``ratio``),
        ``low``, ``high``, ``is_rough``, ``source_id``.
    words : Words
        Language of the header and the labels.
    """
    kind = next(name for name in ("member_type", "ratio") if name in rows)
    value = words.text("notebook.column.value")
    header = [words.text(f"organisations.column.{name}") for name in ("organisation", "kind")]
    header += [words.text(f"organisations.column.{name}", name=value) for name in LIMITS]
    header += [words.text(f"notebook.column.{name}") for name in ("precision", "source")]
    lines: list[list[object]] = []
    for row in rows.itertuples():
        precision = "approximate" if row.is_rough else "exact"
        lines.append(
            [
                words.label("organisation", row.organisation_id),
                _counted(kind, getattr(row, kind), words),
                *("" if pd.isna(limit) else float(limit) for limit in (row.low, row.high)),
                words.text(f"notebook.precision.{precision}"),
                str(row.source_id),
            ]
        )
    return header, lines


def _counted(kind: str, name: str, words: Words) -> str:
    if kind == "ratio":
        return words.text(f"organisations.column.{name}")
    if name in ("total", "not_stated"):
        return words.text(f"organisations.{name}")
    return words.label(kind, name)
