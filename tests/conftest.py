"""A minimal good data set, written out as text so that a test can break any cell of it."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from exported_pages import EXAMPLE, REAL, ROOT, pages
from hypothesis import settings

if TYPE_CHECKING:
    from ewm_analysis.loaders import Dataset

__all__ = ["pages"]  # a fixture of several files

settings.register_profile("steady", deadline=None)  # a busy machine is no failure
settings.load_profile("steady")

# As in the kernels of small data sets. The commands of documents, plain kernels and
# `test_arrow_strings_give_the_same` hold Arrow's strings.
pd.set_option("mode.string_storage", "python")

LONGEST = ["test_documents", "test_browser"]
"""Begun first, so that two workers end together; a file of tests stays with one of them."""

CATEGORIES = """\
region,be,,,
region,bb,,,
region,bebb,,,
status,application,,,
status,started,,,
status,finished,,,
funder,eu,,,
funder,federal,,,
consortium_type,single,,,
consortium_type,companies_science,,,
activity_kind,workshop,,,
actor_type,company,,,
actor_type,university,,,
size_class,1-9,,,
size_class,10-49,,,
guideline,innovation,2019,,
guideline,innovation_technical,2019,,innovation
guideline,old,2011,2018,
sector,B-E,,,
organisation,hightech,,,
organisation_fact,members,,,
federal_state,bb,,,
requirement,members,,,
project,alpha,,,
"""


def _categories() -> str:
    header = (
        "dimension,category,cluster_id,edition,valid_from,valid_to,parent,position,"
        "label_de,label_en,is_assumption,source_id,note\n"
    )
    rows = []
    for position, line in enumerate(CATEGORIES.splitlines()):
        dimension, code, valid_from, valid_to, parent = line.split(",")
        rows.append(
            f"{dimension},{code},,,{valid_from},{valid_to},{parent},{position},"
            f"{code} (de),{code} (en),true,report,\n"
        )
    return header + "".join(rows)


REFERENCE = {
    "reference/sources.csv": """\
source_id,title,publisher,published,url,licence
report,Jahresbericht,WFBB,2022,,
""",
    "reference/clusters.csv": """\
cluster_id,kind,region,label_de,label_en,short_de,short_en,position,source_id
imk,joint,bebb,IKT und Medien,ICT and media,IMK,IMK,1,report
gw,joint,bebb,Gesundheit,Health,GW,GW,2,report
other_sector,sector,bebb,andere Branche,other sector,andere,other,3,
""",
    "reference/categories.csv": _categories(),
    "reference/districts.csv": """\
ags,nuts3,name,kind,state
11000,DE300,Berlin,city,be
12054,DE404,Potsdam,city,bb
""",
    "reference/municipalities.csv": """\
ags,name,kind,district_ags
11000000,Berlin,Stadt,11000
12054000,Potsdam,Stadt,12054
""",
    "reference/organisation_groups.csv": """\
organisation_id,dimension,category,since,is_assumption,source_id,note
hightech,federal_state,bb,2021-06-30,false,report,
""",
    "reference/requirements.csv": """\
scheme,requirement,value,unit,source_id,note
eccp_registration,members,15,count,report,
""",
    "reference/districts.geojson": '{"type": "FeatureCollection", "features": []}\n',
}

TABLES = {
    "published/figures.csv": """\
year,cluster_id,region,indicator,dimension,category,base_year,mention,value,unit,precision,\
is_year_inferred,source_id,reference,note
2021,imk,bebb,projects_new,,,,1,34,count,exact,false,report,Abb. 1,
2021,imk,bebb,project_volume,,,,1,161500000,eur,approximate,false,report,Abb. 2,
2021,imk,bebb,project_volume,project,alpha,,1,14000000,eur,exact,true,report,S. 5,
2021,imk,bebb,actors_projects,district,12054,,1,3,count,exact,false,report,Abb. 9,
2021,imk,bebb,actors_projects,home_cluster,gw,,1,2,count,exact,false,report,Abb. 5,
""",
    "economy/economy.csv": """\
year,cluster_id,scope,region,sector,indicator,base_year,delimitation,mention,value,unit,\
precision,is_provisional,source_id,reference,note
2020,imk,total,bebb,,companies,,clustermonitoring,1,48000,count,exact,false,report,Tab. 1,
2020,,,12054,B-E,companies,,official,1,120.5,count,exact,true,report,,
""",
    "organisations/portraits.csv": """\
organisation_id,fact,mention,value,text,unit,precision,source_id,note
hightech,members,1,84,,count,exact,report,
""",
    "records/2021/projects.csv": """\
year,project_id,cluster_id,title,is_new,is_rdi,status,volume_eur,volume_region_eur,\
funding_eur,funding_region_eur,funder,consortium_type
2021,p1,imk,"Erstes, größtes Projekt",true,true,started,1000000,600000.5,500000,,federal,single
2021,p2,imk,,false,false,finished,0,,0,,,
""",
    "records/2021/activities.csv": """\
year,activity_id,cluster_id,title,kind
2021,a1,imk,Werkstatt,workshop
""",
    "records/2021/actors.csv": """\
year,actor_id,name,actor_type,size_class,state,ags,place,home_cluster
2021,c1,Firma,company,10-49,bb,12054,Potsdam,imk
2021,c2,Hochschule,university,,other,,,other_sector
""",
    "records/2021/participations.csv": """\
year,project_id,activity_id,actor_id
2021,p1,,c1
2021,,a1,c2
""",
    "records/2021/assignments.csv": """\
year,project_id,activity_id,scheme,category
2021,p1,,guideline,innovation_technical
2021,,a1,guideline,innovation
""",
    "commentary/2021/imk.de.md": "# year\n\nEin gutes Jahr.\n\n# success_stories\n\nMehr davon.\n",
}

DESCRIPTOR = {"title": "Kleiner Datenbestand", "synthetic": True, "disclosure": "none"}


def write_dataset(folder: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the data set ``folder/small`` with its reference tables, and return its path.

    `changes` replaces files by path: ``reference/…`` beside the data set, others inside of it;
    None leaves a file out.
    """
    files: dict[str, str | bytes | None] = {**REFERENCE, **TABLES}
    files["datapackage.json"] = json.dumps(DESCRIPTOR)
    files |= dict(changes or {})
    for name, content in files.items():
        base = folder if name.startswith("reference/") else folder / "small"
        path = base / name
        if content is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / "small"


@pytest.fixture
def dataset_path(tmp_path: Path) -> Path:
    return write_dataset(tmp_path)


def opened(name: str) -> Dataset:
    from ewm_analysis.loaders import open_dataset  # is heavy, and not all tests need it

    return open_dataset(ROOT / "data" / name)


@pytest.fixture(scope="session")
def example() -> Dataset:
    """The synthetic data set; nobody writes to what a worker's tests have in common."""
    return opened(EXAMPLE)


@pytest.fixture(scope="session")
def real() -> Dataset:
    """The published figures; nobody writes to what a worker's tests have in common."""
    return opened(REAL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_collection_finish() -> None:
    """Never look for cycles among what all tests have in common, and seldom among the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
