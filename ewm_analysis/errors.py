"""Every error and warning that the package raises on purpose.

An error says what is wrong, where, what is allowed and what to do, and keeps its parts as
attributes, so that a program can act on them as well as a reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class EwmError(Exception):
    """Base of all errors raised on purpose; its text is written for the user of the command."""


class ParameterError(EwmError):
    """A run, an indicator or a category was asked for that does not exist or cannot be.

    Parameters
    ----------
    name : str
        What was asked for, as the user knows it: ``year``, ``cluster_id``, ``indicator`` …
    value : object
        The value given.
    allowed : iterable of object
        The values that may be given; the closest is offered as "did you mean".
    reason : str, optional
        Why, where the list of allowed values does not say it.

    Examples
    --------
    >>> print(ParameterError("cluster_id", "ikm", ["imk", "gw"]))
    cluster_id: 'ikm' is not known. Did you mean 'imk'? Allowed: imk, gw.
    >>> print(ParameterError("indicator", "new_projects", ["projects_new"]))
    indicator: 'new_projects' is not known. Did you mean 'projects_new'? Allowed: projects_new.
    """

    def __init__(
        self, name: str, value: object, allowed: Iterable[object] = (), reason: str = ""
    ) -> None:
        self.name, self.value, self.reason = name, value, reason
        self.allowed = tuple(allowed)
        choices = [str(choice) for choice in self.allowed]
        text = f"{name}: {value!r} {reason or 'is not known'}."
        words = sorted(str(value).lower().split("_"))
        same_words = [one for one in choices if sorted(one.lower().split("_")) == words]
        close = same_words or get_close_matches(str(value), choices, n=1, cutoff=0.5)
        if close:
            text += f" Did you mean {close[0]!r}?"
        if choices:
            text += f" Allowed: {', '.join(choices)}."
        super().__init__(text)


class MissingDataError(EwmError):
    """A file, a table or a value that is needed does not exist."""


class FewClustersError(MissingDataError):
    """Fewer than two clusters have the figures that a comparison needs."""


@dataclass(frozen=True)
class Failure:
    """One cell, row or file that breaks its contract.

    ``line`` counts as an editor does (the header is line 1); 0 stands for the whole file,
    an empty ``column`` for the whole row.
    """

    file: str
    line: int
    column: str
    value: str
    allowed: str

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f", line {self.line}"
        if self.column:
            place += f", column {self.column}"
        shown = f" {self.value!r} —" if self.value else ""
        return f"{place}:{shown} {self.allowed}"


class ContractError(EwmError):
    """Data break their contract; all failures of a file are told at once, one line each.

    Examples
    --------
    >>> failure = Failure("projects.csv", 3, "is_new", "ja", "allowed: true, false")
    >>> print(ContractError([failure]))
    1 failure
    projects.csv, line 3, column is_new: 'ja' — allowed: true, false
    """

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        count = len(self.failures)
        head = f"{count} failure" if count == 1 else f"{count} failures"
        super().__init__("\n".join([head, *map(str, self.failures)]))


class RunError(EwmError):
    """A notebook could not be executed or exported."""


class SmallSampleWarning(UserWarning):
    """A statistic rests on fewer values than its method can carry."""
