"""The order form with its held place, and the basket."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse, Response

from cosmo.access import orders_visible, quote_for
from cosmo.clock import Now, ease, hurry
from cosmo.errors import Conflict, CosmoError
from cosmo.identity import Principal
from cosmo.lifecycle import lock
from cosmo.orders import Order
from cosmo.owing import quantities_of
from cosmo.placing import Customer, MovedOffer, place
from cosmo.quoting import QuoteExpired, lapse
from cosmo.signing import Signed, signature
from cosmo.stages import Stage
from modules.interaction.order_view import (
    FIELDS,
    basket_of,
    held_until,
    is_expired,
    known,
    listed,
    moved_words,
    said_wrong,
    send_to,
    shown,
)
from modules.interaction.schemas import CheckoutIn
from modules.interaction.words import day_month, weekday
from modules.interaction.words import place as place_words
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.forms import SentForm
from web.ordering import requester_of
from web.site import site
from web.templating import render

router = APIRouter()
TYPING = timedelta(seconds=60)
SIGNATURE = "signature"
OPEN = (Stage.QUOTED, Stage.LAPSED)
"""Stages in which a quote can still be ordered, or asked for anew."""


def own_quote(session: Session, principal: Principal, order_id: str) -> Order:
    """The quote, if it is the visitor's. Raises `NotFound`."""
    return quote_for(session, principal, order_id, has_browser=True)


def order_page(
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
    """These quotes with what is held and until when, and the form that orders them."""
    quotes = [
        {
            **shown(session, order, locale),
            "expired": is_expired(order, now),
            "signature": signature(session, site(request).settings.secret, order),
        }
        for order in orders
    ]
    plants = {q["plant"].name for q in quotes}
    last_day = max(q["promise"].delivery_date for q in quotes)
    values = typed or known(session, principal, orders[0])
    return render(
        request,
        "interaction/order.html",
        status=status,
        quotes=quotes,
        action=action,
        typed=values,
        errors=errors or {},
        problem=problem,
        expired=any(q["expired"] for q in quotes),
        tint=quotes[0]["tint"],
        date={"weekday": weekday(last_day, locale), "daymonth": day_month(last_day, locale)},
        place=place_words(values.get("city", ""), locale),
        hold=held_until(orders, quotes[0]["plant"].timezone, now, locale),
        signature=" ".join(q["signature"] for q in quotes),
        held=all(q["promise"].held for q in quotes),
        kept=action == "/basket",
        **({"brand": plants.pop()} if len(plants) == 1 else {}),
    )


def _take_time(request: Request, session: Session) -> None:
    """In a demo, days would pass while somebody types an address; so time goes slowly meanwhile."""
    if site(request).settings.demo:
        ease(session, TYPING)


@router.get("/order/{order_id}", dependencies=[allow(*EVERYONE)])
def orderorder_page(
    request: Request,
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """One quote, held for a while, and the form that turns it into an order."""
    order = own_quote(session, principal, order_id)
    if order.stage not in OPEN:
        return RedirectResponse(f"/track/{order.tracking_token}", 303)
    _take_time(request, session)
    return order_page(request, session, [order], f"/order/{order.id}", now, locale, principal)


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
    order = own_quote(session, principal, order_id)
    if order.stage not in OPEN:  # sent twice: the first time placed it
        return RedirectResponse(f"/track/{order.tracking_token}", 303)
    return _place(request, session, [order], f"/order/{order.id}", sent.fields, principal, now, locale)


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

    def again(status: int, problem: str = "", errors: Mapping[str, str] | None = None) -> Response:
        return order_page(
            request, session, orders, action, now, locale, principal,
            status=status, typed=typed, problem=problem, errors=errors,
        )  # fmt: skip

    try:
        wish = CheckoutIn.model_validate({k: v for k, v in typed.items() if v})
    except ValidationError as error:
        return again(422, errors=said_wrong(error))
    try:
        with session.begin_nested():  # refused half way, nothing of it stays
            _must_be_as_signed(request, session, orders, fields, now)
            placed, moved = _placed(session, orders, wish, principal, now, locale)
    except CosmoError as error:
        return again(error.status, error.detail)
    hurry(session)
    if moved:
        return again(409, moved)
    return RedirectResponse(f"/track/{placed[0].tracking_token}" if len(placed) == 1 else "/orders", 303)


def _must_be_as_signed(
    request: Request, session: Session, orders: Sequence[Order], fields: Mapping[str, str], now: Now
) -> None:
    """What was shown is what is ordered: the page carries the signatures of its quotes, in their order.
    Raises `QuoteExpired`, `NotAsSigned`."""
    locked = {order_id: lock(session, order_id) for order_id in sorted(order.id for order in orders)}
    if any(is_expired(order, now) for order in orders):
        raise QuoteExpired("This quote has expired and its place is free again; ask for a new date.")
    if SIGNATURE not in fields:  # a program that fills in the form has seen no page
        return
    given = fields[SIGNATURE].split()
    shown = dict(zip((order.id for order in orders), given, strict=True)) if len(given) == len(orders) else {}
    Signed(site(request).settings.secret, shown).check(session, list(locked.values()))


def _placed(
    session: Session, orders: Sequence[Order], wish: CheckoutIn, principal: Principal, now: Now, locale: str
) -> tuple[list[Order], str]:
    """The orders, or why there are none yet: the address or the passing of time made something worse."""
    requester = requester_of(principal)
    worse = send_to(session, orders, wish, requester, now, locale)
    if worse:
        return [], worse
    customer = Customer(wish.name, wish.email, wish.phone or None)
    placed = place(session, [order.id for order in orders], customer, requester=requester, now=now)
    if isinstance(placed, MovedOffer):
        return [], moved_words(placed, locale)
    return placed, ""


@router.get("/basket", dependencies=[allow(*EVERYONE)])
def basket(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> Response:
    """Kept quotes, to be ordered together."""
    orders = basket_of(session, principal)
    if not orders:
        return render(request, "interaction/basket_empty.html")
    return order_page(request, session, orders, "/basket", now, locale, principal)


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
    orders = basket_of(session, principal)
    if not orders:
        return RedirectResponse("/basket", 303)
    return _place(request, session, orders, "/basket", sent.fields, principal, now, locale)


@router.post("/basket/{order_id}/removal", dependencies=[allow(*EVERYONE)])
def remove(order_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """Take one quote out of the basket and free its place."""
    order = own_quote(session, principal, order_id)
    if order.basket_id is None or order.stage not in OPEN:
        raise Conflict("This is not in your basket any more.")
    if order.stage == Stage.QUOTED:
        lapse(session, order.id, now, actor=principal.actor)
    order.basket_id = None
    session.add(order)
    return RedirectResponse("/basket", 303)


@router.get("/orders", dependencies=[allow(*EVERYONE)])
def my_orders(
    request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """What this customer, or this browser, has ordered."""
    query = select(Order).where(orders_visible(principal), col(Order.number).is_not(None))
    newest = query.order_by(col(Order.placed_at).desc()).limit(100)
    orders = [] if principal.of_plant else list(session.exec(newest))
    pieces = quantities_of(session, orders)
    rows = [listed(session, order, pieces[order.id], locale) for order in orders]
    return render(request, "interaction/my_orders.html", rows=rows)
