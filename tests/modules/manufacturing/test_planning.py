"""A sourced order gets its production orders and its firm places after the material dates."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from cosmo import lifecycle
from cosmo.cancelling import cancel
from cosmo.db import Database
from cosmo.defaults import AtHand
from cosmo.parties import Plant
from cosmo.payloads import Sourced
from cosmo.ports import CapacityAsk, MaterialPromiser
from cosmo.registry import Module, Parts, Registry
from cosmo.relay import drain
from cosmo.stages import Stage
from modules.manufacturing import module
from modules.manufacturing.models import ProductionOrder
from modules.manufacturing.plan import head
from modules.manufacturing.promising import PlanPromiser
from tests.factories import NOW, walk
from tests.modules.manufacturing.mugs import firm, mug_spec
from tests.modules.manufacturing.shop import jobs, sourced


class Dated(AtHand):
    """Materials with dates of their own."""

    def __init__(self) -> None:
        self.known: dict[str, datetime] = {}

    def dates(self, session: Session, order_id: str) -> dict[str, datetime]:
        return self.known


@pytest.fixture
def materials(modules: Callable[..., Registry]) -> Mapping[str, datetime]:
    dated = Dated()
    stock = Module("procurement", {"en": "Stock"}, lambda: Parts(ports={MaterialPromiser: dated}))
    modules(module, stock)
    return dated.known


def test_a_sourced_order_is_scheduled_in_lots(database: Database, plant: Plant) -> None:
    order = sourced(database, plant, 3000)
    assert order.stage == "scheduled"
    with database.read() as session:
        lots = list(session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order.id)))
    assert [lot.lot for lot in lots] == [1, 2]
    assert sum(lot.start_pieces for lot in lots) == mug_spec(3000).start_quantity
    assert {row.state for row in jobs(database, order.id)} == {"firm"}


def test_places_before_the_material_dates_are_taken_anew(
    database: Database, plant: Plant, materials: dict[str, datetime]
) -> None:
    arrives = NOW.business + timedelta(days=9)
    materials["glaze"] = arrives
    order = sourced(database, plant)
    glaze = next(row for row in jobs(database, order.id) if row.code == "glaze")
    with database.read() as session:
        origin = head(session, plant.id).origin
    assert origin + timedelta(minutes=glaze.start) >= arrives
    assert glaze.ready * 60 == (arrives - origin).total_seconds()


def test_an_order_without_places_gets_them(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = firm(session, plant)
        PlanPromiser().release(session, order.id, NOW)
        walk(session, order.id, Stage.ENGINEERED)
        lifecycle.fire(session, order.id, "source", Sourced(), now=NOW, actor="test")
    drain(database)
    assert [row.state for row in jobs(database, order.id)] == ["firm"] * 6


def test_cancelling_gives_the_places_back(database: Database, plant: Plant) -> None:
    question = CapacityAsk(plant.id, mug_spec(1700), NOW.business)
    with database.read() as session:
        before = PlanPromiser().promise(session, question, NOW)
    order = sourced(database, plant, 1700)
    with database.read() as session:
        assert PlanPromiser().promise(session, question, NOW).ready_at > before.ready_at
    with database.write() as session:
        cancel(session, order.id, reason="customer", actor="test", now=NOW)
    with database.read() as session:
        assert PlanPromiser().promise(session, question, NOW).ready_at == before.ready_at
        lots = list(session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order.id)))
    assert [lot.state for lot in lots] == ["released"]
    assert jobs(database, order.id) == []
