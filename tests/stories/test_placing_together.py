"""However many quotes are placed together, with all that their modules keep of them: the database is asked as
often as for one."""

from decimal import Decimal

import pytest
from sqlmodel import col, select

from cosmo.db import Database
from cosmo.events import Event
from cosmo.idempotency import Key
from cosmo.ledger import LedgerEntry
from cosmo.money import Price
from cosmo.outbox import Delivery
from cosmo.placing import Customer
from cosmo.ports import Ask
from cosmo.quoting import Requester, quote
from cosmo.together import Wish, place_together
from modules.manufacturing.models import JobOrder
from modules.marketing.models import CustomerTerms
from modules.procurement.models import Need
from tests.factories import NOW, make_customer
from tests.statements import asked
from tests.stories.workshop import cup, make_workshop

FEW, MANY = 2, 16
PRICE = Price(amount=Decimal(12), currency="EUR", lines=())
ON = ("manufacturing", "marketing", "procurement")


@pytest.fixture
def wishes(either_database: Database) -> list[Wish]:
    """Each of another customer, who pays later."""
    with either_database.write() as session:
        plant = make_workshop(session, ON, NOW)
        found = []
        for n in range(FEW + MANY):
            customer = make_customer(session, f"Customer {n}")
            terms = CustomerTerms(
                manufacturer_id=plant.manufacturer_id, customer_id=customer.id, terms="account:30"
            )
            session.add(terms)
            who = Requester(customer_id=customer.id)
            ask = Ask("own", {}, 1, spec=cup(1), plant_id=plant.id)
            found.append(_wish(quote(session, ask, requester=who, now=NOW, price=PRICE).id, who, n))
        return found


def _wish(quote_id: str, who: Requester, n: int) -> Wish:
    return Wish(
        quote_id,
        Customer("", ""),
        who,
        may=lambda _: True,
        tell=lambda order: {"number": order.number},
        key=Key(f"customer {n}", "k", "hash"),
    )


def _statements(database: Database, wishes: list[Wish]) -> list[str]:
    with asked(database) as told, database.write() as session:
        assert len(place_together(session, wishes, NOW)) == len(wishes)
    return told


def test_many_ask_as_often_as_few(either_database: Database, wishes: list[Wish]) -> None:
    few = _statements(either_database, wishes[:FEW])
    many = _statements(either_database, wishes[FEW:])
    own_rows = [told for told in many if told.startswith("UPDATE cosmo_order ")]
    assert len(own_rows) <= MANY, "an order's own row, written once"
    assert len(many) - len(own_rows) <= len(few)
    assert len(few) < 35


def test_all_is_kept_of_each(either_database: Database, wishes: list[Wish]) -> None:
    _statements(either_database, wishes)
    with either_database.read() as session:
        for wish in wishes:
            events = select(Event).where(Event.order_id == wish.quote_id, Event.type == "placed")
            placed = session.exec(events).one()
            told = session.exec(select(Delivery).where(Delivery.position == placed.position)).all()
            assert told, "who answers it is told"
            assert {delivery.order_id for delivery in told} == {wish.quote_id}
            entry = session.exec(select(LedgerEntry).where(LedgerEntry.order_id == wish.quote_id)).one()
            assert (entry.kind, entry.currency) == ("charge", "EUR")
            for model in (JobOrder, Need):
                states = select(col(model.state)).where(col(model.order_id) == wish.quote_id)
                assert set(session.exec(states)) == {"firm"}
