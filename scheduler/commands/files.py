"""The files that several commands take."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from scheduler.errors import SchedulerError
from scheduler.model import Problem, Schedule

FORMATS = ("cosmo", "fjsp", "jsp")


def add_files(parser: argparse.ArgumentParser) -> None:
    """PROBLEM and SCHEDULE, and which format the problem is in."""
    parser.add_argument("problem", metavar="PROBLEM")
    parser.add_argument("schedule", metavar="SCHEDULE")
    parser.add_argument("--format", choices=FORMATS, default="cosmo")


def read_files(options: argparse.Namespace) -> tuple[Problem, Schedule]:
    """The problem, checked, and the schedule."""
    from scheduler.checking import check_problem
    from scheduler.formats import read_problem, read_schedule

    problem = read_problem(options.problem, options.format)
    check_problem(problem)
    return problem, read_schedule(options.schedule)


def write_text(path: Path, text: str) -> None:
    """Write a file; raises SchedulerError, naming it, if it cannot be."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SchedulerError(f"{path.name} cannot be written: {error.strerror or error}") from None


def minute(problem: Problem, text: str | None) -> int | None:
    """A minute of the problem from "10080" or "2026-01-12" or "2026-01-12T06:00"; None stays None."""
    from scheduler.saying import Calendar

    if text is None:
        return None
    if text.lstrip("-").isdigit():
        return int(text)
    zero = Calendar(problem.origin).zero
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SchedulerError(f"{text!r} is neither a minute nor a date such as 2026-01-12T06:00") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zero.tzinfo)
    return int((moment - zero).total_seconds() // 60)
