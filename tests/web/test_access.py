"""Every route against every role, with own, sister's, sibling's and foreign ids; a route that is not in the
table fails; and no supplier's answer sings (canaries)."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from sqlmodel import Session, SQLModel
from sse_starlette import EventSourceResponse

from cosmo.access import order_for
from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.errors import NotFound
from cosmo.orders import Order
from cosmo.parties import Party, Plant, Role
from cosmo.settings import read_settings
from cosmo.touches import touch
from modules.procurement.models import PurchaseLine, PurchaseOrder, Supplier
from tests.access import ROLES, Ids, Row, disagreements, routes, rows
from tests.factories import make_account
from tests.web.servers import serving
from tests.web.world import (
    IDENTITY,
    NAME,
    PLANT_OF_CABINETS,
    PLANT_OF_MUGS,
    PRICES,
    World,
    make_world,
    signed,
    to_the_canary,
)
from web.app import create_app
from web.deps import ORDERING, CurrentPrincipal, ReadSession, allow

TABLE = {row.key: row for row in rows()}
HINT = ": give the row a body that passes validation, so that being foreign is what is refused"
REFUSED = (401, 403, 404)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    where: str
    text: str


@dataclass(slots=True)
class Walk:
    """One app with one world for all routes; what one request changes, the others may meet. `address`: the
    same app behind a real server, for streams."""

    app: FastAPI
    database: Database
    client: TestClient
    address: str
    world: World
    ids: Mapping[str, Ids]
    streams: frozenset[tuple[str, str]]

    def send(self, row: Row, role: Role, chosen: Mapping[str, str]) -> Answer:
        """The request of the row with these ids; what a supplier or carrier reads is listened to."""
        answer = (self._open if row.key in self.streams else self._ask)(row, role, chosen)
        shown_by_link = any(_ids(self.ids, name, row).public for name in chosen) and "token" in chosen
        heard = [] if shown_by_link else [c for c in _CANARIES.get(role, ()) if c in answer.text]
        assert not heard, f"{role} reads {heard}"
        return answer

    def _ask(self, row: Row, role: Role, chosen: Mapping[str, str]) -> Answer:
        headers, content = dict(self.world.people[role]), None
        headers["Idempotency-Key"] = f"{role}-{'-'.join(chosen.values())}"
        body = _filled(row.body, chosen)
        if body.startswith("form:"):
            headers["Content-Type"], content = "application/x-www-form-urlencoded", body.removeprefix("form:")
        elif body:
            headers["Content-Type"], content = "application/json", json.dumps(json.loads(body))
        self.client.cookies.clear()
        got = self.client.request(row.method, _path(row, chosen), headers=headers, content=content)
        return Answer(got.status_code, got.headers.get("Location", ""), got.text)

    def _open(self, row: Row, role: Role, chosen: Mapping[str, str]) -> Answer:
        """A stream: its first bytes, once something has happened on every board."""
        headers = dict(self.world.people[role])
        address = f"{self.address}{_path(row, chosen)}"
        with httpx2.stream(row.method, address, headers=headers, timeout=30) as got, self._happening():
            first = next(got.iter_text(), "")
            return Answer(got.status_code, got.headers.get("Location", ""), first)

    @contextmanager
    def _happening(self) -> Iterator[None]:
        over = threading.Event()
        busy = threading.Thread(target=self._touch_all, args=(over,), daemon=True)
        busy.start()
        yield
        over.set()
        busy.join()

    def _touch_all(self, over: threading.Event) -> None:
        world = self.world
        plants = (world.own_plant, world.sister_plant, world.foreign_plant)
        topics = [f"plant:{p.id}" for p in plants]
        topics += [f"party:{world.parties[r].id}" for r in (Role.SUPPLIER, Role.CARRIER)]
        while not over.wait(0.1):
            with self.database.write() as session:
                for topic in topics:
                    touch(session, topic, read_now(session))


_CANARIES = {
    Role.SUPPLIER: (*IDENTITY, *map(str, PRICES.values())),
    Role.CARRIER: (*(word for word in IDENTITY if "@" in word or word in ("47110815", "Zwitscher")),
                   *map(str, PRICES.values())),
}  # fmt: skip
"""A supplier learns nothing of the customer and nobody else's price; a carrier no more than the address."""


@contextmanager
def house(home: Path, more: APIRouter | None = None) -> Iterator[Walk]:
    """The app in a folder of its own, with `more` routes."""
    settings = read_settings(
        {"COSMO_HOME": str(home), "COSMO_DEMO": "1", "COSMO_BASE_URL": "http://testserver"}
    )
    database = Database(settings.database_url)
    app = create_app(settings, database)
    app.include_router(more or APIRouter())
    SQLModel.metadata.create_all(database.engine)
    with _walking(app, database) as made:
        yield made
    database.dispose()


@contextmanager
def _walking(app: FastAPI, database: Database) -> Iterator[Walk]:
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        world, ids = make_world(database)
        with serving(app) as address:
            streams = frozenset(route.key for route in routes(app) if route.streams)
            yield Walk(app, database, client, address, world, ids, streams)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with house(tmp_path_factory.mktemp("access")) as made:
        yield made


def test_the_table_and_the_code_agree(walk: Walk) -> None:
    assert disagreements(walk.app) == []


def test_every_id_has_its_own_its_sisters_or_siblings_and_a_foreign_one(walk: Walk) -> None:
    """Nothing is left out of the walk in silence."""
    lacking = [
        f"{row.method} {row.path}: {role} has no {what} {name}"
        for row in TABLE.values()
        for name in row.names
        for role in row.allowed
        if (what := _ids(walk.ids, name, row).lacking(role))
    ]
    assert lacking == []


def test_each_route_keeps_to_the_table(walk: Walk, subtests: pytest.Subtests) -> None:
    """One test in the table's order, since a row may meet what another has changed (a cancelled order's files
    are gone)."""
    for row in TABLE.values():
        with subtests.test(f"{row.method} {row.path}"):
            _keeps_to_the_table(walk, row)


def _keeps_to_the_table(walk: Walk, row: Row) -> None:
    for role in ROLES:
        if role in row.allowed:
            _walk_allowed(walk, row, role)
        else:
            _walk_denied(walk, row, role)


def _walk_denied(walk: Walk, row: Row, role: Role) -> None:
    chosen = {name: _any_of(walk.ids, name, row) for name in row.names}
    answer = walk.send(row, role, chosen)
    if role is Role.GUEST:
        asked = answer.status == 401 or (answer.status == 303 and answer.where.startswith("/sign-in"))
        assert asked, f"guest got {answer.status}"
    else:
        assert answer.status == 403, f"{role} got {answer.status}"


def _walk_allowed(walk: Walk, row: Row, role: Role) -> None:
    """Foreign and siblings' ids one at a time beside own ones, and then what is theirs."""
    known = {name: _ids(walk.ids, name, row) for name in row.names}
    own = {name: i.own.get(role, i.sibling.get(role, i.foreign)) for name, i in known.items()}
    for name, i in known.items():
        if role not in i.unscoped:
            _gets_nothing(walk, row, role, own | {name: i.foreign}, f"a foreign {name}")
        if role in i.sibling:
            _gets_nothing(walk, row, role, own | {name: i.sibling[role]}, f"a sibling's {name}")
    if any(role in i.nobody for i in known.values()):
        return
    if any(role in i.sister for i in known.values()):
        sisters = {name: i.sister.get(role, own[name]) for name, i in known.items()}
        _gets_through(walk, row, role, sisters, "its other site's")
    _gets_through(walk, row, role, own, "its own")


def _gets_nothing(walk: Walk, row: Row, role: Role, chosen: Mapping[str, str], with_what: str) -> None:
    status = walk.send(row, role, chosen).status
    assert status == 404, f"{role} with {with_what} got {status}{HINT if status == 422 else ''}"


def _gets_through(walk: Walk, row: Row, role: Role, chosen: Mapping[str, str], whose: str) -> None:
    answer = walk.send(row, role, chosen)
    assert answer.status not in REFUSED, f"{role} with {whose} ids got {answer.status}: {answer.text[:300]}"
    assert answer.status < 500, f"{role} with {whose} ids got {answer.status}"
    if row.key in walk.streams:
        assert (answer.status, bool(answer.text)) == (200, True), f"{role} hears nothing of {whose}"


def _ids(ids: Mapping[str, Ids], name: str, row: Row) -> Ids:
    if name == "slug" and "/families/" in row.path:
        return ids["family"]
    if name == "slug" and row.path.endswith("/promise-score"):
        return ids["public_plant"]
    if name == "family" and (row.path.startswith("/plant/") or "/plants/" in row.path):
        return ids["plant_family"]
    return ids.get(name, Ids())


def _any_of(ids: Mapping[str, Ids], name: str, row: Row) -> str:
    known = _ids(ids, name, row)
    return next(iter(known.own.values()), known.foreign)


def _path(row: Row, chosen: Mapping[str, str]) -> str:
    path = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: chosen[match[1]], row.path)
    return f"{path}?{_filled(row.query, chosen)}" if row.query else path


def _filled(text: str, chosen: Mapping[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda match: chosen[match[1]], text)


# The walk's own guards


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """An app with routes that somebody has written without care."""
    router = APIRouter()
    everyone = {"dependencies": [allow(*ROLES)]}
    router.add_api_route("/silent", lambda: "", methods=["GET"])
    router.add_api_route("/loud", lambda: "", methods=["GET"], dependencies=[allow(Role.PLANNER)])
    router.add_api_route("/leak/{order_id}", lambda order_id: order_id, **everyone)
    router.add_api_route("/leak/{order_id}/live", _leaking_stream, **everyone, response_model=None)
    router.add_api_route("/house/{order_id}", _the_houses, dependencies=[allow(*ORDERING)])
    router.add_api_route("/site/{order_id}", _this_site_only, dependencies=[allow(*ORDERING)])
    router.add_api_route("/bought/{purchase_id}", _whole, dependencies=[allow(Role.SUPPLIER)])
    with house(tmp_path_factory.mktemp("planted"), router) as made:
        yield made


async def _leaking_stream(request: Request) -> EventSourceResponse:
    async def messages() -> Any:
        yield {"data": "whoever asks"}

    return EventSourceResponse(messages())


def _the_houses(order_id: str, session: ReadSession) -> str:
    """Forgets that one plant's customers are strangers to each other."""
    order = session.get(Order, order_id)
    return _made_at((PLANT_OF_MUGS, PLANT_OF_CABINETS), order, session)


def _this_site_only(order_id: str, session: ReadSession, principal: CurrentPrincipal) -> str:
    """Forgets that a plant's people work at all its sites."""
    return _made_at((PLANT_OF_MUGS,), order_for(session, principal, order_id), session)


def _made_at(slugs: tuple[str, ...], order: Order | None, session: Session) -> str:
    if order is None or session.get_one(Plant, order.plant_id).slug not in slugs:
        raise NotFound("Not of this house.")
    return order.id


def _whole(purchase_id: str) -> dict[str, str]:
    """Tells the supplier whom it is for."""
    return {"id": purchase_id, "for": NAME}


SHOWN_TO_HER_PLANT = ("Canarina", "Vogelsang", "Finkenweg", "Piepstadt", "Zwitscher")
ORDERS = Row("GET", "/leak/{order_id}", frozenset(ROLES), "")


def test_a_route_that_is_not_in_the_table_fails(planted: Walk) -> None:
    said = disagreements(planted.app)
    assert [line for line in said if "('GET', '/silent')" in line and "does not say who" in line]
    assert [line for line in said if "('GET', '/loud')" in line and "not in tests/access_table.csv" in line]


@pytest.mark.parametrize(
    ("path", "role", "noticed"),
    [
        ("/leak/{order_id}", Role.CUSTOMER, "customer with a foreign order_id got 200"),
        ("/leak/{order_id}", Role.PLANNER, "planner with a foreign order_id got 200"),
        ("/leak/{order_id}", Role.SUPPLIER, "supplier with a foreign order_id got 200"),
        ("/leak/{order_id}/live", Role.CUSTOMER, "customer with a foreign order_id got 200"),
        ("/house/{order_id}", Role.CUSTOMER, "customer with a sibling's order_id got 200"),
        ("/house/{order_id}", Role.GUEST, "guest with a sibling's order_id got 200"),
        ("/site/{order_id}", Role.PLANNER, "planner with its other site's ids got 404"),
        ("/bought/{purchase_id}", Role.SUPPLIER, "supplier reads ['Canarina', 'Vogelsang']"),
    ],
)
def test_what_somebody_forgot_is_noticed(planted: Walk, path: str, role: Role, noticed: str) -> None:
    row = replace(ORDERS, path=path)
    with pytest.raises(AssertionError, match=re.escape(noticed)):
        _walk_allowed(planted, row, role)
    row = replace(ORDERS, path="/leak/{order_id}")
    with pytest.raises(AssertionError, match=f"{role} got 200"):
        _walk_denied(planted, row, role)


def test_an_id_that_nobody_thought_of_is_missed(walk: Walk) -> None:
    assert Ids().lacking(Role.CUSTOMER) == "own"
    assert Ids({Role.CUSTOMER: "x"}).lacking(Role.CUSTOMER) == "sister or sibling"


def test_the_canaries_sing_where_they_may(walk: Walk) -> None:
    """The control: her plant reads who she is, and the other supplier its own price."""
    order = TABLE["GET", "/plant/orders/{order_id}"]
    with walk.database.write() as session:  # others of these tests let it go elsewhere
        to_the_canary(session, session.get_one(Order, walk.world.order.id))
    told = walk.send(order, Role.PLANNER, {"order_id": walk.world.order.id}).text
    assert [word for word in SHOWN_TO_HER_PLANT if word not in told] == []
    with walk.database.write() as session:
        line = session.get_one(PurchaseLine, walk.ids["line"].sibling[Role.SUPPLIER])
        purchase = session.get_one(PurchaseOrder, line.purchase_id)
        rival = session.get_one(Party, session.get_one(Supplier, purchase.supplier_id).party_id)
        headers = signed(session, make_account(session, rival, Role.SUPPLIER))
    orders = walk.client.get("/api/v1/suppliers/me/orders", headers=headers).text
    assert str(PRICES["sibling"]) in orders
    assert str(PRICES["sister"]) in orders, "of the other site too"


def test_somebody_elses_job_is_no_job(walk: Walk) -> None:
    """Scans are answered one by one, so a foreign job's answer is not the request's."""
    scan = {"client_id": "x", "action": "start", "job": walk.ids["claim_id"].foreign}
    body = {"plant": PLANT_OF_MUGS, "scans": [scan]}
    key = walk.world.people[Role.OPERATOR]
    (result,) = walk.client.post("/api/v1/scans", json=body, headers=key).json()["results"]
    assert result["error"]["type"] == "not-found"
    body["plant"] = walk.world.foreign_plant.slug
    assert walk.client.post("/api/v1/scans", json=body, headers=key).status_code == 404
