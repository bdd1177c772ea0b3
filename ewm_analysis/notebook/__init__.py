"""The only helper that notebooks need: open the page, show figures, tables and words."""

from ewm_analysis.notebook.commentary import show_commentary
from ewm_analysis.notebook.page import Page, start
from ewm_analysis.notebook.showing import (
    figure,
    note,
    show,
    show_definitions,
    show_figure,
    show_sources,
    show_table,
)
from ewm_analysis.notebook.summary import show_messages, show_tiles

__all__ = [name for name, value in [*globals().items()] if callable(value)]
