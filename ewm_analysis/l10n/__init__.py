"""Numbers, amounts and sentences as people write and read them, each language its own way.

Languages are rows of ``languages.toml``; ``locale`` is the code of one, such as ``de``.
"""

from ewm_analysis.l10n.numbers import (
    MISSING,
    NBSP,
    UNDEFINED,
    add_up,
    euros_that_add_up,
    format_number,
    parse_number,
    rate_digits,
    with_sign,
)
from ewm_analysis.l10n.sentences import (
    DEFAULT,
    FALLBACK,
    LOCALES,
    Locale,
    in_language,
    plural,
    text,
)

__all__ = [
    "DEFAULT",
    "FALLBACK",
    "LOCALES",
    "MISSING",
    "NBSP",
    "UNDEFINED",
    "Locale",
    "add_up",
    "euros_that_add_up",
    "format_number",
    "in_language",
    "parse_number",
    "plural",
    "rate_digits",
    "text",
    "with_sign",
]
