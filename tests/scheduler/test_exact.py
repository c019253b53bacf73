"""The exact model against trying every minute, against planted plans, and around a plan that stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from scheduler.cpsat import Costs, Window
from scheduler.errors import ProblemError
from scheduler.exact import exact
from scheduler.free import Standing
from scheduler.model import Assignment, Job, Mode, Need, Operation, Problem, Resource, SetupMatrix
from tests.scheduler.brute import TooLarge, optimum
from tests.scheduler.opinions import opinion
from tests.scheduler.small import Planted, last_moment, planted, small_problems


@settings(max_examples=25, deadline=None)
@given(small_problems(tiny=True))
def test_the_optimum_is_what_trying_everything_finds(problem: Problem) -> None:
    best, bound = exact(problem, 30)
    assert best is not None
    assert (best.status, best.objective) == ("optimal", bound)
    assert opinion(problem, best) == []
    try:
        assert best.objective == optimum(problem, last_moment(problem), best.objective)
    except TooLarge:
        reject()


@settings(max_examples=25, deadline=None)
@given(planted())
def test_no_planted_plan_is_better_than_the_optimum(found: Planted) -> None:
    problem, plan = found
    best, bound = exact(problem, 30, hint=plan)
    assert best is not None
    assert (best.status, best.objective) == ("optimal", bound)
    assert best.objective <= plan.objective
    assert opinion(problem, best) == []


# ---- one family at a time ----


def one(*ops: Operation, resources: tuple[Resource, ...], **more: object) -> Problem:
    """A problem of jobs of one operation each, all due at once."""
    jobs = tuple(Job(op.id, 0, 0, 1, (op,)) for op in ops)
    return replace(Problem("one", "", 200, resources, {}, jobs), **more)  # type: ignore[arg-type]


def ends(problem: Problem, **_: object) -> dict[str, int]:
    """When each operation ends in the best plan."""
    best, bound = exact(problem, 30)
    assert best is not None
    assert best.objective == bound
    assert opinion(problem, best) == []
    return {a.operation: a.end for a in best.assignments}


KILN = Resource("kiln", "batch", ((0, 200),), capacity=(4, 6))


def fire(name: str, *size: int, family: str = "hot") -> Operation:
    return Operation(name, (Mode("kiln", 10),), family=family, size=size)


def test_every_dimension_of_a_firing_counts() -> None:
    ops = fire("a", 2, 3), fire("b", 2, 3), fire("c", 0, 1)
    assert sorted(ends(one(*ops, resources=(KILN,))).values()) == [10, 10, 20]


def test_loading_and_cooling_belong_to_a_firing_and_cooling_needs_no_open_time() -> None:
    kiln = replace(KILN, calendar=((0, 14), (40, 200)), loading=4, cooling=20)
    assert ends(one(fire("a", 1), fire("b", 1, family="mild"), resources=(kiln,))) == {"a": 34, "b": 74} or (
        ends(one(fire("a", 1), fire("b", 1, family="mild"), resources=(kiln,))) == {"a": 74, "b": 34}
    )


def test_a_firing_waits_for_its_least_load() -> None:
    late = replace(fire("b", 1), release=50)
    assert ends(one(fire("a", 1), late, resources=(replace(KILN, least_load=2),))) == {"a": 60, "b": 60}
    with pytest.raises(ProblemError, match="no plan keeps"):
        exact(one(fire("a", 1), late, resources=(replace(KILN, least_load=3),)), 30)
    fact = replace(
        one(fire("a", 1), fire("b", 1), resources=(replace(KILN, least_load=3),)),
        fixed=(Assignment("b", "kiln", 5, 15),),
    )
    assert ends(fact) == {"a": 15, "b": 15}, "a fact's firing is lit anyway"


def test_needs_of_a_pool_and_its_own_work_add_up() -> None:
    crew = Resource("crew", "pool", ((0, 25), (30, 200)), capacity=3)
    m, n = (Resource(name, "machine", ((0, 200),)) for name in "mn")
    a, b = (Operation(k, (Mode(r, 10, (Need("crew", 2),)),)) for k, r in (("a", "m"), ("b", "n")))
    clean = Operation("c", (Mode("crew", 5),), size=2)
    found = ends(one(a, b, clean, resources=(m, n, crew)))
    assert sorted(found.values()) == [5, 15, 25]


def test_work_that_may_pause_is_planned_around_closed_time() -> None:
    m = Resource("m", "machine", ((0, 10), (20, 30), (40, 200)))
    pausing = Operation("p", (Mode("m", 15),), may_pause=True)
    short = Operation("s", (Mode("m", 5),))
    assert ends(one(pausing, short, resources=(m,))) == {"s": 5, "p": 30}


def test_setups_are_of_neighbours_only_where_a_detour_is_shorter() -> None:
    """From a to c takes 50 minutes at once, but b between them takes 5, twice."""
    m = Resource("m", "machine", ((0, 200),), setup="s")
    matrix = SetupMatrix(("a", "b", "c"), ((0, 5, 50), (90, 0, 5), (90, 90, 0)))
    ops = [Operation(name, (Mode("m", 10),), family=name) for name in "abc"]
    found = ends(one(*ops, resources=(m,), setups={"s": matrix}, goal="makespan"))
    assert found == {"a": 10, "b": 25, "c": 40}


def test_a_deadline_is_hard_and_a_due_time_is_not() -> None:
    m = Resource("m", "machine", ((0, 200),))
    problem = one(Operation("a", (Mode("m", 10),)), Operation("b", (Mode("m", 30),)), resources=(m,))
    assert ends(problem) == {"a": 10, "b": 40}
    strict = replace(problem, jobs=(problem.jobs[0], replace(problem.jobs[1], deadline=39)))
    assert ends(strict) == {"a": 40, "b": 30}
    never = replace(problem, jobs=tuple(replace(job, deadline=39) for job in problem.jobs))
    with pytest.raises(ProblemError, match="problem one: no plan keeps all lags, loads and deadlines"):
        exact(never, 30)


def test_what_has_no_place_at_all_is_named() -> None:
    m = Resource("m", "machine", ((0, 200),))
    problem = one(Operation("a", (Mode("m", 10),)), resources=(m,), fixed=(Assignment("x", "m", 5, 195),))
    with pytest.raises(ProblemError, match="there is no plan: operation a has no place from 0 to 200"):
        exact(problem, 30)


# ---- around a plan that stands ----


@settings(max_examples=40, deadline=None)
@given(planted(), st.data())
def test_a_window_moves_only_what_it_may(found: Planted, data: st.DataObject) -> None:
    problem, plan = found
    facts = {f.operation for f in problem.fixed}
    jobs = [job for job in problem.jobs if job.operations[-1].id not in facts]
    picked = data.draw(st.lists(st.sampled_from(jobs), unique=True)) if jobs else []
    chosen = {op.id for job in picked for op in job.operations if op.id not in facts}
    standing = Standing(problem, [a for a in plan.assignments if a.operation not in chosen])
    window = Window(problem, standing, picked, chosen, {job.id: last_moment(problem) for job in picked})
    window.hint(plan.by_operation())
    answer = window.solve(30, workers=1, seed=1)
    if answer.impossible:
        assert not window.exact(), "the places where they stood are allowed, unless setups are too strict"
        return
    assert {a.operation for a in answer.places} == chosen
    places = tuple(a for a in plan.assignments if a.operation not in chosen) + answer.places
    assert opinion(problem, replace(plan, assignments=places)) == []


def two_jobs() -> tuple[Problem, Standing, dict[str, int]]:
    """Two jobs for one machine, each as long as the other."""
    m = Resource("m", "machine", ((0, 200),))
    problem = one(Operation("a", (Mode("m", 10),)), Operation("b", (Mode("m", 10),)), resources=(m,))
    return problem, Standing(problem, ()), {"a": 100, "b": 100}


def test_a_promise_broken_has_its_cost() -> None:
    problem, free, until = two_jobs()
    jobs = (replace(problem.jobs[0], weight=3), replace(problem.jobs[1], promised=12))
    for cost, first in ((0, "a"), (19, "a"), (21, "b")):
        window = Window(problem, free, jobs, {"a", "b"}, until, costs=Costs(broken=cost))
        answer = window.solve(10, workers=1, seed=1)
        assert answer.places[0].operation == first, "b first costs 20 more, and keeps the promise"
        assert answer.bound == (60 + 10 if first == "b" else 30 + 20 + cost)


def test_an_operation_moved_has_its_cost() -> None:
    problem, free, until = two_jobs()
    jobs = (replace(problem.jobs[0], weight=3), problem.jobs[1])
    anchors = {"b": Assignment("b", "m", 0, 10)}
    for cost, first in ((0, "a"), (19, "a"), (21, "b")):
        costs = Costs(moved=cost, anchors=anchors)
        answer = Window(problem, free, jobs, {"a", "b"}, until, costs=costs).solve(10, workers=1, seed=1)
        assert answer.places[0].operation == first, "b where it stood costs 20 more"


def test_frozen_time_is_left_alone() -> None:
    problem, _, until = two_jobs()
    free = Standing(problem, (), frozen_before=33)
    window = Window(problem, free, problem.jobs, {"a", "b"}, until)
    assert [a.start for a in window.solve(10, workers=1, seed=1).places] == [33, 43]
