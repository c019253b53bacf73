"""Customers' pages of pre-sales: what runs, one of them with its form, one's own pledge by its link."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.i18n import N_, gettext, pick
from cosmo.identity import Principal, party_of
from cosmo.ids import new_id
from cosmo.money import Price
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.ports import ShipTo
from modules.marketing import pledging, presales
from modules.marketing.pledging import Pledger
from modules.marketing.presale_models import Pledge, PledgeState, Presale
from modules.marketing.presale_schemas import AddressIn, Email
from modules.marketing.presale_view import shown, state_of
from web.amounts import counted, typed_number
from web.deps import (
    EVERYONE,
    CurrentNow,
    CurrentPrincipal,
    Locale,
    ReadSession,
    RememberedPrincipal,
    WriteSession,
    allow,
)
from web.forms import SentForm
from web.site import site
from web.templating import render

router = APIRouter(include_in_schema=False)
CUSTOMERS = (Role.GUEST, Role.CUSTOMER)
"""Who pledges."""
FIELDS = ("quantity", "name", "email", "street", "postal_code", "city", "country")
NEEDED = {
    "quantity": N_("Write how many as a whole number from 1 to 10,000."),
    "name": N_("Write the name for the door."),
    "email": N_("Write an e-mail address, so that we can tell you how it ends."),
    "street": N_("Write street and number."),
    "postal_code": N_("Write the postal code."),
    "city": N_("Write the city."),
    "country": N_("Two letters, such as DE."),
}


class _PledgeForm(AddressIn):
    email: Email


@router.get("/presales", dependencies=[allow(*EVERYONE)])
def presales_list(request: Request, session: ReadSession, now: CurrentNow, locale: Locale) -> Response:
    """What is in pre-sale now, first to close first."""
    rows = [shown(session, presale, locale, now) for presale in presales.running(session)]
    return render(request, "marketing/presales.html", rows=rows)


@router.get("/presale/{presale_id}", dependencies=[allow(*EVERYONE)])
def presale_page(
    request: Request,
    presale_id: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """One pre-sale: how it stands, and the form to take part."""
    presale = presales.find(session, presale_id)
    return _page(request, session, presale, principal, now, locale)


def _page(
    request: Request,
    session: Session,
    presale: Presale,
    principal: Principal,
    now: Now,
    locale: str,
    *,
    status: int = 200,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    problem: str = "",
    costs: Price | None = None,
    sent: str = "",
) -> Response:
    told = shown(session, presale, locale, now)
    return render(
        request,
        "marketing/presale.html",
        status=status,
        about=presales.about_days(session, presale, now) if told["running"] else None,
        choices=_choices(session, presale, locale),
        may_pledge=principal.role in CUSTOMERS,
        typed=typed or _known(session, principal),
        errors=defaultdict(str, errors or {}),
        problem=problem,
        costs=costs,
        lines=[(pick(x.text, locale), x.amount) for x in costs.lines] if costs else [],
        sent=sent or new_id(),
        brand=told["plant"].name,
        timezone=told["plant"].timezone,
        **told,
    )


def _known(session: Session, principal: Principal) -> dict[str, str]:
    party = party_of(session, principal) if principal.role == Role.CUSTOMER else None
    known = {"name": party.name, "email": party.email or ""} if party else {}
    return {**dict.fromkeys(FIELDS, ""), "quantity": "1", "country": "DE", **known}


def _choices(session: Session, presale: Presale, locale: str) -> list[tuple[str, str]]:
    """(option, chosen value), as people read them."""
    card = presales.card_of(session, presale)
    if card is None:
        return []
    configurator = answerers_at(session, card.manufacturer_id).configurator
    options = configurator.describe(session, presale.family, locale, presale.release)["options"]
    return [
        (option["name"], _label(option, presale.selections[option["id"]]))
        for option in options
        if presale.selections.get(option["id"])
    ]


def _label(option: dict[str, Any], value: object) -> str:
    labels = {str(one["value"]): one["label"] for one in option["values"]}
    unit = option.get("unit") or ""
    return str(labels.get(str(value), f"{value} {unit}".strip()))


@router.post("/presale/{presale_id}/pledges", dependencies=[allow(*CUSTOMERS)])
def pledge(
    request: Request,
    presale_id: str,
    form: SentForm,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """First what it costs, freight to that address included; then, with the sum shown, the pledge."""
    presale = presales.find(session, presale_id)
    typed = {name: form.fields.get(name, "") for name in FIELDS}
    sent = form.fields.get("sent", "")[:40]

    def again(status: int, **rest: Any) -> Response:
        return _page(
            request, session, presale, principal, now, locale, status=status, typed=typed, sent=sent, **rest
        )

    wish, errors = _read(typed, locale)
    if wish is None:
        return again(422, errors=errors)
    try:
        site(request).limiter.hit("pledge", request.client.host if request.client else "")
        who, quantity = _pledger(wish, principal, locale), int(typed["quantity"])
        if "agreed" not in form.fields:
            return again(200, costs=pledging.price(session, presale, quantity, who.ship_to, now))
        made = _pledged(session, presale, who, quantity, form.fields["agreed"], sent, now)
    except CosmoError as error:
        return again(error.status, problem=error.detail)
    return RedirectResponse(f"/pledge/{made.key}", 303)


def _read(typed: dict[str, str], locale: str) -> tuple[_PledgeForm | None, dict[str, str]]:
    """The address as typed; else the sentence for each field that is wrong."""
    wrong: set[str] = set()
    try:
        wish = _PledgeForm.model_validate({k: v for k, v in typed.items() if k != "quantity"})
    except ValidationError as error:
        wish, wrong = None, {str(one["loc"][0]) for one in error.errors()}
    count = typed["quantity"].strip()
    if not (
        count.isascii() and count.isdecimal() and len(count) < 7 and 1 <= int(count) <= pledging.MOST_PIECES
    ):
        wish, wrong = None, wrong | {"quantity"}
    return wish, {name: gettext(locale, NEEDED[name]) for name in wrong}


def _pledger(wish: _PledgeForm, principal: Principal, locale: str) -> Pledger:
    to = ShipTo(wish.name, wish.street, wish.city, wish.postal_code, wish.country)
    party = principal.party_id if principal.role == Role.CUSTOMER else None
    return Pledger(wish.name, wish.email, to, locale, party)


def _pledged(
    session: Session, presale: Presale, who: Pledger, quantity: int, agreed: str, sent: str, now: Now
) -> Pledge:
    total = typed_number(agreed)
    total = Decimal(-1) if total is None else total
    with session.begin_nested():
        return pledging.pledge(session, presale.id, who, quantity, now, sent=sent, agreed=total)


@router.get("/pledge/{pledge_key}", dependencies=[allow(*EVERYONE)])
def pledge_page(
    request: Request, pledge_key: str, session: ReadSession, now: CurrentNow, locale: Locale
) -> Response:
    """One's own pledge, for whoever holds its link."""
    return _own(request, session, pledging.by_key(session, pledge_key), now, locale)


def _own(
    request: Request,
    session: Session,
    found: Pledge,
    now: Now,
    locale: str,
    *,
    status: int = 200,
    problem: str = "",
) -> Response:
    presale = presales.find(session, found.presale_id)
    order = session.get(Order, found.order_id) if found.order_id else None
    told = shown(session, presale, locale, now)
    costs = pledging.price_of(presale, found)
    return render(
        request,
        "marketing/pledge.html",
        status=status,
        pledge=found,
        pledge_state=state_of(found),
        count=counted(found.quantity, told["unit"], locale),
        costs=costs,
        lines=[(pick(x.text, locale), x.amount) for x in costs.lines],
        order=order,
        problem=problem,
        open=told["running"] and found.state == PledgeState.PLEDGED,
        brand=session.get_one(Plant, presale.plant_id).name,
        **told,
    )


@router.post("/pledge/{pledge_key}/withdrawal", dependencies=[allow(*EVERYONE)])
def withdraw(
    request: Request, pledge_key: str, session: WriteSession, now: CurrentNow, locale: Locale
) -> Response:
    """Not take it after all; possible until enough people take it."""
    found = pledging.by_key(session, pledge_key)
    try:
        pledging.withdraw(session, pledge_key)
    except CosmoError as error:
        return _own(request, session, found, now, locale, status=error.status, problem=error.detail)
    return RedirectResponse(f"/pledge/{pledge_key}", 303)
