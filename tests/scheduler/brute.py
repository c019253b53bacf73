"""The best there is of tiny problems, by trying every minute.

`earliest` finds the earliest completion of one job in a standing plan, `optimum` the best plan of all.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from scheduler.model import Assignment, Job, Operation, Problem, Schedule, objective_of
from tests.scheduler.opinions import (
    Standing,
    Stay,
    clashes,
    end_of,
    job_rules_broken,
    lag_kept,
    open_for,
    opinion,
    resource_of,
    setups_paid,
    stays_of,
    underloaded,
)


def candidates(problem: Problem, standing: Standing, op: Operation, floor: int, top: int) -> list[Stay]:
    """Every place of an operation that does not clash with what stands, setups and least loads left aside."""
    found = []
    for mode in op.modes:
        resource = resource_of(problem, mode.resource)
        for start in range(max(op.release, floor), top):
            end = end_of(resource, op, mode, start)
            if end is not None and end <= top:
                stay = Stay(Assignment(op.id, mode.resource, start, end), op)
                if open_for(problem, stay) and not clashes(problem, standing, stay):
                    found.append(stay)
    return sorted(found, key=lambda s: (s.place.end, s.place.start))


def earliest(
    problem: Problem, standing: Standing, job: Job, *, not_before: int = 0, top: int = 300
) -> list[Assignment] | None:
    """Places of the job's operations with the earliest completion there is before `top`.

    What stands stays, and operations of the job that stand (facts) are taken as they are. None if there are
    no such places.
    """
    there = {s.place.operation: s for s in standing}
    search = _Chains(problem, standing, job, [op for op in job.operations if op.id not in there], not_before)
    search.limit = min(top, top if job.deadline is None else job.deadline)
    search.fill(top)
    first = len(job.operations) - len(search.ops)
    search.place(0, [], there[job.operations[first - 1].id] if first else None)
    return search.best


class _Chains:
    """All ways to place some operations one after the other, those that cannot be better left out."""

    def __init__(
        self, problem: Problem, standing: Standing, job: Job, ops: list[Operation], not_before: int
    ) -> None:
        self.problem, self.standing, self.job, self.ops = problem, standing, job, ops
        self.floor = max(not_before, job.release)
        self.best: list[Assignment] | None = None
        self.limit = 0
        self._choices: list[list[Stay]] = []
        self._seen: set[object] = set()

    def fill(self, top: int) -> None:
        for op in self.ops:
            stays = candidates(self.problem, self.standing, op, self.floor, top)
            self._choices.append([stay for stay in stays if self._lit(stay)])

    def _lit(self, stay: Stay) -> bool:
        if resource_of(self.problem, stay.place.resource).least_load == 0:
            return True
        mates = [s for s in self.standing if s.place.resource == stay.place.resource]
        firing = [s for s in mates if s.place.start == stay.place.start]
        return not underloaded(self.problem, [*firing, stay])

    def _later(self, k: int) -> set[str]:
        """Resources on which operations from k on may run."""
        return {mode.resource for op in self.ops[k:] for mode in op.modes}

    def place(self, k: int, chain: list[Stay], before: Stay | None) -> None:
        """Go through the places of operation k after those of the chain."""
        if k == len(self.ops):
            if all(all(setups_paid(self.problem, self._others(chain, s), s)) for s in chain):
                self.best = [s.place for s in chain]
                self.limit = (chain[-1].place.end if chain else 0) - 1
            return
        state = (k, before.place.end if before else None, self._matters(k, chain))
        if state in self._seen:
            return
        self._seen.add(state)
        for stay in self._choices[k]:
            if stay.place.end > self.limit:
                return  # they are sorted by their end
            if self._follows(before, stay) and self._free(k, chain, stay):
                self.place(k + 1, [*chain, stay], stay)

    def _matters(self, k: int, chain: list[Stay]) -> object:
        """What of the chain later operations may meet: the last of it on each resource with setups."""
        with_setups = {r.id for r in self.problem.resources if r.setup and r.kind != "pool"}
        watched = self._later(k) & with_setups
        return frozenset({s.place.resource: s.place for s in chain if s.place.resource in watched}.items())

    def _others(self, chain: list[Stay], stay: Stay) -> list[Stay]:
        return [*self.standing, *(s for s in chain if s is not stay)]

    def _follows(self, before: Stay | None, stay: Stay) -> bool:
        return before is None or before.op is None or lag_kept(before.op, before, stay)

    def _free(self, k: int, chain: list[Stay], stay: Stay) -> bool:
        """No clash with the chain; the setup after it may still change if a later operation comes there."""
        others = self._others(chain, stay)
        if chain and clashes(self.problem, others, stay):
            return False
        earlier = [s for s in chain if s.place.resource == stay.place.resource]
        whole = [*chain, stay]
        if not all(setups_paid(self.problem, self._others(whole, s), s)[1] for s in earlier):
            return False
        from_before, to_after = setups_paid(self.problem, others, stay)
        return from_before and (to_after or stay.place.resource in self._later(k + 1))


MOST = 20_000
"""So many partial plans are looked at before a problem counts as too large to try everything."""


class TooLarge(Exception):
    """Trying everything would take too long."""


def optimum(problem: Problem, top: int, known: int | None = None) -> int | None:
    """The goal's least value over all plans that end by `top`; None if there is none. For tiny problems.

    `known`: the value of a plan that is known to be right; only better ones are looked for. Raises TooLarge.
    """
    return _Plans(problem, top, known).solve()


class _Plans:
    """All plans, operation after operation, but for those that cannot be better than the best so far."""

    def __init__(self, problem: Problem, top: int, known: int | None) -> None:
        facts = {fact.operation for fact in problem.fixed}
        self.problem, self.top, self.tried = problem, top, 0
        self.facts = stays_of(problem, [])
        self.steps = [(j, op) for j in problem.jobs for op in j.operations if op.id not in facts]
        self.choices = [candidates(problem, self.facts, op, job.release, top) for job, op in self.steps]
        self.alone = {job.id: self._alone(job) for job in problem.jobs}
        self.best = known

    def _alone(self, job: Job) -> int | None:
        """When the job would end with the plant for itself, whatever it takes to light a firing."""
        easy = tuple(replace(r, least_load=0, setup=None) for r in self.problem.resources)
        bare = replace(self.problem, resources=easy)
        places = earliest(bare, self.facts, job, top=self.top)
        return places[-1].end if places else self._end_of_facts(job) if places == [] else None

    def _end_of_facts(self, job: Job) -> int:
        return max(s.place.end for s in self.facts if s.place.operation == job.operations[-1].id)

    def solve(self) -> int | None:
        if None in self.alone.values():
            return None
        self._place(0, [])
        return self.best

    def _place(self, k: int, chain: list[Stay]) -> None:
        self.tried += 1
        if self.tried > MOST:
            raise TooLarge
        if self.best is not None and self._bound(chain) >= self.best:
            return
        if k == len(self.steps):
            if not opinion(self.problem, self._schedule(chain)):
                self.best = self._bound(chain)
            return
        job, op = self.steps[k]
        stays = {s.place.operation: s for s in [*self.facts, *chain]}
        for stay in self.choices[k]:
            placed = {**stays, op.id: stay}
            if not job_rules_broken(job, placed) and not clashes(self.problem, [*self.facts, *chain], stay):
                self._place(k + 1, [*chain, stay])

    def _schedule(self, chain: list[Stay]) -> Schedule:
        places = tuple(s.place for s in [*self.facts, *chain])
        return Schedule(self.problem.name, 0, None, "", 0.0, places)

    def _bound(self, chain: list[Stay]) -> int:
        """The goal if every job that is not whole yet went on at once and as fast as by itself."""
        ends = {s.place.operation: s.place.end for s in chain}
        for job in self.problem.jobs:
            reached: int | None = None
            for op, following in pairwise(job.operations):
                reached = ends.get(op.id, reached)
                if reached is not None:
                    reached += op.min_lag + min(mode.minutes for mode in following.modes)
            last = job.operations[-1].id
            ends[last] = ends.get(last, max(self.alone[job.id] or 0, reached or 0))
        return objective_of(self.problem, ends)
