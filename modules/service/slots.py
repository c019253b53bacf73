"""Service's part of other pages: claim and rating on the customer's page, claims on the plant's."""

from cosmo.orders import Order
from cosmo.owing import quantity_of
from cosmo.parties import Role
from cosmo.stages import Stage
from modules.service import service
from modules.service.models import Claim, Passport, Rating
from modules.service.names import kind_names
from web.contexts import OrderContext, PlantContext

NOTHING_TYPED = {"kind": "", "pieces": "", "text": ""}


def track_panel(context: OrderContext) -> str | None:
    """Passport and warranty, a claim, a rating; nothing before there is a product."""
    passport = context.session.get(Passport, context.order.id)
    if passport is None:
        return None
    claims = service.claims_of(context.session, context.order.id)
    return context.markup(
        "service/track_panel.html",
        most=quantity_of(context.session, context.order),
        passport=passport,
        claims=claims,
        remakes={c.id: remake for c in claims if (remake := _remake(context, c)) is not None},
        rating=context.session.get(Rating, context.order.id),
        delivered=context.order.stage in (Stage.DELIVERED, Stage.CLOSED),
        kind_names=kind_names(context.locale),
        typed=NOTHING_TYPED,
        token=context.token,
        plant=context.plant,
        csrf_field=context.csrf_field,
    )


def _remake(context: OrderContext, claim: Claim) -> Order | None:
    return context.session.get(Order, claim.remake_id) if claim.remake_id else None


def order_panel(context: OrderContext) -> str | None:
    """Claims and rating of one order, for the plant."""
    claims = service.claims_of(context.session, context.order.id)
    passport = context.session.get(Passport, context.order.id)
    rating = context.session.get(Rating, context.order.id)
    if passport is None:
        return None
    return context.markup(
        "service/order_panel.html",
        claims=claims,
        passport=passport,
        rating=rating,
        kind_names=kind_names(context.locale),
    )


def plant_home(context: PlantContext) -> str | None:
    """Open claims, if there are any; the way to the desk for whoever answers them."""
    manufacturers = {plant.manufacturer_id for plant in context.plants}
    claims = [c for m in manufacturers for c in service.claims_at(context.session, m) if c.state == "open"]
    answers = context.role == Role.SERVICE
    return context.markup("service/plant_home.html", claims=claims, answers=answers) if claims else None
