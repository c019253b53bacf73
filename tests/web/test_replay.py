"""What is replayed is never older than the events it is replayed for."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.db import Database
from cosmo.events import Event, events_after
from cosmo.orders import Order
from cosmo.registry import Registry
from cosmo.settings import read_settings
from cosmo.stages import Stage
from tests.factories import make_order, make_plant, walk
from web.app import create_app
from web.hub import Message, View
from web.streams import _replay


@pytest.fixture
def placed(modules: Callable[..., Registry], either_database: Database) -> tuple[Database, str]:
    modules()
    with either_database.write() as session:
        order = make_order(session, make_plant(session))
        walk(session, order.id, Stage.PLACED)
        return either_database, order.id


def test_an_order_is_looked_at_after_its_events(
    placed: tuple[Database, str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL each statement sees what is committed by then: an event that comes in between must not
    be told with the order as it was before, for nothing would put the page right afterwards."""
    database, order_id = placed
    settings = read_settings({"COSMO_HOME": str(tmp_path), "COSMO_DATABASE_URL": database.url})
    here = create_app(settings, database).state.site

    def meanwhile(session: Session, *which: Any) -> list[Event]:
        with database.write() as other:
            walk(other, order_id, Stage.ENGINEERED)
        return events_after(session, *which)

    def render(session: Session, order: Order, event: Event) -> Message:
        return Message(event.seq, f"{event.type} {order.stage} {order.seq}".encode())

    monkeypatch.setattr("web.streams.events_after", meanwhile)
    last = _replay(here, order_id, View(("test",), render), 0)[-1]
    told, stage, seq = last.data.decode().split()
    assert int(seq) >= last.seq, f"{told} was told with the order at {seq}"
    assert stage == Stage.ENGINEERED
