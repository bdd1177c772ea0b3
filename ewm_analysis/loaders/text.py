"""A table of text: every cell as it stands in its file, with the line of its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ewm_analysis.errors import ContractError, Failure


@dataclass(frozen=True)
class TextTable:
    """A table as text: its header, its cells, the line of each row and what was found wrong."""

    header: tuple[str, ...]
    frame: pd.DataFrame
    file: str
    lines: Sequence[int]
    failures: tuple[Failure, ...] = ()


def text_table(
    header: Sequence[str],
    cells: Sequence[Any],
    file: str,
    lines: Sequence[int],
    failures: Sequence[Failure] = (),
) -> TextTable:
    """Return a table from its columns; of equal names the frame keeps the first."""
    columns = {
        name: pd.Series(values, dtype=pd.StringDtype())
        for name, values in reversed([*zip(header, cells, strict=True)])
    }
    frame = pd.DataFrame(columns)[list(dict.fromkeys(header))]
    return TextTable(tuple(header), frame, file, lines, tuple(failures))


def unreadable(file: str, reason: str, line: int = 0) -> ContractError:
    """Return the error of a file that cannot be read as a whole."""
    return ContractError([Failure(file, line, "", "", reason)])


def ragged_row(file: str, line: int, cells: int, width: int) -> Failure:
    """Return the failure of a row that has more or fewer cells than the header."""
    return Failure(file, line, "", "", f"the row has {cells} cells, the header {width}")
