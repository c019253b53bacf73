"""Sessions: reading never commits, writing commits or leaves nothing, columns mean the same everywhere."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError
from sqlmodel import Session, select

from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind
from tests.factories import make_order, make_party, make_plant


def parties(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(Party)).all())


def test_a_write_commits_and_wakes(either_database: Database) -> None:
    woken: list[int] = []
    either_database.on_commit.append(lambda: woken.append(1))
    with either_database.write() as session:
        make_party(session, PartyKind.CUSTOMER)
        assert woken == []
    assert (parties(either_database), woken) == (1, [1])


def half_way(session: Session) -> None:
    make_party(session, PartyKind.CUSTOMER)
    raise RuntimeError("half way")


def test_an_error_leaves_nothing_and_wakes_nobody(either_database: Database) -> None:
    either_database.on_commit.append(lambda: pytest.fail("nothing was committed"))
    with pytest.raises(RuntimeError, match="half way"), either_database.write() as session:
        half_way(session)
    assert parties(either_database) == 0


def test_reading_never_commits(either_database: Database) -> None:
    with either_database.read() as session:
        make_party(session, PartyKind.CUSTOMER)
    assert parties(either_database) == 0


def test_sqlite_is_durable_and_lets_readers_read(database: Database) -> None:
    with database.engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with database.write() as session:
        make_party(session, PartyKind.CUSTOMER)
        session.flush()
        assert parties(database) == 0, "a reader is not kept waiting and sees what is committed"


def test_no_update_is_lost(database: Database) -> None:
    """Read, think, write back: in a trial with default transactions a third of these were lost."""
    with database.write() as session:
        order_id = make_order(session, make_plant(session), quantity=1).id

    def work() -> None:
        for _ in range(25):
            with database.write() as session:
                order = session.get_one(Order, order_id)
                order.quantity += 1
                session.add(order)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.get_one(Order, order_id).quantity == 201


def test_a_deadlock_is_tried_again(postgres: Database) -> None:
    """Two transactions take two rows in opposite order; PostgreSQL ends one of them."""
    with postgres.write() as session:
        ids = sorted(make_party(session, PartyKind.CUSTOMER).id for _ in range(2))
    both = threading.Barrier(2, timeout=10)
    tries: list[str] = []

    def rename(first: str, second: str) -> None:
        def work(session: Session) -> None:
            tries.append(first)
            session.get_one(Party, first, with_for_update=True)
            if len(tries) <= 2:
                both.wait()
            session.get_one(Party, second, with_for_update=True)

        postgres.retry(work)

    threads = [threading.Thread(target=rename, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) >= 3, "one of the two, sometimes both"


def test_other_errors_are_not_tried_again(postgres: Database) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(text("SELECT pg_sleep('x')"))

    with pytest.raises(Exception, match="invalid input"):
        postgres.retry(work)
    assert tries == [1]


def test_times_and_amounts_come_back_as_they_were(either_database: Database) -> None:
    berlin = timezone(timedelta(hours=2))
    with either_database.write() as session:
        order = make_order(session, make_plant(session), price_amount=Decimal("0.10"))
        order.ready_at = datetime(2026, 6, 8, 8, 0, 0, 123456, tzinfo=berlin)
        session.add(order)
    with either_database.read() as session:
        again = session.get_one(Order, order.id)
        assert again.ready_at == datetime(2026, 6, 8, 6, 0, 0, 123456, tzinfo=UTC)
        assert again.ready_at.utcoffset() == timedelta(0)
        assert again.price_amount + again.price_amount == Decimal("0.20")
        assert str(again.price_amount) == "0.10"


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no time zone"), database.write() as session:
        make_order(session, make_plant(session), ready_at=datetime(2026, 6, 8))  # noqa: DTZ001


def test_a_row_that_refers_to_nothing_is_refused(either_database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), either_database.write() as session:
        session.add(
            Order(manufacturer_id="x", plant_id="y", family="f", quantity=1, created_at=datetime.now(UTC))
        )


def test_a_writer_waits_for_the_other_and_does_not_fail(database: Database) -> None:
    first = threading.Event()

    def hold() -> None:
        with database.write() as session:
            make_party(session, PartyKind.CUSTOMER)
            first.set()
            threading.Event().wait(0.5)

    thread = threading.Thread(target=hold)
    thread.start()
    first.wait(5)
    with database.write() as session:
        make_party(session, PartyKind.CUSTOMER)
    thread.join()
    assert parties(database) == 2


def test_a_write_inside_a_write_says_so_at_once(database: Database) -> None:
    def nest() -> None:
        with database.write():
            pass

    with database.write(), pytest.raises(RuntimeError, match="pass its session on"):
        nest()
    with database.write() as session:
        make_party(session, PartyKind.CUSTOMER)
    assert parties(database) == 1


def longest_wait(database: Database, threads: int = 16, each: int = 12) -> float:
    """Of writers that all write as often as they can: the longest wait, in mean waits."""
    waits: list[float] = []

    def work() -> None:
        for _ in range(each):
            began = time.perf_counter()
            with database.write() as session:
                make_party(session, PartyKind.CUSTOMER)
            waits.append(time.perf_counter() - began)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return max(waits) / (sum(waits) / len(waits))


def test_no_writer_starves(database: Database) -> None:
    assert longest_wait(database) < 6


def test_left_to_sqlite_some_writers_wait_far_longer(database: Database) -> None:
    database._turns = None
    assert longest_wait(database) > 6


def test_operational_errors_name_themselves(database: Database) -> None:
    with pytest.raises(OperationalError, match="no such table"), database.read() as session:
        session.execute(text("SELECT * FROM nowhere"))
