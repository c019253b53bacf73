"""What the shell hands to the modules' slots on its pages."""

from fastapi import Request
from markupsafe import Markup
from sqlmodel import Session

from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.registry import modules_on, on_for
from web.contexts import IdeaContext, OrderContext, PlantContext
from web.contexts import Markup as Writer
from web.site import site
from web.templating import csrf_field, slots
from web.visits import visit_of


def order_context(request: Request, session: Session, order: Order, token: str | None = None) -> OrderContext:
    """One order for `order.panel`, or with a tracking token for `track.panel` and `track.live`."""
    visit, plant = visit_of(request), session.get_one(Plant, order.plant_id)
    return OrderContext(
        session=session,
        order=order,
        plant=plant,
        now=visit.now,
        locale=visit.locale,
        modules_on=on_for(session, order),
        markup=writer(request, plant.timezone),
        csrf_field=csrf_field(visit),
        token=token,
        role=visit.principal.role,
    )


def plant_context(request: Request, session: Session, plants: list[Plant]) -> PlantContext:
    """A manufacturer's plants for `plant.home`."""
    visit = visit_of(request)
    return PlantContext(
        session=session,
        plants=tuple(plants),
        now=visit.now,
        locale=visit.locale,
        modules_on=modules_on(session, plants[0].manufacturer_id) if plants else frozenset(),
        markup=writer(request, plants[0].timezone if plants else "UTC"),
        role=visit.principal.role,
        csrf_field=csrf_field(visit),
    )


def idea_context(
    request: Request, session: Session, idea_id: str, plant: Plant, *, chosen: bool
) -> IdeaContext:
    """One idea for `idea.panel`."""
    visit = visit_of(request)
    return IdeaContext(
        session=session,
        idea_id=idea_id,
        plant=plant,
        chosen=chosen,
        now=visit.now,
        locale=visit.locale,
        modules_on=modules_on(session, plant.manufacturer_id),
        markup=writer(request, plant.timezone),
        role=visit.principal.role,
    )


def writer(request: Request, timezone: str) -> Writer:
    """`markup("module/part.html", **values)` in the reader's language and the plant's time zone."""
    pages, visit = site(request).pages, visit_of(request)

    def markup(name: str, **values: object) -> Markup:
        common = {"timezone": timezone, "csrf_field": csrf_field(visit), "now": visit.now}
        return Markup(pages.markup(name, visit.locale, **(common | values)))

    return markup


def panels(request: Request, name: str, context: OrderContext | PlantContext | IdeaContext) -> Markup:
    """What the modules that are on put into the slot `name`."""
    return slots(name, context)
