"""The FJSP and JSP text formats. Jobs are named by their numbers from 0, operations `job.position`, machines
by their numbers; machines are always open and the goal is the makespan.
"""

from __future__ import annotations

from collections.abc import Callable

from scheduler.errors import FormatError
from scheduler.model import EPOCH, Job, Mode, Operation, Problem, Resource

Step = list[tuple[int, int]]
"""The modes of one operation in a shop file: (machine, minutes)."""


def job_shop(name: str, text: str) -> Problem:
    """First line `jobs machines`; then a line a job of `machine time` pairs."""
    return _shop(name, text, _plain_steps)


def flexible_shop(name: str, text: str) -> Problem:
    """As `job_shop`, with the number of operations, and before each one's pairs how many there are."""
    return _shop(name, text, _flexible_steps)


def _shop(name: str, text: str, steps_of: Callable[[str, int], list[Step]]) -> Problem:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise FormatError(f"{name} is empty")
    head = _numbers(lines[0][1].split()[:2], lines[0][0])
    if len(head) < 2 or min(head) < 1:
        raise FormatError("line 1 does not say how many jobs and machines there are")
    count, machines = head
    if len(lines) - 1 < count:
        raise FormatError(f"{name} ends after {len(lines) - 1} of {count} jobs")
    jobs = [steps_of(line, number) for number, line in lines[1 : count + 1]]
    for (number, _), steps in zip(lines[1:], jobs, strict=False):
        if any(machine >= machines for step in steps for machine, _ in step):
            raise FormatError(f"line {number} names a machine beyond {machines - 1}")
    horizon = sum(max(minutes for _, minutes in step) for steps in jobs for step in steps)
    return Problem(
        name=name,
        origin=EPOCH,
        horizon=horizon,
        resources=tuple(Resource(str(m), "machine", ((0, horizon),)) for m in range(machines)),
        setups={},
        jobs=tuple(_shop_job(j, steps) for j, steps in enumerate(jobs)),
        goal="makespan",
    )


def _shop_job(j: int, steps: list[Step]) -> Job:
    operations = tuple(
        Operation(f"{j}.{k}", tuple(Mode(str(machine), minutes) for machine, minutes in step))
        for k, step in enumerate(steps)
    )
    return Job(str(j), 0, 0, 1, operations)


def _numbers(words: list[str], line: int) -> list[int]:
    try:
        return [int(float(word)) for word in words]
    except ValueError:
        raise FormatError(f"line {line} holds something that is not a number") from None


def _plain_steps(line: str, number: int) -> list[Step]:
    """JSP: `machine time` pairs; the line may end in -1 -1."""
    values = _numbers(line.split(), number)
    if values[-2:] == [-1, -1]:
        values = values[:-2]
    if not values or len(values) % 2 or min(values) < 0:
        raise FormatError(f"line {number} is not a list of machine and time pairs")
    return [[pair] for pair in zip(values[::2], values[1::2], strict=True)]


def _flexible_steps(line: str, number: int) -> list[Step]:
    """FJSP: the number of operations, then for each the number of machines and its pairs."""
    values = iter(_numbers(line.split(), number))
    try:
        steps = [[(next(values), next(values)) for _ in range(next(values))] for _ in range(next(values))]
    except (StopIteration, RuntimeError):
        raise FormatError(f"line {number} ends before its operations do") from None
    if not steps or any(not step or min(min(pair) for pair in step) < 0 for step in steps):
        raise FormatError(f"line {number} has an operation without machines or with a negative number")
    return steps
