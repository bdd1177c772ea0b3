"""Published stays published: each publication is an edition, kept whole beside the later ones.

The newest edition lies in the folder for readers itself, so that addresses stay; earlier ones lie
in ``editions/<number>``. What an edition holds is said by its ``ro-crate-metadata.json``, in the
words of RO-Crate 1.1, with the SHA-256 of each file.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import mimetypes
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from ewm_analysis.batch import outputs as batch
from ewm_analysis.batch.folders import MANIFEST, telling_why
from ewm_analysis.editions.diff import Diff, diff
from ewm_analysis.editions.telling import as_page, counted
from ewm_analysis.errors import ParameterError
from ewm_analysis.files import move_in, staged, written
from ewm_analysis.l10n import DEFAULT, LOCALES, Locale, text
from ewm_analysis.l10n.numbers import format_date
from ewm_analysis.report.page import REPORT
from ewm_analysis.report.site import INDEX, SUMS, note_sums, without_links

CRATE = "ro-crate-metadata.json"
EARLIER = "editions"
CHANGES: Mapping[Locale, str] = {
    locale: "changes.html" if locale == DEFAULT else f"changes.{locale}.html" for locale in LOCALES
}
OWN = {CRATE, *CHANGES.values()}
LOCKS = ("requirements.lock",)
END_OF_LINKS = "</ul></nav><!-- /pages -->"


@dataclass(frozen=True)
class Edition:
    """What was published: its number and day, and what it tells beside the edition before.

    ``hidden`` counts figures that only one of the two shows, ``moved`` what both tell of
    confidential records, differently.
    """

    number: int
    date: str
    is_new: bool
    hidden: int = 0
    moved: int = 0


def publish(outputs: Path, target: Path, root: Path) -> Edition:
    """Publish results as the next edition of a folder for readers, whole or not at all.

    Where nothing differs from the edition that is there, it stays as it is.

    Parameters
    ----------
    outputs : Path
        Folder of all results.
    target : Path
        Folder for readers: a new one, an empty one, or one that was published before.
    root : Path
        Folder of the project; it tells what earlier files held.

    Raises
    ------
    ParameterError
        If `target` holds something else, or lies within `outputs` or around it.
    RunError
        If an output was changed or is missing, or the folder cannot be written.
    """
    outputs, target = outputs.resolve(), target.resolve()
    if target.is_relative_to(outputs) or outputs.is_relative_to(target):
        raise ParameterError("--to", str(target), reason=f"and {outputs} lie within each other")
    if target.is_dir() and any(target.iterdir()) and not (target / SUMS).is_file():
        raise ParameterError("--to", str(target), reason="holds something else: name a new folder")
    known = edition_of(target)
    with telling_why(target), staged(target) as made:
        batch.copy_for_readers(outputs, made)
        if known and _contents(made) == _contents(target):
            return known
        number = known.number + 1 if known else 1
        today = dt.datetime.now(dt.UTC).date().isoformat()
        found = _write_changes(made, target, number, root) if known else {}
        _name(made, Edition(number, today, is_new=True), found)
        if known:
            _keep(made, target, known.number)
        pages = found[DEFAULT].pages if found else ()
        # Just the pages of confidential records have no manifest there.
        secret = [page for page in pages if not (made / page.place / MANIFEST).is_file()]
        hidden, moved = (sum(page.hidden for page in pages), sum(len(p.changes) for p in secret))
        edition = Edition(number, today, is_new=True, hidden=hidden, moved=moved)
        files = {name: path.read_bytes() for name, path in _files(made)}
        (made / CRATE).write_text(crate(files, edition), "utf-8", newline="")
        move_in(made, target)
    return edition


def edition_of(folder: Path) -> Edition | None:
    """Return the edition that a folder holds, if it was published."""
    if not (folder / CRATE).is_file():
        return None
    told = json.loads((folder / CRATE).read_text("utf-8"))["@graph"]
    root = next(entry for entry in told if entry["@id"] == "./")
    return Edition(int(root["version"]), root["datePublished"], is_new=False)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of the newest edition in a folder, by their places."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(f"{EARLIER}/"):
            yield name, path


def _contents(folder: Path) -> dict[str, bytes]:
    """Return what an edition tells: neither its number, nor when each page was made."""
    return {
        name: sha256(without_links(path.read_bytes())).digest()
        for name, path in _files(folder)
        if name not in OWN and path.name not in (MANIFEST, SUMS)
    }


def _write_changes(made: Path, before: Path, number: int, root: Path) -> dict[Locale, Diff]:
    """Write what has changed since the last edition, in each language."""
    found: dict[Locale, Diff] = {}
    for locale in LOCALES:
        found[locale] = replace(
            diff(before, made, locale, root=root),
            old=_title(number - 1, locale),
            new=_title(number, locale),
        )
        (made / CHANGES[locale]).write_text(as_page(found[locale], locale), "utf-8", newline="")
    return found


def _title(number: int, locale: Locale) -> str:
    return text("edition.title", locale, number=number)


def _name(made: Path, today: Edition, found: Mapping[Locale, Diff]) -> None:
    """Name the edition in the links of each page, with what changed on it since the last."""
    for place in sorted(made.glob(f"*/*/*/*/*/{REPORT}")):
        locale: Any = place.parent.name
        name = place.parent.relative_to(made).as_posix()
        _add_link(place, _words(name, locale, today, found.get(locale)), locale, name)
    for locale, index in INDEX.items():
        _add_link(made / index, _words("", locale, today, found.get(locale)), locale, "")
    note_sums(made, *(made / index for index in INDEX.values()))


def _words(place: str, locale: Locale, today: Edition, found: Diff | None) -> str:
    facts: dict[str, Any] = {"number": today.number, "date": format_date(today.date, locale)}
    if found is None:
        return text("edition.first", locale, **facts)
    own = [page for page in found.pages if place in ("", page.place)]
    changes = [change for page in own for change in page.changes]
    if not own:
        return text("edition.same", locale, before=today.number - 1, **facts)
    count = counted("change", len(changes), locale=locale)
    return text("edition.changed", locale, count=count, before=today.number - 1, **facts)


def _add_link(page: Path, words: str, locale: Locale, place: str) -> None:
    html = page.read_text("utf-8")
    up = "../" * len(Path(place).parts) if place else ""
    changes = page.parent / up / CHANGES[locale]
    anchor = f"#{place.replace('/', '-')}" if place else ""
    link = f'<a href="{up}{CHANGES[locale]}{anchor}">{escape(words)}</a>'
    said = f"<li>{link if changes.is_file() else escape(words)}</li>"
    page.write_text(html.replace(END_OF_LINKS, said + END_OF_LINKS, 1), "utf-8", newline="")


def _keep(made: Path, before: Path, number: int) -> None:
    """Put the edition that was there, and those before it, beside the new one, as they are."""
    if (before / EARLIER).is_dir():
        shutil.copytree(before / EARLIER, made / EARLIER)
    for name, path in _files(before):
        place = made / EARLIER / str(number) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)


def crate(contents: Mapping[str, bytes], edition: Edition) -> str:
    """Return what an edition holds, in the words of RO-Crate 1.1.

    Examples
    --------
    >>> told = json.loads(crate({"index.html": b"<html>"}, Edition(2, "2026-11-29", is_new=True)))
    >>> [entry["@id"] for entry in told["@graph"]]
    ['ro-crate-metadata.json', './', 'index.html']
    """
    listed = [
        {
            "@id": name,
            "@type": "File",
            "contentSize": str(len(content)),
            "encodingFormat": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "sha256": sha256(content).hexdigest(),
        }
        for name, content in contents.items()
    ]
    whole: dict[str, Any] = json.loads(files(__package__).joinpath("crate.json").read_text("utf-8"))
    whole["@graph"][1] |= {
        "name": text("site.title", "en"),
        "description": text("site.description", "en"),
        "version": str(edition.number),
        "datePublished": edition.date,
        "license": text("report.licence_text", "en"),
        "hasPart": [{"@id": entry["@id"]} for entry in listed],
    }
    whole["@graph"] += listed
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def archive(folder: Path, file: Path, root: Path) -> int:
    """Write the edition in a folder as one ZIP, the same bytes each time; return its files.

    It holds the pages, the data behind them that may be shown and that the pages were made from,
    and the lock of the libraries.

    Raises
    ------
    ParameterError
        If the folder holds no edition, or the file is no ZIP.
    """
    edition = edition_of(folder)
    if edition is None:
        raise ParameterError(
            "edition", str(folder), reason="holds no edition: 'ewm publish' makes one"
        )
    if file.suffix != ".zip":
        raise ParameterError("--archive", str(file), reason="must end in .zip")
    files = {name: path.read_bytes() for name, path in _files(folder) if name != CRATE}
    files |= dict(_sources(folder, root))
    files |= {name: (root / name).read_bytes() for name in LOCKS if (root / name).is_file()}
    files = dict(sorted(files.items()))
    with written(file) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in {CRATE: crate(files, edition).encode(), **files}.items():
            zipped.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return len(files) + 1


def _sources(folder: Path, root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files that pages name as what they were made from, as they were then."""
    for path in folder.glob(f"*/*/*/*/*/{MANIFEST}"):
        for name, mark in batch.read_manifest(path.parent).inputs.items():
            source = root / name
            if source.is_file() and sha256(content := source.read_bytes()).hexdigest() == mark:
                yield name, content


def verify(edition: Path) -> tuple[int, list[str]]:
    """Hash an edition again, a folder or an archive; return how many files, and which differ.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if edition.is_dir() and (edition / CRATE).is_file():
        there = {name: _hash(path.read_bytes) for name, path in _files(edition)}
        return _verify((edition / CRATE).read_bytes(), there)
    try:
        with zipfile.ZipFile(io.BytesIO(edition.read_bytes())) as zipped:
            there = {name: _hash(partial(zipped.read, name)) for name in zipped.namelist()}
            return _verify(zipped.read(CRATE), there)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        reason = "is no published edition: name a folder or an archive that 'ewm publish' wrote"
        raise ParameterError("edition", str(edition), reason=reason) from None


def _hash(read: Callable[[], bytes]) -> str:
    try:
        return sha256(read()).hexdigest()
    except zipfile.BadZipFile:  # its own check of this part failed
        return ""


def _verify(crate: bytes, there: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return how many files are told, and which are others, missing or added, by their hashes."""
    told = json.loads(crate)["@graph"]
    noted = {entry["@id"]: entry["sha256"] for entry in told if entry["@type"] == "File"}
    names = {*noted, *there} - {CRATE}
    return len(noted), sorted(name for name in names if noted.get(name) != there.get(name))
