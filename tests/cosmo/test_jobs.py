"""Timed jobs: one process at a time, on wall time, errors written down, off modules idle."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, select

from cosmo.clock import Now, wall_time
from cosmo.db import Database
from cosmo.jobs import (
    SELDOM,
    JobRow,
    JobRunner,
    Owned,
    due_jobs,
    end_job_leases,
    module_jobs,
    prepare,
    run,
    until_due,
)
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.registry import Job, LongJob, Module, Parts, Registry, switch
from tests.factories import NOW, make_order

HOUR = timedelta(hours=1)


def noted(database: Database, name: str) -> JobRow:
    with database.read() as session:
        return session.get_one(JobRow, name)


def due(database: Database, *jobs: Owned) -> list[str]:
    with database.read() as session:
        return [owned.job.name for owned in due_jobs(session, jobs)]


def prepared(database: Database, *jobs: Job | LongJob, module: str | None = None) -> list[Owned]:
    owned = [Owned(module, job) for job in jobs]
    with database.write() as session:
        prepare(session, owned)
    return owned


def test_a_job_runs_when_due_and_then_waits(either_database: Database) -> None:
    database, runs = either_database, []
    job = Job("kernel.x", HOUR, lambda session, now: runs.append(now))
    (owned,) = prepared(database, job)
    assert due(database, owned) == ["kernel.x"]
    assert run(database, job)
    assert due(database, owned) == []
    assert not run(database, job)
    assert len(runs) == 1
    assert noted(database, "kernel.x").error is None


def test_a_failing_job_leaves_no_effect_and_its_error(database: Database, plant: Plant) -> None:
    def half(session: Session, now: Now) -> None:
        make_order(session, plant)
        raise RuntimeError("half way")

    job = Job("kernel.x", HOUR, half)
    (owned,) = prepared(database, job)
    assert run(database, job)
    row = noted(database, "kernel.x")
    assert row.error == "RuntimeError: half way"
    assert due(database, owned) == []
    with database.read() as session:
        assert session.exec(select(Order)).all() == []


@pytest.mark.parametrize("kind", ["short", "long"])
def test_two_processes_run_it_once(either_database: Database, kind: str) -> None:
    database, runs = either_database, []

    def slow(*_: object) -> None:
        runs.append(1)
        time.sleep(0.3)

    job = Job("kernel.x", HOUR, slow) if kind == "short" else LongJob("kernel.x", HOUR, slow)
    prepared(database, job)
    other = Database(database.url)
    threads = [threading.Thread(target=run, args=(d, job)) for d in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.dispose()
    assert runs == [1]


def test_a_long_job_of_a_dead_process_runs_after_its_lease(database: Database) -> None:
    runs: list[int] = []
    job = LongJob("kernel.x", HOUR, lambda _database: runs.append(1), lease=HOUR)
    (owned,) = prepared(database, job)
    with database.write() as session:
        session.execute(update(JobRow).values(lease_until=NOW.wall + timedelta(days=36500)))
    assert due(database, owned) == []
    assert not run(database, job)
    with database.write() as session:
        end_job_leases(session)
    assert due(database, owned) == ["kernel.x"]
    assert run(database, job)
    assert runs == [1]


def test_a_module_off_everywhere_has_no_jobs(
    database: Database, plant: Plant, modules: Callable[..., Registry]
) -> None:
    job = Job("one.x", HOUR, lambda session, now: None)
    modules(Module("one", {"en": "One"}, lambda: Parts(jobs=(job,))))
    (owned,) = module_jobs()
    prepared(database, job, module="one")
    assert due(database, owned) == ["one.x"]
    with database.write() as session:
        switch(session, plant.manufacturer_id, "one", False)
    assert due(database, owned) == []
    with database.write() as session:
        switch(session, plant.manufacturer_id, "one", True)
    assert due(database, owned) == ["one.x"]


def test_a_job_is_named_after_its_module(modules: Callable[..., Registry]) -> None:
    job = Job("two.x", HOUR, lambda session, now: None)
    modules(Module("one", {"en": "One"}, lambda: Parts(jobs=(job,))))
    with pytest.raises(ValueError, match="named after its module"):
        module_jobs()


def test_the_runner_runs_short_and_long_ones_side_by_side(database: Database) -> None:
    go, done = threading.Event(), threading.Event()

    def wait(_database: Database) -> None:
        go.wait(10)

    long = LongJob("kernel.long", HOUR, wait)
    short = Job("kernel.short", timedelta(0), lambda session, now: done.set())
    runner = JobRunner(database, [Owned(None, long), Owned(None, short)], tick=0.01)
    runner.start()
    assert done.wait(5), "the short job does not wait for the long one"
    go.set()
    runner.stop()
    assert noted(database, "kernel.long").error is None
    assert noted(database, "kernel.long").lease_until is None


def test_processes_that_start_together_on_an_empty_database_do_not_hinder_each_other(
    postgres: Database,
) -> None:
    """Each sees no rows yet and writes them: the second waits for the first and finds them there."""
    jobs = [Owned(None, Job(f"kernel.{name}", HOUR, lambda session, now: None)) for name in "ab"]
    failed: list[BaseException] = []

    def start() -> None:
        try:
            with postgres.write() as session:
                prepare(session, jobs[::-1])
        except Exception as error:
            failed.append(error)

    with postgres.write() as session:
        prepare(session, jobs)
        session.flush()
        second = threading.Thread(target=start)
        second.start()
        wait_for_a_lock(postgres)
    second.join()
    assert failed == []
    with postgres.read() as session:
        assert sorted(session.exec(select(JobRow.name))) == ["kernel.a", "kernel.b"]


def wait_for_a_lock(database: Database) -> None:
    """Until somebody waits for what another transaction has written."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(3000):
        with database.engine.connect() as connection:
            if connection.execute(waiting).scalar():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_how_long_nothing_is_due_is_known(either_database: Database) -> None:
    soon, late = (Job(name, timedelta(minutes=1), lambda _s, _n: None) for name in ("soon", "late"))
    jobs = [Owned(None, soon), Owned(None, late)]
    with either_database.write() as session:
        prepare(session, jobs)
        assert until_due(session, jobs) == SELDOM, "what is due and yet does not run is looked at seldom"
        for name, seconds in (("soon", 20), ("late", 90)):
            session.get_one(JobRow, name).next_at = wall_time() + timedelta(seconds=seconds)
        session.flush()
        assert 10 < until_due(session, jobs) <= 20
        assert 80 < until_due(session, jobs[1:]) <= 90


def test_the_runner_looks_again_when_something_is_due_and_never_more_seldom_than_it_may(
    database: Database,
) -> None:
    one = Owned(None, Job("kernel.one", timedelta(seconds=0.5), lambda _s, _n: None))
    runner = JobRunner(database, [one])
    with database.write() as session:
        prepare(session, [one])
    assert runner._round([one]) == 0, "it ran: what it left is looked at soon"
    assert 0 < runner._round([one]) <= 0.5
    with database.write() as session:
        session.get_one(JobRow, "kernel.one").next_at = wall_time() + HOUR
    assert runner._round([one]) == SELDOM
