"""Setup minutes between families, and where they can be tricked."""

from __future__ import annotations

from scheduler.earliest import span_of
from scheduler.model import Problem, Resource, SetupMatrix


class Setups:
    """The minutes between two families on a resource; none where a family is not known."""

    def __init__(self, matrix: SetupMatrix | None) -> None:
        self.matrix = matrix
        self._index = {family: i for i, family in enumerate(matrix.families)} if matrix else {}

    def between(self, before: str | None, after: str | None) -> int:
        """Minutes from the end of one to the start of the other."""
        i, j = self._index.get(before or ""), self._index.get(after or "")
        return 0 if self.matrix is None or i is None or j is None else self.matrix.minutes[i][j]


def setups_of(problem: Problem, resource: Resource) -> Setups:
    """The resource's setups; pools have none."""
    named = resource.setup is not None and resource.kind != "pool"
    return Setups(problem.setups[resource.setup] if named and resource.setup else None)


def shortcuts(problem: Problem) -> set[str]:
    """Resources on which a third family between two may take less time than their own setup."""
    shortest = _shortest_runs(problem)
    found = set()
    for resource in problem.resources:
        matrix = setups_of(problem, resource).matrix
        if matrix is not None and resource.id in shortest:
            rows, least, every = matrix.minutes, shortest[resource.id], range(len(matrix.families))
            if any(rows[a][b] + least + rows[b][c] < rows[a][c] for a in every for b in every for c in every):
                found.add(resource.id)
    return found


def _shortest_runs(problem: Problem) -> dict[str, int]:
    """The least minutes that anything takes on each resource, facts too."""
    shortest: dict[str, int] = {}
    resources = {r.id: r for r in problem.resources}
    lengths = [(fact.resource, fact.end - fact.start) for fact in problem.fixed]
    modes = [mode for job in problem.jobs for op in job.operations for mode in op.modes]
    lengths += [(mode.resource, span_of(mode, resources[mode.resource])) for mode in modes]
    for name, length in lengths:
        shortest[name] = min(length, shortest.get(name, length))
    return shortest
