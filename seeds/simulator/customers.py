"""Customers: they arrive after the plant's rate, ask for a quote, mostly order, choose how to go on where
pieces of one shade are missing, and rate what they got."""

from collections.abc import Generator
from datetime import timedelta
from time import monotonic
from typing import Any

from seeds.simulator.client import Person
from seeds.simulator.partners import PATIENCE
from seeds.simulator.world import World
from seeds.wishes import Wish, draw

WALK_AWAY = 0.12
CHOICES = ("second_shade", "fewer", "remake")
LIKELY = (6, 5, 1)
"""How customers choose where pieces of one shade lot are missing."""
WALL = 1.5
"""Wall seconds between two wishes at one plant, at least: at a fast clock fewer people come."""


def arrivals(
    world: World, plant: str, a_day: float, people: list[tuple[Person, dict[str, str]]]
) -> Generator[Any, Any, None]:
    """New wishes, spread over the day at random."""
    defaults: dict[str, dict[str, Any]] = {}
    while True:
        yield from world.beat(world.random.expovariate(a_day / 1440), wall=WALL)
        person, home = world.random.choice(people)
        wish = draw(plant, world.random)
        if wish.family not in defaults:
            told = _family(world, person, wish.family)
            if told is None:
                continue
            defaults[wish.family] = told["defaults"]
        _buy(world, person, home, wish, defaults[wish.family])


def _family(world: World, person: Person, slug: str) -> Any:
    return world.attempt("family read", lambda: person.get(f"/api/v1/families/{slug}"))


def _buy(world: World, person: Person, home: dict[str, str], wish: Wish, defaults: dict[str, Any]) -> None:
    wanted = (world.now + timedelta(days=wish.days)).date().isoformat() if wish.days else None
    body: dict[str, Any] = {
        "family": wish.family,
        "selections": {**defaults, **wish.selections},
        "quantity": wish.quantity,
        "ship_to": {k: home[k] for k in ("name", "street", "city", "postal_code", "country")},
    }
    if wanted:
        body["requested_date"] = wanted
    quote = world.attempt("quote", lambda: person.post("/api/v1/quotes", body))
    if quote is None or world.random.random() < WALK_AWAY:
        return
    order = {"quote_id": quote["id"], "customer": {"name": home["name"], "email": home["email"]}}
    world.attempt("order", lambda: person.post("/api/v1/orders", order, key=f"sim-{quote['id']}"))


def choices(world: World, person: Person) -> Generator[Any, Any, None]:
    """Who is asked about missing pieces chooses within some hours."""
    while True:
        yield from world.beat(240, wall=5.0)
        told = world.attempt("held orders read", lambda: person.get("/api/v1/orders", held="true")) or []
        for order in told:
            if "shortfall-open" in (order["hold_reason"] or ""):
                _choose(world, person, order["id"])


def stand_in(
    world: World, plant: str, person: Person, patience: float = PATIENCE
) -> Generator[Any, Any, None]:
    """Choose, for a customer, where a question has waited as long as a proof would (wall seconds)."""
    seen: dict[str, float] = {}
    while True:
        path = f"/api/v1/plants/{plant}/shortfalls"
        for question in world.attempt("shortfalls read", lambda path=path: person.get(path)) or []:  # type: ignore[misc]
            if monotonic() - seen.setdefault(question["id"], monotonic()) >= patience:
                _choose(world, person, question["order_id"])
        yield from world.beat(1, wall=5.0)


def _choose(world: World, person: Person, order_id: str) -> None:
    body = {"answer": world.random.choices(CHOICES, LIKELY)[0]}
    world.attempt("shortfall answered", lambda: person.post(f"/api/v1/orders/{order_id}/shortfall", body))


def ratings(world: World, person: Person) -> Generator[Any, Any, None]:
    """Some who have received their order say how it was."""
    rated: set[str] = set()
    while True:
        yield from world.beat(720, wall=10.0)
        told = world.attempt("orders read", lambda: person.get("/api/v1/orders", stage="delivered")) or []
        for order in told:
            if order["id"] not in rated and world.random.random() < 0.25:
                rated.add(order["id"])
                stars = world.random.choices((2, 3, 4, 5), (1, 2, 5, 12))[0]
                path = f"/api/v1/orders/{order['id']}/rating"
                world.attempt("rating", lambda path=path, stars=stars: person.post(path, {"stars": stars}))  # type: ignore[misc]
