"""One request's visit: who asks, when, in which language; read once, in one short session."""

from dataclasses import dataclass, field

from sqlmodel import Session
from starlette.requests import HTTPConnection, Request

from cosmo.clock import Now, read_now, wall_time
from cosmo.errors import SignInNeeded
from cosmo.formats import LOCALES
from cosmo.identity import Principal, by_cookie, by_key, guest, well_formed
from web.layout import Frame, read_frame
from web.site import site

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


def read_visit(request: Request) -> Visit:
    """The visit of this request; the first call reads the database, later ones return the same."""
    known = getattr(request.state, "visit", None)
    if isinstance(known, Visit):
        return known
    locale = wanted_locale(request)
    with site(request).db.read() as session:
        visit = _visit(request, session, locale)
        if not request.url.path.startswith("/api/"):
            visit.frame = read_frame(session, visit.principal)
    request.state.visit = visit
    return visit


def visit_of(request: Request) -> Visit:
    """The visit if it was read, else a stranger's; for error pages, which must not fail."""
    known = getattr(request.state, "visit", None)
    if isinstance(known, Visit):
        return known
    locale, wall = wanted_locale(request), wall_time()
    return Visit(guest(locale), Now(wall, wall), locale)


def _visit(request: Request, session: Session, locale: str) -> Visit:
    now = read_now(session)
    key = _bearer(request)
    if key is not None:
        principal = by_key(session, key)
        return Visit(principal, now, _override(request) or principal.locale, bearer=True)
    secret = request.cookies.get(COOKIE, "")
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
