"""The simulated people's clock: who is far behind has it wait, and does not ask at every look."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import simpy

from seeds.simulator.world import BEHIND, MOST_EASING, World

MONDAY = datetime(2026, 6, 8, 8, tzinfo=UTC)
SPEED = 14_400.0


class Players:
    """A world with a wall clock of the test's own; `late` is by how much its people are behind."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wall, self.late, self.asked = 0.0, timedelta(0), list[float]()
        patch.setattr(time, "monotonic", lambda: self.wall)
        self.world = World(
            simpy.Environment(), Random(1), MONDAY, {}, lambda: (MONDAY + self.late, SPEED), self.asked.append
        )

    def look_for(self, seconds: float) -> int:
        """Look four times a second; how often slow time was asked for."""
        before = len(self.asked)
        for _ in range(int(seconds * 4)):
            self.wall += 0.25
            self.world.look()
        return len(self.asked) - before


@pytest.fixture
def players(monkeypatch: pytest.MonkeyPatch) -> Players:
    return Players(monkeypatch)


def test_who_is_a_little_late_asks_for_nothing(players: Players) -> None:
    players.late = timedelta(minutes=BEHIND)
    assert players.look_for(10) == 0


def test_slow_time_is_asked_for_once_and_again_before_it_ends(players: Players) -> None:
    players.late = timedelta(days=10)
    assert players.look_for(MOST_EASING / 2) == 1
    assert players.look_for(MOST_EASING * 10) == 20, "twice in the time granted, so that it never runs out"
    assert set(players.asked) == {MOST_EASING}


def test_it_is_half_as_long_as_it_took_to_fall_behind(players: Players) -> None:
    players.late = timedelta(minutes=2 * BEHIND)
    players.look_for(1)
    assert players.asked == [players.late.total_seconds() / SPEED / 2]


def test_the_players_start_without_what_only_the_house_needs() -> None:
    code = "import sys, seeds.commands; print({'sqlalchemy', 'fastapi', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
