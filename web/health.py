"""Is it alive, is it ready, how is it doing: for whoever runs it."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from web.deps import EVERYONE, allow, database

router = APIRouter(include_in_schema=False)


@router.get("/healthz", dependencies=[allow(*EVERYONE)])
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", dependencies=[allow(*EVERYONE)])
def readyz(request: Request) -> Response:
    """The database answers and is migrated; 503 otherwise."""
    with database(request).read() as session:
        session.connection().execute(text("select count(*) from cosmo_module_switch")).one()
    return JSONResponse({"status": "ready"})


@router.get("/metrics", dependencies=[allow(*EVERYONE)])
def metrics() -> Response:
    """Prometheus text."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
