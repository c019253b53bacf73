"""What is written is read again; what is not a problem is refused in one sentence."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from scheduler.checking import check_problem
from scheduler.errors import FormatError
from scheduler.formats import (
    problem_from_dict,
    problem_to_dict,
    read_problem,
    read_schedule,
    schedule_from_dict,
    schedule_to_dict,
    write_problem,
    write_schedule,
)
from scheduler.model import Assignment, Mode, Need, Problem, Resource, Schedule
from scheduler.solver import solve
from tests.scheduler.plants import problems, small_plant


@settings(max_examples=30, deadline=None)
@given(problems())
def test_a_problem_survives_writing_and_reading(problem: Problem) -> None:
    assert problem_from_dict(json.loads(json.dumps(problem_to_dict(problem)))) == problem


def deep_plant() -> Problem:
    """The small plant with something of all that cosmo-problem/1 holds as optional keys."""
    plant = small_plant()
    deep = {"capacity": (5, 9), "least_load": 2, "loading": 10, "cooling": 60}
    resources = tuple(
        replace(r, **deep) if r.kind == "batch" else r  # type: ignore[arg-type]
        for r in plant.resources
    )
    first = plant.jobs[0]
    press, dry, fire, pack = first.operations
    ops = (
        replace(press, modes=(Mode("press", 40, (Need("crew"), Need("mould", 2))), Mode("press", 50))),
        dry,
        replace(fire, size=(2, 3)),
        replace(pack, may_pause=True, size=(1,)),
    )
    return replace(
        plant,
        resources=(*resources, Resource("crew", "pool", ((0, 99),), 3), Resource("mould", "pool", (), (4,))),
        jobs=(replace(first, operations=ops, promised=400, deadline=500), *plant.jobs[1:]),
    )


def test_the_second_depth_survives_writing_and_reading() -> None:
    plant = deep_plant()
    data = json.loads(json.dumps(problem_to_dict(plant)))
    assert problem_from_dict(data) == plant
    kiln, job = data["resources"][2], data["jobs"][0]
    assert (kiln["capacity"], kiln["least_load"], kiln["loading"], kiln["cooling"]) == ([5, 9], 2, 10, 60)
    assert (job["promised"], job["deadline"]) == (400, 500)
    press, dry, fire, pack = job["operations"]
    needs = [{"resource": "crew", "amount": 1}, {"resource": "mould", "amount": 2}]
    assert press["modes"][0] == {"resource": "press", "minutes": 40, "needs": needs}
    assert (press["modes"][1], dry["size"]) == ({"resource": "press", "minutes": 50}, 2)
    assert (fire["size"], pack["size"], pack["may_pause"]) == ([2, 3], [1], True)


def test_what_does_not_use_the_second_depth_is_written_as_before() -> None:
    data = problem_to_dict(replace(small_plant(), fixed=(Assignment("q", "pack", 1, 2),), goal="makespan"))
    assert set(data) == {
        *("format", "name", "time_unit", "origin", "horizon", "resources", "setups", "jobs", "fixed", "goal")
    }
    assert [list(r) for r in data["resources"]] == [
        ["id", "kind", "calendar", "setup"],
        ["id", "kind", "calendar", "capacity"],
        ["id", "kind", "calendar", "capacity", "setup"],
        ["id", "kind", "calendar"],
    ]
    assert list(data["jobs"][0]) == ["id", "release", "due", "weight", "operations"]
    assert [list(op) for op in data["jobs"][0]["operations"]] == [
        ["id", "modes", "family", "max_lag"],
        ["id", "modes", "size", "min_lag"],
        ["id", "modes", "family", "size", "min_lag"],
        ["id", "modes"],
    ]
    assert list(data["jobs"][0]["operations"][0]["modes"][0]) == ["resource", "minutes"]


def test_an_amount_left_out_is_one() -> None:
    data = json.loads(json.dumps(problem_to_dict(deep_plant())))
    del data["jobs"][0]["operations"][0]["modes"][0]["needs"][0]["amount"]
    assert problem_from_dict(data) == deep_plant()


def test_keys_that_nobody_knows_are_passed_over() -> None:
    data = json.loads(json.dumps(problem_to_dict(small_plant())))
    data["resources"][0]["colour"] = data["jobs"][0]["colour"] = "red"
    data["jobs"][0]["operations"][0]["modes"][0]["colour"] = "red"
    assert problem_from_dict(data) == small_plant()


@pytest.mark.parametrize("name", ["p.json", "p.json.gz"])
def test_files_plain_and_packed(name: str, tmp_path: Path) -> None:
    problem = replace(small_plant(), fixed=(Assignment("q", "pack", 1, 2),), goal="makespan")
    write_problem(problem, tmp_path / name)
    assert read_problem(tmp_path / name) == problem
    schedule = Schedule("pots", 7, None, "feasible", 1.5, (Assignment("x.pack", "pack", 3, 23),))
    write_schedule(schedule, tmp_path / name)
    assert read_schedule(tmp_path / name) == schedule


def test_only_what_says_something_is_written() -> None:
    data = problem_to_dict(small_plant())
    assert "fixed" not in data
    assert "goal" not in data
    assert set(data["jobs"][0]["operations"][3]) == {"id", "modes"}


def test_a_job_shop_is_read(tmp_path: Path) -> None:
    (tmp_path / "tiny.txt").write_text("2 3\n 0 3 1 2 -1 -1\n2 1  1 4\n")
    problem = read_problem(tmp_path / "tiny.txt", "jsp")
    check_problem(problem)
    assert (problem.name, problem.goal, problem.horizon) == ("tiny", "makespan", 10)
    assert [op.id for job in problem.jobs for op in job.operations] == ["0.0", "0.1", "1.0", "1.1"]
    assert problem.jobs[1].operations[0].modes == (Mode("2", 1),)
    assert solve(problem, time_limit=2).objective == 7


def test_a_flexible_job_shop_is_read(tmp_path: Path) -> None:
    (tmp_path / "flex.txt").write_text("1 2 1.5\n2 2 0 5 1 4 1 1 3\n")
    problem = read_problem(tmp_path / "flex.txt", "fjsp")
    assert problem.jobs[0].operations[0].modes == (Mode("0", 5), Mode("1", 4))
    assert solve(problem, time_limit=2).objective == 7


@pytest.mark.parametrize(
    ("text", "fmt", "sentence"),
    [
        ("", "jsp", "bad is empty"),
        ("2\n", "jsp", "line 1 does not say how many jobs and machines there are"),
        ("2 2\n0 1\n", "jsp", "bad ends after 1 of 2 jobs"),
        ("1 2\n0 1 1\n", "jsp", "line 2 is not a list of machine and time pairs"),
        ("1 2\n0 x\n", "jsp", "line 2 holds something that is not a number"),
        ("1 2\n2 1\n", "jsp", "line 2 names a machine beyond 1"),
        ("1 2\n2 1 0 5 1\n", "fjsp", "line 2 ends before its operations do"),
        ("1 2\n1 1 0 -5\n", "fjsp", "line 2 has an operation without machines or with a negative number"),
        ("{", "cosmo", "bad.txt is not JSON"),
        ("{}", "cosmo", "this is not a cosmo-problem/1 document"),
        ("[]", "cosmo", "this is not a cosmo-problem/1 document"),
        ("1 1\n0 1\n", "xml", "there is no format 'xml'"),
    ],
)
def test_bad_files_are_refused(text: str, fmt: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text(text)
    with pytest.raises(FormatError, match=sentence.replace("(", r"\(")):
        read_problem(tmp_path / "bad.txt", fmt)


def test_missing_and_damaged_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.json cannot be read"):
        read_problem(tmp_path / "none.json")
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b"{}" * 100)[:-12])
    with pytest.raises(FormatError, match="damaged"):
        read_problem(tmp_path / "cut.json.gz")
    (tmp_path / "raw.json.gz").write_bytes(b"{}")
    with pytest.raises(FormatError):
        read_problem(tmp_path / "raw.json.gz")


def spoilt(*path: str | int, value: Any = None) -> dict[str, Any]:
    """The small plant's document with one thing replaced, or taken out."""
    data = json.loads(json.dumps(problem_to_dict(small_plant())))
    spot = data
    for step in path[:-1]:
        spot = spot[step]
    if value is None:
        del spot[path[-1]]
    else:
        spot[path[-1]] = value
    return dict(data)


PRESS = ("jobs", 0, "operations", 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (spoilt("horizon"), "the problem lacks 'horizon'"),
        (spoilt("jobs", 0, "due"), "the problem lacks 'due'"),
        (spoilt("jobs", 0, "due", value="soon"), "the due time of job x is 'soon', not a whole number"),
        (spoilt("jobs", 0, "due", value=1.5), "the due time of job x is 1.5, not a whole number"),
        (spoilt("jobs", 0, "id", value=4), "a job's id is 4, not a text"),
        (spoilt("jobs", value=7), "is not built as cosmo-problem/1 asks"),
        (spoilt("jobs", 0, "operations", 0, "modes", value=[3]), "is not built as cosmo-problem/1 asks"),
        (spoilt("resources", 0, "calendar", value=[[1, 2, 3]]), "is not built as cosmo-problem/1 asks"),
        (spoilt("jobs", 0, "promised", value="x"), "the promise of job x is 'x', not a whole number"),
        (spoilt("jobs", 0, "deadline", value=True), "the deadline of job x is True, not a whole number"),
        (spoilt("resources", 2, "capacity", value="x"), "the capacity of kiln is 'x', not a whole number"),
        (spoilt("resources", 2, "capacity", value=[1, "x"]), "the capacity of kiln is 'x', not a whole"),
        (spoilt("resources", 2, "capacity", value=[]), "the capacity of kiln is an empty list, not a number"),
        (spoilt("resources", 2, "least_load", value="x"), "the least load of kiln is 'x', not a whole"),
        (spoilt("resources", 2, "loading", value=0.5), "the loading of kiln is 0.5, not a whole number"),
        (spoilt("resources", 2, "cooling", value=[]), "the cooling of kiln is [], not a whole number"),
        (spoilt("resources", 0, "setup", value=4), "the setup matrix of press is 4, not a text"),
        (spoilt(*PRESS, "size", value=[1, 2.5]), "the size of x.press is 2.5, not a whole number"),
        (spoilt(*PRESS, "family", value=4), "the family of x.press is 4, not a text"),
        (spoilt(*PRESS, "may_pause", value=1), "may_pause of x.press is 1, not true or false"),
        (spoilt(*PRESS, "modes", 0, "resource", value=3), "a resource of x.press is 3, not a text"),
        (spoilt(*PRESS, "modes", 0, "needs", value={}), "the needs of x.press are {}, not a list"),
        (
            spoilt(*PRESS, "modes", 0, "needs", value=["crew"]),
            "a need of x.press is 'crew', not a resource and an amount",
        ),
        (spoilt(*PRESS, "modes", 0, "needs", value=[{"amount": 1}]), "the problem lacks 'resource'"),
        (
            spoilt(*PRESS, "modes", 0, "needs", value=[{"resource": "crew", "amount": "two"}]),
            "the amount of crew for x.press is 'two', not a whole number",
        ),
    ],
)
def test_bad_documents_are_refused(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FormatError) as refused:
        problem_from_dict(data)
    assert sentence in str(refused.value)


def test_bad_schedules_are_refused() -> None:
    good = schedule_to_dict(Schedule("pots", 7, None, "feasible", 1.5, ()))
    with pytest.raises(FormatError, match="the schedule lacks 'status'"):
        schedule_from_dict({k: v for k, v in good.items() if k != "status"})
    with pytest.raises(FormatError, match="not a cosmo-schedule/1 document"):
        schedule_from_dict({**good, "format": "x"})
    with pytest.raises(FormatError, match="is not built as"):
        schedule_from_dict({**good, "assignments": 3})
