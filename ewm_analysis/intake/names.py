"""Names as people spell them: the district of a place or code; actors that look like one.

Names of actors are compared as sets of words: without legal form, abbreviations written out,
umlauts and capitals levelled, in any order. Only names that share a rare word are held against
each other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from ewm_analysis.catalogue import Reference
from ewm_analysis.intake.columns import cleaned
from ewm_analysis.intake.findings import Finding, Remarks, declared, few, findings_of

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


LONGEST_ID = 60


def id_of(name: str, kind: str) -> str:
    """Return an id made of a name: the same for the same name, however it is spelt.

    Examples
    --------
    >>> id_of("Müller & Söhne GmbH", "a"), id_of("MÜLLER  & Söhne GmbH", "a")
    ('a-mueller-und-soehne-gmbh', 'a-mueller-und-soehne-gmbh')
    """
    slug = "-".join(re.findall(r"[a-z0-9]+", plain(name)))
    if len(slug) > LONGEST_ID or not slug:
        mark = hashlib.sha256(cleaned(name).casefold().encode()).hexdigest()[:8]
        slug = "-".join(filter(None, (slug[:LONGEST_ID].strip("-"), mark)))
    return f"{kind}-{slug}"


SHORT = {"a": "an", "d": "der", "o": "oder", "b": "bei", "i": "in", "st": "sankt"}
"""How places are shortened: "Frankfurt a. d. Oder", "Frankfurt/O."."""

LINKS = {"an", "der", "die", "das", "in", "bei", "am", "im"}
"""Words between the parts of a name: "Frankfurt (Oder)" is "Frankfurt an der Oder"."""


def district_of(place: str, municipalities: pd.DataFrame) -> str:
    """Return the key of the district in which a place lies, empty if that is not certain.

    A place must be the whole name of a municipality; only spelling, brackets and "an der" may
    differ. A name that two districts share, or the first half of a name, is not certain.

    Parameters
    ----------
    place : str
        As reported: "Cottbus", "Frankfurt/Oder", "Brandenburg a. d. Havel".
    municipalities : DataFrame
        Contract `Municipalities`.

    Examples
    --------
    >>> towns = pd.DataFrame({"name": ["Frankfurt (Oder)", "Cottbus"],
    ...                       "district_ags": ["12053", "12052"]})
    >>> district_of("Frankfurt a. d. Oder", towns), district_of("FRANKFURT", towns)
    ('12053', '')
    """
    names = zip(municipalities["name"], municipalities["district_ags"], strict=True)
    districts = _by_name(tuple(names)).get(_place(place), set())
    return next(iter(districts)) if len(districts) == 1 else ""


@lru_cache(maxsize=8)
def _by_name(names: tuple[tuple[str, str], ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, district in names:
        found[_place(name)].add(district)
    found.pop("", None)
    return dict(found)


def _place(place: str) -> str:
    words = [SHORT.get(word, word) for word in re.findall(r"[a-z]+", plain(place))]
    return " ".join(word for word in words if word not in LINKS)


def with_seats(
    actors: pd.DataFrame, reference: Reference, remarks: Remarks, always: str | None = None
) -> pd.DataFrame:
    """Return actors with state and district by their place, where these are missing.

    A place that is no municipality of the region lies elsewhere, which is told.

    Parameters
    ----------
    actors : DataFrame
        With ``place``, ``state`` and ``ags``.
    reference : Reference
        Municipalities and districts.
    remarks : Remarks
        Takes the places elsewhere.
    always : str, optional
        The state where nothing else says it.
    """
    towns = reference.municipalities
    seats = {place: district_of(place, towns) for place in actors["place"].dropna().unique()}
    states = dict(zip(reference.districts["ags"], reference.districts["state"], strict=True))
    by_place = actors["place"].map(seats)
    unknown = actors["state"].isna()
    found = by_place.map(states)
    found = found.mask(found.isna() & by_place.eq(""), "other")
    if strange := sorted(actors.loc[unknown & (found == "other"), "place"].unique()):
        facts = {"count": len(strange), "values": few(strange, ", ")}
        remarks.add("note", "", "reading.elsewhere", "", **facts)
    state = actors["state"].mask(unknown, found.where(found.notna(), always))
    fits = by_place.map(states) == state
    ags = actors["ags"].where(actors["ags"].notna(), by_place.where(fits))
    return actors.assign(state=state, ags=ags)


STATES = {"DE3": "be", "DE4": "bb"}
"""States by the beginning of their NUTS codes."""

GERMANY = "DE"


def with_seats_by_code(members: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Add ``seat`` (NUTS code), ``state`` and ``ags``, as far as ``nutsCode`` and ``city`` tell.

    The NUTS code decides. Where it names no district, the city does, within the state of the
    code. Without a code only the cities that are districts of their own are taken by name:
    names of small places stand for others elsewhere in Germany as well.
    """
    districts = reference.districts.set_index("ags")
    codes = {nuts3: ags for ags, nuts3 in districts["nuts3"].items()}
    towns = reference.municipalities
    cities = towns[towns["district_ags"].map(districts["kind"]) == "city"]

    def seat(country: str, code: str, city: str) -> tuple[str, str, str]:
        if country != GERMANY:
            return code, "other", ""
        state, ags = STATES.get(code[:3], ""), codes.get(code, "")
        if not ags and (state or not code):
            ags = district_of(city, towns if state else cities)
        if ags and not code:
            return str(districts.at[ags, "nuts3"]), str(districts.at[ags, "state"]), ags
        fits = ags and districts.at[ags, "state"] == state
        return code, state or "other", ags if fits else ""

    places = members[["country", "nutsCode", "city"]].drop_duplicates(ignore_index=True)
    seats = [seat(*map(str, place)) for place in places.itertuples(index=False)]
    found = pd.DataFrame(seats, columns=["seat", "state", "ags"], dtype="string")
    return members.merge(places.join(found), on=[*places], validate="m:1")


COMMON = 25
"""A word in more names than this tells nothing; names are not compared for its sake."""

CLOSE = 0.9
"""How alike two words must be (difflib's ratio) to be one word with a slip of the pen."""

STEM = 4
"""First letters in which words with a slip of the pen agree."""


class Name(NamedTuple):
    """An actor's name as it is compared."""

    actor_id: str
    words: frozenset[str]
    letters: str
    initials: str


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, str], frozenset[str]]:
    """Return legal forms, abbreviations with what they stand for, and words that tell nothing."""
    told = declared("spellings.toml")
    forms = "|".join(sorted(told["legal_forms"], key=len, reverse=True))
    return re.compile(rf"\b(?:{forms})\b"), told["abbreviations"], frozenset(told["fillers"])


def compared(actor_id: str, name: str) -> Name:
    """Return a name as it is compared.

    Examples
    --------
    >>> sorted(compared("a1", "TU Berlin").words)
    ['berlin', 'technische', 'universitaet']
    >>> compared("a1", "Müller & Söhne GmbH & Co. KG").letters
    'muellersoehne'
    """
    legal_forms, short, fillers = _spellings()
    text = legal_forms.sub(" ", " ".join(re.findall(r"[a-z0-9]+", plain(name))))
    every = " ".join(short.get(word, word) for word in text.split()).split()
    words = [word for word in every if word not in fillers]
    initials = "".join(word[0] for word in words)
    return Name(actor_id, frozenset(words), "".join(words), initials)


def is_alike(one: Name, other: Name) -> bool:
    """Return whether two names may be the same actor's.

    The same words in any order, or the same letters, are alike; so are names that differ in a
    slip of the pen in one word, but for numbers; and initials with the words they stand for.

    Examples
    --------
    >>> is_alike(compared("a", "TU Berlin"), compared("b", "Technische Universität Berlin"))
    True
    >>> is_alike(compared("a", "Siemens AG"), compared("b", "Siemens Energy AG"))
    False
    """
    if not one.words or not other.words:
        return False
    if one.words == other.words or one.letters == other.letters:
        return True
    if _abbreviates(one, other) or _abbreviates(other, one):
        return True
    left, right = one.words - other.words, other.words - one.words
    return len(left) == len(right) == 1 and _is_slip(*left, *right)


def _abbreviates(short: Name, long: Name) -> bool:
    """One word of at least three letters, such as BAM, for the first letters of all words."""
    return len(short.words) == 1 and len(long.words) > 2 and short.letters == long.initials


def _is_slip(one: str, other: str) -> bool:
    """Return whether two words differ by a slip of the pen; numbers never do."""
    if not (one.isalpha() and other.isalpha()) or min(len(one), len(other)) <= STEM:
        return False
    return one[:STEM] == other[:STEM] and SequenceMatcher(None, one, other).ratio() >= CLOSE


def find_duplicates(actors: pd.DataFrame, merges: pd.DataFrame) -> list[Finding]:
    """Return pairs of actors that look like one and have not been decided on, once a pair."""
    named = actors[actors["name"] != ""].sort_values("year", kind="stable")
    latest = named.drop_duplicates("actor_id", keep="last")
    names = [compared(*cell) for cell in zip(latest["actor_id"], latest["name"], strict=True)]
    decided = {frozenset(pair) for pair in zip(merges["actor_id"], merges["same_as"], strict=True)}
    pairs = {
        (max(one.actor_id, other.actor_id), min(one.actor_id, other.actor_id))
        for one, other in _candidates(names)
        if is_alike(one, other) and {one.actor_id, other.actor_id} not in decided
    }
    by_id = latest.set_index("actor_id")
    table = pd.DataFrame(sorted(pairs), columns=["actor_id", "same_as"], dtype="string")
    rows = table.assign(
        year=by_id["year"].reindex(table["actor_id"]).to_numpy(),
        name=by_id["name"].reindex(table["actor_id"]).to_numpy(),
        other=by_id["name"].reindex(table["same_as"]).to_numpy(),
    )
    return findings_of("actor-perhaps-twice", rows.assign(actor=rows["actor_id"]))


def _candidates(names: Iterable[Name]) -> Iterator[tuple[Name, Name]]:
    """Pairs with the same words or letters, or that share a rare word, a stem or initials."""
    same: dict[str, list[Name]] = defaultdict(list)
    near: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        if not name.words:
            continue
        for key in {name.letters, " ".join(sorted(name.words))}:
            same[key].append(name)
        keys = {f"stem {word[:STEM]} {len(name.words)}" for word in name.words if len(word) > STEM}
        keys |= {f"word {word}" for word in name.words} | {f"initials {name.initials}"}
        if len(name.words) == 1:
            keys.add(f"initials {name.letters}")
        for key in keys:
            near[key].append(name)
    for block in same.values():
        yield from ((block[0], other) for other in block[1:])
    for block in near.values():
        if len(block) <= COMMON:
            yield from combinations(block, 2)
