"""`python3 -m scheduler solve | verify`. A time limit counts from process start to the file written."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 not feasible, 2 bad input."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except SchedulerError as error:
        print(f"scheduler: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m scheduler", description="Schedule a plant.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    solve = commands.add_parser("solve", help="make a plan for a problem file")
    solve.set_defaults(run=_solve)
    solve.add_argument("problem", metavar="PROBLEM")
    solve.add_argument("--format", choices=("cosmo", "fjsp", "jsp"), default="cosmo")
    solve.add_argument("--time-limit", type=float, default=10.0, metavar="S", help="seconds (10)")
    solve.add_argument("--workers", type=int, default=2, metavar="N", help="threads (2)")
    solve.add_argument("--seed", type=int, default=0, metavar="K")
    solve.add_argument("--rounds", type=int, metavar="R", help="bound the improvement by steps instead")
    solve.add_argument("--out", metavar="FILE", help="where the cosmo-schedule/1 goes")
    verify = commands.add_parser("verify", help="check a plan against its problem")
    verify.set_defaults(run=_verify)
    verify.add_argument("problem", metavar="PROBLEM")
    verify.add_argument("schedule", metavar="SCHEDULE")
    verify.add_argument("--format", choices=("cosmo", "fjsp", "jsp"), default="cosmo")
    return parser


def _solve(options: argparse.Namespace) -> int:
    from scheduler.formats import read_problem, write_schedule
    from scheduler.solver import solve

    if options.time_limit < 0 or options.workers < 1:
        raise SchedulerError("the time limit is at least 0 seconds and there is at least one worker")
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


def _verify(options: argparse.Namespace) -> int:
    from scheduler.checking import check_problem
    from scheduler.formats import read_problem, read_schedule
    from scheduler.verifier import verify

    problem = read_problem(options.problem, options.format)
    check_problem(problem)
    report = verify(problem, read_schedule(options.schedule))
    state = "feasible" if report.feasible else "not feasible"
    print(f"{state}: objective {report.objective}, {report.late_jobs} late, {report.firings} firings")
    for kind, examples in report.violations.items():
        print(f"  {kind} ({report.counts[kind]}): {'; '.join(examples)}")
    return 0 if report.feasible else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # what is still loading beside the search is not waited for
