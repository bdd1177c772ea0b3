"""Numbers, amounts and sentences as people write and read them, each language its own way.

Languages are rows of ``languages.toml``; ``locale`` is the code of one, such as ``de``.
"""

from ewm_analysis.l10n.languages import (
    DEFAULT,
    FALLBACK,
    LANGUAGES,
    LOCALES,
    Locale,
    in_language,
    language_name,
)
from ewm_analysis.l10n.numbers import (
    MISSING,
    NBSP,
    format_change,
    format_count,
    format_date,
    format_eur,
    format_number,
    format_p,
    format_share,
    parse_number,
    with_sign,
)
from ewm_analysis.l10n.sentences import join, plural, text

__all__ = [
    "DEFAULT",
    "FALLBACK",
    "LANGUAGES",
    "LOCALES",
    "MISSING",
    "NBSP",
    "Locale",
    "format_change",
    "format_count",
    "format_date",
    "format_eur",
    "format_number",
    "format_p",
    "format_share",
    "in_language",
    "join",
    "language_name",
    "parse_number",
    "plural",
    "text",
    "with_sign",
]
