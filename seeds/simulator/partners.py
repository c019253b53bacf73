"""Suppliers who confirm, slip and deliver; carriers who collect and deliver; office people who answer."""

from collections.abc import Generator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from seeds.simulator.client import Person, instant
from seeds.simulator.world import World

PATIENCE = 60.0
"""Wall seconds that a proof waits for its customer before somebody answers in their place."""
ZONE = ZoneInfo("Europe/Berlin")
SLIPS = 0.06
DEPOSIT = Decimal("0.3")
NAMES = ("M. Brandt", "Empfang", "K. Yılmaz", "S. Hansen", "Pforte", "A. Rossi")


def supplier(world: World, person: Person) -> Generator[Any, Any, None]:
    """Look at the open orders a few times a day."""
    while True:
        for order in (
            world.attempt("orders read", lambda: person.get("/api/v1/suppliers/me/orders", open="true")) or []
        ):
            _answer(world, person, order)
        yield from world.beat(150, wall=3.0)


def _answer(world: World, person: Person, order: dict[str, Any]) -> None:
    path = f"/api/v1/suppliers/me/orders/{order['id']}"
    open_lines = [line for line in order["lines"] if line["state"] not in ("received", "withdrawn")]
    if any(line["state"] == "asked" for line in open_lines):
        asked = [date.fromisoformat(line["asked_for"]) for line in open_lines]
        if world.random.random() < SLIPS or min(asked) < _today(world):
            due = max([*asked, _today(world)]) + timedelta(days=world.random.randint(1, 4))
            world.attempt("date countered", lambda: person.post(f"{path}/counter", {"date": due.isoformat()}))
        else:
            world.attempt("order confirmed", lambda: person.post(f"{path}/confirmation"))
    elif open_lines and all(date.fromisoformat(line["due"]) <= _today(world) for line in open_lines):
        world.attempt("goods delivered", lambda: person.post(f"{path}/delivery"))


def _today(world: World) -> date:
    """A delivery comes from seven in the morning on."""
    return (world.now.astimezone(ZONE) - timedelta(hours=7)).date()


def carrier(world: World, person: Person) -> Generator[Any, Any, None]:
    """Collect in the afternoon of working days, deliver on the expected day."""
    while True:
        for shipment in (
            world.attempt("shipments read", lambda: person.get("/api/v1/carriers/me/shipments")) or []
        ):
            _carry(world, person, shipment)
        yield from world.beat(90, wall=1.5)


def _carry(world: World, person: Person, shipment: dict[str, Any]) -> None:
    path = f"/api/v1/shipments/{shipment['id']}"
    if shipment["state"] == "packed":
        at = pickup_after(instant(shipment["packed_at"]))
        if at <= world.now:
            body = {"event_time": at.isoformat()}
            world.attempt("collected", lambda: person.post(f"{path}/pickup", body))
    elif shipment["state"] == "picked_up" and shipment["expected_at"]:
        at = instant(shipment["expected_at"]) - timedelta(minutes=world.random.randint(0, 150))
        if at <= world.now:
            proof = {"event_time": at.isoformat(), "received_by": world.random.choice(NAMES)}
            world.attempt("delivered", lambda: person.post(f"{path}/delivery", proof))


def pickup_after(packed: datetime) -> datetime:
    """The next call at half past two, Monday to Friday."""
    local = packed.astimezone(ZONE)
    call = datetime.combine(local.date(), time(14, 30), ZONE)
    while call < local or call.weekday() >= 5:
        call += timedelta(days=1)
    return call


def engineer(world: World, plant: str, person: Person) -> Generator[Any, Any, None]:
    """Approve, for the customer, a proof that has waited a minute of wall time."""
    seen: dict[str, float] = {}
    while True:
        waiting = world.attempt("proofs read", lambda: person.get(f"/api/v1/plants/{plant}/proofs")) or []
        for proof in waiting:
            order_id = proof["order_id"]
            waited = monotonic() - seen.setdefault(order_id, monotonic())
            if waited >= PATIENCE and proof.get("state", "open") == "open":
                path = f"/api/v1/orders/{order_id}/proof/approval"
                world.attempt("proof approved", lambda path=path: person.post(path, {"approved": True}))  # type: ignore[misc]
        yield from world.beat(1, wall=5.0)


def seller(world: World, person: Person) -> Generator[Any, Any, None]:
    """Record the deposits that come in, about a day after the order."""
    while True:
        for order in (
            world.attempt("held orders read", lambda: person.get("/api/v1/orders", held="true")) or []
        ):
            waited = world.now - instant(order["placed_at"]) if order["placed_at"] else timedelta(0)
            if "deposit-open" in (order["hold_reason"] or "") and waited > timedelta(hours=20):
                share = Decimal(order["price"]["amount"]) * DEPOSIT
                body = {
                    "amount": str(share.quantize(Decimal("0.01"), ROUND_CEILING)),
                    "reference": "transfer",
                }
                path = f"/api/v1/orders/{order['id']}/payments"
                world.attempt("deposit paid", lambda path=path, body=body: person.post(path, body))  # type: ignore[misc]
        yield from world.beat(240, wall=3.0)
