"""A problem that contradicts itself, or cannot be solved, is refused: the thing and the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.checking import check_problem
from scheduler.errors import ProblemError, Unsolvable
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, SetupMatrix
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
    ],
)
def test_what_no_plan_can_solve_is_named(sentence: str, spoil: Spoil) -> None:
    with pytest.raises(Unsolvable) as refused:
        check_problem(spoil(small_plant()))
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
