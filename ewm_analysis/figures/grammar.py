"""Figures by declaration: an entry says what is shown, how it is drawn, and what is said of it.

A sentence is a list of clauses. A clause is said when all that it names is known; of several the
first such one. What it names is a fact of the figure, or another clause of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from importlib import import_module
from typing import Any, Literal, TypeVar

import pandas as pd
from matplotlib.axes import Axes

from ewm_analysis.catalogue import Words, indicators
from ewm_analysis.catalogue.entries import Clauses, Entry, Sentences, Texts, load_entries
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.figures import cells
from ewm_analysis.figures.cells import Cell
from ewm_analysis.figures.kinds import KINDS
from ewm_analysis.figures.messages import Message, Told, course, news
from ewm_analysis.figures.style import style
from ewm_analysis.l10n import NBSP, euros_that_add_up, in_language, plural
from ewm_analysis.statistics.targets import FIGURE, say_target

LARGEST_NUMERAL = 12
"""Up to here a sentence writes numbers as words."""
MOST_NAMED = 2
"""Of more that are equally frequent, none is named."""
FACTS = {
    "": "said year when at",
    "columns": "earlier unknown higher lower before doubled risen halved fallen same",
    "by": "items each both apart odd_total top tops zero total label value",
    "pick": "items label value at",
    "part_by": "named named_share rest number_one number_other Number_one Number_other",
    "branches": "braces label counts",
}
"""What clauses may name beside indicators and clauses, by what the figure declares."""

WITH_TARGETS = ("columns", "lines:draw_index")
"""What draws a line for each target."""
NO_TARGETS = pd.DataFrame(columns=[*FIGURE, "target", "target_year", "kind"])

Found = TypeVar("Found")
Function = TypeVar("Function", bound=Callable[..., Any])


class Figure(Entry):
    """One figure, or one sentence: an entry of a TOML file of this room.

    ``show`` are the indicators drawn, in order, ``beside`` those that are only said, ``by`` the
    breakdown. ``pick`` chooses among their values: ``all``; ``first``, of the first indicator
    that is known; ``year``, those of the last year; ``foreign``, all but those of the cluster
    itself. ``every_year`` names series that look back, ``part_by`` a breakdown drawn as part of
    the whole. ``draw`` is a kind, or a function of this room as ``module:function``; an entry
    without is a sentence only, of the figure or table that it names in ``to``. ``facts`` is a
    function that returns further facts. The clause ``headline`` says in one line what is seen; it
    is none where it names what is not known. An entry that is said ``to`` a figure may bring the
    headline: a test knows more. The clause ``message`` is the key message, on the page of the file
    and on further ``pages``; ``said`` is the first clause of the sentence.
    ``names`` are words in the drawing, ``say`` is the sentence and ``clauses`` are parts of it.
    """

    draw: str = ""
    facts: str = ""
    to: str = ""
    pages: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    by: str = ""
    part_by: str = ""
    pick: Literal["all", "first", "year", "foreign"] = "all"
    every_year: tuple[str, ...] = ()
    names: Mapping[str, Texts] = {}
    say: Sentences
    clauses: Mapping[str, Clauses] = {}

    def check(self) -> None:
        """Raise ParameterError where the entry names what does not exist."""
        super().check()
        self.need("show", [*self.show, *self.beside], indicators())
        self.need("every_year", self.every_year, self.show)
        if ":" not in self.draw:
            self.need("draw", filter(None, [self.draw]), KINDS)

    def check_clauses(self) -> None:
        """Raise ParameterError where a clause names neither a fact nor another clause."""
        known = [*self.clauses, *self.known_facts()]
        self.need("clauses", named_in([self.say, *self.clauses.values()]), known)

    def known_facts(self) -> list[str]:
        """Return the names of all facts that clauses may name."""
        if self.facts:
            return ["said", *_function(self.facts).tells]
        given = {"by": self.by, "pick": self.pick == "year", "part_by": self.part_by}
        given |= {"": True, self.draw: True}
        facts = [fact for key, told in FACTS.items() if given.get(key) for fact in told.split()]
        return [*self.show, *self.beside, *dict.fromkeys(facts)]

    def explained(self) -> str:
        """Return what the entry says, line by line, for whoever wants to change it."""
        rows = self.rows if isinstance(self.rows, str) else ", ".join(self.rows)
        head = [
            f"Caption:   {' / '.join((self.caption or {}).values()) or 'none'}",
            f"Rows:      {rows}",
            f"Breakdown: {self.dimension or 'none'}",
            f"Drawn:     {f'{self.draw}: ' + ', '.join(self.show) if self.draw else 'not'}",
        ]
        said = ["Of texts one below the other, the first is said of which all is known."]
        for language, sentence in self.say.items():
            own = {name: in_language(clause, language) for name, clause in self.clauses.items()}
            said += ["", f"Said ({language}):"]
            for mark, clause in [*(("-", clause) for clause in sentence), *own.items()]:
                texts = [clause] if isinstance(clause, str) else clause
                said += [f"  {mark}  {texts[0]}", *(f"  {' ' * len(mark)}  {t}" for t in texts[1:])]
        return "\n".join([*head, "", *said])


def _function(path: str) -> Any:
    """Return a function of this room by ``module:function``."""
    module, _, name = path.partition(":")
    return getattr(import_module(f"{__package__}.{module}"), name)


def named_in(clause: Any) -> Iterator[str]:
    """Yield what clauses name: ``{value.n}`` names the fact ``value``."""
    if isinstance(clause, str):
        yield from re.findall(r"\{(\w+)", clause)
    else:
        for part in clause.values() if isinstance(clause, dict) else clause:
            yield from named_in(part)


def tells(*names: str) -> Callable[[Function], Function]:
    """Name the facts that a function returns, so that clauses can be held against them.

    Each text names some, with spaces between them.
    """

    def named(function: Function) -> Function:
        function.tells = " ".join(names).split()  # type: ignore[attr-defined]
        return function

    return named


def entries() -> dict[str, Figure]:
    """Return all figures declared, by name."""
    return load_entries("figures", Figure)


@cache
def entry(name: str) -> Figure:
    """Return what a figure is declared to be.

    Raises
    ------
    ParameterError
        If there is no such figure, or a clause of it names a fact that it does not have.
    """
    if name not in entries():
        raise ParameterError("figure", name, entries())
    found = entries()[name]
    found.check_clauses()
    return found


def plot(
    name: str,
    rows: pd.DataFrame,
    words: Words,
    ax: Axes | None = None,
    targets: pd.DataFrame | None = None,
) -> Axes:
    """Draw a figure, with a line for each of the targets, as `judge_targets` returns them.

    Raises
    ------
    MissingDataError
        If there is no number to draw.
    """
    view = View(entry(name), rows, words, targets)
    draw = view.figure.draw
    with style():
        return (_function(draw) if ":" in draw else KINDS[draw])(view, ax)


def describe(name: str, rows: pd.DataFrame, words: Words) -> str:
    """Say a figure in words: its headline, if it has any, and its sentence.

    Raises
    ------
    MissingDataError
        If there is no number to describe; what is only a sentence is empty then.
    """
    told = tell(name, rows, words)
    return f"{told.headline}. {told.sentence}".strip() if told.headline else told.sentence


def tell(name: str, rows: pd.DataFrame, words: Words) -> Told:
    """Say a figure in words, and its key message: all that needs its facts, which take time."""
    view = View(entry(name), rows, words)
    facts = view.facts()
    said = [facts.fill(clause) for clause in in_language(view.figure.say, words.locale)]
    sentence, headline = " ".join(filter(None, said)), facts.say("headline")
    headline = headline[:1].upper() + headline[1:]
    facts |= {name: text for name, text in (("said", said[0]), ("headline", headline)) if text}
    if view.figure.draw:
        view.need(headline or sentence)
    return Told(sentence, Message(name, facts.say("message"), facts.get("news")), headline)


def say_targets(name: str, rows: pd.DataFrame, words: Words, targets: pd.DataFrame) -> str:
    """Say which targets have a line in the drawing of a figure; empty if none has."""
    asked = View(entry(name), rows, words, targets).asked
    said = [say_target(row, words) for row in asked.itertuples()]
    return words.text("targets.lines", asked=words.join(said)) if said else ""


@cache
def named_function(verb: str, name: str) -> Any:
    """Return ``plot_NAME`` or ``describe_NAME``, the same each time."""
    made: Any = partial(plot if verb == "plot" else describe, name)
    made.__name__ = made.__qualname__ = f"{verb}_{name}"
    made.__doc__ = f"{verb.capitalize()} the figure ``{name}`` as it is declared."
    return made


class View:
    """One figure, the rows it is made from, the language it speaks, and targets of its figures."""

    def __init__(
        self,
        figure: Figure,
        rows: pd.DataFrame,
        words: Words,
        targets: pd.DataFrame | None = None,
    ) -> None:
        self.figure, self.rows, self.words = figure, rows, words
        self.targets = NO_TARGETS if targets is None else targets

    @cached_property
    def asked(self) -> pd.DataFrame:
        """Targets of the undivided figures drawn, of which the drawing has lines."""
        if self.figure.draw not in WITH_TARGETS:
            return NO_TARGETS  # its rows may be those of a statistic
        rows = self.targets
        drawn = rows["indicator"].isin(self.rows["indicator"])
        return rows[drawn & (rows["dimension"] == "") & rows["target"].notna()]

    def need(self, found: Found) -> Found:
        """Return what was found, or raise MissingDataError if it is nothing."""
        if not found:
            raise MissingDataError(f"Nothing that {self.figure.name} tells of is published.")
        return found

    @cached_property
    def series(self) -> dict[str, list[Cell]]:
        """Cells by indicator, in the order of drawing; indicators without a cell are left out."""
        found = {name: self._picked(name) for name in self.figure.show}
        found = {name: part for name, part in found.items() if part}
        if self.figure.pick == "first" and found:
            found = dict([next(iter(found.items()))])
        return self.need(found) if self.figure.draw else found

    def _picked(self, name: str) -> list[Cell]:
        by, rows, pick = self.figure.by, self.rows, self.figure.pick
        if pick == "foreign":
            rows = rows[rows["category"] != rows["cluster_id"]]
        found = cells.cells(rows, name, by)
        if pick == "first":
            found = self.without_parents(found)
        if name in self.figure.every_year:
            return sorted(cells.in_order(found, by, self.words), key=lambda cell: -cell.year)
        if not by and pick == "all":
            return found
        year = cells.report_year(rows)
        return cells.in_order([cell for cell in found if cell.year == year], by, self.words)

    def without_parents(self, found: Sequence[Cell]) -> list[Cell]:
        """Return cells but for those of categories that hold others among them."""
        parents = cells.umbrellas(self.figure.by, [cell.category for cell in found], self.words)
        return [cell for cell in found if cell.category not in parents]

    @property
    def every(self) -> list[Cell]:
        """All cells."""
        return [cell for part in self.series.values() for cell in part]

    @cached_property
    def year(self) -> int | None:
        """The year the figure is about: the last one."""
        if self.figure.draw:
            return max(cell.year for cell in self.every)
        return None if self.rows.empty else cells.report_year(self.rows)

    @cached_property
    def order(self) -> list[str]:
        """The categories as they are drawn, see `by_size`."""
        return cells.by_size(self.series, self.figure.by, self.words)

    @cached_property
    def wholes(self) -> dict[str, float]:
        """What the series drawn are parts of, see `unlike_wholes`."""
        return cells.unlike_wholes(self.rows, self.series, self.figure.by, self.words)

    @cached_property
    def branches(self) -> dict[str, list[str]]:
        """Categories that have a value, or have sub-categories with one, and those, in order."""
        known = {cell.category for cell in self.every}
        listed = self.words.reference.valid(
            self.figure.by, cluster_id=str(self.rows["cluster_id"].iloc[0])
        )
        below = listed[listed["category"].isin(known) & (listed["parent"] != "")]
        tops = listed[listed["parent"] == ""]["category"]
        place = self.order.index
        found = {
            top: sorted(below.loc[below["parent"] == top, "category"], key=place)
            for top in tops
            if top in {*known, *below["parent"]}
        }
        first = {top: place(top if top in known else own[0]) for top, own in found.items()}
        return {top: found[top] for top in sorted(found, key=first.__getitem__)}

    @cached_property
    def _places(self) -> dict[tuple[str, str, int, str], int]:
        keys = (self.rows[name] for name in ("indicator", "cluster_id", "year", "category"))
        return dict(zip(zip(*keys, strict=True), self.rows.index, strict=True))

    def row(self, name: str, cluster: str, year: int, category: str = "") -> int | None:
        """Return which row of the figure holds a value; None if there is none."""
        return self._places.get((name, cluster, year, category))

    def parts(self, year: int) -> list[Cell]:
        """The cells of a breakdown that is drawn as part of the whole."""
        found = cells.cells(self.rows, self.figure.show[0], self.figure.part_by)
        return cells.in_order([c for c in found if c.year == year], self.figure.part_by, self.words)

    def sum_of_parts(self, year: int) -> Cell | None:
        """The parts of a year in one; None if there is none."""
        found = self.parts(year) if self.figure.part_by else []
        precision = cells.common_precision(cell.precision for cell in found)
        return Cell(year, "", sum(c.value for c in found), precision, False) if found else None

    def label(self, name: str, cell: Cell) -> str:
        """Return what a cell is: its category, or its indicator."""
        dimension = self.figure.by or self.figure.part_by
        return self.words.label(dimension, cell.category) if cell.category else self.name(name)

    def name(self, name: str) -> str:
        """Return what a series is called in this figure."""
        own = self.figure.names.get(name)
        return in_language(own, self.words.locale) if own else self.words.indicator(name)

    def say(self, clause: str, **known: Any) -> str:
        """Return a clause of the figure with the facts given; empty if one is missing."""
        return Facts(self, known).say(clause)

    def facts(self) -> Facts:
        """Return what sentences of the figure may name."""
        if self.figure.facts:
            return Facts(self, _function(self.figure.facts)(self))
        if self.year is None:
            return Facts(self, {})
        known, figure = self.of_year(self.year), self.figure
        if not figure.by and figure.pick != "year":
            years = sorted({cell.year for cell in self.every} - {self.year})
            known["unknown"] = cells.unknown_items(self.series, self.words)
            known["earlier"] = [Facts(self, self.of_year(y)).say("before") for y in years]
            return Facts(self, known | (self._compared(self.year) if figure.draw else {}))
        lists = {name: self._items(name, part) for name, part in self.series.items()}
        known["items"] = self.words.join([*lists.values()])
        if figure.by:
            known = {name: fact for name, fact in known.items() if name not in figure.show} | lists
            known |= self._leading()
            known |= {"braces": self._braces(), "odd_total": self._odd_total()}
        return Facts(self, known)

    def of_year(self, year: int) -> dict[str, Any]:
        """Facts of one year: its values by indicator, and how the year itself is said."""
        names = (*self.figure.show, *self.figure.beside)
        found = {n: c for n in names for c in cells.cells(self.rows, n) if c.year == year}
        shown = [c for c in (self.every if self.figure.by else found.values()) if c.year == year]
        inferred = cells.is_inferred(shown)
        known: dict[str, Any] = {n: Said(n, c, self) for n, c in found.items()}
        known["year"] = year
        known["when"] = cells.year_clause(year, inferred, self.words)
        known["at"] = cells.year_text(year, inferred, self.words)
        return known | (self._named(year, found) if self.figure.part_by else {})

    def _compared(self, year: int) -> dict[str, Any]:
        """Facts of the last series: years with more or less, and the year before; all exact."""
        name, part = [*self.series.items()][-1]
        ends = {cell.year: cell for cell in part if cell.precision == "exact"}
        if year not in ends:
            return {}
        last = ends.pop(year)
        known: dict[str, Any] = {
            way: [
                Said(name, c, self).at for c in ends.values() if sign * (c.value - last.value) > 0
            ]
            for way, sign in (("higher", 1), ("lower", -1))
        }
        if year - 1 not in ends:
            return known
        first = ends[year - 1]
        said = Said(name, first, self)
        before = cells.year_text(first.year, first.is_year_inferred, self.words)
        return known | {
            "before": before,
            course(first.value, last.value): said,
            "news": news(first.value, last.value, None) or None,
        }

    def _items(self, name: str, part: Sequence[Cell]) -> str:
        """Enumerate the cells of a series, each as the clause ``item`` or one of its own says."""
        own = f"item_{name}" if f"item_{name}" in self.figure.clauses else "item"
        said = []
        for cell in part:
            at = cells.year_text(cell.year, cell.is_year_inferred, self.words)
            value = Said(name, cell, self)
            said.append(self.say(own, label=self.label(name, cell), value=value, at=at))
        return self.words.join(said)

    def _leading(self) -> dict[str, Any]:
        """What is most frequent: in all series together where they agree, or else in each."""
        leads = {name: self._most(name, part) for name, part in self.series.items()}
        names = {lead["names"] for lead in leads.values()}
        known = dict(next(iter(leads.values()))) if len(leads) == 1 else {}
        if len(names) == 1:
            known["both"] = names.pop()
            known["zero"] = None if known["both"] else self.words.count(0)
        else:
            leads = {name: {**lead, "apart": lead["names"]} for name, lead in leads.items()}
        said = [Facts(self, lead).say(name) for name, lead in leads.items()]
        return known | {"each": [*filter(None, said)]}

    def _most(self, name: str, part: Sequence[Cell]) -> dict[str, Any]:
        """Facts of one series: what is most frequent, how often, and the undivided value."""
        part = self.without_parents(part)
        value = max(cell.value for cell in part)
        leading = [cell for cell in part if cell.value == value]
        labels = [self.words.label(self.figure.by, cell.category) for cell in leading]
        names = [cells.quoted(self.figure.by, cell.category, self.words) for cell in leading]
        if not value:
            return {"names": ""}
        if len(leading) > MOST_NAMED:
            names = [self.words.text("figures.tied")]
        precision = cells.common_precision(cell.precision for cell in leading)
        top = Said(name, Cell(leading[0].year, "", value, precision, False), self)
        total = cells.undivided(self.rows, name, top.cell.year)
        return {
            "names": self.words.join(names),
            "top" if len(leading) == 1 else "tops": top,
            "label": labels[0] if len(leading) == 1 else None,
            "total": Said(name, total, self) if total else None,
        }

    def counted(self, top: str) -> list[str]:
        """Return the own numbers of a category with sub-categories: each counted once."""
        said = []
        for name, part in self.series.items():
            for cell in part:
                if cell.category == top and self.branches[top]:
                    noun = f"{name}_{plural(cell.value, 'one', 'other')}"
                    text = f"{self.words.count(cell.value)}{NBSP}{self.name(noun)}"
                    said.append(self.words.hedged(text, cell))
        return said

    def _braces(self) -> list[str]:
        counts = {top: self.counted(top) for top in self.branches if "brace" in self.figure.clauses}
        return [
            self.say("brace", label=cells.quoted(self.figure.by, top, self.words), counts=said)
            for top, said in counts.items()
            if said
        ]

    def _odd_total(self) -> str | None:
        """Return the sum of printed shares where rounding does not explain that it is not 100 %."""
        name, found = next(iter(self.series.items()))
        if not name.endswith("_share") or any(cell.precision != "exact" for cell in found):
            return None
        percents = [cell.value * 100 for cell in found]
        is_whole = all(abs(percent - round(percent)) < 1e-9 for percent in percents)
        if abs(sum(percents) - 100) <= (0.5 if is_whole else 0.05) * len(percents) + 1e-9:
            return None
        return self.words.value(name, sum(cell.value for cell in found))

    def _named(self, year: int, found: Mapping[str, Cell]) -> dict[str, Any]:
        """Facts of the parts that have names: their number, sum and share, and what remains."""
        part, whole, words = self.sum_of_parts(year), found.get(self.figure.show[0]), self.words
        if not part:
            return {}
        number = len(self.parts(year))
        numeral = words.count(number)
        if number <= LARGEST_NUMERAL:
            numeral = words.text(f"figures.numeral.{number}")
        form = plural(number, "one", "other")
        known = {f"number_{form}": numeral, f"Number_{form}": numeral[:1].upper() + numeral[1:]}
        amounts = [part.value]
        is_whole = whole and whole.precision != "at_least"
        if whole and is_whole and whole.value > part.value:
            precision = cells.rough(whole, part)
            amounts = euros_that_add_up(whole.value, [part.value, whole.value - part.value])
            known["named_share"] = words.hedged(words.share(part.value / whole.value), precision)
            known["rest"] = words.hedged(words.eur(amounts[1]), precision)
        return known | {"named": words.hedged(words.eur(amounts[0]), part)}


@dataclass(frozen=True)
class Said:
    """A value in a sentence: with its noun, as ``.n`` alone, as ``.at`` with its year, as ``.of``
    a share with its base.
    """

    indicator: str
    cell: Cell
    view: View

    def _hedged(self, text: str) -> str:
        return self.view.words.hedged(text, self.cell)

    def __str__(self) -> str:
        return self._hedged(self.view.words.quantity(self.indicator, self.cell.value))

    @property
    def n(self) -> str:
        """The value alone."""
        return self._hedged(self.view.words.value(self.indicator, self.cell.value))

    @property
    def at(self) -> str:
        """The value alone with its year, and of how many items it is, in one bracket."""
        year = cells.year_text(self.cell.year, self.cell.is_year_inferred, self.view.words)
        return f"{self.n} ({year})".replace(") (", "; ")

    @property
    def of(self) -> str:
        """A share with part and base, where they are known."""
        return self._hedged(
            cells.said_share(self.view.rows, self.indicator, self.cell, self.view.words)
        )


class Facts(dict[str, Any]):
    """What clauses may name: facts that are known, or other clauses of the figure."""

    def __init__(self, view: View, known: Mapping[str, Any]) -> None:
        given = ((name, self._joined(name, value, view)) for name, value in known.items())
        super().__init__({name: value for name, value in given if value not in (None, "")})
        self.view = view

    @staticmethod
    def _joined(name: str, value: Any, view: View) -> Any:
        if not isinstance(value, list):
            return value
        return "; ".join(value) if name == "braces" else view.words.join(value)

    def __missing__(self, name: str) -> str:
        if said := self.say(name):
            return said
        raise KeyError(name)

    def say(self, name: str) -> str:
        """Return a clause of the figure, filled; empty if there is none that can be."""
        clauses = self.view.figure.clauses.get(name)
        return self.fill(in_language(clauses, self.view.words.locale)) if clauses else ""

    def fill(self, clause: str | Sequence[str]) -> str:
        """Return the first of some texts of which all is known, filled; empty if there is none."""
        for text in [clause] if isinstance(clause, str) else clause:
            try:
                return text.format_map(self)
            except KeyError:
                continue
        return ""
