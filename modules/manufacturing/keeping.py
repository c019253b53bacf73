"""Promises kept by a search over the whole plan: where mending alone would break some, and where new work for
an order that was promised already has no free place in time. The product's repairs and the simulated month
both ask here.

A broken promise of a lot weighs as much as `BROKEN_COST` minutes late, a moved operation as `MOVE_COST`. The
same for a seed: so many rounds, not so many seconds.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from scheduler.book import Book
from scheduler.errors import SchedulerError
from scheduler.improve import Ruin
from scheduler.model import Assignment, Job, Problem, Schedule
from scheduler.offers import Offer
from scheduler.plan import Plan
from scheduler.solver import gate, schedule_of

STARTS, SLICES, ROUNDS = 3, 20, 300
"""So many searches until one breaks no promise, each of so many slices of rounds, growing cooler: some
tenths of a second for a plan of a hundred lots."""
HEAT = 2000.0
"""The mean loss that is accepted at first, in minutes late."""
BROKEN_COST = 10_000
"""What a broken promise weighs against minutes late."""
MOVE_COST = 1
"""What a moved operation weighs against minutes late."""

Places = Mapping[str, Assignment]


def keep(problem: Problem, places: Places, now: int, seed: int) -> Schedule | None:
    """A plan in which fewer orders end after they are due than in these places; None if none is found.

    The problem's facts stand, nothing else starts before minute `now`, and the plan is verified.
    """
    try:
        return _kept(problem, places, now, seed)
    except SchedulerError:
        return None


def _kept(problem: Problem, places: Places, now: int, seed: int) -> Schedule | None:
    best, least = None, len(late(problem, places))
    if not least:
        return None
    jobs = tuple(replace(job, promised=job.due) for job in problem.jobs)
    plan = Plan(replace(problem, jobs=jobs), frozen_before=now)
    plan.load(tuple(places.values()))
    for start in range(STARTS):
        schedule = _searched(plan.copy(), places, seed + 1000 * start)
        count = len(late(problem, schedule.by_operation()))
        if count < least:
            best, least = schedule, count
        if not least:
            break
    return gate(problem, best) if best else None


def late(problem: Problem, places: Places) -> set[str]:
    """Orders that end after they are due, and not as a fact. A lot's name begins with its order's."""
    facts = {fact.operation for fact in problem.fixed}
    ahead = [job for job in problem.jobs if job.operations[-1].id not in facts]
    return {job.id.partition("/")[0] for job in ahead if _end(job, places) > job.due}


def _searched(plan: Plan, places: Places, seed: int) -> Schedule:
    ruin = Ruin(plan, seed, anchors=places, move_cost=MOVE_COST, broken_cost=BROKEN_COST)
    for k in range(SLICES):
        ruin.run(ROUNDS, HEAT * (1 - k / SLICES))
    ruin.back_to_best()
    return schedule_of(plan.problem, plan.assignments(), "feasible", time.monotonic())


def _end(job: Job, places: Places) -> int:
    return places[job.operations[-1].id].end


def pressed(book: Book, found: Offer, by: int, limits: Mapping[str, int]) -> Offer:
    """The work of `found` done by minute `by`, if a search finds how; else `found`. The book stays as it is.

    `limits`: job -> the minute by which it must end; one that ends later anyway ends no later than it does.
    """
    if found.completion <= by or by <= book.now:
        return found
    standing = book.schedule().by_operation()
    places = {**standing, **found.displaced, **{a.operation: a for a in found.assignments}}
    jobs = (*_bound(book.problem.jobs, limits, places), *(replace(job, due=by) for job in found.jobs))
    problem = replace(book.problem, jobs=jobs)
    better = keep(problem, places, book.now, book.version)
    if better is None or late(problem, better.by_operation()):
        return found
    return _offer(found, better.by_operation(), standing)


def _bound(jobs: Iterable[Job], limits: Mapping[str, int], places: Places) -> Iterable[Job]:
    for job in jobs:
        yield replace(job, due=max(limits.get(job.id, job.due), _end(job, places)))


def _offer(found: Offer, better: Places, standing: Places) -> Offer:
    moved = {name: better[name] for name, place in standing.items() if better[name] != place}
    own = tuple(better[a.operation] for a in found.assignments)
    return replace(
        found, assignments=own, completion=_last(own), hinges_on=(), opens=0, displaced=moved,
        counts_on={name: standing[name] for name in moved},
    )  # fmt: skip


def _last(places: Sequence[Assignment]) -> int:
    return max(place.end for place in places)
