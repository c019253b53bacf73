"""The timetable against a second opinion that looks at every minute."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import Conflict, ProblemError
from scheduler.kernel.memory import FACT, LINE, LINE_N, RUN, STAIR, STAIR_N
from scheduler.model import Assignment, Mode, Operation, Problem, Resource
from scheduler.timetable import Timetable
from tests.scheduler.plants import HORIZON, allowed, problems, small_plant


def fire(name: str, heat: str = "low", size: int = 2) -> Operation:
    return Operation(name, (Mode("kiln", 90),), family=heat, size=size)


@pytest.fixture
def timetable() -> Timetable:
    plant = small_plant()
    return Timetable(plant.resources, plant.setups)


def put(timetable: Timetable, op: Operation, start: int) -> Assignment:
    place = Assignment(op.id, op.modes[0].resource, start, start + op.modes[0].minutes)
    timetable.place(place, op)
    return place


def test_an_operation_stays_inside_one_window(timetable: Timetable) -> None:
    op = Operation("p", (Mode("press", 40),), family="a")
    assert timetable.earliest(op, 70) == Assignment("p", "press", 150, 190)
    with pytest.raises(Conflict, match="p on press"):
        put(timetable, op, 80)


def test_setups_are_paid_on_both_sides(timetable: Timetable) -> None:
    first, last, between = (Operation(n, (Mode("press", 20),), family=f) for n, f in ("1a", "2c", "3b"))
    put(timetable, first, 0)
    put(timetable, last, 64)
    found = timetable.earliest(between, 0)
    assert found is not None
    assert found.start == 150, "20 + 10 + 20 + 15 = 65 is one minute too late"
    timetable.remove("2")
    put(timetable, last, 65)
    assert timetable.earliest(between, 0) == Assignment("3", "press", 30, 50)


def test_a_firing_is_joined_if_recipe_and_room_are_right(timetable: Timetable) -> None:
    put(timetable, fire("1"), 50)
    assert timetable.earliest(fire("2"), 0) == Assignment("2", "kiln", 50, 140)
    assert timetable.joins(Assignment("2", "kiln", 50, 140), fire("2"))
    full = timetable.earliest(fire("3", size=4), 0)
    other = timetable.earliest(fire("4", heat="high"), 0)
    assert full is not None
    assert full.start == 145
    assert other is not None
    assert other.start == 170
    with pytest.raises(Conflict, match="not free"):
        put(timetable, fire("5", size=4), 50)


def test_a_frozen_firing_is_not_joined(timetable: Timetable) -> None:
    put(timetable, fire("1"), 50)
    timetable.frozen_before = 51
    found = timetable.earliest(fire("2"), 0)
    assert found is not None
    assert found.start == 145
    with pytest.raises(Conflict, match="frozen"):
        put(timetable, fire("3"), 50)


def test_a_firing_to_join_is_preferred_within_reason(timetable: Timetable) -> None:
    put(timetable, fire("1"), 200)
    now = timetable.earliest(fire("2"), 0)
    shared = timetable.earliest(fire("2"), 0, join_within=200)
    assert now is not None
    assert now.start == 0
    assert shared is not None
    assert shared.start == 200
    assert timetable.earliest(fire("2"), 0, join_within=199) == now


def test_sizes_in_a_pool_add_up(timetable: Timetable) -> None:
    ops = [Operation(str(n), (Mode("dryer", 60),), size=size) for n, size in enumerate((3, 3, 1))]
    put(timetable, ops[0], 0)
    put(timetable, ops[1], 30)
    assert timetable.earliest(ops[2], 0) == Assignment("2", "dryer", 60, 120)
    with pytest.raises(Conflict):
        put(timetable, ops[2], 59)


def test_a_fact_may_lie_anywhere_and_work_keeps_clear_of_it(timetable: Timetable) -> None:
    op = Operation("p", (Mode("press", 40),), family="a")
    timetable.place_fact(Assignment("late", "press", 90, 180), replace(op, id="late", family="b"))
    timetable.place_fact(Assignment("overlap", "press", 170, 200), replace(op, id="overlap", family="b"))
    timetable.place_fact(Assignment("blocked", "kiln", 0, 40))
    assert timetable.earliest(op, 60) == Assignment("p", "press", 210, 250)
    assert timetable.earliest(fire("f"), 0) == Assignment("f", "kiln", 40, 130)
    timetable.remove("overlap")
    assert timetable.earliest(op, 60) == Assignment("p", "press", 190, 230)
    timetable.remove("late")
    timetable.remove("blocked")
    assert timetable.earliest(op, 60) == Assignment("p", "press", 60, 100)
    assert len(timetable) == 0


def test_what_is_wrong_is_named(timetable: Timetable) -> None:
    put(timetable, fire("1"), 50)
    with pytest.raises(Conflict, match="operation 1 is placed already"):
        put(timetable, fire("1"), 500)
    with pytest.raises(Conflict, match="operation 9 is not placed"):
        timetable.remove("9")
    with pytest.raises(Conflict, match="no mode of 10 minutes on kiln"):
        timetable.place(Assignment("2", "kiln", 500, 510), fire("2"))
    with pytest.raises(ProblemError, match="no setup matrix none"):
        Timetable([Resource("m", setup="none")])


def first_of(
    problem: Problem, standing: list[tuple[Assignment, Operation]], op: Operation, mode: Mode, after: int
) -> int:
    """The earliest end on one mode, by trying every minute."""
    for start in range(max(after, op.release), HORIZON):
        place = Assignment(op.id, mode.resource, start, start + mode.minutes)
        if allowed(problem, standing, place, op):
            return place.end
    return HORIZON * 2


def state(timetable: Timetable) -> dict[str, object]:
    """What the index holds, for comparing one that was changed and changed back with one that was not."""
    memory, dims = timetable.board.memory, timetable.board.dims
    found: dict[str, object] = {}
    for name, r in timetable.board.at.items():
        line, stairs = memory[r + LINE], memory[r + STAIR]
        runs = memory[line : line + RUN * memory[r + LINE_N]]
        steps = memory[stairs : stairs + (1 + dims) * memory[r + STAIR_N]]
        found[name] = ([int(x) for x in runs], [int(x) for x in steps])
    return found


@settings(max_examples=40, deadline=None)
@given(problems(jobs=4, steps=4), st.data())
def test_earliest_is_earliest_after_any_placing_and_removing(problem: Problem, data: st.DataObject) -> None:
    timetable = Timetable(problem.resources, problem.setups)
    standing: dict[str, tuple[Assignment, Operation]] = {}
    for op in [op for job in problem.jobs for op in job.operations]:
        after = data.draw(st.integers(0, 150))
        found = timetable.earliest(op, after)
        assert found is not None
        assert found.end == min(first_of(problem, list(standing.values()), op, m, after) for m in op.modes)
        assert allowed(problem, standing.values(), found, op)
        timetable.place(found, op)
        standing[op.id] = (found, op)
        if data.draw(st.booleans()):
            name = data.draw(st.sampled_from(sorted(standing)))
            assert timetable.remove(name) == standing.pop(name)[0]


@settings(max_examples=40, deadline=None)
@given(problems(jobs=4, steps=3), st.data())
def test_what_is_removed_leaves_no_trace(problem: Problem, data: st.DataObject) -> None:
    timetable = Timetable(problem.resources, problem.setups)
    empty = str(state(timetable))
    ops = [op for job in problem.jobs for op in job.operations]
    for op in ops:
        if data.draw(st.booleans()):
            start = data.draw(st.integers(0, 150))
            timetable.place_fact(Assignment(op.id, op.modes[0].resource, start, start + 7), op)
        else:
            place = timetable.earliest(op, 0)
            assert place is not None
            timetable.place(place, op)
    for op in data.draw(st.permutations(ops)):
        timetable.remove(op.id)
    assert str(state(timetable)) == empty


def test_a_fact_that_makes_the_memory_anew_stands_in_the_new_one(
    timetable: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.timetable.MOST_DEAD", 2)
    for n in range(3):  # one more than are allowed to be dead
        put(timetable, fire(f"{n}"), 50)
        timetable.remove(f"{n}")
    before = timetable.board
    timetable.place_fact(Assignment("fact", "kiln", 300, 390), fire("fact"))
    assert timetable.board is not before, "nothing was made anew, so nothing is tested"
    assert timetable.board.memory[timetable._at["fact"] + FACT] == 1
    with pytest.raises(Conflict):
        put(timetable, fire("other", heat="high"), 320)
