"""The plant's side of the conversation."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_for
from modules.interaction import service
from web.deps import PLANT, CurrentNow, CurrentPrincipal, WriteSession, allow

router = APIRouter()


@router.post("/plant/orders/{order_id}/messages", dependencies=[allow(*PLANT)])
def write(
    order_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Write to the customer; an empty message changes nothing."""
    order = order_for(session, principal, order_id)
    if text.strip():
        service.send_message(
            session, order.id, text.strip(), from_plant=True, account_id=principal.account_id, now=now
        )
    return RedirectResponse(f"/plant/orders/{order_id}#messages", 303)
