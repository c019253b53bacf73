"""Interaction's parts of other pages and streams: the live fragment, the conversation on the plant's page."""

from typing import Any

from modules.interaction.track_view import conversation
from web.contexts import OrderContext
from web.streams import TrackEvent


def track_event(context: TrackEvent) -> str | None:
    """The whole live part as it is after this event, made once for all who watch in one language."""
    page_context = context.page()
    return page_context.markup(
        "interaction/live.html",
        page=_live_once(page_context),
        order=context.order,
        seq=context.event.seq,
        csrf_field="",
    )


def _live_once(context: OrderContext) -> dict[str, Any]:
    """The page shows the order as it is, so events told together, in one session, share one look at it."""
    from modules.interaction.pages_track import live

    looked: dict[Any, dict[str, Any]] = context.session.info.setdefault("interaction.live", {})
    key = (context.order.id, context.order.seq, context.locale)
    if key not in looked:
        looked[key] = live(context)
    return looked[key]


def order_panel(context: OrderContext) -> str | None:
    """Messages with the customer."""
    thread = conversation(context.session, context.order, context.plant, context.locale, context.now)
    return context.markup(
        "interaction/order_panel.html", order=context.order, thread=thread, csrf_field=context.csrf_field,
        typed="", problem="",
    )  # fmt: skip
