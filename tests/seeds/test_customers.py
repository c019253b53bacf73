"""Simulated customers answer, over the public API, what they are asked about missing pieces."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import simpy

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Party, Plant, Role
from cosmo.registry import Registry
from modules.manufacturing import module
from modules.manufacturing.models import Asked
from seeds.simulator.client import Person
from seeds.simulator.customers import choices, stand_in
from seeds.simulator.world import World
from tests.factories import NOW, make_customer
from tests.modules.manufacturing.conftest import mug_plant
from tests.modules.manufacturing.shades import PACK, asked, choose, one_shade
from tests.modules.manufacturing.shop import Floor, jobs
from tests.web_fixtures import Visitor

People = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def only_manufacturing(modules: Callable[..., Registry]) -> None:
    modules(module)


@pytest.fixture
def plant(database: Database) -> Plant:
    return mug_plant(database)


@pytest.fixture
def customer(database: Database) -> Party:
    with database.write() as session:
        set_clock(session, speed=0.0, business=NOW.business)
        return make_customer(session)


@pytest.fixture
def order(database: Database, plant: Plant, customer: Party) -> Order:
    """Of her order, 40 are lost at its only operation."""
    made = one_shade(database, plant, steps=PACK)
    with database.write() as session:
        session.get_one(Order, made.id).customer_id = customer.id
    floor, (row,) = Floor(database, plant), jobs(database, made.id)
    floor.run(row, scrap=40)
    with database.write() as session:
        set_clock(session, speed=0.0, business=floor.at(row.end + 5))
    return made


def person(visitor: Visitor) -> Person:
    """With the key that the visitor carries."""
    key = visitor.headers.pop("Authorization").removeprefix("Bearer ")
    return Person(visitor, key, "somebody")  # type: ignore[arg-type]


def play(order: Order, act: Callable[[World], Any], seed: int = 1) -> World:
    """Eight hours of one player's time."""
    epoch = order.created_at
    world = World(simpy.Environment(), Random(seed), epoch, {}, lambda: (epoch, 0.0), lambda seconds: None)
    world.env.process(act(world))
    world.env.run(until=480)
    return world


def test_a_customer_chooses_for_herself(
    database: Database, order: Order, customer: Party, people: People
) -> None:
    her = person(people(Role.CUSTOMER, party=customer, bearer=True))
    world = play(order, lambda world: choices(world, her))
    assert world.done["shortfall answered"] == 1
    assert asked(database, order) is None


def test_somebody_answers_for_an_outsider_once_it_has_waited(
    database: Database, plant: Plant, order: Order, people: People
) -> None:
    planner = person(people(Role.PLANNER, plant, bearer=True))
    play(order, lambda world: stand_in(world, plant.slug, planner))
    assert asked(database, order) is not None, "not within the minute that is hers"
    play(order, lambda world: stand_in(world, plant.slug, planner, patience=0.0))
    assert asked(database, order) is None


def test_who_is_asked_nothing_answers_nothing(
    database: Database, order: Order, customer: Party, people: People
) -> None:
    choose(database, order, Asked.SECOND_SHADE)
    her = person(people(Role.CUSTOMER, party=customer, bearer=True))
    world = play(order, lambda world: choices(world, her))
    assert not [what for what in world.done if "answered" in what]
