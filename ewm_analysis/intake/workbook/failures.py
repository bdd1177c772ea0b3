"""Failures of the contracts in the words of the report: English ones as they are, or German."""

from __future__ import annotations

import re

from ewm_analysis import l10n
from ewm_analysis.contracts import Table
from ewm_analysis.errors import Failure
from ewm_analysis.intake.workbook.columns import headers_of
from ewm_analysis.intake.workbook.remarks import Remark, Remarks, closing, shortened

RULES = {
    "empty": r"must not be empty",
    "blank": r"must not begin or end with a blank",
    "at_most": r"at most (?P<whole>\w+) is allowed",
    "size_class": r"only companies have a size class",
    "ags": r"the key must lie in the state .*",
    "one_item": r"exactly one of project_id and activity_id must be filled",
    "repeated": r"the key is repeated; it first stands in line (?P<line>\d+)",
    "minimum": r"must be at least (?P<least>\S+?)(?: or be empty)?",
    "between": r"must lie between (?P<least>\S+) and (?P<most>\S+?)(?: or be empty)?",
    "reference": r"is not an? \w+_id of (?P<table>\w+) in (?P<year>\d+)(?P<rest>.*)",
    "category": r"is not a code of (?P<scheme>\w+) in (?P<year>\d+) for (?P<cluster>[\w ]+)"
    r"(?P<rest>.*)",
}
"""How the contracts word a failure, by the key of its sentence below ``intake.failure``."""


def tell_failure(failure: Failure, place: str, contract: type[Table], remarks: Remarks) -> None:
    """Note a failure of a contract at its place, in the language of the report.

    Parameters
    ----------
    failure : Failure
        What `check` or `check_references` found.
    place : str
        Sheet and cell.
    contract : type of Table
        Names the headers that the sentence speaks of.
    remarks : Remarks
        Takes the remark.
    """
    locale = remarks.locale
    headers = headers_of(contract, locale)
    for key, pattern in RULES.items():
        found = re.fullmatch(pattern, failure.allowed)
        if found is None:
            continue
        facts = {name: text or "" for name, text in found.groupdict().items()}
        if "whole" in facts:
            facts["whole"] = headers[facts["whole"]]
        if "table" in facts:
            facts["table"] = l10n.text(f"intake.sheet.{facts['table']}", locale)
        if "rest" in facts:
            facts["rest"] = closing(facts["rest"], locale)
        remarks.error(place, f"failure.{key}", failure.value, **facts)
        return
    value = shortened(failure.value)
    remarks.all.append(Remark("error", "contract", place, value, failure.allowed))
