"""How new work gets its places: as the product does it, behind everybody else, and, to see that the bench
would notice, as if nobody else were there."""

from dataclasses import dataclass, replace

from modules.manufacturing.displacing import soonest, unhurried
from modules.manufacturing.improving import aim
from modules.manufacturing.problems import lent
from scheduler.book import Book
from scheduler.errors import Unsolvable
from scheduler.model import Assignment, Job, Operation, Schedule
from scheduler.offers import Offer
from scheduler.promising import Promise
from scheduler.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Cosmo:
    """As the product promises: the earliest place, where others may make room as long as they end when they
    were planned to; where nobody has to, begun no sooner than needed. What may end sooner is pulled
    forward."""

    name: str = "Cosmo"
    improves: bool = True

    def offer(self, book: Book, jobs: list[Job], now: int) -> Offer:
        found = soonest(book, jobs, now)
        if found.displaced:
            return found
        stands = Promise(found.assignments, found.completion, found.hinges_on, found.opens)
        return replace(found, assignments=unhurried(book.timetable, jobs, stands).assignments)

    def aim(self, due: int, limit: int, now: int, urgent: bool) -> tuple[int, int]:
        return aim(due, limit, now, urgent=urgent)

    def lent(self, buffer: int) -> int:
        return lent(buffer)


@dataclass(frozen=True, slots=True)
class FirstCome:
    """First come, first served: on no resource before anything that is committed there."""

    name: str = "first come, first served"
    improves: bool = False

    def offer(self, book: Book, jobs: list[Job], now: int) -> Offer:
        placed: list[Assignment] = []
        try:
            for job in jobs:
                placed += _behind_all(book.timetable, job, now)
        finally:
            for place in placed:
                book.timetable.remove(place.operation)
        end = max(place.end for place in placed)
        return Offer(tuple(jobs), tuple(placed), end, (), 0, book.version)

    def aim(self, due: int, limit: int, now: int, urgent: bool) -> tuple[int, int]:
        return due, limit

    def lent(self, buffer: int) -> int:
        return 0


def _behind_all(timetable: Timetable, job: Job, now: int) -> list[Assignment]:
    """The places of a lot, taken one after the other; the last firing may be shared."""
    last: dict[str, int] = {}
    for place in timetable.assignments():
        last[place.resource] = max(place.start, last.get(place.resource, 0))
    ready, found = now, list[Assignment]()
    for op in job.operations:
        place = _after(timetable, op, max(ready, op.release), last)
        timetable.place(place, op)
        found.append(place)
        ready = place.end + op.min_lag
    return found


def _after(timetable: Timetable, op: Operation, ready: int, last: dict[str, int]) -> Assignment:
    alone = [replace(op, modes=(mode,)) for mode in op.modes]
    found = [timetable.earliest(o, max(ready, last.get(o.modes[0].resource, 0))) for o in alone]
    places = [place for place in found if place is not None]
    if not places:
        raise Unsolvable(op.id, "no open place behind everybody else")
    return min(places, key=lambda place: place.end)


@dataclass(frozen=True, slots=True)
class Careless(Cosmo):
    """The negative control: it promises what an empty plant could do, and then takes what is there."""

    name: str = "careless"

    def offer(self, book: Book, jobs: list[Job], now: int) -> Offer:
        real = Cosmo.offer(self, book, jobs, now)
        empty = Book(replace(book.problem, jobs=(), fixed=()), Schedule("", 0, None, "feasible", 0.0))
        dream = Cosmo.offer(self, empty, jobs, now)
        return replace(real, completion=min(dream.completion, real.completion))
