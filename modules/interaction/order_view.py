"""What the order form and the basket show of quotes, and what they make of the address typed there."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from cosmo import formats
from cosmo.access import orders_visible
from cosmo.asking import all_families
from cosmo.clock import Now
from cosmo.i18n import N_, gettext, pick, sentences
from cosmo.identity import Principal
from cosmo.orders import Address, Order
from cosmo.parties import Party, Plant
from cosmo.placing import MovedOffer
from cosmo.promise import Promise, ship_to_of, spec_of
from cosmo.quoting import Requester, requote
from cosmo.stages import Stage
from cosmo.taxes import tax_of, with_tax
from modules.interaction.asking import drawn_from
from modules.interaction.origins import again
from modules.interaction.renewing import changed_words
from modules.interaction.schemas import CheckoutIn
from modules.interaction.words import hinge, wished
from web import vat
from web.amounts import counted
from web.drawing.pictures import picture, tint

PLAIN = "plain"
"""The drawing of a family that is no longer sold."""
FIELDS = ("name", "email", "phone", "street", "postal_code", "city", "country")
PROBLEMS = {
    "name": N_("Write the name for the door."),
    "email": N_("Write an e-mail address, so that we can tell you where your order is."),
    "phone": N_("At most 40 characters."),
    "street": N_("Write street and number."),
    "postal_code": N_("Write the postal code."),
    "city": N_("Write the city."),
    "country": N_("Two letters, such as DE."),
}


def said_wrong(error: ValidationError) -> dict[str, str]:
    """Field -> what to write there instead (a msgid)."""
    return {name: PROBLEMS[name] for name in (str(e["loc"][0]) for e in error.errors()) if name in PROBLEMS}


def shown(session: Session, order: Order, locale: str) -> dict[str, Any]:
    """One quote as the order form and the basket show it."""
    plant = session.get_one(Plant, order.plant_id)
    drawing, unit = drawn_as(session, order.family)
    promise = Promise.model_validate(order.promise)
    return {
        "order": order,
        "plant": plant,
        "spec": spec_of(session, order.id),
        "promise": promise,
        "count": counted(order.quantity, unit, locale),
        "picture": picture(drawing, looks_of(session, order), uid=f"q-{order.id}"),
        "tint": tint(drawing, order.selections),
        "hinge": hinge(promise.hinges_on, locale, plant.timezone),
        "changed": changed_words(order, plant.timezone, locale),
        "wish": wished(order.requested_date, promise.delivery_date, locale),
        "lines": [(pick(x["text"], locale), Decimal(x["amount"])) for x in order.price_lines],
        "vat": vat.on_order(session, order, locale),
        "rounding": vat.rounding(order.price_currency, locale),
    }


def held_until(orders: Sequence[Order], timezone: str, now: Now, locale: str) -> dict[str, str] | None:
    """Until when (wall) the first of them holds: for people, and with the server's time for a countdown."""
    until = min((order.quote_expires_at for order in orders if order.quote_expires_at), default=None)
    if until is None:
        return None
    today = formats.day_of(until, timezone) == formats.day_of(now.wall, timezone)
    words = formats.clock(until, locale, timezone)
    if not today:
        words = formats.daytime(until, locale, timezone, now.wall)
    return {"words": words, "until": until.isoformat(), "now": now.wall.isoformat()}


def looks_of(session: Session, order: Order) -> dict[str, Any]:
    """What the order's picture is drawn from."""
    return drawn_from(session, order.manufacturer_id, order.family, order.selections)


def listed(session: Session, order: Order, pieces: int, locale: str) -> dict[str, Any]:
    """One order in a list; `pieces` come."""
    drawing, unit = drawn_as(session, order.family)
    count = counted(pieces, unit, locale)
    again = again_of(session, order) if drawing != PLAIN else ""
    return {"order": order, "spec": spec_of(session, order.id), "count": count, "again": again}


def again_of(session: Session, order: Order) -> str:
    """The configurator with the choices of this order."""
    return again(order, ship_to_of(session, order), str(order.promise.get("service") or ""))


def drawn_as(session: Session, family: str) -> tuple[str, str]:
    """The family's drawing and unit; plain for one that is no longer sold."""
    for card in all_families(session):
        if card.slug == family:
            return card.drawing, card.unit
    return PLAIN, "pcs"


def known(session: Session, principal: Principal, order: Order) -> dict[str, str]:
    """What is known already: the signed-in customer's name, the address asked for."""
    own = not principal.of_plant and principal.party_id is not None
    party = session.get(Party, principal.party_id) if own else None
    address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    found = {name: getattr(address, name, "") or "" for name in FIELDS}
    if party is not None:
        found |= {"name": found["name"] or party.name, "email": party.email or "", "phone": party.phone or ""}
    return found


def is_expired(order: Order, now: Now) -> bool:
    """Its place is free again: lapsed, or its time (wall) is over."""
    over = order.quote_expires_at is None or order.quote_expires_at <= now.wall
    return order.stage == Stage.LAPSED or (order.stage == Stage.QUOTED and over)


def basket_of(session: Session, principal: Principal) -> list[Order]:
    """The visitor's kept quotes, expired ones too; nobody who works for a plant has a basket."""
    if principal.of_plant:
        return []
    kept = col(Order.stage).in_((Stage.QUOTED, Stage.LAPSED))
    query = select(Order).where(orders_visible(principal), kept, col(Order.basket_id).is_not(None))
    return list(session.exec(query.order_by(col(Order.created_at), col(Order.id))))


def send_to(
    session: Session, orders: Sequence[Order], wish: CheckoutIn, requester: Requester, now: Now, locale: str
) -> str:
    """Write the address to the quotes. Where one goes elsewhere than it was asked for and that makes it later
    or dearer, all are held anew and the sentence says so: nothing is placed for more than was shown."""
    changes = [
        told
        for order in sorted(orders, key=lambda o: o.id)
        if (told := _readdress(session, order, wish, requester, now, locale))
    ]
    return sentences(changes, locale)


def _readdress(
    session: Session, order: Order, wish: CheckoutIn, requester: Requester, now: Now, locale: str
) -> str:
    address = (session.get(Address, order.ship_to_id) if order.ship_to_id else None) or Address()
    shown = order.price_amount, with_tax(session, order, order.price_amount)
    elsewhere = (address.country, address.postal_code or wish.postal_code) != (wish.country, wish.postal_code)
    for name in ("name", "street", "city", "postal_code", "country"):
        setattr(address, name, getattr(wish, name))
    session.add(address)
    session.flush()
    order.ship_to_id = address.id
    session.add(order)
    return _asked_anew(session, order, requester, now, locale, shown) if elsewhere else ""


def _asked_anew(
    session: Session,
    order: Order,
    requester: Requester,
    now: Now,
    locale: str,
    shown: tuple[Decimal, Decimal],
) -> str:
    """`shown`: the price so far, before tax and with it. Where either rises, or the tax comes or goes, it is
    asked."""
    day = order.promised_date
    service = order.promise.get("service") or None
    requote(session, order.id, requester=requester, now=now, service=service)
    assert order.promised_date is not None
    net, paid = order.price_amount, with_tax(session, order, order.price_amount)
    dearer = net > shown[0] or paid > shown[1] or (net == paid) != (shown[0] == shown[1])
    if (day is None or order.promised_date <= day) and not dearer:
        return ""
    return gettext(
        locale,
        N_("Sent there it arrives on {day} and costs {price}. Order again to accept it."),
        day=formats.day(order.promised_date, locale),
        price=_with_tax_in_words(session, order, locale),
    )


def _with_tax_in_words(session: Session, order: Order, locale: str) -> str:
    net = formats.money(order.price_amount, order.price_currency, locale)
    tax = tax_of(session, order, order.price_amount)
    return f"{net} ({vat.brief(tax, order.price_currency, locale)})" if tax else net


def moved_words(moved: MovedOffer, locale: str) -> str:
    """Time overtook the held place; the later one is held now."""
    return gettext(
        locale,
        N_(
            "The place behind {old} is gone. The earliest is now {new}, held for you. Order again to take it."
        ),
        old=formats.day(moved.old, locale),
        new=formats.day(moved.new, locale),
    )
