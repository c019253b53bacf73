"""/api/v1 and the customer's page: the question about missing pieces, and the answer to it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_by_token, order_for, plant_for
from cosmo.errors import Invalid, NotFound
from cosmo.i18n import N_
from cosmo.orders import Order
from cosmo.owing import price_of
from cosmo.parties import Role
from modules.manufacturing.answering import answer
from modules.manufacturing.models import Asked, Shortfall
from modules.manufacturing.outlook import latest_question
from modules.manufacturing.questions import open_questions
from modules.manufacturing.schemas import AnswerIn, ShortfallOut
from web.deps import EVERYONE, ORDERING, PLANT, CurrentNow, CurrentPrincipal, ReadSession, WriteSession, allow
from web.problems import PROBLEMS

api = APIRouter(prefix="/api/v1", tags=["manufacturing"], responses=PROBLEMS)
page = APIRouter()
ANSWERING = (Role.GUEST, Role.CUSTOMER, Role.PLANNER)
"""A planner may write down what the customer said on the telephone."""
CHOICES = {choice.value: choice for choice in (Asked.SECOND_SHADE, Asked.FEWER, Asked.REMAKE)}


def told(session: Session, question: Shortfall, order: Order) -> ShortfallOut:
    """A question as JSON."""
    fields = question.model_dump(include=set(ShortfallOut.model_fields))
    credit = price_of(session, order, question.missing)
    return ShortfallOut(
        **fields, order=order.number, stage=order.stage, promised_date=order.promised_date,
        credit=str(credit), currency=order.price_currency,
    )  # fmt: skip


@api.get("/orders/{order_id}/shortfall", dependencies=[allow(*ORDERING)])
def shortfall(
    order_id: str, session: ReadSession, principal: CurrentPrincipal, token: str | None = None
) -> ShortfallOut:
    """The order's latest question about missing pieces; `token` is the tracking token."""
    order = order_for(session, principal, order_id, token)
    question = latest_question(session, order.id)
    if question is None:
        raise NotFound(N_("Nothing was ever missing on this order that needed an answer."))
    return told(session, question, order)


@api.post("/orders/{order_id}/shortfall", dependencies=[allow(*ANSWERING)])
def answer_shortfall(
    order_id: str, body: AnswerIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow,
    token: str | None = None,
) -> ShortfallOut:  # fmt: skip
    """Take a second shade lot, fewer pieces, or everything again in one shade lot. Twice the same is fine."""
    order = order_for(session, principal, order_id, token)
    choice, actor = CHOICES[body.answer], principal.account_id or "guest"
    question = answer(session, order.id, choice, version=body.version, actor=actor, now=now)
    session.refresh(order)
    return told(session, question, order)


@api.get("/plants/{slug}/shortfalls", dependencies=[allow(*PLANT)])
def shortfalls(slug: str, session: ReadSession, principal: CurrentPrincipal) -> list[ShortfallOut]:
    """Open questions about missing pieces, the most urgent first."""
    plant = plant_for(session, principal, slug)
    return [told(session, question, order) for question, order in open_questions(session, plant.id)]


@page.post("/track/{token}/shortfall", dependencies=[allow(*EVERYONE)])
def answer_tracked(
    request: Request, token: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow,
    answer_: Annotated[str, Form(alias="answer", max_length=20)] = "",
    version: Annotated[int | None, Form()] = None,
) -> Response:  # fmt: skip
    """The customer's answer from the tracking page."""
    order = order_by_token(session, token)
    if answer_ not in CHOICES:
        raise Invalid(N_("Choose one of the three ways to go on."))
    actor = principal.account_id or "guest"
    answer(session, order.id, CHOICES[answer_], version=version, actor=actor, now=now)
    return RedirectResponse(f"/track/{token}#shortfall", 303)
