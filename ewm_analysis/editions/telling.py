"""How two editions differ, for readers: as text, as an accessible page, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from functools import cache, partial
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from ewm_analysis.editions.causes import Cause, touching
from ewm_analysis.editions.diff import Change, Compared, Diff
from ewm_analysis.l10n import Locale, format_number, text
from ewm_analysis.l10n.sentences import plural
from ewm_analysis.report.bundles import Cell
from ewm_analysis.report.files import is_year
from ewm_analysis.report.page import policy
from ewm_analysis.report.site import templates

FEW = 5
"""Cells of a figure or table that the text names; the page names all."""
CELLS, SENTENCES = ("value", "row"), ("turned", "numbers", "words")


def as_text(diff: Diff, locale: Locale) -> str:
    """Return the differences as lines of text: why, then what, page by page."""
    lines = [summary(diff, locale)]
    for page in diff.pages:
        causes = diff.causes.get(page.place, [])
        lines += ["", f"{page.title}  [{page.place}]"]
        lines += [f"  {each}" for each in _notices(page, causes, locale)]
        for number, cause in enumerate(causes, start=1):
            lines.append(f"  ({number}) {_why(cause, locale)}")
        for name, changes in _by_item(page):
            numbers = _numbers(page, name, causes)
            lines.append(f"  {page.items[name].title}{f'  ({numbers})' if numbers else ''}")
            lines += [f"    {line}" for line in _lines(changes, locale)]
    return "\n".join(lines)


def summary(diff: Diff, locale: Locale) -> str:
    """Return in one sentence how much differs."""
    say = partial(counted, locale=locale)
    if not diff.pages:
        return text("diff.same", locale, compared=say("page", diff.compared))
    kinds = [change.kind for page in diff.pages for change in page.changes]
    return text(
        "diff.lead",
        locale,
        changed=format_number(len(diff.pages), locale),
        compared=format_number(diff.compared, locale),
        verb=say("verb", len(diff.pages)),
        numbers=say("value", kinds.count("value") + kinds.count("row")),
        turned=say("turned", kinds.count("turned")),
    )


def as_json(diff: Diff) -> str:
    """Return the differences for machines: pages, each with its causes and changes."""
    pages = [
        {
            "place": page.place,
            "status": page.status,
            "title": page.title,
            "hidden": page.hidden,
            "causes": [asdict(cause) for cause in diff.causes.get(page.place, [])],
            "changes": [
                {
                    "title": page.items[name].title,
                    **asdict(change),
                    "causes": causes,
                }
                for name, changes in _by_item(page)
                for causes in [_causes_of(page, name, diff.causes.get(page.place, []))]
                for change in changes
            ],
        }
        for page in diff.pages
    ]
    told = {"old": diff.old, "new": diff.new, "compared": diff.compared, "pages": pages}
    return json.dumps(told, ensure_ascii=False, indent=2)


def as_page(diff: Diff, locale: Locale, *, internal: bool = False) -> str:
    """Return the differences as an HTML page that opens offline and runs no script."""
    shown = [_shown(page, diff.causes.get(page.place, []), locale) for page in diff.pages]
    return str(
        templates()
        .get_template("diff.html.j2")
        .render(
            locale=locale,
            pages=shown,
            between=text("diff.between", locale, old=diff.old, new=diff.new),
            summary=summary(diff, locale),
            internal=text("diff.internal", locale) if internal else "",
            policy=policy(""),
            text=lambda key, **values: text(key, locale, **values),
        )
    )


def _shown(page: Compared, causes: Sequence[Cause], locale: Locale) -> dict[str, Any]:
    """Return what the template shows of a page."""
    items = []
    for name, changes in _by_item(page):
        rows = [_row(each, locale) for each in changes if each.kind in CELLS]
        sentences = [_marked(each, locale) for each in changes if each.kind in SENTENCES]
        others = {each.kind for each in changes} - {*CELLS, *SENTENCES}
        told = [text(f"diff.kind.{kind}", locale) for kind in sorted(others)]
        items.append((page.items[name].title, _numbers(page, name, causes), rows, sentences, told))
    return {
        "title": page.title,
        "place": page.place,
        "told": [*_notices(page, causes, locale)],
        "causes": [_why(cause, locale) for cause in causes],
        "items": items,
    }


def _notices(page: Compared, causes: Sequence[Cause], locale: Locale) -> Iterator[str]:
    if page.status != "changed":
        yield text(f"diff.status.{page.status}", locale)
    if page.hidden:
        yield text("diff.hidden", locale, count=format_number(page.hidden, locale))
    if page.changes and not causes:
        yield text("diff.unknown_cause", locale)


def _by_item(page: Compared) -> Iterator[tuple[str, list[Change]]]:
    for name, changes in groupby(page.changes, lambda change: change.item):
        yield name, [*changes]


def _causes_of(page: Compared, name: str, causes: Sequence[Cause]) -> list[int]:
    return [place + 1 for place in touching(causes, page.items[name].indicators)]


def _numbers(page: Compared, name: str, causes: Sequence[Cause]) -> str:
    numbers = _causes_of(page, name, causes) if len(causes) > 1 else []
    runs = groupby(enumerate(numbers), lambda each: each[1] - each[0])
    ends = ([number for _, number in run] for _, run in runs)
    return ", ".join(f"{own[0]}–{own[-1]}" if len(own) > 1 else str(own[0]) for own in ends)


@cache
def _why(cause: Cause, locale: Locale) -> str:
    facts = {name: value for name, value in asdict(cause).items() if name != "kind"}
    return text(f"diff.cause.{cause.kind}", locale, **facts)


def _lines(changes: Sequence[Change], locale: Locale) -> Iterator[str]:
    cells = [_row(change, locale) for change in changes if change.kind in CELLS]
    yield from (f"{of}: {before} → {after}" for of, before, after in cells[:FEW])
    if len(cells) > FEW:
        yield text("diff.more", locale, count=format_number(len(cells) - FEW, locale))
    for change in changes:
        if change.kind in CELLS:
            continue
        label = text(f"diff.kind.{change.kind}", locale)
        if change.kind not in SENTENCES:
            yield label
        elif change.kind != "numbers":
            yield f"{label}:"
            yield f"  − {change.before or text('diff.nothing', locale)}"
            yield f"  + {change.after or text('diff.nothing', locale)}"


def _row(change: Change, locale: Locale) -> tuple[str, str, str]:
    return change.of, said(change.before, locale), said(change.after, locale)


def said(cell: Cell, locale: Locale) -> str:
    """Return a cell as readers see it."""
    if cell in (None, ""):
        return text("diff.nothing", locale)
    if isinstance(cell, int | float) and not is_year(cell):
        return format_number(cell, locale, 0 if float(cell).is_integer() else 3)
    return str(cell)


def _marked(change: Change, locale: Locale) -> tuple[str, Markup, bool]:
    """Return what changed in a sentence, with its words marked as gone or new."""
    before, after = (str(each or "").split(" ") for each in (change.before, change.after))
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = " ".join(before[a:b]), " ".join(after[c:d])
        if kind == "equal":
            parts.append(escape(come))
            continue
        parts += [Markup("<del>{}</del>").format(gone)] if gone else []
        parts += [Markup("<ins>{}</ins>").format(come)] if come else []
    return (
        text(f"diff.kind.{change.kind}", locale),
        Markup(" ").join(parts),
        change.kind == "turned",
    )


def counted(what: str, count: int, *, locale: Locale) -> str:
    """Return a number with its noun: what ``diff.count`` says of it."""
    words: Any = [
        text(f"diff.count.{what}.{form}", locale, count=format_number(count, locale))
        for form in ("one", "other")
    ]
    return plural(count, *words)
