"""The verbs of service: passport, warranty, claim, remake, rating, closing."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from cosmo import placing
from cosmo.attachments import Attachment
from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.i18n import N_, Sentence
from cosmo.lifecycle import emit, fire, lock
from cosmo.orders import Order
from cosmo.owing import owed
from cosmo.payloads import Closed
from cosmo.stages import Stage
from modules.service.models import Claim, ClaimState, Passport, Rating
from modules.service.payloads import ClaimAnswered, ClaimOpened, Rated
from modules.service.schemas import ClaimIn, RatingIn

WARRANTY_YEARS = 2
CLOSES_AFTER = timedelta(days=14)
"""Business time from delivery after which an order with no open claim is complete."""
CLAIMABLE = (Stage.DELIVERED, Stage.CLOSED)


def passport_for(session: Session, order_id: str, at: datetime) -> Passport:
    """The order's passport, made on first asking."""
    known = session.get(Passport, order_id)
    if known is not None:
        return known
    new = Passport(order_id=order_id, made_at=at)
    session.add(new)
    session.flush()
    return new


def _years_later(at: datetime) -> datetime:
    """The same day, years later; the last of February for a leap day."""
    try:
        return at.replace(year=at.year + WARRANTY_YEARS)
    except ValueError:
        return at.replace(year=at.year + WARRANTY_YEARS, day=28)


def begin_warranty(session: Session, order_id: str, at: datetime) -> Passport:
    """Two years from delivery; the same again changes nothing."""
    passport = passport_for(session, order_id, at)
    if passport.warranty_from is None:
        passport.warranty_from, passport.warranty_until = at, _years_later(at)
        session.add(passport)
    return passport


def passport_by_code(session: Session, code: str) -> Passport:
    """The passport a QR code leads to. Raises `NotFound`."""
    found = session.exec(select(Passport).where(Passport.code == code)).one_or_none()
    if found is None:
        raise NotFound("This code leads to no product. Check that it is complete.")
    return found


def open_claim(session: Session, order_id: str, wish: ClaimIn, *, actor: str, now: Now) -> Claim:
    """A claim under warranty, on a delivered order, for no more pieces than were ordered."""
    order = lock(session, order_id)
    if order.stage not in CLAIMABLE:
        raise Conflict("A claim is possible once the order has been delivered.")
    if wish.attachment_id is not None and session.get(Attachment, wish.attachment_id) is None:
        raise Invalid("There is no such file; upload the picture first.", field="attachment_id")
    passport = session.get(Passport, order_id)
    until = passport.warranty_until if passport else None
    if until is not None and now.business > until:
        over = N_("The warranty ended on {day} {year}.")
        raise Conflict(Sentence(over, day=until.date(), year=str(until.year)))
    _enough_left(session, order, wish.pieces)
    claim = Claim(
        order_id=order_id,
        manufacturer_id=order.manufacturer_id,
        kind=wish.kind,
        pieces=wish.pieces,
        text=wish.text,
        attachment_id=wish.attachment_id,
        opened_at=now.business,
    )
    session.add(claim)
    session.flush()
    payload = ClaimOpened(claim=claim.id, kind=claim.kind, pieces=claim.pieces)
    emit(session, order_id, payload, now=now, actor=actor)
    return claim


def _enough_left(session: Session, order: Order, pieces: int) -> None:
    claimed = sum(c.pieces for c in claims_of(session, order.id) if c.state != ClaimState.REJECTED)
    due = owed(session, order.id)
    left = due - claimed
    if pieces > left:
        most = N_("You ordered {owed}; a claim is possible for {left} more.")
        raise Invalid(Sentence(most, owed=due, left=left))


def claims_of(session: Session, order_id: str) -> list[Claim]:
    query = select(Claim).where(Claim.order_id == order_id)
    return list(session.exec(query.order_by(col(Claim.opened_at))))


def claims_at(session: Session, manufacturer_id: str, limit: int = 200) -> list[Claim]:
    """A manufacturer's claims, open ones first, newest first."""
    query = select(Claim).where(Claim.manufacturer_id == manufacturer_id)
    rows = session.exec(query.order_by(col(Claim.opened_at).desc()).limit(limit))
    return sorted(rows, key=lambda c: c.state != ClaimState.OPEN)


def claim_for(session: Session, manufacturer_id: str | None, claim_id: str) -> Claim:
    """The claim if it is this manufacturer's. Raises `NotFound`."""
    claim = session.get(Claim, claim_id)
    if claim is None or claim.manufacturer_id != manufacturer_id:
        raise NotFound("There is no such claim here.")
    return claim


def accept(session: Session, claim_id: str, pieces: int, answer: str, *, actor: str, now: Now) -> Order:
    """Make the pieces again: a new order, linked, at no charge; the claim is answered."""
    claim = _open_claim_locked(session, claim_id)
    if pieces > claim.pieces:
        most = claim.pieces
        raise Invalid(Sentence(N_("The claim is for {n} pieces; make again that many or fewer."), n=most))
    try:
        remake = placing.remake(session, claim.order_id, pieces, actor=actor, now=now)
    except NotFound as error:  # the plan or the product is gone; the claim itself is not
        raise Conflict(error.detail) from error
    claim.remake_id = remake.id
    _answer(session, claim, ClaimState.REMADE, answer, actor, now)
    return remake


def reject(session: Session, claim_id: str, answer: str, *, actor: str, now: Now) -> Claim:
    """Not our doing; the customer reads why."""
    claim = _open_claim_locked(session, claim_id)
    _answer(session, claim, ClaimState.REJECTED, answer, actor, now)
    return claim


def _open_claim_locked(session: Session, claim_id: str) -> Claim:
    claim = session.get_one(Claim, claim_id)
    lock(session, claim.order_id)
    session.refresh(claim)
    if claim.state != ClaimState.OPEN:
        raise Conflict("This claim is answered already.")
    return claim


def _answer(session: Session, claim: Claim, state: ClaimState, answer: str, actor: str, now: Now) -> None:
    claim.state, claim.answer, claim.answered_at = state, answer, now.business
    session.add(claim)
    payload = ClaimAnswered(claim=claim.id, state=state, remake=claim.remake_id)
    emit(session, claim.order_id, payload, now=now, actor=actor)


def rate(session: Session, order_id: str, wish: RatingIn, *, actor: str, now: Now) -> Rating:
    """A rating after delivery; it completes an order that has no open claim."""
    order = lock(session, order_id)
    if order.stage not in CLAIMABLE:
        raise Conflict("You can rate an order once it has been delivered.")
    if session.get(Rating, order_id) is not None:
        raise Conflict("You have rated this order already. Thank you.")
    rating = Rating(order_id=order_id, stars=wish.stars, text=wish.text, rated_at=now.business)
    session.add(rating)
    emit(session, order_id, Rated(stars=wish.stars), now=now, actor=actor)
    close_if_done(session, order_id, now)
    return rating


def close_if_done(session: Session, order_id: str, now: Now) -> bool:
    """Close a delivered order that has no open claim."""
    order = lock(session, order_id)
    claims_open = any(c.state == ClaimState.OPEN for c in claims_of(session, order_id))
    if order.stage != Stage.DELIVERED or claims_open:
        return False
    fire(session, order_id, "close", Closed(), now=now, actor="module:service")
    return True


def close_old(session: Session, now: Now, limit: int = 50) -> int:
    """The job: close what was delivered long enough ago; returns how many."""
    in_dispute = select(Claim.order_id).where(Claim.state == ClaimState.OPEN)
    query = (
        select(Order.id)
        .join(Passport, col(Passport.order_id) == col(Order.id))
        .where(Order.stage == Stage.DELIVERED, col(Passport.warranty_from) <= now.business - CLOSES_AFTER)
        .where(col(Order.id).not_in(in_dispute))
        .order_by(col(Passport.warranty_from))
    )
    return sum(close_if_done(session, order_id, now) for order_id in session.exec(query.limit(limit)).all())
