"""Service installed alone, and orders of one customer that have been delivered."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from sqlmodel import Session

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.registry import Registry
from cosmo.stages import Stage
from modules.service import module
from modules.service.service import begin_warranty
from tests.factories import MONDAY, make_customer, make_order, make_standard_product, walk


@pytest.fixture(autouse=True)
def service_alone(modules: Callable[..., Registry]) -> None:
    modules(module)


@pytest.fixture
def session(database: Database, plant: Plant) -> Iterator[Session]:
    with database.write() as opened:
        set_clock(opened, speed=0, business=MONDAY)
        make_standard_product(opened, plant, "cup")
        yield opened


@pytest.fixture
def order(database: Database, plant: Plant) -> Order:
    """Ten cups, delivered on Monday morning, committed."""
    with database.write() as opened:
        set_clock(opened, speed=0, business=MONDAY)
        make_standard_product(opened, plant, "cup")
        return delivered(opened, plant)


PRICE = Decimal("7777.77")


def delivered(session: Session, plant: Plant) -> Order:
    """Ten cups of Ada's, paid and delivered."""
    customer = make_customer(session, "Ada CANARYNAME", "canary@example.test")
    order = make_order(session, plant, customer=customer, number=f"C-{customer.slug}", price_amount=PRICE)
    walk(session, order.id, Stage.DELIVERED)
    begin_warranty(session, order.id, MONDAY)
    return order
