"""Nobody gets at a withheld figure by solving for it, in random reports and in the example."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from disclosure_attacker import Attacker, Name, is_amount
from small_records import dataset

from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.disclosure import DisclosureRule, Suppressed, suppress
from ewm_analysis.disclosure.cells import Behind
from ewm_analysis.disclosure.relations import Web, web_of
from ewm_analysis.indicators import compute_indicators
from ewm_analysis.loaders import Dataset, open_dataset

RULE = DisclosureRule()
NAME = ["indicator", "dimension", "category"]
PRIMARY = {"threshold", "dominance", "p_percent"}
REPORTS = 4
"""Random ones; `make fuzz` attacks a hundred."""
ROOT = Path(__file__).parents[1]


def figures(rows: pd.DataFrame) -> dict[Name, float]:
    """Values of one report, but for the shares that follow from them."""
    own = rows[~rows["indicator"].str.endswith("_share")]
    return dict(zip(own[NAME].itertuples(index=False, name=None), own["value"], strict=True))


def read(published: pd.DataFrame, year: int, cluster: str) -> list[tuple[Name, float]]:
    """Exact figures that reports print, in the order of their lines."""
    own = published[(published["year"] == year) & (published["cluster_id"] == cluster)]
    own = own[(own["precision"] == "exact") & own["base_year"].isna()]
    return [
        (tuple(line[:3]), float(line[3])) for line in own[[*NAME, "value"]].itertuples(index=False)
    ]


def attacks(
    data: Dataset, result: Suppressed | None = None
) -> Iterator[tuple[Web, Attacker, dict[Name, str]]]:
    """Attack each report of a data set; yield what is behind it and why figures are withheld."""
    values = compute_indicators(data)
    values = values[values["source_id"] == "records"]
    result = result or suppress(values, data)
    behind = Behind(data.records, data.reference)
    categories = data.reference.categories
    parents = {
        row[:2]: row[2]
        for row in categories[["dimension", "category", "parent"]].itertuples(index=False)
    }
    for (year, cluster), rows in values.groupby(["year", "cluster_id"]):
        own = {
            name: table[(table["year"] == year) & (table["cluster_id"] == cluster)]
            for name, table in (("shown", result.values), ("audit", result.audit))
        }
        truth = figures(rows)
        told = read(data.published, int(year), str(cluster))
        web = web_of(behind.report(int(year), str(cluster)), truth, told)
        complete = [
            name[1:] for name, value in web.values.items() if name[0] == "none" and not value
        ]
        reasons = dict(
            zip(
                own["audit"][NAME].itertuples(index=False, name=None),
                own["audit"]["reason"],
                strict=True,
            )
        )
        attacker = Attacker(truth, figures(own["shown"]), parents, complete, told)
        yield web, attacker, reasons


def check_report(web: Web, attacker: Attacker, reasons: dict[Name, str]) -> int:
    """Solve for every withheld figure and every confidential difference; return how many."""
    tried, blind = 0, attacker.told_only_zeros()
    for name, reason in reasons.items():
        if name not in attacker.truth:
            continue
        value, is_amount = attacker.truth[name], web.parts[name].is_amount
        needed = (math.inf, -math.inf)
        if reason in PRIMARY:
            floor = 0.0 if is_amount else 1.0
            needed = RULE.needed(value, is_amount=is_amount, floor=floor)
        check_open(attacker, blind, {name: 1.0}, value, needed, least_open=0.5)
        tried += 1
    return tried + check_differences(web, attacker, blind) + check_dominance(web, attacker)


def check_open(
    attacker: Attacker,
    blind: Attacker,
    target: dict[Name, float],
    value: float,
    needed: tuple[float, float],
    least_open: float,
) -> None:
    """Check that a sum of cells may have the values needed, as far as print leaves them open.

    It is solved for only where no table that was found before proves it.
    """
    (least, most), slack = needed, 1e-6 * max(1.0, abs(value))
    for asked in (attacker.seen, attacker.interval):
        low, high = asked(target)
        if low <= least + slack and high >= most - slack and high - low > least_open:
            return
    known = blind.interval(target)
    assert low <= max(least, known[0]) + slack, (target, value, low, high)
    assert high >= min(most, known[1]) - slack, (target, value, low, high)
    least_open = min(least_open, 0.9 * (known[1] - known[0]) - 1e-6)  # print alone may tell more
    assert high - low > least_open, (target, value, low, high)


def check_dominance(web: Web, attacker: Attacker) -> int:
    """Let each actor take its own projects from every amount that is shown, and guess the rest.

    What is left, as a guess of the largest project in it, must be too high by a tenth.
    """
    tried = 0
    for name, total in attacker.shown.items():
        if not is_amount(name) or not total or web.is_told(name):
            continue
        part = web.parts[name]
        assert np.sort(part.amounts)[-2:].sum() <= 0.85 * total + 1e-6, name
        for takes_part in part.units.actors.T:
            left = total - part.amounts[takes_part].sum()
            largest = part.amounts[~takes_part].max(initial=0.0)
            assert left - largest >= 0.1 * largest - 1e-6, (name, left, largest)
            tried += 1
    return tried


def check_differences(web: Web, attacker: Attacker, blind: Attacker) -> int:
    tried = 0
    for equation in web.equations:
        hidden = next(name for name in equation if name not in web.shown)
        part = web.parts.get(hidden)
        if hidden[0] not in ("rest", "unstated", "beside") or part is None or not RULE.broken(part):
            continue
        target = {name: float(sign) for name, sign in equation.items() if name != hidden}
        value = web.values[hidden]
        needed = RULE.needed(value, is_amount=part.is_amount, floor=min(0.0, value))
        check_open(attacker, blind, target, value, needed, least_open=-math.inf)
        tried += 1
    return tried


def random_records(seed: int) -> dict[str, str]:
    """Records of one report, small enough that nearly every figure is confidential, or larger."""
    draw = random.Random(seed)
    projects, actors = draw.randint(1, 25), draw.randint(2, 40)
    lines = {
        "projects": ["project_id is_new is_rdi status funder consortium_type volume_eur "
                     "volume_region_eur funding_eur funding_region_eur"],
        "activities": ["activity_id"],
        "actors": ["actor_id actor_type size_class state ags home_cluster"],
        "participations": ["project_id activity_id actor_id"],
        "assignments": ["project_id activity_id scheme category"],
    }  # fmt: skip
    for number in range(projects):
        volume = round(draw.lognormvariate(13, 1.4), 2)
        parts = [volume, volume * draw.random(), volume * draw.choice([0, 0.3, 0.8, 1])]
        amounts = [f"{amount:.2f}" for amount in (*parts, parts[2] * draw.random())]
        if draw.random() < 0.1:
            amounts = ["-"] * 4
        name = "alpha" if number == 0 and draw.random() < 0.5 else f"p{number}"
        lines["projects"].append(" ".join([
            name, draw.choice(["true", "true", "false"]), draw.choice(["true", "false"]),
            draw.choice(["application", "started", "finished"]),
            draw.choice(["eu", "federal", "federal", "-"]),
            draw.choice(["single", "companies", "companies", "-"]), *amounts,
        ]))  # fmt: skip
    activities = draw.randint(0, 12)
    lines["activities"] += [f"a{number}" for number in range(activities)]
    for number in range(actors):
        kind, state = (
            draw.choice(["company", "company", "university", "chamber"]),
            draw.choice(["be", "bb", "bb", "other"]),
        )
        size = draw.choice(["1-9", "250+", "-"]) if kind == "company" else "-"
        ags = {"be": "11000", "bb": draw.choice(["12051", "12054", "-"])}.get(state, "-")
        home = draw.choice(["imk", "imk", "gw", "kc", "other_sector", "-"])
        lines["actors"].append(f"c{number} {kind} {size} {state} {ags} {home}")
    names = [line.split()[0] for line in lines["projects"][1:]]
    items = [(f"{name} -", 0) for name in names] + [
        (f"- a{number}", 1) for number in range(activities)
    ]
    for item, _ in items:
        for number in draw.sample(range(actors), draw.randint(0, min(5, actors))):
            lines["participations"].append(f"{item} c{number}")
        for scheme, codes in {
            "guideline": ["innovation", "innovation_technical", "innovation_other"],
            "focus_topic": ["work", "international"],
            "technology": ["ai"],
        }.items():
            for code in draw.sample(codes, draw.randint(0, len(codes))):
                lines["assignments"].append(f"{item} {scheme} {code}")
    return {name: "\n".join(own) for name, own in lines.items()}


@pytest.mark.parametrize("seed", range(REPORTS))
def test_random_reports_withstand(seed: int) -> None:
    data = replace(dataset(random_records(seed)), disclosure="standard")
    for web, attacker, reasons in attacks(data):
        assert check_report(web, attacker, reasons) > 0
        assert "unknown" not in reasons.values()


def printed_of(values: pd.DataFrame, seed: int) -> str:
    """Figures that a report might have printed of these values: some of them, some rounded."""
    draw = random.Random(seed)
    lines = ["indicator dimension category value unit"]
    for row in values.itertuples():
        if draw.random() > 0.3 or pd.isna(row.value):
            continue
        unit, value = indicator(row.indicator).unit, row.value
        if unit == "eur":
            value = draw.choice([value, round(value / 1e6, 1) * 1e6, round(value, -6)])
        elif unit == "fraction":
            value = draw.choice([round(value, 2), math.floor(value * 100) / 100])
        lines.append(
            f"{row.indicator} {row.dimension or '-'} {row.category or '-'} {float(value)!r} {unit}"
        )
    return "\n".join(lines)


# Of seed 1016 a printed share leaves single values open only.
@pytest.mark.parametrize("seed", [*range(REPORTS), 1016])
def test_random_reports_withstand_whoever_read_printed_ones(seed: int) -> None:
    records = random_records(seed)
    values = compute_indicators(dataset(records))
    data = replace(dataset(records, published=printed_of(values, seed)), disclosure="standard")
    for web, attacker, reasons in attacks(data):
        assert check_report(web, attacker, reasons) > 0
        assert not {*reasons} & {name for name, (low, high) in web.told.items() if low == high}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The annual report of the example, had it held confidential records, as a batch leaves it."""
    from ewm_analysis.batch import execute_runs, plan_runs, write_indicators

    folder = tmp_path_factory.mktemp("confidential")
    data = confidential(folder)
    runs = plan_runs(
        [data], ROOT, folder / "outputs", years=[2021], clusters=["imk"],
        notebooks=["10_annual_report"], locales=["de"],
    )  # fmt: skip
    (result,) = execute_runs(runs, ROOT, folder / "outputs")
    assert not result.error
    write_indicators(data, folder / "outputs")
    return folder


@cache
def confidential(folder: Path) -> Dataset:
    """Write the example's year 2021 as a data set with disclosure control."""
    path = folder / "example"
    if not path.exists():
        example = ROOT / "data" / "example"
        shutil.copytree(example / "records" / "2021", path / "records" / "2021")
        shutil.copytree(ROOT / "data" / "reference", folder / "reference")
        head = json.loads((example / "datapackage.json").read_text("utf-8"))
        head |= {"disclosure": "standard", "resources": []}
        (path / "datapackage.json").write_text(json.dumps(head), "utf-8")
    return open_dataset(path)


@cache
def suppressed(folder: Path) -> Suppressed:
    """Return what may be shown of it, and what is withheld, and why."""
    data = confidential(folder)
    return suppress(compute_indicators(data), data)


def test_the_example_withstands(outputs: Path) -> None:
    data = confidential(outputs)
    tried = {}
    for web, attacker, reasons in attacks(data, suppressed(outputs)):
        tried[len(tried)] = check_report(web, attacker, reasons)
    assert len(tried) == 9
    assert min(tried.values()) > 10


def test_no_file_of_a_report_holds_a_withheld_figure(outputs: Path) -> None:
    data = confidential(outputs)
    audit = suppressed(outputs).audit
    audit = audit[audit["cluster_id"] == "imk"]
    page = outputs / "outputs" / "example" / "2021" / "imk" / "10_annual_report" / "de"
    # Every number of the figures' files, by what it stands for.
    label = data.reference.label
    words = Words(data.reference, "de")
    withheld = {
        (
            words.indicator(row.indicator),
            label(row.dimension, row.category, "de") if row.category else "",
        )
        for row in audit.itertuples()
    }
    told = set()
    for file in sorted((page / "figures").glob("*.csv")):
        table = pd.read_csv(file, dtype=str, keep_default_na=False, sep=None, engine="python")
        if {"Indikator", "Kategorie"} <= {*table}:
            categories = table["Kategorie"].replace(words.text("values.undivided"), "")
            told |= {*zip(table["Indikator"], categories, strict=True)}
    assert len(told) > 100
    assert told & withheld == set()
    # Amounts are long enough to be looked for as they are, wherever they may stand.
    amounts = audit.loc[audit["indicator"].str.contains("volume"), "value"]
    texts = {path: path.read_bytes() for path in page.rglob("*") if path.suffix in TEXTS}
    assert {path.suffix for path in texts} == TEXTS
    for amount in amounts:
        plain = str(int(amount)).encode()
        assert [path.name for path, text in texts.items() if plain in text] == []
    assert "Vertrauliche Meldungen" in texts[page / "report.html"].decode()
    assert "•" in texts[page / "report.html"].decode()


TEXTS = {".html", ".csv", ".ipynb", ".json"}


def test_the_long_table_of_a_batch_holds_no_withheld_figure(outputs: Path) -> None:
    audit = suppressed(outputs).audit
    table = pq.read_table(outputs / "outputs" / "example" / "indicators.parquet").to_pandas()
    key = ["year", "cluster_id", *NAME]
    missing = {*table.loc[table["value"].isna(), key].itertuples(index=False, name=None)}
    assert missing == {*audit[key].itertuples(index=False, name=None)}
    kept = (outputs / "outputs").rglob("*")
    assert not any("audit" in path.name for path in kept)
