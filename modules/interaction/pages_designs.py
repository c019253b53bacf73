"""My designs: what was saved, renamed, shared, compared, deleted; and the page a shared link leads to."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal
from cosmo.parties import Role
from modules.interaction import designs
from modules.interaction.designs_view import beside, cards, row, shown
from modules.interaction.forgetting import kept_until
from web.deps import (
    EVERYONE,
    CurrentNow,
    CurrentPrincipal,
    Locale,
    ReadSession,
    WriteSession,
    allow,
)
from web.site import site
from web.templating import render

router = APIRouter()
CUSTOMERS = (Role.GUEST, Role.CUSTOMER)
TWO = N_("Tick two designs to compare them.")
Typed = Annotated[str, Form()]


@router.get("/designs", dependencies=[allow(*CUSTOMERS)])
def my_designs(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    open: str = "",
) -> Response:
    """What this customer, or this browser, has saved; `open`: whose name or link is looked at."""
    return _page(request, session, principal, now, locale, opened=open)


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    now: Now,
    locale: str,
    *,
    status: int = 200,
    opened: str = "",
    typed: str | None = None,
    wrong: str = "",
    problem: str = "",
    ticked: tuple[str, ...] = (),
) -> Response:
    known = cards(session)
    found = designs.mine(session, principal)
    rows = [row(session, saved, known.get(saved.order.family), now, locale) for saved in found]
    return render(
        request,
        "interaction/designs.html",
        status=status,
        rows=rows,
        opened=opened,
        typed=typed,
        wrong=wrong,
        problem=problem,
        ticked=ticked,
        most=designs.TITLE,
        kept_until=kept_until(session, principal),
        base_url=site(request).settings.base_url.rstrip("/"),
    )


@router.get("/designs/comparison", dependencies=[allow(*CUSTOMERS)])
def compare(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    design: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """Two designs side by side, with today's prices and days; the list again unless there are two."""
    wanted = tuple(dict.fromkeys(design or ()))
    if not wanted:  # the list says what to do
        return RedirectResponse("/designs", 303)
    if len(wanted) != 2:
        said = gettext(locale, TWO)
        return _page(request, session, principal, now, locale, status=422, problem=said, ticked=wanted)
    found = [designs.design_of(session, principal, one) for one in wanted]
    one, other = (shown(session, saved, now, locale) for saved in found)
    sides = (one, other)
    return render(request, "interaction/comparison.html", sides=sides, beside=beside(one, other, locale))


@router.post("/designs/{design_id}/name", dependencies=[allow(*CUSTOMERS)])
def rename(
    request: Request,
    design_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    title: Typed = "",
) -> Response:
    """Another name; the page with what was typed where that is none."""
    saved = designs.design_of(session, principal, design_id)
    try:
        designs.rename(session, saved.design, title)
    except Invalid as error:
        said = gettext(locale, error.detail)
        return _page(
            request, session, principal, now, locale, status=422, opened=design_id, typed=title, wrong=said
        )
    return _back(design_id)


@router.post("/designs/{design_id}/link", dependencies=[allow(*CUSTOMERS)])
def share(design_id: str, session: WriteSession, principal: CurrentPrincipal) -> Response:
    """Give it a link that shows it to whoever has the link."""
    designs.share(session, designs.design_of(session, principal, design_id).design)
    return _back(design_id)


@router.post("/designs/{design_id}/link/removal", dependencies=[allow(*CUSTOMERS)])
def unshare(design_id: str, session: WriteSession, principal: CurrentPrincipal) -> Response:
    """The link leads nowhere any more."""
    designs.unshare(session, designs.design_of(session, principal, design_id).design)
    return _back(design_id)


@router.post("/designs/{design_id}/removal", dependencies=[allow(*CUSTOMERS)])
def delete(design_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """Forget it."""
    saved = designs.design_of(session, principal, design_id)
    designs.delete(session, saved, actor=principal.actor, now=now)
    return RedirectResponse("/designs", 303)


def _back(design_id: str) -> Response:
    return RedirectResponse(f"/designs?open={design_id}#{design_id}", 303)


@router.get("/shared/{design_key}", dependencies=[allow(*EVERYONE)])
def shared(
    request: Request,
    design_key: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """A design that was shared, with today's price and day; whoever has it may start from it."""
    if principal.role == Role.GUEST:
        site(request).limiter.hit("fit", request.client.host if request.client else "")
    one = shown(session, designs.shared(session, design_key), now, locale, private=False)
    return render(request, "interaction/shared.html", one=one)
