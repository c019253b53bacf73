"""The customer's page of one order: the date, what happens now, the journey, what they may still change."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from cosmo import formats
from cosmo.clock import Now
from cosmo.freezing import CHANGEABLE
from cosmo.i18n import N_, gettext, pick
from cosmo.journey_ports import Journey, JourneyNode
from cosmo.orders import Address, Order
from cosmo.owing import quantity_of
from cosmo.parties import Plant
from cosmo.promise import day_end, spec_of
from cosmo.registry import on_for, registry
from cosmo.stages import VERBS, Stage
from modules.interaction import service
from modules.interaction.order_view import PLAIN, again_of, drawn_as, looks_of
from modules.interaction.verdict import delivered_at, overdue, promised, waits_for_customer
from modules.interaction.words import place, short_tick, weekends
from web.amounts import counted
from web.drawing.pictures import mug_of, picture
from web.drawing.scenes import rack

_STATES = ("done", "now", "next")
"""What happened at the same minute stays as its module told it; what is going on comes after."""
ORDERED = {"en": "Ordered", "de": "Bestellt", "zh": "已下单"}
OVER = (Stage.CLOSED, Stage.CANCELLED, Stage.LAPSED)
"""Nothing happens to these any more, and nothing can be changed."""
PICTURED = {"roller_form": "formed", "slip_cast": "formed", "glaze": "glazed"}
"""Operations with an illustration of how the pieces look after them."""


def live_page(session: Session, order: Order, locale: str, now: Now) -> dict[str, Any]:
    """Context of `parts/track.html`: everything that moves by itself; forms and panels are not in it."""
    plant = session.get_one(Plant, order.plant_id)
    drawing, unit = drawn_as(session, order.family)
    nodes = journey_nodes(session, order, now)
    count = counted(quantity_of(session, order), unit, locale)
    title = pick(spec_of(session, order.id).title, locale)
    number = order.number or gettext(locale, N_("Quote"))
    return {
        "order_long": f"{number} · {gettext(locale, N_(', ')).join((count, title))}",
        "order_short": f"{number} · {count}",
        "promise": promised(session, order, plant, locale, now),
        "product": picture(drawing, looks_of(session, order), uid="track", title=title),
        "actions": _way_to_open(order, locale),
        "live": _now_card(session, order, nodes, plant, locale, now),
        "journey": _journey(session, order, plant, nodes, drawing, locale, now),
        "journey_heading": gettext(locale, N_("The journey")),
        "closing": "",
        "clock": _clock(plant, locale, now),
    }


def _clock(plant: Plant, locale: str, now: Now) -> str:
    """As the strip of simulated time has it."""
    day = formats.shortday(formats.day_of(now.business, plant.timezone), locale)
    return f"{day}, {formats.clock(now.business, locale, plant.timezone)}"


def _way_to_open(order: Order, locale: str) -> Markup:
    """From "waiting for you" to what it waits for."""
    if not waits_for_customer(order):
        return Markup("")
    words = gettext(locale, N_("See what is open"))
    return Markup('<a class="btn btn-2 btn-word" href="#todo">{}</a>').format(words)


def journey_nodes(session: Session, order: Order, now: Now) -> list[JourneyNode]:
    """All modules' nodes after *ordered*, in order of time; what has no time yet comes last."""
    found: list[JourneyNode] = []
    for contributor in registry().contributors(Journey, on_for(session, order)):  # type: ignore[type-abstract]
        found += contributor.nodes(session, order.id, now)
    ordered = JourneyNode("ordered", ORDERED, "done" if order.placed_at else "next", "gate", order.placed_at)
    far = now.business + timedelta(days=3650)
    return [ordered, *sorted(found, key=lambda n: (n.at or far, _STATES.index(n.state), n.kind == "transit"))]


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
    came = delivered_at(session, order)
    end = _end(order, plant, nodes, now) if came is None else max((came, *(n.at for n in nodes if n.at)))
    span = max((end - start).total_seconds(), 1.0)

    def at(instant: datetime) -> float:
        return min(1.0, max(0.0, (instant - start).total_seconds() / span))

    city = _city(session, order)
    return {
        "title": gettext(locale, N_("The journey of your order, in real time.")),
        "now": at(end if came is not None else now.business),
        "bands": weekends(start, end, plant.timezone),
        "stages": [_stage(n, at, order, plant, drawing, locale, now) for n in nodes],
        "goal": _goal(order, plant, city, locale, came),
    }


def _end(order: Order, plant: Plant, nodes: Sequence[JourneyNode], now: Now) -> datetime:
    last = max((n.at for n in nodes if n.at), default=now.business)
    promised = day_end(plant, order.promised_date) if order.promised_date else last
    return max(promised, last + timedelta(hours=6))


def _city(session: Session, order: Order) -> str:
    address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    return address.city if address else ""


def _goal(order: Order, plant: Plant, city: str, locale: str, came: datetime | None) -> dict[str, Any]:
    """The promised day; once it is there, the day it came."""
    label = place(city, locale) if came is None else gettext(locale, N_("Delivered"))
    day = order.promised_date if came is None else formats.day_of(came, plant.timezone)
    when = formats.shortday(day, locale) if day else ""
    return {"label": label, "when": when, "reached": came is not None}


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
        until = formats.daytime(node.until, locale, plant.timezone, now.business)
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
    if order.stage in OVER or order.stage == Stage.DELIVERED:
        return Markup("")
    coming = next((n for n in nodes if n.state == "next" and n.at), None)
    live = gettext(locale, N_("Live, {time}"), time=formats.clock(now.business, locale, plant.timezone))
    lines = _now_lines(order, going, coming, plant, locale, now)
    return Markup(
        '<section class="kiln kiln-quiet"><span class="heard" data-heard="{}"><span class="live"></span>'
        "<span data-heard-text>{}</span></span><h2>{}</h2></section>"
    ).format(now.wall.isoformat(), live, Markup("").join(Markup("<span>{}</span>").format(x) for x in lines))


def _now_lines(
    order: Order, going: JourneyNode | None, coming: JourneyNode | None, plant: Plant, locale: str, now: Now
) -> list[str]:
    lines = []
    if going is not None:
        lines.append(f"{pick(going.name, locale)}.")
        lines += _expected(order, going, plant, locale, now)
    if coming is not None and coming.at is not None:
        when = formats.daytime(coming.at, locale, plant.timezone, now.business)
        lines.append(gettext(locale, N_("Next: {what}, {when}."), what=pick(coming.name, locale), when=when))
    if overdue(order, plant, now):
        assert order.promised_date is not None
        day = formats.day(order.promised_date, locale)
        lines.append(gettext(locale, N_("It was promised for {day} and is overdue."), day=day))
    return lines or [_nothing_dated(order, locale)]


def _expected(order: Order, going: JourneyNode, plant: Plant, locale: str, now: Now) -> list[str]:
    """When what is on its way is expected, while that is still to come."""
    if order.stage != Stage.SHIPPED or going.until is None or going.until <= now.business:
        return []
    when = formats.daytime(going.until, locale, plant.timezone, now.business)
    return [gettext(locale, N_("Expected {when}."), when=when)]


def _nothing_dated(order: Order, locale: str) -> str:
    """The line of an order of which no module tells a step."""
    if order.stage == Stage.SHIPPED:
        return gettext(locale, N_("It is on its way to you."))
    if order.stage == Stage.PRODUCED:
        return gettext(locale, N_("It is made and waits for the carrier."))
    return gettext(locale, N_("Your order has its place in the plan."))


def yours(session: Session, order: Order, token: str, plant: Plant, locale: str) -> dict[str, Any]:
    """What the customer may still change, what is fixed, and the way to the same once more."""
    rows = [] if order.stage in OVER else [*_product_row(order, token, locale)]
    rows += [] if order.stage in OVER else [_address_row(order, token, plant, locale)]
    if order.stage in VERBS["cancel"].sources and order.number:
        rows.append(
            {
                "what": gettext(locale, N_("The whole order")),
                "until": gettext(locale, N_("can still be cancelled; the cost is shown first")),
                "icon": "edit",
                "href": f"/track/{token}/cancellation",
                "action": gettext(locale, N_("Cancel")),
            }
        )
    rows += [_again_row(session, order, locale)] if order.number else []
    return {"heading": gettext(locale, N_("Yours to change")), "rows": rows}


def _again_row(session: Session, order: Order, locale: str) -> dict[str, Any]:
    row: dict[str, Any] = {"what": gettext(locale, N_("The same once more")), "icon": "edit"}
    if drawn_as(session, order.family)[0] == PLAIN:
        return row | {"until": gettext(locale, N_("not offered any more")), "fixed": True}
    return row | {
        "until": gettext(locale, N_("as another order, at the price and date of today")),
        "href": again_of(session, order),
        "action": gettext(locale, N_("Order again")),
    }


def _product_row(order: Order, token: str, locale: str) -> list[dict[str, Any]]:
    """What was ordered: its page says what is frozen. Nothing of a quote, which is changed in the shop."""
    if order.number is None:
        return []
    row: dict[str, Any] = {"what": gettext(locale, N_("What you ordered")), "icon": "edit"}
    if order.stage in CHANGEABLE:
        row |= {
            "until": gettext(locale, N_("each choice until its step begins; price and date are shown first")),
            "href": f"/track/{token}/change",
            "action": gettext(locale, N_("Change")),
        }
    else:
        row |= {"until": gettext(locale, N_("fixed since it was made")), "fixed": True}
    return [row]


def _address_row(order: Order, token: str, plant: Plant, locale: str) -> dict[str, Any]:
    until = formats.shortday(formats.day_of(order.ready_at, plant.timezone), locale) if order.ready_at else ""
    row: dict[str, Any] = {"what": gettext(locale, N_("Address")), "icon": "truck"}
    if service.can_change_address(order):
        row |= {
            "until": gettext(locale, N_("until it is packed, {day}"), day=until),
            "href": f"/track/{token}/address",
            "action": gettext(locale, N_("Change")),
        }
    else:
        row |= {"until": gettext(locale, N_("fixed since it was packed")), "fixed": True}
    return row


def conversation(session: Session, order: Order, plant: Plant, locale: str, now: Now) -> list[dict[str, Any]]:
    """The thread as the macro `messages` shows it."""
    told = []
    for message in service.thread(session, order.id):
        who = plant.name if message.from_plant else gettext(locale, N_("You"))
        when = formats.daytime(message.sent_at, locale, plant.timezone, now.business)
        told.append(
            {
                "initial": who[:1].upper(),
                "text": message.text,
                "by": f"{who}, {when}",
                "mine": not message.from_plant,
            }
        )
    return told
