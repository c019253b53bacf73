"""What all parts of one drawing share, and the rows that the resources get."""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduler.drawing.families import Paints, paints_of
from scheduler.drawing.scale import Scale
from scheduler.model import Problem, Resource, Schedule, amounts
from scheduler.occupancy import Occupancy, Stay
from scheduler.saying import Calendar

MANY = 24
"""With more resources than this the rows are low."""
BLOCK = 14.0
"""A run of so many pixels is drawn as a block of its own; thinner ones share a path."""
TALL = {"machine": (44, 44), "pool": (48, 48), "batch": (62, 106)}
LOW = {"machine": (26, 26), "pool": (34, 34), "batch": (44, 72)}
"""Heights of rows: least, and that of the largest capacity."""


@dataclass(frozen=True, slots=True)
class Row:
    """A resource's strip of the drawing."""

    resource: Resource
    top: float
    height: float

    @property
    def inner(self) -> tuple[float, float]:
        """Top and height of what is drawn in it."""
        gap = 6 if self.height >= 40 else 3
        return self.top + gap, self.height - 2 * gap


@dataclass(frozen=True)
class View:
    """A plan as it is drawn: who is where, colours, dates, who is late and by how much."""

    problem: Problem
    schedule: Schedule
    plan: Occupancy
    calendar: Calendar
    paints: Paints
    rows: tuple[Row, ...]
    start: int
    end: int
    late: dict[str, int] = field(default_factory=dict)

    @property
    def height(self) -> float:
        """Of all rows together."""
        return self.rows[-1].top + self.rows[-1].height if self.rows else 0

    def is_late(self, stay: Stay) -> bool:
        """Whether its job ends after it is due."""
        return stay.job is not None and stay.job.id in self.late

    def whole(self, width: float) -> Scale:
        """All that is shown in so many pixels."""
        return Scale(self.start, self.end, width)


def view_of(problem: Problem, schedule: Schedule, start: int | None = None, end: int | None = None) -> View:
    """The view of a plan between two minutes; by default from its first start to its last end."""
    plan = Occupancy(problem, schedule)
    places = list(plan.places.values())
    first = min((a.start for a in places), default=0) if start is None else start
    last = max((a.end for a in places), default=first + 1) if end is None else end
    return View(
        problem,
        schedule,
        plan,
        Calendar(problem.origin),
        paints_of(plan),
        _rows(problem),
        first,
        max(last, first + 1),
        _late(problem, plan),
    )


def _late(problem: Problem, plan: Occupancy) -> dict[str, int]:
    """Minutes by which each late job is late; nothing where lateness is not the goal."""
    if problem.goal == "makespan":
        return {}
    ends = {j.id: plan.places[j.operations[-1].id].end for j in problem.jobs if _placed(plan, j.operations)}
    over = {j.id: ends[j.id] - j.due for j in problem.jobs if j.id in ends}
    return {name: minutes for name, minutes in over.items() if minutes > 0}


def _placed(plan: Occupancy, operations: tuple[object, ...]) -> bool:
    return bool(operations) and getattr(operations[-1], "id", None) in plan.places


def _rows(problem: Problem) -> tuple[Row, ...]:
    low = len(problem.resources) > MANY
    largest = max((_room(r) for r in problem.resources if r.kind == "batch"), default=1)
    rows: list[Row] = []
    top = 0.0
    for resource in problem.resources:
        rows.append(Row(resource, top, _height(resource, low, largest)))
        top += rows[-1].height
    return tuple(rows)


def _height(resource: Resource, low: bool, largest: int) -> float:
    """A kiln's row is as high as it holds much."""
    least, most = (LOW if low else TALL)[resource.kind]
    return max(float(least), most * _room(resource) / largest) if resource.kind == "batch" else float(most)


def _room(resource: Resource) -> int:
    return max(1, *amounts(resource.capacity)[:1], 1)


def holds(resource: Resource) -> str:
    """What stands under a resource's name."""
    if resource.kind == "machine":
        return resource.setup or ""
    return "holds " + " × ".join(f"{amount:,}" for amount in amounts(resource.capacity))
