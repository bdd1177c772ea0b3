"""A damaged source ends in the values that were meant, or in an error that names its place."""

from __future__ import annotations

import random
from functools import cache

import pytest
from fuzz_plan import Base, Damage, write_csv
from fuzz_workbook import FAMILIES, GOOD, base, damaged, run_one

SEEDS, PORTIONS = 200, 5


@cache
def first_of_each_kind() -> list[int]:
    """Return the seeds that damage as no smaller one does; `make fuzz` tries every one."""
    kinds: dict[tuple[str, str], int] = {}
    for seed in range(SEEDS):
        family, damage = damaged(random.Random(seed))
        kinds.setdefault((family, damage.name), seed)
    return [*kinds.values()]


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_damage_is_told_or_harmless(portion: int) -> None:
    seeds = first_of_each_kind()[portion::PORTIONS]
    assert len(seeds) >= 15
    bad = [end for end in map(run_one, seeds) if end.outcome not in GOOD]
    assert bad == []


def test_same_seed_same_damage() -> None:
    for damage, _ in FAMILIES.values():
        one, other = (damage(random.Random(7), base()) for _ in range(2))
        assert (one.name, one.plan, one.files) == (other.name, other.plan, other.files)


@pytest.mark.parametrize(
    ("row", "outcome"), [(None, "same values"), (0, "silent change"), (1, "rows lost")]
)
def test_the_judge_can_tell(row: int | None, outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuzzer that cannot fail would be worse than none: here the source means something else."""

    def lying(rng: random.Random, good: Base) -> Damage:
        projects = good.records["projects"].copy()
        if row == 0:
            projects.loc[0, "title"] = "another title"
        if row == 1:
            projects = projects.loc[[*projects.index, 0]].reset_index(drop=True)
        return Damage(
            "lie", [], good.records | {"projects": projects}, files=write_csv(good.plan())
        )

    monkeypatch.setitem(FAMILIES, "csv", (lying, 10**9))
    assert run_one(1).outcome == outcome
