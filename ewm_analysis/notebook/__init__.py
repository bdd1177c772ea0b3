"""The only helper that notebooks need: open the page, show figures, tables and words."""

from ewm_analysis.notebook.commentary import show_commentary
from ewm_analysis.notebook.messages import show_messages
from ewm_analysis.notebook.opening import start
from ewm_analysis.notebook.page import Page
from ewm_analysis.notebook.showing import (
    figure,
    note,
    show,
    show_definitions,
    show_figure,
    show_sources,
    show_table,
)
from ewm_analysis.notebook.tiles import show_tiles

__all__ = [name for name, value in [*globals().items()] if callable(value)]
