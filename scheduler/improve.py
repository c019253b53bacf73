"""The improvement of a whole plan by ruin and recreate, in slices that can be stopped at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.engine import Pure
from scheduler.kernel import costs, ruin
from scheduler.kernel.costs import (
    BROKEN,
    CHOSEN,
    GOAL,
    JOBS,
    JOBS_N,
    KEYS,
    LATE,
    LATE_N,
    LEAST_COST,
    MOVE,
    NOW,
    PICKY,
    ROUNDS,
    SEARCH,
    STRAYS,
    YIELD,
)
from scheduler.kernel.memory import A_JOB, ANCHOR, BEST, OPERATION, RANDOM
from scheduler.kernel.rounds import ruin_rounds
from scheduler.model import Assignment
from scheduler.plan import Plan

PICKIEST = 4
"""Where promises are kept: of so many others, the one with most time to spare makes room."""

YIELDING = 14
"""In so many of sixteen rounds others give way to a late job, where moves cost nothing."""


def seeded(seed: int) -> int:
    """The state of the random numbers that a seed begins with."""
    return (seed * 2654435761 + 88172645) % 0xFFFFFFFF or 1


def search_over(engine: Pure, spots: Sequence[int], jobs: int) -> Any:
    """What a search keeps whose goal is the cost of the jobs at these spots, among so many that may move."""
    work = engine.ints(SEARCH + len(spots) + 4 * jobs)
    work[JOBS], work[JOBS_N], work[PICKY] = SEARCH, len(spots), 1
    engine.write(work, SEARCH, spots)
    for k, place in enumerate((LATE, CHOSEN, KEYS, STRAYS)):
        work[place] = SEARCH + len(spots) + k * jobs
    return work


class Ruin:
    """The search over one plan. Deterministic for a seed, a number of rounds and their heats."""

    def __init__(
        self,
        plan: Plan,
        seed: int,
        *,
        anchors: Mapping[str, Assignment] | None = None,
        move_cost: int = 0,
        broken_cost: int = 0,
    ) -> None:
        self.plan = plan
        plan.board.memory[RANDOM] = seeded(seed)
        longest = max((len(job.operations) for job in plan.problem.jobs), default=0)
        self.scratch = plan.engine.ints(longest)
        self.work = self._work()
        self.work[GOAL] = int(plan.problem.goal == "makespan")
        self.work[MOVE], self.work[BROKEN] = move_cost, broken_cost
        self.work[YIELD] = 0 if move_cost or self.work[GOAL] else YIELDING
        for name, place in (anchors or {}).items():
            self._anchor(name, place)
        self.call(costs.reckon)

    def _work(self) -> Any:
        jobs = len(self.plan.problem.jobs)
        spots = range(self.plan.jobs, self.plan.jobs + A_JOB * jobs, A_JOB)
        return search_over(self.plan.engine, spots, jobs)

    def _anchor(self, name: str, place: Assignment) -> None:
        """Write where an operation should rather stay."""
        at = self.plan.at.get(name)
        if at is None:
            return
        op = self.plan.operations[(at - self.plan.first) // OPERATION]
        mode = self.plan.mode_at(at, [m.resource for m in op.modes], place.resource)
        self.plan.engine.write(self.plan.board.memory, at + ANCHOR, (mode, place.start, place.end))

    def call(self, function: Any, *arguments: Any) -> Any:
        """Call a kernel on the memory and what the search keeps."""
        return self.plan.run(function, self.work, *arguments)

    @property
    def best(self) -> int:
        """The cost of the best plan so far."""
        return int(self.work[LEAST_COST])

    @property
    def current(self) -> int:
        """The cost of the plan as it stands."""
        return int(self.work[NOW])

    @property
    def rounds(self) -> int:
        """Rounds done."""
        return int(self.work[ROUNDS])

    def run(self, rounds: int, heat: float = 0.0, floor: int = 0) -> int:
        """So many rounds, or until the best costs no more than `floor`; returns how many were done."""
        return int(self.call(ruin_rounds, rounds, float(heat), floor, self.scratch))

    def back_to_best(self) -> None:
        """Put everything where it stood in the best plan so far."""
        self.call(costs.go_back)

    def late(self) -> int:
        """How many jobs cost something."""
        self.call(ruin.refresh_late)
        return int(self.work[LATE_N])

    def best_rows(self) -> Any:
        """Where everything stands in the best plan so far, which goes on to differ from how it stands."""
        return self.plan.rows(BEST, BEST + 1)

    def adopt(self, rows: Any) -> None:
        """Take over another plan of the same problem (see `Plan.rows`); it becomes the best."""
        self.call(costs.adopt_rows, self.plan.first, rows)
