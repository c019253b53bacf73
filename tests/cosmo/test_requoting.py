"""Asked for anew: what the quote was is kept, what has changed is told; and what is frozen stays so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from cosmo import defaults, placing
from cosmo.clock import Now
from cosmo.comparing import FREIGHT, HINGED, NEWER, OFFER, PRICES, Changes, Former, changes
from cosmo.errors import Invalid
from cosmo.money import Price, PriceLine
from cosmo.orders import Order, StandardProduct
from cosmo.placing import Customer, MovedOffer, place
from cosmo.ports import Ask, DeliveryAnswer, PlaceOvertaken
from cosmo.promise import HingeTold
from cosmo.quoting import Requester, lapse, quote, requote, tentative
from tests.factories import NOW, at, make_plant, make_standard_product

GUEST = Requester(session_id="s1")
ADA = Customer("Ada", "ada@example.test")


@pytest.fixture
def order(session: Session) -> Order:
    make_standard_product(session, make_plant(session))
    return quote(session, Ask("cup", {}, 5), requester=GUEST, now=NOW)


def renewed(session: Session, order: Order, now: Now = NOW) -> Changes:
    requote(session, order.id, requester=GUEST, now=now)
    found = changes(order)
    assert found is not None
    return found


def test_a_quote_that_was_never_renewed_has_no_former_self(order: Order) -> None:
    assert changes(order) is None


def test_nothing_changed_is_said_so(session: Session, order: Order) -> None:
    found = renewed(session, order)
    assert found.nothing
    assert list(found.why()) == []


def test_price_and_date_before_and_after(session: Session, order: Order) -> None:
    was, day = order.price_amount, order.promised_date
    lapse(session, order.id, NOW)
    row = session.get_one(StandardProduct, "cup")
    row.list_price += Decimal(2)
    session.flush()
    found = renewed(session, order, at(days=7))
    assert (found.before.price.amount, found.price.amount, found.difference) == (was, was + 10, 10)
    assert found.before.delivery_date == day
    assert found.days > 0
    assert [(line.code, line.before, line.now) for line in found.lines] == [("list", was, was + 10)]
    assert PRICES in [sentence.msgid for sentence in found.why()]
    assert renewed(session, order, at(days=7)).nothing, "each renewal is compared with the one before"


def made(
    amount: str, *lines: tuple[str, str], day: int = 1, release: str = "cup-1", hinge: str = "kiln"
) -> Former:
    told = tuple(PriceLine(code=code, text={"en": code}, amount=Decimal(much)) for code, much in lines)
    return Former(
        price=Price(amount=Decimal(amount), currency="EUR", lines=told),
        delivery_date=date(2026, 6, day),
        hinges_on=HingeTold(kind="firing", name={"en": hinge}, code=hinge),
        release=release,
    )


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (made("5", ("body", "5")), []),
        (made("4", ("body", "4")), [PRICES]),
        (made("4", ("body", "4"), release="cup-0"), [NEWER]),
        (made("4", ("body", "5"), ("offer:1", "-1")), [OFFER]),
        (made("6", ("body", "5"), ("freight", "1")), [FREIGHT]),
        (made("5", ("body", "5"), hinge="decals"), []),
        (made("5", ("body", "5"), day=2, hinge="decals"), [HINGED]),
        (made("5", ("body", "2"), ("body", "3")), [PRICES]),
    ],
)
def test_the_reason_is_named_where_it_is_known(
    session: Session, order: Order, before: Former, why: list[str]
) -> None:
    now = made("5", ("body", "5"))
    order.price_amount, order.release = now.price.amount, now.release
    order.price_lines = [line.model_dump(mode="json") for line in now.price.lines]
    order.promised_date = now.delivery_date
    order.promise = {**order.promise, "hinges_on": now.hinges_on.model_dump(mode="json")}
    assert [sentence.msgid for sentence in Changes(order, before).why()] == why


# What time has overtaken


@pytest.fixture
def overtaken_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The first hold that is to turn firm is gone."""
    firm = placing.firm_all

    def gone(*_: object) -> None:
        monkeypatch.setattr(placing, "firm_all", firm)
        raise PlaceOvertaken

    monkeypatch.setattr(placing, "firm_all", gone)
    yield
    monkeypatch.setattr(placing, "firm_all", firm)


@pytest.mark.usefixtures("overtaken_once")
def test_within_a_quotes_time_its_price_stays(session: Session, order: Order) -> None:
    was = order.price_amount
    session.get_one(StandardProduct, "cup").list_price += Decimal(2)
    session.flush()
    placed = place(session, [order.id], ADA, requester=GUEST, now=NOW)
    assert isinstance(placed, list)
    assert order.price_amount == was, "the quote has not expired, so nobody pays more than it says"
    assert tentative(session, Ask("cup", {}, 5), NOW).price.amount > was, "the control: it costs more now"


@pytest.mark.usefixtures("overtaken_once")
def test_within_a_quotes_time_its_service_stays(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def deliver(_self, _session, _plant, _to, _kg, ready_at, service, _now) -> DeliveryAnswer:  # type: ignore[no-untyped-def]
        days, name = (1, "express") if service == "express" else (9, "standard")
        return DeliveryAnswer(ready_at.date() + timedelta(days=days), name, {"en": name})

    monkeypatch.setattr(defaults.FromTheDoor, "deliver", deliver)
    make_standard_product(session, make_plant(session))
    order = quote(session, Ask("cup", {}, 5), requester=GUEST, now=NOW, service="express")
    day = order.promised_date
    placed = place(session, [order.id], ADA, requester=GUEST, now=NOW)
    assert not isinstance(placed, MovedOffer), "the same place by the same service is not later"
    assert (order.promise["service"], order.promised_date) == ("express", day)


# The day that is asked for


def test_a_day_far_away_is_refused_with_a_sentence(session: Session) -> None:
    make_standard_product(session, make_plant(session))
    for day in (date(9999, 12, 31), NOW.business.date() + timedelta(days=731)):
        with pytest.raises(Invalid):
            quote(session, Ask("cup", {}, 5, requested_date=day), requester=GUEST, now=NOW)
    near = NOW.business.date() + timedelta(days=730)
    quote(session, Ask("cup", {}, 5, requested_date=near), requester=GUEST, now=NOW)


def test_a_day_that_can_be_met_is_and_one_that_cannot_gets_the_nearest(session: Session) -> None:
    make_standard_product(session, make_plant(session))
    ask = Ask("cup", {}, 5)
    free = tentative(session, ask, NOW).promise
    day = free.delivery_date
    soon = tentative(session, replace(ask, requested_date=day - timedelta(days=1)), NOW).promise
    assert (soon.delivery_date, soon.requested) == (day, day - timedelta(days=1)), "the nearest"
    assert soon.hinges_on == free.hinges_on, "and why"
    late = tentative(session, replace(ask, requested_date=day + timedelta(days=3)), NOW).promise
    assert late.requested is not None
    assert late.delivery_date <= late.requested
    assert free.requested is None


def test_what_could_come_sooner_hinges_on_the_wish(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plant that makes it as late as it may: the day is the customer's, not the plant's."""
    plant = make_plant(session)
    make_standard_product(session, plant)
    honest = defaults.WorkContent.promise

    def at_leisure(self, session, ask, now):  # type: ignore[no-untyped-def]
        answer = honest(self, session, ask, now)
        return replace(answer, ready_at=ask.ready_by or answer.ready_at)

    monkeypatch.setattr(defaults.WorkContent, "promise", at_leisure)
    free = tentative(session, Ask("cup", {}, 5), NOW).promise
    wish = Ask("cup", {}, 5, requested_date=free.delivery_date + timedelta(days=14))
    told = tentative(session, wish, NOW).promise
    assert (told.delivery_date, told.hinges_on.kind) == (wish.requested_date, "wish")
    assert free.hinges_on.kind != "wish"
