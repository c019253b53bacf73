"""Proofs: a customer's artwork at its print size, approved before anything is made of it."""

import hashlib
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.i18n import N_, Sentence
from cosmo.lifecycle import emit, lock
from cosmo.orders import Order
from cosmo.payloads import HeldPayload, Unheld
from cosmo.ports import Ask, Unbuildable
from cosmo.stages import Stage
from modules.rnd import releases
from modules.rnd.configuring import Prepared, prepare
from modules.rnd.models import Proof, ProofState
from modules.rnd.payloads import PROOF_OPEN, ProofApproved, ProofAsked, ProofReturned
from modules.rnd.selections import facts_of
from modules.rnd.terms import options_of
from modules.rnd.words import fill

LONGEST_COMMENT = 2000
TOO_LONG = N_("Write at most 2,000 characters, and send it again.")
WAITING = (ProofState.OPEN, ProofState.CHANGES)
"""A proof that nobody has approved or withdrawn."""
_ASKING = (Stage.PLACED, Stage.ENGINEERED, Stage.SOURCED, Stage.SCHEDULED, Stage.IN_PRODUCTION)
"""Stages in which a proof may wait: beyond *placed* one that a change of the order asked for."""


class FindingTold(BaseModel):
    """One check as stored: `ok` None means it could not be measured."""

    model_config = ConfigDict(frozen=True)

    rule: str
    ok: bool | None
    msgid: str
    values: dict[str, str]
    notice: bool = False
    """Fine, but printed otherwise than the file says."""

    def text(self, locale: str) -> str:
        return fill(self.msgid, {name: _number(value) for name, value in self.values.items()}, locale)


class ProofReport(BaseModel):
    """What a proof says beside its picture; sizes in mm."""

    model_config = ConfigDict(frozen=True)

    width_mm: Decimal
    height_mm: Decimal
    zone_width_mm: Decimal
    zone_height_mm: Decimal
    colour_deviation_percent: int
    findings: tuple[FindingTold, ...]


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def needed(session: Session, ask: Ask) -> bool:
    """Whether this wish prints artwork that nobody has approved in this way yet."""
    release = ask.release or releases.current_id(session, ask.family)
    plan = releases.engine_of(session, release).product.family.artwork
    if plan is None or not ask.selections.get(plan.option):
        return False
    got = prepare(session, ask.family, ask.selections, ask.quantity, ask.release)
    return got.artwork is not None and not _approved_before(session, print_key(got))


def print_key(got: Prepared) -> str:
    """A fingerprint of the artwork and of every choice that decides how it is printed."""
    plan = got.product.family.artwork
    assert plan is not None
    read = [plan.used_when, *plan.lines_when.values(), *(one.when for one in plan.gamuts if one.when)]
    conditions = [got.product.condition(text) for text in read]
    formulas = [got.product.formula(text) for text in (plan.width_mm, plan.height_mm)]
    names = {name for term in [*conditions, *formulas] for name in options_of(term)} | {plan.option}
    chosen = facts_of(got.product, got.state)
    told = [f"{name}={chosen.chosen.get(name) or chosen.numbers.get(name)}" for name in sorted(names)]
    return hashlib.sha256("\n".join([got.product.family.slug, *told]).encode()).hexdigest()


def _approved_before(session: Session, key: str) -> bool:
    query = select(Proof.id).where(Proof.print_key == key, Proof.state == ProofState.APPROVED)
    return session.exec(query.limit(1)).first() is not None


def make(session: Session, order: Order, now: Now, actor: str, note: str = "") -> Proof:
    """A new version of the order's proof, sent to the customer with the plant's `note`; work waits for her
    answer.
    """
    got = prepare(session, order.family, order.selections, order.quantity, order.release)
    if got.artwork is None or got.zone is None:
        raise Unbuildable(N_("This order prints no artwork, so there is nothing to prove."), conflicts=[])
    former = latest(session, order.id)
    if former is not None and former.state in WAITING:
        former.state = ProofState.WITHDRAWN
        session.add(former)
    proof = _written(session, order, got, (former.version if former else 0) + 1, now, note)
    if PROOF_OPEN not in (order.hold_reason or "").split(","):
        emit(session, order.id, HeldPayload(reason=PROOF_OPEN), now=now, actor=actor)
    emit(session, order.id, ProofAsked(proof=proof.id, version=proof.version), now=now, actor=actor)
    return proof


def is_before_the_end(order: Order) -> bool:
    """Whether a proof of the order can still be asked for and answered."""
    return order.stage in _ASKING


def waits(order: Order, proof: Proof) -> bool:
    """Whether the proof is neither approved nor withdrawn, of an order that can still wait for it."""
    return proof.state in WAITING and is_before_the_end(order)


def shows_what_is_ordered(session: Session, order: Order, proof: Proof) -> bool:
    """Whether the proof is of the artwork as it would be printed now."""
    got = prepare(session, order.family, order.selections, order.quantity, order.release)
    return proof.print_key == print_key(got)


def send_again(session: Session, order_id: str, now: Now, actor: str, note: str = "") -> Proof:
    """Another version of a proof that is not approved yet; `note` says what is different. Raises `Conflict`
    once work may begin, `Invalid` for a note that is too long.
    """
    if len(note.strip()) > LONGEST_COMMENT:
        raise Invalid(TOO_LONG)
    order = lock(session, order_id)
    former = latest(session, order_id)
    if former is None or not waits(order, former):
        raise Conflict(N_("This order no longer waits for a proof."))
    return make(session, order, now, actor, note.strip())


def _written(session: Session, order: Order, got: Prepared, version: int, now: Now, note: str) -> Proof:
    plan = got.product.family.artwork
    assert plan is not None
    assert got.artwork is not None
    proof = Proof(
        order_id=order.id,
        plant_id=order.plant_id,
        version=version,
        artwork_id=str(got.state.given[plan.option]),
        print_key=print_key(got),
        report=_report(got).model_dump(mode="json"),
        preview=got.artwork.preview,
        preview_type=got.artwork.preview_type,
        made_at=now.business,
        note=note,
    )
    session.add(proof)
    session.flush()
    return proof


def _report(got: Prepared) -> ProofReport:
    plan, report, zone = got.product.family.artwork, got.artwork, got.zone
    assert plan is not None
    assert report is not None
    assert zone is not None
    return ProofReport(
        width_mm=report.width_mm,
        height_mm=report.height_mm,
        zone_width_mm=zone.width_mm,
        zone_height_mm=zone.height_mm,
        colour_deviation_percent=plan.colour_deviation_percent,
        findings=tuple(
            FindingTold(
                rule=f.rule,
                ok=f.ok,
                msgid=f.msgid,
                values={k: str(v) for k, v in f.values.items()},
                notice=f.notice,
            )
            for f in report.findings
        ),
    )


def latest(session: Session, order_id: str) -> Proof | None:
    """The newest version of the order's proof."""
    query = select(Proof).where(Proof.order_id == order_id).order_by(col(Proof.version).desc())
    return session.exec(query.limit(1)).first()


class Said(BaseModel):
    """One thing said about a version, by the plant with the version or by the customer in answer to it."""

    model_config = ConfigDict(frozen=True)

    version: int
    plant: bool
    text: str
    at: datetime


def thread(session: Session, order_id: str) -> list[Said]:
    """What plant and customer wrote to each other about the order's proofs, oldest first."""
    found: list[Said] = []
    for proof in session.exec(select(Proof).where(Proof.order_id == order_id).order_by(col(Proof.version))):
        if proof.note:
            found.append(Said(version=proof.version, plant=True, text=proof.note, at=proof.made_at))
        if proof.comment:
            at = proof.answered_at or proof.made_at
            found.append(Said(version=proof.version, plant=False, text=proof.comment, at=at))
    return found


def answer(
    session: Session,
    order_id: str,
    *,
    approved: bool,
    comment: str,
    version: int | None,
    actor: str,
    now: Now,
) -> Proof:
    """The customer's answer to the open proof. Approving twice is fine; asking for changes needs a comment.

    The caller goes on with `engineering.go_on` after an approval.
    """
    order = lock(session, order_id)
    proof = latest(session, order_id)
    if proof is None:
        raise NotFound(N_("This order has no proof."))
    if version is not None and version != proof.version:
        newer = N_("There is a newer proof, version {n}. Look at that one.")
        raise Conflict(Sentence(newer, n=proof.version))
    if proof.state == ProofState.APPROVED and approved:
        return proof
    if not waits(order, proof):
        raise Conflict(N_("This proof is closed and can no longer be answered."))
    _note(proof, approved, comment, actor, now)
    session.add(proof)
    _tell(session, order_id, proof, approved, actor, now)
    return proof


def _note(proof: Proof, approved: bool, comment: str, actor: str, now: Now) -> None:
    comment = comment.strip()
    if not approved and not comment:
        raise Invalid(N_("Write what should be different, so that the plant can change it."))
    if len(comment) > LONGEST_COMMENT:
        raise Invalid(TOO_LONG)
    proof.state = ProofState.APPROVED if approved else ProofState.CHANGES
    proof.answered_at, proof.answered_by, proof.comment = now.business, actor, comment


def _tell(session: Session, order_id: str, proof: Proof, approved: bool, actor: str, now: Now) -> None:
    if not approved:
        payload = ProofReturned(proof=proof.id, version=proof.version)
        emit(session, order_id, payload, now=now, actor=actor)
        return
    emit(session, order_id, ProofApproved(proof=proof.id, version=proof.version), now=now, actor=actor)
    emit(session, order_id, Unheld(reason=PROOF_OPEN), now=now, actor=actor)


def withdraw(session: Session, order: Order, now: Now) -> None:
    """Close whatever proof is open: the order is cancelled."""
    proof = latest(session, order.id)
    if proof is not None and proof.state in WAITING:
        proof.state = ProofState.WITHDRAWN
        session.add(proof)
    if PROOF_OPEN in (order.hold_reason or "").split(","):
        emit(session, order.id, Unheld(reason=PROOF_OPEN), now=now, actor="module:rnd")


def waiting(session: Session, plant_ids: list[str]) -> list[tuple[Proof, Order]]:
    """Proofs that wait for a customer or for the plant, oldest first."""
    query = (
        select(Proof, Order)
        .where(Proof.order_id == Order.id, col(Proof.plant_id).in_(plant_ids))
        .where(col(Proof.state).in_(WAITING), col(Order.stage).in_(_ASKING))
    )
    return list(session.exec(query.order_by(col(Proof.made_at))))


def of_plants(session: Session, proof_id: str, plant_ids: list[str]) -> Proof:
    """A proof of one of these plants. Raises `NotFound`."""
    proof = session.get(Proof, proof_id)
    if proof is None or proof.plant_id not in plant_ids:
        raise NotFound(N_("There is no such proof here."))
    return proof
