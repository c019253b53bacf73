"""What one other choice would do, at a plant with orders: each line is what a full quote says, and gives."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo.alternatives import alternatives
from cosmo.asking import answerers_at
from cosmo.clock import Now, read_now, set_clock
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.parties import Plant
from cosmo.ports import Answer, Ask, ShipTo
from cosmo.promise import Hold, Offer, offer
from modules.manufacturing import promising
from modules.manufacturing.searching import search
from modules.rnd import configuring
from seeds import demo
from tests.factories import make_order

BERLIN = ShipTo(city="Berlin", postal_code="10115", country="DE")
DEAR = {"decoration": "decal", "print_zone": "front", "personal_name": "Ada", "gold_rim": "yes"}
LARGE = {"capacity": "450", "shape": "bistro", "packaging": "gift"}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The demo's plant with a few large orders, at an hour that stands still."""
    home = tmp_path_factory.mktemp("lines")
    database = Database(f"sqlite:///{home / 'cosmo.db'}")
    database.files = home / "attachments"
    demo.seed(database, small=True, report=lambda line: None)
    with database.write() as session:
        set_clock(session, speed=0)
    for extra in ({}, LARGE, DEAR):
        with database.write() as session:
            hold(session, wish_of(session, extra, 1500))
    yield database
    database.dispose()


def mug_plant(session: Session) -> Plant:
    return session.exec(select(Plant).where(Plant.slug == "lu-ceramics")).one()


def wish_of(session: Session, extra: dict[str, Any], quantity: int = 240) -> Ask:
    defaults = answerers_at(session, mug_plant(session).manufacturer_id).configurator.families(session, "mug")
    return Ask("mug", {**defaults[0].defaults, **extra}, quantity, BERLIN, locale="en")


def hold(session: Session, ask: Ask) -> Offer:
    """The places are taken, as for a quote."""
    plant, now = mug_plant(session), read_now(session)
    order = make_order(session, plant, family="mug", quantity=ask.quantity)
    return offered(session, ask, now, Hold(order.id, now.wall + timedelta(days=9), guest=False))


def offered(session: Session, ask: Ask, now: Now, held: Hold | None = None) -> Offer:
    plant = mug_plant(session)
    return offer(session, answerers_at(session, plant.manufacturer_id), plant.id, ask, now, hold=held)


def answered(session: Session, ask: Ask) -> Answer:
    return configuring.answer(session, ask.family, ask.selections, ask.quantity, "en")


def others(ask: Ask, answer: Answer) -> Iterator[tuple[str, Ask]]:
    """Option -> the wish with another value of it, for every value that can be had."""
    for option, values in answer.domains.items():
        for value in values:
            if value.available and value.value != ask.selections.get(option):
                yield option, replace(ask, selections={**ask.selections, option: value.value})


@pytest.mark.parametrize("extra", [DEAR, LARGE], ids=["dear", "large"])
def test_each_line_is_the_best_of_its_option_by_full_quotes(
    busy: Database, extra: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy.read() as session:
        plant, now = mug_plant(session), read_now(session)
        ask = wish_of(session, extra)
        answerers = answerers_at(session, plant.manufacturer_id)
        base, answer = offered(session, ask, now), answered(session, ask)
        found = alternatives(session, answerers, plant.id, base, answer, now)
    # each in a session of its own, and nothing remembered of what was searched
    monkeypatch.setattr(promising, "recalled", lambda *asked: search(*asked).answer)
    expected: dict[str, tuple[date, Decimal]] = {}
    for option, other in others(ask, answer):
        with busy.read() as session:
            try:
                made = offered(session, other, now)
            except CosmoError:
                continue
        rank = (made.promise.delivery_date, made.price.amount - base.price.amount)
        if rank[0] < base.promise.delivery_date or rank[1] < 0:
            expected[option] = min(rank, expected.get(option, rank))
    assert {one.option: one.rank for one in found} == expected
    assert expected


def test_who_presses_a_line_gets_its_day_and_price(busy: Database) -> None:
    with busy.read() as session:
        plant, now = mug_plant(session), read_now(session)
        ask = wish_of(session, {**DEAR, **LARGE})
        answerers = answerers_at(session, plant.manufacturer_id)
        base = offered(session, ask, now)
        found = alternatives(session, answerers, plant.id, base, answered(session, ask), now)
    assert found
    for one in found:
        with busy.write() as session:
            pressed = hold(session, replace(ask, selections={**ask.selections, one.option: one.value}))
            assert pressed.promise.held
            assert pressed.promise.delivery_date == one.delivery_date
            assert pressed.price.amount - base.price.amount == one.difference
            session.rollback()
