"""How time is spent: the whole model where it is small, else ruin and recreate with CP-SAT windows."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from scheduler.errors import Conflict
from scheduler.improve import Chosen, Plan, Ruin
from scheduler.model import Assignment, Problem
from scheduler.timetable import Timetable

SMALL_PAIRS = 60_000
SMALL_OPERATIONS = 12_000
WINDOW_SECONDS = 2.0
EFFORT = 0.02
"""CP-SAT's deterministic seconds for one window, where rounds bound the search instead of time."""
MARGIN = 0.15
PATIENCE = {True: 0.9, False: 0.2}
"""The part of the time that may be waited for the model to load; the search beside it would slow it down."""

WARMING = 0.1
"""The part of the time that a small problem is worked on by ruin and recreate before the exact model."""

Tell = Callable[[Iterable[Assignment]], None]


class Search:
    """One improvement run. `timetable` holds the best plan; `lower_bound` grows with what is proven."""

    def __init__(
        self,
        problem: Problem,
        timetable: Timetable,
        lower_bound: int,
        *,
        workers: int,
        seed: int,
        anchors: Mapping[str, Assignment] | None = None,
        move_cost: int = 0,
        exact: bool = True,
    ) -> None:
        self.problem = problem
        self.timetable = timetable
        self.lower_bound = lower_bound
        self.workers = workers
        self.plan = Plan(problem, timetable, anchors, move_cost)
        self.ruin = Ruin(self.plan, seed)
        self.seed = seed
        self.exact = exact
        self.tell: Tell | None = None

    @property
    def objective(self) -> int:
        """The best value so far of the goal over the jobs that may still move."""
        return self.ruin.best

    def run(self, until: float, rounds: int | None = None, tell: Tell | None = None) -> None:
        """Improve until a moment of the monotonic clock, for a number of rounds, or down to the bound."""
        self.tell = tell
        if not self._open():
            return
        if not self.exact:
            self._alternate(until, rounds, lambda: False)
            return
        loading = _start_loading()
        now = time.monotonic()
        small = is_small(self.problem)
        loading.join(None if rounds is not None else PATIENCE[small] * (until - now))
        if small:
            now = time.monotonic()
            warm = now + WARMING * (until - now)
            self._alternate(until, rounds, lambda: time.monotonic() > warm and not loading.is_alive())
            if self._open() and not loading.is_alive():
                self._whole(until, rounds)
            self._alternate(until, rounds, lambda: False)
        else:
            self._alternate(until, rounds, lambda: False, windows=loading)

    def _open(self) -> bool:
        return bool(self.plan.rests) and self.objective > self.lower_bound

    def _alternate(
        self,
        until: float,
        rounds: int | None,
        enough: Callable[[], bool],
        windows: threading.Thread | None = None,
    ) -> None:
        """Ruin and recreate, and once the model is loaded in a third of the time a window."""
        spent, told, done = 0.0, self.objective, 0
        while self._open() and time.monotonic() < until and (rounds is None or done < rounds):
            if rounds is None and enough():
                break
            began = time.monotonic()
            if windows and done % 50 == 49 and (rounds or spent < 0.0) and not windows.is_alive():
                self._window(until, rounds)
                spent += 2 * (time.monotonic() - began)
            else:
                self.ruin.round()
                spent -= time.monotonic() - began
            done += 1
            if self.tell and self.objective < told and done % 20 == 0:
                told = self.objective
                self.ruin.back_to_best()
                self.tell(self.timetable.assignments())
        self.ruin.back_to_best()

    def _window(self, until: float, rounds: int | None) -> None:
        """An exact model of a costly job and the jobs in its way."""
        chosen = self.ruin.choose(6, 10)
        slack = 2880
        bounds = {n: max(self.plan.end(n), self.plan.rests[n].job.due) + slack for n in chosen}
        seconds = min(WINDOW_SECONDS, until - time.monotonic() - MARGIN)
        if seconds > 0.05:
            self._solve(chosen, bounds, seconds, None if rounds is None else EFFORT)

    def _whole(self, until: float, rounds: int | None) -> None:
        """An exact model of everything that may move; what it proves is a bound."""
        limit = self.objective
        everything = dict.fromkeys(range(len(self.plan.rests)), 0)
        bounds = {n: self._latest(n, limit) for n in everything}
        effort = None if rounds is None else EFFORT * max(5.0, rounds / 10)
        seconds = until - time.monotonic() - MARGIN
        if seconds > 0.05:
            bound = self._solve(everything, bounds, seconds, effort, whole=True)
            if bound is not None:
                self.lower_bound = max(self.lower_bound, bound)

    def _latest(self, n: int, limit: int) -> int:
        """A plan in which job n ends later costs more than `limit`."""
        job = self.plan.rests[n].job
        if self.problem.goal == "makespan":
            return limit
        return job.due + limit // job.weight if job.weight else self.problem.horizon

    def _solve(
        self,
        chosen: Chosen,
        bounds: dict[int, int],
        seconds: float,
        effort: float | None,
        *,
        whole: bool = False,
    ) -> int | None:
        """Take jobs out, solve them exactly, put the better places back. Returns a proven bound, if any."""
        from scheduler.cpsat import Window  # takes seconds to load, so not before it is needed

        plan = self.plan
        self.ruin.back_to_best()
        rests = [plan.rests[n] for n in chosen]
        before = plan.total(plan.costs[n] for n in chosen)
        old = plan.take_out(chosen)
        names = set(plan.names(chosen))
        until = {plan.rests[n].job.id: bounds[n] for n in chosen}
        try:
            window = Window(self.problem, self.timetable, [rest.job for rest in rests], names, until)
        except ValueError:
            plan.restore(old, self.ruin.operations)
            return None
        window.hint({place.operation: place for place in old})
        found = self._streamed if whole and self.tell else None
        answer = window.solve(
            seconds, workers=self.workers, seed=self.seed + self.ruin.count, effort=effort, found=found
        )
        self._exchange(chosen, old, answer.places, before)
        return answer.bound if whole and window.exact() and answer.places else None

    def _streamed(self, places: list[Assignment]) -> None:
        assert self.tell is not None
        self.tell([*self.timetable.assignments(), *places])

    def _exchange(
        self, chosen: Chosen, old: list[Assignment], new: Sequence[Assignment], before: int
    ) -> None:
        """Put the new places in; the old ones again if the new do not fit or are no better."""
        plan = self.plan
        try:
            plan.restore(new or old, self.ruin.operations)
        except Conflict:
            for name in plan.names(chosen):
                if name in self.timetable:
                    self.timetable.remove(name)
            plan.restore(old, self.ruin.operations)
        if plan.total(plan.cost(n) for n in chosen) > before:
            plan.take_out(chosen)
            plan.restore(old, self.ruin.operations)
        self.ruin.note(chosen)


def load_model() -> None:
    """Load CP-SAT now, which takes seconds, rather than within the first time limit. For servers."""
    importlib.import_module("scheduler.cpsat")


def _start_loading() -> threading.Thread:
    """Load CP-SAT beside the search, however long it takes; the thread is over when it is there."""
    thread = threading.Thread(target=load_model, name="load CP-SAT", daemon=True)
    thread.start()
    return thread


def is_small(problem: Problem) -> bool:
    """Whether one exact model of everything is worth building: few operations, few pairs with setups."""
    demand: dict[str, int] = {}
    operations = 0
    for job in problem.jobs:
        for op in job.operations:
            operations += 1
            for mode in op.modes:
                demand[mode.resource] = demand.get(mode.resource, 0) + 1
    pairs = sum(demand.get(r.id, 0) ** 2 for r in problem.resources if r.setup or r.kind == "batch")
    return operations <= SMALL_OPERATIONS and pairs <= SMALL_PAIRS
