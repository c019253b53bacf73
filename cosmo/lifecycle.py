"""The one place that moves an order: `fire` for stages, `emit` for everything else that happens to it.

Each call locks the order, writes its new state, one event and one delivery per handler, all in the caller's
transaction. An order's state is a pure function of its events: both go through `advance`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from cosmo.among import among
from cosmo.clock import Now
from cosmo.errors import Conflict, NotFound
from cosmo.events import Event, Payload, append
from cosmo.orders import Order
from cosmo.outbox import enqueue
from cosmo.payloads import HeldPayload, OrderChanged, Placed, PromiseMoved, Quoted, StagePayload, Unheld
from cosmo.registry import on_for, registry
from cosmo.stages import KERNEL, NEXT, VERBS, Stage, Verb

PASS_ON = "kernel.pass_on"
_BY_EVENT = {verb.event: verb for verb in VERBS.values()}


class WrongStage(Conflict):
    type, title = "wrong-stage", "The order is not at that stage"


@dataclass(frozen=True, slots=True)
class State:
    """What the events say about an order."""

    stage: Stage = Stage.DRAFT
    holds: tuple[str, ...] = ()
    first_promise: date | None = None
    promised_date: date | None = None
    ready_at: datetime | None = None


def advance(state: State, payload: Payload) -> State:
    """The state after one more event; refuses a stage the verb does not lead from."""
    if isinstance(payload, StagePayload):
        state = _moved(state, _BY_EVENT[payload.type])
    match payload:
        case Quoted():
            return replace(state, promised_date=payload.promised_date, ready_at=payload.ready_at)
        case Placed():
            first = state.first_promise or payload.promised_date
            return replace(
                state, first_promise=first, promised_date=payload.promised_date, ready_at=payload.ready_at
            )
        case PromiseMoved():
            return replace(state, promised_date=payload.new, ready_at=payload.ready_at or state.ready_at)
        case OrderChanged():
            return replace(state, promised_date=payload.promised_date, ready_at=payload.ready_at)
        case HeldPayload():
            return replace(state, holds=tuple(sorted({*state.holds, payload.reason})))
        case Unheld():
            return replace(state, holds=tuple(h for h in state.holds if h != payload.reason))
    return state


def _moved(state: State, verb: Verb) -> State:
    if state.stage not in verb.sources:
        raise WrongStage(f"An order that is {state.stage} cannot be {verb.event}.", stage=state.stage)
    return replace(state, stage=verb.target)


def fold(payloads: Iterable[Payload]) -> State:
    """The state that a whole history leads to."""
    state = State()
    for payload in payloads:
        state = advance(state, payload)
    return state


def state_of(order: Order) -> State:
    """The stored state, in the same form."""
    holds = tuple(order.hold_reason.split(",")) if order.hold_reason else ()
    return State(Stage(order.stage), holds, order.first_promise, order.promised_date, order.ready_at)


def lock(session: Session, order_id: str) -> Order:
    """The order, locked until the transaction ends and read afresh."""
    query = (
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    )
    order = session.exec(query).one_or_none()
    if order is None:
        raise NotFound("There is no such order.")
    return order


_LOCKED = select(Order).where(among(Order.id, "orders")).order_by(col(Order.id)).with_for_update()
_AFRESH = {"populate_existing": True}


def lock_all(session: Session, order_ids: Collection[str]) -> list[Order]:
    """As `lock` for several, in the order of their ids; those that there are."""
    return list(session.exec(_LOCKED, params={"orders": order_ids}, execution_options=_AFRESH))


def fire(
    session: Session,
    order_id: str,
    verb_name: str,
    payload: StagePayload,
    *,
    now: Now,
    actor: str,
    event_time: datetime | None = None,
) -> Event:
    """Move an order by one verb. Raises `WrongStage` if its stage does not allow it."""
    move = Move(lock(session, order_id), payload, actor)
    return fire_locked(session, verb_name, [move], now=now, event_time=event_time)[0]


@dataclass(frozen=True, slots=True)
class Move:
    """What `fire_locked` does to one order."""

    order: Order
    payload: StagePayload
    actor: str


def fire_locked(
    session: Session,
    verb_name: str,
    moves: Sequence[Move],
    *,
    now: Now,
    event_time: datetime | None = None,
) -> list[Event]:
    """Move several orders, which the caller has locked, by one verb: their rows are written together."""
    fired = [(move, _noted(session, move, VERBS[verb_name], now, event_time)) for move in moves]
    append(session, [event for _, event in fired])
    enqueue(session, [(event, _answerers(session, event, move.order)) for move, event in fired], now)
    return [event for _, event in fired]


def _noted(session: Session, move: Move, verb: Verb, now: Now, event_time: datetime | None) -> Event:
    payload = move.payload
    if payload.type != verb.event:
        raise ValueError(f"verb {verb.name!r} needs a payload of type {verb.event!r}, not {payload.type!r}")
    if verb.owner != KERNEL and verb.owner not in on_for(session, move.order):
        payload = payload.model_copy(update={"skipped": True})
    return _record(session, move.order, payload, now, move.actor, event_time)


def emit(
    session: Session,
    order_id: str,
    payload: Payload,
    *,
    now: Now,
    actor: str,
    event_time: datetime | None = None,
) -> Event:
    """Record something that happened to an order without moving its stage."""
    said = Saying(lock(session, order_id), payload, actor)
    return emit_locked(session, [said], now=now, event_time=event_time)[0]


@dataclass(frozen=True, slots=True)
class Saying:
    """What `emit_locked` records of one order."""

    order: Order
    payload: Payload
    actor: str


def emit_locked(
    session: Session, sayings: Sequence[Saying], *, now: Now, event_time: datetime | None = None
) -> list[Event]:
    """Record what happened to several orders, which the caller has locked: written together."""
    if any(isinstance(said.payload, StagePayload) for said in sayings):
        raise ValueError("a stage moves by fire(), not by emit()")
    events = [_record(session, s.order, s.payload, now, s.actor, event_time) for s in sayings]
    append(session, events)
    enqueue(session, [(e, _hearers(session, e, s.order)) for s, e in zip(sayings, events, strict=True)], now)
    return events


def _hearers(session: Session, event: Event, order: Order) -> list[str]:
    return [handler.name for handler in registry().handlers_for(event.type, on_for(session, order))]


def _record(
    session: Session, order: Order, payload: Payload, now: Now, actor: str, event_time: datetime | None
) -> Event:
    before = state_of(order)
    _store(order, before, advance(before, payload))
    order.seq += 1
    event = Event(
        order_id=order.id,
        seq=order.seq,
        type=payload.type,
        payload=payload.model_dump(mode="json"),
        actor=actor,
        event_time=event_time or now.business,
        record_time=now.wall,
    )
    session.add(order)
    return event


def _store(order: Order, before: State, state: State) -> None:
    order.stage = state.stage.value
    if state.holds != before.holds:
        order.held, order.hold_reason = bool(state.holds), ",".join(state.holds) or None
    for name in ("first_promise", "promised_date", "ready_at"):
        if (told := getattr(state, name)) != getattr(before, name):
            setattr(order, name, told)


def _answerers(session: Session, event: Event, order: Order) -> list[str]:
    names = _hearers(session, event, order)
    following = NEXT.get(Stage(order.stage))
    if following is not None and following.owner not in on_for(session, order):
        names.append(PASS_ON)
    return names


_PASS_PAYLOADS: dict[str, type[StagePayload]] = {
    cls.type: cls for cls in StagePayload.__subclasses__() if cls.type in {v.event for v in NEXT.values()}
}


def pass_on(session: Session, event: Event, now: Now) -> None:
    """Carry an order past a verb whose owner is off; the event says it was skipped."""
    order = lock(session, event.order_id)
    following = NEXT.get(Stage(order.stage))
    if following is None or following.owner in on_for(session, order):
        return
    fire(session, order.id, following.name, _PASS_PAYLOADS[following.event](), now=now, actor=KERNEL)


def differences(order: Order, payloads: Iterable[Payload]) -> dict[str, tuple[object, object]]:
    """Where the stored order differs from what its events say: field -> (stored, rebuilt)."""
    stored, rebuilt = asdict(state_of(order)), asdict(fold(payloads))
    return {name: (stored[name], rebuilt[name]) for name in stored if stored[name] != rebuilt[name]}
