"""Quotes, orders and baskets: asked for and placed through the API."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session, select
from starlette.responses import JSONResponse, Response

from cosmo import idempotency
from cosmo.access import may_place
from cosmo.asking import answerers_at, answerers_for, family_card
from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal, party_of
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.placing import Customer, MovedOffer, can_be_placed, place, place_directly
from cosmo.ports import Ask
from cosmo.promise import ask_of
from cosmo.quoting import quote, requote
from cosmo.registry import modules_on
from cosmo.signing import Signed, is_signed
from cosmo.signing import signature as sign
from cosmo.stages import Stage
from cosmo.together import Wish
from web.api_schemas import (
    BasketIn,
    BasketOut,
    CustomerIn,
    OrderIn,
    PlacedOut,
    QuoteIn,
    QuoteOut,
    QuoteSeenOut,
)
from web.deps import (
    ORDERING,
    CurrentNow,
    CurrentPrincipal,
    CurrentVisit,
    Locale,
    ReadSession,
    RememberedPrincipal,
    WriteSession,
    allow,
    remembered,
)
from web.guesses import must_not_guess
from web.keys import Key, scope_of
from web.ordering import may_ask, not_too_often, quotes_to_place, requester_of, tracking_url
from web.problems import PROBLEMS, answer_error
from web.quote_shapes import changed_of
from web.shapes import price_of, promise_of
from web.site import site
from web.visits import Visit

router = APIRouter(prefix="/api/v1", tags=["orders"])
Placed = dict[str, Any] | MovedOffer


@router.post("/quotes", status_code=201, dependencies=[allow(*ORDERING)], responses=PROBLEMS)
def post_quote(
    request: Request,
    body: QuoteIn,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> QuoteOut:
    """A price and a promised date, with the capacity behind it held until `expires_at` (wall time)."""
    ask = body.ask(locale)
    may_ask(request, session, principal, ask)
    must_not_guess(request, session, ask.family, ask.code, now)
    order = quote(session, ask, requester=requester_of(principal), now=now, service=body.service)
    return _priced_now(request, session, order, now, locale)


def _priced_now(request: Request, session: Session, order: Order, now: Now, locale: str) -> QuoteOut:
    """A quote just made, and why the code that came with it takes nothing off."""
    why = answerers_for(session, order).offers.why_not(session, ask_of(session, order), order.plant_id, now)
    told = _quote_told(request, session, order, locale)
    return QuoteOut(**told, offer_code_problem=gettext(locale, why) if why else None)


@router.get("/quotes/{order_id}", dependencies=[allow(*ORDERING)], responses=PROBLEMS)
def get_quote(
    request: Request,
    order_id: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    signature: Annotated[str, Query(max_length=200)] | None = None,
) -> QuoteSeenOut:
    """A quote as it stands; with a `signature` also whether it vouches for it as it stands."""
    (order,) = quotes_to_place(request, session, principal, [order_id])
    told = _quote_told(request, session, order, locale)
    signed = None if signature is None else is_signed(session, _secret(request), order, signature)
    return QuoteSeenOut(**told, open=can_be_placed(order, now), signed=signed)


@router.post("/quotes/{order_id}/renewal", dependencies=[allow(*ORDERING)], responses=PROBLEMS)
def renew_quote(
    request: Request,
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> QuoteOut:
    """The same wish with today's price and date, held anew, also once it has expired; `changed` says what is
    different and why. 422 with `conflicts` where it cannot be made any more as it was chosen."""
    (order,) = quotes_to_place(request, session, principal, [order_id])
    not_too_often(request, principal)
    service = order.promise.get("service") or None
    order = requote(session, order_id, requester=requester_of(principal), now=now, service=service)
    return _priced_now(request, session, order, now, locale)


def _quote_told(request: Request, session: Session, order: Order, locale: str) -> dict[str, Any]:
    """A quote in the shape of `QuoteOut`. Raises `Conflict` for what is no quote any more."""
    promise = promise_of(order, locale)
    if order.stage not in (Stage.QUOTED, Stage.LAPSED) or promise is None or order.quote_expires_at is None:
        raise Conflict(N_("This quote is an order already."))
    return {
        "id": order.id,
        "price": price_of(session, order, locale),
        "promise": promise,
        "expires_at": order.quote_expires_at,
        "signature": sign(session, _secret(request), order),
        "changed": changed_of(order, locale),
    }


def _secret(request: Request) -> str:
    return site(request).settings.secret


@router.post(
    "/orders", status_code=201, dependencies=[allow(*ORDERING)], response_model=PlacedOut, responses=PROBLEMS
)
async def post_order(
    request: Request,
    body: OrderIn,
    visit: CurrentVisit,
    key: Key = None,
) -> Response:
    """Place a quote, or order directly. The same `Idempotency-Key` with the same body replays the answer."""
    wish = _wish(request, body, visit, key)
    answer = await site(request).desk.place(wish) if wish is not None else None
    if answer is not None:
        return JSONResponse(answer, 201)
    async with site(request).sessions.write() as session:
        return await run_in_threadpool(_order_alone, request, body, session, visit, key)


def _wish(request: Request, body: OrderIn, visit: Visit, key: str | None) -> Wish | None:
    """What the desk places together with others'; None for what is more than a known person's quote."""
    principal, has_browser = visit.principal, visit.sent is not None
    requester = requester_of(principal)
    known = principal.signed_in or principal.session_id is not None
    customer = body.customer.port() if body.customer else Customer("", "")  # who is signed in has an own
    if body.quote_id is None or not known or (body.customer is None and requester.customer_id is None):
        return None
    signed = _signed(request, {body.quote_id: body.signature} if body.signature is not None else None)
    return Wish(
        body.quote_id,
        customer,
        requester,
        may=lambda order: may_place(principal, order, has_browser=has_browser),
        tell=lambda order: _told(request, order),
        key=idempotency.Key(scope_of(principal), key, idempotency.hash_of(_body(body))) if key else None,
        signed=signed,
    )


def _body(body: OrderIn) -> bytes:
    return f"orders {body.model_dump_json()}".encode()


def _order_alone(
    request: Request, body: OrderIn, session: Session, visit: Visit, key: str | None
) -> Response:
    principal, now = remembered(request, session), visit.now

    def work() -> Placed:
        customer = _customer(session, principal, body.customer)
        if body.quote_id is not None:
            quotes_to_place(request, session, principal, [body.quote_id])
            signed = _signed(request, {body.quote_id: body.signature} if body.signature is not None else None)
            requester = requester_of(principal)
            placed = place(session, [body.quote_id], customer, requester=requester, now=now, signed=signed)
            return placed if isinstance(placed, MovedOffer) else _told(request, placed[0])
        ask = _ask(session, body, visit.locale)
        may_ask(request, session, principal, ask)
        _code_counts(request, session, ask, now)
        requester = requester_of(principal)
        order = place_directly(session, ask, customer, requester=requester, now=now, service=body.service)
        return _told(request, order)

    return _once(request, session, principal, key, _body(body), now, work)


@router.post(
    "/baskets", status_code=201, dependencies=[allow(*ORDERING)], response_model=BasketOut, responses=PROBLEMS
)
def post_basket(
    request: Request,
    body: BasketIn,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    key: Key = None,
) -> Response:
    """Place several quotes together: all or none."""

    def work() -> Placed:
        customer = _customer(session, principal, body.customer)
        ids = list(body.quote_ids)
        quotes_to_place(request, session, principal, ids)
        signed = _signed(request, body.signatures)
        placed = place(session, ids, customer, requester=requester_of(principal), now=now, signed=signed)
        if isinstance(placed, MovedOffer):
            return placed
        return {"id": placed[0].basket_id, "orders": [_told(request, order) for order in placed]}

    told = f"baskets {body.model_dump_json()}".encode()
    return _once(request, session, principal, key, told, now, work)


def _once(
    request: Request,
    session: Session,
    principal: Principal,
    key: str | None,
    body: bytes,
    now: Now,
    work: Callable[[], Placed],
) -> Response:
    """Do the work once per key. A moved promise keeps no answer: the same request again accepts the date."""
    scope = scope_of(principal)
    kept = idempotency.claim(session, scope, key, body, now) if key else None
    if kept is not None:
        return JSONResponse(kept.answer, kept.status)
    done = work()
    if isinstance(done, MovedOffer):
        if key:
            session.delete(session.get_one(idempotency.IdempotencyRow, (scope, key)))
        refusal = done.refusal()
        refusal.extra["signature"] = sign(session, _secret(request), done.order)
        return answer_error(request, refusal)
    if key:
        idempotency.keep(session, scope, key, 201, done)
    return JSONResponse(done, 201)


def _signed(request: Request, given: Mapping[str, str] | None) -> Signed | None:
    return None if given is None else Signed(_secret(request), given)


def _told(request: Request, order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": order.number,
        "stage": order.stage,
        "promised_date": order.promised_date.isoformat() if order.promised_date else None,
        "tracking_url": tracking_url(request, order),
    }


def _customer(session: Session, principal: Principal, given: CustomerIn | None) -> Customer:
    """Whom the order is for: as given, or the signed-in customer."""
    if given is not None:
        return given.port()
    party = party_of(session, principal) if principal.role == Role.CUSTOMER else None
    if party is None:
        raise Invalid("Say who orders: customer with name and email.", field="customer")
    return Customer(party.name, party.email or "")


def _code_counts(request: Request, session: Session, ask: Ask, now: Now) -> None:
    """Raises `Invalid` for a code that takes nothing off: ordered directly, nobody has seen the price."""
    if not ask.code:
        return
    must_not_guess(request, session, ask.family, ask.code, now)
    card = family_card(session, ask.family)
    why = answerers_at(session, card.manufacturer_id).offers.why_not(session, ask, card.plant_id, now)
    if why is not None:
        raise Invalid(why, field="offer_code")


def _ask(session: Session, body: OrderIn, locale: str) -> Ask:
    """The wish of a direct order. Raises `Invalid` for an own spec at a plant that works specs out itself."""
    assert body.quantity is not None
    ship_to = body.ship_to.port() if body.ship_to else Ask("", {}, 1).ship_to
    wish = (body.selections, body.quantity, ship_to, body.requested_date, body.pieces, locale)
    if body.spec is None:
        return Ask(body.family or "", *wish, code=body.offer_code)
    plant = session.exec(select(Plant).where(Plant.slug == body.plant)).one_or_none()
    if plant is None:
        raise Invalid(f"There is no plant {body.plant!r}.", field="plant")
    if body.offer_code:
        raise Invalid(N_("A code is for what the plant offers, not for an own design."), field="offer_code")
    if "rnd" in modules_on(session, plant.manufacturer_id):
        raise Invalid(
            "This plant works out BOM and routing itself; order a family, without spec.", field="spec"
        )
    return Ask(body.family or "own-design", *wish, body.spec.spec(body.quantity), plant.id)
