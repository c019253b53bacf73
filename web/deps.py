"""What a route may ask for: sessions, the two times, who asks, the language; and `allow`, who may call it.

Every route names `allow(...)`; a test fails for one that does not. One request is one commit: `WriteSession`
commits after the route function has returned and before a byte of the response is sent.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import Session

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.errors import NotAllowed, SignInNeeded
from cosmo.i18n import N_
from cosmo.identity import Principal, guest, remember_guest
from cosmo.parties import PLANT_ROLES, Role
from web.csrf import check_csrf
from web.site import site
from web.visits import Visit, read_visit, visit_of

EVERYONE = tuple(Role)
SIGNED_IN = tuple(r for r in Role if r is not Role.GUEST)
PLANT = tuple(sorted(PLANT_ROLES))
ORDERING = (Role.GUEST, Role.CUSTOMER, *PLANT)
"""Who may meet an order as such; suppliers and carriers see demand and shipments, the platform no designs."""


async def _database(request: Request) -> Database:
    return site(request).db  # one that is not async would take a thread


async def _visit(request: Request) -> Visit:
    return await read_visit(request)


Db = Annotated[Database, Depends(_database)]
CurrentVisit = Annotated[Visit, Depends(_visit)]


# these ask for the visit themselves: FastAPI would go through a dependency's own ones again for each of them


async def _now(request: Request) -> Now:
    return (await read_visit(request)).now


async def _principal(request: Request) -> Principal:
    return (await read_visit(request)).principal


async def _locale(request: Request) -> str:
    return (await read_visit(request)).locale


CurrentNow = Annotated[Now, Depends(_now)]
CurrentPrincipal = Annotated[Principal, Depends(_principal)]
Locale = Annotated[str, Depends(_locale)]


async def _reading(request: Request) -> AsyncIterator[Session]:
    await read_visit(request)  # in a session of its own, before this one is open
    async with site(request).sessions.read() as session:
        yield session


async def _writing(request: Request) -> AsyncIterator[Session]:
    await read_visit(request)
    async with site(request).sessions.write() as session:
        yield session


ReadSession = Annotated[Session, Depends(_reading, scope="function")]
WriteSession = Annotated[Session, Depends(_writing, scope="function")]
"""Ask for one of the two, never both: a reader that waits for its own writer sees old rows."""


def remembered(request: Request, session: WriteSession) -> Principal:
    """The principal; a guest whom nobody knows yet gets a session now."""
    visit = visit_of(request)
    if visit.principal.session_id is None and not visit.principal.signed_in:
        visit.secret, session_id = remember_guest(
            session, visit.secret, wall=visit.now.wall, locale=visit.locale
        )
        visit.principal = guest(visit.locale, session_id)
    return visit.principal


RememberedPrincipal = Annotated[Principal, Depends(remembered, scope="function")]
"""The principal, where a guest gets a session now; for routes that leave something behind for a guest."""


class _Allowed:
    """The dependency behind `allow`; `roles` is read by the access test."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    async def __call__(self, request: Request) -> Principal:
        visit = await read_visit(request)
        await check_csrf(request, visit)
        if visit.principal.role in self.roles:
            return visit.principal
        if not visit.principal.signed_in:
            raise SignInNeeded(N_("Sign in to see this page."))
        raise NotAllowed(N_("This belongs to another role. Sign in as somebody who may do it."))


def allow(*roles: Role) -> Any:
    """Who may call the route. Use as `dependencies=[allow(Role.PLANNER)]`, or as a parameter's annotation
    `Annotated[Principal, allow(*EVERYONE)]`. Which rows they may see is `cosmo.access`'s business."""
    return Depends(_Allowed(frozenset(roles)))


class _Open:
    """The dependency behind `allow_blindly`."""

    roles = frozenset(Role)

    async def __call__(self) -> None:
        """Nobody is asked, nothing is read."""


def allow_blindly() -> Any:
    """Everybody, without looking who it is: for what must answer while the database is away."""
    return Depends(_Open())


def allowed_roles(dependency: Any) -> frozenset[Role] | None:
    """The roles of an `allow` dependency; None for another one."""
    return dependency.roles if isinstance(dependency, _Allowed | _Open) else None
