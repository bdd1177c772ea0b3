"""What each table must hold, checked with `check`.

Columns are declared once for all tables in ``columns.csv``, tables in ``tables.toml``; each
table is an attribute by its name there, such as ``contracts.Projects``.

Two conventions hold for every table: text is never missing (an empty cell is the empty
string, and means "not broken down" or "not stated"), numbers may be missing where the
contract says so. Zero is a value; missing means "not asked" or "not published".

In what follows ``contract`` is the table that a frame must be, ``file`` its name in failures,
and ``lines`` the line in that file of each row.
"""

from ewm_analysis.contracts.check import (
    KIND_NAMES,
    check,
    check_references,
    did_you_mean,
    header_failures,
    shown,
)
from ewm_analysis.contracts.model import (
    AMENDMENTS,
    CORDIS,
    DTYPES,
    FIGURES,
    RECORDS,
    REFERENCE,
    SCHEMES,
    SCOPES,
    TABLES,
    WITHHELD,
    Column,
    Table,
)

__all__ = ["TABLES", "Column", "Table", "check", "check_references"]


def __getattr__(name: str) -> Table:
    """Return a table by its name in ``tables.toml``."""
    if name in TABLES:
        return TABLES[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
