"""What all players share: the clock, the dice, the people, and a count of what was done and refused."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import simpy

from seeds.simulator.client import Person, Refused, instant

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class World:
    """`env.now` counts business minutes since `epoch`; it never runs ahead of the server's clock."""

    env: simpy.Environment
    random: Random
    epoch: datetime
    people: dict[tuple[str, str], Person]
    """(role, party name or plant slug) -> person."""
    done: Counter[str] = field(default_factory=Counter)
    speed: float = 1.0
    """Business seconds per wall second."""
    wall_step: float = 0.5

    @property
    def now(self) -> datetime:
        return self.epoch + timedelta(minutes=float(self.env.now))

    def minutes_to(self, at: datetime) -> float:
        """Business minutes from now until `at`, never negative."""
        return max(0.0, (at - self.now).total_seconds() / 60)

    def beat(self, minutes: float) -> Any:
        """Wait so long, but never act more often than once a wall step."""
        return self.env.timeout(max(minutes, self.speed * self.wall_step / 60))

    def of(self, role: str) -> list[tuple[str, Person]]:
        """Everybody with a role, and where they belong."""
        return [(where, person) for (r, where), person in sorted(self.people.items()) if r == role]

    def attempt(self, what: str, act: Callable[[], Any]) -> Any:
        """Do something; a refusal is counted, not raised: people live with a no."""
        try:
            answer = act()
        except Refused as error:
            self.done[f"{what}, refused"] += 1
            _log.info("%s refused: %s", what, error)
            return None
        self.done[what] += 1
        return answer


def read_clock(person: Person) -> tuple[datetime, float]:
    """The server's business time and speed."""
    told = person.get("/api/v1/clock")
    return instant(told["business"]), float(told["speed"])
