"""Procurement's part of other pages: an order's material, and what the plant's day begins with."""

from modules.procurement.mine import plant_purchases
from modules.procurement.models import LineState
from modules.procurement.stocklist import purchase_rows
from modules.procurement.tracing import late_orders, trace
from web.contexts import OrderContext, PlantContext


def order_panel(context: OrderContext) -> str | None:
    """The order's material with its supply; nothing before there is a need."""
    needs = trace(context.session, context.order.id)
    if not needs:
        return None
    return context.markup(
        "procurement/order_panel.html", needs=needs, order=context.order, timezone=context.plant.timezone
    )


def plant_home(context: PlantContext) -> str | None:
    """Late material and unanswered orders, if there are any."""
    late = [row for plant in context.plants for row in late_orders(context.session, plant.id)]
    found = [
        row
        for plant in context.plants
        for row in purchase_rows(context.session, plant_purchases(context.session, plant.id, open_only=True))
    ]
    unanswered = [
        row
        for row in found
        if row.purchase.sent_at is not None and any(line.state == LineState.ASKED for line, _ in row.lines)
    ]
    if not late and not unanswered:
        return None
    return context.markup("procurement/plant_home.html", late=late, unanswered=len(unanswered))
