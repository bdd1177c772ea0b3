"""Names without what people spell differently: capitals, umlauts, accents."""

from __future__ import annotations

import unicodedata

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "&": " und "})


def plain(name: str) -> str:
    """Return a name in small letters, umlauts as two letters and accents dropped.

    Examples
    --------
    >>> plain("Universität Łódź & Söhne")
    'universitaet lodz  und  soehne'
    """
    small = unicodedata.normalize("NFC", name).casefold().translate(UMLAUTS).replace("ł", "l")
    return unicodedata.normalize("NFKD", small).encode("ascii", "ignore").decode()
