"""Every route against every role, with own, sibling's and foreign ids; a route missing in the table fails."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from cosmo.db import Database
from cosmo.parties import Role
from cosmo.settings import Settings
from tests.access import ROLES, Found, Ids, Row, routes, rows
from tests.web.world import World, make_world, named
from web.app import create_app
from web.deps import allow

TABLE = {row.key: row for row in rows()}


@pytest.fixture(scope="module")
def world_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, World, dict[str, Ids]]]:
    """One app and one world for all routes; what one request changes, the others may meet."""
    from sqlmodel import SQLModel

    from cosmo.settings import read_settings

    home = tmp_path_factory.mktemp("access")
    settings = read_settings(
        {"COSMO_HOME": str(home), "COSMO_DEMO": "1", "COSMO_BASE_URL": "http://testserver"}
    )
    database = Database(settings.database_url)
    app = create_app(settings, database)
    SQLModel.metadata.create_all(database.engine)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client, *make_world(database)
    database.dispose()


def test_the_table_and_the_code_agree(world_of: tuple[TestClient, World, dict[str, Ids]]) -> None:
    found = {route.key: route for route in routes(world_of[0].app)}  # type: ignore[arg-type]
    silent = [key for key, route in found.items() if route.allowed is None]
    assert not silent, "these routes do not say who may call them: add allow(...)"
    missing = found.keys() - TABLE.keys()
    assert not missing, (
        "not in tests/access_table.csv; `python -m tests.access` prints the rows to check and append"
    )
    assert not TABLE.keys() - found.keys(), "in the table, but no such route"
    wrong = [key for key, route in found.items() if route.allowed != TABLE[key].allowed]
    assert not wrong, "the code allows others than the table"
    assert len(rows()) == len(TABLE), "a route stands twice in the table"


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: f"{row.method} {row.path}")
def test_each_route_keeps_to_the_table(row: Row, world_of: tuple[TestClient, World, dict[str, Ids]]) -> None:
    client, world, ids = world_of
    route = next((r for r in routes(client.app) if r.key == row.key), None)  # type: ignore[arg-type]
    assert route is not None, "no such route"
    for role in ROLES:
        if role in row.allowed:
            _walk_allowed(client, world, ids, row, route, role)
        else:
            _walk_denied(client, world, ids, row, role)


def _walk_denied(client: TestClient, world: World, ids: Mapping[str, Ids], row: Row, role: Role) -> None:
    chosen = {name: _any_of(ids, name, row) for name in named(row.path, row.body)}
    status, where = _send(client, world, row, role, chosen)
    if role is Role.GUEST:
        assert status == 401 or (status == 303 and where.startswith("/sign-in")), f"guest got {status}"
    else:
        assert status == 403, f"{role} got {status}"


def _walk_allowed(
    client: TestClient, world: World, ids: Mapping[str, Ids], row: Row, route: Found, role: Role
) -> None:
    names = [n for n in named(row.path, row.body) if role not in _ids(ids, n, row).unscoped]
    public = {n: _ids(ids, n, row).own[role] for n in named(row.path, row.body) if n not in names}
    own = {n: i.own[role] for n in names if role in (i := _ids(ids, n, row)).own} | public
    if names:
        foreign = {n: _ids(ids, n, row).foreign for n in names} | public
        status, _ = _send(client, world, row, role, foreign)
        assert status == 404, f"{role} with a foreign id got {status}{HINT if status == 422 else ''}"
        sibling = {n: _ids(ids, n, row).sibling.get(role, "") for n in names}
        if all(sibling.values()):
            status, _ = _send(client, world, row, role, sibling | public)
            assert status == 404, f"{role} with a sibling's id got {status}"
    if len(own) == len(named(row.path, row.body)) and not route.streams:
        status, _ = _send(client, world, row, role, own)
        assert status not in (401, 403, 404), f"{role} with an own id got {status}"
        assert status < 500, f"{role} with an own id got {status}"


HINT = ": give the row a body that passes validation, so that being foreign is what is refused"


def _ids(ids: Mapping[str, Ids], name: str, row: Row) -> Ids:
    if name == "slug" and "/families/" in row.path:
        return ids["family"]
    return ids.get(name, Ids())


def _any_of(ids: Mapping[str, Ids], name: str, row: Row) -> str:
    known = _ids(ids, name, row)
    return next(iter(known.own.values()), known.foreign)


def _send(
    client: TestClient, world: World, row: Row, role: Role, chosen: Mapping[str, str]
) -> tuple[int, str]:
    path = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: chosen[match[1]], row.path)
    body = re.sub(r"<(\w+)>", lambda match: chosen[match[1]], row.body)
    headers, content = dict(world.people[role]), None
    headers["Idempotency-Key"] = f"{role}-{'-'.join(chosen.values())}"
    if body.startswith("form:"):
        headers["Content-Type"], content = "application/x-www-form-urlencoded", body.removeprefix("form:")
    elif body:
        headers["Content-Type"], content = "application/json", json.dumps(json.loads(body))
    client.cookies.clear()
    answer = client.request(row.method, path, headers=headers, content=content)
    return answer.status_code, answer.headers.get("Location", "")


def test_a_route_that_names_nobody_is_caught(settings: Settings, database: Database) -> None:
    app = create_app(settings, database)
    router = APIRouter()
    router.add_api_route("/silent", lambda: "", methods=["GET"])
    router.add_api_route("/loud", lambda: "", methods=["GET"], dependencies=[allow(Role.PLANNER)])
    app.include_router(router)
    found = {route.path: route.allowed for route in routes(app)}
    assert found["/silent"] is None
    assert found["/loud"] == frozenset({Role.PLANNER})
    assert ("GET", "/silent") not in TABLE


def test_a_leak_is_caught(settings: Settings, database: Database) -> None:
    """Without scoping the walk must fail: for foreign ids, for siblings', and for roles that are denied."""
    app = create_app(settings, database)
    router = APIRouter()
    router.add_api_route("/leak/{order_id}", lambda order_id: order_id, dependencies=[allow(*ROLES)])
    app.include_router(router)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        world, ids = make_world(database)
        only_customers = Row("GET", "/leak/{order_id}", frozenset({Role.CUSTOMER}), "")
        (route,) = (r for r in routes(app) if r.path == "/leak/{order_id}")
        with pytest.raises(AssertionError, match="foreign id got 200"):
            _walk_allowed(client, world, ids, only_customers, route, Role.CUSTOMER)
        known = {"order_id": replace(ids["order_id"], foreign=world.order.id)}
        with pytest.raises(AssertionError):
            _walk_allowed(client, world, known, only_customers, route, Role.CUSTOMER)
        with pytest.raises(AssertionError, match="planner got 200"):
            _walk_denied(client, world, ids, only_customers, Role.PLANNER)
