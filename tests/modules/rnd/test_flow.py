"""From a wish to *engineered*: at once without artwork, after the customer's approval with it."""

import email
import email.policy
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo import attachments
from cosmo.cancelling import cancel
from cosmo.db import Database
from cosmo.errors import Conflict, Invalid
from cosmo.events import Event, events_after
from cosmo.journey_ports import AsBuilt
from cosmo.mail import Mail, send_queued
from cosmo.mailers import make_mailer
from cosmo.orders import Order, OrderSpec
from cosmo.parties import Plant
from cosmo.placing import Customer, place, remake
from cosmo.ports import Ask, Engineer, Unbuildable
from cosmo.quoting import Requester, quote
from cosmo.registry import Registry, registry, switch
from cosmo.settings import Settings
from cosmo.stages import Stage
from modules.rnd import engineering, proofing
from modules.rnd.configuring import prepare
from modules.rnd.models import Proof, ProofState
from modules.rnd.ports import ModelledConfigurator, ModellingEngineer
from tests.factories import NOW, make_order, walk
from tests.modules.rnd.pictures import drawing, png, shell
from tests.modules.rnd.test_releases import TO, ask

Deliver = Callable[[Session], int]
ALL = frozenset({"rnd"})


@pytest.fixture
def files(database: Database, settings: Settings) -> Callable[[Session, bytes], str]:
    """`files(session, content)`: upload it, and get the attachment's id."""
    database.files = settings.attachments

    def keep(session: Session, content: bytes) -> str:
        return attachments.store(session, settings.attachments, io.BytesIO(content), "art", now=NOW).id

    return keep


Files = Callable[[Session, bytes], str]


def placed(session: Session, wish: Ask) -> Order:
    order = quote(session, wish, requester=Requester(session_id="s"), now=NOW)
    made = place(session, [order.id], Customer("Ada", "a@b.c"), requester=Requester(), now=NOW)
    assert isinstance(made, list)
    return made[0]


def types(session: Session, order: Order) -> list[str]:
    return [event.type for event in events_after(session, order.id)]


def engineered(session: Session, order: Order) -> Event:
    (event,) = [event for event in events_after(session, order.id) if event.type == "engineered"]
    return event


def test_a_plain_mug_is_engineered_at_once(lu: Plant, database: Database, deliver_all: Deliver) -> None:
    with database.write() as session:
        order = placed(session, ask())
        assert session.get_one(OrderSpec, order.id).frozen_at is None
        deliver_all(session)
        event = engineered(session, order)
        assert event.payload == {"skipped": False, "release": "mug-1", "start_quantity": 283}
        assert session.get_one(OrderSpec, order.id).frozen_at == NOW.business
        assert not order.held


def test_artwork_waits_for_its_proof(
    lu: Plant, database: Database, files: Files, deliver_all: Deliver
) -> None:
    with database.write() as session:
        order = placed(session, ask(decoration="decal", artwork=files(session, drawing())))
        assert order.promise["conditions"][0]["what"] == "proof-approved"
        deliver_all(session)
        assert (order.stage, order.hold_reason) == (Stage.PLACED, "proof-open")
        assert types(session, order)[-2:] == ["hold-set", "proof-asked"]
        proof = proofing.latest(session, order.id)
        assert proof is not None
        assert (proof.version, proof.state, proof.report["width_mm"]) == (1, ProofState.OPEN, "60.0")
        assert session.get_one(OrderSpec, order.id).frozen_at is None
        proofing.answer(session, order.id, approved=True, comment="", version=1, actor="ada", now=NOW)
        engineering.go_on(session, order.id, NOW)
        deliver_all(session)
        assert engineered(session, order).payload["start_quantity"] == 289
        assert not order.held


def test_the_customer_gets_a_mail_that_leads_to_the_proof(
    lu: Plant, database: Database, files: Files, deliver_all: Deliver, settings: Settings
) -> None:
    with database.write() as session:
        order = placed(session, ask(decoration="decal", artwork=files(session, drawing())))
        deliver_all(session)
        plain = placed(session, ask())
        deliver_all(session)
        queued = [(mail.order_id, mail.template) for mail in session.exec(select(Mail))]
    assert (order.id, "proof") in queued
    assert (plain.id, "proof") not in queued, "there is nothing to approve"
    while send_queued(database, settings, make_mailer(settings)):
        pass
    files_sent = settings.mail.glob("*.eml")
    sent = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files_sent]
    (letter,) = [mail for mail in sent if "proof" in str(mail["Subject"])]
    body = letter.get_body(("plain",))
    assert body is not None
    assert f"/track/{order.tracking_token}" in body.get_content()


def test_changes_asked_for_bring_a_new_version(
    lu: Plant, database: Database, files: Files, deliver_all: Deliver
) -> None:
    with database.write() as session:
        order = placed(session, ask(decoration="decal", artwork=files(session, drawing())))
        deliver_all(session)
        with pytest.raises(Invalid, match="what should be different"):
            proofing.answer(session, order.id, approved=False, comment=" ", version=None, actor="a", now=NOW)
        proofing.answer(session, order.id, approved=False, comment="Darker", version=1, actor="a", now=NOW)
        assert [order.id for _, order in proofing.waiting(session, [lu.id])] == [order.id]
        second = proofing.send_again(session, order.id, NOW, "engineer")
        assert second.version == 2
        assert types(session, order)[-2:] == ["proof-returned", "proof-asked"]
        with pytest.raises(Conflict, match="newer proof"):
            proofing.answer(session, order.id, approved=True, comment="", version=1, actor="a", now=NOW)
        proofing.answer(session, order.id, approved=True, comment="", version=2, actor="a", now=NOW)
        engineering.go_on(session, order.id, NOW)
        assert order.stage == Stage.ENGINEERED
        with pytest.raises(Conflict, match="no longer waits"):
            proofing.send_again(session, order.id, NOW, "engineer")


def test_approving_twice_changes_nothing(
    lu: Plant, database: Database, files: Files, deliver_all: Deliver
) -> None:
    with database.write() as session:
        order = placed(session, ask(decoration="decal", artwork=files(session, drawing())))
        deliver_all(session)
        for _ in range(2):
            proofing.answer(session, order.id, approved=True, comment="", version=1, actor="ada", now=NOW)
            engineering.go_on(session, order.id, NOW)
        assert types(session, order).count("proof-approved") == 1
        assert types(session, order).count("engineered") == 1


def test_artwork_approved_once_needs_no_second_proof_unless_it_is_printed_otherwise(
    lu: Plant, database: Database, files: Files, deliver_all: Deliver
) -> None:
    with database.write() as session:
        art = files(session, drawing())
        order = placed(session, ask(decoration="decal", artwork=art))
        deliver_all(session)
        proofing.answer(session, order.id, approved=True, comment="", version=1, actor="ada", now=NOW)
        engineering.go_on(session, order.id, NOW)
        again, other = (
            ask(quantity=500, decoration="decal", artwork=art),
            ask(decoration="laser", artwork=art),
        )
        assert not ModellingEngineer().needs_proof(session, again)
        assert ModellingEngineer().needs_proof(session, other)
        walk(session, order.id, Stage.DELIVERED)
        second = remake(session, order.id, 5, actor="service", now=NOW)
        deliver_all(session)
        assert second.stage != Stage.PLACED


def test_cancelling_withdraws_the_open_proof(
    lu: Plant, database: Database, files: Files, deliver_all: Deliver
) -> None:
    with database.write() as session:
        order = placed(session, ask(decoration="decal", artwork=files(session, drawing())))
        deliver_all(session)
        cancel(session, order.id, reason="customer", actor="ada", now=NOW)
        proof = proofing.latest(session, order.id)
        assert proof is not None
        assert proof.state == ProofState.WITHDRAWN
        assert not order.held
        with pytest.raises(Conflict, match="closed"):
            proofing.answer(session, order.id, approved=True, comment="", version=None, actor="a", now=NOW)


def test_artwork_that_fails_its_checks_is_a_conflict_and_cannot_be_ordered(
    lu: Plant, database: Database, files: Files
) -> None:
    with database.write() as session:
        coarse = files(session, png(300, 280, line=6))
        wish = ask(decoration="decal", artwork=coarse)
        answer = ModelledConfigurator().answer(session, "mug", wish.selections, 240, "en")
        assert not answer.complete
        (conflict,) = answer.conflicts
        assert (conflict.rule, conflict.options) == ("12", ("artwork",))
        assert "we need 300, that is 924 × 863 pixels." in conflict.message
        with pytest.raises(Unbuildable) as caught:
            quote(session, wish, requester=Requester(), now=NOW)
        assert caught.value.extra["conflicts"][0]["rule"] == "12"


def test_artwork_that_is_not_printed_is_not_checked(lu: Plant, database: Database, files: Files) -> None:
    with database.write() as session:
        wish = ask(artwork=files(session, png(30, 30, line=6)))
        assert ModelledConfigurator().answer(session, "mug", wish.selections, 240, "en").complete
        assert not ModellingEngineer().needs_proof(session, wish)


def test_an_upload_that_is_gone_is_told(lu: Plant, database: Database, files: Files) -> None:
    with database.write() as session:
        answer = ModelledConfigurator().answer(
            session, "mug", ask(decoration="decal", artwork="lost").selections, 9, "de"
        )
        assert [conflict.rule for conflict in answer.conflicts] == ["file"]


def test_a_part_is_measured_when_uploaded(rhein: Plant, database: Database, files: Files) -> None:
    with database.write() as session:
        thick, thin = files(session, shell(100, 60, 30, 1.2)), files(session, shell(100, 60, 30, 0.7))
        good, bad = ask("part", 20, part=thick), ask("part", 20, part=thin)
        assert ModellingEngineer().resolve(session, good).routing[1].size_per_piece > 0
        answer = ModelledConfigurator().answer(session, "part", bad.selections, 20, "en")
        assert [(conflict.rule, conflict.options) for conflict in answer.conflicts] == [("R1", ("part",))]


def test_an_unfinished_wish_is_refused_with_what_is_missing(lu: Plant, database: Database) -> None:
    with database.read() as session, pytest.raises(Unbuildable) as caught:
        ModellingEngineer().resolve(session, Ask("mug", {"capacity": "325"}, 10, TO, locale="de"))
    told = caught.value.extra["conflicts"]
    assert {"rule": "missing", "options": ["body"], "message": "Wählen Sie: Scherben."} in told


@pytest.mark.parametrize(
    ("selections", "quantity", "rule"),
    [
        ({"capacity": "999"}, 240, "value"),
        ({"personal_name": "x" * 25}, 240, "length"),
        ({"personal_name": "Mia 🙂", "decoration": "decal"}, 240, "27"),
        ({}, 20_001, "quantity"),
    ],
)
def test_an_impossible_value_is_a_conflict_in_words(
    selections: dict[str, Any], quantity: int, rule: str, lu: Plant, database: Database
) -> None:
    with database.read() as session:
        answer = ModelledConfigurator().answer(session, "mug", ask(**selections).selections, quantity, "en")
    assert rule in [conflict.rule for conflict in answer.conflicts]
    assert not answer.complete


def test_an_unknown_option_is_refused(lu: Plant, database: Database) -> None:
    with database.read() as session, pytest.raises(Invalid, match="no option 'colour'"):
        ModelledConfigurator().answer(session, "mug", {"colour": "red"}, 1, "en")


@pytest.mark.parametrize("raw", [325, 325.0, "325", " 325 "])
def test_numbers_and_words_mean_the_same_value(raw: Any, lu: Plant, database: Database) -> None:
    with database.read() as session:
        answer = ModelledConfigurator().answer(
            session, "mug", ask(capacity=raw, gold_rim=True).selections, 240, "en"
        )
        assert answer.complete
        assert answer.selections["capacity"] == raw


def test_an_order_with_its_own_routing_is_frozen_as_it_came(
    lu: Plant, database: Database, deliver_all: Deliver
) -> None:
    with database.write() as session:
        order = make_order(session, lu)
        walk(session, order.id, Stage.PLACED)
        deliver_all(session)
        assert engineered(session, order).payload["release"] is None
        assert session.get_one(OrderSpec, order.id).frozen_at is not None


def test_while_the_module_is_off_the_standard_product_is_made(
    lu: Plant, database: Database, deliver_all: Deliver
) -> None:
    with database.write() as session:
        switch(session, lu.manufacturer_id, "rnd", on=False)
        order = placed(session, Ask("mug", {}, 240, TO))
        deliver_all(session)
        assert order.release is None
        assert engineered(session, order).payload["skipped"]
        assert session.exec(select(Proof)).first() is None
        assert session.get_one(OrderSpec, order.id).spec["start_quantity"] == 283


def test_what_it_was_made_of_names_release_and_proof(
    lu: Plant, rnd_alone: Registry, database: Database, files: Files, deliver_all: Deliver
) -> None:
    with database.write() as session:
        order = placed(session, ask(decoration="decal", artwork=files(session, drawing())))
        deliver_all(session)
        proofing.answer(session, order.id, approved=True, comment="", version=1, actor="ada", now=NOW)
        (contributor,) = registry().contributors(AsBuilt, ALL)  # type: ignore[type-abstract]
        assert [part.value for part in contributor.parts(session, order.id)] == ["mug-1", "1"]
        assert isinstance(registry().parts["rnd"].ports[Engineer], ModellingEngineer)


def test_the_file_of_a_shape_is_a_shape(lu: Plant, database: Database, files: Files) -> None:
    with database.write() as session:
        for content, wrong in ((drawing(), [("file", ("shape_file",))]), (shell(85, 85, 95, 4), [])):
            chosen = {"shape": "custom", "shape_file": files(session, content)}
            got = prepare(session, "mug", chosen, 1000)
            assert [(problem.rule, problem.options) for problem in got.problems] == wrong
