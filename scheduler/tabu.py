"""Plain shops (see `scheduler.graphs`) by tabu search, with a pool of good plans that are blended into new ones.

`improve` takes the best plan so far and gives back a better one. A worker makes a first plan, improves it by tabu
search until that has found nothing better for a while, and puts it into the pool; once the pool is full it starts
from a blend of two plans of the pool instead, in which every pair of operations that both have in the same
order is so again (after Peng, Lü and Cheng 2015, whose path relinking the blend stands in for). Workers are
threads, as compiled kernels leave the interpreter alone, and share nothing but the pool.

With one worker, the same problem, seed and number of rounds give the same plan; the clock only ends the search.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from scheduler.graphs import Elite, Floor, Shop
from scheduler.model import Assignment

STEPS = 1000
"""Steps of tabu search in a round."""
SLICE = 4_000_000
"""Steps times operations between two looks at the clock: about 30 milliseconds compiled."""
PURE_SLICE = 20_000
PATIENCE = 12_500
"""A tabu search that has made so many steps without a better plan is over."""
POOL = 12
NOISE = 300
ALIKE = 20
"""One part in so many of the operations."""

class Pool:
    """The best plans found, none much like another. For several threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.elites: list[Elite] = []
        self.made = 0
        self._lock = threading.Lock()

    @property
    def best(self) -> Elite | None:
        return min(self.elites, key=lambda e: e.makespan, default=None)

    def add(self, elite: Elite) -> bool:
        with self._lock:
            self.made += 1
            twin = next((e for e in self.elites if self._alike(e, elite)), None)
            if twin is not None:
                if twin.makespan <= elite.makespan:
                    return False
                self.elites.remove(twin)
            elif len(self.elites) >= self.size:
                worst = max(self.elites, key=lambda e: e.makespan)
                if worst.makespan < elite.makespan:
                    return False
                self.elites.remove(worst)
            self.elites.append(elite)
            return True

    def _alike(self, one, other):
        n = len(one.left)
        return sum(a != b for a, b in zip(one.left, other.left)) * ALIKE < n

    def pair(self, dice: random.Random) -> tuple[Elite, Elite] | None:
        with self._lock:
            if len(self.elites) < 2 or self.made < self.size:
                return None
            one, other = dice.sample(self.elites, 2)
            return one, other


def blend(one: Elite, other: Elite, share: int, dice: random.Random) -> tuple[list[int], list[int]]:
    keys = [(100 - share) * a + share * b for a, b in zip(one.keys, other.keys)]
    modes = [a if a == b or dice.randrange(100) >= share else b for a, b in zip(one.modes, other.modes)]
    return keys, modes


class Worker:
    def __init__(self, shop, pool, seed, fast, bound):
        self.floor = Floor(shop, fast=fast, seed=seed)
        self.pool = pool
        self.dice = random.Random(seed)
        self.bound = bound
        self.running = False
        self.runs = 0

    def start(self):
        pair = self.pool.pair(self.dice)
        if pair:
            share = self.dice.randint(30, 70)
            keys, modes = blend(*pair, share, self.dice)
            self.floor.put(keys, modes)
        else:
            self.floor.dive(1 << 40, noise=NOISE)
        self.floor.begin()
        self.running = True
        self.runs += 1

    def go(self, steps):
        done = self.floor.search(steps, PATIENCE, self.bound)
        if done < steps:
            self.finish()
        return done

    def finish(self):
        self.floor.back_to_best()
        e = self.floor.elite()
        self.pool.add(e)
        self.running = False
