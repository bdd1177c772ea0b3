"""What evaluators decided about the files: corrected cells, and actors made one."""

from __future__ import annotations

import pandas as pd

from ewm_analysis.catalogue import Words
from ewm_analysis.l10n import MISSING
from ewm_analysis.tables.table import Table


def corrections_table(corrections: pd.DataFrame, words: Words) -> Table:
    """Return each corrected cell with what stood there; one line says so if there is none.

    Parameters
    ----------
    corrections : DataFrame
        Contract `Corrections`; old and new are empty where they may not be quoted.
    words : Words
        Language of the page.
    """
    names = ("file", "line", "column", "old", "new", "reason", "date")
    cells = [
        [row.file, str(row.line), row.column, row.old, row.new, row.reason, row.date]
        for row in corrections.itertuples()
    ]
    return _decisions("corrections", names, cells, words)


def actor_merges_table(merges: pd.DataFrame, words: Words) -> Table:
    """Return which actors count as one, and which do not; one line says so if there are none.

    Parameters
    ----------
    merges : DataFrame
        Contract `ActorMerges`.
    words : Words
        Language of the page.
    """
    names = ("actor_id", "same_as", "decision", "reason", "date")
    cells = [
        [
            row.actor_id,
            row.same_as,
            words.text(f"corrections.decision.{row.decision}"),
            row.reason,
            row.date,
        ]
        for row in merges.itertuples()
    ]
    return _decisions("actor_merges", names, cells, words)


def _decisions(kind: str, names: tuple[str, ...], cells: list[list[str]], words: Words) -> Table:
    """The last column of every list of decisions is a day."""
    header = [words.text(f"corrections.column.{name}") for name in names]
    rows = [[cell or MISSING for cell in [*row[:-1], words.date(row[-1])]] for row in cells]
    nothing = [words.text(f"corrections.nothing.{kind}"), *[MISSING] * (len(names) - 1)]
    return Table(pd.DataFrame(cells, columns=header), header, rows or [nothing])
