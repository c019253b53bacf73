"""Many at once: stock is never pegged twice, and without the lock it would be."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from cosmo.db import Database
from cosmo.parties import Plant
from modules.procurement import holding
from modules.procurement.models import Lot, Material, Need, Peg
from tests.factories import NOW, make_plant
from tests.modules.procurement import shop

BUYERS, EACH, STOCK = 24, 5, 60


@pytest.fixture
def market(either_database: Database) -> Iterator[tuple[Database, list[str], Plant]]:
    """Twelve times five kilograms of clay, and twenty-four quotes that want five each."""
    with either_database.write() as session:
        plant = make_plant(session)
        shop.stock(session, shop.material(session, plant), STOCK // 2, "L-1")
        lot = session.exec(select(Lot)).one()
        shop.stock(session, session.get_one(Material, lot.material_id), STOCK // 2, "L-2")
        ids = [shop.hold(session, plant, shop.spec(SAND=1)).id for _ in range(BUYERS)]
    yield either_database, ids, plant
    either_database.dispose()


def _rush(database: Database, plant: Plant, ids: list[str]) -> list[BaseException]:
    """All quotes at once; errors are returned."""
    together = threading.Barrier(len(ids))

    def buy(order_id: str) -> BaseException | None:
        together.wait()
        try:
            with database.write() as session:
                holding.hold(session, order_id, plant.id, shop.spec(CLAY=EACH), {}, NOW)
        except SQLAlchemyError as error:
            return error
        return None

    with ThreadPoolExecutor(len(ids)) as pool:
        return [error for error in pool.map(buy, ids) if error is not None]


def _pegged(database: Database) -> Decimal:
    with database.read() as session:
        return sum((peg.quantity for peg in session.exec(select(Peg).where(Peg.lot_id != None))), Decimal(0))  # noqa: E711


def test_a_rush_on_the_last_clay_never_pegs_it_twice(market: tuple[Database, list[str], Plant]) -> None:
    database, ids, plant = market
    assert _rush(database, plant, ids) == []
    assert _pegged(database) == STOCK
    with database.read() as session:
        shop.check_books(session)
        in_time = [n for n in session.exec(select(Need)) if n.expected_at <= NOW.business]
        assert len(in_time) == STOCK // EACH


def test_without_the_lock_the_same_rush_pegs_it_twice(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control. On SQLite the writing transaction itself is the lock, so it is shown on PostgreSQL."""
    with postgres.write() as session:
        plant = make_plant(session)
        shop.stock(session, shop.material(session, plant), STOCK)
        ids = [shop.hold(session, plant, shop.spec(SAND=1)).id for _ in range(BUYERS)]
    monkeypatch.setattr(holding, "lock_materials", _unlocked())
    _rush(postgres, plant, ids)
    assert _pegged(postgres) > STOCK


def _unlocked() -> Callable[[Session, set[str]], dict[str, Material]]:
    def read(session: Session, ids: set[str]) -> dict[str, Material]:
        return {key: session.get_one(Material, key) for key in sorted(ids)}

    return read


def test_a_material_nobody_knows_is_described_once(either_database: Database) -> None:
    with either_database.write() as session:
        plant = make_plant(session)
        ids = [shop.hold(session, plant, shop.spec(SAND=1)).id for _ in range(8)]
    together = threading.Barrier(len(ids))

    def ask(order_id: str) -> None:
        together.wait()
        with either_database.write() as session:
            holding.hold(session, order_id, plant.id, shop.spec(NEW=1, OTHER=2), {}, NOW)

    with ThreadPoolExecutor(len(ids)) as pool:
        list(pool.map(ask, ids))
    with either_database.read() as session:
        codes = sorted(session.exec(select(Material.code)).all())
        assert codes == ["NEW", "OTHER", "SAND"]
