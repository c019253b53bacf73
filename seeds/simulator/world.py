"""What all players share: the clock, the dice, the people, and a count of what was done and refused."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import simpy

from seeds.simulator.client import Person, Refused, instant

_log = logging.getLogger(__name__)
STEP = 0.5
"""Wall seconds between two acts of one player, at least."""
BEHIND = 600.0
"""Business minutes the players may be behind before time goes slowly."""
MOST_EASING = 10.0
"""Wall seconds of slow time asked for at once, at most; else half as long as it took to fall behind."""
FRESH = 0.4
"""Wall seconds for which a reading of the clock is good."""


@dataclass(slots=True)
class World:
    """`env.now` counts business minutes since `epoch`; nobody acts ahead of the server's clock.

    The server's time runs on while the players act. Who was late then acts at the time it is, not at the time
    it should have been; and where all are far behind, the clock is asked to wait for them: a plan must not be
    overtaken because a machine is slow.
    """

    env: simpy.Environment
    random: Random
    epoch: datetime
    people: dict[tuple[str, str], Person]
    """(role, party name or plant slug) -> person."""
    clock: Callable[[], tuple[datetime, float]]
    """Reads the server's business time and its speed in business seconds per wall second."""
    ease: Callable[[float], object]
    """Asks for some wall seconds in which business time goes slowly."""
    done: Counter[str] = field(default_factory=Counter)
    now: datetime = field(init=False)
    """The server's business time, as last read."""
    speed: float = 1.0
    _read: float = field(default=float("-inf"), init=False)
    _asked: float = field(default=float("-inf"), init=False)
    """Until then nobody asks for slow time again."""

    def __post_init__(self) -> None:
        self.now = self.epoch
        self.look()

    def look(self) -> datetime:
        """Read the server's clock, unless it has just been read."""
        if time.monotonic() - self._read > FRESH:
            self.now, self.speed = self.clock()
            self._read = time.monotonic()
            if self._read >= self._asked:
                self._ask_for_time(self.minute() - float(self.env.now))
        return self.now

    def _ask_for_time(self, behind: float) -> None:
        """Have the clock wait for whoever is far behind; while it does, asking again would only cost time."""
        if behind > BEHIND:
            seconds = min(MOST_EASING, behind * 30 / max(1.0, self.speed))
            self.done["time eased"] += 1
            self.ease(seconds)
            self._asked = self._read + seconds / 2

    def minute(self) -> float:
        """`now` as `env` counts it."""
        return (self.now - self.epoch).total_seconds() / 60

    def beat(self, minutes: float, wall: float = STEP) -> Generator[Any, Any, None]:
        """Wait so many business minutes, but at least `wall` seconds of wall time."""
        self.look()
        late = max(0.0, self.minute() - float(self.env.now))
        yield self.env.timeout(late + max(minutes, self.speed * wall / 60))
        self.look()

    def of(self, role: str) -> list[tuple[str, Person]]:
        """Everybody with a role, and where they belong."""
        return [(where, person) for (r, where), person in sorted(self.people.items()) if r == role]

    def attempt(self, what: str, act: Callable[[], Any]) -> Any:
        """Do something; a refusal is counted, not raised: people live with a no."""
        self.look()
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


def ease_clock(person: Person, seconds: float) -> None:
    """Let the server's business time go slowly for so many wall seconds."""
    person.post("/api/v1/clock/easing", {"seconds": seconds})
