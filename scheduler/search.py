"""How the time for improvement is spent: the exact model where the problem is small, tabu search for
plain shops, else ruin and recreate, with a thread a core where the kernels are compiled.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.compiling import SHOPS, ready
from scheduler.engine import best_engine, pure_engine
from scheduler.graphs import Shop, recognise
from scheduler.improve import Ruin
from scheduler.incumbents import Shared, Tell
from scheduler.model import Assignment, Problem, Schedule
from scheduler.plan import Plan
from scheduler.tabu import Tabu
from scheduler.urging import Urging

SMALL_PAIRS = 60_000
SMALL_OPERATIONS = 12_000
LITTLE = 300
"""Operations up to which a shop is worth proving by the exact model beside the tabu search."""
LARGE = 400
"""Operations from which it is worth having a second thread."""
EFFORT = 0.02
"""CP-SAT's deterministic seconds a round, where rounds bound the search instead of time."""
MARGIN = 0.15
PATIENCE = {True: 0.9, False: 0.2}
"""The part of the time that may be waited for the exact model to load."""
WARMING = 0.1
"""The part of the time that a small problem is worked on by ruin and recreate before the exact model."""
SLICE = 0.2
"""Seconds of ruin and recreate between two looks at the clock and at what others have found."""
HEAT = 0.3
"""The mean loss that is accepted at first, as part of the cost a late job has in the first plan."""

URGING = 0.25
"""The part of the time that goes into plans by rules at most."""


class Search:
    """One improvement run. `places` are the best plan; `lower_bound` grows with what is proven."""

    def __init__(
        self,
        problem: Problem,
        places: Sequence[Assignment],
        lower_bound: int,
        *,
        workers: int,
        seed: int,
        frozen_before: int = 0,
        anchors: Mapping[str, Assignment] | None = None,
        move_cost: int = 0,
        exact: bool = True,
    ) -> None:
        self.problem = problem
        self.lower_bound = lower_bound
        self.workers = workers
        self.seed = seed
        self.exact = exact
        self.frozen_before = frozen_before
        self.costs: dict[str, Any] = {"anchors": anchors, "move_cost": move_cost}
        self.shared = Shared(None)
        self.places = list(places)

    def run(self, until: float, rounds: int | None = None, tell: Tell | None = None) -> None:
        """Improve until a moment of the monotonic clock, for a number of rounds, or down to the bound."""
        self.shared = Shared(tell)
        engine = pure_engine() if rounds is not None else best_engine()
        empty = Plan(self.problem, frozen_before=self.frozen_before, engine=engine)
        ruin = self._ruin(empty, 0)
        if ruin.best <= self.lower_bound:
            return
        small = self.exact and not self.costs["move_cost"] and is_small(self.problem)
        shop = self._shop(ruin.best) if rounds is None else None
        if shop is not None:
            self._tabu(shop, until)
        elif small:
            self._small(ruin, until, rounds)
        elif rounds is not None:
            self._rounds(ruin, rounds)
        else:
            self._threads(empty, ruin, until)
        self.shared.end()
        self.places = self.shared.places or self.places

    def _ruin(self, empty: Plan, worker: int) -> Ruin:
        """A worker's search; the first begins with the given places, the others with the best so far."""
        plan = empty.copy()
        if not worker:
            plan.load(self.places)
        ruin = Ruin(plan, self.seed + 1000 * worker, **self.costs)
        if worker:
            ruin.adopt(self.shared.rows)
        else:
            self._offer(ruin)
        return ruin

    def _offer(self, ruin: Ruin) -> None:
        rows = ruin.best_rows()
        self.shared.offer(ruin.best, lambda: ruin.plan.places(rows), rows)

    # ---- ruin and recreate ----

    def _rounds(self, ruin: Ruin, rounds: int) -> None:
        """The same every time: so many rounds, growing cooler."""
        heat = self._heat(ruin)
        for done in range(0, rounds, 20):
            ruin.run(min(20, rounds - done), heat * (1 - done / rounds) ** 2, self.lower_bound)
        self._offer(ruin)

    def _threads(self, empty: Plan, first: Ruin, until: float) -> None:
        """A search a thread; compiled kernels run beside each other."""
        large = empty.engine is not pure_engine() and self._movable() >= LARGE
        anew = large and not self.costs["move_cost"] and self.problem.goal != "makespan"

        def work(worker: int) -> None:
            ruin = self._ruin(empty, worker) if worker else first
            if anew:
                self._urge(empty, worker, until)
                self._take_over(ruin, 1.0)
            self._anneal(ruin, until)

        count = self.workers if large else 1
        threads = [threading.Thread(target=work, args=(k,), daemon=True) for k in range(1, count)]
        for thread in threads:
            thread.start()
        work(0)
        for thread in threads:
            thread.join()

    def _urge(self, empty: Plan, worker: int, until: float) -> None:
        """Plans made anew, by rules, for a part of the time."""
        began = time.monotonic()
        urging = Urging(empty, self.shared.offer, seed=self.seed + 1000 * worker, floor=self.lower_bound)
        urging.run(began + URGING * (until - began))

    def _take_over(self, ruin: Ruin, part: float) -> bool:
        """Whether another plan cost less than so much of this one's, and has taken its place."""
        if self.shared.cost is None or self.shared.cost >= part * ruin.best:
            return False
        ruin.adopt(self.shared.rows)
        return True

    def _anneal(self, ruin: Ruin, until: float) -> None:
        """Rounds until the time is over, growing cooler; what another thread has found is taken over."""
        began = time.monotonic()
        heat, pace, told = self._heat(ruin), 20, ruin.best
        while (now := time.monotonic()) < until and ruin.best > self.lower_bound:
            left = (until - now) / max(until - began, 1e-9)
            ruin.run(pace, heat * left**2, self.lower_bound)
            spent = time.monotonic() - now
            pace = max(1, min(2 * pace, int(pace * min(SLICE, until - now) / max(spent, 1e-6))))
            if ruin.best < told:
                told = ruin.best
                self._offer(ruin)
            elif self._take_over(ruin, 0.99):
                told = ruin.best
        self._offer(ruin)

    def _heat(self, ruin: Ruin) -> float:
        late = ruin.late()
        return 0.0 if self.problem.goal == "makespan" or not late else HEAT * ruin.best / late

    def _movable(self) -> int:
        return sum(len(job.operations) for job in self.problem.jobs) - len(self.problem.fixed)

    # ---- plain shops ----

    def _shop(self, makespan: int) -> Shop | None:
        """The problem as a plain shop, where it is one and its kernels are compiled."""
        if self.costs["move_cost"] or not ready(SHOPS):
            return None
        return recognise(self.problem, not_before=self.frozen_before, until=makespan)

    def _tabu(self, shop: Shop, until: float) -> None:
        """Tabu search; in small shops the exact model takes one of the cores, or half of the time."""
        search = Tabu(shop, self.shared.offer, seed=self.seed, bound=self.lower_bound, fast=True)
        if not self.exact or len(shop.names) > LITTLE:
            search.run(until, self.workers)
        elif self.workers == 1:
            search.run((time.monotonic() + until) / 2, 1)
            self._prove(search, until, 1)
        else:
            beside = (search, until, self.workers - 1)
            prover = threading.Thread(target=self._prove, args=beside, daemon=True)
            prover.start()
            search.run(until, 1)
            prover.join()

    def _prove(self, search: Tabu, until: float, workers: int) -> None:
        """The exact model; what it proves ends the tabu search."""
        if not search.done:
            self._exact(until - time.monotonic() - MARGIN, None, workers)
            search.stopped = self.shared.cost is not None and self.shared.cost <= self.lower_bound

    # ---- the exact model ----

    def _small(self, ruin: Ruin, until: float, rounds: int | None) -> None:
        """Ruin and recreate while the model loads, then the model, whose bound may prove the end."""
        loading = _start_loading()
        began = time.monotonic()
        if rounds is not None:
            loading.join()
            self._rounds(ruin, rounds)
        else:
            warm = began + WARMING * (until - began)
            while time.monotonic() < until and (loading.is_alive() or time.monotonic() < warm):
                if ruin.best <= self.lower_bound:
                    break
                ruin.run(20, 0.0, self.lower_bound)
            self._offer(ruin)
        if not loading.is_alive() and ruin.best > self.lower_bound:
            self._exact(until - time.monotonic() - MARGIN, rounds)

    def _exact(self, seconds: float, rounds: int | None, workers: int | None = None) -> None:
        from scheduler.exact import exact

        if seconds < 0.05:
            return
        effort = None if rounds is None else EFFORT * max(5.0, rounds / 10)
        places = tuple(self.shared.places)
        hint = Schedule(self.problem.name, self.shared.cost or 0, None, "feasible", 0.0, places)
        plan, bound = exact(
            self.problem, seconds, workers=workers or self.workers, seed=self.seed, hint=hint, effort=effort
        )
        self.lower_bound = max(self.lower_bound, bound)
        if plan is not None:
            self.shared.offer(plan.objective, lambda: list(plan.assignments))


def load_model() -> None:
    """Load CP-SAT now, which takes seconds, rather than within the first time limit. For servers."""
    importlib.import_module("scheduler.cpsat")


def _start_loading() -> threading.Thread:
    """Load CP-SAT beside the search, however long it takes; the thread is over when it is there."""
    thread = threading.Thread(target=load_model, name="load CP-SAT", daemon=True)
    thread.start()
    return thread


def is_small(problem: Problem) -> bool:
    """Whether one exact model of everything is worth building: few operations, few pairs with setups."""
    demand: dict[str, int] = {}
    operations = 0
    for job in problem.jobs:
        for op in job.operations:
            operations += 1
            for mode in op.modes:
                demand[mode.resource] = demand.get(mode.resource, 0) + 1
    pairs = sum(demand.get(r.id, 0) ** 2 for r in problem.resources if r.setup or r.kind == "batch")
    return operations <= SMALL_OPERATIONS and pairs <= SMALL_PAIRS
