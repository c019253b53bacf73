"""Plans by rules, one after the other: what came out late in one is urged on in the next.

After Joslin and Clements, Squeaky wheel optimization, 1999. A plan by rules is made whole, so this finds what
ruin and recreate, which moves a few jobs at a time, does not: another order of everything. After some dozens
of plans it has found what it will, and ruin and recreate goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import exp
from random import Random
from typing import Any

from scheduler.dispatching import CHOICES, Rules, attempt
from scheduler.improve import seeded
from scheduler.kernel import urging as kernels
from scheduler.kernel.costs import SEARCH
from scheduler.kernel.memory import A_JOB, DUE, FAR, RANDOM
from scheduler.kernel.urging import AIMS, AN_AIM
from scheduler.model import Assignment
from scheduler.plan import Plan

EPOCH = 10
"""Plans between two returns to the best aims, with other rules."""
FRUITLESS = 120
"""So many plans in a row, none of them better, and it is over."""
SHAKEN = 360
"""Minutes by which aims then differ at most from the best."""
SOONER, LATER = 600, 100
"""A late job's aim goes back by at most so many thousandths of its lateness, an early one's on."""
SPREAD = 0.25
"""By how much the logarithms of the rules' numbers then differ, typically."""

Offer = Callable[[int, Callable[[], Sequence[Assignment]], Any], None]


class Urging:
    """One run of it. `best` is what its best plan costs, in weighted minutes late; each plan that is better
    than those before is offered: what it costs, its places if asked for, its rows.

    `empty`: the problem with nothing placed but its facts. `floor`: no plan costs less. Deterministic for a
    seed and a number of plans.
    """

    def __init__(self, empty: Plan, offer: Offer, *, seed: int, floor: int) -> None:
        self.empty, self.jobs = empty, len(empty.problem.jobs)
        self.best, self.rules = FAR, CHOICES[0]
        self.plans = self._better_at = 0
        self._offer, self._floor = offer, floor
        self._chance = Random(seed)
        self._costs = empty.engine.ints(SEARCH)
        self._aims = self._true_aims(seed)

    def _true_aims(self, seed: int) -> Any:
        """The list that the kernels keep, in which each job's aim is when it is due."""
        engine, first = self.empty.engine, self.empty.jobs
        dues = engine.listed(self.empty.board.memory[first + DUE : first + A_JOB * self.jobs : A_JOB])
        aims = engine.ints(AIMS + AN_AIM * self.jobs)
        aims[RANDOM] = seeded(seed)
        engine.write(aims, AIMS, [due for due in dues for _ in range(AN_AIM)])
        return aims

    def run(self, until: float, plans: int | None = None) -> None:
        """Make plans until a moment of the monotonic clock, or so many, or one as good as can be; or until no
        better ones come."""
        trying = self.rules
        while self._goes_on and time.monotonic() < until and self.plans != plans:
            if self.plans < len(CHOICES):
                trying = CHOICES[self.plans]
            elif self.plans % EPOCH == 0:
                self._call(kernels.shake_aims, self.jobs, SHAKEN)
                trying = self._shaken()
            self._one(trying)

    @property
    def _goes_on(self) -> bool:
        return self.best > self._floor and self.plans - self._better_at < FRUITLESS

    def _call(self, function: Any, *arguments: Any) -> Any:
        return self.empty.engine.run(function)(self._aims, *arguments)

    def _one(self, rules: Rules) -> None:
        """One plan, and the aims for the next; all rules to choose from are tried with the true aims."""
        plan = self.empty.copy()
        jobs = plan.jobs, self.jobs
        plan.run(kernels.take_aim, self._aims, *jobs)
        failed = attempt(plan, rules)
        cost = int(plan.run(kernels.judge, self._aims, self._costs, *jobs))
        self.plans += 1
        if failed:
            return
        if cost < self.best:
            self.best, self.rules, self._better_at = cost, rules, self.plans
            self._call(kernels.keep_aims, self.jobs)
            rows = plan.rows()
            self._offer(cost, lambda: self.empty.places(rows), rows)
        if self.plans >= len(CHOICES):
            plan.run(kernels.urge, self._aims, *jobs, SOONER, LATER)

    def _shaken(self) -> Rules:
        """The best rules, each of their numbers a little different."""
        slack, setup, fill, patience = (
            number * exp(self._chance.gauss(0.0, SPREAD))
            for number in (self.rules.slack, self.rules.setup, self.rules.fill, self.rules.patience)
        )
        return Rules(slack, setup, min(fill, 1.0), patience)
