"""The order form with its held place, and the basket."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse, Response

from cosmo.access import orders_visible, quote_for
from cosmo.asking import family_card
from cosmo.clock import Now, ease, hurry
from cosmo.errors import CosmoError
from cosmo.i18n import N_, pick
from cosmo.identity import Principal
from cosmo.orders import Address, Order
from cosmo.parties import Party, Plant
from cosmo.placing import Customer, MovedOffer, place
from cosmo.promise import Promise, spec_of
from cosmo.quoting import requote
from cosmo.stages import Stage
from modules.interaction.configure_view import counted
from modules.interaction.forms import SentForm
from modules.interaction.pictures import picture, tint
from modules.interaction.schemas import CheckoutIn
from modules.interaction.words import day_month, hinge, weekday
from modules.interaction.words import place as place_words
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.ordering import requester_of
from web.site import site
from web.templating import render

router = APIRouter()
TYPING = timedelta(seconds=60)
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


def _quote(session: Session, principal: Principal, order_id: str) -> Order:
    return quote_for(session, principal, order_id, has_browser=True)


def _shown(session: Session, order: Order, locale: str) -> dict[str, Any]:
    """One quote as the order form and the basket show it."""
    plant = session.get_one(Plant, order.plant_id)
    card = family_card(session, order.family)
    promise = Promise.model_validate(order.promise)
    return {
        "order": order,
        "plant": plant,
        "spec": spec_of(session, order.id),
        "promise": promise,
        "count": counted(order.quantity, card.unit, locale),
        "picture": picture(card.drawing, order.selections, uid=f"q-{order.id}"),
        "tint": tint(card.drawing, order.selections),
        "hinge": hinge(promise.hinges_on, locale, plant.timezone),
        "lines": [(pick(x["text"], locale), Decimal(x["amount"])) for x in order.price_lines],
    }


def _form(
    request: Request,
    session: Session,
    orders: Sequence[Order],
    action: str,
    now: Now,
    locale: str,
    principal: Principal,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    quotes = [_shown(session, order, locale) for order in orders]
    first = quotes[0]
    last_day = max(q["promise"].delivery_date for q in quotes)
    known = typed or _known(session, principal, orders[0])
    return render(
        request,
        "interaction/order.html",
        status=status,
        quotes=quotes,
        action=action,
        typed=known,
        errors=errors or {},
        problem=problem,
        expired=any(_expired(o, now) for o in orders),
        tint=first["tint"],
        date={"weekday": weekday(last_day, locale), "daymonth": day_month(last_day, locale)},
        place=place_words(known.get("city", ""), locale),
        until=min((o.quote_expires_at for o in orders if o.quote_expires_at), default=None),
        held=all(q["promise"].held for q in quotes),
    )


def _known(session: Session, principal: Principal, order: Order) -> dict[str, str]:
    """What is known already: the signed-in customer's name, the address asked for."""
    party = session.get(Party, principal.party_id) if principal.party_id else None
    address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    known = {name: getattr(address, name, "") or "" for name in FIELDS}
    if party is not None:
        known |= {"name": known["name"] or party.name, "email": party.email or "", "phone": party.phone or ""}
    return known


def _expired(order: Order, now: Now) -> bool:
    over = order.quote_expires_at is None or order.quote_expires_at <= now.wall
    return order.stage == Stage.LAPSED or (order.stage == Stage.QUOTED and over)


def _take_time(request: Request, session: Session) -> None:
    """In a demo, days would pass while somebody types an address; so time goes slowly meanwhile."""
    if site(request).settings.demo:
        ease(session, TYPING)


@router.get("/order/{order_id}", dependencies=[allow(*EVERYONE)])
def order_form(
    request: Request,
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """One quote, held for a while, and the form that turns it into an order."""
    order = _quote(session, principal, order_id)
    _take_time(request, session)
    if order.number:
        return RedirectResponse(f"/track/{order.tracking_token}", 303)
    return _form(request, session, [order], f"/order/{order.id}", now, locale, principal)


@router.post("/order/{order_id}", dependencies=[allow(*EVERYONE)])
def order_now(
    request: Request,
    order_id: str,
    sent: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Place it; the form again, with everything typed, if something is missing or the date has moved."""
    order = _quote(session, principal, order_id)
    return _place(request, session, [order], f"/order/{order.id}", sent.fields, principal, now, locale)


@router.post("/order/{order_id}/renewal", dependencies=[allow(*EVERYONE)])
def renew(order_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """The same wish again with today's price and date, held anew."""
    order = _quote(session, principal, order_id)
    requote(session, order.id, requester=requester_of(principal), now=now)
    return RedirectResponse("/basket" if order.basket_id else f"/order/{order.id}", 303)


def _place(
    request: Request,
    session: Session,
    orders: list[Order],
    action: str,
    fields: dict[str, str],
    principal: Principal,
    now: Now,
    locale: str,
) -> Response:
    typed = {name: fields.get(name, "") for name in FIELDS}
    try:
        wish = CheckoutIn.model_validate({k: v for k, v in typed.items() if v})
    except ValidationError as error:
        wrong = {str(e["loc"][0]): PROBLEMS[str(e["loc"][0])] for e in error.errors()}
        return _form(
            request, session, orders, action, now, locale, principal, status=422, errors=wrong, typed=typed
        )
    ids = [order.id for order in orders]
    _write_addresses(session, orders, wish)
    customer = Customer(wish.name, wish.email, wish.phone or None)
    try:
        placed = place(session, ids, customer, requester=requester_of(principal), now=now)
    except CosmoError as error:
        return _form(
            request,
            session,
            orders,
            action,
            now,
            locale,
            principal,
            status=error.status,
            problem=error.detail,
            typed=typed,
        )
    hurry(session)
    if isinstance(placed, MovedOffer):
        problem = placed.refusal().detail
        return _form(
            request, session, orders, action, now, locale, principal, status=409, problem=problem, typed=typed
        )
    return RedirectResponse(f"/track/{placed[0].tracking_token}" if len(placed) == 1 else "/orders", 303)


def _write_addresses(session: Session, orders: Sequence[Order], wish: CheckoutIn) -> None:
    for order in orders:
        address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
        address = address or Address()
        for name in ("name", "street", "city", "postal_code", "country"):
            setattr(address, name, getattr(wish, name))
        session.add(address)
        session.flush()
        order.ship_to_id = address.id
        session.add(order)


def _basket(session: Session, principal: Principal) -> list[Order]:
    query = select(Order).where(
        orders_visible(principal), Order.stage == Stage.QUOTED, col(Order.basket_id).is_not(None)
    )
    return list(session.exec(query.order_by(col(Order.created_at))))


@router.get("/basket", dependencies=[allow(*EVERYONE)])
def basket(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> Response:
    """Kept quotes, to be ordered together."""
    orders = _basket(session, principal)
    if not orders:
        return render(request, "interaction/basket_empty.html")
    return _form(request, session, orders, "/basket", now, locale, principal)


@router.post("/basket", dependencies=[allow(*EVERYONE)])
def order_basket(
    request: Request,
    sent: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Order all of them or none."""
    orders = _basket(session, principal)
    if not orders:
        return RedirectResponse("/basket", 303)
    return _place(request, session, orders, "/basket", sent.fields, principal, now, locale)


@router.get("/orders", dependencies=[allow(*EVERYONE)])
def my_orders(
    request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """What this customer, or this browser, has ordered."""
    query = select(Order).where(orders_visible(principal), col(Order.number).is_not(None))
    orders = (
        []
        if principal.of_plant
        else list(session.exec(query.order_by(col(Order.placed_at).desc()).limit(100)))
    )
    rows = [_shown(session, order, locale) for order in orders]
    return render(request, "interaction/my_orders.html", rows=rows)
