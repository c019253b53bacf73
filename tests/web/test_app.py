"""The app factory: health, static files, headers, errors, one commit per request."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from cosmo.db import Database
from cosmo.errors import Conflict
from cosmo.parties import Party, Plant, Role
from cosmo.registry import Module, Parts, Registry, switch
from cosmo.settings import Settings
from tests.factories import make_order
from tests.web_fixtures import Visitor
from web.app import create_app
from web.deps import EVERYONE, CurrentPrincipal, WriteSession, allow


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=5)]


def _router() -> APIRouter:
    router = APIRouter()

    @router.post("/api/v1/wishes", dependencies=[allow(*EVERYONE)], status_code=201)
    def wish(session: WriteSession, body: Wish) -> dict[str, str]:
        session.add(Party(kind="customer", name=body.name, slug=body.name))
        session.flush()
        if body.name == "boom":
            raise RuntimeError("secret internals")
        if body.name == "no":
            raise Conflict("Not now.", why="because")
        return {"name": body.name}

    @router.get("/api/v1/plants/{slug}/wishes", dependencies=[allow(Role.PLANNER)])
    def wishes(principal: CurrentPrincipal) -> dict[str, str]:
        return {"role": principal.role}

    @router.get("/wishes/{slug}", dependencies=[allow(Role.PLANNER)])
    def page(slug: str) -> dict[str, str]:
        return {"slug": slug}

    @router.get("/api/v1/orders/{order_id}/wish", dependencies=[allow(*EVERYONE)])
    def order_wish(order_id: str) -> dict[str, str]:
        return {"order": order_id}

    return router


@pytest.fixture
def app(modules: Callable[..., Registry], settings: Settings, database: Database) -> FastAPI:
    modules(Module("wishing", {"en": "Wishing"}, lambda: Parts(routers=lambda: [_router()])))
    return create_app(settings, database)


def names(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.exec(select(Party.name)))


def test_health(client: Visitor) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert "cosmo_http_requests_total" in client.get("/metrics").text


def test_health_without_a_database(
    modules: Callable[..., Registry], settings: Settings, tmp_path: Path
) -> None:
    modules()
    away = Database(f"sqlite:///{tmp_path}/no/such/folder/cosmo.db")
    client = Visitor(create_app(settings, away), raise_server_exceptions=False)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    broken = client.get("/sign-in")
    assert broken.status_code == 500
    assert "Something broke on our side" in broken.text
    assert "sqlite" not in broken.text.lower()


def test_pages_carry_a_strict_policy(client: Visitor) -> None:
    headers = client.get("/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_static_files_are_cached_for_ever_under_their_digest(app: FastAPI, client: Visitor) -> None:
    url = app.state.site.assets.url("css/tokens.css")
    assert re.fullmatch(r"/static/[0-9a-f]{12}/css/tokens.css", url)
    assert "immutable" in client.get(url).headers["Cache-Control"]
    assert client.get("/static/css/tokens.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/000000000000/css/tokens.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/../app.py").status_code == 404
    with pytest.raises(FileNotFoundError):
        app.state.site.assets.url("css/absent.css")


def test_several_stylesheets_come_as_one_file(app: FastAPI, client: Visitor) -> None:
    assets = app.state.site.assets
    both = client.get(assets.styles("tokens", "base"))
    alone = [client.get(assets.url(f"css/{name}.css")).text for name in ("tokens", "base")]
    assert both.text == "\n".join(alone)
    assert both.headers["Content-Type"].startswith("text/css")
    assert "immutable" in both.headers["Cache-Control"]
    assert client.get("/static/css/tokens+base.css").headers["Cache-Control"] == "no-cache"
    for name in ("tokens+absent", "tokens+../css/base", "+", "tokens+" * 30 + "base"):
        assert client.get(f"/static/css/{name}.css").status_code == 404, name
    with pytest.raises(FileNotFoundError):
        assets.styles("tokens", "absent")


def test_a_page_needs_two_scripts_and_three_stylesheets(app: FastAPI, client: Visitor) -> None:
    page = client.get("/sign-in").text
    assert re.findall(r'<script src="[^"]*/(\S+\.js)"', page) == ["app.js", "htmx.min+hx-sse.min.js"]
    assets = app.state.site.assets
    alone = [client.get(assets.url(f"vendor/htmx/{name}.min.js")).text for name in ("htmx", "hx-sse")]
    both = client.get(assets.together("vendor/htmx", "htmx.min.js", "hx-sse.min.js"))
    assert both.text == ";\n".join(alone)
    assert both.headers["Content-Type"].startswith("text/javascript")
    assert page.count('rel="stylesheet"') == 3, "the house's, the page's own, and what is for paper"
    script = client.get(assets.url("js/app.js"))
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in script.headers["Cache-Control"]
    assert not re.search(r"^(import|export) ", script.text, re.MULTILINE)
    assert script.text.index("const $heard") < script.text.index("const $forms")  # which takes from it
    assert script.text.count("const SILENT = ") == 1
    assert client.get("/static/js/app.js").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/js/absent.js").status_code == 404
    later = client.get(assets.url("js/board.js")).text
    assert later.count("export function start") == 1, "what is imported later stays a module"


def test_a_page_names_in_its_head_what_it_needs_before_it_can_be_used(client: Visitor) -> None:
    answer = client.get("/sign-in")
    loaded = re.findall(
        r'<link rel="stylesheet" href="(\S+)">|<script src="(\S+)" (?:type|defer)', answer.text
    )
    named = re.findall(r"<(\S+)>; rel=(\S+)(?:; as=(\w+))?(?:, |$)", answer.headers["Link"])
    assert [sheet or script for sheet, script in loaded] == [address for address, *_ in named]
    assert len(named) == 4
    kinds = [(Path(address).name.rpartition("+")[2], *how) for address, *how in named[2:]]
    assert kinds == [("app.js", "modulepreload", ""), ("hx-sse.min.js", "preload", "script")]
    assert all(how == ["preload", "style"] for _, *how in named[:2])
    assert "print" not in answer.headers["Link"], "which waits for whoever prints"
    for path in ("/healthz", "/api/v1/openapi.json"):
        assert "Link" not in client.get(path).headers


def test_a_page_names_its_typeface_as_its_stylesheet_does(client: Visitor) -> None:
    """Under another address it would be fetched twice."""
    link = client.get("/sign-in").headers["Link"]
    (named,) = re.findall(r"<(\S+)>; rel=preload; as=font; type=font/woff2; crossorigin", link)
    sheet = re.findall(r"<(\S+)>; rel=preload; as=style", link)[0]
    wanted = re.findall(r'src:\s*url\("([^"]+)"\)', client.get(sheet).text)
    assert urljoin(sheet, wanted[0]) == named
    assert client.get(named).status_code == 200


def test_a_request_is_one_commit(client: Visitor, database: Database) -> None:
    assert client.post("/api/v1/wishes", json={"name": "mug"}).status_code == 201
    assert "mug" in names(database)


def test_a_refusal_rolls_back_and_says_why(client: Visitor, database: Database) -> None:
    answer = client.post("/api/v1/wishes", json={"name": "no"})
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "conflict",
        "title": "This is not possible now",
        "status": 409,
        "detail": "Not now.",
        "why": "because",
    }
    assert "no" not in names(database)


def test_a_failure_hides_its_internals(app: FastAPI, database: Database) -> None:
    with Visitor(app, raise_server_exceptions=False) as client:
        answer = client.post("/api/v1/wishes", json={"name": "boom"})
    assert (answer.status_code, answer.json()["type"]) == (500, "internal")
    assert "secret" not in answer.text
    assert "boom" not in names(database)


def test_a_commit_that_fails_is_no_success(
    app: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlmodel import Session

    def failing(self: Session) -> None:
        raise OSError("disk full")

    with Visitor(app, raise_server_exceptions=False) as client:
        monkeypatch.setattr(Session, "commit", failing)
        answer = client.post("/api/v1/wishes", json={"name": "mug"})
    assert answer.status_code == 500
    assert "mug" not in names(database)


@pytest.mark.parametrize("body", [{"name": "far too long"}, {"name": "x", "more": 1}, {}, [], None])
def test_bad_input_names_its_field(client: Visitor, body: object) -> None:
    answer = client.post("/api/v1/wishes", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid")
    assert answer.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "The e-mail or the password is wrong."),
        ("de", "Die E-Mail oder das Passwort ist falsch."),
        ("zh", "邮箱或密码错误。"),
    ],
)
def test_a_form_that_cannot_be_taken_is_told_plainly_and_kept(client: Visitor, lang: str, words: str) -> None:
    client.get(f"/sign-in?lang={lang}")
    page = client.post("/sign-in", data={"email": "x" * 300, "password": "y"})
    assert page.status_code == 422
    assert words in page.text
    assert "x" * 300 in page.text
    assert "String should" not in page.text


def test_people_get_a_page_and_programs_get_json(client: Visitor) -> None:
    page = client.get("/nowhere", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["Content-Type"].startswith("text/html")
    assert client.get("/api/v1/nowhere").json()["type"] == "not-found"


def test_roles_are_kept(client: Visitor, plant: Plant, people: Callable[..., Visitor]) -> None:
    address = f"/api/v1/plants/{plant.slug}/wishes"
    assert client.get(address).status_code == 401
    assert people(Role.OPERATOR, plant).get(address).status_code == 403
    assert people(Role.PLANNER, plant).get(address).json() == {"role": "planner"}
    assert people(Role.PLANNER, plant, bearer=True).get(address).json() == {"role": "planner"}


def test_routes_of_a_module_that_is_off_are_gone(
    client: Visitor, plant: Plant, people: Callable[..., Visitor], database: Database
) -> None:
    planner = people(Role.PLANNER, plant)
    with database.write() as session:
        mine, placed = make_order(session, plant), make_order(session, plant, owners={"wishing": True})
        switch(session, plant.manufacturer_id, "wishing", False)
    assert planner.get(f"/api/v1/plants/{plant.slug}/wishes").status_code == 404
    assert client.get(f"/api/v1/orders/{mine.id}/wish").status_code == 404
    assert client.get(f"/api/v1/orders/{placed.id}/wish").status_code == 200, "owners are frozen when placed"
    with database.write() as session:
        switch(session, plant.manufacturer_id, "wishing", True)
    assert planner.get(f"/api/v1/plants/{plant.slug}/wishes").status_code == 200


def test_who_asks_is_known_though_the_gate_fails(
    plant: Plant, people: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unstorable(*_: object) -> None:
        raise UnicodeEncodeError("utf-8", "x", 0, 1, "half a character")

    planner, sent = people(Role.PLANNER, plant), {"Accept": "text/html"}
    assert planner.get(f"/wishes/{plant.slug}", headers=sent).status_code == 200
    monkeypatch.setattr("web.gates._modules_on", unstorable)
    refused = planner.get(f"/wishes/{plant.slug}", headers=sent)
    assert refused.status_code == 422
    assert "Sign out" in refused.text


def test_only_the_api_is_described(client: Visitor) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert "/api/v1/wishes" in paths
    assert all(path.startswith("/api/v1/") for path in paths)
