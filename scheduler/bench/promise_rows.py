"""The rows of the table: promises and repair, in plans that stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scheduler.bench.book_tasks import LONGER
from scheduler.bench.context import Bench
from scheduler.bench.findings import OURS, Finding, Sample
from scheduler.bench.measuring import Measured
from scheduler.bench.statistics import median, percentile

FCFS = "behind all others"
PLAIN = "plain repair"
LEADS = {FCFS: "fcfs", "tier 1, this library": "kept"}
"""What the lead time of tier 2 is compared with;"""
BOUNDS = {f"with {LONGER} times the rounds": "longer", "with nothing else in the plant": "alone"}
"""and what tells how much could be won."""
LONG = 60.0
"""Seconds after which a repair has nearly found what it finds."""


def promise(bench: Bench) -> Iterator[Finding]:
    """A promise that moves nothing."""
    sizes = [
        ("plant-5000", "5,000 committed orders", 1.0),
        ("generated-50000", "50,000 committed orders", 3.0),
    ]
    for name, subject, goal in sizes if bench.full else sizes[:1]:
        done = _asked(bench, "promise", name, 1000 if bench.full else 200, tier=1)
        sample = Sample(OURS, _p99(done), _note(done))
        detail = {"latencies": {f"tier 1, {subject}": done.values.get("ms", [])}}
        yield Finding("promise", "promise, tier 1, p99", subject, "ms", goal, (sample,), detail)


def displace(bench: Bench) -> Iterator[Finding]:
    """A promise that may displace work as long as no promise breaks."""
    subject = "5,000 committed orders"
    done = _asked(bench, "promise", "plant-5000", 300 if bench.full else 40, tier=2)
    note = _note(done)
    detail = {"latencies": {f"tier 2, {subject}": done.values.get("ms", [])}}
    yield Finding(
        "displace", "promise, tier 2, p99", subject, "ms", 25.0, (Sample(OURS, _p99(done), note),), detail
    )
    peers = [Sample(name, _lead(done, key)) for name, key in LEADS.items()]
    bounds = [Sample(name, _lead(done, key), no_peer=True) for name, key in BOUNDS.items()]
    lead = (Sample(OURS, _lead(done, "leads"), note), *peers, *bounds)
    yield Finding("displace", "lead time over mean flow time", subject, "", 1.3, lead)
    broken = () if done.failed else (float(done.values["broken"]),)
    yield Finding("displace", "promises broken", subject, "", 0.0, (Sample(OURS, broken, note),))


def _lead(done: Measured, which: str) -> tuple[float, ...]:
    """The median lead time of some answers, over the mean flow time."""
    found = done.values.get(which, [])
    return (median(found) / done.values["flow"],) if found else ()


def commit(bench: Bench) -> Iterator[Finding]:
    """Query and commit."""
    subject = "5,000 committed orders"
    done = _asked(bench, "commit", "plant-5000", 1000 if bench.full else 200)
    wrong = done.values.get("wrong", "")
    sample = Sample(OURS, () if wrong else _p99(done), wrong or _note(done))
    detail = {"latencies": {"query and commit": done.values.get("ms", [])}}
    yield Finding("commit", "query and commit, p99", subject, "ms", 2.0, (sample,), detail)


def repair(bench: Bench) -> Iterator[Finding]:
    """The largest kiln is lost for 36 hours."""
    name, subject = "plant-5000", "plant-5000 without its largest kiln for 36 h"
    ours = _asked(
        bench,
        "repair",
        name,
        None,
        seconds=bench.seconds(2, 2),
        workers=bench.workers,
        repeats=5 if bench.full else 2,
    )
    plain = _asked(bench, "plain_repair", name, None)
    note = ours.failed or ours.values["wrong"] or f"by {ours.values['by']}"
    peer = plain.failed or plain.values["wrong"]
    yield Finding(
        "repair",
        "repair, feasible",
        subject,
        "ms",
        100.0,
        (
            _sample(OURS, ours, note, lambda v: median(v["ms"])),
            _sample(PLAIN, plain, peer, lambda v: v["ms"][0]),
        ),
    )
    shares = [_sample(OURS, ours, note, lambda v: _share(v, plain))]
    if bench.full:
        more = {"seconds": bench.seconds(LONG, 0), "workers": bench.workers, "repeats": 1}
        longer = _asked(bench, "repair", name, None, **more)
        late = _sample(f"after {LONG:g} s", longer, "", lambda v: _share(v, plain))
        shares.append(replace(late, no_peer=True))
    counts = (
        {}
        if ours.failed or plain.failed
        else {"ours": ours.values["broken"], "plain": plain.values["broken"]}
    )
    yield Finding(
        "repair", "promises broken after 2 s, of plain repair's", subject, "%", 50.0, tuple(shares), counts
    )
    moved = _sample(OURS, ours, note, lambda v: 100 * v["moved"])
    moved_plain = _sample(PLAIN, plain, peer, lambda v: 100 * v["moved"])
    yield Finding("repair", "operations moved after 2 s", subject, "%", 5.0, (moved, moved_plain))


def _share(values: dict[str, Any], plain: Measured) -> float:
    """Broken promises as percent of those of the plain repair."""
    reference = plain.values.get("broken", 0)
    return 100 * values["broken"] / reference if reference else 0.0


def _sample(method: str, done: Measured, note: str, value: Any) -> Sample:
    return Sample(method, () if done.failed else (float(value(done.values)),), note)


def _asked(bench: Bench, task: str, name: str, count: int | None, **more: Any) -> Measured:
    """A task in the standing plan of an instance."""
    plan = bench.plan(name, bench.seconds(60, 10) if name == "plant-5000" else 0)
    if plan is None:
        return Measured(failed="there is no plan to stand on")
    if count is not None:
        more["count"] = count
    return bench.measure(task, problem=str(bench.path(name)), plan=str(plan), patience=600, **more)


def _p99(done: Measured) -> tuple[float, ...]:
    return () if done.failed else (percentile(done.values["ms"], 99),)


def _note(done: Measured) -> str:
    if done.failed:
        return done.failed
    refused = f", {done.values['refused']} found no place" if done.values.get("refused") else ""
    middle = f"median {median(done.values['ms']):.2f} ms over {len(done.values['ms'])}"
    return f"by {done.values['by']}, {middle}{refused}"
