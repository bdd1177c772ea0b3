"""What people write in cells where it has one meaning: "k.A.", "ca. 1,2 Mio.", "800 T€", "x".

The words stand in ``readings.toml``. What has no certain meaning is an `UncertainCellError`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ewm_analysis.contracts import Column
from ewm_analysis.errors import EwmError
from ewm_analysis.intake.columns import Choice, cleaned, codes_by_text, loose_codes
from ewm_analysis.intake.findings import LISTED, Level, Remarks, declared, few
from ewm_analysis.intake.sending import is_harmless_id
from ewm_analysis.intake.sheets import RawCell, is_blank
from ewm_analysis.l10n import FALLBACK, Locale, format_number, parse_number
from ewm_analysis.l10n.sentences import language_name

LARGEST = 10**15
"""Numbers from here on are rounded by the spreadsheet."""

GROUPS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'](?=\d{3}(?!\d))")
"""A blank between digits, as it separates thousands."""

NUMBER = re.compile(r"[-\u2212+]?[0-9][0-9.,]*")
NO_CENTS = re.compile(r",(?:-+|\u2013|\u2014)$")
CENTS = 2
"""Decimals of an amount written as text: with three, a thousands separator may be meant."""
FIRST_SERIAL, LAST_SERIAL = 20_000, 60_000
"""Days since 1900 as a spreadsheet counts them: 1954 to 2064."""

DAYS = {
    "de": (
        r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})",
        r"(?P<m>\d{1,2})[/.](?P<y>\d{4})",
    ),
    "en": (r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", r"(?P<m>\d{1,2})/(?P<y>\d{4})"),
}
"""How a language writes a day or a month, beside 2021-12-31, 2021-12 and 2021."""

ISO = (
    r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?:[T ]00:00(?::00)?)?",
    r"(?P<y>\d{4})-(?P<m>\d{2})",
    r"(?P<y>\d{4})",
)


class UncertainCellError(EwmError):
    """A cell whose value is not certain.

    ``key`` names the sentence below ``intake.cell``, ``facts`` fill it.
    """

    def __init__(self, key: str, **facts: str) -> None:
        self.key, self.facts = key, facts
        super().__init__(key)


class Read(NamedTuple):
    """A value, and the name of the reading that gave it, as ``intake.reading`` explains it."""

    value: str | float | bool | None
    how: str = ""


class Alike:
    """What is said of cells, once for all that are alike: their number, values, first place."""

    def __init__(self, remarks: Remarks) -> None:
        self.remarks = remarks
        self.seen: dict[tuple[str, ...], Counter[str]] = {}
        self.first: dict[tuple[str, ...], tuple[str, dict[str, str]]] = {}

    def note(self, key: str, written: object, place: str, number: int = 1, **facts: str) -> None:
        """Note cells of which the same is said: `key` is that of a reading, or of an error."""
        about = (key, *facts.values())
        self.seen.setdefault(about, Counter())[cleaned(str(written))] += number
        self.first.setdefault(about, (place, facts))

    def tell(self) -> None:
        """Tell what was noted."""
        locale = self.remarks.locale
        for about, seen in self.seen.items():
            place, facts = self.first[about]
            told = [
                f"{text} ({format_number(n, locale)}×)" for text, n in seen.most_common(LISTED + 1)
            ]
            counted = {"count": format_number(seen.total(), locale), "values": few(told, ", ")}
            level: Level = "note" if about[0].startswith("reading.") else "error"
            self.remarks.add(level, place, about[0], "", **counted, **facts)


@cache
def words() -> dict[str, frozenset[str]]:
    """Return the words of each list of ``readings.toml``."""
    return {name: frozenset(each) for name, each in declared("readings.toml")["words"].items()}


def patterns() -> dict[str, dict[str, list[str]]]:
    """Return what a part of a text says, for each column: codes, of which the first valid holds."""
    return dict(declared("readings.toml")["patterns"])


def is_missing(text: str) -> bool:
    """Return whether a text says that there is nothing to say.

    Examples
    --------
    >>> is_missing("k. A."), is_missing("–"), is_missing("0")
    (True, True, False)
    """
    return cleaned(text).casefold() in words()["missing"]


def is_total(text: str) -> bool:
    """Return whether a row that begins so adds up others: "Summe:", "Gesamt (EUR)".

    Examples
    --------
    >>> is_total("Summe:"), is_total("Gesamtkonzept Nord")
    (True, False)
    """
    return re.sub(r"\s*(\(.*\)|:)\s*$", "", cleaned(text)).casefold() in words()["total"]


@cache
def factor_of(unit: str) -> float | None:
    """Return what a unit multiplies by to give euros; None if it is none of money.

    Examples
    --------
    >>> factor_of("Tsd. €"), factor_of("Mio. Euro"), factor_of("EUR"), factor_of("km")
    (1000.0, 1000000.0, 1.0, None)
    """
    plain = cleaned(unit).casefold().strip("()[] ")
    if plain in words()["euro"] or not plain:
        return 1.0
    factors: dict[str, float] = declared("readings.toml")["factors"]
    for money in sorted(words()["euro"], key=len, reverse=True):
        if plain not in factors and (plain.endswith(money) or plain.startswith(money)):
            plain = plain.removesuffix(money).removeprefix(money).strip()
    return factors.get(plain)


def read_amount(text: str, locale: Locale, factor: float = 1.0) -> Read:
    """Return an amount in euros, and how it was read.

    Parameters
    ----------
    text : str
        As written, such as "ca. 1,2 Mio. €".
    locale : {"de", "en"}
        How the list writes numbers.
    factor : float
        What the column is written in: 1000 for "Tsd. €". A unit in the cell goes before it.

    Raises
    ------
    UncertainCellError
        If it is no certain amount.

    Examples
    --------
    >>> read_amount("ca. 1,2 Mio.", "de")
    Read(value=1200000.0, how='approximate')
    >>> read_amount("102.691,05 €", "de"), read_amount("800 T€", "de").value
    (Read(value=102691.05, how='amount'), 800000.0)
    """
    plain, how = cleaned(text), ""
    if about := _about().match(plain):
        plain, how = plain[about.end() :], "approximate"
    shorter = GROUPS.sub("", NO_CENTS.sub("", plain))
    found = NUMBER.search(shorter)
    if found is None:
        raise UncertainCellError("amount")
    unit = f"{shorter[: found.start()]} {NO_CENTS.sub('', shorter[found.end() :])}".strip()
    times = factor_of(unit) if unit else factor
    try:
        number = parse_number(found[0].lstrip("+").rstrip(".,"), locale)
    except ValueError:
        raise UncertainCellError("amount") from None
    decimals = number.as_tuple().exponent
    too_fine = isinstance(decimals, int) and -decimals > CENTS and times == 1
    if times is None or too_fine or re.match(r"-?0[0-9]", found[0]):
        raise UncertainCellError("amount")
    value = float(number * Decimal(str(times)))
    if abs(value) >= LARGEST:
        raise UncertainCellError("huge")
    return Read(value, how or ("amount" if shorter != found[0] or shorter != text else ""))


@cache
def _about() -> re.Pattern[str]:
    """What stands before a number that is not exact."""
    told = sorted(words()["approximate"], key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, told))})(?![^\W\d_])\s*", re.IGNORECASE)


def read_day(value: object, locale: Locale) -> Read:
    """Return a day as 2021-12-31, a month as 2021-12, a year as 2021.

    Raises
    ------
    UncertainCellError
        If it is no certain day, month or year.

    Examples
    --------
    >>> read_day("15.3.2022", "de").value, read_day("03/2022", "de").value, read_day(44635.0, "de")
    ('2022-03-15', '2022-03', Read(value='2022-03-15', how='serial'))
    """
    if isinstance(value, dt.datetime | dt.date):
        return Read(value.isoformat()[:10])
    if isinstance(value, int | float):
        if FIRST_SERIAL < value < LAST_SERIAL:
            day = dt.date(1899, 12, 30) + dt.timedelta(days=int(value))
            return Read(day.isoformat(), "serial")
        value = f"{value:.0f}" if float(value).is_integer() else str(value)
    text = cleaned(str(value))
    for pattern in (*ISO, *DAYS.get(locale, ())):
        if found := re.fullmatch(pattern, text):
            parts = {"m": "1", "d": "1", **found.groupdict()}
            try:
                day = dt.date(int(parts["y"]), int(parts["m"]), int(parts["d"]))
            except ValueError:
                break
            return Read(day.isoformat()[: 4 + 3 * (len(found.groupdict()) - 1)])
    raise UncertainCellError("day")


def read_answer(value: object) -> Read:
    """Return yes or no; a mark is a yes.

    Raises
    ------
    UncertainCellError
        If it is neither.

    Examples
    --------
    >>> read_answer("J"), read_answer("x").how
    (Read(value=True, how='answer'), 'mark')
    """
    if isinstance(value, bool):
        return Read(value)
    plain = cleaned(str(value)).casefold()
    answers = {"yes": True, "no": False, "short_yes": True, "short_no": False, "mark": True}
    for name, answer in answers.items():
        if plain in words()[name]:
            how = "mark" if name == "mark" else "answer" if name.startswith("short") else ""
            return Read(answer, how)
    raise UncertainCellError("boolean")


@cache
def _codes(choices: tuple[Choice, ...]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return codes by what is written for them, exactly and loosely: once for all cells."""
    return codes_by_text([*choices]), loose_codes([*choices])


def read_code(text: str, column: str, choices: list[Choice]) -> Read:
    """Return the code that a text means: itself, its label, or what people write for it.

    Raises
    ------
    UncertainCellError
        If it means none, or several.

    Examples
    --------
    >>> read_code("Cluster IMK", "cluster_id", [Choice("imk", "IKT, Medien", "ICT, media")])
    Read(value='imk', how='code')
    """
    known, loose = _codes(tuple(choices))
    exact = known.get(text) or known.get(cleaned(text))
    if exact and len(exact) == 1:
        return Read(next(iter(exact)))
    small = re.sub(r"\s*[\u2010-\u2015]\s*", "-", cleaned(text).casefold())
    spelt = declared("readings.toml")["codes"].get(column, {})
    for written in (small, small.removeprefix("cluster ")):
        found = exact or loose.get(written) or {*filter(None, [spelt.get(written)])}
        if len(found) == 1 and found <= {choice.code for choice in choices}:
            return Read(next(iter(found)), "code")
    if exact:
        raise UncertainCellError("ambiguous", codes=", ".join(sorted(exact)))
    raise UncertainCellError("code")


SAMPLE = 1234567.89


def read_cell(cell: RawCell | None, column: Column, locale: Locale) -> Read:
    """Return what a cell of a workbook means, before codes are looked up; "" or None if nothing.

    Raises
    ------
    UncertainCellError
        If the value is not certain.

    Examples
    --------
    >>> from ewm_analysis.contracts import Projects
    >>> amount = Projects.columns["volume_eur"]
    >>> read_cell(RawCell("800 T€"), amount, "de"), read_cell(RawCell(1234.5, "n"), amount, "de")
    (Read(value=800000.0, how='amount'), Read(value=1234.5, how=''))
    """
    if cell is None or is_blank(cell):
        return Read("" if column.kind == "text" else None)
    if cell.kind in ("f", "e"):
        raise UncertainCellError("formula" if cell.kind == "f" else "error")
    value = cell.value.strip() if isinstance(cell.value, str) else cell.value
    if isinstance(value, str):
        if column.kind == "number" and is_missing(value):
            return Read(None, "missing")
        _refuse_signs(value)
    match column.kind:
        case "text":
            return _text(value, cell, column)
        case "boolean":
            return read_answer(value)
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
    try:
        read = read_amount(value, locale) if isinstance(value, str) else Read(value)
    except UncertainCellError as error:
        if error.key == "huge":
            raise
        sample = "".join(format_number(SAMPLE, locale, CENTS).split())  # no blanks between digits
        language = language_name(locale, FALLBACK)
        raise UncertainCellError("number", language=language, sample=sample) from None
    number = Decimal(repr(read.value))
    if not number.is_finite() or abs(number) >= LARGEST or Decimal(repr(float(number))) != number:
        raise UncertainCellError("huge")
    if column.kind == "integer" and number != int(number):
        raise UncertainCellError("not_whole")
    return Read(int(number) if column.kind == "integer" else float(number), read.how)
