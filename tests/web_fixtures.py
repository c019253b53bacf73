"""A web app on a fresh database, and visitors to it.

    def test_it(client, plant, people):
        client.get("/").status_code == 200                  # a stranger
        planner = people(Role.PLANNER, plant)               # signed in by cookie
        planner.post("/plant/...", data={...})              # CSRF token goes along by itself
        machine = people(Role.PLANNER, plant, bearer=True)  # by API key

The app has the modules that the registry has: ask for `modules` (tests/fixtures.py) first to choose them.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.datastructures import State
from starlette.testclient import TestClient

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.identity import csrf_token, new_api_key, open_session
from cosmo.limits import Limiter
from cosmo.parties import Account, Party, PartyKind, Plant, Role
from cosmo.precedence import Precedence
from cosmo.registry import registry
from cosmo.score import Scores
from cosmo.settings import Settings, read_settings
from tests.factories import make_account, make_party
from web.app import create_app
from web.csrf import HEADER
from web.desk import Desk
from web.door import Door
from web.hub import Hub
from web.lane import Lane
from web.sessions import Sessions
from web.visits import COOKIE

KINDS = {
    Role.CUSTOMER: PartyKind.CUSTOMER,
    Role.SUPPLIER: PartyKind.SUPPLIER,
    Role.CARRIER: PartyKind.CARRIER,
    Role.PLATFORM: PartyKind.PLATFORM,
}


class Visitor(TestClient):
    """A browser: keeps its cookie and sends the CSRF token that belongs to it. Never follows redirects."""

    account: Account | None = None

    def __init__(self, app: FastAPI, **options: Any) -> None:
        super().__init__(app, base_url="http://testserver", follow_redirects=False, **options)

    def request(self, method: Any, url: Any, **options: Any) -> Any:
        secret = self.cookies.get(COOKIE)
        headers = dict(options.pop("headers", None) or {})
        if secret:
            headers.setdefault(HEADER, csrf_token(secret))
        return super().request(method, url, headers=headers, **options)


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    """Settings of a demo in a fresh home."""
    env = {
        "COSMO_HOME": str(tmp_path),
        "COSMO_DATABASE_URL": database.url,
        "COSMO_DEMO": "1",
        "COSMO_BASE_URL": "http://testserver",
    }
    return read_settings(env)


_made: dict[tuple[object, ...], FastAPI] = {}
"""Which modules, served how -> an app of theirs, to be copied."""
MOST_KEPT = 8


def app_on(settings: Settings, database: Database) -> FastAPI:
    """As `create_app`, for tests that add no routes: routes and templates are those of an app made before,
    since FastAPI reads each signature, and Jinja each template, anew for every app, which takes longer than
    most tests. All that an app knows is new."""
    key = (*(module.load for module in registry().modules.values()), settings.secure_cookies)
    if key not in _made:
        if len(_made) == MOST_KEPT:
            _made.pop(next(iter(_made)))
        _made[key] = create_app(settings, database)
    made = copy(_made[key])
    database.files = database.files or settings.attachments
    sessions, answers = Sessions(database), Precedence(quiet=0)
    anew = {"hub": Hub(database), "sessions": sessions, "limiter": Limiter(), "scores": Scores()}
    anew |= {"lane": Lane(sessions, answers, database.precedence), "answers": answers}
    door = Door(database)
    anew |= {"desk": Desk(database, sessions, door), "door": door}
    made.state = State({"site": replace(made.state.site, settings=settings, db=database, **anew)})
    return made


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    """The web app on `database`."""
    return app_on(settings, database)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Visitor]:
    """A stranger's browser."""
    with Visitor(app) as visitor:
        yield visitor


@pytest.fixture
def people(app: FastAPI, database: Database) -> Callable[..., Visitor]:
    """`people(role, plant=None, party=None, bearer=False)`: somebody signed in. Plant roles work for the
    plant's manufacturer; others belong to `party`, or to a new one."""

    def enter(
        role: Role, plant: Plant | None = None, *, party: Party | None = None, bearer: bool = False
    ) -> Visitor:
        visitor = Visitor(app)
        with database.write() as session:
            account = make_account(session, _party(session, role, plant, party), role)
            if bearer:
                key = new_api_key(session, account.id, "test", wall=wall_time())
                visitor.headers["Authorization"] = f"Bearer {key}"
            else:
                visitor.cookies.set(COOKIE, open_session(session, account_id=account.id, wall=wall_time()))
        visitor.account = account
        return visitor

    return enter


def _party(session: Session, role: Role, plant: Plant | None, party: Party | None) -> Party:
    if party is not None:
        return party
    if plant is not None and role not in KINDS:
        found = session.get(Party, plant.manufacturer_id)
        assert found is not None
        return found
    return make_party(session, KINDS.get(role, PartyKind.MANUFACTURER))
