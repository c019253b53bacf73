"""Drafts: a configuration that is kept is an order in stage *draft*; the quote of it is the same order."""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.i18n import N_
from cosmo.lifecycle import lock
from cosmo.orders import Address, Order
from cosmo.parties import Plant
from cosmo.ports import Ask
from cosmo.requester import Requester
from cosmo.stages import Stage


class NoDraft(Conflict):
    type, title = "no-draft", "This is not a draft any more"


def draft(
    session: Session, ask: Ask, plant: Plant, requester: Requester, now: Now, remake_of: str | None = None
) -> Order:
    """A new order in stage *draft*: nothing is resolved, priced or held."""
    order = Order(
        manufacturer_id=plant.manufacturer_id,
        plant_id=plant.id,
        customer_id=requester.customer_id,
        session_id=requester.session_id,
        family=ask.family,
        quantity=ask.quantity,
        created_at=now.business,
        remake_of=remake_of,
    )
    _write(session, order, ask)
    return order


def rewrite(session: Session, order_id: str, ask: Ask) -> Order:
    """The draft with other choices, of the same family. Raises `NoDraft`."""
    order = locked_draft(session, order_id)
    if order.family != ask.family:
        raise NoDraft(N_("A design stays of its own product. Save this one as another design."))
    _write(session, order, ask)
    return order


def discard(session: Session, order_id: str) -> None:
    """Forget the draft and where it was to go. Nothing has happened to it, so nothing is told of it. Raises
    `NoDraft`."""
    order = locked_draft(session, order_id)
    address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    session.delete(order)
    session.flush()
    if address is not None:
        session.delete(address)
        session.flush()


def locked_draft(session: Session, order_id: str) -> Order:
    """The draft, locked. Raises `NoDraft`."""
    order = lock(session, order_id)
    if order.stage != Stage.DRAFT:
        raise NoDraft(N_("This is quoted or ordered already. Save it as another design."))
    return order


def _write(session: Session, order: Order, ask: Ask) -> None:
    address = (session.get(Address, order.ship_to_id) if order.ship_to_id else None) or Address()
    to = ask.ship_to
    for name in ("name", "street", "city", "postal_code", "country"):
        setattr(address, name, getattr(to, name))
    session.add(address)
    session.flush()
    order.ship_to_id = address.id
    order.selections, order.pieces, order.offer_code = dict(ask.selections), list(ask.pieces), ask.code
    order.quantity, order.locale, order.requested_date = ask.quantity, ask.locale, ask.requested_date
    session.add(order)
    session.flush()
