"""A plan that was repaired made better where it stands: fewer broken promises, less late, little moved.

First others give way to each job whose promise is broken (see `kernel.yielding`), then ruin and recreate (see
`kernel.ruin`), on copies of the timetable's memory, one a thread; the best is adopted. What makes it worse is
never taken, even for a while: there is little time, and what need not move shall not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from scheduler.engine import pure_engine
from scheduler.improve import PICKIEST, search_over, seeded
from scheduler.kernel import costs
from scheduler.kernel.costs import BROKEN, LEAST_COST, MOVE, PICKY
from scheduler.kernel.exchanging import exchange_rounds
from scheduler.kernel.memory import DUE, FAR, PROMISED, RANDOM, WEIGHT
from scheduler.kernel.rounds import list_broken, ruin_rounds, save_promise
from scheduler.model import Job
from scheduler.roster import Roster

BROKEN_COST = 100_000
"""What a broken promise weighs against weighted minutes after what was promised: more than most are late."""
MOVE_COST = 250
"""What an operation that stands elsewhere weighs: in the seconds after a disruption only what must moves."""
SLICE = 0.1
"""Seconds between two looks at the clock."""
EXCHANGING = 0.4
"""The part of the time in which firings are left to those whose promises are broken."""
AT_ONCE = 4
"""Rounds of that between two looks at the clock."""
SAVING = 0.8
"""Until so much of the time is over, one broken promise is seen to after the other."""
EFFORTS = (100, 300, 1000)
"""How often somebody is asked to give way for each, in turn."""


class Bettering:
    """One search over what stands. A job costs its weight for each minute after what it was promised, and
    each operation that stands elsewhere than it was anchored costs `move_cost`."""

    def __init__(
        self, timetable: Roster, jobs: Sequence[Job], *, seed: int, move_cost: int = MOVE_COST
    ) -> None:
        self._timetable, self._engine = timetable, timetable.engine
        self._spots = [timetable.job_at(job.id) for job in jobs]
        self._move_cost, self._seed = move_cost, seed
        self._longest = max((len(job.operations) for job in jobs), default=1)
        self._lock = threading.Lock()
        self._best: tuple[int, Any] | None = None
        memory = timetable.board.memory
        for at, job in zip(self._spots, jobs, strict=True):
            promised = job.due if job.promised is None else job.promised
            memory[at + WEIGHT], memory[at + DUE] = job.weight, promised
            memory[at + PROMISED] = FAR if job.promised is None else promised

    def run(self, until: float, workers: int) -> None:
        """Search until a moment of the monotonic clock; the timetable then stands as the best plan found."""
        count = 1 if self._engine is pure_engine() else workers
        others = [threading.Thread(target=self._search, args=(k, until)) for k in range(1, count)]
        for thread in others:
            thread.start()
        self._search(0, until)
        for thread in others:
            thread.join()
        if self._best is not None:
            self._timetable.adopt(self._best[1], self._spots)

    def begin(self, worker: int) -> tuple[Any, Any]:
        """A copy of the memory, and what a search over it keeps."""
        memory = self._engine.copied(self._timetable.board.memory)
        memory[RANDOM] = seeded(self._seed + 1000 * worker)
        work = search_over(self._engine, self._spots, len(self._spots))
        work[BROKEN], work[MOVE], work[PICKY] = BROKEN_COST, self._move_cost, PICKIEST
        self._engine.run(costs.reckon)(memory, work)
        return memory, work

    def save_promises(self, memory: Any, work: Any, until: float) -> None:
        """Each broken promise by itself, those missed by little first, as long as there is time."""
        run, scratch = self._engine.run, self._engine.ints(self._longest)
        found = self._engine.ints(2 * len(self._spots))
        for rounds in EFFORTS:
            count = run(list_broken)(memory, work, found)
            numbers = self._engine.listed(found[: 2 * count])
            for _, job in sorted(zip(numbers[1::2], numbers[::2], strict=True)):
                if time.monotonic() > until:
                    return
                run(save_promise)(memory, work, job, rounds, scratch)

    def exchange(self, memory: Any, work: Any, until: float) -> None:
        """Firings are left to those whose promises are broken, as long as there is time."""
        while time.monotonic() < until and self.exchange_some(memory, work):
            pass

    def exchange_some(self, memory: Any, work: Any) -> bool:
        """Some rounds of that; whether a promise is still broken."""
        jobs, run = len(self._spots), self._engine.run
        found, gone, scratch = (self._engine.ints(n) for n in (2 * jobs, jobs, self._longest))
        run(exchange_rounds)(memory, work, AT_ONCE, found, gone, scratch)
        return bool(run(list_broken)(memory, work, found))

    def _search(self, worker: int, until: float) -> None:
        (memory, work), run = self.begin(worker), self._engine.run
        began = time.monotonic()
        self.exchange(memory, work, began + EXCHANGING * (until - began))
        self.save_promises(memory, work, began + SAVING * (until - began))
        pace, scratch = 20, self._engine.ints(self._longest)
        while (now := time.monotonic()) < until and work[LEAST_COST] > 0:
            run(ruin_rounds)(memory, work, pace, 0.0, 0, scratch)
            spent = time.monotonic() - now
            pace = max(1, min(2 * pace, int(pace * min(SLICE, until - now) / max(spent, 1e-6))))
        run(costs.go_back)(memory, work)
        with self._lock:
            if self._best is None or int(work[LEAST_COST]) < self._best[0]:
                self._best = (int(work[LEAST_COST]), memory)
