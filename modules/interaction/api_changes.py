"""/api/v1 of interaction: what may still change of a placed order, and the change itself, shown first."""

from fastapi import APIRouter, Request
from sqlmodel import Session

from cosmo.access import order_for
from cosmo.changing import ChangeMoved, change, propose
from cosmo.clock import Now
from cosmo.freezing import Frozen
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.proposals import Proposal, Wish, wish_for
from modules.interaction import service
from modules.interaction.change_shapes import change_out, order_anew, points_out
from modules.interaction.schemas import AddressChangedOut, ChangeIn, ChangeOut, FreezePointOut
from web.deps import ORDERING, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.ordering import not_too_often
from web.problems import PROBLEMS
from web.site import site

router = APIRouter(prefix="/api/v1", tags=["interaction"], responses=PROBLEMS)


@router.get("/orders/{order_id}/changes", dependencies=[allow(*ORDERING)])
def changes(
    order_id: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale, token: str | None = None
) -> list[FreezePointOut]:
    """Until when each option, the quantity and the address may change, and what is too late and why."""
    return points_out(session, order_for(session, principal, order_id, token), locale)


@router.post("/orders/{order_id}/changes", dependencies=[allow(*ORDERING)])
def post_change(
    request: Request,
    order_id: str,
    body: ChangeIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    token: str | None = None,
) -> ChangeOut | AddressChangedOut:
    """Another address while it is not packed; or other choices and another quantity: without `signature` the
    answer says what they do to price, date and others, and with the answer's signature exactly that is done.

    409 `change-moved` with the change as it is now in `change`, if it is no longer as signed; 409 `frozen`
    with what has begun in `frozen`, and in `reorder_url` where the changed product can be ordered anew.
    """
    order = order_for(session, principal, order_id, token)
    if body.ship_to is not None:
        order = service.change_address(session, order.id, body.ship_to, actor=principal.actor, now=now)
        return AddressChangedOut(id=order.id, stage=order.stage, promised_date=order.promised_date)
    secret = site(request).settings.secret
    try:
        if body.signature is None:
            not_too_often(request, principal)
        found = _asked(session, order, body, principal, secret, now, locale)
    except Frozen as frozen:
        wish = wish_of(body, order, locale)
        frozen.extra["reorder_url"] = order_anew(session, order, dict(wish.selections), wish.quantity)
        raise
    except ChangeMoved as moved:
        told = change_out(moved.proposal, secret, locale, confirmed=False)
        moved.extra["change"] = told.model_dump(mode="json")
        raise
    return change_out(found, secret, locale, confirmed=body.signature is not None)


def wish_of(body: ChangeIn, order: Order, locale: str) -> Wish:
    """The order as it would be after the change."""
    return wish_for(order, body.selections or {}, body.quantity, locale)


def _asked(
    session: Session, order: Order, body: ChangeIn, principal: Principal, secret: str, now: Now, locale: str
) -> Proposal:
    def wished(current: Order) -> Wish:
        return wish_of(body, current, locale)

    if body.signature is None:
        return propose(session, order.id, wished, actor=principal.actor, now=now)
    return change(
        session, order.id, wished, secret=secret, signature=body.signature, actor=principal.actor, now=now
    )
