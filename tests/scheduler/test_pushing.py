"""A late job on a full kiln: the others make room within their slack, and nobody's promise breaks."""

from __future__ import annotations

from dataclasses import replace

from scheduler.mending import Mending
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, objective_of
from scheduler.rescheduling import repair
from scheduler.verifier import verify

HOUR = 60
SLACK = 5 * HOUR


def kiln_plan() -> tuple[Problem, Schedule]:
    """Three jobs, each dried for an hour and fired for ten, back to back in one kiln, due five hours after
    their planned end."""
    kiln = Resource("kiln", "batch", ((0, 400 * HOUR),), capacity=10)
    rack = Resource("rack", "pool", ((0, 400 * HOUR),), capacity=10)
    jobs, places = [], []
    for n in range(3):
        dry = Operation(f"{n}.dry", (Mode("rack", HOUR),), size=1)
        fire = Operation(f"{n}.fire", (Mode("kiln", 10 * HOUR),), family=f"curve-{n}", size=1)
        start = (1 + 10 * n) * HOUR
        jobs.append(Job(f"{n}", 0, start + 10 * HOUR + SLACK, 1, (dry, fire)))
        places += [
            Assignment(dry.id, "rack", 0, HOUR),
            Assignment(fire.id, "kiln", start, start + 10 * HOUR),
        ]
    problem = Problem("kiln", "2026-06-08T00:00:00Z", 400 * HOUR, (kiln, rack), {}, tuple(jobs), ())
    objective = objective_of(problem, {a.operation: a.end for a in places})
    return problem, Schedule("kiln", objective, None, "feasible", 0.0, tuple(places))


def all_dried(problem: Problem, plan: Schedule) -> tuple[Problem, Schedule]:
    """The same once all is dried."""
    done = tuple(a for a in plan.assignments if a.resource == "rack")
    return replace(problem, fixed=done), plan


def test_a_late_firing_goes_first_and_the_others_follow() -> None:
    problem, plan = all_dried(*kiln_plan())
    mended = repair(problem, plan, now=4 * HOUR)
    starts = {name: a.start for name, a in mended.schedule.by_operation().items()}
    assert verify(problem, mended.schedule).feasible
    assert [starts[f"{n}.fire"] for n in range(3)] == [4 * HOUR, 14 * HOUR, 24 * HOUR]
    assert mended.schedule.objective == 0


def test_without_pushing_its_promise_would_break() -> None:
    problem, plan = all_dried(*kiln_plan())
    mending = Mending(problem, plan, 4 * HOUR)
    mending.run()
    place = mending.timetable.get("0.fire")
    assert place is not None
    assert place.start == 31 * HOUR, "a plain mending sends it behind the others"
    assert place.end > problem.jobs[0].due


def test_places_are_kept_where_that_breaks_nothing() -> None:
    problem, plan = kiln_plan()
    jobs = tuple(replace(job, due=job.due + 100 * HOUR) for job in problem.jobs)
    easy, plan = all_dried(replace(problem, jobs=jobs), plan)
    assert set(repair(easy, plan, now=4 * HOUR).moved) == {"0.fire"}


def test_what_cannot_be_in_time_anyhow_moves_as_little_as_it_can() -> None:
    problem, plan = all_dried(*kiln_plan())
    mended = repair(problem, plan, now=7 * HOUR)
    ends = {name: a.end for name, a in mended.schedule.by_operation().items()}
    late = [job.id for job in problem.jobs if ends[f"{job.id}.fire"] > job.due]
    assert late == ["0"], "pushing would make all three late"
