"""Why a job ends when it does: the chain of causes, walking back from its end.

The causes lie end to end: together they fill the time from the job's release (or its first start, if that is
earlier) to its end, so their minutes add up to its flow time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from scheduler.errors import SchedulerError
from scheduler.model import Job, Operation, Problem, Resource, Schedule
from scheduler.occupancy import Occupancy, window_at
from scheduler.reasons import Wait, WaitKind
from scheduler.saying import Calendar, span

CauseKind = Literal["work", "loading", "cooling", "rest", "predecessor", "release"] | WaitKind
WORK: frozenset[CauseKind] = frozenset(("work", "loading", "cooling"))
"""The kinds in which something is done to the job; all others are waits."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why one stretch of a job's time passes, from minute `start` to `end`.

    kind: "work", "loading", "cooling"; "rest" (a pausing operation in closed time); "predecessor" (smallest
    lag); "release"; "calendar" (closed, or too short a window); "resource" (busy, full, or too small a gap);
    "setup"; "firing" (its other members are not ready); "need" (a secondary resource is taken); "successor"
    (held back because of a largest lag); "choice" (it could have started, the plan has it later).
    `by`: the operations, or other occupancy, in the way, in order of time. `sentence` says it all.
    """

    kind: CauseKind
    operation: str
    start: int
    end: int
    resource: str | None = None
    by: tuple[str, ...] = ()
    how: str = ""
    sentence: str = ""

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.end - self.start


def why(problem: Problem, schedule: Schedule, job_id: str) -> tuple[Cause, ...]:
    """The causes behind a job's finish, the last one first.

    Raises SchedulerError when there is no such job, or the plan does not hold all of it.
    """
    job = next((j for j in problem.jobs if j.id == job_id), None)
    if job is None:
        raise SchedulerError(f"there is no job {job_id} in problem {problem.name}")
    plan = Occupancy(problem, schedule)
    missing = [op.id for op in job.operations if op.id not in plan.places]
    if missing:
        raise SchedulerError(f"the schedule has no place for operation {missing[0]} of job {job_id}")
    calendar = Calendar(problem.origin)
    causes = _joined(_Walk(plan, job).causes())
    return tuple(replace(c, sentence=sentence(plan, calendar, c)) for c in causes)


class _Walk:
    """From a job's end to its beginning. What is taken off the clock is never counted again."""

    def __init__(self, plan: Occupancy, job: Job) -> None:
        self.plan = plan
        self.job = job
        self.places = [plan.places[op.id] for op in job.operations]

    def causes(self) -> Iterator[Cause]:
        clock = self.places[-1].end
        for k in range(len(self.places) - 1, -1, -1):
            op, place = self.job.operations[k], self.places[k]
            if place.start < clock:
                yield from _within(self.plan, op, min(place.end, clock))
                clock = place.start
            yield from self._before(k, clock)
            clock = min(clock, self.places[k - 1].end if k else self.job.release)

    def _before(self, k: int, clock: int) -> Iterator[Cause]:
        """What operation k waited for before it started at `clock`."""
        op = self.job.operations[k]
        since = self.places[k - 1].end if k else self.job.release
        lag_over = min(clock, since + (self.job.operations[k - 1].min_lag if k else 0))
        ready = min(clock, max(lag_over, op.release, self.job.release))
        yield from self._waits(k, ready, clock)
        if ready > lag_over:
            yield Cause("release", op.id, lag_over, ready)
        if lag_over > since:
            yield Cause("predecessor", op.id, since, lag_over, by=(self.job.operations[k - 1].id,))

    def _waits(self, k: int, ready: int, clock: int) -> Iterator[Cause]:
        if ready >= clock:
            return
        op = self.job.operations[k]
        following = self.places[k + 1].start if k + 1 < len(self.places) else None
        wait = Wait(self.plan, op, ready, following, _readies(self.plan, op))
        turns = wait.turns()
        for start, end in reversed(list(zip(turns, [*turns[1:], clock], strict=True))):
            reason = wait.reason(start)
            by = () if reason.by is None else (reason.by,)
            if reason.kind == "successor":
                by = (self.job.operations[k + 1].id,)
            yield Cause(reason.kind, op.id, start, end, reason.resource, by, reason.how)


def _readies(plan: Occupancy, op: Operation) -> dict[str, int]:
    """When each member of the operation's firing was ready."""
    place = plan.places[op.id]
    if plan.resources[place.resource].kind != "batch":
        return {}
    members = [s for s in plan.stays[place.resource] if s.start == place.start and s.job and s.op]
    return {s.name: _ready(plan, s.job, s.op) for s in members if s.job and s.op}


def _ready(plan: Occupancy, job: Job, op: Operation) -> int:
    k = job.operations.index(op)
    ready = max(job.release, op.release)
    if k:
        before = plan.places.get(job.operations[k - 1].id)
        if before is not None:
            ready = max(ready, before.end + job.operations[k - 1].min_lag)
    return ready


def _within(plan: Occupancy, op: Operation, end: int) -> Iterator[Cause]:
    """What is done from the operation's start until `end`, last thing first."""
    place = plan.places[op.id]
    resource = plan.resources[place.resource]
    if op.may_pause:
        yield from _with_rests(resource, op, place.start, end)
        return
    work = min(end, max(place.start, place.end - resource.cooling))
    begun = min(work, place.start + resource.loading)
    parts: list[tuple[CauseKind, int, int]] = [
        ("cooling", work, end),
        ("work", begun, work),
        ("loading", place.start, begun),
    ]
    for kind, a, b in parts:
        if a < b:
            yield Cause(kind, op.id, a, b, resource.id)


def _with_rests(resource: Resource, op: Operation, start: int, end: int) -> Iterator[Cause]:
    windows = sorted(resource.calendar)
    cuts = sorted({start, end, *(t for w in windows for t in w if start < t < end)})
    for a, b in reversed(list(pairwise(cuts))):
        yield Cause("work" if window_at(windows, a) else "rest", op.id, a, b, resource.id)


def _joined(causes: Iterable[Cause]) -> list[Cause]:
    """Neighbours of one kind as one: a queue of many operations is one wait."""
    found: list[Cause] = []
    for cause in causes:
        if found and _alike(cause, found[-1]):
            last = found[-1]
            by = last.by if last.by[:1] == cause.by else cause.by + last.by
            found[-1] = replace(last, start=cause.start, by=by, how=_how(cause, last))
        else:
            found.append(cause)
    return found


def _alike(earlier: Cause, later: Cause) -> bool:
    if (earlier.kind, earlier.operation, earlier.resource) != (later.kind, later.operation, later.resource):
        return False
    return earlier.end == later.start and not (earlier.how == "" and later.how == "short")


def _how(earlier: Cause, later: Cause) -> str:
    """A window that is too short and the closed time after it are one wait of the first kind."""
    if earlier.how == later.how or earlier.how == "short":
        return earlier.how
    return ""


# ---- in words ----


def sentence(plan: Occupancy, calendar: Calendar, cause: Cause) -> str:
    """The cause in one plain sentence."""
    until, who, at = calendar.moment(cause.end), cause.operation, cause.resource
    match cause.kind:
        case "work":
            return f"{at} works on {who} until {until}."
        case "loading":
            return f"{at} is loaded for {span(cause.minutes)}, until {until}."
        case "cooling":
            return f"{at} cools for {span(cause.minutes)}, until {until}."
        case "rest":
            return f"{at} is closed until {until}; {who} rests in it."
        case "predecessor":
            return f"{who} may start {span(cause.minutes)} after {cause.by[0]} at the earliest, at {until}."
        case "release":
            return f"{who} is not released before {until}."
        case "setup":
            return (
                f"{at} changes over from {_family(plan, cause.by[0])} to {_family(plan, who)} until {until}."
            )
        case "firing":
            return f"The firing on {at} waits for {_of_job(plan, cause.by[-1])}, ready at {until}."
        case "need":
            return f"{who} needs {at} besides, which {_of_job(plan, cause.by[-1])} has until {until}."
        case "successor":
            return f"{who} is held back for {cause.by[0]}: only so much time may pass between them."
        case "choice":
            return f"{who} could have started at {calendar.moment(cause.start)}; the plan has it at {until}."
        case "calendar":
            return _closed(plan, cause, until)
        case "resource":
            return _busy(plan, cause, until)


def _closed(plan: Occupancy, cause: Cause, until: str) -> str:
    if cause.how == "short":
        return f"{cause.resource} closes too soon for {cause.operation}, which waits until {until}."
    return f"{cause.resource} is closed until {until}."


def _busy(plan: Occupancy, cause: Cause, until: str) -> str:
    last = _of_job(plan, cause.by[-1])
    if cause.how == "full":
        return f"{cause.resource} is full until {until}, when {last} leaves it."
    if len(cause.by) > 1:
        return f"{cause.resource} is busy with {len(cause.by)} operations until {until}, at last with {last}."
    if cause.how == "gap":
        return f"The gap on {cause.resource} before {last} is too small for {cause.operation}; until {until}."
    return f"{cause.resource} is busy with {last} until {until}."


def _of_job(plan: Occupancy, operation: str) -> str:
    job = plan.jobs.get(operation)
    return f"{operation} of job {job.id}" if job else operation


def _family(plan: Occupancy, operation: str) -> str:
    op = plan.operations.get(operation)
    return op.family or "nothing" if op else operation
