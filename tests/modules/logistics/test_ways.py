"""Zones, the carrier's next call, working days; the delivery date they give, and what would be quicker."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from cosmo.parties import Plant
from cosmo.ports import DeliveryAnswer, ShipTo
from cosmo.promised import promised_end
from cosmo.reconsidering import call_again, last_call
from modules.logistics.ports import ZoneDelivery
from modules.logistics.sscc import check_digit, is_valid, sscc
from modules.logistics.zones import next_pickup, working_days_after, zone_of
from tests.factories import MONDAY, NOW, make_order, make_plant

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("origin", "country", "zone"),
    [
        ("DE", "DE", "domestic"),
        ("DE", "PL", "eu"),
        ("DE", "CH", "europe"),
        ("CH", "DE", "europe"),
        ("DE", "CN", "world"),
    ],
)
def test_zones(origin: str, country: str, zone: str) -> None:
    assert zone_of(origin, country) == zone


@pytest.mark.parametrize(
    ("ready", "call"),
    [
        (datetime(2026, 6, 12, 12, 59, tzinfo=UTC), "Fri 15:00"),  # 14:59 in Berlin
        (datetime(2026, 6, 12, 13, 0, tzinfo=UTC), "Fri 15:00"),
        (datetime(2026, 6, 12, 13, 1, tzinfo=UTC), "Mon 15:00"),  # missed on Friday: no call at the weekend
        (datetime(2026, 6, 13, 8, 0, tzinfo=UTC), "Mon 15:00"),
        (datetime(2026, 6, 14, 23, 0, tzinfo=UTC), "Mon 15:00"),  # Monday 01:00 in Berlin
    ],
)
def test_the_carrier_calls_on_working_days(ready: datetime, call: str) -> None:
    assert next_pickup(ready, 15, BERLIN).strftime("%a %H:%M") == call


def test_the_call_keeps_its_hour_over_the_change_of_the_clocks() -> None:
    friday = datetime(2026, 10, 23, 20, 0, tzinfo=UTC)  # clocks go back on Sunday
    assert next_pickup(friday, 15, BERLIN) == datetime(2026, 10, 26, 14, 0, tzinfo=UTC)


def test_working_days_skip_weekends() -> None:
    friday = date(2026, 6, 12)
    assert [working_days_after(friday, n).isoformat()[-2:] for n in (0, 1, 2, 6)] == ["12", "15", "16", "22"]


def test_the_date_is_call_plus_transit_and_a_quicker_service_is_named(session: Session, plant: Plant) -> None:
    answer = ZoneDelivery().deliver(
        session, plant.id, ShipTo(country="DE"), Decimal(10), MONDAY + timedelta(days=4), None, NOW
    )
    assert (answer.service, answer.date) == ("std", date(2026, 6, 16))
    assert answer.freight == Decimal("10.90")
    assert answer.faster is not None
    assert (answer.faster.service, answer.faster.date) == ("express", date(2026, 6, 15))
    chosen = ZoneDelivery().deliver(
        session, plant.id, ShipTo(country="DE"), Decimal(10), MONDAY, "express", NOW
    )
    assert chosen.service == "express"
    assert chosen.faster is None


@pytest.mark.parametrize("service", ["std", "express"])
def test_what_is_ready_by_the_call_is_there_the_same_day_and_a_minute_later_is_not(
    session: Session, plant: Plant, service: str
) -> None:
    def deliver(ready_at: datetime) -> DeliveryAnswer:
        to = ShipTo(country="DE")
        return ZoneDelivery().deliver(session, plant.id, to, Decimal(10), ready_at, service, NOW)

    for hours in range(0, 168, 7):
        answer = deliver(MONDAY + timedelta(hours=hours))
        assert answer.ready_by is not None
        assert answer.ready_by >= MONDAY + timedelta(hours=hours)
        assert deliver(answer.ready_by).date == answer.date
        assert deliver(answer.ready_by + timedelta(minutes=1)).date > answer.date


def test_the_last_call_that_makes_the_day_is_found_and_kept_with_a_moved_promise(
    session: Session, plant: Plant
) -> None:
    """A week of spare time: not the call after the planned end, but the one whose goods come on that day.
    Negative control: no call makes a day that is over."""
    order = make_order(session, plant)
    monday = deliver_on(session, plant, MONDAY)
    later = deliver_on(session, plant, MONDAY + timedelta(days=7))
    found = last_call(session, order, MONDAY, later.date, NOW)
    assert found is not None
    assert (found.day, found.at) == (later.date, later.ready_by)
    assert last_call(session, order, MONDAY, monday.date - timedelta(days=1), NOW) is None
    order.ready_at, order.promised_date = MONDAY, later.date
    order.promise = {"call": {"day": monday.date.isoformat(), "at": "2026-06-08T13:00:00Z"}}
    call_again(session, order, NOW)
    assert promised_end(session, order) == later.ready_by


def deliver_on(session: Session, plant: Plant, ready_at: datetime) -> DeliveryAnswer:
    return ZoneDelivery().deliver(session, plant.id, ShipTo(country="DE"), Decimal(10), ready_at, None, NOW)


def test_an_unknown_zone_is_the_world_and_an_unknown_service_the_standard_one(
    session: Session, plant: Plant
) -> None:
    answer = ZoneDelivery().deliver(
        session, plant.id, ShipTo(country="PL"), Decimal(1), MONDAY, "balloon", NOW
    )
    assert (answer.service, answer.freight) == ("std", Decimal("33.00"))


def test_a_plant_without_carriers_still_gets_a_date(session: Session) -> None:
    answer = ZoneDelivery().deliver(
        session, make_plant(session).id, ShipTo(country="DE"), Decimal(1), MONDAY, None, NOW
    )
    assert answer.date >= MONDAY.date()


def test_sscc_check_digits() -> None:
    assert check_digit("37610425002123456") == 9, "a published GS1 example"
    codes = [sscc(n) for n in range(200)]
    assert all(is_valid(code) for code in codes)
    assert len(set(codes)) == 200
    wrong = codes[7][:-1] + str((int(codes[7][-1]) + 1) % 10)
    assert not is_valid(wrong)
    swapped = "34012345123456789"[::-1]
    assert not is_valid(swapped + "x")
    with pytest.raises(ValueError, match="does not fit"):
        sscc(10**9)
