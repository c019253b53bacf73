"""The promise score: each way an order can count, read from a real log."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from cosmo import score as scoring
from cosmo.cancelling import cancel
from cosmo.db import Database
from cosmo.lifecycle import emit
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import (
    FewerAccepted,
    HeldPayload,
    OrderChanged,
    PromiseMoved,
    Unheld,
)
from cosmo.score import LEAST, Scores, Tally, score_of
from cosmo.stages import Stage
from tests.factories import MONDAY, PROMISED, at, make_order, make_plant, walk

Step = Callable[[Session, str], object]
DUE = (PROMISED - MONDAY.date()).days
"""Days from MONDAY to the first promised day."""
AFTER = PROMISED + timedelta(days=1)
KEPT, MISSED, NOTHING = Tally(1, 1), Tally(0, 1), Tally()


def delivered(days: float, minutes: int = 0) -> Step:
    return lambda session, order: walk(session, order, Stage.DELIVERED, at(days=days, minutes=minutes))


def moved(days: float, reason: str, by: int = 3) -> Step:
    payload = PromiseMoved(old=PROMISED, new=PROMISED + timedelta(days=by), reason=reason)
    return lambda session, order: emit(session, order, payload, now=at(days=days), actor="kernel")


def changed(days: float, to: date) -> Step:
    payload = OrderChanged(
        options=("quantity",), quantity=12, promised_date=to, price=Decimal(95), difference=Decimal(0),
        currency="EUR",
    )  # fmt: skip
    return lambda session, order: emit(session, order, payload, now=at(days=days), actor="guest")


def held(days: float, reason: str) -> Step:
    payload = HeldPayload(reason=reason)
    return lambda session, order: emit(session, order, payload, now=at(days=days), actor="kernel")


def cleared(days: float, reason: str) -> Step:
    payload = Unheld(reason=reason)
    return lambda session, order: emit(session, order, payload, now=at(days=days), actor="kernel")


def cancelled(days: float, reason: str) -> Step:
    return lambda session, order: cancel(session, order, reason=reason, actor="guest", now=at(days=days))


def fewer(days: float) -> Step:
    payload = FewerAccepted(pieces=9, before=10, amount=Decimal(9), currency="EUR")
    return lambda session, order: emit(session, order, payload, now=at(days=days), actor="guest")


def placed(session: Session, plant: Plant, *steps: Step) -> Order:
    order = walk(session, make_order(session, plant).id, Stage.PLACED, at())
    for step in steps:
        step(session, order.id)
    return order


WAYS: dict[str, tuple[tuple[Step, ...], Tally]] = {
    "delivered before the day": ((delivered(DUE - 2),), KEPT),
    "delivered on the day, late in the evening": ((delivered(DUE, 15 * 60),), KEPT),
    "delivered after midnight at the plant, in UTC on the day": ((delivered(DUE, 17 * 60),), MISSED),
    "delivered a day late, without a word": ((delivered(DUE + 1),), MISSED),
    "not delivered when the day is over": ((), MISSED),
    "moved by us": ((moved(5, "breakdown"), delivered(DUE + 3)), MISSED),
    "moved by us, and yet in time": ((moved(5, "material-late"), delivered(DUE)), MISSED),
    "moved by us, then cancelled": ((moved(5, "scrap"), cancelled(6, "customer")), MISSED),
    "moved by us, then changed": ((moved(5, "scrap"), changed(6, PROMISED + timedelta(days=9))), MISSED),
    "moved to another day, no later than the first": ((moved(5, "earlier", -2), delivered(DUE)), KEPT),
    "moved because of another address": ((moved(5, "change"), delivered(DUE + 3)), NOTHING),
    "changed, and the day with it": ((changed(5, PROMISED + timedelta(days=4)), delivered(DUE)), NOTHING),
    "changed, and the day stayed: kept": ((changed(5, PROMISED), delivered(DUE)), KEPT),
    "changed, and the day stayed: late": ((changed(5, PROMISED), delivered(DUE + 1)), MISSED),
    "changed when the day was over": ((changed(DUE + 1, PROMISED + timedelta(days=9)),), MISSED),
    "cancelled by the customer": ((cancelled(5, "customer"),), NOTHING),
    "cancelled because the proof was refused": ((cancelled(5, "proof-rejected"),), NOTHING),
    "cancelled by the customer when the day was over": ((cancelled(DUE + 1, "customer"),), MISSED),
    "cancelled by the plant": ((cancelled(5, "plant"),), MISSED),
    "pieces were missing, fewer taken": ((fewer(5), delivered(DUE)), MISSED),
    "pieces were missing, a later day agreed": (
        (held(4, "shortfall-open"), cleared(5, "shortfall-open"), moved(5, "change"), delivered(DUE + 3)),
        MISSED,
    ),
    "waited for the deposit when the day moved": (
        (held(1, "deposit-open"), moved(5, "late-start"), delivered(DUE + 3)), NOTHING,
    ),
    "a machine broke while it waited": ((held(1, "proof-open"), moved(5, "breakdown")), MISSED),
    "waited for the plant when the day moved": ((held(1, "plant"), moved(5, "late-start")), MISSED),
    "the deposit came, then the day moved": (
        (held(1, "deposit-open"), cleared(2, "deposit-open"), moved(5, "late-start")), MISSED,
    ),
    "waits for the proof when the day is over": ((held(1, "proof-open"),), NOTHING),
    "waited for the proof, which came when the day was over": (
        (held(1, "proof-open"), cleared(DUE + 1, "proof-open"), delivered(DUE + 3)), NOTHING,
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_each_way_an_order_counts(session: Session, plant: Plant, way: str) -> None:
    steps, expected = WAYS[way]
    placed(session, plant, *steps)
    assert score_of(session, plant, AFTER + timedelta(days=10)).year == expected


def test_it_counts_the_same_on_both_databases(either_database: Database) -> None:
    """Dates, times and payloads are read as each database has them."""
    with either_database.write() as session:
        plant = make_plant(session)
        for steps, _ in WAYS.values():
            placed(session, plant, *steps)
        told = score_of(session, plant, AFTER + timedelta(days=10)).year
    assert told == Tally(
        sum(expected.kept for _, expected in WAYS.values()),
        sum(expected.counted for _, expected in WAYS.values()),
    )


def test_an_order_counts_from_the_day_on_which_it_is_known(session: Session, plant: Plant) -> None:
    placed(session, plant)
    assert score_of(session, plant, PROMISED).year == NOTHING
    assert score_of(session, plant, AFTER).year == MISSED
    early = make_plant(session)
    placed(session, early, delivered(5))
    known = MONDAY.date() + timedelta(days=6)
    assert score_of(session, early, known - timedelta(days=1)).year == NOTHING
    assert score_of(session, early, known).year == KEPT
    late = make_plant(session)
    placed(session, late, moved(5, "breakdown"))
    assert score_of(session, late, known).year == MISSED


def test_quotes_and_other_plants_do_not_count(session: Session, plant: Plant) -> None:
    walk(session, make_order(session, plant).id, Stage.QUOTED, at())
    placed(session, make_plant(session))
    assert score_of(session, plant, AFTER).year == NOTHING


def test_a_year_and_a_month_end_on_their_days(session: Session, plant: Plant) -> None:
    placed(session, plant)  # missed on PROMISED
    tallies = [
        (score_of(session, plant, PROMISED + timedelta(days=n)).year.counted,
         score_of(session, plant, PROMISED + timedelta(days=n)).month.counted)
        for n in (1, 30, 31, 365, 366)
    ]  # fmt: skip
    assert tallies == [(1, 1), (1, 1), (1, 0), (1, 0), (0, 0)]


def test_what_was_known_more_than_a_year_ago_is_over_though_its_day_is_not(
    session: Session, plant: Plant
) -> None:
    placed(session, plant, delivered(5))
    known = MONDAY.date() + timedelta(days=5)
    assert score_of(session, plant, known + timedelta(days=365)).year == KEPT
    assert score_of(session, plant, known + timedelta(days=366)).year == NOTHING


def test_months_are_all_there_and_sum_up(session: Session, plant: Plant) -> None:
    placed(session, plant)
    placed(session, plant, delivered(2))
    told = score_of(session, plant, date(2026, 7, 1))
    assert [first.isoformat()[:7] for first, _ in told.by_month] == [
        "2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12",
        "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06",
    ]  # fmt: skip
    assert told.by_month[-1][1] == told.year == Tally(1, 2)
    assert told.by_month[0][1] == NOTHING


def test_too_few_have_no_percentage_and_all_but_one_is_not_all() -> None:
    assert Tally(LEAST - 1, LEAST - 1).percent is None
    assert Tally(LEAST, LEAST).percent == 100
    assert Tally(299, 300).percent == 99


def test_a_process_counts_once_a_day(
    session: Session, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[date] = []

    def count(session: Session, plant: Plant, today: date) -> scoring.Score:
        counted.append(today)
        return score_of(session, plant, today)

    monkeypatch.setattr(scoring, "score_of", count)
    scores = Scores()
    placed(session, plant)
    first = scores.of(session, plant, at(days=DUE + 1))
    assert scores.of(session, plant, at(days=DUE + 1, hours=12)) is first
    assert len(counted) == 1
    scores.of(session, make_plant(session), at(days=DUE + 1))
    assert scores.of(session, plant, at(days=DUE + 2)).today == first.today + timedelta(days=1)
    assert len(counted) == 3


def test_the_same_day_says_the_same_in_every_process(session: Session, plant: Plant) -> None:
    """What happens during the day changes nothing that is told on that day."""
    morning, evening = at(days=5), at(days=5, hours=12)
    before = Scores().of(session, plant, morning)
    placed(session, plant, delivered(5, 60))
    placed(session, plant, moved(5, "breakdown"))
    assert Scores().of(session, plant, evening) == before
    assert Scores().of(session, plant, at(days=6)).year == Tally(1, 2)
