"""Two times: business time real or simulated, wall time always real."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from cosmo.clock import ClockRow, business_time, ease, hurry, read_now, set_clock, skip_ahead

WALL = datetime(2026, 6, 1, tzinfo=UTC)
BUSINESS = datetime(2027, 1, 1, tzinfo=UTC)
A_MOMENT = timedelta(seconds=5)


def row(speed: float, simulated: bool = True) -> ClockRow:
    return ClockRow(
        simulated=simulated, speed=speed, anchor_wall=WALL, anchor_business=BUSINESS, seen_wall=WALL
    )


@pytest.mark.parametrize(("speed", "passed"), [(0, 0), (1, 60), (60, 3600), (0.5, 30)])
def test_simulated_time_runs_at_its_speed(speed: float, passed: float) -> None:
    minute_later = WALL + timedelta(minutes=1)
    assert business_time(row(speed), minute_later) == BUSINESS + timedelta(seconds=passed)


def test_real_time_is_wall_time() -> None:
    assert business_time(None, WALL) == WALL
    assert business_time(row(60, simulated=False), WALL) == WALL


def test_changing_the_speed_does_not_jump(session: Session) -> None:
    set_clock(session, speed=0, business=BUSINESS)
    assert read_now(session).business == BUSINESS
    set_clock(session, speed=60)
    assert timedelta(0) <= read_now(session).business - BUSINESS < timedelta(minutes=5)
    set_clock(session, speed=None)
    now = read_now(session)
    assert now.business == now.wall


def test_skipping_ahead_keeps_the_speed_and_needs_a_simulated_clock(session: Session) -> None:
    with pytest.raises(ValueError, match="Only a simulated clock"):
        skip_ahead(session, timedelta(days=1))
    set_clock(session, speed=1, business=BUSINESS)
    assert skip_ahead(session, timedelta(days=1)).speed == 1
    assert timedelta(0) <= read_now(session).business - BUSINESS - timedelta(days=1) < A_MOMENT


def test_wall_time_is_never_simulated(session: Session) -> None:
    before = datetime.now(UTC)
    set_clock(session, speed=1000, business=BUSINESS)
    assert timedelta(0) <= read_now(session).wall - before < A_MOMENT


def test_eased_time_goes_slowly_and_a_longer_easing_stands(session: Session) -> None:
    set_clock(session, speed=14_400, business=BUSINESS)
    ease(session, timedelta(seconds=30))
    until = session.get_one(ClockRow, 1).eased_until
    ease(session, timedelta(seconds=1))
    assert session.get_one(ClockRow, 1).eased_until == until
    assert read_now(session).business - BUSINESS < timedelta(minutes=30), "ten seconds would be 40 hours"
    hurry(session)
    assert session.get_one(ClockRow, 1).eased_until is None


def test_a_clock_that_is_slow_or_real_is_not_eased(session: Session) -> None:
    set_clock(session, speed=60, business=BUSINESS)
    ease(session, timedelta(seconds=30))
    assert session.get_one(ClockRow, 1).eased_until is None
    set_clock(session, speed=None)
    ease(session, timedelta(seconds=30))
    assert session.get_one(ClockRow, 1).eased_until is None
