"""Is it alive, is it ready, how is it doing: for whoever runs it."""

import logging

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from web.deps import allow_blindly
from web.site import site

log = logging.getLogger("cosmo.web")
router = APIRouter(include_in_schema=False)


@router.get("/healthz", dependencies=[allow_blindly()])
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", dependencies=[allow_blindly()])
def readyz(request: Request) -> Response:
    """The database answers and is migrated; 503 otherwise."""
    try:
        with site(request).db.read() as session:
            session.connection().execute(text("select count(*) from cosmo_module_switch")).one()
    except SQLAlchemyError as error:
        log.warning("not ready: %s", error)
        return JSONResponse({"status": "the database does not answer"}, 503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics", dependencies=[allow_blindly()])
def metrics() -> Response:
    """Prometheus text."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
