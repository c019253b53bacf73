"""Small problems with every rule of the model in them, for tests that compare solvers with brute force."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from random import Random
from typing import Literal, get_args

from scheduler.generating.chance import between, one_of, some_of
from scheduler.model import (
    EPOCH,
    Amount,
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    SetupMatrix,
)

Feature = Literal[
    "setups",
    "calendars",
    "pausing",
    "needs",
    "vectors",
    "least_load",
    "loading",
    "lags",
    "releases",
    "facts",
    "deadlines",
    "promises",
    "pools",
    "batches",
]
FEATURES: frozenset[Feature] = frozenset(get_args(Feature))
HORIZON = 3000
FAMILIES = ("a", "b", "c")
FACTS_END = 30
"""No planned work is due before this minute, so that what has happened stands alone."""


def small(
    random: Random, features: Collection[Feature] = FEATURES, *, jobs: int = 3, steps: int = 3
) -> Problem:
    """A plant of two machines, and where asked a kiln, a dryer and a crew, with one to `jobs` jobs.

    Every feature is used here and there, never always. A plan exists as long as nothing but the last, long
    window of each calendar is counted on; deadlines leave room for all work one after the other.
    """
    made = _Maker(random, frozenset(features))
    resources = made.resources()
    made.jobs = [made.job(str(n), resources, steps) for n in range(between(random, 1, jobs))]
    kiln = next((r for r in resources if r.kind == "batch"), None)
    if kiln is not None:
        resources = [made.lit_by_all(r) if r is kiln else r for r in resources]
    fixed = made.facts(resources)
    return Problem(
        "small", EPOCH, HORIZON, tuple(resources), {"s": made.matrix()}, tuple(made.jobs), tuple(fixed)
    )


class _Maker:
    """One problem being made."""

    def __init__(self, random: Random, features: frozenset[Feature]) -> None:
        self.random = random
        self.features = features
        self.jobs: list[Job] = []

    def asked(self, feature: Feature, part: float = 0.5) -> bool:
        """Whether to use a feature here: never if not asked for, else in this part of the cases."""
        return feature in self.features and self.random.random() < part

    def up_to(self, high: int, low: int = 0) -> int:
        """A whole number between the two."""
        return between(self.random, low, high)

    # ---- what there is ----

    def matrix(self) -> SetupMatrix:
        rows = [[0 if i == j else self.up_to(9) for j in range(3)] for i in range(3)]
        for k in range(3):
            for i in range(3):
                for j in range(3):
                    rows[i][j] = min(rows[i][j], rows[i][k] + rows[k][j])
        return SetupMatrix(FAMILIES, tuple(tuple(row) for row in rows))

    def resources(self) -> list[Resource]:
        made = [self.resource("m1"), self.resource("m2")]
        if "batches" in self.features:
            made.append(self.kiln())
        if "pools" in self.features:
            made.append(replace(self.resource("dryer", setup=False), kind="pool", capacity=self.room()))
        if "needs" in self.features:
            made.append(replace(self.resource("crew", setup=False), kind="pool", capacity=self.up_to(3, 1)))
        return made

    def resource(self, name: str, *, setup: bool = True) -> Resource:
        matrix = "s" if setup and self.asked("setups") else None
        return Resource(name, "machine", self.calendar(), setup=matrix)

    def kiln(self) -> Resource:
        loading, cooling = (self.up_to(3), self.up_to(5)) if self.asked("loading") else (0, 0)
        plain = replace(self.resource("kiln"), kind="batch", capacity=self.room())
        return replace(plain, loading=loading, cooling=cooling)

    def room(self) -> Amount:
        """Room for two or three of the largest sizes, in one or two dimensions."""
        return (self.up_to(7, 4), self.up_to(7, 4)) if "vectors" in self.features else self.up_to(7, 4)

    def calendar(self) -> tuple[tuple[int, int], ...]:
        """A few windows, the last one long enough for everything."""
        if not self.asked("calendars", 0.7):
            return ((0, HORIZON),)
        cuts = sorted({self.up_to(120) for _ in range(self.up_to(4))})
        windows = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if b - a > 3]
        return (*windows, (self.up_to(140, 121), HORIZON))

    def lit_by_all(self, kiln: Resource) -> Resource:
        """The kiln with a least load that the pieces of each recipe reach together."""
        if not self.asked("least_load"):
            return kiln
        loads: dict[str | None, int] = {}
        for job in self.jobs:
            for op in job.operations:
                if any(m.resource == kiln.id for m in op.modes):
                    loads[op.family] = loads.get(op.family, 0) + _first(op.size)
        return replace(kiln, least_load=self.up_to(max(1, min(loads.values(), default=1)), 1))

    # ---- what is to be done ----

    def job(self, name: str, resources: list[Resource], steps: int) -> Job:
        count = self.up_to(steps, 1)
        ops = tuple(self.operation(f"{name}.{k}", resources, k == count - 1) for k in range(count))
        release = self.up_to(60) if "releases" in self.features else 0
        due = self.up_to(250)
        deadline = HORIZON - self.up_to(200) if self.asked("deadlines", 0.3) else None
        promised = due + self.up_to(60) if self.asked("promises") else None
        return Job(name, release, due, self.up_to(4), ops, promised, deadline)

    def operation(self, name: str, resources: list[Resource], last: bool) -> Operation:
        """One step on one to three resources. A largest lag leaves room for any setup."""
        main = [r for r in resources if r.id != "crew"]
        chosen = some_of(self.random, main, self.up_to(3, 1))
        low = self.up_to(6) if self.asked("lags") else 0
        lag = low + self.up_to(20) + 10 if not last and self.asked("lags", 0.4) else None
        pausing = all(r.kind == "machine" for r in chosen) and self.asked("pausing")
        return Operation(
            name,
            tuple(self.mode(r, pausing) for r in chosen),
            family=one_of(self.random, FAMILIES),
            size=(self.up_to(3, 1), self.up_to(3, 1)) if self.asked("vectors") else self.up_to(3, 1),
            min_lag=low,
            max_lag=lag,
            release=one_of(self.random, (0, 0, 15, 60)) if "releases" in self.features else 0,
            may_pause=pausing,
        )

    def mode(self, resource: Resource, pausing: bool) -> Mode:
        crew = resource.kind == "machine" and not pausing and self.asked("needs")
        return Mode(resource.id, self.up_to(12, 1), (Need("crew", 1),) if crew else ())

    # ---- what has happened ----

    def facts(self, resources: list[Resource]) -> list[Assignment]:
        """A breakdown, and the first operation of a job, running; no largest lag runs out after it."""
        found = []
        if self.asked("facts", 0.4):
            start = self.up_to(FACTS_END)
            found.append(Assignment("breakdown", "m1", start, start + self.up_to(40, 1)))
        if self.asked("facts", 0.4):
            job = self.jobs[0]
            op, *rest = job.operations
            mode = op.modes[0]
            at = {r.id: r for r in resources}[mode.resource]
            self.jobs[0] = replace(job, operations=(replace(op, max_lag=None), *rest))
            found.append(Assignment(op.id, at.id, 0, at.loading + mode.minutes + at.cooling))
        return found


def _first(amount: Amount) -> int:
    return amount[0] if isinstance(amount, tuple) else amount
