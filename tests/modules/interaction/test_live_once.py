"""Events that are told together look at the order once, not once each."""

from typing import Any

from fastapi import FastAPI
from sqlalchemy import event as listening
from sqlmodel import Session

from cosmo.db import Database
from cosmo.events import events_after
from cosmo.orders import Order
from cosmo.stages import Stage
from tests.factories import walk
from web.streams import track_fragment


def fragments(app: FastAPI, session: Session, order_id: str) -> list[tuple[str, int]]:
    """What each event sends to the page, and how many questions to the database that took."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    order, found = session.get_one(Order, order_id), []
    listening.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        for happened in events_after(session, order_id):
            before = len(asked)
            told = track_fragment(app.state.site, session, order, happened, "en")
            found.append((told or "", len(asked) - before))
    finally:
        listening.remove(session.get_bind(), "before_cursor_execute", note)
    return found


def test_events_told_together_look_at_the_order_once(app: FastAPI, database: Database, order: Order) -> None:
    with database.write() as session:
        walk(session, order.id, Stage.PRODUCED)
    with database.read() as session:
        told = fragments(app, session, order.id)
    (_, first), *others = told
    assert len(others) >= 5
    assert first > 5
    assert max(count for _, count in others) < first / 2
    assert [f'data-seq="{n + 1}"' in text for n, (text, _) in enumerate(told)] == [True] * len(told)


def test_what_happens_later_is_seen(app: FastAPI, database: Database, order: Order) -> None:
    with database.read() as session:
        assert 'data-stage="placed"' in fragments(app, session, order.id)[-1][0]
    with database.write() as session:
        fragments(app, session, order.id)
        walk(session, order.id, Stage.PRODUCED)
        assert 'data-stage="produced"' in fragments(app, session, order.id)[-1][0]
