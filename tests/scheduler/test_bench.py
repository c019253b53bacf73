"""The bench: its peers keep the rules, its figures are what they say, a run fills table, data and plots."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.__main__ import main
from scheduler.bench import ROWS, plots, run
from scheduler.bench.context import Bench
from scheduler.bench.findings import OURS, Finding, Sample, notes
from scheduler.bench.measuring import Measured, measure
from scheduler.bench.plain_cpsat import TooLarge, pairs
from scheduler.bench.plain_cpsat import solve as plain_solve
from scheduler.bench.pyjobshop_peer import imported
from scheduler.bench.repair_tasks import plainly_repaired
from scheduler.bench.standing import (
    broken,
    first_come_first_served,
    new_orders,
    standing,
    without_largest_kiln,
)
from scheduler.bench.table import cells
from scheduler.bench.tasks import TASKS, TUNINGS, told
from scheduler.errors import SchedulerError
from scheduler.formats import problem_to_dict
from scheduler.generating import flexible_shop, plant
from scheduler.model import EPOCH, Job, Mode, Operation, Problem, Resource
from scheduler.promising import promise
from scheduler.solver import solve, timetable_of
from scheduler.verifier import verify
from tests.scheduler.plants import bench as published
from tests.scheduler.plants import small_plant

SMALL = plant(30, 2)


# ---- the peers ----


@pytest.mark.parametrize("rule", ["EDD", "FIFO", "SPT", "MWR", "slack"])
def test_a_rule_makes_a_plan_that_keeps_the_rules(rule: str) -> None:
    from scheduler.bench.rules import RULES, dispatch

    assert verify(SMALL, dispatch(SMALL, RULES[rule])).feasible


def test_tuned_rules_are_the_best_of_several_and_keep_the_rules() -> None:
    from scheduler.bench.rules import atcs, dispatch

    plans = [
        dispatch(SMALL, atcs(a, b), fill=fill, patience=wait, whole_loads=True)
        for a, b, fill, wait in TUNINGS[:3]
    ]
    assert all(verify(SMALL, p).feasible for p in plans)
    assert len({p.objective for p in plans}) > 1


def queue(*jobs: tuple[str, int, int]) -> Problem:
    """One machine; jobs by name, due time and minutes, all there from the start."""
    made = tuple(Job(n, 0, due, 1, (Operation(n, (Mode("m", minutes),)),)) for n, due, minutes in jobs)
    return Problem("queue", EPOCH, 1000, (Resource("m", "machine", ((0, 1000),)),), {}, made)


@pytest.mark.parametrize(("rule", "order"), [("EDD", "bca"), ("SPT", "cab"), ("slack", "bca")])
def test_rules_order_a_queue_as_their_names_say(rule: str, order: str) -> None:
    from scheduler.bench.rules import RULES, dispatch

    problem = queue(("a", 300, 20), ("b", 60, 40), ("c", 100, 10))
    plan = dispatch(problem, RULES[rule])
    assert "".join(a.operation for a in sorted(plan.assignments, key=lambda a: a.start)) == order


def test_a_kiln_waits_for_a_full_load_but_not_for_ever() -> None:
    from scheduler.bench.rules import dispatch, edd

    kiln = Resource("kiln", "batch", ((0, 5000),), capacity=10)
    jobs = tuple(
        Job(n, release, due, 1, (Operation(n, (Mode("kiln", 60),), "hot", 5),))
        for n, release, due in (("a", 0, 2000), ("b", 500, 2000), ("c", 600, 1400))
    )
    problem = Problem("kiln", EPOCH, 5000, (kiln,), {}, jobs)
    at_once = dispatch(problem, edd).by_operation()
    assert at_once["a"].start == 0
    full = dispatch(problem, edd, fill=0.9, patience=0).by_operation()
    assert (full["a"].start, full["b"].start) == (500, 500)
    assert full["c"].start == 1340, "alone it is lit when it is urgent"


def test_what_a_largest_lag_presses_goes_first() -> None:
    from scheduler.bench.rules import dispatch, edd

    ops = (Operation("1", (Mode("n", 10),), max_lag=30), Operation("2", (Mode("m", 10),)))
    problem = queue(("a", 5, 10), ("b", 6, 20), ("c", 7, 30))
    late = Job("late", 0, 900, 1, ops)
    problem = replace(
        problem,
        jobs=(*problem.jobs, late),
        resources=(*problem.resources, Resource("n", calendar=((0, 99),))),
    )
    plan = dispatch(problem, edd)
    assert plan.by_operation()["2"].start == 10
    assert verify(problem, plan).feasible


def test_plain_cpsat_agrees_with_this_library_on_a_small_plant() -> None:
    problem = small_plant()
    heard: list[int] = []
    plan = plain_solve(problem, 20, 2, 0, lambda _, value: heard.append(value))
    assert verify(problem, plan).feasible
    assert plan.status == "optimal"
    assert heard[-1] == plan.objective == solve(problem, time_limit=20).objective


def test_plain_cpsat_is_not_built_when_it_would_not_fit() -> None:
    assert pairs(SMALL) > 1000
    with pytest.raises(TooLarge, match=r"not built: 0\.0 million pairs"):
        plain_solve(SMALL, 5, 2, 0, most_pairs=1000)


def test_pyjobshop_is_asked_for_by_name_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyjobshop", None)
    with pytest.raises(SchedulerError, match="pip install pyjobshop"):
        imported()


# ---- a plan that stands ----


@pytest.fixture(scope="module")
def committed() -> Any:
    return standing(SMALL, solve(SMALL, time_limit=0))


def test_what_is_committed_is_promised_and_nothing_is_broken(committed: Any) -> None:
    ends = {a.operation: a.end for a in committed.plan.assignments}
    assert broken(committed.problem, ends) == 0
    last = committed.problem.jobs[0].operations[-1].id
    assert broken(committed.problem, {last: committed.problem.jobs[0].promised + 1}) == 1
    assert {a.operation for a in committed.facts()} == {
        n for n, a in committed.plan.by_operation().items() if a.start < committed.now
    }


def test_new_orders_are_like_the_committed_ones_under_names_of_their_own(committed: Any) -> None:
    jobs = new_orders(committed, 20, 1)
    assert jobs == new_orders(committed, 20, 1)
    assert len(
        {op.id for job in jobs for op in job.operations} | {op.id for j in SMALL.jobs for op in j.operations}
    ) == (sum(len(job.operations) for job in (*jobs, *SMALL.jobs)))
    modes = {op.modes for job in SMALL.jobs for op in job.operations}
    assert {op.modes for job in jobs for op in job.operations} <= modes


def test_behind_all_others_is_later_than_a_promise(committed: Any) -> None:
    timetable = timetable_of(committed.problem, committed.plan, frozen_before=committed.now)
    for job in new_orders(committed, 10, 3):
        offer = promise(timetable, job, not_before=committed.now)
        assert first_come_first_served(committed, job) >= offer.completion


def test_the_largest_kiln_is_lost_from_now_on(committed: Any) -> None:
    changed = without_largest_kiln(committed)
    before = {r.id: r for r in SMALL.resources}
    lost = [r for r in changed.resources if r.calendar != before[r.id].calendar]
    assert [r.id for r in lost] == ["KILN6"]
    assert all(b <= committed.now or a >= committed.now + 36 * 60 for a, b in lost[0].calendar)
    assert set(changed.fixed) == set(committed.facts())


def test_a_plain_repair_keeps_the_rules_and_moves_only_whom_it_must(committed: Any) -> None:
    changed = without_largest_kiln(committed)
    answered, plan = plainly_repaired(changed, committed)
    assert verify(answered, plan).violations == {}
    old, jobs = committed.plan.by_operation(), SMALL.job_of()
    moved = {jobs[a.operation].id for a in plan.assignments if a != old[a.operation]}
    hit = {
        jobs[a.operation].id
        for a in committed.plan.assignments
        if a.resource == "KILN6" and committed.now <= a.start < committed.now + 36 * 60
    }
    assert moved <= hit
    assert hit


# ---- a run ----


def here(task: str, *, python: str | None = None, patience: float = 0, **arguments: Any) -> Measured:
    """A task in this process: what a process of its own would answer."""
    try:
        answer = TASKS[task](began=time.monotonic(), **arguments)
    except SchedulerError as error:
        return Measured(failed=str(error))
    answer = {"memory": 100, **json.loads(json.dumps(answer))}
    return Measured(failed=answer["failed"]) if "failed" in answer else Measured(answer)


@pytest.fixture
def instances(tmp_path: Path) -> Path:
    """A folder like shared/bench in which every instance is tiny."""
    folder = tmp_path / "bench"
    for name, problem in (("plant-5000", SMALL), ("plant-1000", plant(12, 1)), ("plant-200", plant(8, 1))):
        _write(folder / "plant" / f"{name}.json.gz", problem)
    _write(folder / "plant" / "plant-1000-planted.json.gz", plant(8, 3))
    best: dict[str, list[int]] = {}
    for name in ("mk04", "mk10"):
        (folder / "fjsp").mkdir(exist_ok=True)
        (folder / "fjsp" / f"{name}.txt").write_text(_shop_text(flexible_shop(4, 3, 1)))
        best[name] = [1, solve(flexible_shop(4, 3, 1), time_limit=5).objective]
    (folder / "fjsp" / "best_known.json").write_text(json.dumps(best))
    found = published()
    if found is not None:
        shutil.copy(found / "check_schedule.py", folder)
    return folder


def _write(path: Path, problem: Problem) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(problem_to_dict(problem)).encode()))


def _shop_text(problem: Problem) -> str:
    lines = [f"{len(problem.jobs)} {len(problem.resources)}"]
    for job in problem.jobs:
        steps = [
            f"{len(op.modes)} " + " ".join(f"{m.resource} {m.minutes}" for m in op.modes)
            for op in job.operations
        ]
        lines.append(f"{len(steps)} " + " ".join(steps))
    return "\n".join(lines)


def test_every_measure_of_the_goals_has_its_row() -> None:
    assert list(ROWS) == [
        "first-plan", "tardiness", "planted", "small", "flexible", "classic", "large", "long",
        "promise", "displace", "commit", "repair", "growth",
    ]  # fmt: skip
    assert all((row.__doc__ or "").strip().endswith(".") for row in ROWS.values())


def test_a_run_writes_table_data_and_plots(instances: Path, tmp_path: Path) -> None:
    said: list[str] = []
    bench = Bench(instances, tmp_path / "out", scale=0.1, workers=1, say=said.append, measure=here)
    found = run(bench, ["first-plan", "tardiness", "small", "flexible", "promise", "commit", "repair"])
    assert [line.split(":")[0] for line in said] == [
        "first-plan", "tardiness", "small", "flexible", "promise", "commit", "repair",
    ]  # fmt: skip
    ours = {(f.row, f.measure.split(" at ")[0]): f.ours for f in found}
    assert None not in ours.values(), notes(found)
    table = (tmp_path / "out" / "table.md").read_text(encoding="utf-8")
    assert table.count("\n| ") >= len(found)
    data = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    assert len(data["findings"]) == len(found)
    assert data["machine"]["cores"]
    for name in plots(found):
        ET.fromstring((tmp_path / "out" / f"{name}.svg").read_text(encoding="utf-8"))
    assert {"latency", "objective-plant-1000"} <= set(plots(found))


def test_tier_2_is_told_to_be_missing_where_it_is(
    instances: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scheduler.bench.book_tasks import has_book

    monkeypatch.setattr("scheduler.bench.book_tasks.SAMPLE", 1)
    monkeypatch.setattr("scheduler.bench.book_tasks.LONGER", 2)
    bench = Bench(instances, tmp_path / "out", scale=0.1, workers=1, say=lambda _: None, measure=here)
    found = run(bench, ["displace"])
    assert [f.measure for f in found] == [
        "promise, tier 2, p99",
        "lead time over mean flow time",
        "promises broken",
    ]
    if not has_book():
        assert notes(found) == [f"5,000 committed orders, {OURS}: scheduler.book is not there"]
    else:
        assert found[2].ours == 0
        samples = {sample.method: sample.median for sample in found[1].samples}
        assert samples["with nothing else in the plant"] <= samples[OURS]  # type: ignore[operator]
        assert samples["with 25 times the rounds"] is not None


def test_promises_and_repairs_are_measured_in_a_plan_of_every_seed(instances: Path, tmp_path: Path) -> None:
    def by_plan(task: str, **arguments: Any) -> Measured:
        if task == "solve":
            return Measured({"seed": arguments["seed"]})
        seed = int(Path(arguments["plan"]).stem.rpartition("-")[2])
        if task == "plain_repair":
            return Measured({"ms": [1000.0], "broken": 10, "moved": 0.01, "wrong": ""})
        return Measured({
            "ms": [seed + 1.0] * 3, "broken": 5 + seed, "moved": 0.02, "wrong": "", "by": "Book", "flow": 10,
            "leads": [20 + seed], "fcfs": [60], "kept": [40], "longer": [19], "alone": [5], "refused": 0,
        })  # fmt: skip

    bench = Bench(instances, tmp_path, seeds=3, say=lambda _: None, measure=by_plan)
    p99, lead, broken, took, share, moved = run(bench, ["displace", "repair"])
    assert p99.samples[0].values == took.samples[0].values == (1, 2, 3)
    assert lead.samples[0].values == (2.0, 2.1, 2.2)
    assert [sample.no_peer for sample in lead.samples] == [False, False, False, True, True]
    assert broken.samples[0].values == (5, 6, 7)
    assert share.samples[0].values == (50, 60, 70)
    assert moved.samples[0].values == (2, 2, 2)


def test_one_plan_that_is_wrong_leaves_no_figure(instances: Path, tmp_path: Path) -> None:
    def wrong_once(task: str, **arguments: Any) -> Measured:
        broken = task == "repair" and arguments["plan"].endswith("-1.json")
        return Measured({"ms": [1.0], "broken": 1, "moved": 0.0, "wrong": "overlap" if broken else ""})

    bench = Bench(instances, tmp_path, seeds=2, say=lambda _: None, measure=wrong_once)
    for found in run(bench, ["repair"]):
        assert (found.ours, found.samples[0].note) == (None, "overlap")


def test_what_is_no_peer_is_shown_but_not_compared_with() -> None:
    samples = (Sample(OURS, (3.0,)), Sample("rules", (6.0,)), Sample("bound", (1.0,), no_peer=True))
    found = Finding("row", "lead", "plant", "", 2.0, samples)
    assert found.ratio() == (0.5, "rules")
    assert "bound 1" in list(cells(found))[4]


@pytest.mark.parametrize(
    ("peer_seeds", "peers", "form"),
    [(None, 3, "3 seeds;"), (1, 1, "3 seeds (peers 1);"), (0, 0, "(peers 0);")],
)
def test_peers_may_be_measured_with_fewer_seeds(
    instances: Path, tmp_path: Path, peer_seeds: int | None, peers: int, form: str
) -> None:
    asked: list[tuple[str, int]] = []

    def noting(task: str, **arguments: Any) -> Measured:
        asked.append((task, arguments["seed"]))
        return Measured({"objective": 0, "bound": 0, "seconds": 1.0})

    bench = Bench(
        instances, tmp_path, full=True, seeds=3, peer_seeds=peer_seeds, say=lambda _: None, measure=noting
    )
    bench.check = lambda name, plan: ""  # type: ignore[method-assign]
    run(bench, ["small"])
    assert [seed for task, seed in asked if task == "solve"] == [0, 1, 2]
    assert [seed for task, seed in asked if task == "plain_cpsat"] == list(range(peers))
    assert form in (tmp_path / "table.md").read_text(encoding="utf-8")


def test_a_plan_that_breaks_a_rule_gives_no_figure(instances: Path, tmp_path: Path) -> None:
    def cheating(task: str, **arguments: Any) -> Measured:
        done = here(task, **arguments)
        if "out" in arguments and not done.failed:
            plan = json.loads(Path(arguments["out"]).read_text())
            plan["assignments"][0]["start"] -= 10_000
            Path(arguments["out"]).write_text(json.dumps(plan))
        return done

    bench = Bench(instances, tmp_path / "out", scale=0.05, workers=1, say=lambda _: None, measure=cheating)
    (found,) = run(bench, ["small"])
    if published() is not None:
        assert found.ours is None
        assert found.samples[0].note.startswith("check_schedule.py: ")


def test_a_plan_that_the_verifier_refuses_is_not_told() -> None:
    plan = solve(SMALL, time_limit=0)
    assert told(SMALL, plan, None)["jobs"] == 30
    moved = replace(plan.assignments[0], start=0, end=plan.assignments[0].end - plan.assignments[0].start)
    wrong = told(SMALL, replace(plan, assignments=(moved, *plan.assignments[1:])), None)
    assert wrong["failed"].startswith("breaks a rule: outside the calendar (1): ")


def test_a_task_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    _write(tmp_path / "p.json.gz", SMALL)
    done = measure("by_rule", problem=str(tmp_path / "p.json.gz"), rule="EDD")
    assert done.failed == ""
    assert done.values["jobs"] == 30
    assert done.values["memory"] > 10
    missing = measure("by_rule", problem="nowhere.json", rule="EDD")
    assert missing.failed == "nowhere.json cannot be read: No such file or directory"
    assert "does not run" in measure("by_rule", python="no-such-python", problem="x", rule="EDD").failed


def test_the_command_refuses_unknown_rows_and_missing_instances(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--only", "nothing"]) == 2
    assert "there is no row nothing; choose from first-plan, " in capsys.readouterr().err
    assert main(["bench", "--instances", str(tmp_path)]) == 2
    assert "say where with --instances" in capsys.readouterr().err
