"""Papers on pages: the plant's invoices and credit notes, the customer's, and paying a deposit."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from cosmo import ledger
from cosmo.access import order_by_token, plants_of
from cosmo.orders import Order
from cosmo.parties import Role
from modules.marketing.api import pdf_of
from modules.marketing.papers import papers_at
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render

router = APIRouter()


@router.get("/plant/papers", dependencies=[allow(Role.SELLER)])
def papers(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Invoices and credit notes, newest first."""
    rows = [
        {
            "paper": paper,
            "order": session.get_one(Order, paper.order_id),
            "balance": ledger.balance(session, paper.order_id),
        }
        for plant in plants_of(session, principal)
        for paper in papers_at(session, plant.id)
    ]
    return render(request, "marketing/papers.html", rows=rows)


@router.get("/track/{token}/papers/{kind}", dependencies=[allow(*Role)])
def tracked_paper(
    token: str, kind: str, session: ReadSession, locale: Locale, number: str | None = None
) -> Response:
    """The paper for whoever holds the tracking link."""
    return pdf_of(session, order_by_token(session, token), kind, locale, number)


@router.post("/track/{token}/payment", dependencies=[allow(*Role)])
def pay_deposit(token: str, session: WriteSession, now: CurrentNow) -> Response:
    """Pay what must be in before work begins."""
    order = order_by_token(session, token)
    due = ledger.due_before_start(order) - ledger.total(session, order.id, "payment")
    if due > 0 and ledger.DEPOSIT_OPEN in (order.hold_reason or "").split(","):
        ledger.collect(session, order.id, due, now)
    return RedirectResponse(f"/track/{token}#money", 303)
