"""The one index of free slots, open firings and load profiles that dispatch, promise and repair share."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping

from scheduler.errors import Conflict, ProblemError
from scheduler.lines import FAR, Setups
from scheduler.model import Assignment, Operation, Resource, SetupMatrix
from scheduler.stations import Kiln, Machine, Pool, Station


class Timetable:
    """Who is where, and what is free. Nothing before `frozen_before` can be taken or joined.

    `place` and `remove` keep the index as they go; `earliest` changes nothing. `version` grows with each
    change, so that a caller can tell whether a place it was shown may be gone.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        setups: Mapping[str, SetupMatrix] | None = None,
        *,
        frozen_before: int = 0,
    ) -> None:
        matrices = {name: Setups(matrix) for name, matrix in (setups or {}).items()}
        self.frozen_before = frozen_before
        self.version = 0
        self.stations: dict[str, Station] = {r.id: _station(r, matrices) for r in resources}
        self.starts: dict[str, list[tuple[int, str]]] = {name: [] for name in self.stations}
        self._placed: dict[str, tuple[Assignment, Operation | None]] = {}

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self._placed

    def __len__(self) -> int:
        return len(self._placed)

    def get(self, operation_id: str) -> Assignment | None:
        """Where an operation is, or None."""
        found = self._placed.get(operation_id)
        return found[0] if found else None

    def assignments(self) -> Iterator[Assignment]:
        """Everything placed, in the order it was placed."""
        return (assignment for assignment, _ in self._placed.values())

    def place(self, assignment: Assignment, operation: Operation) -> None:
        """Take this place. Raises Conflict if it is not free, frozen, or the operation placed already."""
        if assignment.operation in self._placed:
            raise Conflict(f"operation {assignment.operation} is placed already")
        if assignment.start < self.frozen_before:
            raise Conflict(f"operation {assignment.operation} would start in the frozen time")
        self._check_mode(assignment, operation)
        try:
            self.stations[assignment.resource].place(
                operation, assignment.start, assignment.end, self.frozen_before
            )
        except Conflict as conflict:
            raise Conflict(f"operation {assignment.operation} on {assignment.resource}: {conflict}") from None
        self._note(assignment, operation)

    def place_fact(self, assignment: Assignment, operation: Operation | None = None) -> None:
        """Take this place whatever the rules say: it has started, is frozen, or blocks the resource.

        Without an operation it takes the whole resource for that time.
        """
        if assignment.operation in self._placed:
            raise Conflict(f"operation {assignment.operation} is placed already")
        if assignment.resource not in self.stations:
            raise ProblemError(
                f"operation {assignment.operation}", f"there is no resource {assignment.resource}"
            )
        station = self.stations[assignment.resource]
        station.take_fact(operation, assignment.operation, assignment.start, assignment.end)
        self._note(assignment, operation)

    def _note(self, assignment: Assignment, operation: Operation | None) -> None:
        self._placed[assignment.operation] = (assignment, operation)
        insort(self.starts[assignment.resource], (assignment.start, assignment.operation))
        self.version += 1

    def remove(self, operation_id: str) -> Assignment:
        """Give a place back and return it. Raises Conflict if the operation is not placed."""
        if operation_id not in self._placed:
            raise Conflict(f"operation {operation_id} is not placed")
        assignment, operation = self._placed.pop(operation_id)
        station = self.stations[assignment.resource]
        station.remove(operation, operation_id, assignment.start, assignment.end)
        names = self.starts[assignment.resource]
        del names[bisect_left(names, (assignment.start, operation_id))]
        self.version += 1
        return assignment

    def earliest(
        self,
        operation: Operation,
        not_before: int,
        *,
        end_after: int = -FAR,
        start_by: int = FAR,
        join_within: int = 0,
    ) -> Assignment | None:
        """The place with the earliest end, in any of the modes, that starts at or after `not_before`.

        `end_after`: it must not end before this. `start_by`: it must not start after this. `join_within`: a
        firing that exists is preferred to a new one that ends up to so many minutes earlier. None if the
        calendars hold no such place.
        """
        floor = max(not_before, operation.release, self.frozen_before)
        best: Assignment | None = None
        limit = FAR
        for mode in operation.modes:
            after = max(floor, end_after - mode.minutes)
            bound = min(limit, start_by + mode.minutes)
            station = self.stations[mode.resource]
            start = station.fit(operation, mode.minutes, after, bound, self.frozen_before)
            if start >= 0:
                best = Assignment(operation.id, mode.resource, start, start + mode.minutes)
                limit = best.end - 1
        if join_within and best is not None:
            return self._join(operation, floor, end_after, start_by, best, join_within) or best
        return best

    def _join(
        self, operation: Operation, floor: int, end_after: int, start_by: int, best: Assignment, within: int
    ) -> Assignment | None:
        """The earliest firing to join instead of opening a new one, at most `within` minutes after `best`."""
        found: Assignment | None = None
        limit = best.end + within
        for mode in operation.modes:
            kiln = self.stations[mode.resource]
            if not isinstance(kiln, Kiln):
                return None
            after = max(floor, end_after - mode.minutes)
            start = kiln.join(operation, mode.minutes, after, min(limit, start_by + mode.minutes))
            if start >= 0:
                found = Assignment(operation.id, mode.resource, start, start + mode.minutes)
                limit = found.end - 1
        return found

    def joins(self, assignment: Assignment, operation: Operation) -> bool:
        """Whether the operation, placed so, shares a firing that exists."""
        kiln = self.stations[assignment.resource]
        return isinstance(kiln, Kiln) and kiln.joins(operation, assignment.start, assignment.end) is not None

    def is_unlit(self, assignment: Assignment) -> bool:
        """Whether the place is a firing's and no such firing is planned."""
        station, start = self.stations[assignment.resource], assignment.start
        return isinstance(station, Kiln) and not self.between(assignment.resource, start, start + 1)

    def room_around(self, assignment: Assignment) -> tuple[int | None, int | None]:
        """Minutes from the end of what is planned before it, and to the start of what is planned after it, on
        its resource; None where nothing is. For a place that is not taken."""
        names = self.starts[assignment.resource]
        at = bisect_left(names, (assignment.start, ""))
        before = assignment.start - self._placed[names[at - 1][1]][0].end if at else None
        after = names[at][0] - assignment.end if at < len(names) else None
        return before, after

    def between(self, resource: str, start: int, end: int) -> list[str]:
        """The operations that start on a resource in [start, end), in order of time."""
        names = self.starts[resource]
        lo, hi = bisect_left(names, (start, "")), bisect_left(names, (end, ""))
        return [name for _, name in names[lo:hi]]

    def _check_mode(self, assignment: Assignment, operation: Operation) -> None:
        for mode in operation.modes:
            if mode.resource == assignment.resource and assignment.start + mode.minutes == assignment.end:
                return
        raise Conflict(
            f"operation {operation.id} has no mode of {assignment.end - assignment.start} minutes "
            f"on {assignment.resource}"
        )


def _station(resource: Resource, matrices: Mapping[str, Setups]) -> Station:
    if resource.setup is not None and resource.setup not in matrices:
        raise ProblemError(f"resource {resource.id}", f"there is no setup matrix {resource.setup}")
    setups = matrices[resource.setup] if resource.setup is not None else None
    if resource.kind == "machine":
        return Machine(resource, setups)
    if resource.kind == "batch":
        return Kiln(resource, setups)
    return Pool(resource)
