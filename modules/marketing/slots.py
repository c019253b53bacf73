"""Marketing's part of other pages: price, papers, an open deposit; the pre-sale of an idea."""

from cosmo import ledger
from cosmo.parties import Role
from cosmo.taxes import also_due, with_tax
from modules.marketing import presales
from modules.marketing.margins import margin_of
from modules.marketing.papers import papers_of
from modules.marketing.presale_models import PresaleState
from modules.marketing.presale_view import shown
from web import vat
from web.contexts import IdeaContext, OrderContext


def margin_panel(context: OrderContext) -> str | None:
    """What the plant keeps of the order, for its sellers alone."""
    if context.role != Role.SELLER:
        return None
    kept = margin_of(context.session, context.order)
    return context.markup("marketing/margin_panel.html", kept=kept) if kept else None


def track_todo(context: OrderContext) -> str | None:
    """The deposit while the order waits for it."""
    if ledger.DEPOSIT_OPEN not in (context.order.hold_reason or "").split(","):
        return None
    deposit = with_tax(context.session, context.order, ledger.due_before_start(context.order))
    return context.markup(
        "marketing/track_todo.html", order=context.order, token=context.token, deposit=deposit,
        csrf_field=context.csrf_field,
    )  # fmt: skip


def track_panel(context: OrderContext) -> str | None:
    """What it costs, what is paid, the papers."""
    order, session = context.order, context.session
    less, owed = ledger.total(session, order.id, "credit"), ledger.balance(session, order.id)
    paid = ledger.total(session, order.id, "payment")
    return context.markup(
        "marketing/track_panel.html",
        order=order,
        token=context.token,
        less=less,
        vat=vat.on_order(session, order, context.locale, order.price_amount - less),
        owed=owed,
        open=also_due(session, order, paid, owed),
        paid=with_tax(session, order, paid),
        papers=papers_of(session, order.id),
    )


def idea_panel(context: IdeaContext) -> str | None:
    """The pre-sales of an idea; for sellers the way to open one once a proposal is chosen."""
    found = presales.of_idea(context.session, context.idea_id)
    taken = any(row.state != PresaleState.LAPSED for row in found)
    may_open = context.chosen and context.role == "seller" and not taken
    if not found and not may_open:
        return None
    return context.markup(
        "marketing/idea_panel.html",
        rows=[shown(context.session, row, context.locale, context.now) for row in found],
        may_open=may_open,
        idea_id=context.idea_id,
    )
