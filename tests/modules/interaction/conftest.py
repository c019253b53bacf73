"""Interaction with the mug's model (rnd), prices (marketing) and service; the plant makes at once."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cosmo.clock import read_now, set_clock, wall_time
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.registry import Registry
from cosmo.stages import Stage
from modules import interaction, marketing, rnd, service
from modules.marketing.lists import load_price_list
from modules.rnd.releases import load_families
from seeds.files import read_yaml
from tests.factories import MONDAY, make_customer, make_order, make_plant, walk
from tests.web_fixtures import Visitor

MUGS = Path(__file__).parents[3] / "seeds" / "families" / "mug"
ADDRESS = {"name": "Ada", "street": "Ring 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
CHECKOUT = ADDRESS | {"email": "ada@example.test"}


@pytest.fixture(autouse=True)
def four_modules(modules: Callable[..., Registry]) -> None:
    modules(interaction.module, rnd.module, marketing.module, service.module)


@pytest.fixture
def mugs(database: Database) -> Plant:
    """The plant of mugs, on a Monday morning that stands still."""
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        plant = make_plant(session, slug="lu-ceramics", name="Lu Ceramics", city="Berlin", country="DE")
        load_families(session, MUGS, plant, wall_time())
        return plant


@pytest.fixture
def priced(database: Database, mugs: Plant) -> Plant:
    """The same plant with the mug's price list."""
    with database.write() as session:
        load_price_list(session, mugs, "mug", read_yaml(MUGS / "price.yaml"), read_now(session))
    return mugs


@pytest.fixture
def order(database: Database, mugs: Plant) -> Order:
    """Ten mugs of Ada's, placed and promised for Friday 26 June."""
    with database.write() as session:
        customer = make_customer(session)
        made = make_order(session, mugs, customer=customer, family="mug", number="C-24001")
        placed = walk(session, made.id, Stage.PLACED)
        placed.placed_at = MONDAY
        return placed


def quoted(visitor: Visitor, **values: str) -> str:
    """Press *order* in the configurator; the id of the quote."""
    form = {"quantity": "24", "do": "order", "shape": "soft", "capacity": "325"} | values
    answer = visitor.post("/configure/mug", data={**defaults(visitor), **form})
    assert answer.status_code == 303, answer.text[:500]
    assert answer.headers["Location"].startswith("/order/"), answer.headers["Location"]
    return str(answer.headers["Location"]).removeprefix("/order/")


def defaults(visitor: Visitor) -> dict[str, str]:
    """The selections of a first visit, as the form would send them."""
    page = visitor.get("/configure/mug").text
    return dict(re.findall(r'<input type="radio" name="(\w+)" value="([^"]*)" checked', page))
