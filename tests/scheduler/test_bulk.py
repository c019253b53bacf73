"""Assignments by thousands are what they would be one by one, in the order in which sorting puts them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from scheduler import bulk
from scheduler.bulk import assignments_of, changed_in_order, in_order, in_time, time_order
from scheduler.model import Assignment


def many(random: Random, count: int, far: int = 0) -> list[Assignment]:
    """Places of which many begin together."""
    return [
        Assignment(f"o{k}", f"R{random.randrange(12)}", start, start + 5)
        for k in range(count)
        if (start := far + random.randrange(-20, 60) * 10) is not None
    ]


def test_made_column_by_column_they_are_the_same() -> None:
    one_by_one = many(Random(1), 50)
    names, resources = [a.operation for a in one_by_one], [a.resource for a in one_by_one]
    made = assignments_of(names, resources, [a.start for a in one_by_one], [a.end for a in one_by_one])
    assert made == one_by_one
    assert {type(a) for a in made} == {Assignment}
    assert hash(made[3]) == hash(one_by_one[3])
    assert replace(made[0], start=7).start == 7
    with pytest.raises(AttributeError):
        made[0].start = 1  # type: ignore[misc]


@pytest.mark.parametrize("far", [0, bulk.FARTHEST])
@pytest.mark.parametrize("count", [0, 1, 400])
def test_the_order_is_that_of_sorting(count: int, far: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MANY", 1)
    places = many(Random(2), count, far)
    assert in_order(places) == sorted(places, key=in_time)


def test_numbers_that_are_no_whole_ones_are_sorted_all_the_same() -> None:
    assert time_order(["a", "b", "c"], ["R", "R", "R"], [2.5, 2.0, 1]) == [2, 1, 0]  # type: ignore[list-item]


@pytest.mark.parametrize("seed", range(5))
def test_changes_to_what_is_in_order_are_put_in_order(seed: int) -> None:
    random = Random(seed)
    old = in_order(many(random, 200))
    gone = random.sample(old, 30)
    new = [replace(a, start=a.start + random.randrange(-50, 50)) for a in gone[:20]]
    new += [Assignment(f"n{k}", "R3", random.randrange(-300, 700), 900) for k in range(5)]
    strangers = [Assignment("stranger", "R1", 5, 10)]
    left = {a.operation for a in gone}
    wanted = sorted([*(a for a in old if a.operation not in left), *new], key=in_time)
    assert changed_in_order(tuple(old), [*gone, *strangers], new) == wanted
