"""Reality rewrites the plan: what started, ended, broke or came late stands; the rest is mended around it.

Whatever changes a fact changes the rows first and then calls `settle`, which mends the plan only if the facts
disturb it, moving as little as possible.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from sqlmodel import Session

from cosmo.clock import ClockRow, Now
from cosmo.errors import Conflict
from modules.manufacturing import plan as plans
from modules.manufacturing.keeping import keep, late
from modules.manufacturing.models import Kind
from modules.manufacturing.problems import SOON, Case, case_of, schedule_for
from modules.manufacturing.publishing import Cause, Published, publish
from modules.manufacturing.standing import Place, Snapshot
from scheduler.compiling import loaded
from scheduler.errors import SchedulerError
from scheduler.model import Assignment, first
from scheduler.rescheduling import Repair, repair

LEAST_TOLERANCE = timedelta(minutes=30)
"""Business time a planned start may pass before the work counts as overtaken."""
WALL_TOLERANCE = timedelta(seconds=5)
"""The same in wall time: at a fast clock, half an hour is over before a tablet has sent anything."""


class CannotMend(Conflict):
    type, title = "cannot-mend-plan", "The plan has no room for this"


def tolerance(session: Session) -> timedelta:
    """How long after its planned start an operation may still begin there, in business time."""
    clock = session.get(ClockRow, 1)
    speed = clock.speed if clock is not None and clock.simulated else 1.0
    return max(LEAST_TOLERANCE, WALL_TOLERANCE * speed)


@dataclass(frozen=True, slots=True)
class Mended:
    """The plan as it stands and the repair that makes it feasible again."""

    snap: Snapshot
    case: Case
    repair: Repair

    @property
    def changed(self) -> bool:
        places = self.snap.places
        moves = any(places[a.operation].assignment != a for a in self.repair.schedule.assignments)
        return moves or self.repair.problem is not self.case.problem


def settle(
    session: Session, plant_id: str, cause: Cause, now: Now, *, force: bool = False,
    wanted: Mapping[str, Assignment] | None = None,
) -> Published | None:
    """Mend the plan where facts disturb it; None if nothing had to move. Call it in the transaction that
    changed the facts. `force`: mend even if nothing seems disturbed; `wanted`: places to prefer."""
    snap = plans.snapshot(session, plant_id, now)
    minute = snap.minute_after(now.business)
    if not force and not _disturbed(snap, minute - allowance(session)):
        return None
    if not plans.is_changed_here(session, plant_id):
        plans.lock_plan(session, plant_id)
        snap = plans.snapshot(session, plant_id, now)
    done = mend(session, snap, now, wanted or {})
    if wanted is None:  # else they were searched for
        done = keeping(done, now)
    if not done.changed:
        return None
    return publish(session, done.snap, done.case, done.repair.problem, done.repair.schedule, cause, now)


def mend(
    session: Session, snap: Snapshot, now: Now, wanted: Mapping[str, Assignment], *, seconds: float = 0.0
) -> Mended:
    """The least change that makes the plan feasible; `seconds` more are spent on keeping promises."""
    minute = snap.minute_after(now.business)
    waiting = _may_still_begin(snap, minute - allowance(session), minute)
    case = case_of(session, snap, now=minute, waiting=waiting)
    keep = set(waiting)
    places = [
        p.assignment if p.fact or p.id in keep else wanted.get(p.id, p.assignment)
        for p in snap.places.values()
    ]
    try:
        repaired = repair(
            case.problem, schedule_for(case.problem, places), now=minute, time_limit=seconds, workers=1
        )
    except SchedulerError as error:
        raise CannotMend(f"The plan cannot be mended: {error}.") from error
    return Mended(snap, case, repaired)


def keeping(done: Mended, now: Now) -> Mended:
    """The repair, or where it breaks a promise that stood, one that breaks fewer, if a search finds one. What
    begins within the next hour stays where the repair has it: the floor has been told."""
    repaired, minute = done.repair, done.snap.minute_after(now.business)
    places = repaired.schedule.by_operation()
    standing = late(done.case.problem, done.case.schedule.by_operation())
    if not loaded() or not late(repaired.problem, places) - standing:
        return done
    facts = {fact.operation for fact in repaired.problem.fixed}
    soon = tuple(a for a in places.values() if a.start < minute + SOON and a.operation not in facts)
    settled = replace(repaired.problem, fixed=repaired.problem.fixed + soon)
    found = keep(settled, places, minute, done.snap.version)
    return done if found is None else replace(done, repair=replace(repaired, schedule=found))


def allowance(session: Session) -> int:
    """`tolerance` in minutes."""
    return int(tolerance(session).total_seconds() // 60)


def _disturbed(snap: Snapshot, overtaken: int) -> bool:
    """Whether planned work has been overtaken, or breaks a rule against a fact or the calendar."""
    ahead = [p for p in snap.places.values() if not p.fact]
    return (
        any(p.assignment.start < overtaken for p in ahead)
        or any(_out_of_step(route) for route in snap.lots().values())
        or _clash(snap)
    )


def _out_of_step(route: Sequence[Place]) -> bool:
    """Whether an operation of a lot begins too early, or too late, after the one before it."""
    for before, after in pairwise(route):
        if after.fact or after.position != before.position + 1:
            continue
        lag = after.assignment.start - before.assignment.end
        most = before.operation.max_lag
        if lag < before.operation.min_lag or (most is not None and lag > most):
            return True
    return any(p.assignment.start < p.operation.release for p in route if not p.fact)


def _clash(snap: Snapshot) -> bool:
    """Whether a fact takes time or room that planned work was given on the same work centre."""
    for code, here in _by_resource(snap).items():
        centre = snap.floor.centres[code]
        if centre.kind == Kind.POOL:
            if _pool_is_over(here, centre.capacity or 0):
                return True
        elif any(_too_close(snap, before, after) for before, after in _neighbours(here)):
            return True
    return False


def _by_resource(snap: Snapshot) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in snap.places.values():
        found.setdefault(place.assignment.resource, []).append(place)
    for here in found.values():
        here.sort(key=lambda p: (p.assignment.start, p.assignment.end))
    return found


def _neighbours(here: Sequence[Place]) -> Iterable[tuple[Place, Place]]:
    """Each place with the latest-ending one before it; two facts are nobody's fault any more."""
    longest: Place | None = None
    for place in here:
        if longest is not None and not (longest.fact and place.fact):
            yield longest, place
        if longest is None or place.assignment.end > longest.assignment.end:
            longest = place


def _too_close(snap: Snapshot, before: Place, after: Place) -> bool:
    a, b = before.assignment, after.assignment
    centre = snap.floor.centres[a.resource]
    if centre.kind == Kind.BATCH and (a.start, a.end) == (b.start, b.end):
        return before.operation.family != after.operation.family
    return b.start < a.end + _setup(snap, centre.setup, before, after)


def _setup(snap: Snapshot, matrix: str | None, before: Place, after: Place) -> int:
    if matrix is None:
        return 0
    known = snap.floor.setups[matrix]
    try:
        row = known.families.index(before.operation.family or "")
        return known.minutes[row][known.families.index(after.operation.family or "")]
    except ValueError:
        return 0


def _pool_is_over(here: Sequence[Place], capacity: int) -> bool:
    moments = [(p.assignment.start, 1, first(p.operation.size)) for p in here]
    moments += [(p.assignment.end, 0, -first(p.operation.size)) for p in here]
    load = 0
    for _, _, size in sorted(moments):
        load += size
        if size > 0 and load > capacity:
            return True
    return False


def _may_still_begin(snap: Snapshot, since: int, minute: int) -> list[str]:
    """Places whose start has just passed and which nothing hinders: their scans may be on their way."""
    by_resource = _by_resource(snap)
    found = []
    for route in snap.lots().values():
        for k, place in enumerate(route):
            if place.fact:
                continue
            before = route[k - 1] if k else None
            if not since <= place.assignment.start < minute or _out_of_step(route[max(0, k - 1) : k + 1]):
                break
            if (before is None and place.position) or not _open(snap, place):
                break
            if _hindered_by_fact(snap, place, by_resource[place.assignment.resource]):
                break
            found.append(place.id)
    return found


def _open(snap: Snapshot, place: Place) -> bool:
    """Whether its work centre is open for it: a standstill may have been reported since."""
    at = place.assignment
    return any(a <= at.start and at.end <= b for a, b in snap.floor.centres[at.resource].calendar)


def _hindered_by_fact(snap: Snapshot, place: Place, here: Sequence[Place]) -> bool:
    """Whether something that has started occupies its work centre at that time."""
    if snap.floor.centres[place.assignment.resource].kind == Kind.POOL:
        return False
    for other in here:
        if other.fact:
            first, second = sorted((other, place), key=lambda p: p.assignment.start)
            if _too_close(snap, first, second):
                return True
    return False
