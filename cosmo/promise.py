"""The promise: one date composed from material, capacity and delivery, what it hinges on, what would make it
earlier. Computed on every click; the same code takes the places when a quote is held."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.formats import day_of
from cosmo.i18n import N_
from cosmo.money import Price
from cosmo.orders import Address, Order, OrderSpec
from cosmo.parties import Plant
from cosmo.ports import (
    Ask,
    CapacityAnswer,
    CapacityAsk,
    DeliveryAnswer,
    Hinge,
    MaterialDate,
    ShipTo,
)
from cosmo.spec import Names, Spec

_SPECS = "cosmo.specs"
PROOF_ALLOWANCE = timedelta(hours=24)
"""How long a customer is expected to take to approve a proof; stated as a condition of the promise."""
FARTHEST_WISH = timedelta(days=730)
MOST = 0.9
"""The share of orders that `LikelyTold.most` tells of."""
WISHED: Names = {"en": "the day you asked for", "de": "der Tag, den Sie wünschen", "zh": "您要求的日期"}


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HingeTold(_Told):
    kind: str
    name: Names
    at: datetime | None = None
    waits_minutes: int = 0
    code: str = ""


class Condition(_Told):
    """`what` must have happened `by` then (business time), or the date is promised anew."""

    what: str
    by: datetime


class Earlier(_Told):
    """One change that makes the date earlier: `change` is selections or `{"service": ...}`."""

    delivery_date: date
    change: dict[str, str | int | float | bool]
    name: Names
    price_difference: str


class LikelyTold(_Told):
    """By `half` every second such order arrives, by `most` nine of ten; learnt from so many `orders`."""

    half: date
    most: date
    orders: int


class Call(_Told):
    """The carrier's call: what is ready by `at` arrives on `day` just the same."""

    day: date
    at: AwareDatetime


class Step(_Told):
    """One node of the promise line: an operation, a material's arrival or the transit."""

    kind: str
    code: str
    name: Names
    start: datetime
    end: datetime
    resource: str = ""
    lot: int = 1


class Promise(_Told):
    """The promise as stored on the order and told to everyone; language-neutral."""

    delivery_date: date
    ready_at: datetime
    hinges_on: HingeTold
    conditions: tuple[Condition, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    steps: tuple[Step, ...] = ()
    service: str = ""
    held: bool = False
    buffer_minutes: int | None = None
    """What was added to the plan's end; None in promises that were made before this was kept."""
    call: Call | None = None
    """Until when it may be ready; None: not known."""
    requested: date | None = None
    """The day that was asked for; it is met where `delivery_date` is no later, else that is the nearest."""
    likely: LikelyTold | None = None
    """None: the plant has not finished enough orders to say."""
    made_on: date | None = None
    """The plant's day it was made on; None in promises that were made before this was kept."""

    @property
    def needed_in(self) -> int | None:
        """In how many days it is to be there: on the day asked for, or when it comes if that is later."""
        if self.made_on is None:
            return None
        return (max(self.delivery_date, self.requested or self.delivery_date) - self.made_on).days


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise with all it was made from."""

    spec: Spec
    promise: Promise
    delivery: DeliveryAnswer
    price: Price
    capacity: CapacityAnswer
    ask: Ask

    @property
    def needed(self) -> dict[str, datetime]:
        """Operation code -> its first planned start."""
        starts: dict[str, datetime] = {}
        for op in self.capacity.operations:
            starts[op.code] = min(op.start, starts.get(op.code, op.start))
        return starts


@dataclass(frozen=True, slots=True)
class Hold:
    """Take the places for `order_id` until wall time `until`."""

    order_id: str
    until: datetime
    guest: bool


def offer(
    session: Session,
    answerers: Answerers,
    plant_id: str,
    ask: Ask,
    now: Now,
    *,
    hold: Hold | None = None,
    service: str | None = None,
    spec: Spec | None = None,
) -> Offer:
    """Price and date for `ask`; with `hold`, its capacity is taken as well.

    Raises `Unbuildable`, and `Invalid` for a wish too far away.
    """
    plant = session.get_one(Plant, plant_id)
    _wish_is_near(ask, day_of(now.business, plant.timezone))
    spec = spec or answerers.engineer.resolve(session, ask)
    proof = answerers.engineer.needs_proof(session, ask)
    order_from = orders_from(proof, now)
    materials = answerers.materials.available(session, plant_id, spec, order_from, now)
    question = capacity_ask(plant, spec, materials, now, guest=hold.guest if hold else False)
    if ask.requested_date is not None:
        question = room_of_wish(session, answerers, plant, ask, question, service, now)
    capacity = _take(session, answerers, question, hold, now)
    basis = Basis(ask, spec, materials, question, order_from if proof else None)
    return compose(session, answerers, basis, capacity, service, now)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a promise is made from besides the places: the wish, what is made, its materials' dates."""

    ask: Ask
    spec: Spec
    materials: list[MaterialDate]
    question: CapacityAsk
    proof_by: datetime | None
    """When the proof must be approved, where there is one."""


def compose(
    session: Session,
    answerers: Answerers,
    basis: Basis,
    capacity: CapacityAnswer,
    service: str | None,
    now: Now,
) -> Offer:
    """The day and the price of places that were found or taken."""
    ask, spec, materials, question = basis.ask, basis.spec, basis.materials, basis.question
    plant = session.get_one(Plant, question.plant_id)
    buffer = _buffer(plant, capacity)
    safe = capacity.ready_at + buffer
    delivery = _deliver(session, answerers, plant, ask, spec, safe, service, now)
    price = answerers.pricer.price(session, ask, plant.id, spec, delivery, now)
    conditions = (Condition(what="proof-approved", by=basis.proof_by),) if basis.proof_by else ()
    promise = Promise(
        delivery_date=delivery.date,
        ready_at=capacity.ready_at,
        buffer_minutes=int(buffer.total_seconds() // 60),
        conditions=conditions,
        held=capacity.held,
        call=Call(day=delivery.date, at=delivery.ready_by) if delivery.ready_by else None,
        hinges_on=_wished(ask, question, delivery) or _binding(capacity, materials, delivery),
        service=delivery.service,
        requested=ask.requested_date,
        likely=_likely(session, answerers, plant, ask, spec, capacity, service, delivery.date, now),
        steps=_steps(plant, capacity, materials, delivery, now),
        made_on=day_of(now.business, plant.timezone),
    )
    return Offer(spec, promise, delivery, price, capacity, ask)


def _take(
    session: Session, answerers: Answerers, question: CapacityAsk, hold: Hold | None, now: Now
) -> CapacityAnswer:
    if hold is None:
        return answerers.capacity.promise(session, question, now)
    return answerers.capacity.hold(session, hold.order_id, question, hold.until, now)


def orders_from(proof: bool, now: Now) -> datetime:
    """When what is made for the order alone can be bought: at once, or when its proof is approved."""
    return now.business + (PROOF_ALLOWANCE if proof else timedelta(0))


def capacity_ask(
    plant: Plant, spec: Spec, materials: list[MaterialDate], now: Now, *, guest: bool = False
) -> CapacityAsk:
    """The question for places: not before the plant can begin, each operation after its material."""
    ready: dict[str, datetime] = {}
    first = spec.routing[0].code if spec.routing else ""
    for material in materials:
        code = material.operation or first
        ready[code] = max(material.available_at, ready.get(code, now.business))
    begin = now.business + timedelta(hours=plant.begin_hours)
    return CapacityAsk(plant.id, spec, begin, ready, guest)


def _deliver(
    session: Session,
    answerers: Answerers,
    plant: Plant,
    ask: Ask,
    spec: Spec,
    ready_at: datetime,
    service: str | None,
    now: Now,
) -> DeliveryAnswer:
    return answerers.delivery.deliver(session, plant.id, ask.ship_to, spec.mass_kg, ready_at, service, now)


def _buffer(plant: Plant, capacity: CapacityAnswer) -> timedelta:
    """What a promise adds to the plan's end: the plant's own buffer, and more if its past asks for more."""
    least = timedelta(hours=plant.buffer_hours)
    return max(least, capacity.likely.buffer) if capacity.likely is not None else least


def _likely(
    session: Session,
    answerers: Answerers,
    plant: Plant,
    ask: Ask,
    spec: Spec,
    capacity: CapacityAnswer,
    service: str | None,
    promised: date,
    now: Now,
) -> LikelyTold | None:
    """The same as days of arrival. Where nine of ten promises are kept, so many are there by the promised
    day."""
    known = capacity.likely
    if known is None:
        return None

    def arrives(ready_at: datetime) -> date:
        return _deliver(session, answerers, plant, ask, spec, ready_at, service, now).date

    most = arrives(known.most)
    if known.kept >= MOST:
        most = min(most, promised)
    return LikelyTold(half=min(arrives(known.half), most), most=most, orders=known.orders)


def farthest_day(today: date) -> date:
    """The last day that can be asked for; `today` is the plant's."""
    return today + FARTHEST_WISH


def _wish_is_near(ask: Ask, today: date) -> None:
    if ask.requested_date is not None and ask.requested_date > farthest_day(today):
        raise Invalid(N_("Ask for a day within the next two years."), field="requested_date")


def room_of_wish(
    session: Session,
    answerers: Answerers,
    plant: Plant,
    ask: Ask,
    question: CapacityAsk,
    service: str | None,
    now: Now,
) -> CapacityAsk:
    """Say by when it must be ready to arrive on the wished day, if it can be ready by then at all."""
    assert ask.requested_date is not None
    earliest = answerers.capacity.promise(session, question, now)

    def arrives(ready_at: datetime) -> date:
        safe = ready_at + _buffer(plant, earliest)
        return _deliver(session, answerers, plant, ask, question.spec, safe, service, now).date

    ready_by = earliest.ready_at + (ask.requested_date - arrives(earliest.ready_at))
    while ready_by > earliest.ready_at:
        if arrives(ready_by) <= ask.requested_date:
            return replace(question, ready_by=ready_by)
        ready_by -= timedelta(days=1)
    return question


def _wished(ask: Ask, question: CapacityAsk, delivery: DeliveryAnswer) -> HingeTold | None:
    """It could come sooner, and comes on the day that was asked for."""
    on_the_day = question.ready_by is not None and delivery.date == ask.requested_date
    return HingeTold(kind="wish", name=WISHED) if on_the_day else None


def _binding(capacity: CapacityAnswer, materials: list[MaterialDate], delivery: DeliveryAnswer) -> HingeTold:
    """The one thing the date hinges on; a material's own name wins over the bare code."""
    if not capacity.hinges:
        return HingeTold(kind="transit", name=delivery.name)
    hinge = capacity.hinges[0]
    if hinge.kind == "material":
        late = [m for m in materials if m.operation == hinge.code or m.material == hinge.code]
        if late:
            last = max(late, key=lambda m: m.available_at)
            hinge = Hinge("material", last.name, last.available_at, hinge.waits_minutes, last.material)
    return HingeTold(
        kind=hinge.kind, name=hinge.name, at=hinge.at, waits_minutes=hinge.waits_minutes, code=hinge.code
    )


def _steps(
    plant: Plant, capacity: CapacityAnswer, materials: list[MaterialDate], delivery: DeliveryAnswer, now: Now
) -> tuple[Step, ...]:
    steps = [
        Step(
            kind="operation",
            code=op.code,
            name=op.name,
            start=op.start,
            end=op.end,
            resource=op.resource,
            lot=op.lot,
        )
        for op in capacity.operations
    ]
    steps += [
        Step(kind="material", code=m.material, name=m.name, start=now.business, end=m.available_at)
        for m in materials
        if not m.at_hand
    ]
    steps.append(
        Step(
            kind="transit",
            code=delivery.service,
            name=delivery.name,
            start=capacity.ready_at,
            end=max(capacity.ready_at, day_end(plant, delivery.date)),
        )
    )
    return tuple(steps)


def day_end(plant: Plant, day: date) -> datetime:
    """18:00 at the plant on `day`: when a promised day counts as kept at the latest."""
    return datetime.combine(day, time(18), ZoneInfo(plant.timezone))


def ship_to_of(session: Session, order: Order) -> ShipTo:
    """The order's address as ports know it."""
    row = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    if row is None:
        return ShipTo()
    return ShipTo(row.name, row.street, row.city, row.postal_code, row.country)


def spec_of(session: Session, order_id: str) -> Spec:
    """The order's resolved BOM, routing and work content; a session reads each but once."""
    row = session.get_one(OrderSpec, order_id)
    read: dict[str, tuple[OrderSpec, object, Spec]] = session.info.setdefault(_SPECS, {})
    known = read.get(order_id)
    if known is None or known[0] is not row or known[1] is not row.spec:
        known = read[order_id] = row, row.spec, Spec.model_validate(row.spec)
    return known[2]


def _by_day(order: Order) -> frozenset[str]:
    return frozenset(str(line["code"]) for line in order.price_lines if line.get("by_day"))


def ask_of(session: Session, order: Order) -> Ask:
    """The order as the wish it came from."""
    return Ask(
        order.family,
        order.selections,
        order.quantity,
        ship_to_of(session, order),
        order.requested_date,
        tuple(order.pieces),
        order.locale,
        plant_id=order.plant_id,
        code=order.offer_code,
        customer_id=order.customer_id,
        by_day=_by_day(order) if order.placed_at else None,  # of a quote the day decides
    )
