"""Changing an order with nothing but the kernel: standard products, how many, money by all kinds of terms."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo import ledger
from cosmo.affecting import materials_between, operations_between
from cosmo.changing import ChangeMoved, NotChangeable, NothingToChange, change, propose
from cosmo.db import Database
from cosmo.errors import Conflict, CosmoError, Invalid
from cosmo.events import events_after, payload_of
from cosmo.freezing import CHANGEABLE, FreezePoint, Freezing, Frozen, freezing_of, must_not_be_frozen
from cosmo.i18n import gettext, say
from cosmo.lifecycle import differences, emit
from cosmo.mail import Mail
from cosmo.orders import Order
from cosmo.owing import accept_fewer
from cosmo.parties import Plant
from cosmo.payloads import HeldPayload
from cosmo.placing import Customer, place_directly, remake
from cosmo.ports import Ask
from cosmo.promise import spec_of
from cosmo.proposals import Proposal, Wish, wish_for
from cosmo.quoting import Requester, quote
from cosmo.relay import drain
from cosmo.spec import BomLine, RoutingStep
from cosmo.stages import Stage
from tests.factories import MONDAY, NOW, at, make_plant, make_spec, make_standard_product, walk

SECRET = "s" * 32
ADA = Customer("Ada", "ada@example.test")
GUEST = Requester(session_id="s1")


@pytest.fixture(autouse=True)
def kernel_alone(modules: Callable[..., Any]) -> None:
    """No module at all."""


def cups(session: Session, quantity: int = 10, **ask: Any) -> Order:
    """An order of cups of 9.50 each, placed."""
    make_standard_product(session, make_plant(session))
    return place_directly(session, Ask("cup", {}, quantity, **ask), ADA, requester=GUEST, now=NOW)


def to(quantity: int | None = None, **chosen: Any) -> Callable[[Order], Wish]:
    return lambda order: wish_for(order, chosen, quantity)


def made(session: Session, order: Order, quantity: int) -> Proposal:
    shown = propose(session, order.id, to(quantity), actor="guest", now=NOW)
    return change(session, order.id, to(quantity), secret=SECRET, signature=shown.signature(SECRET),
                  actor="guest", now=NOW)  # fmt: skip


def test_more_cups_cost_and_take_what_they_would_have(either_database: Database) -> None:
    with either_database.write() as session:
        order = cups(session, 10)
        found = made(session, order, 1500)
        fresh = place_directly(session, Ask("cup", {}, 1500), ADA, requester=GUEST, now=NOW)
        assert (found.difference, found.options) == (Decimal("14155.00"), ("quantity",))
        assert (order.price_amount, order.promised_date) == (fresh.price_amount, fresh.promised_date)
        assert spec_of(session, order.id) == spec_of(session, fresh.id)
        assert found.days == 2 == (found.after.delivery_date - found.before.delivery_date).days
        events = events_after(session, order.id)
        assert differences(order, [payload_of(event) for event in events]) == {}
        assert order.first_promise == found.before.delivery_date, "the first promise never changes"
        (told,) = [event for event in events if event.type == "order-changed"]
        assert told.payload["off"] == ["manufacturing", "procurement", "rnd"]


def test_its_sentence_and_its_mail(database: Database) -> None:
    with database.write() as session:
        order = cups(session)
        made(session, order, 20)
        (event,) = [e for e in events_after(session, order.id) if e.type == "order-changed"]
        payload = payload_of(event)
    english = "The order was changed. It costs €190.00, and we promise Tuesday 9 June."
    assert say(payload, "en", "UTC") == english
    assert say(payload, "de", "UTC").startswith("Die Bestellung wurde geändert. Sie kostet 190,00")
    assert say(payload, "zh", "UTC").startswith("订单已更改。")
    drain(database)
    with database.read() as session:
        assert "changed" in {mail.template for mail in session.exec(select(Mail))}


def seen(session: Session, order: Order) -> dict[str, Any]:
    session.refresh(order)
    return order.model_dump()


def test_shown_is_not_done(database: Database) -> None:
    with database.write() as session:
        order = cups(session)
        before = seen(session, order)
        shown = propose(session, order.id, to(20), actor="guest", now=NOW)
        assert shown.after.price.amount == 190
        assert seen(session, order) == before
        with pytest.raises(ChangeMoved) as moved:
            change(session, order.id, to(21), secret=SECRET, signature=shown.signature(SECRET), actor="guest",
                   now=NOW)  # fmt: skip
        assert seen(session, order) == before
        assert moved.value.proposal.after.price.amount == Decimal("199.50")
        assert made(session, order, 20).after == shown.after, "the control"


def test_the_signature_is_of_the_whole_change(database: Database) -> None:
    with database.write() as session:
        order, other = cups(session), None
        one, two = (propose(session, order.id, to(n), actor="guest", now=NOW) for n in (20, 21))
        other = place_directly(session, Ask("cup", {}, 10), ADA, requester=GUEST, now=NOW)
        third = propose(session, other.id, to(20), actor="guest", now=NOW)
    made_of = {one.signature(SECRET), two.signature(SECRET), third.signature(SECRET), one.signature("t" * 32)}
    assert len(made_of) == 4
    assert one.signature(SECRET) in made_of
    assert {len(signature) for signature in made_of} == {43}


# Money


def paid(session: Session, order: Order) -> tuple[Decimal, Decimal]:
    """(paid, still owed)"""
    return ledger.total(session, order.id, "payment"), ledger.balance(session, order.id)


def test_prepaid_is_collected_and_given_back(session: Session) -> None:
    order = cups(session)
    made(session, order, 20)
    assert paid(session, order) == (190, 0)
    made(session, order, 4)
    assert paid(session, order) == (38, 0)
    assert [e.type for e in events_after(session, order.id)].count("credited") == 1


def with_terms(session: Session, terms: str) -> Order:
    """As `cups`, under other terms; nothing is paid yet."""
    order = quote(session, _cup(session), requester=GUEST, now=NOW)
    order.terms = terms
    walk(session, order.id, Stage.PLACED)
    ledger.open_accounts(session, [order], NOW)
    return order


def _cup(session: Session) -> Ask:
    make_standard_product(session, make_plant(session))
    return Ask("cup", {}, 10)


def test_on_account_nothing_is_asked_for(session: Session) -> None:
    order = with_terms(session, "account:30")
    made(session, order, 20)
    assert paid(session, order) == (0, 190)
    assert order.hold_reason is None


def test_a_deposit_that_is_too_little_holds_the_start(session: Session) -> None:
    order = with_terms(session, "deposit:50")
    ledger.record_payment(session, order.id, Decimal("47.50"), "bank", NOW, actor="test")
    assert order.hold_reason is None, "the control: enough for ten"
    made(session, order, 20)
    assert order.hold_reason == "deposit-open"
    assert paid(session, order) == (Decimal("47.50"), Decimal("142.50"))
    made(session, order, 10)
    assert order.hold_reason is None
    made(session, order, 2)
    assert paid(session, order) == (19, 0)


# What is refused


def refused(session: Session, order: Order, error: type[CosmoError], words: str, quantity: int = 20) -> None:
    before = (order.seq, order.quantity)
    with pytest.raises(error, match=words):
        propose(session, order.id, to(quantity), actor="guest", now=NOW)
    assert (order.seq, order.quantity) == before


def test_nothing_different_is_no_change(session: Session) -> None:
    refused(session, cups(session), NothingToChange, "how it is ordered already", 10)


def test_a_quote_is_changed_in_the_configurator(session: Session) -> None:
    order = quote(session, _cup(session), requester=GUEST, now=NOW)
    refused(session, order, Conflict, "not ordered yet")


@pytest.mark.parametrize("stage", [Stage.PRODUCED, Stage.SHIPPED, Stage.DELIVERED, Stage.CLOSED])
def test_after_making_it_is_too_late(session: Session, stage: Stage) -> None:
    order = cups(session)
    walk(session, order.id, stage)
    refused(session, order, Frozen, "Nothing can be changed any more")
    assert stage not in CHANGEABLE


def test_where_nobody_tells_of_operations_all_of_them_begin_with_the_first(session: Session) -> None:
    order = cups(session)
    walk(session, order.id, Stage.SCHEDULED)
    propose(session, order.id, to(20), actor="guest", now=NOW)
    walk(session, order.id, Stage.IN_PRODUCTION)
    refused(session, order, Frozen, "The quantity can no longer be changed: “Turn” began on Monday 8 June")


def test_what_was_settled_otherwise_stays(session: Session) -> None:
    order = cups(session)
    refused(session, remake(session, order.id, 2, actor="test", now=NOW), NotChangeable, "remake")
    emit(session, order.id, HeldPayload(reason="shortfall-open"), now=NOW, actor="test")
    refused(session, order, NotChangeable, "question about missing pieces")
    fewer = place_directly(session, Ask("cup", {}, 10), ADA, requester=GUEST, now=NOW)
    accept_fewer(session, fewer.id, 9, actor="test", now=NOW)
    refused(session, fewer, NotChangeable, "Fewer pieces were agreed")


def test_a_text_for_each_piece_fixes_how_many(session: Session) -> None:
    order = cups(session, 2, pieces=({"name": "Mia"}, {"name": "Ben"}))
    refused(session, order, NotChangeable, "Each piece has its own text", 3)


def test_an_order_without_a_promise_has_nothing_to_compare_with(session: Session) -> None:
    order = cups(session)
    order.promise = {}
    refused(session, order, NotChangeable, "no promise")


def test_no_options_no_choices(session: Session) -> None:
    order = cups(session)
    with pytest.raises(Invalid, match="only how many"):
        propose(session, order.id, to(glaze="blue"), actor="guest", now=NOW)


def test_an_own_bill_of_materials_is_made_larger(session: Session) -> None:
    plant = make_plant(session)
    ask = Ask("own-design", {}, 10, spec=make_spec(10), plant_id=plant.id)
    order = place_directly(session, ask, ADA, requester=GUEST, now=NOW)
    made(session, order, 30)
    assert spec_of(session, order.id).bom[0].quantity == 30


def test_a_wished_day_is_still_wished(session: Session) -> None:
    day = (MONDAY + timedelta(days=9)).date()
    order = cups(session, 10, requested_date=day)
    assert made(session, order, 20).after.delivery_date <= day
    assert order.promise["requested"] == day.isoformat()


# Freeze points


def steps(*codes: str) -> tuple[RoutingStep, ...]:
    return tuple(RoutingStep(code=code, name={"en": code.title()}, resources=("W",)) for code in codes)


def freezing(named: Mapping[str, tuple[str, ...]], *begun: str) -> Freezing:
    return Freezing(named, dict.fromkeys(begun, MONDAY), steps("form", "glaze", "pack"))


def since(found: FreezePoint | None) -> datetime | None:
    assert found is not None
    return found.since


def test_the_first_named_operation_on_the_route_counts() -> None:
    named = {"colour": ("print", "glaze", "pack"), "size": ()}
    assert freezing(named).point("colour") == FreezePoint("glaze", {"en": "Glaze"})
    assert since(freezing(named, "form").point("colour")) is None
    assert since(freezing(named, "form", "glaze").point("colour")) == MONDAY
    assert since(freezing(named, "pack").point("colour")) == MONDAY, "what comes later began: so it is over"
    assert since(freezing(named, "form").point("size")) == MONDAY, "none is named: the first operation"
    assert since(freezing(named, "form").point("quantity")) == MONDAY


def test_what_is_not_on_the_route_has_no_point_but_on_another_one() -> None:
    found = freezing({"artwork": ("print",)}, "glaze")
    assert found.point("artwork") is None
    assert since(found.point("artwork", steps("form", "print", "glaze", "pack"))) == MONDAY
    assert since(found.point("artwork", steps("form", "glaze", "print", "pack"))) is None


def test_an_option_of_another_route_is_judged_by_that_route(session: Session) -> None:
    """Artwork that is not printed yet would be printed before what has begun."""
    order, found = cups(session), freezing({"artwork": ("print",)}, "glaze")
    must_not_be_frozen(session, order, found, ["artwork"])
    late = make_spec(routing=steps("form", "print", "glaze", "pack"))
    with pytest.raises(Frozen, match="artwork can no longer be changed: “Print”"):
        must_not_be_frozen(session, order, found, ["artwork"], late)
    must_not_be_frozen(session, order, found, ["artwork"], make_spec(routing=steps("form", "glaze", "print")))


def test_an_order_says_what_is_frozen(session: Session) -> None:
    order = cups(session)
    assert since(freezing_of(session, order).point("quantity")) is None
    walk(session, order.id, Stage.IN_PRODUCTION, at(hours=3))
    assert since(freezing_of(session, order).point("quantity")) == MONDAY + timedelta(hours=3)


# Who is affected


def test_parts_that_go_come_and_differ() -> None:
    def line(code: str, quantity: int, operation: str = "form") -> BomLine:
        name, amount = {"en": code}, Decimal(quantity)
        return BomLine(material=code, name=name, quantity=amount, unit="kg", operation=operation)

    old = make_spec(10, routing=steps("form", "glaze"), bom=(line("CLAY", 1), line("RED", 1), line("INK", 1)))
    longer = steps("glaze")[0].model_copy(update={"fixed_minutes": Decimal(5)})
    bom = (line("CLAY", 1), line("CLAY", 2, "glaze"), line("BLUE", 1), line("INK", 1))
    new = make_spec(10, routing=(*steps("form", "print"), longer), bom=bom)
    operations, materials = operations_between(old, new), materials_between(old, new)
    assert [[code for code, _ in part] for part in (operations.gone, operations.new, operations.other)] == [
        [], ["print"], ["glaze"]
    ]  # fmt: skip
    assert [[code for code, _ in part] for part in (materials.gone, materials.new, materials.other)] == [
        ["RED"], ["BLUE"], ["CLAY"]
    ]  # fmt: skip
    assert (len(operations), len(materials), len(operations_between(old, old))) == (2, 3, 0)


@pytest.mark.parametrize("locale", ["de", "zh"])
def test_refusals_speak_the_readers_language(session: Session, plant: Plant, locale: str) -> None:
    order = cups(session)
    with pytest.raises(NothingToChange) as same:
        propose(session, order.id, to(10), actor="guest", now=NOW)
    assert gettext(locale, same.value.detail) != same.value.detail
