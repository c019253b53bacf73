"""An order changed after placing, at the whole plant: it ends as if ordered so, until it freezes."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from cosmo import ledger
from cosmo.asking import family_card
from cosmo.audit import Finding, audit
from cosmo.cancelling import cancel
from cosmo.changing import ChangeMoved, change
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.events import events_after, payload_of, scrubbed
from cosmo.freezing import Frozen, freezing_of
from cosmo.i18n import gettext
from cosmo.lifecycle import differences
from cosmo.orders import Order, OrderSpec
from cosmo.placing import place_directly
from cosmo.ports import Ask, Unbuildable
from cosmo.quoting import Requester
from cosmo.relay import drain
from cosmo.stages import Stage
from cosmo.touches import Touch
from modules.manufacturing import plan as plans
from modules.manufacturing.making import Act, NotStartable, start
from modules.manufacturing.models import JobOrder, ProductionOrder, State
from modules.manufacturing.problems import case_of
from modules.marketing.service import load_price_list
from modules.procurement import changing
from modules.procurement.models import LineState, Material, Need, PurchaseLine
from scheduler.verifier import verify
from seeds.files import FAMILIES, read_yaml
from tests.modules.procurement.shop import check_books
from tests.stories.changes import (
    MUGS,
    SECRET,
    ceramics,
    changed,
    jobs,
    make_until,
    mugs,
    needs,
    ordered,
    proposed,
    wish,
)
from tests.stories.workshop import ADA, HAMBURG


def order_of(database: Database, order_id: str) -> Order:
    with database.read() as session:
        return session.get_one(Order, order_id)


def everything(database: Database, order_id: str) -> dict[str, Any]:
    """All that a change must bring about: choices, money, day, BOM, route, places, needs."""
    with database.read() as session:
        order = session.get_one(Order, order_id)
        codes = {m.id: m.code for m in session.exec(select(Material))}
        lots = session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order_id))
        promise = {k: v for k, v in order.promise.items() if k not in ("held", "earlier")}
        return {
            "selections": order.selections, "quantity": order.quantity,
            "price": (order.price_amount, order.price_lines), "promise": promise,
            "day": (order.promised_date, order.ready_at, order.stage),
            "spec": session.get_one(OrderSpec, order_id).spec,
            "places": [(j.lot, j.position, j.code, j.resource, j.start, j.end, j.pieces, j.size, j.state)
                       for j in jobs(session, order_id)],
            "lots": sorted((lot.lot, lot.start_pieces) for lot in lots if lot.state != State.RELEASED),
            "needs": {(codes[m], op): n for (m, op), n in needs(session, order_id).items()},
            "owed": (ledger.total(session, order_id, "charge"), ledger.balance(session, order_id)),
        }  # fmt: skip


def findings(database: Database) -> list[Finding]:
    """What the audit finds wrong with orders and their money."""
    return [found for found in audit(database) if isinstance(found, Finding)]


def plan_is_sound(database: Database, plant_id: str, now: Any) -> None:
    with database.read() as session:
        snap = plans.snapshot(session, plant_id, now)
        case = case_of(session, snap, now=snap.minute_after(now.business))
        assert verify(case.problem, case.schedule).violations == {}


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


def test_changed_is_as_if_ordered_so(database: Database, other: Database) -> None:
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
    assert everything(either_database, order_id) == before
    assert proposed(either_database, order_id, later, packaging="gift").options == ("packaging",), (
        "the control"
    )


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
    with pytest.raises(Frozen, match="another number of pieces"):
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


# Races and tampering


def test_of_two_changes_the_second_sees_the_first(either_database: Database) -> None:
    _, now = ceramics(either_database)
    order_id = ordered(either_database, now)
    shown = [proposed(either_database, order_id, now, outer_glaze=glaze) for glaze in ("ash", "cobalt")]
    done: list[object] = []

    def confirm(glaze: str, signature: str) -> None:
        def work(session: Session) -> object:
            return change(session, order_id, wish(outer_glaze=glaze), secret=SECRET, signature=signature,
                          actor="guest", now=now)  # fmt: skip

        try:
            done.append(either_database.retry(work))
        except ChangeMoved as moved:
            done.append(moved)

    both = [
        threading.Thread(target=confirm, args=(glaze, found.signature(SECRET)))
        for glaze, found in zip(("ash", "cobalt"), shown, strict=True)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    (lost,) = [one for one in done if isinstance(one, ChangeMoved)]
    won = next(one for one in done if not isinstance(one, ChangeMoved))
    assert lost.proposal.asked[0].selections == won.asked[1].selections, "shown anew, from what it is now"  # type: ignore[attr-defined]
    order = order_of(either_database, order_id)
    assert order.selections == won.asked[1].selections  # type: ignore[attr-defined]
    with either_database.read() as session:
        assert [e.type for e in events_after(session, order_id)].count("order-changed") == 1
        assert findings(either_database) == []


def test_a_change_and_a_start_at_once(either_database: Database) -> None:
    """Whoever is first: the glazing that begins is the one that is ordered."""
    _, now = ceramics(either_database)
    order_id = ordered(either_database, now)
    at = make_until(either_database, order_id, "glaze", running=False)
    shown = proposed(either_database, order_id, at, outer_glaze="cobalt")
    with either_database.read() as session:
        (glazing,) = [row.id for row in jobs(session, order_id) if row.code == "glaze"]
    outcomes: dict[str, object] = {}

    def begin() -> None:
        def work(session: Session) -> object:
            row = session.get_one(JobOrder, glazing)
            return start(session, [row], Act(at.business, "operator"), at)

        outcomes["start"] = _outcome(lambda: either_database.retry(work))

    def confirm() -> None:
        def work(session: Session) -> object:
            return change(session, order_id, wish(outer_glaze="cobalt"), secret=SECRET,
                          signature=shown.signature(SECRET), actor="guest", now=at)  # fmt: skip

        outcomes["change"] = _outcome(lambda: either_database.retry(work))

    both = [threading.Thread(target=begin), threading.Thread(target=confirm)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    began = not isinstance(outcomes["start"], Exception)
    changed_ = not isinstance(outcomes["change"], Exception)
    assert began != changed_, outcomes
    order = order_of(either_database, order_id)
    assert order.selections["outer_glaze"] == ("celadon" if began else "cobalt")
    if began:
        assert isinstance(outcomes["change"], Frozen)
    else:
        assert isinstance(outcomes["start"], NotStartable), "the place it named was given back"


def _outcome(work: Any) -> object:
    try:
        return work()
    except CosmoError as error:
        return error


@pytest.mark.parametrize("tamper", ["signature", "selections", "quantity", "secret", "empty"])
def test_only_what_was_shown_is_done(database: Database, tamper: str) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now)
    signature = proposed(database, order_id, now, 80, outer_glaze="ash").signature(SECRET)
    other = {
        "selections": {"outer_glaze": "oat", "quantity": 80},
        "quantity": {"outer_glaze": "ash", "quantity": 8},
    }
    asked = other.get(tamper, {"outer_glaze": "ash", "quantity": 80})
    given = {"signature": signature[:-1] + ("A" if signature[-1] != "A" else "B"), "empty": ""}.get(
        tamper, signature
    )
    secret = "y" * 32 if tamper == "secret" else SECRET
    before = everything(database, order_id)

    def confirm(signature: str, secret: str) -> None:
        with database.write() as session:
            change(
                session, order_id, wish(**asked), secret=secret, signature=signature, actor="guest", now=now
            )

    with pytest.raises(ChangeMoved) as moved:
        confirm(given, secret)
    assert everything(database, order_id) == before
    confirm(moved.value.proposal.signature(secret), secret)
    assert everything(database, order_id) != before, "the control: what is shown then can be done"


def test_dearer_meanwhile_is_shown_again(database: Database) -> None:
    plant, now = ceramics(database)
    order_id = ordered(database, now)
    shown = proposed(database, order_id, now, outer_glaze="ash")
    lines = read_yaml(FAMILIES / "mug" / "price.yaml")
    with database.write() as session:
        load_price_list(session, plant, "mug", [{**lines[0], "rate": "9.00"}, *lines[1:]], now)
    with pytest.raises(ChangeMoved) as moved, database.write() as session:
        change(session, order_id, wish(outer_glaze="ash"), secret=SECRET, signature=shown.signature(SECRET),
               actor="guest", now=now)  # fmt: skip
    assert moved.value.proposal.after.price.amount > shown.after.price.amount
    assert order_of(database, order_id).selections["outer_glaze"] == "celadon"


# Modules that are off


@pytest.mark.parametrize(
    "off", ["interaction", "logistics", "manufacturing", "marketing", "procurement", "service"]
)
def test_with_another_module_off(database: Database, off: str) -> None:
    _, now = ceramics(database, off)
    with database.write() as session:
        order_id = mugs(session, now).id
    made = changed(database, order_id, now, 80, outer_glaze="ash")
    assert made.difference > 0
    order = order_of(database, order_id)
    assert (order.quantity, order.selections["outer_glaze"]) == (80, "ash")
    with database.read() as session:
        (event,) = [e for e in events_after(session, order_id) if e.type == "order-changed"]
        assert event.payload["off"] == [n for n in ("manufacturing", "procurement") if n == off]
        assert bool(jobs(session, order_id)) is (off != "manufacturing")
        assert bool(needs(session, order_id)) is (off != "procurement")


def test_without_models_only_how_many(database: Database) -> None:
    _, now = ceramics(database, "rnd")
    with database.write() as session:
        ask = Ask("mug", {}, MUGS, HAMBURG)
        order_id = place_directly(session, ask, ADA, requester=Requester(session_id="s"), now=now).id
    with pytest.raises(CosmoError, match="only how many"):
        proposed(database, order_id, now, outer_glaze="ash")
    made = changed(database, order_id, now, 90)
    assert made.options == ("quantity",)
    with database.read() as session:
        (event,) = [e for e in events_after(session, order_id) if e.type == "order-changed"]
        assert event.payload["off"] == ["rnd"]
        assert {j.pieces for j in jobs(session, order_id) if j.position == 0}
        assert family_card(session, "mug").slug == "mug"


# Purchases


def decals(session: Session, order_id: str) -> list[PurchaseLine]:
    query = select(PurchaseLine).where(PurchaseLine.order_id == order_id)
    return list(session.exec(query.order_by(PurchaseLine.id)))


def test_what_was_bought_for_it_alone_is_called_off_and_bought_anew(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", personal_name="Ada")
    with database.write() as session:
        (line,) = decals(session, order_id)
        line.state = LineState.CONFIRMED
    made = changed(database, order_id, now, personal_name="Zoe")
    assert made.suppliers
    with database.read() as session:
        first, second = decals(session, order_id)
        assert (first.state, first.open) == (LineState.WITHDRAWN, False)
        assert (second.state, second.quantity) == (LineState.ASKED, first.quantity)
    changed(database, order_id, now, decoration="none", personal_name="")
    with database.read() as session:
        assert {line.open for line in decals(session, order_id)} == {False}
        assert "decal_apply" not in {j.code for j in jobs(session, order_id)}


def test_a_change_that_tells_the_maker_nothing_new_leaves_the_purchase(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", personal_name="Ada")
    made = changed(database, order_id, now, outer_glaze="milk")
    with database.read() as session:
        (line,) = decals(session, order_id)
        assert line.open
        (glaze,) = session.exec(select(Material.supplier_id).where(Material.code == "LU-GLAZE-MILK"))
        assert glaze is not None
    assert len(made.suppliers) == 1, "the glaze's, not the decals'"


def test_what_is_on_its_way_stays_what_it_was(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, decoration="decal", personal_name="Ada")
    with database.write() as session:
        (line,) = decals(session, order_id)
        line.state = LineState.ANNOUNCED
    with pytest.raises(CosmoError, match="on its way already") as refused:
        proposed(database, order_id, now, personal_name="Zoe")
    assert refused.value.type == "made-already"
    assert proposed(database, order_id, now, packaging="gift"), "the control"


def test_stock_is_free_again_and_never_pegged_twice(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now, 700)
    for choices in (
        {"outer_glaze": "ash"},
        {"quantity": 90},
        {"body": "bone", "quantity": 300},
        {"gold_rim": "yes"},
    ):
        changed(database, order_id, now, **choices)
        with database.read() as session:
            check_books(session)
            open_needs = session.exec(select(Need).where(Need.order_id == order_id)).all()
            spec = session.get_one(OrderSpec, order_id).spec
            assert len(open_needs) == len({(b["material"], b["operation"]) for b in spec["bom"]})


def test_cancelling_a_changed_order_gives_everything_back(database: Database) -> None:
    _, now = ceramics(database)
    order_id = ordered(database, now)
    changed(database, order_id, now, 90, gold_rim="yes")
    with database.write() as session:
        cancel(session, order_id, reason="customer", actor="test", now=now)
    drain(database)
    with database.read() as session:
        assert jobs(session, order_id) == []
        assert needs(session, order_id) == {}
        assert findings(database) == []
        assert ledger.total(session, order_id, "charge") > Decimal(0)
