"""Live streams (server-sent events). An order's stream has its `seq` as `id` and resumes without a gap from
`Last-Event-ID`; boards get the named event `changed` and look again.

Modules put the customer's fragments into the slot `track.event` (context: `TrackEvent`); without one the
event's sentence is sent. Fragments are made once for all who watch in one language, so they carry no `hx-*`.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from markupsafe import Markup, escape
from sqlmodel import Session
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from cosmo.access import order_by_token, order_for, plant_for
from cosmo.clock import read_now
from cosmo.events import Event, Payload, events_after, payload_of, scrubbed
from cosmo.i18n import say
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import PLANT_ROLES, Plant, Role
from cosmo.registry import on_for, registry
from web.contexts import OrderContext
from web.deps import EVERYONE, ORDERING, PLANT, CurrentPrincipal, Db, Locale, allow
from web.hub import Hub, Message, View
from web.site import Site, site

router = APIRouter()
PING_SECONDS = 15
LARGEST_ID = 2**31
After = Annotated[int, Query(ge=0, le=LARGEST_ID)]
LastEventId = Annotated[str, Header(alias="Last-Event-ID", max_length=20)]


@dataclass(frozen=True, slots=True)
class TrackEvent:
    """Context of the slot `track.event`: one event as the customer sees it."""

    session: Session
    order: Order
    event: Event
    payload: Payload
    sentence: str
    locale: str
    modules_on: frozenset[str]
    page: Callable[[], OrderContext]
    """The customer's page as it is now, for fragments that redraw more than the one event."""


@router.get("/track/{token}/events", dependencies=[allow(*EVERYONE)], include_in_schema=False)
async def track_stream(
    request: Request, token: str, locale: Locale, after: After = 0, last_event_id: LastEventId = ""
) -> EventSourceResponse:
    """The customer's live page: HTML fragments, one unnamed message per event."""
    here = site(request)

    def find() -> str:
        with here.db.read() as session:
            return order_by_token(session, token).id

    order_id = await run_in_threadpool(find)
    view = View(("track", locale), _fragment_view(here, locale))
    return await _order_stream(here, order_id, view, _start(after, last_event_id), _heartbeat)


@router.get("/api/v1/orders/{order_id}/stream", dependencies=[allow(*ORDERING)], response_model=None)
async def order_stream(
    request: Request,
    order_id: str,
    principal: CurrentPrincipal,
    locale: Locale,
    token: Annotated[str | None, Query(max_length=100)] = None,
    after: After = 0,
    last_event_id: LastEventId = "",
) -> EventSourceResponse:
    """The order's events as JSON, from 1 or after `Last-Event-ID`."""
    here = site(request)

    def check() -> None:
        with here.db.read() as session:
            order_for(session, principal, order_id, token)

    await run_in_threadpool(check)
    audience = audience_of(principal)
    view = View(("api", audience, locale), _json_view(audience, locale))
    return await _order_stream(here, order_id, view, _start(after, last_event_id), _comment)


@router.get("/plant/{slug}/live", dependencies=[allow(*PLANT)], include_in_schema=False)
async def plant_stream(
    request: Request, slug: str, principal: CurrentPrincipal, db: Db
) -> EventSourceResponse:
    """`changed` whenever anything of the plant changed."""

    def find() -> str:
        with db.read() as session:
            return plant_for(session, principal, slug).id

    return await _board_stream(site(request), f"plant:{await run_in_threadpool(find)}")


@router.get("/supplier/live", dependencies=[allow(Role.SUPPLIER)], include_in_schema=False)
async def supplier_stream(request: Request, principal: CurrentPrincipal) -> EventSourceResponse:
    """`changed` whenever anything for this supplier changed."""
    return await _board_stream(site(request), f"party:{principal.party_id}")


@router.get("/carrier/live", dependencies=[allow(Role.CARRIER)], include_in_schema=False)
async def carrier_stream(request: Request, principal: CurrentPrincipal) -> EventSourceResponse:
    """`changed` whenever anything for this carrier changed."""
    return await _board_stream(site(request), f"party:{principal.party_id}")


def audience_of(principal: Principal) -> str:
    """As whom the principal reads an order's events."""
    return "plant" if principal.role in PLANT_ROLES else "customer"


def _start(after: int, last_event_id: str) -> int:
    """`Last-Event-ID` wins, since browsers repeat the address on every reconnect."""
    known = last_event_id.strip()
    return int(known) if known.isascii() and known.isdecimal() and int(known) <= LARGEST_ID else after


async def _order_stream(
    here: Site, order_id: str, view: View, after: int, heartbeat: Callable[[], ServerSentEvent]
) -> EventSourceResponse:
    hub = here.hub
    watcher = hub.watch(f"order:{order_id}", view)

    def between(seq: int) -> list[Message]:
        return _replay(here, order_id, view, seq)

    async def messages() -> AsyncIterator[bytes]:
        last = after
        try:
            await run_in_threadpool(hub.ensure_running)
            while backlog := await run_in_threadpool(between, last):
                for message in backlog:
                    yield message.data
                    last = message.seq
            while (message_or_end := await watcher.queue.get()) is not None:
                if message_or_end.seq > last + 1:
                    for missed in await run_in_threadpool(between, last):
                        yield missed.data
                        last = missed.seq
                if message_or_end.seq > last:
                    yield message_or_end.data
                    last = message_or_end.seq
        finally:
            hub.leave(watcher)

    return _response(messages(), heartbeat)


async def _board_stream(here: Site, topic: str) -> EventSourceResponse:
    hub: Hub = here.hub
    watcher = hub.watch(topic, View(("board",)))

    async def messages() -> AsyncIterator[bytes]:
        try:
            await run_in_threadpool(hub.ensure_running)
            while (message := await watcher.queue.get()) is not None:
                while not watcher.queue.empty():
                    message = watcher.queue.get_nowait() or message
                yield message.data
        finally:
            hub.leave(watcher)

    return _response(messages(), _heartbeat)


def _response(
    messages: AsyncIterator[bytes], heartbeat: Callable[[], ServerSentEvent]
) -> EventSourceResponse:
    return EventSourceResponse(messages, ping=PING_SECONDS, ping_message_factory=heartbeat, send_timeout=30)


def _comment() -> ServerSentEvent:
    return ServerSentEvent(comment="heartbeat")


def _heartbeat() -> ServerSentEvent:
    """For pages, whose script hears no comments and has to tell a quiet stream from a dead one. Without data
    it is no event to other clients."""
    return ServerSentEvent(event="heartbeat")


def _replay(here: Site, order_id: str, view: View, after: int) -> list[Message]:
    assert view.render is not None
    with here.db.read() as session:
        events = events_after(session, order_id, after, 200)
        order = session.get_one(Order, order_id)  # after them: a page must not show less than it was told
        return [view.render(session, order, event) for event in events]


def event_out(
    session: Session, order: Order, event: Event, audience: str, locale: str
) -> dict[str, Any] | None:
    """An event as JSON tells it to `audience`; None if it is not for it."""
    payload = scrubbed(event, audience)
    if payload is None:
        return None
    return {
        "seq": event.seq,
        "type": event.type,
        "event_time": event.event_time.isoformat(),
        "record_time": event.record_time.isoformat(),
        "sentence": sentence_of(session, order, event, locale),
        "payload": payload,
    }


def sentence_of(session: Session, order: Order, event: Event, locale: str) -> str:
    """The event in the reader's words, times in the plant's zone."""
    return say(payload_of(event), locale, session.get_one(Plant, order.plant_id).timezone)


def _json_view(audience: str, locale: str) -> Callable[[Session, Order, Event], Message]:
    def render(session: Session, order: Order, event: Event) -> Message:
        told = event_out(session, order, event, audience, locale)
        return _message(event.seq, None if told is None else json.dumps(told, ensure_ascii=False))

    return render


def _fragment_view(here: Site, locale: str) -> Callable[[Session, Order, Event], Message]:
    def render(session: Session, order: Order, event: Event) -> Message:
        return _message(event.seq, track_fragment(here, session, order, event, locale))

    return render


def track_fragment(here: Site, session: Session, order: Order, event: Event, locale: str) -> str | None:
    """The customer's markup for one event; None for one that is not told."""
    if scrubbed(event, "customer") is None:
        return None
    payload, sentence = payload_of(event), sentence_of(session, order, event, locale)
    on = on_for(session, order)
    page = partial(track_page, here, session, order, locale)
    context = TrackEvent(session, order, event, payload, sentence, locale, on, page)
    for slot in registry().slots("track.event", on):
        if (markup := slot.render(context)) is not None:
            return markup
    return str(Markup("<li>{}</li>").format(escape(sentence))) if sentence else None


def track_page(here: Site, session: Session, order: Order, locale: str, csrf_field: str = "") -> OrderContext:
    """What slots of the customer's page get: the order as it is now, told in `locale`."""
    return OrderContext(
        session=session,
        order=order,
        plant=session.get_one(Plant, order.plant_id),
        now=read_now(session),
        locale=locale,
        modules_on=on_for(session, order),
        markup=partial(_markup, here, locale),
        csrf_field=csrf_field,
        token=order.tracking_token,
    )


def _markup(here: Site, locale: str, name: str, **values: Any) -> str:
    return here.pages.markup(name, locale, **values)


def _message(seq: int, data: str | None) -> Message:
    """An unnamed message; without data only the id moves on, and nothing is shown."""
    if data is None:
        return Message(seq, f"id: {seq}\r\n\r\n".encode())
    return Message(seq, ServerSentEvent(data=data, id=str(seq)).encode())
