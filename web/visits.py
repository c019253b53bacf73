"""One request's visit: who asks, when, in which language; read once, in one short session."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session
from starlette.requests import HTTPConnection, Request

from cosmo.clock import Now, read_now, wall_time
from cosmo.errors import SignInNeeded
from cosmo.formats import LOCALES
from cosmo.identity import Principal, by_cookie, by_keys, guest, well_formed
from web.layout import Frame, read_frame
from web.site import site

T = TypeVar("T")
Read: TypeAlias = Callable[[Session, Principal], T]
COOKIE = "cosmo_session"
LANGUAGE_COOKIE = "cosmo_language"


@dataclass(slots=True)
class Visit:
    """`secret` is the session cookie's value, also one that has no row yet; None for API keys."""

    principal: Principal
    now: Now
    locale: str
    secret: str | None = None
    bearer: bool = False
    sent: str | None = None
    """The cookie as it came; what differs at the end is set."""
    frame: Frame = field(default_factory=Frame)
    """For pages only."""


async def read_visit(request: Request) -> Visit:
    """The visit of this request; the first call reads the database, later ones return the same."""
    if not _is_known(request):
        key = _bearer(request)
        if key is not None and _is_api(request):
            request.state.visit = await _at_the_door(request, key)
        else:
            await run_in_threadpool(_by_itself, request, lambda session, principal: None)
    return visit_of(request)


async def read_along(request: Request, read: Read[T]) -> T:
    """What `read` finds for whoever asks, in the session that the visit is read in, if it is still to be."""
    if _is_known(request) or (_is_api(request) and _bearer(request) is not None):
        visit = await read_visit(request)
        return await run_in_threadpool(_alone, request, visit.principal, read)
    return await run_in_threadpool(_by_itself, request, read)


def _is_known(request: Request) -> bool:
    return isinstance(getattr(request.state, "visit", None), Visit)


def _alone(request: Request, principal: Principal, read: Read[T]) -> T:
    with site(request).db.read() as session:
        return read(session, principal)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


async def _at_the_door(request: Request, key: str) -> Visit:
    now, principal = await site(request).door.ask(key)
    return _with_key(request, principal, now)


def _with_key(request: Request, principal: Principal | None, now: Now) -> Visit:
    """Raises `SignInNeeded` where the key is nobody's."""
    if principal is None:
        raise SignInNeeded("This API key is unknown or revoked.")
    return Visit(principal, now, _override(request) or principal.locale, bearer=True)


def _by_itself(request: Request, read: Read[T]) -> T:
    """The visit, read in a session of its own, with the frame, if a page is asked for; then what `read` finds
    there. Where that fails, who asked is known."""
    key = _bearer(request)
    with site(request).db.read() as session:
        now = read_now(session)
        if key is not None:
            visit = _with_key(request, by_keys(session, {key}).get(key), now)
        else:
            visit = _with_cookie(request, session, now)
        if not _is_api(request):
            visit.frame = read_frame(session, visit.principal)
        request.state.visit = visit
        return read(session, visit.principal)


def visit_of(request: Request) -> Visit:
    """The visit if it was read, else a stranger's; for error pages, which must not fail."""
    known = getattr(request.state, "visit", None)
    if isinstance(known, Visit):
        return known
    locale, wall = wanted_locale(request), wall_time()
    return Visit(guest(locale), Now(wall, wall), locale)


def _with_cookie(request: Request, session: Session, now: Now) -> Visit:
    locale, secret = wanted_locale(request), request.cookies.get(COOKIE, "")
    if not well_formed(secret):
        return Visit(guest(locale), now, locale)
    principal = by_cookie(session, secret, wall=now.wall, locale=locale)
    return Visit(principal, now, _override(request) or principal.locale, secret=secret, sent=secret)


def _bearer(request: Request) -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not key.strip():
        raise SignInNeeded("Send `Authorization: Bearer <api key>`.")
    return key.strip()


def _override(request: Request) -> str | None:
    asked = chosen_locale(request) or request.cookies.get(LANGUAGE_COOKIE, "")
    return asked if asked in LOCALES else None


def chosen_locale(connection: HTTPConnection) -> str | None:
    """The language this address asks for, which the browser then remembers."""
    asked = connection.query_params.get("lang", "")
    return asked if asked in LOCALES else None


def wanted_locale(request: Request) -> str:
    """`?lang=` now or before, else the browser's first language that we speak, else English."""
    asked = _override(request)
    if asked is not None:
        return asked
    for part in request.headers.get("Accept-Language", "").split(",")[:10]:
        code = part.partition(";")[0].strip().lower().partition("-")[0]
        if code in LOCALES:
            return code
    return "en"
