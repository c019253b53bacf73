"""Where new work fits into the standing plan.

As early as possible, where others that have not begun make room within what they were promised. Within the
room that a wished date leaves, late, moving nobody, in firings that are planned anyway, and where a new
firing must be lit, at an hour that leaves no gap too short for another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.ports import CapacityAnswer, CapacityAsk, PlannedOp
from modules.manufacturing.displacing import JOIN_WITHIN, book_of, soonest, spaced, unhurried
from modules.manufacturing.lots import Lot, lots_of
from modules.manufacturing.models import Kind
from modules.manufacturing.naming import hinges
from modules.manufacturing.standing import Standing
from modules.manufacturing.times import DAY
from scheduler.errors import Unsolvable
from scheduler.model import Assignment, Operation, first
from scheduler.promising import Promise, promise_lots

LATER = (0.85, 0.7, 0.55)
"""Shares of a wish's room by which work is begun later, tried in turn."""
HEADROOM = 7
"""Who has time leaves a seventh of a firing's room to those who have not."""
LEISURE = DAY
"""Minutes of room from which it is worth looking for later places."""


class NoCapacity(Conflict):
    type, title = "no-capacity", "The plant has no room for this"


@dataclass(frozen=True, slots=True)
class Found:
    """Lots with their places, as searched at one version of the plan."""

    lots: tuple[Lot, ...]
    promised: Promise
    answer: CapacityAnswer
    displaced: Mapping[str, Assignment] = field(default_factory=dict)
    """Job orders of others that make room, and where they go."""

    @property
    def places(self) -> dict[str, Assignment]:
        return {a.operation: a for a in self.promised.assignments}


def search(session: Session, plan: Standing, ask: CapacityAsk, now: Now) -> Found:
    """The earliest places for every lot of `ask`; within a wish's room, late ones that light few firings and
    move nobody.
    Raises `NoCapacity` and what `lots_of` raises."""
    ready = {code: plan.minute_after(at) for code, at in ask.ready.items()}
    lots = tuple(lots_of(ask.spec, plan.floor.centres, ready))
    not_before = plan.minute_after(max(ask.not_before, now.business))
    if ask.ready_by is None:
        return soonest_for(session, plan, ask, lots, not_before, now)
    earliest, by = found_for(session, plan, ask, lots, not_before), plan.snapshot.minute(ask.ready_by)
    if by < earliest.promised.completion:
        return soonest_for(session, plan, ask, lots, not_before, now)
    if by - earliest.promised.completion < LEISURE:
        return earliest
    return _at_leisure(session, plan, ask, earliest, not_before, by)


def soonest_for(
    session: Session, plan: Standing, ask: CapacityAsk, lots: tuple[Lot, ...], not_before: int, now: Now
) -> Found:
    """The earliest places for these lots, where others may make room; moving nobody while the plan is not as
    it should be."""
    plan.admit(session, [op for lot in lots for op in lot.operations])
    book = book_of(session, plan, now)
    if book is None:
        return found_for(session, plan, ask, lots, not_before)
    try:
        offer = soonest(book, [lot.job() for lot in lots], not_before)
    except Unsolvable as error:
        raise _no_room(lots, error) from error
    promised = Promise(offer.assignments, offer.completion, offer.hinges_on, offer.opens)
    return Found(lots, promised, answer_of(plan, ask, lots, promised), offer.displaced)


def begun_later(plan: Standing, ask: CapacityAsk, found: Found) -> Found:
    """The same with nothing made long before it is needed; it is done when it was said to be."""
    if found.displaced:
        return found
    promised = unhurried(plan.timetable, [lot.job() for lot in found.lots], found.promised)
    return Found(found.lots, promised, answer_of(plan, ask, found.lots, promised))


def _at_leisure(
    session: Session, plan: Standing, ask: CapacityAsk, earliest: Found, not_before: int, by: int
) -> Found:
    """Places that end at `by` at the latest and light the fewest firings, the latest of those; `earliest`
    where there are none. What is early stays free for who needs it."""
    best, room = earliest, by - earliest.promised.completion
    modest = tuple(_modest(plan, lot) for lot in earliest.lots)
    for share in LATER:
        begin, wait = not_before + int(room * share), max(JOIN_WITHIN, int(room * (1 - share) / 2))
        later = _within(session, plan, ask, modest, begin, wait, by)
        if later is not None and (best is earliest or later.promised.opens < best.promised.opens):
            best = later
        if best is not earliest and not best.promised.opens:
            break
    return replace(_tidied(session, plan, ask, best, by) or best, lots=earliest.lots)


def _modest(plan: Standing, lot: Lot) -> Lot:
    """The lot as if it needed the headroom of each firing as well."""

    def larger(op: Operation) -> Operation:
        centre = plan.floor.centres[op.modes[0].resource]
        if centre.kind != Kind.BATCH or not centre.capacity:
            return op
        size = first(op.size)
        return replace(op, size=max(size, min(centre.capacity, size + centre.capacity // HEADROOM)))

    return replace(lot, operations=tuple(larger(op) for op in lot.operations))


def _within(
    session: Session, plan: Standing, ask: CapacityAsk, lots: tuple[Lot, ...], begin: int, wait: int, by: int
) -> Found | None:
    try:
        found = found_for(session, plan, ask, lots, begin, wait)
    except NoCapacity:
        return None
    return found if found.promised.completion <= by else None


def _tidied(session: Session, plan: Standing, ask: CapacityAsk, found: Found, by: int) -> Found | None:
    """The same work with its new firings a little later, so that no gap beside them is wasted; None if it
    would not be done by `by`."""
    families = {op.id: op.family for lot in found.lots for op in lot.operations}
    delays = {a.operation: _delay(plan, a, families[a.operation]) for a in found.promised.assignments}
    if not any(delays.values()):
        return None
    lots = tuple(
        replace(lot, operations=tuple(
            replace(op, release=found.places[op.id].start + delays[op.id]) if delays[op.id] else op
            for op in lot.operations
        ))
        for lot in found.lots
    )  # fmt: skip
    begin = min(a.start for a in found.promised.assignments)
    tidy = _within(session, plan, ask, lots, begin, JOIN_WITHIN, by)
    if tidy is None or tidy.promised.opens > found.promised.opens:
        return None
    return tidy


def _delay(plan: Standing, place: Assignment, family: str | None) -> int:
    """Minutes by which a new firing is lit later so that the time left around it holds as many others."""
    if not plan.timetable.is_unlit(place):
        return 0
    reload = _reload(plan, place.resource, family)
    length = place.end - place.start + reload
    before, after = plan.timetable.room_around(place)
    if before is None:
        return 0 if after is None else max(0, after - reload) % length
    wasted = max(0, before - reload) % length
    if not wasted or (after is not None and max(0, after - reload) % length < length - wasted):
        return 0
    return length - wasted


def _reload(plan: Standing, resource: str, family: str | None) -> int:
    """Minutes between two firings of the same recipe."""
    matrix = plan.floor.centres[resource].setup
    if matrix is None:
        return 0
    known = plan.floor.setups[matrix]
    k = known.families.index(family) if family in known.families else 0
    return known.minutes[k][k]


def found_for(
    session: Session,
    plan: Standing,
    ask: CapacityAsk,
    lots: tuple[Lot, ...],
    not_before: int,
    join_within: int = JOIN_WITHIN,
) -> Found:
    """The earliest places for these lots from `not_before` on, moving nobody."""
    plan.admit(session, [op for lot in lots for op in lot.operations])
    try:
        jobs = [spaced(lot.job()) for lot in lots]
        promised = promise_lots(plan.timetable, jobs, not_before=not_before, join_within=join_within)
    except Unsolvable as error:
        raise _no_room(lots, error) from error
    return Found(lots, promised, answer_of(plan, ask, lots, promised))


def _no_room(lots: tuple[Lot, ...], error: Unsolvable) -> NoCapacity:
    steps = {op.id: step for lot in lots for op, step in zip(lot.operations, lot.steps, strict=True)}
    step = steps[error.operation]
    return NoCapacity(
        f"There is no free place for {step.name['en']} in the next half year. Ask for fewer pieces.",
        operation=step.code,
    )


def answer_of(plan: Standing, ask: CapacityAsk, lots: tuple[Lot, ...], promised: Promise) -> CapacityAnswer:
    """These places as the kernel is told of them, in the words of `ask`."""
    places = {a.operation: a for a in promised.assignments}
    operations = []
    for lot in lots:
        for op, step in zip(lot.operations, lot.steps, strict=True):
            place = places[op.id]
            centre = plan.floor.centres[place.resource]
            operations.append(
                PlannedOp(step.code, step.name, centre.code, centre.name["en"], lot.number,
                          plan.instant(place.start), plan.instant(place.end))
            )  # fmt: skip
    ready_at = plan.instant(promised.completion)
    return CapacityAnswer(ready_at, tuple(operations), hinges(plan, ask.spec, lots, promised))
