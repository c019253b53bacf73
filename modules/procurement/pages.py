"""The supplier's pages: demand, orders, deliveries, and the answers given there."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid
from cosmo.identity import Principal
from cosmo.parties import Role
from modules.procurement import answering, supplier_view
from modules.procurement.demand import today_of
from modules.procurement.mine import materials_of, purchase_for, suppliers_of
from modules.procurement.models import LineState, PurchaseOrder
from modules.procurement.receiving import LOT_NUMBER, deliver
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render
from web.texts import too_long

router = APIRouter()
SUPPLIER = allow(Role.SUPPLIER)
Open = Annotated[str, Query(max_length=40)]
Typed = Annotated[str, Form()]
Back = Annotated[str, Form(pattern="^(supplier|orders|deliveries)?$")]


@router.get("/supplier", dependencies=[SUPPLIER])
def demand(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    open: Open = "",
    material: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Demand by week, and what waits for an answer."""
    context = _board(session, principal, now, locale, open, material)
    return render(request, "procurement/supplier.html", **context)


@router.get("/supplier/board", dependencies=[SUPPLIER])
def board(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    open: Open = "",
    material: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """The same without the frame; what a change fetches."""
    context = _board(session, principal, now, locale, open, material)
    return render(request, "procurement/board.html", **context)


def _board(
    session: Session,
    principal: Principal,
    now: Now,
    locale: str,
    opened: str,
    material: str,
    problem: str = "",
) -> dict[str, Any]:
    mine = suppliers_of(session, principal)
    page = supplier_view.demand_page(session, mine, now, locale, material or None, opened)
    row = next((r for r in page["rows"] if r.id == opened), None)
    today = today_of(session, materials_of(session, mine), now)
    return {
        "page": page,
        "opened": opened if row else "",
        "material": material,
        "problem": problem,
        "days": supplier_view.day_choices(today, locale) if row else (),
        "note": supplier_view.slack_note(session, row, locale) if row else "",
    }


@router.get("/supplier/orders", dependencies=[SUPPLIER])
def orders(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    open: Open = "",
) -> Response:
    """All purchase orders."""
    return render(
        request, "procurement/supplier_orders.html", **_orders(session, principal, now, locale, open)
    )


def _orders(
    session: Session, principal: Principal, now: Now, locale: str, opened: str, problem: str = ""
) -> dict[str, Any]:
    mine = suppliers_of(session, principal)
    today = today_of(session, materials_of(session, mine), now)
    return {
        "rows": supplier_view.order_rows(session, mine, now, locale),
        "opened": opened,
        "problem": problem,
        "days": supplier_view.day_choices(today, locale),
    }


@router.get("/supplier/deliveries", dependencies=[SUPPLIER])
def deliveries(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> Response:
    """What is to be handed over, and what was."""
    return render(request, "procurement/deliveries.html", **_deliveries(session, principal, now, locale))


def _deliveries(
    session: Session,
    principal: Principal,
    now: Now,
    locale: str,
    *,
    wrong: str = "",
    typed: str = "",
    problem: str = "",
) -> dict[str, Any]:
    mine = suppliers_of(session, principal)
    coming, done = supplier_view.delivery_rows(session, mine, now, locale)
    return {"coming": coming, "done": done, "wrong": wrong, "typed": typed, "problem": problem}


def _back(to: str) -> Response:
    return RedirectResponse("/supplier" if to in ("", "supplier") else f"/supplier/{to}", 303)


@router.post("/supplier/confirmations", dependencies=[SUPPLIER])
def confirm_all(session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """Confirm everything that was asked and can still come on its day."""
    mine = suppliers_of(session, principal)
    rows = supplier_view.demand_page(session, mine, now, "en")["confirmable"]
    for row in sorted(rows, key=lambda r: r.id):
        answering.confirm(session, purchase_for(session, principal, row.id), now)
    return _back("")


@router.post("/supplier/orders/{purchase_id}/confirmation", dependencies=[SUPPLIER])
def confirm(
    purchase_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, back: Back = ""
) -> Response:
    answering.confirm(session, purchase_for(session, principal, purchase_id), now)
    return _back(back)


@router.post("/supplier/orders/{purchase_id}/counter", dependencies=[SUPPLIER])
def counter(
    request: Request,
    purchase_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    date: Typed = "",
    back: Back = "",
) -> Response:
    """Another date; one that cannot be is said beside the field."""
    purchase = purchase_for(session, principal, purchase_id)
    try:
        answering.counter(session, purchase, _day(date), now)
    except CosmoError as error:
        session.rollback()
        return _wrong_date(request, session, principal, now, locale, purchase_id, back, error)
    return _back(back)


def _wrong_date(
    request: Request,
    session: Session,
    principal: Principal,
    now: Now,
    locale: str,
    opened: str,
    back: str,
    error: CosmoError,
) -> Response:
    if back == "orders":
        context = _orders(session, principal, now, locale, opened, error.detail)
        return render(request, "procurement/supplier_orders.html", status=error.status, **context)
    context = _board(session, principal, now, locale, opened, "", error.detail)
    return render(request, "procurement/supplier.html", status=error.status, **context)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("Choose a day.", field="date") from None


@router.post("/supplier/orders/{purchase_id}/announcement", dependencies=[SUPPLIER])
def announce(
    purchase_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, back: Back = ""
) -> Response:
    """It is on its way and comes on the day it is due, today at the earliest."""
    purchase = purchase_for(session, principal, purchase_id)
    today = today_of(session, materials_of(session, suppliers_of(session, principal)), now)
    due = max([today, *(line.due for line in answering.open_lines(session, purchase))])
    answering.announce(session, purchase, due, now)
    return _back(back)


@router.post("/supplier/orders/{purchase_id}/delivery", dependencies=[SUPPLIER])
def hand_over(
    request: Request,
    purchase_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    lot_number: Typed = "",
    back: Back = "deliveries",
) -> Response:
    """Everything outstanding was handed over under one lot number."""
    purchase = purchase_for(session, principal, purchase_id)
    try:
        _hand_over(session, purchase, lot_number.strip(), locale, now)
    except CosmoError as error:
        session.rollback()
        context = _deliveries(
            session, principal, now, locale, wrong=purchase_id, typed=lot_number, problem=error.detail
        )
        return render(request, "procurement/deliveries.html", status=error.status, **context)
    return _back(back)


def _hand_over(session: Session, purchase: PurchaseOrder, lot_number: str, locale: str, now: Now) -> None:
    known = [line for line in answering.lines_of(session, purchase) if line.state != LineState.WITHDRAWN]
    if not lot_number and any(line.open for line in known):
        raise Invalid("Write the lot number that stands on the goods.", field="lot_number")
    if problem := too_long(lot_number, locale, LOT_NUMBER):
        raise Invalid(problem, field="lot_number")
    deliver(session, purchase, {}, lot_number or None, now)
