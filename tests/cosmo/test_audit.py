"""The audit finds nothing in an honest database and everything that was tampered with."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, col

from cosmo import audit as auditing
from cosmo.append_only import trigger_names
from cosmo.audit import Finding, History, audit
from cosmo.cancelling import cancel
from cosmo.db import Database
from cosmo.events import Event
from cosmo.ledger import LedgerEntry, open_accounts, write_entry
from cosmo.orders import Order
from cosmo.registry import Module, Parts, Registry
from cosmo.relay import drain
from cosmo.stages import Stage
from tests.factories import NOW, make_order, make_plant, make_standard_product, walk


def findings(database: Database) -> list[str]:
    return [str(found) for found in audit(database) if isinstance(found, Finding)]


def place(session: Session, number: str) -> Order:
    plant = make_plant(session)
    order = make_order(session, plant, number=number, price_amount=Decimal("95.00"))
    walk(session, order.id, Stage.PLACED)
    open_accounts(session, [order], NOW)
    return order


@pytest.fixture
def placed(either_database: Database) -> tuple[Database, str]:
    with either_database.write() as session:
        order_id = place(session, "LU-1").id
    drain(either_database)
    return either_database, order_id


def set_order(database: Database, order_id: str, **values: object) -> None:
    with database.write() as session:
        session.execute(update(Order).where(col(Order.id) == order_id).values(**values))


def unguard(database: Database) -> None:
    """Take the triggers away, as somebody with the database's password could."""
    with database.engine.begin() as connection:
        for name in trigger_names("cosmo_event", database.dialect):
            suffix = "" if database.dialect == "sqlite" else " ON cosmo_event"
            connection.execute(text(f"DROP TRIGGER {name}{suffix}"))


def test_an_honest_database_has_no_difference(placed: tuple[Database, str]) -> None:
    database, order_id = placed
    assert findings(database) == []
    (history,) = [found for found in audit(database) if isinstance(found, History)]
    assert history.order.id == order_id
    assert history.order.stage == Stage.CLOSED


def test_a_cancelled_order_owes_its_fee(database: Database, modules: Callable[..., Registry]) -> None:
    modules(Module("rnd", {"en": "R&D"}, Parts))
    with database.write() as session:
        make_standard_product(session, make_plant(session))
        order = place(session, "LU-2")
        order.owners = {"rnd": True}
        cancel(session, order.id, reason="customer", actor="ada", now=NOW)
    assert findings(database) == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"stage": "shipped"}, "LU-1: stage: stored shipped, the events say closed"),
        (
            {"promised_date": date(2030, 1, 1)},
            "LU-1: promised_date: stored 2030-01-01, the events say 2026-06-26",
        ),
        ({"held": True, "hold_reason": "plant"}, "LU-1: holds: stored plant, the events say none"),
        ({"seq": 99}, "LU-1: seq: stored 99, the log has 11 events"),
        ({"price_amount": Decimal("90.00")}, "LU-1: charges: the ledger has 95.00, the order says 90.00"),
        ({"price_currency": "USD"}, "LU-1: the ledger has another currency than the price"),
    ],
)
def test_a_stored_order_that_was_changed_is_found(
    placed: tuple[Database, str], values: dict[str, object], told: str
) -> None:
    database, order_id = placed
    set_order(database, order_id, **values)
    assert findings(database) == [told]


def test_an_owner_that_was_on_and_skipped_is_found(placed: tuple[Database, str]) -> None:
    database, order_id = placed
    set_order(database, order_id, owners={"rnd": True})
    assert findings(database) == ["LU-1: engineered: rnd is on, the event says the opposite"]


def test_a_missing_number_is_found(placed: tuple[Database, str]) -> None:
    database, order_id = placed
    set_order(database, order_id, number=None)
    assert findings(database) == [f"{order_id}: placed without a number"]


def test_a_rewritten_log_is_found(placed: tuple[Database, str]) -> None:
    database, order_id = placed
    unguard(database)
    with database.write() as session:
        mine = (col(Event.order_id) == order_id, col(Event.type) == "sourced")
        session.execute(update(Event).where(*mine).values(seq=77))
    told = findings(database)
    assert told[0].startswith("LU-1: the log is not gapless")
    assert "LU-1: the log leads nowhere: An order that is engineered cannot be scheduled." in told


def test_money_that_no_event_tells_of_is_found(placed: tuple[Database, str]) -> None:
    database, order_id = placed
    with database.write() as session:
        write_entry(session, session.get_one(Order, order_id), "payment", Decimal(5), "forged", NOW)
    assert findings(database) == ["LU-1: payments: the ledger has 100.00, the events say 95.00"]


def test_batches_see_every_order(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "BATCH", 2)
    with database.write() as session:
        for number in range(5):
            place(session, f"LU-{number}")
        session.add(
            LedgerEntry(
                order_id=make_order(session, make_plant(session)).id,
                kind="payment",
                amount=Decimal(1),
                currency="EUR",
                event_time=NOW.business,
            )
        )
    drain(database)
    found = list(audit(database))
    assert len([one for one in found if isinstance(one, History)]) == 6
    assert len(findings(database)) == 1
