"""The best that could have been: the same orders planned afterwards, with all that happened known beforehand.

Every lot has the minutes and pieces it really had, materials come when they really came, work centres are
closed while they really stood still. What had begun before the month stands; everything else is planned for
the least sum of lead times. It is searched for, not proven, so the true best is lower still.
"""

from dataclasses import replace

from modules.manufacturing.times import Window
from scheduler.dispatching import CHOICES, tuned
from scheduler.errors import Conflict, SchedulerError
from scheduler.improve import Ruin
from scheduler.model import Assignment, Problem, Schedule
from scheduler.plan import Plan
from scheduler.rescheduling import repair
from scheduler.solver import gate, schedule_of
from seeds.bench.month.outcome import Run, order_of
from seeds.bench.month.plant import ORIGIN, SPAN
from seeds.bench.month.world import World

HEAT = 0.02
"""The mean loss accepted at first, as a part of a job's mean lead."""
SLICES = 20


class NoReference(SchedulerError):
    """The best plan found in hindsight is no better than what was really done."""


def hindsight(world: World, run: Run, rounds: int) -> dict[str, int]:
    """Order -> minutes from asking to its end in the best plan found, for all orders of the month."""
    problem = problem_of(world, run)
    schedule = _searched(problem, _first(problem, run, world.begins), world.begins, world.seed, rounds)
    gate(problem, schedule)
    ends = {a.operation: a.end for a in schedule.assignments}
    found: dict[str, int] = {}
    for job in problem.jobs:
        order = order_of(job.id)
        if run.outcomes[order].at >= world.begins:
            lead = ends[job.operations[-1].id] - run.outcomes[order].at
            found[order] = max(lead, found.get(order, 0))
    _no_worse(found, run)
    return found


def _no_worse(found: dict[str, int], run: Run) -> None:
    """What knows everything beforehand and does worse than what did not is no reference."""
    real = sum((run.outcomes[name].ended or 0) - run.outcomes[name].at for name in found)
    if sum(found.values()) > real:
        raise NoReference(f"hindsight takes longer than {run.policy} did; search for more rounds")


def problem_of(world: World, run: Run) -> Problem:
    """All lots that had not ended before the month; every minute after an order's coming costs the same."""
    holes: dict[str, list[Window]] = {}
    for breakdown in world.breakdowns:
        holes.setdefault(breakdown.resource, []).append((breakdown.start, breakdown.end))
    jobs = [replace(job, due=job.release, promised=None) for job in run.jobs.values()]
    jobs = [job for job in jobs if run.real[job.operations[-1].id].end > world.begins]
    fixed = tuple(
        place for job in jobs for op in job.operations if (place := run.real[op.id]).start < world.begins
    )
    resources = world.plant.resources(holes)
    return Problem("hindsight", ORIGIN.isoformat(), SPAN, resources, dict(world.plant.floor.setups),
                   tuple(jobs), fixed)  # fmt: skip


def _first(problem: Problem, run: Run, now: int) -> list[Assignment]:
    """The better of what rules make of it and what really was, as far as that is possible in this problem."""
    by_rules = tuned(problem, CHOICES, frozen_before=now).assignments()
    ends = [(sum(_leads(problem, by_rules)), by_rules)]
    real = tuple(run.real[op.id] for job in problem.jobs for op in job.operations)
    try:
        mended = repair(problem, Schedule("real", 0, None, "feasible", 0.0, real), now=now)
        if mended.problem == problem:
            ends.append((mended.schedule.objective, list(mended.schedule.assignments)))
    except (SchedulerError, Conflict):
        pass
    return min(ends, key=lambda one: one[0])[1]


def _leads(problem: Problem, places: list[Assignment]) -> list[int]:
    ends = {a.operation: a.end for a in places}
    return [max(0, ends[job.operations[-1].id] - job.due) for job in problem.jobs]


def _searched(problem: Problem, first: list[Assignment], now: int, seed: int, rounds: int) -> Schedule:
    """Ruin and recreate from there, cooling down; the same for the same seed and rounds."""
    plan = Plan(problem, frozen_before=now)
    plan.load(first)
    ruin = Ruin(plan, seed)
    mean = ruin.best / max(1, len(problem.jobs))
    for k in range(SLICES):
        ruin.run(rounds // SLICES, heat=HEAT * mean * (1 - k / (SLICES - 1)))
    ruin.back_to_best()
    return schedule_of(problem, plan.assignments(), "feasible", 0.0)
