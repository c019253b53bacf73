"""What is measured, each in a process of its own; where that begins cold, from its start on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scheduler.bench import book_tasks, repair_tasks, rules
from scheduler.formats import read_problem, write_schedule
from scheduler.model import Problem, Schedule
from scheduler.verifier import verify

Answer = dict[str, Any]
LEAVING = 0.3
"""Seconds of a time limit kept for what comes after the search."""
TUNINGS = (
    (2200.0, 80.0, 0.7, 1800),
    (800.0, 80.0, 0.7, 1200),
    (1500.0, 80.0, 0.7, 1800),
    (1500.0, 30.0, 0.7, 1200),
    (3000.0, 30.0, 0.7, 1200),
    (3000.0, 80.0, 0.5, 1200),
    (800.0, 30.0, 0.4, 1800),
    (1500.0, 80.0, 0.4, 1800),
)
"""What tuned rules try: scale of slack, scale of setups, fill, patience."""


def told(problem: Problem, plan: Schedule, out: str | None, **more: Any) -> Answer:
    """A plan's figures, after the verifier has passed it; it is written where the caller wants it."""
    report = verify(problem, plan)
    if not report.feasible:
        kind, examples = next(iter(report.violations.items()))
        return {"failed": f"breaks a rule: {kind} ({report.counts[kind]}): {examples[0]}"}
    if out is not None:
        write_schedule(plan, out)
    figures = {"objective": report.objective, "jobs": len(problem.jobs), "operations": len(plan.assignments)}
    return {**figures, "bound": plan.lower_bound, "status": plan.status, "late": report.late_jobs, **more}


def solve(
    *,
    began: float,
    problem: str,
    seconds: float,
    fmt: str = "cosmo",
    workers: int = 2,
    seed: int = 0,
    out: str | None = None,
    curve: bool = False,
) -> Answer:
    """This library, cold: the time limit counts from process start to the plan."""
    from scheduler.solver import solve

    given = read_problem(problem, fmt)
    points: list[tuple[float, int]] = []
    reading = time.monotonic() - began
    plan = solve(
        given,
        time_limit=max(0.0, seconds - LEAVING - reading),
        workers=workers,
        seed=seed,
        on_incumbent=(lambda s: points.append((time.monotonic() - began, s.objective))) if curve else None,
    )
    took = time.monotonic() - began
    points.append((took, plan.objective))
    return told(given, plan, out, seconds=took, curve=points)


def first_plan(*, began: float, problem: str, repeats: int = 3, out: str | None = None) -> Answer:
    """The first plan, warm: the dispatch alone, and with the checks around it."""
    from scheduler.dispatching import dispatch
    from scheduler.solver import solve

    given = read_problem(problem)
    plan = solve(given, time_limit=0)
    whole, alone = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        plan = solve(given, time_limit=0)
        whole.append(time.perf_counter() - start)
        start = time.perf_counter()
        dispatch(given)
        alone.append(time.perf_counter() - start)
    return told(given, plan, out, whole=whole, alone=alone)


def by_rule(
    *, began: float, problem: str, rule: str, fmt: str = "cosmo", settings: int = 0, out: str | None = None
) -> Answer:
    """A simple rule, or with `settings` the best of so many of ATCS."""
    given = read_problem(problem, fmt)
    start = time.perf_counter()
    if not settings:
        plan = rules.dispatch(given, rules.RULES[rule])
    else:
        plan = min((_tuned(given, *tuning) for tuning in TUNINGS[:settings]), key=lambda p: p.objective)
    took = time.perf_counter() - start
    return told(given, plan, out, seconds=took, curve=[(took, plan.objective)])


def _tuned(problem: Problem, slack: float, setup: float, fill: float, patience: int) -> Schedule:
    return rules.dispatch(problem, rules.atcs(slack, setup), fill=fill, patience=patience, whole_loads=True)


def plain_cpsat(
    *,
    began: float,
    problem: str,
    seconds: float,
    fmt: str = "cosmo",
    workers: int = 2,
    seed: int = 0,
    out: str | None = None,
    most_pairs: int | None = None,
) -> Answer:
    """OR-Tools by hand. Its time begins when it is loaded and the problem read."""
    from scheduler.bench import plain_cpsat

    given = read_problem(problem, fmt)
    start = time.monotonic()
    points: list[tuple[float, int]] = []

    def heard(moment: float, value: int) -> None:
        points.append((moment - start, value))

    plan = plain_cpsat.solve(given, seconds, workers, seed, heard, most_pairs)
    return told(given, plan, out, seconds=time.monotonic() - start, curve=points)


def pyjobshop(
    *,
    began: float,
    problem: str,
    seconds: float,
    fmt: str = "cosmo",
    workers: int = 2,
    seed: int = 0,
    out: str | None = None,
) -> Answer:
    """PyJobShop, if this Python has it. Its time begins when it is loaded and the problem read."""
    from scheduler.bench import pyjobshop_peer

    pyjobshop_peer.imported()
    given = read_problem(problem, fmt)
    start = time.monotonic()
    plan = pyjobshop_peer.solve(given, seconds, workers, seed)
    took = time.monotonic() - start
    return told(given, plan, out, seconds=took, curve=[(took, plan.objective)])


def grow(*, began: float, problem: str) -> Answer:
    """The first plan of a large problem, with the kernels loaded and after a small one has warmed everything;
    memory is the process's."""
    from scheduler.compiling import load
    from scheduler.generating import plant
    from scheduler.solver import solve

    load()
    solve(plant(20), time_limit=0)
    given = read_problem(problem)
    start = time.perf_counter()
    plan = solve(given, time_limit=0)
    return told(given, replace(plan, status="dispatch"), None, first=time.perf_counter() - start)


TASKS: dict[str, Callable[..., Answer]] = {
    "solve": solve,
    "first_plan": first_plan,
    "by_rule": by_rule,
    "plain_cpsat": plain_cpsat,
    "pyjobshop": pyjobshop,
    "grow": grow,
    "promise": book_tasks.promise,
    "commit": book_tasks.commit,
    "repair": repair_tasks.repair,
    "plain_repair": repair_tasks.plain_repair,
}
