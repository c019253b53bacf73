"""Artwork changed after placing: a new proof, nothing printed before its approval, nothing of the old."""

import io
from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from cosmo import attachments
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.errors import Conflict
from cosmo.events import events_after
from cosmo.orders import Order
from cosmo.relay import drain
from cosmo.settings import Settings
from cosmo.stages import Stage
from modules.manufacturing.making import Act, OnHold, start
from modules.procurement.models import LineState, PurchaseLine
from modules.rnd import engineering, proofing
from modules.rnd.models import ProofState
from tests.factories import NOW
from tests.modules.rnd.pictures import drawing
from tests.stories.changes import ceramics, changed, jobs, order_of, ordered, proposed

Upload = Callable[[str], str]


@pytest.fixture
def upload(database: Database, settings: Settings) -> Upload:
    """`upload(stroke)`: a drawing of that stroke is kept; its id."""
    database.files = settings.attachments

    def keep(stroke: str) -> str:
        with database.write() as session:
            content = io.BytesIO(drawing(stroke))
            return attachments.store(session, settings.attachments, content, "art", now=NOW).id

    return keep


def approve(database: Database, order_id: str, version: int, now: Now) -> None:
    with database.write() as session:
        proofing.answer(session, order_id, approved=True, comment="", version=version, actor="ada", now=now)
        engineering.go_on(session, order_id, now)
    drain(database)


def lines(session: Session, order_id: str) -> list[tuple[str, bool]]:
    """What is bought for the order alone: (state, still expected)."""
    query = select(PurchaseLine).where(PurchaseLine.order_id == order_id).order_by(PurchaseLine.id)  # type: ignore[arg-type]
    return [(line.state, line.open) for line in session.exec(query)]


def proofs(session: Session, order_id: str) -> tuple[int, str]:
    found = proofing.latest(session, order_id)
    assert found is not None
    return found.version, found.state


def test_before_the_proof_is_approved_it_is_made_anew(database: Database, upload: Upload) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", artwork=upload("4"))
    assert order_of(database, order_id).stage == Stage.PLACED
    assert proposed(database, order_id, now, outer_glaze="ash").proof, "the open one is still to be approved"
    changed(database, order_id, now, outer_glaze="ash")
    with database.read() as session:
        assert proofs(session, order_id) == (1, ProofState.OPEN), "the same print needs no second proof"
    assert changed(database, order_id, now, artwork=upload("5")).proof
    with database.read() as session:
        assert proofs(session, order_id) == (2, ProofState.OPEN)
    approve(database, order_id, 2, now)
    assert order_of(database, order_id).stage == Stage.SCHEDULED


def test_without_artwork_it_goes_on_at_once(database: Database, upload: Upload) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", artwork=upload("4"))
    assert not changed(database, order_id, now, decoration="none", artwork=None).proof
    order = order_of(database, order_id)
    assert (order.stage, order.hold_reason) == (Stage.SCHEDULED, None)
    with database.read() as session:
        assert proofs(session, order_id) == (1, ProofState.WITHDRAWN)
        assert lines(session, order_id) == []


def test_after_approval_nothing_is_printed_before_the_new_one(database: Database, upload: Upload) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", artwork=upload("4"))
    approve(database, order_id, 1, now)
    before = order_of(database, order_id)
    with database.read() as session:
        assert lines(session, order_id) == [(LineState.ASKED, True)]
    made = changed(database, order_id, now, artwork=upload("5"))
    assert made.proof
    assert made.after.delivery_date >= made.before.delivery_date
    order = order_of(database, order_id)
    assert (order.stage, order.hold_reason) == (before.stage, "proof-open")
    assert order.promise["conditions"][0]["what"] == "proof-approved"
    with database.read() as session:
        assert lines(session, order_id) == [(LineState.WITHDRAWN, False)], "nothing is bought of either"
        first = jobs(session, order_id)[0].id
    with pytest.raises(OnHold), database.write() as session:
        start(session, [jobs(session, order_id)[0]], Act(now.business, "operator"), now)
    approve(database, order_id, 2, now)
    with database.read() as session:
        assert lines(session, order_id) == [(LineState.WITHDRAWN, False), (LineState.ASKED, True)]
        assert session.get_one(Order, order_id).hold_reason is None
        assert jobs(session, order_id)[0].id == first
        kinds = [event.type for event in events_after(session, order_id)]
        assert kinds.count("proof-asked") == 2
        assert kinds.count("engineered") == 1, "it is engineered once"


def test_a_proof_that_nobody_asked_for_is_not_sent_again(database: Database, upload: Upload) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", artwork=upload("4"))
    approve(database, order_id, 1, now)
    with pytest.raises(Conflict, match="no longer waits"), database.write() as session:
        proofing.send_again(session, order_id, now, "engineer")
    changed(database, order_id, now, artwork=upload("5"))
    with database.write() as session:
        assert proofing.send_again(session, order_id, now, "engineer").version == 3, "the control"
