"""Changing an order from the customer's page: what may still change, what it does, then the change itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_by_token, order_for
from cosmo.changing import ChangeMoved, NothingToChange, change, propose
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.freezing import Frozen
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.proposals import Proposal, Wish, wish_for
from modules.interaction import selecting, uploads
from modules.interaction.change_shapes import order_anew
from modules.interaction.change_view import Seen, changed_page, proposal_told, seen_of
from web.deps import (
    EVERYONE,
    ORDERING,
    CurrentNow,
    CurrentPrincipal,
    Locale,
    ReadSession,
    WriteSession,
    allow,
)
from web.forms import SentForm
from web.ordering import not_too_often
from web.site import site
from web.templating import render

router = APIRouter()
UNCOUNTED = N_("Write how many as a whole number from 1 to 100,000.")


@dataclass(frozen=True, slots=True)
class Answered:
    """What the page says to a form: a change as it would be, or why there is none."""

    proposal: Proposal | None = None
    problem: str = ""
    status: int = 200
    anew: str = ""


@router.get("/orders/{order_id}/change", dependencies=[allow(*ORDERING)])
def change_of(
    order_id: str, session: ReadSession, principal: CurrentPrincipal, token: str | None = None
) -> Response:
    """By the order's id: on to the page of its link."""
    order = order_for(session, principal, order_id, token)
    return RedirectResponse(f"/track/{order.tracking_token}/change", 303)


@router.get("/track/{token}/change", dependencies=[allow(*EVERYONE)])
def form(request: Request, token: str, session: ReadSession, locale: Locale) -> Response:
    """What is ordered, what of it may still change, and since when the rest is fixed."""
    order = order_by_token(session, token)
    seen = seen_of(session, order, dict(order.selections), order.quantity, locale)
    return _page(request, session, order, seen, Answered(), locale)


@router.post("/track/{token}/change", dependencies=[allow(*EVERYONE)])
def change_now(
    request: Request,
    token: str,
    sent: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """The form again, with what the change does; `do=confirm` makes it if it is still as it was shown."""
    order = order_by_token(session, token)
    kept, refused = uploads.keep_all(session, request, sent.files, principal, now)
    typed = selecting.changed({**sent.fields, **kept})
    wished = _wished(session, order, typed, locale)
    wrong = bool(refused) or selecting.quantity_wrong(typed)
    unread = Answered(problem="" if refused else UNCOUNTED, status=422)
    answered = unread if wrong else _answer(request, session, order, typed, wished, principal, now)
    if answered is None:
        return RedirectResponse(f"/track/{token}", 303)
    wish = wished(order)
    seen = seen_of(session, order, dict(wish.selections), wish.quantity, locale, refused)
    uncounted = str(typed["quantity"]) if selecting.quantity_wrong(typed) else ""
    return _page(request, session, order, replace(seen, typed=uncounted), answered, locale)


def _wished(session: Session, order: Order, typed: Mapping[str, Any], locale: str) -> Callable[[Order], Wish]:
    """Of the form only what the release knows; a frozen option is not in it and stays."""
    seen = seen_of(session, order, dict(order.selections), order.quantity, locale)
    names = [str(option["id"]) for option in seen.described["options"]]
    chosen = {name: typed[name] for name in names if isinstance(typed.get(name), str)}
    quantity = selecting.quantity_of(typed, order.quantity)
    return lambda current: wish_for(current, chosen, quantity, locale)


def _answer(
    request: Request,
    session: Session,
    order: Order,
    typed: Mapping[str, Any],
    wished: Callable[[Order], Wish],
    principal: Principal,
    now: Now,
) -> Answered | None:
    """None once it is changed."""
    secret, actor = site(request).settings.secret, principal.actor
    try:
        if typed.get("do") == "confirm":
            signature = str(typed.get("signature") or "")
            change(session, order.id, wished, secret=secret, signature=signature, actor=actor, now=now)
            return None
        not_too_often(request, principal)
        return Answered(propose(session, order.id, wished, actor=actor, now=now))
    except ChangeMoved as moved:
        return Answered(moved.proposal, moved.detail, moved.status)
    except NothingToChange as same:
        return Answered(problem=same.detail, status=200 if "HX-Request" in request.headers else 422)
    except CosmoError as error:
        return Answered(problem=error.detail, status=error.status, anew=_anew(session, order, wished, error))


def _anew(session: Session, order: Order, wished: Callable[[Order], Wish], error: CosmoError) -> str:
    """Where the changed product can be ordered, if it is too late for this order."""
    wish = wished(order)
    return (
        order_anew(session, order, dict(wish.selections), wish.quantity) if isinstance(error, Frozen) else ""
    )


def _page(
    request: Request, session: Session, order: Order, seen: Seen, answered: Answered, locale: str
) -> Response:
    plant = session.get_one(Plant, order.plant_id)
    secret = site(request).settings.secret
    told = proposal_told(answered.proposal, seen, plant.timezone, locale) if answered.proposal else None
    part = "HX-Request" in request.headers and request.method == "POST"
    return render(
        request,
        "interaction/change_form.html" if part else "interaction/change.html",
        status=answered.status,
        order=order,
        token=order.tracking_token,
        brand=plant.name,
        page=changed_page(session, order, seen, plant, locale),
        told=told,
        signature=answered.proposal.signature(secret) if answered.proposal else "",
        problem=gettext(locale, answered.problem) if answered.problem else "",
        anew=answered.anew,
    )
