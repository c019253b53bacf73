"""Marketing's part of the customer's page: price, papers, an open deposit."""

from cosmo import ledger
from modules.marketing.papers import papers_of
from web.contexts import OrderContext


def track_panel(context: OrderContext) -> str | None:
    """What it costs, what is paid, the papers, and the way to pay an open deposit."""
    order, session = context.order, context.session
    return context.markup(
        "marketing/track_panel.html",
        order=order,
        token=context.token,
        balance=ledger.balance(session, order.id),
        papers=papers_of(session, order.id),
        deposit=ledger.due_before_start(order),
        deposit_open=ledger.DEPOSIT_OPEN in (order.hold_reason or "").split(","),
        csrf_field=context.csrf_field,
    )
