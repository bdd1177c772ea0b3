"""Values to axes, each figure with a sentence: ``plot`` draws, ``describe`` says it in words.

A figure is declared in a TOML file of this room, one a notebook: see `grammar.Figure`. By its
name there are ``plot("funders", rows, words)`` and ``describe("funders", rows, words)``, and the
same as ``plot_funders(rows, words)`` and ``describe_funders(rows, words)``.

What functions of this room take:

rows : DataFrame
    Contract `IndicatorValues`, as ``page.rows`` chooses them; or what a statistic returned.
words : Words
    Language.
ax : Axes, optional
    Where to draw; a new figure if not given.

Where there is no number to show they raise MissingDataError.
"""

from typing import Any

from ewm_analysis.figures.grammar import (
    describe,
    entries,
    entry,
    named_function,
    plot,
    say_targets,
    tell,
)
from ewm_analysis.figures.narrow import narrow_svg
from ewm_analysis.figures.style import figure_svg, marks, new_axes, style

__all__ = [
    "describe",
    "entries",
    "entry",
    "figure_svg",
    "marks",
    "narrow_svg",
    "new_axes",
    "plot",
    "say_targets",
    "style",
    "tell",
]


def __getattr__(name: str) -> Any:
    """Return ``plot_NAME`` or ``describe_NAME`` of a figure that is declared."""
    verb, _, declared = name.partition("_")
    known = entries().get(declared) if verb in ("plot", "describe") else None
    if known is None or (verb == "plot" and not known.draw):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=None)
    return named_function(verb, declared)


def __dir__() -> list[str]:
    """List the names of this room, and those made from the figures declared."""
    made = [f"plot_{name}" for name, entry in entries().items() if entry.draw]
    return sorted([*globals(), *made, *(f"describe_{name}" for name in entries())])
