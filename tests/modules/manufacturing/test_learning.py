"""What a plant learns of its own lateness, against distributions that are known."""

from dataclasses import replace
from random import Random

import pytest

from modules.manufacturing.learning import LATEST, LEAST, Finished, History, quantile
from modules.manufacturing.times import DAY

SPREAD = 600.0


def told(count: int, seed: int, lead: int = 5 * DAY, spread: float = SPREAD) -> list[Finished]:
    dice = Random(seed)
    return [Finished(lead, round(dice.gauss(0, spread))) for _ in range(count)]


def test_nothing_is_said_until_enough_orders_are_finished() -> None:
    history = History(told(LEAST - 1, 1))
    assert history.learn(5 * DAY) is None
    history.tell(Finished(5 * DAY, 0))
    learnt = history.learn(5 * DAY)
    assert learnt is not None
    assert learnt.orders == LEAST


@pytest.mark.parametrize("seed", range(5))
def test_the_quantiles_of_a_known_distribution_are_found(seed: int) -> None:
    learnt = History(told(LATEST, seed)).learn(5 * DAY)
    assert learnt is not None
    assert learnt.half == pytest.approx(0, abs=0.25 * SPREAD)
    assert learnt.most == pytest.approx(1.2816 * SPREAD, abs=0.5 * SPREAD)
    assert learnt.buffer == pytest.approx(2.0537 * SPREAD, abs=0.6 * SPREAD)


def test_later_orders_end_by_what_was_said_as_often_as_was_said() -> None:
    dice, history, hits = Random(3), History(), {"half": 0, "most": 0, "buffer": 0}
    count = 0
    for _ in range(3000):
        late = round(dice.gauss(60, SPREAD))
        learnt = history.learn(5 * DAY)
        if learnt is not None:
            count += 1
            hits["half"] += late <= learnt.half
            hits["most"] += late <= learnt.most
            hits["buffer"] += late <= learnt.buffer
        history.tell(Finished(5 * DAY, late))
    assert hits["half"] / count == pytest.approx(0.5, abs=0.05)
    assert hits["most"] / count == pytest.approx(0.9, abs=0.03)
    assert hits["buffer"] / count >= 0.97


def test_orders_that_take_as_long_are_compared_with() -> None:
    history = History([*told(200, 1, lead=2 * DAY, spread=60), *told(200, 2, lead=12 * DAY, spread=3000)])
    short, long = history.learn(2 * DAY), history.learn(12 * DAY)
    assert short is not None
    assert long is not None
    assert short.most < 120 < 1500 < long.most


def test_a_buffer_whose_last_days_keep_next_to_nobody_is_not_asked_of_all() -> None:
    """Three in a hundred come three weeks late: 98 % would cost everybody three weeks."""
    usual = [Finished(5 * DAY, minutes) for minutes in range(0, 388 * 2, 2)]
    learnt = History([*usual, *[Finished(5 * DAY, 21 * DAY)] * 12]).learn(5 * DAY)
    assert learnt is not None
    assert learnt.buffer <= 388 * 2
    many = History([*usual[:320], *[Finished(5 * DAY, 2 * DAY)] * 36]).learn(5 * DAY)
    assert many is not None
    assert many.buffer == 2 * DAY, "for one in ten, two days are worth it"


def test_a_plant_forgets() -> None:
    history = History([*told(LATEST, 1, spread=5000), *told(LATEST, 2, spread=10)])
    learnt = history.learn(5 * DAY)
    assert len(history) == LATEST
    assert learnt is not None
    assert learnt.buffer < 60


def test_the_rank_errs_on_the_late_side() -> None:
    assert quantile([1, 2, 3, 4], 0.5) == 3
    assert quantile([1, 2, 3, 4, 5, 6, 7, 8, 9], 0.9) == 9
    assert quantile([1, 2, 3], 0.98) == 3


def test_who_was_kept_needed_no_longer_buffer_however_late() -> None:
    """The plan uses the room that it is given. Negative control: the same where nobody knows the room."""
    late = [Finished(5 * DAY, minutes) for minutes in range(0, 2000, 20)]
    given = [replace(one, room=2000) for one in late]
    learnt, unknown = History(given).learn(5 * DAY), History(late).learn(5 * DAY)
    assert learnt is not None
    assert unknown is not None
    assert (learnt.kept, learnt.buffer) == (1.0, 0)
    assert (unknown.kept, unknown.buffer >= 1800) == (0.0, True)
    assert (learnt.half, learnt.most) == (unknown.half, unknown.most), "when they are done is the same"


def test_a_plant_that_misses_its_promises_learns_a_longer_buffer() -> None:
    missed = [Finished(5 * DAY, 2 * DAY, room=DAY)] * 12
    kept = [Finished(5 * DAY, 0, room=DAY)] * 88
    learnt = History([*kept, *missed]).learn(5 * DAY)
    assert learnt is not None
    assert learnt.kept == 0.88
    assert learnt.buffer == 2 * DAY
