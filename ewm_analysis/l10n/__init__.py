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

_NAMED = {name: value for name, value in globals().items() if name[0] != "_"}
__all__ = [name for name, value in _NAMED.items() if not hasattr(value, "__spec__")]  # no modules
