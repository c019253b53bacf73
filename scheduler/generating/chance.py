"""Draws from a seeded generator, written out so that no Python version changes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def between(random: Random, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return low + int(random.random() * (high - low + 1))


def one_of(random: Random, things: Sequence[T]) -> T:
    """One of the things, all alike."""
    return things[between(random, 0, len(things) - 1)]


def weighted(random: Random, weights: Sequence[float]) -> int:
    """A place in the list, as often as its weight says."""
    left = random.random() * sum(weights)
    for place, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return place
    return len(weights) - 1


def some_of(random: Random, things: Sequence[T], count: int) -> list[T]:
    """So many different things, in their own order."""
    left = list(range(len(things)))
    chosen = [left.pop(between(random, 0, len(left) - 1)) for _ in range(min(count, len(left)))]
    return [things[place] for place in sorted(chosen)]


def normal(random: Random) -> float:
    """A draw from the standard normal distribution (Box and Muller)."""
    return math.sqrt(-2.0 * math.log(1.0 - random.random())) * math.cos(2.0 * math.pi * random.random())


def by_deciles(random: Random, deciles: Sequence[float]) -> float:
    """A draw from the distribution with these eleven deciles, straight between them."""
    at = random.random() * (len(deciles) - 1)
    place = int(at)
    return deciles[place] + (at - place) * (deciles[place + 1] - deciles[place])
