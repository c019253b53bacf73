"""`verify PROBLEM SCHEDULE`: is the plan allowed, and what is it worth?"""

from __future__ import annotations

import argparse

from scheduler.commands.files import add_files, read_files


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Make the command known."""
    parser = commands.add_parser("verify", help="check a plan against its problem")
    parser.set_defaults(run=run)
    add_files(parser)


def run(options: argparse.Namespace) -> int:
    """Say what the verifier finds; 1 if the plan is not feasible."""
    from scheduler.verifier import verify

    report = verify(*read_files(options))
    state = "feasible" if report.feasible else "not feasible"
    print(f"{state}: objective {report.objective}, {report.late_jobs} late, {report.firings} firings")
    for kind, examples in report.violations.items():
        print(f"  {kind} ({report.counts[kind]}): {'; '.join(examples)}")
    return 0 if report.feasible else 1
