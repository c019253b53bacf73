"""Whatever comes in, nothing breaks: every described operation and every form gets junk, from whoever may
send it, with real ids and with wrong ones. No answer is a 5xx, and every refusal has a sentence."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.python import asgi
from sqlmodel import SQLModel
from sse_starlette import EventSourceResponse
from starlette.testclient import TestClient

from cosmo.db import Database
from cosmo.parties import Role
from cosmo.settings import read_settings
from tests.access import Ids, rows
from tests.web.world import World, make_world
from web.app import create_app
from web.deps import allow

TABLE = {row.key: row for row in rows()}
JUNK = (
    "", " ", "0", "-1", "1.5", "1e999", "NaN", "9" * 40, "9" * 400, "٣", "true", "null", "[]", "{}",
    "\x00a", "a" * 3000, "<script>alert(1)</script>", "' OR 1=1 --", "../../etc/passwd", "%", "_", "\\",
    "💧🏺", "\ufffe", "2026-02-30", "2026-06-26", "9999-12-31", "0001-01-01", "2026-06-26T06:40", "mug",
    "en", "25:61",
)  # fmt: skip
PATIENCE = 120.0
"""Wall seconds for an answer: a solver's process takes its time on a busy machine."""
QUICK = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


class House:
    """The app with a world in it, entered once."""

    def __init__(self, home: Any) -> None:
        self.database = Database(read_settings({"COSMO_HOME": str(home)}).database_url)
        self.app = create_app(read_settings({"COSMO_HOME": str(home), "COSMO_DEMO": "1"}), self.database)
        SQLModel.metadata.create_all(self.database.engine)
        self.asgi: Any = self.app
        self.world: World
        self.ids: dict[str, Ids]
        self.world, self.ids = make_world(self.database)
        self.app.state.site.limiter.hit = lambda rule, who: None

    def known(self, names: list[str], role: Role, path: str) -> dict[str, str]:
        """Ids of this role's own, where it has any."""
        found = {}
        for name in names:
            ids = self.ids.get("family" if name == "slug" and "/families/" in path else name, Ids())
            found[name] = ids.own.get(role, ids.foreign)
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("schema"))
    yield made
    made.database.dispose()


def test_no_described_operation_breaks(house: House) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", house.app).exclude(path_regex="/stream$")
    seen = 0
    with asgi.get_client(house.asgi, max_stream_events=1) as client:
        for operation in _operations(schema):
            _fuzz(house, operation, client)
            seen += 1
    assert seen >= 15


def _operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        yield found.ok()


def _fuzz(house: House, operation: Any, client: Any) -> None:
    method, path = operation.method.upper(), operation.path
    roles = sorted(TABLE[(method, path)].allowed) if (method, path) in TABLE else list(Role)

    @QUICK
    @given(case=operation.as_strategy(), role=st.sampled_from(roles), real=st.booleans())
    def send(case: Any, role: Role, real: bool) -> None:
        if real:
            case.path_parameters = house.known(list(case.path_parameters or {}), role, path)
        client.cookies.clear()
        answer = case.call(session=client, headers=dict(house.world.people[role]), timeout=PATIENCE)
        text = answer.content.decode("utf-8", "replace")  # papers and labels are not text
        _check(answer.status_code, answer.headers, text, f"{role} {method} {path} {case.body!r}")

    send()


def _check(status: int, headers: Mapping[str, Any], text: str, what: str) -> None:
    assert status < 500, f"{what}: {status} {text[:500]}"
    kind = str(headers.get("content-type", ""))
    if status >= 400:
        assert "problem+json" in kind or "text/html" in kind, f"{what}: {status} {kind} {text[:200]}"
        assert len(text) > 60, f"{what}: {text}"


def _forms(house: House) -> Iterator[tuple[str, str, list[str], list[str], list[str]]]:
    """Pages and their forms: method, path, names in the path, in the address and in the form."""
    for context in iter_route_contexts(house.app.routes):
        dependant = getattr(context, "dependant", None)
        stream = getattr(context.endpoint, "__annotations__", {}).get("return") is EventSourceResponse
        if dependant is None or stream or (context.path or "").startswith("/api/"):
            continue
        for method in context.methods or ():
            yield (
                method,
                context.path or "",
                [p.name for p in dependant.path_params],
                [p.alias for p in dependant.query_params],
                [p.alias for p in dependant.body_params],
            )


def test_no_page_and_no_form_breaks(house: House) -> None:
    seen = 0
    with TestClient(house.app, raise_server_exceptions=False, follow_redirects=False) as client:
        for method, path, ids, query, fields in _forms(house):
            row = TABLE.get((method, path))
            for role in sorted(row.allowed)[:3] if row else [Role.GUEST]:
                _send_junk(house, client, (method, path, ids, query, fields), role)
                seen += 1
    assert seen >= 20


def _send_junk(
    house: House, client: TestClient, form: tuple[str, str, list[str], list[str], list[str]], role: Role
) -> None:
    method, path, ids, query, fields = form
    values = {
        name: [JUNK[(i * 7 + n) % len(JUNK)] for i in range(6)] for n, name in enumerate([*query, *fields])
    }
    for turn in range(6 if values else 1):
        known = house.known(ids, role, path)
        address = path
        for name, value in known.items():
            address = address.replace("{" + name + "}", value)
        client.cookies.clear()
        answer = client.request(
            method,
            address,
            params={name: values[name][turn] for name in query},
            data={name: values[name][turn] for name in fields} if fields else None,
            headers=house.world.people[role],
        )
        _check(answer.status_code, answer.headers, answer.text, f"{role} {method} {address} {turn}")


def test_a_route_that_breaks_is_found(tmp_path: Path) -> None:
    house = House(tmp_path)
    router = APIRouter()
    router.add_api_route("/api/v1/planted", lambda n=0: 1 // n, dependencies=[allow(*Role)])
    router.add_api_route("/planted", lambda n="": int(n), dependencies=[allow(*Role)])
    house.app.include_router(router)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", house.app)
    with asgi.get_client(house.asgi, max_stream_events=1) as client:
        (planted,) = (o for o in _operations(schema) if o.path == "/api/v1/planted")
        with pytest.raises(ZeroDivisionError):
            _fuzz(house, planted, client)
    form = next(form for form in _forms(house) if form[1] == "/planted")
    with (
        TestClient(house.app, raise_server_exceptions=False) as client,
        pytest.raises(AssertionError, match="500"),
    ):
        _send_junk(house, client, form, Role.PLANNER)
    house.database.dispose()
