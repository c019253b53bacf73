"""Cancelling from the customer's page: the cost first, then the code where only the link is known."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_by_token, owns
from cosmo.cancelling import TooLate, cancel, cost_of_cancelling
from cosmo.clock import Now
from cosmo.codes import issue_code, use_code
from cosmo.errors import CosmoError, Invalid
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.mail import queue
from cosmo.orders import Order
from cosmo.parties import Plant
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, ReadSession, WriteSession, allow
from web.site import site
from web.templating import render

router = APIRouter()
PURPOSE = "cancel"
NO_CODE = N_("Write the six digits we sent to your e-mail, or ask for a new code.")


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    order: Order,
    *,
    status: int = 200,
    sent: bool = False,
    problem: str = "",
    typed: str = "",
) -> Response:
    cost, late = None, ""
    try:
        cost = cost_of_cancelling(session, order)
    except TooLate as error:
        late = error.detail
    told: dict[str, Any] = {"cost": cost, "late": late, "sent": sent, "problem": problem, "typed": typed}
    return render(
        request,
        "interaction/cancel.html",
        status=status,
        order=order,
        token=order.tracking_token,
        brand=session.get_one(Plant, order.plant_id).name,
        code_needed=not owns(session, principal, order.id),
        **told,
    )


@router.get("/track/{token}/cancellation", dependencies=[allow(*EVERYONE)])
def cancellation(
    request: Request, token: str, session: ReadSession, principal: CurrentPrincipal, sent: str = ""
) -> Response:
    """What cancelling costs, before it is done."""
    return _page(request, session, principal, order_by_token(session, token), sent=bool(sent))


@router.post("/track/{token}/cancellation/code", dependencies=[allow(*EVERYONE)])
def send_code(
    request: Request, token: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """Send the code to the order's e-mail address."""
    order = order_by_token(session, token)
    cost_of_cancelling(session, order)
    try:
        site(request).limiter.hit("code", order.id)
    except CosmoError as error:
        return _page(request, session, principal, order, status=error.status, sent=True, problem=error.detail)
    queue(session, order, "code", now, code=issue_code(session, order.id, PURPOSE, now))
    return RedirectResponse(f"/track/{token}/cancellation?sent=1", 303)


@router.post("/track/{token}/cancellation", dependencies=[allow(*EVERYONE)])
def cancel_now(
    request: Request,
    token: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    code: Annotated[str, Form()] = "",
) -> Response:
    """Cancel the order; the cost was shown on the page before."""
    order = order_by_token(session, token)
    try:
        if not owns(session, principal, order.id):
            _spend(request, session, order, code.strip(), now)
        with session.begin_nested():
            reason = "plant" if principal.of_plant else "customer"
            cancel(session, order.id, reason=reason, actor=principal.actor, now=now)
    except CosmoError as error:
        status, said = error.status, error.detail
        return _page(request, session, principal, order, status=status, sent=True, problem=said, typed=code)
    return RedirectResponse(f"/track/{token}", 303)


def _spend(request: Request, session: Session, order: Order, code: str, now: Now) -> None:
    """Raises `Invalid` or `WrongCode`, and `TooMany` for somebody who guesses."""
    if not code:
        raise Invalid(NO_CODE)
    site(request).limiter.hit("code", order.id)
    use_code(session, order.id, PURPOSE, code, now)
