"""One raw cell to the value of its column, or the reason why it is not certain."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal

from ewm_analysis.contracts import Column
from ewm_analysis.errors import EwmError
from ewm_analysis.intake.sheets import RawCell, is_blank
from ewm_analysis.l10n import FALLBACK, Locale, format_number, parse_number
from ewm_analysis.l10n.languages import language_name
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


ANSWERS = {
    **dict.fromkeys(("ja", "yes", "true", "wahr"), True),
    **dict.fromkeys(("nein", "no", "false", "falsch"), False),
}
"""A lone "x" is no answer: the empty cells beside it would have to mean "no"."""

CENTS = 2
"""Decimals of an amount written as text: with three, a thousands separator may be meant."""

DAYS = {"de": re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")}
"""How a language writes a day, beside 2021-12-31: day, month and year."""

LARGEST = 10**15
"""Numbers from here on are rounded by the spreadsheet."""

SAMPLE = 1234567.89

Value = str | float | int | bool | None


class UncertainCellError(EwmError):
    """A cell whose value is not certain.

    ``key`` names the sentence below ``intake.cell``, ``facts`` fill it.
    """

    def __init__(self, key: str, **facts: str) -> None:
        self.key, self.facts = key, facts
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
    ewm_analysis.intake.cells.UncertainCellError: number
    """
    if cell is None or is_blank(cell):
        return "" if column.kind in ("text", "date") else None
    if cell.kind in ("f", "e"):
        raise UncertainCellError("formula" if cell.kind == "f" else "error")
    value = cell.value.strip() if isinstance(cell.value, str) else cell.value
    if isinstance(value, str):
        _refuse_signs(value)
    match column.kind:
        case "text":
            return _text(value, cell, column)
        case "boolean":
            return _boolean(value)
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


def _text(value: object, cell: RawCell, column: Column) -> str:
    """A whole number may be an id, if it is shown as it is."""
    if isinstance(value, int | float) and cell.kind == "n" and cell.is_plain:
        value = f"{value:.0f}" if float(value).is_integer() and abs(value) < LARGEST else value
    if not isinstance(value, str):
        raise UncertainCellError("not_text")
    if column.name.endswith("_id") and not column.refers_to.startswith("clusters."):
        if any(unicodedata.category(sign) == "Cf" for sign in value):
            raise UncertainCellError("control")
        if not is_harmless_id(value):
            raise UncertainCellError("unsafe_id")
    return value


def _boolean(value: object) -> bool:
    found = ANSWERS.get(value.casefold()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise UncertainCellError("boolean")
    return found


def _number(value: object, column: Column, locale: Locale) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UncertainCellError("not_number")
    number = _parsed(value, column, locale) if isinstance(value, str) else Decimal(repr(value))
    if not number.is_finite() or abs(number) >= LARGEST:
        raise UncertainCellError("huge")
    if column.kind == "integer":
        if number != int(number):
            raise UncertainCellError("not_whole")
        return int(number)
    if Decimal(repr(float(number))) != number:
        raise UncertainCellError("huge")
    return float(number)


def _parsed(text: str, column: Column, locale: Locale) -> Decimal:
    """Zeros before a number may be an id that slipped into the wrong column."""
    try:
        number = parse_number(text, locale)
    except ValueError:
        number = Decimal("NaN")
    decimals = number.as_tuple().exponent
    is_amount = column.unit != "EUR" or (isinstance(decimals, int) and -decimals <= CENTS)
    if number.is_nan() or re.match(r"-?0[0-9]", text) or not is_amount:
        sample = "".join(format_number(SAMPLE, locale, CENTS).split())  # no blanks between digits
        name = language_name(locale, FALLBACK)
        raise UncertainCellError("number", language=name, sample=sample)
    return number


def _date(value: object, locale: Locale) -> str:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    text = value if isinstance(value, str) else ""
    if locale in DAYS and (found := DAYS[locale].fullmatch(text)):
        text = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise UncertainCellError("date") from None
