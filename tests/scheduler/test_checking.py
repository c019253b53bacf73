"""A problem that contradicts itself, or cannot be solved, is refused: the thing and the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.checking import check_jobs, check_problem
from scheduler.errors import ProblemError, Unsolvable
from scheduler.model import Assignment, Job, Mode, Need, Operation, Problem, Resource, SetupMatrix
from scheduler.solver import solve
from tests.scheduler.plants import small_plant

Spoil = Callable[[Problem], Problem]


def press(**changes: object) -> Spoil:
    """The plant with its first operation changed."""

    def spoil(plant: Problem) -> Problem:
        first = plant.jobs[0]
        op = replace(first.operations[0], **changes)  # type: ignore[arg-type]
        return replace(plant, jobs=(replace(first, operations=(op, *first.operations[1:])), *plant.jobs[1:]))

    return spoil


def resource(name: str, **changes: object) -> Spoil:
    """The plant with one resource changed."""
    return lambda plant: replace(
        plant,
        resources=tuple(
            replace(r, **changes) if r.id == name else r  # type: ignore[arg-type]
            for r in plant.resources
        ),
    )


def crew(*windows: tuple[int, int], capacity: int | tuple[int, ...] = 2) -> Spoil:
    """The plant with a pool of workers besides."""
    return lambda plant: replace(
        plant, resources=(*plant.resources, Resource("crew", "pool", windows, capacity=capacity))
    )


def both(*spoils: Spoil) -> Spoil:
    """One change after the other."""

    def spoil(plant: Problem) -> Problem:
        for each in spoils:
            plant = each(plant)
        return plant

    return spoil


def step(number: int, **changes: object) -> Spoil:
    """The plant with one operation of its first job changed."""

    def spoil(plant: Problem) -> Problem:
        first = plant.jobs[0]
        ops = list(first.operations)
        ops[number] = replace(ops[number], **changes)  # type: ignore[arg-type]
        return replace(plant, jobs=(replace(first, operations=tuple(ops)), *plant.jobs[1:]))

    return spoil


def first_job(**changes: object) -> Spoil:
    """The plant with its first job changed."""
    return lambda plant: replace(
        plant,
        jobs=(replace(plant.jobs[0], **changes), *plant.jobs[1:]),  # type: ignore[arg-type]
    )


PAINT = (Mode("press", 40, (Need("crew", 1),)),)


def test_a_sound_problem_passes() -> None:
    check_problem(small_plant())


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        ("operation x.press: it has no mode", press(modes=())),
        ("operation x.press: its largest lag 3 is below its smallest 4", press(min_lag=4, max_lag=3)),
        (
            "operation x.dry: its size 2 is over the capacity 1 of dryer",
            resource("dryer", capacity=1),
        ),
        (
            "operation x.press: press has no open window of 3000 minutes for it",
            press(modes=(Mode("press", 3000),)),
        ),
        ("operation x.press: press has no open window of 40 minutes for it", press(release=2990)),
        (
            "operation x.fire: its size (2, 9) is over the capacity (5, 8) of kiln",
            both(resource("kiln", capacity=(5, 8)), step(2, size=(2, 9))),
        ),
        (
            "operation x.press: press has less than 2951 open minutes for it",
            press(modes=(Mode("press", 2951),), may_pause=True),
        ),
        (
            "operation x.fire: kiln has no open window of 2551 minutes for it",
            both(resource("kiln", loading=2461, cooling=900), step(2, release=440)),
        ),
        (
            "operation x.press: it needs 3 of crew, whose capacity is 2",
            both(crew((0, 3000)), press(modes=(Mode("press", 40, (Need("crew", 3),)),))),
        ),
        (
            "operation x.press: press and crew are never open together for 40 minutes for it",
            both(crew((61, 189)), press(modes=PAINT)),
        ),
        (
            "operation x.fire: kiln and crew are never open together for 110 minutes for it",
            both(
                crew((300, 409)),
                resource("kiln", cooling=20),
                step(2, modes=(Mode("kiln", 90, (Need("crew"),)),)),
            ),
        ),
    ],
)
def test_what_no_plan_can_solve_is_named(sentence: str, spoil: Spoil) -> None:
    with pytest.raises(Unsolvable) as refused:
        check_problem(spoil(small_plant()))
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        (
            "operation x.pack: it cannot end before 235, after the deadline 234 of x",
            first_job(deadline=234),
        ),
        (
            "operation x.press: no windows of its resources and of those of x.dry meet its largest lag 20",
            resource("dryer", calendar=((121, 249),)),
        ),
        (
            "operation x.fire: it cannot start before 2960, and kiln has no open window for it from then on",
            both(first_job(deadline=2999), step(1, min_lag=2860)),
        ),
        (
            "operation x.dry: it cannot start before 500, over the largest lag 20 after x.press, a fact",
            both(
                resource("dryer", calendar=((500, 3000),)),
                lambda p: replace(p, fixed=(Assignment("x.press", "press", 0, 40),)),
            ),
        ),
    ],
)
def test_what_no_plan_of_a_job_can_keep_is_named(sentence: str, spoil: Spoil) -> None:
    problem = spoil(small_plant())
    check_problem(problem)
    with pytest.raises(Unsolvable) as refused:
        check_jobs(problem)
    assert str(refused.value) == sentence
    with pytest.raises(Unsolvable) as refused:
        solve(problem, time_limit=0)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        ("operation x.press: there is no resource lathe", press(modes=(Mode("lathe", 5),))),
        ("operation x.press: 0 minutes on press is less than one", press(modes=(Mode("press", 0),))),
        ("operation x.press: its smallest lag -1 is negative", press(min_lag=-1)),
        ("operation x.press: its size -1 is negative", press(size=-1)),
        ("operation x.press: it names no family, which press needs", press(family=None)),
        ("operation x.press: family q is not in setup matrix moulds", press(family="q")),
        (
            "operation x.press: the id is used twice",
            lambda p: replace(p, jobs=(*p.jobs, Job("w", 0, 0, 1, p.jobs[0].operations))),
        ),
        ("job x: the id is used twice", lambda p: replace(p, jobs=(*p.jobs, p.jobs[0]))),
        ("job w: it has no operations", lambda p: replace(p, jobs=(Job("w", 0, 0, 1, ()),))),
        ("job x: its weight -2 is negative", lambda p: replace(p, jobs=(replace(p.jobs[0], weight=-2),))),
        (
            "resource press: the id is used twice",
            lambda p: replace(p, resources=(*p.resources, Resource("press"))),
        ),
        ("resource kiln: a batch needs a capacity", resource("kiln", capacity=None)),
        ("resource press: there is no setup matrix nails", resource("press", setup="nails")),
        ("resource press: 'oven' is not a kind of resource", resource("press", kind="oven")),
        ("resource dryer: a pool needs a capacity", resource("dryer", capacity=())),
        ("resource kiln: its capacity (4, -1) is negative", resource("kiln", capacity=(4, -1))),
        (
            "resource press: it has a least load, but is a machine, not a batch resource",
            resource("press", least_load=2),
        ),
        (
            "resource dryer: it has a loading, but is a pool, not a batch resource",
            resource("dryer", loading=2),
        ),
        ("resource kiln: its cooling -2 is negative", resource("kiln", cooling=-2)),
        ("resource kiln: its least load 6 is over its capacity 5", resource("kiln", least_load=6)),
        ("problem pots: 'fun' is not a goal", lambda p: replace(p, goal="fun")),  # type: ignore[arg-type]
        ("operation x.fire: its size (2, -1) is negative", step(2, size=(2, -1))),
        ("operation x.fire: its size has no dimension", step(2, size=())),
        (
            "operation x.fire: its size (2, 1) has more dimensions than the capacity of kiln",
            step(2, size=(2, 1)),
        ),
        (
            "operation x.dry: it may pause, but dryer is a pool, not a machine",
            step(1, may_pause=True),
        ),
        (
            "operation x.press: it may pause, so it cannot need crew besides",
            both(crew((0, 3000)), press(modes=PAINT, may_pause=True)),
        ),
        ("operation x.press: there is no pool crew, which it needs", press(modes=PAINT)),
        (
            "operation x.press: it needs pack, which is a machine, not a pool",
            press(modes=(Mode("press", 40, (Need("pack"),)),)),
        ),
        (
            "operation x.press: it needs -1 of crew, less than nothing",
            both(crew((0, 3000)), press(modes=(Mode("press", 40, (Need("crew", -1),)),))),
        ),
        (
            "operation x.press: one of its modes names crew twice",
            both(crew((0, 3000)), press(modes=(Mode("press", 40, (Need("crew"), Need("crew"))),))),
        ),
        (
            "operation x.dry: one of its modes names dryer twice",
            step(1, modes=(Mode("dryer", 60, (Need("dryer"),)),)),
        ),
        (
            "operation x.press: two of its modes take 40 minutes on press but differ in their needs",
            both(crew((0, 3000)), press(modes=(Mode("press", 40), *PAINT))),
        ),
        ("resource pack: its window 5-5 is empty", resource("pack", calendar=((5, 5),))),
        ("resource pack: two of its windows overlap at 8", resource("pack", calendar=((0, 9), (8, 99)))),
        (
            "setup matrix s: 1 families need 1 rows of 1 minutes",
            lambda p: replace(p, setups={"s": SetupMatrix(("a",), ())}),
        ),
        (
            "setup matrix s: a family is named twice",
            lambda p: replace(p, setups={"s": SetupMatrix(("a", "a"), ())}),
        ),
        (
            "setup matrix s: a setup takes less than no time",
            lambda p: replace(p, setups={"s": SetupMatrix(("a",), ((-1,),))}),
        ),
        (
            "fixed operation q: there is no resource lathe",
            lambda p: replace(p, fixed=(Assignment("q", "lathe", 0, 5),)),
        ),
        (
            "fixed operation q: it ends at 5, not after its start at 5",
            lambda p: replace(p, fixed=(Assignment("q", "pack", 5, 5),)),
        ),
        (
            "fixed operation q: it is fixed twice",
            lambda p: replace(p, fixed=(Assignment("q", "pack", 5, 6),) * 2),
        ),
        (
            "operation x.press: it is not fixed, but x.dry after it is",
            lambda p: replace(p, fixed=(Assignment("x.dry", "dryer", 5, 6),)),
        ),
    ],
)
def test_what_contradicts_itself_is_named(sentence: str, spoil: Spoil) -> None:
    with pytest.raises(ProblemError) as refused:
        check_problem(spoil(small_plant()))
    assert str(refused.value) == sentence


def test_a_fact_needs_no_open_mode() -> None:
    plant = resource("dryer", capacity=1)(small_plant())
    only = Operation("x.dry", (Mode("dryer", 60),), size=2)
    problem = replace(plant, jobs=(Job("x", 0, 9, 1, (only,)),))
    with pytest.raises(Unsolvable):
        check_problem(problem)
    check_problem(replace(problem, fixed=(Assignment("x.dry", "dryer", 0, 60),)))


@pytest.mark.parametrize(
    "change",
    [
        both(resource("kiln", capacity=(5, 8)), step(2, size=(2, 8))),
        press(modes=(Mode("press", 2950),), may_pause=True, max_lag=None),
        both(resource("kiln", loading=2460, cooling=900), step(2, release=440)),
        both(crew((0, 3000)), press(modes=(Mode("press", 40, (Need("crew", 2),)),))),
        both(crew((60, 100)), press(modes=PAINT)),
        both(crew((60, 190)), press(modes=PAINT)),
        both(
            crew((300, 410)), resource("kiln", cooling=20), step(2, modes=(Mode("kiln", 90, PAINT[0].needs),))
        ),
        first_job(deadline=235),
        resource("dryer", calendar=((120, 249), (260, 3000))),
        resource("dryer", calendar=((121, 250), (260, 3000))),
        both(
            resource("dryer", capacity=1), step(1, modes=(Mode("dryer", 60), Mode("press", 60)), family="a")
        ),
        press(modes=(Mode("press", 3000), Mode("press", 40))),
    ],
)
def test_what_just_fits_is_not_refused(change: Spoil) -> None:
    """Each is one minute or one piece away from a refusal above."""
    plant = change(small_plant())
    problem = replace(plant, jobs=plant.jobs[:1])
    check_problem(problem)
    check_jobs(problem)


def test_a_late_fact_does_not_make_its_deadline_impossible() -> None:
    """What has happened cannot be refused; what can still be planned must be in time."""
    ops = (Operation("a", (Mode("m", 5),)), Operation("b", (Mode("m", 5),)))
    machine = Resource("m", "machine", ((0, 100),))
    problem = Problem("p", "", 100, (machine,), {}, (Job("j", 0, 9, 1, ops, deadline=50),))
    facts = Assignment("a", "m", 0, 46), Assignment("b", "m", 46, 60)
    check_jobs(replace(problem, fixed=facts))
    with pytest.raises(Unsolvable, match="operation b: it cannot end before 51, after the deadline 50 of j"):
        check_jobs(replace(problem, fixed=facts[:1]))
    check_problem(replace(problem, fixed=facts[:1]))


def test_time_that_facts_have_taken_is_not_open() -> None:
    """A machine that is blocked until too late cannot do it."""
    job = Job("j", 0, 9, 1, (Operation("a", (Mode("m", 5),)),))
    problem = Problem("p", "", 100, (Resource("m", "machine", ((0, 100),)),), {}, (job,))
    with pytest.raises(Unsolvable, match="operation a: m has no open window of 5 minutes for it"):
        check_problem(replace(problem, fixed=(Assignment("broken", "m", 4, 96),)))
    check_problem(replace(problem, fixed=(Assignment("broken", "m", 5, 96),)))
