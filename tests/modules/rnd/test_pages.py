"""The engineer's pages and the customer's answer, as a browser and as a program see them."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from cosmo import attachments, i18n
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.registry import Registry
from cosmo.settings import Settings
from cosmo.stages import Stage
from modules.rnd import configuring, engineering, proofing
from modules.rnd.models import Proof, ProofState
from tests.catalogs import msgids
from tests.factories import NOW
from tests.modules.rnd.pictures import drawing
from tests.modules.rnd.test_flow import placed
from tests.modules.rnd.test_releases import ask
from tests.web_fixtures import Visitor

People = Callable[..., Visitor]
Deliver = Callable[[Session], int]


@pytest.fixture
def order(lu: Plant, app: FastAPI, database: Database, settings: Settings, deliver_all: Deliver) -> Order:
    """A placed order whose proof is open."""
    with database.write() as session:
        kept = attachments.store(session, settings.attachments, io.BytesIO(drawing()), "art.svg", now=NOW)
        made = placed(session, ask(decoration="decal", artwork=kept.id))
        deliver_all(session)
        return made


def stage(database: Database, order: Order) -> str:
    with database.read() as session:
        return session.get_one(Order, order.id).stage


def test_products_are_listed_and_shown(lu: Plant, people: People) -> None:
    engineer = people(Role.ENGINEER, lu)
    listed = engineer.get("/plant/products")
    assert listed.status_code == 200
    assert "mug-1" in listed.text
    shown = engineer.get("/plant/products/mug").text
    assert "A reactive glaze runs under a decal." in shown
    assert "finish = reactive excludes decoration in (decal, lowfire)" in shown
    assert "283 begun so that 240 are good" in shown
    assert "LU-BODY-PORC" in shown


@pytest.mark.parametrize("slug", ["mug", "tile"])
@pytest.mark.parametrize("locale", ["en", "de", "zh"])
def test_every_family_can_be_read_in_every_language(
    slug: str, locale: str, lu: Plant, people: People
) -> None:
    engineer = people(Role.ENGINEER, lu)
    page = engineer.get(f"/plant/products/{slug}?lang={locale}")
    assert page.status_code == 200
    known = {"en": "Rules", "de": "Regeln", "zh": "规则"}[locale]
    assert f">{known}</h2>" in page.text


def test_a_part_can_be_tried_with_a_usual_upload(rhein: Plant, people: People) -> None:
    page = people(Role.ENGINEER, rhein).get("/plant/products/part")
    assert "RA-POWDER-PA12" in page.text


def test_trying_out_shows_why_and_keeps_what_was_typed(lu: Plant, people: People) -> None:
    engineer = people(Role.ENGINEER, lu)
    tried = engineer.get("/plant/products/mug/try?body=bone&finish=matt&quantity=77")
    assert "Bone china takes no matt glaze outside." in tried.text
    assert 'value="77"' in tried.text
    wrong = engineer.get("/plant/products/cabinet/try?width=9999")
    assert wrong.status_code == 404
    odd = engineer.get("/plant/products/mug/try?body=clay&quantity=abc&personal_name=" + "x" * 300)
    assert odd.status_code == 422
    assert "has no value “clay”" in odd.text
    assert 'value="abc"' in odd.text
    assert "A whole number of pieces belongs here." in odd.text


def test_another_plants_family_and_release_do_not_exist(lu: Plant, rhein: Plant, people: People) -> None:
    engineer = people(Role.ENGINEER, rhein)
    assert engineer.get("/plant/products/mug").status_code == 404
    assert engineer.get("/plant/products/part?release=mug-1").status_code == 404
    assert engineer.get("/plant/products/part?release=part-9").status_code == 404


def test_the_customer_approves_through_the_api_and_work_goes_on(
    order: Order, database: Database, client: Visitor
) -> None:
    path = f"/api/v1/orders/{order.id}/proof"
    assert client.get(path).status_code == 404
    told = client.get(f"{path}?token={order.tracking_token}").json()
    assert (told["state"], told["version"], told["width_mm"]) == ("open", 1, "60.0")
    assert all(check["ok"] for check in told["checks"])
    answer = client.post(f"{path}/approval?token={order.tracking_token}", json={})
    assert answer.status_code == 200
    assert answer.json()["state"] == "approved"
    assert answer.json()["stage"] != "placed"
    again = client.post(f"{path}/approval?token={order.tracking_token}", json={"approved": True})
    assert again.status_code == 200


def test_an_approval_with_a_foreign_token_finds_nothing(order: Order, client: Visitor) -> None:
    answer = client.post(f"/api/v1/orders/{order.id}/proof/approval?token={'x' * 32}", json={})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"approved": "maybe"}, 422),
        ({"version": 0}, 422),
        ({"version": 7}, 409),
        ({"approved": False}, 422),
        ({"approved": False, "comment": "x" * 2001}, 422),
        ({"colour": 1}, 422),
    ],
)
def test_odd_answers_are_refused_in_words(
    body: dict[str, Any], status: int, order: Order, client: Visitor
) -> None:
    answer = client.post(f"/api/v1/orders/{order.id}/proof/approval?token={order.tracking_token}", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_the_customer_sends_it_back_by_the_form_and_the_engineer_sends_another(
    order: Order, lu: Plant, database: Database, client: Visitor, people: People
) -> None:
    form = f"/track/{order.tracking_token}/proof"
    empty = client.post(form, data={"answer": "change", "comment": "  "})
    assert empty.status_code == 422
    assert "Write what should be different" in empty.text
    sent = client.post(form, data={"answer": "change", "comment": "Darker, please", "version": "1"})
    assert sent.status_code == 303
    engineer = people(Role.ENGINEER, lu)
    listed = engineer.get("/plant/proofs")
    assert "Darker, please" in listed.text
    with database.read() as session:
        proof = proofing.latest(session, order.id)
        assert proof is not None
    again = engineer.post(f"/plant/proofs/{proof.id}/versions")
    assert again.status_code == 303
    assert engineer.get(again.headers["Location"]).status_code == 200
    with database.read() as session:
        newest = proofing.latest(session, order.id)
        assert newest is not None
        assert (newest.version, newest.state) == (2, ProofState.OPEN)


def versions(database: Database, order: Order) -> list[Proof]:
    with database.read() as session:
        query = select(Proof).where(Proof.order_id == order.id).order_by(col(Proof.version))
        return list(session.exec(query))


def test_what_the_plant_writes_with_a_new_version_is_read_by_the_customer(
    order: Order, lu: Plant, database: Database, client: Visitor, people: People
) -> None:
    track = f"/track/{order.tracking_token}"
    client.post(f"{track}/proof", data={"answer": "change", "comment": "Darker, please", "version": "1"})
    engineer, (first,) = people(Role.ENGINEER, lu), versions(database, order)
    long = engineer.post(f"/plant/proofs/{first.id}/versions", data={"note": "x" * 2001})
    assert long.status_code == 422
    assert "Write at most 2,000 characters" in long.text
    assert "x" * 2001 in long.text, "what was typed is kept"
    assert len(versions(database, order)) == 1
    sent = engineer.post(f"/plant/proofs/{first.id}/versions", data={"note": "Two steps <b>darker</b>"})
    assert sent.status_code == 303
    for page in (engineer.get(sent.headers["Location"]), answered_page(client, track)):
        said = [page.text.index(one) for one in ("Darker, please", "Two steps &lt;b&gt;darker")]
        assert said == sorted(said), "oldest first"
    told = client.get(f"/api/v1/orders/{order.id}/proof?token={order.tracking_token}").json()
    assert (told["version"], told["note"], told["comment"]) == (2, "Two steps <b>darker</b>", "")


def answered_page(client: Visitor, track: str) -> Any:
    """The customer's view of the proof, as this module shows it without the tracking page's."""
    return client.post(f"{track}/proof", data={"answer": "neither"})


def test_a_version_without_a_word_says_nothing(order: Order, lu: Plant, people: People) -> None:
    engineer = people(Role.ENGINEER, lu)
    page = engineer.get("/plant/proofs").text
    proof = page.split("/plant/proofs/")[1].split('"')[0]
    assert "What was written about it" not in engineer.get(f"/plant/proofs/{proof}").text


@pytest.mark.parametrize(
    ("locale", "note", "small"),
    [
        ("en", "please note", "Made smaller to fit the print zone: 160 × 160 mm"),
        ("de", "bitte beachten", "Verkleinert, damit es in die Druckfläche passt: 160 × 160 mm"),
        ("zh", "请留意", "已缩小以适合印刷区：原稿 160 × 160 毫米"),
    ],
)
def test_what_is_printed_otherwise_is_told_before_and_after_ordering(
    locale: str,
    note: str,
    small: str,
    lu: Plant,
    database: Database,
    settings: Settings,
    deliver_all: Deliver,
    client: Visitor,
) -> None:
    database.files = settings.attachments
    large = drawing("9").replace(b"60mm", b"160mm")
    with database.write() as session:
        kept = attachments.store(session, settings.attachments, io.BytesIO(large), "art.svg", now=NOW)
        wish = ask(decoration="decal", artwork=kept.id)
        field = configuring.answer(session, "mug", wish.selections, 240, locale).inputs["artwork"]["check"]
        order = placed(session, wish)
        deliver_all(session)
    assert small in field
    client.get(f"/?lang={locale}")
    page = client.post(f"/track/{order.tracking_token}/proof?lang={locale}", data={"answer": "x"}).text
    assert small in page
    assert page.count(note) == 1
    told = client.get(f"/api/v1/orders/{order.id}/proof?token={order.tracking_token}").json()
    assert "zone" in [check["rule"] for check in told["checks"] if check["notice"]]


def test_a_colour_that_cannot_be_fired_is_shown_beside_the_nearest(
    lu: Plant, database: Database, settings: Settings, deliver_all: Deliver, client: Visitor
) -> None:
    dotted = drawing().replace(b"</svg>", b'<circle cx="300" cy="300" r="60" fill="red"/></svg>')
    with database.write() as session:
        kept = attachments.store(session, settings.attachments, io.BytesIO(dotted), "art.svg", now=NOW)
        order = placed(session, ask(decoration="decal", artwork=kept.id))
        deliver_all(session)
    page = client.post(f"/track/{order.tracking_token}/proof", data={"answer": "x"}).text
    (swatches,) = re.findall(r'<svg class="proof-inks".*?</svg>', page)
    wanted, nearest = re.findall(r'fill="(#[0-9a-f]{6})"', swatches)
    assert wanted == "#ff0000"
    assert f"becomes about {nearest}" in page


def test_a_new_version_is_offered_as_long_as_a_proof_may_wait(
    order: Order, lu: Plant, database: Database, settings: Settings, people: People
) -> None:
    with database.write() as session:
        proofing.answer(session, order.id, approved=True, comment="", version=1, actor="ada", now=NOW)
        engineering.go_on(session, order.id, NOW)
        kept = attachments.store(session, settings.attachments, io.BytesIO(drawing("5")), "b.svg", now=NOW)
        later = session.get_one(Order, order.id)
        assert later.stage == Stage.ENGINEERED
        later.selections = {**later.selections, "artwork": kept.id}
        engineering.changed(session, order.id, "ada", NOW)
    first, second = versions(database, order)
    engineer = people(Role.ENGINEER, lu)
    assert f'action="/plant/proofs/{second.id}/versions"' in engineer.get(f"/plant/proofs/{second.id}").text
    assert "/versions" not in engineer.get(f"/plant/proofs/{first.id}").text, "the approved one is closed"


def test_what_was_typed_stays_where_no_new_version_can_be_sent(
    order: Order, lu: Plant, database: Database, client: Visitor, people: People
) -> None:
    """Because the order prints nothing any more, or the customer approved in the meantime."""
    engineer, (first,) = people(Role.ENGINEER, lu), versions(database, order)
    address, note = f"/plant/proofs/{first.id}/versions", {"note": "Two steps darker"}
    with database.write() as session:
        changed = session.get_one(Order, order.id)
        was, changed.selections = changed.selections, {**changed.selections, "decoration": "none"}
    refused = engineer.post(address, data=note)
    assert (refused.status_code, "aria-invalid" in refused.text) == (422, False)
    with database.write() as session:
        session.get_one(Order, order.id).selections = was
    assert client.post(f"/track/{order.tracking_token}/proof", data={"answer": "approve"}).status_code == 303
    late = engineer.post(address, data=note)
    assert late.status_code == 409
    assert "no longer waits for a proof" in late.text
    for page in (refused, late):
        assert page.text.count("Two steps darker</textarea>") == 1
        assert page.text.count('role="alert"') == 1
    assert len(versions(database, order)) == 1
    assert "<textarea" not in engineer.get(f"/plant/proofs/{first.id}").text, "the control"


def test_the_customer_approves_by_the_form(order: Order, database: Database, client: Visitor) -> None:
    answer = client.post(f"/track/{order.tracking_token}/proof", data={"answer": "approve"})
    assert answer.status_code == 303
    assert stage(database, order) != Stage.PLACED


def test_the_picture_is_shown_to_whoever_may_see_the_order_and_cannot_run(
    order: Order, lu: Plant, rhein: Plant, client: Visitor, people: People, database: Database
) -> None:
    tracked = client.get(f"/track/{order.tracking_token}/proof/artwork")
    assert tracked.headers["Content-Type"].startswith("image/svg+xml")
    assert "sandbox" in tracked.headers["Content-Security-Policy"]
    with database.read() as session:
        proof = proofing.latest(session, order.id)
        assert proof is not None
    path = f"/plant/proofs/{proof.id}/artwork"
    assert people(Role.ENGINEER, lu).get(path).status_code == 200
    assert people(Role.ENGINEER, rhein).get(path).status_code == 404


def test_the_engineer_may_answer_for_a_customer_on_the_telephone(
    order: Order, lu: Plant, people: People, database: Database
) -> None:
    engineer = people(Role.ENGINEER, lu, bearer=True)
    waiting = engineer.get(f"/api/v1/plants/{lu.slug}/proofs").json()
    assert [proof["order_id"] for proof in waiting] == [order.id]
    answer = engineer.post(f"/api/v1/orders/{order.id}/proof/approval", json={"comment": "by telephone"})
    assert answer.status_code == 200
    with database.read() as session:
        proof = proofing.latest(session, order.id)
        assert proof is not None
        assert engineer.account is not None
        assert proof.answered_by == engineer.account.id


@pytest.mark.parametrize("locale", ["de", "zh"])
def test_every_sentence_is_translated(locale: str, rnd_alone: Registry) -> None:
    folder = Path(__file__).parents[3] / "modules" / "rnd"
    assert i18n.untranslated(locale, sorted(msgids(folder))) == []
