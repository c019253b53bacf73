"""Rows for tests: a manufacturer with a plant, people, orders at any stage. All take a session and flush.

with database.write() as session:
    plant = make_plant(session)
    order = make_order(session, plant)
    walk(session, order.id, Stage.SCHEDULED)
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from sqlmodel import Session

from cosmo import lifecycle
from cosmo.clock import Now
from cosmo.orders import Address, Order, OrderSpec, StandardProduct
from cosmo.parties import Account, Party, PartyKind, Plant, Role
from cosmo.payloads import (
    Closed,
    Delivered,
    Engineered,
    Finished,
    Placed,
    Quoted,
    Scheduled,
    Shipped,
    Sourced,
    StagePayload,
    Started,
)
from cosmo.spec import BomLine, RoutingStep, Spec
from cosmo.stages import VERBS, Stage

MONDAY = datetime(2026, 6, 8, 6, 0, tzinfo=UTC)
"""A Monday morning, 08:00 in Berlin (business time)."""
LONG_AGO = datetime(2025, 6, 9, 6, 0, tzinfo=UTC)
"""Wall time in tests: before the present, so that what is due then is due for the relay too."""
_numbers = count(1)
T = TypeVar("T")


def at(*, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> Now:
    """So much after MONDAY in business time, and as much after LONG_AGO in wall time."""
    later = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return Now(business=MONDAY + later, wall=LONG_AGO + later)


NOW = at()


def make_party(session: Session, kind: PartyKind, name: str = "", **values: Any) -> Party:
    n = next(_numbers)
    party = Party(
        kind=kind.value, name=name or f"{kind.value.title()} {n}", slug=f"{kind.value}-{n}", **values
    )
    return _kept(session, party)


def make_plant(session: Session, manufacturer: Party | None = None, **values: Any) -> Plant:
    """A plant in Berlin's time zone, in EUR; with a manufacturer of its own unless one is given."""
    owner = manufacturer or make_party(session, PartyKind.MANUFACTURER)
    n = next(_numbers)
    return _kept(
        session, Plant(**{"manufacturer_id": owner.id, "slug": f"plant-{n}", "name": f"Plant {n}"} | values)
    )


def make_account(session: Session, party: Party, role: Role, **values: Any) -> Account:
    """A login without a usable password."""
    n = next(_numbers)
    fields = {
        "email": f"{role.value}-{n}@example.test",
        "name": f"{role.value.title()} {n}",
        "password_hash": "!",
    }
    return _kept(session, Account(party_id=party.id, role=role.value, **(fields | values)))


def make_customer(
    session: Session, name: str = "Ada Lovelace", email: str = "ada@example.test", **values: Any
) -> Party:
    return make_party(session, PartyKind.CUSTOMER, name, email=email, **values)


def make_spec(quantity: int = 10, **values: Any) -> Spec:
    """One material, one step: enough to be made."""
    step = RoutingStep(code="turn", name={"en": "Turn"}, resources=("WHEEL",), minutes_per_piece=Decimal(2))
    clay = BomLine(material="CLAY", name={"en": "Clay"}, quantity=Decimal(quantity), unit="kg")
    fields: dict[str, Any] = {
        "title": {"en": "Cup", "de": "Becher", "zh": "杯子"},
        "quantity": quantity,
        "start_quantity": quantity,
        "bom": (clay,),
        "routing": (step,),
        "mass_kg": Decimal(quantity),
    }
    return Spec(**(fields | values))


def make_order(
    session: Session,
    plant: Plant,
    *,
    customer: Party | None = None,
    spec: Spec | None = None,
    quantity: int = 10,
    family: str = "cup",
    now: Now = NOW,
    **values: Any,
) -> Order:
    """A draft with its spec and an address; use `walk` to move it on."""
    address = _kept(
        session, Address(name="Ada Lovelace", street="Ring 1", city="Berlin", postal_code="10115")
    )
    fields: dict[str, Any] = {
        "manufacturer_id": plant.manufacturer_id,
        "plant_id": plant.id,
        "family": family,
        "quantity": quantity,
        "customer_id": customer.id if customer else None,
        "ship_to_id": address.id,
        "created_at": now.wall,
    }
    order = _kept(session, Order(**(fields | values)))
    made_of = (spec or make_spec(quantity)).model_dump(mode="json")
    _kept(session, OrderSpec(order_id=order.id, spec=made_of))
    return order


def make_standard_product(
    session: Session, plant: Plant, family: str = "cup", **values: Any
) -> StandardProduct:
    """What the kernel answers with where rnd or marketing is off."""
    fields: dict[str, Any] = {
        "name": {"en": "Cup"},
        "spec": make_spec(1).model_dump(mode="json"),
        "list_price": Decimal("9.50"),
        "plant_id": plant.id,
    }
    return _kept(session, StandardProduct(family=family, **(fields | values)))


PROMISED = date(2026, 6, 26)

STEPS: dict[str, StagePayload] = {
    "quote": Quoted(promised_date=PROMISED, ready_at=MONDAY, price=Decimal(95), currency="EUR", held=True),
    "place": Placed(promised_date=PROMISED, ready_at=MONDAY),
    "engineer": Engineered(),
    "source": Sourced(),
    "schedule": Scheduled(),
    "start": Started(pieces=10),
    "finish": Finished(good=10, scrapped=0),
    "ship": Shipped(),
    "deliver": Delivered(),
    "close": Closed(),
}
"""Verb -> a payload good enough to pass it, in the order of the lifecycle."""


def walk(session: Session, order_id: str, to: Stage, now: Now = NOW, actor: str = "test") -> Order:
    """Fire the plain verbs one after the other until the order is at stage `to`; no module does any work."""
    order = lifecycle.lock(session, order_id)
    for name, payload in STEPS.items():
        if order.stage == to:
            return order
        if order.stage in VERBS[name].sources and VERBS[name].target != order.stage:
            lifecycle.fire(session, order_id, name, payload, now=now, actor=actor)
    if order.stage != to:
        raise AssertionError(f"no way from {order.stage} to {to}")
    return order


def _kept(session: Session, row: T) -> T:
    session.add(row)
    session.flush()
    return row
