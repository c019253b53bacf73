"""How new work gets its places: as the product does it, as its book could, behind everybody else, and, to see
that the bench would notice, as if nobody else were there."""

from dataclasses import dataclass, replace

from modules.manufacturing.improving import SLACK
from modules.manufacturing.searching import CUSHION, JOIN_WITHIN
from scheduler.book import Book
from scheduler.errors import Unsolvable
from scheduler.model import Assignment, Job, Operation, Schedule
from scheduler.offers import Offer
from scheduler.promising import Promise, no_sooner
from scheduler.timetable import Timetable

SPARE = 60
"""Minutes between two operations that a promise of `Tighter` leaves for what takes longer."""
SURE_LOSSES = 0.7
"""The part of the planned losses that even a good day brings."""


@dataclass(frozen=True, slots=True)
class Cosmo:
    """As the product promises: the earliest fit that moves nothing, in firings that are lit anyway, begun no
    sooner than needed; then the plant's buffer, or a longer one if its past asks for it. The search for a
    better plan aims at a day before each promise."""

    name: str = "Cosmo"
    improves: bool = True
    sure: float = 0.0
    floored: bool = True

    def offer(self, book: Book, jobs: list[Job], now: int) -> Offer:
        return _begun_later(book, jobs, book.promise(jobs, not_before=now, join_within=JOIN_WITHIN))

    def aim(self, due: int, limit: int, urgent: bool) -> tuple[int, int]:
        return limit - SLACK, limit


@dataclass(frozen=True, slots=True)
class Tighter:
    """What the product does not do yet. A new order may displace others as long as they end when they were
    planned to (the book's tier 2); an hour is left between two operations; kilns are not kept free for pieces
    that will be lost; and whatever may end sooner is pulled forward, which makes room. The buffer is what
    the past asks for, if that is little too."""

    name: str = "Cosmo, tier 2"
    improves: bool = True
    sure: float = SURE_LOSSES
    floored: bool = False

    def offer(self, book: Book, jobs: list[Job], now: int) -> Offer:
        spaced = [_spaced(job) for job in jobs]
        found = book.promise(spaced, not_before=now, tier=2, join_within=JOIN_WITHIN)
        if not found.displaced:
            found = _begun_later(book, spaced, found)
        return replace(found, jobs=tuple(jobs))

    def aim(self, due: int, limit: int, urgent: bool) -> tuple[int, int]:
        return (due, limit) if urgent else (0, due)


def _spaced(job: Job) -> Job:
    return replace(job, operations=tuple(replace(op, min_lag=op.min_lag + SPARE) for op in job.operations))


def _begun_later(book: Book, jobs: list[Job], found: Offer) -> Offer:
    stands = Promise(found.assignments, found.completion, found.hinges_on, found.opens)
    later = no_sooner(book.timetable, jobs, stands, cushion=CUSHION, join_within=JOIN_WITHIN)
    return replace(found, assignments=later.assignments)


@dataclass(frozen=True, slots=True)
class FirstCome:
    """First come, first served: on no resource before anything that is committed there."""

    name: str = "first come, first served"
    improves: bool = False
    sure: float = 0.0
    floored: bool = True

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

    def aim(self, due: int, limit: int, urgent: bool) -> tuple[int, int]:
        return due, limit


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
