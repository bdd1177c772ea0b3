"""What people write in cells where it has one meaning: "k.A.", "ca. 1,2 Mio.", "800 T€", "x".

The words stand in ``readings.toml``. What has no certain meaning is an `UncertainCellError`.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ewm_analysis.intake.cells import LARGEST, UncertainCellError
from ewm_analysis.intake.columns import Choice, codes_by_text, loose_codes
from ewm_analysis.l10n import Locale, parse_number

GROUPS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'](?=\d{3}(?!\d))")
"""A blank between digits, as it separates thousands."""

NUMBER = re.compile(r"[-\u2212+]?[0-9][0-9.,]*")
NO_CENTS = re.compile(r",(?:-+|\u2013|\u2014)$")
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


class Read(NamedTuple):
    """A value, and the name of the reading that gave it, as ``intake.reading`` explains it."""

    value: str | float | bool | None
    how: str = ""


@cache
def words() -> dict[str, frozenset[str]]:
    """Return the words of each list of ``readings.toml``."""
    return {name: frozenset(each) for name, each in _told().items() if isinstance(each, list)}


@cache
def factors() -> dict[str, float]:
    """Return what an amount is multiplied by, by its unit in small letters: "t€", "mio."."""
    return dict(_told()["factors"])


@cache
def synonyms() -> dict[str, dict[str, str]]:
    """Return codes by what is written for them, for each column."""
    return dict(_told()["codes"])


@cache
def patterns() -> dict[str, dict[str, list[str]]]:
    """Return what a part of a text says, for each column: codes, of which the first valid holds."""
    return {
        name: {
            pattern: [codes] if isinstance(codes, str) else codes for pattern, codes in told.items()
        }
        for name, told in _told()["patterns"].items()
    }


@cache
def _told() -> dict:  # type: ignore[type-arg]
    return tomllib.loads(files(__package__).joinpath("readings.toml").read_text("utf-8"))


def cleaned(text: str) -> str:
    """Return a text without invisible signs, blanks of any kind as one plain blank.

    Examples
    --------
    >>> cleaned("1\\u00a0234\\u200b  Euro\\n")
    '1 234 Euro'
    """
    seen = text  # what can be printed holds no such sign
    if not text.isprintable():
        seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())


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
    for money in sorted(words()["euro"], key=len, reverse=True):
        if plain not in factors() and (plain.endswith(money) or plain.startswith(money)):
            plain = plain.removesuffix(money).removeprefix(money).strip()
    return factors().get(plain)


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
    for word in sorted(words()["approximate"], key=len, reverse=True):
        if plain.casefold().startswith(word) and not plain[len(word) :][:1].isalpha():
            plain, how = plain[len(word) :].strip(), "approximate"
            break
    shorter = GROUPS.sub("", NO_CENTS.sub("", plain))
    found = NUMBER.search(shorter)
    if found is None:
        raise UncertainCellError("amount")
    before, after = shorter[: found.start()].strip(), shorter[found.end() :].strip()
    unit = NO_CENTS.sub("", f"{before} {after}".strip())
    times = factor_of(unit) if unit else factor
    try:
        number = parse_number(found[0].lstrip("+").rstrip(".,"), locale)
    except ValueError:
        number = Decimal("NaN")
    decimals = number.as_tuple().exponent
    too_fine = isinstance(decimals, int) and -decimals > 2 and times == 1
    if times is None or number.is_nan() or too_fine or re.match(r"-?0[0-9]", found[0]):
        raise UncertainCellError("amount")
    value = float(number * Decimal(str(times)))
    if abs(value) >= LARGEST:
        raise UncertainCellError("huge")
    return Read(value, how or ("amount" if shorter != found[0] or shorter != text else ""))


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
    for name, answer in (("yes", True), ("no", False)):
        if plain in words()[name]:
            return Read(answer, "answer")
    if plain in words()["mark"]:
        return Read(True, "mark")
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
    exact = known.get(text)
    if exact and len(exact) == 1:
        return Read(next(iter(exact)))
    small = re.sub(r"\s*[\u2010-\u2015]\s*", "-", text.casefold())
    spelt = synonyms().get(column, {})
    for written in (small, small.removeprefix("cluster ")):
        found = exact or loose.get(written) or {*filter(None, [spelt.get(written)])}
        if len(found) == 1 and found <= {choice.code for choice in choices}:
            return Read(next(iter(found)), "code")
    raise UncertainCellError("ambiguous" if exact else "code")
