"""One press asks for a quote anew: the same wish with today's price and date, and what has changed since."""

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.quoting import requote
from modules.interaction.order_view import FIELDS, basket_of, known
from modules.interaction.pages_order import OPEN, order_page, own_quote
from modules.interaction.renewing import to_mend
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.forms import SentForm
from web.ordering import not_too_often, requester_of

router = APIRouter()


@router.get("/order/{order_id}/renewal", dependencies=[allow(*EVERYONE)])
def renewed(order_id: str, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Who reloads the answer, or reads it in another language, gets the quote."""
    return RedirectResponse(_home(own_quote(session, principal, order_id)), 303)


def _home(order: Order) -> str:
    return "/basket" if order.basket_id is not None else f"/order/{order.id}"


@router.post("/order/{order_id}/renewal", dependencies=[allow(*EVERYONE)])
def renew(
    request: Request,
    order_id: str,
    sent: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Held anew, with what was typed beside it. What cannot be made any more goes to the configurator, which
    says why."""
    order = own_quote(session, principal, order_id)
    if order.stage not in OPEN:
        return RedirectResponse(f"/track/{order.tracking_token}", 303)
    typed = {name: sent.fields.get(name, "") for name in FIELDS}
    nothing_new = typed == known(session, principal, order) or not any(typed.values())
    status, problem = 200, ""
    try:
        _renewed(request, session, order, principal, now)
    except Invalid:
        return RedirectResponse(to_mend(session, order), 303)
    except CosmoError as error:
        status, problem = error.status, error.detail
    if not problem and nothing_new:
        return RedirectResponse(_home(order), 303)
    orders = basket_of(session, principal) if order.basket_id is not None else [order]
    return order_page(
        request, session, orders, _home(order), now, locale, principal,
        status=status, typed=None if nothing_new else typed, problem=problem,
    )  # fmt: skip


def _renewed(request: Request, session: Session, order: Order, principal: Principal, now: Now) -> None:
    not_too_often(request, principal)
    service = order.promise.get("service") or None
    with session.begin_nested():  # refused half way, the quote is as it was
        requote(session, order.id, requester=requester_of(principal), now=now, service=service)
