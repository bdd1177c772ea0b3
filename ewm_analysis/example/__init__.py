"""The synthetic example: a complete data set from a seed, which meets a list of printed figures."""

from typing import TYPE_CHECKING, Any

from ewm_analysis.example.settings import EXAMPLE, Settings

if TYPE_CHECKING:
    from ewm_analysis.example.write import write_example

__all__ = ["EXAMPLE", "Settings", "write_example"]


def __getattr__(name: str) -> Any:
    """Import the generator when it is used: the command line shows the settings without it."""
    if name != "write_example":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ewm_analysis.example.write import write_example

    return write_example
