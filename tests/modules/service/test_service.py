"""Warranty, claims with their limits, remakes, rejections, ratings, and when an order is closed."""

from decimal import Decimal

import pytest
from sqlmodel import Session, select

from cosmo.db import Database
from cosmo.errors import Conflict, Invalid
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.registry import registry
from cosmo.relay import drain
from cosmo.stages import Stage
from modules.service import service
from modules.service.models import Claim, ClaimState, Passport
from modules.service.schemas import ClaimIn, RatingIn
from tests.factories import MONDAY, NOW, at, make_order, walk
from tests.modules.service.conftest import delivered


def wish(pieces: int = 2, **values: object) -> ClaimIn:
    return ClaimIn.model_validate({"kind": "broken", "pieces": pieces, "text": "Two came broken."} | values)


def claimed(session: Session, order: Order, pieces: int = 2) -> Claim:
    return service.open_claim(session, order.id, wish(pieces), actor="guest", now=NOW)


def test_a_passport_when_made_and_a_warranty_of_two_years_from_delivery(
    database: Database, plant: Plant
) -> None:
    with database.write() as session:
        order = walk(session, make_order(session, plant).id, Stage.DELIVERED)
    drain(database)
    with database.read() as session:
        passport = session.get_one(Passport, order.id)
        assert passport.warranty_from == MONDAY
        assert passport.warranty_until is not None
        assert passport.warranty_until == MONDAY.replace(year=MONDAY.year + 2), "the same day"
        assert len(passport.code) >= 22, "nobody guesses it"


def test_a_claim_needs_a_delivered_order_under_warranty(session: Session, plant: Plant) -> None:
    early = walk(session, make_order(session, plant).id, Stage.SHIPPED)
    with pytest.raises(Conflict, match="once the order has been delivered"):
        claimed(session, early)
    order = delivered(session, plant)
    assert claimed(session, order).state == ClaimState.OPEN
    with pytest.raises(Conflict, match="warranty ended on Thursday 8 June 2028"):
        service.open_claim(session, order.id, wish(), actor="guest", now=at(days=732))


def test_claims_are_for_no_more_than_was_ordered(session: Session, plant: Plant) -> None:
    order = delivered(session, plant)
    first = claimed(session, order, 7)
    with pytest.raises(Invalid, match="possible for 3 more"):
        claimed(session, order, 4)
    service.reject(session, first.id, "They are whole.", actor="s", now=NOW)
    assert claimed(session, order, 10).pieces == 10, "what was rejected counts no more"


def test_a_claim_names_a_file_that_is_there(session: Session, plant: Plant) -> None:
    order = delivered(session, plant)
    with pytest.raises(Invalid, match="no such file"):
        service.open_claim(session, order.id, wish(attachment_id="nothing"), actor="guest", now=NOW)


def test_the_words_of_a_claim_are_in_no_event(session: Session, plant: Plant) -> None:
    order = delivered(session, plant)
    claim = service.open_claim(session, order.id, wish(text="CANARY words"), actor="guest", now=NOW)
    told = [str(e.payload) for e in session.exec(select(Event).where(Event.order_id == order.id))]
    assert any(claim.id in words for words in told), "the control"
    assert not any("CANARY" in words for words in told)


def test_a_remake_is_linked_and_free(session: Session, plant: Plant) -> None:
    order = delivered(session, plant)
    claim = claimed(session, order)
    with pytest.raises(Invalid, match="that many or fewer"):
        service.accept(session, claim.id, 3, "", actor="s", now=NOW)
    remake = service.accept(session, claim.id, 2, "We are sorry.", actor="s", now=NOW)
    assert (remake.remake_of, remake.quantity, remake.stage) == (order.id, 2, Stage.PLACED)
    assert remake.price_amount == Decimal(0)
    assert remake.customer_id == order.customer_id
    assert (claim.state, claim.remake_id, claim.answer) == (ClaimState.REMADE, remake.id, "We are sorry.")
    with pytest.raises(Conflict, match="answered already"):
        service.accept(session, claim.id, 1, "", actor="s", now=NOW)
    with pytest.raises(Conflict, match="answered already"):
        service.reject(session, claim.id, "No.", actor="s", now=NOW)


def test_rating_closes_an_order_without_open_claims(session: Session, plant: Plant) -> None:
    order = delivered(session, plant)
    service.rate(session, order.id, RatingIn(stars=5), actor="guest", now=NOW)
    assert order.stage == Stage.CLOSED
    with pytest.raises(Conflict, match="rated this order already"):
        service.rate(session, order.id, RatingIn(stars=1), actor="guest", now=NOW)
    disputed = delivered(session, plant)
    claimed(session, disputed)
    service.rate(session, disputed.id, RatingIn(stars=2), actor="guest", now=NOW)
    assert disputed.stage == Stage.DELIVERED


def test_the_job_closes_after_fourteen_days_but_not_with_an_open_claim(
    session: Session, plant: Plant
) -> None:
    order, disputed = delivered(session, plant), delivered(session, plant)
    claim = claimed(session, disputed)
    assert service.close_old(session, at(days=13)) == 0
    assert service.close_old(session, at(days=14)) == 1
    assert (order.stage, disputed.stage) == (Stage.CLOSED, Stage.DELIVERED)
    service.reject(session, claim.id, "They are whole.", actor="s", now=at(days=15))
    assert service.close_old(session, at(days=15)) == 1


def test_open_claims_do_not_keep_others_from_closing(session: Session, plant: Plant) -> None:
    for _ in range(3):
        claimed(session, delivered(session, plant))
    free = delivered(session, plant)
    assert service.close_old(session, at(days=20), limit=2) == 1
    assert free.stage == Stage.CLOSED


def test_the_job_is_the_modules(session: Session, plant: Plant) -> None:
    (job,) = registry().parts["service"].jobs
    order = delivered(session, plant)
    job.run(session, at(days=14))
    assert order.stage == Stage.CLOSED
