"""What a scheduling problem and its answer are made of.

All times are whole minutes after the problem's origin, all ids the caller's own strings. Everything here is
immutable; use `dataclasses.replace` to get a changed copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["machine", "batch", "pool"]
Goal = Literal["weighted_tardiness", "makespan"]
Amount = int | tuple[int, ...]
"""A capacity or a size: one number, or one a dimension."""

EPOCH = "1970-01-05T00:00:00Z"
"""The first Monday after the epoch, for problems that name no origin."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A machine (one operation at a time), a batch resource (many in one firing) or a pool (sizes add up).

    `calendar` holds the open windows as (start, end); an operation runs wholly inside one of them.
    `capacity` bounds the sizes in one firing, or running at once in a pool: one number, or one a dimension
    (volume and pieces, say). `setup` names a SetupMatrix.

    For batch resources only: `loading` and `cooling` are minutes before and after the recipe's own during
    which the pieces are inside and nothing else is; cooling may go on after the window has closed. A firing
    whose members' sizes (first dimension) add up to less than `least_load` is not lit, except as a fact.
    """

    id: str
    kind: Kind = "machine"
    calendar: tuple[tuple[int, int], ...] = ()
    capacity: Amount | None = None
    setup: str | None = None
    least_load: int = 0
    loading: int = 0
    cooling: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """So much of a pool (in its first dimension) that a mode takes besides its own resource."""

    resource: str
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to do an operation: on this resource, in so many minutes.

    `needs` are taken besides, from the operation's start to its end: an operator with a skill, a mould.
    """

    resource: str
    minutes: int
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of a job, done without interruption in exactly one of its modes.

    `family` is the row in the setup matrix, and on a batch resource the recipe: only one recipe a firing.
    `size` is what it takes of a pool or a firing, one number a dimension (missing ones count 0). `min_lag`
    and `max_lag` bound the minutes from this operation's end to the start of the job's next one. `release` is
    an earliest start of its own. One that `may_pause` starts inside a window of its machine, rests while it
    is closed and goes on; its end is then later than its start plus minutes. It has no needs.
    """

    id: str
    modes: tuple[Mode, ...]
    family: str | None = None
    size: Amount = 1
    min_lag: int = 0
    max_lag: int | None = None
    release: int = 0
    may_pause: bool = False


def amounts(amount: Amount | None) -> tuple[int, ...]:
    """An amount as one number a dimension; None is nothing."""
    if amount is None:
        return ()
    return amount if isinstance(amount, tuple) else (amount,)


def first(amount: Amount) -> int:
    """An amount in its first dimension."""
    return amount[0] if isinstance(amount, tuple) else amount


@dataclass(frozen=True, slots=True)
class Job:
    """Operations that follow one another; late by what its last one ends after `due`.

    `promised` is what the customer was told (the last operation's latest end): plans may be late against it,
    but a tier 2 promise never makes it so, and a repair weighs it. `deadline` is hard: a plan that misses it
    is not feasible.
    """

    id: str
    release: int
    due: int
    weight: int
    operations: tuple[Operation, ...]
    promised: int | None = None
    deadline: int | None = None


@dataclass(frozen=True, slots=True)
class SetupMatrix:
    """`minutes[i][j]` pass between an operation of families[i] and a following one of families[j]."""

    families: tuple[str, ...]
    minutes: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """An operation's place in the plan: on this resource from `start` to `end`."""

    operation: str
    resource: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a plan must respect.

    `fixed` are facts no solver moves: operations of the jobs that have started or are frozen, and, under ids
    that no operation bears, other occupancy that takes its whole resource for that time. Facts may break
    the rules among themselves (reality does); planned work may not break them against facts.
    """

    name: str
    origin: str
    horizon: int
    resources: tuple[Resource, ...]
    setups: Mapping[str, SetupMatrix]
    jobs: tuple[Job, ...]
    fixed: tuple[Assignment, ...] = ()
    goal: Goal = "weighted_tardiness"

    def operations(self) -> dict[str, Operation]:
        """Every operation by its id."""
        return {op.id: op for job in self.jobs for op in job.operations}

    def job_of(self) -> dict[str, Job]:
        """The job of every operation, by operation id."""
        return {op.id: job for job in self.jobs for op in job.operations}


@dataclass(frozen=True, slots=True)
class Schedule:
    """An answer. `problem` is the problem's name; `objective` in its goal's unit.

    `status`: "optimal" (proven), "feasible", or "dispatch" (rules only, nothing improved it yet).
    `seconds` is the wall time it took.
    """

    problem: str
    objective: int
    lower_bound: int | None
    status: str
    seconds: float
    assignments: tuple[Assignment, ...] = field(default=())

    def by_operation(self) -> dict[str, Assignment]:
        """Every assignment by its operation's id."""
        return {a.operation: a for a in self.assignments}


def objective_of(problem: Problem, ends: Mapping[str, int]) -> int:
    """The goal's value when the last operation of each job ends at `ends[operation id]`.

    Jobs without operations, or whose last operation is not in `ends`, count nothing.
    """
    last = [(job, ends.get(job.operations[-1].id)) for job in problem.jobs if job.operations]
    if problem.goal == "makespan":
        return max((end for _, end in last if end is not None), default=0)
    return sum([job.weight * (end - job.due) for job, end in last if end is not None and end > job.due])
