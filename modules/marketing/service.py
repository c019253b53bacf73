"""The verbs of marketing: make an offer, agree terms; price lists are in lists.py."""

from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.orders import StandardProduct
from cosmo.parties import Plant
from modules.marketing.models import CustomerTerms, Offer
from modules.marketing.schemas import OfferIn


def offers(session: Session, plant_id: str) -> list[Offer]:
    query = select(Offer).where(Offer.plant_id == plant_id)
    return list(session.exec(query.order_by(col(Offer.family), col(Offer.from_quantity))))


def make_offer(session: Session, plant: Plant, wish: OfferIn, now: Now) -> Offer:
    """A quantity offer from now on."""
    product = session.get(StandardProduct, wish.family)
    if product is None or product.plant_id != plant.id:
        raise Invalid("Choose a product family of this plant.")
    row = Offer(
        plant_id=plant.id,
        family=wish.family,
        name={"en": wish.name},
        percent=wish.percent,
        from_quantity=wish.from_quantity,
        valid_from=now.business,
    )
    session.add(row)
    session.flush()
    return row


def end_offer(session: Session, plant: Plant, offer_id: str, now: Now) -> Offer:
    """The offer no longer counts from now on; quotes already given keep their price."""
    row = session.get(Offer, offer_id)
    if row is None or row.plant_id != plant.id:
        raise NotFound("There is no such offer here.")
    if row.valid_to is not None:
        raise Conflict("This offer has ended already.")
    row.valid_to = now.business
    session.add(row)
    return row


def agree_terms(session: Session, manufacturer_id: str, customer_id: str, terms: str) -> CustomerTerms:
    """`prepaid`, `deposit:<percent>` or `account:<days>` for one customer."""
    kind, _, figure = terms.partition(":")
    if kind not in ("prepaid", "deposit", "account") or (kind == "prepaid") != (figure == ""):
        raise Invalid("Terms are prepaid, deposit:<percent> or account:<days>.")
    if figure and not (figure.isdigit() and 0 < Decimal(figure) <= (100 if kind == "deposit" else 365)):
        raise Invalid("A deposit is 1 to 100 percent; an account runs 1 to 365 days.")
    return session.merge(CustomerTerms(manufacturer_id=manufacturer_id, customer_id=customer_id, terms=terms))
