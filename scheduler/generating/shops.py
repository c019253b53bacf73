"""Job shops and flexible job shops as the literature makes them."""

from __future__ import annotations

from random import Random

from scheduler import shops
from scheduler.generating.chance import between, some_of
from scheduler.model import Problem

_PRIME, _FACTOR, _QUOTIENT, _REST = 2147483647, 16807, 127773, 2836


class Lehmer:
    """The generator of Taillard 1993 (Bratley, Fox and Schrage): whole numbers between two bounds."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def between(self, low: int, high: int) -> int:
        """The next number, from low to high, both included."""
        k = self.seed // _QUOTIENT
        self.seed = _FACTOR * (self.seed % _QUOTIENT) - k * _REST
        if self.seed < 0:
            self.seed += _PRIME
        return low + int(self.seed / _PRIME * (high - low + 1))


def job_shop(jobs: int, machines: int, *, time_seed: int, machine_seed: int) -> Problem:
    """A job shop after Taillard 1993: minutes from 1 to 99, each job once over every machine.

    With the seeds that he published these are his instances; the goal is the makespan.
    """
    times, order = Lehmer(time_seed), Lehmer(machine_seed)
    minutes = [[times.between(1, 99) for _ in range(machines)] for _ in range(jobs)]
    lines = [f"{jobs} {machines}"]
    for job in range(jobs):
        route = list(range(machines))
        for i in range(machines):
            k = order.between(i + 1, machines) - 1
            route[i], route[k] = route[k], route[i]
        lines.append(" ".join(f"{m} {t}" for m, t in zip(route, minutes[job], strict=True)))
    return shops.job_shop(f"js-{jobs}x{machines}-{time_seed}", "\n".join(lines))


def flexible_shop(
    jobs: int,
    machines: int,
    seed: int = 0,
    *,
    steps: tuple[int, int] = (5, 7),
    choices: tuple[int, int] = (1, 3),
    minutes: tuple[int, int] = (1, 10),
) -> Problem:
    """A flexible job shop after Brandimarte 1993: all numbers drawn evenly between the given bounds.

    `steps`: operations a job; `choices`: machines an operation may use, each with minutes of its own.
    """
    random = Random(f"flexible shop {seed}")
    lines = [f"{jobs} {machines}"]
    for _ in range(jobs):
        words = []
        count = between(random, *steps)
        for _ in range(count):
            able = some_of(random, range(machines), between(random, *choices))
            words.append(f"{len(able)} " + " ".join(f"{m} {between(random, *minutes)}" for m in able))
        lines.append(f"{count} " + " ".join(words))
    return shops.flexible_shop(f"fjs-{jobs}x{machines}-{seed}", "\n".join(lines))
