"""One raw cell to the value of its column, or the reason why it is not certain."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal

from ewm_analysis.contracts import Column
from ewm_analysis.errors import EwmError
from ewm_analysis.intake.sheets import RawCell, is_blank
from ewm_analysis.l10n import Locale, parse_number
from ewm_analysis.project import LONGEST_NAME, RESERVED


def is_harmless_id(text: str) -> bool:
    r"""Return whether an id may become part of a path on any system.

    Examples
    --------
    >>> [is_harmless_id(text) for text in ("imk-2021-001", "../x", "C:\\x", "con", "a\0")]
    [True, False, False, False, False]
    """
    return not (
        len(text) > LONGEST_NAME
        or re.search(r'[/\\:*?"<>|\0-\x1f\x7f]', text)
        or text.endswith((".", " "))
        or text.startswith((".", "~", " "))
        or text.partition(".")[0].lower() in RESERVED
    )


YES = frozenset({"ja", "yes", "true", "wahr"})
NO = frozenset({"nein", "no", "false", "falsch"})
"""A lone "x" is no answer: the empty cells beside it would have to mean "no"."""

CENTS = 2
"""Decimals of an amount written as text: with three, a thousands separator may be meant."""

DAYS = {"de": re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")}
"""How a language writes a day, beside 2021-12-31: day, month and year."""

Value = str | float | int | bool | None


class UncertainCellError(EwmError):
    """A cell whose value is not certain; ``key`` names the sentence below ``intake.cell``."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def read_cell(cell: RawCell | None, column: Column, locale: Locale) -> Value:
    """Return the value of a cell as its column holds it; "" or None if it is empty.

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
    ewm_analysis.intake.cells.UncertainCellError: number_de
    """
    if cell is None or is_blank(cell):
        return "" if column.kind in ("text", "date") else None
    if cell.kind in ("f", "e"):
        raise UncertainCellError("formula" if cell.kind == "f" else "error")
    if isinstance(cell.value, str):
        _refuse_signs(cell.value.strip())
    match column.kind:
        case "text":
            return _text(cell, column)
        case "boolean":
            return _boolean(cell)
        case "date":
            return _date(cell, locale)
        case _:
            return _number(cell, column, locale)


def _refuse_signs(text: str) -> None:
    """Control signs cannot be seen; what begins like a formula would run in a spreadsheet."""
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Zl", "Zp") for sign in text):
        raise UncertainCellError("control")
    if text.startswith(("=", "@")) or re.match(r"[+-][A-Za-z(]", text):
        raise UncertainCellError("like_formula")


def _text(cell: RawCell, column: Column) -> str:
    """A whole number may be an id, if it is shown as it is."""
    value = cell.value
    if isinstance(value, str):
        text = value.strip()
    elif cell.kind == "n" and cell.is_plain and _is_whole(value):
        text = format(value, ".0f")
    else:
        raise UncertainCellError("not_text")
    if column.name.endswith("_id") and not column.refers_to.startswith("clusters."):
        if any(unicodedata.category(sign) == "Cf" for sign in text):
            raise UncertainCellError("control")
        if not is_harmless_id(text):
            raise UncertainCellError("unsafe_id")
    return text


def _is_whole(value: object) -> bool:
    """Whole numbers beyond 15 digits are rounded by the spreadsheet."""
    return isinstance(value, int | float) and float(value).is_integer() and abs(value) < 10**15


def _boolean(cell: RawCell) -> bool:
    if isinstance(cell.value, bool):
        return cell.value
    word = cell.value.strip().casefold() if isinstance(cell.value, str) else ""
    if word not in YES | NO:
        raise UncertainCellError("boolean")
    return word in YES


def _number(cell: RawCell, column: Column, locale: Locale) -> float | int:
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UncertainCellError("not_number")
    try:
        number = Decimal(repr(value)) if not isinstance(value, str) else _parsed(value, locale)
    except ValueError:
        raise UncertainCellError(f"number_{locale}") from None
    if isinstance(value, str) and column.unit == "EUR":
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > CENTS:
            raise UncertainCellError(f"number_{locale}")
    if not number.is_finite() or abs(number) >= 10**15:
        raise UncertainCellError("huge")
    if column.kind == "integer":
        if number != int(number):
            raise UncertainCellError("not_whole")
        return int(number)
    if Decimal(repr(float(number))) != number:
        raise UncertainCellError("huge")
    return float(number)


def _parsed(text: str, locale: Locale) -> Decimal:
    """Zeros before a number may be an id that slipped into the wrong column."""
    text = text.strip()
    if re.match(r"-?0[0-9]", text):
        raise ValueError(text)
    return parse_number(text, locale)


def _date(cell: RawCell, locale: Locale) -> str:
    value = cell.value
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if not isinstance(value, str):
        raise UncertainCellError("date")
    text = value.strip()
    if locale in DAYS and (found := DAYS[locale].fullmatch(text)):
        text = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise UncertainCellError("date") from None
