"""A frozen quote on paper: a page to print, and the same as a PDF; for whoever asked and for the plant."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from sqlmodel import Session
from starlette.responses import Response

from cosmo.access import quote_for
from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.signing import is_signed
from cosmo.signing import signature as sign
from modules.interaction.quote_paper import QuotePaper, paper_of
from modules.interaction.quote_pdf import EXPIRED, HOW_TO_CHECK, NO_MORE, SOMEBODY, quote_pdf
from web.deps import EVERYONE, ORDERING, CurrentNow, CurrentPrincipal, Locale, ReadSession, allow
from web.drawing.qr import qr_svg
from web.ordering import quotes_to_place
from web.problems import PROBLEMS
from web.site import site
from web.templating import render

router = APIRouter()
PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The quote as a PDF.", "content": {"application/pdf": {}}}
}
Signature = Annotated[str | None, Query(max_length=200)]


@router.get("/order/{order_id}/paper", dependencies=[allow(*EVERYONE)])
def paper(
    request: Request,
    order_id: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    signature: Signature = None,
) -> Response:
    """The quote to be printed; with a `signature` also whether it vouches for it as it stands."""
    order = quote_for(session, principal, order_id, has_browser=True)
    checked = None if signature is None else is_signed(session, _secret(request), order, signature)
    told = _paper(request, session, order, now, locale)
    words = {"expired": EXPIRED, "how": HOW_TO_CHECK, "no_more": NO_MORE, "somebody": SOMEBODY}
    square = Markup(qr_svg(told.check))
    return render(
        request, "interaction/quote_paper.html", paper=told, checked=checked, words=words, square=square
    )


@router.get("/order/{order_id}/paper.pdf", dependencies=[allow(*EVERYONE)])
def paper_pdf(
    request: Request,
    order_id: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """The same to keep or to send on."""
    order = quote_for(session, principal, order_id, has_browser=True)
    return _pdf(request, session, order, now, locale)


@router.get(
    "/api/v1/quotes/{order_id}/paper",
    tags=["interaction"],
    dependencies=[allow(*ORDERING)],
    responses={**PROBLEMS, **PDF},
    response_class=Response,
)
def api_paper(
    request: Request,
    order_id: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """A quote as a PDF on the plant's letterhead, in the reader's language."""
    (order,) = quotes_to_place(request, session, principal, [order_id])
    return _pdf(request, session, order, now, locale)


def _pdf(request: Request, session: Session, order: Order, now: Now, locale: str) -> Response:
    told = _paper(request, session, order, now, locale)
    content = quote_pdf(session, told, site(request).settings)
    headers = {"Content-Disposition": f'attachment; filename="quote-{order.id}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _paper(request: Request, session: Session, order: Order, now: Now, locale: str) -> QuotePaper:
    signed = sign(session, _secret(request), order)
    home = site(request).settings.base_url.rstrip("/")
    check = f"{home}/order/{order.id}/paper?signature={signed}"
    return paper_of(session, order, now, locale, signature=signed, check=check)


def _secret(request: Request) -> str:
    return site(request).settings.secret
