"""Sign in, sign out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from cosmo.errors import CosmoError
from cosmo.identity import NOBODY, WrongLogin, close_session, sign_in
from cosmo.parties import Role
from web.deps import EVERYONE, CurrentVisit, WriteSession, allow
from web.layout import make_layout
from web.site import site
from web.templating import render
from web.texts import LINE

router = APIRouter(include_in_schema=False)
front = APIRouter(include_in_schema=False)
"""Comes after the modules: a house without a shop still has a front door."""
HOMES = {Role.CUSTOMER: "/orders", Role.OPERATOR: "/floor", Role.SERVICE: "/service"}


@router.get("/sign-in", dependencies=[allow(*EVERYONE)])
def sign_in_page(request: Request, next: str = "") -> Response:
    """The form; `next` is where to go afterwards."""
    return render(request, "shell/sign_in.html", email="", error="", next=local_address(next))


@router.post("/sign-in", dependencies=[allow(*EVERYONE)])
def sign_in_now(
    request: Request,
    session: WriteSession,
    visit: CurrentVisit,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Open a session and go on; the form again, with what was typed, if the password is wrong."""
    try:
        if max(len(email), len(password)) > LINE:  # nobody's, and nothing to compute a hash of
            raise WrongLogin(NOBODY)
        _limit(request, email)
        visit.secret = sign_in(session, email, password, wall=visit.now.wall, was=visit.principal)
    except CosmoError as error:
        if not isinstance(error, WrongLogin) and error.status != 429:
            raise
        status = 422 if isinstance(error, WrongLogin) else error.status
        return render(
            request,
            "shell/sign_in.html",
            status=status,
            email=email,
            error=error.detail,
            next=local_address(next),
        )
    return RedirectResponse(local_address(next) or "/home", 303)


def _limit(request: Request, email: str) -> None:
    limiter = site(request).limiter
    limiter.hit("sign-in-address", request.client.host if request.client else "")
    limiter.hit("sign-in", email.strip().lower())


def local_address(address: str) -> str:
    """Only addresses of this site; anything else could lead a visitor away."""
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address
    return address if safe else ""


@router.post("/sign-out", dependencies=[allow(*EVERYONE)])
def sign_out(session: WriteSession, visit: CurrentVisit) -> Response:
    """Close the session; the cookie goes too. A guest has nothing to sign out of and keeps their quotes."""
    if visit.principal.signed_in:
        if visit.principal.session_id is not None:
            close_session(session, visit.principal.session_id)
        visit.secret = None
    return RedirectResponse("/", 303)


@router.get("/home", dependencies=[allow(*EVERYONE)])
def home(request: Request, visit: CurrentVisit) -> Response:
    """Where each role begins: its own place if a module offers it, else the first entry of its menu."""
    role = visit.principal.role
    layout = make_layout(visit.frame, visit.principal, request.url.path, demo=False)
    offered = [href for _, href, _ in layout.nav]
    if HOMES.get(role) in offered:
        return RedirectResponse(HOMES[role], 303)
    last = "/account" if visit.principal.signed_in else "/sign-in"
    return RedirectResponse(offered[0] if offered else last, 303)


@front.get("/", dependencies=[allow(*EVERYONE)])
def front_door(visit: CurrentVisit) -> Response:
    """Where no module has a shop: on to where the role begins, or to sign in."""
    return RedirectResponse("/home" if visit.principal.signed_in else "/sign-in", 303)
