"""When each operation of a job could start and end at the earliest if the job had the plant for itself.

Calendars, lags both ways and facts are respected; other jobs, setups, capacities and least loads are not.
So no plan can do better: this is where lower bounds begin, and how an impossible lag or deadline is told
before any search.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import itemgetter

from scheduler.calendars import Calendar, Span
from scheduler.errors import Unsolvable
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource

FAR = 1 << 60
PATIENCE = 200
"""So often at most a job's operations are pushed back for a largest lag; then the bound is what it is."""

Option = tuple[Calendar, int, int, tuple[Calendar, ...]]
"""A resource's calendar, how long it must be open, how long it is taken, and the calendars of the needs."""


def span_of(mode: Mode, resource: Resource) -> int:
    """From start to end of an operation that does not pause."""
    return resource.loading + mode.minutes + resource.cooling


class Plant:
    """The calendars of the resources, those alike shared, with time closed that facts have taken."""

    def __init__(
        self, resources: Iterable[Resource], blocked: Mapping[str, list[Span]] | None = None
    ) -> None:
        self.resources = {r.id: r for r in resources}
        self.calendars: dict[str, Calendar] = {}
        shared: dict[object, Calendar] = {}
        for r in self.resources.values():
            calendar = shared.setdefault(r.calendar, Calendar(r.calendar))
            taken = (blocked or {}).get(r.id)
            self.calendars[r.id] = calendar.without(taken) if taken else calendar
        self._options: dict[int, tuple[object, list[Option]]] = {}

    def options(self, op: Operation) -> list[Option]:
        """What the modes ask of the calendars, once for modes that ask the same, the shortest first."""
        known = self._options.get(id(op.modes))
        if known is None:
            found = dict.fromkeys(self._option(mode) for mode in op.modes)
            known = (op.modes, sorted(found, key=itemgetter(2)))
            self._options[id(op.modes)] = known
        return known[1]

    def _option(self, mode: Mode) -> Option:
        resource = self.resources[mode.resource]
        span = span_of(mode, resource)
        needs = tuple(self.calendars[need.resource] for need in mode.needs)
        return self.calendars[mode.resource], span - resource.cooling, span, needs

    def earliest(self, op: Operation, start_from: int, end_from: int) -> Span | None:
        """The earliest start and the earliest end, each in whatever mode, that are not before the given."""
        start = end = None
        for option in self.options(op):
            if op.may_pause:
                place = option[0].earliest_pausing(option[1], start_from, end_from)
            else:
                place = _earliest(option, max(start_from, end_from - option[2]))
            if place is not None:
                start = place[0] if start is None or place[0] < start else start
                end = place[1] if end is None or place[1] < end else end
                if place == (start_from, start_from + option[2]):
                    break  # nothing starts earlier, and what takes longer does not end earlier
        return None if start is None or end is None else (start, end)


def _earliest(option: Option, after: int) -> Span | None:
    calendar, open_for, span, needs = option
    start = calendar.fit(open_for, after)
    while start is not None and needs:
        met = start
        for other in needs:
            later = other.fit(span, met)
            if later is None:
                return None
            met = later
        if met == start:
            break
        start = calendar.fit(open_for, met)
    return None if start is None else (start, start + span)


def taken_by_facts(problem: Problem) -> dict[str, list[Span]]:
    """What facts leave to nobody: all they take of machines; of the rest only what is no operation's."""
    operations = problem.operations() if problem.fixed else {}
    machines = {r.id for r in problem.resources if r.kind == "machine"}
    taken: dict[str, list[Span]] = defaultdict(list)
    for fact in problem.fixed:
        if fact.resource in machines or fact.operation not in operations:
            taken[fact.resource].append((fact.start, fact.end))
    return taken


def plant_of(problem: Problem) -> Plant:
    """The problem's resources, with what its facts have taken."""
    return Plant(problem.resources, taken_by_facts(problem))


def earliest_places(job: Job, plant: Plant, facts: Mapping[str, Assignment]) -> list[Span]:
    """The earliest start and end of each operation of a job, by itself: no plan has earlier ones.

    Raises Unsolvable, naming the operation, if the calendars hold no place or the lags cannot be kept.
    """
    places: list[Span] = []
    end_from = [-FAR] * len(job.operations)
    pushes = 0
    while len(places) < len(job.operations):
        k = len(places)
        place = _place(job, k, places, end_from, plant, facts)
        if k and pushes < PATIENCE and _too_late(job.operations[k - 1], places[k - 1], place):
            before = job.operations[k - 1]
            if before.id in facts:
                raise Unsolvable(
                    job.operations[k].id,
                    f"it cannot start before {place[0]}, over the largest lag {before.max_lag} after "
                    f"{before.id}, a fact",
                )
            end_from[k - 1] = place[0] - (before.max_lag or 0)
            del places[k - 1]
            pushes += 1
        else:
            places.append(place)
    return places


def _too_late(before: Operation, place: Span, after: Span) -> bool:
    return before.max_lag is not None and after[0] - place[1] > before.max_lag


def _place(
    job: Job,
    k: int,
    places: list[Span],
    end_from: list[int],
    plant: Plant,
    facts: Mapping[str, Assignment],
) -> Span:
    op = job.operations[k]
    fact = facts.get(op.id) if facts else None
    if fact is not None:
        return fact.start, fact.end
    start_from = job.release if job.release > op.release else op.release
    if k:
        start_from = max(start_from, places[k - 1][1] + job.operations[k - 1].min_lag)
    place = plant.earliest(op, start_from, end_from[k])
    if place is None:
        pushed = next((n for n in (k, k - 1) if n >= 0 and end_from[n] > -FAR), None)
        if pushed is not None:
            raise _lag_impossible(job, pushed)
        names = ", ".join(dict.fromkeys(mode.resource for mode in op.modes))
        raise Unsolvable(
            op.id, f"it cannot start before {start_from}, and {names} has no open window for it from then on"
        )
    return place


def _lag_impossible(job: Job, k: int) -> Unsolvable:
    op, following = job.operations[k], job.operations[k + 1]
    return Unsolvable(
        op.id,
        f"no windows of its resources and of those of {following.id} meet its largest lag {op.max_lag}",
    )
