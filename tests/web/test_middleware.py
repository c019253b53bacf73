"""A deadlock's victim is tried again with the same body; anything else is not."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from cosmo.db import Database
from cosmo.parties import Party
from cosmo.registry import Module, Parts, Registry
from cosmo.settings import Settings
from tests.web_fixtures import Visitor
from web.app import create_app
from web.deps import EVERYONE, WriteSession, allow


class Deadlock(Exception):
    sqlstate = "40P01"


class Broken(Exception):
    sqlstate = "08006"


class Named(BaseModel):
    name: str


calls: list[str] = []
failures: list[Exception] = []


def _router() -> APIRouter:
    router = APIRouter()

    @router.post("/api/v1/names", dependencies=[allow(*EVERYONE)], status_code=201)
    def name(session: WriteSession, body: Named) -> dict[str, str]:
        calls.append(body.name)
        session.add(Party(kind="customer", name=body.name))
        session.flush()
        if failures:
            raise OperationalError("update", {}, failures.pop())
        return {"name": body.name}

    return router


@pytest.fixture
def client(modules: Callable[..., Registry], settings: Settings, database: Database) -> Visitor:
    calls.clear()
    failures.clear()
    modules(Module("naming", {"en": "Naming"}, lambda: Parts(routers=lambda: [_router()])))
    app: FastAPI = create_app(settings, database)
    return Visitor(app, raise_server_exceptions=False)


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(Party.name)))


def test_a_deadlock_is_tried_again_and_counts_once(client: Visitor, database: Database) -> None:
    failures.extend([Deadlock(), Deadlock()])
    assert client.post("/api/v1/names", json={"name": "Ada"}).status_code == 201
    assert calls == ["Ada"] * 3
    assert names(database) == ["Ada"]


def test_a_deadlock_that_lasts_is_told(client: Visitor, database: Database) -> None:
    failures.extend([Deadlock() for _ in range(9)])
    assert client.post("/api/v1/names", json={"name": "Ada"}).status_code == 500
    assert len(calls) == 4
    assert names(database) == []


@pytest.mark.parametrize("name", ["Ada", "x" * 300_000])
def test_other_failures_and_large_bodies_are_not_tried_again(client: Visitor, name: str) -> None:
    failures.append(Deadlock() if len(name) > 3 else Broken())
    assert client.post("/api/v1/names", json={"name": name}).status_code == 500
    assert len(calls) == 1


def test_a_failed_request_leaves_no_cookie_of_its_first_try(client: Visitor) -> None:
    failures.append(Deadlock())
    answer: Any = client.post("/api/v1/names", json={"name": "Ada"})
    assert "Set-Cookie" not in answer.headers
