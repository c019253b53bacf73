"""What the pages of saved designs show: a design as it looks, and two of them side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from cosmo import formats
from cosmo.asking import all_families, answerers_at
from cosmo.clock import Now
from cosmo.i18n import N_, gettext, pick
from cosmo.orders import Order
from cosmo.ports import FamilyCard
from cosmo.promise import Offer, ship_to_of
from cosmo.stages import Stage
from modules.interaction import selecting, uploads
from modules.interaction.asking import ask_configurator, drawn_from
from modules.interaction.changes_view import value_told
from modules.interaction.designs import Saved
from modules.interaction.order_view import is_expired
from modules.interaction.renewing import days_told
from web.amounts import counted
from web.drawing.captions import caption
from web.drawing.pictures import picture, tint

NOT_SOLD = N_("This product is not offered any more.")
SAME = N_("–")


@dataclass(frozen=True, slots=True)
class Shown:
    """One design with what it costs and when it comes now. `facts`: option -> (its name, the value in
    words)."""

    saved: Saved
    card: FamilyCard | None
    picture: Markup
    tint: str
    href: str
    facts: Mapping[str, tuple[str, str]]
    offer: Offer | None
    problem: str
    day: str = ""
    price: str = ""


def cards(session: Session) -> dict[str, FamilyCard]:
    """Every family that is offered, by slug."""
    return {card.slug: card for card in all_families(session)}


def row(session: Session, saved: Saved, card: FamilyCard | None, now: Now, locale: str) -> dict[str, Any]:
    """One line of My designs."""
    order = saved.order
    unit = card.unit if card else "pcs"
    return {
        "design": saved.design,
        "product": pick(card.name, locale) if card else order.family,
        "count": counted(order.quantity, unit, locale),
        "picture": _picture(session, card, order, f"d-{saved.design.id}", locale),
        "tint": tint(card.drawing, order.selections) if card else "",
        "href": opened(session, saved) if card else "",
        "problem": "" if card else gettext(locale, NOT_SOLD),
        "quote": f"/order/{order.id}" if order.stage == Stage.QUOTED and not is_expired(order, now) else "",
    }


def opened(session: Session, saved: Saved) -> str:
    """The configurator with this design open."""
    order, design = saved.order, saved.design
    return selecting.address(
        order.family, order.selections, order.quantity, ship_to_of(session, order), design.service,
        requested=order.requested_date, code=order.offer_code, design=design.id,
    )  # fmt: skip


def taken(saved: Saved) -> str:
    """The configurator with a shared design's choices; where it was to go is nobody else's business."""
    order = saved.order
    there = selecting.address(order.family, order.selections, order.quantity, selecting.ship_to_of({}))
    return f"{there}&shared={saved.design.share_key}"


def _picture(session: Session, card: FamilyCard | None, order: Order, uid: str, locale: str) -> Markup:
    looks = drawn_from(session, order.manufacturer_id, order.family, order.selections)
    drawing = card.drawing if card else "plain"
    return picture(drawing, looks, uid=uid, title=caption(drawing, looks, locale))


def shown(session: Session, saved: Saved, now: Now, locale: str, *, private: bool = True) -> Shown:
    """The design with today's price and day; without `private` asked for as if nobody had said where it is
    to go."""
    order, design = saved.order, saved.design
    card = cards(session).get(order.family)
    look = _picture(session, card, order, f"d-{design.id}", locale)
    if card is None:
        return Shown(saved, None, look, "", "", {}, None, gettext(locale, NOT_SOLD))
    to = ship_to_of(session, order) if private else selecting.ship_to_of({})
    told = ask_configurator(
        session, card.slug, order.selections, order.quantity, to, locale, now,
        service=(design.service or None) if private else None, code=order.offer_code if private else "",
        customer_id=order.customer_id if private else None,
        requested=order.requested_date if private else None,
    )  # fmt: skip
    return Shown(
        saved, card, look, tint(card.drawing, order.selections),
        opened(session, saved) if private else taken(saved),
        facts(session, card, order, locale), told.offer, told.problem,
        **(_answered(told.offer, locale) if told.offer else {}),
    )  # fmt: skip


def _answered(offer: Offer, locale: str) -> dict[str, str]:
    price = offer.price
    return {
        "day": formats.day(offer.promise.delivery_date, locale),
        "price": formats.money(price.amount, price.currency, locale),
    }


def facts(session: Session, card: FamilyCard, order: Order, locale: str) -> dict[str, tuple[str, str]]:
    """What is chosen, in the order of the options; what the family does not know any more comes last."""
    options = answerers_at(session, card.manufacturer_id).configurator.describe(session, card.slug, locale)
    files = uploads.told(session, options["options"], order.selections)
    found: dict[str, tuple[str, str]] = {}
    for option in options["options"]:
        name = str(option["id"])
        value = str(order.selections.get(name) or "")
        if value:
            told = files[name]["name"] if name in files else value_told(option, value, locale)
            found[name] = (str(option["name"]), told)
    for name, value in order.selections.items():
        if name not in found and value not in (None, ""):
            found[name] = (name, str(value))
    quantity = gettext(locale, N_("How many"))
    return {**found, "quantity": (quantity, counted(order.quantity, card.unit, locale))}


def beside(one: Shown, other: Shown, locale: str) -> dict[str, Any]:
    """Two designs' facts: what differs, then what is the same; and what the second one gains or costs."""
    names = [*one.facts, *(name for name in other.facts if name not in one.facts)]
    names = [name for name in names if name != "quantity"] + ["quantity"]
    none = ("", gettext(locale, SAME))
    lines = []
    for name in names:
        left, right = one.facts.get(name, none), other.facts.get(name, none)
        if left is not none or right is not none:
            lines.append({"label": left[0] or right[0], "left": left[1], "right": right[1]})
    return {
        "differ": [line for line in lines if line["left"] != line["right"]],
        "same": [line for line in lines if line["left"] == line["right"]],
        "says": _says(one, other, locale),
    }


def _says(one: Shown, other: Shown, locale: str) -> str:
    """ "Holiday mug beside Plain mug: 2 days later; €38.00 more"; empty where one of them has no price."""
    if one.offer is None or other.offer is None:
        return ""
    days = days_told((other.offer.promise.delivery_date - one.offer.promise.delivery_date).days, locale)
    prices = one.offer.price, other.offer.price
    price = ""
    if prices[0].currency == prices[1].currency and prices[0].amount != prices[1].amount:
        price = _difference(prices[1].amount - prices[0].amount, prices[1].currency, locale)
    told = [days or gettext(locale, N_("the same day")), price or gettext(locale, N_("same price"))]
    return gettext(
        locale,
        N_("“{second}” beside “{first}”: {difference}."),
        first=one.saved.design.title,
        second=other.saved.design.title,
        difference=gettext(locale, N_("; ")).join(told),
    )


def _difference(amount: Decimal, currency: str, locale: str) -> str:
    msgid = N_("{amount} more") if amount > 0 else N_("{amount} less")
    return gettext(locale, msgid, amount=formats.money(abs(amount), currency, locale))
