"""The rows of the table: promises and repair, in plans that stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
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
        sample = _sample(OURS, done, _p99)
        detail = {"latencies": {f"tier 1, {subject}": _milliseconds(done)}}
        yield Finding("promise", "promise, tier 1, p99", subject, "ms", goal, (sample,), detail)


def displace(bench: Bench) -> Iterator[Finding]:
    """A promise that may displace work as long as no promise breaks."""
    subject = "5,000 committed orders"
    done = _asked(bench, "promise", "plant-5000", 300 if bench.full else 40, tier=2)
    detail = {"latencies": {f"tier 2, {subject}": _milliseconds(done)}}
    p99 = _sample(OURS, done, _p99)
    yield Finding("displace", "promise, tier 2, p99", subject, "ms", 25.0, (p99,), detail)
    ours = _sample(OURS, done, partial(_lead, which="leads"))
    peers = [_sample(name, done, partial(_lead, which=key), told=False) for name, key in LEADS.items()]
    bounds = [_sample(name, done, partial(_lead, which=key), told=False) for name, key in BOUNDS.items()]
    lead = (ours, *peers, *(replace(bound, no_peer=True) for bound in bounds))
    yield Finding("displace", "lead time over mean flow time", subject, "", 1.3, lead)
    broken = _sample(OURS, done, lambda v: float(v["broken"]))
    yield Finding("displace", "promises broken", subject, "", 0.0, (broken,))


def _lead(values: dict[str, Any], which: str) -> float:
    """The median lead time of some answers, over the mean flow time."""
    return median(values[which]) / float(values["flow"])


def commit(bench: Bench) -> Iterator[Finding]:
    """Query and commit."""
    subject = "5,000 committed orders"
    done = _asked(bench, "commit", "plant-5000", 1000 if bench.full else 200)
    detail = {"latencies": {"query and commit": _milliseconds(done)}}
    sample = _sample(OURS, done, _p99)
    yield Finding("commit", "query and commit, p99", subject, "ms", 2.0, (sample,), detail)


def repair(bench: Bench) -> Iterator[Finding]:
    """The largest kiln is lost for 36 hours."""
    name, subject = "plant-5000", "plant-5000 without its largest kiln for 36 h"
    usual = {"workers": bench.workers, "repeats": 5 if bench.full else 2}
    ours = _asked(bench, "repair", name, None, seconds=bench.seconds(2, 2), **usual)
    plain = _asked(bench, "plain_repair", name, None)
    took = (
        _sample(OURS, ours, lambda v: median(v["ms"])), _sample(PLAIN, plain, lambda v: float(v["ms"][0]))
    )  # fmt: skip
    yield Finding("repair", "repair, feasible", subject, "ms", 100.0, took)
    shares = [_shares(OURS, ours, plain)]
    if bench.full:
        longer = _asked(bench, "repair", name, None, seconds=bench.seconds(LONG, 0), **usual)
        shares.append(replace(_shares(f"after {LONG:g} s", longer, plain), no_peer=True, note=""))
    counts = {
        who: [one.values.get("broken") for one in many] for who, many in (("ours", ours), ("plain", plain))
    }
    measure = "promises broken after 2 s, of plain repair's"
    yield Finding("repair", measure, subject, "%", 50.0, tuple(shares), counts)
    moved = tuple(
        _sample(who, many, lambda v: 100 * v["moved"]) for who, many in ((OURS, ours), (PLAIN, plain))
    )
    yield Finding("repair", "operations moved after 2 s", subject, "%", 5.0, moved)


def _shares(method: str, ours: list[Measured], plain: list[Measured]) -> Sample:
    """Broken promises as percent of those of the plain repair, plan by plan."""
    wrong = next((_wrong(one) for one in [*ours, *plain] if _wrong(one)), "")
    if wrong:
        return Sample(method, (), wrong)
    pairs = zip(ours, plain, strict=True)
    return Sample(
        method, tuple(_share(one.values["broken"], other.values) for one, other in pairs), _note(ours[0])
    )


def _share(broken: int, plain: dict[str, Any]) -> float:
    return 100 * broken / plain["broken"] if plain["broken"] else 0.0


def _sample(
    method: str, done: list[Measured], value: Callable[[dict[str, Any]], float], *, told: bool = True
) -> Sample:
    """A figure for each plan; none, and why, where one of them failed or is wrong. `told`: with a note."""
    wrong = next((_wrong(one) for one in done if _wrong(one)), "")
    if wrong:
        return Sample(method, (), wrong)
    return Sample(method, tuple(value(one.values) for one in done), _note(done[0]) if told else "")


def _wrong(done: Measured) -> str:
    return done.failed or str(done.values.get("wrong", ""))


def _asked(bench: Bench, task: str, name: str, count: int | None, **more: Any) -> list[Measured]:
    """A task in the standing plans of an instance, one for each seed."""
    if count is not None:
        more["count"] = count
    searched = name == "plant-5000"
    seconds = bench.seconds(60, 10) if searched else 0
    plans = [bench.plan(name, seconds, seed) for seed in range(bench.seeds if searched else 1)]
    if None in plans:
        return [Measured(failed="there is no plan to stand on")]
    problem = str(bench.path(name))
    return [bench.measure(task, problem=problem, plan=str(plan), patience=600, **more) for plan in plans]


def _p99(values: dict[str, Any]) -> float:
    return percentile(values["ms"], 99)


def _milliseconds(done: list[Measured]) -> list[float]:
    return [ms for one in done for ms in one.values.get("ms", [])]


def _note(done: Measured) -> str:
    values = done.values
    if "by" not in values:
        return ""
    if "refused" not in values:
        return f"by {values['by']}"
    refused = f", {values['refused']} found no place" if values["refused"] else ""
    return f"by {values['by']}, median {median(values['ms']):.2f} ms over {len(values['ms'])}{refused}"
