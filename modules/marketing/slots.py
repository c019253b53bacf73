"""Marketing's part of the customer's page: price, papers, an open deposit."""

from cosmo import ledger
from modules.marketing.papers import papers_of
from web.contexts import OrderContext


def track_todo(context: OrderContext) -> str | None:
    """The deposit while the order waits for it."""
    if ledger.DEPOSIT_OPEN not in (context.order.hold_reason or "").split(","):
        return None
    deposit = ledger.due_before_start(context.order)
    return context.markup(
        "marketing/track_todo.html", order=context.order, token=context.token, deposit=deposit,
        csrf_field=context.csrf_field,
    )  # fmt: skip


def track_panel(context: OrderContext) -> str | None:
    """What it costs, what is paid, the papers."""
    order, session = context.order, context.session
    return context.markup(
        "marketing/track_panel.html",
        order=order,
        token=context.token,
        balance=ledger.balance(session, order.id),
        less=ledger.total(session, order.id, "credit"),
        papers=papers_of(session, order.id),
    )
