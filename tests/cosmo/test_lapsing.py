"""Quotes lapse on wall time and free what they held; one that cannot keeps no other from lapsing."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from cosmo import quoting
from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.lapsing import LAPSE_FAILED, lapse_expired
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import Ask
from cosmo.quoting import Requester, quote
from cosmo.stages import Stage
from cosmo.tasks import open_tasks
from tests.factories import make_standard_product


def make_quote(session: Session, plant: Plant, age: timedelta, who: str) -> str:
    wall = read_now(session).wall - age
    now = Now(business=wall, wall=wall)
    return quote(session, Ask("cup", {}, 5), requester=Requester(session_id=who), now=now).id


@pytest.fixture
def quotes(database: Database, plant: Plant) -> dict[str, str]:
    """Two that are over, one that is not."""
    with database.write() as session:
        make_standard_product(session, plant)
        ages = {"old": timedelta(hours=2), "older": timedelta(hours=3), "fresh": timedelta(minutes=1)}
        return {name: make_quote(session, plant, age, name) for name, age in ages.items()}


def stages(database: Database, quotes: dict[str, str]) -> dict[str, str]:
    with database.read() as session:
        return {name: session.get_one(Order, order_id).stage for name, order_id in quotes.items()}


def test_only_what_is_over_lapses(database: Database, quotes: dict[str, str]) -> None:
    lapse_expired(database)
    assert stages(database, quotes) == {"old": Stage.LAPSED, "older": Stage.LAPSED, "fresh": Stage.QUOTED}
    lapse_expired(database)


def test_one_that_cannot_lapse_is_a_task(
    database: Database, quotes: dict[str, str], plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = quoting.lapse

    def lapse(session: Session, order_id: str, now: Now) -> None:
        if order_id == quotes["older"]:
            raise RuntimeError("the kiln will not let go")
        honest(session, order_id, now)

    monkeypatch.setattr(quoting, "lapse", lapse)
    for _ in range(2):
        lapse_expired(database)
    assert stages(database, quotes) == {"old": Stage.LAPSED, "older": Stage.QUOTED, "fresh": Stage.QUOTED}
    with database.read() as session:
        (task,) = open_tasks(session, plant.manufacturer_id)
        assert (task.kind, task.about) == (LAPSE_FAILED, quotes["older"])


def test_a_quote_asked_for_anew_meanwhile_stays(
    database: Database, quotes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the lock the customer asks again."""
    monkeypatch.setattr(quoting, "expired", lambda *_: list(quotes.values()))
    with database.write() as session:
        quoting.requote(session, quotes["old"], requester=Requester(session_id="old"), now=read_now(session))
    lapse_expired(database)
    assert stages(database, quotes)["old"] == Stage.QUOTED
