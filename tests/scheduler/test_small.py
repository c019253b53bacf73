"""The drawn problems are sound and solvable, and the verifier and the second opinion agree on any plan."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.checking import check_jobs, check_problem
from scheduler.documents import problem_from_dict, problem_to_dict
from scheduler.model import Assignment, Problem, Schedule, objective_of
from scheduler.verifier import verify
from tests.scheduler.opinions import end_of, opinion, resource_of
from tests.scheduler.small import Planted, planted


@settings(max_examples=60, deadline=None)
@given(planted())
def test_every_drawn_problem_is_sound_and_its_plan_right(found: Planted) -> None:
    check_problem(found.problem)
    check_jobs(found.problem)
    report = verify(found.problem, found.plan)
    assert report.feasible, report.violations
    assert opinion(found.problem, found.plan) == []
    assert problem_from_dict(problem_to_dict(found.problem)) == found.problem


@st.composite
def nearly_right(draw: st.DrawFn) -> tuple[Problem, Schedule]:
    """A right plan with a few places changed: often wrong, often still right, never wildly so."""
    problem, plan = draw(planted())
    places = {a.operation: a for a in plan.assignments}
    for name in draw(st.lists(st.sampled_from(sorted(places)), min_size=1, max_size=1)):
        places[name] = draw(moved(problem, places[name]))
    changed = tuple(places.values())
    objective = objective_of(problem, {a.operation: a.end for a in changed})
    return problem, replace(plan, assignments=changed, objective=objective)


@st.composite
def moved(draw: st.DrawFn, problem: Problem, place: Assignment) -> Assignment:
    """The place a little earlier or later in one of the modes, now and then with the wrong length."""
    op = problem.operations()[place.operation]
    mode = draw(st.sampled_from(op.modes))
    resource = resource_of(problem, mode.resource)
    start = place.start + draw(st.sampled_from((-3, -2, -1, 0, 1, 1, 2, 3, 5, 20, 60, 100)))
    plain = start + resource.loading + mode.minutes + resource.cooling
    end = (end_of(resource, op, mode, start) or plain) + draw(st.sampled_from((0, 0, 0, 0, 0, 1, -1)))
    return Assignment(op.id, mode.resource, start, max(end, start + 1))


@settings(max_examples=60, deadline=None)
@given(nearly_right())
def test_verifier_and_second_opinion_agree(found: tuple[Problem, Schedule]) -> None:
    problem, plan = found
    report = verify(problem, plan)
    assert report.feasible == (not opinion(problem, plan)), report.violations
