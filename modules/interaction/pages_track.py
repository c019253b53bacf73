"""Following an order: the live page, messages, another address."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_by_token
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.i18n import N_, gettext
from cosmo.orders import Address, Order
from cosmo.registry import registry
from modules.interaction import service
from modules.interaction.order_view import said_wrong
from modules.interaction.schemas import AddressIn
from modules.interaction.track_view import conversation, live_page, yours
from web.contexts import OrderContext
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.site import site
from web.streams import track_page
from web.templating import render
from web.texts import too_long

router = APIRouter()
ADDRESS = ("name", "street", "postal_code", "city", "country")


def with_forms(context: OrderContext, csrf_field: str) -> OrderContext:
    """The same page for one visitor, whose forms carry their token."""
    return replace(context, csrf_field=csrf_field)


def live(context: OrderContext) -> dict[str, Any]:
    """The live part's context, with the kiln's card where a module has one."""
    page = live_page(context.session, context.order, context.locale, context.now)
    cards = (slot.render(context) for slot in registry().slots("track.live", context.modules_on))
    card = next((c for c in cards if c), None)
    return {**page, "live": Markup(card)} if card else page


@router.get("/track/{token}", dependencies=[allow(*EVERYONE)])
def track(request: Request, token: str, session: ReadSession, now: CurrentNow, locale: Locale) -> Response:
    """The customer's page; whoever holds the link may follow."""
    return _track(request, session, order_by_token(session, token), now, locale)


def _track(
    request: Request,
    session: Session,
    order: Order,
    now: Now,
    locale: str,
    *,
    status: int = 200,
    problem: str = "",
    typed: str = "",
) -> Response:
    context = track_page(site(request), session, order, locale)
    page = live(context)
    return render(
        request,
        "interaction/track.html",
        status=status,
        page=page,
        brand=context.plant.name,
        order=order,
        context=context,
        seq=order.seq,
        token=order.tracking_token,
        yours=yours(session, order, order.tracking_token, context.plant, locale),
        thread=conversation(session, order, context.plant, locale, context.now),
        problem=problem,
        typed=typed,
        with_forms=with_forms,
    )


@router.get("/track/{token}/panels", dependencies=[allow(*EVERYONE)])
def panels(request: Request, token: str, session: ReadSession, now: CurrentNow, locale: Locale) -> Response:
    """The sections below the journey, looked at again after each event."""
    order = order_by_token(session, token)
    context = track_page(site(request), session, order, locale)
    thread = conversation(session, order, context.plant, locale, context.now)
    return render(
        request,
        "interaction/track_panels.html",
        order=order,
        context=context,
        token=token,
        thread=thread,
        yours=yours(session, order, token, context.plant, locale),
        problem="",
        typed="",
        with_forms=with_forms,
    )


@router.post("/track/{token}/messages", dependencies=[allow(*EVERYONE)])
def message(
    request: Request,
    token: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Write to the plant; what cannot be sent comes back to be changed."""
    order = order_by_token(session, token)
    empty = "" if text.strip() else gettext(locale, N_("Write a few words first."))
    if problem := empty or too_long(text, locale):
        return _track(request, session, order, now, locale, status=422, problem=problem, typed=text)
    service.send_message(
        session, order.id, text.strip(), from_plant=False, account_id=principal.account_id, now=now
    )
    return RedirectResponse(f"/track/{token}#messages", 303)


@router.get("/track/{token}/address", dependencies=[allow(*EVERYONE)])
def address(request: Request, token: str, session: ReadSession) -> Response:
    """The form for another address."""
    order = order_by_token(session, token)
    row = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    typed = {name: getattr(row, name, "") or "" for name in ADDRESS}
    return render(
        request, "interaction/address.html", order=order, token=token, typed=typed, errors={}, problem=""
    )


@router.post("/track/{token}/address", dependencies=[allow(*EVERYONE)])
def change_address(
    request: Request,
    token: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    name: Annotated[str, Form()] = "",
    street: Annotated[str, Form()] = "",
    postal_code: Annotated[str, Form()] = "",
    city: Annotated[str, Form()] = "",
    country: Annotated[str, Form()] = "",
) -> Response:
    """Send it elsewhere; what was typed stays if something is missing."""
    order = order_by_token(session, token)
    typed = {"name": name, "street": street, "postal_code": postal_code, "city": city, "country": country}
    errors, problem = {}, ""
    try:
        wish = AddressIn.model_validate(typed)
        with session.begin_nested():  # refused half way, nothing of it stays
            service.change_address(session, order.id, wish, actor=principal.actor, now=now)
        return RedirectResponse(f"/track/{token}", 303)
    except ValidationError as error:
        errors = said_wrong(error)
    except CosmoError as error:
        problem = error.detail
    return render(
        request,
        "interaction/address.html",
        status=422,
        order=order,
        token=token,
        typed=typed,
        errors=errors,
        problem=problem,
    )
