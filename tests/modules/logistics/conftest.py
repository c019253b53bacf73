"""Logistics installed alone, a plant with two carriers' services and an order that is made."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind, Plant
from cosmo.registry import Registry
from cosmo.stages import Stage
from modules.logistics import module
from modules.logistics.models import CarrierService
from tests.factories import MONDAY, make_order, make_party, make_spec, walk

ZONES: dict[str, Any] = {
    "domestic": {"days": 2, "base": "5.90", "per_kg": "0.50"},
    "world": {"days": 7, "base": "29.00", "per_kg": "4.00"},
}


@pytest.fixture(autouse=True)
def logistics_alone(modules: Callable[..., Registry]) -> None:
    modules(module)


@pytest.fixture
def carrier(database: Database, plant: Plant) -> Party:
    """Calls at three in the afternoon; two working days in the country, overnight for more."""
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        party = make_party(session, PartyKind.CARRIER, "Elbfracht")
        quick = {"domestic": {"days": 1, "base": "19.00", "per_kg": "1.00"}, "world": ZONES["world"]}
        for code, zones, standard in (("std", ZONES, True), ("express", quick, False)):
            session.add(
                CarrierService(
                    plant_id=plant.id,
                    carrier_id=party.id,
                    code=code,
                    name={"en": code.title()},
                    standard=standard,
                    zones=zones,
                )
            )
        return party


@pytest.fixture
def session(database: Database, carrier: Party) -> Iterator[Session]:
    with database.write() as opened:
        yield opened


def made(session: Session, plant: Plant, pieces: int = 50, per_carton: int = 12) -> Order:
    """An order that is produced and waits to be packed."""
    spec = make_spec(pieces, pieces_per_carton=per_carton)
    order = make_order(session, plant, spec=spec, quantity=pieces, number=f"C-{pieces}-{per_carton}")
    return walk(session, order.id, Stage.PRODUCED)
