"""Numbers, amounts and sentences as people write and read them, in German and English."""

from ewm_analysis.l10n.numbers import (
    LOCALES,
    MISSING,
    NBSP,
    Locale,
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
    "join",
    "parse_number",
    "plural",
    "text",
    "with_sign",
]
