"""How two editions differ, for readers: text, accessible page, JSON; and the way of one number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from ewm_analysis.batch.outputs import Manifest, read_manifest
from ewm_analysis.catalogue import indicator
from ewm_analysis.editions.causes import Cause, Item, Shown, read_page, reads, touching
from ewm_analysis.editions.diff import Change, Compared, Diff
from ewm_analysis.errors import MissingDataError, ParameterError
from ewm_analysis.files import sha256
from ewm_analysis.indicators import members, things_of
from ewm_analysis.indicators.compute import counting, is_whole
from ewm_analysis.indicators.things import ITEMS
from ewm_analysis.l10n import Locale, format_number, in_language, text
from ewm_analysis.l10n.numbers import format_date
from ewm_analysis.l10n.sentences import plural
from ewm_analysis.loaders import Dataset, open_dataset
from ewm_analysis.report.bundles import Cell
from ewm_analysis.report.files import is_year
from ewm_analysis.report.page import policy
from ewm_analysis.report.site import templates
from ewm_analysis.tables.table import CONFIDENTIAL

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


MANY = 60
"""Ids of one indicator that are named."""


def why(page: Path, figure: str, root: Path, *, internal: bool = False) -> str:
    """Return the way of the numbers of a figure or table, as lines of text.

    Parameters
    ----------
    page : Path
        Folder of a page, as `ewm run` leaves it; ``report.html`` in it names it, too.
    figure : str
        Its place on the page, its slug, or its caption as it begins: ``figure-2``, ``projects``,
        ``Abb. 2``.
    root : Path
        Folder of the project; the manifest names files below it.
    internal : bool
        For internal use only: names ids of confidential records, too.

    Raises
    ------
    MissingDataError
        If there is no page with a manifest.
    ParameterError
        If the page has no such figure.
    """
    folder = page.parent if page.suffix == ".html" else page
    manifest, shown = read_manifest(folder), read_page(folder)
    item = _item(shown, figure)
    files = {name: (root / name, mark) for name, mark in manifest.inputs.items()}
    changed = [
        name
        for name, (path, mark) in files.items()
        if not (path.is_file() and sha256(path) == mark)
    ]
    lines = [item.title, *filter(None, [item.sentence]), ""]
    lines += [text("why.numbers", shown.locale), *_printed(item, shown.locale), ""]
    lines += [text("why.counted", shown.locale)]
    data = None if changed else _data(root, manifest)
    for name in item.indicators:
        lines += _counted(name, manifest, data, shown.locale, internal=internal)
    lines += ["", text("why.read", shown.locale), *_read(item, manifest, changed, shown.locale)]
    if data is not None:
        lines += _corrections(item, data, shown.locale, internal=internal)
    lines += ["", text("why.made", shown.locale), *_made(manifest, shown.locale)]
    return "\n".join(lines)


def _item(shown: Shown, figure: str) -> Item:
    for item in shown.items.values():
        caption = item.title.partition(":")[0]
        if figure in (item.anchor, item.name, item.name.partition("/")[2], caption, item.title):
            return item
    known = [item.anchor for item in shown.items.values()]
    raise ParameterError("figure", figure, known)


def _data(root: Path, manifest: Manifest) -> Dataset | None:
    folder = root / str(manifest.parameters["data_dir"])
    try:
        return open_dataset(folder)
    except MissingDataError:
        return None


def _printed(item: Item, locale: Locale) -> Iterator[str]:
    yield "  " + " | ".join(item.header)
    for row in item.rows:
        yield "  " + " | ".join(said(cell, locale) if cell != "" else "" for cell in row)
    if any(CONFIDENTIAL in row for row in item.rows):
        yield "  " + text("tables.note.withheld", locale)
    yield from (f"  {source}" for source in item.sources)


def _counted(
    name: str, manifest: Manifest, data: Dataset | None, locale: Locale, *, internal: bool
) -> Iterator[str]:
    """Tell the definition of an indicator, its rule, and which records it counts on this page."""
    entry = indicator(name)
    yield f"  {in_language(entry.label, locale)} ({name}): {in_language(entry.definition, locale)}"
    if entry.counted is None:
        return
    conditions = ", ".join(entry.counted.where) or text("why.all", locale)
    summed = f"; sum {entry.counted.sum}" if entry.counted.sum else ""
    yield f"    {entry.counted.each}: {conditions}{summed}"
    year, cluster_id = (manifest.parameters.get(each) for each in ("year", "cluster_id"))
    if data is None or not (year and cluster_id) or not is_whole(name):
        return
    if data.disclosure != "none" and not internal:
        yield f"    {text('why.confidential', locale)}"
        return
    ids = _ids(name, data, int(year), str(cluster_id))
    more = f" … (+{len(ids) - MANY})" if len(ids) > MANY else ""
    count = format_number(len(ids), locale)
    yield f"    {text('why.members', locale, year=year, count=count)} {', '.join(ids[:MANY])}{more}"


def _ids(name: str, data: Dataset, year: int, cluster_id: str) -> list[str]:
    """Return the ids of what an indicator counts in a year and cluster."""
    things = things_of(data.records, data.reference, data.least_funding_rate)
    how = counting(name)
    key = ITEMS[how.unit][1] if how.unit in ITEMS else "actor_id"
    owners = things.items[how.item] if how.unit in ITEMS else things.actors
    rows = members(things, name)
    cells = things.cells.iloc[rows["cell"]]
    own = rows[((cells["year"] == year) & (cells["cluster_id"] == cluster_id)).to_numpy()]
    found = owners[key].iloc[own["unit"]]
    if "amount" in own:
        found = found[pd.notna(own["amount"]).to_numpy()]
    return sorted(found.astype(str))


def _read(item: Item, manifest: Manifest, changed: list[str], locale: Locale) -> Iterator[str]:
    tables = {table for name in item.indicators for table in reads(name)}
    for name, mark in manifest.inputs.items():
        path = Path(name)
        if "records" in path.parts and path.stem not in tables:
            continue
        if path.suffix not in (".ipynb", ".geojson", ".md"):
            state = "why.changed" if name in changed else "why.as_then"
            yield f"  {name}  {mark[:12]}  {text(state, locale)}"
    if manifest.is_confidential:
        yield f"  {text('why.no_hashes', locale)}"


def _corrections(item: Item, data: Dataset, locale: Locale, *, internal: bool) -> Iterator[str]:
    """Tell the corrections of tables that the figure is made from."""
    tables = {table for name in item.indicators for table in reads(name)}
    listed = data.corrections
    own = listed[[Path(file).stem in tables for file in listed["file"]]]
    if own.empty:
        return
    yield ""
    yield text("why.corrections", locale)
    is_open = internal or data.disclosure == "none"
    for row in own.to_dict("records") if is_open else []:
        yield "  " + ", ".join(str(cell) for cell in row.values() if str(cell) not in ("", "<NA>"))
    if not is_open:
        yield "  " + format_number(len(own), locale)


def _made(manifest: Manifest, locale: Locale) -> Iterator[str]:
    day = format_date(manifest.started[:10], locale)
    version = f"{manifest.package_version} ({manifest.package_sha256[:12]})"
    yield f"  {text('why.by', locale, version=version, date=day)}"
    yield f"  {manifest.notebook}.ipynb  {manifest.notebook_sha256[:12]}"
    if manifest.git_commit:
        yield f"  git {manifest.git_commit[:12]}"
