"""Brings the players together and lets them act as far as the server's clock has come."""

import json
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import simpy

from seeds.files import PLANTS, read_plant, yields_of
from seeds.simulator.client import Gone, Person
from seeds.simulator.customers import arrivals, choices, ratings, stand_in
from seeds.simulator.floor import Floor, breakdowns
from seeds.simulator.partners import carrier, engineer, seller, supplier
from seeds.simulator.world import World, ease_clock, read_clock

A_DAY = {"lu-ceramics": 5.0, "hansa-cabinets": 1.5}
"""Orders a day of business time."""
STEP = 0.25
TELL = 30.0
"""Wall seconds between two lines of counts in the log."""
_log = logging.getLogger(__name__)


def simulate(demo: Path, seed: int, *, parent: int | None = None) -> int:
    """Play until the server is gone for good, or `parent` is. `demo` is the demo.json with all keys."""
    told = json.loads(demo.read_text(encoding="utf-8"))
    with httpx2.Client(base_url=told["base_url"], timeout=60.0) as http:
        people = _people(http, told["accounts"], lambda: _has_parent(parent))
        platform = next(p for (role, _), p in people.items() if role == "platform")
        try:
            world = _world(people, platform, seed)
            _play(world, parent)
        except Gone as error:
            if _has_parent(parent):
                _log.warning("%s", error)
            return 1
    return 0


def _play(world: World, parent: int | None) -> None:
    told = time.monotonic()
    try:
        while _has_parent(parent):
            _catch_up(world)
            if time.monotonic() - told > TELL:
                told = time.monotonic()
                _tell(world)
            time.sleep(STEP)
    finally:
        _tell(world)


def _tell(world: World) -> None:
    """Log what was done and what was refused so far."""
    counts = ", ".join(f"{what}: {count}" for what, count in sorted(world.done.items()))
    behind = world.minute() - float(world.env.now)
    _log.info("%s, %.0f minutes behind; %s", world.now.isoformat(" ", "minutes"), behind, counts)


def _has_parent(parent: int | None) -> bool:
    return parent is None or os.getppid() == parent


def _people(
    http: httpx2.Client, accounts: list[dict[str, str]], waiting: Callable[[], bool]
) -> dict[tuple[str, str], Person]:
    return {
        (a["role"], a["plant"] or a["party"]): Person(http, a["api_key"], a["email"], waiting)
        for a in accounts
    }


def _world(people: dict[tuple[str, str], Person], platform: Person, seed: int) -> World:
    business, _ = read_clock(platform)
    asking = ThreadPoolExecutor(1, "easing")  # nobody stands idle for it: who is late has no time for that
    world = World(
        simpy.Environment(), Random(seed), business, people,
        lambda: read_clock(platform), lambda seconds: asking.submit(ease_clock, platform, seconds),
    )  # fmt: skip
    for plant in PLANTS:
        _staff(world, plant)
    for _, person in world.of("supplier"):
        world.env.process(supplier(world, person))
    for _, person in world.of("carrier"):
        world.env.process(carrier(world, person))
    return world


def _staff(world: World, plant: str) -> None:
    data, env = read_plant(plant), world.env
    operator, planner = world.people["operator", plant], world.people["planner", plant]
    env.process(Floor(world, plant, operator, yields_of(plant)).work())
    for centre in data["work_centres"]:
        env.process(breakdowns(world, plant, planner, centre))
    env.process(engineer(world, plant, world.people["engineer", plant]))
    env.process(seller(world, world.people["seller", plant]))
    env.process(stand_in(world, plant, planner))
    if plant in A_DAY:
        homes = [(world.people["customer", c["name"]], _home(c)) for c in data["customers"]]
        env.process(arrivals(world, plant, A_DAY[plant], homes))
        for person, _ in homes:
            env.process(ratings(world, person))
            env.process(choices(world, person))


def _home(customer: dict[str, Any]) -> dict[str, str]:
    return {k: str(customer[k]) for k in ("name", "email", "street", "city", "postal_code", "country")}


def _catch_up(world: World) -> None:
    """Act up to the server's business time; a clock that stands or jumps is followed."""
    world.look()
    minutes = world.minute()
    if minutes > float(world.env.now):
        world.env.run(until=minutes)
