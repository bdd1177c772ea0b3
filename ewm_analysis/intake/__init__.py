"""What comes in from outside: workbooks, open data, official statistics, and what is odd in it.

What functions of this room share: `target` is the folder of a data set, which may not exist yet;
`reference` the shared tables of a `Reference`; `records` the five tables by name, of all years;
`year` a reporting year; `locale` the language of a source and of what is said about it; `remarks`
takes what is wrong or odd; `file` is the name shown in failures, or the file that is read; `codes`
and `rules` are mapping tables as ``tables/`` ships them.
"""

from importlib import import_module
from typing import Any

MODULES = {
    "check_dataset": "check",
    "check_map": "map_file",
    "describe_editions": "editions",
    "describe_import": "workbook_report",
    "district_of": "names",
    "find_warnings": "check",
    "import_cordis": "cordis",
    "import_published": "published",
    "import_statistics": "official",
    "import_workbook": "workbook",
    "propose_map": "map_file",
    "list_editions": "editions",
    "restore_edition": "editions",
    "write_report": "workbook_report",
    "write_template": "template",
}
"""Names of this room and the modules they stand in."""

__all__ = list(MODULES)


def __getattr__(name: str) -> Any:
    """Import a name when it is used: spreadsheets are needed by few commands."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
