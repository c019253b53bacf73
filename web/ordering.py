"""Who asks for a quote or places one, as the kernel wants to know it; for the API and the shop's pages."""

from fastapi import Request
from sqlmodel import Session

from cosmo.access import quote_for
from cosmo.errors import NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Role
from cosmo.ports import Ask
from cosmo.quoting import Requester, plant_of
from web.site import site
from web.visits import visit_of


def customer_of(principal: Principal) -> str | None:
    """The customer's party, whose price lists and terms count; None for everybody else."""
    return principal.party_id if principal.role == Role.CUSTOMER else None


def requester_of(principal: Principal) -> Requester:
    """A customer asks for their party, a guest for their session, a plant's people for whoever they name."""
    customer = customer_of(principal)
    session_id = principal.session_id if principal.role == Role.GUEST else None
    return Requester(actor=principal.actor, session_id=session_id, customer_id=customer)


def may_ask(request: Request, session: Session, principal: Principal, ask: Ask) -> None:
    """Raises `TooMany` for a guest who floods, `NotFound` for a plant's people asking at another plant."""
    not_too_often(request, principal)
    if principal.of_plant and plant_of(session, ask).manufacturer_id != principal.party_id:
        raise NotFound(N_("Your plant does not make this product."))


def not_too_often(request: Request, principal: Principal) -> None:
    """Raises `TooMany` for a guest who floods with quotes, new ones or the same ones anew."""
    if principal.role != Role.GUEST:
        return
    limiter = site(request).limiter
    limiter.hit("guest-quote-address", request.client.host if request.client else "")
    if visit_of(request).sent is not None and principal.session_id is not None:
        limiter.hit("guest-quote", principal.session_id)


def quotes_to_place(
    request: Request, session: Session, principal: Principal, quote_ids: list[str]
) -> list[Order]:
    """The quotes, if the principal may place every one of them. Raises `NotFound`."""
    has_browser = visit_of(request).sent is not None
    return [quote_for(session, principal, quote_id, has_browser=has_browser) for quote_id in quote_ids]


def tracking_url(request: Request, order: Order) -> str:
    """The customer's page; whoever holds this address may follow the order."""
    return f"{site(request).settings.base_url.rstrip('/')}/track/{order.tracking_token}"
