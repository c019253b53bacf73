"""The rows of the table: plans. Each measures this library and its peers on the same subjects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scheduler.bench.context import Bench
from scheduler.bench.findings import OURS, Finding, Sample

CPSAT, PYJOBSHOP, TUNED = "plain CP-SAT", "PyJobShop", "tuned rules"
NO_FIRINGS = "it has no firings"
Curves = dict[str, list[tuple[float, float]]]
QUICK_PAIRS = 100_000
"""The quick form does not build plain models with more pairs than this: it would take minutes."""


def hours_an_order(answer: dict[str, Any]) -> float:
    """Weighted tardiness, as the goals state it."""
    return float(answer["objective"]) / 60 / float(answer["jobs"])


def first_plan(bench: Bench) -> Iterator[Finding]:
    """First feasible plan, compiled and warm."""
    name = "plant-5000"
    done = bench.first_plan(name)
    note = done.failed or f"{hours_an_order(done.values):.1f} h an order"
    alone = Sample(OURS, tuple(done.values.get("alone", ())), note)
    whole = Sample(OURS, tuple(done.values.get("whole", ())), note)
    rules = (("EDD", "EDD", 0), (TUNED, "ATCS", 8)) if bench.full else ((TUNED, "ATCS", 1),)
    peers = [_rule_seconds(bench, name, *rule) for rule in rules]
    yield Finding("first-plan", "first plan by dispatch", name, "s", 0.3, (alone, *peers))
    yield Finding("first-plan", "first plan handed out, verified", name, "s", None, (whole,))


def _rule_seconds(bench: Bench, name: str, method: str, rule: str, settings: int) -> Sample:
    done = bench.run("by_rule", name, 0, rule=rule, settings=settings)
    if done.failed:
        return Sample(method, (), done.failed)
    return Sample(
        method, (done.values["seconds"],), f"{hours_an_order(done.values):.1f} h an order, in plain Python"
    )


def tardiness(bench: Bench) -> Iterator[Finding]:
    """Weighted tardiness after a minute."""
    yield from _late(bench, "tardiness", "plant-1000", 2.0, bench.seconds(60, 12))
    yield from _late(bench, "tardiness", "plant-5000", 5.5, bench.seconds(60, 15))


def planted(bench: Bench) -> Iterator[Finding]:
    """Distance from a planted optimum of 0."""
    yield from _late(bench, "planted", "plant-1000-planted", 0.5, bench.seconds(60, 10))
    if bench.full:
        yield from _late(bench, "planted", "plant-5000-planted", 1.0, bench.seconds(60, 0))


def _late(bench: Bench, row: str, name: str, goal: float, seconds: float) -> Iterator[Finding]:
    """This library against rules and a plain model on one plant."""
    measure = f"weighted tardiness at {seconds:g} s"
    most = None if bench.full else QUICK_PAIRS
    found = {OURS: bench.samples(OURS, "solve", name, seconds, hours_an_order)}
    for method, rule, settings in _rules(bench, name):
        more = {"rule": rule, "settings": settings}
        found[method] = bench.samples(method, "by_rule", name, 0, hours_an_order, **more)
    found[CPSAT] = bench.samples(CPSAT, "plain_cpsat", name, seconds, hours_an_order, most_pairs=most)
    samples = (*(sample for sample, _ in found.values()), Sample(PYJOBSHOP, (), NO_FIRINGS))
    peers = {method: answers for method, (_, answers) in found.items() if method != OURS}
    detail = {"curve": _curves(bench, name, seconds, peers), "bounds": [a["bound"] for a in found[OURS][1]]}
    yield Finding(row, measure, name, "h/order", goal, samples, detail)


def _rules(bench: Bench, name: str) -> list[tuple[str, str, int]]:
    simple = [("EDD", "EDD", 0), ("FIFO", "FIFO", 0)] if bench.full or name == "plant-1000" else []
    return [*simple, (TUNED, "ATCS", 8 if bench.full else 1)]


def _curves(bench: Bench, name: str, seconds: float, peers: dict[str, list[dict[str, Any]]]) -> Curves:
    """Objective over time; ours in a run of its own, because telling of each plan costs time."""
    if not bench.full and name != "plant-1000":
        return {}
    done = bench.run("solve", name, seconds, curve=True)
    answers = {OURS: [] if done.failed else [done.values]} | peers
    return {method: _curve(one[0], seconds) for method, one in answers.items() if one and one[0]["curve"]}


def _curve(answer: dict[str, Any], seconds: float) -> list[tuple[float, float]]:
    """(seconds, hours an order) of each better plan; the last one stands until the limit."""
    points = [(float(t), value / 60 / answer["jobs"]) for t, value in answer["curve"]]
    return [*points, (max(seconds, points[-1][0]), points[-1][1])]


def small(bench: Bench) -> Iterator[Finding]:
    """Seconds until the tardiness is proven least, or 0."""
    name, seconds = "plant-200", bench.seconds(60, 8)
    most = None if bench.full else QUICK_PAIRS
    ours, answers = bench.samples(OURS, "solve", name, seconds, lambda a: _closed(a, seconds))
    open_ = sum(not _is_closed(a) for a in answers)
    note = ours.note or (
        f"{open_} of {len(answers)} not closed in {seconds:g} s, counted twice" if open_ else ""
    )
    plain, _ = bench.samples(
        CPSAT, "plain_cpsat", name, seconds, lambda a: _closed(a, seconds), most_pairs=most
    )
    peers = (plain, Sample(PYJOBSHOP, (), NO_FIRINGS))
    yield Finding("small", "to proven or zero tardiness", name, "s", 5.0, (replace(ours, note=note), *peers))


def _is_closed(answer: dict[str, Any]) -> bool:
    return answer["objective"] in (0, answer["bound"])


def _closed(answer: dict[str, Any], seconds: float) -> float:
    """When it ended, if with a proof or 0; otherwise twice the limit, so that a median tells."""
    return float(answer["seconds"]) if _is_closed(answer) else 2 * seconds


# ---- shops ----


def flexible(bench: Bench) -> Iterator[Finding]:
    """Mean gap to the best known on Brandimarte's flexible job shops."""
    names = [f"mk{n:02d}" for n in range(1, 11)] if bench.full else ["mk04", "mk10"]
    seconds = bench.seconds(30, 6)
    found = [_gaps(bench, name, seconds) for name in names]
    means = [_mean([gaps[k] for gaps in found]) for k in range(len(found[0]))]
    subject = "mk01-mk10" if bench.full else " and ".join(names)
    detail = {name: {s.method: s.median for s in gaps} for name, gaps in zip(names, found, strict=True)}
    yield Finding(
        "flexible", f"mean gap to best known at {seconds:g} s", subject, "%", 1.0, tuple(means), detail
    )


def classic(bench: Bench) -> Iterator[Finding]:
    """Gap to the best known on Taillard's job shops."""
    goals = (("ta21", 1.0), ("ta51", 2.0), ("ta71", 2.0))
    yield from _shops(bench, "classic", goals if bench.full else goals[:1], bench.seconds(30, 6))


def large(bench: Bench) -> Iterator[Finding]:
    """A job shop of 10,000 operations whose optimum is not known."""
    yield from _shops(bench, "large", (("tai_100_100_1", 5.0),), bench.seconds(60, 8))


def long(bench: Bench) -> Iterator[Finding]:
    """Re-entrant job shops of 10,000 operations whose optimum is known."""
    goals = (("dct-short-100-10000-1", 1.0), ("dct-long-100-10000-1", 1.0))
    yield from _shops(bench, "long", goals if bench.full else goals[:1], bench.seconds(60, 8))


def _shops(bench: Bench, row: str, goals: Any, seconds: float) -> Iterator[Finding]:
    for name, goal in goals:
        samples = tuple(_gaps(bench, name, seconds))
        yield Finding(row, f"gap to best known at {seconds:g} s", name, "%", goal, samples)


def _gaps(bench: Bench, name: str, seconds: float) -> list[Sample]:
    """How far each method stays over the best known makespan, in percent."""
    best = best_known(bench, name)

    def gap(answer: dict[str, Any]) -> float:
        return 100 * (float(answer["objective"]) / best - 1)

    return [
        bench.samples(OURS, "solve", name, seconds, gap)[0],
        bench.samples(PYJOBSHOP, "pyjobshop", name, seconds, gap)[0],
        bench.samples(CPSAT, "plain_cpsat", name, seconds, gap)[0],
        bench.samples("most work remaining", "by_rule", name, 0, gap, rule="MWR")[0],
    ]


def best_known(bench: Bench, name: str) -> int:
    """The best known makespan of a published shop."""
    folder = bench.path(name).parent
    return int(json.loads((folder / "best_known.json").read_text())[name][1])


def _mean(samples: list[Sample]) -> Sample:
    """The mean over instances of one method's medians; with a note if it lacks some."""
    values = [s.median for s in samples if s.median is not None]
    notes = list(dict.fromkeys(s.note for s in samples if s.note))
    if len(values) < len(samples):
        return Sample(samples[0].method, (), f"on {len(samples) - len(values)} of {len(samples)}: {notes[0]}")
    return Sample(samples[0].method, (sum(values) / len(values),), "; ".join(notes))


# ---- growth ----


def growth(bench: Bench) -> Iterator[Finding]:
    """First plan and memory as the plant gets more orders."""
    sizes = (1000, 5000, 20_000, 50_000) if bench.full else (1000, 5000, 20_000)
    points = []
    for size in sizes:
        done = bench.grow(f"generated-{size}")
        if done.failed:
            bench.say(f"  {size} orders: {done.failed}")
            continue
        points.append((size, done.values["first"], done.values["memory"] / 1024))
    curve = {"growth": points}
    reached = {size: (first, memory) for size, first, memory in points}
    for measure, unit, goal, k in (("first plan", "s", 2.0, 0), ("memory", "GB", 2.0, 1)):
        values = (reached[20_000][k],) if 20_000 in reached else ()
        note = "" if values else "no plan for 20,000 orders"
        sample = Sample(OURS, values, note)
        pairs = Sample(CPSAT, (), "not built: it took 13 GB at 1,000 orders")
        yield Finding(
            "growth", measure, "20,000 orders", unit, goal, (sample, pairs), curve if k == 0 else {}
        )
