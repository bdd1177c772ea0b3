"""Configuration of the documentation: `make docs` builds it, without network, to docs/_build."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))
import pages  # lies beside this file

project = "ewm_analysis"
author = copyright = "The ewm_analysis authors"
release = version = version_of("ewm_analysis")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

autosummary_ignore_module_all = False  # a room offers what its __all__ names
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"ewm_analysis {release}"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same sources give the same pages


def _inline(translator: object, node: nodes.math) -> None:
    translator.body.append(tex2mathml(node.astext()))  # type: ignore[attr-defined]
    raise nodes.SkipNode


def _block(translator: object, node: nodes.math_block) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=True))  # type: ignore[attr-defined]
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Formulas become MathML, which needs neither script nor network; some pages are generated."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("builder-inited", pages.write_pages)
    app.connect("source-read", pages.point_links)
    app.connect("viewcode-follow-imported", pages.find_source)
    app.connect("html-page-context", pages.open_to_all, priority=900)  # after the theme
