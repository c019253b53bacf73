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
MORNING = time(7)
A_DAY = timedelta(days=1)
SLIPS = 0.06
DEPOSIT = Decimal("0.3")
NAMES = ("M. Brandt", "Empfang", "K. Yılmaz", "S. Hansen", "Pforte", "A. Rossi")


def supplier(world: World, person: Person) -> Generator[Any, Any, None]:
    """Look at the open orders once a day, and when something is due."""
    while True:
        orders = world.attempt("orders read", lambda: person.get("/api/v1/suppliers/me/orders", open="true"))
        for order in orders or []:
            _answer(world, person, order)
        outstanding = [order for order in orders or [] if _outstanding(order)]
        yield from world.beat(_until(world, [_opening(order) for order in outstanding]))


def _until(world: World, times: list[datetime]) -> float:
    """Business minutes to the next of these times, a day at most."""
    ahead = [at for at in times if at > world.now]
    return min((min(ahead, default=world.now + A_DAY) - world.now), A_DAY).total_seconds() / 60


def _opening(order: dict[str, Any]) -> datetime:
    """The morning on which all that is outstanding is due."""
    due = max(date.fromisoformat(line["due"]) for line in _outstanding(order))
    return datetime.combine(due, MORNING, ZONE)


def _answer(world: World, person: Person, order: dict[str, Any]) -> None:
    path = f"/api/v1/suppliers/me/orders/{order['id']}"
    open_lines = _outstanding(order)
    if any(line["state"] == "asked" for line in open_lines):
        asked = [date.fromisoformat(line["asked_for"]) for line in open_lines]
        if world.random.random() < SLIPS or min(asked) < _today(world):
            due = max([*asked, _today(world)]) + timedelta(days=world.random.randint(1, 4))
            world.attempt("date countered", lambda: person.post(f"{path}/counter", {"date": due.isoformat()}))
        else:
            world.attempt("order confirmed", lambda: person.post(f"{path}/confirmation"))
    elif open_lines and all(date.fromisoformat(line["due"]) <= _today(world) for line in open_lines):
        world.attempt("goods delivered", lambda: person.post(f"{path}/delivery"))


def _outstanding(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in order["lines"] if line["state"] not in ("received", "withdrawn")]


def _today(world: World) -> date:
    """A delivery comes in the morning or later."""
    return (world.now.astimezone(ZONE) - timedelta(hours=MORNING.hour)).date()


def carrier(world: World, person: Person) -> Generator[Any, Any, None]:
    """Collect in the afternoon of working days, deliver on the expected day."""
    while True:
        shipments = world.attempt("shipments read", lambda: person.get("/api/v1/carriers/me/shipments"))
        for shipment in shipments or []:
            _carry(world, person, shipment)
        expected = [instant(s["expected_at"]) for s in shipments or [] if s["expected_at"]]
        yield from world.beat(_until(world, [*expected, pickup_after(world.now)]))


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
    """The next call at five, Monday to Friday: no sooner than any service of the demo promises."""
    local = packed.astimezone(ZONE)
    call = datetime.combine(local.date(), time(17), ZONE)
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
