"""Saved designs: kept as drafts, private, shared by a link, compared, and the start of an order."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo.access import orders_visible, saved_visible
from cosmo.audit import History, audit
from cosmo.db import Database
from cosmo.identity import guest
from cosmo.orders import Address, Order
from cosmo.parties import Party, Plant, Role
from cosmo.stages import Stage
from modules.interaction import designs
from modules.interaction.models import Design
from modules.interaction.origins import Origin, origin_words
from tests.factories import make_customer, make_order, walk
from tests.modules.interaction.conftest import CHECKOUT, defaults
from tests.modules.interaction.test_renewal import newer
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")
TO = {"country": "DE", "city": "Hamburg", "postal_code": "20357"}


def press(visitor: Visitor, do: str, **values: str) -> Any:
    """Press a button of the configurator."""
    form = {**defaults(visitor), "quantity": "24", **TO, **values, "do": do}
    return visitor.post("/configure/mug", data=form)


def saved(visitor: Visitor, **values: str) -> str:
    """Save what is chosen; the design's id."""
    answer = press(visitor, "save-as", **values)
    assert answer.status_code == 303, answer.text[:500]
    found = re.search(r"design=(\w+)", answer.headers["Location"])
    assert found is not None
    return found[1]


def order_behind(database: Database, design_id: str) -> Order:
    with database.read() as session:
        return session.get_one(Order, session.get_one(Design, design_id).order_id)


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return len(list(session.exec(select(table))))


def key_of(database: Database, design_id: str) -> str:
    with database.read() as session:
        return session.get_one(Design, design_id).share_key or ""


def test_a_saved_design_is_a_draft_and_can_be_continued(client: Visitor, database: Database) -> None:
    design = saved(client, outer_glaze="cobalt")
    order = order_behind(database, design)
    assert (order.stage, order.seq, order.quantity) == (Stage.DRAFT, 0, 24)
    assert order.selections["outer_glaze"] == "cobalt"
    page = client.get("/designs").text
    assert "Cobalt" in page
    assert f"design={design}" in page
    assert not [one for one in audit(database) if not isinstance(one, History)]
    (there,) = re.findall(rf'href="(/configure/mug[^"]*design={design}[^"]*)"', page)
    again = client.get(there.replace("&amp;", "&")).text
    assert re.search(r'name="outer_glaze" value="cobalt" checked', again)
    assert "Save the changes" in again
    assert f'name="design" value="{design}"' in again


def test_changes_are_saved_into_the_same_design_or_beside_it(client: Visitor, database: Database) -> None:
    design = saved(client, outer_glaze="cobalt")
    before = order_behind(database, design).id
    assert press(client, "save", design=design, outer_glaze="oat").status_code == 303
    assert order_behind(database, design).selections["outer_glaze"] == "oat"
    assert order_behind(database, design).id == before
    other = saved(client, design=design, outer_glaze="ash")
    assert other != design
    assert order_behind(database, design).selections["outer_glaze"] == "oat"


def test_nobody_else_sees_it(
    client: Visitor, app: Any, database: Database, priced: Plant, people: Callable[..., Visitor]
) -> None:
    design = saved(client)
    order = order_behind(database, design)
    with Visitor(app) as other:
        saved(other)
        others = [other, people(Role.CUSTOMER)]
        for stranger in others:
            assert design not in stranger.get("/designs").text
            for path in ("name", "link", "link/removal", "removal"):
                assert stranger.post(f"/designs/{design}/{path}", data={"title": "Mine"}).status_code == 404
            there = f"/designs/comparison?design={design}&design={design[::-1]}"
            assert stranger.get(there).status_code == 404
            page = stranger.get(f"/configure/mug?shape=soft&design={design}").text
            assert "Save the changes" not in page
            assert press(stranger, "save", design=design).status_code == 404
    planner = people(Role.PLANNER, priced)
    assert planner.get(f"/api/v1/orders/{order.id}").status_code == 404, "a draft is no plant's business"
    assert order.id not in planner.get("/api/v1/orders").text
    assert order_behind(database, design).selections == order.selections


def test_the_filters_of_orders_and_of_designs_differ_in_drafts_only(
    database: Database, priced: Plant
) -> None:
    """Negative control: with `saved_visible` in place of `orders_visible` the draft is among the orders."""
    mine = guest("en", "browser-1")
    with database.write() as session:
        make_order(session, priced, family="mug", session_id="browser-1")
        placed = make_order(session, priced, family="mug", session_id="browser-1", number="C-7")
        walk(session, placed.id, Stage.PLACED)
        orders = session.exec(select(Order.id).where(orders_visible(mine))).all()
        kept = session.exec(select(Order.id).where(saved_visible(mine))).all()
    assert list(orders) == [placed.id]
    assert len(kept) == 2


def test_a_design_gets_another_name(client: Visitor, database: Database) -> None:
    design = saved(client)
    assert client.post(f"/designs/{design}/name", data={"title": "  Wedding  mug "}).status_code == 303
    assert "<h2>Wedding mug</h2>" in client.get("/designs").text
    for typed in ("", "x" * 81):
        answer = client.post(f"/designs/{design}/name", data={"title": typed})
        assert answer.status_code == 422
        assert "Write a name of 1 to 80 characters." in answer.text
        assert not typed or typed in answer.text, "nothing typed is lost"
    assert "<h2>Wedding mug</h2>" in client.get("/designs").text


def test_a_deleted_draft_leaves_nothing(client: Visitor, database: Database) -> None:
    addresses = count(database, Address)
    design = saved(client)
    order = order_behind(database, design)
    assert count(database, Address) == addresses + 1
    assert client.post(f"/designs/{design}/removal").status_code == 303
    with database.read() as session:
        assert session.get(Order, order.id) is None
        assert session.get(Design, design) is None
    assert count(database, Address) == addresses


def test_a_link_shows_it_until_it_is_taken_back(client: Visitor, app: Any, database: Database) -> None:
    design = saved(client, outer_glaze="cobalt", personal_name="Ada", decoration="decal")
    with Visitor(app) as friend:
        assert client.post(f"/designs/{design}/link").status_code == 303
        key = key_of(database, design)
        assert len(key) >= 22, "at least 128 bits"
        page = friend.get(f"/shared/{key}")
        assert page.status_code == 200
        assert "Cobalt" in page.text
        assert "Ada" in page.text
        assert not re.search("Hamburg|20357", page.text), "not where it goes"
        (there,) = re.findall(r'href="(/configure/mug\?[^"]+)"', page.text)
        taken = friend.get(there.replace("&amp;", "&")).text
        assert "a design that was shared with you" in taken
        assert re.search(r'name="outer_glaze" value="cobalt" checked', taken)
        assert "Save this design" in taken
        assert "Save the changes" not in taken
        assert client.post(f"/designs/{design}/link/removal").status_code == 303
        assert friend.get(f"/shared/{key}").status_code == 404
        client.post(f"/designs/{design}/link")
        assert key_of(database, design) != key


def test_two_designs_side_by_side(client: Visitor) -> None:
    plain, gold = saved(client, outer_glaze="milk"), saved(client, outer_glaze="cobalt", gold_rim="yes")
    for name, design in (("Plain", plain), ("Golden", gold)):
        client.post(f"/designs/{design}/name", data={"title": name})
    page = client.get(f"/designs/comparison?design={plain}&design={gold}").text
    differ, same = page.partition("The same in both")[::2]
    differ = differ.partition('<tbody class="differ">')[2]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td>([^<]*)</td><td>([^<]*)</td>', differ)
    assert rows == [
        ("Outer glaze", "Milk", "Cobalt"),
        ("Gold rim", "No gold rim", "Gold rim"),
    ]
    assert "Inner glaze" in same
    assert "Outer glaze" not in same
    assert "“Golden” beside “Plain”:" in page
    assert " more." in page
    assert page.count("Take this one") == 2
    assert f"design={gold}" in page
    prices = re.findall(r'class="side-price"><b>([^<]+)</b>', page)
    assert len(prices) == 2
    assert prices[0] != prices[1]


def test_comparing_needs_two(client: Visitor) -> None:
    one, other, third = saved(client), saved(client), saved(client)
    assert client.get("/designs/comparison").headers["Location"] == "/designs"
    for chosen in ((one,), (one, one), (one, other, third)):
        answer = client.get("/designs/comparison", params={"design": list(chosen)})
        assert answer.status_code == 422
        assert "Tick two designs to compare them." in answer.text
    assert f'value="{one}" checked' in answer.text, "what was ticked stays ticked"


def test_a_design_that_is_ordered_becomes_the_order(client: Visitor, database: Database) -> None:
    design = saved(client, outer_glaze="cobalt")
    draft = order_behind(database, design)
    answer = press(client, "order", outer_glaze="cobalt", design=design)
    assert answer.headers["Location"] == f"/order/{draft.id}", "the quote has the draft's id"
    assert "A place is held for it." in client.get("/designs").text
    page = client.get(f"/order/{draft.id}").text
    (signature,) = re.findall(r'name="signature" value="([^"]+)"', page)
    placed = client.post(f"/order/{draft.id}", data={**CHECKOUT, "signature": signature})
    assert placed.status_code == 303
    order = order_behind(database, design)
    assert order.stage not in (Stage.DRAFT, Stage.QUOTED)
    assert design not in client.get("/designs").text, "it is among the orders now"


def test_what_was_changed_before_ordering_leaves_the_design_as_it_was(
    client: Visitor, database: Database
) -> None:
    design = saved(client, outer_glaze="cobalt")
    draft = order_behind(database, design)
    answer = press(client, "order", outer_glaze="oat", design=design)
    assert answer.headers["Location"] != f"/order/{draft.id}"
    kept = order_behind(database, design)
    assert (kept.stage, kept.selections["outer_glaze"]) == (Stage.DRAFT, "cobalt")


def test_a_quoted_design_goes_on_as_another_draft(client: Visitor, database: Database) -> None:
    design = saved(client, outer_glaze="cobalt")
    draft = order_behind(database, design)
    press(client, "order", outer_glaze="cobalt", design=design)
    assert press(client, "save", outer_glaze="oat", design=design).status_code == 303
    quote = order_of(database, draft.id)
    assert (quote.stage, quote.selections["outer_glaze"]) == (Stage.QUOTED, "cobalt"), "as it was quoted"
    kept = order_behind(database, design)
    assert (kept.stage, kept.selections["outer_glaze"]) == (Stage.DRAFT, "oat")
    answer = press(client, "order", outer_glaze="oat", design=design)
    assert answer.headers["Location"] == f"/order/{kept.id}"
    answer = press(client, "order", outer_glaze="oat", design=design)
    assert answer.headers["Location"] == f"/order/{order_behind(database, design).id}"
    assert order_behind(database, design).id != kept.id


def order_of(database: Database, order_id: str) -> Order:
    with database.read() as session:
        return session.get_one(Order, order_id)


def test_deleting_a_quoted_design_frees_its_place(client: Visitor, database: Database) -> None:
    design = saved(client)
    press(client, "order", design=design)
    order = order_behind(database, design)
    assert order.stage == Stage.QUOTED
    client.post(f"/designs/{design}/removal")
    assert order_of(database, order.id).stage == Stage.LAPSED


def test_there_is_an_end_to_saving(
    client: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(designs, "MOST", 2)
    saved(client), saved(client)
    answer = press(client, "save-as", outer_glaze="oat")
    assert answer.status_code == 409
    assert "Delete one under My designs, then save." in answer.text
    assert re.search(r'name="outer_glaze" value="oat" checked', answer.text), "nothing chosen is lost"
    assert count(database, Design) == 2


def test_a_guest_who_floods_is_told_so(client: Visitor, app: Any) -> None:
    for _ in range(30):
        app.state.site.limiter.hit("save", "testclient")
    answer = press(client, "save-as")
    assert answer.status_code == 429
    assert "That is many designs at once." in answer.text


def test_a_plants_people_save_nothing(priced: Plant, people: Callable[..., Visitor]) -> None:
    seller = people(Role.SELLER, priced)
    assert "Save this design" not in seller.get("/configure/mug").text
    assert press(seller, "save-as").status_code == 403
    assert seller.get("/designs").status_code == 403


def test_a_customer_keeps_designs_by_party(people: Callable[..., Visitor], database: Database) -> None:
    with database.write() as session:
        firm = make_customer(session)
    one, colleague = (people(Role.CUSTOMER, party=firm) for _ in range(2))
    design = saved(one)
    assert design in colleague.get("/designs").text


def placed(session: Session, plant: Plant, **values: Any) -> Order:
    firm = make_customer(session)
    made = make_order(session, plant, customer=firm, family="mug", number="C-24777", **values)
    return walk(session, made.id, Stage.DELIVERED)


def test_an_old_order_is_ordered_again(
    database: Database, priced: Plant, people: Callable[..., Visitor], client: Visitor
) -> None:
    chosen = dict(defaults(client)) | {"outer_glaze": "cobalt"}
    with database.write() as session:
        order = placed(session, priced, selections=chosen, quantity=36)
        token = order.tracking_token
        party = session.get_one(Party, order.customer_id)
    ada = people(Role.CUSTOMER, party=party)
    (there,) = re.findall(r'href="([^"]*again=[^"]*)"', ada.get("/orders").text)
    page = ada.get(there.replace("&amp;", "&")).text
    assert "Chosen as in your order C-24777." in page
    assert re.search(r'name="outer_glaze" value="cobalt" checked', page)
    assert 'name="quantity" value="36"' in page
    assert "again=" in client.get(f"/track/{token}").text, "whoever has its link may order the same"
    assert order_of(database, order.id).stage == Stage.DELIVERED


def test_what_the_release_no_longer_knows_is_named(
    database: Database, priced: Plant, people: Callable[..., Visitor], client: Visitor
) -> None:
    chosen = dict(defaults(client)) | {"lid": "oak lid", "outer_glaze": "jade"}
    with database.write() as session:
        order = placed(session, priced, selections=chosen, pieces=[{"name": "Ada"}, {"name": "Bob"}])
        token = order.tracking_token
        party = session.get_one(Party, order.customer_id)
    for visitor, pieces in ((client, False), (people(Role.CUSTOMER, party=party), True)):
        (there,) = re.findall(r'href="([^"]*again=[^"]*)"', visitor.get(f"/track/{token}").text)
        page = visitor.get(there.replace("&amp;", "&")).text
        assert ("Chosen as in your order C-24777." if pieces else "Chosen as in an earlier order.") in page
        assert "“lid” is not offered any more; “oak lid” was chosen." in page
        assert "Outer glaze: “jade” is not offered any more." in page
        assert ("2 pieces had words of their own." in page) is pieces


def test_words_of_single_pieces_are_named_too() -> None:
    described = {"options": [{"id": "shape", "name": "Shape", "values": [{"value": "soft"}]}]}
    told = origin_words(described, Origin("From there.", {"shape": "soft"}, pieces=2), "en")
    assert "2 pieces had words of their own." in told
    assert 'role="alert"' in told
    fine = origin_words(described, Origin("From there.", {"shape": "soft"}), "en")
    assert "note-you" in fine
    assert "<li>" not in fine
    assert origin_words(described, Origin("", {"shape": "soft"}), "en") == ""


def test_a_saved_design_under_a_newer_release_says_what_is_gone(
    client: Visitor, database: Database, priced: Plant
) -> None:
    design = saved(client, outer_glaze="cobalt", packaging="gift")

    def without(content: dict[str, Any]) -> None:
        glaze = next(o for o in content["options"] if o["id"] == "outer_glaze")
        glaze["values"] = [value for value in glaze["values"] if value["id"] != "cobalt"]

    newer(database, priced, without)
    page = client.get("/designs").text
    (there,) = re.findall(rf'href="(/configure/mug[^"]*design={design}[^"]*)"', page)
    opened = client.get(there.replace("&amp;", "&"))
    assert "Outer glaze: “cobalt” is not offered any more." in opened.text
    assert client.get(f"/designs/comparison?design={design}&design={saved(client)}").status_code == 200


def test_guests_designs_are_not_held(client: Visitor, database: Database) -> None:
    design = saved(client)
    order = order_behind(database, design)
    assert order.quote_expires_at is None
    assert order.promised_date is None
