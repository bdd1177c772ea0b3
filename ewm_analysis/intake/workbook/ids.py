"""Whether an id is harmless in a path."""

from __future__ import annotations

import re

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
