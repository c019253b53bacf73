"""Plain shops (see `scheduler.graphs`) by tabu search, with a pool of good plans blended into new ones.

A worker makes a first plan, improves it by tabu search until that has found nothing better for a while, and
puts it into the pool. Once the pool is full it starts from a blend of two of its plans, in which every pair
of operations that both have in the same order is so again (after Peng, Lü and Cheng 2015, whose path
relinking the blend stands in for). Workers are threads, as compiled kernels leave the interpreter alone, and
share nothing but the pool. One worker, the same problem, seed and number of steps give the same plan.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence

from scheduler.graphs import Elite, Floor, Shop
from scheduler.model import Assignment

SLICE = 4_000_000
"""Steps times operations between two looks at the clock: some tens of milliseconds compiled."""
PATIENCE = 12_500
"""A tabu search that has made so many steps without a better plan is over; in a large shop,"""
PATIENCE_EACH = 10
"""so many for each operation."""
POOL = 12
"""Plans that are kept to be blended."""
NOISE = 300
"""How much chance there is in a first plan, in 1024ths of what a job still needs."""
ALIKE = 20
"""Plans are much alike that differ in less than one part in so many of who follows whom."""
RESTART = 100
"""Steps that beginning anew counts for."""
DEAD_ENDS = 20
"""So many for each operation are met before a plan that would end at the bound is given up."""

TELLING = 1.0
"""Seconds between two plans that are told of while a tabu search goes on."""

Offer = Callable[[int, Callable[[], Sequence[Assignment]]], None]
"""Called with a makespan and how to get its plan."""


class Pool:
    """The best plans found, none much like another. For several threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.elites: list[Elite] = []
        self.made = 0
        self._lock = threading.Lock()

    def add(self, elite: Elite) -> None:
        """Keep a plan instead of one much like it, or of the worst, where it is better."""
        with self._lock:
            self.made += 1
            twin = next((e for e in self.elites if _alike(e, elite)), None)
            full = len(self.elites) >= self.size
            other = twin or (max(self.elites, key=lambda e: e.makespan) if full else None)
            if other is not None:
                if other.makespan <= elite.makespan:
                    return
                self.elites.remove(other)
            self.elites.append(elite)

    def pair(self, dice: random.Random) -> tuple[Elite, Elite] | None:
        """Two plans to blend, once there have been enough."""
        with self._lock:
            if len(self.elites) < 2 or self.made < self.size:
                return None
            one, other = dice.sample(self.elites, 2)
            return one, other


def _alike(one: Elite, other: Elite) -> bool:
    differ = sum(a != b for a, b in zip(one.left, other.left, strict=True))
    return differ * ALIKE < len(one.left)


def blend(one: Elite, other: Elite, share: int, dice: random.Random) -> tuple[list[int], list[int]]:
    """Keys and modes between those of two plans, `share` percent of the way to the second."""
    keys = [(100 - share) * a + share * b for a, b in zip(one.keys, other.keys, strict=True)]
    modes = [
        a if a == b or dice.randrange(100) >= share else b
        for a, b in zip(one.modes, other.modes, strict=True)
    ]
    return keys, modes


class Tabu:
    """The search over one shop. `offer` is told of each better plan, from any thread."""

    def __init__(self, shop: Shop, offer: Offer, *, seed: int, bound: int, fast: bool) -> None:
        self.shop, self.seed, self.fast = shop, seed, fast
        self.bound = bound
        """No plan ends sooner."""
        self.pool = Pool(POOL)
        self._offer = offer
        self.stopped = False
        """Set from outside, it ends the search."""
        self._best: int | None = None
        self._told = time.monotonic()

    @property
    def done(self) -> bool:
        """Whether there is no point in going on."""
        return self.stopped or (self._best is not None and self._best <= self.bound)

    def run(self, until: float, workers: int, steps: int | None = None) -> None:
        """Search until a moment of the monotonic clock, until the bound is reached, or for so many steps."""
        threads = [
            threading.Thread(target=self._work, args=(k, until, steps), daemon=True)
            for k in range(1, workers)
        ]
        for thread in threads:
            thread.start()
        self._work(0, until, steps)
        for thread in threads:
            thread.join()

    def _work(self, k: int, until: float, steps: int | None) -> None:
        floor = Floor(self.shop, fast=self.fast, seed=self.seed + 1000 * k)
        dice = random.Random(self.seed + 1000 * k)
        slice_ = max(1, SLICE // (len(self.shop.names) + 1))
        patience = max(PATIENCE, PATIENCE_EACH * len(self.shop.names))
        left = 1 << 62 if steps is None else steps
        self._start(floor, dice, greedy=k == 0)
        while not self.done and left > 0 and time.monotonic() < until:
            done = floor.search(min(slice_, left), patience, self.bound)
            left -= max(done, RESTART)
            if steps is None:
                self._tell(floor)
            if done < slice_ and left > 0:
                self._finish(floor)
                self._start(floor, dice)
        self._finish(floor)

    def _start(self, floor: Floor, dice: random.Random, *, greedy: bool = False) -> None:
        """The first worker begins with a plan that would end at the bound, if one is soon found."""
        pair = self.pool.pair(dice)
        if pair is not None:
            floor.put(*blend(*pair, dice.randint(30, 70), dice))
        elif not greedy or floor.dive(self.bound, dead_ends=DEAD_ENDS * len(self.shop.names)) is None:
            floor.dive(1 << 40, noise=0 if greedy else NOISE)
        floor.begin()

    def _tell(self, floor: Floor) -> None:
        """Say what has been found, now and then; the search goes on as if nothing had been said."""
        if not self._is_better(floor.best) or time.monotonic() < self._told + TELLING:
            return
        self._told = time.monotonic()
        self._say(floor.twin())

    def _finish(self, floor: Floor) -> None:
        floor.back_to_best()
        self.pool.add(floor.elite())
        if self._is_better(floor.best):
            self._say(floor)

    def _is_better(self, makespan: int) -> bool:
        return self._best is None or makespan < self._best

    def _say(self, floor: Floor) -> None:
        """Tell of a floor's best plan."""
        self._best = floor.back_to_best()
        places = floor.assignments()  # the floor goes on
        self._offer(self._best, lambda: places)
