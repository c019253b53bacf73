"""The earliest places for new work, where others that have not begun may make room within what they were
promised: tier 2 of the scheduler's book. The product's search and the simulated month both ask here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from cosmo.clock import Now
from modules.manufacturing.floor import Floor
from modules.manufacturing.problems import SOON, case_of, lent_until, lot_id
from modules.manufacturing.reality import allowance
from modules.manufacturing.standing import Standing
from modules.manufacturing.times import DAY
from scheduler.book import Book
from scheduler.compiling import load_apart, loaded
from scheduler.errors import SchedulerError
from scheduler.model import Job, Operation
from scheduler.offers import Offer
from scheduler.promising import Promise, no_sooner
from scheduler.timetable import Timetable

JOIN_WITHIN = 720
"""Minutes a lot may end later to share a firing that exists: a kiln lit for a few pieces costs everyone."""
CUSHION = 2 * DAY
"""Minutes by which work is begun sooner than its end needs: so long may the floor be late."""
SPARE = 60
"""Minutes between two operations that a promise leaves for what takes longer than planned."""
FEW = 24
"""Lots among which others are moved before the compiled kernels are there: with more, a click would wait."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The book of a plan at one version; None where nobody may be moved: the plan breaks a rule just now, or
    the search would take too long. It serves until minute `until`: by then more is about to begin."""

    version: int
    floor: Floor
    left_out: frozenset[str]
    quick: bool
    until: int
    book: Book | None

    def serves(self, plan: Standing, minute: int) -> bool:
        now = (plan.version, plan.left_out, loaded())
        same = (self.version, self.left_out, self.quick) == now and self.floor is plan.floor
        return same and minute <= self.until


def soonest(book: Book, jobs: Sequence[Job], not_before: int) -> Offer:
    """Where new work is done first, others making room; the book stays as it is. Raises `Unsolvable`."""
    wanted = [spaced(job) for job in jobs]
    found = book.promise(wanted, not_before=not_before, tier=2, join_within=JOIN_WITHIN)
    return replace(found, jobs=tuple(jobs))


def unhurried(timetable: Timetable, jobs: Sequence[Job], promised: Promise) -> Promise:
    """The same with nothing made long before it is needed; it is done when it was said to be."""
    wanted = [spaced(job) for job in jobs]
    return no_sooner(timetable, wanted, promised, cushion=CUSHION, join_within=JOIN_WITHIN)


def spaced(job: Job) -> Job:
    """The job with the spare time between its operations, as far as they may lie."""
    return replace(job, operations=tuple(replace(op, min_lag=_lag(op)) for op in job.operations))


def _lag(op: Operation) -> int:
    lag = op.min_lag + SPARE
    return lag if op.max_lag is None else max(op.min_lag, min(lag, op.max_lag))


def book_of(session: Session, plan: Standing, now: Now) -> Book | None:
    """The standing plan as the scheduler's book, without what `plan` leaves out; kept till it changes."""
    minute = plan.minute_after(now.business)
    if plan.booked is None or not plan.booked.serves(plan, minute):
        plan.booked = _booked(session, plan, minute)
    book: Book | None = plan.booked.book
    if book is not None:
        book.advance(minute)
    return book


def _booked(session: Session, plan: Standing, minute: int) -> Booked:
    margin, quick = allowance(session), loaded()
    book = _open(session, plan, minute, minute + SOON + 2 * margin, quick=quick)
    return Booked(plan.version, plan.floor, plan.left_out, quick, minute + margin, book)


def _open(session: Session, plan: Standing, minute: int, soon: int, *, quick: bool) -> Book | None:
    """What begins before `soon` counts as begun: the floor has been told."""
    snap = plan.snapshot.copied()
    for name in plan.left_out:
        snap.places.pop(name, None)
    if not quick and len(snap.lots()) > FEW:
        load_apart()
        return None
    waiting = [p.id for p in snap.places.values() if not p.fact and p.assignment.start < soon]
    case = case_of(session, snap, now=minute, waiting=waiting)
    ends = lent_until(session, snap, {order_id for order_id, _ in case.lots})
    by = {lot_id(key): ends.get(key[0], route[-1].assignment.end) for key, route in case.lots.items()}
    problem = replace(case.problem, jobs=tuple(_bound(case.problem.jobs, by)))
    try:
        return Book(problem, case.schedule, frozen_before=minute)
    except SchedulerError:
        return None


def _bound(jobs: Iterable[Job], by: dict[str, int]) -> Iterable[Job]:
    """Each promised for when others may push it to, so that the rest of its promise's buffer stays its
    own."""
    return (replace(job, due=by[job.id], promised=by[job.id]) for job in jobs)
