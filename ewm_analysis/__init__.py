"""Results and effects of innovation clusters: from records to figures, tables and reports.

Two lines lead to all figures in JupyterLab::

    import ewm_analysis as ewm
    ewm.explore("data/example")

and one to a figure of a report, as axes of matplotlib that can be changed::

    axes = ewm.figure("funders", "data/example", cluster_id="imk", year=2021)

Rooms and functions are loaded when they are first used; ``dir(ewm_analysis)``, and so the
completion of names, lists what there is.

Examples
--------
>>> import ewm_analysis as ewm
>>> ewm.catalogue.indicator("project_volume").unit
'eur'
"""

from importlib import import_module as _import_module

_ROOMS = (
    "catalogue",
    "contracts",
    "disclosure",
    "errors",
    "figures",
    "indicators",
    "l10n",
    "loaders",
    "notebook",
    "statistics",
    "tables",
)
_FUNCTIONS = {
    "Words": "catalogue",
    "compute_indicators": "indicators",
    "explore": "notebook.explore",
    "figure": "notebook",
    "open_dataset": "loaders",
    "select": "indicators",
    "suppress": "disclosure",
}
"""The functions that most work begins with, and where they live."""

__all__ = [*_FUNCTIONS, *_ROOMS]  # noqa: PLE0604  # names of names, all texts


def __getattr__(name: str) -> object:
    """Load a room or a function when it is first used (PEP 562)."""
    if name in _FUNCTIONS:
        return getattr(_import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    if name in _ROOMS:
        return _import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=None)


def __dir__() -> list[str]:
    """List rooms and functions, loaded or not."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
