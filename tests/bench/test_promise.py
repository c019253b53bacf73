"""Some days of the simulated plant: the same for a seed, verified, and able to see a planted fault."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from modules.manufacturing.times import DAY
from scheduler.verifier import verify
from seeds.bench import main
from seeds.bench.month import planning
from seeds.bench.month import shop as shops
from seeds.bench.month.asking import Careless, Cosmo, FirstCome
from seeds.bench.month.fixed import live_fixed
from seeds.bench.month.hindsight import hindsight, problem_of
from seeds.bench.month.outcome import Outcome, Run
from seeds.bench.month.planning import Broken
from seeds.bench.month.plant import KILNS, ORIGIN, demo_plant
from seeds.bench.month.shop import Shop
from seeds.bench.month.world import World, draw_world, kiln_room, offered
from seeds.bench.promise import Tally

DAYS, MEASURED = 6, 3


@pytest.fixture(scope="module", autouse=True)
def _fewer_rounds() -> Iterator[None]:
    """The kernels' twins run here, which are slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "REPAIR_ROUNDS", 40)
        patch.setattr(shops, "IMPROVE_ROUNDS", 20)
        yield


@cache
def world() -> World:
    return draw_world(5, DAYS, MEASURED, 0.85)


@cache
def lived(policy: Cosmo | FirstCome) -> Run:
    return Shop(world(), policy, check_every=10).live()


def leads(run: Run) -> dict[str, int]:
    """What the orders that count really took."""
    counted = [o for o in run.outcomes.values() if o.taken and o.at >= world().begins]
    return {o.id: (o.ended or 0) - o.at for o in counted}


def test_the_same_seed_is_the_same_month() -> None:
    again = Shop(draw_world(5, DAYS, MEASURED, 0.85), Cosmo(), check_every=10).live()
    assert again.outcomes == lived(Cosmo()).outcomes
    assert again.real == lived(Cosmo()).real
    assert draw_world(6, DAYS, MEASURED, 0.85).customers != world().customers


def test_customers_ask_for_the_load_that_was_set() -> None:
    months = draw_world(1, 60, 30, 0.85)
    for kiln in KILNS:
        asked = sum(kiln_room(c.spec, kiln) for c in months.customers)
        assert asked / offered(demo_plant(), kiln, months.ends) == pytest.approx(0.85, abs=0.02), kiln


def test_what_befalls_an_order_does_not_depend_on_the_policy() -> None:
    ours, theirs = lived(Cosmo()), lived(FirstCome())
    both = [name for name in ours.jobs if name in theirs.jobs and name.endswith("/1")]
    assert len(both) > 10
    for name in both:
        pairs = zip(ours.jobs[name].operations, theirs.jobs[name].operations, strict=True)
        assert all(a.size == b.size and a.modes == b.modes for a, b in pairs), name


@pytest.mark.parametrize("policy", [Cosmo(), FirstCome()], ids=lambda p: p.name)
def test_no_capacity_is_promised_twice(policy: Cosmo | FirstCome) -> None:
    """The run itself raises where the verifier finds anything; here is that it looked."""
    run = lived(policy)
    assert run.counts.checked > 20
    taken = [o for o in run.outcomes.values() if o.taken]
    assert taken
    assert all(o.ended is not None for o in taken)
    assert all(o.ended is None for o in run.outcomes.values() if not o.taken)


def test_a_place_that_is_given_twice_is_found() -> None:
    shop = Shop(world(), Cosmo())
    while len(shop.open) < 2:
        shop.step()
    first, second = (shop.orders[name][0].job for name in list(shop.open)[:2])
    shop.plan.check()
    lot = next(op for op in first.operations if op.id not in shop.plan.facts)
    place = shop.plan.place(lot.id)
    shop.plan.book.timetable.remove(lot.id)
    hole = second.operations[0].id
    shop.plan.book.timetable.remove(hole)
    shop.plan.book.timetable.place_fact(replace(place, operation=hole, end=place.end), second.operations[0])
    shop.plan.book.timetable.place_fact(place, lot)
    with pytest.raises(Broken):
        shop.plan.check()


def test_promises_that_ignore_who_is_there_break() -> None:
    """Negative control: an empty plant's dates, then whatever place is left."""
    careless = Shop(world(), Careless(), check_every=50).live()
    taken = [o for o in careless.outcomes.values() if o.taken]
    kept = sum(o.kept for o in taken) / len(taken)
    ours = [o for o in lived(Cosmo()).outcomes.values() if o.taken]
    assert kept < 0.75
    assert sum(o.kept for o in ours) / len(ours) > kept + 0.2


@pytest.mark.parametrize("policy", [Cosmo(), FirstCome()], ids=lambda p: p.name)
def test_hindsight_is_verified_and_no_worse_than_what_was(policy: Cosmo | FirstCome) -> None:
    run = lived(policy)
    best, real = hindsight(world(), run, 400), leads(run)
    assert best.keys() == real.keys()
    assert sum(best.values()) <= sum(real.values())


def test_hindsight_of_fixed_lead_times_is_no_worse_either() -> None:
    run = live_fixed(world())
    assert sum(hindsight(world(), run, 400).values()) <= sum(leads(run).values())


def test_hindsight_knows_what_was_and_nothing_less() -> None:
    """Real minutes and losses, orders no sooner than they came, breakdowns closed: what ran is feasible in
    its problem wherever no breakdown was waited out."""
    run = lived(Cosmo())
    problem = problem_of(world(), run)
    assert all(job.release == run.outcomes[job.id.partition("/")[0]].at for job in problem.jobs)
    assert all(job.due == job.release and job.weight == 1 for job in problem.jobs)
    planned = {op.id: op for job in run.jobs.values() for op in job.operations}
    paced = [a for a in run.real.values() if a.end - a.start != planned[a.operation].modes[0].minutes]
    broke = {b.resource for b in world().breakdowns}
    assert {a.resource for a in paced} <= broke
    for breakdown in world().breakdowns:
        resource = next(r for r in problem.resources if r.id == breakdown.resource)
        assert not any(a < breakdown.end and b > breakdown.start for a, b in resource.calendar)


def test_dates_are_calls_of_the_carrier() -> None:
    """Monday to Friday at three in the afternoon, there; what is done by then is kept."""
    plant = demo_plant()
    for outcome in lived(Cosmo()).outcomes.values():
        call = (ORIGIN + timedelta(minutes=outcome.promised)).astimezone(ZoneInfo(plant.timezone))
        assert (call.hour, call.minute) == (plant.pickup_hour, 0)
        assert call.weekday() < 5
        ready = outcome.planned + outcome.buffer
        assert outcome.promised == plant.collected(ready) >= ready
        assert plant.collected(outcome.promised) == outcome.promised < plant.collected(outcome.promised + 1)


def test_a_tally_collects_what_hindsight_has_ready() -> None:
    tally, run = Tally("Cosmo"), lived(Cosmo())
    tally.add(world(), run, dict.fromkeys(run.outcomes, DAY))
    assert set(tally.ends) == {DAY}
    called = [world().plant.collected(one.at + DAY) - one.at for one in tally.taken]
    assert tally.best == called
    assert tally.ratio < tally.ratio_at_gate


def test_who_is_promised_too_late_walks_away_and_is_counted() -> None:
    hasty = draw_world(5, DAYS, MEASURED, 0.85)
    hasty.customers = tuple(
        replace(c, tolerance=1 * DAY) if k % 3 == 0 else c for k, c in enumerate(hasty.customers)
    )
    run = Shop(hasty, Cosmo()).live()
    lost = {c.id for c in hasty.customers if c.tolerance == DAY}
    assert all(not run.outcomes[name].taken for name in lost)
    assert not any(job.partition("/")[0] in lost for job in run.jobs), "somebody who left is made"
    tally = Tally("Cosmo")
    tally.add(hasty, run, dict.fromkeys(run.outcomes, DAY))
    assert len(tally.asked) == sum(c.at >= hasty.begins for c in hasty.customers)
    assert len(tally.asked) - len(tally.taken) >= sum(o.id in lost for o in tally.asked) > 0


def test_a_promise_that_moved_is_missed_even_if_it_is_met_again() -> None:
    one = Outcome("a", "mug", 0, promised=100, planned=90, ended=95)
    assert one.kept
    assert not replace_moved(one).kept
    assert not Outcome("b", "mug", 0, promised=100, planned=90, ended=101).kept


def replace_moved(one: Outcome) -> Outcome:
    one.moved = 1
    return one


def test_a_search_that_would_break_a_promise_is_not_taken() -> None:
    shop = Shop(world(), Cosmo())
    while len(shop.open) < 6:
        shop.step()
    plan = shop.plan
    now, problem, before = plan.book.now, plan.problem(), plan.book.schedule()
    by = {job.id: plan.end(job) for job in problem.jobs}
    aims = {job.id: (0, by[job.id]) for job in problem.jobs}
    found = planning.improved(problem, before, aims, now, 1, 60)
    for schedule in [before] if found is None else [before, found]:
        assert verify(problem, schedule).feasible
        ends = {a.operation: a.end for a in schedule.assignments}
        assert all(ends[job.operations[-1].id] <= by[job.id] for job in problem.jobs)


def test_the_command_writes_table_figures_and_plots(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--quick", "--days", "4", "--measured", "2", "--rounds", "4000", "--out", str(tmp_path)]
    assert main(["promise", *sizes]) == 0
    printed = capsys.readouterr().out
    kept = json.loads((tmp_path / "promise.json").read_text(encoding="utf-8"))
    names = [row[0] for row in kept["rows"]]
    assert names == ["Cosmo", "first come, first served", "fixed lead times"]
    asked = {row[1] for row in kept["rows"]}
    assert len(asked) == 1, "the policies did not meet the same customers"
    assert all(int(row[1]) == int(row[2]) + int(row[3]) for row in kept["rows"])
    assert "All data is synthetic" in printed
    assert (tmp_path / "promise.md").read_text(encoding="utf-8").splitlines()[2] in printed
    for name in ("promise-lead", "promise-late"):
        assert (tmp_path / f"{name}.svg").read_text(encoding="utf-8").endswith("</svg>")


def test_a_size_of_another_bench_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["promise", "--watchers", "1"])
    assert refused.value.code == 2
    assert "--watchers is no size of promise" in capsys.readouterr().err
