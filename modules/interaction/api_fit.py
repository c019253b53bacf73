"""/api/v1: make it fit, as the page does: the nearest configurations that meet a day and a budget."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import Field, model_validator

from cosmo import formats
from cosmo.asking import answerers_at, family_card
from cosmo.errors import Invalid
from cosmo.fitting import Aim, Fit, Nearest, aimed_at, fitting
from cosmo.i18n import N_
from cosmo.parties import Role
from cosmo.ports import ShipTo, Unbuildable
from cosmo.promise import farthest_day
from modules.interaction.aiming import BEYOND, MOST_BUDGET
from modules.interaction.asking import ask_configurator
from web.api_schemas import Code
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, ReadSession, allow
from web.guesses import must_not_guess
from web.ordering import customer_of
from web.problems import PROBLEMS
from web.shapes import (
    In,
    OfferCode,
    OptionValue,
    Out,
    PromiseOut,
    Quantity,
    Selections,
    ShipToIn,
    Slug,
    promise_out,
)
from web.site import site

router = APIRouter(prefix="/api/v1", tags=["interaction"])
OVER = N_("That day is over. Name one that is still to come.")


class FitIn(In):
    """A complete selection, and the day it is needed by, what it may cost at most (before tax), or both."""

    selections: Selections = Field(default_factory=dict)
    quantity: Quantity | None = None
    ship_to: ShipToIn | None = None
    offer_code: OfferCode = ""
    service: Code | None = None
    needed_by: date | None = None
    budget: Annotated[Decimal, Field(gt=0, le=MOST_BUDGET, decimal_places=2)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.needed_by is None and self.budget is None:
            raise ValueError("name a day (needed_by), a budget, or both")
        return self


class FitOut(Out):
    """`changes`: option (or `quantity`, `service`) -> its other value, null leaves it out; none where what is
    chosen fits already. `price_difference` is to what is chosen now."""

    changes: dict[str, OptionValue]
    price: str
    price_difference: str
    currency: str
    promise: PromiseOut


class FittingOut(Out):
    """`found`: at most three, the fewest changes first. Where nothing fits, `nearest` says what comes
    nearest, by what is best about it. `whole`: nothing was left unseen."""

    found: list[FitOut]
    nearest: dict[Nearest, FitOut]
    whole: bool


@router.post("/families/{slug}/fit", dependencies=[allow(*EVERYONE)], responses=PROBLEMS)
def fit(
    request: Request,
    slug: Slug,
    body: FitIn,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> FittingOut:
    """The nearest configurations that meet a day or a budget, with one, two or three changes; 422 with
    `conflicts` for a selection that cannot be made. With `needed_by` prices and days are those of a quote
    that asks for that day (`requested_date`)."""
    card = family_card(session, slug)
    chosen = {name: value for name, value in body.selections.items() if value is not None}
    ship_to = body.ship_to.port() if body.ship_to else ShipTo()
    must_not_guess(request, session, slug, body.offer_code, now)
    told = ask_configurator(
        session, slug, chosen, body.quantity or card.quantity, ship_to, locale, now,
        service=body.service, code=body.offer_code, customer_id=customer_of(principal),
    )  # fmt: skip
    if told.offer is None:
        found = told.answer.conflicts
        conflicts = [{"rule": c.rule, "options": list(c.options), "message": c.message} for c in found]
        raise Unbuildable(told.problem, conflicts=conflicts)
    _can_be_asked_for(body.needed_by, formats.day_of(now.business, told.plant.timezone))
    if principal.role == Role.GUEST:
        site(request).limiter.hit("fit", request.client.host if request.client else "")
    answerers, aim = answerers_at(session, card.manufacturer_id), Aim(body.needed_by, body.budget)
    asked = (session, answerers, told.plant.id)
    made = fitting(*asked, told.offer, told.answer, aim, now, service=body.service)
    base = aimed_at(*asked, told.offer, aim, now, service=body.service).price.amount
    return FittingOut(
        found=[_told(one, base, locale) for one in made.found],
        nearest={kind: _told(one, base, locale) for kind, one in made.nearest.items()},
        whole=made.whole,
    )


def _can_be_asked_for(day: date | None, today: date) -> None:
    if day is not None and day < today:
        raise Invalid(OVER, field="needed_by")
    if day is not None and day > farthest_day(today):
        raise Invalid(BEYOND, field="needed_by")


def _told(one: Fit, base: Decimal, locale: str) -> FitOut:
    return FitOut(
        changes=_plain(one.changes),
        price=format(one.price.amount, "f"),
        price_difference=format(one.price.amount - base, "f"),
        currency=one.price.currency,
        promise=promise_out(one.promise, locale),
    )


def _plain(changes: Mapping[str, Any]) -> dict[str, OptionValue]:
    return {name: None if value == "" else value for name, value in changes.items()}
