"""What a frozen quote says on paper, in one language: the page that is printed and the PDF say the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from markupsafe import Markup
from sqlmodel import Session

from cosmo import formats
from cosmo.asking import all_families, answerers_for
from cosmo.cancelling import Stated, stated_terms
from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.freezing import QUANTITY, freezing_of
from cosmo.i18n import N_, gettext, pick
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import ShipTo
from cosmo.promise import Promise, ship_to_of, spec_of
from cosmo.stages import Stage
from cosmo.zones import instant, same_clock, zone_of
from modules.interaction.configure_view import odds
from modules.interaction.designs_view import facts
from modules.interaction.order_view import drawn_as, is_expired, looks_of
from modules.interaction.words import hinge, wished
from web import vat
from web.amounts import counted
from web.drawing.pictures import picture

UNTIL = N_("Until “{operation}” begins, planned for {day}")
UNTIL_BEGUN = N_("Until “{operation}” begins")
PROOF = N_("The date stands if you approve the proof by {when}.")
ALREADY = N_("This quote is an order already.")
TERMS = {
    "prepaid": N_("Paid when it is ordered."),
    "deposit": N_("{figure} % when it is ordered, before making begins; the rest with the invoice."),
    "account": N_("On account: {figure} days after the invoice."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the price; `each` is empty for what has no price of one."""

    text: str
    each: str
    amount: str


@dataclass(frozen=True, slots=True)
class QuotePaper:
    """All words of the paper, ready to be set."""

    locale: str
    id: str
    made_at: datetime
    plant: str
    plant_address: tuple[str, ...]
    stamp: str
    to: tuple[str, ...]
    what: str
    count: str
    drawing: Markup
    day: str
    sure: tuple[str, ...]
    """How sure the day is, what it hinges on, and what must have happened for it."""
    chosen: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    totals: tuple[tuple[str, str], ...]
    tax: str
    """What is to be said of tax where there is no rate."""
    rounding: str
    expired: bool
    valid: tuple[tuple[str, str], ...]
    paid: str
    changes: tuple[tuple[str, str], ...]
    cancelling: tuple[tuple[str, str], ...]
    signature: str
    check: str
    """The address where the signature is checked."""


def paper_of(
    session: Session, order: Order, now: Now, locale: str, *, signature: str, check: str
) -> QuotePaper:
    """The paper of a quote. Raises `Conflict` for what is no quote any more."""
    if order.stage not in (Stage.QUOTED, Stage.LAPSED) or order.quote_expires_at is None:
        raise Conflict(ALREADY)
    plant, promise = session.get_one(Plant, order.plant_id), Promise.model_validate(order.promise)
    drawing, unit = drawn_as(session, order.family)
    to = ship_to_of(session, order)
    totals, tax = _totals(session, order, locale)
    return QuotePaper(
        locale=locale,
        id=order.id,
        made_at=order.created_at,
        plant=plant.name,
        plant_address=_written(plant.street, plant.postal_code, plant.city, plant.country),
        stamp=plant.stamp,
        to=(*([to.name] if to.name else []), *_written(to.street, to.postal_code, to.city, to.country)),
        what=pick(spec_of(session, order.id).title, locale),
        count=counted(order.quantity, unit, locale),
        drawing=picture(drawing, looks_of(session, order), uid=f"p-{order.id}"),
        day=formats.fullday(order.promised_date or promise.delivery_date, locale),
        sure=_sure(order, promise, plant, locale),
        chosen=_chosen(session, order, locale),
        lines=_lines(order, locale),
        totals=totals,
        tax=tax,
        rounding=vat.rounding(order.price_currency, locale),
        expired=is_expired(order, now),
        valid=_valid(order.quote_expires_at, plant, to, locale),
        paid=_paid(session, order, locale),
        changes=_changes(session, order, promise, plant, locale),
        cancelling=tuple(_cancelling(stated, locale) for stated in stated_terms(session, order)),
        signature=signature,
        check=check,
    )


def _written(street: str, postal_code: str, city: str, country: str) -> tuple[str, ...]:
    """An address without what is not known of it; a country alone is none."""
    known = [line for line in (street, f"{postal_code} {city}".strip()) if line]
    return (*known, country) if known and country else tuple(known)


def _sure(order: Order, promise: Promise, plant: Plant, locale: str) -> tuple[str, ...]:
    day = order.promised_date or promise.delivery_date
    wish = wished(order.requested_date, day, locale)
    conditions = [
        gettext(locale, PROOF, when=formats.daytime(one.by, locale, plant.timezone))
        for one in promise.conditions
        if one.what == "proof-approved"
    ]
    why = hinge(promise.hinges_on, locale, plant.timezone).striptags()
    return (*([wish.words] if wish else []), odds(promise, locale), why, *conditions)


def _chosen(session: Session, order: Order, locale: str) -> tuple[tuple[str, str], ...]:
    """The configuration in words; what a family without options of its own is needs none."""
    card = next((card for card in all_families(session) if card.slug == order.family), None)
    if card is None:
        return tuple((name, str(value)) for name, value in order.selections.items() if value)
    return tuple(facts(session, card, order, locale).values())


def _lines(order: Order, locale: str) -> tuple[Line, ...]:
    def money(amount: object) -> str:
        return formats.money(Decimal(str(amount)), order.price_currency, locale)

    def each(line: Mapping[str, object]) -> str:
        if line.get("unit_price") is None or line.get("quantity") is None:
            return ""
        return f"{formats.number(Decimal(str(line['quantity'])), locale)} × {money(line['unit_price'])}"

    return tuple(Line(pick(x["text"], locale), each(x), money(x["amount"])) for x in order.price_lines)


def _totals(session: Session, order: Order, locale: str) -> tuple[vat.Rows, str]:
    """The sums, before and with tax where its rate is known; else what is to be said of it."""
    net, currency = order.price_amount, order.price_currency
    before = gettext(locale, N_("Total before VAT, in {currency}"), currency=currency)
    told = vat.on_order(session, order, locale)
    return ((before, formats.money(net, currency, locale)), *told.rows), told.otherwise


def _valid(until: datetime, plant: Plant, to: ShipTo, locale: str) -> tuple[tuple[str, str], ...]:
    """Until when it stands, by the plant's clock, and by the customer's where that is another one."""
    here = (gettext(locale, N_("At the plant")), instant(until, plant.timezone, locale))
    zone = zone_of(to.country, until)
    if zone is None:
        return (here, (gettext(locale, N_("Everywhere")), instant(until, "UTC", locale)))
    told = gettext(locale, N_("Where it is delivered")), instant(until, zone, locale)
    if same_clock(zone, plant.timezone, until):
        return ((gettext(locale, N_("At the plant and where it is delivered")), here[1]),)
    return (here, told)


def _paid(session: Session, order: Order, locale: str) -> str:
    pricer = answerers_for(session, order).pricer
    (terms,) = pricer.terms(session, order.plant_id, [(order.customer_id, order.price_amount)])
    kind, _, figure = terms.partition(":")
    return gettext(locale, TERMS.get(kind, TERMS["prepaid"]), figure=figure)


def _changes(
    session: Session, order: Order, promise: Promise, plant: Plant, locale: str
) -> tuple[tuple[str, str], ...]:
    """(until when, which options), in the order of the route."""
    freezing, options = freezing_of(session, order), _option_names(session, order, locale)
    frozen: dict[str, list[str]] = {}
    for option, name in options.items():
        point = freezing.point(option)
        if point is not None:
            frozen.setdefault(point.operation, []).append(name)
    planned, comma = _planned(promise, plant), gettext(locale, N_(", "))
    told = []
    for step in freezing.route:
        if names := frozen.get(step.code):
            told.append((_until(pick(step.name, locale), planned.get(step.code), locale), comma.join(names)))
    return tuple(told)


def _until(operation: str, day: date | None, locale: str) -> str:
    if day is None:
        return gettext(locale, UNTIL_BEGUN, operation=operation)
    return gettext(locale, UNTIL, operation=operation, day=formats.shortday(day, locale))


def _planned(promise: Promise, plant: Plant) -> dict[str, date]:
    """Operation -> the day it is planned to begin."""
    starts: dict[str, datetime] = {}
    for step in promise.steps:
        if step.kind == "operation":
            starts[step.code] = min(step.start, starts.get(step.code, step.start))
    return {code: formats.day_of(start, plant.timezone) for code, start in starts.items()}


def _option_names(session: Session, order: Order, locale: str) -> dict[str, str]:
    """Option -> its name, as the quote's release has them; how many comes last."""
    configurator = answerers_for(session, order).configurator
    described = configurator.describe(session, order.family, locale, order.release)
    names = {str(option["id"]): str(option["name"]) for option in described.get("options", ())}
    return {**names, QUANTITY: gettext(locale, N_("How many"))}


def _cancelling(stated: Stated, locale: str) -> tuple[str, str]:
    if not stated.percent:
        return gettext(locale, stated.when), gettext(locale, N_("nothing"))
    percent = formats.number(stated.percent.quantize(Decimal("0.1")), locale)
    return gettext(locale, stated.when), gettext(locale, N_("{percent} % of the price"), percent=percent)
