"""`solve PROBLEM`: make a plan. The time limit counts from process start to the file written."""

from __future__ import annotations

import argparse
import gc
import os
import time
from pathlib import Path

from scheduler.commands.files import FORMATS
from scheduler.errors import SchedulerError

STARTUP = 0.3
"""Seconds kept for what cannot be measured: reading the clock late, and leaving."""


def _began() -> float:
    """The moment of the monotonic clock at which this process started, where the system tells it."""
    now = time.monotonic()
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        return now - max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, AttributeError, IndexError):
        return now


BEGAN = _began()


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Make the command known."""
    parser = commands.add_parser("solve", help="make a plan for a problem file")
    parser.set_defaults(run=run)
    parser.add_argument("problem", metavar="PROBLEM")
    parser.add_argument("--format", choices=FORMATS, default="cosmo")
    parser.add_argument("--time-limit", type=float, default=10.0, metavar="S", help="seconds (10)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="threads (2)")
    parser.add_argument("--seed", type=int, default=0, metavar="K")
    parser.add_argument("--rounds", type=int, metavar="R", help="bound the improvement by steps instead")
    parser.add_argument("--out", metavar="FILE", help="where the cosmo-schedule/1 goes")


def run(options: argparse.Namespace) -> int:
    """Solve, write, and say in one line what came out."""
    from scheduler.compiling import PLANTS, SHOPS, warm_up_apart
    from scheduler.formats import read_problem, write_schedule
    from scheduler.solver import solve

    if options.time_limit < 0 or options.workers < 1:
        raise SchedulerError("the time limit is at least 0 seconds and there is at least one worker")
    if options.time_limit > 0:
        warm_up_apart(SHOPS if options.format in ("fjsp", "jsp") else PLANTS)
    problem = read_problem(options.problem, options.format)
    gc.freeze()  # the problem stays; walking over it again and again would cost a third of the time
    reading = time.monotonic() - BEGAN
    left = options.time_limit - STARTUP - 1.5 * reading
    plan = solve(
        problem, time_limit=max(left, 0.0), workers=options.workers, seed=options.seed, rounds=options.rounds
    )
    if options.out:
        write_schedule(plan, options.out)
    bound = "unknown" if plan.lower_bound is None else plan.lower_bound
    print(f"{plan.problem}: {plan.status}, objective {plan.objective}, bound {bound}, {plan.seconds:.1f} s")
    return 0
