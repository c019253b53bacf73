"""Negative controls: a solver's mistake in each family of constraints is named by the verifier.

The plant below uses everything the model knows. Its plan is right, and each mistake is that of a solver which
forgets or misreads one rule. Whatever else it does is right, so the verifier names that kind and no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.checking import check_jobs, check_problem
from scheduler.model import (
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    Schedule,
    SetupMatrix,
    objective_of,
)
from scheduler.verifier import Report, verify
from scheduler.verifier_changes import Watch
from tests.scheduler.opinions import opinion

Change = Callable[[Problem], Problem]

RIGHT = {
    "x.press": ("press", 0, 40),
    "y.press": ("press", 50, 90),
    "z.press": ("press", 110, 150),
    "x.turn": ("lathe", 40, 70),
    "y.turn": ("lathe", 90, 120),
    "z.turn": ("lathe", 180, 310),
    "x.dry": ("dryer", 100, 150),
    "y.dry": ("dryer", 120, 170),
    "z.dry": ("dryer", 310, 360),
    "x.fire": ("kiln", 180, 330),
    "y.fire": ("kiln", 180, 330),
    "z.fire": ("kiln", 400, 550),
    "w.clean": ("crew", 60, 80),
}
BOTH_LATER = {"x_fire": ("kiln", 400, 550), "y_fire": ("kiln", 400, 550), "z_fire": ("kiln", 580, 730)}


def pots() -> Problem:
    """A press with a crew, a lathe whose work may pause, a dryer by volume and pieces, and a kiln that is
    loaded, cools down after hours and is not lit for little. The first pressing has started."""
    return Problem(
        name="pots",
        origin="",
        horizon=1000,
        resources=(
            Resource("press", "machine", ((0, 200), (300, 1000)), setup="moulds"),
            Resource("lathe", "machine", ((0, 120), (121, 200), (300, 1000))),
            Resource("dryer", "pool", ((85, 1000),), capacity=(6, 3)),
            Resource("kiln", "batch", ((0, 285), (400, 1000)), (5, 9), "heat", 3, loading=10, cooling=60),
            Resource("crew", "pool", ((0, 290), (300, 1000)), capacity=4),
        ),
        setups={
            "moulds": SetupMatrix(("a", "b"), ((0, 10), (15, 0))),
            "heat": SetupMatrix(("low", "high"), ((5, 30), (30, 5))),
        },
        jobs=(
            job("x", "a", "low", (3, 4)),
            job("y", "b", "low", (2, 4)),
            job("z", "b", "high", (3, 5), release=110, dry_from=310),
            Job("w", 0, 740, 1, (Operation("w.clean", (Mode("crew", 20),), size=2),)),
        ),
        fixed=(Assignment("x.press", "press", 0, 40), Assignment("service", "lathe", 600, 620)),
    )


def job(name: str, mould: str, heat: str, size: tuple[int, int], release: int = 0, dry_from: int = 0) -> Job:
    pressing = Mode("press", 40, (Need("crew", 2),)), Mode("press", 70, (Need("crew"),))
    drying = (Mode("dryer", 50, (Need("crew"),)),)
    operations = (
        Operation(f"{name}.press", pressing, family=mould, max_lag=30),
        Operation(f"{name}.turn", (Mode("lathe", 30),), may_pause=True),
        Operation(f"{name}.dry", drying, size=(3, 1), min_lag=10, release=dry_from),
        Operation(f"{name}.fire", (Mode("kiln", 80), Mode("kiln", 90)), family=heat, size=size),
    )
    return Job(name, release, 740, 2, operations, deadline=740)


def plan(problem: Problem, **changes: tuple[str, int, int] | None) -> Schedule:
    """The right plan with some places changed or (None) left out; `y_fire` stands for "y.fire"."""
    places = {**RIGHT, **{name.replace("_", "."): place for name, place in changes.items()}}
    found = tuple(Assignment(name, *place) for name, place in places.items() if place is not None)
    return Schedule("pots", objective_of(problem, {a.operation: a.end for a in found}), None, "", 0.0, found)


def resource(name: str, **changes: object) -> Change:
    """The plant with a resource changed."""
    return lambda problem: replace(
        problem,
        resources=tuple(
            replace(r, **changes) if r.id == name else r  # type: ignore[arg-type]
            for r in problem.resources
        ),
    )


def fact(*place: str | int) -> Change:
    """The plant with one more fact."""
    return lambda problem: replace(problem, fixed=(*problem.fixed, Assignment(*place)))  # type: ignore[arg-type]


def moulds(*minutes: tuple[int, ...]) -> Change:
    """The plant with other setups of the press."""
    return lambda problem: replace(
        problem, setups={**problem.setups, "moulds": SetupMatrix(("a", "b"), minutes)}
    )


def operation(name: str, **changes: object) -> Change:
    """The plant with an operation changed."""

    def change(problem: Problem) -> Problem:
        jobs = []
        for each in problem.jobs:
            ops = tuple(
                replace(op, **changes) if op.id == name else op  # type: ignore[arg-type]
                for op in each.operations
            )
            jobs.append(replace(each, operations=ops))
        return replace(problem, jobs=tuple(jobs))

    return change


def watched(problem: Problem, found: Schedule) -> Report:
    """What is said of a plan by one who has passed the right plan of the plant as it was."""
    watch = Watch()
    assert watch.verify(pots(), plan(pots())).feasible
    return watch.verify(problem, found)


def test_the_plan_without_a_mistake_passes() -> None:
    problem = pots()
    check_problem(problem)
    check_jobs(problem)
    report = verify(problem, plan(problem), frozen_before=40)
    assert report.feasible, report.violations
    assert (report.objective, report.late_jobs, report.firings) == (0, 0, 2)
    assert opinion(problem, plan(problem)) == []
    later = plan(problem, **BOTH_LATER)
    assert verify(problem, later).feasible, "the changes below start from this one, too"


@pytest.mark.parametrize(
    ("mistake", "kind", "changes"),
    [
        ("setup forgotten", "setup too short", {"y_press": ("press", 40, 80)}),
        ("setup forgotten", "setup too short", {**BOTH_LATER, "z_fire": ("kiln", 579, 729)}),
        ("machine taken twice", "overlap", {"x_turn": ("lathe", 65, 95)}),
        ("next firing while the kiln cools", "overlap", {**BOTH_LATER, "z_fire": ("kiln", 520, 670)}),
        (
            "calendar ignored by a firing",
            "outside the calendar",
            {"x_fire": ("kiln", 196, 346), "y_fire": ("kiln", 196, 346)},
        ),
        ("calendar of a pool ignored", "outside the calendar", {"x_dry": ("dryer", 84, 134)}),
        (
            "begun while closed",
            "outside the calendar",
            {"y_turn": ("lathe", 120, 151), "y_dry": ("dryer", 151, 201), **BOTH_LATER},
        ),
        ("pause counted as work", "wrong duration", {"z_turn": ("lathe", 180, 210)}),
        ("pause too long", "wrong duration", {"z_turn": ("lathe", 180, 311), "z_dry": ("dryer", 311, 361)}),
        (
            "minutes of no mode",
            "wrong duration",
            {"y_press": ("press", 51, 90)},
        ),
        ("cooling forgotten", "wrong duration", {"z_fire": ("kiln", 400, 490)}),
        ("loading forgotten", "wrong duration", {"z_fire": ("kiln", 400, 540)}),
        ("another mode's minutes in a firing", "one firing, two ends", {"y_fire": ("kiln", 180, 340)}),
        ("two recipes fired together", "two recipes in one firing", {"y_fire": ("kiln", 400, 550)}),
        ("least load ignored", "firing under its least load", {"y_fire": ("kiln", 580, 730)}),
        (
            "need's calendar ignored",
            "need outside the calendar",
            {"y_dry": ("dryer", 250, 300), **BOTH_LATER},
        ),
        ("smallest lag ignored", "min lag broken", {"y_dry": ("dryer", 121, 171)}),
        (
            "order of a job ignored",
            "min lag broken",
            {"x_dry": ("dryer", 86, 136), "x_turn": ("lathe", 60, 90)},
        ),
        (
            "largest lag ignored",
            "max lag broken",
            {"z_turn": ("lathe", 181, 311), "z_dry": ("dryer", 311, 361)},
        ),
        (
            "job's release ignored",
            "before release",
            {"z_press": ("press", 109, 149), "z_turn": ("lathe", 179, 309)},
        ),
        (
            "operation's release ignored",
            "before release",
            {"z_turn": ("lathe", 179, 309), "z_dry": ("dryer", 309, 359)},
        ),
        ("deadline unnoticed", "deadline missed", {"z_fire": ("kiln", 591, 741)}),
        ("a resource of no mode", "resource not among the modes", {"z_dry": ("press", 310, 360)}),
        ("fact moved", "fixed operation moved", {"x_press": ("press", 0, 41)}),
        ("fact dropped", "fixed operation missing", {"x_press": None}),
        ("operation dropped", "operation missing", {"z_fire": None}),
        ("pool's own work forgotten beside needs", "pool over capacity", {"w_clean": ("crew", 110, 130)}),
        ("operation made up", "operation unknown", {"q_press": ("press", 400, 440)}),
    ],
)
def test_a_wrong_place_is_named(
    mistake: str, kind: str, changes: dict[str, tuple[str, int, int] | None]
) -> None:
    problem = pots()
    found = plan(problem, **changes)
    assert list(verify(problem, found).violations) == [kind], mistake
    assert list(watched(problem, found).violations) == [kind], mistake
    assert opinion(problem, found), mistake


@pytest.mark.parametrize(
    ("mistake", "kind", "overlooked"),
    [
        ("volume of a firing", "firing over capacity", resource("kiln", capacity=(4, 9))),
        ("pieces of a firing", "firing over capacity", resource("kiln", capacity=(5, 7))),
        ("volume of a pool", "pool over capacity", resource("dryer", capacity=(5, 3))),
        ("pieces of a pool", "pool over capacity", resource("dryer", capacity=(6, 1))),
        ("need", "pool over capacity", resource("crew", capacity=3)),
        ("crew is away", "pool over capacity", fact("meeting", "crew", 130, 131)),
        ("kiln is under repair", "overlap", fact("repair", "kiln", 320, 340)),
        ("lathe is taken during a pause, too", "overlap", fact("repair", "lathe", 220, 250)),
        ("a fact's setup", "setup too short", moulds((0, 11), (0, 0))),
        ("room in a fact's firing", "firing over capacity", operation("z.fire", size=(6, 9))),
    ],
)
def test_what_is_overlooked_is_named(mistake: str, kind: str, overlooked: Change) -> None:
    """The solver sees the plant as it was before this: its plan is the old one."""
    problem = overlooked(pots())
    found = plan(problem)
    assert list(verify(problem, found).violations) == [kind], mistake
    assert list(watched(problem, found).violations) == [kind], mistake
    assert opinion(problem, found), mistake


def test_what_is_handed_out_twice_frozen_or_misstated_is_named() -> None:
    problem = pots()
    right = plan(problem)
    twice = replace(right, assignments=(*right.assignments, right.assignments[-1]))
    assert list(verify(problem, twice).violations) == ["operation repeated"]
    assert list(verify(problem, right, frozen_before=41).violations) == ["in the frozen time"]
    assert list(verify(problem, replace(right, objective=3)).violations) == ["objective misstated"]
