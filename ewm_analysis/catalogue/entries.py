"""What a page shows is declared in TOML: rows, caption and words by language, one entry a thing.

Figures and tables are declared alike. An entry is checked when it is loaded: a key, an indicator
or a word that is not known stops with file, entry and what is allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ewm_analysis.catalogue.indicators import Texts, indicators
from ewm_analysis.errors import ParameterError


class Entry(BaseModel):
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

    model_config = ConfigDict(frozen=True, extra="forbid")

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
