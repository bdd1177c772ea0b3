"""Two editions beside each other: what is told differently, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ewm_analysis.editions.causes import Cause, Kept, compare_files, find_causes, of_cluster
from ewm_analysis.editions.differences import Compared, compare_pages
from ewm_analysis.editions.shown import read_pages, read_values
from ewm_analysis.errors import ParameterError
from ewm_analysis.intake.editions import edition_beside
from ewm_analysis.l10n import Locale
from ewm_analysis.loaders import Dataset, open_dataset
from ewm_analysis.project import ALL, DESCRIPTOR


@dataclass(frozen=True)
class Diff:
    """How two editions differ: pages, and by page what they were made from that differs."""

    old: str
    new: str
    pages: Sequence[Compared]
    causes: Mapping[str, Sequence[Cause]]
    compared: int
    """Pages that both have, or only one."""


def diff(
    old: Path, new: Path, locale: Locale, *, root: Path | None = None, internal: bool = False
) -> Diff:
    """Return how two editions differ.

    Parameters
    ----------
    old, new : Path
        Two folders of results, such as ``outputs`` and a published edition; or two data sets.
        ``data/example@2021-1`` is a data set with the records of an edition, as `list_editions`
        names it.
    locale : {"de", "en"}
        Of pages in several languages those in this one are compared; it is also the language of
        figures of data sets.
    root : Path, optional
        Folder of the project: its data sets, their editions and git tell what earlier files held.
    internal : bool
        For internal use only: tells also cells of confidential data that one edition withholds,
        and single cells of confidential records.

    Raises
    ------
    ParameterError
        If one is a data set and the other is not, or it has no such edition.
    MissingDataError
        If a folder holds no pages.
    """
    are_data = [(_folder_and_edition(each)[0] / DESCRIPTOR).is_file() for each in (old, new)]
    if are_data[0] != are_data[1]:
        reason = "is no data set as the other is: name two data sets, or two folders of results"
        raise ParameterError("edition", str((old, new)[are_data[0]]), reason=reason)
    if all(are_data):
        return _of_data(old, new, locale, internal=internal)
    editions = [
        {place: page for place, page in read_pages(each).items() if page.locale == locale}
        for each in (old, new)
    ]
    pages = compare_pages(*editions, internal=internal)
    kept = Kept(*filter(None, (root, root and root / "data", old, new)))
    causes = {}
    for each in pages:
        manifests = [own[each.place].manifest if each.place in own else None for own in editions]
        causes[each.place] = find_causes(manifests[0], manifests[1], kept)
    return Diff(str(old), str(new), pages, causes, len({*editions[0], *editions[1]}))


def _folder_and_edition(named: Path) -> tuple[Path, str]:
    """Return the folder of ``folder@edition``, and the name of the edition."""
    folder, at, edition = str(named).rpartition("@")
    return (Path(folder), edition) if at and not named.exists() else (named, "")


def _opened(named: Path, stack: ExitStack) -> Path:
    """Return the folder of a data set; with an edition a copy, until the stack is closed."""
    folder, edition = _folder_and_edition(named)
    return stack.enter_context(edition_beside(folder.resolve(), edition))[0] if edition else folder


def _of_data(old: Path, new: Path, locale: Locale, *, internal: bool) -> Diff:
    with ExitStack() as stack:
        data_sets = [open_dataset(_opened(each, stack)) for each in (old, new)]
        before, after = (_files(each) for each in data_sets)
    editions = [read_values(each, locale, internal=internal) for each in data_sets]
    pages = compare_pages(*editions, internal=internal)
    is_open = internal or all(each.disclosure == "none" for each in data_sets)
    found: list[Cause] = []
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was != now:
            is_told = is_open or not name.startswith("records/")
            found += compare_files(name, was, now) if is_told else [Cause("records", name)]
    causes = {page.place: _causes_of(page.place, found) for page in pages}
    return Diff(str(old), str(new), pages, causes, len({*editions[0], *editions[1]}))


def _files(data: Dataset) -> dict[str, bytes]:
    """Return what a data set was read from, by the place below it or beside it."""
    return {
        (
            path.relative_to(data.path).as_posix()
            if path.is_relative_to(data.path)
            else f"{path.parent.name}/{path.name}"
        ): path.read_bytes()
        for path in data.files
    }


def _causes_of(place: str, causes: Sequence[Cause]) -> list[Cause]:
    """Return the causes of the year and the cluster of a place, and those of none."""
    _, year, cluster_id = place.split("/")
    prefix = f"records/{year}/"
    own = (each for each in causes if each.file.startswith(prefix) or "records/" not in each.file)
    return of_cluster(own, "" if cluster_id == ALL else cluster_id)
