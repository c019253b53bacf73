"""The plant's own pages of the shell: today, the orders, one order."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo import ledger
from cosmo.access import order_for, plants_of
from cosmo.cancelling import Cost, TooLate, cancel, cost_of_cancelling
from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.events import events_after
from cosmo.formats import day_of
from cosmo.i18n import N_, gettext, pick
from cosmo.orders import Address, Order
from cosmo.owing import quantity_of
from cosmo.parties import Account, Party, Plant, Role
from cosmo.promise import spec_of
from cosmo.registry import registry
from cosmo.stages import ENDED
from cosmo.tasks import open_tasks
from web import vat
from web.deps import PLANT, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.order_rows import FILTERS, Wanted, find, late, standing
from web.panels import order_context, panels, plant_context
from web.streams import sentence_of
from web.templating import render
from web.texts import LINE, too_long

router = APIRouter(include_in_schema=False)
WORDS = 100
"""Characters one may look for."""
ACTORS = {
    "kernel": N_("The house"),
    "guest": N_("A guest"),
    "customer": N_("The customer"),
    "carrier": N_("The carrier"),
    "service": N_("Service"),
}
"""Who acted without an account -> what people call them (a msgid)."""
CANCELLING = (Role.PLANNER, Role.SELLER, Role.SERVICE)


@router.get("/plant", dependencies=[allow(*PLANT)])
def plant_home(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> Response:
    """What needs a person today; modules add their parts."""
    plants = plants_of(session, principal)
    today = _today(plants, now)
    return render(
        request,
        "shell/plant_home.html",
        plants=plants,
        today=today,
        late=late(session, principal, today),
        tasks=[task.text(locale) for task in open_tasks(session, principal.party_id or "", limit=5)],
        panels=panels(request, "plant.home", plant_context(request, session, plants)),
    )


@router.get("/plant/orders", dependencies=[allow(*PLANT)])
def plant_orders(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    q: str = "",
    show: Annotated[str, Query(max_length=20)] = "open",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The list: filters, search by number, customer or product, fifty to a page."""
    wanted = Wanted(q, show if show in FILTERS else "open", page)
    today, problem = _today(plants_of(session, principal), now), too_long(q, locale, WORDS)
    rows, more = ([], False) if problem else find(session, principal, wanted, today)
    return render(
        request,
        "shell/orders.html",
        status=422 if problem else 200,
        rows=rows,
        more=more,
        wanted=wanted,
        filters=FILTERS,
        problem=problem,
    )


@router.get("/plant/orders/{order_id}", dependencies=[allow(*PLANT)])
def plant_order(
    request: Request, order_id: str, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """One order: its promise, what the modules show of it, and everything that happened."""
    return _order_page(request, session, order_for(session, principal, order_id), now)


@router.post("/plant/orders/{order_id}/cancellation", dependencies=[allow(*CANCELLING)])
def cancel_order(
    order_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """Cancel for the plant; the page has shown what it costs."""
    order_for(session, principal, order_id)
    cancel(session, order_id, reason="plant", actor=principal.actor, now=now)
    return RedirectResponse(f"/plant/orders/{order_id}", 303)


@router.post("/plant/orders/{order_id}/payments", dependencies=[allow(Role.SELLER)])
def record_payment(
    request: Request,
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    amount: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """Record money that came in; the form again, with what was typed, if it cannot be."""
    order = order_for(session, principal, order_id)
    typed = {"amount": amount, "reference": reference, "error": "", "problem": ""}
    if problem := too_long(reference, locale, LINE):
        return _order_page(request, session, order, now, status=422, typed=typed | {"problem": problem})
    try:
        ledger.record_payment(session, order_id, _amount(amount), reference, now, actor=principal.actor)
    except Invalid as wrong:
        typed["error"] = wrong.detail
        return _order_page(request, session, order, now, status=wrong.status, typed=typed)
    return RedirectResponse(f"/plant/orders/{order_id}", 303)


def _amount(typed: str) -> Decimal:
    try:
        amount = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        raise Invalid(N_("Write the amount as a number, like 125.00."), field="amount") from None
    if not amount.is_finite() or abs(amount) >= 10**12:
        raise Invalid(N_("Write the amount as a number, like 125.00."), field="amount")
    return amount


def _order_page(
    request: Request,
    session: Session,
    order: Order,
    now: Now,
    *,
    status: int = 200,
    typed: dict[str, str] | None = None,
) -> Response:
    context = order_context(request, session, order)
    less = ledger.total(session, order.id, "credit")
    state, word = standing(order, day_of(now.business, context.plant.timezone))
    return render(
        request,
        "shell/order.html",
        status=status,
        order=order,
        plant=context.plant,
        timezone=context.plant.timezone,
        title=spec_of(session, order.id).title,
        pieces=quantity_of(session, order),
        customer=session.get(Party, order.customer_id) if order.customer_id else None,
        address=session.get(Address, order.ship_to_id) if order.ship_to_id else None,
        standing={"state": state, "word": word},
        events=_told(session, order, context.locale),
        balance=ledger.balance(session, order.id),
        vat=vat.on_order(session, order, context.locale, order.price_amount - less),
        cost=_cost(session, order),
        panels=panels(request, "order.panel", context),
        typed=typed or {"amount": "", "reference": "", "error": "", "problem": ""},
    )


def _cost(session: Session, order: Order) -> Cost | None:
    """What cancelling costs; None where it is too late or over."""
    if order.stage in ENDED:
        return None
    try:
        return cost_of_cancelling(session, order)
    except TooLate:
        return None


def _told(session: Session, order: Order, locale: str) -> list[dict[str, object]]:
    """The log, latest first: what happened, when, and who did it."""
    return [
        {
            "seq": event.seq,
            "type": event.type,
            "at": event.event_time,
            "sentence": sentence_of(session, order, event, locale),
            "actor": _actor(session, event.actor, locale),
        }
        for event in reversed(events_after(session, order.id))
    ]


def _actor(session: Session, actor: str, locale: str) -> str:
    """A person's name, or the part of the house, as the reader calls it."""
    account = session.get(Account, actor)
    if account is not None:
        return account.name
    module = registry().modules.get(actor.removeprefix("module:"))
    if module is not None and actor.startswith("module:"):
        return pick(module.title, locale)
    return gettext(locale, ACTORS.get(actor, actor))


def _today(plants: list[Plant], now: Now) -> date:
    return day_of(now.business, plants[0].timezone if plants else "UTC")
