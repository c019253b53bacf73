"""An order changed after placing, at the whole plant: it ends as if ordered so, until it freezes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from cosmo import ledger
from cosmo.cancelling import cancel
from cosmo.changing import change
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.events import events_after, payload_of, scrubbed
from cosmo.freezing import Frozen, freezing_of
from cosmo.i18n import gettext
from cosmo.lifecycle import differences
from cosmo.orders import Order, OrderSpec
from cosmo.ports import Unbuildable
from cosmo.stages import Stage
from cosmo.touches import Touch
from modules.manufacturing import displacing
from modules.manufacturing import plan as plans
from modules.manufacturing.models import State
from modules.procurement import changing
from tests.stories.changes import (
    MUGS,
    SECRET,
    ceramics,
    changed,
    everything,
    findings,
    jobs,
    make_until,
    order_of,
    ordered,
    plan_is_sound,
    proposed,
    wish,
)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """A second house of the same."""
    opened = Database(f"sqlite:///{tmp_path / 'other.db'}")
    SQLModel.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()


def drawn(session: Session, random: Random) -> dict[str, Any]:
    """A few other choices, of those without uploads, and perhaps another quantity."""
    options = {
        "capacity": ["250", "450"], "body": ["stoneware", "bone"], "shape": ["straight", "bistro"],
        "handle": ["d", "none"], "outer_glaze": ["milk", "cobalt", "ash"], "finish": ["matt"],
        "gold_rim": ["yes"], "backstamp": ["none"], "packaging": ["gift", "carton"],
    }  # fmt: skip
    names = random.sample(sorted(options), random.randint(1, 3))
    quantity = random.choice([None, 24, 90, 700, 1500])
    return {"quantity": quantity, **{name: random.choice(options[name]) for name in names}}


def test_changed_is_as_if_ordered_so(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as nobody was moved for the order as it was first: who made room then does not move back."""
    monkeypatch.setattr(displacing, "FEW", 0)
    _, now = ceramics(database)
    ceramics(other)
    random, made = Random(20261128), 0
    while made < 10:
        with database.read() as session:
            choices = drawn(session, random)
        first = ordered(database, now)
        try:
            changed(database, first, now, **choices)
        except Unbuildable:
            with database.write() as session:
                cancel(session, first, reason="customer", actor="test", now=now)
            continue
        quantity = choices.pop("quantity") or MUGS
        fresh = ordered(other, now, quantity, **choices)
        assert everything(database, first) == everything(other, fresh), choices
        made += 1
    with database.read() as session:
        assert findings(database) == []


def test_a_wished_day_leaves_the_same_room(database: Database, other: Database) -> None:
    """Its own places are no reason to come later, nor to begin at another hour than if ordered so."""
    _, now = ceramics(database)
    ceramics(other)
    day = (now.business + timedelta(days=20)).date()
    for quantity, choices in ((700, {"outer_glaze": "ash"}), (90, {"gold_rim": "yes"})):
        first = ordered(database, now, day=day)
        changed(database, first, now, quantity, **choices)
        fresh = ordered(other, now, quantity, day=day, **choices)
        assert everything(database, first) == everything(other, fresh), choices
        promised = order_of(database, first).promised_date
        assert promised is not None
        assert day - timedelta(days=4) < promised <= day, "late, as wished"


def test_a_proposal_leaves_nothing(either_database: Database) -> None:
    plant, now = ceramics(either_database)
    order_id = ordered(either_database, now)
    before = everything(either_database, order_id), order_of(either_database, order_id).seq
    with either_database.read() as session:
        version, touches = plans.head(session, plant.id).version, len(session.exec(select(Touch)).all())
    shown = proposed(either_database, order_id, now, 90, shape="bistro", gold_rim="yes")
    assert shown.difference > 0
    assert shown.suppliers, "the control: somebody would be touched"
    assert (everything(either_database, order_id), order_of(either_database, order_id).seq) == before
    with either_database.read() as session:
        assert plans.head(session, plant.id).version == version
        assert len(session.exec(select(Touch)).all()) == touches


def test_all_of_it_follows_in_one_transaction(either_database: Database) -> None:
    plant, now = ceramics(either_database)
    order_id = ordered(either_database, now)
    shown = proposed(either_database, order_id, now, 90, shape="bistro", gold_rim="yes")
    made = changed(either_database, order_id, now, 90, shape="bistro", gold_rim="yes")
    assert made == shown
    assert [code for code, _ in made.operations.new] == ["slip_cast", "decal_apply", "decal_fire"]
    assert [code for code, _ in made.operations.gone] == ["roller_form"]
    assert "LU-GOLD" in {code for code, _ in made.materials.new}
    with either_database.read() as session:
        order = session.get_one(Order, order_id)
        events = events_after(session, order_id)
        (event,) = [e for e in events if e.type == "order-changed"]
        assert event.payload["options"] == ["gold_rim", "shape", "quantity"]
        assert event.payload["off"] == []
        assert event.payload["suppliers"] == list(made.suppliers)
        assert "suppliers" not in (scrubbed(event, "customer") or {})
        assert scrubbed(event, "supplier") is None, "suppliers hear of their own demand, not of the order"
        assert differences(order, [payload_of(e) for e in events]) == {}
        assert [j.code for j in jobs(session, order_id)] == [s["code"] for s in made_of(session, order_id)]
        told = {touch.topic for touch in session.exec(select(Touch))}
        assert {f"party:{party}" for party in made.suppliers} <= told
        assert ledger.balance(session, order_id) == 0, "prepaid: the difference is collected"
        assert findings(either_database) == []
    plan_is_sound(either_database, plant.id, now)


def made_of(session: Session, order_id: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = session.get_one(OrderSpec, order_id).spec["routing"]
    return steps


def test_what_fails_half_way_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now)
    before = everything(database, order_id)
    shown = proposed(database, order_id, now, shape="bistro")

    def refuse(*_: Any) -> None:
        raise CosmoError("the last step fails")

    with monkeypatch.context() as patch:
        patch.setattr(changing, "settle", refuse)
        with pytest.raises(CosmoError, match="the last step"), database.write() as session:
            change(session, order_id, wish(shape="bistro"), secret=SECRET,
                   signature=shown.signature(SECRET), actor="guest", now=now)  # fmt: skip
    assert everything(database, order_id) == before
    changed(database, order_id, now, shape="bistro")
    assert everything(database, order_id) != before, "the control"


def test_cheaper_gives_money_back(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, 90)
    paid = order_of(database, order_id).price_amount
    made = changed(database, order_id, now, 60)
    assert made.difference < 0
    with database.read() as session:
        assert ledger.total(session, order_id, "payment") == paid + made.difference
        assert ledger.balance(session, order_id) == 0
        assert "credited" in {e.type for e in events_after(session, order_id)}
        assert findings(database) == []


# The freeze point


def test_until_the_very_start_of_the_operation(either_database: Database) -> None:
    """Before glazing begins the glaze may change, with bisque behind it; once it has begun it may not."""
    plant, now = ceramics(either_database)
    order_id = ordered(either_database, now)
    at = make_until(either_database, order_id, "glaze", running=False)
    made = changed(either_database, order_id, at, outer_glaze="cobalt")
    with either_database.read() as session:
        rows = jobs(session, order_id)
        (glazing,) = [row for row in rows if row.code == "glaze"]
        assert glazing.family == "glaze-cobalt"
        assert [row.position for row in rows] == list(range(len(rows)))
        assert {row.state for row in rows[: glazing.position]} == {State.DONE}
        assert ("LU-GLAZE-COBALT", "glaze") in everything(either_database, order_id)["needs"]
        assert made.before.delivery_date <= made.after.delivery_date
    plan_is_sound(either_database, plant.id, at)
    later = make_until(either_database, order_id, "glaze")
    before = everything(either_database, order_id)
    with pytest.raises(Frozen) as refused:
        proposed(either_database, order_id, later, outer_glaze="ash")
    assert refused.value.extra["frozen"] == [
        {"option": "outer_glaze", "operation": "glaze", "since": later.business.isoformat()}
    ]
    with pytest.raises(Frozen):
        proposed(either_database, order_id, later, outer_glaze="signal")  # too late is said before impossible
    assert everything(either_database, order_id) == before
    open_still = proposed(either_database, order_id, later, packaging="gift")
    assert open_still.options == ("packaging",), "the control"


@pytest.mark.parametrize(
    ("choice", "operation"),
    [({"shape": "tulip"}, "roller_form"), ({"quantity": 61}, "roller_form"), ({"handle": "d"}, "handle_dry")],
)
def test_each_option_by_its_own_operation(database: Database, choice: dict[str, Any], operation: str) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now)
    assert proposed(database, order_id, now, **choice), "the control: open before"
    at = make_until(database, order_id, operation)
    with pytest.raises(Frozen) as refused:
        proposed(database, order_id, at, **choice)
    assert refused.value.extra["frozen"][0]["operation"] == operation
    for locale, words in (
        ("en", "can no longer be changed"),
        ("de", "nicht mehr ändern"),
        ("zh", "不能更改"),
    ):
        assert words in gettext(locale, refused.value.detail)


def test_what_has_begun_is_not_touched_whatever_the_options_say(database: Database) -> None:
    """A decal needs no other forming, but a gold rim loses pieces later, so more would have to be begun."""
    _, now = ceramics(database)
    order_id = ordered(database, now)
    at = make_until(database, order_id, "handle_dry")
    with database.read() as session:
        order = session.get_one(Order, order_id)
        assert freezing_of(session, order).point("gold_rim").since is None, "open by itself"  # type: ignore[union-attr]
    with pytest.raises(Frozen, match=r"another number of pieces .* began on Tuesday 9 June"):
        proposed(database, order_id, at, gold_rim="yes")
    assert proposed(database, order_id, at, outer_glaze="ash"), "the control"


def test_once_made_nothing_changes(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now)
    at = make_until(database, order_id, "inspect_pack")
    with pytest.raises(Frozen, match="Inspect and pack"):
        proposed(database, order_id, at, packaging="gift")
    with database.write() as session:
        session.get_one(Order, order_id).stage = Stage.PRODUCED
    with pytest.raises(Frozen, match="Nothing can be changed any more: Made"):
        proposed(database, order_id, at, packaging="gift")


def test_of_several_lots_each_goes_on_from_where_it_is(database: Database) -> None:
    """One lot is formed, the others wait; all get the new glaze, and none is formed again."""
    plant, now = ceramics(database)
    order_id = ordered(database, now, 9000)
    with database.read() as session:
        assert len({row.lot for row in jobs(session, order_id)}) > 1, "the control"
    with database.write() as session:
        deposit = ledger.due_before_start(session.get_one(Order, order_id))
        ledger.record_payment(session, order_id, deposit, "bank", now, actor="test")
    at = make_until(database, order_id, "handle_dry")
    before = everything(database, order_id)
    changed(database, order_id, at, outer_glaze="cobalt")
    after = everything(database, order_id)
    assert after["lots"] == before["lots"]
    assert [p[:3] for p in after["places"]] == [p[:3] for p in before["places"]]
    with database.read() as session:
        rows = jobs(session, order_id)
    assert {row.family for row in rows if row.code == "glaze"} == {"glaze-cobalt"}
    begun = {(row.lot, row.code): row.state for row in rows if row.state != State.FIRM}
    assert begun, "what has begun stands"
    plan_is_sound(database, plant.id, at)


def test_fewer_lots_leave_none_behind(database: Database) -> None:
    plant, now = ceramics(database)
    order_id = ordered(database, now, 9000)
    assert len(everything(database, order_id)["lots"]) > 1, "the control"
    changed(database, order_id, now, MUGS)
    found = everything(database, order_id)
    assert [lot for lot, _ in found["lots"]] == [1]
    assert {place[0] for place in found["places"]} == {1}
    plan_is_sound(database, plant.id, now)
