"""Measure how often pages call chance reliable, and what intervals cover: ``make bench``.

Data sets without any change are drawn, and every test of a page is made as the page makes it; a
page is false if a single one is reliable. Written into the handbook, docs/methods/reliability.md.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from measure import ROOT

from ewm_analysis.errors import SmallSampleWarning
from ewm_analysis.figures.comparison import FEWEST
from ewm_analysis.statistics import (
    compare_counts,
    compare_multiresponse,
    compare_shares,
    compare_volumes,
    counts,
    funnel,
    growth,
    share_interval,
    trend,
    volumes,
)
from ewm_analysis.statistics.result import ALPHA, QUESTIONS, TESTS, inversions

PAGE = ROOT / "docs" / "methods" / "reliability.md"
SEED = 20260101
PROJECTS, ACTIVITIES = 34, 95
"""Means a year: those of IMK in 2021."""
CLUSTERS = (34, 30, 26, 22, 18, 15, 12, 10, 8)
"""New projects of nine clusters, in the mean."""
SPREAD = 1.35
"""Standard deviation of the logarithms of volumes."""
UNEVEN = 0.4
"""That of the logits of shares, where clusters differ as usual."""
CATEGORIES = np.array([0.5, 0.3, 0.2, 0.1])

Draw = np.random.Generator


def events(draw: Draw, mean: float, factor: float, years: int) -> list[int]:
    """Counts of years without change, their variance a factor of that of independent events."""
    if factor == 1:
        return draw.poisson(mean, years).tolist()
    shape = mean / (factor - 1)
    return draw.poisson(draw.gamma(shape, mean / shape, years)).tolist()


def growth_page(draw: Draw, factor: float, years: int) -> Iterator[bool]:
    """Two counts from first to last year, the sizes of projects, trends of four flows."""
    flows = [events(draw, mean, factor, years) for mean in (PROJECTS, ACTIVITIES)]
    for first, *others, last in flows:
        yield compare_counts(first, last, others=others, tests=TESTS).is_reliable
    sizes = [draw.lognormal(0, SPREAD, n) for n in flows[0][-2:]]
    yield compare_volumes(*sizes, tests=TESTS).is_reliable
    if years > 2:
        flows += [[draw.lognormal(0, SPREAD, n).sum() for n in flows[0]] for _ in range(2)]
        yield from (trend(range(years), flow, tests=TESTS).is_reliable for flow in flows)


def report_page(draw: Draw, factor: float, years: int) -> Iterator[bool]:
    """Two counts and three shares, against the year before."""
    projects, activities = (events(draw, mean, factor, years) for mean in (PROJECTS, ACTIVITIES))
    for *others, first, last in (projects, activities):
        yield compare_counts(first, last, others=others, tests=TESTS).is_reliable
    for bases, share in ((projects, 0.6), (projects, 0.5), (activities, 0.4)):
        first, last = [(int(draw.binomial(n, share)), n) for n in bases[-2:]]
        yield _are_apart(first, last) and compare_shares(first, last, tests=TESTS).is_reliable


def _are_apart(first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Tell whether two shares are 2 standard errors apart: from 2.7 on they are reliable."""
    (k1, n1), (k2, n2) = first, last
    if not n1 or not n2:
        return False
    common = (k1 + k2) / (n1 + n2)
    return abs(k1 / n1 - k2 / n2) > 2 * (common * (1 - common) * (1 / n1 + 1 / n2)) ** 0.5


def comparison_page(draw: Draw, factor: float, years: int) -> Iterator[bool]:
    """Nine clusters against the year before, two funnels, two profiles."""
    flows = [events(draw, mean, factor, years) for mean in CLUSTERS]
    pairs = [(flow[-2:], flow[:-2]) for flow in flows]
    tested = [compare_counts(*ends, others=others).p_value for ends, others in pairs if any(ends)]
    yield _any_reliable(tested)
    bases = [flow[-1] for flow in flows]
    for share in (0.6, 0.5):
        logits = np.log(share / (1 - share)) + draw.normal(0, UNEVEN * (factor > 1), len(bases))
        yield any(funnel(draw.binomial(bases, 1 / (1 + np.exp(-logits))), bases).is_alarm)
    owner = np.repeat(range(len(bases)), bases)
    for _ in range(2):
        table = (draw.random((len(owner), len(CATEGORIES))) < CATEGORIES).astype(int)
        rest = [(table[owner != c], table[owner == c]) for c in set(owner) if bases[c] >= FEWEST]
        yield _any_reliable([compare_multiresponse(*both).p_value for both in rest])


def _any_reliable(p_values: list[float | None]) -> bool:
    known = [p for p in p_values if p is not None]
    # Holm's smallest
    return bool(known) and QUESTIONS * len(known) * min(known) < ALPHA


PAGES: dict[str, tuple[Callable[[Draw, float, int], Iterator[bool]], tuple[int, ...]]] = {
    "Growth": (growth_page, (2, 3, 4, 8)),
    "Annual report": (report_page, (2, 3, 4)),
    "Comparison": (comparison_page, (2, 3, 4)),
}
FACTORS = {"independent": 1, "variance × 2": 2}


def page_lines(pages: int) -> Iterator[str]:
    """Per cent of pages with a false finding, a line a page."""
    yield f"| Page | Years known | {' | '.join(FACTORS)} |"
    yield "|---|--:|--:|--:|"
    for name, (page, spans) in PAGES.items():
        for years in spans:
            draw = np.random.default_rng(SEED)
            found = [
                np.mean([any([*page(draw, factor, years)]) for _ in range(pages)])
                for factor in FACTORS.values()
            ]
            print(name, years, found, flush=True)
            yield f"| {name} | {years} | " + " | ".join(f"{100 * x:.1f}%" for x in found) + " |"


def single_lines(draws: int) -> Iterator[str]:
    """Size of each test and coverage of its interval, single and without change."""
    yield "| Test or interval | Case | calls it reliable | interval covers |"
    yield "|---|---|--:|--:|"
    draw = np.random.default_rng(SEED)
    for mean in (3, 10, 30, 100):
        pairs = [tuple(pair) for pair in draw.poisson(mean, (draws, 2)).tolist() if any(pair)]
        found = [cached_counts(*pair) for pair in pairs]
        held = [(r.low or 0) <= 1 <= (np.inf if r.high is None else r.high) for r in found]
        yield _line("Two counts, E-test", f"mean {mean}", [r.is_reliable for r in found], held)
    for n in (5, 10, 34):
        sizes = draw.lognormal(0, SPREAD, (draws, 2, n))
        found = [compare_volumes(*pair) for pair in sizes]
        held = [r.low <= 1 <= r.high for r in found if r.low and r.high]
        case = f"{n} and {n} projects"
        yield _line("Sizes, Mann-Whitney", case, [r.is_reliable for r in found], held)
    for years in (5, 8, 12):
        found = [trend(range(years), draw.poisson(20, years)) for _ in range(draws)]
        held = [r.low <= 0 <= r.high for r in found if r.low is not None and r.high is not None]
        yield _line("Trend, Kendall", f"{years} years", [r.is_reliable for r in found], held)
    for n in (8, 34):
        pairs = draw.binomial(n, 0.6, (draws, 2)).tolist()
        found = [cached_shares((k1, n), (k2, n)) for k1, k2 in pairs]
        held = [(r.low or 0) <= 0 <= (r.high or 0) for r in found]
        yield _line("Two shares, Boschloo", f"60% of {n}", [r.is_reliable for r in found], held)
        single = [share_interval(k, n) for k, _ in pairs]
        held = [(r.low or 0) <= 0.6 <= (r.high or 1) for r in single]
        yield _line("One share, Wilson", f"60% of {n}", None, held)


def _line(name: str, case: str, reliable: list[bool] | None, held: list[bool]) -> str:
    size = "–" if reliable is None else f"{100 * np.mean(reliable):.1f}%"
    return f"| {name} | {case} | {size} | {100 * np.mean(held):.1f}% |"


cached_counts, cached_shares = cache(compare_counts), cache(compare_shares)
cached_orders = cache(inversions)


def main() -> None:
    """Draw, test, write the page of the handbook."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000, help="data sets of each kind")
    asked = parser.parse_args()
    # the same counts come again and again; a page asks for each once
    growth.inversions = volumes.inversions = lambda sizes: cached_orders(tuple(sorted(sizes)))
    warnings.simplefilter("ignore", SmallSampleWarning)
    single, counts._edge = [*single_lines(asked.pages)], lambda *_: 1.0  # findings need no limits
    pages = [*page_lines(asked.pages)]
    text = TEXT.format(
        tests=TESTS, questions=QUESTIONS, number=f"{asked.pages:,}",
        pages="\n".join(pages), single="\n".join(single), uneven=UNEVEN,
    )  # fmt: skip
    PAGE.write_text(text, "utf-8")


TEXT = """# How often chance is called reliable

**Question.** A page makes many tests. How often does it call something reliable although nothing
has changed?

**Method.** The family of tests is the page. Each test of a page of one cluster has a {tests}th of
the level of 5% (`result.TESTS`), on whichever page it stands, so that growth page and annual
report find the same of the same pair of years. The page that holds clusters side by side asks
{questions} questions (`result.QUESTIONS`), each a family of its own (Holm) at a {questions}th
of the level. Where the counts of all years scatter more than independent events do, a difference
must be large beside that scatter, too ([counts](counts.md)); where the shares of clusters do, the
limits of the funnel are wider ([shares](shares.md)).

**Measured.** {number} data sets of each kind, none with any change, drawn and tested
as the pages do by `benchmarks/false_alarms.py`, which `make bench` runs (`FULL=1`: 10,000 each).
Per cent of pages on which at least one finding is called
reliable:

{pages}

“Variance × 2”: counts of a year scatter so much more than those of independent events (negative
binomial), and the shares of clusters differ by a standard deviation of {uneven} of their logits.
Two years alone do not show such scatter: a variance of twice that of independent events is then
assumed, and the page says so. If years scatter more than that, chance is called reliable more
often where two years are known, and not where more are.

The question of the links between clusters is not drawn: participations in one project hang
together, and links are marked as more or fewer than expected, not called reliable.

Single tests at 5%, and how often intervals hold the true value:

{single}

**When not.** The price is paid in power: with four years, a difference so large that all years
scatter visibly is measured against this scatter, and hardly ever reliable. A page that finds
nothing has not shown that nothing changed.

**Source.** Simulation; Holm (1979), Scand. J. Stat. 6, 65–70; Spiegelhalter (2005), Stat. Med.
24, 1185–1202.
"""

if __name__ == "__main__":
    main()
