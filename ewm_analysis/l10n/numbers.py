"""Numbers between machine and reader: strict parsing, typographic formatting (CLDR, Babel).

Halves are rounded away from zero, as accountants do. A minus is U+2212, the space before
"%" and "€" does not break. A missing value is shown as an en dash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import floor

from ewm_analysis.l10n.sentences import LANGUAGES, Locale, cldr, text

MISSING = "–"
UNDEFINED = "x"
"""As in official statistics: a figure would make no sense here, or was not asked for."""
NBSP = "\u00a0"
MINUS = "\u2212"
MILLION, BILLION = 1_000_000, 1_000_000_000


def parse_number(written: str, locale: Locale) -> Decimal:
    """Return the number that a text writes, with the language's grouping and decimal signs.

    Raises
    ------
    ValueError
        If the text is not a well-formed number of this language; nothing is guessed.

    Examples
    --------
    >>> parse_number("1.234,5", "de")
    Decimal('1234.5')
    """
    pattern, group, point = _written_numbers(locale)
    plain = written.replace(MINUS, "-")
    if not pattern.fullmatch(plain):
        raise ValueError(f"{written!r} is no number in locale {locale!r}")
    return Decimal(plain.replace(group, "").replace(point, "."))


@cache
def _written_numbers(locale: Locale) -> tuple[re.Pattern[str], str, str]:
    """Return how a language writes numbers, and its signs for groups and decimals."""
    from babel.numbers import get_group_symbol

    group, point = get_group_symbol(cldr(locale)), decimal_sign(locale)
    whole = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})+)"
    return re.compile(rf"-?{whole}(?:{re.escape(point)}[0-9]+)?"), group, point


def decimal_sign(locale: Locale) -> str:
    """Return the sign between whole and decimals, as spreadsheets of a language expect it.

    Examples
    --------
    >>> decimal_sign("de"), decimal_sign("en")
    (',', '.')
    """
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(cldr(locale))


def _is_missing(value: object) -> bool:
    """True for None, NaN and pandas' NA, without importing pandas."""
    if value is None:
        return True
    unequal = value != value  # noqa: PLR0124 - NaN differs from itself, NA answers NA
    return unequal is True or type(unequal).__name__ == "NAType"


def _decimal(value: float, digits: int) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"{value!r} cannot be shown: it is not finite")
    rounded = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def format_number(
    value: float | None, locale: Locale, digits: int = 0, minimum: int | None = None
) -> str:
    """Return a number with at most `digits` and at least `minimum` decimals, and with grouping.

    Examples
    --------
    >>> format_number(281947, "de"), format_number(281947, "en")
    ('281.947', '281,947')
    >>> format_number(40.49, "de", digits=2, minimum=1), format_number(26, "de", 2, 1)
    ('40,49', '26,0')
    """
    from babel.numbers import format_decimal

    if value is None or _is_missing(value):
        return MISSING
    kept = digits if minimum is None else minimum
    pattern = "#,##0" + ("." if digits else "") + "0" * kept + "#" * (digits - kept)
    shown = format_decimal(_decimal(value, digits), format=pattern, locale=cldr(locale))
    return str(shown).replace("-", MINUS)


def format_share(value: float | None, locale: Locale, digits: int = 0) -> str:
    """Return a fraction as percentage.

    Examples
    --------
    >>> format_share(0.73, "de"), format_share(0.73, "en")
    ('73\\xa0%', '73%')
    """
    if value is None or _is_missing(value):
        return MISSING
    percent = format_number(float(Decimal(str(value)) * 100), locale, digits)
    return percent + str(cldr(locale).percent_formats[None].suffix[0])


def rate_digits(value: float | None) -> int:
    """Return the decimals of a computed rate (growth, density): one below 10 %, else none.

    Examples
    --------
    >>> rate_digits(-0.051), rate_digits(0.0996), rate_digits(1.344)
    (1, 0, 0)
    """
    if value is None or _is_missing(value):
        return 0
    return int(abs(_decimal(value, 3)) < Decimal("0.1"))


def format_change(value: float | None, locale: Locale, digits: int | None = None) -> str:
    """Return a relative change (a fraction) with its sign.

    `digits` are those of a change that a source printed: it stays as it is printed.

    Examples
    --------
    >>> format_change(0.675, "de"), format_change(-0.051, "de"), format_change(0.675, "en", 1)
    ('+68\\xa0%', '−5,1\\xa0%', '+67.5%')
    """
    return with_sign(format_share(value, locale, rate_digits(value) if digits is None else digits))


def with_sign(shown: str) -> str:
    """Return a difference, as it is shown, with its sign; what is shown as zero has none.

    Examples
    --------
    >>> with_sign("12"), with_sign("−12"), with_sign("0,0"), with_sign(MISSING)
    ('+12', '−12', '0,0', '–')
    """
    is_rise = not shown.startswith(MINUS) and any(digit in shown for digit in "123456789")
    return f"+{shown}" if is_rise else shown


def format_p(value: float, locale: Locale) -> str:
    """Return a p value with its sign: two decimals, three where they decide, or "< 0.001".

    Examples
    --------
    >>> format_p(0.3626, "de"), format_p(0.0007, "en"), format_p(0.048, "de")
    ('p\\xa0=\\xa00,36', 'p\\xa0<\\xa00.001', 'p\\xa0=\\xa00,048')
    """
    if value < 0.001:
        return f"p{NBSP}<{NBSP}{format_number(0.001, locale, 3)}"
    digits = 3 if value < 0.06 else 2
    return f"p{NBSP}={NBSP}{format_number(value, locale, digits)}"


def format_eur(value: float | None, locale: Locale) -> str:
    """Return an amount of euros: millions with one decimal, billions with one or two.

    Examples
    --------
    >>> format_eur(161_500_000, "de"), format_eur(161_500_000, "en")
    ('161,5\\xa0Mio.\\xa0€', '€161.5\\xa0m')
    """
    if value is None or _is_missing(value):
        return MISSING
    size = abs(_decimal(value, 0))
    if _decimal(float(size) / MILLION, 1) >= BILLION / MILLION:
        number, scale = format_number(value / BILLION, locale, 2, 1), _scale(BILLION, locale)
    elif size >= MILLION:
        number, scale = format_number(value / MILLION, locale, 1), _scale(MILLION, locale)
    else:
        number, scale = format_number(value, locale), ""
    if "¤" in cldr(locale).currency_formats["standard"].suffix[0]:
        return NBSP.join(part for part in (number, scale, "€") if part)
    sign = MINUS if number.startswith(MINUS) else ""
    return f"{sign}€{number.removeprefix(MINUS)}" + (f"{NBSP}{scale}" if scale else "")


def euros_that_add_up(whole: float, parts: Sequence[float]) -> list[float]:
    """Return parts of an amount, rounded so that what `format_eur` shows of them makes the whole.

    The largest remainders are rounded up. Where a part is said in a smaller unit than the whole,
    all parts stay as they are.

    Examples
    --------
    >>> euros_that_add_up(108_750_000, [91_420_000, 17_330_000])
    [91400000.0, 17400000.0]
    """
    sizes = [abs(amount) for amount in (whole, *parts) if amount]
    scale = next((size for size in (BILLION, MILLION) if max(sizes, default=0) >= size), 1)
    if min(sizes, default=0) < scale:
        return [*parts]
    step = {BILLION: 10_000_000, MILLION: 100_000}.get(scale, 1)
    return [count * float(step) for count in add_up(whole / step, [one / step for one in parts])]


def add_up(whole: float, parts: Sequence[float]) -> list[int]:
    """Round parts to whole numbers that add up to the whole, rounded (largest remainder).

    Examples
    --------
    >>> add_up(83_731, [21_727.2, 26_512.4, 35_491.4])
    [21727, 26513, 35491]
    """
    counts = [floor(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda at: counts[at] - parts[at])
    each, left = divmod(int(_decimal(whole, 0)) - sum(counts), len(parts))
    return [count + each + (at in order[:left]) for at, count in enumerate(counts)]


def _scale(size: int, locale: Locale) -> str:
    """The word for a million or a billion: ours, or else that of Babel's short form."""
    language = LANGUAGES[locale]
    own = language.million if size == MILLION else language.billion
    short = cldr(locale).compact_decimal_formats["short"]["other"][str(size)].pattern
    return own or str(short).replace("'", "").strip("0" + NBSP + " ")


def format_date(published: str, locale: Locale) -> str:
    """Return a date in words; a year, a span of years or text without a day stays as it is.

    Examples
    --------
    >>> format_date("2023-07-19", "de"), format_date("~2012", "en"), format_date("", "de")
    ('19. Juli 2023', 'c. 2012', '–')
    """
    from babel.dates import format_date as babel_format_date

    if not published:
        return MISSING
    if published.startswith("~"):
        return text("word.about", locale, year=published[1:])
    try:
        day = date.fromisoformat(published)
    except ValueError:
        return published
    return babel_format_date(day, format="long", locale=cldr(locale))
