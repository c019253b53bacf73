"""What the plan was searched for is not searched for again while it stands as it is.

Many wishes are alike to the plan: another colour with its glaze at hand, the mug of the customer beside, the
same mug asked for its date once more. What is alike, and until when, is said here alone.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.ports import CapacityAnswer, CapacityAsk
from modules.manufacturing.floor import Floor
from modules.manufacturing.lots import Lot
from modules.manufacturing.searching import answer_of, search
from modules.manufacturing.standing import Standing
from scheduler.compiling import loaded
from scheduler.promising import Promise

MOST = 500
"""Searches remembered of one state of a plan."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """Wish, as the plan sees it -> its lots and their places, all found in one state of the plan: at this
    version, on this floor, without these places, at this minute and searched as thoroughly."""

    version: int
    floor: Floor
    left_out: frozenset[str]
    minute: int
    quick: bool
    found: dict[Hashable, tuple[tuple[Lot, ...], Promise]] = field(default_factory=dict)

    def serves(self, plan: Standing) -> bool:
        now = (plan.version, plan.left_out, plan.timetable.frozen_before, loaded())
        same = (self.version, self.left_out, self.minute, self.quick) == now
        return same and self.floor is plan.floor


def recalled(session: Session, plan: Standing, ask: CapacityAsk, now: Now) -> CapacityAnswer:
    """The answer of `search`, which is asked only for what is new; raises what it raises."""
    key = _seen_by_the_plan(plan, ask, now)
    known = _of_now(plan).found.get(key)
    if known is not None:
        return answer_of(plan, ask, *known)
    found = search(session, plan, ask, now)
    kept = _of_now(plan).found  # it may have drawn the floor anew
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = found.lots, found.promised
    return found.answer


def _of_now(plan: Standing) -> Recalled:
    known: Recalled | None = plan.recalled
    if known is None or not known.serves(plan):
        minute = plan.timetable.frozen_before
        known = plan.recalled = Recalled(plan.version, plan.floor, plan.left_out, minute, loaded())
    return known


def _seen_by_the_plan(plan: Standing, ask: CapacityAsk, now: Now) -> Hashable:
    """All that decides a wish's lots, their places and the words for them: the route with its names, how many
    begin, from when each operation can, and by when it must be done."""
    return (
        ask.spec.model_dump_json(include={"routing", "start_quantity"}),
        frozenset((code, plan.minute_after(at)) for code, at in ask.ready.items()),
        plan.minute_after(max(ask.not_before, now.business)),
        None if ask.ready_by is None else plan.snapshot.minute(ask.ready_by),
    )
