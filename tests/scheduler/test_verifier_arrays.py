"""What is said of a plan as arrays is what the verifier says one by one: yes to all that is right, and to
nothing else. Each rule is tried where it is just kept, and by one minute (or piece) more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice, pairwise
from random import Random

import pytest

from scheduler import verifier
from scheduler.model import (
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    Schedule,
    objective_of,
)
from scheduler.solver import solve
from scheduler.verifier import Report, judge, verify
from scheduler.verifier_arrays import LONGEST, passed
from scheduler.verifier_stations import Station
from tests.scheduler.just_kept import (
    COOLS,
    Case,
    Limits,
    deadlines,
    largest_lags,
    least_loads,
    of_kind,
    releases,
    releases_of_jobs,
    right,
    room_in_firings,
    room_in_pools,
    setups,
    smallest_lags,
    windows,
    with_operation,
    with_resource,
)
from tests.scheduler.plants import small_plant


def one_by_one(problem: Problem, plan: Schedule, frozen_before: int | None = None) -> Report:
    return judge(problem, plan, {r.id: Station(r) for r in problem.resources}, frozen_before)


def with_places(case: Case, places: dict[str, Assignment]) -> Case:
    goal = objective_of(case[0], {a.operation: a.end for a in places.values()})
    return case[0], replace(case[1], assignments=tuple(places.values()), objective=goal)


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("before release", releases_of_jobs),
        ("before release", releases),
        ("deadline missed", deadlines),
        ("min lag broken", smallest_lags),
        ("max lag broken", largest_lags),
        ("outside the calendar", windows),
        ("firing over capacity", room_in_firings),
        ("firing under its least load", least_loads),
        ("pool over capacity", room_in_pools),
        ("setup too short", setups),
    ],
)
def test_a_rule_that_is_just_kept_passes_and_one_more_does_not(
    kind: str, limits: Callable[[], Limits]
) -> None:
    _, plan = right()
    tried = 0
    for kept, broken in islice(limits(), 0, 150, 3):
        if kind not in one_by_one(kept, plan).violations:
            assert one_by_one(kept, plan).feasible
            assert passed(kept, plan) is not None
            tried += 1
        assert kind in one_by_one(broken, plan).violations
        assert passed(broken, plan) is None
    assert tried


# ---- places ----


def shifted(case: Case, random: Random) -> Case:
    places = case[1].by_operation()
    a = random.choice(list(places.values()))
    by = random.choice([-1440, -30, -1, 1, 5, 60])
    return with_places(case, {**places, a.operation: replace(a, start=a.start + by, end=a.end + by)})


def swapped(case: Case, random: Random) -> Case:
    """Two of one resource change places: an overlap, another recipe, other minutes."""
    places = case[1].by_operation()
    one = random.choice(list(places.values()))
    other = random.choice([a for a in places.values() if a.resource == one.resource])
    names = one.operation, other.operation
    new = {name: replace(a, operation=name) for name, a in zip(names, (other, one), strict=True)}
    return with_places(case, places | new)


def longer(case: Case, random: Random) -> Case:
    places = case[1].by_operation()
    a = random.choice(list(places.values()))
    end = random.choice([a.end - 1, a.end + 1, a.start, a.start - 5])
    return with_places(case, {**places, a.operation: replace(a, end=end)})


def elsewhere(case: Case, random: Random) -> Case:
    places = case[1].by_operation()
    a = random.choice(list(places.values()))
    other = random.choice([*(r.id for r in case[0].resources), "nowhere"])
    return with_places(case, {**places, a.operation: replace(a, resource=other)})


def together(case: Case, random: Random) -> Case:
    """Somebody joins another firing, or stands exactly where another does."""
    places = case[1].by_operation()
    a, b = random.sample(list(places.values()), 2)
    return with_places(case, {**places, a.operation: replace(b, operation=a.operation)})


def left_out(case: Case, random: Random) -> Case:
    places = case[1].by_operation()
    del places[random.choice(list(places))]
    return with_places(case, places)


def made_up(case: Case, random: Random) -> Case:
    places = case[1].by_operation()
    a = places.pop(random.choice(list(places)))
    return with_places(case, {**places, "strange": replace(a, operation="strange")})


def repeated(case: Case, random: Random) -> Case:
    """One operation twice, in place of another or besides."""
    places = list(case[1].assignments)
    a, k = random.choice(places), random.randrange(len(places))
    places[k:k] = [replace(a, operation=f"{a.operation} "[:-1])]
    if random.random() < 0.5:
        del places[k + 1]
    return case[0], replace(case[1], assignments=tuple(places))


def misstated(case: Case, random: Random) -> Case:
    return case[0], replace(case[1], objective=case[1].objective + random.choice([-1, 1]))


WAYS = (shifted, swapped, longer, elsewhere, together, left_out, made_up, repeated, misstated)


@pytest.mark.parametrize("way", WAYS)
def test_it_says_what_is_said_one_by_one(way: Callable[[Case, Random], Case]) -> None:
    random = Random(way.__name__)
    wrong = 0
    for _ in range(60):
        problem, plan = way(right(), random)
        report, well = one_by_one(problem, plan), passed(problem, plan)
        assert (well is not None) == report.feasible, report.violations
        wrong += not report.feasible
    assert wrong > 20


def test_the_figures_are_the_same() -> None:
    for problem, plan in (right(), makespan()):
        report, well = one_by_one(problem, plan), passed(problem, plan)
        assert well is not None
        assert (well.objective, well.late_jobs, well.firings) == (
            report.objective, report.late_jobs, report.firings,
        )  # fmt: skip
        assert report.firings > 5


def makespan() -> Case:
    problem, plan = right()
    other = replace(problem, goal="makespan")
    return other, replace(plan, objective=max(a.end for a in plan.assignments))


def test_the_frozen_time_is_looked_at() -> None:
    problem, plan = right()
    first = min(a.start for a in plan.assignments)
    assert passed(problem, plan, first) is not None
    assert passed(problem, plan, first + 1) is None
    assert "in the frozen time" in one_by_one(problem, plan, first + 1).violations


def test_operations_that_bear_one_name_are_doubted() -> None:
    """Equal texts, not the very same ones; each is placed once."""
    problem, plan = right()
    a, b = plan.assignments[:2]
    other = f"{a.operation} "[:-1]
    places = (a, replace(b, operation=other), *plan.assignments[2:])
    twice = with_operation(problem, b.operation, id=other)
    assert passed(twice, replace(plan, assignments=places)) is None


@pytest.mark.parametrize("field", ["start", "end"])
def test_what_is_no_whole_number_is_doubted(field: str) -> None:
    problem, plan = right()
    a = plan.assignments[0]
    odd = replace(a, **{field: getattr(a, field) + 0.5})
    assert passed(problem, replace(plan, assignments=(odd, *plan.assignments[1:]))) is None
    far = replace(a, **{field: 1 << 70})
    assert passed(problem, replace(plan, assignments=(far, *plan.assignments[1:]))) is None


def test_halves_of_minutes_are_doubted_where_nothing_else_is_wrong() -> None:
    fine = 0
    for a in right()[1].assignments:
        later = replace(a, start=a.start + 0.5, end=a.end + 0.5)  # type: ignore[arg-type]
        problem, plan = with_places(right(), {**right()[1].by_operation(), a.operation: later})
        fine += one_by_one(problem, plan).feasible
        assert passed(problem, plan) is None
    assert fine


@pytest.mark.parametrize(
    ("mode", "place"),
    [
        (Mode("b", 10), Assignment("x", "a", 0, LONGEST + 10)),
        (Mode("a", LONGEST - 10), Assignment("x", "b", 100, 90)),
        (Mode("b", -5), Assignment("x", "a", 0, LONGEST - 5)),
        (Mode("b", LONGEST + 10), Assignment("x", "c", 0, 10)),
        (Mode("a", 10), Assignment("x", "c", 0, 20)),
    ],
)
def test_minutes_that_look_like_those_of_another_resource_are_doubted(mode: Mode, place: Assignment) -> None:
    """A mode is told by one number: so long on one resource must not be so short on the next."""
    problem, plan = alone("abc", mode, place)
    assert not one_by_one(problem, plan).feasible
    assert passed(problem, plan) is None


def test_what_begins_before_all_windows_is_doubted() -> None:
    for start in (0, -1):
        problem, plan = alone("a", Mode("a", 10), Assignment("x", "a", start, start + 10))
        assert one_by_one(problem, plan).feasible == (passed(problem, plan) is not None) == (start == 0)


def alone(pools: str, mode: Mode, place: Assignment) -> Case:
    """One operation, and pools of one letter that are always open from 0 on."""
    resources = tuple(Resource(name, "pool", ((0, 1 << 36),), capacity=1) for name in pools)
    job = Job("x", -50, 1 << 30, 1, (Operation("x", (mode,), release=-50),))
    return Problem("", "", 1 << 30, resources, {}, (job,)), Schedule("", 0, None, "", 0.0, (place,))


def test_what_is_fired_together_is_of_one_family_and_has_one_end() -> None:
    problem, plan = right()
    tried = 0
    for kiln, runs in of_kind("batch"):
        for a, b in pairwise(runs):
            if a.start == b.start:
                for one in (a, b):
                    other = with_operation(problem, one.operation, family="P1")
                    report = one_by_one(other, plan)
                    assert report.feasible == (passed(other, plan) is not None)
                    places = {**plan.by_operation(), one.operation: replace(one, end=one.end - 3)}
                    sooner = (Mode(kiln.id, one.end - one.start - 3 - 10 - COOLS),)
                    _, short = with_places(right(), places)
                    quick = with_operation(problem, one.operation, modes=sooner, max_lag=None)
                    names = [*report.violations, *one_by_one(quick, short).violations]
                    assert passed(quick, short) is None
                    tried += names == ["two recipes in one firing", "one firing, two ends"]
    assert tried > 10


def test_what_is_not_judged_here_is_doubted() -> None:
    problem, plan = right()
    a = plan.assignments[-1]
    mode = Mode(a.resource, a.end - a.start)
    resource = next(r for r in problem.resources if r.id == a.resource)
    crew = Resource("crew", "pool", resource.calendar, capacity=1)
    for other in (
        replace(problem, fixed=(a,)),
        with_operation(problem, a.operation, may_pause=True),
        with_operation(problem, a.operation, size=(1, 1)),
        with_operation(problem, a.operation, size=-1),
        with_operation(problem, a.operation, release=-(1 << 40)),
        replace(
            with_operation(problem, a.operation, modes=(replace(mode, needs=(Need("crew"),)),)),
            resources=(*problem.resources, crew),
        ),
        with_resource(problem, a.resource, calendar=(*resource.calendar, (1 << 30, 1 << 29))),
    ):
        assert one_by_one(other, plan).feasible
        assert passed(other, plan) is None
    assert passed(with_operation(problem, a.operation, modes=(mode,)), plan) is not None


def test_windows_that_overlap_are_doubted() -> None:
    """One by one it is the first window that counts."""
    problem, plan = right()
    resource = next(r for r in problem.resources if r.id == plan.assignments[0].resource)
    wide = with_resource(problem, resource.id, calendar=(*resource.calendar, (0, 1 << 30)))
    assert passed(wide, plan) is None


def test_the_verifier_asks_here_first_and_names_what_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, plan = right()
    monkeypatch.setattr(verifier, "MANY", 1)
    wrong = replace(plan, assignments=plan.assignments[1:])
    assert "operation missing" in verify(problem, wrong).violations
    monkeypatch.setattr(verifier, "judge", None)
    assert verify(problem, plan).feasible
    small = small_plant()
    assert verify(small, solve(small, time_limit=0, exact=False)).feasible
