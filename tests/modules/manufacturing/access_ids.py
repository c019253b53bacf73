"""Manufacturing's ids for the access test: work centres, standstills and questions at two plants."""

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session

from cosmo.clock import read_now
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from modules.manufacturing.models import Asked, Downtime, Shortfall
from modules.manufacturing.plant import add_work_centre
from seeds.files import read_plant
from tests.access import Ids
from tests.web.world import PLANT_OF_MUGS, World

FLOOR = (Role.PLANNER, Role.OPERATOR)


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    own = [centre["code"] for centre in read_plant(PLANT_OF_MUGS)["work_centres"]]
    _equip(session, world.own_plant, ["WHEEL", *own])
    _equip(session, world.sister_plant, ["WHEEL", "SISTER-1"])
    _equip(session, world.foreign_plant, ["WHEEL", "FOREIGN-1"])
    guests = (world.guest_order, world.sibling_guest_order)
    for order in (world.order, world.sister_order, world.sibling_order, world.foreign_order, *guests):
        _settled_question(session, order)
    stations = Ids(dict.fromkeys(FLOOR, own[0]), dict.fromkeys(FLOOR, "SISTER-1"), foreign="FOREIGN-1")
    plants = (world.own_plant, world.sister_plant, world.foreign_plant)
    mine, sisters, theirs = (_standstill(session, plant) for plant in plants)
    return {
        "code": stations,
        "work_center": stations,
        "downtime_id": Ids(dict.fromkeys(FLOOR, mine), dict.fromkeys(FLOOR, sisters), foreign=theirs),
    }


def _equip(session: Session, plant: Plant, codes: list[str]) -> None:
    """Work centres round the clock, so that what the world asks for can be promised."""
    now = read_now(session)
    for code in codes:
        batch = code.startswith("K")
        add_work_centre(
            session, plant.id, code, {"en": code}, now, kind="batch" if batch else "machine",
            capacity=2200 if batch else None,
        )  # fmt: skip


def _standstill(session: Session, plant: Plant) -> str:
    now = read_now(session).business
    row = Downtime(
        plant_id=plant.id, resource="WHEEL", start=now, end=now + timedelta(hours=1), reported_at=now
    )
    session.add(row)
    session.flush()
    return row.id


def _settled_question(session: Session, order: Order) -> None:
    """A question about missing pieces that needs no answer any more, so that nothing follows from one."""
    now = read_now(session).business
    session.add(
        Shortfall(plant_id=order.plant_id, order_id=order.id, state=Asked.COVERED, owed=10, missing=2,
                  pieces=8, second_day=now.date(), remake_day=now.date(), asked_at=now, until=now, lot=1,
                  code="turn", resource="WHEEL")
    )  # fmt: skip
    session.flush()
