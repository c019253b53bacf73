"""The app factory: shell and modules under one roof."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from cosmo.db import Database
from cosmo.i18n import add_locales
from cosmo.precedence import Precedence
from cosmo.registry import registry
from cosmo.settings import Settings
from web import (
    api_attachments,
    api_clock,
    api_orders,
    api_quotes,
    health,
    pages_account,
    pages_admin,
    pages_plant,
    problems,
    promise_score,
    sign_in,
    streams,
)
from web.assets import Assets, HashedFiles
from web.desk import Desk
from web.door import Door
from web.gates import module_gate
from web.hub import Hub
from web.lane import Lane
from web.middleware import BodyLimit, Deadlocks, Edge
from web.sessions import Sessions
from web.site import HERE, Site
from web.templating import Pages

SHELL_ROUTERS: tuple[APIRouter, ...] = (
    api_quotes.router,  # routes are looked for in this order, and none is asked for more often at once
    health.router,
    sign_in.router,
    pages_account.router,
    pages_plant.router,
    pages_admin.router,
    api_attachments.router,
    api_clock.router,
    api_orders.router,
    promise_score.router,
    streams.router,
)


def create_app(settings: Settings, db: Database) -> FastAPI:
    """The whole web side of one process. Tables must exist; nothing is started here."""
    add_locales(HERE / "locales")
    db.files = db.files or settings.attachments
    assets = Assets(HERE / "static")
    app = FastAPI(
        title="Cosmo",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=[
            Middleware(Edge, secure=settings.secure_cookies),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
            Middleware(BodyLimit),
            Middleware(Deadlocks),
        ],
    )
    sessions = Sessions(db)
    door, answers = Door(db), Precedence(quiet=0)
    desk = Desk(db, sessions, door)
    lane = Lane(sessions, answers, db.precedence)
    pages, hub = Pages(assets), Hub(db)
    app.state.site = Site(settings, db, assets, pages, hub, sessions, desk, door, lane, answers)
    problems.install(app)
    for router in SHELL_ROUTERS:
        app.include_router(_pages_hidden(router))
    for name, parts in registry().parts.items():
        for router in parts.routers():
            app.include_router(_pages_hidden(router), dependencies=[Depends(module_gate(name))])
    app.include_router(_pages_hidden(sign_in.front))
    app.mount("/static", HashedFiles(assets), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.site.hub.close()


def _pages_hidden(router: APIRouter) -> APIRouter:
    """Only what is under /api/v1 is described in OpenAPI."""
    for route in router.routes:
        if isinstance(route, APIRoute) and not route.path.startswith("/api/"):
            route.include_in_schema = False
    return router
