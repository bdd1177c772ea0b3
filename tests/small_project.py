"""A project as small as it can be: tiny notebooks, one synthetic data set with two figures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat

PAGE, FIGURE, TABLE = (f"application/vnd.ewm.{kind}+json" for kind in ("page", "figure", "table"))

PUBLISHED = """\
year,cluster_id,region,indicator,dimension,category,base_year,mention,value,unit,precision,\
is_year_inferred,source_id,reference,note
2020,imk,bebb,projects_new,,,,1,41,count,exact,false,imk_2021,invented for a test,
2021,imk,bebb,projects_new,,,,1,34,count,exact,false,imk_2021,invented for a test,
2021,gw,bebb,projects_new,,,,1,12,count,exact,false,imk_2021,invented for a test,
"""

EWM = [
    sys.executable,
    "-P",
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from ewm_analysis.batch import warm; warm.PRELOAD.clear()\n"
    "from ewm_analysis.cli import app; app()",
]
"""The command as a process. Tiny notebooks need none of the libraries, which its kernels' server
would import for three seconds; started in the background of a shell, the tests ignore interrupts,
and so would the command; -P: as `ewm`, which does not look into its folder."""

SHARED = """\
locale: str = "de"  # language of the page
data_dir: str = "data/example"  # data set
"""
YEAR = "year: int = 2021  # reporting year\n"
CLUSTER = 'cluster_id: str = "imk"  # cluster\n'

START = """\
from IPython.display import display
names = ("year", "cluster_id", "locale", "data_dir")
given = {name: globals()[name] for name in names if name in globals()}
page = {
    "title": f"Bericht {year} ({locale})", "description": "Ein Test.", "locale": locale,
    "data_set": "example", "data_set_title": "Testdaten", "is_synthetic": True,
    "notice": "Erfunden.", "parameters": given, "links": {},
}
display({"application/vnd.ewm.page+json": page, "text/html": "<h1>Bericht</h1>"}, raw=True)
"""


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A notebook of these cells, with fixed ids."""
    node = nbformat.v4.new_notebook(cells=list(cells))
    node.metadata.kernelspec = {"name": "python3", "display_name": "P", "language": "python"}
    for number, cell in enumerate(node.cells):
        cell["id"] = f"cell-{number}"
    return node


def code(source: str, *tags: str) -> nbformat.NotebookNode:
    """A code cell."""
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def words(source: str, *tags: str) -> nbformat.NotebookNode:
    """A markdown cell."""
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def shown(*bundles: dict[str, object]) -> nbformat.NotebookNode:
    """A code cell that has been run and shows these outputs."""
    cell = code("pass")
    cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in bundles]
    return cell


def small_notebook(*cells: nbformat.NotebookNode, takes: str = YEAR) -> nbformat.NotebookNode:
    """A notebook that shows a page, then these cells."""
    return notebook(code(takes + SHARED, "parameters"), code(START), *cells)


def write_project(root: Path, **notebooks: nbformat.NotebookNode) -> Path:
    """Write notebooks (``nb_00_name`` → ``00_name.ipynb``) and the data set; return the root."""
    (root / "notebooks").mkdir(parents=True, exist_ok=True)
    for name, node in notebooks.items():
        nbformat.write(node, root / "notebooks" / f"{name.removeprefix('nb_')}.ipynb")
    folder = root / "data" / "example"
    (folder / "published").mkdir(parents=True, exist_ok=True)
    (folder / "published" / "figures.csv").write_text(PUBLISHED, "utf-8")
    head = {"title": "Testdaten", "synthetic": True, "disclosure": "none"}
    (folder / "datapackage.json").write_text(json.dumps(head), "utf-8")
    return root
