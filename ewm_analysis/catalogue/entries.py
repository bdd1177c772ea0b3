"""What is declared in TOML: indicators, their breakdowns, and what pages show, one entry a thing.

Figures and tables are declared alike: rows, caption and words by language. An entry is checked when
it is loaded: a key, an indicator or a word that is not known stops with file, entry and what is
allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import FALLBACK, LOCALES, Locale


class Declared(BaseModel):
    """What the catalogue holds: nothing else is allowed, and nothing changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _in_known_languages(words: dict[str, Any]) -> dict[str, Any]:
    if FALLBACK not in words:
        raise ValueError(f"has no words in {FALLBACK!r}, which every other language falls back to")
    if unknown := {*words} - {*LOCALES}:
        raise ValueError(f"has words in {sorted(unknown)}; known are {', '.join(LOCALES)}")
    return words


Texts = Annotated[dict[Locale, str], AfterValidator(_in_known_languages)]
"""The same text by language code."""
Clauses = Annotated[dict[Locale, str | tuple[str, ...]], AfterValidator(_in_known_languages)]
"""A clause by language code: a text, or texts of which the first is said that can be."""
Sentences = Annotated[
    dict[Locale, tuple[str | tuple[str, ...], ...]], AfterValidator(_in_known_languages)
]
"""Clauses in a row by language code."""


class Counted(Declared):
    """How records give an indicator; ``indicators.toml`` says what the conditions may be."""

    each: Literal[
        "project",
        "activity",
        "actor in project",
        "actor in activity",
        "participation in project",
        "participation in activity",
    ]
    where: tuple[str, ...] = ()
    sum: str = ""
    at_most: str = ""
    beside: str = ""

    @property
    def unit(self) -> str:
        """What is counted: a project, an activity, an actor or a participation."""
        return self.each.partition(" in ")[0]

    @property
    def item(self) -> str:
        """The project or activity that it belongs to or is."""
        return self.each.rpartition(" in ")[2]


class Dimension(Declared):
    """Where the category of a breakdown stands, and how its parts make a whole."""

    column: str = ""
    assigned: bool = False
    within: str = ""
    beyond: str = ""
    inside: tuple[str, ...] = ()
    ordered: bool = False


class Indicator(Declared):
    """What one indicator means.

    ``parts`` says what may be done with a breakdown: ``sum`` (the parts make the whole),
    ``overlap`` (they count some units twice and are never summed), ``none`` (a ratio).
    ``base`` names the indicator that a share is a share of, ``part`` the one whose share it is
    where records give it; ``of`` the whole that contains it, ``sum_of`` the indicators it adds
    up. ``counted`` says how records give it. ``lag`` is the number of years until it is known.
    """

    name: str
    unit: Literal["count", "eur", "fraction", "persons"]
    group: Literal["projects", "activities", "actors", "economy"]
    parts: Literal["sum", "overlap", "none"]
    label: Texts
    one: Texts | None = None
    other: Texts | None = None
    definition: Texts
    dimensions: tuple[str, ...] = ()
    counted: Counted | None = None
    part: str = ""
    base: str = ""
    of: str = ""
    sum_of: tuple[str, ...] = ()
    lag: int = 0

    @property
    def is_event(self) -> bool:
        """True of counts of what is new each year: only these vary by chance as events do."""
        how = self.counted
        if how is None or how.sum:
            return False
        return how.each == "activity" or (how.each == "project" and "is_new" in how.where)


def _tables(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


@cache
def _catalogue() -> dict[str, Indicator]:
    found = {name: Indicator(name=name, **own) for name, own in _tables("indicators.toml").items()}
    check_names(found)
    return found


def check_names(entries: Mapping[str, Indicator]) -> None:
    """Refuse entries that name indicators or breakdowns that do not exist."""
    for entry in entries.values():
        for name in filter(None, (entry.part, entry.base, entry.of, *entry.sum_of)):
            if name not in entries:
                raise ParameterError(f"indicator that {entry.name!r} names", name, entries)
        for name in entry.dimensions if entry.counted else ():
            dimension(name)


@cache
def _dimensions() -> dict[str, Dimension]:
    return {name: Dimension(**own) for name, own in _tables("dimensions.toml").items()}


def indicators() -> tuple[str, ...]:
    """Return the names of all indicators, in the order of the catalogue."""
    return tuple(_catalogue())


def indicator(name: str) -> Indicator:
    """Return what an indicator means.

    Raises
    ------
    ParameterError
        If the catalogue has no such indicator; the closest name is offered.

    Examples
    --------
    >>> indicator("project_volume").unit
    'eur'
    """
    try:
        return _catalogue()[name]
    except KeyError:
        raise ParameterError("indicator", name, indicators()) from None


def dimension(name: str) -> Dimension:
    """Return how a breakdown of records is made; unknown ones raise `ParameterError`."""
    try:
        return _dimensions()[name]
    except KeyError:
        raise ParameterError("dimension", name, _dimensions()) from None


class Entry(Declared):
    """Something that a page shows by its name, and the rows that it shows.

    ``rows`` are indicators as ``page.rows`` chooses them, with ``dimension`` and ``withheld``; or
    the path of something that the page has: ``growth.index``. Of a statistic, ``basis`` is the
    path of the indicator values that it rests on. ``of`` names the part of a page whose ``rows``
    are meant if not its own: ``clusters``; ``years`` is the number of years. Where it is
    ``current``, rows that do not reach the page's year are none.
    ``missing`` is the key of the message where there is nothing to show; what is ``optional`` then
    leaves no trace. What is ``disjoint``
    sums over clusters: it is not shown of data in which they overlap.
    """

    name: str
    place: str
    rows: str | tuple[str, ...] = ()
    dimension: str | tuple[str, ...] = ""
    withheld: bool = False
    of: str = ""
    years: int | None = None
    current: bool = False
    basis: str = ""
    missing: str = ""
    optional: bool = False
    disjoint: bool = False
    caption: Texts | None = None

    def check(self) -> None:
        """Raise ParameterError where the entry names what does not exist."""
        if not isinstance(self.rows, str):
            self.need("rows", self.rows, indicators())

    def need(self, key: str, values: Iterable[str], allowed: Iterable[str]) -> None:
        """Raise ParameterError if one of the values of a key is not allowed."""
        known = [*allowed]
        for value in values:
            if value not in known:
                raise ParameterError(f"{self.place}, {key}", value, known)


E = TypeVar("E", bound=Entry)


@cache
def load_entries(room: str, model: type[E]) -> dict[str, E]:
    """Return the entries of all TOML files of a room.

    Raises
    ------
    ParameterError
        If an entry is twice there, or is not as the model says.
    """
    found: dict[str, E] = {}
    folder = files(f"ewm_analysis.{room}")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            own = read_entries(file.name, file.read_text("utf-8"), model)
            for name in {*own} & {*found}:
                raise ParameterError(file.name, name, reason=f"is in {found[name].place}, too")
            found |= own
    return found


def read_entries(file: str, text: str, model: type[E]) -> dict[str, E]:
    """Return the entries of one TOML file; one that is ``like`` another adds to it.

    Raises
    ------
    ParameterError
        If an entry is not as the model says.
    """
    tree = tomllib.loads(text)
    places = {name: f"{file}, [{name}]" for name in tree}
    return {
        name: _entry(name, place, _filled(place, tree, name), model)
        for name, place in places.items()
    }


def _filled(place: str, tree: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an entry with what it takes from the one it is like; tables are merged by key."""
    own = dict(tree[name])
    like = own.pop("like", "")
    if not like:
        return own
    if like not in tree:
        raise ParameterError(f"{place}, like", like, tree)
    base = _filled(place, tree, like)
    both = {key: {**base.get(key, {}), **own[key]} for key in own if isinstance(own[key], dict)}
    return {**base, **own, **both}


def _entry(name: str, place: str, keys: dict[str, Any], model: type[E]) -> E:
    try:
        entry = model(name=name, place=place, **keys)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise ParameterError(
                place, key, sorted({*model.model_fields} - {"name", "place"})
            ) from None
        reason = f"cannot be: {first['msg']}"
        raise ParameterError(f"{place}, {key}", first["input"], reason=reason) from None
    entry.check()
    return entry
