"""What comes in from outside: workbooks, open data, official statistics, and what is odd in it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ewm_analysis.intake.check import CheckReport, check_dataset, find_warnings
    from ewm_analysis.intake.cordis import import_cordis
    from ewm_analysis.intake.districts import district_of
    from ewm_analysis.intake.findings import Finding
    from ewm_analysis.intake.report import describe_import, write_report
    from ewm_analysis.intake.statistics import import_statistics
    from ewm_analysis.intake.template import write_template
    from ewm_analysis.intake.workbook import Import, import_workbook

__all__ = [
    "CheckReport",
    "Finding",
    "Import",
    "check_dataset",
    "describe_import",
    "district_of",
    "find_warnings",
    "import_cordis",
    "import_statistics",
    "import_workbook",
    "write_report",
    "write_template",
]

MODULES = {
    "CheckReport": "check",
    "Finding": "findings",
    "Import": "workbook",
    "check_dataset": "check",
    "describe_import": "report",
    "district_of": "districts",
    "find_warnings": "check",
    "import_cordis": "cordis",
    "import_statistics": "statistics",
    "import_workbook": "workbook",
    "write_report": "report",
    "write_template": "template",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is used: spreadsheets are needed by few commands."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
