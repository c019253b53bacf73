"""/api/v1 of research and development: an order's proof and the answer to it."""

from fastapi import APIRouter
from sqlmodel import Session

from cosmo.access import order_for, plant_for
from cosmo.errors import NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import PLANT_ROLES, Role
from modules.rnd import engineering, proofing
from modules.rnd.models import Proof
from modules.rnd.proofing import ProofReport
from modules.rnd.schemas import ApprovalIn, CheckOut, ProofOut
from web.deps import ORDERING, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow

router = APIRouter(prefix="/api/v1", tags=["rnd"])
ANSWERING = (Role.GUEST, Role.CUSTOMER, Role.ENGINEER)
"""An engineer may write down what the customer said on the telephone."""


def told(session: Session, proof: Proof, locale: str) -> ProofOut:
    """A proof as JSON, its checks in the reader's language."""
    report = ProofReport.model_validate(proof.report)
    return ProofOut(
        id=proof.id,
        order_id=proof.order_id,
        version=proof.version,
        state=proof.state,
        artwork=proof.artwork_id,
        width_mm=report.width_mm,
        height_mm=report.height_mm,
        checks=[
            CheckOut(rule=f.rule, ok=f.ok, message=f.text(locale), notice=f.notice) for f in report.findings
        ],
        note=proof.note,
        comment=proof.comment,
        made_at=proof.made_at,
        answered_at=proof.answered_at,
        stage=session.get_one(Order, proof.order_id).stage,
    )


def actor_of(principal: Principal) -> str:
    return principal.account_id or "guest"


@router.get("/orders/{order_id}/proof", dependencies=[allow(*ORDERING)])
def proof(
    order_id: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale, token: str | None = None
) -> ProofOut:
    """The order's newest proof; `token` is the tracking token."""
    order = order_for(session, principal, order_id, token)
    found = proofing.latest(session, order.id)
    if found is None:
        raise NotFound(N_("This order has no proof."))
    return told(session, found, locale)


@router.post("/orders/{order_id}/proof/approval", dependencies=[allow(*ANSWERING)])
def approve(
    order_id: str,
    body: ApprovalIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    token: str | None = None,
) -> ProofOut:
    """Approve the proof, which lets the work begin, or say what should change. Approving twice is fine."""
    order = order_for(session, principal, order_id, token)
    found = proofing.answer(
        session,
        order.id,
        approved=body.approved,
        comment=body.comment,
        version=body.version,
        actor=actor_of(principal),
        now=now,
    )
    engineering.go_on(session, order.id, now, actor_of(principal))
    return told(session, found, locale)


@router.get("/plants/{slug}/proofs", dependencies=[allow(*sorted(PLANT_ROLES))])
def open_proofs(
    slug: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> list[ProofOut]:
    """Proofs that wait for an answer or for a new version, oldest first."""
    plant = plant_for(session, principal, slug)
    return [told(session, proof, locale) for proof, _ in proofing.waiting(session, [plant.id])]
