"""The configurator: choices, price and date at every click; what is chosen is quoted, or kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sqlmodel import Session, select
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from cosmo.access import orders_visible
from cosmo.asking import family_card
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal
from cosmo.offer_ports import LONGEST_CODE
from cosmo.once import kept
from cosmo.orders import Basket, Order
from cosmo.parties import Plant
from cosmo.ports import FamilyCard
from cosmo.quoting import quote
from modules.interaction import guessing, noticing, selecting, uploads
from modules.interaction.asking import ask_configurator, drawn_from
from modules.interaction.configure_view import here, laid_unseen, page
from modules.interaction.options_view import NOTHING, WRONG, Asked
from modules.interaction.origins import Origin, origin_of, origin_words
from modules.interaction.renewing import lost_words
from modules.interaction.saving import ask_for, draft_to_quote, keep_design
from modules.interaction.shelf import shelf_of
from modules.interaction.wishing import Wish, wish_of
from web import promise_score
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
from web.ordering import customer_of, may_ask, requester_of
from web.site import site
from web.templating import render

router = APIRouter()
UNCOUNTED = N_("Write how many as a whole number from 1 to 100,000.")
SAVES = ("save", "save-as")
NO_DAY = N_("Write the day as in 2026-06-26.")
NO_CODE = N_("A code has at most {n} signs. Write it as it was announced, or leave it empty.")


@router.get("/configure/{family}", dependencies=[allow(*EVERYONE)])
def configure(
    request: Request,
    family: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    quote: str | None = None,
) -> Response:
    """The configurator with the selections of the address; `quote` is one that cannot be made any more."""
    card = family_card(session, family)
    former = _former(session, principal, quote, family) if quote else None
    query = dict(request.query_params)
    origin = None if former else origin_of(session, principal, card, query, locale)
    guessed = guessing.refused(request, session, card, query, now, locale)
    return _page(
        request, session, card, query, principal, now, locale, refused=guessed, former=former, origin=origin
    )


def _score(request: Request, session: Session, plant: Plant, now: Now, locale: str) -> dict[str, str]:
    return promise_score.line(promise_score.score_of(request, session, plant, now), plant.slug, locale)


def _former(session: Session, principal: Principal, order_id: str, family: str) -> Order | None:
    """That quote, if it is the visitor's and of this family."""
    mine = (Order.id == order_id, Order.family == family, orders_visible(principal))
    return session.exec(select(Order).where(*mine)).one_or_none()


def _page(
    request: Request,
    session: Session,
    card: FamilyCard,
    form: Mapping[str, Any],
    principal: Principal,
    now: Now,
    locale: str,
    *,
    status: int = 200,
    refused: Mapping[str, str] | None = None,
    former: Order | None = None,
    origin: Origin | None = None,
    problem: Markup = NOTHING,
) -> Response:
    asked = _asked(session, card, form, principal, now, locale, refused or {})
    told = lost_words(asked.described, former, locale) if former is not None else NOTHING
    asked = replace(asked, lost=problem + told + origin_words(asked.described, origin, locale))
    context = page(asked, locale, now, _hidden(asked), _score(request, session, asked.plant, now, locale))
    return render(
        request,
        "interaction/configure.html",
        status=422 if status == 200 and asked.impossible() else status,
        page=context,
        card=card,
        brand=asked.plant.name,
    )


def _asked(
    session: Session,
    card: FamilyCard,
    form: Mapping[str, Any],
    principal: Principal,
    now: Now,
    locale: str,
    refused: Mapping[str, str],
) -> Asked:
    sent, form = form, selecting.changed(form)
    wish = wish_of(session, card, form, locale)
    uncounted = gettext(locale, UNCOUNTED) if selecting.quantity_wrong(form) else ""
    wrong = {"quantity": uncounted} if uncounted else {}
    if selecting.day_wrong(form):
        wrong["requested_date"] = gettext(locale, NO_DAY)
    if selecting.code_wrong(form):
        wrong["offer_code"] = gettext(locale, NO_CODE, n=LONGEST_CODE)
    told = ask_configurator(
        session,
        card.slug,
        wish.selections,
        wish.quantity,
        wish.ship_to,
        locale,
        now,
        service=wish.service or None,
        requested=wish.requested,
        with_earlier=True,
        code="" if "offer_code" in refused else wish.code,
        customer_id=customer_of(principal),
    )
    return Asked(
        card,
        told.plant,
        wish.described,
        told.answer,
        wish.selections,
        wish.quantity,
        wish.ship_to,
        wish.service,
        None if uncounted else told.offer,
        uncounted or told.problem,
        uploads.told(session, wish.described["options"], wish.selections),
        {**refused, **wrong},
        drawn_from(session, card.manufacturer_id, card.slug, wish.selections),
        str(form["quantity"]) if uncounted else "",
        () if uncounted else told.repairs,
        _was(wish, sent),
        wish.requested,
        str(form["requested_date"]) if "requested_date" in wrong else "",
        wish.code,
        gettext(locale, told.code_why) if told.code_why else "",
        shelf=shelf_of(session, principal, card, wish.design),
        laid=wish.laid,
    )


def _was(wish: Wish, sent: Mapping[str, Any]) -> dict[str, str]:
    options = (str(option["id"]) for option in wish.described["options"])
    return selecting.was(sent, [*options, "quantity", "service"])


def _hidden(asked: Asked) -> Markup:
    """What was said outside the options."""
    to = asked.ship_to
    rest = {"country": to.country, "city": to.city, "postal_code": to.postal_code, "service": asked.service}
    rest |= {"design": asked.shelf.design, "met": noticing.met(asked.answer, asked.quantity)}
    rest |= {"laid_wish": laid_unseen(asked)}
    return Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(k, v) for k, v in rest.items() if v
    )


@router.post("/configure/{family}", dependencies=[allow(*EVERYONE)])
def reconfigure(
    request: Request,
    family: str,
    sent: SentForm,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """A choice was made: the whole form again. `do=order` holds the place and goes on to the order form."""
    card = family_card(session, family)
    uploaded, refused = uploads.keep_all(session, request, sent.files, principal, now)
    form = {**sent.fields, **uploaded}
    refused |= guessing.refused(request, session, card, form, now, locale)
    if form.get("do") in ("order", "keep") and not refused and not _unreadable(form):
        return _quoted(request, session, card, form, principal, now, locale)
    if form.get("do") in SAVES and not refused and not _unreadable(form):
        return _kept_design(request, session, card, form, principal, now, locale)
    with kept(session):  # from here on nothing is written
        asked = _asked(session, card, form, principal, now, locale, refused)
        answer = _answered(request, session, card, form, asked, principal, now, locale)
    answer.background = _noticed(request, asked, form, now)
    return answer


def _noticed(request: Request, asked: Asked, form: Mapping[str, Any], now: Now) -> BackgroundTask | None:
    before = str(form.get("met") or "")
    family = asked.card.slug
    new = noticing.seen(asked.plant, family, asked.answer, asked.quantity, now, before, asked.described)
    return noticing.count_later(site(request).db, new)


def _unreadable(form: Mapping[str, Any]) -> bool:
    wrong = (selecting.quantity_wrong, selecting.day_wrong, selecting.code_wrong)
    return any(is_wrong(form) for is_wrong in wrong)


def _answered(
    request: Request,
    session: Session,
    card: FamilyCard,
    form: Mapping[str, Any],
    asked: Asked,
    principal: Principal,
    now: Now,
    locale: str,
) -> Response:
    """With a script the part alone; else the page, at an address that brings these choices back."""
    if not request.headers.get("HX-Request"):
        if asked.impossible():
            return _page(
                request, session, card, form, principal, now, locale, status=422, refused=asked.refused
            )
        wish = wish_of(session, card, selecting.changed(form), locale)
        return RedirectResponse(_address(card, wish, _was(wish, form)), 303)
    there = here(asked)
    return render(
        request,
        "parts/configure.html",
        status=422 if asked.impossible() else 200,
        page=page(asked, locale, now, _hidden(asked), _score(request, session, asked.plant, now, locale)),
        headers={"HX-Replace-Url": there},
    )


def _address(card: FamilyCard, wish: Wish, was: Mapping[str, str]) -> str:
    chosen = (wish.selections, wish.quantity, wish.ship_to, wish.service)
    return selecting.address(card.slug, *chosen, was, wish.requested, wish.code, wish.design, wish.laid)


def _quoted(
    request: Request,
    session: Session,
    card: FamilyCard,
    form: Mapping[str, Any],
    principal: Principal,
    now: Now,
    locale: str,
) -> Response:
    """Hold the place; back to the configurator with the reason if that is not possible."""
    wish = wish_of(session, card, form, locale)
    ask = ask_for(card, wish, locale)
    try:
        may_ask(request, session, principal, ask)
        with session.begin_nested():  # what was uploaded stays, also where no place can be held
            order = quote(
                session,
                ask,
                requester=requester_of(principal),
                now=now,
                service=wish.service or None,
                saved=draft_to_quote(session, principal, card, wish, ask, now),
            )
    except CosmoError as error:
        if error.status not in (409, 422, 429):
            raise
        return _page(request, session, card, form, principal, now, locale, status=error.status)
    if form.get("do") == "keep":
        _keep(session, order, principal, now)
        return RedirectResponse("/basket", 303)
    return RedirectResponse(f"/order/{order.id}", 303)


def _kept_design(
    request: Request,
    session: Session,
    card: FamilyCard,
    form: Mapping[str, Any],
    principal: Principal,
    now: Now,
    locale: str,
) -> Response:
    """Keep what is chosen under My designs; the configurator with the reason if that is not possible."""
    wish = wish_of(session, card, form, locale)
    try:
        with session.begin_nested():
            design = keep_design(
                request, session, card, wish, principal, now, locale, same=form.get("do") == "save"
            )
    except CosmoError as error:
        if error.status not in (403, 404, 409, 429):
            raise
        said = Markup('<div class="note note-late" role="alert" id="not-saved">{}<p>{}</p></div>')
        told = said.format(WRONG, gettext(locale, error.detail))
        return _page(request, session, card, form, principal, now, locale, status=error.status, problem=told)
    return RedirectResponse(_address(card, replace(wish, design=design.id), {}), 303)


def _keep(session: Session, order: Order, principal: Principal, now: Now) -> None:
    """Put the quote into a basket, where it waits for the others."""
    basket = Basket(session_id=principal.session_id, customer_id=principal.party_id, created_at=now.business)
    session.add(basket)
    session.flush()
    order.basket_id = basket.id
    session.add(order)
