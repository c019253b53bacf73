"""How far a plant's orders end from where they were planned to, learnt from those it has finished.

Pure figures, in minutes: the plan says when work will end, the plant's own past says how much later it does.
From the same past come the middle (half of such orders are done by then), the day nine of ten keep, and the
buffer with which a date is promised. An order that kept its promise needed no longer buffer, however late it
was: the plan uses the room that it is given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from cosmo.promise import MOST

LEAST = 60
"""Finished orders before anything is said: fewer cannot tell a late tail from chance."""
LATEST = 400
"""So many finished orders are remembered: a plant changes."""
ALIKE = 3
"""Of what is remembered, a third is compared with: the orders that were planned to take about as long."""
KEPT = 0.98
"""The share of orders that shall be ready by their promise."""
DAY_WORTH = 0.04
"""A day of buffer, which everybody waits, must keep four more orders in a hundred."""


@dataclass(frozen=True, slots=True, order=True)
class Finished:
    """A finished order: minutes from its promise to its planned end then, and minutes it ended after that.

    `room`: minutes after the planned end within which its promise was kept; None where that is not known.
    """

    lead: int
    late: int
    room: int | None = None

    @property
    def kept(self) -> bool:
        """Whether it is known to have ended within its promise."""
        return self.room is not None and self.late <= self.room

    @property
    def needed(self) -> int:
        """The buffer that would have kept it; of one that was kept, none is known to be needed."""
        return min(self.late, 0) if self.kept else self.late


@dataclass(frozen=True, slots=True)
class Learnt:
    """Minutes after the planned end by which half and nine of ten of such orders are done, and the buffer
    that keeps `KEPT` of the promises or as many as are worth it.

    `orders` is how many finished orders that was learnt from, `kept` the share known to have kept their
    promise.
    """

    half: int
    most: int
    buffer: int
    orders: int
    kept: float


class History:
    """What a plant has finished lately, told in the order of time."""

    def __init__(self, finished: Iterable[Finished] = ()) -> None:
        self._told: list[Finished] = []
        for one in finished:
            self.tell(one)

    def __len__(self) -> int:
        return len(self._told)

    def tell(self, finished: Finished) -> None:
        """One more order is finished; the oldest is forgotten once there are more than `LATEST`."""
        self._told.append(finished)
        del self._told[:-LATEST]

    def learn(self, lead: int) -> Learnt | None:
        """What to expect of an order planned to take `lead` minutes; None until enough are finished."""
        if len(self._told) < LEAST:
            return None
        alike = _alike(self._told, lead, max(LEAST, len(self._told) // ALIKE))
        half, most = quantile(alike, 0.5), quantile(alike, MOST)
        buffer = _worth_it(sorted(one.needed for one in self._told))
        kept = sum(one.kept for one in self._told) / len(self._told)
        return Learnt(half, most, buffer if kept >= MOST else max(most, buffer), len(self._told), kept)


def _worth_it(ordered: Sequence[int]) -> int:
    """The buffer that keeps `KEPT`, or a smaller one where the rest of it would buy too little."""
    enough = quantile(ordered, KEPT)
    missed = {late: len(ordered) - k - 1 for k, late in enumerate(ordered) if 0 <= late <= enough}
    return min(missed, key=lambda b: (missed[b] / len(ordered) + b * DAY_WORTH / 1440, b), default=enough)


def _alike(told: Sequence[Finished], lead: int, count: int) -> list[int]:
    """Minutes late, in order, of those planned to take most nearly as long; of equals, the latest."""
    newest_first = list(told)
    newest_first.reverse()
    newest_first.sort(key=lambda one: abs(one.lead - lead))
    return sorted(one.late for one in newest_first[:count])


def quantile(ordered: Sequence[int], share: float) -> int:
    """The value that the next one, drawn alike, keeps to with that probability at least (conformal rank); the
    largest where there are too few to say."""
    rank = ceil((len(ordered) + 1) * share)
    return ordered[min(rank, len(ordered)) - 1]
