"""Promises in a standing plan: how long they take, how soon they are, and what they break.

They are measured with `scheduler.book`; where it is not there, tier 1 with `scheduler.promising`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from scheduler.bench.standing import Standing, broken, first_come_first_served, new_orders, read_standing
from scheduler.errors import SchedulerError, Unsolvable
from scheduler.model import Job
from scheduler.solver import timetable_of
from scheduler.verifier import verify

WARM = 10
"""So many promises are made before the clock runs."""
LONGER = 25
"""So many times the rounds of tier 2, to see what its milliseconds leave."""
SAMPLE = 40
"""So many orders are asked for with them."""


def has_book() -> bool:
    """Whether the standing plan with holds and tier 2 is there."""
    return find_spec("scheduler.book") is not None


def open_book(standing: Standing) -> Any:
    """The Book of a standing plan; nothing before now can be taken."""
    if not has_book():
        raise SchedulerError("scheduler.book is not there")
    book = import_module("scheduler.book")
    return book.Book(standing.problem, standing.plan, frozen_before=standing.now)


def promise(
    *, began: float, problem: str, plan: str, count: int, tier: int = 1, seed: int = 0
) -> dict[str, Any]:
    """Ask for orders one by one; nothing is committed."""
    standing = read_standing(problem, plan)
    ask = _asker(standing, tier)
    jobs = new_orders(standing, WARM + count, seed)
    answers = [_timed(ask, job) for job in jobs][WARM:]
    others = _answers(standing, jobs[WARM:]) if tier == 2 else []
    longer = _longer_answers(standing, jobs[WARM : WARM + SAMPLE]) if tier == 2 else []
    alone = _answers(_emptied(standing), jobs[WARM:]) if tier == 2 else []
    made = [(ms, offer) for ms, offer in answers if offer is not None]
    if not made:
        raise SchedulerError("no order found a place")
    return {
        "ms": [ms for ms, _ in made],
        "leads": [offer.completion - standing.now for _, offer in made],
        "fcfs": [first_come_first_served(standing, job) - standing.now for job in jobs[WARM:]],
        "kept": [offer.completion - standing.now for offer in others],
        "longer": [offer.completion - standing.now for offer in longer],
        "alone": [offer.completion - standing.now for offer in alone],
        "flow": standing.flow(),
        "broken": sum(_breaks(standing, offer) for _, offer in made),
        "displaced": sum(len(getattr(offer, "displaced", {})) for _, offer in made),
        "refused": len(answers) - len(made),
        "by": "Book" if has_book() else "promising",
    }


def _answers(standing: Standing, jobs: list[Job]) -> list[Any]:
    """The offers of tier 1 for the same orders."""
    ask = _asker(standing, 1)
    return [offer for _, offer in (_timed(ask, job) for job in jobs) if offer is not None]


def _longer_answers(standing: Standing, jobs: list[Job]) -> list[Any]:
    """The offers of tier 2 with `LONGER` times the rounds."""
    displacing: Any = import_module("scheduler.displacing")
    usual = displacing.ROUNDS
    displacing.ROUNDS = LONGER * usual
    try:
        ask = _asker(standing, 2)
        return [offer for _, offer in (_timed(ask, job) for job in jobs) if offer is not None]
    finally:
        displacing.ROUNDS = usual


def _emptied(standing: Standing) -> Standing:
    """The same plant with nothing committed."""
    problem = replace(standing.problem, jobs=(), fixed=())
    return replace(standing, problem=problem, plan=replace(standing.plan, assignments=()))


def _asker(standing: Standing, tier: int) -> Callable[[Job], Any]:
    if has_book() or tier == 2:
        book = open_book(standing)
        return lambda job: book.promise([job], not_before=standing.now, tier=tier)
    from scheduler.promising import promise

    timetable = timetable_of(standing.problem, standing.plan, frozen_before=standing.now)
    return lambda job: promise(timetable, job, not_before=standing.now)


def _timed(ask: Callable[[Job], Any], job: Job) -> tuple[float, Any]:
    start = time.perf_counter()
    try:
        offer = ask(job)
    except Unsolvable:
        offer = None
    return 1000 * (time.perf_counter() - start), offer


def _breaks(standing: Standing, offer: Any) -> int:
    """Promises that an offer would break."""
    displaced = getattr(offer, "displaced", {})
    return broken(standing.problem, {name: place.end for name, place in displaced.items()})


def commit(*, began: float, problem: str, plan: str, count: int, seed: int = 0) -> dict[str, Any]:
    """Query and commit, one order after the other; the plan with all of them passes the verifier."""
    standing = read_standing(problem, plan)
    jobs = new_orders(standing, WARM + count, seed)
    take, check = _booker(standing) if has_book() else _committer(standing)
    times = [_timed(take, job) for job in jobs][WARM:]
    done = [ms for ms, offer in times if offer is not None]
    return {
        "ms": done,
        "refused": len(times) - len(done),
        "wrong": check(),
        "by": "Book" if has_book() else "promising",
    }


Check = Callable[[], str]


def _booker(standing: Standing) -> tuple[Callable[[Job], Any], Check]:
    """Promise, hold, make firm."""
    book = open_book(standing)

    def take(job: Job) -> Any:
        offer = book.promise([job], not_before=standing.now, tier=1)
        book.hold(offer, job.id, expires=None)
        book.firm(job.id)
        return offer

    return take, lambda: _wrong(book.problem, book.schedule())


def _committer(standing: Standing) -> tuple[Callable[[Job], Any], Check]:
    from scheduler.promising import commit, promise

    timetable = timetable_of(standing.problem, standing.plan, frozen_before=standing.now)

    def take(job: Job) -> Any:
        offer = promise(timetable, job, not_before=standing.now)
        commit(timetable, [job], offer)
        return offer

    return take, lambda: ""


def _wrong(problem: Any, schedule: Any) -> str:
    """What the verifier finds wrong, in one sentence."""
    return "; ".join(f"{kind}: {found[0]}" for kind, found in verify(problem, schedule).violations.items())
