"""The one place that says which rows somebody may see. What one may not see does not exist: `NotFound`.

A plant's people are its manufacturer's: a planner, operator, engineer, seller or service agent works at all
the manufacturer's sites and sees what is there. Which site is meant is a question of the address, not of
rights. Sites whose people must not see each other are manufacturers of their own.
"""

import hmac

from sqlalchemy import ColumnElement, false, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from cosmo.errors import NotFound
from cosmo.identity import Principal
from cosmo.orders import Basket, Order
from cosmo.parties import Account, Party, Plant, Role
from cosmo.stages import Stage

_UNPLACED = (Stage.DRAFT, Stage.QUOTED, Stage.LAPSED)
NO_ORDER = "There is no such order here. Check the link, or sign in as whoever ordered."


def orders_visible(principal: Principal) -> ColumnElement[bool]:
    """Filter for `Order`: a customer's own, a guest session's own, a plant's for those who work there.

    Suppliers and carriers see demand and shipments, never the order; the platform sees no tenant's designs.
    A draft is a saved design, and no order yet: it is in nobody's orders (see `saved_visible`).
    """
    if principal.of_plant:
        return (col(Order.manufacturer_id) == principal.party_id) & _no_draft()
    return saved_visible(principal) & _no_draft()


def _no_draft() -> ColumnElement[bool]:
    return col(Order.stage) != Stage.DRAFT


def saved_visible(principal: Principal) -> ColumnElement[bool]:
    """Filter for `Order`: what a customer's party or a guest's session has saved or asked for, drafts too.
    A plant's people save nothing, and see no design before it is quoted."""
    if principal.role == Role.CUSTOMER and principal.party_id is not None:  # else what nobody has claimed
        return col(Order.customer_id) == principal.party_id
    if principal.role == Role.GUEST and principal.session_id is not None:
        return col(Order.session_id) == principal.session_id
    return false()


def customers_of(session: Session, principal: Principal) -> list[Party]:
    """Customers with an account who have ordered at the manufacturer the principal works for, by name."""
    if not principal.of_plant:
        return []
    ordered = select_rows(Order.customer_id).where(
        col(Order.manufacturer_id) == principal.party_id, col(Order.stage).not_in(_UNPLACED)
    )
    known = select_rows(Account.party_id)
    query = select_rows(Party).where(col(Party.id).in_(ordered), col(Party.id).in_(known))
    return list(session.exec(query.order_by(col(Party.name), col(Party.id))))


def sees(principal: Principal, order: Order) -> bool:
    """What `orders_visible` says of one order that is at hand."""
    if order.stage == Stage.DRAFT:
        return False
    if principal.of_plant:
        return order.manufacturer_id == principal.party_id
    if principal.role == Role.CUSTOMER and principal.party_id is not None:
        return order.customer_id == principal.party_id
    guest_here = principal.role == Role.GUEST and principal.session_id is not None
    return guest_here and order.session_id == principal.session_id


def order_for(session: Session, principal: Principal, order_id: str, token: str | None = None) -> Order:
    """The order if the principal may see it, or if `token` is its tracking token. Raises `NotFound`."""
    query = select_rows(Order).where(Order.id == order_id)
    if token is None:
        query = query.where(orders_visible(principal))
    order = session.exec(query).one_or_none()
    if order is None or (token is not None and not _same(order.tracking_token, token)):
        raise NotFound(NO_ORDER)
    return order


def owns(session: Session, principal: Principal, order_id: str) -> bool:
    """Theirs by who they are, not by a link that somebody may have passed on."""
    query = select_rows(Order.id).where(Order.id == order_id, orders_visible(principal))
    return session.exec(query).first() is not None


def quote_for(session: Session, principal: Principal, quote_id: str, *, has_browser: bool) -> Order:
    """The quote if the principal may place it. Raises `NotFound`.

    Programs that keep no cookies have no session to be known by: for them, knowing the id of a quote that
    nobody has claimed yet (80 random bits) is enough. A browser with a session places only its own.
    """
    order = session.get(Order, quote_id)
    if order is None or not may_place(principal, order, has_browser=has_browser):
        raise NotFound(NO_ORDER)
    return order


def may_place(principal: Principal, order: Order, *, has_browser: bool) -> bool:
    """What `quote_for` says of one order that is at hand."""
    unclaimed = order.customer_id is None and order.stage in (Stage.QUOTED, Stage.LAPSED)
    return (unclaimed and not has_browser) or sees(principal, order)


def order_by_token(session: Session, token: str) -> Order:
    """The order a tracking link leads to; whoever holds the link may follow it. Raises `NotFound`."""
    order = session.exec(select_rows(Order).where(Order.tracking_token == token)).one_or_none()
    if order is None:
        raise NotFound("This tracking link leads nowhere. Check that it is complete.")
    return order


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def basket_for(session: Session, principal: Principal, basket_id: str) -> Basket:
    """The basket, if one of its orders is visible to the principal. Raises `NotFound`."""
    seen = select(col(Order.basket_id)).where(orders_visible(principal))
    query = select_rows(Basket).where(Basket.id == basket_id, col(Basket.id).in_(seen))
    basket = session.exec(query).one_or_none()
    if basket is None:
        raise NotFound("There is no such basket here.")
    return basket


def plants_of(session: Session, principal: Principal) -> list[Plant]:
    """The plants the principal works for; none for anybody else."""
    if not principal.of_plant:
        return []
    query = select_rows(Plant).where(Plant.manufacturer_id == principal.party_id)
    return list(session.exec(query.order_by(Plant.slug)))


def plant_for(session: Session, principal: Principal, slug: str) -> Plant:
    """The plant of that slug if the principal works for it. Raises `NotFound`."""
    for plant in plants_of(session, principal):
        if plant.slug == slug:
            return plant
    raise NotFound("There is no such plant here.")


def plant_named(session: Session, slug: str) -> Plant:
    """The plant of that slug, for what everybody may know of it. Raises `NotFound`."""
    plant = session.exec(select_rows(Plant).where(Plant.slug == slug)).one_or_none()
    if plant is None:
        raise NotFound("There is no such plant here.")
    return plant
