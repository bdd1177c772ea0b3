"""Invented names: every proper name is built from an invented root, fanciful enough to show it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

ONSETS = (
    "Bromsel", "Drumpf", "Flirz", "Gnadel", "Grumsel", "Kniffel", "Knorz", "Krimsel",
    "Murkel", "Pfriem", "Plimsel", "Prunkel", "Quirl", "Quillen", "Schnabul", "Schnork",
    "Spruzel", "Strumel", "Trimpel", "Wimsel", "Zausel", "Zibbel", "Zwackel", "Zwirbel",
)  # fmt: skip
ENDINGS = (
    "aue", "brück", "eck", "fels", "grund", "hafen", "hain", "kamp", "moor", "quell",
    "rode", "schlag", "stieg", "tal", "wick", "winkel",
)  # fmt: skip
ROOTS = tuple(onset + ending for onset in ONSETS for ending in ENDINGS)

FIELDS = {
    "gw": ("Diagnostik", "Medizintechnik", "Biotechnologie", "Telemedizin", "Pflegetechnik"),
    "vml": ("Bahntechnik", "Logistik", "Luftfahrt", "Telematik", "Mobilität"),
    "imk": ("Software", "Datenanalyse", "IT-Sicherheit", "Medientechnik", "Design"),
    "op": ("Optik", "Lasertechnik", "Sensorik", "Mikrosysteme", "Quantentechnik"),
    "et": ("Energiespeicher", "Solartechnik", "Netztechnik", "Windkraft", "Wasserstoff"),
    "ew": ("Lebensmittel", "Getränke", "Backwaren", "Agrartechnik", "Verpackung"),
    "kc": ("Kunststoffe", "Leichtbau", "Biopolymere", "Feinchemie", "Faserverbund"),
    "me": ("Metallbau", "Werkzeugbau", "Stahltechnik", "Zerspanung", "Anlagenbau"),
    "to": ("Gastgewerbe", "Reiseplanung", "Wassersport", "Kulturreisen", "Radtourismus"),
}
OTHER_FIELDS = ("Beratung", "Bildung", "Umwelttechnik", "Bauwesen", "Handel")
"""For actors from sub-themes and other sectors."""

PATTERNS = {
    "university_research": "Institut für {field} {root}",
    "company": "{root} {field} {form}",
    "association": "Verein {field} {root} e. V.",
    "network": "Netzwerk {field} {root}",
    "association_network": "Netzwerk {field} {root}",
    "chamber": "Kammer {root}",
    "public_administration": "Amt {root}",
    "hospital": "Klinik {root}",
    "business_development": "Wirtschaftsförderung {root}",
    "other": "Stiftung {field} {root}",
}
FORMS = ("GmbH", "UG", "AG", "GmbH & Co. KG")
FORM_WEIGHTS = (0.7, 0.12, 0.1, 0.08)

ACTIVITY_WORDS = {
    "event": "Veranstaltung",
    "workshop": "Workshop",
    "communication": "Kommunikation",
    "other": "Austausch",
}


def _fields(rng: np.random.Generator, clusters: Iterable[str]) -> list[str]:
    lists = [FIELDS.get(cluster, OTHER_FIELDS) for cluster in clusters]
    places = rng.integers(len(OTHER_FIELDS), size=len(lists))
    return [fields[place] for fields, place in zip(lists, places, strict=True)]


def _roots(rng: np.random.Generator, count: int) -> list[str]:
    """Return roots in random order; all are used before one is used again."""
    order = rng.permutation(len(ROOTS))
    return [ROOTS[order[place % len(ROOTS)]] for place in range(count)]


def actor_names(rng: np.random.Generator, homes: pd.Series, actor_types: pd.Series) -> list[str]:
    """Return a name for each actor; one that comes again is numbered."""
    roots, fields = _roots(rng, len(homes)), _fields(rng, homes)
    forms = rng.choice(FORMS, len(homes), p=FORM_WEIGHTS)
    parts = zip(actor_types, roots, fields, forms, strict=True)
    names = pd.Series(
        [
            PATTERNS[kind].format(root=root, field=field, form=form)
            for kind, root, field, form in parts
        ],
        dtype="object",
    )
    again = names.groupby(names).cumcount()
    return [
        f"{name} {count + 1}" if count else name for name, count in zip(names, again, strict=True)
    ]


def project_titles(rng: np.random.Generator, clusters: pd.Series) -> list[str]:
    """Return a title for each project, such as ``ZWIRBELTAL – Sensorik``."""
    roots, fields = _roots(rng, len(clusters)), _fields(rng, clusters)
    return [f"{root.upper()} – {field}" for root, field in zip(roots, fields, strict=True)]


def activity_titles(rng: np.random.Generator, clusters: pd.Series, kinds: pd.Series) -> list[str]:
    """Return a title for each activity, such as ``Workshop Sensorik``."""
    fields = _fields(rng, clusters)
    return [f"{ACTIVITY_WORDS[kind]} {field}" for kind, field in zip(kinds, fields, strict=True)]
