"""The plant's pages: materials, purchase orders, and where an order's material comes from."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_for, plants_of
from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid
from cosmo.formats import day_of
from cosmo.identity import Principal
from cosmo.parties import Role
from modules.procurement.mine import line_for, plant_purchases
from modules.procurement.models import Material, PurchaseLine
from modules.procurement.receiving import LOT_NUMBER, receive
from modules.procurement.stocklist import PurchaseRow, purchase_rows, stock_rows
from modules.procurement.tracing import late_orders, trace
from web.amounts import typed_number
from web.deps import PLANT, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render
from web.texts import too_long

router = APIRouter()
LATELY = 20
Typed = Annotated[str, Form()]


@router.get("/plant/materials", dependencies=[allow(*PLANT)])
def materials(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """Stock, cover, what is on order, and the orders that wait for material."""
    plants = plants_of(session, principal)
    stocks = [(plant, stock_rows(session, plant, now)) for plant in plants]
    waiting = [row for plant in plants for row in late_orders(session, plant.id)]
    return render(request, "procurement/materials.html", stocks=stocks, waiting=waiting)


@router.get("/plant/purchase-orders", dependencies=[allow(*PLANT)])
def purchase_orders(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    open: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """What was bought, what is expected, and booking it in."""
    return _purchases_page(request, session, principal, now, opened=open)


def _purchases_page(
    request: Request,
    session: Session,
    principal: Principal,
    now: Now,
    *,
    status: int = 200,
    opened: str = "",
    problem: str = "",
    typed: tuple[str, str] = ("", ""),
) -> Response:
    plants = plants_of(session, principal)
    rows = [row for plant in plants for row in purchase_rows(session, plant_purchases(session, plant.id))]
    lines = [(row, line, material) for row in rows for line, material in row.lines]
    expected = sorted((entry for entry in lines if entry[1].open), key=lambda entry: entry[1].due)
    done = sorted((entry for entry in lines if not entry[1].open), key=_last_touched, reverse=True)
    return render(
        request,
        "procurement/purchase_orders.html",
        status=status,
        lines=[*expected, *done[:LATELY]],
        today={plant.id: day_of(now.business, plant.timezone) for plant in plants},
        opened=opened,
        problem=problem,
        typed=typed,
        may_book=principal.role in (Role.PLANNER, Role.OPERATOR),
    )


def _last_touched(entry: tuple[PurchaseRow, PurchaseLine, Material]) -> datetime:
    row, line, _ = entry
    return line.received_at or line.answered_at or row.purchase.created_at


@router.post("/plant/purchase-lines/{line_id}/receipts", dependencies=[allow(Role.PLANNER, Role.OPERATOR)])
def book_in(
    request: Request,
    line_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    quantity: Typed = "",
    lot_number: Typed = "",
) -> Response:
    """Goods in, on one line."""
    line = line_for(session, [plant.id for plant in plants_of(session, principal)], line_id)
    try:
        _book_in(session, line, quantity.strip(), lot_number.strip(), locale, now)
    except CosmoError as error:
        session.rollback()
        return _purchases_page(
            request,
            session,
            principal,
            now,
            status=error.status,
            opened=line_id,
            problem=error.detail,
            typed=(quantity, lot_number),
        )
    return RedirectResponse("/plant/purchase-orders", 303)


def _book_in(
    session: Session, line: PurchaseLine, quantity: str, lot_number: str, locale: str, now: Now
) -> None:
    if not lot_number:
        raise Invalid("Write the lot number that stands on the goods.", field="lot_number")
    if problem := too_long(lot_number, locale, LOT_NUMBER):
        raise Invalid(problem, field="lot_number")
    receive(session, line, _number(quantity) if quantity else None, lot_number, now)


def _number(text: str) -> Decimal:
    value = typed_number(text)
    if value is None:
        raise Invalid("Write the quantity as a number.", field="quantity")
    return value


@router.get("/plant/pegging/{order_id}", dependencies=[allow(*PLANT)])
def pegging(request: Request, order_id: str, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Every material of one order, and whom else the same supply serves."""
    order = order_for(session, principal, order_id)
    return render(request, "procurement/pegging.html", order=order, needs=trace(session, order.id))
