"""One order through the API: what it is, what happened, what cancelling costs, money that came in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlmodel import Session, col, select

from cosmo.access import order_for, orders_visible, owns
from cosmo.cancelling import Cost, cancel, cost_of_cancelling
from cosmo.codes import issue_code, use_code
from cosmo.errors import Invalid
from cosmo.events import events_after
from cosmo.i18n import gettext
from cosmo.identity import Principal
from cosmo.ledger import balance, record_payment
from cosmo.mail import queue
from cosmo.orders import Address, Order
from cosmo.parties import Plant, Role
from cosmo.stages import Stage
from web.api_schemas import (
    CancellationIn,
    CancelledOut,
    CodeSentOut,
    CostOut,
    EventOut,
    OrderOut,
    PaymentIn,
    PaymentOut,
    SpentOut,
)
from web.deps import ORDERING, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.ordering import tracking_url
from web.problems import PROBLEMS
from web.shapes import price_of, promise_of
from web.site import site
from web.streams import audience_of, event_out

router = APIRouter(prefix="/api/v1/orders", tags=["orders"], responses=PROBLEMS)
Token = Annotated[str | None, Query(max_length=100)]
CANCELLING = (Role.GUEST, Role.CUSTOMER, Role.PLANNER, Role.SELLER, Role.SERVICE)


@router.get("", dependencies=[allow(*ORDERING)])
def get_orders(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    stage: Stage | None = None,
    held: bool | None = None,
    after: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[OrderOut]:
    """Orders you may see, by id; `after` is the last id of the page before."""
    query = select(Order).where(orders_visible(principal), col(Order.id) > after)
    if stage is not None:
        query = query.where(Order.stage == stage)
    if held is not None:
        query = query.where(Order.held == held)
    found = session.exec(query.order_by(Order.id).limit(limit)).all()
    kept = _what_their_tax_hangs_on(session, found)
    told = [_order(request, session, order, principal, locale) for order in found]
    del kept
    return told


def _what_their_tax_hangs_on(session: Session, orders: Sequence[Order]) -> list[Address | Plant]:
    """Plants and addresses of the orders, read at once; the session knows them as long as they are held."""
    addresses = select(Address).where(col(Address.id).in_({order.ship_to_id for order in orders}))
    plants = select(Plant).where(col(Plant.id).in_({order.plant_id for order in orders}))
    return [*session.exec(addresses), *session.exec(plants)]


@router.get("/{order_id}", dependencies=[allow(*ORDERING)])
def get_order(
    request: Request,
    order_id: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    token: Token = None,
) -> OrderOut:
    """The order as it stands."""
    return _order(request, session, order_for(session, principal, order_id, token), principal, locale)


@router.get("/{order_id}/events", dependencies=[allow(*ORDERING)])
def get_events(
    order_id: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    after: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    token: Token = None,
) -> list[EventOut]:
    """What happened, in order; `after` is the last `seq` you know."""
    order = order_for(session, principal, order_id, token)
    audience = audience_of(principal)
    told = (
        event_out(session, order, e, audience, locale) for e in events_after(session, order_id, after, limit)
    )
    return [EventOut.model_validate(event) for event in told if event is not None]


@router.get("/{order_id}/cancellation", dependencies=[allow(*CANCELLING)])
def get_cancellation(
    order_id: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale, token: Token = None
) -> CostOut:
    """What cancelling now would keep, and for what, and give back; 409 where it is too late."""
    cost = cost_of_cancelling(session, order_for(session, principal, order_id, token))
    return CostOut(**_cost(cost, locale))


def _cost(cost: Cost, locale: str) -> dict[str, Any]:
    lines = [SpentOut(text=gettext(locale, line.text), amount=str(line.amount)) for line in cost.lines]
    return {"fee": str(cost.fee), "back": str(cost.back), "currency": cost.currency, "lines": lines}


@router.post("/{order_id}/cancellation", dependencies=[allow(*CANCELLING)])
def post_cancellation(
    request: Request,
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    body: CancellationIn | None = None,
    token: Token = None,
) -> CancelledOut:
    """Cancel. With a tracking token alone, `code` from the order's e-mail is needed as well."""
    order = order_for(session, principal, order_id, token)
    if not owns(session, principal, order_id):
        if body is None or body.code is None:
            raise Invalid(
                "A code sent to the order's e-mail is needed: POST .../cancellation/code first.", field="code"
            )
        site(request).limiter.hit("code", order_id)
        use_code(session, order_id, "cancel", body.code, now)
    cost = cost_of_cancelling(session, order)
    reason = "plant" if principal.of_plant else "customer"
    cancel(session, order_id, reason=reason, actor=principal.actor, now=now)
    return CancelledOut(id=order_id, stage=order.stage, **_cost(cost, locale))


@router.post("/{order_id}/cancellation/code", status_code=202, dependencies=[allow(*CANCELLING)])
def post_cancellation_code(
    request: Request,
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    token: Token = None,
) -> CodeSentOut:
    """Send the code for cancelling to the order's e-mail address."""
    order = order_for(session, principal, order_id, token)
    cost_of_cancelling(session, order)
    site(request).limiter.hit("code", order_id)
    queue(session, order, "code", now, code=issue_code(session, order_id, "cancel", now))
    return CodeSentOut(sent="email")


@router.post("/{order_id}/payments", status_code=201, dependencies=[allow(Role.SELLER)])
def post_payment(
    order_id: str, body: PaymentIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> PaymentOut:
    """Record money that came in; an open deposit is cleared once enough is paid."""
    order = order_for(session, principal, order_id)
    record_payment(session, order_id, body.amount, body.reference, now, actor=principal.actor)
    return PaymentOut(
        order_id=order_id, balance=_plain(balance(session, order_id)), currency=order.price_currency
    )


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


def _order(
    request: Request, session: Session, order: Order, principal: Principal, locale: str
) -> OrderOut:
    told: dict[str, Any] = {
        name: getattr(order, name) for name in OrderOut.model_fields if hasattr(order, name)
    }
    told["price"], told["promise"] = price_of(session, order, locale), promise_of(order, locale)
    told["tracking_url"] = tracking_url(request, order) if order.number else None
    return OrderOut(**told)
