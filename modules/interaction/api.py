"""/api/v1 of interaction: families, the configurator, changes, messages."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, BackgroundTasks, Request

from cosmo.access import order_for
from cosmo.asking import answerers_at, family_card, shop_listings
from cosmo.i18n import gettext, pick
from cosmo.ports import DomainValue, ShipTo
from cosmo.repairing import Mended
from cosmo.taxes import tax_on
from modules.interaction import noticing, service
from modules.interaction.asking import Told, ask_configurator
from modules.interaction.models import Message
from modules.interaction.schemas import ConfigureIn, MessageIn, MessageOut, RepairOut
from web.deps import (
    EVERYONE,
    ORDERING,
    CurrentNow,
    CurrentPrincipal,
    Db,
    Locale,
    ReadSession,
    WriteSession,
    allow,
)
from web.guesses import must_not_guess
from web.ordering import customer_of
from web.shapes import PriceOut, PromiseOut, Slug, price_out, promise_out

router = APIRouter(prefix="/api/v1", tags=["interaction"])


@router.get("/families", dependencies=[allow(*EVERYONE)])
def families(session: ReadSession, now: CurrentNow, locale: Locale) -> list[dict[str, str]]:
    """What the plants list, in their order: `[{slug, name, plant}]`."""
    cards = [listing.card for listing in shop_listings(session, now)]
    return [{"slug": c.slug, "name": pick(c.name, locale), "plant": c.plant_slug} for c in cards]


@router.get("/families/{slug}", dependencies=[allow(*EVERYONE)])
def family(slug: Slug, session: ReadSession, locale: Locale) -> dict[str, Any]:
    """Options, domains and the rules in words."""
    card = family_card(session, slug)
    answerers = answerers_at(session, card.manufacturer_id)
    return {"plant": card.plant_slug, **answerers.configurator.describe(session, slug, locale)}


@router.post("/families/{slug}/configure", dependencies=[allow(*EVERYONE)])
def configure(
    slug: Slug,
    body: ConfigureIn,
    request: Request,
    database: Db,
    later: BackgroundTasks,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> dict[str, Any]:
    """All still valid values with reasons; with a complete selection also today's price and date; with an
    impossible one `conflicts`, and `repairs`: the ways out with the fewest changes, then by price and date.
    With `promise: false` the plan is not asked, and `promise` stays null.
    """
    ship_to = body.ship_to.port() if body.ship_to else ShipTo()
    selections = {name: value for name, value in body.selections.items() if value is not None}
    quantity = body.quantity or family_card(session, slug).quantity
    asked = (selections, quantity, ship_to)
    must_not_guess(request, session, slug, body.offer_code, now)
    told = ask_configurator(
        session, slug, *asked, locale, now, requested=body.requested_date, with_date=body.promise,
        code=body.offer_code, customer_id=customer_of(principal),
    )  # fmt: skip
    if task := noticing.count_later(database, noticing.seen(told.plant, slug, told.answer, quantity, now)):
        later.tasks.append(task)
    return {
        **_answer(told),
        **_offer(told, ship_to, locale),
        "quantity": quantity,
        "offer_code_problem": gettext(locale, told.code_why) if told.code_why else None,
        "preview_url": _preview(slug, selections),
    }


def _answer(told: Told) -> dict[str, Any]:
    answer = told.answer
    return {
        "selections": dict(answer.selections),
        "domains": {option: [_value(v) for v in values] for option, values in answer.domains.items()},
        "inputs": {option: dict(values) for option, values in answer.inputs.items()},
        "complete": answer.complete,
        "conflicts": [
            {"rule": c.rule, "options": list(c.options), "message": c.message} for c in answer.conflicts
        ],
        "repairs": [_repair(one) for one in told.repairs],
    }


def _repair(one: Mended) -> RepairOut:
    return RepairOut(
        changes={name: None if value == "" else value for name, value in one.changes.items()},
        label=one.label,
        price=format(one.price.amount, "f") if one.price else None,
        price_difference=format(one.difference, "f") if one.difference is not None else None,
        currency=one.price.currency if one.price else None,
        delivery_date=one.delivery_date,
    )


def _value(value: DomainValue) -> dict[str, Any]:
    return {"value": value.value, "label": value.label, "available": value.available, "why": value.why}


def _offer(told: Told, ship_to: ShipTo, locale: str) -> dict[str, PriceOut | PromiseOut | None]:
    price = told.offer.price if told.offer else told.price
    promise = promise_out(told.offer.promise, locale) if told.offer else None
    if price is None:
        return {"price": None, "promise": promise}
    tax = tax_on(price.amount, price.currency, told.plant.country, ship_to.country)
    return {"price": price_out(price, locale, tax), "promise": promise}


def _preview(slug: str, selections: dict[str, Any]) -> str:
    return f"/preview/{slug}.svg?{urlencode(selections)}"


@router.get("/orders/{order_id}/messages", dependencies=[allow(*ORDERING)])
def messages(
    order_id: str, session: ReadSession, principal: CurrentPrincipal, token: str | None = None
) -> list[MessageOut]:
    """The conversation about an order, oldest first."""
    order = order_for(session, principal, order_id, token)
    return [_told(m) for m in service.thread(session, order.id)]


@router.post("/orders/{order_id}/messages", status_code=201, dependencies=[allow(*ORDERING)])
def write(
    order_id: str,
    body: MessageIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    token: str | None = None,
) -> MessageOut:
    """Add to the conversation; who asks decides whose side it is."""
    order = order_for(session, principal, order_id, token)
    sent = service.send_message(
        session, order.id, body.text, from_plant=principal.of_plant, account_id=principal.account_id, now=now
    )
    return _told(sent)


def _told(message: Message) -> MessageOut:
    return MessageOut(
        id=message.id, from_plant=message.from_plant, text=message.text, sent_at=message.sent_at
    )
