"""A first plan by rules: time runs forward, and what becomes free takes the most urgent work that suits it.

Urgency is that of ATCS (apparent tardiness cost with setups): weight over minutes, discounted by slack and by
the setup it would cost. Kilns weigh whole loads by the same measure and may wait until a load is full or
urgent. Operations bound by a short largest lag are placed together; a long one that broke is mended last.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from scheduler.lines import FAR
from scheduler.model import Assignment, Job, Mode, Operation, Problem
from scheduler.promising import Chain
from scheduler.stations import Kiln, Machine, Pool
from scheduler.timetable import Timetable

LOOSE = 1440
TRIES = 6
READY, FREE = 0, 1


@dataclass(frozen=True, slots=True)
class Rules:
    """How urgency is weighed. Minutes, except `fill`: the part of a kiln's capacity worth a firing."""

    slack: float = 3000.0
    setup: float = 10.0
    fill: float = 0.6
    patience: float = 600.0


@dataclass(slots=True, eq=False)
class Step:
    """One operation on its way. `block`: how many are placed with it; `latest`: its last start in time."""

    op: Operation
    job: Job
    place: int
    block: int
    latest: int
    worth: float
    key: float
    number: int
    done: bool = False


Heap = list[tuple[float, int, Step]]
"""Steps of one family (and one duration, at a kiln) waiting at one resource, most urgent first."""


def dispatch(problem: Problem, rules: Rules | None = None, *, frozen_before: int = 0) -> Timetable:
    """A feasible plan as a timetable. Raises Unsolvable when the calendars run out."""
    return Dispatcher(problem, rules or Rules(), frozen_before).run()


def rest_of(timetable: Timetable, job: Job) -> tuple[tuple[Operation, ...], int, int]:
    """What of a job is not placed yet, from when it may start, and until when it must (a largest lag)."""
    ready, deadline, first = job.release, FAR, 0
    for k, op in enumerate(job.operations):
        place = timetable.get(op.id)
        if place is None:
            break
        first = k + 1
        ready = max(job.release, place.end + op.min_lag)
        deadline = FAR if op.max_lag is None else place.end + op.max_lag
    return job.operations[first:], ready, deadline


class Dispatcher:
    """One run of the clock over one problem."""

    def __init__(self, problem: Problem, rules: Rules, frozen_before: int) -> None:
        self.problem = problem
        self.rules = rules
        self.timetable = Timetable(problem.resources, problem.setups, frozen_before=frozen_before)
        self.steps: dict[str, list[Step]] = {}
        self.queues: dict[str, dict[tuple[int, int], Heap]] = {r.id: {} for r in problem.resources}
        self.wakes: dict[str, int] = {}
        self.busy_until: dict[str, int] = {}
        self.setting: dict[str, int] = {}
        self.events: list[tuple[int, int, int, Step | str]] = []
        self.count = 0

    def run(self) -> Timetable:
        """Place everything and return the timetable."""
        self._place_facts()
        for job in self.problem.jobs:
            self._enter(job)
        while self.events:
            moment, _, _, what = heappop(self.events)
            if isinstance(what, Step):
                self._arrive(what, moment)
            elif self.wakes.get(what) == moment:
                del self.wakes[what]
                self._decide(what, moment)
        self._mend()
        return self.timetable

    def _place_facts(self) -> None:
        """Facts first, then at once what a largest lag binds to them, the most pressing first."""
        operations = self.problem.operations() if self.problem.fixed else {}
        for fact in self.problem.fixed:
            self.timetable.place_fact(fact, operations.get(fact.operation))
        bound = []
        for number, job in enumerate(self.problem.jobs if self.problem.fixed else ()):
            rest, ready, deadline = rest_of(self.timetable, job)
            if rest and deadline < FAR:
                bound.append((deadline, number, Chain(self.timetable, rest, ready, deadline=deadline)))
        for _, _, chain in sorted(bound, key=lambda b: b[:2]):
            chain.place()

    def _enter(self, job: Job) -> None:
        """Make the job's steps; the first that is not placed becomes ready at its time."""
        tail = block = 0
        steps: list[Step] = []
        for place in range(len(job.operations) - 1, -1, -1):
            op = job.operations[place]
            minutes = min((m.minutes for m in op.modes), default=0)
            tight = op.max_lag is not None and op.max_lag < LOOSE and bool(steps)
            block = block + 1 if tight else 1
            tail += (op.min_lag if steps else 0) + minutes
            worth = math.log(max(job.weight, 0.01) / max(minutes, 1))
            latest = job.due - tail
            key = latest - self.rules.slack * worth
            self.count += 1
            steps.append(Step(op, job, place, block, latest, worth, key, self.count))
        self.steps[job.id] = steps = steps[::-1]
        rest, ready, _ = rest_of(self.timetable, job)
        if rest:
            self._push(max(ready, self.timetable.frozen_before), READY, steps[-len(rest)])

    # ---- the clock ----

    def _push(self, moment: int, kind: int, what: Step | str) -> None:
        self.count += 1
        heappush(self.events, (moment, kind, self.count, what))

    def _wake(self, resource: str, moment: int) -> None:
        if self.wakes.get(resource, FAR) > moment:
            self.wakes[resource] = moment
            self._push(moment, FREE, resource)

    def _arrive(self, step: Step, now: int) -> None:
        """An operation may start from now on: it takes a pool, joins a firing, or enters the queues."""
        if step.op.release > now:
            self._push(step.op.release, READY, step)
            return
        stations = self.timetable.stations
        if any(isinstance(stations[m.resource], Pool) for m in step.op.modes):
            self._take(step, Chain(self.timetable, self._block(step), now).solve())
        elif not (step.block == 1 and self._joins(step, now)):
            self._queue(step, now)

    def _queue(self, step: Step, now: int) -> None:
        for mode in sorted(step.op.modes, key=lambda m: m.minutes):  # of idle ones the quickest decides first
            station = self.timetable.stations[mode.resource]
            assert isinstance(station, (Machine, Kiln))
            minutes = mode.minutes if isinstance(station, Kiln) else 0
            heap = self.queues[mode.resource].setdefault((station.family(step.op), minutes), [])
            heappush(heap, (step.key, step.number, step))
            self._wake(mode.resource, max(now, self.busy_until.get(mode.resource, 0)))

    def _block(self, step: Step) -> tuple[Operation, ...]:
        return step.job.operations[step.place : step.place + step.block]

    def _take(self, step: Step, places: list[Assignment]) -> list[Assignment]:
        """Place a step and what is bound to it; what follows becomes ready in its time."""
        steps = self.steps[step.job.id]
        if len(places) > 1:
            places = Chain(self.timetable, self._block(step), places[0].start).take(places)
        else:
            self.timetable.place(places[0], step.op)
        for one in steps[step.place : step.place + len(places)]:
            one.done = True
        after = step.place + len(places)
        if after < len(steps):
            ready = places[-1].end + steps[after - 1].op.min_lag
            self._push(ready, READY, steps[after])
        return places

    # ---- a resource decides ----

    def _decide(self, resource: str, now: int) -> None:
        station = self.timetable.stations[resource]
        if isinstance(station, Kiln):
            later = self._fire(station, now)
        else:
            assert isinstance(station, Machine)
            later = self._run_one(station, now)
        if later < FAR:
            self._wake(resource, max(later, now + 1))

    def _heads(self, resource: str) -> Iterator[tuple[int, int, Heap]]:
        """(family, minutes, heap) of what waits, with what is done dropped from the heap's top."""
        for (family, minutes), heap in self.queues[resource].items():
            while heap and heap[0][2].done:
                heappop(heap)
            if heap:
                yield family, minutes, heap

    def _score(self, step: Step, now: int) -> float:
        """The logarithm of the ATC index."""
        slack = step.latest - now
        if slack < 0 and self.problem.goal == "weighted_tardiness":
            slack = 0
        return step.worth - slack / self.rules.slack

    def _setup(self, station: Machine | Kiln, family: int) -> int:
        setups = station.line.setups
        before = self.setting.get(station.resource.id)
        return setups.rows[before][family] if setups is not None and before is not None else 0

    def _run_one(self, machine: Machine, now: int) -> int:
        """Start the best operation that can start now; return when to look again."""
        resource = machine.resource.id
        ranked = []
        for family, _, heap in self._heads(resource):
            setup = self._setup(machine, family)
            ranked.append(
                (setup / self.rules.setup - self._score(heap[0][2], now), setup, family, heap[0][2])
            )
        ranked.sort(key=lambda r: r[0])
        later = FAR
        for _, setup, family, step in ranked[:TRIES]:
            places = self._try(step, resource, now)
            if places and places[0].start <= now + setup:
                first = self._take(step, places)[0]
                if first.resource != resource:
                    return now
                self.setting[resource] = family
                self.busy_until[resource] = first.end
                return first.end
            if places:
                later = min(later, places[0].start - setup)
        return later

    def _try(self, step: Step, resource: str, now: int) -> list[Assignment]:
        """Where the step and what is bound to it would go if it ran here; nothing if the calendar is over."""
        mode = next(m for m in step.op.modes if m.resource == resource)
        if step.block > 1:
            first = replace(step.op, modes=(mode,))
            chain = Chain(self.timetable, (first, *self._block(step)[1:]), now)
            return chain.solve()
        start = self.timetable.stations[resource].fit(step.op, mode.minutes, now, FAR, 0)
        return [Assignment(step.op.id, resource, start, start + mode.minutes)] if start >= 0 else []

    # ---- kilns ----

    def _joins(self, step: Step, now: int) -> bool:
        """Join a firing that is decided but has not begun."""
        best: tuple[int, Mode] | None = None
        for mode in step.op.modes:
            station = self.timetable.stations[mode.resource]
            if isinstance(station, Kiln):
                start = station.join(step.op, mode.minutes, max(now, self.timetable.frozen_before))
                if start >= 0 and (best is None or start + mode.minutes < best[0]):
                    best = start + mode.minutes, mode
        if best is None:
            return False
        end, mode = best
        self._take(step, [Assignment(step.op.id, mode.resource, end - mode.minutes, end)])
        return True

    def _fire(self, kiln: Kiln, now: int) -> int:
        """Start the best load if it is worth it; return when to look again."""
        later = FAR
        ranked = []
        for family, minutes, heap in self._heads(kiln.resource.id):
            load = self._load(kiln, heap)
            if load:
                value, wait = self._value(kiln, load, now)
                value -= self._setup(kiln, family) / (10 * self.rules.setup)
                ranked.append((-value, wait, family, minutes, load))
        ranked.sort(key=lambda r: r[0])
        for _, wait, family, minutes, load in ranked:
            if wait > now:
                later = min(later, wait)
                continue
            start = kiln.line.fit(family, minutes, now)
            if 0 <= start <= now + self._setup(kiln, family):
                for step in load:
                    self._take(step, [Assignment(step.op.id, kiln.resource.id, start, start + minutes)])
                self.setting[kiln.resource.id] = family
                self.busy_until[kiln.resource.id] = start + minutes
                return start + minutes
            if start >= 0:
                later = min(later, start - self._setup(kiln, family))
        return later

    def _load(self, kiln: Kiln, heap: Heap) -> list[Step]:
        """The most urgent that fit one firing together."""
        waiting = [entry for entry in heap if not entry[2].done]
        if len(waiting) < len(heap):
            waiting.sort()
            heap[:] = waiting
        room = kiln.capacity
        load = []
        for _, _, step in sorted(waiting):
            if step.op.size <= room:
                load.append(step)
                room -= step.op.size
                if not room:
                    break
        return load

    def _value(self, kiln: Kiln, load: list[Step], now: int) -> tuple[float, int]:
        """How good a load is, and until when it may wait to become fuller."""
        value = math.log(sum(math.exp(max(-500.0, min(500.0, self._score(s, now)))) for s in load))
        filled = sum(s.op.size for s in load) / max(kiln.capacity, 1)
        if filled >= self.rules.fill:
            return value, now
        return value, int(min(s.latest for s in load) - self.rules.patience)

    # ---- the end ----

    def _mend(self) -> None:
        """Jobs with a broken largest lag, or left over, go anew where everything fits."""
        for job in self.problem.jobs:
            if self._broken(job):
                facts = {fact.operation for fact in self.problem.fixed}
                for op in job.operations:
                    if op.id in self.timetable and op.id not in facts:
                        self.timetable.remove(op.id)
                rest, ready, deadline = rest_of(self.timetable, job)
                Chain(self.timetable, rest, ready, deadline=deadline).place()

    def _broken(self, job: Job) -> bool:
        before: Assignment | None = None
        lag: int | None = None
        for op in job.operations:
            place = self.timetable.get(op.id)
            if place is None:
                return True
            if before is not None and lag is not None and place.start > before.end + lag:
                return True
            before, lag = place, op.max_lag
        return False
