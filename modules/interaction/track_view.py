"""The customer's page of one order: the date, what happens now, the journey, what they may still change."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlmodel import Session, col, select

from cosmo import formats
from cosmo.asking import all_families
from cosmo.clock import Now
from cosmo.events import Event
from cosmo.i18n import N_, gettext, pick, say
from cosmo.lifecycle import state_of
from cosmo.orders import Address, Order
from cosmo.parties import Plant
from cosmo.payloads import MOVE_REASONS, PromiseMoved
from cosmo.ports import Journey, JourneyNode
from cosmo.promise import day_end, spec_of
from cosmo.registry import on_for, registry
from cosmo.stages import Stage
from modules.interaction import service
from modules.interaction.configure_view import counted
from modules.interaction.pictures import mug_of, picture
from modules.interaction.words import day_month, place, short_tick, weekday, weekends
from web.drawing.scenes import rack

ORDERED = {"en": "Ordered", "de": "Bestellt", "zh": "已下单"}
PICTURED = {"roller_form": "formed", "slip_cast": "formed", "glaze": "glazed"}
"""Operations with an illustration of how the pieces look after them."""


def live_page(session: Session, order: Order, locale: str, now: Now) -> dict[str, Any]:
    """Context of `parts/track.html`: everything that moves by itself; forms and panels are not in it."""
    plant = session.get_one(Plant, order.plant_id)
    drawing, unit = _family(session, order)
    nodes = journey_nodes(session, order, now)
    count = counted(order.quantity, unit, locale)
    title = pick(spec_of(session, order.id).title, locale)
    number = order.number or gettext(locale, N_("Quote"))
    return {
        "order_long": f"{number} · {count}, {title}",
        "order_short": f"{number} · {count}",
        "promise": _promise(session, order, plant, locale, now),
        "product": picture(drawing, order.selections, uid="track", title=title),
        "live": _now_card(session, order, nodes, plant, locale, now),
        "journey": _journey(session, order, plant, nodes, drawing, locale, now),
        "journey_heading": gettext(locale, N_("The journey")),
        "closing": "",
    }


def _family(session: Session, order: Order) -> tuple[str, str]:
    for card in all_families(session):
        if card.slug == order.family:
            return card.drawing, card.unit
    return "plain", "pcs"


def _promise(session: Session, order: Order, plant: Plant, locale: str, now: Now) -> dict[str, Any]:
    day = order.promised_date or now.business.date()
    state, word, text = _verdict(session, order, plant, locale, now)
    return {
        "weekday": weekday(day, locale),
        "daymonth": day_month(day, locale),
        "state": state,
        "word": word,
        "text": text,
    }


def _verdict(session: Session, order: Order, plant: Plant, locale: str, now: Now) -> tuple[str, str, str]:
    """Whether the date stands, in a word and a sentence."""
    day = formats.day(order.first_promise, locale) if order.first_promise else ""
    moved = _last_move(session, order)
    if order.stage == Stage.CANCELLED:
        return "late", gettext(locale, N_("Cancelled.")), gettext(locale, N_("Nothing more is made."))
    if order.stage in (Stage.DELIVERED, Stage.CLOSED):
        return _kept_or_not(session, order, plant, locale)
    if order.held:
        why = say(_hold_event(order), locale, plant.timezone)
        return "thin", gettext(locale, N_("Waiting for you.")), why
    if moved is not None:
        why = gettext(locale, MOVE_REASONS.get(moved.payload["reason"], ""))
        word = gettext(locale, N_("Your date moved."))
        text = gettext(locale, N_("It was {day}. {why} We are sorry."), day=day, why=why)
        return "late", word, text
    placed = formats.day(order.placed_at.date(), locale) if order.placed_at else ""
    text = gettext(locale, N_("The date promised on {day} has never moved."), day=placed)
    return "kept", gettext(locale, N_("On time.")), text


def _hold_event(order: Order) -> Any:
    from cosmo.payloads import HeldPayload

    return HeldPayload(reason=state_of(order).holds[0])


def _kept_or_not(session: Session, order: Order, plant: Plant, locale: str) -> tuple[str, str, str]:
    query = select(Event).where(Event.order_id == order.id, Event.type == "delivered")
    event = session.exec(query).first()
    if event is None or order.first_promise is None:
        return "kept", gettext(locale, N_("Delivered.")), ""
    day = formats.day_of(event.event_time, plant.timezone)
    when = formats.day(day, locale)
    if day <= order.first_promise:
        text = gettext(locale, N_("It came on {day}, as first promised."), day=when)
        return "kept", gettext(locale, N_("Delivered.")), text
    text = gettext(locale, N_("It came on {day}, later than first promised. We are sorry."), day=when)
    return "late", gettext(locale, N_("Delivered.")), text


def _last_move(session: Session, order: Order) -> Event | None:
    query = select(Event).where(Event.order_id == order.id, Event.type == PromiseMoved.type)
    return session.exec(query.order_by(col(Event.seq).desc())).first()


def journey_nodes(session: Session, order: Order, now: Now) -> list[JourneyNode]:
    """All modules' nodes after *ordered*, in order of time; what has no time yet comes last."""
    found: list[JourneyNode] = []
    for contributor in registry().contributors(Journey, on_for(session, order)):  # type: ignore[type-abstract]
        found += contributor.nodes(session, order.id, now)
    ordered = JourneyNode("ordered", ORDERED, "done" if order.placed_at else "next", "gate", order.placed_at)
    far = now.business + timedelta(days=3650)
    return [ordered, *sorted(found, key=lambda n: (n.at or far, n.code))]


def _journey(
    session: Session,
    order: Order,
    plant: Plant,
    nodes: Sequence[JourneyNode],
    drawing: str,
    locale: str,
    now: Now,
) -> dict[str, Any]:
    start = order.placed_at or order.created_at
    end = _end(order, plant, nodes, now)
    span = max((end - start).total_seconds(), 1.0)

    def at(instant: datetime) -> float:
        return min(1.0, max(0.0, (instant - start).total_seconds() / span))

    city = _city(session, order)
    return {
        "title": gettext(locale, N_("The journey of your order, in real time.")),
        "now": at(now.business),
        "bands": weekends(start, end, plant.timezone),
        "stages": [_stage(n, at, order, plant, drawing, locale, now) for n in nodes],
        "goal": _goal(order, plant, city, locale),
    }


def _end(order: Order, plant: Plant, nodes: Sequence[JourneyNode], now: Now) -> datetime:
    last = max((n.at for n in nodes if n.at), default=now.business)
    promised = day_end(plant, order.promised_date) if order.promised_date else last
    return max(promised, last + timedelta(hours=6))


def _city(session: Session, order: Order) -> str:
    address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    return address.city if address else ""


def _goal(order: Order, plant: Plant, city: str, locale: str) -> dict[str, str]:
    label = place(city, locale) if order.stage not in (Stage.DELIVERED, Stage.CLOSED) else ""
    label = label or gettext(locale, N_("Delivered"))
    day = order.promised_date
    return {"label": label, "when": formats.shortday(day, locale) if day else ""}


def _stage(
    node: JourneyNode, at: Any, order: Order, plant: Plant, drawing: str, locale: str, now: Now
) -> dict[str, Any]:
    when = short_tick(formats.day_of(node.at, plant.timezone), locale) if node.at else ""
    stage: dict[str, Any] = {
        "at": at(now.business if node.state == "now" else node.at or now.business),
        "label": pick(node.name, locale),
        "when": when,
        "state": node.state,
        "note": pick(node.note, locale) if node.note else "",
    }
    if node.state == "now" and node.until is not None:
        until = formats.daytime(node.until, locale, plant.timezone)
        stage |= {
            "when": gettext(locale, N_("Now, until {when}"), when=until),
            "when_short": gettext(locale, N_("now")),
        }
    scene = PICTURED.get(node.code.split(":")[0])
    if drawing == "mug" and node.state == "done" and scene:
        stage |= {
            "picture": rack(mug_of(order.selections), scene, uid=f"r-{scene}"),
            "caption": gettext(locale, N_("illustration")),
        }
    return stage


def _now_card(
    session: Session, order: Order, nodes: Sequence[JourneyNode], plant: Plant, locale: str, now: Now
) -> Markup:
    """What happens right now, in two lines, where no kiln burns."""
    going = next((n for n in nodes if n.state == "now"), None)
    if order.stage in (Stage.CLOSED, Stage.DELIVERED, Stage.CANCELLED):
        return Markup("")
    coming = next((n for n in nodes if n.state == "next" and n.at), None)
    live = gettext(locale, N_("Live, {time}"), time=formats.clock(now.business, locale, plant.timezone))
    lines = _now_lines(going, coming, plant, locale)
    return Markup(
        '<section class="kiln kiln-quiet"><span class="heard"><span class="live"></span>'
        "<span>{}</span></span><h2>{}</h2></section>"
    ).format(live, Markup("").join(Markup("<span>{}</span>").format(x) for x in lines))


def _now_lines(going: JourneyNode | None, coming: JourneyNode | None, plant: Plant, locale: str) -> list[str]:
    lines = []
    if going is not None:
        lines.append(f"{pick(going.name, locale)}.")
    if coming is not None and coming.at is not None:
        when = formats.daytime(coming.at, locale, plant.timezone)
        lines.append(gettext(locale, N_("Next: {what}, {when}."), what=pick(coming.name, locale), when=when))
    return lines or [gettext(locale, N_("Your order has its place in the plan."))]


def yours(order: Order, token: str, locale: str) -> dict[str, Any]:
    """What the customer may still change, and what is fixed."""
    open_ = service.can_change_address(order)
    until = formats.shortday(order.ready_at.date(), locale) if order.ready_at else ""
    row: dict[str, Any] = {"what": gettext(locale, N_("Address")), "icon": "truck"}
    if open_:
        row |= {
            "until": gettext(locale, N_("until it is packed, {day}"), day=until),
            "href": f"/track/{token}/address",
            "action": gettext(locale, N_("Change")),
        }
    else:
        row |= {"until": gettext(locale, N_("fixed since it was packed")), "fixed": True}
    rows = [row]
    if order.stage in ("placed", "engineered", "sourced", "scheduled", "in_production"):
        rows.append(
            {
                "what": gettext(locale, N_("The whole order")),
                "until": gettext(locale, N_("can still be cancelled; the cost is shown first")),
                "icon": "edit",
                "href": f"/track/{token}/cancellation",
                "action": gettext(locale, N_("Cancel")),
            }
        )
    return {"heading": gettext(locale, N_("Yours to change")), "rows": rows}


def conversation(session: Session, order: Order, plant: Plant, locale: str) -> list[dict[str, Any]]:
    """The thread as the macro `messages` shows it."""
    told = []
    for message in service.thread(session, order.id):
        who = plant.name if message.from_plant else gettext(locale, N_("You"))
        when = formats.daytime(message.sent_at, locale, plant.timezone)
        told.append(
            {
                "initial": who[:1].upper(),
                "text": message.text,
                "by": f"{who}, {when}",
                "mine": not message.from_plant,
            }
        )
    return told
