"""One raw cell to the value of its column, or the reason why it is not certain."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal

from ewm_analysis.contracts import Column
from ewm_analysis.intake.readings import (
    CENTS,
    LARGEST,
    Read,
    UncertainCellError,
    is_missing,
    read_amount,
    read_answer,
    read_day,
)
from ewm_analysis.intake.sending import is_harmless_id
from ewm_analysis.intake.sheets import RawCell, is_blank
from ewm_analysis.l10n import FALLBACK, Locale, format_number, parse_number
from ewm_analysis.l10n.languages import language_name

DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}")
"""Days that are not talked about."""

SAMPLE = 1234567.89

Value = str | float | int | bool | None


def read_cell(cell: RawCell | None, column: Column, locale: Locale) -> Value:
    """Return the value of a cell that is written as it should be; "" or None if it is empty.

    Raises
    ------
    UncertainCellError
        If the value is not certain.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects, columns_of
    >>> amount = columns_of(Projects)["volume_eur"]
    >>> read_cell(RawCell("1.234,5"), amount, "de"), read_cell(RawCell(1234.5, "n"), amount, "de")
    (1234.5, 1234.5)
    >>> read_cell(RawCell("1.5"), amount, "de")
    Traceback (most recent call last):
    ewm_analysis.intake.readings.UncertainCellError: number
    """
    read = read_loosely(cell, column, locale)
    if read.how:
        raise UncertainCellError(column.kind)
    return read.value


def read_loosely(cell: RawCell | None, column: Column, locale: Locale) -> Read:
    """Return what a cell means, and how it was read if it is not written as it should be.

    Raises
    ------
    UncertainCellError
        If the value is not certain.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects, columns_of
    >>> read_loosely(RawCell("800 T€"), columns_of(Projects)["volume_eur"], "de")
    Read(value=800000.0, how='amount')
    """
    nothing = "" if column.kind in ("text", "date") else None
    if cell is None or is_blank(cell):
        return Read(nothing)
    if cell.kind in ("f", "e"):
        raise UncertainCellError("formula" if cell.kind == "f" else "error")
    value = cell.value.strip() if isinstance(cell.value, str) else cell.value
    if isinstance(value, str):
        if column.kind in ("number", "date") and is_missing(value):
            return Read(nothing, "missing")
        _refuse_signs(value)
    match column.kind:
        case "text":
            return _text(value, cell, column)
        case "boolean":
            if not isinstance(value, bool | str):
                raise UncertainCellError("boolean")
            return read_answer(value)
        case "date":
            return _date(value, locale)
        case _:
            return _number(value, column, locale)


def _refuse_signs(text: str) -> None:
    """Control signs cannot be seen; what begins like a formula would run in a spreadsheet."""
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Zl", "Zp") for sign in text):
        raise UncertainCellError("control")
    if text.startswith(("=", "@")) or re.match(r"[+-][A-Za-z(]", text):
        raise UncertainCellError("like_formula")


def _text(value: object, cell: RawCell, column: Column) -> Read:
    """A whole number may be an id, if it is shown as it is; invisible signs are taken off."""
    if isinstance(value, int | float) and cell.kind == "n" and cell.is_plain:
        value = f"{value:.0f}" if float(value).is_integer() and abs(value) < LARGEST else value
    if not isinstance(value, str):
        raise UncertainCellError("not_text")
    value = unicodedata.normalize("NFC", value)
    seen = "".join(sign for sign in value if unicodedata.category(sign) != "Cf").strip()
    is_id = column.name.endswith("_id") and not column.refers_to.startswith("clusters.")
    if is_id and not is_harmless_id(seen):
        raise UncertainCellError("unsafe_id")
    return Read(seen, "" if seen == value else "invisible")


def _number(value: object, column: Column, locale: Locale) -> Read:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UncertainCellError("not_number")
    read = _parsed(value, column, locale) if isinstance(value, str) else Read(value)
    number = Decimal(repr(read.value))
    if not number.is_finite() or abs(number) >= LARGEST:
        raise UncertainCellError("huge")
    if column.kind == "integer":
        if number != int(number):
            raise UncertainCellError("not_whole")
        return Read(int(number))
    if Decimal(repr(float(number))) != number:
        raise UncertainCellError("huge")
    return Read(float(number), read.how)


def _parsed(text: str, column: Column, locale: Locale) -> Read:
    """Zeros before a number may be an id that slipped into the wrong column."""
    try:
        if column.unit == "EUR":
            return read_amount(text, locale)
        if not re.match(r"-?0[0-9]", text):
            return Read(float(parse_number(text, locale)))
    except (ValueError, UncertainCellError) as error:
        if getattr(error, "key", "") == "huge":
            raise
    sample = "".join(format_number(SAMPLE, locale, CENTS).split())  # no blanks between digits
    raise UncertainCellError("number", language=language_name(locale, FALLBACK), sample=sample)


def _date(value: object, locale: Locale) -> Read:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return Read(value.date().isoformat())
    try:
        day = str(read_day(value, locale).value) if isinstance(value, str) else ""
    except UncertainCellError:
        day = ""
    if len(day) != len("2021-12-31"):
        raise UncertainCellError("date")
    return Read(day, "" if DAY.fullmatch(str(value)) else "day")
