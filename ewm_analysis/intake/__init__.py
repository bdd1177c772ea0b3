"""What comes in from outside: workbooks, open data, official statistics, and what is odd in it."""

from importlib import import_module
from typing import Any

MODULES = {
    "check_dataset": "check",
    "describe_import": "workbook.report",
    "district_of": "names",
    "find_warnings": "check",
    "import_cordis": "cordis.importing",
    "import_statistics": "official.importing",
    "import_workbook": "workbook.importing",
    "write_report": "workbook.report",
    "write_template": "workbook.template",
}
"""Names of this room and the modules they stand in."""

__all__ = list(MODULES)


def __getattr__(name: str) -> Any:
    """Import a name when it is used: spreadsheets are needed by few commands."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
