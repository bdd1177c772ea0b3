"""What comes in from outside: workbooks, open data, official statistics, and what is odd in it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ewm_analysis.intake.checks.check import CheckReport, check_dataset, find_warnings
    from ewm_analysis.intake.checks.districts import district_of
    from ewm_analysis.intake.checks.findings import Finding
    from ewm_analysis.intake.cordis.importing import import_cordis
    from ewm_analysis.intake.official.importing import import_statistics
    from ewm_analysis.intake.workbook.importing import Import, import_workbook
    from ewm_analysis.intake.workbook.report import describe_import, write_report
    from ewm_analysis.intake.workbook.template import write_template

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
    "CheckReport": "checks.check",
    "Finding": "checks.findings",
    "Import": "workbook.importing",
    "check_dataset": "checks.check",
    "describe_import": "workbook.report",
    "district_of": "checks.districts",
    "find_warnings": "checks.check",
    "import_cordis": "cordis.importing",
    "import_statistics": "official.importing",
    "import_workbook": "workbook.importing",
    "write_report": "workbook.report",
    "write_template": "workbook.template",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is used: spreadsheets are needed by few commands."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
