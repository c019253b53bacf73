"""The plant's side of the conversation."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_for
from cosmo.i18n import N_, gettext
from cosmo.parties import Plant
from modules.interaction import service
from modules.interaction.track_view import conversation
from web.deps import PLANT, CurrentNow, CurrentPrincipal, Locale, WriteSession, allow
from web.templating import render
from web.texts import too_long

router = APIRouter()


@router.post("/plant/orders/{order_id}/messages", dependencies=[allow(*PLANT)])
def write(
    request: Request,
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Write to the customer; what cannot be sent comes back to be changed."""
    order = order_for(session, principal, order_id)
    empty = "" if text.strip() else gettext(locale, N_("Write a few words first."))
    if problem := empty or too_long(text, locale):
        plant = session.get_one(Plant, order.plant_id)
        thread = conversation(session, order, plant, locale, now)
        return render(
            request, "interaction/message_again.html", status=422, order=order, thread=thread, typed=text,
            problem=problem,
        )  # fmt: skip
    service.send_message(
        session, order.id, text.strip(), from_plant=True, account_id=principal.account_id, now=now
    )
    return RedirectResponse(f"/plant/orders/{order_id}#messages", 303)
