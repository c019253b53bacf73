"""The standing plan: the database's is the truth, each process keeps a timetable of it.

A process's timetable stands at the version it last read and first reads what changed since. Places are taken
by a compare-and-set of the plan's version in the caller's transaction: who loses the race reads and searches
again. What a transaction has changed itself is seen by that transaction alone, in a timetable of its own, so
a rollback leaves no phantom behind.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, RLock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import event, update
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.once import once
from modules.manufacturing.models import AHEAD, JobOrder, Plan, State
from modules.manufacturing.standing import Snapshot, Standing
from modules.manufacturing.times import origin_for

T = TypeVar("T")
_PRIVATE = "manufacturing.plan"
_TRIES = 3
"""Lost races before the plan's row is locked first."""


class NoPlan(Conflict):
    type, title = "no-plan", "This plant has no work centres yet"


class PlanContended(Conflict):
    type, title = "plan-contended", "The plan changes too fast just now"


@dataclass(frozen=True, slots=True)
class Head:
    """The plan's row as this transaction sees it."""

    version: int
    calendar_version: int
    origin: datetime


def open_plan(session: Session, plant_id: str, now: Now) -> Plan:
    """The plant's plan row, made on first use."""
    plan = session.get(Plan, plant_id)
    if plan is None:
        plan = Plan(plant_id=plant_id, origin=origin_for(now.business))
        session.add(plan)
        session.flush()
    return plan


def head(session: Session, plant_id: str) -> Head:
    """Raises `NoPlan` where the plant has no work centres."""
    query = select(Plan.version, Plan.calendar_version, Plan.origin).where(Plan.plant_id == plant_id)
    found = session.exec(query).one_or_none()
    if found is None:
        raise NoPlan("This plant has no work centres yet, so it cannot give a date.")
    return Head(*found)


@dataclass(slots=True)
class _Own:
    """What one transaction sees of a plan it has changed; `standing` is made when it asks again."""

    transaction: SessionTransaction | None
    standing: Standing | None = None


_shared: WeakKeyDictionary[Any, dict[str, tuple[RLock, Standing]]] = WeakKeyDictionary()
_shared_lock = Lock()


@contextmanager
def standing(session: Session, plant_id: str, now: Now) -> Iterator[Standing]:
    """The plan as this session sees it, up to date; nobody else uses the object meanwhile."""
    own = _own(session, plant_id)
    seen = _head_once(session, plant_id) if own is None else head(session, plant_id)
    if own is not None:
        own.standing = own.standing or Standing(_own_snapshot(session, plant_id, seen, now))
        own.standing.sync(session, seen.version, seen.calendar_version, now)
        yield own.standing
        return
    lock, shared = _shared_standing(session, plant_id, seen)
    with lock:
        if seen.version < shared.version:  # it may have gone on since it was asked for
            seen = head(session, plant_id)
        shared.sync(session, seen.version, seen.calendar_version, now)
        yield shared


def _head_once(session: Session, plant_id: str) -> Head:
    return once(session, ("plan", plant_id), lambda: head(session, plant_id))


def snapshot(session: Session, plant_id: str, now: Now) -> Snapshot:
    """Every place as this session sees it, with its own uncommitted changes; the caller may change it."""
    if _own(session, plant_id) is not None:
        return _own_snapshot(session, plant_id, head(session, plant_id), now)
    with standing(session, plant_id, now) as plan:
        return plan.snapshot.copied()


def read_ahead(session: Session, plant_id: str, now: Now) -> None:
    """Bring the process's own timetable up to date before this transaction changes the plan: what it then
    asks costs only its own changes."""
    if _own(session, plant_id) is None and session.get(Plan, plant_id) is not None:
        with standing(session, plant_id, now):
            pass


def is_changed_here(session: Session, plant_id: str) -> bool:
    """Whether this transaction has changed the plan, and so holds its lock."""
    return _own(session, plant_id) is not None


def _own_snapshot(session: Session, plant_id: str, seen: Head, now: Now) -> Snapshot:
    """What the process knows of the committed plan, and what this transaction has changed since."""
    lock, shared = _shared_standing(session, plant_id, seen)
    with lock:
        known = shared.snapshot.copied()
    if known.version > seen.version:
        known = Snapshot(plant_id, seen.origin)
    known.learn(session, seen.version, seen.calendar_version, known.minute(now.business))
    return known


def _shared_standing(session: Session, plant_id: str, seen: Head) -> tuple[RLock, Standing]:
    pool = session.get_bind().engine.pool  # one per database, however many engines look at it
    with _shared_lock:
        plans = _shared.setdefault(pool, {})
        return plans.setdefault(plant_id, (RLock(), Standing(Snapshot(plant_id, seen.origin))))


def _own(session: Session, plant_id: str) -> _Own | None:
    own: _Own | None = session.info.get(_PRIVATE, {}).get(plant_id)
    return own if own is not None and own.transaction is session.get_transaction() else None


def _changed_here(session: Session, plant_id: str) -> None:
    """From now to the end of this transaction its session reads a timetable of its own."""
    if _PRIVATE not in session.info:
        session.info[_PRIVATE] = {}
        event.listen(session, "after_soft_rollback", _forget)
    if _own(session, plant_id) is None:
        session.info[_PRIVATE][plant_id] = _Own(session.get_transaction())


def _forget(session: Session, _previous: SessionTransaction) -> None:
    """After a rollback, also to a savepoint: what was read of own changes is not to be trusted."""
    for own in session.info[_PRIVATE].values():
        own.standing = None


def compare_and_set(session: Session, plant_id: str, version: int) -> bool:
    """Make the plan's version one higher if it is still `version`; the row stays locked until the end."""
    statement = (
        update(Plan)
        .where(col(Plan.plant_id) == plant_id, col(Plan.version) == version)
        .values(version=version + 1)
        .returning(col(Plan.version))
        .execution_options(synchronize_session=False)
    )
    if session.execute(statement).first() is None:
        return False
    _changed_here(session, plant_id)
    return True


def bump(session: Session, plant_id: str) -> int:
    """A new version for a change that depends on nothing read before, such as giving places back."""
    statement = (
        update(Plan)
        .where(col(Plan.plant_id) == plant_id)
        .values(version=Plan.version + 1)
        .returning(col(Plan.version))
        .execution_options(synchronize_session=False)
    )
    version: int = session.execute(statement).scalar_one()
    _changed_here(session, plant_id)
    return version


def lock_plan(session: Session, plant_id: str) -> None:
    """Nobody else changes the plan until this transaction ends."""
    session.exec(select(Plan.version).where(Plan.plant_id == plant_id).with_for_update()).one()


def recalendar(session: Session, plant_id: str) -> None:
    """Calendars, capacities or setups have changed: every timetable is made anew."""
    statement = update(Plan).where(col(Plan.plant_id) == plant_id)
    statement = statement.values(version=Plan.version + 1, calendar_version=Plan.calendar_version + 1)
    session.execute(statement.execution_options(synchronize_session=False))
    _changed_here(session, plant_id)


def take(
    session: Session,
    plant_id: str,
    now: Now,
    search: Callable[[Standing], T],
    write: Callable[[T, int], None],
) -> T:
    """Find something in the standing plan and write it as one new version, or search again.

    `search` must leave the standing plan as it was; `write` gets what it found and the new version.
    """
    free_expired(session, plant_id, now)
    for attempt in range(1, _TRIES + 2):
        if attempt > _TRIES:
            lock_plan(session, plant_id)
        with standing(session, plant_id, now) as plan:
            found, version = search(plan), plan.version
        if compare_and_set(session, plant_id, version):
            write(found, version + 1)
            session.flush()
            return found
    raise PlanContended("The plan is changing too fast just now; nothing was changed. Try again in a moment.")


def expired_holds(session: Session, plant_id: str, now: Now) -> list[str]:
    """Job orders whose hold is over (wall time) but which nobody has freed yet."""

    def read() -> Sequence[str]:
        over = (JobOrder.state == State.HELD, col(JobOrder.hold_until) < now.wall)
        return session.exec(select(JobOrder.id).where(JobOrder.plant_id == plant_id, *over)).all()

    return list(once(session, ("expired", plant_id, now.wall), read))


def free_expired(session: Session, plant_id: str, now: Now) -> int:
    """Give back what expired holds occupy; returns how many places."""
    if not expired_holds(session, plant_id, now):
        return 0
    return _set_released(
        session, plant_id,
        col(JobOrder.state) == State.HELD, col(JobOrder.hold_until) < now.wall,
    )  # fmt: skip


def release_order(session: Session, plant_id: str, order_id: str) -> int:
    """Give back every place the order has ahead; returns how many."""
    query = select(JobOrder.id).where(JobOrder.order_id == order_id, col(JobOrder.state).in_(AHEAD))
    if session.exec(query.limit(1)).first() is None:
        return 0
    return _set_released(
        session, plant_id, col(JobOrder.order_id) == order_id, col(JobOrder.state).in_(AHEAD)
    )


def _set_released(session: Session, plant_id: str, *which: Any) -> int:
    version = bump(session, plant_id)
    statement = (
        update(JobOrder)
        .where(col(JobOrder.plant_id) == plant_id, *which)
        .values(state=State.RELEASED, changed=version, hold_until=None)
        .returning(col(JobOrder.id))
        .execution_options(synchronize_session="fetch")
    )
    return len(session.execute(statement).all())
