"""What fewer pieces cost less, in the ledger, the events and the audit."""

from decimal import Decimal

import pytest
from sqlmodel import Session

from cosmo import cancelling, ledger
from cosmo.db import Database
from cosmo.errors import Invalid
from cosmo.orders import Order
from cosmo.owing import accept_fewer
from cosmo.parties import Plant
from tests.factories import NOW
from tests.modules.manufacturing.shades import audited, events, one_shade


def priced(session: Session, order: Order, terms: str) -> Order:
    row = session.get_one(Order, order.id)
    row.price_amount, row.terms = Decimal("480.00"), terms
    session.add(row)
    ledger.open_accounts(session, [row], NOW)
    return row


@pytest.mark.parametrize(("terms", "back"), [("prepaid", Decimal(80)), ("account:30", Decimal(0))])
def test_the_price_of_the_missing_pieces_is_taken_off(
    database: Database, plant: Plant, terms: str, back: Decimal
) -> None:
    order = one_shade(database, plant)
    with database.write() as session:
        row = priced(session, order, terms)
        accept_fewer(session, order.id, 200, actor="customer", now=NOW)
        assert ledger.total(session, row.id, "credit") == Decimal(80)
        assert ledger.balance(session, row.id) == (0 if terms == "prepaid" else 400)
    given = [e.payload["amount"] for e in events(database, order) if e.type == "credited"]
    assert [Decimal(amount) for amount in given] == ([back] if back else [])
    assert not audited(database)


@pytest.mark.parametrize("pieces", [0, 240, 241])
def test_fewer_is_less_than_is_owed_and_not_nothing(database: Database, plant: Plant, pieces: int) -> None:
    order = one_shade(database, plant)
    with database.write() as session, pytest.raises(Invalid, match="Fewer than 240"):
        accept_fewer(session, order.id, pieces, actor="customer", now=NOW)


def test_cancelled_after_fewer_pieces_the_fee_is_of_what_was_left_of_the_price(
    database: Database, plant: Plant
) -> None:
    order = one_shade(database, plant)
    with database.write() as session:
        priced(session, order, "prepaid")
        accept_fewer(session, order.id, 200, actor="customer", now=NOW)
        cancelling.cancel(session, order.id, reason="customer", actor="test", now=NOW)
        assert ledger.balance(session, order.id) == 0
        assert ledger.total(session, order.id, "payment") == Decimal(40), "a tenth of 400"
    assert not audited(database)


def test_the_audit_misses_what_the_ledger_took_off_unsaid(database: Database, plant: Plant) -> None:
    order = one_shade(database, plant)
    with database.write() as session:
        ledger.take_off(session, priced(session, order, "account:30"), Decimal(80), "fewer", NOW)
    assert [what for what in audited(database) if "credits" in what]
